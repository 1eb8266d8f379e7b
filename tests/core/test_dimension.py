"""Sizes that are expressions of unknown sizes: their algebra is that of integers, and what cannot be decided is a guard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.core.dimension import (
    Dim,
    SizeAsked,
    Sizes,
    at_least,
    broadcast_sizes,
    evaluated,
    holds_dim,
    same_shape,
    smaller,
)

OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b if (b > 0) else a,
    "%": lambda a, b: a % b if (b > 0) else a,
}
expressions = st.recursive(
    st.one_of(st.sampled_from(["n", "m"]), st.integers(-3, 6)),
    lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner),
    max_leaves=6,
)


def computed(expression, names):
    if isinstance(expression, tuple):
        sign, a, b = expression
        return OPERATIONS[sign](computed(a, names), computed(b, names))
    return names.get(expression, expression)


@given(expressions, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_expressions_come_to_what_integers_come_to_where_the_guards_hold(expression, n, m, other_n, other_m):
    sizes = Sizes()
    size = computed(expression, {"n": sizes.symbol(n), "m": sizes.symbol(m)})
    assert evaluated(size, (n, m)) == computed(expression, {"n": n, "m": m})
    assert sizes.admit((n, m))
    if sizes.admit((other_n, other_m)):
        assert evaluated(size, (other_n, other_m)) == computed(expression, {"n": other_n, "m": other_m})


@given(expressions, expressions, st.integers(0, 9), st.integers(0, 9))
def test_comparisons_are_those_of_the_hints_and_of_all_sizes_admitted(a, b, n, m):
    sizes = Sizes()
    names = {"n": sizes.symbol(4), "m": sizes.symbol(3)}
    x, y = computed(a, names), computed(b, names)
    answers = (x == y, x < y, x <= y, x > y, x >= y, x != y)
    assert all(type(answer) is bool for answer in answers)
    if sizes.admit((n, m)):
        p, q = computed(a, {"n": n, "m": m}), computed(b, {"n": n, "m": m})
        assert answers == (p == q, p < q, p <= q, p > q, p >= q, p != q)


def test_what_algebra_tells_is_no_guard():
    sizes = Sizes()
    n, m = sizes.symbol(7), sizes.symbol(1)
    assert 2 * n + m - n == n + m and (n * 6) // 3 == 2 * n and n * m % m == 0 and n >= 0 and n + 1 > 0 and n * m != -1
    assert (n * 3) // 3 is not n and (n * 3) // n == 3 and n - n == 0
    assert sizes.guards == {}


def test_what_it_does_not_tell_is_one():
    sizes = Sizes()
    n, m = sizes.symbol(7), sizes.symbol(7)
    assert n == m and n > 1 and not n < 5 and n
    assert sizes.admit((7, 7)) and sizes.admit((9, 9))
    assert not sizes.admit((7, 8)) and not sizes.admit((1, 1)) and not sizes.admit((4, 4)) and not sizes.admit((0, 0))
    assert sizes.leaders() == [0, 0]


@pytest.mark.parametrize(
    "use",
    [range, int, float, hash, np.zeros, lambda n: np.ones(6).reshape(n, 2), lambda n: [1, 2][n], lambda n: n / 2, np.arange],
)
def test_a_number_is_not_to_be_had(use):
    with pytest.raises(SizeAsked):
        use(Sizes().symbol(3))


def test_a_size_that_escaped_decides_nothing():
    sizes = Sizes()
    n = sizes.symbol(3)
    assert n < 5
    sizes.close()
    with pytest.raises(TypeError, match=r"outside of the tf\.function"):
        bool(n == 3)
    with pytest.raises(TypeError, match=r"outside of the tf\.function"):
        sizes.emit(n, None)


def test_broadcasting_assumes_nothing():
    sizes = Sizes()
    n, m = sizes.symbol(3), sizes.symbol(4)
    shape = broadcast_sizes((n, 1, 5), (m, 2, 1), (1,))
    assert sizes.guards == {} and shape[1:] == (2, 5)
    for a, b, c in ((3, 3, 3), (1, 4, 4), (4, 1, 4), (0, 1, 0)):
        assert shape[0].at((a, b)) == c
    assert broadcast_sizes((n,), (3,)) == (3,)  # an unknown size beside a known one has it, or is 1
    with pytest.raises(ValueError, match="broadcast"):
        broadcast_sizes((n, 2), (3,))
    assert same_shape((n, 2), (n * 1, 2)) and not same_shape((n,), (m,)) and sizes.guards == {}


def test_extremes_assume_nothing():
    sizes = Sizes()
    n = sizes.symbol(3)
    assert [smaller(n, 5).at((k,)) for k in (3, 5, 9)] == [3, 5, 5] and smaller(n, n + 1) == n
    assert [at_least(n - 4, 0).at((k,)) for k in (3, 5)] == [0, 1] and at_least(n, 0) is n
    assert sizes.guards == {}


def test_sizes_are_found_inside_of_structures():
    n = Sizes().symbol(3)
    value = {"a": (1, [n, slice(None, n + 1)]), "b": "n"}
    assert holds_dim(value) and not holds_dim((1, "n"))
    assert evaluated(value, (5,)) == {"a": (1, [5, slice(None, 6)]), "b": "n"}
    assert type(evaluated(n * 2, (5,))) is int and isinstance(n, Dim)
