import importlib
import sys
import threading
import types

import pytest

import tapeflow
from tapeflow import compat
from tapeflow.compat import alias


@pytest.fixture
def installed():
    compat.install()
    yield
    compat.uninstall()


@pytest.fixture
def not_installed():
    compat.uninstall()
    yield
    compat.uninstall()


def names_of_tensorflow():
    return [name for name in sys.modules if name.partition(".")[0] in ("tensorflow", "keras")]


def aliases():
    return [finder for finder in sys.meta_path if isinstance(finder, alias.Alias)]


@pytest.mark.parametrize(
    ("statement", "expression", "meant"),
    [
        ("import tensorflow", "tensorflow", "tapeflow"),
        ("import tensorflow as tf", "tf", "tapeflow"),
        ("import tensorflow as tf", "tf.math", "tapeflow.math"),
        ("import tensorflow.math", "tensorflow.math", "tapeflow.math"),
        ("import tensorflow.math as m", "m", "tapeflow.math"),
        ("from tensorflow import math as m", "m", "tapeflow.math"),
        ("from tensorflow import keras", "keras", "tapeflow.keras"),
        ("import tensorflow.keras as k", "k", "tapeflow.keras"),
        ("import tensorflow.keras.optimizers as o", "o", "tapeflow.keras.optimizers"),
        ("from tensorflow.keras import optimizers", "optimizers", "tapeflow.keras.optimizers"),
        ("import tensorflow.compat.v2 as tf", "tf", "tapeflow"),
        ("from tensorflow.compat import v2", "v2", "tapeflow"),
        ("import tensorflow.compat.v2.math as m", "m", "tapeflow.math"),
        ("import tensorflow.errors as e", "e", "tapeflow.errors"),
        ("import keras", "keras", "tapeflow.keras"),
        ("from keras import optimizers", "optimizers", "tapeflow.keras.optimizers"),
    ],
)
def test_import_forms_give_tapeflows_own_modules(installed, statement, expression, meant):
    namespace = {}
    exec(statement, namespace)
    assert eval(expression, namespace) is importlib.import_module(meant)


@pytest.mark.parametrize(
    ("statement", "name", "home"),
    [
        ("from tensorflow import GradientTape", "GradientTape", "tapeflow"),
        ("from tensorflow.math import square", "square", "tapeflow.math"),
        ("from tensorflow.keras.optimizers import SGD", "SGD", "tapeflow.keras.optimizers"),
        ("from keras.optimizers import SGD", "SGD", "tapeflow.keras.optimizers"),
    ],
)
def test_imported_names_are_tapeflows_own_objects(installed, statement, name, home):
    namespace = {}
    exec(statement, namespace)
    assert namespace[name] is getattr(importlib.import_module(home), name)


def test_a_module_keeps_its_own_identity_under_the_second_name(installed):
    import tensorflow.math

    assert tensorflow.math.__name__ == "tapeflow.math"
    assert tensorflow.math.__spec__.name == "tapeflow.math"
    assert not isinstance(tensorflow.math.__spec__.loader, alias.Alias)


def test_find_spec_sees_tensorflow_as_installed(installed):
    import importlib.util

    assert importlib.util.find_spec("tensorflow") is not None
    assert importlib.util.find_spec("tensorflow.math") is not None


def test_installing_twice_changes_nothing(installed):
    compat.install()
    assert len(aliases()) == 1


def test_uninstall_removes_every_trace(not_installed):
    compat.install()
    importlib.import_module("tensorflow.math")
    importlib.import_module("keras")
    compat.uninstall()
    assert names_of_tensorflow() == []
    assert aliases() == []
    assert sys.modules["tapeflow.math"] is tapeflow.math


def test_uninstalling_what_was_not_installed_changes_nothing(not_installed):
    before = list(sys.meta_path)
    compat.uninstall()
    assert sys.meta_path == before


def test_install_refuses_when_tensorflow_itself_is_there(not_installed, monkeypatch):
    real = types.ModuleType("tensorflow")
    monkeypatch.setitem(sys.modules, "tensorflow", real)
    with pytest.raises(RuntimeError, match=r"TensorFlow itself has been imported already.*tapeflow\.compat\.install\(\)"):
        compat.install()
    assert sys.modules["tensorflow"] is real
    assert aliases() == []


def test_uninstall_leaves_the_real_keras_alone(not_installed, monkeypatch):
    real = types.ModuleType("keras")
    monkeypatch.setitem(sys.modules, "keras", real)
    compat.install()
    import keras

    assert keras is real
    compat.uninstall()
    assert sys.modules["keras"] is real


@pytest.mark.parametrize(("backend", "ours"), [(None, True), ("tensorflow", True), ("jax", False), ("torch", False)])
def test_keras_is_ours_unless_it_has_another_backend(installed, monkeypatch, backend, ours):
    if backend is None:
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
    else:
        monkeypatch.setenv("KERAS_BACKEND", backend)
    (finder,) = aliases()
    assert (finder.find_spec("keras") is not None) is ours


def test_other_modules_are_not_looked_at(installed):
    (finder,) = aliases()
    assert finder.find_spec("tensorflow_probability") is None
    assert finder.find_spec("kerastuner.engine") is None


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("import tensorflow.image", "tapeflow has no tf.image yet"),
        ("from tensorflow.keras.applications import VGG16", "tapeflow has no tf.keras.applications yet"),
        ("import tensorflow.nosuch", "tapeflow has no tf.nosuch, nor has TensorFlow 2"),
        ("from tensorflow import nosuch", "tapeflow has no tf.nosuch, nor has TensorFlow 2"),
        ("from tensorflow.math import sqare", r"tapeflow has no tf.math.sqare.*did you mean tf.math.square\?"),
        ("from tensorflow import Session", "tapeflow has no tf.Session: it is of TensorFlow 1"),
        ("from tensorflow.python.framework import ops", "tensorflow.python is TensorFlow's own inside"),
        ("import tensorflow.core.framework", "tensorflow.core is TensorFlow's own inside"),
        ("import tensorflow.ops", "tapeflow has no tf.ops, nor has TensorFlow"),
        ("import keras.applications", "tapeflow has no tf.keras.applications yet"),
    ],
)
def test_what_cannot_be_imported_says_why(installed, statement, message):
    with pytest.raises(ImportError, match=message):
        exec(statement, {})
    assert not [name for name in sys.modules if name.startswith(("tensorflow.image", "tensorflow.python"))]


def test_a_namespace_that_is_not_there_can_be_named_in_an_import(installed):
    namespace = {}
    exec("from tensorflow.keras import applications", namespace)
    with pytest.raises(AttributeError, match=r"tapeflow has no tf\.keras\.applications\.VGG16 yet"):
        _ = namespace["applications"].VGG16


def test_threads_that_import_at_once_get_the_same_modules(not_installed):
    compat.install()
    names = ["tensorflow", "tensorflow.math", "tensorflow.keras.optimizers", "keras.optimizers", "tensorflow.errors"]
    start = threading.Barrier(10)
    found = []

    def import_all(first):
        start.wait()
        compat.install()
        for name in names[first:] + names[:first]:
            found.append((name, importlib.import_module(name)))

    threads = [threading.Thread(target=import_all, args=(number % len(names),)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10 * len(names)
    assert {(name, module.__name__) for name, module in found} == {
        ("tensorflow", "tapeflow"),
        ("tensorflow.math", "tapeflow.math"),
        ("tensorflow.keras.optimizers", "tapeflow.keras.optimizers"),
        ("keras.optimizers", "tapeflow.keras.optimizers"),
        ("tensorflow.errors", "tapeflow.errors"),
    }
    assert all(module is importlib.import_module(module.__name__) for _, module in found)
    assert all(module.__spec__.name == module.__name__ for _, module in found)
