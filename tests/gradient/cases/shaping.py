"""Reshape, transpose, new axes and broadcasting: the same elements elsewhere."""

from tests.gradient.case import Case, array

COMPLEX = array(2, 3) + 1j * array(2, 3)

CASES = [
    Case("reshape", lambda tf, x: tf.reshape(x, [3, 4]) ** 2.0, array(2, 6)),
    Case("reshape_inferred", lambda tf, x: tf.reshape(x, [-1, 2]) ** 2.0, array(2, 3)),
    Case("reshape_to_scalar", lambda tf, x: tf.reshape(x, []) ** 2.0, array(1, 1)),
    Case("reshape_from_scalar", lambda tf, x: tf.reshape(x, [1, 1]) ** 2.0, array()),
    Case("reshape_empty", lambda tf, x: tf.reshape(x, [3, -1]), array(0, 3)),
    Case("reshape_same", lambda tf, x: tf.reshape(x, [2, 3]) * x, array(2, 3)),
    Case("reshape_transposed", lambda tf, x: tf.reshape(tf.transpose(x), [2, 3]) ** 2.0, array(2, 3)),
    Case("reshape_complex", lambda tf, x: tf.reshape(x, [6]) * 2.0, COMPLEX),
    Case("transpose", lambda tf, x: tf.transpose(x) ** 2.0, array(2, 3)),
    Case("transpose_perm", lambda tf, x: tf.transpose(x, [2, 0, 1]) ** 2.0, array(2, 3, 4)),
    Case("transpose_perm_negative", lambda tf, x: tf.transpose(x, [-1, 0, 1]) ** 2.0, array(2, 3, 4), first=False),
    Case("transpose_scalar", lambda tf, x: tf.transpose(x) ** 2.0, array()),
    Case("transpose_vector", lambda tf, x: tf.transpose(x) ** 2.0, array(3)),
    Case("transpose_conjugate", lambda tf, x: tf.transpose(x, conjugate=True), COMPLEX),
    Case("expand_dims", lambda tf, x: tf.expand_dims(x, 1) * tf.expand_dims(x, -1), array(3, 3)),
    Case("expand_dims_scalar", lambda tf, x: tf.expand_dims(x, 0) ** 2.0, array()),
    Case("squeeze", lambda tf, x: tf.squeeze(x) ** 2.0, array(1, 3, 1)),
    Case("squeeze_axis", lambda tf, x: tf.squeeze(x, [-1]) ** 2.0, array(1, 3, 1)),
    Case("broadcast_to_rows", lambda tf, x: tf.broadcast_to(x, [2, 3]) ** 2.0, array(3)),
    Case("broadcast_to_columns", lambda tf, x: tf.broadcast_to(x, [4, 2, 3]) ** 2.0, array(2, 1)),
    Case("broadcast_to_scalar", lambda tf, x: tf.broadcast_to(x, [2, 3]) ** 2.0, array()),
    Case("broadcast_to_same", lambda tf, x: tf.broadcast_to(x, [2, 3]) ** 2.0, array(2, 3)),
    Case("broadcast_to_empty", lambda tf, x: tf.broadcast_to(x, [0, 3]), array(3)),
    Case("ensure_shape", lambda tf, x: tf.ensure_shape(x, [None, 3]) ** 2.0, array(2, 3)),
    Case("shape_and_size", lambda tf, x: x * tf.cast(tf.size(x) * tf.shape(x)[0] + tf.rank(x), x.dtype), array(2, 3)),
    Case("fill", lambda tf, x: tf.fill([2, 3], x) ** 2.0, array()),
    Case("constant", lambda tf, x: tf.constant(x) ** 2.0, array(2, 3)),
    Case("zeros_like", lambda tf, x: x * tf.zeros_like(x) + tf.ones_like(x) * x, array(2, 3)),
    Case("eye", lambda tf, x: x * tf.eye(2, 3, batch_shape=[2], dtype=x.dtype), array(2, 3)),
]
