"""Conversions, tensors, variables, control flow and assertions, against what TensorFlow answered."""

import pytest

import tapeflow as tf
from tests.golden.value_questions import answer, questions, recorded

ANSWERS = recorded()

# Where TapeFlow means to differ: what it answers instead, and why.
DIFFERENT = {
    # A list of tensors is a tensor for `tf.convert_to_tensor`, and here for `tf.constant` as well.
    "tf.constant([tf.constant(1.), tf.constant(2.)])": {
        "gives": "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>"
    },
    # A narrow float is shown with its own digits, as `str` shows it.
    "tf.constant(1, tf.bfloat16)": {"gives": "<tf.Tensor: shape=(), dtype=bfloat16, numpy=1>"},
    # Python's own protocols raise TypeError for what is not supported, and so do we.
    "[10, 20, 30][tf.constant(1.)]": {"raises": "TypeError"},
    "round(tf.constant(2.5))": {"raises": "TypeError"},
    "tf.case([(tf.constant(True), 3)])": {"raises": "TypeError"},
    "tf.foldl(3, tf.constant([1]))": {"raises": "TypeError"},
    # A variable of one dimension or more has a length, as its value has.
    "len(tf.Variable([1., 2.]))": {"gives": "2"},
    # A single loop variable may be returned without a list around it, as inside a tf.function of TensorFlow.
    "tf.while_loop(lambda i: i < 5, lambda i: i + 1, [tf.constant(0)])": {
        "gives": "[<tf.Tensor: shape=(), dtype=int32, numpy=5>]"
    },
    "tf.while_loop(lambda i: i < 5, lambda i: i + 1, [tf.constant(0)], maximum_iterations=2)": {
        "gives": "[<tf.Tensor: shape=(), dtype=int32, numpy=2>]"
    },
}


@pytest.mark.parametrize(
    ("section", "question"),
    [(section, line) for section, lines in questions().items() for line in lines],
    ids=lambda value: value if " " not in value else None,
)
def test_values_answer_as_in_tensorflow(section, question):
    assert answer(tf, question) == DIFFERENT.get(question, ANSWERS[section][question])
