"""Indexing, slicing, reshaping and broadcasting in every way programs do, with gradients back to the start."""

import numpy as np
import tensorflow as tf

x = tf.Variable(np.arange(24.0).reshape(2, 3, 4) / 10.0)


def show(name, f):
    with tf.GradientTape() as tape:
        y = f(x)
        s = tf.reduce_sum(y * y)
    g = tape.gradient(s, x)
    print(
        f"{name:14s} {str(y.shape):14s} {s.numpy():10.5f} {tf.reduce_sum(g * tf.reshape(tf.range(24, dtype=tf.float64), [2, 3, 4])).numpy():12.5f}"
    )


show("int", lambda x: x[1])
show("negative", lambda x: x[-1, -2])
show("slices", lambda x: x[:, 1:, ::2])
show("backwards", lambda x: x[::-1, :, ::-2])
show("ellipsis", lambda x: x[..., 0])
show("newaxis", lambda x: x[:, tf.newaxis, 1, ..., None])
show("tensor index", lambda x: x[tf.constant(1), :, tf.constant(2)])
show("reshape", lambda x: tf.reshape(x, [-1, 6])[2])
show("transpose", lambda x: tf.transpose(x, [2, 0, 1])[1])
show("perm default", lambda x: tf.transpose(x)[3])
show("squeeze", lambda x: tf.squeeze(x[:, :1, :]) * tf.expand_dims(tf.constant([1.0, 2.0], tf.float64), -1))
show("broadcast", lambda x: x[:, :1, :1] + tf.reshape(tf.range(3, dtype=tf.float64), [1, 3, 1]))
show("broadcast_to", lambda x: tf.broadcast_to(x[0, 0], [5, 4]))
show("concat", lambda x: tf.concat([x[0], x[1, ::-1]], axis=0))
show("stack", lambda x: tf.stack([x[0], x[1] * 2.0], axis=-1))
show("unstack", lambda x: tf.unstack(x, axis=1)[2])
show("split", lambda x: tf.split(x, [1, 3], axis=-1)[1])
show("tile", lambda x: tf.tile(x[0, :1], [3, 2]))
show("repeat", lambda x: tf.repeat(x[0], repeats=[1, 0, 2], axis=0))
show("pad reflect", lambda x: tf.pad(x[0], [[1, 1], [2, 0]], "REFLECT"))
show("pad constant", lambda x: tf.pad(x[0], tf.constant([[1, 0], [0, 2]]), constant_values=7.0))
show("roll", lambda x: tf.roll(x, shift=[1, -1], axis=[0, 2]) * x)
show("gather axis", lambda x: tf.gather(x, [3, 0, 3], axis=2))
show("gather batch", lambda x: tf.gather(x, [[0, 2], [1, 1]], axis=1, batch_dims=1))
show("gather_nd", lambda x: tf.gather_nd(x, [[0, 1, 2], [1, 2, 3], [0, 1, 2]]))
show("slice", lambda x: tf.slice(x, [0, 1, 1], [2, -1, 2]))
show("strided", lambda x: tf.strided_slice(x, [0, 0, 3], [2, 3, -5], [1, 2, -1]))
show("where", lambda x: tf.where(x > 1.0, x, 0.5 * x))
show("mask", lambda x: tf.boolean_mask(x, x > 1.5))
show("operator mask", lambda x: x[x > 1.5])
show("cumsum", lambda x: tf.cumsum(x, axis=1, reverse=True, exclusive=True))
show("reduce", lambda x: tf.reduce_max(x, axis=[0, 2]) + tf.reduce_prod(x + 0.5, axis=(0, 2)) - tf.reduce_min(x))
show("keepdims", lambda x: x / tf.reduce_sum(x, axis=-1, keepdims=True))
show("einsum", lambda x: tf.einsum("ijk,ilk->jl", x, x))
show("tensordot", lambda x: tf.tensordot(x, x, axes=[[1, 2], [1, 2]]))
show("matmul", lambda x: tf.matmul(x, x, transpose_b=True))
show("diag", lambda x: tf.linalg.diag_part(x[0, :, :3]) + tf.linalg.trace(x[1, :, 1:]))
show("band", lambda x: tf.linalg.band_part(x, 0, 1))
show("space", lambda x: tf.reverse(tf.sort(x, axis=-1), axis=[0]))
show("meshgrid", lambda x: tf.meshgrid(x[0, 0], x[1, :2, 0])[0])
show("one_hot", lambda x: tf.one_hot([1, 0], 3, dtype=tf.float64) @ x[0])
show("identity_n", lambda x: tf.identity_n([x, 2.0 * x])[1])
show("ensure", lambda x: tf.ensure_shape(x, [2, None, 4]))
show("numpy", lambda x: x * np.float64(2.0) + np.ones((3, 4)))
a, (b, c) = x[0], x[1][:2]
print(a.shape, b.shape, c.numpy(), [row.shape for row in x[0]][:1], x.shape.as_list(), len(x.shape), x.shape[-1])
print(tf.shape(x).numpy(), tf.size(x).numpy(), x.shape.num_elements(), 0.5 in a.numpy(), tf.rank(x).numpy())
print(tf.range(3, 18, 3).numpy(), tf.linspace(0.0, 1.0, 3).numpy(), tf.fill([2], 7).numpy(), tf.eye(2, 3).numpy().tolist())
