"""What operations ask of their arguments."""

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.ops.arguments import brackets, integers, kept_shape, normalized_axes, reduced_size


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        (None, None),
        (1, (1,)),
        (-1, (2,)),
        ([], ()),
        ([0, -1], (0, 2)),
        ((2, 0), (2, 0)),
        (np.array([1, 0]), (1, 0)),
        (np.int64(-3), (0,)),
        (tf.constant([[2]], tf.int64), (2,)),
        (True, (1,)),
    ],
)
def test_axes_of_every_kind_become_integers_from_0(axis, expected):
    assert normalized_axes(axis, 3, "Sum") == expected


@pytest.mark.parametrize("axis", [3, -4, [0, 3], np.array(3)])
def test_an_axis_out_of_range_is_an_error_that_names_it_and_the_operation(axis):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"Invalid reduction dimension \((3|-4) for input with 3.*Op:Sum"
    ):
        normalized_axes(axis, 3, "Sum")


def test_an_axis_is_not_a_fraction():
    with pytest.raises(TypeError):
        normalized_axes(0.5, 3, "Sum")
    with pytest.raises(TypeError, match="must be integers"):
        normalized_axes(tf.constant([0.5]), 3, "Sum")


def test_sizes_of_reductions():
    assert kept_shape((2, 3, 4), (0, 2)) == (1, 3, 1) and kept_shape((2, 3), None) == (1, 1)
    assert reduced_size((2, 3, 4), (0, 2)) == 8 and reduced_size((2, 3), None) == 6 and reduced_size((2, 3), ()) == 1


def test_integers_are_taken_from_numbers_lists_and_tensors():
    assert integers(3, "k", "TopKV2") == (3,)
    assert integers(tf.constant([1, 2]), "k", "TopKV2") == (1, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"k must be of dtype int32 or int64.*Op:TopKV2"):
        integers(0.5, "k", "TopKV2")
    with pytest.raises(TypeError, match="k must be"):
        integers([0.5], "k", "TopKV2", TypeError)


def test_shapes_are_written_as_tensorflow_writes_them():
    assert brackets(np.ones((2, 3))) == "[2,3]" and brackets(np.ones(())) == "[]"
