"""L-BFGS in a tf.function with a two-loop recursion over ring buffers, and conjugate gradients with Hessian-vector products."""

import tensorflow as tf

M, N = 5, 4


def rosenbrock(x):
    return tf.reduce_sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def value_and_gradient(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = rosenbrock(x)
    return y, tape.gradient(y, x)


@tf.function
def minimize(x, max_iter=100):
    S = tf.zeros([M, N], tf.float64)
    Y = tf.zeros([M, N], tf.float64)
    count = 0
    f, g = value_and_gradient(x)
    evaluations = 1
    for k in tf.range(max_iter):
        q = g
        alphas = tf.TensorArray(tf.float64, size=M, clear_after_read=False)
        n = tf.minimum(count, M)
        for j in tf.range(n):
            i = (count - 1 - j) % M
            rho = 1.0 / tf.tensordot(S[i], Y[i], 1)
            a = rho * tf.tensordot(S[i], q, 1)
            alphas = alphas.write(i, a)
            q -= a * Y[i]
        if count > 0:
            i = (count - 1) % M
            q *= tf.tensordot(S[i], Y[i], 1) / tf.tensordot(Y[i], Y[i], 1)
        for j in tf.range(n):
            i = (count - n + j) % M
            b = tf.tensordot(Y[i], q, 1) / tf.tensordot(S[i], Y[i], 1)
            q += (alphas.read(i) - b) * S[i]
        d = -q
        t = tf.constant(1.0, tf.float64)
        slope = tf.tensordot(g, d, 1)
        f_new, g_new = value_and_gradient(x + t * d)
        evaluations += 1
        while f_new > f + 1e-4 * t * slope:
            t *= 0.5
            f_new, g_new = value_and_gradient(x + t * d)
            evaluations += 1
        s, y = t * d, g_new - g
        if tf.tensordot(s, y, 1) > 1e-12:
            S = tf.tensor_scatter_nd_update(S, [[count % M]], [s])
            Y = tf.tensor_scatter_nd_update(Y, [[count % M]], [y])
            count += 1
        x, f, g = x + s, f_new, g_new
        if tf.norm(g) < 1e-6:
            tf.print("converged at", k, "with |g| < 1e-6", tf.norm(g) < 1e-6)
            break
    return x, f, evaluations


x, f, n = minimize(tf.constant([-1.2, 1.0, -0.5, 0.8], tf.float64))
print(x.numpy().round(6), f"{f.numpy():.1e}"[-4:] < "e-08" or float(f) < 1e-8, n.numpy() < 200)


def hvp(x, v):
    with tf.GradientTape() as outer:
        outer.watch(x)
        g = value_and_gradient(x)[1]
    return outer.gradient(g, x, output_gradients=v)


def hvp_forward(x, v):
    with tf.autodiff.ForwardAccumulator(x, v) as acc:
        g = value_and_gradient(x)[1]
    return acc.jvp(g)


x0 = tf.constant([0.9, 0.8, 0.7, 0.5], tf.float64)
v = tf.constant([1.0, 0.0, -1.0, 2.0], tf.float64)
print(hvp(x0, v).numpy(), hvp_forward(x0, v).numpy())
cg_hvp = tf.function(hvp)


@tf.function
def cg(x, b, iterations):
    d = tf.zeros_like(b)
    r = b
    p = r
    rr = tf.tensordot(r, r, 1)
    for _ in tf.range(iterations):
        Ap = cg_hvp(x, p) + 10.0 * p
        alpha = rr / tf.tensordot(p, Ap, 1)
        d += alpha * p
        r -= alpha * Ap
        new = tf.tensordot(r, r, 1)
        p = r + new / rr * p
        rr = new
    return d, tf.sqrt(rr)


d, res = cg(x0, v, 4)
print(d.numpy().round(6), bool(res < 1e-6))
