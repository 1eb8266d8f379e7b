"""What kinds of arguments a function is traced for, how often, and which it refuses."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import weakref
from array import array
from types import SimpleNamespace

import numpy as np

from tests.golden.cases import case, plain

Pair = collections.namedtuple("Pair", "a b")


class Dict(dict):
    pass


class List(list):
    pass


class Tuple(tuple):
    pass


class Int(int):
    pass


class Float(float):
    pass


class Text(str):
    pass


class Plain:
    pass


class Slots:
    __slots__ = ("a",)


class Equal:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Equal) and self.value == other.value

    def __hash__(self):
        return hash(self.value)


class Unhashable:
    def __eq__(self, other):
        return isinstance(other, Unhashable)

    __hash__ = None


@dataclasses.dataclass
class Data:
    a: object


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: object


@dataclasses.dataclass(eq=False)
class ByIdentity:
    a: object


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


def traced(tf, *values, give=None):
    """For calls with these values: how often the function was traced, how often Python ran, and what came of each call."""
    ran, found = [], []

    @tf.function
    def function(x):
        ran.append(1)
        return tf.constant(1.0) if give is None else give(x)

    for value in values:
        try:
            found.append(plain(function(value)))
        except Exception as error:
            found.append(type(error).__name__)
    return [function.experimental_get_tracing_count(), len(ran), found]


def doubled(x):
    return x + x


def first(x):
    return x["a"]


def head(x):
    return x[0]


@case
def numbers(tf):
    def constant(x):
        return tf.constant(x)

    nan = float("nan")
    return {
        "one": traced(tf, True, 1, 1.0, 1 + 0j, np.True_, np.int32(1), np.int64(1), np.float64(1), np.float32(1)),
        "integer first": traced(tf, 1, True, 1.0, give=doubled),
        "float first": traced(tf, 1.0, 1, give=doubled),
        "signed zeros": [traced(tf, 0.0, -0.0, give=constant)[:2], traced(tf, -0.0, 0.0, give=constant)[:2]],
        "nan": [traced(tf, nan, nan)[:2], traced(tf, nan, float("nan"))[:2]],
        "infinite": traced(tf, float("inf"), float("inf"), float("-inf"))[:2],
        "large": traced(tf, 10**30, 10**30, 10**31)[:2],
        "subclasses": [traced(tf, Int(1), 1, give=doubled), traced(tf, Float(1), 1.0, 1, True, give=doubled)],
        "NumPy's": [
            traced(tf, np.float64(1), np.float64(2), np.float32(2), give=doubled),
            traced(tf, np.ones(2), np.zeros(3)),
        ],
        "enumerations": [traced(tf, Color.RED, Color.RED, Color.GREEN), traced(tf, Number.ONE, Number.TWO, 1, 2)],
        "decimal": traced(tf, decimal.Decimal(1), decimal.Decimal(1), 1),
        "fractions": traced(tf, fractions.Fraction(1, 2), fractions.Fraction(1, 2)),
        "none": traced(tf, None, None, 0, False),
    }


@case
def texts(tf):
    return {
        "text": traced(tf, "a", "a", "b", b"a", b"a"),
        "subclass": traced(tf, Text("a"), Text("a"), "a"),
        "paths": traced(tf, pathlib.Path("a"), pathlib.Path("a")),
        "dates": traced(tf, datetime.date(2020, 1, 1), datetime.date(2020, 1, 1)),
        "dtypes": traced(tf, tf.float32, tf.float32, tf.int32),
        "moments": traced(tf, np.datetime64("2020-01-01")),
    }


@case
def structures(tf):
    one = tf.constant(1.0)
    ordered = collections.OrderedDict
    return {
        "dicts": traced(tf, Dict(a=1), Dict(a=1), {"a": 1}, Dict(a=2)),
        "dicts of tensors": traced(tf, Dict(a=one), Dict(a=one), {"a": one}, give=first),
        "ordered": traced(tf, ordered(b=one, a=one), ordered(a=one, b=one), {"a": one, "b": one}, give=first),
        "default": traced(tf, collections.defaultdict(int, a=one), give=first),
        "user's": traced(tf, collections.UserDict(a=one), give=first),
        "keys": traced(tf, {1: one, 2: one}, {1.0: one, 2: one}, {True: one, 2: one}, give=lambda x: x[1]),
        "mixed keys": traced(tf, {1: one, "a": one}, give=first),
        "lists": traced(tf, List([1]), [1], (1,), Tuple((1,))),
        "lists of tensors": traced(tf, List([one]), [one], (one,), Tuple((one,)), give=head),
        "nested": traced(tf, [[1, 2], [3]], [[1, 2], [3]], [[1, 2], [4]]),
        "mixed": traced(tf, [one, 1, "a", None], [one, 1, "a", None], [one, 2, "a", None]),
        "named": traced(tf, Pair(1, one), Pair(1, one), Pair(2, one), (1, one)),
        "empty": traced(tf, {}, {}, [], ()),
        "ranges": traced(tf, range(3), range(3), range(4)),
    }


@case
def objects(tf):
    class Module(tf.Module):
        def __init__(self):
            self.v = tf.Variable(2.0)

    one, two, other, slots = Plain(), Plain(), Equal(2), Slots()
    data = ByIdentity(1)
    first_module, second_module = Module(), Module()
    return {
        "by identity": [traced(tf, one, one, two), traced(tf, slots, slots, Slots()), traced(tf, data, data, ByIdentity(1))],
        "by equality": [traced(tf, *[Equal(1)] * 2, other), traced(tf, *[Frozen(1)] * 2, Frozen(2))],
        "modules": traced(tf, first_module, first_module, second_module, give=lambda x: x.v + 0.0),
        "functions": traced(tf, len, len, abs),
        "types": traced(tf, int, int, float),
        "shapes": traced(tf, *[tf.TensorShape(x) for x in ([1, 2], [1, 2], [None, 2], [None, 2], None, None)]),
        "rows": traced(tf, *[tf.IndexedSlices(tf.ones([n, 3]), tf.range(n), tf.constant([5, 3])) for n in (2, 2, 3)]),
        "frozen sets": traced(tf, frozenset({1}), frozenset({1}), frozenset({2})),
        "ellipsis": traced(tf, ..., ...),
    }


@case
def what_is_refused(tf):
    thing = Plain()
    refused = {
        "deque": collections.deque([1]),
        "list": collections.UserList([1]),
        "bytearray": bytearray(b"a"),
        "memory": memoryview(b"a"),
        "array": array("d", [1.0]),
        "set": {1},
        "equals": Unhashable(),
        "data": Data(1),
        "namespace": SimpleNamespace(a=1),
        "reference": weakref.ref(thing),
        "proxy": weakref.proxy(thing),
        "inside": [bytearray(b"a")],
        "of a dict": {"a": {1}},
        "spec": tf.TensorSpec([1]),
        "frozen": Frozen(tf.constant(1.0)),
    }
    return {name: traced(tf, value)[2] for name, value in refused.items()}


@case
def variables(tf):
    def half(x):
        return x[0] - x[1]

    v, w, long = tf.Variable(1.0), tf.Variable(2.0), tf.Variable([1.0, 2.0])
    untrained = tf.Variable(1.0, trainable=False)
    return {
        "one": traced(tf, v, v, w, long, give=doubled),
        "or a tensor": traced(tf, v, tf.constant(3.0), w, give=doubled),
        "pairs": traced(tf, (v, w), (w, v), (v, v), (w, w), give=half),
        "in a dict": traced(tf, {"a": v}, {"a": w}, give=first),
        "untrained": traced(tf, v, untrained, give=doubled),
    }


@case
def variables_that_change(tf):
    ran = []

    @tf.function
    def step(v, x):
        ran.append(1)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(v * v * x)
        slope = tape.gradient(loss, v)
        for _ in tf.range(3):
            v.assign_sub(0.1 * slope)
        return loss, slope

    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    found = [plain(step(each, tf.constant(2.0))) for each in (v, w, v)]
    with tf.GradientTape() as tape:
        loss, _ = step(w, tf.constant(3.0))
    found.append(plain(tape.gradient(loss, w)))
    return [found, plain(v.read_value()), plain(w.read_value()), len(ran)]
