"""The functions of float64 are within 2 ulp of the exact value, and IEEE's at the ends; where they are not served they say so."""

import numpy as np
import pytest

from tapeflow.graph.native import eager
from tapeflow.graph.native.functions import FUNCTIONS, ONLY_SINGLE
from tapeflow.graph.native.machine import machine
from tests.graph.native.units import LONG_EXACT, worst

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")
needs_long_double = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double has no more digits here")

INF, NAN = np.inf, np.nan
NUMBERS = 1 << 13
OSCILLATING = ("cos", "sin", "tan")


def arguments():
    rng = np.random.default_rng(0)
    yield rng.integers(0, 1 << 64, NUMBERS, dtype=np.uint64).view(np.float64)
    for bound in (1, 12, 50, 750, 1e6, 1e12):
        yield rng.uniform(-bound, bound, NUMBERS)
    yield np.ldexp(rng.uniform(-2, 2, NUMBERS), rng.integers(-60, 3, NUMBERS))
    yield 1 + np.ldexp(rng.uniform(-2, 2, NUMBERS), rng.integers(-52, -1, NUMBERS))
    yield np.ldexp(rng.uniform(-2, 2, NUMBERS), rng.integers(-1074, 1023, NUMBERS))


@needs_long_double
@pytest.mark.parametrize("name", sorted(LONG_EXACT.keys() - ONLY_SINGLE))
def test_within_2_ulp(name):
    for x in arguments():
        if name in OSCILLATING:
            x = x[np.abs(x) < 2.0**40]
        off, at = worst(name, LONG_EXACT[name], np.longdouble, x)
        assert off <= 2, f"{off} ulp at {at!r}"


@needs_long_double
@pytest.mark.parametrize("name", OSCILLATING)
def test_angles_next_to_multiples_of_half_pi_keep_their_digits(name):
    turns = np.random.default_rng(0).integers(1, 2_000_000, NUMBERS)
    x = (turns * (np.arccos(np.longdouble(-1)) / 2)).astype(np.float64)
    off, at = worst(name, LONG_EXACT[name], np.longdouble, x)
    assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.parametrize("name", OSCILLATING)
def test_an_angle_too_large_for_the_quick_reduction_is_left_to_numpy(name):
    x = np.ones(100)
    assert eager.compute(name, x) is not None
    x[77] = 2.0**41
    assert eager.compute(name, x) is None


@pytest.mark.parametrize("name", sorted(ONLY_SINGLE))
def test_what_is_served_for_float32_only(name):
    x = np.ones(100)
    operands = (x,) if name == "erfc" else (x, x)
    assert eager.compute(name, *operands) is None
    assert eager.compute(name, *(y.astype(np.float32) for y in operands)) is not None


@pytest.mark.parametrize("name", sorted(LONG_EXACT.keys() - ONLY_SINGLE))
def test_special_values(name):
    x = np.array([0.0, -0.0, INF, -INF, NAN, 1, -1, 5e-324, -5e-324, 2, -2, 710.2, -745.2, 1.7e308, -1.7e308] * 3)
    if name in OSCILLATING:
        x = x[~(np.abs(x) >= 2.0**40)]
    with np.errstate(all="ignore"):
        expected = LONG_EXACT[name](x.astype(np.longdouble)).astype(np.float64)
    np.testing.assert_allclose(eager.compute(name, x), expected, rtol=5e-16, atol=0)
    signed = (expected == 0) | np.isinf(expected)
    np.testing.assert_array_equal(np.signbit(eager.compute(name, x)[signed]), np.signbit(expected[signed]))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "minimum"])
def test_arithmetic_is_numpys_bit_for_bit(name):
    rng = np.random.default_rng(2)
    x, y = (rng.integers(0, 1 << 64, 10_000, dtype=np.uint64).view(np.float64) for _ in range(2))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(eager.compute(name, x, y), getattr(np, name)(x, y))


def test_every_function_is_tested():
    arithmetic = {"add", "divide", "maximum", "minimum", "multiply", "sigmoid_slope", "subtract", "tanh_slope"}
    assert set(FUNCTIONS) - ONLY_SINGLE == set(LONG_EXACT) | arithmetic


def test_dtypes_are_not_mixed():
    assert eager.compute("add", np.ones(100), np.ones(100, np.float32)) is None
