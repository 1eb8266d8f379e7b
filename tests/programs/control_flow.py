"""Loops and branches on tensors: while_loop, cond, case, switch_case, map_fn, foldl, foldr, scan, TensorArray."""

import numpy as np
import tensorflow as tf

x = tf.Variable(1.5)


def collatz_like(v):
    steps = 0
    while v < 50.0:
        v = v * 3.0 + 1.0 if steps % 2 == 0 else v / 2.0 + 1.0
        steps += 1
    return v, steps


with tf.GradientTape() as tape:
    y, steps = collatz_like(x)
print(y.numpy(), steps, tape.gradient(y, x).numpy())

with tf.GradientTape(persistent=True) as tape:
    a = tf.cond(x > 1.0, lambda: x**2, lambda: -x)
    b = tf.case([(x < 1.0, lambda: x * 10.0), (x < 2.0, lambda: x * 20.0)], default=lambda: x * 30.0)
    c = tf.switch_case(tf.constant(2), branch_fns=[lambda: x, lambda: x * 2, lambda: tf.sin(x)])
    i, acc = tf.while_loop(
        lambda i, acc: tf.less(i, 5),
        lambda i, acc: [i + 1, acc * x + tf.cast(i, tf.float32)],
        [tf.constant(0), tf.constant(1.0)],
    )
print([f"{tape.gradient(t, x):.5f}" for t in (a, b, c, acc)], int(i))

elems = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(elems)
    squares = tf.map_fn(lambda row: tf.reduce_sum(row**2), elems)
    pair = tf.map_fn(lambda row: (row[0] * row[1], row[0] > 2.0), elems, fn_output_signature=(tf.float32, tf.bool))
    product = tf.foldl(lambda acc, row: acc * row, elems)
    right = tf.foldr(lambda acc, row: row - 0.5 * acc, elems, initializer=tf.zeros(2))
    running = tf.scan(lambda acc, row: acc * 0.5 + row, elems, reverse=True)
    two = tf.scan(
        lambda acc, e: (acc[0] + e[0], acc[1] * e[1]),
        (elems[:, 0], elems[:, 1]),
        initializer=(tf.constant(0.0), tf.constant(1.0)),
    )
print(squares.numpy(), pair[0].numpy(), pair[1].numpy())
print(tape.gradient(squares, elems).numpy().tolist(), tape.gradient(pair[0], elems).numpy().tolist())
print(product.numpy(), tape.gradient(product, elems).numpy().tolist())
print(right.numpy(), tape.gradient(right, elems).numpy().tolist())
print(running.numpy().tolist(), tape.gradient(running, elems).numpy().tolist())
print([t.numpy().tolist() for t in two], tape.gradient(two, elems).numpy().tolist())

ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False)
with tf.GradientTape() as tape:
    v = x
    for k in tf.range(4):
        v = v * 1.1
        ta = ta.write(k, v + tf.cast(k, tf.float32))
    stacked = ta.stack()
    total = tf.reduce_sum(stacked * tf.constant([1.0, 2.0, 3.0, 4.0])) + ta.read(2)
print(stacked.numpy().round(4), ta.size().numpy(), f"{tape.gradient(total, x):.5f}")
ta2 = tf.TensorArray(tf.float32, 3).unstack(elems)
print(ta2.read(1).numpy(), ta2.gather([0, 2]).numpy().tolist())


def recursive_power(base, n):
    return tf.constant(1.0) if n == 0 else base * recursive_power(base, n - 1)


with tf.GradientTape() as tape:
    z = recursive_power(x, 5)
print(z.numpy(), tape.gradient(z, x).numpy())
for batch, (xx, yy) in enumerate(zip(elems, [10.0, 20.0, 30.0])):
    print(batch, tf.tensordot(xx, xx, 1).numpy() + yy)
newton = tf.constant(2.0, tf.float64)
out = tf.while_loop(
    lambda r: tf.abs(r * r - newton) > 1e-12,
    lambda r: [0.5 * (r + newton / r)],
    [tf.constant(1.0, tf.float64)],
    maximum_iterations=20,
)
print(out[0].numpy(), np.sqrt(2.0))
print(tf.vectorized_map(lambda r: r * tf.reduce_sum(r), elems).numpy().tolist())
