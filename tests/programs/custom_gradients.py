"""custom_gradient with several inputs, variables and second derivatives."""

import tensorflow as tf


@tf.custom_gradient
def safe_divide(a, b):
    quotient = tf.math.divide_no_nan(a, b)

    def grad(upstream):
        return upstream / (b + 1e-6), -upstream * quotient / (b + 1e-6)

    return quotient, grad


a = tf.constant([1.0, 2.0, 3.0])
b = tf.constant([2.0, 0.5, -4.0])
with tf.GradientTape() as tape:
    tape.watch([a, b])
    y = safe_divide(a, b)
for g in tape.gradient(y, [a, b]):
    tf.print(g)

weights = tf.Variable([1.0, 2.0], name="weights")


@tf.custom_gradient
def scaled(x):
    y = x * weights

    def grad(dy, variables=None):
        print([v.name for v in variables])
        return dy * weights, [dy * x * 10.0 for _ in variables]

    return y, grad


x = tf.constant([3.0, -1.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.reduce_sum(scaled(x))
print(tape.gradient(y, [x, weights]))


@tf.custom_gradient
def cube(x):
    @tf.custom_gradient
    def first(x):
        def second(ddy):
            return ddy * 6.0 * x

        return 3.0 * x * x, second

    def grad(dy):
        return dy * first(x)

    return x**3, grad


x = tf.Variable(2.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = cube(x)
    d1 = inner.gradient(y, x)
print(y.numpy(), d1.numpy(), outer.gradient(d1, x).numpy())


@tf.custom_gradient
def reverse_gradient(x, scale=1.0):
    def grad(dy):
        return -scale * dy

    return tf.identity(x), grad


with tf.GradientTape() as tape:
    y = reverse_gradient(x, scale=0.3) ** 2
print(f"{tape.gradient(y, x):.3f}")


@tf.custom_gradient
def two_outputs(x):
    def grad(da, db):
        return da * 2.0 + db * 100.0

    return (x + 1.0, x * 2.0), grad


with tf.GradientTape(persistent=True) as tape:
    p, q = two_outputs(x)
print(tape.gradient(p, x).numpy(), tape.gradient(q, x).numpy(), tape.gradient([p, q], x).numpy())
