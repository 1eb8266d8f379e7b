"""Programs that catch TensorFlow's errors and go on."""

import numpy as np
import tensorflow as tf


def attempt(label, f, show=False):
    try:
        result = f()
        print(label, "->", result)
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as e:
        print(label, "tf.errors", type(e).__name__, f"[{e.message[:60]}]" if show else "", isinstance(e, tf.errors.OpError))
    except Exception as e:
        print(label, type(e).__name__, str(e)[:70] if show else "")


x = tf.constant([1.0, 2.0, 3.0])
v = tf.Variable([1.0, 2.0])
attempt("shapes", lambda: x + tf.constant([1.0, 2.0]))
attempt("dtypes", lambda: x + tf.constant([1, 2, 3]))
attempt("doubles", lambda: x * tf.constant(1.0, tf.float64))
attempt("matmul", lambda: tf.matmul([[1.0, 2.0]], [[1.0, 2.0]]))
attempt("reshape", lambda: tf.reshape(x, [2, 2]))
attempt("assign", lambda: v.assign([1.0, 2.0, 3.0]))
print("unchanged", v.numpy())
attempt("assign dtype", lambda: v.assign(np.array(["a", "b"])))
attempt("concat", lambda: tf.concat([[[1.0]], [[1.0, 2.0], [3.0, 4.0]]], axis=1))
attempt("gather", lambda: tf.gather([1.0, 2.0], [5]))
attempt("index", lambda: x[7])
attempt("item", lambda: x.__setitem__(0, 1.0))
attempt("bool", lambda: bool(x > 1.0), show=False)
attempt("axis", lambda: tf.reduce_sum(x, axis=3))
attempt("constant", lambda: tf.constant([[1.0], [1.0, 2.0]]))
attempt("none", lambda: tf.convert_to_tensor(None))
attempt("cast text", lambda: tf.cast("a", tf.float32))
attempt("int gradient", lambda: tf.GradientTape().gradient(x, x))
attempt("hash", lambda: {x: 1})
attempt("attribute", lambda: x.backward())
attempt("range", lambda: tf.range(0, 10, 0))
attempt("assert", lambda: tf.debugging.assert_equal([1, 2], [1, 3], message="not equal!"))
attempt("positive", lambda: tf.debugging.assert_positive([1.0, -1.0]))
attempt("numerics", lambda: tf.debugging.check_numerics(tf.constant([1.0, np.nan]), "found a NaN"), show=False)
attempt("shape", lambda: tf.debugging.assert_shapes([(x, ("N",)), (v, ("N",))]))
attempt("iterate scalar", lambda: list(tf.constant(1.0)))
attempt("len scalar", lambda: len(tf.constant(1.0)))
attempt("optimizer", lambda: tf.keras.optimizers.SGD(0.1).apply_gradients([(None, v)]))
attempt("ok", lambda: tf.reduce_sum(x).numpy())

with tf.GradientTape() as tape:
    y = v * 2.0
tape.gradient(y, v)
attempt("second", lambda: tape.gradient(y, v))
with tf.GradientTape() as tape:
    pass
attempt("nothing", lambda: tape.gradient(x, v))
attempt("string source", lambda: tape.gradient(x, "v"))
try:
    with tf.GradientTape() as tape:
        z = tf.matmul(x, x)
except (tf.errors.InvalidArgumentError, ValueError) as error:
    print("inside the tape:", type(error).__name__)
with tf.GradientTape() as tape:
    z = tf.reduce_sum(v**3)
print("tape works again", tape.gradient(z, v).numpy())
print(
    tf.errors.InvalidArgumentError.__mro__[1].__name__,
    issubclass(tf.errors.OutOfRangeError, tf.errors.OpError),
    tf.errors.NOT_FOUND,
)
try:
    raise tf.errors.NotFoundError(None, None, "nothing here")
except tf.errors.OpError as error:
    print(error.message, error.error_code)
