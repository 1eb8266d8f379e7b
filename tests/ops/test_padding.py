"""Answers compared with TensorFlow's."""

from tests.golden import arrays


@arrays.of("padding")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)
