"""The elementwise cases once more, in float16 and bfloat16: nothing leaves the dtype, to second order."""

import numpy as np
import pytest

import tapeflow as tf
from tests.gradient.case import cases_of

FAMILIES = ["arithmetic", "division", "exponential", "powers", "selection", "special", "trigonometric"]


def in_half(case, dtype, as_scalars):
    """The inputs of a case, in half precision; None where it has none."""
    if not case.single or any(x.dtype.kind == "c" or (as_scalars and not x.size) for x in case.inputs):
        return None
    arrays = [x.reshape(-1)[0] if as_scalars else x for x in case.inputs]
    return [tf.cast(x, dtype) if np.asarray(x).dtype.kind == "f" else tf.constant(x) for x in arrays]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("as_scalars", [False, True], ids=["arrays", "scalars"])
@pytest.mark.parametrize("family", FAMILIES)
def test_values_and_derivatives_stay_in_half_precision(family, as_scalars, dtype):
    seen = 0
    for case in cases_of(family):
        inputs = in_half(case, dtype, as_scalars and "axes" not in case.name and "lbeta" not in case.name)
        if inputs is None:
            continue
        sources = [x for x in inputs if x.dtype.is_floating]
        with tf.GradientTape() as outer:
            outer.watch(sources)
            with tf.GradientTape() as inner:
                inner.watch(sources)
                outputs = case.function(tf, *inputs)
            first = [g for g in inner.gradient(outputs, sources) if g is not None]
        second = [h for h in outer.gradient(first, sources) if h is not None] if first else []
        outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        assert {x.dtype.name for x in [*outputs, *first, *second]} == {dtype}, case.name
        seen += 1
    assert seen > 5
