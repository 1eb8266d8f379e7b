import subprocess
import sys

import pytest

pytest.importorskip("tqdm")


def run(code):
    prelude = "from tapeflow.compat.console_bars import draw_notebook_bars_on_console as d; d(); d()\n"
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, text=True)


def test_notebook_bars_are_drawn_on_the_console():
    done = run(
        "from tqdm.notebook import tqdm, tqdm_notebook, trange, tnrange\n"
        "for _ in tqdm(range(3), desc='plain', ncols='50%'): pass\n"
        "for _ in tqdm_notebook(range(4), desc='hidden', display=False): pass\n"
        "assert [*trange(2, 4, desc='counted')] == [2, 3]\n"
        "bar = tnrange(5)\n"
        "bar.set_description('loss: 0.5'); bar.update(1); bar.close()\n"
        "print('done')\n"
    )
    assert done.stdout == "done\n", done.stderr
    assert "plain: 100%" in done.stderr
    assert "3/3" in done.stderr
    assert "counted: 100%" in done.stderr
    assert "loss: 0.5:  20%" in done.stderr
    assert "hidden" not in done.stderr


def test_the_automatic_choice_is_the_console_too():
    done = run("from tqdm.autonotebook import tqdm\nprint(sum(tqdm(range(3))))\n")
    assert done.stdout == "3\n", done.stderr
    assert "3/3" in done.stderr


def test_the_rest_of_tqdm_is_as_it_was():
    done = run("import tqdm, tqdm.std; print(tqdm.tqdm is tqdm.std.tqdm)")
    assert done.stdout == "True\n", done.stderr
