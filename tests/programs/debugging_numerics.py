"""check_numerics, assertions eagerly and in functions, tf.print's options, errors that are caught, NaN guards."""

import sys

import numpy as np
import tensorflow as tf


def attempt(label, f, *args):
    try:
        r = f(*args)
        print(label, "->", r.numpy() if hasattr(r, "numpy") else r)
    except Exception as e:
        print(
            label,
            type(e).__name__,
        )


x = tf.constant([1.0, 0.0, -1.0])
attempt("check log", lambda: tf.debugging.check_numerics(tf.math.log(x), "log went wrong"))
attempt("check ok", lambda: tf.debugging.check_numerics(x, "fine"))
fn = tf.function(lambda v: tf.debugging.check_numerics(1.0 / v, "division"))
attempt("graph inf", fn, x)
attempt("graph ok", fn, x + 5.0)


@tf.function
def safe_sqrt(v):
    tf.debugging.assert_non_negative(v, message="v must be >= 0")
    tf.debugging.assert_all_finite(v, "finite")
    return tf.sqrt(v)


attempt("assert", safe_sqrt, x)
attempt("assert ok", safe_sqrt, tf.abs(x))
attempt("assert nan", safe_sqrt, tf.constant([1.0, np.nan]))


@tf.function
def guard(v):
    assert tf.reduce_all(v > 0), "positive please"
    return tf.reduce_sum(v)


attempt("equal", lambda: tf.debugging.assert_equal(tf.constant([1, 2]), tf.constant([1, 3]), message="differ"))
attempt("near", lambda: tf.debugging.assert_near(1.0, 1.0 + 1e-8))
attempt("rank", lambda: tf.debugging.assert_rank(x, 2))
attempt("shapes", lambda: tf.debugging.assert_shapes([(x, ("N",)), (tf.ones([3, 2]), ("N", "M"))]))
attempt("shapes bad", lambda: tf.debugging.assert_shapes([(x, ("N",)), (tf.ones([4, 2]), ("N", "M"))]))
attempt("less", lambda: tf.debugging.assert_less(x, 0.5))
attempt("type", lambda: tf.debugging.assert_type(x, tf.float64))
attempt("matmul", lambda: tf.ones([2, 3]) @ tf.ones([2, 3]))
attempt("add", lambda: tf.ones([2, 3]) + tf.ones([2, 4]))
attempt("dtype", lambda: tf.constant(1) + tf.constant(1.0))
attempt("reshape", lambda: tf.reshape(x, [2, 2]))
attempt("gather", lambda: tf.gather(x, 7))
attempt("index", lambda: x[5])
attempt("bool", lambda: bool(x))
attempt("inv", lambda: tf.linalg.inv(tf.zeros([2, 2])))
attempt("concat", lambda: tf.concat([tf.ones([2, 2]), tf.ones([3, 3])], 0))
attempt("stack", lambda: tf.stack([tf.ones(2), tf.ones(3)]))
attempt("assign", lambda: tf.Variable(x).assign([1.0]))
attempt("float", lambda: float(x))
attempt("int var", lambda: tf.Variable(1) / tf.Variable(2))
attempt("range", lambda: tf.range(0, 5, 0))
attempt("split", lambda: tf.split(x, 2))
attempt("onehot", lambda: tf.one_hot([0, 5], 3))
attempt("transpose", lambda: tf.transpose(x, [1, 0]))
attempt("slice", lambda: tf.slice(x, [1], [5]))
attempt("where", lambda: tf.where([True, False], 1.0, [1.0, 2.0, 3.0]))
attempt("einsum", lambda: tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([4, 2])))
attempt("item", lambda: tf.constant([1, 2]).numpy().item())
attempt("attribute", lambda: x.foo)
attempt("hash", lambda: hash(x))
attempt("setitem", lambda: x.__setitem__(0, 1.0))
attempt("iter", lambda: list(tf.constant(1.0)))
attempt("len", lambda: len(tf.constant(1.0)))
attempt("cast str", lambda: tf.cast("1", tf.float32))
tf.print("tensors", x, tf.constant([[1, 2], [3, 4]]), tf.constant("text"), tf.constant([True]), output_stream=sys.stdout)
tf.print("summary", tf.range(20), summarize=2, output_stream=sys.stdout)
tf.print("all", tf.range(10), summarize=-1, sep=", ", end="!\n", output_stream=sys.stdout)
tf.print({"a": x, "b": [1, tf.constant(2.5)]}, (1, None), output_stream=sys.stdout)


@tf.function
def verbose(v):
    for i in tf.range(3):
        if i % 2 == 0:
            tf.print("i =", i, "v =", v, output_stream=sys.stdout)
        v = v * 2.0
    tf.print("done", tf.shape(v), v, output_stream=sys.stdout)
    print("traced", v.shape, v.dtype)
    return v


verbose(x)
verbose(x)
