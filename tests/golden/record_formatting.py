"""Records how TensorFlow writes values: run with an interpreter that has TensorFlow; writes formatting.json beside this.

    TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_formatting.py

Every case is an expression; `c` makes a tensor, `V` a variable, `S` is `tf.strings`. Bytes are kept as Latin-1 text.
"""

import collections
import json
import os
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
Point = collections.namedtuple("Point", "y x")

NAMES = {
    "c": tf.constant,
    "V": lambda value, dtype=None, name=None: tf.Variable(value, dtype=dtype, name=name),
    "S": tf.strings,
    "np": np,
    "Point": Point,
    "OrderedDict": collections.OrderedDict,
    "defaultdict": collections.defaultdict,
    "deque": collections.deque,
}

# -- scalars, by their bits ---------------------------------------------------------------------

UNSIGNED = {"float16": np.uint16, "bfloat16": np.uint16, "float32": np.uint32, "float64": np.uint64}
CHOSEN = [
    0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 1 / 3, 2 / 3, 0.999998569, 0.5, 1e-4, 1e-5, 1.5e-5, 1e-6, 1e-7, 123456.0, 1234567.0,
    999999.0, 1e6, 1e5, 100000.0, 16777216.0, 123456789.0, 1e10, 1e15, 1e16, 123456789012345.0, 3.4028235e38, 1e38,
    1.17549435e-38, 1e-38, 1e-45, 65504.0, 6e-8, 6.1e-5, 1e100, 1e-300, 1.7976931348623157e308, 5e-324,
    2.2250738585072014e-308, float("inf"), -float("inf"), float("nan"), -float("nan"),
    3.14159265358979, 2.718281828459045, 0.1 + 0.2,
]  # fmt: skip


def scalars(dtype, generator):
    as_numpy, unsigned = tf.as_dtype(dtype).as_numpy_dtype, UNSIGNED[dtype]
    with np.errstate(all="ignore"):
        chosen = np.array(CHOSEN).astype(as_numpy)
        ordinary = (generator.standard_normal(60) * 10.0 ** generator.integers(-7, 8, 60)).astype(as_numpy)
        decimal = np.round(generator.uniform(-1000, 1000, 60), 2).astype(as_numpy)
    any_bits = generator.integers(0, np.iinfo(unsigned).max, 80, dtype=unsigned, endpoint=True).view(as_numpy)
    return np.concatenate([chosen, ordinary, decimal, any_bits])


def record_scalars():
    generator = np.random.default_rng(20)
    recorded = {}
    for dtype, unsigned in UNSIGNED.items():
        recorded[dtype] = []
        for value in scalars(dtype, generator):
            tensor = tf.constant(np.asarray(value))  # not the scalar: TensorFlow would take 0.0 from a cache for -0.0
            recorded[dtype].append(
                {
                    "bits": hex(int(np.asarray(value).view(unsigned))),
                    "str": str(tensor),
                    "format": f"{tensor}",
                    "print": tf.strings.format("{}", tensor).numpy().decode("latin-1"),
                    "as_string": tf.strings.as_string(tensor).numpy().decode("latin-1"),
                    "scientific": tf.strings.as_string(tensor, scientific=True, precision=4).numpy().decode("latin-1"),
                    "shortest": tf.strings.as_string(tensor, shortest=True).numpy().decode("latin-1"),
                }
            )
    return recorded


# -- str, repr and f-strings --------------------------------------------------------------------

# The repr of a float16, bfloat16, float32 or complex64 scalar is not recorded: it depends on the version of NumPy.
WRITTEN = """
c(9.0, "float64") | c(3) | c(3, "uint8") | c(-3, "int64") | c(True) | c(False) | c("hello") | c("héllo") | c(b"a'b\\n\\xff")
c(1 + 2j) | c([1.0, 2.5]) | c([1, 2]) | c([1, 2], "int64") | c([1, 2], "int8") | c([True, False]) | c(["a", "bcd"])
c([["a", "bcd"], ["e", "f"]]) | c([1 + 2j, 3]) | c([1 + 2j, 3], "complex64") | c([[1.0, 2.0], [3.0, 4.0]])
c([[1.0, 2.0], [3.0, 4.0]], "float64") | c([0.1, 2], "bfloat16") | c([[0.1, 2]], "bfloat16") | c([0.1, 2], "float16")
c([]) | c([[]]) | c(np.zeros([0, 3])) | c(np.zeros([3, 0], np.int32)) | c([], "string") | c([], "bool")
c(np.zeros([2, 2, 2]))
c(np.zeros([1, 1], np.float32)) | c([1e-8, 1.0]) | c([1e10, 1.0]) | c([float("nan"), 1.0, float("inf")])
c(np.array([1.0, 2.0], np.float32) / 3) | c(np.arange(30) / 7) | c(["x" * 30] * 5) | c([["x" * 30] * 5]) | c([b"\\xff"])
c(np.zeros([2] * 5)) | c(np.arange(60).reshape([3, 4, 5])) | c(np.linspace(-1, 1, 7, dtype=np.float32))
c(np.eye(4, dtype=np.float16)) | c([[True], [False]]) | c([-0.0, 0.0]) | c([1e-3, 1e3, 1e5]) | c([123456.78, 0.001])
c([0.1, 0.25, 1e-5], "float64") | c(np.arange(40, dtype=np.uint8)) | c([[1], [22], [333]]) | c([1e38, 1e-38])
V(2.0, "float64") | V(2, name="w") | V([1.0, 2.0]) | V([[1.0, 2.0], [3, 4]], name="m") | V("a") | V(["a"]) | V(True)
V(1 + 2j) | V([], "float64") | V([0.1], "bfloat16") | V(np.zeros([2, 2, 2])) | V(3, "int64", "outer/inner")
"""

# Summarised by NumPy, whose `shape=` in the repr is new in 2.2.
LONG = """
c(np.arange(2000, dtype=np.int32)) | c(np.arange(2000, dtype=np.float32).reshape([2, 1000])) | c(["xxx"] * 1500)
V(np.arange(2000, dtype=np.int32)) | c(np.zeros([40, 5, 30])) | c(np.arange(1200) % 2 == 0)
"""

FORMATTED = """
c(1.5), ".3f" | c(9), "05d" | c(1.5), ">10" | c(True), ">5" | c(0.1, "bfloat16"), ".3f" | c(0.1, "float16"), ".3f"
c(1 + 2j), ".1f" | c(0.1), "" | c([1.0, 2.0]), "" | c([1.0, 2.0]), ".2f" | c("a"), "" | c("a"), ">5"
c(3), "x" | c(1e6), "e" | c(0.25), "%" | c(7), ","
"""


def cases(text):
    return [case.strip() for line in text.strip().splitlines() for case in line.split(" | ")]


def record_written(text):
    return [{"of": case, "str": str(value), "repr": repr(value)} for case in cases(text) for value in [eval(case, NAMES)]]


def record_formatted():
    recorded = []
    for case in cases(FORMATTED):
        value, specification = eval(f"({case})", NAMES)
        recorded.append({"of": case, **outcome(lambda v=value, s=specification: format(v, s))})
    return recorded


# -- tf.print and tf.strings --------------------------------------------------------------------

PRINTED = r"""
1
1.5, 1/3, 1e-7
"abc", None, True
"loss:", c(0.5), "step", 3
c([1.5, 2.25, 1/3]), c([100, 1e5, 1e-5, 123456.789, 1e6])
c(True), c([True, False])
c("a")
c("a'b\"c\n")
c(b"\xff\x00a")
c("a"), c("b")
c("a"), "b"
[c("a")]
c(["a", "b c"])
c([["a"], ["b"]])
"a", c(b"\xff\x00a'\"\\\n\t\r\x01\x7f\xc3\xa9")
c([b"a\"b", "中文", "\x80"])
["é", c("é"), c(["é"])]
c(5, "int64"), c(5, "uint8"), c(-5, "int8"), c([1, 2], "uint8"), c(2**63 - 1, "int64"), c(np.uint64(2**64 - 1))
c(np.arange(6)), c(np.arange(7)), c(np.arange(100))
c(np.arange(100)), summarize=10
c(np.arange(100)), c(np.arange(5)), summarize=1
c(np.arange(5)), c(np.arange(4)), summarize=2
c(np.arange(100)), summarize=-1
c(np.arange(100)), summarize=-2
c(np.arange(5)), c([[1, 2], [3, 4]]), summarize=0
c(np.arange(100)), summarize=None
c(np.arange(100)), summarize=c(2)
c(np.arange(100)), summarize=np.int64(2)
c(np.arange(100)), summarize=2.5
c(np.arange(100).reshape([10, 10]))
c(np.arange(100).reshape([10, 10])), summarize=-1
c(np.arange(4).reshape([2, 2])), c(np.arange(8).reshape([2, 2, 2])), c(np.arange(16).reshape([2, 2, 2, 2]))
c(np.arange(1000).reshape([10, 10, 10]))
c(np.arange(24).reshape([2, 3, 4])), summarize=1
c(np.arange(81).reshape([3, 3, 3, 3])), summarize=1
c(np.arange(2**6).reshape([2] * 6))
c(np.arange(16).reshape([1, 1, 16]))
c(np.zeros([0])), c(np.zeros([0, 2])), c(np.zeros([0, 0])), c(np.zeros([1, 1])), c([], "string")
c(np.zeros([2, 0])), c(np.zeros([2, 0, 3])), c(np.zeros([2, 3, 0])), c(np.zeros([8, 0])), c(np.zeros([1, 0]))
c(np.zeros([1, 0])), summarize=-1
V(1.5), V([1.0, 2.0], name="q"), [V(1.0)], {"a": V(1.0)}
V("a")
[1, 2, 3], (1, 2), (c(1),), [], (), {}
[c([1, 2]), c(2.0)], [None], ["a", 'b"c', "d'e"], [b"a"], b"a", [True], [1.0, 1/3]
{"b": 1, "a": 2}, {"b": c(1), "a": c(2.0)}, {"b": [c(1), None], "a": ("x",)}, {"a": {"b": [1, (2, c(3.0))]}}, {1: 2}
Point(1, c(2)), [OrderedDict()]
defaultdict(int, {"b": 1, "a": 2}), defaultdict(int, {"a": c(1), "b": c(2)}), deque([1, 2]), range(3), {1, 2}
np.array([1.0, 2.0]), np.array([1.0, 2.0], np.float32), [np.array([1.0])], np.zeros([3, 3]), [np.zeros([3, 3]), 2]
"{}", c(1), "{}{}", ["{}", c(1)], "%s", "%d"
"\n", "", c(1), "a\tb"
""
c("")
[""]
c(1), c(2), sep=","
c(1), c(2), sep="\n"
1, 2, sep=""
"a", "b", sep=", ", end="!"
c(1), end=""
c(1), end="END"
c(1), end=None
[c(1.0), "x"], sep="|"
object, ..., slice(1, 2), 1 + 2j
[[], [()]], [{}], {"a": {}}, [1, c([1.0]), "a", None, True, 1.5, b"z", (1,), {}]
[[1, 2], [c([[1, 2], [3, 4]])]], {"a": c([[1, 2], [3, 4]])}, Point(1, c([[1, 2], [3, 4]]))
c([[1, 2], [3, 4]]), c([[1, 2], [3, 4]])
"m:", c([[1, 2], [3, 4]])
list(range(100))
[c(i) for i in range(13)]
[c(i) for i in range(14)]
[c(i) for i in range(40)]
["x" * 70, c(1)]
["x" * 71, c(1)]
[c([1, 2])] * 20
{"key%02d" % i: c(i) for i in range(12)}
{"a" * 30: {"b" * 30: {"c" * 30: [1, 2, c(3)]}}}
["word " * 30]
"word " * 30
OrderedDict([("b" * 40, 1), ("a" * 50, c(2))])
Point("x" * 50, "y" * 50)
[(c(i), c([i])) for i in range(10)]
deque(range(60))
np.str_("a"), c(1)
{3: 1, "a": 2}
1, foo=3
1, end=3
1, summarize="a"
c([0.1, 2.0], "float16"), c([0.1, 2.0], "bfloat16"), c([0.1, 0.2], "float64")
c([float("nan"), float("inf"), -float("inf"), -0.0])
"""

STRINGS = r"""
S.format("a {} b {}", (c(1), c([1.0, 2.0])))
S.format("{}", c(np.arange(10)))
S.format("{}", c(np.arange(10)), summarize=2)
S.format("{}", c(np.arange(10)), summarize=-1)
S.format("%t%", c(1), placeholder="%t%")
S.format("a", c(1))
S.format("a {}", ())
S.format("a", ())
S.format("a {} {}", c(1))
S.format("{}", c("x"))
S.format("{}", [c(["x", "y"])])
S.format("{}", [[1, 2]])
S.format("{}", V(1.0))
S.format("é{}", c(1))
S.format("{}", c(1), name="q")
S.format("{}", c(1), placeholder="")
S.format("{}", c(1), summarize="x")
S.format(b"{}", c(1))
S.format("{} {}", ["a", b"b"])
S.format("{} {}", range(2))
S.format("{}", (None,))
S.format("{}", [True])
S.format("{} {}", (V([1.0, 2.0]), 3.5))
S.as_string(3)
S.as_string([3.14159, 2.0])
S.as_string(3.14159, precision=2)
S.as_string(3.14159, scientific=True, precision=3)
S.as_string(3.14159, scientific=True, shortest=True)
S.as_string(3.14159, width=12)
S.as_string(3.14159, width=12, fill="0")
S.as_string(3.14159, width=12, fill=" ")
S.as_string(3.14159, width=12, fill="-")
S.as_string(3.14159, width=12, fill="+")
S.as_string(3.14159, width=12, fill="#")
S.as_string(3.14159, width=12, fill="ab")
S.as_string(3.14159, width=12, fill="x")
S.as_string(3.14159, fill="0")
S.as_string([5, -5], width=4, fill="0")
S.as_string(5, width=4)
S.as_string(5, width=4, fill="-")
S.as_string(5, fill="+")
S.as_string(5, precision=2)
S.as_string(5, scientific=True)
S.as_string(5, shortest=True)
S.as_string(5, width=-5)
S.as_string(5, width=0)
S.as_string([True, False], width=8)
S.as_string(True, precision=3)
S.as_string(True, shortest=True)
S.as_string(True, fill="x")
S.as_string("abc", width=6)
S.as_string("abc", width=6, fill="-")
S.as_string("abc", width=6, fill="0")
S.as_string("abc", precision=2)
S.as_string("abc", scientific=True)
S.as_string("é", width=4)
S.as_string(1 + 2j)
S.as_string(1 + 2j, precision=2)
S.as_string(1 + 2j, width=10)
S.as_string(1 + 2j, width=10, fill="0")
S.as_string(1 - 2j, fill="+")
S.as_string(1 + 2j, shortest=True)
S.as_string(1 + 2j, scientific=True)
S.as_string(c(1 + 2j, "complex64"), precision=2, width=8)
S.as_string(c(1/3, "float64"), precision=20)
S.as_string(c(1/3), precision=20)
S.as_string(c(1e20))
S.as_string(float("inf"), width=6, fill="0")
S.as_string(-float("inf"), width=8, fill="0")
S.as_string(float("inf"), width=6, fill="-")
S.as_string(float("nan"), fill="+")
S.as_string(float("inf"), fill="+")
S.as_string(float("nan"), precision=2, scientific=True)
S.as_string(c(5, "uint8"), fill="+")
S.as_string(c(5, "uint32"), fill="+", width=5)
S.as_string(c(5, "int64"), fill="+", width=5)
S.as_string(5, fill="#", width=5)
S.as_string(c(3.0), fill="#", precision=0)
S.as_string(c(2**40, "int64"), width=20, fill="0")
S.as_string(c(np.uint64(2**64 - 1)))
S.as_string(c(0.1, "bfloat16"), precision=12)
S.as_string([])
S.as_string(np.zeros([0, 2]))
S.as_string([1.5, 2.5], precision=0)
S.as_string(1.5, precision=-2)
S.as_string(V(1.5))
S.as_string(-0.0)
S.as_string(1.5, width="a")
S.as_string(1.5, scientific=1)
S.as_string(1.5, fill=3)
S.as_string(None)
S.as_string([[1, 2], [3, 4]])
S.length("abc")
S.length(["a", "bcd", ""])
S.length("é")
S.length(["é", "e\u0301", "👍", b"a\xffb\xc3"], unit="UTF8_CHAR")
S.length("é", unit="X")
S.length(3)
S.length(c(1.0))
S.length(V("abc"))
S.length([["a"]])
S.length(c([], "string"))
S.join(["a", "b"])
S.join(["a", "b"], separator="-")
S.join([["a", "b"], ["c", "d"]])
S.join([["a", "b"], "c"], separator="-")
S.join([["a", "b"], ["c"]])
S.join([["a"], [["b"]]])
S.join([])
S.join("ab")
S.join(c("a"))
S.join(c(["a", "b"]))
S.join(c([["a", "b"], ["c", "d"]]))
S.join([1, 2])
S.join([c(1), "a"])
S.join(["a", None])
S.join([c("a"), c(["b", "c"])], ", ")
S.join(["a"], name="z")
S.join(["a", "b"], separator=3)
S.join((c("a"), "b"))
S.lower("ABC É")
S.lower("ABC É", encoding="utf-8")
S.lower("ÀİSS", encoding="utf-8")
S.lower("ABC", encoding="latin")
S.lower(["A", "bC"])
S.lower(3)
S.lower(c(1))
S.upper("abc é")
S.upper("abc éß", encoding="utf-8")
S.upper(b"a\xff", encoding="utf-8")
S.upper(b"a\xff")
S.substr("hello", 1, 3)
S.substr("hello", -3, 2)
S.substr("hello", 1, 100)
S.substr("hello", 5, 1)
S.substr("hello", 6, 1)
S.substr("hello", -6, 1)
S.substr("hello", 0, 0)
S.substr("hello", 0, -1)
S.substr("hello", -2, -1)
S.substr("héllo", 0, -1, unit="UTF8_CHAR")
S.substr(["hello", "world"], 1, 3)
S.substr(["hello", "world"], [1, 2], [3, 2])
S.substr("hello", [1, 2], [3, 2])
S.substr([["hello", "world"]], [1, 2], [3, 2])
S.substr(["hello", "world"], [[1], [2]], [[3], [2]])
S.substr(["hello", "world"], [1, 2, 3], [1, 1, 1])
S.substr("hello", [1, 2], 3)
S.substr("héllo", 1, 3)
S.substr("héllo", 1, 3, unit="UTF8_CHAR")
S.substr("héllo", -4, 3, unit="UTF8_CHAR")
S.substr("héllo", 5, 3, unit="UTF8_CHAR")
S.substr("héllo", 6, 3, unit="UTF8_CHAR")
S.substr("日本語", -2, 10, unit="UTF8_CHAR")
S.substr(b"\xffab", 1, 1, unit="UTF8_CHAR")
S.substr("hello", 1.0, 3)
S.substr("hello", c(1, "int64"), c(3, "int64"))
S.substr("hello", c(1, "int64"), 3)
S.substr("hello", c(1, "int64"), c(3))
S.substr("hello", c(1, "int8"), c(1, "int8"))
S.substr(3, 1, 1)
S.substr("", 0, 1)
S.substr("", 1, 1)
S.substr(c([], "string"), 0, 1)
S.substr("hello", 1, 3, unit="Z")
S.substr("hello", pos=1, len=3, name="q")
"""


def outcome(function):
    try:
        return {"gives": function()}
    except Exception as error:
        return {"raises": type(error).__name__}


def printed(arguments):
    handle, path = tempfile.mkstemp()
    os.close(handle)
    try:
        eval(f"print({arguments}{',' if arguments else ''} output_stream='file://{path}')", {**NAMES, "print": tf.print})
        return pathlib.Path(path).read_bytes().decode("latin-1")
    finally:
        os.remove(path)


def listed(value):
    """A tensor as a JSON-able list."""
    items = np.asarray(value.numpy(), object) if value.dtype == tf.string else value.numpy()
    if value.dtype == tf.string:
        items = np.vectorize(lambda item: item.decode("latin-1"), otypes=[object])(items)
    return {"dtype": value.dtype.name, "shape": list(value.shape), "items": items.tolist()}


if __name__ == "__main__":
    recorded = {
        "versions": {"tensorflow": tf.__version__, "numpy": np.__version__},
        "scalars": record_scalars(),
        "written": record_written(WRITTEN),
        "long": record_written(LONG),
        "formatted": record_formatted(),
        "printed": [{"of": case, **outcome(lambda case=case: printed(case))} for case in PRINTED.strip().splitlines()],
        "strings": [
            {"of": case, **outcome(lambda case=case: listed(eval(case, NAMES)))} for case in STRINGS.strip().splitlines()
        ],
    }
    sections = []
    for key, section in recorded.items():
        rows = section if isinstance(section, list) else None
        if rows is None:
            text = json.dumps(section, ensure_ascii=False).replace('}, {"bits', '},\n{"bits')
        else:
            text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
        sections.append(f"{json.dumps(key)}: {text}")
    (HERE / "formatting.json").write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")
