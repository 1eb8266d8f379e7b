"""What programs of TensorFlow 2.0 to 2.10 did with tf.keras.optimizers and still may."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import losses, metrics

x = tf.Variable(0.0, name="x", dtype=tf.float32)
a, b, c = tf.constant(1.0), tf.constant(-2.0), tf.constant(1.0)
optimizer = tf.keras.optimizers.SGD(learning_rate=0.01)
for i in range(200):
    with tf.GradientTape() as tape:
        y = a * tf.pow(x, 2) + b * x + c
    dy_dx = tape.gradient(y, x)
    optimizer.apply_gradients(grads_and_vars=[(dy_dx, x)])
tf.print("y=", y, ";", "x=", x)

w = tf.Variable([1.0, -1.0])
opt = keras.optimizers.Adam(learning_rate=0.1, beta_1=0.8, clipvalue=0.5, name="my_adam")
for _ in range(3):
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = losses.mse([[3.0, 4.0]], [w * 2.0])[0]
    grads = tape.gradient(loss, [w])
    opt.apply_gradients(zip(grads, [w]))
print(opt.name, w.numpy(), opt.iterations.numpy(), float(opt.learning_rate))
opt.learning_rate.assign(0.05)
print(float(opt.learning_rate), opt.get_config()["beta_1"], opt.get_config()["clipvalue"])
opt2 = keras.optimizers.Adam.from_config(opt.get_config())
opt2.build([w])
print(len(opt2.variables), type(opt2).__name__)
mean = metrics.Mean()
for value in (1.0, 2.0, 6.0):
    mean(value)
print(mean.result().numpy())
mse = losses.MeanSquaredError()
mae = keras.losses.MeanAbsoluteError(reduction="sum")
bce = keras.losses.BinaryCrossentropy(from_logits=True)
print(
    mse([0.0, 1.0], [0.5, 0.5]).numpy(),
    mae([0.0, 1.0], [0.5, 0.25]).numpy(),
    bce([[0.0], [1.0]], [[0.3], [-0.2]]).numpy().round(6),
)
print(keras.activations.relu(tf.constant([-1.0, 2.0])).numpy(), keras.activations.get("tanh")(0.5).numpy().round(6))
init = keras.initializers.Constant(0.5)
kernel = tf.Variable(init(shape=(2, 2)))
zeros = tf.keras.initializers.Zeros()((2,))
print(kernel.numpy().tolist(), zeros.numpy(), tf.keras.initializers.GlorotUniform(seed=1)((3, 3)).shape)
step = tf.Variable(0, trainable=False)
schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1])
sgd = keras.optimizers.SGD(lambda: schedule(step), momentum=0.0)
v = tf.Variable(10.0)
for _ in range(6):
    sgd.apply_gradients([(tf.constant(1.0), v)])
    step.assign_add(1)
print(v.numpy().round(4))
state = [np.array(s) for s in opt.variables]
print(len(state), state[0].dtype)
sgd2 = keras.optimizers.SGD(0.1, global_clipnorm=1.0, weight_decay=0.01)
u = [tf.Variable([3.0, 4.0]), tf.Variable(2.0)]
sgd2.apply_gradients(zip([tf.constant([3.0, 4.0]), tf.constant(12.0)], u))
print(u[0].numpy().round(6), u[1].numpy().round(6))
con = tf.Variable([2.0, -3.0], constraint=lambda t: tf.clip_by_value(t, -1.0, 1.0))
keras.optimizers.RMSprop(0.01).apply_gradients([(tf.constant([1.0, 1.0]), con)])
print(con.numpy())
opt = tf.optimizers.Adagrad(0.5)
opt.apply_gradients([(tf.constant(2.0), v)])
print(v.numpy().round(4), isinstance(opt, tf.keras.optimizers.Optimizer))
