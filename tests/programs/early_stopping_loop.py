"""A training loop as tutorials write it: epochs, minibatches by hand, validation, early stopping, best weights, plateau schedule."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(14)
x = rng.uniform(-2, 2, (60, 1)).astype("float32")
y = (np.sin(2 * x) + 0.1 * rng.randn(60, 1)).astype("float32")
x_train, y_train, x_val, y_val = x[:45], y[:45], x[45:], y[45:]


class MLP(tf.Module):
    def __init__(self, units, name=None):
        super().__init__(name=name)
        sizes = [1] + units + [1]
        self.layers = [
            (
                tf.Variable(rng.randn(i, o).astype("float32") / float(np.sqrt(i)), name=f"w_{k}"),
                tf.Variable(tf.zeros(o), name=f"b_{k}"),
            )
            for k, (i, o) in enumerate(zip(sizes, sizes[1:]))
        ]
        self.rate = tf.Variable(0.1, trainable=False, name="rate")

    def __call__(self, h, training=False):
        for k, (w, b) in enumerate(self.layers):
            h = tf.nn.xw_plus_b(h, w, b) if hasattr(tf.nn, "xw_plus_b") else h @ w + b
            if k < len(self.layers) - 1:
                h = tf.nn.swish(h)
        return h


model = MLP([10, 10])
print(len(model.trainable_variables), len(model.variables), [v.name for v in model.variables][-2:])
loss_fn = tf.keras.losses.Huber(delta=0.5)
opt = tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
train_loss, val_loss = tf.keras.metrics.Mean("train"), tf.keras.metrics.MeanSquaredError("val")


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        pred = model(xb, training=True)
        loss = loss_fn(yb, pred) + 1e-4 * sum(tf.nn.l2_loss(v) for v in model.trainable_variables)
    opt.minimize(loss, model.trainable_variables, tape=tape) if hasattr(opt, "minimize") else opt.apply_gradients(
        zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    )
    train_loss.update_state(loss)


@tf.function
def val_step(xb, yb):
    val_loss.update_state(yb, model(xb))


best, wait, weights = np.inf, 0, None
for epoch in range(25):
    order = rng.permutation(len(x_train))
    for start in range(0, len(order), 16):
        idx = order[start : start + 16]
        train_step(x_train[idx], y_train[idx])
    val_step(x_val, y_val)
    t, v = train_loss.result().numpy(), float(val_loss.result())
    train_loss.reset_state()
    val_loss.reset_state()
    if v < best - 1e-3:
        best, wait, weights = v, 0, [p.numpy() for p in model.trainable_variables]
    else:
        wait += 1
        if wait % 2 == 0:
            opt.learning_rate.assign(opt.learning_rate * 0.5)
            print(f"  epoch {epoch}: learning rate {opt.learning_rate.numpy():.5f}")
        if wait > 4:
            print("stopped at", epoch)
            break
    if epoch % 5 == 0:
        print(f"epoch {epoch:02d} train {t:.5f} val {v:.5f}")
for p, w in zip(model.trainable_variables, weights):
    p.assign(w)
print(f"best {best:.5f}", f"{np.mean((model(tf.constant(x_val)) - y_val) ** 2):.5f}")
