"""Converted functions are the user's in all but their control flow."""

from __future__ import annotations

import traceback

import pytest

import tapeflow as tf
from tapeflow.graph.conversion import convert_syntax
from tapeflow.graph.deciding import converted


def line_of(function, text):
    """The line of this file on which a function has some text."""
    lines = open(__file__).read().splitlines()  # noqa: SIM115
    start = function.__code__.co_firstlineno
    return next(i for i, line in enumerate(lines, 1) if i >= start and text in line)


def test_a_traceback_shows_the_users_file_line_and_name():
    def inner(x):
        if x is not None:
            raise KeyError("mine")
        return x

    def outer(x):
        for _ in range(2):
            x = x + 1
            if x > 1:
                inner(x)
        return x

    with pytest.raises(KeyError) as caught:
        tf.function(outer)(3)
    frames = [(f.name, f.lineno) for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == __file__]
    assert (outer.__name__, line_of(outer, "inner(x)")) in frames
    assert frames[-1] == ("inner", line_of(inner, 'raise KeyError("mine")'))


def test_an_error_of_autographs_shows_the_line_of_the_statement():
    @tf.function
    def f(x):
        x = x + 1.0
        if x > 0:
            y = x
        return y

    with pytest.raises(ValueError, match="'y' must also be initialized") as caught:
        f(tf.constant(1.0))
    lines = [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename == __file__]
    assert lines[-1] == line_of(f.python_function, "if x > 0")


class Base:
    def scaled(self, x):
        return x * 2.0


class Derived(Base):
    def scaled(self, x):
        if x is None:
            return None
        return super().scaled(x) + 1.0


def every_syntax(x, *rest, scale=2.0, **named):
    """Much of Python."""
    total = 0.0
    first, *others = [x, *rest]
    for (a, b), c in zip([(1, 2), (3, 4)], [5, 6], strict=True):
        total += a * b * c
        if c == 6:
            break
    else_ = [y for y in others if y > 1.0] or [0.0]
    with open(__file__) as file:
        head = file.readline()
    try:
        total += named["missing"]
    except KeyError as error:
        total += len(error.args)
    finally:
        total += 1.0
    if total > 1.0 and not head.isspace():
        total = -total if total > 1e6 else total
    table = {"a": first, **named}
    table["a"] += sum(else_)
    del others
    text = f"{total:.1f} {scale!r}"

    def nested(z, w=scale):
        while z < 10:
            z = z + w
            if z > 7:
                return z
        return -z

    return total, table, text, nested(1.0), (lambda q: q if q > 0 else -q)(-3.0), {i: i * i for i in range(3)}


def test_converted_code_is_python():
    arguments = (1.0, 2.0, 3.0), {"scale": 1.5, "other": 4}
    assert convert_syntax(every_syntax)(*arguments[0], **arguments[1]) == every_syntax(*arguments[0], **arguments[1])
    changed = convert_syntax(every_syntax)
    assert (changed.__name__, changed.__doc__, changed.__module__) == ("every_syntax", "Much of Python.", __name__)
    assert changed.__kwdefaults__ == {"scale": 2.0}


def test_methods_with_super_and_closures():
    assert tf.function(Derived().scaled)(tf.constant(3.0)).numpy() == 7.0
    count = 0

    def step(x):
        nonlocal count
        if x > 0:
            count += 1
        return x

    assert convert_syntax(step)(1) == 1 and count == 1


def test_each_function_is_rewritten_once_whatever_its_closure():
    def make(k):
        def scaled(x):
            return x * k if x > 0 else x

        return scaled

    two, three = make(2.0), make(3.0)
    assert converted(two)(1.0) == 2.0 and converted(three)(1.0) == 3.0
    assert converted(two).__code__ is converted(three).__code__


def test_what_cannot_be_converted_runs_as_it_is():
    def generating(x):
        def halves():
            yield x
            yield x / 2.0

        return sum(halves())

    def with_walrus(x):
        return [(y := x * i) for i in range(3)][1] if x > 0 else y

    for python, result, reason in ((generating, 1.5, "generators"), (with_walrus, 1.0, ":=")):
        function = tf.function(python)
        assert function(tf.constant(1.0)).numpy() == result
        assert reason in function.experimental_eager_reasons()[0]


def test_verbosity(capsys):
    def fresh(x):
        return x if x > 0 else -x

    tf.autograph.set_verbosity(3, alsologtostdout=True)
    try:
        tf.function(fresh)(tf.constant(1.0))
    finally:
        tf.autograph.set_verbosity(0)
    told = capsys.readouterr().out
    assert "AutoGraph converted" in told and "ag__.if_exp" in told


@pytest.mark.parametrize(
    "arguments, words", [({"recursive": False}, "recursive"), ({"experimental_optional_features": ()}, "optional_features")]
)
def test_arguments_that_are_not_supported_are_named(arguments, words):
    for ask in (tf.autograph.to_code, tf.autograph.to_graph):
        with pytest.raises(NotImplementedError, match=words):
            ask(every_syntax, **arguments)
