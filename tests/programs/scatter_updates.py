"""Updates of single elements: scatter_nd, tensor_scatter_nd_*, sliced assignment, masks and segments."""

import tensorflow as tf

base = tf.Variable(tf.zeros([4, 3]), name="base")
updates = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
indices = tf.constant([[0], [2]])
with tf.GradientTape(persistent=True) as tape:
    replaced = tf.tensor_scatter_nd_update(base + 1.0, indices, updates)
    added = tf.tensor_scatter_nd_add(base + 1.0, [[1], [1]], updates)
    scattered = tf.scatter_nd([[0, 1], [3, 2]], updates[:, 0], [4, 3])
    largest = tf.tensor_scatter_nd_max(base + 2.5, indices, updates)
    total = (
        tf.reduce_sum(replaced**2)
        + tf.reduce_sum(added * 3.0)
        + tf.reduce_sum(scattered * tf.reshape(tf.range(12.0), [4, 3]))
    )
print(replaced.numpy().tolist(), added.numpy().tolist())
print(scattered.numpy().tolist())
for g in tape.gradient(total, [base, updates]):
    print(g.numpy().tolist())
print(tape.gradient(largest, updates).numpy().tolist())

base[1].assign([7.0, 8.0, 9.0])
base[2:, 1].assign([-1.0, -2.0])
base.scatter_nd_add([[0, 0], [0, 0]], [0.5, 0.25])
base.scatter_update(tf.IndexedSlices([[9.0, 9.0, 9.0]], [3]))
print(base.numpy())
print(base.gather_nd([[1, 2], [3, 0]]).numpy(), base.sparse_read([1]).numpy())

values = tf.constant([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
lengths = [2, 3]
mask = tf.sequence_mask(lengths, 3)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(values)
    kept = tf.boolean_mask(values, mask)
    masked_mean = tf.reduce_sum(tf.where(mask, values, 0.0), 1) / tf.cast(lengths, tf.float32)
    ordered = tf.sort(values, direction="DESCENDING")
    top, where = tf.math.top_k(values, 2)
    weighted = tf.reduce_sum(ordered * [[1.0, 10.0, 100.0]]) + tf.reduce_sum(top[:, 1])
    segments = tf.math.segment_sum(tf.reshape(values, [-1]), [0, 0, 1, 1, 1, 2])
    unsorted = tf.math.unsorted_segment_mean(values, [1, 1], num_segments=3)
    picked = tf.gather_nd(values, [[0, 1], [1, 1]], batch_dims=0) * tf.gather(values, [1, 0], axis=1, batch_dims=0)[:, 0]
print(kept.numpy(), tape.gradient(kept**2, values), masked_mean.numpy())
print(tape.gradient(masked_mean, values).numpy().tolist())
print(where.numpy().tolist(), tape.gradient(weighted, values).numpy().tolist())
print(segments.numpy(), tape.gradient(segments * [1.0, 2.0, 3.0], values))
print(unsorted.numpy().tolist(), tape.gradient(picked, values).numpy().tolist())
print(tf.argsort(values, axis=-1).numpy().tolist(), tf.where(values > 2.5).numpy().tolist())
print(
    tf.unique([5, 3, 5, 1]).y.numpy(),
    tf.searchsorted([1.0, 3.0, 5.0], [0.5, 3.0, 6.0]).numpy(),
    tf.math.bincount([1, 1, 3]).numpy(),
)
print(tf.tile([[1, 2]], [2, 2]).numpy().tolist(), tf.repeat([1, 2], [2, 1]).numpy(), tf.roll([1, 2, 3], 1, 0).numpy())
parts = tf.dynamic_partition(values[0], [0, 1, 0], 2)
print([p.numpy().tolist() for p in parts], tf.dynamic_stitch([[0, 2], [1]], parts).numpy())
