"""`if` on tensors inside `tf.function`: what it gives, and the errors where it cannot."""

from __future__ import annotations

from tests.golden.cases import both, case, raised


@case
def if_assigns(tf):
    def f(x):
        if x > 0:
            y, z = x, 1
        else:
            y, z = -x, 2
        return y, z

    return both(tf, f, 2.0, -3.0)


@case
def if_returns(tf):
    def f(x):
        if x > 5.0:
            return x * 10.0
        else:
            if x > 0.0:
                return x + 1.0
            return -x

    return both(tf, f, 2.0, 7.0, -3.0)


@case
def if_structures(tf):
    def f(x):
        y = {"a": x, "b": (x, x)}
        if x > 0:
            y = {"a": x * 2.0, "b": (x, -x)}
        return y["a"] + y["b"][1]

    return both(tf, f, 2.0, -3.0)


@case
def if_attributes_and_items(tf):
    class Holder:
        pass

    def f(x):
        holder, table, numbers = Holder(), {"a": x}, [x, x]
        holder.value = x
        if x > 0:
            holder.value = x * 2.0
            table["a"] = x * 3.0
            numbers[0] = x * 4.0
        return holder.value, table["a"], numbers

    return both(tf, f, 2.0, -3.0)


@case
def if_strings(tf):
    def f(x):
        if x > 0:
            sign = "plus"
        else:
            sign = "minus"
        return sign

    return both(tf, f, 2.0, -3.0)


@case
def if_undefined_but_not_read(tf):
    def f(x):
        if x > 0:
            y = x  # noqa: F841
        return x

    return both(tf, f, 2.0)


@case
def if_undefined(tf):
    @tf.function
    def f(x):
        if x > 0:
            y = x
        return y

    @tf.function
    def g(x):
        if x > 0:
            pass
        else:
            y = x
        return y

    one = tf.constant(1.0)
    return [raised(lambda: f(one), "'y'", "else branch"), raised(lambda: g(one), "'y'", "main branch")]


@case
def if_attribute_undefined(tf):
    class Holder:
        pass

    @tf.function
    def f(x):
        holder = Holder()
        if x > 0:
            holder.v = x * 2
        return x

    return raised(lambda: f(tf.constant(1.0)), "'holder.v'", "else branch")


@case
def if_dtype(tf):
    @tf.function
    def f(x):
        if x > 0:
            y = x
        else:
            y = tf.constant(1)
        return y

    @tf.function
    def g(x):
        y = 0
        if x > 0:
            y = x
        return y

    one = tf.constant(1.0)
    words = ("'y'", "float32", "int32", "main branch", "else branch")
    return [raised(lambda: f(one), *words), raised(lambda: g(one), *words)]


@case
def if_structure(tf):
    @tf.function
    def f(x):
        if x > 0:
            y = (x, x)
        else:
            y = x
        return y

    @tf.function
    def g(x):
        if x > 0:
            y = (x, x)
        else:
            y = [x, x]
        return y

    one = tf.constant(1.0)
    return [raised(lambda: f(one), "'y'", "nested structure"), raised(lambda: g(one), "'y'", "tuple", "list")]


@case
def if_none(tf):
    @tf.function
    def f(x):
        y = None
        if x > 0:
            y = x
        return y

    return raised(lambda: f(tf.constant(1.0)), "'y'", "is None at the end of the else branch")


@case
def if_objects(tf):
    @tf.function
    def f(x):
        if x > 0:
            y = object()
        else:
            y = object()
        return y

    return raised(lambda: f(tf.constant(1.0)), "object")


@case
def if_returns_on_one_side(tf):
    @tf.function
    def f(x):
        if x > 0:
            return x

    @tf.function
    def g(x):
        if x > 0:
            return x
        return 1

    @tf.function
    def h(x):
        if x > 0:
            return x
        return x, x

    one = tf.constant(1.0)
    return [
        raised(lambda: f(one), "else branch must also have a return statement"),
        raised(lambda: g(one), "float32", "int32"),
        raised(lambda: h(one), "nested structure"),
    ]


@case
def conditions(tf):
    @tf.function
    def vector(x):
        if x > 0:
            return x
        return -x

    @tf.function
    def number(x):
        if x:
            return x
        return x + 1

    @tf.function
    def loop(x):
        while x:
            x = x - 1
        return x

    return [
        raised(lambda: vector(tf.constant([1.0, 2.0])), "tf.bool", "scalar", "shape=(2,)"),
        raised(lambda: number(tf.constant(1.0)), "tf.bool", "tf.cast", "is not None"),
        raised(lambda: loop(tf.constant(1)), "tf.bool", "tf.cast", "dtype=int32"),
    ]
