"""Maximum, minimum, where, and clipping."""

import numpy as np

from tests.gradient.case import Case, array

SHAPES = {
    "same": ((3, 4), (3, 4)),
    "row": ((3, 4), (4,)),
    "outer": ((3, 1), (4,)),
    "scalars": ((), ()),
    "empty": ((0,), (1,)),
}
TIES = np.array([1.0, 2.0, np.nan, np.inf, 3.0]), np.array([1.0, 3.0, 1.0, np.inf, np.nan])
MASK = np.array([[True, False, True], [False, False, True]])

CASES = [
    *(Case(f"maximum_{k}", lambda tf, x, y: tf.maximum(x, y) ** 2, array(*a), array(*b)) for k, (a, b) in SHAPES.items()),
    *(Case(f"minimum_{k}", lambda tf, x, y: tf.minimum(x, y) ** 2, array(*a), array(*b)) for k, (a, b) in SHAPES.items()),
    Case("maximum_ties", lambda tf, x, y: tf.maximum(x, y) * x, *TIES, numeric=False),
    Case("minimum_ties", lambda tf, x, y: tf.minimum(x, y) * x, *TIES, numeric=False),
    Case("maximum_of_number", lambda tf, x: tf.maximum(x, 0.0), np.array([-1.0, 0.0, 2.0]), numeric=False),
    Case("where", lambda tf, c, x, y: tf.where(c, x * x, y * x), MASK, array(2, 3), array(2, 3)),
    Case("where_broadcast", lambda tf, c, x, y: tf.where(c, x * x, y * y), MASK, array(3), array(2, 1)),
    Case("where_condition_wider", lambda tf, c, x, y: tf.where(c, x * x, y), MASK, array(), array(1)),
    Case("where_scalars", lambda tf, c, x, y: tf.where(c, x * x, y * y), np.array(True), array(), array()),
    Case("where_number", lambda tf, c, x: tf.where(c, x * x, 0.0), MASK, array(2, 3)),
    Case("where_empty", lambda tf, c, x: tf.where(c, x, 0.0), np.zeros((0,), bool), array(0)),
    Case(
        "where_not_taken_infinite",
        lambda tf, x: tf.where(x > 0.0, tf.math.log(x), x),
        np.array([0.0, -1.0, 2.0]),
        numeric=False,
        second=False,  # 0 in TensorFlow, which multiplies by a reciprocal; here the quotient 0 / 0
    ),
    Case("clip_by_value", lambda tf, x: tf.clip_by_value(x, -0.5, 0.75) * x, array(3, 4)),
    Case(
        "clip_by_value_bounds",
        lambda tf, x, a, b: tf.clip_by_value(x, a, b) ** 2,
        array(3, 4),
        array(4, low=-0.5, high=0.0),
        array(3, 1, low=0.1, high=1.0),
    ),
    Case(
        "clip_by_value_at_bounds", lambda tf, x: tf.clip_by_value(x, 0.0, 1.0), np.array([0.0, 1.0, 0.5, 2.0]), numeric=False
    ),
    Case("clip_by_norm", lambda tf, x: tf.clip_by_norm(x, 1.5), array(3, 4)),
    Case("clip_by_norm_short", lambda tf, x: tf.clip_by_norm(x, 100.0), array(3)),
    Case("clip_by_norm_axes", lambda tf, x: tf.clip_by_norm(x, 1.0, axes=[1]), array(3, 4)),
    Case("clip_by_norm_zero", lambda tf, x: tf.clip_by_norm(x, 1.0), np.zeros(3), numeric=False),
    Case("clip_by_norm_bound", lambda tf, x, c: tf.clip_by_norm(x, c), array(4), np.array(0.7)),
    Case(
        "clip_by_global_norm", lambda tf, x, y: tuple(tf.clip_by_global_norm([x, None, y], 1.0)[0][::2]), array(3), array(2)
    ),
    Case("clip_by_global_norm_short", lambda tf, x, y: tuple(tf.clip_by_global_norm([x, y], 99.0)[0]), array(3), array(2)),
    Case("global_norm", lambda tf, x, y: tf.linalg.global_norm([x, y]), array(2, 3), array()),
    Case("global_norm_zero", lambda tf, x: tf.linalg.global_norm([x]), np.zeros(2), numeric=False, second=False),
]
