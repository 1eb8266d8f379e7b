"""The notebook kernel, with `import tensorflow` meaning tapeflow before the first cell runs.

    python kernel.py IPYKERNEL-OPTIONS… -- SYS.ARGV…

It is started by its path: `-m` would put the notebook's directory before the standard library while the kernel loads.
"""

import sys


def main(arguments: list[str]) -> None:
    """Start the kernel and run until it is told to stop.

    Args:
        arguments: ipykernel's options, `--`, and what the notebook sees as `sys.argv`.
    """
    import importlib.util
    import os
    import warnings

    from tapeflow.compat import install
    from tapeflow.compat.console_bars import draw_notebook_bars_on_console

    install()
    if importlib.util.find_spec("ipywidgets") is None:
        draw_notebook_bars_on_console()
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else the debugger, which is not used, warns
    warnings.filterwarnings("ignore", "To exit: use")  # `sys.exit` in a cell does what it says here
    from ipykernel.kernelapp import IPKernelApp

    end = arguments.index("--")
    sys.argv = arguments[end + 1 :]
    IPKernelApp.launch_instance(argv=arguments[:end])


if __name__ == "__main__":
    sys.path[0] = __file__.rpartition("tapeflow")[0]  # where this tapeflow is, instead of where this file is
    sys.path.append(sys.path.pop(0))
    main(sys.argv[1:])
