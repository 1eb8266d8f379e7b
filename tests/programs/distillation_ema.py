"""A teacher, a student, an exponential moving average of weights, temperature, label smoothing, mixup, cosine restarts."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
X = rng.randn(48, 5).astype("float32")
Y = np.argmax(X[:, :3] + 0.3 * rng.randn(48, 3), 1)


def mlp(sizes, seed):
    r = np.random.RandomState(seed)
    return [
        (tf.Variable(r.randn(a, b).astype("float32") / float(np.sqrt(a))), tf.Variable(tf.zeros(b)))
        for a, b in zip(sizes, sizes[1:])
    ]


def run(layers, x):
    for i, (w, b) in enumerate(layers):
        x = tf.nn.bias_add(tf.matmul(x, w), b)
        if i + 1 < len(layers):
            x = tf.nn.selu(x)
    return x


flat = lambda layers: tf.nest.flatten(layers)
teacher, student = mlp([5, 16, 3], 0), mlp([5, 4, 3], 1)
shadow = [tf.Variable(v, trainable=False) for v in flat(student)]
opt_t = tf.keras.optimizers.Adamax(0.05)
opt_s = tf.keras.optimizers.Lion(0.01) if hasattr(tf.keras.optimizers, "Lion") else tf.keras.optimizers.Adam(0.01)
cce = tf.keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05)
kl = tf.keras.losses.KLDivergence()
onehot = tf.one_hot(Y, 3)


@tf.function
def train_teacher(x, y, lam, perm):
    x2, y2 = lam * x + (1 - lam) * tf.gather(x, perm), lam * y + (1 - lam) * tf.gather(y, perm)
    with tf.GradientTape() as tape:
        loss = cce(y2, run(teacher, x2))
    g = tape.gradient(loss, flat(teacher))
    g = [tf.clip_by_norm(t, 1.0) for t in g]
    opt_t.apply_gradients(zip(g, flat(teacher)))
    return loss


@tf.function
def train_student(x, y, T=2.0, alpha=0.7, decay=0.9):
    soft = tf.nn.softmax(tf.stop_gradient(run(teacher, x)) / T)
    with tf.GradientTape() as tape:
        logits = run(student, x)
        loss = alpha * T**2 * kl(soft, tf.nn.softmax(logits / T)) + (1 - alpha) * cce(y, logits)
    opt_s.apply_gradients(zip(tape.gradient(loss, flat(student)), flat(student)))
    for s, v in zip(shadow, flat(student)):
        s.assign(decay * s + (1 - decay) * v)
    return loss


for i in range(20):
    l = train_teacher(X, onehot, tf.constant(rng.beta(0.4, 0.4), tf.float32), rng.permutation(48))
    if i % 5 == 0:
        print("teacher", i, f"{l:.4f}")
for i in range(20):
    l = train_student(X, onehot)
    if i % 5 == 0:
        print("student", i, f"{l:.4f}")
acc = tf.keras.metrics.CategoricalAccuracy()
acc.update_state(onehot, run(student, X))
print(f"{acc.result():.4f}", [f"{tf.norm(s):.4f}" for s in shadow])
top2 = tf.keras.metrics.TopKCategoricalAccuracy(k=2)
top2(onehot, run(student, X))
print(f"{top2.result():.4f}", f"{tf.keras.metrics.categorical_accuracy(onehot[:4], run(teacher, X[:4])).numpy()}")
cm = tf.math.confusion_matrix(Y, tf.argmax(run(teacher, X), 1), num_classes=3)
print(cm.numpy(), f"{tf.linalg.trace(cm) / tf.reduce_sum(cm):.4f}")
