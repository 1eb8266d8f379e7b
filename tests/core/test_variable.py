"""What a variable keeps of how it was made, and how it is had from outside."""

import copy
import pickle
import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import variable


def test_its_modes_are_kept():
    v = tf.Variable(1.0, synchronization=tf.VariableSynchronization.ON_WRITE, aggregation=tf.VariableAggregation.MEAN)
    assert v.synchronization is tf.VariableSynchronization.ON_WRITE
    assert v.aggregation is tf.VariableAggregation.MEAN
    assert v.trainable
    plain = tf.Variable(1.0)
    assert plain.synchronization is tf.VariableSynchronization.AUTO
    assert plain.aggregation is tf.VariableAggregation.NONE


@pytest.mark.parametrize("trainable, expected", [(None, False), (False, False), (True, True)])
def test_on_read_decides_about_training_where_nothing_else_does(trainable, expected):
    v = tf.Variable(1.0, trainable=trainable, synchronization=tf.VariableSynchronization.ON_READ)
    assert v.trainable is expected
    with tf.GradientTape() as tape:
        y = v * 2.0
    assert (tape.gradient(y, v) is not None) == expected


@pytest.mark.parametrize("kind", ["synchronization", "aggregation"])
def test_an_unknown_mode_is_named_with_those_there_are(kind):
    with pytest.raises(ValueError, match=rf"Invalid variable {kind} mode: 'mean'; expected one of tf\.Variable.*NONE"):
        tf.Variable(1.0, **{kind: "mean"})


def test_a_variable_definition_is_refused():
    with pytest.raises(NotImplementedError, match="variable_def"):
        tf.Variable(1.0, variable_def=object())


def test_its_shape_can_be_made_more_exact():
    v = tf.Variable([1.0, 2.0], shape=[None])
    v.assign([1.0, 2.0, 3.0])
    v.set_shape([3])
    assert v.shape == [3]
    with pytest.raises(ValueError, match="Shape mismatch"):
        v.assign([1.0])
    with pytest.raises(ValueError, match="not compatible"):
        v.set_shape([2])
    assert v.shape == [3]
    assert v.numpy().tolist() == [1.0, 2.0, 3.0]


def test_numpy_has_a_copy_of_its_own():
    v = tf.Variable([1.0, 2.0])
    array = np.asarray(v)
    v.assign_add([1.0, 1.0])
    array[0] = 9.0
    assert v.numpy().tolist() == [2.0, 3.0]
    assert np.asarray(v, np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(v, copy=False)


@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_twin_has_the_value_and_not_the_future(twin_of):
    v = tf.Variable([1.0, 2.0], trainable=False, name="v")
    twin = twin_of(v)
    v.assign([5.0, 6.0])
    assert twin.numpy().tolist() == [1.0, 2.0]
    assert twin.trainable is False
    assert twin.name == "v:0"


def test_an_update_is_in_place_while_no_other_thread_can_read(monkeypatch):
    monkeypatch.setattr("tapeflow.core.variable.alone", lambda: True)
    v = tf.Variable(np.zeros(1000))
    v.assign_add(np.ones(1000))
    place = v._value.ctypes.data
    v.assign_add(np.ones(1000))
    assert v._value.ctypes.data == place


def test_an_update_beside_another_thread_leaves_its_array_alone(monkeypatch):
    monkeypatch.setattr(variable, "THREADS_AT_IMPORT", 0)
    v = tf.Variable(np.zeros(1000))
    v.assign_add(np.ones(1000))
    before = v._value
    unseen = before.ctypes.data
    del before
    running, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (running.set(), stop.wait()))
    thread.start()
    try:
        running.wait()
        v.assign_add(np.ones(1000))
        assert v._value.ctypes.data != unseen
    finally:
        stop.set()
        thread.join()
