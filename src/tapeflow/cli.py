"""The command `tapeflow`."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from tapeflow.compat.exit_status import CANNOT_RUN, INTERRUPTED

DESCRIPTION = """\
Run a program that says `import tensorflow` on TapeFlow:
  FILE.py     a script, as `python FILE.py` would run it
  FILE.ipynb  a notebook, in a kernel of its own; its outputs are shown as they come
  FILE.md     a Markdown tutorial: its ```python blocks, in order, in one namespace
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line after `tapeflow`; None means `sys.argv[1:]`.

    Returns:
        The exit status: the program's own, or 2 where it cannot be run.

    Raises:
        SystemExit: the program's own, or the command line's (`--help`, an unknown option).
    """
    options = _parser().parse_args(arguments)
    _prepare_streams()
    path = options.file
    suffix = os.path.splitext(path)[1].lower()
    if os.path.isdir(path):
        return _refuse(f"{path} is a directory; give the program itself")
    if not os.path.exists(path):
        return _refuse(f"there is no file {path}")
    if suffix not in (".py", ".ipynb", ".md"):
        return _refuse(f"{path} is neither a script (.py) nor a notebook (.ipynb) nor a Markdown tutorial (.md)")
    if options.output is not None and suffix != ".ipynb":
        return _refuse(f"-o keeps an executed notebook, and {path} is none")
    try:
        if suffix == ".ipynb":
            return _run_notebook(path, options.args, options.output)
        from tapeflow.compat import install
        from tapeflow.compat.program import run_script, run_tutorial

        install()
        return (run_script if suffix == ".py" else run_tutorial)(path, options.args)
    except KeyboardInterrupt:  # before the program has begun, or while its kernel ends: it has nothing to show
        return INTERRUPTED
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        return _refuse(f"cannot run {path}: {reason}")


def _run_notebook(path: str, arguments: list[str], output: str | None) -> int:
    also_behind = argparse.ArgumentParser(prog="tapeflow run", add_help=False, allow_abbrev=False)
    _add_output(also_behind)
    behind, arguments = also_behind.parse_known_args(arguments)
    output = behind.output or output
    try:
        from tapeflow.compat.notebook import run_notebook
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "tapeflow":
            raise
        return _refuse(f"running a notebook needs {error.name}, which is not installed: pip install 'tapeflow[notebook]'")
    return run_notebook(path, arguments, output)


def _refuse(reason: str) -> int:
    print(f"tapeflow: {reason}", file=sys.stderr)
    return CANNOT_RUN


def _prepare_streams() -> None:
    """Each line of the program is shown when it is complete, and no character that a console lacks can end a program.

    Python would keep what it writes into a pipe until 8 KB have gathered: `print` and `tf.print`, which write to
    different streams, would come out of order. The encoding stays what the user's environment says.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            errors = "backslashreplace" if stream.errors == "strict" else stream.errors
            stream.reconfigure(line_buffering=True, errors=errors)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tapeflow", description="Automatic differentiation with TensorFlow's interface.")
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run",
        help="run a program that says `import tensorflow`",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] [-o OUT] FILE [ARGS ...]",
    )
    _add_output(run)
    run.add_argument("file", metavar="FILE", help="the program: .py, .ipynb or .md")
    run.add_argument("args", metavar="ARGS", nargs=argparse.REMAINDER, help="the program's own arguments")
    return parser


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="OUT", help="keep the executed notebook, with its outputs, as OUT")


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the versions of TapeFlow and its interface, and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import importlib.metadata
        import platform

        import numpy as np

        from tapeflow.compat.names import recorded

        try:
            own = importlib.metadata.version("tapeflow")
        except importlib.metadata.PackageNotFoundError:  # run from its source, which has no metadata
            own = "from source"
        print(f"tapeflow {own} (interface of TensorFlow {recorded().version}, ", end="")
        print(f"Python {platform.python_version()}, NumPy {np.__version__})")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
