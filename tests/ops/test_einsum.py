"""Einstein sums: answers compared with TensorFlow's and NumPy's."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("einsum")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@st.composite
def equations(draw):
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abcd"}
    terms = draw(st.lists(st.text("abcd", max_size=4), min_size=1, max_size=4))
    present = sorted(set("".join(terms)))
    result = "".join(draw(st.permutations(present))[: draw(st.integers(0, len(present)))])
    generator = np.random.default_rng(draw(st.integers(0, 9)))
    return ",".join(terms) + "->" + result, [generator.normal(size=[sizes[c] for c in term]) for term in terms]


@given(equations())
@settings(max_examples=120, deadline=None)
def test_any_equation_gives_what_numpy_gives(drawn):
    equation, operands = drawn
    expected = np.einsum(equation, *operands)
    np.testing.assert_allclose(tf.einsum(equation, *operands).numpy(), expected, atol=1e-11)


@given(equations())
@settings(max_examples=40, deadline=None)
def test_the_gradient_of_any_equation_is_what_linearity_says(drawn):
    equation, operands = drawn
    tensors = [tf.constant(x) for x in operands]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total = tf.reduce_sum(tf.einsum(equation, *tensors))
    # The sum is linear in each operand: its inner product with the gradient is the sum again.
    for x, gradient in zip(operands, tape.gradient(total, tensors), strict=True):
        assert gradient.shape == x.shape
        np.testing.assert_allclose(np.sum(gradient.numpy() * x), total.numpy(), atol=1e-9)


@pytest.mark.parametrize(
    ("equation", "error", "message"),
    [
        ("ij->il", ValueError, "label l not present"),
        ("ij->iij", ValueError, "more than once"),
        ("ij,jk", ValueError, "Got 1 inputs"),
        ("i1->i", ValueError, "incorrect format"),
        ("ijk->i", tf.errors.InvalidArgumentError, "Expected input 0 to have rank 3 but got: 2"),
        ("ii->i", tf.errors.InvalidArgumentError, r"Expected dimension 2 at axis 1 of the input shaped \[2,3\]"),
        ("...i->i", tf.errors.InvalidArgumentError, "no ellipsis"),
    ],
)
def test_equations_that_do_not_fit_are_named(equation, error, message):
    with pytest.raises(error, match=message):
        tf.einsum(equation, tf.ones((2, 3)))


def test_more_letters_than_numpy_can_name():
    letters = string.ascii_letters
    operands = [tf.constant([1.0, 2.0])] * 52 + [tf.constant([[3.0]])]
    equation = ",".join(letters) + ",...->"
    with pytest.raises(tf.errors.InvalidArgumentError, match="no ellipsis"):
        tf.einsum(equation, *operands)
    equation = ",".join(letters) + ",...->..."
    np.testing.assert_allclose(tf.einsum(equation, *operands).numpy(), [[3.0 * 3.0**52]], rtol=1e-5)


def test_axes_that_differ_in_number_or_size_are_named():
    with pytest.raises(ValueError, match="Different number of contraction axes `a` and `b`, 2 != 1"):
        tf.tensordot(tf.ones((2, 3)), tf.ones((2, 3)), [[0, 1], [0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Matrix size-incompatible.*\[2,3\].*\[2,3\]"):
        tf.tensordot(tf.ones((2, 3)), tf.ones((2, 3)), 1)
