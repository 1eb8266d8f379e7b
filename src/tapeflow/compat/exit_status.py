"""What `tapeflow run` returns where a program does not say it itself."""

FAILED = 1  # an uncaught exception, as Python's
CANNOT_RUN = 2
INTERRUPTED = 130  # by Ctrl-C, as a shell has it
TERMINATED = 143  # by SIGTERM
