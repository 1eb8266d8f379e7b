"""How the source is built: floors that import only downwards, what an import loads, and names and sizes of files."""

import ast
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SOURCE = ROOT / "src"


def module_of(file: pathlib.Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in sorted(SOURCE.rglob("*.py"))}


def imports(file: pathlib.Path, *, when_called: bool = True) -> Iterator[str]:
    """The modules of tapeflow that a file imports: all, or those that it imports when it is imported itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if when_called else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "tapeflow")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tapeflow":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)


# -- floors -----------------------------------------------------------------------------------

FLOORS = ["core", "ops", "gradient", "graph"]
NAMESPACES = len(FLOORS)  # `tf` and what is in it: names only
ON_TOP = NAMESPACES + 1  # what is written in tf's public names, as a user's program is
BESIDE = {
    "compat": ON_TOP,
    "data": ON_TOP,
    "keras": ON_TOP,
    "show": ON_TOP,
    "cli": ON_TOP,
    "__main__": ON_TOP,
    "version": NAMESPACES,
}
WITHOUT_FLOOR = {"tapeflow.compat.missing", "tapeflow.compat.names"}  # every namespace's `__getattr__`: they import nothing


def floor(module: str) -> int:
    part = f"{module}.".split(".")[1]
    if module in WITHOUT_FLOOR:
        return 0
    return FLOORS.index(part) if part in FLOORS else BESIDE.get(part, NAMESPACES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_its_own_floor_and_from_below(module):
    for imported in imports(MODULES[module]):
        if module in WITHOUT_FLOOR:
            assert imported in WITHOUT_FLOOR
        assert floor(imported) <= floor(module), f"{module} imports {imported}"


def test_no_import_goes_round_in_a_circle():
    graph = {
        module: {name for name in imports(file, when_called=False) if name in MODULES} for module, file in MODULES.items()
    }
    while free := [module for module, needed in graph.items() if not needed & graph.keys()]:
        for module in free:
            del graph[module]
    assert not graph, f"one of these imports another, and is imported by it: {sorted(graph)}"


@pytest.mark.parametrize("module", [module for module in MODULES if floor(module) == NAMESPACES])
def test_a_namespace_holds_names_only(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    functions = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert functions == ["__dir__"]


# -- what `import tapeflow` loads ---------------------------------------------------------------

LOADED = """
import sys, numpy
before = set(sys.modules)
import tapeflow
print(*sorted(set(sys.modules) - before))
"""


def modules_loaded(program: str = LOADED) -> list[str]:
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_import_loads_numpy_and_our_own_core():
    loaded = modules_loaded()
    others = {name.split(".")[0] for name in loaded} - {"tapeflow"}
    assert others <= set(sys.stdlib_module_names)
    # what of the standard library is slow to load, and can wait
    assert not others & {"logging", "inspect", "difflib", "json", "importlib.resources", "asyncio", "typing_extensions"}
    parts = {name.split(".")[1] for name in loaded if name.startswith("tapeflow.")}
    assert not parts & {"data", "keras", "show", "cli"}
    assert [name for name in loaded if name.startswith("tapeflow.compat.")] == [
        "tapeflow.compat.missing",
        "tapeflow.compat.names",
        "tapeflow.compat.text",
    ]


def test_what_traces_and_compiles_comes_with_the_first_function():
    heavy = {"tapeflow.graph.function", "tapeflow.graph.trace", "tapeflow.graph.plan", "tapeflow.graph.native.machine"}
    assert not heavy & set(modules_loaded())
    assert heavy <= set(modules_loaded("import sys, tapeflow as tf\ntf.function(abs)\nprint(*sys.modules)"))


def test_a_gradient_step_loads_no_library_but_numpy():
    program = """
import sys, numpy
before = set(sys.modules)
import tapeflow as tf
x = tf.Variable([1.0, 2.0])
optimizer = tf.keras.optimizers.SGD(0.1)
with tf.GradientTape() as tape:
    y = tf.reduce_sum(tf.sin(x) * x)
optimizer.apply_gradients([(tape.gradient(y, x), x)])
print(*sorted(set(sys.modules) - before))
"""
    others = {name.split(".")[0] for name in modules_loaded(program)} - {"tapeflow", "numpy"}
    assert others <= set(sys.stdlib_module_names)


# -- files ------------------------------------------------------------------------------------


def tracked() -> list[pathlib.Path]:
    """The files of the repository, or what is there if it is not one."""
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = run.stdout.splitlines()
    if run.returncode:
        names = [str(path.relative_to(ROOT)) for top in ("src", "tests") for path in (ROOT / top).rglob("*.py")]
    return [ROOT / name for name in names if (ROOT / name).exists()]


FILES = tracked()
PYTHON = [file for file in FILES if file.suffix == ".py"]


def test_no_python_file_is_too_long():
    long = {str(file.relative_to(ROOT)): lines for file in PYTHON if (lines := file.read_text("utf-8").count("\n")) > 500}
    assert not long


def test_a_name_says_what_a_file_is_about():
    vague = re.compile(r"(^|[_/])(utils?|helpers?|misc|common|stuff|tools)([_./]|$)")
    assert not [file for file in FILES if vague.search(str(file.relative_to(ROOT)).lower())]


def test_nothing_is_left_to_be_done():
    unfinished = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
    assert not [file for file in PYTHON if unfinished.search(file.read_text(encoding="utf-8"))]


def test_no_file_knows_the_machine_it_was_written_on():
    home = re.compile(r"(?<![\w.}])/(home|root|Users|work|opt)/\w")
    texts = [
        file for file in FILES if file.suffix in {".py", ".md", ".toml", ".txt", ".json", ".ipynb", ""} and file.is_file()
    ]
    found = [str(file.relative_to(ROOT)) for file in texts if home.search(file.read_text(encoding="utf-8"))]
    assert not found


def test_tests_mirror_the_source():
    """A test file is named for a module, or for what its tests prove across modules; its folder is a floor's name."""
    folders = {
        file.parent.relative_to(ROOT / "tests") for file in PYTHON if file.name.startswith("test_") and "tests" in file.parts
    }
    floors = {path.name for path in (SOURCE / "tapeflow").iterdir() if path.is_dir()} | {
        "",
        "benchmarks",
        "golden",
        "programs",
    }
    assert {os.fspath(folder).split(os.sep)[0].replace(".", "") for folder in folders} <= floors
