"""Matrix products: answers compared with TensorFlow's, and what speed and memory rest on."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core.primitive import PRIMITIVES
from tests.golden import algebra
from tests.gradient.evaluate import Listening


@algebra.of("matrix_products")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@st.composite
def operands(draw):
    batch = draw(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    m, k, n = (draw(st.integers(0, 3)) for _ in range(3))
    forms = draw(st.tuples(*[st.sampled_from(["", "transpose", "adjoint"])] * 2))
    shapes = [
        (*shape, *((size[::-1]) if form else size))
        for shape, size, form in zip(batch.input_shapes, ((m, k), (k, n)), forms, strict=True)
    ]
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    values = [generator.normal(size=shape) + 1j * generator.normal(size=shape) for shape in shapes]
    return values, forms


@given(operands())
@settings(max_examples=100, deadline=None)
def test_every_form_and_batch_is_numpys_product(drawn):
    values, forms = drawn
    flags = {f"{form}_{name}": True for name, form in zip("ab", forms, strict=True) if form}
    as_numpy = {"": lambda x: x, "transpose": lambda x: x.swapaxes(-1, -2), "adjoint": lambda x: np.conj(x.swapaxes(-1, -2))}
    expected = np.matmul(*[as_numpy[form](x) for x, form in zip(values, forms, strict=True)])
    np.testing.assert_allclose(tf.matmul(*values, **flags).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ((2, 3), (2, 3), r"Matrix size-incompatible: In\[0\]: \[2,3\], In\[1\]: \[2,3\]"),
        ((3,), (3, 2), r"In\[0\] ndims must be >= 2"),
        ((3, 2), (2,), r"In\[1\] ndims must be >= 2.*matvec"),
        ((2, 1, 3), (3, 3, 2), r"In\[0\] and In\[1\] must have compatible batch dimensions: \[2,1,3\] vs. \[3,3,2\]"),
    ],
)
def test_shapes_that_do_not_fit_are_named(a, b, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.matmul(tf.ones(a), tf.ones(b))


def test_dtypes_that_differ_are_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"float tensor but is a|float32.*float64"):
        tf.matmul(tf.ones((2, 2)), tf.ones((2, 2), tf.float64))


def test_transposed_and_adjoint_exclude_each_other():
    with pytest.raises(ValueError, match="Only one of `transpose_a` and `adjoint_a` can be True"):
        tf.matmul([[1.0]], [[1.0]], transpose_a=True, adjoint_a=True)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_are_summed_in_thirty_two(dtype):
    ones = tf.ones((1, 4096), dtype)
    assert float(tf.matmul(ones, ones, transpose_b=True)[0, 0]) == 4096.0


def test_a_transposed_operand_is_not_copied():
    seen = []

    class Spied(np.ndarray):
        def dot(self, other):
            seen.append((np.shares_memory(self, a), np.shares_memory(other, b)))
            return np.ones((2, 2))

    a, b = np.ones((3, 2)).view(Spied), np.ones((2, 3)).view(Spied)
    PRIMITIVES["MatMul"].kernel(a, b, form_a=1, form_b=1)
    assert seen == [(True, True)]


def test_the_gradient_is_one_product_for_each_operand():
    x, w = tf.ones((4, 3)), tf.Variable(tf.ones((3, 2)))
    with tf.GradientTape() as outer, tf.GradientTape() as tape:
        outer.watch(x)
        y = tf.matmul(x, w)
        before = len(outer._notes)
        tape.gradient(y, w)
    recorded = len(outer._notes) - before
    assert recorded == 1, "more than one product was run for one operand"


def test_only_what_the_followed_operand_needs_is_kept():
    x, w = tf.ones((4, 3)), tf.Variable(tf.ones((3, 2)))
    with tf.GradientTape() as tape:
        tf.matmul(x, w)
    ((_, _, _, _, inputs),) = tape._notes  # one note, with one input to move
    kept = [value for value in inputs if isinstance(value, tf.Tensor)]
    assert len(kept) == 1 and kept[0] is x


def test_a_batch_times_one_matrix_is_one_product_and_so_is_its_gradient():
    x, w = tf.ones((5, 4, 3)), tf.Variable(tf.ones((3, 2)))
    with Listening() as outer, tf.GradientTape() as tape:
        outer.watch(x)
        y = tf.matmul(x, w)
        gradient = tape.gradient(y, w)
    assert y.shape == (5, 4, 2) and gradient.numpy().tolist() == [[20.0, 20.0]] * 3
    assert {name for name, _ in outer.heard} == {"MatMul", "Reshape"}
