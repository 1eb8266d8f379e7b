import os
import re
import signal
import subprocess
import sys
import textwrap
from importlib.metadata import PackageNotFoundError, version

import pytest

import tapeflow as tf
from tapeflow import cli


@pytest.fixture
def run(tmp_path):
    """Run `tapeflow run NAME …` in a directory that holds the file NAME; gives the finished process."""

    def run_program(name, source, *arguments, options=(), **how):
        (tmp_path / name).write_bytes(source if isinstance(source, bytes) else textwrap.dedent(source).encode())
        command = [sys.executable, "-m", "tapeflow", "run", *options, name, *arguments]
        how.setdefault("encoding", "utf-8")
        return subprocess.run(command, cwd=tmp_path, capture_output=True, **how)

    return run_program


def succeeded(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


# -- scripts ----------------------------------------------------------------------------------

SEEN = """
import sys
print(sys.argv, __name__, __file__, sys.path[0], __package__, __spec__, __doc__)
print(sys.modules["__main__"].__dict__ is globals(), type(__builtins__).__name__, type(__loader__).__name__)
"""

LIKE_PYTHON = {
    "what it sees of itself": SEEN,
    "its own arguments": "import sys\nprint(sys.argv[1:])",
    "no output": "",
    "standard input": "import sys\nprint(input('? '), sys.stdin.read())",
    "an exception": "def f():\n    return 1 / 0\n\nf()\n",
    "a chained exception": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e\n",
    "a syntax error": "x = = 1\n",
    "an error of the compiler": "def f():\n    return 1\nreturn 2\n",
    "an exit without status": "import sys\nsys.exit()",
    "an exit with a status": "raise SystemExit(7)",
    "an exit with a message": "import sys\nsys.exit('no more data')",
    "an exit through exit()": "exit(4)",
    "an exception after output": "print('first')\nraise RuntimeError('then')",
    "its own excepthook": "import sys\nsys.excepthook = lambda *e: print(e[1], e[2].tb_lineno)\n\nraise ValueError(1)",
    "a warning": "import warnings\nwarnings.warn('mind', DeprecationWarning)\n",
    "its own source": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f), inspect.getfile(f))",
    "pickled classes": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
    "at the end": "import atexit, threading\natexit.register(print, 'bye')\nthreading.Timer(0.1, print, ['t']).start()",
    "annotations": "x: int = 1\nprint(__annotations__)",
    "a dead thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='T')\nt.start()\nt.join()",
}


@pytest.mark.parametrize("source", LIKE_PYTHON.values(), ids=LIKE_PYTHON.keys())
def test_a_script_runs_as_python_runs_it(run, tmp_path, source):
    ours = run("program.py", source, "-o", "--help", "a b", input="one\ntwo\n")
    theirs = subprocess.run(
        [sys.executable, "program.py", "-o", "--help", "a b"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        input="one\ntwo\n",
    )
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)


def test_import_tensorflow_is_tapeflow(run):
    done = run(
        "program.py",
        """\
        import tensorflow as tf
        import tapeflow

        x = tf.Variable(5.0)
        with tf.GradientTape() as tape:
            y = tf.square(x)
        print(y, tape.gradient(y, x), tf is tapeflow)
        """,
    )
    assert succeeded(done) == ("tf.Tensor(25.0, shape=(), dtype=float32) tf.Tensor(10.0, shape=(), dtype=float32) True\n")


def test_modules_beside_the_script_are_found(run, tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "beside.py").write_text("import tensorflow as tf\nname = tf.__name__\n")
    done = run("below/program.py", "import beside\nprint(beside.name)")
    assert succeeded(done) == "tapeflow\n"


def test_a_linked_script_finds_the_modules_beside_the_original(run, tmp_path):
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "beside.py").write_text("name = 'beside'\n")
    (tmp_path / "original" / "program.py").write_text("")
    (tmp_path / "program.py").symlink_to(tmp_path / "original" / "program.py")
    assert succeeded(run("program.py", "import beside\nprint(beside.name)")) == "beside\n"


@pytest.mark.parametrize("source", ["# coding: gbk\nprint('中文')".encode("gbk"), "\ufeffprint('中文')".encode()])
def test_a_source_says_its_encoding(run, source):
    assert succeeded(run("program.py", source, env={**os.environ, "PYTHONIOENCODING": "utf-8"})) == "中文\n"


def test_a_missing_name_is_told_at_the_users_line(run, tmp_path):
    done = run("program.py", "import tensorflow as tf\n\nimage = tf.image.resize([[1]], (2, 2))\n")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{tmp_path / "program.py"}", line 3, in <module>'
    assert lines[-1].startswith("AttributeError: tapeflow has no tf.image.resize yet")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_shows_where_the_script_was_and_gives_130(tmp_path):
    (tmp_path / "program.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "tapeflow", "run", "program.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.startswith(f'Traceback (most recent call last):\n  File "{tmp_path / "program.py"}", line ')
    assert errors.endswith("KeyboardInterrupt\n")
    assert "tapeflow/" not in errors


def test_both_streams_keep_their_order_in_one_pipe(tmp_path):
    (tmp_path / "program.py").write_text(
        "import sys\nfor i in range(3):\n    print(i)\n    print('e', i, file=sys.stderr)\n"
    )
    command = [sys.executable, "-m", "tapeflow", "run", "program.py"]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.stdout.split("\n") == ["0", "e 0", "1", "e 1", "2", "e 2", ""]


def test_a_character_that_the_console_lacks_does_not_end_the_program(run):
    done = run("program.py", "print('y值')\nprint('after')", env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert succeeded(done) == "y\\u503c\nafter\n"


def test_pictures_need_no_display(run):
    pytest.importorskip("matplotlib")
    without = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")}
    source = """\
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
        plt.savefig("loss.png")
        print(plt.get_backend().lower())
        """
    done = run("program.py", source, env=without)
    assert succeeded(done) == "agg\n"
    assert done.stderr == ""


def test_the_users_choice_of_a_picture_backend_stands(run):
    done = run("program.py", "import os\nprint(os.environ['MPLBACKEND'])", env={**os.environ, "MPLBACKEND": "svg"})
    assert succeeded(done) == "svg\n"


def test_a_script_loads_nothing_that_only_notebooks_need(run):
    done = run("program.py", "import sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))")
    loaded = set(succeeded(done).split())
    assert "tapeflow" in loaded
    assert not loaded & {"nbclient", "nbformat", "jupyter_client", "IPython", "matplotlib", "asyncio", "tqdm", "scipy"}


# -- Markdown tutorials -----------------------------------------------------------------------

TUTORIAL = """\
# 自动微分

```python
import tensorflow as tf
import sys

x = tf.Variable(3.0)
```

```
this is output
```

```bash
exit 1
```

1. In a list:

   ```python
   def slope(function):
       with tf.GradientTape() as tape:
           y = function(x) + 0
       return tape.gradient(y, x)
   ```

~~~py
print("导数", slope(tf.square))
print(sys.argv, __name__, __file__ == sys.modules["__main__"].__file__)
~~~
"""


def test_the_python_blocks_of_a_tutorial_run_in_one_namespace(run):
    done = run("tutorial.md", TUTORIAL, "more")
    assert succeeded(done) == ("导数 tf.Tensor(6.0, shape=(), dtype=float32)\n['tutorial.md', 'more'] __main__ True\n")


def test_a_tutorials_traceback_shows_the_lines_of_the_markdown_file(run, tmp_path):
    text = TUTORIAL + "\n```python\nslope(lambda x: x.nosuch)\nprint('never')\n```\n"
    done = run("tutorial.md", text)
    path = tmp_path / "tutorial.md"
    called, applied = (text[: text.index(code)].count("\n") + 1 for code in ("slope(lambda", "y = function"))
    assert done.returncode == 1
    assert "never" not in done.stdout
    lines = done.stderr.splitlines()
    assert lines[:2] == ["Traceback (most recent call last):", f'  File "{path}", line {called}, in <module>']
    at = lines.index(f'  File "{path}", line {applied}, in slope')
    line, marks = lines[at + 1 : at + 3]
    assert line == "    y = function(x) + 0"
    assert line[len(marks) - len(marks.lstrip()) :].startswith("function(x)")
    assert set(marks.strip()) <= {"^", "~"}


def test_a_tutorials_syntax_error_shows_its_line(run, tmp_path):
    done = run("tutorial.md", "text\n\n```python\nprint('first')\n```\n\n```python\nx = = 1\n```\n")
    assert done.returncode == 1
    assert done.stdout == "first\n"
    assert done.stderr.startswith(f'  File "{tmp_path / "tutorial.md"}", line 8\n    x = = 1\n')


def test_commands_for_notebooks_are_left_out_and_named(run):
    done = run("tutorial.md", "```python\n%matplotlib inline\n!pip install x\nprint(7\n% 4)\n```\n")
    assert succeeded(done) == "3\n"
    assert done.stderr == (
        "tutorial.md:2: left out, it is for notebooks: %matplotlib inline\n"
        "tutorial.md:3: left out, it is for notebooks: !pip install x\n"
    )


def test_a_tutorial_may_exit(run):
    done = run("tutorial.md", "```python\nimport sys\nsys.exit(5)\n```\n```python\nprint('never')\n```\n")
    assert (done.returncode, done.stdout, done.stderr) == (5, "", "")


def test_functions_of_a_tutorial_have_their_source(run):
    done = run("tutorial.md", "text\n```python\nimport inspect\ndef f():\n    return 1\nprint(inspect.getsource(f))\n```\n")
    assert succeeded(done) == "def f():\n    return 1\n\n"


SESSION = """
```python
>>> import tensorflow as tf
>>> x = tf.Variable(3.0)
>>> with tf.GradientTape() as tape:
...     y = x * x
>>> tape.gradient(y, x)
<tf.Tensor: shape=(), dtype=float32, numpy=6.0>
>>> tape.gradient(y, x)
Traceback (most recent call last):
RuntimeError: ...

>>> @tf.function
... def halved(x):
...     while x > 1.0:
...         x = x / 2.0
...     return x
>>> halved(tf.constant(6.0)), halved.experimental_eager_reasons()
>>> None
```

- In a list:

  ```python
  >>> for n in range(2):
  ...     print(n)
  ...
  >>> undefined + 1
  ```
"""


def test_sessions_in_a_tutorial_run_and_show_their_values(run):
    done = run("tutorial.md", SESSION)
    assert done.stdout.splitlines() == [
        "<tf.Tensor: shape=(), dtype=float32, numpy=6.0>",
        "(<tf.Tensor: shape=(), dtype=float32, numpy=0.75>, ())",
        "0",
        "1",
    ]
    assert "A non-persistent GradientTape can only be used to compute one set of gradients" in done.stderr
    line = SESSION[: SESSION.index("undefined")].count("\n") + 1
    assert done.returncode == 1
    assert f'tutorial.md", line {line}, in <module>' in done.stderr
    assert done.stderr.endswith("NameError: name 'undefined' is not defined\n")


# -- what cannot be run -----------------------------------------------------------------------


def refused(capsys, *arguments):
    status = cli.main(["run", *arguments])
    shown = capsys.readouterr()
    assert status == 2
    assert shown.out == ""
    assert shown.err.startswith("tapeflow: ")
    return shown.err


def test_a_file_that_is_not_there_is_named(capsys):
    assert refused(capsys, "nosuch.py") == "tapeflow: there is no file nosuch.py\n"


def test_an_unknown_kind_of_file_is_refused(capsys, tmp_path):
    (tmp_path / "program.txt").write_text("")
    assert "neither a script (.py) nor a notebook (.ipynb)" in refused(capsys, str(tmp_path / "program.txt"))


def test_a_directory_is_refused(capsys, tmp_path):
    assert "is a directory" in refused(capsys, str(tmp_path))


def test_a_tutorial_without_python_is_refused(capsys, tmp_path):
    (tmp_path / "tutorial.md").write_text("```\nx = 1\n```\n")
    assert "has no block that begins with ```python" in refused(capsys, str(tmp_path / "tutorial.md"))


def test_a_tutorial_that_is_no_utf8_is_refused(capsys, tmp_path):
    (tmp_path / "tutorial.md").write_bytes("```python\n# 中文\n```".encode("gbk"))
    assert "codec can't decode" in refused(capsys, str(tmp_path / "tutorial.md"))


def test_keeping_the_outputs_of_a_script_is_refused(capsys, tmp_path):
    (tmp_path / "program.py").write_text("print('never')")
    assert "-o keeps an executed notebook" in refused(capsys, "-o", "out", str(tmp_path / "program.py"))


def test_a_broken_notebook_is_refused(capsys, tmp_path):
    pytest.importorskip("nbclient")
    (tmp_path / "broken.ipynb").write_text("{")
    assert "it is not a notebook" in refused(capsys, str(tmp_path / "broken.ipynb"))


@pytest.mark.parametrize("library", ["nbclient", "nbformat", "ipykernel"])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(capsys, tmp_path, monkeypatch, library):
    (tmp_path / "book.ipynb").write_text("{}")
    monkeypatch.delitem(sys.modules, "tapeflow.compat.notebook", raising=False)
    monkeypatch.delattr(tf.compat, "notebook", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    message = refused(capsys, str(tmp_path / "book.ipynb"))
    assert library in message
    assert "pip install 'tapeflow[notebook]'" in message


# -- the command itself -----------------------------------------------------------------------


def test_version_is_told_also_where_nothing_is_installed(capsys, monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", absent)
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("tapeflow from source (interface of TensorFlow ")


def test_version_names_the_product_and_the_interface(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--version"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert re.fullmatch(r"tapeflow \S+ \(interface of TensorFlow (\S+), Python \S+, NumPy \S+\)\n", shown)
    assert shown.startswith(f"tapeflow {version('tapeflow')} ")
    assert f"TensorFlow {tf.__version__}," in shown


def test_help_explains_the_kinds_of_programs(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["run", "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert all(kind in shown for kind in ("FILE.py", "FILE.ipynb", "FILE.md", "-o OUT"))


@pytest.mark.parametrize("arguments", [[], ["run"], ["walk"], ["run", "--nosuch", "a.py"]])
def test_a_wrong_command_line_shows_the_usage(capsys, arguments):
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("usage: tapeflow")


def test_the_installed_command_is_this_one():
    command = os.path.join(os.path.dirname(sys.executable), "tapeflow")
    if not os.path.exists(command):
        pytest.skip("the console script is not installed beside this Python")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("tapeflow ")


def test_a_notebook_runs_and_is_kept(run, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    source = "import sys\nimport tensorflow as tf\nprint(sys.argv[1:])\ntf.square(2.0)"
    book = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))
    done = run("book.ipynb", book, "7", options=["-o", "kept.ipynb"])
    assert succeeded(done) == "['7']\n<tf.Tensor: shape=(), dtype=float32, numpy=4.0>\n"
    assert nbformat.read(tmp_path / "kept.ipynb", as_version=4).cells[0].outputs[0].text == "['7']\n"


@pytest.mark.parametrize(
    ("arguments", "given", "kept"),
    [
        (["BOOK"], [], None),
        (["-o", "OUT", "BOOK", "7"], ["7"], "OUT"),
        (["BOOK", "7", "-o", "OUT"], ["7"], "OUT"),
        (["BOOK", "--output=OUT", "--lr", "1"], ["--lr", "1"], "OUT"),
    ],
)
def test_options_of_a_notebook_stand_on_either_side(monkeypatch, tmp_path, arguments, given, kept):
    pytest.importorskip("nbclient")
    import tapeflow.compat.notebook as notebook

    book = str(tmp_path / "book.ipynb")
    (tmp_path / "book.ipynb").write_text("{}")
    asked = []
    monkeypatch.setattr(notebook, "run_notebook", lambda *call: asked.append(call) or 0)
    assert cli.main(["run", *(book if argument == "BOOK" else argument for argument in arguments)]) == 0
    assert asked == [(book, given, kept)]
