"""`tf.math`: mathematics. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.math import special
from tapeflow.ops.activations import softsign, zero_fraction
from tapeflow.ops.arithmetic import (
    accumulate_n,
    add,
    add_n,
    multiply,
    negative,
    polyval,
    scalar_mul,
    square,
    squared_difference,
    subtract,
)
from tapeflow.ops.bessel import bessel_i0, bessel_i0e, bessel_i1, bessel_i1e
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
from tapeflow.ops.counting import bincount, confusion_matrix
from tapeflow.ops.cumulative import cumprod, cumsum, cumulative_logsumexp
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
from tapeflow.ops.error_functions import erf, erfc, erfcinv, erfinv, ndtri
from tapeflow.ops.exponential import exp, expm1, log, log1p, log_sigmoid, sigmoid, softplus, xlog1py, xlogy
from tapeflow.ops.extremes import argmax, argmin, count_nonzero, reduce_max, reduce_min
from tapeflow.ops.gamma_functions import betainc, digamma, igamma, igammac, lbeta, lgamma, polygamma, zeta
from tapeflow.ops.hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from tapeflow.ops.logic import logical_and, logical_not, logical_or, logical_xor
from tapeflow.ops.magnitude import abs, sign
from tapeflow.ops.normalization import l2_normalize
from tapeflow.ops.norms import reduce_euclidean_norm
from tapeflow.ops.powers import pow, reciprocal, rsqrt, sqrt
from tapeflow.ops.ranges import invert_permutation
from tapeflow.ops.reduction import (
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_mean,
    reduce_prod,
    reduce_std,
    reduce_sum,
    reduce_variance,
)
from tapeflow.ops.rounding import ceil, floor, nextafter, rint, round
from tapeflow.ops.segments import (
    segment_max,
    segment_mean,
    segment_min,
    segment_prod,
    segment_sum,
    unsorted_segment_max,
    unsorted_segment_mean,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sqrt_n,
    unsorted_segment_sum,
)
from tapeflow.ops.selection import maximum, minimum
from tapeflow.ops.softmax import log_softmax, softmax
from tapeflow.ops.sorting import in_top_k, top_k
from tapeflow.ops.trigonometric import acos, asin, atan, atan2, cos, sin, tan

__all__ = [
    "abs",
    "accumulate_n",
    "acos",
    "acosh",
    "add",
    "add_n",
    "angle",
    "argmax",
    "argmin",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "betainc",
    "bincount",
    "ceil",
    "confusion_matrix",
    "conj",
    "cos",
    "cosh",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_logsumexp",
    "digamma",
    "divide",
    "divide_no_nan",
    "equal",
    "erf",
    "erfc",
    "erfcinv",
    "erfinv",
    "exp",
    "expm1",
    "floor",
    "floordiv",
    "floormod",
    "greater",
    "greater_equal",
    "igamma",
    "igammac",
    "imag",
    "in_top_k",
    "invert_permutation",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_non_decreasing",
    "is_strictly_increasing",
    "l2_normalize",
    "lbeta",
    "less",
    "less_equal",
    "lgamma",
    "log",
    "log1p",
    "log_sigmoid",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "multiply_no_nan",
    "ndtri",
    "negative",
    "nextafter",
    "not_equal",
    "polygamma",
    "polyval",
    "pow",
    "real",
    "reciprocal",
    "reciprocal_no_nan",
    "reduce_all",
    "reduce_any",
    "reduce_euclidean_norm",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_std",
    "reduce_sum",
    "reduce_variance",
    "rint",
    "round",
    "rsqrt",
    "scalar_mul",
    "segment_max",
    "segment_mean",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "special",
    "sqrt",
    "square",
    "squared_difference",
    "subtract",
    "tan",
    "tanh",
    "top_k",
    "truediv",
    "unsorted_segment_max",
    "unsorted_segment_mean",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sqrt_n",
    "unsorted_segment_sum",
    "xdivy",
    "xlog1py",
    "xlogy",
    "zero_fraction",
    "zeta",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
