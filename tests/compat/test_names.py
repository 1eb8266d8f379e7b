import subprocess
import sys

import pytest

import tapeflow as tf
from tapeflow.compat.names import is_namespace, is_public, recorded, successor


@pytest.mark.parametrize("path", ["", "math", "image", "keras.optimizers.schedules", "compat.v1", "compat.v2", "io.gfile"])
def test_namespaces_are_known(path):
    assert is_namespace(path)


@pytest.mark.parametrize("path", ["square", "math.square", "image.resize", "data.Dataset.map", "python", "nosuch"])
def test_what_is_no_namespace(path):
    assert not is_namespace(path)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("log", "math.log"),
        ("matrix_inverse", "linalg.inv"),
        ("random_normal", "random.normal"),
        ("train.GradientDescentOptimizer", "keras.optimizers.SGD"),
        ("placeholder", ""),
        ("compat.v1.placeholder", ""),
        ("compat.v1.reduce_sum", "reduce_sum"),
        ("square", None),
        ("nosuch", None),
    ],
)
def test_successors_of_tensorflow_1_names(path, new):
    assert successor(path) == new


def test_every_successor_is_a_name_of_tensorflow_2():
    entries = [entry for names in recorded().only_in_tensorflow_1.values() for entry in names.split()]
    new_names = [entry.partition("=")[2] for entry in entries if "=" in entry]
    assert len(new_names) > 200
    assert [name for name in new_names if not is_public(name)] == []


def test_the_record_holds_names_only():
    for names in recorded().names.values():
        assert all(name.isidentifier() and not name.startswith("_") for name in names.split())


def test_the_interface_version_is_the_recorded_one():
    assert tf.__version__ == recorded().version


def test_importing_tapeflow_reads_no_record():
    code = "import tapeflow, sys; from tapeflow.compat import names; print(names.recorded.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
