"""Optimizers of one's own: as plain functions, as tf.Module with slots, as a subclass of the Keras optimizer; schedules of one's own."""

import tensorflow as tf


def quadratic(w):
    return 0.5 * tf.reduce_sum(tf.constant([1.0, 10.0]) * w**2) + tf.reduce_sum(tf.sin(w))


class Momentum(tf.Module):
    def __init__(self, lr, mu):
        super().__init__(name="momentum")
        self.lr, self.mu, self.slots = lr, mu, {}

    def apply(self, grads, variables):
        for g, v in zip(grads, variables):
            if v.ref() not in self.slots:
                self.slots[v.ref()] = tf.Variable(tf.zeros_like(v), trainable=False, name=f"{v.name.split(':')[0]}/m")
            m = self.slots[v.ref()]
            m.assign(self.mu * m + g)
            v.assign_sub(self.lr * m)


class SignSGD(tf.keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, beta=0.5, name="SignSGD", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.beta = beta

    def build(self, var_list):
        super().build(var_list)
        self._m = []
        for v in var_list:
            self._m.append(self.add_variable_from_reference(reference_variable=v, name="m"))

    def update_step(self, gradient, variable, learning_rate):
        lr = tf.cast(learning_rate, variable.dtype)
        m = self._m[self._get_variable_index(variable)]
        m.assign(self.beta * m + (1 - self.beta) * gradient)
        variable.assign_sub(lr * tf.sign(m))

    def get_config(self):
        return {**super().get_config(), "beta": self.beta}


class Cyclic(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, low, high, period):
        super().__init__()
        self.low, self.high, self.period = low, high, period

    def __call__(self, step):
        phase = tf.cast(step % self.period, tf.float32) / self.period
        return self.low + (self.high - self.low) * (1.0 - tf.abs(2.0 * phase - 1.0))


w = tf.Variable([2.0, -1.0], name="w")
opt = Momentum(0.05, 0.8)
for i in range(5):
    with tf.GradientTape() as tape:
        loss = quadratic(w)
    opt.apply([tape.gradient(loss, w)], [w])
    print(f"{i} {loss:.5f}", w.numpy())
print([v.name for v in opt.variables], len(opt.slots))

for make in (lambda: SignSGD(0.1), lambda: SignSGD(Cyclic(0.01, 0.2, 4), beta=0.9)):
    w.assign([2.0, -1.0])
    opt = make()

    @tf.function
    def train(n):
        loss = 0.0
        for _ in tf.range(n):
            with tf.GradientTape() as tape:
                loss = quadratic(w)
            opt.apply_gradients([(tape.gradient(loss, w), w)])
        return loss

    with tf.GradientTape() as tape:
        loss = quadratic(w)
    opt.apply_gradients([(tape.gradient(loss, w), w)])
    print(f"{train(6):.5f}", w.numpy(), int(opt.iterations), opt.beta, opt.name)
s = tf.keras.optimizers.schedules.PiecewiseConstantDecay([3, 6], [0.1, 0.05, 0.01])
c = tf.keras.optimizers.schedules.CosineDecay(0.1, 10, alpha=0.1, warmup_target=0.2, warmup_steps=3)
p = tf.keras.optimizers.schedules.PolynomialDecay(0.1, 5, 0.01, power=2.0, cycle=True)
r = tf.keras.optimizers.schedules.CosineDecayRestarts(0.1, 4)
i = tf.keras.optimizers.schedules.InverseTimeDecay(0.1, 2, 0.5, staircase=True)
for step in (0, 1, 3, 5, 7, 12):
    print(step, *[f"{float(f(step)):.6f}" for f in (s, c, p, r, i, Cyclic(0.0, 1.0, 8))])
