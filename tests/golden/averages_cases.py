"""Averages of variables, and the constraints that variables are brought back to."""

from __future__ import annotations

import numpy as np

from tests.golden.cases import case, plain, raised

WEIGHTS = np.array([[1.0, -2.0, 0.0], [3.0, 0.5, 0.0], [-4.0, 1.5, 0.0]], np.float32)


def followed(tf, variable, average, values, before=lambda step: None):
    """The average of a variable that has these values in turn."""
    found = []
    for step, value in enumerate(values):
        before(step)
        variable.assign(value)
        average.apply([variable])
        found.append(plain(average.average(variable).read_value()))
    return found


@case
def averages(tf):
    make = tf.train.ExponentialMovingAverage
    values = [[1.0, 2.0], [2.0, 4.0], [0.0, 0.0], [3.0, -1.0]]
    count = tf.Variable(0)
    twice = make(0.9)
    v = tf.Variable([1.0, 2.0])
    twice.apply([v, v])
    v.assign([2.0, 4.0])
    twice.apply([v, v])
    return {
        "plain": followed(tf, tf.Variable(values[0]), make(0.9), values),
        "of a tensor": followed(tf, tf.Variable(values[0]), make(tf.constant(0.5)), values),
        "five updates": followed(tf, tf.Variable(values[0]), make(0.999, num_updates=5), values),
        "counted": followed(tf, tf.Variable(values[0]), make(0.9, count), values, lambda step: count.assign(10 * step)),
        "without bias": followed(tf, tf.Variable(values[0]), make(0.9, zero_debias=True), values),
        "dtypes": [
            followed(tf, tf.Variable(1.0, dtype=dtype), make(0.75), [1.0, 2.0])
            for dtype in (tf.float16, tf.bfloat16, tf.float64)
        ],
        "twice": plain(twice.average(v).read_value()),
        "nothing": [twice.apply(), twice.average(tf.Variable(1.0))],
    }


@case
def names_of_averages(tf):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w")
    average = tf.train.ExponentialMovingAverage(0.9, name="mean")
    before = average.average(v)
    average.apply([v, w])
    found = average.average(v)
    return [
        before,
        average.name,
        found.name,
        found.trainable,
        average.average_name(w),
        average.average_name(tf.Variable(1.0, name="other")),
        [average.variables_to_restore()[f"{name}/mean"].name for name in ("v", "w")],
        {name: each.name for name, each in average.variables_to_restore([w]).items()},
    ]


@case
def averages_in_functions(tf):
    v, average = tf.Variable(4.0), tf.train.ExponentialMovingAverage(0.5)

    @tf.function
    def step(x):
        v.assign(x)
        average.apply([v])
        return average.average(v)

    found = [plain(step(tf.constant(x))) for x in (8.0, 16.0, 0.0)]
    return [found, plain(average.average(v).read_value()), plain(v.read_value())]


@case
def what_has_no_average(tf):
    average = tf.train.ExponentialMovingAverage(0.9)

    @tf.function
    def of_a_tensor(x):
        average.apply([x * 2.0])

    return [
        raised(lambda: average.apply([tf.constant(1.0)]), "does not support non-Variable tensors"),
        raised(lambda: average.apply([tf.Variable(1)]), "must be half, float, or double"),
        raised(lambda: of_a_tensor(tf.constant(1.0)), "does not support non-Variable tensors"),
    ]


@case
def constraints(tf):
    c = tf.keras.constraints
    made = [
        c.Constraint(),
        c.MaxNorm(),
        c.MaxNorm(1.5, axis=1),
        c.MaxNorm(1.0, axis=[0, 1]),
        c.NonNeg(),
        c.UnitNorm(),
        c.UnitNorm(axis=1),
        c.MinMaxNorm(),
        c.MinMaxNorm(0.5, 2.0, 0.3, axis=1),
        c.MinMaxNorm(1.0, 1.0, 1.0, axis=None),
    ]
    return [
        [
            plain(each(tf.constant(WEIGHTS))),
            plain(tf.function(each.__call__)(tf.constant(WEIGHTS))),
            plain(each(tf.constant([3.0, 4.0], tf.float64))) if getattr(each, "axis", 0) in (0, None) else None,
            each.get_config(),
            plain(type(each).from_config(each.get_config())(tf.constant(WEIGHTS))),
        ]
        for each in made
    ]


@case
def constraints_by_name(tf):
    c = tf.keras.constraints
    known = ("max_norm", "MaxNorm", "non_neg", "unit_norm", "min_max_norm", "NonNeg", None, c.NonNeg, c.NonNeg())
    found = [type(c.get(name)).__name__ for name in (*known, {"class_name": "MaxNorm", "config": {"max_value": 3}})]
    return [
        found,
        c.get(abs) is abs,
        c.serialize(c.MaxNorm(3.0)),
        c.deserialize({"class_name": "UnitNorm", "config": {"axis": 1}}).axis,
        [name.__name__ for name in (c.max_norm, c.min_max_norm, c.non_neg, c.unit_norm)],
        [raised(lambda name=name: c.get(name), "Could not interpret constraint identifier") for name in ("foo", 3)],
    ]


@case
def constrained_variables(tf):
    found = []
    for constraint in (tf.keras.constraints.NonNeg(), tf.keras.constraints.MaxNorm(1.0), tf.keras.constraints.UnitNorm()):
        for compiled in (False, True):
            v = tf.Variable([3.0, -4.0], constraint=constraint)
            optimizer = tf.keras.optimizers.SGD(0.5)
            optimizer.build([v])

            def step(x, v=v, optimizer=optimizer):
                optimizer.apply_gradients([(x, v)])

            run = tf.function(step) if compiled else step
            for _ in range(3):
                run(tf.constant([1.0, -1.0]))
            found.append([type(v.constraint).__name__, plain(v.read_value())])
    return found
