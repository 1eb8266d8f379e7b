"""Running sums, products and log-sum-exps."""

import numpy as np

from tests.gradient.case import Case, array

SCANS = {
    "cumsum": lambda tf: tf.cumsum,
    "cumprod": lambda tf: tf.math.cumprod,
    "cumulative_logsumexp": lambda tf: tf.math.cumulative_logsumexp,
}
WAYS = {
    "forward": {},
    "last_axis": {"axis": -1},
    "exclusive": {"exclusive": True},
    "reverse": {"reverse": True, "axis": 1},
    "both": {"exclusive": True, "reverse": True, "axis": 1},
}


def scan(name, way, *inputs, label="", **options):
    return Case(
        f"{name}_{label or way}",
        lambda tf, x, scan=SCANS[name], how=WAYS[way]: scan(tf)(x, **how),
        *inputs,
        **options,
    )


CASES = [
    *(
        scan(name, way, array(3, 4), numeric=not ("log" in name and "exclusive" in WAYS[way]))
        for name in SCANS
        for way in WAYS
    ),
    *(scan(name, "forward", array(0, 2), label="empty") for name in SCANS),
    *(scan(name, "forward", array(1), label="one") for name in SCANS),
    scan("cumsum", "both", array(2, 3) + 1j * array(2, 3), label="complex"),
    # of complex products TensorFlow's gradient lacks the conjugates
    scan("cumprod", "both", array(2, 3) + 1j * array(2, 3), label="complex", first=False),
    # TensorFlow's gradient of cumprod is 0 where an element is 0; the derivative is not
    *(
        scan("cumprod", way, np.array([[2.0, 0.0, 3.0, 4.0], [1.0, 2.0, 3.0, 0.0]]), label=f"zero_{way}", first=False)
        for way in WAYS
    ),
    scan("cumprod", "last_axis", np.array([[2.0, 0.0, 3.0, 0.0, 5.0]]), label="zeros", first=False),
    # long enough for the recurrence to go by products, and with products too small for that
    scan("cumprod", "forward", array(20, low=0.5, high=1.5), label="long"),
    scan("cumprod", "both", array(2, 20, low=-1.5, high=-0.5), label="long_both"),
    scan(
        "cumprod", "forward", 1e-20 * array(20, low=0.5, high=1.5), label="tiny", numeric=False, second=False, single=False
    ),
    scan("cumulative_logsumexp", "forward", np.array([1000.0, -1000.0, 1000.0]), label="large", numeric=False, rtol=1e-7),
]
