"""Functions of tensors of unknown sizes: the shapes that they print, how often they are traced, and their errors."""

from __future__ import annotations

from tests.golden.cases import case, plain, raised


def spec(tf, *shape, dtype="float32"):
    return tf.TensorSpec(None if shape == (None,) * 9 else list(shape), dtype)


def shapes_of(tf, function, *specs):
    """The shapes of what a function makes of symbolic tensors, as text."""
    seen = []

    def traced(*tensors):
        seen.extend(str(y.shape) for y in tf.nest.flatten(function(*tensors)))
        return tensors[0]

    tf.function(traced, autograph=False).get_concrete_function(*specs)
    return seen


@case
def shapes_of_rows(tf):
    def f(x, y):
        n = tf.shape(x)[0]
        return [
            *(
                x,
                n,
                x + y,
                x @ tf.transpose(y),
                tf.concat([x, y], 0),
                tf.concat([x, y], 1),
                tf.stack([x, x]),
                tf.transpose(x),
            ),
            *(tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_sum(x, 1), tf.reduce_mean(x, 1, keepdims=True)),
            *(x[:2], x[1:], x[0], x[::2], x[:, 1:], x[tf.newaxis], x[:n], x[..., 0]),
            *(tf.reshape(x, [-1]), tf.reshape(x, [-1, 3]), tf.reshape(x, [3, -1]), tf.reshape(x, tf.shape(x))),
            *(tf.reshape(x, [n, 3, 1]), tf.expand_dims(x, 0), tf.tile(x, [2, 1]), tf.pad(x, [[1, 1], [0, 0]])),
            *(
                tf.one_hot(tf.zeros([n], tf.int32), 4),
                tf.range(n),
                tf.zeros_like(x),
                tf.zeros([n, 2]),
                tf.fill(tf.shape(x), 1.0),
            ),
            *(
                tf.gather(x, [0, 1]),
                tf.gather(x, [0], axis=1),
                tf.split(x, 3, axis=1),
                tf.split(x, 2),
                tf.unstack(x, axis=1),
            ),
            *(tf.argmax(x, 1), tf.argmax(x, 0), tf.nn.softmax(x), tf.cumsum(x), tf.einsum("ij,kj->ik", x, y)),
            *(tf.broadcast_to(x, [2, n, 3]), tf.where(x > 0.0, x, y), tf.repeat(x, 2, axis=0), tf.size(x), tf.rank(x)),
            *(
                tf.linalg.norm(x, axis=1),
                tf.sort(x, 0),
                tf.reverse(x, [0]),
                tf.cast(x, tf.float64),
                tf.math.top_k(x, 2).values,
            ),
        ]

    return shapes_of(tf, f, spec(tf, None, 3), spec(tf, None, 3))


@case
def shapes_of_images_and_batches(tf):
    def f(x, y):
        return [
            *(tf.nn.conv2d(x, tf.ones([3, 3, 2, 4]), 1, "SAME"), tf.nn.conv2d(x, tf.ones([3, 3, 2, 4]), 2, "VALID")),
            *(tf.nn.max_pool2d(x, 2, 2, "VALID"), tf.nn.avg_pool2d(x, 2, 2, "SAME"), tf.reduce_mean(x, [1, 2])),
            *(tf.matmul(y, y, transpose_b=True), tf.linalg.matvec(y, y[:, 0]), tf.linalg.diag_part(y), tf.linalg.trace(y)),
            *(tf.linalg.band_part(y, 0, -1), tf.transpose(y, [2, 0, 1]), tf.linalg.matrix_transpose(y)),
        ]

    pairs = [
        (spec(tf, None, 28, None, 2), spec(tf, None, None, 5)),
        (spec(tf, None, 28, 28, 2), spec(tf, 5, None, None)),
        (spec(tf, None, None, None, 2), spec(tf, None, 4, 4)),
    ]
    return [shapes_of(tf, f, *pair) for pair in pairs]


@case
def shapes_of_losses(tf):
    def f(labels, logits, ids):
        return [
            *(
                tf.nn.softmax_cross_entropy_with_logits(labels, logits),
                tf.nn.sigmoid_cross_entropy_with_logits(labels, logits),
            ),
            *(tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits), tf.nn.l2_loss(logits)),
            *(
                tf.nn.embedding_lookup(logits, ids),
                tf.nn.relu(logits),
                tf.nn.moments(logits, [0]),
                tf.clip_by_value(logits, 0.0, 1.0),
            ),
        ]

    return shapes_of(tf, f, spec(tf, None, 10), spec(tf, None, 10), spec(tf, None, dtype="int32"))


@case
def an_unknown_rank(tf):
    def f(x):
        return [x, x + 1.0, tf.reduce_sum(x), tf.reshape(x, [-1]), tf.rank(x), tf.size(x), tf.reshape(x, [2, 2])]

    return shapes_of(tf, f, tf.TensorSpec(None))


@case
def tracing_is_counted(tf):
    f = tf.function(lambda x: tf.reduce_sum(x), input_signature=[spec(tf, None, 3)])
    values = [plain(f(tf.ones([n, 3]))) for n in (2, 3, 1, 0)]
    return values, f.experimental_get_tracing_count()


@case
def retracing_is_reduced(tf):
    seen = []

    @tf.function(reduce_retracing=True)
    def f(x, y, n):
        seen.append([str(x.shape), str(y.shape), n])
        return tf.reduce_sum(x) + tf.reduce_sum(y)

    calls = [([2], [2], 1), ([3], [2], 1), ([4], [2], 1), ([3], [5], 1), ([7], [8], 1), ([3], [5], 2), ([4], [5], 2)]
    values = [plain(f(tf.ones(a), tf.ones(b), n)) for a, b, n in calls]
    return seen, values, f.experimental_get_tracing_count()


@case
def retracing_is_reduced_to_no_rank(tf):
    seen = []

    @tf.function(reduce_retracing=True)
    def f(x):
        seen.append(str(x.shape))
        return tf.reduce_sum(x)

    values = [plain(f(tf.ones(shape))) for shape in ([2], [3], [4], [2, 2], [2, 3], [5, 5])]
    return seen, values


@case
def sizes_that_do_not_go_together(tf):
    adding = tf.function(lambda x, y: x + y, input_signature=[spec(tf, None), spec(tf, None)])
    product = tf.function(lambda x, y: x @ y, input_signature=[spec(tf, None, None), spec(tf, None, None)])
    return [
        raised(lambda: adding(tf.ones([2]), tf.ones([3])), "Incompatible shapes", "[2]", "[3]"),
        plain(adding(tf.ones([2]), tf.ones([2]))),
        raised(lambda: adding(tf.ones([2]), tf.ones([3]))),
        plain(adding(tf.ones([1]), tf.ones([3]))),
        raised(lambda: product(tf.ones([2, 3]), tf.ones([4, 2])), "[2,3]", "[4,2]"),
    ]


@case
def known_sizes_that_differ(tf):
    product = tf.function(lambda x, y: x @ y, autograph=False)
    return raised(lambda: product.get_concrete_function(spec(tf, None, 3), spec(tf, 4, None)))


@case
def arguments_that_do_not_fit(tf):
    f = tf.function(lambda x: x, input_signature=[spec(tf, None, 3)])
    return [raised(lambda: f(tf.ones([2, 4]))), raised(lambda: f(tf.ones([2]))), plain(f(tf.ones([2, 3])))]


@case
def a_variable_of_unknown_size(tf):
    v = tf.Variable(tf.ones([2, 3]), shape=[None, 3])
    seen = []

    @tf.function
    def f():
        seen.append([str(v.shape), str(v.read_value().shape), str((v + 1.0).shape)])
        return tf.reduce_sum(v)

    values = [plain(f())]
    v.assign(tf.ones([5, 3]))
    return seen, values, plain(f()), f.experimental_get_tracing_count()


@case
def a_variable_that_grows(tf):
    v = tf.Variable(tf.ones([1, 3]), shape=[None, 3])

    @tf.function
    def f():
        v.assign(tf.concat([v, 2.0 * v], 0))
        return tf.shape(v), tf.reduce_sum(v)

    return [plain(f()) for _ in range(3)], str(v.shape), plain(v)


@case
def loops_over_unknown_sizes(tf):
    @tf.function(input_signature=[spec(tf, None, 2)])
    def f(x):
        total, rows = 0.0, tf.TensorArray(tf.float32, size=tf.shape(x)[0])
        for i in tf.range(tf.shape(x)[0]):
            total += tf.reduce_sum(x[i])
            rows = rows.write(i, x[i] * total)
        for row in x:
            total += row[0]
        return total, rows.stack()

    return [plain(f(tf.reshape(tf.range(2.0 * n), [n, 2]))) for n in (3, 1, 4)], f.experimental_get_tracing_count()
