"""What the trace says of shapes and dtypes is what the kernels give; and finding it out computes nothing of the real size."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.convert import convert
from tapeflow.core.primitive import PRIMITIVES
from tapeflow.graph import inference, trace
from tests.gradient.case import cases_of, families
from tests.gradient.evaluate import outputs_of, sources_of


def traced(case):
    """The nodes of a case and of its gradient."""

    @tf.function
    def inside(*tensors):
        sources = [tensors[i] for i in sources_of(case)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = outputs_of(case, list(tensors))
            targets = [y for y in outputs if y.dtype.is_floating or y.dtype.is_complex]
        return outputs, [None if g is None else convert(g) for g in tape.gradient(targets, sources)]

    try:
        return inside.get_concrete_function(*[convert(x) for x in case.inputs])._block.nodes
    except NotImplementedError:  # it runs eagerly
        return []


@pytest.mark.parametrize("family", families())
def test_rules_and_memory_say_what_running_the_kernel_says(family, monkeypatch):
    def compared(primitive, compute, inputs, attributes):
        found = inference.infer(primitive, compute, inputs, attributes)
        try:
            tried = inference._tried(compute, inputs, attributes or {})
        except trace.TraceUnsupported:  # no made-up values will do
            trace.tracing().reason = ""
            return found
        assert found == tried, primitive
        return found

    monkeypatch.setattr(trace, "infer", compared)
    for case in cases_of(family):
        traced(case)


# Operations without gradients, which the cases have none of.
def slope_of_python(x, v, g):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.ensure_shape(tf.py_function(tf.square, [x], tf.float32), [2, 3])
    return tape.gradient(y, x)


OTHERS = [
    slope_of_python,
    lambda x, v, g: (v[tf.size(x) // 7].assign(x[0, 1]).read_value(), tf.math.confusion_matrix(x[0], x[1], 2)),
    lambda x, v, g: v[tf.cast(x[0, 0], tf.int32)].assign(3.0).read_value(),
    lambda x, v, g: v.scatter_update(tf.IndexedSlices(x[0, :1], [0])).read_value(),
    lambda x, v, g: v.scatter_nd_add([[1]], x[0, :1]).read_value(),
    lambda x, v, g: tf.math.invert_permutation(tf.cast(x[0, :2] * [1.0, 0.0], tf.int32)),
    lambda x, v, g: tf.unravel_index(tf.cast(x[0], tf.int32), [2, 3]),
    lambda x, v, g: (tf.reduce_any(x > 0), tf.reduce_all(x > 0), v[:1].assign(x[0, :1]).read_value()),
    lambda x, v, g: (tf.random.uniform([2, 1]), tf.random.normal([]), tf.random.truncated_normal([3])),
    lambda x, v, g: (tf.random.uniform([2], 0, 4, tf.int64), tf.random.shuffle(x), tf.random.poisson([2], x)),
    lambda x, v, g: (tf.random.categorical(x, 4), tf.random.categorical(x, 4, tf.int32), g.uniform_full_int([2])),
    lambda x, v, g: (tf.random.stateless_binomial([2, 3], [1, 2], x, 0.5), tf.random.gamma([2], x)),
    lambda x, v, g: tf.random.stateless_parameterized_truncated_normal([2, 3], [1, 2], x, 1.0, -9.0, 9.0),
    lambda x, v, g: tf.strings.to_number(tf.strings.strip(tf.strings.regex_replace(tf.strings.as_string(x), "1.0*", " 2 "))),
    lambda x, v, g: tf.strings.regex_full_match(tf.strings.as_string(x), "1.*"),
    lambda x, v, g: (tf.histogram_fixed_width(x, [0.0, 2.0], 3), tf.cumsum(x, tf.cast(x[0, 0], tf.int32))),
    lambda x, v, g: tf.linalg.set_diag(x, x[0, :2], k=tf.cast(x[0, 1], tf.int32)),
    lambda x, v, g: tf.strings.unsorted_segment_join(tf.strings.as_string(x[0]), [0, 1, 0], 2),
]


@pytest.mark.parametrize("call", OTHERS)
def test_rules_say_what_eager_execution_says(call):
    function = tf.function(call)
    arguments = tf.ones([2, 3]), tf.Variable([0.0, 1.0]), tf.random.Generator.from_seed(1)
    found = tf.nest.flatten(function.get_concrete_function(*arguments).structured_outputs)
    for spec, expected in zip(found, tf.nest.flatten(call(*arguments)), strict=True):
        assert (spec.shape, spec.dtype) == (expected.shape, expected.dtype)


def test_the_cases_reach_the_operations_that_have_a_rule():
    arguments = tf.ones([2, 3]), tf.Variable([0.0, 1.0]), tf.random.Generator.from_seed(1)
    nodes = [node for family in families() for case in cases_of(family) for node in traced(case)]
    for call in OTHERS:
        nodes += tf.function(call).get_concrete_function(*arguments)._block.nodes
    reached = {node.primitive.name for node in nodes if getattr(node, "primitive", None) is not None}
    assert {name for name, primitive in PRIMITIVES.items() if primitive.shape is not None} <= reached


def test_a_trace_multiplies_no_large_matrices(monkeypatch):
    primitive = PRIMITIVES["MatMul"]

    @tf.function
    def product(x):
        return tf.matmul(x, x, transpose_b=True)

    def refuse(*args, **kwargs):
        raise AssertionError("the kernel was run")

    monkeypatch.setattr(primitive, "kernel", refuse)
    concrete = product.get_concrete_function(tf.TensorSpec([3000, 20]))
    assert concrete.structured_outputs.shape == (3000, 3000)


def test_equal_operations_are_tried_once(monkeypatch):
    tried = []
    monkeypatch.setattr(inference, "_known", {})
    monkeypatch.setattr(inference, "_tried", lambda *a, before=inference._tried: tried.append(1) or before(*a))

    @tf.function
    def f(x):
        for _ in range(10):
            x = tf.cumsum(x)
        return x

    assert f(tf.ones([3])).shape == [3] and len(tried) == 1


def test_functions_of_the_user_are_not_remembered(monkeypatch):
    monkeypatch.setattr(inference, "_known", {})

    @tf.function
    def f(x):
        @tf.custom_gradient
        def g(x):
            return x * 2.0, lambda dy: dy

        return g(x)

    f(tf.ones([3]))
    assert not any(
        callable(value) for key in inference._known for part in key[1:] if isinstance(part, tuple) for value in part
    )


def test_an_inverse_can_be_traced_though_the_made_up_matrices_have_none():
    @tf.function
    def f(x):
        return tf.linalg.det(x), tf.linalg.lu(x)[0]

    x = tf.constant(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 4.0]]))
    np.testing.assert_allclose(f(x)[0], 25.0)
    assert f.experimental_eager_reasons() == ()


# -- shapes that do not go together -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: x + tf.ones([4]), r"AddV2.*\[2, 3\], \[4\]"),
        (lambda x: tf.matmul(x, x), r"MatMul"),
    ],
)
def test_shapes_that_do_not_fit_are_a_value_error_in_a_graph(call, text):
    @tf.function
    def f(x):
        return call(x)

    for _ in range(2):
        with pytest.raises(ValueError, match=text):
            f(tf.ones([2, 3]))
    if call(tf.ones([2, 2]) if "MatMul" in text else tf.ones([1, 4])) is not None:
        assert f(tf.ones([2, 2]) if "MatMul" in text else tf.ones([1, 4])).shape.rank == 2  # it is still callable
