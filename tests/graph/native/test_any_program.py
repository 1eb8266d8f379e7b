"""Random programs of scalars: the same answers eagerly, as a Plan and as machine code, and so are derivatives of their loops."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.graph.native import calling
from tapeflow.graph.native.machine import machine
from tests.graph.native.identical import identical

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


@pytest.fixture(autouse=True)
def everything_is_compiled(monkeypatch):
    monkeypatch.setattr(calling, "WORTH", 0)


# A program works on registers: four float32s, three int32s. Statements are tuples, blocks are lists of them.

FLOAT_OPERATIONS = {
    "add": tf.add,
    "subtract": tf.subtract,
    "multiply": tf.multiply,
    "divide": tf.divide,
    "maximum": tf.maximum,
    "minimum": tf.minimum,
    "first": lambda x, y: x,
    "negative": lambda x, y: -x,
    "abs": lambda x, y: tf.abs(x),
    "sign": lambda x, y: tf.sign(x),
    "square": lambda x, y: tf.square(y),
    "sqrt": lambda x, y: tf.sqrt(x),
    "floor": lambda x, y: tf.floor(x),
    "round": lambda x, y: tf.round(y),
    "select": lambda x, y: tf.where(x < y, x, y * 2.0),
    "power": lambda x, y: x**2,
    "no_nan": tf.math.divide_no_nan,
    "relu": lambda x, y: tf.nn.relu(x) + y,
    "double": lambda x, y: tf.cast(tf.cast(x, tf.float64) * 3.0 + tf.cast(y, tf.float64), tf.float32),
}
INTEGER_OPERATIONS = {
    "add": tf.add,
    "subtract": tf.subtract,
    "multiply": tf.multiply,
    "floordiv": lambda x, y: x // y,
    "mod": lambda x, y: x % y,
    "abs": lambda x, y: tf.abs(x),
    "and": lambda x, y: tf.bitwise.bitwise_and(x, y),
    "compare": lambda x, y: tf.cast(tf.logical_and(x < y, tf.not_equal(x, 3)), tf.int32),
    "wide": lambda x, y: tf.cast(tf.cast(x, tf.int64) * tf.cast(y, tf.int64), tf.int32),
}
SPECIAL = [0.0, -0.0, 1.0, -1.5, 0.1, 3.0, 1e30, 1e-40, float("inf"), float("-inf"), float("nan")]

floats, integers = st.integers(0, 3), st.integers(0, 2)
simple = st.one_of(
    st.tuples(st.just("float"), floats, st.sampled_from(sorted(FLOAT_OPERATIONS)), floats, floats),
    st.tuples(st.just("integer"), integers, st.sampled_from(sorted(INTEGER_OPERATIONS)), integers, integers),
    st.tuples(st.just("to float"), floats, integers),
    st.tuples(st.just("assign"), floats),
    st.tuples(st.just("assign_add"), floats),
    st.tuples(st.just("count"), integers),
    st.tuples(st.just("read"), floats),
    st.tuples(st.just("read count"), integers),
    st.tuples(st.just("gradient"), floats, floats, floats),
)
block = st.lists(simple, min_size=1, max_size=5)
statement = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.tuples(st.just("if"), floats, floats, st.lists(inner, max_size=3), st.lists(inner, max_size=3)),
        st.tuples(st.just("repeat"), st.integers(0, 4), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("while"), integers, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)

loop = st.one_of(
    st.tuples(st.just("repeat"), st.integers(0, 4), st.lists(statement, min_size=1, max_size=3)),
    st.tuples(st.just("while"), integers, st.lists(statement, min_size=1, max_size=3)),
)


def run(program, registers, variable, counter):
    """The registers (floats and then integers) after a program."""
    for kind, *rest in program:
        registers = list(registers)
        if kind == "float":
            to, name, x, y = rest
            registers[to] = FLOAT_OPERATIONS[name](registers[x], registers[y])
        elif kind == "integer":
            to, name, x, y = rest
            registers[4 + to] = INTEGER_OPERATIONS[name](registers[4 + x], registers[4 + y])
        elif kind == "to float":
            registers[rest[0]] = tf.cast(registers[4 + rest[1]], tf.float32)
        elif kind == "assign":
            variable.assign(registers[rest[0]])
        elif kind == "assign_add":
            variable.assign_add(registers[rest[0]])
        elif kind == "count":
            counter.assign_add(registers[4 + rest[0]])
        elif kind == "read":
            registers[rest[0]] = variable * 1.0
        elif kind == "read count":
            registers[4 + rest[0]] = counter + 0
        elif kind == "gradient":
            to, x, y = rest
            with tf.GradientTape() as tape:
                tape.watch(registers[x])
                z = registers[x] * registers[y] + variable * variable / registers[x]
            registers[to] = sum(tape.gradient(z, [registers[x], variable]))
        elif kind == "if":
            x, y, yes, no = rest
            registers = tf.cond(
                registers[x] < registers[y],
                lambda r=registers, b=yes: run(b, r, variable, counter),
                lambda r=registers, b=no: run(b, r, variable, counter),
            )
        elif kind == "repeat":
            count, body = rest
            _, *registers = tf.while_loop(
                lambda i, *r: i < count,
                lambda i, *r, b=body: [i + 1, *run(b, r, variable, counter)],
                [tf.constant(0), *registers],
            )
        elif kind == "slope":  # the derivative of a loop
            to, x, inner = rest
            with tf.GradientTape() as tape:
                tape.watch(registers[x])
                after = run([inner], registers, variable, counter)
            registers[to] = tape.gradient(after[to], registers[x], unconnected_gradients="zero")
        else:  # while: as often as a register says, seven times at most
            place, body = rest
            _, *registers = tf.while_loop(
                lambda i, *r: tf.logical_and(i < 7, i < r[4 + place]),
                lambda i, *r, b=body: [i + 1, *run(b, r, variable, counter)],
                [tf.constant(0), *registers],
            )
    return list(registers)


def outcome(call, variable, counter, registers):
    """What a call gives and leaves behind, or the error it raises."""
    variable.assign(0.5)
    counter.assign(3)
    try:
        results = call(registers)
    except tf.errors.InvalidArgumentError as error:
        return type(error), variable.numpy(), counter.numpy()
    return [x.numpy() for x in results], variable.numpy(), counter.numpy()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(statement, min_size=1, max_size=5),
    st.lists(st.sampled_from(SPECIAL), min_size=4, max_size=4),
    st.lists(st.integers(-4, 8), min_size=3, max_size=3),
)
def test_eagerly_as_a_plan_and_as_machine_code_a_program_is_the_same(program, numbers, counts):
    variable, counter = tf.Variable(0.5), tf.Variable(3)
    registers = [tf.constant(x) for x in (*numbers, *counts)]
    function = tf.function(lambda registers: run(program, registers, variable, counter), autograph=False)
    as_program = outcome(function, variable, counter, registers)
    assert function.experimental_eager_reasons() == ()
    plan = function.get_concrete_function(registers)._plan
    assert plan.is_program
    plan._native = None
    as_plan = outcome(function, variable, counter, registers)
    eagerly = outcome(function.python_function, variable, counter, registers)
    if isinstance(eagerly[0], type) and not isinstance(as_plan[0], type):
        eagerly = as_plan  # the division by zero was of no use to anybody, so that the graph does without it
    for other in (as_plan, as_program):
        if isinstance(eagerly[0], type):
            assert other[0] is eagerly[0]
        else:
            for a, b in zip(other[0], eagerly[0], strict=True):
                identical(a, b)
        identical(other[1], eagerly[1])
        identical(other[2], eagerly[2])


slopes = st.lists(st.one_of(statement, st.tuples(st.just("slope"), floats, floats, loop)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    slopes,
    st.lists(st.sampled_from(SPECIAL), min_size=4, max_size=4),
    st.lists(st.integers(-4, 8), min_size=3, max_size=3),
)
def test_derivatives_of_loops_are_the_same_as_a_plan_and_as_machine_code(monkeypatch, program, numbers, counts):
    variable, counter = tf.Variable(0.5), tf.Variable(3)
    registers = [tf.constant(x) for x in (*numbers, *counts)]

    def make():
        return tf.function(lambda registers: run(program, registers, variable, counter), autograph=False)

    as_program, plain = make(), make()
    found = outcome(as_program, variable, counter, registers)
    assert as_program.experimental_eager_reasons() == ()
    with monkeypatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        wanted = outcome(plain, variable, counter, registers)
    plan = as_program.get_concrete_function(registers)._plan
    assert plan.is_program or "stack of stacks" in plan.why_no_program or "stacks of stacks" in plan.why_no_program
    if isinstance(wanted[0], type):
        assert found[0] is wanted[0]
    else:
        for a, b in zip(found[0], wanted[0], strict=True):
            identical(a, b)
    identical(found[1], wanted[1])
    identical(found[2], wanted[2])
