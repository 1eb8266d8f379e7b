"""Encoder and decoder with Bahdanau attention, masks, teacher forcing and greedy decoding in a while loop."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)
V, E, H = 9, 5, 6
init = lambda *s: tf.Variable(rng.randn(*s).astype("float32") * 0.3)
emb, enc_W, enc_U, dec_W, dec_U = init(V, E), init(E, 3 * H), init(H, 3 * H), init(E + H, 3 * H), init(H, 3 * H)
att_q, att_k, att_v, out_W = init(H, H), init(H, H), init(H, 1), init(2 * H, V)
variables = [emb, enc_W, enc_U, dec_W, dec_U, att_q, att_k, att_v, out_W]


def gru(x, h, W, U):
    z, r, n = tf.split(x @ W, 3, 1)
    uz, ur, un = tf.split(h @ U, 3, 1)
    z = tf.sigmoid(z + uz)
    return z * h + (1 - z) * tf.tanh(n + tf.sigmoid(r + ur) * un)


def encode(src):
    mask = tf.cast(src > 0, tf.float32)
    h = tf.zeros([tf.shape(src)[0], H])
    states = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for t in tf.range(tf.shape(src)[1]):
        m = mask[:, t, tf.newaxis]
        h = m * gru(tf.nn.embedding_lookup(emb, src[:, t]), h, enc_W, enc_U) + (1 - m) * h
        states = states.write(t, h)
    return tf.transpose(states.stack(), [1, 0, 2]), h, mask


def attend(h, states, mask):
    score = tf.squeeze(tf.tanh((h @ att_q)[:, None] + states @ att_k) @ att_v, -1)
    score = tf.where(mask > 0, score, tf.fill(tf.shape(score), -1e9))
    a = tf.nn.softmax(score, axis=1)
    return tf.reduce_sum(a[..., None] * states, 1), a


def decode_step(token, h, states, mask):
    context, a = attend(h, states, mask)
    h = gru(tf.concat([tf.gather(emb, token), context], -1), h, dec_W, dec_U)
    return tf.concat([h, context], 1) @ out_W, h, a


@tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
def loss_fn(src, tgt):
    states, h, mask = encode(src)
    token = tf.ones_like(tgt[:, 0])
    total, count = 0.0, 0.0
    for t in tf.range(tf.shape(tgt)[1]):
        logits, h, _ = decode_step(token, h, states, mask)
        w = tf.cast(tgt[:, t] > 0, tf.float32)
        ce = tf.nn.sparse_softmax_cross_entropy_with_logits(tgt[:, t], logits)
        total += tf.reduce_sum(ce * w)
        count += tf.reduce_sum(w)
        token = tgt[:, t]
    return total / count


@tf.function
def greedy(src, limit=6):
    states, h, mask = encode(src)
    token = tf.ones_like(src[:, 0])
    tokens = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
    done = tf.zeros_like(token, tf.bool)
    i = 0
    while i < limit and not tf.reduce_all(done):
        logits, h, _ = decode_step(token, h, states, mask)
        token = tf.where(done, 0, tf.argmax(logits, -1, output_type=tf.int32))
        done = done | (token == 2)
        tokens = tokens.write(i, token)
        i += 1
    return tf.transpose(tokens.stack()), i


def batch():
    n = rng.randint(2, 5)
    src = rng.randint(3, V, (4, n)).astype("int32")
    src[0, -1] = 0
    tgt = np.concatenate([src[:, ::-1], np.full((4, 1), 2)], 1).astype("int32")
    return tf.constant(src), tf.constant(tgt)


opt = tf.keras.optimizers.Adam(0.03, global_clipnorm=1.0)
for i in range(12):
    src, tgt = batch()
    with tf.GradientTape() as tape:
        loss = loss_fn(src, tgt)
    grads = tape.gradient(loss, variables)
    opt.apply_gradients([(tf.convert_to_tensor(g), v) for g, v in zip(grads, variables)])
    if i % 4 == 0:
        print(i, src.shape, f"{loss:.4f}", grads[1].shape)
tokens, n = greedy(tf.constant([[3, 4, 5], [6, 7, 0]]))
print(tokens.shape[0], n.numpy() <= 6, loss_fn.experimental_get_tracing_count())
