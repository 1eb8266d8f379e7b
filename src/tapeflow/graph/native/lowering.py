"""The elementwise primitives as expressions: what a node of a graph becomes in machine code.

`lower("Mul", dtype, None, (x, y))` writes the instructions of the primitive's kernel down and gives their result. Whoever builds
machine code from a graph (a loop over arrays, a program of scalars) asks here, so that a primitive means the same everywhere.

Plain arithmetic rounds exactly where the NumPy kernel does; exp and its like are those of `functions`. Where machine code cannot
do what the kernel does for some operands (an integer divided by zero is an error), the expression has a guard: where it holds, the
kernel has to run after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.graph.native.expressions import WIDTH, Value, absolute, choose, constant, copy_sign, fma, square_root
from tapeflow.graph.native.functions import function
from tapeflow.ops.activations import SELU_SCALE, SELU_SCALE_ALPHA

__all__ = ["TYPES", "lower", "type_of"]

TYPES = {
    np.dtype("float32"): "float",
    np.dtype("float64"): "double",
    np.dtype("int32"): "i32",
    np.dtype("int64"): "i64",
    np.dtype("bool"): "i1",
}
"""The dtypes that there are instructions for; a bool is a byte in memory and a bit in an expression."""

FLOATS = ("float", "double")


def type_of(dtype: np.dtype) -> str | None:
    """LLVM's name of a dtype, or None."""
    return TYPES.get(dtype)


def lower(
    primitive: str,
    dtype: np.dtype,
    attributes: Mapping[str, Any] | None,
    operands: Sequence[Value],
    wide: bool = False,
    regroups: bool = False,
) -> Value | None:
    """The elementwise primitive of this name, applied to values.

    Args:
        primitive: its name, `node.primitive.name`.
        dtype: of the result.
        attributes: those of the node.
        operands: one value for each input; Python's and NumPy's constants are given as `Value.like` makes them.
        wide: whether to use the forms that serve every operand, where there are forms without a guard that are slower.
        regroups: whether sums and products may be regrouped (`tf.config.optimizer`).

    Returns:
        The result, or None if there are no instructions for it.
    """
    type, rule = TYPES.get(dtype), RULES.get(primitive)
    if type is None:
        return None
    if rule is not None:
        lines = operands[0].program.lines
        first = len(lines)
        result = rule(*operands, **(attributes or {}))
        if regroups and primitive in REGROUPED:
            lines[first:] = [INSTRUCTION.sub(r" = \1 reassoc nsz contract ", line) for line in lines[first:]]
        return result
    name = ELEMENTARY.get(primitive)
    compute = None if name is None else function(name, type, wide)
    return None if compute is None else compute(*operands)


REGROUPED = frozenset(
    {"AddN", "AddV2", "Mul", "Neg", "RealDiv", "SigmoidGrad", "Square", "SquareGrad", "SquaredDifference", "Sub", "TanhGrad"}
)
"""Primitives whose instructions LLVM may regroup. Functions like exp are none: they need each rounding where it is."""

INSTRUCTION = re.compile(r" = (fadd|fsub|fmul|fdiv|fneg) ")

ELEMENTARY = {
    "Acos": "acos",
    "Acosh": "acosh",
    "Asin": "asin",
    "Asinh": "asinh",
    "Atan": "atan",
    "Atan2": "atan2",
    "Atanh": "atanh",
    "Cos": "cos",
    "Cosh": "cosh",
    "Erf": "erf",
    "Erfc": "erfc",
    "Exp": "exp",
    "Expm1": "expm1",
    "Log": "log",
    "Log1p": "log1p",
    "Sigmoid": "sigmoid",
    "Sin": "sin",
    "Sinh": "sinh",
    "Softplus": "softplus",
    "Tan": "tan",
    "Tanh": "tanh",
}
"""Primitive: its name in `functions`."""


def _elementary(name: str, x: Value) -> Value | None:
    compute = function(name, x.type)
    return None if compute is None else compute(x)


# -- parts of rules ------------------------------------------------------------------------------------


def is_float(x: Value) -> bool:
    return x.type in FLOATS


def number_in(x: Value) -> float | None:
    """The number, if the value is a constant: what it is can be read off its text."""
    for number in (-1.0, 0.5, 1.0, 2.0, 3.0):
        if (is_float(x) or number == int(number)) and x.name == constant(x.type, number):
            return number
    return None


def as_number(condition: Value, like: Value) -> Value:
    """1 where the condition holds, else 0."""
    return choose(condition, like.like(1), 0)


def negative(x: Value) -> Value:
    return -x if is_float(x) else 0 - x


def inverse(condition: Value) -> Value:
    return condition ^ 1


def greater_of(x: Value, y: Value) -> Value:
    """A NaN wins; of equal ones the first."""
    chosen = x >= y
    return choose(chosen | x.is_nan() if is_float(x) else chosen, x, y)


def smaller_of(x: Value, y: Value) -> Value:
    chosen = x <= y
    return choose(chosen | x.is_nan() if is_float(x) else chosen, x, y)


def zero_where(condition: Value, value: Value) -> Value:
    return choose(condition, value.like(0), value)


def whole(name: str) -> Callable[[Value], Value]:
    """A float rounded to an integer, by an intrinsic."""
    return lambda x: x.program.intrinsic(name, x)


# -- arithmetic ------------------------------------------------------------------------------------------


def _abs(x: Value) -> Value:
    return absolute(x) if is_float(x) else choose(x < 0, 0 - x, x)


def _sign(x: Value) -> Value:
    otherwise = choose(x.equals(0), x.like(0), x) if is_float(x) else x.like(0)  # x: NaN is its own sign
    return choose(x > 0, x.like(1), choose(x < 0, x.like(-1), otherwise))


def _add_n(*inputs: Value) -> Value:
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


def _squared_difference(x: Value, y: Value) -> Value:
    difference = x - y
    return difference * difference


def _quotient(x: Value, y: Value) -> tuple[Value, Value]:
    """x / y for integers, rounded towards 0, and the remainder. The processor stops at a divisor of 0, and at -1 where the
    quotient is not representable."""
    x.program.guard(y.equals(0))
    by_minus_one = y.equals(-1)
    divisor = choose(by_minus_one | y.equals(0), y.like(1), y)
    quotient = x.program.emit(x.type, f"sdiv {x.type} {x}, {divisor}")
    return choose(by_minus_one, 0 - x, quotient), zero_where(by_minus_one, x - quotient * divisor)


def _floor_divide(x: Value, y: Value) -> Value:
    if is_float(x):
        return whole("floor")(x / y)
    quotient, remainder = _quotient(x, y)
    return quotient - as_number(remainder.differs(0) & ((remainder ^ y) < 0), x)


def _float_remainder(x: Value, y: Value) -> Value:
    """x - trunc(x / y)·y for floats: exact, of the sign of x, where 0 is +0. NumPy has it where the quotient has over 53 bits.

    With q = trunc(x / y) < 2⁵³ the number x - q·y is a multiple of the last place of y and not larger than y, so it is a double and
    a fused multiply-add gives it without rounding. A quotient just below an integer may have been rounded up to it; then the result
    is below 0, seen from x, and one y is missing.
    """
    a, b = x.to("double"), y.to("double")
    quotient = a / b
    none = quotient.is_nan() | absolute(a).equals(float("inf")) | b.equals(0)
    x.program.guard((absolute(quotient) >= 2.0**53) & inverse(none))
    q = whole("trunc")(quotient)
    rest = choose(q.equals(0), a, fma(-q, b, a))
    missing = rest.differs(0) & ((rest < 0) ^ (a < 0))
    rest = choose(missing, rest + copy_sign(b, a), rest)
    return choose(none, a.like(float("nan")), rest).to(x.type)


def _floor_modulo(x: Value, y: Value) -> Value:
    if is_float(x):
        rest = _float_remainder(x, y)
        other_sign = (rest < 0) ^ (y < 0)
        return choose(rest.equals(0), copy_sign(x.like(0), y), choose(other_sign, rest + y, rest))
    _, remainder = _quotient(x, y)
    return choose(remainder.differs(0) & ((remainder ^ y) < 0), remainder + y, remainder)


def _truncate_divide(x: Value, y: Value) -> Value:
    return whole("trunc")(x / y) if is_float(x) else _quotient(x, y)[0]


def _truncate_modulo(x: Value, y: Value) -> Value:
    if not is_float(x):
        return _quotient(x, y)[1]
    rest = _float_remainder(x, y)
    return choose(rest.equals(0), copy_sign(rest, x), rest)


# -- powers and roots -------------------------------------------------------------------------------------


def _power(x: Value, y: Value) -> Value | None:
    exponent = number_in(y)
    if exponent == 2:
        return x * x
    if exponent == 1:
        return x
    if exponent == 3:
        return x * x * x
    if exponent == -1 and is_float(x):
        return 1.0 / x
    if exponent == 0.5:
        return choose(x.equals(-float("inf")), x.like(float("inf")), absolute(square_root(x)))
    compute = function("pow", x.type)
    return None if compute is None else compute(x, y)


def _power_slope(dy: Value, x: Value, y: Value) -> Value | None:
    exponent = number_in(y)
    if exponent == 2:
        return dy * (x + x)
    power = _power(x, y.like(2.0) if exponent == 3 else y - 1.0) if is_float(x) else None
    return None if power is None else dy * (y * power)


def _unless_both_vanish(slope: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    """`slope`, but 0 where it is NaN for a cotangent y of 0."""

    def rule(x: Value, y: Value) -> Value:
        value = slope(x, y)
        return zero_where(value.is_nan() & y.equals(0), value)

    return rule


# -- dtypes ------------------------------------------------------------------------------------------------


def _cast(x: Value, *, dtype: np.dtype) -> Value | None:
    type = TYPES.get(dtype)
    if type is None:
        return None
    if type == "i1":
        return x if x.type == "i1" else x.differs(0)
    if x.type == "i1":
        return as_number(x, Value(x.program, type, ""))
    if is_float(x) and type not in FLOATS:
        # What does not fit becomes what the processor makes of it: NumPy knows.
        bound = 2.0 ** (WIDTH[type] - 1)
        fits = (x > -bound) & (x < bound)
        x.program.guard(inverse(fits))
        x = choose(fits, x, 0.0)
    return x.to(type)


# -- activations ---------------------------------------------------------------------------------------------


def _relu(x: Value) -> Value:
    return choose(x <= 0, x.like(0), x)


def _relu6(x: Value) -> Value:
    y = _relu(x)
    return choose(y >= 6, y.like(6), y)


def _leaky_relu(x: Value, *, alpha: float) -> Value:
    return (greater_of if alpha <= 1 else smaller_of)(x, x * alpha)


def _elu(x: Value) -> Value | None:
    below = _elementary("expm1", smaller_of(x, x.like(0)))
    return None if below is None else below + greater_of(x, x.like(0))


def _selu(x: Value) -> Value | None:
    below = _elementary("expm1", smaller_of(x, x.like(0)))
    return None if below is None else choose(x < 0, below * SELU_SCALE_ALPHA, x * SELU_SCALE)


def _sigmoid_cross_entropy(x: Value, y: Value) -> Value | None:
    decay = _elementary("exp", -absolute(x))
    rest = None if decay is None else _elementary("log1p", decay)
    return None if rest is None else (greater_of(x, x.like(0)) - x * y) + rest


def _times_logarithm(name: str) -> Callable[[Value, Value], Value | None]:
    """x · f(y), and 0 where x is 0."""

    def rule(x: Value, y: Value) -> Value | None:
        logarithm = _elementary(name, y)
        return None if logarithm is None else zero_where(x.equals(0), x * logarithm)

    return rule


# -- bits ----------------------------------------------------------------------------------------------------


def _places(x: Value, y: Value) -> Value:
    """How far to shift, as the kernel limits it."""
    return smaller_of(greater_of(y, y.like(0)), y.like(WIDTH[x.type] - 1))


RULES: dict[str, Callable[..., Value | None]] = {
    "Abs": _abs,
    "AddN": _add_n,
    "AddV2": lambda x, y: x + y,
    "BitwiseAnd": lambda x, y: x & y,
    "BitwiseOr": lambda x, y: x | y,
    "BitwiseXor": lambda x, y: x ^ y,
    "Cast": _cast,
    "CastDiscrete": _cast,
    "Ceil": whole("ceil"),
    "DivNoNan": lambda x, y: zero_where(y.equals(0), x / y),
    "Elu": _elu,
    "EluGrad": lambda x, y: x * (choose(y < 0, y, 0) + 1),
    "Equal": lambda x, y: x.equals(y),
    "Floor": whole("floor"),
    "FloorDiv": _floor_divide,
    "FloorMod": _floor_modulo,
    "Greater": lambda x, y: x > y,
    "GreaterEqual": lambda x, y: x >= y,
    "Identity": lambda x: x,
    "Invert": lambda x: x ^ -1,
    "IsFinite": lambda x: absolute(x) < float("inf"),
    "IsInf": lambda x: absolute(x).equals(float("inf")),
    "IsNan": lambda x: x.is_nan(),
    "LeakyRelu": _leaky_relu,
    "LeakyReluGrad": lambda dy, x, *, alpha: dy * choose(x > 0, dy.like(1), alpha),
    "LeftShift": lambda x, y: x << _places(x, y),
    "Less": lambda x, y: x < y,
    "LessEqual": lambda x, y: x <= y,
    "LogicalAnd": lambda x, y: x & y,
    "LogicalNot": inverse,
    "LogicalOr": lambda x, y: x | y,
    "LogicalXor": lambda x, y: x ^ y,
    "Maximum": greater_of,
    "Minimum": smaller_of,
    "Mul": lambda x, y: x * y,
    "MulNoNan": lambda x, y: zero_where(y.equals(0), x * y),
    "Neg": negative,
    "NotEqual": lambda x, y: x.differs(y),
    "Pow": _power,
    "PowGrad": _power_slope,
    "RealDiv": lambda x, y: x / y,
    "Reciprocal": lambda x: 1 / x,
    "ReciprocalGrad": _unless_both_vanish(lambda x, y: -y * (x * x)),
    "Relu": _relu,
    "Relu6": _relu6,
    "Relu6Grad": lambda x, y: x * as_number((y > 0) & (y < 6), x),
    "ReluGrad": lambda x, y: x * as_number(y > 0, x),
    "RightShift": lambda x, y: x >> _places(x, y),
    "Rint": whole("rint"),
    "Round": lambda x: whole("rint")(x) if is_float(x) else x,
    "Rsqrt": lambda x: 1 / square_root(x),
    "RsqrtGrad": _unless_both_vanish(lambda x, y: y * (x * x * x) / -2),
    "SelectV2": choose,
    "Selu": _selu,
    "SeluGrad": lambda x, y: x * choose(y < 0, y + SELU_SCALE_ALPHA, SELU_SCALE),
    "SigmoidCrossEntropyWithLogits": _sigmoid_cross_entropy,
    "SigmoidGrad": lambda x, y: (1 - x) * x * y,
    "Sign": _sign,
    "Softsign": lambda x: x / (absolute(x) + 1),
    "Sqrt": square_root,
    "SqrtGrad": _unless_both_vanish(lambda x, y: y / (x + x)),
    "Square": lambda x: x * x,
    "SquareGrad": lambda x, y: (x + x) * y,
    "SquaredDifference": _squared_difference,
    "StopGradient": lambda x: x,
    "Sub": lambda x, y: x - y,
    "TanhGrad": lambda x, y: (1 - x * x) * y,
    "TruncateDiv": _truncate_divide,
    "TruncateMod": _truncate_modulo,
    "Xlog1py": _times_logarithm("log1p"),
    "Xlogy": _times_logarithm("log"),
    "Xdivy": lambda x, y: zero_where(x.equals(0), x / y),
}
"""Primitive: a function of its operands and attributes; None where there are no instructions for these."""
