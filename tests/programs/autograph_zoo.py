"""AutoGraph: every statement, with tensors and with Python values."""

import tensorflow as tf


@tf.function
def fizzbuzz(n):
    counts = tf.zeros([3], tf.int32)
    for i in tf.range(1, n + 1):
        if i % 15 == 0:
            counts += [1, 1, 1]
        elif i % 3 == 0:
            counts += [1, 0, 0]
        elif i % 5 == 0:
            counts += [0, 1, 0]
        else:
            continue
        if counts[0] > 6:
            break
    return counts


print(fizzbuzz(tf.constant(12)).numpy(), fizzbuzz(tf.constant(100)).numpy())


@tf.function
def nested(x):
    total = tf.constant(0.0)
    i = 0
    while i < 3:
        j = tf.constant(0)
        while j < 4:
            if tf.cast(j, tf.float32) > x:
                j += 1
                continue
            total += x * tf.cast(i * j, tf.float32)
            j += 1
        i += 1
    return total


print(nested(tf.constant(2.0)).numpy(), nested(tf.constant(10.0)).numpy())


@tf.function
def early(x):
    if tf.reduce_sum(x) < 0:
        return tf.constant("negative"), tf.reduce_min(x)
    if tf.reduce_sum(x) > 10:
        return tf.constant("large"), tf.reduce_max(x)
    return tf.constant("between"), tf.reduce_mean(x)


for v in ([-1.0, 0.5], [8.0, 9.0], [1.0, 3.0]):
    name, value = early(tf.constant(v))
    print(name.numpy().decode(), value.numpy())


@tf.function
def logic(a, b, c):
    both = a > 0 and b > 0
    either = a > 0 or c > 0
    neither = not either
    chain = 0 < a < b < 10
    picked = a
    if not chain:
        picked = b if both else c
    return both, either, neither, chain, picked


for args in ((1, 2, 3), (-1, 2, 3), (5, 2, -1), (-5, -2, -1)):
    print([t.numpy() for t in logic(*map(tf.constant, args))])


@tf.function
def iterate(rows):
    best = tf.constant(-1e9)
    where = -1
    for i in tf.range(tf.shape(rows)[0]):
        row = rows[i]
        s = tf.reduce_sum(row)
        if s > best:
            best = s
            where = i
    return best, where


b, w = iterate(tf.constant([[1.0, 2.0], [5.0, -1.0], [3.0, 3.0]]))
print(b.numpy(), w.numpy())


@tf.function
def collect(n):
    ta = tf.TensorArray(tf.int32, 0, dynamic_size=True)
    a, b = 0, 1
    while b < n:
        ta = ta.write(ta.size(), b)
        a, b = b, a + b
    return ta.stack()


print(collect(tf.constant(50)).numpy())


@tf.function
def recurse(x, depth):
    if depth == 0:
        return x
    return recurse(x * 2.0, depth - 1) + 1.0


print(recurse(tf.constant(1.0), 4).numpy())


class Counter:
    def __init__(self):
        self.n = tf.Variable(0)
        self.history = []

    @tf.function
    def count(self, x):
        self.history.append("trace")
        for v in x:
            if v > 0:
                self.n.assign_add(1)
            else:
                self.n.assign_sub(1)
        return self.n + 0


c = Counter()
print(c.count(tf.constant([1, 2, -3, 4])).numpy(), c.count(tf.constant([1, 1, 1, 1])).numpy(), c.history)


@tf.function
def with_python(n, flag, names=("a", "b")):
    out = []
    for name in names:
        if flag:
            out.append(tf.constant(n) * len(name))
        else:
            out.append(tf.constant(-n))
    d = {k: v for k, v in zip(names, out)}
    try:
        d["c"] = d["missing"]
    except KeyError:
        d["c"] = tf.constant(0)
    with tf.name_scope("scope"):
        d["total"] = sum(d.values())
    lam = lambda t: t + 1
    return {k: lam(v) for k, v in d.items()}


print(
    {k: v.numpy() for k, v in with_python(3, True).items()}, {k: v.numpy() for k, v in with_python(3, False, ("x",)).items()}
)


@tf.function
def bisect(f_lo, f_hi, tol):
    steps = 0
    mid = f_lo
    while f_hi - f_lo >= tol:
        mid = (f_lo + f_hi) / 2
        steps += 1
        if mid**3 - 2 > 0:
            f_hi = mid
        else:
            f_lo = mid
    return mid, steps


m, s = bisect(tf.constant(0.0), tf.constant(2.0), tf.constant(1e-3))
print(f"{m:.4f}", s.numpy())


@tf.function
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


try:
    print(gcd(tf.constant(48), tf.constant(18)).numpy())
except Exception as e:
    print(type(e).__name__)


@tf.function
def prime_count(n):
    count = 0
    for i in tf.range(2, n):
        is_prime = True
        for j in tf.range(2, i):
            if i % j == 0:
                is_prime = False
                break
        if is_prime:
            count += 1
    return count


print(prime_count(tf.constant(30)).numpy())
for bad in (0, 1):

    @tf.function
    def undefined(x):
        if x > 0:
            if bad:
                y = x
        else:
            y = -x
        return y

    try:
        print(undefined(tf.constant(1.0 if bad else -1.0)).numpy())
    except Exception as e:
        print(type(e).__name__)
