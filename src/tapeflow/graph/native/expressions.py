"""Arithmetic on values, written down as LLVM instructions.

A `Value` is a number that the machine code will have. Operators on it append an instruction to its `Program` and give the
result as another value, so a polynomial reads as in a book. There are no branches and no calls: LLVM's loop vectorizer
turns what is written here into SIMD as it stands.

>>> from tapeflow.graph.native.expressions import Program, fma
>>> program = Program()
>>> x = program.value("float", "%x")
>>> y = fma(x, x, 1.0)
>>> print(*program.lines)
%v0 = call float @llvm.fma.f32(float %x, float %x, float 0x3FF0000000000000)

Nothing is reassociated or contracted: a kernel rounds exactly where the text rounds.
"""

from __future__ import annotations

import struct

import numpy as np

__all__ = [
    "Program",
    "Value",
    "absolute",
    "choose",
    "copy_sign",
    "fma",
    "from_memory",
    "in_memory",
    "maximum",
    "minimum",
    "square_root",
    "to_memory",
]

SUFFIX = {"float": "f32", "double": "f64", "i32": "i32", "i64": "i64"}
AS_INTEGER = {"float": "i32", "double": "i64"}
AS_FLOAT = {"i32": "float", "i64": "double"}
FLOATS = {np.dtype("float32"): "float", np.dtype("float64"): "double"}
"""What LLVM calls the dtypes that kernels are written for."""

WIDTH = {"float": 32, "double": 64, "i1": 1, "i8": 8, "i32": 32, "i64": 64}


class Program:
    """Instructions in order, and the intrinsics that they call."""

    __slots__ = ("declarations", "guards", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.declarations: set[str] = set()
        self.guards: list[Value] = []

    def value(self, type: str, name: str) -> Value:
        """A value that exists already: a parameter, or what was loaded from an array."""
        return Value(self, type, name)

    def emit(self, type: str, instruction: str) -> Value:
        """Appends an instruction; its result."""
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{name} = {instruction}")
        return Value(self, type, name)

    def intrinsic(self, name: str, *arguments: Value) -> Value:
        """A call of an LLVM intrinsic whose arguments and result have one type; the vectorizer knows these."""
        type = arguments[0].type
        symbol = f"@llvm.{name}.{SUFFIX[type]}"
        self.declarations.add(f"declare {type} {symbol}({', '.join(type for _ in arguments)})")
        return self.emit(type, f"call {type} {symbol}({', '.join(f'{type} {argument}' for argument in arguments)})")

    def guard(self, condition: Value) -> None:
        """Where `condition` holds the result is not valid: whoever runs the kernel must run the wide form of it instead."""
        self.guards.append(condition)


class Value:
    """A number of the machine code: an SSA name, or a constant."""

    __slots__ = ("name", "program", "type")

    def __init__(self, program: Program, type: str, name: str) -> None:
        self.program, self.type, self.name = program, type, name

    def __str__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        raise TypeError("the value is known only when the machine code runs")

    def like(self, other: Value | float) -> Value:
        """`other`, and a Python number as a constant of this value's type."""
        if isinstance(other, Value):
            return other
        return Value(self.program, self.type, constant(self.type, other))

    def _arithmetic(self, on_floats: str, on_integers: str, left: Value | float, right: Value | float) -> Value:
        operation = on_floats if self.type in AS_INTEGER else on_integers
        return self.program.emit(self.type, f"{operation} {self.type} {self.like(left)}, {self.like(right)}")

    def __add__(self, other: Value | float) -> Value:
        return self._arithmetic("fadd", "add", self, other)

    def __radd__(self, other: float) -> Value:
        return self._arithmetic("fadd", "add", other, self)

    def __sub__(self, other: Value | float) -> Value:
        return self._arithmetic("fsub", "sub", self, other)

    def __rsub__(self, other: float) -> Value:
        return self._arithmetic("fsub", "sub", other, self)

    def __mul__(self, other: Value | float) -> Value:
        return self._arithmetic("fmul", "mul", self, other)

    def __rmul__(self, other: float) -> Value:
        return self._arithmetic("fmul", "mul", other, self)

    def __truediv__(self, other: Value | float) -> Value:
        return self._arithmetic("fdiv", "", self, other)

    def __rtruediv__(self, other: float) -> Value:
        return self._arithmetic("fdiv", "", other, self)

    def __neg__(self) -> Value:
        return self.program.emit(self.type, f"fneg {self.type} {self}")

    def __and__(self, other: Value | int) -> Value:
        return self._arithmetic("", "and", self, other)

    def __or__(self, other: Value | int) -> Value:
        return self._arithmetic("", "or", self, other)

    def __xor__(self, other: Value | int) -> Value:
        return self._arithmetic("", "xor", self, other)

    def __lshift__(self, other: Value | int) -> Value:
        return self._arithmetic("", "shl", self, other)

    def __rshift__(self, other: Value | int) -> Value:
        """The shift that keeps the sign."""
        return self._arithmetic("", "ashr", self, other)

    def shift_in_zeros(self, other: Value | int) -> Value:
        return self._arithmetic("", "lshr", self, other)

    def _compare(self, float_test: str, integer_test: str, other: Value | float) -> Value:
        test = f"fcmp {float_test}" if self.type in AS_INTEGER else f"icmp {integer_test}"
        return self.program.emit("i1", f"{test} {self.type} {self}, {self.like(other)}")

    def __lt__(self, other: Value | float) -> Value:
        return self._compare("olt", "slt", other)

    def __gt__(self, other: Value | float) -> Value:
        return self._compare("ogt", "sgt", other)

    def __le__(self, other: Value | float) -> Value:
        return self._compare("ole", "sle", other)

    def __ge__(self, other: Value | float) -> Value:
        return self._compare("oge", "sge", other)

    def equals(self, other: Value | float) -> Value:
        return self._compare("oeq", "eq", other)

    def differs(self, other: Value | float) -> Value:
        """Not equal; NaN differs from everything."""
        return self._compare("une", "ne", other)

    def is_nan(self) -> Value:
        return self.program.emit("i1", f"fcmp uno {self.type} {self}, {self}")

    @property
    def bits(self) -> Value:
        """The same bits as an integer, or an integer's as a number."""
        type = AS_INTEGER.get(self.type) or AS_FLOAT[self.type]
        return self.program.emit(type, f"bitcast {self.type} {self} to {type}")

    def to(self, type: str) -> Value:
        """The same number in another type; integers are signed, and are cut to fewer bits without a check."""
        if type == self.type:
            return self
        wider = WIDTH[type] > WIDTH[self.type]
        if self.type in AS_INTEGER:
            operation = ("fpext" if wider else "fptrunc") if type in AS_INTEGER else "fptosi"
        else:
            operation = "sitofp" if type in AS_INTEGER else "sext" if wider else "trunc"
        return self.program.emit(type, f"{operation} {self.type} {self} to {type}")

    def unsigned(self, type: str) -> Value:
        """The integer in a wider type, filled with zeros."""
        return self.program.emit(type, f"zext {self.type} {self} to {type}")


def constant(type: str, number: float) -> str:
    """A constant as LLVM's text has it: a float is written as the double of the same value, in hexadecimal."""
    if type == "float":
        number = struct.unpack("<f", struct.pack("<f", number))[0]
    if type in AS_INTEGER:
        return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"
    bound = 1 << (WIDTH[type] - 1)
    return str((int(number) + bound) % (2 * bound) - bound)


def in_memory(type: str) -> str:
    """The type of an element in memory: a bool is a byte."""
    return "i8" if type == "i1" else type


def to_memory(value: Value) -> Value:
    """The value as it stands in memory."""
    return value.unsigned("i8") if value.type == "i1" else value


def from_memory(element: Value, type: str) -> Value:
    """The value of this type that an element of memory is."""
    return element.differs(0) if type == "i1" else element


def fma(x: Value, y: Value | float, z: Value | float) -> Value:
    """x · y + z, rounded once."""
    return x.program.intrinsic("fma", x, x.like(y), x.like(z))


def choose(condition: Value, then: Value, otherwise: Value | float) -> Value:
    """`then` where the condition holds, else `otherwise`; both are computed."""
    return then.program.emit(then.type, f"select i1 {condition}, {then.type} {then}, {then.type} {then.like(otherwise)}")


def maximum(x: Value, bound: float) -> Value:
    """The larger of the two; NaN stays NaN."""
    return choose(x < bound, x.like(bound), x)


def minimum(x: Value, bound: float) -> Value:
    """The smaller of the two; NaN stays NaN."""
    return choose(x > bound, x.like(bound), x)


def absolute(x: Value) -> Value:
    return x.program.intrinsic("fabs", x)


def square_root(x: Value) -> Value:
    return x.program.intrinsic("sqrt", x)


def copy_sign(magnitude: Value, sign: Value) -> Value:
    return magnitude.program.intrinsic("copysign", magnitude, sign)
