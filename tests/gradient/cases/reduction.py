"""Reductions over any axes: sums, means, products, log-sum-exps, variances and extremes."""

import numpy as np

from tests.gradient.case import Case, array

AXES = {
    "all": {},
    "first": {"axis": 0},
    "last": {"axis": -1},
    "inner_kept": {"axis": 1, "keepdims": True},
    "two": {"axis": [0, 2]},
    "two_kept": {"axis": (-1, 0), "keepdims": True},
    "none": {"axis": []},
    "all_kept": {"keepdims": True},
}
REDUCTIONS = {
    "sum": lambda tf: tf.reduce_sum,
    "mean": lambda tf: tf.reduce_mean,
    "prod": lambda tf: tf.reduce_prod,
    "max": lambda tf: tf.reduce_max,
    "min": lambda tf: tf.reduce_min,
    "logsumexp": lambda tf: tf.reduce_logsumexp,
    "variance": lambda tf: tf.math.reduce_variance,
    "std": lambda tf: tf.math.reduce_std,
    "euclidean_norm": lambda tf: tf.math.reduce_euclidean_norm,
}


def over(name, axes, *inputs, label="", **options):
    return Case(
        f"reduce_{name}_{label or axes}",
        lambda tf, x, reduction=REDUCTIONS[name], how=AXES[axes]: reduction(tf)(x, **how),
        *inputs,
        **options,
    )


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


# A single element has no standard deviation that could be differentiated: 0, with a slope of NaN.
POINTS = {"std": {"numeric": False, "single": False}}
INF = np.inf

CASES = [
    *(
        over(name, axes, array(2, 3, 2), **(POINTS.get(name, {}) if axes == "none" else {}))
        for name in REDUCTIONS
        for axes in AXES
    ),
    *(over(name, "all", array(), label="scalar", **POINTS.get(name, {})) for name in REDUCTIONS),
    *(
        over(name, "first", array(3, 0), label="to_empty", numeric=False)
        for name in ("sum", "mean", "prod", "max", "min", "logsumexp")
    ),
    *(
        over(name, "last", array(3, 0), label="of_empty", numeric=False)
        for name in ("sum", "mean", "prod", "max", "min", "logsumexp")
    ),
    *(over(name, "last", complex_array(2, 3), label="complex") for name in ("sum", "mean", "variance")),
    over("prod", "last", complex_array(2, 3), label="complex", second=False),
    Case(
        "reduce_euclidean_norm_complex",
        lambda tf, x: tf.math.real(tf.math.reduce_euclidean_norm(x, 1)),
        complex_array(2, 3),
        second=False,
    ),
    # products with zeros: the factors' own derivatives are the products of the others
    over("prod", "last", np.array([[2.0, 0.0, 3.0], [1.0, 2.0, 3.0]]), label="one_zero", second=False),
    over("prod", "last", np.array([[0.0, 2.0, 0.0, 3.0]]), label="two_zeros", second=False),
    over("prod", "all", np.array([[0.0, 2.0], [0.0, 0.0]]), label="three_zeros", second=False),
    over("prod", "all", np.array([1j, 0.0, 1 + 2j]), label="complex_zero", second=False),
    # ties share
    over("max", "last", np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]]), label="ties", numeric=False),
    over("min", "last", np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]]), label="ties", numeric=False),
    over("max", "all", np.array([[1.0, 3.0], [3.0, 3.0]]), label="ties_everywhere", numeric=False),
    over("max", "last", np.array([[INF, INF, 1.0], [-INF, -INF, -INF]]), label="infinite", numeric=False),
    over("max", "last", np.array([[np.nan, 2.0, 1.0], [1.0, 2.0, 3.0]]), label="nan", numeric=False),
    over("logsumexp", "last", np.array([[1000.0, 1000.0], [-1000.0, 0.0]]), label="large", numeric=False),
    over("logsumexp", "last", np.array([[-INF, 1.0], [2.0, -INF]]), label="infinite", numeric=False, second=False),
    over("euclidean_norm", "last", np.array([[0.0, 0.0], [3.0, 4.0]]), label="zero", numeric=False),
    over("variance", "all", np.ones(3), label="constant"),
    over("std", "all", np.ones(3), label="constant", numeric=False),
    Case("third_order_of_prod", lambda tf, x: tf.reduce_prod(tf.reduce_prod(x, 1) + x[0, 0]), array(2, 3)),
    Case("softmax_by_hand", lambda tf, x: tf.exp(x - tf.reduce_logsumexp(x, 1, keepdims=True)), array(2, 3)),
    Case("standardized", lambda tf, x: (x - tf.reduce_mean(x, 0)) / tf.math.reduce_std(x, 0), array(4, 2)),
]
