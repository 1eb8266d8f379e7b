"""tf.data as feature pipelines use it: windows of a time series, padding, filters, generators, zips, caches."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(1)

series = np.sin(np.arange(20) * 0.5).astype("float32")


def windowed_dataset(series, window_size, batch_size, shuffle_buffer):
    dataset = tf.data.Dataset.from_tensor_slices(series)
    dataset = dataset.window(window_size + 1, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda window: window.batch(window_size + 1))
    dataset = dataset.shuffle(shuffle_buffer, seed=3).map(lambda window: (window[:-1], window[-1]))
    return dataset.batch(batch_size).prefetch(1)


for x, y in windowed_dataset(series, 4, 8, 5):
    print(x.shape, y.numpy().round(3))
W = tf.Variable(tf.zeros([4, 1]))
opt = tf.keras.optimizers.SGD(0.1, momentum=0.9)
for epoch in range(5):
    total = 0.0
    for x, y in windowed_dataset(series, 4, 8, 100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.squeeze(x @ W, 1) - y))
        opt.apply_gradients([(tape.gradient(loss, W), W)])
        total += float(loss)
    print(epoch, f"{total:.4f}")
print(W.numpy().ravel().round(3))

words = ["the cat", "a dog ran", "so", "far far away now"]
vocabulary = {}


def encode():
    for sentence in words:
        yield [vocabulary.setdefault(w, len(vocabulary) + 1) for w in sentence.split()], len(sentence.split())


ds = tf.data.Dataset.from_generator(encode, output_types=(tf.int32, tf.int32), output_shapes=([None], []))
for ids, n in ds.padded_batch(2, padded_shapes=([None], [])):
    print(ids.numpy().tolist(), n.numpy())
print(ds.element_spec)


@tf.function
def normalize(d):
    return {
        "x": (d["x"] - 2.0) / 2.0,
        "label": tf.cast(d["label"], tf.float32),
        "weight": tf.where(d["label"] > 1, 2.0, 1.0),
    }


features = tf.data.Dataset.from_tensor_slices({"x": [[1.0], [2.0], [3.0], [4.0]], "label": [0, 1, 2, 3]})
for d in features.map(normalize, num_parallel_calls=tf.data.AUTOTUNE).batch(3):
    print({k: v.numpy().ravel().tolist() for k, v in sorted(d.items())})
a, b = tf.data.Dataset.range(4), tf.data.Dataset.from_tensor_slices(tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
for i, (n, v) in tf.data.Dataset.zip((a, b)).enumerate():
    print(i.numpy(), n.numpy(), v.numpy())
even = tf.data.Dataset.range(10).filter(lambda x: tf.equal(x % 2, 0))
even = even.map(lambda x: tf.cast(x, tf.float32) / 2.0)
print(list(even.as_numpy_iterator()), even.reduce(0.0, lambda s, x: s + x).numpy())
print([b.numpy().tolist() for b in tf.data.Dataset.range(7).batch(3, drop_remainder=True).repeat(2)])
print([int(x) for x in tf.data.Dataset.range(3).concatenate(tf.data.Dataset.range(5, 7)).skip(1).shard(2, 0)])
print(even, tf.data.Dataset.range(5).shuffle(2).cache().repeat().batch(2).prefetch(tf.data.experimental.AUTOTUNE))
calls = []


def augment(x):
    calls.append("traced")
    if x > 2:
        return x * 10
    else:
        return -x


print([int(x) for x in tf.data.Dataset.range(5).map(augment)], calls)
try:
    for batch in tf.data.Dataset.from_generator(lambda: iter([[1], [1, 2]]), output_types=tf.int32).batch(2):
        print(batch)
except tf.errors.InvalidArgumentError:
    print("InvalidArgumentError")
