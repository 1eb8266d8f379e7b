"""Reductions over segments, sorted and unsorted, with segments that are empty and elements left out."""

import numpy as np

from tests.gradient.case import Case, array

SORTED, UNSORTED = np.array([0, 0, 2, 2, 2]), np.array([3, 0, -1, 3, 0])
EXTREMES = ("max", "min")


def over_sorted(name, data, ids=SORTED, label="", **options):
    return Case(
        f"segment_{name}{label}", lambda tf, x, ids: getattr(tf.math, f"segment_{name}")(x, ids) ** 2.0, data, ids, **options
    )


def over_unsorted(name, data, ids=UNSORTED, label="", **options):
    return Case(
        f"unsorted_segment_{name}{label}",
        lambda tf, x, ids: getattr(tf.math, f"unsorted_segment_{name}")(x, ids, 4) / 2.0,
        data,
        ids,
        **options,
    )


# An empty segment has the lowest number of the dtype, which float32 cannot hold in common with float64.
CASES = [
    *(over_sorted(name, array(5, 2)) for name in ("sum", "mean", "prod", *EXTREMES)),
    *(over_sorted(name, array(5), label="_vector") for name in ("sum", "mean", "prod", *EXTREMES)),
    *(over_unsorted(name, array(5, 2)) for name in ("sum", "mean", "sqrt_n", "prod")),
    *(over_unsorted(name, array(5, 2), single=False, numeric=False) for name in EXTREMES),
    *(
        over_unsorted(name, array(2, 2, 3), np.array([[0, 1], [2, 3]]), label="_matrix")
        for name in ("sum", "mean", "sqrt_n", "prod", *EXTREMES)
    ),
    over_sorted("sum", array(5) + 1j * array(5), label="_complex"),
    over_sorted("sum", array(0, 2), np.zeros(0, np.int32), label="_empty"),
    over_sorted("max", np.array([2.0, 2.0, 3.0, 1.0, 3.0]), label="_ties", numeric=False),
    over_unsorted("min", np.array([2.0, 1.0, 9.0, 2.0, 1.0]), label="_ties", numeric=False, single=False),
    over_sorted("prod", np.array([0.0, 2.0, 3.0, 0.0, 5.0]), label="_zero", second=False),
    over_unsorted("prod", np.array([0.0, 2.0, 3.0, 4.0, 0.0]), label="_zero", second=False),
    over_unsorted("prod", np.array([0.0, 2.0, 3.0, 0.0, 5.0]), label="_zeros", second=False, numeric=False),
]
