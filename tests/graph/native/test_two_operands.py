"""pow and atan2 where they are hard: by design, since there are 2⁶⁴ pairs of float32s.

The exact results are NumPy's of float64.
"""

import itertools

import numpy as np
import pytest

from tapeflow.graph.native.machine import machine
from tests.graph.native.units import EXACT_OF_TWO, patterns, worst

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")

TINY, LARGEST = np.float64(2.0**-149), np.float64(np.finfo(np.float32).max)


def neighbours(x, count):
    """The float32s that are nearest to each x, `count` on each side."""
    bits = np.float32(x).view(np.int32)[..., None] + np.arange(-count, count + 1, dtype=np.int32)
    return bits.view(np.float32)


def check(name, *arrays):
    arrays = [np.ascontiguousarray(x, np.float32) for x in np.broadcast_arrays(*arrays)]
    off, at = worst(name, EXACT_OF_TWO[name], np.float64, *[x.ravel() for x in arrays])
    assert off <= 2, f"{off} ulp at {at!r}"


def bases(step):
    """Positive numbers of all sizes, and those around 1, where exponents are largest."""
    ones = [1 + s * 2.0**-k for k in range(1, 25) for s in (-1, 1)]
    return np.concatenate([patterns(1, 0x7F800000, step), neighbours(np.array(ones), 8).ravel()])


@pytest.mark.parametrize("step", [250_007, pytest.param(997, marks=pytest.mark.slow)], ids=["some", "many"])
def test_powers_whose_results_are_at_the_ends_of_what_is_representable(step):
    """The exponents that make the result the largest number, the smallest, the smallest normal one, or 1, and their neighbours."""
    x = bases(step)
    with np.errstate(all="ignore"):
        logarithm = np.log2(x.astype(np.float64))
        for target in (
            *(128, 127.999999, 127.5, 127, -126, -126.0001, -125.5, -127, -130, -137.3, -148, -149, -149.5, -150, -151),
            *(2.0**-24, -(2.0**-24), 2.0**-23, 1e-10, -1e-10, 0.5, -0.5, 1),
        ):
            check("pow", x[:, None], neighbours(target / logarithm, 3))


def test_powers_of_and_to_integers():
    whole = np.arange(-130.0, 131.0)
    large = neighbours(2.0 ** np.arange(20, 34), 2).ravel()
    halves = np.arange(-20, 20) + 0.5
    exponents = np.concatenate([whole, large, -large, halves])
    x = np.concatenate([whole, whole / 8, neighbours(np.array([1.0, -1.0, 2.0, -2.0, 0.5]), 20).ravel(), [0.0, -0.0]])
    check("pow", x[:, None], exponents[None])


def test_powers_near_exponents_that_are_written_in_another_way():
    """0, 0.5, 1, 2, 3 and their neighbours."""
    x = np.concatenate([bases(2_500_003), [0.0, np.inf, np.nan]])
    exponents = np.concatenate([neighbours(np.array([0.5, 1.0, 2.0, 3.0]), 3).ravel(), [0.0, -0.0, 1e-45, -1e-45, 1e-38]])
    for sign in (-1, 1):
        check("pow", x[:, None], (sign * exponents)[None])


@pytest.mark.parametrize("count", [3, pytest.param(40, marks=pytest.mark.slow)], ids=["some", "many"])
def test_angles_of_all_pairs_of_exponents(count):
    """From quotients that overflow to those that are subnormal, or 0."""
    rng = np.random.default_rng(5)
    exponents = np.arange(-149, 128)
    for _ in range(count):
        mantissa = rng.uniform(1, 2, (2, exponents.size))
        y, x = np.ldexp(mantissa, exponents)
        for a, b in itertools.product((-1, 1), repeat=2):
            check("atan2", a * y[:, None], b * x[None])


def test_angles_near_those_of_the_axes_and_diagonals():
    """Where the quotient is near 0, 1 or infinity, or where the pieces of the approximation meet."""
    x = patterns(1, 0x7F800000, 1_500_007)
    for slope in (
        1.0,
        np.tan(np.pi / 8),
        np.tan(3 * np.pi / 8),
        1 / 3,
        3.0,
        2.0**-12,
        2.0**12,
        2.0**-24,
        2.0**24,
        2.0**-126,
    ):
        with np.errstate(all="ignore"):
            y = neighbours(np.clip(x * np.float64(slope), TINY, LARGEST), 3)
        for a, b in itertools.product((-1, 1), repeat=2):
            check("atan2", np.copysign(y, a), b * x[:, None])


def test_angles_of_special_pairs():
    special = np.array(
        [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, TINY, -TINY, LARGEST, -LARGEST, 2.0**-126], np.float32
    )
    check("atan2", special[:, None], special[None])
    check("pow", special[:, None], special[None])
