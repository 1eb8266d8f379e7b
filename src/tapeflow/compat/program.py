"""Running a script or a Markdown tutorial in this process, as `python FILE` would run it."""

import ast
import builtins
import io
import os
import re
import sys
import types
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from typing import NamedTuple

from tapeflow.compat.console_bars import draw_notebook_bars_on_console
from tapeflow.compat.exit_status import FAILED, INTERRUPTED

PYTHON_TAGS = {"python", "python3", "py"}


def run_script(path: str, arguments: list[str]) -> int:
    """Run a Python script as the main program; the process is its own from here on.

    Args:
        path: the script.
        arguments: its `sys.argv[1:]`.

    Returns:
        The exit status: 0, 1 after an uncaught exception (its traceback has been shown), 130 after Ctrl-C.

    Raises:
        SystemExit: the script's own.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        source = file.read()
    return _run_as_main(path, arguments, [(source, 0)])


def run_tutorial(path: str, arguments: list[str]) -> int:
    """Run the Python blocks of a Markdown file in order, in one namespace, as the main program.

    Blocks that are tagged as another language, or not at all, are not run. A traceback shows the Markdown file's lines.

    Args:
        path: the Markdown file, UTF-8.
        arguments: its `sys.argv[1:]`.

    Returns:
        The exit status, as for `run_script`.

    Raises:
        SystemExit: the tutorial's own.
        OSError, UnicodeDecodeError: it cannot be read.
        ValueError: it has no Python block.
    """
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    blocks = [block for block in code_blocks(text) if block.language in PYTHON_TAGS]
    if not blocks:
        raise ValueError("it has no block that begins with ```python")
    return _run_as_main(path, arguments, ((_runnable(block, path), block.indent) for block in blocks))


# -- Markdown ---------------------------------------------------------------------------------


class CodeBlock(NamedTuple):
    """A fenced block."""

    language: str
    """What it is tagged with, in lower case; `""` for nothing."""
    text: str
    first_line: int
    """The line of the file that the text begins at."""
    indent: int
    """How far the fence is indented, as in a list; the text is without it."""


_OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})\s*\{?\.?(?P<language>[\w+#-]*)")


def code_blocks(text: str) -> Iterator[CodeBlock]:
    """The fenced code blocks of a Markdown text, in order; one that is not closed reaches to the end.

    >>> from tapeflow.compat.program import code_blocks
    >>> [*code_blocks("One\\n```python\\nx = 1\\n```\\n")]
    [CodeBlock(language='python', text='x = 1\\n', first_line=3, indent=0)]
    """
    opening: re.Match[str] | None = None
    inside: list[str] = []
    for number, line in enumerate(io.StringIO(text + "\n")):
        if opening is None:
            opening, inside, first_line = _OPENING.match(line), [], number + 2
        elif _closes(line, opening["fence"]):
            yield CodeBlock(opening["language"].lower(), "".join(inside), first_line, len(opening["indent"]))
            opening = None
        else:
            inside.append(_outdented(line, opening["indent"]))
    if opening is not None:
        yield CodeBlock(opening["language"].lower(), "".join(inside), first_line, len(opening["indent"]))


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(fence) and set(mark) == {fence[0]}


def _outdented(line: str, indent: str) -> str:
    return line[len(indent) :] if line.startswith(indent) else line.lstrip(" \t")


def _runnable(block: CodeBlock, path: str) -> str:
    """The block's source, moved to its line in the file; commands for a notebook, which are no Python, are left out."""
    lines = [*[""] * (block.first_line - 1), *block.text.split("\n")]
    while True:
        try:
            compile("\n".join(lines), path, "exec", dont_inherit=True)
        except SyntaxError as error:
            # Only a line that Python stops at: one that begins with % may continue an expression.
            number = error.lineno or 0
            wrong = lines[number - 1].strip() if 0 < number <= len(lines) else ""
            if wrong.startswith(("%", "!")):
                print(f"{path}:{number}: left out, it is for notebooks: {wrong}", file=sys.stderr)
                lines[number - 1] = ""
                continue
        return "\n".join(lines)


# -- the main program -------------------------------------------------------------------------


def _run_as_main(path: str, arguments: list[str], sources: Iterable[tuple[bytes | str, int]]) -> int:
    """Run sources, each with the columns by which the file has it further to the right."""
    main = _become_main(path, arguments)
    draw_notebook_bars_on_console()
    try:
        for source, indent in sources:
            program = _moved_right(source, indent, str(main.__file__)) if indent else source
            exec(compile(program, str(main.__file__), "exec", dont_inherit=True), vars(main))
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED
    return 0


def _moved_right(source: bytes | str, columns: int, path: str) -> ast.Module:
    """The source's tree with the columns of the file, for the marks below a traceback's lines."""
    tree = ast.parse(source, path)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            node.col_offset += columns
            node.end_col_offset = (node.end_col_offset or 0) + columns
    return tree


def _become_main(path: str, arguments: list[str]) -> types.ModuleType:
    """Set up what a program sees of how it was started, as `python FILE` does."""
    full_path = os.path.abspath(path)
    main = types.ModuleType("__main__")
    vars(main).update(
        __builtins__=builtins,
        __file__=full_path,
        __cached__=None,
        __annotations__={},
        __loader__=SourceFileLoader("__main__", full_path),
    )
    sys.modules["__main__"] = main
    sys.argv = [path, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    if sys.platform.startswith(("linux", "freebsd")) and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        os.environ.setdefault("MPLBACKEND", "Agg")  # there is no display for Matplotlib to open a window on
    return main
