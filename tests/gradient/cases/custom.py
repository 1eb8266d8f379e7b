"""Functions with rules of their own."""

from tests.gradient.case import Case, array


def cube(tf, x):
    @tf.custom_gradient
    def f(x):
        return x * x * x, lambda dy: dy * 3.0 * x * x

    return f(x)


def product_and_sum(tf, x, y):
    @tf.custom_gradient
    def f(x, y):
        return (x * y, x + y), lambda dp, ds: (dp * y + ds, dp * x + ds)

    return f(x, y)


def one_result_unused(tf, x, y):
    return product_and_sum(tf, x * x, y)[0]


def not_the_derivative(tf, x):
    return tf.custom_gradient(lambda x: (x * 2.0, lambda dy: dy * x))(x) * x


CASES = [
    Case("cube", cube, array(2, 3)),
    Case("product_and_sum", product_and_sum, array(4), array(4)),
    Case("one_result_unused", one_result_unused, array(4), array(4)),
    Case("not_the_derivative", not_the_derivative, array(4), numeric=False),
    Case("pass_through", lambda tf, x: tf.grad_pass_through(lambda x: x * x)(x) * x, array(4), numeric=False),
    Case("recompute", lambda tf, x, y: tf.recompute_grad(lambda x, y: x * y * y)(x, y), array(4), array(4)),
    Case("stopped", lambda tf, x: x * tf.stop_gradient(x * x), array(4), numeric=False),
]
