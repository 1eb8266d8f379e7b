import copy
import pickle
import re
import sys
import traceback
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.compat.missing import (
    MissingNamespace,
    existing_names,
    exists,
    missing_message,
    names_missing_from,
    nearest,
)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("image.resize", "tapeflow has no tf.image.resize yet"),
        ("data.Dataset", "tapeflow has no tf.data.Dataset yet"),
        ("squaer", r"tapeflow has no tf\.squaer, nor has TensorFlow 2\..*; did you mean tf\.square\?"),
        ("math.squaer", r"tapeflow has no tf\.math\.squaer, nor has .*; did you mean tf\.math\.square\?"),
        ("gradienttape", r"did you mean tf\.GradientTape\?"),
        ("mul", r"did you mean tf\.multiply\?"),
        ("Session", r"tapeflow has no tf\.Session: it is of TensorFlow 1"),
        ("log", r"tapeflow has no tf\.log: it is of TensorFlow 1, and TensorFlow 2 calls it tf\.math\.log"),
        ("compat.v1.square", r"it is of TensorFlow 1, and TensorFlow 2 calls it tf\.square$"),
        ("experimental.numpy.square", r"yet; the nearest name it has is tf\.square$"),
        ("python.framework.ops", r"tensorflow\.python\.framework\.ops is TensorFlow's own inside"),
    ],
)
def test_message_says_who_has_the_name_and_what_is_near(path, message):
    assert re.search(message, missing_message(path))


def test_attribute_errors_carry_the_message():
    with pytest.raises(AttributeError) as caught:
        _ = tf.squaer
    assert str(caught.value) == missing_message("squaer")


def test_python_adds_no_second_suggestion():
    with pytest.raises(AttributeError) as caught:
        _ = tf.squaer
    assert "".join(traceback.format_exception(caught.value)).count("did you mean") == 1
    assert "Did you mean" not in "".join(traceback.format_exception(caught.value))


def test_hasattr_is_false_for_names_and_true_for_namespaces_that_tensorflow_has():
    assert not hasattr(tf, "squaer")
    assert not hasattr(tf, "Session")
    assert not hasattr(tf, "_private")
    assert hasattr(tf, "image")
    assert not hasattr(tf.image, "resize")


def test_a_missing_namespace_knows_its_full_name():
    namespace = tf.distribute.experimental
    assert isinstance(namespace, MissingNamespace)
    assert repr(namespace) == "<tf.distribute.experimental: tapeflow has no such namespace yet>"
    assert dir(namespace) == []
    with pytest.raises(AttributeError, match=r"tapeflow has no tf\.distribute\.experimental\.ParameterServerStrategy yet"):
        _ = namespace.ParameterServerStrategy


def test_a_missing_namespace_is_not_mistaken_for_other_things():
    namespace = tf.image
    assert not isinstance(namespace, types.ModuleType)
    assert not callable(namespace)
    assert repr(pickle.loads(pickle.dumps(namespace))) == repr(copy.deepcopy(namespace)) == repr(namespace)


def test_dir_shows_no_missing_namespace():
    assert "image" not in dir(tf)


def test_dunder_names_are_refused_as_by_any_module():
    with pytest.raises(AttributeError, match=r"module 'tapeflow' has no attribute '__wrapped__'"):
        _ = tf.__wrapped__


def test_a_submodule_that_is_not_loaded_is_imported(tmp_path, monkeypatch):
    package = tmp_path / "lazyhouse"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from tapeflow.compat.missing import names_missing_from\n"
        "__getattr__ = names_missing_from(__name__, {'second': 'lazyhouse.first', 'absent': 'lazyhouse.absent'})\n"
    )
    (package / "first.py").write_text("content = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import lazyhouse

    assert "first" not in vars(lazyhouse)
    assert lazyhouse.second.content == 1
    assert lazyhouse.first is lazyhouse.second
    assert isinstance(lazyhouse.absent, MissingNamespace)


def test_only_an_import_statement_gets_an_import_error(monkeypatch):
    module = types.ModuleType("tapeflow.sets")
    module.__getattr__ = names_missing_from("tapeflow.sets")
    monkeypatch.setitem(sys.modules, "tapeflow.sets", module)
    with pytest.raises(ImportError, match=r"tapeflow has no tf\.sets\.union yet"):
        exec("from tapeflow.sets import union", {})
    with pytest.raises(AttributeError, match=r"tapeflow has no tf\.sets\.union yet"):
        _ = module.union


def test_existing_names_exist_and_are_public():
    found = existing_names()
    assert {"square", "math.square", "GradientTape"} <= found
    assert all(exists(path) for path in found)
    assert not any(part.startswith("_") for path in found for part in path.split("."))
    assert not any(path.startswith(("core", "ops", "gradient.")) for path in found)


PATHS = st.lists(st.sampled_from(["math", "nn", "square", "reduce_sum", "relu", "Square", "sin"]), min_size=1, max_size=3)


@given(PATHS.map(".".join), st.sets(PATHS.map(".".join)))
def test_nearest_is_one_of_the_names_there_are(path, existing):
    found = nearest(path, existing)
    assert found is None or found in existing
    if path in existing:
        assert found is not None
        assert found.lower() == path.lower()


def public_namespaces():
    waiting = [("tf", tf)]
    seen = set()
    while waiting:
        path, module = waiting.pop()
        seen.add(module)
        yield pytest.param(module, id=path)
        for name in dir(module):
            value = getattr(module, name)
            if isinstance(value, types.ModuleType) and value not in seen:
                waiting.append((f"{path}.{name}", value))


@pytest.mark.parametrize("module", [*public_namespaces()])
def test_every_public_namespace_says_what_it_lacks(module):
    with pytest.raises(AttributeError, match=r"^tapeflow has no tf\..*\bnosuchname\b"):
        _ = module.nosuchname
