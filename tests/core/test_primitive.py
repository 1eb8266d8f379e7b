"""A rule's parameter names decide what a tape keeps."""

import numpy as np
import pytest

from tapeflow.core.primitive import PRIMITIVES, Primitive, compile_entries
from tapeflow.core.tensor import Tensor


@pytest.fixture
def declare():
    """Declares primitives that vanish after the test."""
    names = []

    def make(name, *args, **kwargs):
        names.append(name)
        return Primitive(name, *args, **kwargs)

    yield make
    for name in names:
        PRIMITIVES.pop(name, None)


def tracked_tensors(*values):
    tensors = [Tensor(np.asarray(value)) for value in values]
    for key, tensor in enumerate(tensors, start=1):
        tensor._key = key
    return tensors, {tensor._key for tensor in tensors}


def kept(primitive, inputs, output, attributes=None, tracked=()):
    return list(compile_entries(primitive)(tuple(inputs), output, attributes, set(tracked))[2::3])


def test_a_rule_receives_the_inputs_the_output_and_the_attributes_that_it_names(declare):
    primitive = declare("TestNames", lambda x, y, *, axis: x, vjps=(lambda dy, y, axis: dy, lambda dy, out, x: dy))
    (x, y), tracked = tracked_tensors(1.0, 2.0)
    out = Tensor(np.float64(3))
    first, second = kept(primitive, (x, y), out, {"axis": 7}, tracked)
    assert first[0] is y and first[1] == 7
    assert second[0] is out and second[1] is x


def test_shapes_and_dtypes_are_kept_without_the_tensor(declare):
    primitive = declare("TestShapes", lambda x: x, vjps=(lambda dy, x_shape, x_dtype, out_shape: dy,))
    (x,), tracked = tracked_tensors(np.zeros((2, 3), np.float32))
    assert kept(primitive, (x,), Tensor(np.zeros(4)), None, tracked) == [((2, 3), np.dtype("float32"), (4,))]


def test_only_tracked_inputs_are_noted(declare):
    primitive = declare("TestTracked", lambda x, y: x, vjps=(lambda dy, y: dy, lambda dy, x: dy))
    (x, y), _ = tracked_tensors(1.0, 2.0)
    entries = compile_entries(primitive)((x, y), Tensor(np.float64(0)), None, {y._key})
    assert entries[::3] == (y._key,)


def test_an_input_without_a_rule_is_never_noted(declare):
    primitive = declare("TestNoRule", lambda x, index: x, vjps=(lambda dy: dy, None))
    (x, index), tracked = tracked_tensors(1.0, 2)
    assert len(kept(primitive, (x, index), Tensor(np.float64(0)), None, tracked)) == 1


def test_a_pullback_has_one_entry_with_the_keys_of_all_inputs(declare):
    primitive = declare("TestPullback", lambda *values: values[0], pullback=lambda dy, shapes: dy)
    (x, y, z), _ = tracked_tensors(1.0, [2.0], 3.0)
    keys, rule, keeps = compile_entries(primitive)((x, y, z), Tensor(np.float64(0)), None, {x._key, z._key})
    assert keys == (x._key, 0, z._key)
    assert rule is primitive.pullback
    assert keeps == (((), (1,), ()),)


def test_a_name_can_be_taken_once_only(declare):
    declare("TestTwice", lambda x: x)
    with pytest.raises(ValueError, match="TestTwice exists already"):
        Primitive("TestTwice", lambda x: x)


def test_the_number_of_rules_must_be_that_of_the_inputs():
    with pytest.raises(ValueError, match="2 inputs"):
        Primitive("TestCount", lambda x, y: x, vjps=(lambda dy: dy,))
    assert "TestCount" not in PRIMITIVES
