"""A transformer block by einsum: causal multi-head attention, layer normalization, positions, label smoothing, Noam schedule."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
V, D, H, T, B = 11, 8, 2, 6, 4


def init(*shape):
    return tf.Variable(rng.randn(*shape).astype(np.float32) * 0.2)


class Block(tf.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = init(3, D, H, D // H), init(H, D // H, D)
        self.w1, self.w2 = init(D, 16), init(16, D)
        self.g = [tf.Variable(tf.ones(D)) for _ in range(2)]
        self.b = [tf.Variable(tf.zeros(D)) for _ in range(2)]

    def norm(self, x, i):
        mean, var = tf.nn.moments(x, axes=-1, keepdims=True)
        return self.g[i] * (x - mean) * tf.math.rsqrt(var + 1e-6) + self.b[i]

    def attend(self, x, mask):
        q, k, v = tf.unstack(tf.einsum("btd,sdhk->sbhtk", x, self.qkv))
        scores = tf.einsum("bhtk,bhsk->bhts", q, k) / tf.sqrt(float(D // H))
        scores += (1.0 - mask) * -1e9
        return tf.einsum("bhts,bhsk,hkd->btd", tf.nn.softmax(scores), v, self.out)

    def __call__(self, x, mask):
        x = x + self.attend(self.norm(x, 0), mask)
        return x + tf.nn.gelu(self.norm(x, 1) @ self.w1, approximate=True) @ self.w2


class LM(tf.Module):
    def __init__(self, layers):
        self.embed = init(V, D)
        self.blocks = [Block() for _ in range(layers)]
        pos = np.arange(T)[:, None] / 10000 ** (2 * (np.arange(D)[None] // 2) / D)
        self.pos = tf.constant(np.where(np.arange(D) % 2 == 0, np.sin(pos), np.cos(pos)), tf.float32)

    def __call__(self, tokens):
        t = tf.shape(tokens)[1]
        mask = tf.linalg.band_part(tf.ones([t, t]), -1, 0)
        x = tf.nn.embedding_lookup(self.embed, tokens) * tf.math.sqrt(tf.cast(D, tf.float32)) + self.pos[:t]
        for b in self.blocks:
            x = b(x, mask)
        return tf.einsum("btd,vd->btv", x, self.embed)


class Noam(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d, warmup=20):
        self.d, self.warmup = tf.cast(d, tf.float32), warmup

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        return tf.math.rsqrt(self.d) * tf.math.minimum(tf.math.rsqrt(step + 1), step * self.warmup**-1.5)

    def get_config(self):
        return {"d": 8, "warmup": self.warmup}


model = LM(2)
opt = tf.keras.optimizers.Adam(Noam(D), beta_1=0.9, beta_2=0.98, epsilon=1e-9)
loss_object = tf.keras.losses.CategoricalCrossentropy(from_logits=True, reduction="none", label_smoothing=0.1)
accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="acc")
mean_loss = tf.keras.metrics.Mean(name="loss")


@tf.function(input_signature=[tf.TensorSpec((None, None), tf.int64)])
def train_step(tokens):
    inp, tar = tokens[:, :-1], tokens[:, 1:]
    with tf.GradientTape() as tape:
        logits = model(inp)
        loss_ = loss_object(tf.one_hot(tar, V), logits)
        mask = tf.cast(tf.math.logical_not(tf.math.equal(tar, 0)), loss_.dtype)
        loss = tf.reduce_sum(loss_ * mask) / tf.reduce_sum(mask)
    gradients = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(gradients, model.trainable_variables))
    mean_loss(loss)
    accuracy(tar, logits, sample_weight=mask)
    return loss


for epoch in range(3):
    mean_loss.reset_state()
    accuracy.reset_state()
    for n in range(10):
        start = rng.randint(1, V, (B, 1))
        length = rng.randint(3, T + 1)
        batch = (start + np.arange(length)) % V
        train_step(tf.constant(batch, tf.int64))
    print(f"Epoch {epoch + 1} Loss {mean_loss.result():.4f} Accuracy {accuracy.result():.4f}")
print(int(opt.iterations), len(model.trainable_variables))
logits = model(tf.constant([[3, 4, 5]]))
print(logits.shape, tf.nn.top_k(logits[0, -1], 3).indices.numpy())
