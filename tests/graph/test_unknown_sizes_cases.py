"""Every gradient case inside a function whose signature leaves all sizes open: values and gradients for two sets of sizes.

One run of the Python function must serve both, unless the case is listed in `SPECIALIZED` with the reason.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.convert import convert
from tests.gradient.case import cases_of, families
from tests.gradient.evaluate import outputs_of, sources_of

SPECIALIZED = {
    "an unknown number of results: TensorFlow refuses it": {
        *("joining/iterate", "joining/iterate_scalars", "joining/stack_tensor", "joining/unstack", "joining/unstack_axis"),
        *("joining/unstack_one_used", "joining/unstack_vector", "slicing/every_element", "slicing/every_row"),
    },
    "the case makes a constant of a static size, which is None": {
        *("linear_algebra/cholesky", "linear_algebra/cholesky_batch", "linear_algebra/cholesky_complex"),
        "linear_algebra/logdet",
    },
    "whether to cut or to fill up depends on the sizes": {"fourier/irfft2d_odd"},
    "tall and wide matrices are computed differently": {
        *("decompositions/qr_wide", "decompositions/svd_square", "decompositions/svd_wide", "matrix_functions/lstsq_wide"),
        *("matrix_functions/lstsq_wide_ridge", "matrix_functions/lstsq_wide_slow", "matrix_functions/pinv_wide"),
    },
    "the number of channels, and so that of the groups, is unknown": {
        *("convolution/conv1d", "convolution/conv2d_dilated", "convolution/conv2d_same", "convolution/conv3d"),
        *("convolution/depthwise_conv2d", "convolution/separable_conv2d"),
    },
    "the sizes must agree with those of a constant": {
        *("convolution/conv1d_transpose", "convolution/conv2d_transpose", "indexing/boolean_mask_axis"),
        *("indexing/dynamic_stitch", "indexing/dynamic_stitch_overwritten", "indexing/gather_batch_axis", "indexing/sub"),
        *("indexing/update_rows", "rearranging/reverse_sequence_axes"),
    },
    "an axis of size 1 is broadcast": {"einsum/ellipsis_broadcast"},
    "numbers are drawn for sizes": {"dropout/dropout", "dropout/dropout_squared"},
    "a table is made of a size": {
        *("matrix_functions/lu_matrix_inverse", "matrix_functions/lu_reconstruct", "matrix_functions/lu_solve"),
        "normalization/lrn",
    },
}
LISTED = set().union(*SPECIALIZED.values())
TABLE = [(f"{family}/{case.name}", case) for family in families() for case in cases_of(family) if case.recorded]


def values_and_gradients(case, tensors):
    """The outputs, and d/dx of their sum for every source."""
    sources = [tensors[i] for i in sources_of(case)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        outputs = outputs_of(case, list(tensors))
        targets = [y for y in outputs if y.dtype.is_floating or y.dtype.is_complex]
    return [*outputs, *[None if g is None else convert(g) for g in tape.gradient(targets, sources)]]


def with_open_signature(case, tensors):
    """The same in a function whose signature knows ranks and dtypes, and the list that grows with each run of its Python."""
    traces = []

    def run(*given):
        traces.append(1)
        return values_and_gradients(case, given)

    names = [f"x{i}" for i in range(len(tensors))]
    run.__signature__ = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    specs = [tf.TensorSpec([None] * x.shape.rank, x.dtype) for x in tensors]
    return tf.function(run, input_signature=specs), traces


@pytest.fixture(autouse=True, scope="module")
def _numpy_alone():
    """Digits are compared here: machine code has its own tests, in tests/graph/native."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        yield


def grown(x, axis):
    return x if x.ndim <= axis or x.shape[axis] < 2 else np.concatenate([x, x], axis)


def other_sizes(case):
    """The inputs of the case with twice as many rows or columns, or more of one input only."""
    arrays = [np.asarray(x) for x in case.inputs]
    yield [grown(x, 0) for x in arrays]
    yield [grown(grown(x, 0), 1) for x in arrays]
    yield [grown(x, 1) for x in arrays]
    yield [grown(x, x.ndim - 1) if x.ndim else x for x in arrays]
    for chosen in range(len(arrays)):
        yield [grown(x, 0) if i == chosen else x for i, x in enumerate(arrays)]


def same(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            a, b = np.asarray(a), np.asarray(b)
            assert a.dtype == b.dtype and a.shape == b.shape
            if a.dtype.kind in "fc":
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)
            else:
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "case"), TABLE, ids=[name for name, _ in TABLE])
def test_one_trace_gives_the_values_and_gradients_of_all_sizes(name, case):
    tensors = [convert(x) for x in case.inputs]
    function, traces = with_open_signature(case, tensors)
    same(function(*tensors), values_and_gradients(case, tensors))
    for arrays in other_sizes(case):
        if all(x.shape == np.shape(y) for x, y in zip(arrays, case.inputs, strict=True)):
            continue
        others = [convert(x) for x in arrays]
        try:
            expected = values_and_gradients(case, others)
        except Exception:
            continue  # the case is not made for these sizes
        same(function(*others), expected)
        break
    if name not in LISTED and not function.experimental_eager_reasons():
        assert len(traces) == 1, "list the case in SPECIALIZED with the reason, if this must be so"
    same(function(*tensors), values_and_gradients(case, tensors))  # the first sizes are still served


def test_every_case_that_is_listed_is_there():
    assert {name for name, _ in TABLE} >= LISTED
