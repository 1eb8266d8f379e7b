"""What is written down computes what the operators say."""

import numpy as np
import pytest

from tapeflow.graph.native.expressions import Program, choose, constant, maximum, minimum
from tapeflow.graph.native.loops import elementwise_loop
from tapeflow.graph.native.machine import machine

needs_llvm = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


def evaluate(function, *arrays):
    out = np.empty_like(arrays[0])
    kernel = machine().load(elementwise_loop(function, "a" * len(arrays), width=machine().width), len(arrays) + 1)
    assert kernel(out.ctypes.data, *(array.ctypes.data for array in arrays), out.size) == 0
    return out


X = np.array([-3.5, -1.0, -0.0, 0.0, 0.25, 2.0, 1e30, np.inf, np.nan] * 5, np.float32)


@needs_llvm
@pytest.mark.parametrize(
    "function, numpy",
    [
        (lambda x: 2.0 - x * 3.0, lambda x: np.float32(2) - x * np.float32(3)),
        (lambda x: 1.0 / x, lambda x: np.float32(1) / x),
        (lambda x: -x, np.negative),
        (lambda x: maximum(x, 0.5), lambda x: np.maximum(x, np.float32(0.5))),
        (lambda x: minimum(x, 0.5), lambda x: np.minimum(x, np.float32(0.5))),
        (lambda x: choose(x.is_nan(), x.like(7.0), x), lambda x: np.where(np.isnan(x), np.float32(7), x)),
        (lambda x: ((x.bits >> 23) & 255).to("float"), lambda x: (x.view(np.int32) >> 23 & 255).astype(np.float32)),
        (lambda x: (x.bits ^ (1 << 31)).bits, np.negative),
        (lambda x: (x.to("double") * 1e30).to("float"), lambda x: (x.astype(np.float64) * 1e30).astype(np.float32)),
    ],
)
def test_against_numpy(function, numpy):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(evaluate(function, X), numpy(X))


def test_constants_are_rounded_to_the_type():
    assert constant("float", 0.1) == constant("float", float(np.float32(0.1)))
    assert constant("float", 0.1) != constant("double", 0.1)
    assert constant("i32", 0xFFFFFFFF) == "-1"
    assert constant("i64", -1) == "-1"


@needs_llvm
def test_a_guard_is_reported_wherever_it_holds():
    def function(x):
        x.program.guard(x > 10.0)
        return x

    kernel = machine().load(elementwise_loop(function, "a", width=machine().width), 2)
    x = np.ones(100, np.float32)
    out = np.empty_like(x)
    assert kernel(out.ctypes.data, x.ctypes.data, x.size) == 0
    for place in range(x.size):
        x[place] = 11
        assert kernel(out.ctypes.data, x.ctypes.data, x.size) == 1
        x[place] = 1


def test_a_program_lists_its_intrinsics_once():
    from tapeflow.graph.native.expressions import fma

    program = Program()
    x = program.value("float", "%x")
    fma(fma(x, x, x), x, x)
    assert program.declarations == {"declare float @llvm.fma.f32(float, float, float)"}
