"""`while` and `for` over tensors inside `tf.function`: what they give, and the errors where they cannot."""

from __future__ import annotations

from tests.golden.cases import both, case, plain, raised


@case
def while_counts(tf):
    def f(n):
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        return steps

    return both(tf, f, 6, 27, 1)


@case
def while_defines(tf):
    def f(x):
        z = None
        while x > 0.0:
            x = x - 1.0
            z = x
            y = x * 2.0
        return z, y

    return both(tf, f, 3.0)


@case
def loops_in_loops(tf):
    def f(x):
        while x < 100.0:
            if x > 10.0:
                x = x * 3.0
                continue
            for _ in tf.range(2):
                x = x + 1.0
                if x > 5.0:
                    break
        return x

    return both(tf, f, 1.0, 4.5, 200.0)


@case
def for_rows(tf):
    @tf.function
    def f(x):
        total = tf.zeros(2)
        for row in x:
            if row[0] < 0.0:
                continue
            total += row
        return total, row

    return plain(f(tf.constant([[1.0, 2.0], [-3.0, 4.0], [5.0, 6.0]])))


@case
def for_ranges(tf):
    def f(n):
        total = 0
        for i in tf.range(n):
            if i == 1:
                continue
            if i > 3:
                break
            total += i
        return total, i

    def g(n):
        total = 0
        for i in range(n, 0, -2):
            total += i
        return total

    def h(n):
        total = 0
        for i in range(2, n):
            total += i
        return total

    return both(tf, f, 10, 3) + both(tf, g, 7, 0) + both(tf, h, 6, 1)


@case
def for_python_values(tf):
    def f(x):
        total = 0.0
        for key, value in {"a": x, "b": x * 2.0}.items():
            total += value if key == "b" else 0.0
        for factor in [1.0, 2.0]:
            total += factor * x
        for i, (a, b) in enumerate(zip([1.0, 2.0], [3.0, 4.0], strict=True)):
            total += i * a * b
        return total

    return both(tf, f, 3.0)


@case
def for_scalar(tf):
    @tf.function
    def f(x):
        for _ in x:
            pass
        return x

    return raised(lambda: f(tf.constant(1.0)), "scalar")


@case
def loop_shapes(tf):
    @tf.function
    def f(x):
        y = tf.zeros([1])
        while x > 0.0:
            x = x - 1.0
            y = tf.concat([y, y], 0)
        return y

    @tf.function
    def g(x):
        y = 0.0
        while x > 0.0:
            x = x - 1.0
            y = y + tf.zeros(3)
        return y

    one = tf.constant(1.0)
    words = ("'y'", "before the loop", "after one iteration", "tf.autograph.experimental.set_loop_options")
    return [raised(lambda: f(one), *words, "(1,)", "(2,)"), raised(lambda: g(one), *words, "()", "(3,)")]


@case
def loop_dtypes(tf):
    @tf.function
    def f(x):
        y = 0
        while x > 0.0:
            x = x - 1.0
            y = x
        return y

    return raised(lambda: f(tf.constant(1.0)), "'y'", "int32", "float32", "before the loop", "after one iteration")


@case
def loop_structures(tf):
    @tf.function
    def f(x):
        y = (x,)
        while x > 0.0:
            x = x - 1.0
            y = (x, x)
        return y

    return raised(lambda: f(tf.constant(1.0)), "'y'", "after one iteration")


@case
def loop_options(tf):
    @tf.function
    def f(n):
        v = tf.zeros([1])
        for _ in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(v, tf.TensorShape([None]))], maximum_iterations=2)
            v = tf.concat([v, v], 0)
        return v

    @tf.function
    def g(x):
        while x > 1.0:
            tf.autograph.experimental.set_loop_options(maximum_iterations=3, parallel_iterations=1, swap_memory=True)
            x = x / tf.constant(2.0)
        return x

    return [plain(f(tf.constant(5))), plain(g(tf.constant(64.0))), plain(g(tf.constant(3.0)))]
