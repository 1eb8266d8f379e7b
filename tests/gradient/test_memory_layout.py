"""The gradient cases once more, with every input and cotangent laid out in memory as transposing and slicing leave it."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.convert import convert
from tapeflow.core.tensor import Tensor
from tests.gradient import evaluate
from tests.gradient.case import cases_of, families


def scattered(value) -> Tensor:
    """The tensor of an array, columns before rows and with gaps between the elements, as a slice of a transpose has them."""
    tensor = convert(value)
    array = np.asarray(tensor)
    if array.ndim == 0 or array.dtype == object:
        return tensor
    room = np.zeros([2 * n for n in array.shape], array.dtype, order="F")
    view = room[(slice(None, None, 2),) * array.ndim]
    view[...] = array
    return Tensor(view)


def results(case, arrays):
    second = evaluate.SecondOrder(case, arrays)
    return [np.asarray(y) for y in evaluate.forward(case, arrays)], evaluate.gradients(case, arrays), second.gradients


@pytest.mark.parametrize("family", families())
def test_memory_layout_changes_no_value_and_no_derivative(family, monkeypatch):
    for case in cases_of(family):
        if not case.recorded:
            continue
        expected = results(case, case.inputs)
        with monkeypatch.context() as patch:
            patch.setattr(
                evaluate, "convert", lambda value: scattered(value) if isinstance(value, np.ndarray) else convert(value)
            )
            found = results(case, case.inputs)
        for order, (values, references) in enumerate(zip(found, expected, strict=True)):
            for value, reference in zip(values, references, strict=True):
                assert (value is None) == (reference is None), (case.name, order)
                if value is None:
                    continue
                assert value.shape == reference.shape and value.dtype == reference.dtype, (case.name, order)
                if value.dtype == object:
                    assert value.tolist() == reference.tolist(), (case.name, order)
                    continue
                finite = np.abs(reference[np.isfinite(reference)])
                atol = 1e-14 + (1e-9 * finite.max() if finite.size else 0.0)
                np.testing.assert_allclose(value, reference, rtol=1e-8, atol=atol, err_msg=f"{case.name}, order {order}")


def test_sparse_cross_entropy_of_transposed_logits():
    x = tf.constant([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [0.25, 0.5, 0.75]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 2], tf.transpose(x))
    expected = tf.transpose(tf.nn.softmax(tf.transpose(x)) - tf.eye(3))
    np.testing.assert_allclose(tape.gradient(loss, x), expected, rtol=1e-5, atol=1e-6)
