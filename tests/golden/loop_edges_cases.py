"""Loops at their edges inside `tf.function`: ranges that lead nowhere, no iterations, what only iterations give a value."""

from __future__ import annotations

from tests.golden.cases import case, plain, raised


@case
def ranges_that_lead_nowhere(tf):
    def counted(n):
        total = 0
        for _ in tf.range(n):
            total += 1
        return total

    def down(a, b):
        total = 0
        for i in tf.range(a, b, -2):
            total = total * 10 + i
        return total

    def stepped(a, b, d):
        total = 0
        for i in tf.range(a, b, d):
            total = total * 10 + i
        return total

    def python_range(a, b, d):
        total = 0
        for i in range(a, b, d):
            total = total * 10 + i
        return total

    def floats(a, b, d):
        total = 0.0
        for i in tf.range(a, b, d):
            total = total * 10.0 + i
        return total

    def wide(n):
        total = tf.constant(0, tf.int64)
        for i in tf.range(n):
            total += i
        return total

    def as_tensor(n):
        total = 0
        numbers = tf.range(n)
        for i in numbers:
            total += i
        return total

    three = [(5, 0, -1), (5, 0, -2), (0, 5, -1), (0, 5, 1), (0, 0, -1), (3, 3, 1), (5, 0, 1)]
    calls = [
        *((counted, (n,)) for n in (-3, 0, 2)),
        *((down, bounds) for bounds in ((5, 0), (0, 5), (0, 0))),
        *((f, bounds) for f in (stepped, python_range) for bounds in three),
        *((floats, bounds) for bounds in ((0.0, 1.0, 0.25), (1.0, 0.0, -0.5), (1.0, 0.0, 0.5), (0.0, 0.0, 1.0))),
        (as_tensor, (3,)),
    ]
    compiled = {f: tf.function(f) for f in (counted, down, stepped, python_range, floats, as_tensor)}
    found = [plain(compiled[f](*map(tf.constant, bounds))) for f, bounds in calls]
    return [*found, plain(tf.function(wide)(tf.constant(4, tf.int64)))]


@case
def iterations_at_most(tf):
    @tf.function
    def f(x, n):
        return tf.while_loop(lambda x: x < 100.0, lambda x: (x * 2.0,), (x,), maximum_iterations=n)[0]

    @tf.function
    def g(x):
        return tf.while_loop(lambda x: x < 100.0, lambda x: (x * 2.0,), (x,), maximum_iterations=-1)[0]

    found = []
    for n in (-2, 0, 2):
        x = tf.constant(3.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, tf.constant(n))
        found.append([plain(y), plain(tape.gradient(y, x))])
    return [*found, plain(g(tf.constant(3.0)))]


@case
def no_iterations(tf):
    v = tf.Variable(2.0)

    @tf.function
    def power(x, n):
        y = x * x
        for _ in tf.range(n):
            y = y * x * v
        return y

    @tf.function
    def rows(x):
        y = 1.0
        for row in x:
            y = y * tf.reduce_sum(row)
        return y

    found = []
    for n in (0, 1, 3):
        x = tf.constant(3.0)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = power(x, tf.constant(n))
            slopes = inner.gradient(y, [x, v])
        found.append(plain([y, slopes, outer.gradient(slopes[0], [x, v])]))
    x = tf.zeros([0, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = rows(x)
    return [*found, plain(y), plain(tape.gradient(y, x))]


@case
def what_only_iterations_define(tf):
    words = ("must iterate at least once", "z")

    @tf.function
    def f(n):
        for i in tf.range(n):
            z = i * 2
        return z

    @tf.function
    def g(n):
        z = None
        while n > 0:
            n -= 1
            z = n
        return z

    @tf.function
    def rows(x):
        for z in x:  # noqa: B007
            pass
        return z

    @tf.function
    def number(n):
        for i in tf.range(n):  # noqa: B007
            pass
        return i

    @tf.function
    def nested(n, m):
        total = 0
        for i in tf.range(n):
            for j in tf.range(m):
                z = i + j
            total += z
        return total

    @tf.function
    def unread(n):
        for i in tf.range(n):
            z = i
            n += z
        return n

    return [
        *(raised(lambda n=n, f=f: f(tf.constant(n)), *words) for f in (f, g, number, unread) for n in (0, 3)),
        *(raised(lambda n=n: rows(tf.zeros([n])), *words) for n in (0, 2)),
        *(raised(lambda n=n, m=m: nested(tf.constant(n), tf.constant(m)), *words) for n, m in ((3, 2), (3, 0), (0, 0))),
    ]
