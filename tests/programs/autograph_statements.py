"""Python's statements on tensors: loops, choices, early ends, and the errors that name the user's variables."""

import tensorflow as tf


@tf.function
def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


@tf.function
def primes(limit):
    count = 0
    for candidate in tf.range(2, limit):
        is_prime = True
        for divisor in tf.range(2, candidate):
            if divisor * divisor > candidate:
                break
            if candidate % divisor == 0:
                is_prime = False
                break
        if not is_prime:
            continue
        count += 1
    return count


@tf.function
def newton(x, tolerance=1e-6):
    guess = x / 2.0
    steps = 0
    while tf.abs(guess * guess - x) > tolerance and steps < 50:
        guess = (guess + x / guess) / 2.0
        steps += 1
    return guess, steps


@tf.function
def clamp(x, low, high):
    if low < x < high:
        return x
    elif not x > low:
        return low
    else:
        return high


@tf.function
def fibonacci(n):
    a, b = 0, 1
    numbers = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[])
    i = 0
    while i < n:
        numbers = numbers.write(i, a)
        a, b = b, a + b
        i += 1
    return numbers.stack()


def activation(x, kind):
    if kind == "relu":
        return x if x > 0.0 else 0.0
    return tf.tanh(x)


@tf.function
def layers(x, kinds):
    for kind in kinds:
        x = activation(x, kind)
    return x


print([collatz(tf.constant(n)).numpy() for n in (1, 6, 27)])
print(primes(tf.constant(30)).numpy(), primes(tf.constant(3)).numpy())
root, steps = newton(tf.constant(2.0))
print(f"{root.numpy():.5f}", steps.numpy() < 10)
print([clamp(tf.constant(x), tf.constant(0.0), tf.constant(1.0)).numpy() for x in (-3.0, 0.25, 7.0)])
print(fibonacci(tf.constant(10)).numpy())
print(round(float(layers(tf.constant(0.5), ("relu", "tanh"))), 5), layers(tf.constant(-0.5), ("relu",)).numpy())


@tf.function
def half_defined(x):
    if x > 0:
        sign = 1
    return sign


@tf.function
def two_dtypes(x):
    if x > 0:
        y = 1
    else:
        y = 0.5
    return y


@tf.function
def grows(x):
    trail = tf.zeros([1])
    while x > 0:
        trail = tf.concat([trail, [x]], 0)
        x -= 1.0
    return trail


for function, words in (
    (half_defined, ["'sign'", "else"]),
    (two_dtypes, ["'y'", "int32", "float32"]),
    (grows, ["'trail'", "(1,)", "(2,)"]),
):
    try:
        function(tf.constant(2.0))
    except (ValueError, TypeError) as error:
        print(type(error).__name__, [word for word in words if word in str(error)])
