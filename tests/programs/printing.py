"""What tf.print, str, repr and f-strings show of tensors, variables, strings and structures."""

import sys

import numpy as np
import tensorflow as tf

x = tf.constant([[1.0, 2.5], [-3.125, 1e-7]])
v = tf.Variable([1, 2, 3], name="counter")
tf.print(x)
tf.print("a", 1, 2.5, True, None, x[0], sep=" | ")
tf.print({"b": v, "a": [x[0, 0], (1, "two")]})
tf.print("to stdout", x[1], output_stream=sys.stdout)
tf.print("no newline", end="; ")
tf.print("then one")
tf.print(tf.range(20), tf.range(20), summarize=4)
tf.print(tf.zeros([0]), tf.constant("text"), tf.constant(["a", "b"]), tf.constant(True))
tf.print(tf.constant(1e10), tf.constant(123456789.0), tf.constant(0.1, tf.float64), tf.constant(1 / 3))
tf.print("inf/nan", tf.constant([np.inf, -np.inf, np.nan]))
tf.print(tf.reshape(tf.range(8), [2, 2, 2]))
print(x)
print(repr(x))
print(x[0, 0], x.shape, x.dtype, v)
print(f"{x[0, 1]:.2f} {x[0, 0]} {v[0]} {v.shape}")
print("%s and %d and %.3f" % (x[0, 0].numpy(), v[1], x[0, 1]))
print([x[0, 0], v[2]])
print(tf.constant("hello"), tf.constant(["a", "bc"]).numpy(), tf.constant(b"raw"))
print(tf.constant(3), tf.constant(2.0, tf.float64), tf.constant(True), tf.constant(1 + 2j), tf.constant([], tf.int32))
print(tf.constant(1.0, tf.float16), tf.constant([1, 2], tf.uint8), tf.cast([1.5, 2.5], tf.bfloat16))
print(repr(tf.float32), tf.int64, tf.as_dtype("float64").name, tf.string)
print(tf.TensorShape([None, 3]), repr(tf.TensorShape([1])), tf.TensorSpec([2, None], tf.float32, name="s"))
print(tf.strings.format("loss {} at {}", (x[0, 1], v)).numpy().decode())
print(
    tf.strings.join(["a", "b"], separator="-").numpy(), tf.strings.as_string(x[0]).numpy(), tf.strings.length("abc").numpy()
)
print(tf.Variable(0.5), repr(tf.Variable([[True]], name="flags")))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.reduce_sum(x * x)
print("grad:", tape.gradient(y, x), sep="\n")
print(tf.constant(np.arange(1200.0)))
print(tf.ones([3, 4, 2], tf.int32)[1])
print(str(tf.nn.softmax(x)), bool(x[0, 0] > 0), int(v[0]), float(x[0, 0]), len(x), x.ndim)
