"""What a primitive becomes in machine code computes what its kernel does."""

import numpy as np
import pytest

import tapeflow as tf  # noqa: F401  (declares the primitives)
from tapeflow.core.primitive import PRIMITIVES
from tapeflow.graph.native.expressions import Program, choose
from tapeflow.graph.native.functions import ONLY_SINGLE
from tapeflow.graph.native.loops import ENTRY
from tapeflow.graph.native.lowering import ELEMENTARY, RULES, TYPES, lower
from tapeflow.graph.native.machine import machine

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")

NAN, INF = float("nan"), float("inf")
FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3.0,
    6.0,
    7.25,
    -7.25,
    1e30,
    -1e30,
    1e-40,
    INF,
    -INF,
    NAN,
    0.1,
    31.7,
]
INTEGERS = [0, 1, -1, 2, -2, 3, -3, 6, 7, -7, 31, 40, 2**31 - 1, -(2**31), 12345, -12345]
VALUES = {"f": FLOATS, "i": INTEGERS, "b": [False, True]}


def evaluate(name, operands, dtype, attributes=None):
    """(result, whether a guard held) of each element, by machine code; None where it is refused."""
    program, loads = Program(), []
    for k, x in enumerate(operands):
        type = TYPES[x.dtype]
        memory = "i8" if type == "i1" else type
        loads += [f"%a{k} = getelementptr {memory}, ptr %p{k}, i64 %i", f"%m{k} = load {memory}, ptr %a{k}"]
        if type == "i1":
            loads.append(f"%x{k} = trunc i8 %m{k} to i1")
    values = [program.value(TYPES[x.dtype], f"%{'xm'[x.dtype != bool]}{k}") for k, x in enumerate(operands)]
    result = lower(name, np.dtype(dtype), attributes, values)
    if result is None:
        return None
    assert result.type == TYPES[np.dtype(dtype)]
    bad = program.value("i1", "false")
    for guard in program.guards:
        bad = bad | guard
    if result.type == "i1":
        result = choose(result, program.value("i8", "1"), program.value("i8", "0"))
    bad = choose(bad, program.value("i8", "1"), program.value("i8", "0"))
    n = len(operands)
    text = "\n".join(
        [
            *sorted(program.declarations),
            f"define i32 @{ENTRY}({', '.join(f'ptr %p{k}' for k in range(n + 2))}, i64 %count) {{",
            "entry: br label %loop",
            "loop:",
            "%i = phi i64 [0, %entry], [%next, %loop]",
            *loads,
            *program.lines,
            f"%out = getelementptr {result.type}, ptr %p{n}, i64 %i",
            f"store {result.type} {result}, ptr %out",
            f"%flag = getelementptr i8, ptr %p{n + 1}, i64 %i",
            f"store i8 {bad}, ptr %flag",
            "%next = add i64 %i, 1",
            "%more = icmp slt i64 %next, %count",
            "br i1 %more, label %loop, label %done",
            "done: ret i32 0",
            "}",
        ]
    )
    out, flags = np.empty(operands[0].shape, dtype), np.empty(operands[0].shape, bool)
    kernel = machine().load(text, n + 2)
    kernel(*(x.ctypes.data for x in (*operands, out, flags)), out.size)
    return out, flags


def arguments(name, kind):
    """Every combination of special values, one array an operand."""
    count = {"AddN": 3, "SelectV2": 3, "PowGrad": 3}.get(name, len(PRIMITIVES[name].inputs))
    lists = [VALUES["b" if name == "SelectV2" and k == 0 else kind.kind] for k in range(count)]
    grids = np.meshgrid(*[np.arange(len(values)) for values in lists], indexing="ij")
    dtypes = [np.dtype(bool) if name == "SelectV2" and k == 0 else kind for k in range(count)]
    with np.errstate(all="ignore"):
        return [np.array(v, t)[g.ravel()] for v, t, g in zip(lists, dtypes, grids, strict=True)]


def attributes_of(name):
    if name in ("Cast", "CastDiscrete"):
        return [{"dtype": dtype} for dtype in TYPES]
    return [{"alpha": 0.2}, {"alpha": 1.5}] if name.startswith("Leaky") else [{}]


# By NumPy's function where the kernel takes time to refuse, or refuses all because of one.
LIBRARY = {
    "FloorDiv": lambda x, y: x // y if x.dtype.kind == "i" else np.floor(x / y),
    "FloorMod": lambda x, y: x % y,
    "TruncateMod": np.fmod,
    "TruncateDiv": lambda x, y: (x - np.fmod(x, y)) // y if x.dtype.kind == "i" else np.trunc(x / y),
}
ACCEPTS_ONLY = {
    **dict.fromkeys(("LogicalAnd", "LogicalNot", "LogicalOr", "LogicalXor"), "b"),
    **dict.fromkeys(("BitwiseAnd", "BitwiseOr", "BitwiseXor", "Invert", "LeftShift", "RightShift"), "i"),
    **dict.fromkeys(("Equal", "NotEqual", "Cast", "CastDiscrete", "SelectV2", "Identity", "StopGradient"), "bif"),
    **dict.fromkeys(("AddV2", "Sub", "Mul", "Square", "AddN", "Neg", "Abs", "Sign", "Maximum", "Minimum", "Round"), "if"),
    **dict.fromkeys(("Less", "LessEqual", "Greater", "GreaterEqual", "FloorDiv", "FloorMod"), "if"),
    **dict.fromkeys(("TruncateDiv", "TruncateMod", "Relu", "Relu6", "ReluGrad", "Relu6Grad", "SquaredDifference"), "if"),
}
REFUSED = {("Elu", "d")}
POWERS = ("Pow", "PowGrad")  # have a test of their own
SERVED = [
    (name, dtype) for name in RULES if name not in POWERS for dtype in TYPES if dtype.kind in ACCEPTS_ONLY.get(name, "f")
]


@pytest.mark.parametrize("name, dtype", SERVED, ids=str)
def test_every_rule_computes_what_the_kernel_does(name, dtype):
    operands = arguments(name, dtype)
    for attributes in attributes_of(name):
        with np.errstate(all="ignore"):
            kernel = LIBRARY.get(name, PRIMITIVES[name].kernel)
            wanted = kernel(*[x.copy() for x in operands], **attributes)
        found = evaluate(name, operands, wanted.dtype, attributes)
        if found is None:
            assert (name, dtype.char) in REFUSED
            continue
        out, bad = found
        zero_divisor = name in LIBRARY and dtype.kind == "i"
        if zero_divisor:
            assert np.array_equal(bad, operands[1] == 0)
        elif name in ("Cast", "CastDiscrete") and dtype.kind == "f" and wanted.dtype.kind == "i":
            assert np.array_equal(bad, ~(np.abs(operands[0]) < 2.0 ** (8 * wanted.dtype.itemsize - 1)))
        elif name in ("FloorMod", "TruncateMod"):
            x, y = (each.astype(np.longdouble) for each in operands)
            with np.errstate(all="ignore"):
                assert np.array_equal(bad, np.isfinite(x) & (y != 0) & (np.abs((x / y).astype(float)) >= 2.0**53))
        else:
            assert not bad.any()
        if name == "SigmoidCrossEntropyWithLogits":
            np.testing.assert_allclose(out, wanted, rtol=1e-6, atol=1e-6)
        elif name in ("Elu", "Selu", "Xlogy", "Xlog1py"):
            np.testing.assert_array_max_ulp(out, wanted, 4)  # a function's two, and the roundings after it
        else:
            np.testing.assert_array_equal(out[~bad], wanted[~bad])
            if (
                name not in ("Maximum", "Minimum", "Relu", "Relu6", "LeakyRelu", "LeakyReluGrad")
                and wanted.dtype.kind == "f"
            ):
                zeros = ~bad & (wanted == 0)
                np.testing.assert_array_equal(np.signbit(out[zeros]), np.signbit(wanted[zeros]))


@pytest.mark.parametrize("kernel", [np.remainder, np.fmod], ids=["FloorMod", "TruncateMod"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_remainders_are_exact(kernel, dtype):
    """Of numbers of all sizes, of multiples and of their neighbours, where the quotient as rounded is an integer too many."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2 ** (8 * np.dtype(dtype).itemsize), (2, 200_000), f"u{np.dtype(dtype).itemsize}").view(dtype)
    y = rng.normal(size=100_000).astype(dtype)
    multiples = (y * rng.integers(1, 2 ** rng.integers(1, 53, y.size))).astype(dtype)
    x = np.concatenate([bits[0], multiples, np.nextafter(multiples, y), np.nextafter(multiples, -y), y * 3])
    y = np.concatenate([bits[1], y, y, y, y])
    name = "FloorMod" if kernel is np.remainder else "TruncateMod"
    out, bad = evaluate(name, [x, y], dtype)
    with np.errstate(all="ignore"):
        wanted = kernel(x, y)
        assert not bad[np.abs(x / y) < 2.0**52].any()
    np.testing.assert_array_equal(out[~bad], wanted[~bad])
    np.testing.assert_array_equal(np.signbit(out[~bad & (wanted == 0)]), np.signbit(wanted[~bad & (wanted == 0)]))
    assert (~bad).sum() > 400_000


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_functions(name):
    operands = [np.linspace(0.1, 3.0, 100), np.linspace(3.0, 0.1, 100)][: len(PRIMITIVES[name].inputs)]
    for dtype, rtol in ((np.float32, 3e-7), (np.float64, 6e-16)):
        arrays = [x.astype(dtype) for x in operands]
        answer = evaluate(name, arrays, dtype)
        if dtype is np.float64 and ELEMENTARY[name] in ONLY_SINGLE:
            assert answer is None
            continue
        assert not answer[1].any()
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(answer[0], PRIMITIVES[name].kernel(*arrays), rtol=rtol, atol=rtol / 10)


@pytest.mark.parametrize("exponent", [-1.0, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("name", ["Pow", "PowGrad"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_powers_of_small_constant_exponents(name, exponent, dtype):
    if dtype == "int32" and (exponent not in (1.0, 2.0, 3.0) or name == "PowGrad"):
        return
    dtype = np.dtype(dtype)
    x = np.array(VALUES[dtype.kind], dtype)
    y = dtype.type(exponent)
    operands = (x, y) if name == "Pow" else (np.full(x.shape, 3, dtype), x, y)
    program = Program()
    values = [program.value(TYPES[dtype], f"%x{k}") for k in range(len(operands) - 1)]
    result = lower(name, dtype, None, [*values, values[0].like(exponent)])
    exact = name == "Pow" or exponent in (2.0, 3.0)
    if not exact and dtype == np.float64:
        assert result is None
        return
    RULES["for this test"] = lambda *xs: lower(name, dtype, None, [*xs, xs[0].like(exponent)])
    try:
        out, _ = evaluate("for this test", list(operands[:-1]), dtype)
    finally:
        del RULES["for this test"]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(out, PRIMITIVES[name].kernel(*operands), rtol=0 if exact else 1e-6)


def test_what_there_are_no_instructions_for_is_refused():
    program = Program()
    x = program.value("float", "%x")
    assert lower("MatMul", np.dtype("float32"), None, (x, x)) is None
    assert lower("AddV2", np.dtype("float16"), None, (x, x)) is None
    assert lower("Cast", np.dtype("int8"), {"dtype": np.dtype("int8")}, (x,)) is None
    assert program.lines == []


def test_wide_forms_have_no_guard():
    for wide in (False, True):
        program = Program()
        lower("Sin", np.dtype("float32"), None, (program.value("float", "%x"),), wide=wide)
        assert bool(program.guards) is not wide
