"""Records what TensorFlow's dtypes, shapes, nests and errors are like: writes structures.json beside this.

    TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_structures.py

Cases are expressions over the names of `structures.py` and `tf`; kept is the `repr` of the value, or the exception type.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import dtypes

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.structures import NAMES, outcome

ATTRIBUTES = [
    "name", "as_datatype_enum", "is_floating", "is_integer", "is_complex", "is_bool", "is_unsigned", "is_numeric",
    "is_numpy_compatible", "is_quantized", "size", "real_dtype", "base_dtype", "as_numpy_dtype", "min", "max", "limits",
]  # fmt: skip

DTYPES = """
tf.as_dtype("float") | tf.as_dtype("float32") | tf.as_dtype("int") | tf.as_dtype("bool") | tf.as_dtype("str")
tf.as_dtype("string") | tf.as_dtype("double") | tf.as_dtype("half") | tf.as_dtype("f") | tf.as_dtype("complex")
tf.as_dtype("bfloat16") | tf.as_dtype("int4") | tf.as_dtype("qint8") | tf.as_dtype("f4") | tf.as_dtype("<f4")
tf.as_dtype(float) | tf.as_dtype(int) | tf.as_dtype(bool) | tf.as_dtype(str) | tf.as_dtype(bytes)
tf.as_dtype(complex) | tf.as_dtype(object) | tf.as_dtype(None) | tf.as_dtype(1) | tf.as_dtype(2) | tf.as_dtype(999)
tf.as_dtype([]) | tf.as_dtype(np.float32) | tf.as_dtype(np.dtype("f4")) | tf.as_dtype(np.dtype("U3"))
tf.as_dtype(np.dtype("S3")) | tf.as_dtype(np.dtype(object)) | tf.as_dtype(np.dtype(">f4")) | tf.as_dtype(np.str_)
tf.as_dtype(np.bytes_) | tf.as_dtype(np.bool_) | tf.as_dtype(np.longdouble) | tf.as_dtype(np.longlong)
tf.as_dtype(np.ulonglong) | tf.as_dtype(np.intc) | tf.as_dtype(np.datetime64) | tf.as_dtype(np.dtype("M8[s]"))
tf.as_dtype(np.floating) | tf.as_dtype(np.dtype("V4")) | tf.as_dtype(np.dtype([("qint8", "i1")])) | tf.as_dtype(3.5)
tf.as_dtype(list) | tf.as_dtype(b"float32") | tf.as_dtype(np.zeros(3, np.float32)) | tf.as_dtype(tf.float16)
tf.as_dtype(np.complex64) | tf.as_dtype(tf.bfloat16.as_numpy_dtype)
tf.as_dtype(np.dtype(tf.bfloat16.as_numpy_dtype)) | tf.float32 == "float32" | tf.float32 == "float"
tf.float32 == np.float32 | tf.float32 == np.dtype("f4") | tf.float32 == float | tf.float32 == "foo"
tf.float32 == None | tf.float32 == 1 | tf.float32 != np.float64 | tf.float32 == object() | tf.float32 != "foo"
tf.float32 != None | tf.float32 == [1] | tf.bool == bool | tf.string == object | tf.int32 == np.int64
"float32" == tf.float32 | tf.half is tf.float16 | tf.double is tf.float64 | str(tf.float32) | repr(tf.float32)
f"{tf.float32}" | int(tf.float32) | bool(tf.float32) | tf.DType(1) | tf.float32 < tf.int32
tf.float32.is_compatible_with(tf.float32) | tf.float32.is_compatible_with("float64")
tf.float32.is_compatible_with("foo") | tf.float32.is_compatible_with(np.float32) | np.dtype(tf.float32)
isinstance(tf.float32, tf.DType) | pickle.loads(pickle.dumps(tf.int8)) is tf.int8
copy.deepcopy(tf.string) is tf.string | len({tf.float32, tf.as_dtype("float")})
"""

SHAPES = """
TS([2, 3]) | TS(None) | TS([None, 3]) | TS([]) | TS(5) | TS(5.0) | TS([2.0]) | TS(["2"]) | TS([-1, 2])
TS([np.int64(3)]) | TS(np.array([1, 2])) | TS((2,)) | TS(range(3)) | TS(TS([2])) | TS([TS([2])]) | TS("23")
TS({1: 2}) | TS(x for x in [1, 2]) | TS([[1]]) | TS(-1) | TS([2**40]) | TS(["a"]) | TS([b"a"]) | TS(object()) | a.rank
u.rank | a.ndims | u.ndims | u.dims | a.dims == [2, 3] | a.as_list() | u.as_list() | p.as_list() | a.num_elements()
p.num_elements() | u.num_elements() | s.num_elements() | a.is_fully_defined() | p.is_fully_defined()
u.is_fully_defined() | a.with_rank(2) | a.with_rank(3) | a.with_rank(None) | u.with_rank(2) | u.with_rank_at_least(2)
u.with_rank_at_most(2) | a.with_rank_at_least(3) | a.with_rank_at_least(2) | a.with_rank_at_most(1)
a.with_rank_at_most(2) | a.merge_with(p) | a.merge_with([2, None]) | a.merge_with([3, 3]) | a.merge_with([2, 3, 4])
a.merge_with(u) | u.merge_with(a) | u.merge_with(u) | p.merge_with([5, None]) | a.concatenate([4]) | a.concatenate(5)
a.concatenate(u) | u.concatenate(a) | a + [4] | [4] + a | a + (4,) | (4,) + a | a + TS([1]) | a + u | a + 5 | a + None
a + "ab" | a + [-1] | a + 1.5 | p.is_compatible_with(a) | p.is_compatible_with([5, 3]) | p.is_compatible_with([5, 4])
p.is_compatible_with(u) | p.is_compatible_with([1, 2, 3]) | p.most_specific_compatible_shape(a)
a.most_specific_compatible_shape(TS([2, 4])) | a.most_specific_compatible_shape([2])
a.most_specific_compatible_shape(u) | a.assert_is_compatible_with([2, 4]) | a.assert_is_compatible_with([2, None])
a.assert_has_rank(3) | a.assert_has_rank(2) | a.assert_same_rank([1]) | a.assert_same_rank([1, 2])
a.assert_is_fully_defined() | p.assert_is_fully_defined() | u.assert_is_fully_defined() | list(a) | list(u) | list(p)
len(a) | len(u) | len(p) | bool(a) | bool(u) | bool(s) | a[0] | p[0] | u[0] | a[-1] | a[2] | a[1:] | a[:1] | a[::-1]
u[1:] | u[:2] | u[1:3] | u[-2:] | u[:-1] | u[::2] | u[0:4:2] | u[2:1] | u[0:0] | u[:0] | u[3:] | a["x"] | a[0:1]
a[0.0] | a[np.int64(1)] | a == [2, 3] | a == (2, 3) | a == TS([2, 3]) | a == 5 | a == None | u == None | u == TS(None)
u == a | p == TS([None, 3]) | p == [None, 3] | p == [2, 3] | a != [2, 3] | u != TS(None) | a == "ab"
a == np.array([2, 3]) | s == () | s == [] | (2, 3) == a | [2, 3] == a | TS([5]) == 5 | hash(a) == hash(TS([2, 3]))
f"{a}" | f"{a!r}" | str(u) | str(s) | str(TS([1])) | str(p) | 2 in a | tuple(a) | a < [2] | a * 2 | int(a)
a.is_subtype_of(p) | p.is_subtype_of(a) | a.is_subtype_of(u) | u.is_subtype_of(a) | a.is_subtype_of(3)
a.most_specific_common_supertype([TS([2, 4])]) | a.most_specific_common_supertype([TS([2, 4]), 3]) | np.zeros(a).shape
np.zeros(6).reshape(a).shape | list(reversed(a)) | max(a) | pickle.loads(pickle.dumps(a))
pickle.loads(pickle.dumps(u)) | copy.deepcopy(p) | isinstance(a, tuple) | a.index(2)
"""

SPECS = """
f | TSpec(None) | TSpec([None, 3]) | str(f) | TSpec((2,), "int32") | TSpec((2,), float) | TSpec((2,), int)
TSpec((2,), None) | TSpec("ab") | TSpec(TS([1]), tf.int32, name="x") | f.shape | f.dtype | f.name
TSpec([2], dtype="foo") | TSpec() | TSpec([2], name="") | TSpec([None, 3]).is_compatible_with(TSpec([5, 3]))
TSpec([None, 3]).is_compatible_with(TSpec([5, 3], tf.int32)) | f.is_compatible_with("x")
f.is_compatible_with(np.zeros([2, 3], np.float32)) | f.is_compatible_with(tf.Variable(np.zeros([2, 3], "f")))
f.is_compatible_with(tf.Variable(np.zeros([2, 3], "f")) + 0.0)
f.is_compatible_with(tf.Variable(np.zeros([2, 3])) + 0.0) | f.most_specific_compatible_type(TSpec([2, 4]))
f.most_specific_compatible_type(TSpec([2, 4], name="a"))
f.most_specific_compatible_type(TSpec([2, 4], tf.int32, "a")) | f.most_specific_compatible_type(TSpec([2], name="a"))
f.most_specific_compatible_type(3) | f.most_specific_common_supertype([TSpec([2, 4])]) | TSpec.from_spec(f)
TSpec.from_spec(f, name="z") | TSpec.from_spec(3) | TSpec.from_tensor(3) | TSpec.from_tensor(np.zeros(2))
TSpec.from_tensor(tf.Variable(1.0) + 0.0) | TSpec.from_tensor(tf.Variable([1.0]) + 0.0, name="q")
TSpec.from_tensor(tf.Variable(1.0)) | f == TSpec([2, 3], tf.float32, "a") | f == TSpec([2, 3], tf.float32, "b")
f == TSpec([2, 3]) | f == 3 | hash(f) == hash(TSpec([2, 3], tf.float32, "b")) | pickle.loads(pickle.dumps(f))
copy.deepcopy(f) | TSpec([2]).is_subtype_of(TSpec([None])) | TSpec([None]).is_subtype_of(TSpec([2]))
f.is_subtype_of(TSpec([None, 3]))
"""

NESTS = """
nest.flatten([1, (2, 3), {"b": 4, "a": 5}]) | nest.flatten(3) | nest.flatten(None) | nest.flatten([None, 1])
nest.flatten("abc") | nest.flatten(np.array([1, 2])) | nest.flatten({1}) | nest.flatten(range(3))
nest.flatten({"b": 1, 3: 2}) | nest.flatten({3: 1, 1: 2}) | nest.flatten(OrderedDict([("b", 1), ("a", 2)]))
nest.flatten(dd) | nest.flatten(proxy) | nest.flatten(Own({"b": 1, "a": 2})) | nest.flatten(Point(1, 2))
nest.flatten([]) | nest.flatten([[], ()]) | nest.flatten({"a": []}) | nest.flatten({}.keys())
nest.flatten({"b": 1, "a": 2}.values()) | nest.flatten({"b": 1, "a": 2}.items()) | nest.flatten(b"x")
nest.flatten(deque([1, 2])) | nest.flatten(bytearray(b"x")) | nest.flatten([1, [2, [3, [4]]]])
nest.flatten(structure=[1]) | nest.flatten(TS([1, 2])) | nest.flatten([1], expand_composites=True)
nest.flatten(TSpec([1])) | nest.is_nested(1) | nest.is_nested("ab") | nest.is_nested([]) | nest.is_nested({})
nest.is_nested(Point(1, 2)) | nest.is_nested({1}) | nest.is_nested(np.array([1])) | nest.is_nested(range(3))
nest.is_nested({}.keys()) | nest.is_nested({}.values()) | nest.is_nested(proxy) | nest.is_nested(deque())
nest.is_nested(None) | nest.is_nested(TS([1])) | nest.is_nested(Own({})) | nest.map_structure(inc, [1, (2, {"a": 3})])
nest.map_structure(add, [1, (2,)], [3, (4,)]) | nest.map_structure(add, [1, 2], [3, 4, 5])
nest.map_structure(add, [1, 2], (3, 4)) | nest.map_structure(add, [1, 2], (3, 4), check_types=False)
nest.map_structure(add, {"a": 1}, {"b": 1}) | nest.map_structure(add, {"a": 1}, OrderedDict([("a", 1)]))
ordered(nest.map_structure(add, OrderedDict([("b", 1), ("a", 2)]), {"a": 10, "b": 20})) | nest.map_structure(inc)
nest.map_structure(3, [1]) | nest.map_structure(inc, [1], foo=3) | nest.map_structure(inc, Point(1, 2))
nest.map_structure(inc, SubPoint(1, 2)) | nest.map_structure(inc, Typed(1))
ordered(nest.map_structure(inc, OrderedDict([("b", 1), ("a", 2)]))) | nest.map_structure(inc, dd)
nest.map_structure(inc, Own({"b": 1, "a": 2})) | type(nest.map_structure(inc, SubList([1, 2]))).__name__
type(nest.map_structure(inc, SubTuple([1, 2]))).__name__ | type(nest.map_structure(inc, SubDict(b=1, a=2))).__name__
nest.map_structure(inc, {"b": 1, "a": 2}) | nest.map_structure(inc, 5) | nest.map_structure(add, 5, 6)
nest.map_structure(add, 5, [6]) | nest.map_structure(add, [6], 5) | nest.map_structure(add, [[6]], [5])
nest.map_structure(pair, None, None) | nest.map_structure(pair, [None], [1]) | nest.map_structure(pair, [], [])
nest.map_structure(pair, Point(1, 2), OtherPoint(3, 4)) | nest.map_structure(pair, Point(1, 2), Named(3, 4))
nest.map_structure(pair, Point(1, 2), (3, 4)) | nest.map_structure(pair, SubList([1]), [2])
nest.map_structure(pair, [1], SubList([2])) | nest.map_structure(inc, deque([1]))
nest.map_structure(inc, {"b": 1}.values()) | nest.map_structure(add, dd, {"a": 1, "b": 2})
nest.map_structure(inc, range(3)) | nest.map_structure(inc, bytearray(b"ab"))
nest.map_structure(triple, [1], [2], [3]) | nest.map_structure(fail, [1])
nest.map_structure(pair, {"a": 1, "b": 2}, {"c": 1, "d": 2}, check_types=False)
nest.map_structure(pair, {"a": 1, "b": 2}, [3, 4], check_types=False)
nest.pack_sequence_as([1, (2, 3), {"b": 4, "a": 5}], [10, 20, 30, 40, 50]) | nest.pack_sequence_as([1, 2], [1])
nest.pack_sequence_as([1, 2], [1, 2, 3]) | nest.pack_sequence_as(1, [5]) | nest.pack_sequence_as(1, [5, 6])
nest.pack_sequence_as(1, []) | nest.pack_sequence_as([1], 5) | nest.pack_sequence_as(1, 5)
nest.pack_sequence_as([1, 2], (3, 4)) | nest.pack_sequence_as([1, 2], np.array([3, 4]))
nest.pack_sequence_as([1, 2], "ab") | nest.pack_sequence_as([[], 1], [5]) | nest.pack_sequence_as([], [])
nest.pack_sequence_as(None, [1]) | nest.pack_sequence_as([1, 2], [[1], {2: 3}]) | nest.pack_sequence_as("abc", [1])
nest.pack_sequence_as({"b": 4, "a": 5}, [1, 2]) | ordered(nest.pack_sequence_as(OrderedDict([("b", 1), ("a", 2)]), [1, 2]))
nest.pack_sequence_as(dd, [1, 2]) | nest.pack_sequence_as(deque([1]), [1])
nest.pack_sequence_as({"b": 1}.values(), [1]) | nest.pack_sequence_as(range(3), [1, 2, 3])
nest.pack_sequence_as([1, 2], range(3, 5)) | nest.assert_same_structure([1, 2], [3, 4])
nest.assert_same_structure([1, 2], [3]) | nest.assert_same_structure([1, 2], (3, 4))
nest.assert_same_structure([1, 2], (3, 4), check_types=False) | nest.assert_same_structure(1, [1])
nest.assert_same_structure([1], 1) | nest.assert_same_structure([[1]], [1])
nest.assert_same_structure({"a": 1}, {"b": 1}) | nest.assert_same_structure({"a": 1}, {"a": 1, "b": 1})
nest.assert_same_structure({"a": 1}, {"b": 1}, check_types=False)
nest.assert_same_structure({"a": 1}, OrderedDict([("a", 1)])) | nest.assert_same_structure({"a": 1}, dd)
nest.assert_same_structure({"a": 1, "b": 1}, dd) | nest.assert_same_structure({"a": [1]}, {"a": (1,)})
nest.assert_same_structure(Point(1, 2), OtherPoint(1, 2)) | nest.assert_same_structure(Point(1, 2), Named(1, 2))
nest.assert_same_structure(Point(1, 2), Named(1, 2), check_types=False)
nest.assert_same_structure(Point(1, 2), (1, 2)) | nest.assert_same_structure((1, 2), Point(1, 2))
nest.assert_same_structure("ab", "c") | nest.assert_same_structure("ab", ["c"]) | nest.assert_same_structure(None, 1)
nest.assert_same_structure(np.zeros(2), [1, 2]) | nest.assert_same_structure(SubList([1]), [1])
nest.assert_same_structure([1, [2, 3]], [1, [2]]) | nest.assert_same_structure([1, [2, 3], 4], [1, 2, [3, 4]])
nest.assert_same_structure({"a": 1}, [1]) | nest.assert_same_structure({"a": 1}, [1], check_types=False)
nest.assert_same_structure(Own({"b": 1, "a": 2}), {"a": 1, "b": 2})
nest.assert_same_structure([1, 2], [3, 4], True, False)
nest.assert_same_structure([1, {"a": {"b": 1}}], [1, {"a": {"c": 1}}])
nest.assert_same_structure(SubPoint(1, 2), Point(1, 2)) | nest.assert_same_structure({}, {"a": 1})
nest.assert_same_structure([], ()) | nest.assert_same_structure(SubTuple((1,)), (1,))
nest.assert_same_structure(Point(1, 2), [1, 2], check_types=False) | nest.assert_same_structure((1, [2]), (1, 2))
nest.assert_same_structure(deque([1]), [1]) | nest.assert_same_structure(range(2), [1, 2])
nest.assert_same_structure([1, {"b": 1, 3: 4}], [1, {"b": 1, 3: 4}]) | nest.assert_same_structure([(1, 2)], [[1, 2]])
"""


def record(text):
    names = {**NAMES, "tf": tf, "nest": tf.nest, "TS": tf.TensorShape, "TSpec": tf.TensorSpec}
    names.update(a=tf.TensorShape([2, 3]), u=tf.TensorShape(None), p=tf.TensorShape([None, 3]), s=tf.TensorShape([]))
    names["f"] = tf.TensorSpec([2, 3], tf.float32, "a")
    cases = [case.strip() for line in text.strip().splitlines() for case in line.split(" | ")]
    return [{"of": case, **outcome(lambda case=case: eval(case, names))} for case in cases]


def record_dtypes():
    known = {dtype for dtype in vars(dtypes).values() if isinstance(dtype, tf.DType) and not dtype.name.endswith("_ref")}
    return [
        {attribute: outcome(lambda d=dtype, a=attribute: attribute_text(getattr(d, a))) for attribute in ATTRIBUTES}
        for dtype in sorted(known, key=int)
    ]


def attribute_text(value):
    if isinstance(value, type):
        return value.__name__
    return float(value) if isinstance(value, (np.generic, float)) else value


def record_errors():
    errors = {name: value for name, value in vars(tf.errors).items() if isinstance(value, type)}
    return {
        "classes": {name: [base.__name__ for base in kind.__mro__] for name, kind in errors.items()},
        "codes": {name: value for name, value in vars(tf.errors).items() if type(value) is int},
        "code_of": {
            name: kind(None, None, "").error_code
            for name, kind in errors.items()
            if issubclass(kind, tf.errors.OpError) and kind is not tf.errors.OpError
        },
    }


if __name__ == "__main__":
    recorded = {
        "versions": {"tensorflow": tf.__version__, "numpy": np.__version__},
        "errors": record_errors(),
        "dtype attributes": record_dtypes(),
        "dtypes": record(DTYPES),
        "shapes": record(SHAPES),
        "specs": record(SPECS),
        "nests": record(NESTS),
    }
    sections = [
        f"{json.dumps(key)}: "
        + ("[\n" + ",\n".join(map(json.dumps, section)) + "\n]" if isinstance(section, list) else json.dumps(section))
        for key, section in recorded.items()
    ]
    (pathlib.Path(__file__).parent / "structures.json").write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")
