"""The lines that programs begin and end with: versions, seeds, devices, configuration, checks, timing."""

import logging
import os
import random
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import optimizers
from tensorflow.keras.optimizers import SGD, Adam
from tensorflow.keras.optimizers.schedules import ExponentialDecay

logging.getLogger("tensorflow").setLevel(logging.ERROR)
tf.get_logger().setLevel("ERROR")
random.seed(0)
np.random.seed(0)
tf.random.set_seed(0)
print(int(tf.__version__.split(".")[0]) >= 2, tf.executing_eagerly(), isinstance(keras.optimizers.Adam(), Adam))
gpus = tf.config.list_physical_devices("GPU")
print("GPUs:", len(gpus), "CPUs:", len(tf.config.list_physical_devices("CPU")))
for gpu in tf.config.experimental.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(gpu, True)
print(tf.test.is_built_with_cuda() in (True, False), tf.config.list_logical_devices("CPU")[0].device_type)
with tf.device("/CPU:0"):
    x = tf.Variable(3.0, name="x")
    with tf.device("cpu"):
        y = tf.identity(x)
print("CPU" in y.device, tf.is_tensor(y), tf.is_tensor(3.0))
start = time.time()
with tf.name_scope("step"), tf.GradientTape() as tape:
    loss = tf.math.square(x) + tf.math.log(x, name="log")
grad = tape.gradient(loss, x)
print(f"{loss.numpy():.5f} {grad.numpy():.5f}", time.time() - start < 60)
tf.debugging.assert_near(grad, 6.0 + 1.0 / 3.0)
tf.debugging.assert_all_finite(loss, "loss is not finite")
tf.debugging.assert_type(loss, tf.float32)
tf.debugging.assert_rank(loss, 0)
tf.Assert(tf.greater(loss, 0.0), [loss])
print(tf.config.get_visible_devices("GPU"), tf.rank(loss).numpy(), tf.size([[1, 2]]).numpy(), tf.shape([[1, 2]]).numpy())
opt = SGD(learning_rate=ExponentialDecay(0.1, 10, 0.9))
opt.apply_gradients([(grad, x)])
print(
    round(float(x), 5),
    optimizers.get("adam").__class__.__name__,
    keras.optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.5}}).learning_rate.numpy(),
)
a = tf.random.normal([2, 3])
b = tf.random.uniform((4,), minval=0, maxval=10, dtype=tf.int32)
g = tf.random.Generator.from_seed(1)
print(a.shape, a.dtype, b.dtype, bool(tf.reduce_all(b < 10)), g.normal([2]).shape, tf.random.shuffle(tf.range(5)).shape)
print(np.sum(tf.ones([2, 2])), np.array(tf.eye(2)).tolist(), tf.constant(np.eye(2)).dtype, (tf.ones(2) * np.ones(2)).dtype)
print(
    tf.math.reduce_any(tf.math.is_nan(a)).numpy(),
    tf.reduce_max(tf.abs(a)).numpy() < 10,
    type(tf.timestamp().numpy()).__name__,
)
print(tf.nest.map_structure(lambda t: t * 2, {"a": 1, "b": [2, (3,)]}), tf.nest.flatten({"b": 1, "a": 2}))
tf.keras.backend.clear_session()
print(tf.keras.backend.floatx(), tf.keras.backend.epsilon())
tf.keras.backend.set_floatx("float64")
print(
    tf.as_dtype(tf.keras.optimizers.SGD(0.1).learning_rate.dtype),
    tf.keras.initializers.Zeros()((1,)).dtype,
    tf.constant(1.0).dtype,
)
tf.keras.backend.set_floatx("float32")
