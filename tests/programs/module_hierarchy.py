"""tf.Module trees: names, submodules, lists and dicts of modules, trainable flags, sharing, flatten, freezing, summaries."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(17)


class Linear(tf.Module):
    def __init__(self, i, o, use_bias=True, name=None):
        super().__init__(name=name)
        self.i, self.o = i, o
        with self.name_scope:
            self.w = tf.Variable(rng.randn(i, o).astype(np.float32), name="w")
            self.b = tf.Variable(np.zeros(o, np.float32), name="b", trainable=use_bias)

    def __call__(self, x):
        return x @ self.w + self.b


class BatchNorm(tf.Module):
    def __init__(self, d):
        super().__init__()
        self.scale = tf.Variable(tf.ones(d), name="scale")
        self.mean = tf.Variable(tf.zeros(d), name="mean", trainable=False)

    def __call__(self, x, training):
        if training:
            m = tf.reduce_mean(x, 0)
            self.mean.assign(0.9 * self.mean + 0.1 * m)
        else:
            m = self.mean
        return (x - m) * self.scale


class Net(tf.Module):
    def __init__(self):
        super().__init__(name="net")
        self.blocks = [Linear(3, 4, name="first"), BatchNorm(4), Linear(4, 4, use_bias=False)]
        self.heads = {"a": Linear(4, 1, name="head_a"), "b": Linear(4, 2, name="head_b")}
        self.shared = self.blocks[0]
        self._private = tf.Variable(1.0, name="private")
        self.constants = (tf.constant(1.0), 3, "text")

    @tf.function
    def __call__(self, x, training=False):
        h = self.blocks[0](x)
        h = self.blocks[1](tf.nn.relu(h), training)
        h = self.blocks[2](h)
        return {k: head(h) * self._private for k, head in self.heads.items()}

    def extra(self):
        if not hasattr(self, "lazy"):
            self.lazy = Linear(1, 1, name="lazy")
        return self.lazy(tf.ones([1, 1]))


net = Net()
print(net.name, net.name_scope.name)
for v in net.variables:
    print(v.name, tuple(v.shape), v.trainable)
print([m.name for m in net.submodules])
print(
    len(net.trainable_variables),
    len(net.variables),
    len(net.non_trainable_variables) if hasattr(net, "non_trainable_variables") else "none",
)
x = tf.constant(rng.randn(5, 3).astype(np.float32))
out = net(x, training=True)
print({k: v.shape for k, v in sorted(out.items())})
with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch([net.blocks[0].w, net.heads["a"].b])
    out = net(x, True)
    loss = tf.reduce_sum(out["a"] ** 2)
g = tape.gradient(loss, net.trainable_variables)
print([None if t is None else t.shape.as_list() for t in g])
print([v.name for v in tape.watched_variables()])
net.extra()
print(len(net.variables), len(tuple(net.submodules)))
total = sum(int(tf.size(v)) for v in net.trainable_variables)
print(total, np.sum([np.prod(v.shape) for v in net.variables]))
mean = net.blocks[1].mean.numpy()
net(x, training=True), net(x, training=False)
print(np.abs(mean - net.blocks[1].mean.numpy()).max() > 0)
net.blocks[0].w.assign(tf.ones_like(net.blocks[0].w))
print(net(tf.ones([1, 3]))["a"].numpy().round(4))
print(Linear(2, 2).name, Linear(2, 2, name="x").w.name)
try:
    Linear(2, 2, name="bad name!")
except ValueError:
    print("ValueError")
