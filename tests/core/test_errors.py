"""`tf.errors` has TensorFlow's classes, codes and attributes."""

import copy
import pickle

import pytest

from tapeflow.core import errors
from tests.golden.structures import recorded

CLASSES = recorded("errors")["classes"]
FAMILY = recorded("errors")["code_of"]


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_has_the_ancestors_that_it_has_in_tensorflow(name):
    assert [base.__name__ for base in getattr(errors, name).__mro__] == CLASSES[name]


@pytest.mark.parametrize("name", FAMILY)
def test_each_class_has_its_code(name):
    assert getattr(errors, name)(None, None, "").error_code == FAMILY[name]


def test_the_codes_have_their_numbers():
    for name, number in recorded("errors")["codes"].items():
        assert getattr(errors, name) == number


def test_all_exported_names_are_those_of_tensorflow():
    assert set(errors.__all__) == {*CLASSES, *recorded("errors")["codes"]}


def test_an_error_tells_what_it_was_made_of():
    node, op, facts = object(), object(), {"where": b"here"}
    error = errors.NotFoundError(node, op, "no such file", facts)
    assert (error.node_def, error.op, error.message, error.experimental_payloads) == (node, op, "no such file", facts)
    assert str(error) == "no such file"
    with pytest.raises(AttributeError):
        error.message = "another"


def test_the_base_class_takes_any_code():
    error = errors.OpError(None, None, "odd", errors.DATA_LOSS)
    assert (error.error_code, str(error)) == (15, "odd")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize(
    "error", [errors.InvalidArgumentError(None, None, "bad"), errors.OpError(None, None, "odd", errors.ABORTED)], ids=repr
)
def test_errors_survive_copying_and_pickling(error, copied):
    other = copied(error)
    assert type(other) is type(error)
    assert (other.message, other.error_code, other.op) == (error.message, error.error_code, None)
