"""A multilayer perceptron out of tf.Module: layers with names, collected variables, shuffled batches, accuracy."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1234)


def xavier_init(shape):
    in_dim, out_dim = shape
    limit = np.sqrt(6.0) / np.sqrt(in_dim + out_dim)
    return tf.constant(rng.uniform(-limit, limit, size=(in_dim, out_dim)), tf.float32)


class DenseLayer(tf.Module):
    def __init__(self, out_dim, weight_init=xavier_init, activation=tf.identity, name=None):
        super().__init__(name=name)
        self.out_dim = out_dim
        self.weight_init = weight_init
        self.activation = activation
        self.built = False

    @tf.Module.with_name_scope
    def __call__(self, x):
        if not self.built:
            self.in_dim = x.shape[1]
            self.w = tf.Variable(self.weight_init(shape=(self.in_dim, self.out_dim)), name="w")
            self.b = tf.Variable(tf.zeros(shape=(self.out_dim,)), name="b")
            self.built = True
        return self.activation(tf.add(tf.matmul(x, self.w), self.b))


class MLP(tf.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def cross_entropy_loss(y_pred, y):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=y_pred))


def accuracy(y_pred, y):
    return tf.reduce_mean(tf.cast(tf.equal(tf.argmax(tf.nn.softmax(y_pred), axis=1), y), tf.float32))


class Adam:
    def __init__(self, learning_rate=1e-3, beta_1=0.9, beta_2=0.999, ep=1e-7):
        self.beta_1, self.beta_2, self.learning_rate, self.ep = beta_1, beta_2, learning_rate, ep
        self.t = 1.0
        self.v_dvar, self.s_dvar = [], []
        self.built = False

    def apply_gradients(self, grads, vars):
        if not self.built:
            for var in vars:
                self.v_dvar.append(tf.Variable(tf.zeros(shape=var.shape)))
                self.s_dvar.append(tf.Variable(tf.zeros(shape=var.shape)))
            self.built = True
        for i, (d_var, var) in enumerate(zip(grads, vars, strict=True)):
            self.v_dvar[i].assign(self.beta_1 * self.v_dvar[i] + (1 - self.beta_1) * d_var)
            self.s_dvar[i].assign(self.beta_2 * self.s_dvar[i] + (1 - self.beta_2) * tf.square(d_var))
            v_bc = self.v_dvar[i] / (1 - (self.beta_1**self.t))
            s_bc = self.s_dvar[i] / (1 - (self.beta_2**self.t))
            var.assign_sub(self.learning_rate * (v_bc / (tf.sqrt(s_bc) + self.ep)))
        self.t += 1.0


radius = rng.rand(150) * 3
angle = rng.rand(150) * 2 * np.pi
X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)
Y = (radius > 1.5).astype(np.int64) + (radius > 2.4)
mlp = MLP([DenseLayer(16, activation=tf.nn.relu, name="hidden"), DenseLayer(8, activation=tf.nn.relu), DenseLayer(3)])
print(mlp(X[:2]).shape, len(mlp.trainable_variables), len(list(mlp.submodules)))
print([v.name for v in mlp.variables])
print(mlp.layers[0].name, mlp.layers[1].name, mlp.layers[2].name)
optimizer = Adam(0.02)
for epoch in range(16):
    order = rng.permutation(150)
    batch_losses = []
    for start in range(0, 150, 50):
        idx = order[start : start + 50]
        with tf.GradientTape() as tape:
            batch_loss = cross_entropy_loss(mlp(X[idx]), Y[idx])
        grads = tape.gradient(batch_loss, mlp.variables)
        optimizer.apply_gradients(grads, mlp.variables)
        batch_losses.append(batch_loss)
    if epoch % 5 == 0:
        print(f"Epoch: {epoch} loss: {tf.reduce_mean(batch_losses):.3f}, accuracy: {accuracy(mlp(X), Y):.2f}")
