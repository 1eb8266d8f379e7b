"""tf.Module: nesting, names, collections, flatten, and a state kept as a dictionary."""

import numpy as np
import tensorflow as tf


class SimpleModule(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.a_variable = tf.Variable(5.0, name="train_me")
        self.non_trainable_variable = tf.Variable(5.0, trainable=False, name="do_not_train_me")

    def __call__(self, x):
        return self.a_variable * x + self.non_trainable_variable


simple_module = SimpleModule(name="simple")
print(simple_module(tf.constant(5.0)))
print("trainable variables:", simple_module.trainable_variables)
print("all variables:", simple_module.variables)


class Dense(tf.Module):
    def __init__(self, in_features, out_features, name=None):
        super().__init__(name=name)
        with self.name_scope:
            self.w = tf.Variable(tf.ones([in_features, out_features]) * 0.1, name="w")
            self.b = tf.Variable(tf.zeros([out_features]), name="b")

    def __call__(self, x):
        return tf.nn.relu(tf.matmul(x, self.w) + self.b)


class SequentialModule(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.dense_1 = Dense(in_features=3, out_features=3)
        self.heads = {"left": Dense(3, 2, name="left"), "right": Dense(3, 1, name="right")}
        self.extra = [tf.Variable(1.0), (tf.Variable(2.0, trainable=False), None, "text")]

    def __call__(self, x):
        x = self.dense_1(x)
        return {k: head(x) for k, head in self.heads.items()}


my_model = SequentialModule(name="the_model")
out = my_model([[2.0, 2.0, 2.0]])
print({k: v.numpy().round(4).tolist() for k, v in out.items()})
print("Submodules:", [type(m).__name__ + ":" + m.name for m in my_model.submodules])
for var in my_model.variables:
    print(var.name, var.shape, var.trainable)
print(len(my_model.trainable_variables), len(my_model.non_trainable_variables))

with tf.GradientTape() as tape:
    out = my_model(tf.constant([[1.0, 2.0, 3.0]]))
    loss = tf.add_n([tf.reduce_sum(v) for v in tf.nest.flatten(out)])
grads = tape.gradient(loss, my_model.trainable_variables)
print([None if g is None else g.numpy().round(3).tolist() for g in grads])

with tf.name_scope("outer"):
    with tf.name_scope("inner") as scope:
        v = tf.Variable([1.0], name="scoped")
    print(scope, v.name)
try:
    tf.Module(name="not a name")
except ValueError as error:
    print("ValueError", "not a name" in str(error))
state = {v.name: v.numpy() for v in my_model.dense_1.variables}
for v in my_model.dense_1.variables:
    v.assign(tf.zeros_like(v))
print(np.sum([np.abs(v.numpy()).sum() for v in my_model.dense_1.variables]))
for v in my_model.dense_1.variables:
    v.assign(state[v.name])
print(float(tf.reduce_sum(my_model.dense_1.w)))
