"""Recommendations by matrix factorization: embedding_lookup and gather, IndexedSlices, Adam and Adagrad."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)
n_users, n_items, rank = 12, 9, 3
users = rng.randint(0, n_users - 2, size=60)
items = rng.randint(0, n_items, size=60)
truth = rng.randn(n_users, 2) @ rng.randn(2, n_items)
ratings = truth[users, items].astype(np.float32)

for name, optimizer in [("adam", tf.keras.optimizers.Adam(0.05)), ("momentum", tf.keras.optimizers.SGD(0.3, momentum=0.5))]:
    init = np.random.RandomState(9)
    U = tf.Variable(0.5 * init.randn(n_users, rank).astype(np.float32), name="U")
    V = tf.Variable(0.5 * init.randn(n_items, rank).astype(np.float32), name="V")
    bias = tf.Variable(tf.zeros([n_items]), name="bias")
    for epoch in range(40):
        with tf.GradientTape() as tape:
            u = tf.nn.embedding_lookup(U, users)
            v = tf.gather(V, items)
            prediction = tf.reduce_sum(u * v, axis=1) + tf.gather(bias, items)
            mse = tf.reduce_mean(tf.math.squared_difference(ratings, prediction))
            loss = mse + 0.001 * (tf.nn.l2_loss(u) + tf.nn.l2_loss(v))
        grads = tape.gradient(loss, [U, V, bias])
        if epoch == 0:
            print(
                [type(g).__name__ for g in grads],
                grads[0].indices.shape,
                grads[0].values.shape,
                grads[0].dense_shape.numpy(),
            )
            dense = tf.convert_to_tensor(grads[0])
            print(f"{tf.norm(dense):.5f}", np.allclose(dense[-1], 0.0))
        if name == "adam":  # a row that is named twice would be squared twice
            grads = [tf.convert_to_tensor(g) for g in grads]
        optimizer.apply_gradients(zip(grads, (U, V, bias), strict=True))
        if epoch % 13 == 0:
            print(f"{name} {epoch:2d} mse {mse:.4f}")
    print(
        "rmse %.4f" % tf.sqrt(mse).numpy(), "untouched", np.allclose(U[-1], 0.5 * np.random.RandomState(9).randn(12, 3)[-1])
    )

table = tf.Variable(tf.reshape(tf.range(12.0), [4, 3]))
ids = tf.constant([[0, 2], [2, 3]])
with tf.GradientTape(persistent=True) as tape:
    rows = tf.nn.embedding_lookup(table, ids)
    total = tf.reduce_sum(rows**2)
    both = total + tf.reduce_sum(table)
print(tape.gradient(total, table))
print(tape.gradient(both, table).numpy() if not isinstance(tape.gradient(both, table), tf.IndexedSlices) else "slices")
table.scatter_sub(tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 0])))
print(table.numpy())
print(tf.nn.embedding_lookup(table, [1], max_norm=2.0).numpy().round(4))
