"""Springs, a pendulum and Lagrange's equations: accelerations out of Hessians of the Lagrangian."""

import tensorflow as tf

m, k, g, length = 1.5, 4.0, 9.81, 0.8


def potential(q):
    return 0.5 * k * tf.reduce_sum(q**2)


q = tf.Variable([0.3, -0.2], dtype=tf.float64)
p = tf.Variable([0.0, 0.1], dtype=tf.float64)
dt = 0.01
energies = []
for _ in range(200):
    with tf.GradientTape() as tape:
        H = tf.reduce_sum(p**2) / (2 * m) + potential(q)
    dq, dp = tape.gradient(H, [p, q])
    p.assign_sub(dt * dp)
    q.assign_add(dt * p / m)
    energies.append(float(H))
print(f"energy {energies[0]:.6f} -> {energies[-1]:.6f}")
tf.print("q", q, "p", p)


def lagrangian(q, v):
    """A double pendulum with unit masses."""
    q1, q2 = q[0], q[1]
    v1, v2 = v[0], v[1]
    kinetic = 0.5 * 2.0 * (length * v1) ** 2 + 0.5 * (length * v2) ** 2 + length**2 * v1 * v2 * tf.cos(q1 - q2)
    return kinetic + 2.0 * g * length * tf.cos(q1) + g * length * tf.cos(q2)


def acceleration(q, v):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([q, v])
        with tf.GradientTape() as inner:
            inner.watch((q, v))
            lagr = lagrangian(q, v)
        dl_dq, dl_dv = inner.gradient(lagr, (q, v))
    mass = outer.jacobian(dl_dv, v)
    coriolis = outer.jacobian(dl_dv, q)
    del outer
    return tf.linalg.matvec(tf.linalg.pinv(mass), dl_dq - tf.linalg.matvec(coriolis, v))


q = tf.constant([1.0, 0.5], tf.float64)
v = tf.constant([0.0, 0.0], tf.float64)
for step in range(40):
    v = v + 0.01 * acceleration(q, v)
    q = q + 0.01 * v
    if step % 10 == 9:
        print(step + 1, [f"{float(a):.6f}" for a in q], [f"{a:.6f}" for a in v.numpy()])

theta = tf.Variable(0.2)
omega = tf.Variable(0.0)
for _ in range(50):
    with tf.GradientTape() as t:
        u = -g / length * tf.math.cos(theta)
    omega.assign_add(-0.02 * t.gradient(u, theta))
    theta.assign_add(0.02 * omega)
print(theta.numpy(), omega.numpy())
