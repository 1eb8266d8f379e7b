"""Optimizers on Rosenbrock's and Himmelblau's functions, all from the same start."""

import tensorflow as tf


def rosenbrock(p):
    x, y = p[0], p[1]
    return (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2


def himmelblau(p):
    x, y = tf.unstack(p)
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


optimizers = {
    "SGD": lambda: tf.keras.optimizers.SGD(1e-3),
    "momentum": lambda: tf.keras.optimizers.SGD(learning_rate=5e-4, momentum=0.9),
    "nesterov": lambda: tf.keras.optimizers.SGD(learning_rate=5e-4, momentum=0.9, nesterov=True),
    "Adam": lambda: tf.keras.optimizers.Adam(0.05),
    "amsgrad": lambda: tf.keras.optimizers.Adam(0.05, amsgrad=True),
    "AdamW": lambda: tf.keras.optimizers.AdamW(0.05, weight_decay=0.01),
    "Adamax": lambda: tf.keras.optimizers.Adamax(0.05),
    "Nadam": lambda: tf.keras.optimizers.Nadam(0.02),
    "RMSprop": lambda: tf.keras.optimizers.RMSprop(0.01, rho=0.9, centered=True),
    "Adagrad": lambda: tf.keras.optimizers.Adagrad(0.3),
    "Adadelta": lambda: tf.keras.optimizers.Adadelta(1.0),
    "Ftrl": lambda: tf.keras.optimizers.Ftrl(0.2),
    "Lion": lambda: tf.keras.optimizers.Lion(0.01),
}
for function in (rosenbrock, himmelblau):
    print(function.__name__)
    for name, make in optimizers.items():
        opt = make()
        p = tf.Variable([-1.2, 1.0], name="p")
        for _ in range(100):
            with tf.GradientTape() as tape:
                value = function(p)
            opt.apply_gradients([(tape.gradient(value, p), p)])
        print(f"  {name:9s} f={function(p).numpy():9.4f} x={p.numpy()[0]:7.3f} y={p.numpy()[1]:7.3f}")
opt = tf.keras.optimizers.Adam(learning_rate=0.1)
x = tf.Variable(4.0)
for i in range(20):
    with tf.GradientTape() as tape:
        y = tf.math.square(x - 1.0)
    [grad] = tape.gradient(y, [x])
    opt.apply_gradients(zip([grad], [x]))
tf.print("x =", x, "iterations =", opt.iterations)
print(opt.name.startswith("adam"), len(opt.variables))
