"""A TensorArray is written and read element by element, and tapes see through it."""

import pytest

import tapeflow as tf


def test_gradients_pass_what_was_written_and_read():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False)
        for i in range(3):
            array = array.write(i, x[i] ** 2)
        y = tf.reduce_sum(array.stack()) + array.read(0)
    assert tape.gradient(y, x).numpy().tolist() == [4.0, 4.0, 6.0]


def test_unstack_and_stack_are_inverse():
    x = tf.reshape(tf.range(6.0), [3, 2])
    array = tf.TensorArray(tf.float32, size=3).unstack(x)
    assert array.size().numpy() == 3
    assert array.stack().numpy().tolist() == x.numpy().tolist()
    assert array.gather([2, 0]).numpy().tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert array.concat().numpy().tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("size", [0, 2])
def test_more_slices_than_places_are_an_error_that_changes_nothing(size):
    array = tf.TensorArray(tf.float32, size=size)
    with pytest.raises(
        ValueError, match=f"Cannot unstack 3 tensors into a TensorArray of static size {size}; .*dynamic_size"
    ):
        array.unstack([1.0, 2.0, 3.0])
    assert array.size().numpy() == size
    assert tf.TensorArray(tf.float32, size=size, dynamic_size=True).unstack([1.0, 2.0, 3.0]).size().numpy() == 3


def test_scatter_writes_to_the_places_said():
    array = tf.TensorArray(tf.float32, size=3).scatter([2, 0], [[1.0], [2.0]])
    assert array.stack().numpy().tolist() == [[2.0], [0.0], [1.0]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="2 slices for 1 indices"):
        array.scatter([0], [[1.0], [2.0]])


def test_split_writes_pieces_of_several_lengths():
    array = tf.TensorArray(tf.float32, size=2).split([1.0, 2.0, 3.0], [1, 2])
    assert array.read(1).numpy().tolist() == [2.0, 3.0]


def test_an_element_is_read_once_unless_it_is_to_stay():
    array = tf.TensorArray(tf.float32, size=1).write(0, 5.0)
    assert array.read(0).numpy() == 5.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="clear_after_read = False"):
        array.read(0)


@pytest.mark.parametrize(
    "action, error, message",
    [
        (lambda a: a.write(2, 1.0), tf.errors.OutOfRangeError, "size is: 2; make it with dynamic_size=True"),
        (lambda a: a.write(-1, 1.0), tf.errors.OutOfRangeError, "negative"),
        (lambda a: a.read(2), tf.errors.OutOfRangeError, "size is: 2"),
        (lambda a: a.write(0, tf.constant(1)), tf.errors.InvalidArgumentError, "float32 .* int32; use tf.cast"),
        (
            lambda a: a.write(0, 1.0).write(1, [1.0]),
            ValueError,
            r"Incompatible shape for value \(\(1,\)\), expected \(\(\)\)",
        ),
        (lambda a: a.grad("x"), NotImplementedError, "a tape records"),
    ],
)
def test_what_does_not_fit_is_refused(action, error, message):
    with pytest.raises(error, match=message):
        action(tf.TensorArray(tf.float32, size=2))


def test_a_closed_array_has_no_elements():
    array = tf.TensorArray(tf.float32, size=2).write(0, 1.0)
    array.close()
    assert array.size().numpy() == 0
    assert array.stack().shape == [0]


def test_what_graphs_hand_on_is_refused():
    for argument in ("handle", "flow"):
        with pytest.raises(NotImplementedError, match=argument):
            tf.TensorArray(tf.float32, size=1, **{argument: tf.constant(1)})
