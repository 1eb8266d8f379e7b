"""Signatures: input_signature, None dimensions, retracing by shapes and values, structured arguments, concrete functions."""

import collections

import numpy as np
import tensorflow as tf

traces = []


@tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="m"), tf.TensorSpec([], tf.int32)])
def power_sum(m, k):
    traces.append((m.shape.as_list(), k.shape.rank))
    return tf.reduce_sum(m ** tf.cast(k, tf.float32), axis=-1), tf.shape(m)


print(power_sum(tf.ones([2, 3]), 2)[0].numpy(), power_sum([[1.0, 2.0]], 3)[1].numpy(), traces)
for bad in (
    lambda: power_sum(tf.ones([2]), 2),
    lambda: power_sum(tf.ones([2, 2], tf.float64), 2),
    lambda: power_sum(tf.ones([1, 1])),
    lambda: power_sum(tf.ones([1, 1]), 1.5),
):
    try:
        print(bad())
    except (TypeError, ValueError) as e:
        print(type(e).__name__)
Batch = collections.namedtuple("Batch", "x y")


@tf.function
def nested(batch, options, *rest, scale=1.0, **extra):
    traces.append("nested")
    out = batch.x * options["a"][0] + batch.y * options["a"][1]
    for r in rest:
        out += r
    if extra:
        out += sum(extra.values())
    return {"out": out * scale, "batch": Batch(batch.y, batch.x), "n": None, "t": (out,)}


traces.clear()
r = nested(Batch(tf.constant(1.0), tf.constant(2.0)), {"a": [tf.constant(3.0), 4.0]})
print(r["out"].numpy(), type(r["batch"]).__name__, r["n"], type(r["t"]).__name__, len(traces))
r = nested(
    Batch(tf.constant(5.0), tf.constant(2.0)),
    {"a": [tf.constant(1.0), 4.0]},
    1.0,
    tf.constant(2.0),
    scale=tf.constant(0.5),
    bias=tf.constant(7.0),
)
print(r["out"].numpy(), len(traces))
r = nested(Batch(tf.constant(1.0), tf.constant(2.0)), {"a": [tf.constant(3.0), 4.0]})
print(len(traces))
c = nested.get_concrete_function(Batch(tf.TensorSpec([2]), tf.TensorSpec([2])), {"a": [1.0, 2.0]})
print(c.structured_outputs["out"].shape, c.structured_outputs["n"])


@tf.function
def f(x, n):
    traces.append((getattr(x, "shape", x), n))
    return x * n


traces.clear()
for args in (
    (tf.constant(1), 2),
    (tf.constant(2), 2),
    (tf.constant(2), 3),
    (1, 2),
    (2, 2),
    (tf.constant([1, 2]), 2),
    (np.array([1, 2]), 2),
    (tf.constant(1.0), 2),
):
    f(*args)
print(len(traces), f.experimental_get_tracing_count())
g = tf.function(lambda x: tf.reduce_mean(x), reduce_retracing=True)
for n in range(1, 7):
    g(tf.ones([n, 2]))
print(g.experimental_get_tracing_count())
h = tf.function(lambda x, y=2.0: x + y)
print(h(1.0).numpy(), h(tf.constant(1.0), y=3.0).numpy(), h(x=tf.constant(0.0)).numpy())
k = h.get_concrete_function(tf.TensorSpec([None], tf.float32))
print(k(tf.constant([1.0, 2.0])).numpy(), k.structured_input_signature)
import functools

p = tf.function(functools.partial(lambda a, b, c: a * b + c, 2.0, c=1.0))
print(p(tf.constant(4.0)).numpy())


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.v = None

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, x):
        if self.v is None:
            self.v = tf.Variable(3.0, name="v")
        return x * self.v


m = Model()
print(m(tf.constant([1.0, 2.0])).numpy(), m([1.0]).numpy(), [v.name for v in m.variables])


@tf.function
def creates(x):
    v = tf.Variable(x)
    return v + 1


try:
    creates(1.0)
except ValueError as e:
    print("ValueError", "singleton" in str(e) or "first call" in str(e))
v1, v2 = tf.Variable(1.0), tf.Variable(5.0)
add = tf.function(lambda v, d: v.assign_add(d))
print(add(v1, 1.0).numpy(), add(v2, tf.constant(2.0)).numpy(), v1.numpy(), v2.numpy())
leak = []


@tf.function
def leaking(x):
    leak.append(x + 1)
    return x


leaking(tf.constant(1.0))
try:
    leak[0] + 1
    print("no error")
except Exception as e:
    print(type(e).__name__)
