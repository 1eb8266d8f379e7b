"""Random numbers that move with their parameters: drawn from a seed, so that every call draws the same."""

from tests.gradient.case import Case, array

SEED = [1, 2]

CASES = [
    Case(
        "uniform_between",
        lambda tf, low, high: low + (high - low) * tf.random.stateless_uniform([3, 2], SEED, dtype=low.dtype),
        array(2),
        array(2, low=3.0, high=4.0),
        single=False,  # float32 numbers are other numbers
    ),
    # A number that was drawn by rejection moves with its parameter only when the quantile is held.
    Case(
        "gamma",
        lambda tf, alpha, beta: tf.random.stateless_gamma([3, 2], SEED, alpha, beta, dtype=alpha.dtype),
        array(2, low=0.5, high=3.0),
        array(2, low=0.5, high=3.0),
        numeric=False,
        recorded=False,
        elsewhere="tests/ops/test_random.py::test_the_derivative_of_gamma_numbers_is_that_of_their_quantile",
    ),
]
