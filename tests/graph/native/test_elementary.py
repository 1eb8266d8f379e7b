"""Every function is within 2 ulp of the exact value over the whole range of float32, and IEEE's at its ends."""

import ctypes

import numpy as np
import pytest

from tapeflow.graph.native import eager
from tapeflow.graph.native.elementary import FUNCTIONS, WIDE
from tapeflow.graph.native.threads import run_job
from tests.graph.native.units import EXACT, distance, patterns

pytestmark = pytest.mark.skipif(eager.machine() is None, reason="no LLVM for this processor")

INF, NAN = np.inf, np.nan


def worst(name, x):
    """The largest distance on x, and where it is."""
    with np.errstate(all="ignore"):
        off = distance(eager.compute(name, x), EXACT[name](x.astype(np.float64)))
    at = int(off.argmax())
    return off[at], x[at]


@pytest.mark.parametrize("name", sorted(EXACT))
def test_within_2_ulp_over_the_whole_range(name):
    off, at = worst(name, patterns(0, 1 << 32, 4099))  # a prime: every low digit is met
    assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.parametrize("name", sorted(EXACT))
def test_within_2_ulp_where_the_functions_bend(name):
    x = np.random.default_rng(1).uniform(-12, 12, 1 << 18).astype(np.float32)
    off, at = worst(name, np.concatenate([x, x / 16, np.float32(1) + x / 1024, x * 8]))
    assert off <= 2, f"{off} ulp at {at!r}"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXACT))
def test_within_2_ulp_for_every_float32(name):
    for start in range(0, 1 << 32, 1 << 22):
        off, at = worst(name, patterns(start, start + (1 << 22), 1))
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
    for name in ("sin", "cos"):
        off, at = worst(name, np.concatenate([x, -x]))
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
    arithmetic = {"add", "divide", "multiply", "sigmoid_slope", "subtract", "tanh_slope"}
    assert set(FUNCTIONS) == set(EXACT) | arithmetic
