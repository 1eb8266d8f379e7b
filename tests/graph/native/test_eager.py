"""Which arrays machine code serves, what it gives, and that NumPy does the rest."""

import subprocess
import sys
import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import large_arrays
from tapeflow.core.large_arrays import LARGE
from tapeflow.graph.native import eager, machine
from tapeflow.graph.native.functions import FUNCTIONS
from tapeflow.ops.hyperbolic import tanh_slope

needs_llvm = pytest.mark.skipif(machine.machine() is None, reason="no LLVM for this processor")


def numbers(*shape):
    return np.random.default_rng(0).uniform(0.1, 3.0, shape).astype(np.float32)


def test_import_leaves_llvm_alone():
    code = (
        "import sys, numpy as np, tapeflow as tf; tf.exp(np.ones(9, np.float32)); tf.exp(np.ones(10**4)); "
        "sys.exit('llvmlite' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_every_large_kernel_has_its_machine_code():
    assert set(LARGE) <= set(FUNCTIONS)


@needs_llvm
@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 31, 63, 64, 65, 1000])
def test_any_number_of_elements(size):
    x = numbers(size)
    np.testing.assert_allclose(eager.compute("exp", x), np.exp(x), rtol=3e-7)


@needs_llvm
def test_shape_is_kept():
    x = numbers(7, 1, 5)
    assert eager.compute("tanh", x).shape == (7, 1, 5)
    np.testing.assert_array_equal(eager.compute("add", x, x), x + x)


@needs_llvm
@pytest.mark.parametrize(
    "arrays",
    [
        (numbers(8, 8).T,),
        (numbers(64)[::2],),
        (numbers(64)[::-1],),
        (numbers(64).astype(">f4"),),
        (np.frombuffer(b"\0" * 257, np.float32, 64, offset=1),),
        (np.float32(1.0),),
        (np.array(1.0, np.float32),),
    ],
    ids=["transposed", "strided", "reversed", "foreign bytes", "unaligned", "scalar", "0-d"],
)
def test_what_is_not_served_is_answered_with_none(arrays):
    assert eager.compute("exp", *arrays) is None


@needs_llvm
def test_operands_that_broadcast_are_left_to_numpy_except_single_numbers():
    x = numbers(4, 5)
    assert eager.compute("multiply", x, numbers(5)) is None
    np.testing.assert_array_equal(eager.compute("multiply", x, np.float32(3)), x * np.float32(3))
    np.testing.assert_array_equal(eager.compute("subtract", np.array(3, np.float32), x), np.float32(3) - x)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x,
        lambda x: x[:, ::2],
        lambda x: x.T,
        lambda x: x.astype(np.float64),
        lambda x: np.frombuffer(b"\0" + x.tobytes(), np.float32, x.size, offset=1),
        lambda x: x[:0],
    ],
    ids=["contiguous", "strided", "transposed", "float64", "unaligned", "empty"],
)
@pytest.mark.parametrize("name", ["exp", "erf", "sin"])
def test_public_functions_on_large_arrays_of_every_layout(name, make):
    from tests.graph.native.units import EXACT

    x = make(numbers(300, 1000))
    out = getattr(tf.math, name)(tf.constant(x)).numpy()
    assert out.dtype == x.dtype and out.shape == x.shape
    np.testing.assert_allclose(out, EXACT[name](x.astype(np.float64)), rtol=3e-7)


@pytest.fixture
def asked(monkeypatch):
    """The names and dtypes that machine code is asked for, which has no answer."""
    asked = []
    monkeypatch.setitem(
        large_arrays._found,
        ("eager", "compute_if_faster"),
        lambda name, *arrays: asked.append((name, arrays[0].dtype.name)),
    )
    return asked


@needs_llvm
def test_public_functions_take_the_machine_code_from_the_measured_size_on(asked):
    size, double_size = LARGE["exp"]
    tf.exp(numbers(size - 1))
    tf.exp(numbers(double_size - 1).astype(np.float64))
    assert asked == []
    tf.exp(numbers(size))
    tf.exp(numbers(double_size).astype(np.float64))
    tanh_slope(tf.constant(numbers(LARGE["tanh_slope"][0])), tf.constant(2.0))
    tanh_slope(tf.constant(2.0), tf.constant(numbers(LARGE["tanh_slope"][0])))
    assert asked == [("exp", "float32"), ("exp", "float64"), ("tanh_slope", "float32"), ("tanh_slope", "float32")]


@pytest.mark.parametrize("size", [1, 400_000])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.complex64, np.float16, np.float32, np.float64])
def test_sums_and_products_of_every_dtype_and_size(dtype, size):
    x = (np.arange(size) % 100).astype(dtype)
    for name in ("add", "subtract", "multiply"):
        out = getattr(tf, name)(tf.constant(x), tf.constant(x)).numpy()
        assert out.dtype == dtype
        np.testing.assert_array_equal(out, getattr(np, name)(x, x))
    three = tf.constant(np.array(3, dtype))
    np.testing.assert_array_equal((tf.constant(x) * three).numpy(), x * dtype(3))
    np.testing.assert_array_equal((three - tf.constant(x)).numpy(), dtype(3) - x)


@needs_llvm
def test_where_a_second_thread_is_what_helps_one_thread_is_numpys():
    x = numbers(100)
    for threads, served in ((1, False), (2, True)):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        try:
            assert (eager.compute_if_faster("add", x, x) is not None) == served
            assert (eager.compute_if_faster("add", x.astype(np.float64), x.astype(np.float64)) is not None) == served
            assert eager.compute_if_faster("exp", x) is not None
            assert eager.compute_if_faster("add", x.astype(int), x.astype(int)) is None
        finally:
            tf.config.threading.set_intra_op_parallelism_threads(0)


def test_every_function_has_its_cost():
    assert set(eager.COST) == set(FUNCTIONS)
    assert set().union(*eager.SLOWER_ALONE.values()) <= set(FUNCTIONS)


@needs_llvm
def test_inputs_stay_as_they_are_and_the_output_is_new():
    x = numbers(100_000)
    before = x.copy()
    out = eager.compute("relu", x)
    assert not np.shares_memory(out, x)
    np.testing.assert_array_equal(x, before)


@needs_llvm
def test_no_warning_from_numpy_afterwards():
    x = np.array([1e30, -1.0, 0.0] * 20_000, np.float32)
    with np.errstate(all="raise"):
        tf.exp(x)
        tf.math.log(x)
        np.add(np.float32(1), np.float32(2))


def test_without_llvmlite_numpy_does_the_work(tmp_path):
    (tmp_path / "llvmlite.py").write_text("raise ImportError('not here')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import numpy as np, tapeflow as tf\n"
        "from tapeflow.graph.native import machine\n"
        "x = np.linspace(-4, 4, 500_000, dtype=np.float32)\n"
        "for _ in range(2): np.testing.assert_array_equal(tf.exp(x).numpy(), np.exp(x))\n"
        "assert machine.machine() is None and machine._refused\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@needs_llvm
def test_a_kernel_that_llvm_refuses_is_not_tried_again(monkeypatch):
    tried = []

    def refuse(*arguments):
        tried.append(arguments)
        raise RuntimeError("LLVM ERROR")

    monkeypatch.setattr(machine.Machine, "link", refuse)
    monkeypatch.setattr(eager, "_kernels", machine.Compiled(eager._link))
    x = numbers(100_000)
    for _ in range(3):
        np.testing.assert_array_equal(tf.exp(x).numpy(), np.exp(x))
    assert len(tried) == 1


@needs_llvm
def test_where_the_wide_form_is_refused_numpy_does_the_whole(monkeypatch):
    x = numbers(100_000)
    x[7] = 1e20
    monkeypatch.setitem(eager._kernels, ("sin", "a", "float", True), None)
    np.testing.assert_array_equal(tf.sin(x).numpy(), np.sin(x))


@needs_llvm
def test_a_single_large_angle_among_many_is_right():
    x = numbers(1_000_000)
    x[765_432] = 1e30
    np.testing.assert_allclose(tf.sin(x).numpy(), np.sin(x.astype(np.float64)), rtol=3e-7)


@needs_llvm
def test_many_python_threads_at_once():
    x = numbers(300_000)
    expected = eager.compute("exp", x)
    wrong = []

    def work():
        for _ in range(20):
            if not np.array_equal(tf.exp(x).numpy(), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@needs_llvm
def test_gradient_through_large_arrays():
    x = tf.constant(numbers(200_000))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.sin(tf.exp(-x) * tf.tanh(x)) + tf.math.erf(tf.sigmoid(x)))
    wide = tf.constant(x.numpy().astype(np.float64))
    with tf.GradientTape() as reference:
        reference.watch(wide)
        z = tf.reduce_sum(tf.sin(tf.exp(-wide) * tf.tanh(wide)) + tf.math.erf(tf.sigmoid(wide)))
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), reference.gradient(z, wide).numpy(), rtol=1e-5, atol=1e-6)
