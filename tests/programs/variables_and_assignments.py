"""What programs do with variables: assign, count, constrain, copy, compare, and differentiate around it."""

import copy

import numpy as np
import tensorflow as tf

v = tf.Variable(1.0, name="speed")
print(v.name, v.dtype, v.shape, v.trainable, v)
print(v.assign(2.0).numpy(), v.assign_add(0.5).numpy(), v.assign_sub(1.0).numpy(), v.read_value().numpy(), v.value().numpy())
m = tf.Variable(tf.zeros((2, 3)), trainable=False, name="matrix", dtype=tf.float32)
m[0, 1].assign(5.0)
m[:, 2].assign([1.0, 2.0])
print(m.numpy(), m.trainable)
print(
    (v + 1.0).numpy(),
    (2.0 * v).numpy(),
    (v**2).numpy(),
    (-v).numpy(),
    (v / 3.0).numpy(),
    (v > 1.0).numpy(),
    abs(-v).numpy(),
    (7.0 // v).numpy(),
    (7.0 % v).numpy(),
)
w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
print((w @ w).numpy(), w[0].numpy(), w[:, 1].numpy(), tf.transpose(w).numpy()[0], np.sum(w), w.numpy().T.tolist())
twin = copy.deepcopy(w)
twin.assign_add(tf.ones([2, 2]))
print(w.numpy()[0], twin.numpy()[0])
old = w.numpy()
w.assign(w * 10.0)
print(old[0], w.numpy()[0])
with tf.GradientTape() as tape:
    a = v * 3.0
    v.assign(100.0)
    b = v * 2.0
    loss = a * b
print(loss.numpy(), tape.gradient(loss, v).numpy())
v.assign(1.5)
with tf.GradientTape(persistent=True) as tape:
    total = tf.constant(0.0)
    for i in range(3):
        v.assign_add(1.0)
        total += v**2
print(total.numpy(), tape.gradient(total, v).numpy(), [x.name for x in tape.watched_variables()])
variables = [tf.Variable(float(i), name=f"p{i}") for i in range(3)]
with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch(variables[1:])
    out = tf.add_n([p * p for p in variables]) + tf.math.add_n([p.value() for p in variables])
print([None if g is None else g.numpy() for g in tape.gradient(out, variables)])
frozen = tf.Variable(2.0, trainable=False)
with tf.GradientTape() as tape:
    y = frozen * v
print(tape.gradient(y, frozen))
counter = tf.Variable(0, dtype=tf.int64)
for _ in range(5):
    counter.assign_add(1)
print(counter.numpy(), int(counter), counter == 5, bool(counter > 3), f"{counter.numpy():03d}")
lazy = tf.Variable(lambda: tf.ones([2]) * 4.0, constraint=tf.nn.relu)
print(lazy.numpy(), lazy.constraint is tf.nn.relu, tf.Variable(np.float64(1.0)).dtype, tf.Variable([1, 2]).dtype)
table = {w.ref(): "w", v.ref(): "v"}
print(
    table[w.ref()], v.ref() == v.ref(), v is v.ref().deref(), tf.is_tensor(v), isinstance(v, tf.Tensor), hasattr(v, "assign")
)
for bad in (lambda: w.assign([1.0]), lambda: w.assign_add([[1, 2, 3]]), lambda: tf.Variable(), lambda: counter.assign(1.5)):
    try:
        bad()
    except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
        print(type(error).__name__)
print(w.numpy().tolist(), counter.numpy())
shape_free = tf.Variable([1.0], shape=tf.TensorShape([None]))
shape_free.assign([1.0, 2.0, 3.0])
print(shape_free.shape, shape_free.numpy())
