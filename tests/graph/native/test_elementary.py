"""Every function is within 2 ulp of the exact value over the whole range of float32, and IEEE's at its ends."""

import ctypes

import numpy as np
import pytest

from tapeflow.graph.native import eager
from tapeflow.graph.native.functions import FUNCTIONS, WIDE
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.threads import run_job
from tests.graph.native.units import EXACT, EXACT_OF_TWO, patterns, worst

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")

INF, NAN = np.inf, np.nan


def single(name, *arrays):
    """The largest distance for these float32 arguments, and where it is."""
    return worst(name, (EXACT | EXACT_OF_TWO)[name], np.float64, *arrays)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_within_2_ulp_over_the_whole_range(name):
    off, at = single(name, patterns(0, 1 << 32, 4099))  # a prime: every low digit is met
    assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.parametrize("name", sorted(EXACT))
def test_within_2_ulp_where_the_functions_bend(name):
    x = np.random.default_rng(1).uniform(-12, 12, 1 << 18).astype(np.float32)
    off, at = single(name, np.concatenate([x, x / 16, np.float32(1) + x / 1024, x * 8]))
    assert off <= 2, f"{off} ulp at {at!r}"


SPECIAL = np.array(
    [0, 1e-45, 1e-38, 0.5, 1, 1.5, 2, 2.5, 3, 8388607, 16777215, 16777217, 2**25, 1e30, 3e38, INF, NAN], np.float32
)


@pytest.mark.parametrize("name", sorted(EXACT_OF_TWO))
def test_two_operands(name):
    rng = np.random.default_rng(3)
    signed = np.concatenate([SPECIAL, -SPECIAL])
    any_numbers = patterns(0, 1 << 32, 16381)
    for x, y in (
        (np.repeat(signed, signed.size), np.tile(signed, signed.size)),
        (any_numbers[rng.permutation(any_numbers.size)], any_numbers[rng.permutation(any_numbers.size)]),
        (rng.uniform(0, 30, 1 << 17).astype(np.float32), rng.uniform(-30, 30, 1 << 17).astype(np.float32)),
        (rng.normal(0, 1, 1 << 17).astype(np.float32), np.round(rng.normal(0, 6, 1 << 17)).astype(np.float32)),
        (rng.uniform(0.99, 1.01, 1 << 17).astype(np.float32), rng.normal(0, 8000, 1 << 17).astype(np.float32)),
    ):
        off, at = single(name, x, y)
        assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.parametrize(
    "name, at",
    [
        ("exp", [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (88.8, INF), (-104.5, 0), (-103.0, 1.4012985e-45)]),
        ("expm1", [(0.0, 0), (-0.0, -0.0), (INF, INF), (-INF, -1), (88.8, INF), (-30.0, -1), (1e-45, 1e-45)]),
        ("log", [(0.0, -INF), (-0.0, -INF), (1.0, 0), (INF, INF), (-INF, NAN), (-1.0, NAN), (1e-45, -103.27893)]),
        (
            "log1p",
            [
                (0.0, 0),
                (-0.0, -0.0),
                (-1.0, -INF),
                (INF, INF),
                (-INF, NAN),
                (-1.5, NAN),
                (3.4e38, np.log(3.4e38)),
                (-1e-45, -1e-45),
            ],
        ),
        ("tanh", [(0.0, 0), (-0.0, -0.0), (INF, 1), (-INF, -1), (20.0, 1), (1e-45, 1e-45)]),
        ("sigmoid", [(0.0, 0.5), (INF, 1), (-INF, 0), (100.0, 1), (-100.0, 3.7835059e-44)]),
        ("softplus", [(0.0, 0.6931472), (INF, INF), (-INF, 0), (1000.0, 1000), (-1000.0, 0)]),
        ("sin", [(0.0, 0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (1e-45, 1e-45), (1e30, np.sin(float(np.float32(1e30))))]),
        ("cos", [(0.0, 1), (-0.0, 1), (INF, NAN), (-INF, NAN), (1e-45, 1), (1e30, np.cos(float(np.float32(1e30))))]),
        ("erf", [(0.0, 0), (-0.0, -0.0), (INF, 1), (-INF, -1), (5.0, 1)]),
        ("sqrt", [(0.0, 0), (-0.0, -0.0), (INF, INF), (-1.0, NAN), (4.0, 2)]),
        ("relu", [(0.0, 0), (INF, INF), (-INF, 0), (-1.0, 0)]),
        ("rsqrt", [(0.0, INF), (-0.0, -INF), (INF, 0), (-1.0, NAN), (4.0, 0.5)]),
        ("tan", [(0.0, 0), (-0.0, -0.0), (INF, NAN), (1e-45, 1e-45), (1e30, np.tan(float(np.float32(1e30))))]),
        ("asin", [(0.0, 0), (-0.0, -0.0), (1.0, np.pi / 2), (-1.0, -np.pi / 2), (1.5, NAN), (-INF, NAN), (1e-45, 1e-45)]),
        ("acos", [(0.0, np.pi / 2), (1.0, 0), (-1.0, np.pi), (1.5, NAN), (-INF, NAN)]),
        ("atan", [(0.0, 0), (-0.0, -0.0), (INF, np.pi / 2), (-INF, -np.pi / 2), (1e-45, 1e-45)]),
        ("sinh", [(0.0, 0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (89.0, 2.2448064e38), (1e-45, 1e-45)]),
        ("cosh", [(0.0, 1), (INF, INF), (-INF, INF), (-89.0, 2.2448064e38)]),
        (
            "asinh",
            [(0.0, 0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (3e38, np.arcsinh(float(np.float32(3e38)))), (1e-45, 1e-45)],
        ),
        ("acosh", [(1.0, 0), (0.5, NAN), (-2.0, NAN), (-INF, NAN), (INF, INF), (3e38, np.arcsinh(float(np.float32(3e38))))]),
        ("atanh", [(0.0, 0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN), (-INF, NAN), (1e-45, 1e-45)]),
        ("erfc", [(0.0, 1), (INF, 0), (-INF, 2), (10.0, 2.0884876e-45), (12.0, 0)]),
    ],
)
def test_special_values(name, at):
    x = np.array([NAN, *(argument for argument, _ in at)], np.float32)
    expected = np.array([NAN, *(value for _, value in at)], np.float32)
    for place in range(64):  # in the vectors and in what is left over after them
        many = np.full(77, 0.5, np.float32)
        many[place : place + len(x)] = x
        out = eager.compute(name, many)[place : place + len(x)]
        np.testing.assert_allclose(out, expected, rtol=3e-7, atol=0)
        signed = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(out[signed]), np.signbit(expected[signed]))


def test_angles_near_multiples_of_half_pi_keep_their_digits():
    # Of all float32 these are nearest to a multiple of π/2 for their size: the reduction loses most there.
    x = np.array([16367173.0 * 2.0**72, 13176795.0 * 2.0**-20, 1.5707964, 33998.0, 11.0, 355.0, 103993.0], np.float32)
    for name in ("sin", "cos", "tan"):
        off, at = single(name, np.concatenate([x, -x]))
        assert off <= 2, f"{name}: {off} ulp at {at!r}"


@pytest.mark.parametrize("name", sorted(WIDE))
def test_the_wide_form_agrees_with_the_quick_one(name):
    x = patterns(0, 0x4E800000, 65537)  # up to 2³⁰
    out = np.empty_like(x)
    block = (ctypes.c_void_p * 2)(out.ctypes.data, x.ctypes.data)
    assert run_job(eager.kernel(name, "a", wide=True), ctypes.addressof(block), x.size, x.size) == 0
    np.testing.assert_array_equal(out, eager.compute(name, x))


@pytest.mark.parametrize(
    "name, numpy",
    [
        ("add", np.add),
        ("subtract", np.subtract),
        ("multiply", np.multiply),
        ("divide", np.divide),
        ("maximum", np.maximum),
        ("minimum", np.minimum),
        ("sigmoid_slope", lambda x, y: (1 - x) * x * y),
        ("tanh_slope", lambda x, y: (1 - x * x) * y),
    ],
)
def test_arithmetic_is_numpys_bit_for_bit(name, numpy):
    rng = np.random.default_rng(2)
    x, y = (patterns(0, 1 << 32, 8191)[rng.permutation(524353)] for _ in range(2))
    two = np.float32(1.7)
    with np.errstate(all="ignore"):
        for a, b in ((x, y), (x, two), (two, y)):
            np.testing.assert_array_equal(eager.compute(name, a, b), numpy(a, b))


def test_every_function_is_tested():
    arithmetic = {"add", "divide", "maximum", "minimum", "multiply", "sigmoid_slope", "subtract", "tanh_slope"}
    assert set(FUNCTIONS) == set(EXACT) | set(EXACT_OF_TWO) | arithmetic
