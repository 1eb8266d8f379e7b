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


@case
def zeros_where_there_could_be_a_path(tf):
    """Of a call, loop or choice with several results, each source that one of them depends on has a gradient, zeros at least."""

    def asked(function, *sources):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(sources)
            results = function(*sources)
        return [tape.gradient(y, x) for y in results for x in sources]

    def inside(function):
        compiled = tf.function(lambda *sources: [-1.0 if g is None else g for g in asked(function, *sources)])
        return compiled(*two)

    two = tf.constant(2.0), tf.constant(3.0)

    v, w = tf.Variable(2.0), tf.Variable(3.0)

    @tf.function
    def of_variables():
        return v * v, w * w

    def squares(x, y):
        return x * x, y * y

    def with_integers(x, y):
        return x * x, tf.cast(y, tf.int32)

    def in_a_loop(x, y):
        a, b = x, y
        for _ in tf.range(tf.cast(x, tf.int32)):
            a, b = a * x, b * y
        return a, b

    def overwritten(x, y):
        a, b = x, y
        for i in tf.range(tf.cast(x, tf.int32)):
            a, b = tf.cast(i, tf.float32), b * 2.0
        return a, b

    def one_loop_and_more(x, y):
        a = x
        for _ in tf.range(tf.cast(x, tf.int32)):
            a = a * 2.0
        return a, y * 1.0

    def in_a_choice(x, y):
        return tf.cond(x > 0.0, lambda: (x * x, y * y), lambda: (x, y))

    def stopped_on_one_side(x, y):
        if x > 0.0:
            a, b = x * x, 1.0
        else:
            a, b = x * tf.stop_gradient(y), x
        return a, b

    with tf.GradientTape(persistent=True) as tape:
        results = of_variables()
    return plain(
        [
            [tape.gradient(y, [v, w]) for y in results],
            [asked(tf.function(f), *two) for f in (squares, in_a_loop, overwritten, in_a_choice)],
            asked(tf.function(with_integers), *two)[:2],
            [inside(f) for f in (in_a_loop, overwritten, one_loop_and_more, in_a_choice, stopped_on_one_side)],
        ]
    )


@case
def what_a_while_loop_must_keep(tf):
    def asked(body, start, invariant=None):
        shapes = None if invariant is None else (tf.TensorShape([]), tf.TensorShape(invariant))

        @tf.function
        def f(n):
            loop = tf.while_loop(
                lambda i, y: i < n, lambda i, y: (i + 1, body(y)), (0, tf.constant(start)), shape_invariants=shapes
            )
            return loop[1]

        return raised(lambda: f(tf.constant(2)), "shape (1,)", "shape (2,)", "after one iteration", "float32")

    def doubled(y):
        return tf.concat([y, y], 0)

    return [
        asked(doubled, [1.0]),
        asked(doubled, [1.0], [None]),
        asked(doubled, [[1.0, 2.0]], [1, None]),
        asked(doubled, [[1.0, 2.0]], [None, 2]),
        asked(lambda y: y * 2.0, [1.0], [None]),
        asked(lambda y: tf.cast(y, tf.float32), [1]),
    ]
