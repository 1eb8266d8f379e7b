"""Random operations: TensorFlow's numbers where they are promised, the right distributions everywhere, and errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

import tapeflow as tf
from tapeflow.ops.gamma_functions import quantile_slope
from tests.golden.random_programs import CLOSE, EXACT, lines_of, run

RECORDED = json.loads((Path(__file__).parent.parent / "golden" / "random_numbers.json").read_text())


@pytest.fixture(autouse=True)
def seed():
    tf.random.set_seed(1)


# -- TensorFlow's numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXACT)
def test_numbers_are_tensorflows_to_the_last_bit(name):
    found = run(tf, EXACT[name])
    assert len(found) == len(RECORDED[name]) > 2
    for line, got, expected in zip(lines_of(EXACT[name]), found, RECORDED[name], strict=True):
        assert json.dumps(got) == json.dumps(expected), line


@pytest.mark.parametrize("name", CLOSE)
def test_normal_numbers_are_tensorflows_up_to_the_last_bits(name):
    found = run(tf, CLOSE[name])
    assert len(found) == len(RECORDED[name]) > 2
    for line, (dtype, got), (expected_dtype, expected) in zip(lines_of(CLOSE[name]), found, RECORDED[name], strict=True):
        assert dtype == expected_dtype, line
        np.testing.assert_allclose(got, expected, rtol=1e-3 if dtype == "float16" else 1e-6, err_msg=line)


# -- seeds --------------------------------------------------------------------------------------------------------


def test_without_any_seed_numbers_are_new_each_time():
    tf.random.set_seed(1)
    program = "import tapeflow as tf; print(tf.random.uniform([4]).numpy().tolist(), tf.random.normal([2]).numpy().tolist())"
    import subprocess
    import sys

    runs = {subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout for _ in "ab"}
    assert len(runs) == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(-(2**70), 2**70), st.one_of(st.none(), st.integers(-(2**40), 2**40)))
def test_the_same_seeds_give_the_same_sequence(global_seed, seed):
    def sequence():
        tf.random.set_seed(global_seed)
        return np.concatenate(
            [tf.random.uniform([3], seed=seed), tf.random.normal([3], seed=seed), tf.random.uniform([3], seed=seed)]
        )

    first = sequence()
    assert np.array_equal(first, sequence())
    assert not np.array_equal(first[:3], first[6:])


@settings(max_examples=30, deadline=None)
@given(st.integers(-(2**200), 2**200), st.integers(0, 9), st.integers(0, 9))
def test_skipping_is_drawing_without_looking(seed, drawn, skipped):
    a, b = tf.random.Generator.from_seed(seed), tf.random.Generator.from_seed(seed)
    a.uniform([drawn]), a.normal([skipped])
    b.skip(drawn + skipped)
    assert np.array_equal(a.state, b.state) and np.array_equal(a.uniform([4]), b.uniform([4]))


@pytest.mark.parametrize("seed", ["a", None, [1]])
def test_a_global_seed_that_is_no_number_changes_nothing(seed):
    tf.random.set_seed(3)
    expected = tf.random.uniform([2]).numpy()
    tf.random.set_seed(3)
    with pytest.raises(TypeError):
        tf.random.set_seed(seed)
    assert np.array_equal(tf.random.uniform([2]), expected)


@pytest.mark.parametrize("alg", ["philox", "auto_select", 1, 3, tf.random.Algorithm.PHILOX, tf.random.Algorithm.AUTO_SELECT])
def test_the_algorithm_can_be_named_in_every_way(alg):
    expected = tf.random.stateless_uniform([3], [1, 2])
    assert np.array_equal(tf.random.stateless_uniform([3], [1, 2], alg=alg), expected)
    assert tf.random.Generator.from_seed(1, alg).algorithm == 1


def test_a_generator_can_be_shared_by_the_program():
    mine = tf.random.Generator.from_seed(4)
    tf.random.set_global_generator(mine)
    assert tf.random.get_global_generator() is mine
    tf.random.set_global_generator(tf.random.Generator.from_non_deterministic_state())
    assert tf.random.get_global_generator() is not mine
    assert tf.random.get_global_generator().algorithm == tf.random.Algorithm.PHILOX.value == 1


# -- distributions -------------------------------------------------------------------------------------------------

MANY = 20000


def kolmogorov(sample, distribution):
    """How far the empirical distribution is from the claimed one, in units that exceed 2.2 once in 10 000 samples."""
    x = np.sort(np.asarray(sample, np.float64).ravel())
    claimed = distribution(x)
    steps = np.arange(len(x) + 1) / len(x)
    return max(np.max(steps[1:] - claimed), np.max(claimed - steps[:-1])) * np.sqrt(len(x))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_uniform_and_normal_have_their_distributions(dtype):
    from scipy import stats

    coarse = 3.0 if dtype in ("float16", "bfloat16") else 0.0  # few distinct values: steps of the size of their spacing
    assert kolmogorov(tf.random.uniform([MANY], 2.0, 5.0, dtype), stats.uniform(2, 3).cdf) < 2.2 + coarse
    assert kolmogorov(tf.random.normal([MANY], 2.0, 3.0, dtype), stats.norm(2, 3).cdf) < 2.2 + coarse
    truncated = tf.random.truncated_normal([MANY], 1.0, 2.0, dtype)
    assert kolmogorov(truncated, stats.truncnorm(-2, 2, 1, 2).cdf) < 2.2 + coarse
    assert truncated.dtype == dtype and np.abs(np.asarray(truncated, np.float64) - 1).max() <= 4


@pytest.mark.parametrize("alpha", [0.05, 0.7, 1.0, 3.0, 200.0])
def test_gamma_has_its_distribution(alpha):
    from scipy import stats

    expected = stats.gamma(alpha, scale=0.5).cdf
    assert kolmogorov(tf.random.gamma([MANY], alpha, 2.0, tf.float64), expected) < 2.2
    assert kolmogorov(tf.random.stateless_gamma([MANY], [1, 2], alpha, 2.0, tf.float64), expected) < 2.2


def test_counts_have_their_means_and_variances():
    near = {"rtol": 0.08}
    for x in (tf.random.poisson([MANY], 7.0), tf.random.stateless_poisson([MANY], [1, 2], 7.0)):
        np.testing.assert_allclose([np.mean(x), np.var(x)], [7.0, 7.0], **near)
    for x in (
        tf.random.stateless_binomial([MANY], [1, 2], 10.0, 0.3),
        tf.random.Generator.from_seed(1).binomial([MANY], 10.0, 0.3),
    ):
        np.testing.assert_allclose([np.mean(x), np.var(x)], [3.0, 2.1], **near)
    x = tf.random.categorical([[0.0, np.log(3.0)]], MANY)
    np.testing.assert_allclose(np.mean(x), 0.75, **near)


@pytest.mark.parametrize(("low", "high"), [(-2.0, 2.0), (5.0, 6.0), (-40.0, -39.0), (-np.inf, 0.5), (1.0, np.inf)])
def test_normal_numbers_between_bounds(low, high):
    from scipy import stats

    x = tf.random.stateless_parameterized_truncated_normal([MANY], [1, 2], np.float64(0), np.float64(1), low, high)
    assert kolmogorov(x, stats.truncnorm(low, high).cdf) < 2.2 and low <= np.min(x) and np.max(x) <= high


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 2**31))
def test_a_shuffle_is_a_permutation(n, seed):
    x = np.arange(2 * n).reshape(n, 2)
    for y in (tf.random.shuffle(x, seed=seed), tf.random.experimental.stateless_shuffle(x, [seed, 1])):
        assert sorted(map(tuple, y.numpy())) == sorted(map(tuple, x))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["int32", "int64"]), st.data())
def test_integers_stay_within_their_bounds(dtype, data):
    limits = np.iinfo(dtype)
    low = data.draw(st.integers(limits.min, limits.max - 1))
    high = data.draw(st.integers(low + 1, limits.max))
    x = tf.random.uniform([50], low, high, dtype).numpy()
    assert x.dtype == dtype and low <= x.min() and x.max() < high


# -- gradients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [tf.random.normal, tf.random.truncated_normal])
def test_normal_numbers_are_differentiable_by_mean_and_deviation(draw):
    mean, deviation = tf.Variable([1.0, 2.0]), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = draw([5, 2], mean, deviation, seed=3)
    dm, ds = tape.gradient(y, [mean, deviation])
    np.testing.assert_array_equal(dm, [5.0, 5.0])
    np.testing.assert_allclose(ds, np.sum((y - mean) / deviation), rtol=1e-5)


def test_uniform_numbers_are_differentiable_by_their_bounds():
    low, high = tf.Variable(1.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        y = tf.random.uniform([8], low, high)
    dl, dh = tape.gradient(y, [low, high])
    np.testing.assert_allclose([dl, dh], [np.sum((4.0 - y) / 3.0), np.sum((y - 1.0) / 3.0)], rtol=1e-5)


def test_gamma_numbers_are_differentiable_by_their_rate():
    alpha, beta = tf.Variable(2.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        y = tf.random.gamma([8], alpha, beta)
    np.testing.assert_allclose(tape.gradient(y, beta), -np.sum(y) / 4.0, rtol=1e-5)


# alpha, numbers drawn, and what TensorFlow's RandomGammaGrad gives for them
SLOPES = [
    (0.001, [1.298107605469913e-196, 1.7174338749644018e-90], [5.847587910728211e-191, 3.5399103885103294e-85]),
    (0.01, [3.387984271848374e-27, 1.4495092134880756e-09], [2.0459588759762143e-23, 2.8687462073553246e-06]),
    (0.1, [0.042773844434408875, 0.2296192368767495], [1.2288124572334844, 3.482194319417488]),
    (0.5, [0.0008020037737871677, 0.5022623532952654], [0.011499251887001091, 1.340524947787464]),
    (1.5, [0.9550021992391078, 1.853776101398259], [0.8803681267760018, 1.238551378982159]),
    (7.0, [8.894328077915478, 5.888526860297242], [1.1516464213399615, 0.9380822195373925]),
    (100.0, [103.66356573686465, 93.20555377144314], [1.0197966176461182, 0.9668411004919275]),
    (1000.0, [963.1347184899374, 991.5135140720279], [0.9815001456974762, 0.9959106759985384]),
]


@pytest.mark.parametrize(("alpha", "drawn", "slopes"), SLOPES)
def test_gamma_numbers_move_with_their_parameter_as_tensorflows_do(alpha, drawn, slopes):
    found = quantile_slope(tf.constant(np.full(2, alpha)), tf.constant(np.array(drawn)))
    np.testing.assert_allclose(found, slopes, rtol=2e-5)


def test_the_derivative_of_gamma_numbers_is_that_of_their_quantile():
    alpha = tf.Variable([0.5, 2.0, 9.0], dtype=tf.float64)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.random.stateless_gamma([3], [1, 2], alpha, dtype=tf.float64)
        first = inner.gradient(y, alpha)
    second = outer.gradient(first, alpha)
    quantile, a, h = special.gammainc(alpha, y), alpha.numpy(), 1e-3
    ahead, behind = special.gammaincinv(a + h, quantile), special.gammaincinv(a - h, quantile)
    np.testing.assert_allclose(first, (ahead - behind) / (2 * h), rtol=1e-4)
    np.testing.assert_allclose(second, (ahead - 2 * y.numpy() + behind) / h**2, rtol=1e-2)


# -- errors ---------------------------------------------------------------------------------------------------------

INVALID = tf.errors.InvalidArgumentError
REFUSED = [
    (lambda: tf.random.uniform([2], dtype=tf.int32), ValueError, "Must specify maxval"),
    (lambda: tf.random.uniform([2], 5, 5, dtype=tf.int32), INVALID, "Need minval < maxval, got 5 >= 5"),
    (lambda: tf.random.uniform([2], [0], [5], dtype=tf.int32), INVALID, "minval must be 0-D"),
    (lambda: tf.random.uniform([2], dtype=tf.uint8, maxval=3), ValueError, "Accepted dtypes"),
    (lambda: tf.random.uniform([-2]), INVALID, "Dimension -2 must be >= 0"),
    (lambda: tf.random.uniform([2.5]), INVALID, "RandomUniform"),
    (lambda: tf.random.uniform(3), INVALID, "shape must be a vector"),
    (lambda: tf.random.uniform(None), ValueError, "None"),
    (lambda: tf.random.uniform([2], tf.constant(0.0, tf.float64)), ValueError, "float64"),
    (lambda: tf.random.uniform([2], "a"), TypeError, "a"),
    (lambda: tf.random.uniform([2], seed="a"), TypeError, "seed"),
    (lambda: tf.random.normal([2], dtype=tf.int32), TypeError, "int32"),
    (lambda: tf.random.normal([2], mean=tf.constant(0.0, tf.float64)), ValueError, "float64"),
    (lambda: tf.random.categorical([1.0, 2.0], 3), INVALID, "logits should be a matrix"),
    (lambda: tf.random.categorical([[1.0, 2.0]], -1), INVALID, "non-negative"),
    (lambda: tf.random.categorical([[1, 2]], 1), tf.errors.NotFoundError, "Multinomial"),
    (lambda: tf.random.categorical([[1.0]], 1, dtype=tf.float32), ValueError, "Accepted dtypes"),
    (lambda: tf.random.categorical(tf.zeros([2, 0]), 3), INVALID, "num_classes should be positive"),
    (lambda: tf.random.categorical([[1.0]], 2.0), TypeError, "num_samples|2.0"),
    (lambda: tf.random.gamma([2], 1.0, dtype=tf.int32), TypeError, "int32"),
    (lambda: tf.random.stateless_uniform([2], [1]), INVALID, r"seed must have shape \[2\], not \[1\]"),
    (lambda: tf.random.stateless_uniform([2], [1.0, 2.0]), INVALID, "Tseed"),
    (lambda: tf.random.stateless_uniform([2], [1, 2], dtype=tf.int32), ValueError, "both None"),
    (lambda: tf.random.stateless_uniform([2], [1, 2], 0, 5, tf.uint32), ValueError, "unsigned"),
    (lambda: tf.random.stateless_uniform([2], [1, 2], alg="foo"), ValueError, "philox"),
    (lambda: tf.random.stateless_uniform([2], [1, 2], alg="threefry"), tf.errors.UnimplementedError, "ThreeFry"),
    (lambda: tf.random.stateless_gamma([3], [1, 2], [1.0, 2.0]), INVALID, "must end with"),
    (lambda: tf.random.stateless_poisson([3], [1, 2], [1.0, 2.0]), INVALID, "must end with"),
    (lambda: tf.random.stateless_binomial([3], [1, 2], [1.0, 2.0], 0.5), INVALID, "must end with"),
    (lambda: tf.random.stateless_parameterized_truncated_normal([3], [1, 2], minvals=2.0, maxvals=1.0), INVALID, "Invalid"),
    (lambda: tf.random.fold_in([1, 2], [5]), INVALID, "data"),
    (lambda: tf.random.Generator(), ValueError, "from_seed"),
    (lambda: tf.random.Generator.from_state([1, 2], "philox"), ValueError, "3 integers"),
    (lambda: tf.random.Generator.from_seed(1, "threefry"), tf.errors.UnimplementedError, "ThreeFry"),
    (lambda: tf.random.Generator.from_seed(1).uniform([2], dtype=tf.int32), ValueError, "both `None`"),
    (lambda: tf.random.Generator.from_seed(1).uniform_full_int([2], tf.float32), INVALID, "dtype"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_refused_call_leaves_a_generator_where_it_was():
    g = tf.random.Generator.from_seed(1)
    for call in (
        lambda: g.uniform([2], 5, 3, tf.int32),
        lambda: g.binomial([2], [1.0, 2.0, 3.0], 0.5),
        lambda: g.normal([2], dtype=tf.int32),
        lambda: g.uniform([-1]),
    ):
        with pytest.raises((INVALID, TypeError)):
            call()
    assert g.state.numpy().tolist() == [1, 0, 0]
