"""Running a notebook in a kernel of its own, with its outputs shown on the terminal as they come."""

import asyncio
import atexit
import contextlib
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import ipykernel  # noqa: F401  # the kernel's process needs it: say so here if it is not installed
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tapeflow.compat.exit_status import FAILED, INTERRUPTED, TERMINATED
from tapeflow.compat.widgets import WIDGET_VIEW, as_text

KERNEL = Path(__file__).with_name("kernel.py")
UNLIMITED = 10**9  # seconds

REDRAWN_EVERY = 0.1  # seconds

_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(path: str, arguments: list[str], output: str | None = None) -> int:
    """Run every code cell of a notebook, in the notebook's own directory, showing what Jupyter would show, as text.

    `print` and the value of a cell's last expression go to stdout, what a cell writes to stderr goes to stderr, and
    so do progress bars. An error ends the notebook, except in a cell tagged `raises-exception`.

    Args:
        path: the notebook.
        arguments: what its cells see as `sys.argv[1:]`.
        output: where to keep the executed notebook, also when it ends with an error; None keeps nothing.

    Returns:
        The exit status: 0, 1 after an error, 130 after Ctrl-C, or what a cell gave to `sys.exit`.

    Raises:
        OSError: the notebook cannot be read or `output` cannot be written.
        ValueError: it is not a notebook, or not one of Python.
    """
    notebook = _read(path)
    if output is not None and not os.path.isdir(os.path.dirname(output) or "."):
        raise FileNotFoundError(2, f"there is no directory {os.path.dirname(output)} to keep the executed notebook in")
    try:
        with tempfile.TemporaryDirectory(prefix="tapeflow-") as folder:
            return asyncio.run(ShowingClient(notebook, path, arguments, folder).run())
    finally:
        if output is not None:
            nbformat.write(notebook, output)


def _read(path: str) -> nbformat.NotebookNode:
    try:
        notebook = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, LookupError, AttributeError, TypeError) as error:
        raise ValueError(f"it is not a notebook: {error}") from error
    metadata = notebook.metadata
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language", "python")
    if language.lower() not in ("python", "ipython"):
        raise ValueError(f"it is a notebook in {language}, not in Python")
    return nbformat.validator.normalize(notebook)[1]


# -- the kernel -------------------------------------------------------------------------------


class _OwnKernel(KernelSpecManager):
    """Whatever kernel a notebook names, and whatever is installed, it gets ours, run by this very Python."""

    arguments: list[str]

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, str(KERNEL), "-f", "{connection_file}", "--HistoryManager.hist_file=:memory:"]
        return KernelSpec(argv=[*command, "--", *self.arguments], display_name="TapeFlow", language="python")


def _kernel_manager(folder: str, arguments: list[str]) -> AsyncKernelManager:
    """A manager for one kernel, whose connection nobody else on the machine can reach."""
    kernels = _OwnKernel()
    kernels.arguments = arguments
    private = {"transport": "ipc", "ip": os.path.join(folder, "kernel")} if os.name == "posix" else {}
    return AsyncKernelManager(
        kernel_name="tapeflow",
        kernel_spec_manager=kernels,
        connection_file=os.path.join(folder, "connection.json"),
        **private,
    )


# -- showing ----------------------------------------------------------------------------------


class ShowingClient(NotebookClient):
    """Executes a notebook and writes each output to the terminal when its message arrives."""

    def __init__(self, notebook: nbformat.NotebookNode, path: str, arguments: list[str], folder: str) -> None:
        self._kernels = _kernel_manager(folder, [path, *arguments])
        super().__init__(
            notebook,
            km=self._kernels,
            resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
            timeout=None,
            iopub_timeout=UNLIMITED,
            on_notebook_start=self._on_start,
            on_cell_executed=self._after_cell,
        )
        self._path = path
        self._signal: signal.Signals | None = None
        self._started = False
        self._running: asyncio.Task[int] | None = None
        self._bars = ProgressBars()
        self._in_mid_line = False

    async def run(self) -> int:
        """Execute every cell; gives the exit status."""
        self._running = asyncio.current_task()
        self.owns_km = True  # we made the manager, but for nobody else
        try:
            await self.async_execute()
        except CellExecutionError as error:
            if error.ename == "SystemExit":
                return exit_status(error.evalue)
            return INTERRUPTED if error.ename == "KeyboardInterrupt" else FAILED
        except (RuntimeError, asyncio.CancelledError) as error:
            if self._signal is not None:
                return TERMINATED if self._signal is signal.SIGTERM else INTERRUPTED
            self._bars.finish()
            when = "while it ran a cell" if isinstance(error, DeadKernelError) else f"before the first cell: {error}"
            print(f"tapeflow: {self._path}: the kernel died {when}", file=sys.stderr)
            return FAILED
        finally:
            # What nbclient leaves behind when a kernel does not start.
            atexit.unregister(self._cleanup_kernel)
            if await self._kernels.is_alive():
                await self._kernels.shutdown_kernel(now=True)
        return 0

    # Ctrl-C interrupts the cell, so that its traceback is shown; a second one ends the kernel too.

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel, and take the signals over from nbclient, whose handlers leave it waiting."""
        with contextlib.suppress(RuntimeError):  # on Windows, and in a thread: there Python's own handler stays
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        await super().async_start_new_kernel(**kwargs)

    def _on_start(self, **_: Any) -> None:
        self._started = True

    def _on_signal(self, number: signal.Signals) -> None:
        again, self._signal = self._signal is not None, number
        if self._running is not None and (again or number is signal.SIGTERM or not self._started):
            self.shutdown_kernel = "immediate"
            self._running.cancel()
        else:
            self._interruption = asyncio.ensure_future(self._kernels.interrupt_kernel())

    def _after_cell(self, cell: nbformat.NotebookNode, cell_index: int, **_: Any) -> None:
        self._bars.finish()
        if self._in_mid_line:
            self._write(sys.stdout, "\n")
        if self._signal is not None and "raises-exception" in cell.metadata.get("tags", []):
            raise asyncio.CancelledError

    def output(
        self, outs: list[nbformat.NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> nbformat.NotebookNode | None:
        """Show one output, and record it in the notebook as nbclient does."""
        out = super().output(outs, msg, display_id, cell_index)
        if out is not None:
            self._show(out, cell_index)
        return out

    def process_message(
        self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int
    ) -> nbformat.NotebookNode | None:
        """Show what nbclient only records: a display that is replaced, and the progress of widgets."""
        if msg["msg_type"] == "update_display_data":
            self._show_data(msg["content"]["data"])
        out = super().process_message(msg, cell, cell_index)
        if msg["msg_type"].startswith("comm"):
            self._bars.changed(self.widget_state)
        return out

    def _show(self, out: nbformat.NotebookNode, cell_index: int) -> None:
        if out.output_type == "stream":
            self._write(sys.stderr if out.name == "stderr" else sys.stdout, out.text)
        elif out.output_type == "error":
            self._show_error(out, cell_index)
        else:
            self._show_data(out.data)

    def _show_data(self, data: dict[str, Any]) -> None:
        view = data.get(WIDGET_VIEW)
        if view is not None and view.get("model_id") in self.widget_state:
            self._bars.show(view["model_id"], self.widget_state)
        elif "text/plain" in data:
            self._write(sys.stdout, ("\n" if self._in_mid_line else "") + data["text/plain"] + "\n")

    def _show_error(self, out: nbformat.NotebookNode, cell_index: int) -> None:
        cell = self.nb.cells[cell_index]
        allowed = "raises-exception" in cell.metadata.get("tags", [])
        if out.ename == "SystemExit":
            return
        text = "\n".join(out.traceback) + "\n"
        stream = sys.stdout if allowed else sys.stderr
        if not allowed:
            text = f"{self._path}, code cell {self._number_of(cell_index)}:\n{text}"
        if not stream.isatty() or os.environ.get("NO_COLOR"):
            text = _COLOR.sub("", text)
        self._write(stream, text)

    def _number_of(self, cell_index: int) -> int:
        return sum(cell.cell_type == "code" for cell in self.nb.cells[: cell_index + 1])

    def _write(self, stream: TextIO, text: str) -> None:
        if not text:
            return
        self._bars.clear()
        if stream is sys.stdout:
            self._in_mid_line = not text.endswith("\n")
        stream.write(text)
        stream.flush()


def exit_status(value: str) -> int:
    """What `sys.exit(value)` gives for the text of a value: a number itself, nothing 0, anything else 1 and its text."""
    if value in ("", "None", "True", "False"):
        return int(value == "True")
    try:
        return int(value) & 0xFF
    except ValueError:
        print(value, file=sys.stderr)
        return FAILED


class ProgressBars:
    """The widgets that a cell shows: the last one moves on a terminal, and all are written out when the cell ends."""

    def __init__(self) -> None:
        self._models: list[str] = []
        self._states: dict[str, Any] = {}
        self._drawn = 0.0

    def show(self, model: str, states: dict[str, Any]) -> None:
        """Begin to show a widget."""
        if model not in self._models:
            self._models.append(model)
        self.changed(states)

    def changed(self, states: dict[str, Any]) -> None:
        """Draw the last widget again, where there is a terminal and some time has passed."""
        self._states = states
        now = time.monotonic()
        if self._models and sys.stderr.isatty() and now - self._drawn > REDRAWN_EVERY:
            self._drawn = now
            sys.stderr.write("\r\x1b[K" + as_text(self._models[-1], states))
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other output: the bar is drawn again at its next change."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            self._drawn = 0.0

    def finish(self) -> None:
        """Write every widget as it is at the end of its cell, a line each."""
        self.clear()
        for model in self._models:
            if text := as_text(model, self._states):
                print(text, file=sys.stderr)
        self._models = []
