"""Triplet, contrastive and InfoNCE losses on embeddings; cosine similarities and hard negatives."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
anchor, positive, negative = (tf.Variable(rng.randn(6, 4).astype(np.float32), name=n) for n in ("a", "p", "n"))


def triplet_loss(a, p, n, margin=0.5):
    ap = tf.reduce_sum(tf.square(a - p), axis=-1)
    an = tf.reduce_sum(tf.square(a - n), axis=-1)
    return tf.reduce_mean(tf.maximum(ap - an + margin, 0.0))


with tf.GradientTape() as tape:
    loss = triplet_loss(anchor, positive, negative)
grads = tape.gradient(loss, [anchor, positive, negative])
print(f"triplet {loss:.5f}", [f"{tf.norm(g):.5f}" for g in grads])


def info_nce(a, b, temperature=0.1):
    a, b = tf.math.l2_normalize(a, axis=1), tf.math.l2_normalize(b, axis=1)
    logits = tf.matmul(a, b, transpose_b=True) / temperature
    labels = tf.range(tf.shape(a)[0])
    loss_a = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    loss_b = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.transpose(logits))
    return tf.reduce_mean(loss_a + loss_b) / 2


opt = tf.keras.optimizers.SGD(0.1, momentum=0.9)
for i in range(21):
    with tf.GradientTape() as tape:
        loss = info_nce(anchor, positive)
    opt.apply_gradients(zip(tape.gradient(loss, [anchor, positive]), [anchor, positive], strict=True))
    if i % 5 == 0:
        print(f"infonce {i:2d} {loss.numpy():.5f}")


def contrastive(y, d, margin=1.0):
    return tf.reduce_mean(y * d**2 + (1 - y) * tf.nn.relu(margin - d) ** 2)


same_class = tf.constant([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
with tf.GradientTape() as tape:
    distance = tf.norm(anchor - negative, axis=1)
    loss = contrastive(same_class, distance, margin=3.0)
print(f"{loss:.5f}", tape.gradient(loss, negative).numpy().sum(axis=1).round(4))

labels = tf.constant([0, 0, 1, 1, 2, 2])
with tf.GradientTape() as tape:
    z = tf.math.l2_normalize(anchor, axis=1)
    d = 2.0 - 2.0 * tf.matmul(z, z, transpose_b=True)
    equal = tf.equal(labels[:, None], labels[None, :])
    not_self = tf.logical_not(tf.eye(6, dtype=tf.bool))
    hardest_positive = tf.reduce_max(tf.where(tf.logical_and(equal, not_self), d, 0.0), axis=1)
    hardest_negative = tf.reduce_min(tf.where(equal, float("inf"), d), axis=1)
    hard = tf.reduce_mean(tf.nn.softplus(hardest_positive - hardest_negative))
print(f"{hard:.5f}", np.round(tape.gradient(hard, anchor).numpy()[0], 5))
cosine = tf.keras.losses.cosine_similarity(anchor, positive)
print(cosine.numpy().round(4), tf.argsort(d[0]).numpy())
