"""When two results are the same, and two ways to have them."""

import numpy as np
import pytest

import tapeflow as tf


def identical(found, wanted):
    """Equal bit for bit, whatever the NaNs look like."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    np.testing.assert_array_equal(found, wanted)
    if found.dtype.kind == "f":
        numbers = ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(found)[numbers], np.signbit(wanted)[numbers])


def both(python, *tensors):
    """What a function gives in a plan of NumPy's kernels and with machine code, and the report of the second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        expected = tf.function(python)(*tensors)
    native = tf.function(python)
    before = [x.numpy() for x in tensors]
    first, found = native(*tensors), native(*tensors)
    for a, b in zip([*before, *tf.nest.flatten(first)], [*tensors, *tf.nest.flatten(found)], strict=True):
        np.testing.assert_array_equal(a, b)  # neither arguments nor results are written over
    assert native.experimental_eager_reasons() == ()
    return tf.nest.flatten(expected), tf.nest.flatten(found), tf.debugging.native_report(native)
