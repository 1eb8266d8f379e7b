"""`python -m tapeflow` is the command `tapeflow`."""

import sys

from tapeflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
