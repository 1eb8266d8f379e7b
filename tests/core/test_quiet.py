"""Kernels never warn, and the user's NumPy settings are the user's."""

import threading
import warnings

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import quiet

HUGE = np.float32(3e38)


def overflow():
    return tf.add(HUGE, HUGE)


@pytest.mark.parametrize("value", [HUGE, np.full(3, HUGE), np.float64(1e308)], ids=["scalar", "vector", "float64"])
def test_overflow_is_infinite_without_a_warning(value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        doubled = tf.multiply(value, 10.0).numpy()
    assert np.all(np.isinf(doubled))


def test_a_user_who_wants_errors_from_numpy_gets_them_from_numpy_only():
    with np.errstate(all="raise"):
        assert np.isinf(overflow().numpy())
        with pytest.raises(FloatingPointError):
            np.float32(3e38) * np.float32(10)


def test_the_settings_are_restored_when_a_kernel_fails():
    with np.errstate(all="raise"):
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.add([1.0, 2.0], [1.0, 2.0, 3.0])
        with pytest.raises(FloatingPointError):
            np.float32(3e38) * np.float32(10)


def test_the_users_settings_hold_inside_a_tape():
    x = tf.Variable(3e38)
    with np.errstate(over="raise"), tf.GradientTape() as tape:
        y = x * 10.0
        with pytest.raises(FloatingPointError):
            np.float32(3e38) * np.float32(10)
    assert np.isinf(y.numpy())
    assert tape.gradient(y, x).numpy() == 10.0


def test_the_fast_way_is_the_one_in_use():
    """NumPy keeps its state where we expect it; if not, everything works but is slower, and this says why."""
    assert quiet.FAST


def test_many_threads_run_kernels_at_the_same_time():
    """NumPy releases the interpreter lock in large kernels, so that another thread finds the silent context taken."""
    large = tf.constant(np.full(200_000, 3e38, np.float32))
    failures = []

    def work():
        try:
            with np.errstate(all="raise"):
                for _ in range(20):
                    assert np.isinf((large * large).numpy()).all()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_kernel_may_run_another_one():
    assert quiet.run_in_copy(lambda: quiet.run_in_copy(np.multiply, HUGE, HUGE)) == np.inf
