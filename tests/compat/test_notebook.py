import io
import os
import signal
import subprocess
import sys

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

from tapeflow.compat.notebook import ProgressBars, exit_status, run_notebook  # noqa: E402  # needs what is asked for above


@pytest.fixture
def notebook(tmp_path):
    def make(*cells, language="python", name="book.ipynb"):
        made = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "nosuch", "display_name": "?", "language": language}}
        )
        for cell in cells:
            if isinstance(cell, str):
                made.cells.append(nbformat.v4.new_code_cell(cell))
            else:
                made.cells.append(cell)
        path = tmp_path / name
        nbformat.write(made, path)
        return str(path)

    return make


@pytest.fixture
def without(tmp_path, monkeypatch):
    """Make a library one that a kernel cannot import."""

    def hide(library):
        (tmp_path / "hidden").mkdir()
        (tmp_path / "hidden" / "sitecustomize.py").write_text(f"import sys\nsys.modules[{library!r}] = None\n")
        paths = [str(tmp_path / "hidden"), *filter(None, [os.environ.get("PYTHONPATH")])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))

    return hide


def may_raise(source):
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"]})


def test_outputs_are_shown_and_kept(notebook, tmp_path, capsys):
    path = notebook(
        "import sys, os\nimport tensorflow as tf\nprint('中文', sys.argv[1:], os.getcwd())",
        nbformat.v4.new_markdown_cell("# Text"),
        "print('to stderr', file=sys.stderr)",
        "tf.square(3.0)",
        "print('in mid-line', end='')\n40 + 2",
        "41;",
        may_raise("raise ValueError('wanted')"),
        "from IPython.display import display\nhandle = display('shown', display_id=True)\nhandle.update('again')",
        "import tapeflow\ntf is tapeflow",
        "x = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n    y = x * x\ntape.gradient(y, x)",
    )
    kept = str(tmp_path / "kept.ipynb")
    status = run_notebook(path, ["--lr", "0.1"], kept)
    shown = capsys.readouterr()
    assert status == 0, shown.err
    lines = shown.out.splitlines()
    traceback_at = lines.index("ValueError: wanted")
    assert lines[:4] == [
        f"中文 ['--lr', '0.1'] {tmp_path}",
        "<tf.Tensor: shape=(), dtype=float32, numpy=9.0>",
        "in mid-line",
        "42",
    ]
    assert any("Cell In[6], line 1" in line for line in lines[4:traceback_at])
    assert "\x1b" not in shown.out
    assert lines[traceback_at + 1 :] == [
        "'shown'",
        "'again'",
        "True",
        "<tf.Tensor: shape=(), dtype=float32, numpy=4.0>",
    ]
    assert shown.err == "to stderr\n"
    executed = nbformat.read(kept, as_version=4)
    nbformat.validate(executed)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert code[2].outputs[0].data["text/plain"] == "<tf.Tensor: shape=(), dtype=float32, numpy=9.0>"
    assert code[5].outputs[0].ename == "ValueError"
    assert nbformat.read(path, as_version=4).cells[0].outputs == []


def test_an_error_ends_the_notebook_and_names_cell_and_line(notebook, tmp_path, capsys):
    path = notebook(
        nbformat.v4.new_markdown_cell("# Text"),
        "print('before')",
        "import tensorflow as tf\n\ndef f():\n    return tf.image.resize(1)\n\nf()",
        "print('never')",
    )
    kept = str(tmp_path / "kept.ipynb")
    assert run_notebook(path, [], kept) == 1
    shown = capsys.readouterr()
    assert shown.out == "before\n"
    lines = shown.err.splitlines()
    assert lines[0] == f"{path}, code cell 2:"
    assert "Cell In[2], line 6" in lines
    assert any(line.startswith("Cell In[2], line 4, in f()") for line in lines)
    assert lines[-1].startswith("AttributeError: tapeflow has no tf.image.resize yet")
    assert nbformat.read(kept, as_version=4).cells[2].outputs[0].output_type == "error"


def test_system_exit_in_a_cell_is_honoured(notebook, capsys):
    path = notebook("import sys\nprint('before')\nsys.exit(3)", "print('never')")
    assert run_notebook(path, []) == 3
    assert capsys.readouterr() == ("before\n", "")


@pytest.mark.parametrize(
    ("value", "status", "told"),
    [
        ("", 0, ""),
        ("None", 0, ""),
        ("0", 0, ""),
        ("3", 3, ""),
        ("-1", 255, ""),
        ("True", 1, ""),
        ("no data", 1, "no data\n"),
    ],
)
def test_what_sys_exit_was_given_is_the_exit_status(capsys, value, status, told):
    assert exit_status(value) == status
    assert capsys.readouterr() == ("", told)


def test_a_kernel_that_dies_is_reported(notebook, capsys):
    path = notebook("import os\nos._exit(9)")
    assert run_notebook(path, []) == 1
    assert "the kernel died while it ran a cell" in capsys.readouterr().err


def test_a_kernel_that_does_not_start_is_reported(notebook, capsys, without):
    without("ipykernel")
    assert run_notebook(notebook("print('never')"), []) == 1
    assert "the kernel died before the first cell" in capsys.readouterr().err


BAR = """
from tqdm.notebook import tqdm
with tqdm(total=20) as bar:
    for step in range(20):
        bar.set_description(f"loss: {step}")
        bar.update(1)
print("done")
"""


def test_progress_bars_end_up_on_stderr(notebook, capsys):
    pytest.importorskip("ipywidgets")
    assert run_notebook(notebook(BAR), []) == 0
    shown = capsys.readouterr()
    assert shown.out == "done\n"
    (line,) = shown.err.splitlines()
    assert line.startswith("loss: 19: 100%")
    assert "20/20" in line


def test_progress_bars_work_without_ipywidgets(notebook, capsys, without):
    without("ipywidgets")
    assert run_notebook(notebook(BAR), []) == 0
    shown = capsys.readouterr()
    assert shown.out == "done\n"
    assert "20/20" in shown.err


def test_a_notebook_in_another_language_is_refused(notebook):
    with pytest.raises(ValueError, match="notebook in R, not in Python"):
        run_notebook(notebook("1", language="R"), [])


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"cells": 3}', '{"nbformat": 4}'])
def test_what_is_no_notebook_is_refused(tmp_path, content):
    path = tmp_path / "broken.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match="it is not a notebook"):
        run_notebook(str(path), [])


def test_a_place_to_keep_it_that_is_not_there_is_refused_before_anything_runs(notebook, tmp_path):
    with pytest.raises(OSError, match="there is no directory"):
        run_notebook(notebook("print('never')"), [], str(tmp_path / "nosuch" / "kept.ipynb"))


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_the_notebook_and_its_kernel(notebook, number, status):
    path = notebook("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    command = [sys.executable, "-m", "tapeflow", "run", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        kernel = int(process.stdout.readline())
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == status
    assert errors.rstrip().endswith("KeyboardInterrupt:") is (number is signal.SIGINT)
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


def test_on_a_terminal_the_last_bar_moves_and_makes_room(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("tapeflow.compat.notebook.REDRAWN_EVERY", 0.0)
    states = {name: {"_model_name": "IntProgressModel", "value": 0, "max": 4} for name in ("outer", "inner")}
    bars = ProgressBars()
    bars.show("outer", states)
    bars.show("inner", states)
    states["inner"]["value"] = 3
    bars.changed(states)
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert [line[-3:] for line in drawn] == ["", "0/4", "0/4", "3/4"]
    bars.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")
    bars.finish()
    assert [line[-3:] for line in terminal.getvalue().rpartition("\x1b[K")[2].splitlines()] == ["0/4", "3/4"]
    bars.finish()
    assert terminal.getvalue().count("3/4") == 2
