"""tf.train.Checkpoint and its manager: saving, the newest kept, restoring into new objects, lists, optimizers, loops that go on."""

import os
import tempfile

import numpy as np
import tensorflow as tf


class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.layers = [tf.Variable(tf.ones([2, 3]), name="w0"), tf.Variable(tf.zeros([3]), name="b0")]
        self.heads = {"a": tf.Variable([1.0, 2.0, 3.0])}
        self.scale = tf.Variable(2.0)

    def __call__(self, x):
        return tf.reduce_sum((x @ self.layers[0] + self.layers[1]) * self.heads["a"], 1) * self.scale


def train(net, opt, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((net(x) - y) ** 2)
    opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    return loss


x, y = tf.constant([[1.0, 2.0], [0.5, -1.0]]), tf.constant([1.0, 2.0])
with tempfile.TemporaryDirectory() as folder:
    net, opt = Net(), tf.keras.optimizers.Adam(0.1)
    ckpt = tf.train.Checkpoint(step=tf.Variable(1), optimizer=opt, net=net)
    manager = tf.train.CheckpointManager(ckpt, os.path.join(folder, "ckpts"), max_to_keep=2)
    print(manager.latest_checkpoint, tf.train.latest_checkpoint(folder))
    status = ckpt.restore(manager.latest_checkpoint)
    for _ in range(6):
        loss = train(net, opt, x, y)
        ckpt.step.assign_add(1)
        if int(ckpt.step) % 2 == 0:
            path = manager.save()
            print("saved", os.path.basename(path), f"{loss:.5f}")
    print([os.path.basename(c) for c in manager.checkpoints], os.path.basename(manager.latest_checkpoint))
    kept = [v.numpy().copy() for v in net.trainable_variables]
    nxt = f"{train(net, opt, x, y):.5f}"

    net2, opt2 = Net(), tf.keras.optimizers.Adam(0.1)
    ckpt2 = tf.train.Checkpoint(step=tf.Variable(0), optimizer=opt2, net=net2)
    manager2 = tf.train.CheckpointManager(ckpt2, os.path.join(folder, "ckpts"), max_to_keep=2)
    ckpt2.restore(manager2.latest_checkpoint)
    print(int(ckpt2.step), all(np.array_equal(a, b.numpy()) for a, b in zip(kept, net2.trainable_variables)))
    again = f"{train(net2, opt2, x, y):.5f}"
    print(
        nxt == again,
        nxt,
        int(opt2.iterations),
        [f"{a.numpy().sum() - b.numpy().sum():.5f}" for a, b in zip(net.trainable_variables, net2.trainable_variables)],
    )

    partial = tf.train.Checkpoint(net=tf.train.Checkpoint(scale=tf.Variable(0.0)))
    partial.restore(manager.latest_checkpoint).expect_partial()
    print(partial.net.scale.numpy().round(5))
    plain = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), names=[tf.Variable(3), tf.Variable(4)])
    path = plain.save(os.path.join(folder, "plain"))
    print(os.path.basename(path), int(plain.save_counter))
    plain.v.assign([9.0, 9.0])
    plain.names[1].assign(0)
    plain.restore(path).assert_consumed()
    print(plain.v.numpy(), plain.names[1].numpy())
    print(os.path.basename(plain.save(os.path.join(folder, "plain"))), os.path.basename(tf.train.latest_checkpoint(folder)))
    wrote = plain.write(os.path.join(folder, "exact"))
    plain.v.assign([0.0, 0.0])
    plain.read(wrote)
    print(os.path.basename(wrote), plain.v.numpy())
    other = tf.train.Checkpoint(v=tf.Variable([0.0, 0.0]), missing=tf.Variable(1.0))
    try:
        other.restore(path).assert_existing_objects_matched()
    except AssertionError:
        print("AssertionError")
    print(other.v.numpy())
    try:
        tf.train.Checkpoint(v=tf.Variable([0.0, 0.0, 0.0])).restore(path)
    except ValueError:
        print("ValueError")
    try:
        tf.train.Checkpoint(v=tf.Variable(0.0)).restore(os.path.join(folder, "nowhere"))
    except Exception as e:
        print(type(e).__name__)
