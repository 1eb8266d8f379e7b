"""Every float32 there is: `make test-slow`.

Where there is a float64 form of a function it says what is exact; test_float64.py has compared it with long double. It is computed
within one loop with the float32 form, and the loop's result is the distance: NumPy and SciPy would take ten times as long. They
say what is exact for the rest.
"""

import numpy as np
import pytest

from tapeflow.graph.native.expressions import Value, absolute, choose
from tapeflow.graph.native.functions import WIDE, function
from tapeflow.graph.native.loops import JOB, elementwise_loop
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.threads import run_job
from tests.graph.native.units import EXACT, LONG_EXACT, patterns, worst

pytestmark = [pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")]

QUICK = 2.0**30
"""From here on sin, cos and tan are left to NumPy in float64."""

ROUNDED_ONCE = {"negative", "relu", "rsqrt", "sqrt", "square"}
BLOCK = 1 << 17


def error_of(name):
    """The distance of the float32 form from the exact value, in units of the last place, as an expression."""

    def error(x: Value) -> Value:
        result, exact = function(name, "float")(x), function(name, "double")(x.to("double"))
        x.program.guards.clear()
        nearest, infinity, none = exact.to("float"), x.like(float("inf")), x.like(0.0)
        exponent = (nearest.bits >> 23) & 255
        exponent = choose(
            exponent < 1, exponent.like(1), exponent
        )  # subnormal numbers have the same unit as the smallest others
        per_unit = ((1023 + 127 + 23 - exponent).unsigned("i64") << 52).bits
        off = (absolute(result.to("double") - exact) * per_unit).to("float")
        beside_infinity = result.equals(nearest) | absolute(result).equals(float(np.finfo(np.float32).max))
        off = choose(absolute(nearest).equals(infinity), choose(beside_infinity, none, infinity), off)
        both_nan, one_nan = result.is_nan() & nearest.is_nan(), result.is_nan() | nearest.is_nan()
        off = choose(both_nan, none, choose(one_nan, infinity, off))
        other_zero = nearest.equals(0.0) & result.equals(0.0) & nearest.bits.differs(result.bits)
        off = choose(other_zero, infinity, off)
        return choose(absolute(x) < QUICK, off, none) if name in WIDE else off

    return error


@pytest.mark.parametrize("step", [1 << 12, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "every"])
@pytest.mark.parametrize("name", sorted(LONG_EXACT.keys() - ROUNDED_ONCE))
def test_within_2_ulp(name, step):
    (job,) = machine().link(elementwise_loop(error_of(name), "a", width=machine().width), JOB)
    block = np.arange(0, BLOCK * step, step, dtype=np.uint64).astype(np.uint32)
    bits, off = np.empty_like(block), np.empty(BLOCK, np.float32)
    arguments = np.array([off.ctypes.data, bits.ctypes.data])
    for start in range(0, 1 << 32, BLOCK * step):
        np.add(block, np.uint32(start), out=bits)
        run_job(job, arguments.ctypes.data, BLOCK, BLOCK)
        at = off.argmax()
        assert off[at] <= 2, f"{off[at]} ulp at {bits.view(np.float32)[at]!r}"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WIDE))
def test_within_2_ulp_of_large_angles(name):
    first, last = (int(np.float32(x).view(np.uint32)) for x in (QUICK, np.inf))
    for start in range(first, last, BLOCK):
        off, at = worst(name, EXACT[name], np.float64, patterns(start, min(start + BLOCK, last), 1))
        assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted((EXACT.keys() - LONG_EXACT.keys()) | ROUNDED_ONCE))
def test_within_2_ulp_by_numpy(name):
    for start in range(0, 1 << 32, BLOCK):
        off, at = worst(name, EXACT[name], np.float64, patterns(start, start + BLOCK, 1))
        assert off <= 2, f"{off} ulp at {at!r}"


def test_the_distance_is_seen(monkeypatch):
    monkeypatch.setattr(f"{__name__}.function", lambda name, type: lambda x: x * (1.0000005 if type == "float" else 1.0))
    with pytest.raises(AssertionError, match=r"[4-8]\.\d* ulp"):
        test_within_2_ulp("anything", 1 << 12)
