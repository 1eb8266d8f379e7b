"""Running a script or a Markdown tutorial in this process, as `python FILE` would run it."""

import ast
import builtins
import io
import linecache
import os
import re
import sys
import types
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from typing import Any, NamedTuple

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
    return _run_as_main(path, arguments, [Piece(source)])


def run_tutorial(path: str, arguments: list[str]) -> int:
    """Run the Python blocks of a Markdown file in order, in one namespace, as the main program.

    Blocks that are tagged as another language, or not at all, are not run. Of a block that shows a session, with `>>>` before what
    was typed, that is run, and values are shown as a session shows them; where it shows a traceback, the error is shown and the
    session goes on. A traceback has the Markdown file's lines.

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
    if any(map(_is_session, blocks)):
        _let_sources_be_read(_name_in_sessions(os.path.abspath(path)), text, blocks)
    return _run_as_main(path, arguments, (piece for block in blocks for piece in _pieces(block, path)))


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


class Piece(NamedTuple):
    """What is run at once."""

    source: bytes | str
    columns: int = 0
    """How much further to the right the file has it."""
    is_typed: bool = False
    """Whether it is a line of a session, whose value is shown."""
    may_raise: bool = False
    """Whether the session shows that it raises."""


PROMPT, CONTINUED = ">>>", "..."


def _is_session(block: CodeBlock) -> bool:
    return block.text.lstrip().startswith(PROMPT)


def _name_in_sessions(path: str) -> str:
    """Another name for a file, by which what is typed in its sessions is compiled: AutoGraph has the main program's read anew."""
    return os.path.join(os.path.dirname(path), ".", os.path.basename(path))


def _let_sources_be_read(path: str, text: str, blocks: list[CodeBlock]) -> None:
    """Lets `inspect.getsource` find the functions of sessions: in the file's lines as it reads them there are no prompts."""
    lines = text.splitlines(keepends=True)
    for block in filter(_is_session, blocks):
        for number in range(block.first_line - 1, block.first_line - 1 + block.text.count("\n")):
            lines[number] = re.sub(rf"^([ \t]*)({PROMPT}|{re.escape(CONTINUED)})", r"\1   ", lines[number])
    linecache.cache[path] = len(text), None, lines, path


def _pieces(block: CodeBlock, path: str) -> Iterator[Piece]:
    """What a block has to be run, one after the other: its whole text, or what was typed in a session."""
    if not _is_session(block):
        yield Piece(_runnable(block, path), block.indent)
        return
    lines = block.text.split("\n")
    typed: list[str] = []
    shown = 0  # the first line after what was typed
    for number, line in enumerate([*lines, PROMPT]):
        mark, text = line[: len(PROMPT)], line[len(PROMPT) + 1 :]
        if mark == PROMPT:
            if typed:
                yield Piece("\n".join(typed), block.indent + len(PROMPT) + 1, True, lines[shown].startswith("Traceback "))
            typed = [*[""] * (block.first_line - 1 + number), text]
            shown = number + 1
        elif mark == CONTINUED and typed and shown == number:
            typed.append(text)
            shown += 1


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


def _run_as_main(path: str, arguments: list[str], pieces: Iterable[Piece]) -> int:
    main = _become_main(path, arguments)
    file = str(main.__file__)
    draw_notebook_bars_on_console()
    try:
        for source, columns, is_typed, may_raise in pieces:
            program: Any = _moved_right(source, columns, file) if columns or is_typed else source
            if is_typed:
                code = compile(ast.Interactive(program.body), _name_in_sessions(file), "single", dont_inherit=True)
            else:
                code = compile(program, file, "exec", dont_inherit=True)
            try:
                exec(code, vars(main))
            except Exception as error:
                if not may_raise:
                    raise
                _show(error)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED
    return 0


def _show(error: BaseException) -> None:
    """Shows an uncaught exception as Python does, without the frames of this file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


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
