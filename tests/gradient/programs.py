"""Programs as people write them for GradientTape: each takes the module `tf` and returns numbers.

They run under TapeFlow, and by `tests/golden/record_programs.py` under TensorFlow. Every program gets its data from NumPy, so
that both see the same.
"""

from __future__ import annotations

import numpy as np

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def data(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


@program
def linear_regression(tf):
    x, noise = data(64, 3), data(64, 1, seed=1)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 0.1 * noise + 3.0
    w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable(tf.zeros([1]))
    losses = []
    for _ in range(50):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(0.1 * dw)
        b.assign_sub(0.1 * db)
        losses.append(float(loss))
    return {"losses": losses, "w": w.numpy(), "b": b.numpy()}


@program
def mlp_classifier(tf):
    x, labels = data(32, 8), np.arange(32) % 3
    weights = [tf.Variable(0.3 * data(8, 16, seed=1)), tf.Variable(0.3 * data(16, 3, seed=2))]
    biases = [tf.Variable(tf.zeros([16])), tf.Variable(tf.zeros([3]))]
    velocities = [tf.Variable(tf.zeros_like(v)) for v in weights + biases]
    losses = []
    for _ in range(30):
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(x, weights[0]) + biases[0])
            logits = tf.matmul(hidden, weights[1]) + biases[1]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        gradients = tape.gradient(loss, weights + biases)
        clipped, norm = tf.clip_by_global_norm(gradients, 1.0)
        for variable, velocity, gradient in zip(weights + biases, velocities, clipped, strict=True):
            velocity.assign(0.9 * velocity + gradient)
            variable.assign_sub(0.1 * velocity)
        losses.append([float(loss), float(norm)])
    return {"losses": losses, "accuracy": float(tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == labels, tf.float32)))}


@program
def gradient_penalty(tf):
    """A critic whose gradient's norm is held at 1, as in WGAN-GP: a gradient inside the loss."""
    real, fake, epsilon = data(16, 4), data(16, 4, seed=1), np.abs(data(16, 1, seed=2)) % 1.0
    w1, w2 = tf.Variable(0.5 * data(4, 8, seed=3)), tf.Variable(0.5 * data(8, 1, seed=4))

    def critic(x):
        return tf.matmul(tf.tanh(tf.matmul(x, w1)), w2)

    losses = []
    for _ in range(20):
        with tf.GradientTape() as tape:
            mixed = epsilon * real + (1.0 - epsilon) * fake
            mixed = tf.convert_to_tensor(mixed)
            with tf.GradientTape() as inner:
                inner.watch(mixed)
                score = critic(mixed)
            slopes = inner.gradient(score, mixed)
            norms = tf.sqrt(tf.reduce_sum(slopes**2, axis=1) + 1e-12)
            penalty = tf.reduce_mean((norms - 1.0) ** 2)
            loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real)) + 10.0 * penalty
        d1, d2 = tape.gradient(loss, [w1, w2])
        w1.assign_sub(0.01 * d1)
        w2.assign_sub(0.01 * d2)
        losses.append([float(loss), float(penalty)])
    return {"losses": losses}


@program
def newtons_method(tf):
    x = tf.Variable([1.2, 1.2], dtype=tf.float64)
    path = []
    for _ in range(6):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2
            g = inner.gradient(y, x)
        h = outer.jacobian(g, x)
        x.assign_sub(tf.linalg.solve(h, g[:, tf.newaxis])[:, 0])
        path.append(x.numpy().tolist())
    return {"path": path, "hessian": h.numpy()}


@program
def physics_informed_network(tf):
    """u'' = -sin(x) by a network that is differentiated twice in the loss."""
    points = tf.constant(np.linspace(0.0, 3.0, 16, dtype=np.float32)[:, None])
    w1, b1 = tf.Variable(data(1, 8)), tf.Variable(0.1 * data(8, seed=1))
    w2 = tf.Variable(0.5 * data(8, 1, seed=2))
    variables, losses = [w1, b1, w2], []
    for _ in range(20):
        with tf.GradientTape() as tape:
            with tf.GradientTape() as second:
                second.watch(points)
                with tf.GradientTape() as first:
                    first.watch(points)
                    u = tf.matmul(tf.tanh(tf.matmul(points, w1) + b1), w2)
                du = first.gradient(u, points)
            ddu = second.gradient(du, points)
            loss = tf.reduce_mean((ddu + tf.sin(points)) ** 2) + u[0, 0] ** 2
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.02 * gradient)
        losses.append(float(loss))
    return {"losses": losses}


@program
def meta_learning(tf):
    """MAML: the gradient of a loss after a gradient step, with respect to where the step started."""
    theta = tf.Variable([0.5, -0.3])
    losses = []
    for step in range(10):
        with tf.GradientTape() as outer:
            total = 0.0
            for task in range(3):
                slope = 0.5 + task
                x = data(8, seed=10 * step + task)
                with tf.GradientTape() as inner:
                    error = tf.reduce_mean((theta[0] * x + theta[1] - slope * x) ** 2)
                adapted = theta - 0.1 * inner.gradient(error, theta)
                total = total + tf.reduce_mean((adapted[0] * x + adapted[1] - slope * x) ** 2)
        theta.assign_sub(0.05 * outer.gradient(total, theta))
        losses.append(float(total))
    return {"losses": losses, "theta": theta.numpy()}


@program
def recurrent_network(tf):
    sequence, target = data(12, 4, 3), data(4, 2, seed=1)
    wx, wh, wo = (tf.Variable(0.4 * data(*shape, seed=s)) for s, shape in enumerate([(3, 5), (5, 5), (5, 2)], 2))
    with tf.GradientTape(persistent=True) as tape:
        state = tf.zeros([4, 5])
        states = []
        for x in sequence:
            state = tf.tanh(tf.matmul(x, wx) + tf.matmul(state, wh))
            states.append(state)
        loss = tf.reduce_sum((tf.matmul(state, wo) - target) ** 2)
        regularized = loss + 0.1 * tf.reduce_sum(tf.stack(states) ** 2)
    return {
        "loss": [g.numpy() for g in tape.gradient(loss, [wx, wh, wo])],
        "regularized": [g.numpy() for g in tape.gradient(regularized, [wx, wh, wo])],
        "first state": tape.gradient(loss, states[0]).numpy(),
    }


@program
def embeddings(tf):
    table, projection = tf.Variable(data(10, 4)), tf.Variable(data(4, 1, seed=1))
    losses = []
    for step in range(10):
        tokens = (np.arange(6) * (step + 1)) % 10
        with tf.GradientTape() as tape:
            rows = tf.nn.embedding_lookup(table, tokens)
            loss = tf.reduce_mean((tf.matmul(rows, projection) - 1.0) ** 2)
        of_table, of_projection = tape.gradient(loss, [table, projection])
        table.assign_sub(0.1 * tf.convert_to_tensor(of_table))
        projection.assign_sub(0.1 * of_projection)
        losses.append([float(loss), int(of_table.indices.shape[0])])
    return {"losses": losses, "table": table.numpy()}


@program
def attention(tf):
    x = tf.constant(data(2, 5, 8))
    wq, wk, wv = (tf.Variable(0.3 * data(8, 8, seed=s)) for s in (1, 2, 3))
    mask = np.triu(np.full((5, 5), -1e9, np.float32), 1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        q, k, v = x @ wq, x @ wk, x @ wv
        scores = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / tf.sqrt(8.0) + mask)
        out = tf.reduce_sum(tf.einsum("bij,bjd->bid", scores, v) ** 2)
    found = tape.gradient(out, {"x": x, "weights": (wq, wk, wv)})
    return {"out": float(out), "x": found["x"].numpy(), "weights": [g.numpy() for g in found["weights"]]}


@program
def straight_through(tf):
    """A quantizer whose derivative is taken to be 1, by stop_gradient and by a custom gradient."""
    x = tf.Variable(data(6))

    @tf.custom_gradient
    def rounded(x):
        return tf.round(x), lambda dy: dy

    with tf.GradientTape(persistent=True) as tape:
        a = tf.reduce_sum((x + tf.stop_gradient(tf.round(x) - x)) ** 2)
        b = tf.reduce_sum(rounded(x) ** 2)
        c = tf.reduce_sum(tf.round(x) ** 2)
    return {"a": tape.gradient(a, x).numpy(), "b": tape.gradient(b, x).numpy(), "c": tape.gradient(c, x) is None}


@program
def implicit_differentiation(tf):
    """The derivative of a root by the implicit function theorem, without differentiating the iterations."""

    @tf.custom_gradient
    def root(a):
        x = tf.ones_like(a)
        for _ in range(30):
            x = 0.5 * (x + a / x)

        def grad(dy):
            return dy / (2.0 * x)

        return x, grad

    a = tf.Variable([2.0, 9.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(root(a) ** 3)
        g = inner.gradient(y, a)
    return {"g": g.numpy(), "h": outer.gradient(g, a).numpy()}


@program
def kalman_like_recursion(tf):
    """Matrices, Python control flow and a running covariance."""
    noise = tf.Variable(0.5, dtype=tf.float64)
    p, likelihood = tf.eye(2, dtype=tf.float64), 0.0
    a = tf.constant([[1.0, 0.1], [0.0, 1.0]], tf.float64)
    h = tf.constant([[1.0, 0.0]], tf.float64)
    with tf.GradientTape() as tape:
        for i, y in enumerate([0.3, -0.1, 0.5, 0.2]):
            p = a @ p @ tf.transpose(a) + noise * noise * tf.eye(2, dtype=tf.float64)
            s = h @ p @ tf.transpose(h) + 0.1
            gain = p @ tf.transpose(h) @ tf.linalg.inv(s)
            p = (tf.eye(2, dtype=tf.float64) - gain @ h) @ p
            likelihood += tf.linalg.logdet(s) + y * y / s[0, 0] if i % 2 else tf.math.log(s[0, 0])
    return {"likelihood": float(likelihood), "gradient": float(tape.gradient(likelihood, noise))}


@program
def influence_of_a_hessian_vector_product(tf):
    w = tf.Variable(data(4))
    x, v = data(10, 4, seed=1), tf.constant(data(4, seed=2))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = tf.reduce_mean(tf.math.softplus(tf.linalg.matvec(x, w)))
        product = tf.reduce_sum(inner.gradient(loss, w) * v)
    by_double_backward = outer.gradient(product, w)
    with tf.autodiff.ForwardAccumulator(w, v) as accumulator:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.math.softplus(tf.linalg.matvec(x, w)))
        gradient = tape.gradient(loss, w)
    return {"backward": by_double_backward.numpy(), "forward": accumulator.jvp(gradient).numpy()}


@program
def convolution_by_hand(tf):
    """A convolution out of slices and pads, pooled by reshape and maximum."""
    image, kernel = tf.constant(data(1, 6, 6)), tf.Variable(data(3, 3, seed=1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        padded = tf.pad(image, [[0, 0], [1, 1], [1, 1]], mode="REFLECT")
        out = tf.add_n([padded[:, i : i + 6, j : j + 6] * kernel[i, j] for i in range(3) for j in range(3)])
        pooled = tf.reduce_max(tf.reshape(out, [1, 3, 2, 3, 2]), axis=[2, 4])
        loss = tf.reduce_sum(tf.nn.elu(pooled))
    return {"kernel": tape.gradient(loss, kernel).numpy(), "image": tape.gradient(loss, image).numpy()}


@program
def variational_inference(tf):
    """The reparameterization trick, with batches of Jacobians for the log determinant."""
    mean, log_scale = tf.Variable([0.1, -0.2]), tf.Variable([0.0, 0.3])
    noise = tf.constant(data(5, 2))
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(noise)
            z = tf.tanh(mean + tf.exp(log_scale) * noise)
        j = inner.batch_jacobian(z, noise)
        objective = tf.reduce_mean(tf.reduce_sum(z**2, 1) - tf.linalg.slogdet(j)[1])
    return {"jacobians": j.numpy(), "gradients": [g.numpy() for g in tape.gradient(objective, [mean, log_scale])]}
