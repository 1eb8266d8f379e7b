"""Random programs give the same eagerly and traced: results, gradients, the variables afterwards and what is printed."""

from __future__ import annotations

import io

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

import tapeflow as tf

UNARY = [tf.sin, tf.tanh, tf.square, tf.negative, tf.exp, tf.sigmoid, tf.stop_gradient, tf.identity, tf.abs]
BINARY = [tf.add, tf.subtract, tf.multiply, tf.maximum, tf.math.divide_no_nan, lambda a, b: a * 2.0 - b]
SHAPED = [
    lambda a: tf.reshape(tf.reshape(a, [-1]), a.shape),
    lambda a: a - tf.reduce_mean(a),
    lambda a: tf.where(a > 0.0, a, a * 0.5),
    lambda a: tf.stack([a, a], axis=0)[1],
    lambda a: tf.reverse(a, [0]) if a.ndim else a,
    lambda a: tf.clip_by_value(a, -1.0, 1.0),
]

index = st.integers(0, 1000)
simple = st.one_of(
    st.tuples(st.just("unary"), index, index),
    st.tuples(st.just("binary"), index, index, index),
    st.tuples(st.just("shaped"), index, index),
    st.tuples(st.just("read"), index),
    st.tuples(st.just("assign"), index, index),
    st.tuples(st.just("add"), index, index),
    st.tuples(st.just("print"), index),
    st.tuples(st.just("constant"), index),
)
programs = st.lists(
    st.one_of(
        simple,
        simple,
        simple,
        st.tuples(st.just("cond"), index, st.lists(simple, max_size=3), st.lists(simple, max_size=3)),
        st.tuples(st.just("loop"), index, st.integers(0, 3), st.lists(simple, max_size=3)),
        st.tuples(st.just("gradient"), index, st.lists(simple, min_size=1, max_size=4)),
    ),
    min_size=1,
    max_size=8,
)


def run(program, values, variables, printed):
    """Runs the instructions on a growing list of tensors, and returns the list."""
    values = list(values)

    def pick(i):
        return values[i % len(values)]

    for what, *rest in program:
        if what == "unary":
            values.append(tf.clip_by_value(UNARY[rest[0] % len(UNARY)](pick(rest[1])), -3.0, 3.0))
        elif what == "binary":
            values.append(tf.clip_by_value(BINARY[rest[0] % len(BINARY)](pick(rest[1]), pick(rest[2])), -3.0, 3.0))
        elif what == "shaped":
            values.append(SHAPED[rest[0] % len(SHAPED)](pick(rest[1])))
        elif what == "read":
            values.append(variables[rest[0] % len(variables)] * 1.5)
        elif what == "assign":
            variables[rest[0] % len(variables)].assign(pick(rest[1]))
        elif what == "add":
            variables[rest[0] % len(variables)].assign_add(pick(rest[1]) * 0.1)
        elif what == "print":
            tf.print(pick(rest[0]), output_stream=printed)
        elif what == "constant":
            values.append(pick(0) * 0.0 + float(rest[0] % 7))
        elif what == "cond":
            values.append(
                tf.cond(
                    tf.reduce_sum(pick(rest[0])) > 0.0,
                    lambda a=rest[1]: run(a, values, variables, printed)[-1],
                    lambda b=rest[2]: run(b, values, variables, printed)[-1],
                )
            )
        elif what == "loop":
            values.append(
                tf.while_loop(
                    lambda i, x, n=rest[1]: i < n,
                    lambda i, x, b=rest[2]: (i + 1, run(b, [x, *values], variables, printed)[-1]),
                    (tf.constant(0), pick(rest[0])),
                )[1]
            )
        else:
            with tf.GradientTape() as tape:
                x = pick(rest[0])
                tape.watch(x)
                y = run(rest[1], [x, *[v * 1.0 for v in variables]], variables, printed)[-1]
            slopes = tape.gradient(y, [x, *variables], unconnected_gradients="zero")
            values.extend(tf.clip_by_value(g, -3.0, 3.0) for g in slopes)
    return values


def outcome(function, variables, start, inputs, taped):
    """What a program does in two runs, and the gradients of its last value if a tape is around it."""
    found, slopes = [], []
    for v, value in zip(variables, start, strict=True):
        v.assign(value)
    for _ in range(2):
        x = [tf.constant(value) for value in inputs]
        if taped:
            with tf.GradientTape() as tape:
                tape.watch(x)
                results = function(*x)
            slopes += tape.gradient(results[-1], [*x, *variables])
        else:
            results = function(*x)
        found += [*results, *[v.numpy() for v in variables]]
    return [[None if y is None else np.asarray(y) for y in each] for each in (found, slopes)]


@pytest.fixture(autouse=True, scope="module")
def _numpy_alone():
    """Bits are compared here: machine code has its own tests, in tests/graph/native."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        yield


def agree(traced, eager):
    """Sums of gradients may be rounded in another way: a loop sums up its own before they meet those of what comes after it."""
    scale = max(1.0, np.max(np.abs(eager), initial=0.0))
    np.testing.assert_allclose(traced, eager, rtol=0, atol=1e-5 * scale)


ROUNDED = [("loop", 0, 3, [("read", 0), ("binary", 0, 0, 814)]), ("unary", 0, 296), ("unary", 0, 0)]


@settings(max_examples=150, deadline=None)
@example(program=[*ROUNDED, ("loop", 0, 3, [("unary", 0, 0), ("binary", 0, 37, 158)])], shape=(), seed=0, taped=True)
@given(program=programs, shape=st.sampled_from([(), (3,), (2, 2)]), seed=st.integers(0, 99), taped=st.booleans())
def test_a_random_program_gives_the_same_traced(program, shape, seed, taped):
    draw = np.random.default_rng(seed)
    inputs = [draw.normal(size=shape).astype(np.float32) for _ in range(2)]
    start = [draw.normal(size=shape).astype(np.float32) for _ in range(2)]
    answers, texts = [], []
    for decorate in (lambda f: f, tf.function):
        variables, printed = [tf.Variable(v) for v in start], io.StringIO()

        def body(*x, variables=variables, printed=printed):
            return run(program, x, variables, printed)

        answers.append(outcome(decorate(body), variables, start, inputs, taped))
        texts.append(printed.getvalue())
    assert texts[0] == texts[1]
    for eager, traced, same in zip(*answers, (np.testing.assert_array_equal, agree), strict=True):
        for expected, found in zip(eager, traced, strict=True):
            if expected is None:  # or zeros, where a branch or a body that did not run would have connected it
                assert found is None or not np.any(found)
            else:
                assert found.dtype == expected.dtype and found.shape == expected.shape
                same(found, expected)
