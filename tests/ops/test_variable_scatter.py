"""Answers compared with TensorFlow's."""

from tests.golden import arrays


@arrays.of("variable_scatter")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)
