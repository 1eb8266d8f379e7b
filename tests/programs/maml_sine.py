"""MAML: gradients through inner gradient steps, first order and second order, in tf.function with a Python loop over tasks."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)


def init():
    return [
        tf.Variable(rng.randn(1, 8).astype("float32")),
        tf.Variable(tf.zeros([8])),
        tf.Variable(rng.randn(8, 1).astype("float32") * 0.5),
        tf.Variable([0.0]),
    ]


def forward(p, x):
    return tf.nn.softplus(x @ p[0] + p[1]) @ p[2] + p[3]


def mse(p, x, y):
    return tf.reduce_mean(tf.keras.losses.mse(y, forward(p, x)))


def adapt(params, x, y, lr, steps, create_graph):
    fast = [tf.identity(p) for p in params]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(fast)
            loss = mse(fast, x, y)
        grads = tape.gradient(loss, fast)
        if not create_graph:
            grads = [tf.stop_gradient(g) for g in grads]
        fast = [p - lr * g for p, g in zip(fast, grads)]
    return fast


def task():
    a, ph = rng.uniform(0.5, 2.0), rng.uniform(0, np.pi)
    x = rng.uniform(-3, 3, (10, 1)).astype("float32")
    y = (a * np.sin(x + ph)).astype("float32")
    return tuple(map(tf.constant, (x[:5], y[:5], x[5:], y[5:])))


tasks = [task() for _ in range(3)]
for second in (True, False):
    rng = np.random.RandomState(0)
    params = init()
    lr = tf.Variable(0.05)
    opt = tf.keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)

    def meta_step(batch):
        with tf.GradientTape() as tape:
            losses = []
            for xs, ys, xq, yq in batch:
                losses.append(mse(adapt(params, xs, ys, lr, 2, second), xq, yq))
            loss = tf.add_n(losses) / len(losses)
        g = tape.gradient(loss, params + [lr])
        opt.apply_gradients(zip(g, params + [lr]))
        return loss, g[-1]

    graph_step = tf.function(meta_step)
    for i in range(6):
        loss, dlr = (meta_step if i < 2 else graph_step)(tasks)
        print(second, i, f"{loss:.5f} {dlr:.5f} lr {lr.numpy():.5f}")
