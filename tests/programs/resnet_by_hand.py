"""A residual network from tf.nn, its layers as classes with build on first call, and a class-activation map."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)


class Conv(tf.Module):
    def __init__(self, filters, size=3, strides=1, padding="SAME", dilations=1, name=None):
        super().__init__(name=name)
        self.filters, self.size, self.strides, self.padding, self.dilations = filters, size, strides, padding, dilations
        self.kernel = None

    def __call__(self, x):
        if self.kernel is None:
            fan_in = self.size**2 * x.shape[-1]
            self.kernel = tf.Variable(
                rng.randn(self.size, self.size, x.shape[-1], self.filters).astype("float32") * float(np.sqrt(2.0 / fan_in)),
                name="kernel",
            )
            self.bias = tf.Variable(tf.zeros(self.filters), name="bias")
        return tf.nn.conv2d(x, self.kernel, self.strides, self.padding, dilations=self.dilations) + self.bias


class Residual(tf.Module):
    def __init__(self, filters, strides=1):
        super().__init__()
        self.a, self.b = Conv(filters, strides=strides), Conv(filters)
        self.skip = Conv(filters, 1, strides) if strides > 1 else tf.identity

    def __call__(self, x):
        return tf.nn.relu(self.b(tf.nn.relu(self.a(x))) + self.skip(x))


class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.stem = Conv(4)
        self.blocks = [Residual(4), Residual(6, strides=2), Residual(6)]
        self.head = tf.Variable(rng.randn(6, 3).astype("float32") * 0.3)

    def features(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x

    def __call__(self, x):
        return tf.reduce_mean(self.features(x), axis=[1, 2]) @ self.head


x = tf.constant(rng.randn(6, 8, 8, 2), tf.float32)
y = tf.constant([0, 1, 2, 0, 1, 2])
net = Net()
net(x)
print(len(net.trainable_variables), sum(int(tf.size(v)) for v in net.trainable_variables))
opt = tf.keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        logits = net(x)
        loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True))
    grads = tape.gradient(loss, net.trainable_variables)
    opt.apply_gradients(zip(grads, net.trainable_variables))
    return loss, tf.linalg.global_norm(grads)


for i in range(6):
    loss, norm = step(x, y)
    print(i, f"{loss:.4f} {norm:.4f}")
with tf.GradientTape() as tape:
    features = net.features(x[:1])
    tape.watch(features)
    score = (tf.reduce_mean(features, [1, 2]) @ net.head)[:, 1]
g = tape.gradient(score, features)
cam = tf.nn.relu(tf.reduce_sum(tf.reduce_mean(g, [1, 2], keepdims=True) * features, -1))
print(cam.shape, f"{tf.reduce_max(cam):.4f}")
up = tf.nn.conv2d_transpose(features, tf.constant(rng.randn(3, 3, 2, 6), tf.float32), [1, 8, 8, 2], 2)
print(up.shape, f"{tf.reduce_sum(up):.3f}")
d = tf.nn.depthwise_conv2d(x, tf.constant(rng.randn(3, 3, 2, 2), tf.float32), [1, 1, 1, 1], "VALID")
a = tf.nn.atrous_conv2d(x, tf.constant(rng.randn(3, 3, 2, 1), tf.float32), 2, "SAME")
c1 = tf.nn.conv1d(x[:, 0], tf.constant(rng.randn(3, 2, 1), tf.float32), 1, "SAME")
p3 = tf.nn.max_pool(x, 3, 2, "SAME")
print(
    d.shape,
    a.shape,
    c1.shape,
    p3.shape,
    f"{tf.reduce_sum(d):.3f} {tf.reduce_sum(a):.3f} {tf.reduce_sum(c1):.3f} {tf.reduce_sum(p3):.3f}",
)
