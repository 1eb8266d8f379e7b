"""`tf.math`: mathematics. Names only: what they name lives in `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.arithmetic import (
    accumulate_n,
    add,
    add_n,
    multiply,
    negative,
    scalar_mul,
    square,
    squared_difference,
    subtract,
)
from tapeflow.ops.comparison import (
    equal,
    greater,
    greater_equal,
    is_finite,
    is_inf,
    is_nan,
    is_non_decreasing,
    is_strictly_increasing,
    less,
    less_equal,
    not_equal,
)
from tapeflow.ops.complex_numbers import angle, conj, imag, real
from tapeflow.ops.division import (
    divide,
    divide_no_nan,
    floordiv,
    floormod,
    multiply_no_nan,
    reciprocal_no_nan,
    truediv,
    xdivy,
)
from tapeflow.ops.division import floormod as mod
from tapeflow.ops.exponential import exp, expm1, log, log1p, log_sigmoid, sigmoid, softplus, xlog1py, xlogy
from tapeflow.ops.hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from tapeflow.ops.logic import logical_and, logical_not, logical_or, logical_xor
from tapeflow.ops.magnitude import abs, sign
from tapeflow.ops.powers import pow, reciprocal, rsqrt, sqrt
from tapeflow.ops.reduction import reduce_mean, reduce_sum
from tapeflow.ops.rounding import ceil, floor, nextafter, rint, round
from tapeflow.ops.selection import maximum, minimum
from tapeflow.ops.trigonometric import acos, asin, atan, atan2, cos, sin, tan

__all__ = [
    "abs",
    "accumulate_n",
    "acos",
    "acosh",
    "add",
    "add_n",
    "angle",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "conj",
    "cos",
    "cosh",
    "divide",
    "divide_no_nan",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floordiv",
    "floormod",
    "greater",
    "greater_equal",
    "imag",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_non_decreasing",
    "is_strictly_increasing",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log_sigmoid",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "multiply_no_nan",
    "negative",
    "nextafter",
    "not_equal",
    "pow",
    "real",
    "reciprocal",
    "reciprocal_no_nan",
    "reduce_mean",
    "reduce_sum",
    "rint",
    "round",
    "rsqrt",
    "scalar_mul",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "squared_difference",
    "subtract",
    "tan",
    "tanh",
    "truediv",
    "xdivy",
    "xlog1py",
    "xlogy",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
