"""A fit with a tqdm bar and a matplotlib figure, drawn from tensors."""

import os
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from tqdm import tqdm, trange

t = tf.linspace(0.0, 1.0, 50)
control = tf.Variable([[0.0, 0.0], [0.2, 0.9], [0.9, -0.2], [1.0, 1.0]])
target = tf.stack([t, 0.5 + 0.5 * tf.sin(6.0 * (t - 0.5))], axis=1)


def bezier(points, t):
    s = 1.0 - t
    basis = tf.stack([s**3, 3 * s**2 * t, 3 * s * t**2, t**3], axis=1)
    return basis @ points


optimizer = tf.keras.optimizers.Adam(learning_rate=0.05)
losses = []
quiet = open(os.devnull, "w")
with tqdm(total=60, file=quiet) as bar:
    for step in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.reduce_sum((bezier(control, t) - target) ** 2, axis=1))
        optimizer.apply_gradients([(tape.gradient(loss, control), control)])
        losses.append(loss)
        bar.set_postfix(loss=f"{loss.numpy():.4f}")
        bar.update(1)
print(f"loss {losses[0]:.4f} -> {losses[-1]:.5f}")
print(np.round(control.numpy(), 3))
for _ in trange(3, file=quiet, leave=False):
    pass
quiet.close()
figure, axes = plt.subplots(1, 2)
axes[0].plot(losses, label="loss")
axes[0].set_yscale("log")
curve = bezier(control, t)
axes[1].plot(curve[:, 0], curve[:, 1], "r-", target[:, 0], target[:, 1], "k.")
axes[1].scatter(control[:, 0], control[:, 1])
axes[1].axvline(control[1, 0], ymax=0.5)
axes[1].hist(tf.random.normal([100]), bins=5)
axes[1].imshow(tf.reshape(tf.range(12.0), [3, 4]))
axes[0].set_title(f"final {losses[-1]:.3f}")
axes[0].fill_between(t, t - 0.1, t + 0.1)
axes[0].errorbar([0.0, 1.0], tf.constant([1.0, 2.0]), yerr=tf.constant([0.1, 0.2]))
path = os.path.join(tempfile.gettempdir(), f"figure-{os.getpid()}.png")
plt.legend(["a", "b"])
plt.savefig(path)
plt.close(figure)
print(os.path.getsize(path) > 1000, len(axes[0].lines), np.asarray(axes[0].lines[0].get_ydata(), dtype=float).shape)
os.remove(path)
print(
    np.mean(losses).round(5),
    np.array(losses).shape,
    np.max(curve).round(4),
    np.dot(t, t).round(4),
    np.concatenate([t, t]).shape,
)
print(sum(losses).numpy().round(4), min(losses).numpy().round(5), sorted(losses)[0].numpy() == min(losses).numpy())
