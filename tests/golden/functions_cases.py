"""What `tf.function` and concrete functions say and do: arguments, traces, names, leaks."""

from __future__ import annotations

import collections
import functools
import inspect

import numpy as np

from tests.golden.cases import Logged, case, plain, raised

Pair = collections.namedtuple("Pair", "a b")


def traces(tf, *calls):
    """How often a function is traced for calls with these arguments, in turn."""
    counts = []
    function = tf.function(lambda *args, **kwargs: counts.append(1) or tf.constant(0))
    for call in calls:
        function(call)
    return [len(counts), function.experimental_get_tracing_count()]


@case
def one_trace_for_each_signature(tf):
    class Comparable:
        def __eq__(self, other):  # and so not hashable
            return isinstance(other, Comparable)

    class Thing:
        pass

    class Equal:
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            return type(other) is Equal and self.value == other.value

        def __hash__(self):
            return hash(self.value)

    one, thing = tf.constant(1.0), Thing()
    first, second = Equal(1), Equal(1)
    return {
        "tensors": traces(tf, one, one + 1.0, tf.zeros(2), tf.zeros(3), tf.constant(1)),
        "arrays": traces(tf, np.zeros(2, np.float32), np.ones(2, np.float32), tf.zeros(2)),
        "NumPy's scalars": traces(tf, np.float32(1), np.float32(2), np.bool_(True), np.bool_(False)),
        "numbers": traces(tf, 1, 1, 2, float("nan"), float("nan")),
        "text": traces(tf, "a", "b", "a", b"a", None, None),
        "sequences": traces(tf, [1, 2], (1, 2), [1, 2], [one], [one + 1.0]),
        "mappings": traces(tf, {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1}),
        "named tuples": traces(tf, Pair(1, 2), Pair(1, 2), Pair(one, one), Pair(one, one)),
        "objects": traces(tf, thing, thing, Thing(), first, second),
        "functions": traces(tf, max, max, min, tf.float32, tf.float32, int, range(3), range(3)),
        "slices of rows": traces(
            tf,
            tf.IndexedSlices(tf.zeros([1, 2]), tf.constant([0])),
            tf.IndexedSlices(tf.ones([1, 2]), tf.constant([1])),
        ),
        "unhashable": [raised(lambda x=x: traces(tf, x)) for x in ({1}, {"a": {1}}, Comparable())],
    }


@case
def what_a_method_is_traced_for(tf):
    class Model:
        count = 0

        @tf.function
        def method(self, x):
            Model.count += 1
            return x + 1.0

        @staticmethod
        @tf.function
        def of_none(x):
            return x + 2.0

        @classmethod
        @tf.function
        def of_class(cls, x):
            return x + 3.0

        @tf.function
        def __call__(self, x):
            return x + 4.0

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def signed(self, x):
            return x

    a, b, one = Model(), Model(), tf.constant(1.0)
    results = [a.method(one), a.method(one), b.method(one), a.of_none(one), a.of_class(one), a(one), Model.method(a, one)]
    results.append(tf.function(a.method)(one))
    counts = [f.experimental_get_tracing_count() for f in (a.method, b.method)]
    return [
        plain(results),
        counts,
        a.method is a.method,
        str(a.method.get_concrete_function(one)),
        str(a.signed.get_concrete_function()),
        plain(a.signed([1.0, 2.0])),
        str(inspect.signature(a.method)),
    ]


@case
def kinds_of_functions(tf):
    one = tf.constant(1.0)

    class Callable:
        def __call__(self, x):
            return x * 3.0

    partial = tf.function(functools.partial(lambda a, b, c=1.0: a - b * c, 5.0, c=2.0))
    return [
        plain(tf.function(lambda x: x + 1.0)(one)),
        plain(partial(one)),
        str(partial.get_concrete_function(one)),
        plain(tf.function(Callable())(one)),
        plain(tf.function(jit_compile=False, reduce_retracing=True, autograph=True)(lambda x: x)(one)),
        raised(lambda: tf.function(3)),
    ]


@case
def input_signatures(tf):
    spec = tf.TensorSpec
    seen = []

    @tf.function(input_signature=[(spec([None]), {"a": spec([], tf.int32)}), spec([2], name="named")])
    def nested(p, q):
        seen.append([str(p[0]), str(p[1]["a"]), str(q)])
        return p[0] + q

    @tf.function(input_signature=[spec([None])])
    def with_default(x, y=2.0, *, k=3.0):
        return x * y * k

    @tf.function(input_signature=[spec([None]), spec([])])
    def default_with_spec(x, y=2.0):
        return x * y

    @tf.function(input_signature=[spec([None]), spec([])])
    def many(*args):
        return args[0] * args[1]

    one = tf.constant(1.0)
    return [
        plain(nested(([1.0, 2.0], {"a": 3}), np.ones(2))),
        raised(lambda: nested([[1.0, 2.0], {"a": 3}], [1.0, 2.0])),
        raised(lambda: nested(([1.0, 2.0], {}), [1.0, 2.0])),
        seen,
        repr(nested.get_concrete_function().structured_input_signature),
        plain(with_default([1.0])),
        plain(with_default(tf.Variable([1.0]), 2.0, k=3.0)),
        raised(lambda: with_default([1.0], 3.0), "Can not cast 3.0 to Literal[2.0]"),
        raised(lambda: with_default([1.0], y=one), "Literal[2.0]"),
        plain([default_with_spec([1.0]), default_with_spec([1], 5)]),
        default_with_spec.experimental_get_tracing_count(),
        plain(many([1.0], 2.0)),
        repr(many.input_signature),
        raised(lambda: default_with_spec(tf.constant([1]), 1.0), "Can not cast", "dtype=tf.int32", "dtype=tf.float32"),
        raised(lambda: default_with_spec(one, 1.0), "Can not cast", "shape=()", "shape=(None,)"),
        raised(lambda: many([1.0])),
        raised(lambda: many([1.0], 1.0, 2.0)),
        raised(lambda: many("a", 1.0), "'a'", "float"),
        raised(lambda: many(None, 1.0)),
    ]


@case
def bad_input_signatures(tf):
    def f(x, y=2.0):
        return x

    def g(x, *, k):
        return x

    spec = tf.TensorSpec([])
    return [
        raised(lambda: tf.function(f, input_signature=3), "must be either a tuple or a list", "<class 'int'>"),
        raised(lambda: tf.function(f, input_signature=spec), "must be either a tuple or a list"),
        raised(lambda: tf.function(f, input_signature={"x": spec}), "must be either a tuple or a list"),
        raised(lambda: tf.function(f, input_signature=[3]), "must be a possibly nested sequence of TensorSpec objects"),
        raised(lambda: tf.function(f, input_signature=[spec] * 4), "contains 2 extra type constraints"),
        raised(lambda: tf.function(f, input_signature=[]), "missing type constraint for x"),
        raised(lambda: tf.function(g, input_signature=[spec]), "keyword-only parameter `k` must have a default value"),
    ]


@case
def wrong_arguments(tf):
    @tf.function
    def f(x, y=2.0, *, k=3):
        return x * y + k

    one = tf.constant(1.0)
    return [
        raised(lambda: f(), "missing a required argument: 'x'"),
        raised(lambda: f(one, 2, 3), "too many positional arguments"),
        raised(lambda: f(one, z=1), "got an unexpected keyword argument 'z'"),
        raised(lambda: f(one, x=1), "multiple values for argument 'x'"),
        plain([f(one), f(one, 2.0), f(x=one, k=3), f(one, k=3, y=2.0)]),
        f.experimental_get_tracing_count(),
    ]


@case
def concrete_functions(tf):
    v = tf.Variable(2.0)
    u = tf.Variable([1.0], trainable=False)

    @tf.function
    def f(x, n, *args, w=None, **rest):
        return {"a": x * v, "b": (x, None, n), "c": args, "d": tf.reduce_sum(u)}

    spec = tf.TensorSpec([None, 2], tf.float32, name="xx")
    concrete = f.get_concrete_function(
        spec, 5, tf.constant(1), {"u": tf.TensorSpec([], tf.int32)}, w=tf.constant(2.0), z=tf.constant(3)
    )
    brief = concrete.pretty_printed_signature(verbose=False)
    outputs = tf.nest.map_structure(lambda y: y if y is None else [str(y.shape), y.dtype.name], concrete.structured_outputs)
    return [
        brief,
        str(concrete).partition("Captures")[0],
        repr(concrete.structured_input_signature),
        outputs,
        [x.name for x in concrete.inputs[:5]],
        [y.name for y in concrete.outputs],
        len(concrete.variables),
        len(concrete.trainable_variables),
        concrete.name.startswith(b"__inference_f_"),
        repr(concrete).startswith(f"<ConcreteFunction {brief} at 0x"),
        concrete.graph.name,
        [op.name for op in concrete.graph.get_operations()][:5],
        [op.type for op in concrete.graph.get_operations()][:5],
        raised(lambda: concrete.graph.get_operation_by_name("nothing")),
    ]


@case
def calls_of_concrete_functions(tf):
    @tf.function
    def f(x, y):
        return x + y

    @tf.function
    def g(x, n=2):
        return x * n

    vector, one = tf.zeros(2), tf.constant(1.0)
    concrete = f.get_concrete_function(tf.TensorSpec([None]), tf.TensorSpec([]))
    baked = g.get_concrete_function(one, n=5)
    return [
        plain([concrete(vector, one), concrete(y=one, x=vector), concrete(vector, y=one), concrete([1.0, 2.0], 3.0)]),
        raised(lambda: concrete(tf.zeros(2, tf.int32), one)),
        raised(lambda: concrete(vector), "missing a required argument: 'y'"),
        raised(lambda: concrete(vector, z=one), "missing a required argument: 'y'"),
        raised(lambda: concrete(one, one, one), "too many positional arguments"),
        raised(lambda: concrete("a", one), "'a'"),
        raised(lambda: concrete(None, one), "None"),
        plain([baked(one), baked(one, n=5), baked(1.0, 5), baked(1.0, n=5)]),
        raised(lambda: baked(one, n=6), "Can not cast 6 to"),
        f.get_concrete_function(one, one) is f.get_concrete_function(one, one),
    ]


@case
def all_signatures(tf):
    @tf.function
    def f(x, y=2.0, *, k=3):
        return x * y + k

    f(tf.constant(1.0))
    f(tf.zeros(3), k=4)
    return [f.pretty_printed_concrete_signatures(), f.pretty_printed_concrete_signatures(verbose=False)]


@case
def relaxed_shapes(tf):
    def seen(*shapes):
        found = []
        f = tf.function(lambda *xs: found.append([str(x.shape) for x in xs]) or xs[0], reduce_retracing=True)
        for each in shapes:
            f(*[tf.zeros(shape) for shape in each])
        return found, f.experimental_get_tracing_count()

    first = tf.function(lambda x: x)
    first.get_concrete_function(tf.TensorSpec([None]))
    first(tf.zeros(3))
    first(tf.zeros(4))
    general = first.experimental_get_tracing_count()
    first(tf.zeros([2, 2]))
    return [
        seen([[1]], [[2]], [[3]], [[4]]),
        seen([[1, 2]], [[1, 3]], [[2, 3]], [[5, 5]]),
        seen([[1], [2, 1]], [[2], [2, 2]], [[3], [2, 3]], [[3], [3, 2]]),
        [general, first.experimental_get_tracing_count()],
    ]


@case
def warnings_of_retracing(tf):
    def warned(calls):
        found = []

        def function(x):
            return x

        compiled = tf.function(function)
        with Logged(tf) as lines:
            for i, x in enumerate(calls):
                before = len(lines)
                compiled(x)
                found += [[i, line.partition(" calls")[0]] for line in lines[before:]]
        return found

    def in_a_loop():
        with Logged(tf) as lines:
            for i in range(8):

                def function(x, i=i):
                    return x + i

                tf.function(function)(tf.constant(1.0))
        return [line.partition(" calls")[0] for line in lines]

    return [
        warned([tf.zeros(i) for i in range(14)]),
        warned([i // 2 for i in range(24)]),
        warned([i // 3 for i in range(36)]),
        warned([i // 4 for i in range(48)]),
        warned([1.0] * 30),
        in_a_loop(),
    ]


@case
def names_of_tensors(tf):
    found = []

    @tf.function
    def f(x, pair, d, *rest, **kw):
        found.append([f"{x}", repr(pair), repr(d), repr(rest), repr(kw), x.name])
        y = x + 1.0
        found.append([str(t) for t in (y, x * y, y * y, tf.exp(x), tf.reduce_sum(x), x > 0.0, -x, x - 1.0, x / 2.0)])
        return y

    f(tf.zeros(4), (tf.zeros(1), [tf.zeros(2)]), {"k": tf.zeros(3)}, tf.zeros(1), q=tf.zeros(1))
    return found


@case
def symbolic_tensors_in_python(tf):
    found = {}

    def body(x):
        found["bool"] = raised(lambda: bool(x), "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed")
        found["hash"] = raised(lambda: hash(x))
        found["shape"] = [str(x.shape), x.dtype.name, x.shape.rank]
        return x

    tf.function(body, autograph=False)(tf.zeros(4))
    return found


@case
def leaked_tensors(tf):
    leaked = []

    @tf.function
    def leak(x):
        leaked.append(x * 2.0)
        return x

    leak(tf.constant(1.0))
    words = ("mul:0", "is out of scope and cannot be used here")
    return [
        raised(lambda: leaked[0] + 1.0, *words),
        raised(lambda: tf.exp(leaked[0]), *words),
        raised(lambda: tf.function(lambda x: x + leaked[0])(tf.constant(1.0)), *words),
        raised(lambda: tf.function(lambda: leaked[0])(), *words),
        raised(lambda: leak(leaked[0]), *words),
        raised(lambda: bool(leaked[0]), "not allowed"),
        repr(leaked[0]),
        plain(leak(tf.constant(3.0))),
    ]


@case
def variables_made_inside(tf):
    kept = []

    @tf.function
    def every_time(x):
        return tf.Variable(1.0) + x

    @tf.function
    def for_a_new_shape(x):
        if not kept or x.shape == (2,):
            kept.append(tf.Variable(1.0))
        return kept[0] + x

    one = tf.constant(1.0)
    words = ("tf.function only supports singleton tf.Variables created on the first call",)
    return [
        raised(lambda: every_time(one), *words),
        raised(lambda: every_time(one), *words),
        plain(for_a_new_shape(one)),
        raised(lambda: for_a_new_shape(tf.zeros(2)), *words),
        plain(for_a_new_shape(one)),
    ]


@case
def results(tf):
    def result(make):
        return raised(lambda: tf.function(lambda x: make(x))(tf.constant(1.0)), "must return zero or more Tensors")

    return [
        result(make)
        for make in (
            lambda x: "s",
            lambda x: [1, 2.0, True, None],
            lambda x: {"a": None, "b": np.zeros(2)},
            lambda x: Pair(x, 1),
            lambda x: collections.OrderedDict(b=x, a=1),
            lambda x: x[None].shape,
            lambda x: {1},
            lambda x: object(),
            lambda x: tf.float32,
            lambda x: int,
        )
    ]


@case
def run_eagerly(tf):
    calls = []

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def f(x):
        calls.append([tf.inside_function(), tf.executing_eagerly(), type(x).__name__])
        return [1, "a", None]

    tf.config.run_functions_eagerly(True)
    try:
        found = [tf.config.functions_run_eagerly(), f([1.0]), f([1.0])]
    finally:
        tf.config.run_functions_eagerly(False)
    return [found, calls, plain(f([1.0])), calls[-1][:2]]


@case
def options(tf):
    one = tf.constant(1.0)

    def f(x):
        return x

    feature = tf.autograph.experimental.Feature
    return [
        plain(tf.function(f, experimental_implements="g")(one)),
        raised(
            lambda: tf.function(f, experimental_attributes={"a": 1})(one),
            "a is not supported by tf.function as an attribute",
        ),
        plain(tf.function(f, experimental_autograph_options=feature.ALL)(one)),
        raised(lambda: tf.function(f, experimental_autograph_options=3)(one))[0],
        raised(lambda: tf.function(f).experimental_get_compiler_ir(one), "jit_compile=True"),
        raised(lambda: tf.function(f, foo=1), "unexpected keyword argument 'foo'"),
        plain(tf.function(f, autograph=None, experimental_follow_type_hints=True, experimental_relax_shapes=True)(one)),
    ]
