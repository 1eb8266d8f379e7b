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


def test_the_cases_reach_the_operations_that_have_a_rule():
    reached = {
        node.primitive.name
        for family in families()
        for case in cases_of(family)
        for node in traced(case)
        if getattr(node, "primitive", None) is not None
    }
    ruled = {name for name, primitive in PRIMITIVES.items() if primitive.shape is not None}
    assert ruled - reached == {"Any", "All", "ResourceUpdate"}  # of bools and of variables, which the cases have none of


@pytest.mark.parametrize("axis", [None, 0, [1], [0, 1]])
@pytest.mark.parametrize("keepdims", [False, True])
def test_truth_over_axes_has_the_shape_of_eager_execution(axis, keepdims):
    @tf.function
    def f(x):
        return tf.reduce_any(x, axis, keepdims), tf.reduce_all(x, axis, keepdims)

    x = tf.constant([[True, False, True], [False, False, True]])
    for found, expected in zip(f.get_concrete_function(x).structured_outputs, f.python_function(x), strict=True):
        assert found.shape == expected.shape


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
