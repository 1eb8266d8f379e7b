"""Fits a damped oscillation to noisy measurements by gradient descent.

A program as one writes it for TensorFlow: `tapeflow run examples/fit_a_curve.py` runs it without TensorFlow. It prints what it
found beside what is true and writes a picture of the loss and of the fit.
"""

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from tqdm import tqdm

STEPS = 1500
TRUE = {"amplitude": 2.0, "decay": 0.35, "frequency": 3.0, "phase": 0.6}

# -- the measurements ----------------------------------------------------------------------------

noise = np.random.default_rng(seed=7)
t = np.linspace(0.0, 8.0, 200)
measured = TRUE["amplitude"] * np.exp(-TRUE["decay"] * t) * np.cos(TRUE["frequency"] * t + TRUE["phase"])
measured = measured + noise.normal(scale=0.05, size=t.size)

t = tf.constant(t, tf.float32)
measured = tf.constant(measured, tf.float32)

# -- the model -----------------------------------------------------------------------------------

parameters = {
    name: tf.Variable(guess, name=name, dtype=tf.float32)
    for name, guess in [("amplitude", 1.0), ("decay", 0.1), ("frequency", 2.8), ("phase", 0.0)]
}


def model(t):
    p = parameters
    return p["amplitude"] * tf.exp(-p["decay"] * t) * tf.cos(p["frequency"] * t + p["phase"])


# -- the fit -------------------------------------------------------------------------------------

optimizer = tf.keras.optimizers.Adam(learning_rate=0.02)
losses = []
with tqdm(total=STEPS, desc="fitting", ncols=80) as bar:
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(t) - measured))
        gradients = tape.gradient(loss, parameters)
        optimizer.apply_gradients((gradients[name], parameters[name]) for name in parameters)
        losses.append(float(loss))
        bar.update(1)
        bar.set_postfix(loss=f"{losses[-1]:.5f}", refresh=False)

# -- what came out ---------------------------------------------------------------------------------

print(f"{'':12}{'found':>10}{'true':>10}")
for name, variable in parameters.items():
    print(f"{name:12}{float(variable):10.4f}{TRUE[name]:10.4f}")
print(f"mean squared error {losses[-1]:.5f}; the noise alone has {0.05**2:.5f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.semilogy(losses)
left.set(xlabel="step", ylabel="mean squared error", title="loss")
right.plot(t, measured, ".", markersize=3, label="measured")
right.plot(t, model(t), label="fitted")
right.set(xlabel="t", title="fit")
right.legend()
figure.tight_layout()
figure.savefig("fit_a_curve.png", dpi=120)
print("the loss curve is in fit_a_curve.png")
