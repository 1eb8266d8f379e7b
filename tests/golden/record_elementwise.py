"""Records what TensorFlow answers to calls of elementwise operations: writes elementwise.json beside this.

    TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_elementwise.py

A call is an expression over the names of `elementwise.py`. Kept is the value with its dtype and shape, or the exception's type.
"""

from __future__ import annotations

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.elementwise import DTYPES, RECORD, outcome

# Every function with every dtype: what it accepts and what dtype it gives.
UNARY = {
    "arithmetic": "negative square",
    "magnitude": "abs sign",
    "division": "reciprocal_no_nan",
    "powers": "sqrt rsqrt reciprocal",
    "exponential": "exp expm1 log log1p log_sigmoid softplus sigmoid",
    "trigonometric": "sin cos tan asin acos atan",
    "hyperbolic": "sinh cosh asinh acosh atanh tanh",
    "rounding": "floor ceil round rint",
    "comparison": "is_nan is_inf is_finite",
    "logic": "logical_not",
    "complex_numbers": "real",
    "error_functions": "erf erfc erfinv ndtri",
    "gamma_functions": "lgamma digamma",
    "bessel": "bessel_i0 bessel_i0e bessel_i1 bessel_i1e",
}
BINARY = {
    "arithmetic": "add subtract multiply squared_difference",
    "division": "divide truediv divide_no_nan multiply_no_nan xdivy floordiv floormod",
    "powers": "pow",
    "exponential": "xlogy xlog1py",
    "trigonometric": "atan2",
    "rounding": "nextafter",
    "comparison": "equal not_equal less less_equal greater greater_equal",
    "logic": "logical_and logical_or logical_xor",
    "selection": "maximum minimum",
    "gamma_functions": "polygamma zeta igamma igammac",
}
SIGNS = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<", "<=", "==", "!=", ">=", ">"]

CALLS = {
    "arithmetic": """
tf.add(1, 2)
tf.add([1.0, 2.0], [[1.0], [2.0]])
tf.add(c("a"), "b")
tf.multiply(2, "a")
tf.square(4)
tf.square(x=4, name="a")
tf.subtract(x=4, y=[1, 2], name="a")
m.squared_difference(c(1 + 1j), 3j)
m.squared_difference([1.0, 2.0], 3.0)
tf.add_n([1.0, 2.0])
tf.add_n([c([1.0]), c([2.0])])
tf.add_n([])
tf.add_n([[1.0, 2.0], [1.0]])
tf.add_n(c([[1.0, 2.0], [3.0, 4.0]]))
tf.add_n(5)
tf.add_n([c(1.0), c(1)])
tf.add_n([v(1.0), 3.0])
tf.add_n([tf.zeros([2]), tf.zeros([1])])
tf.add_n([tf.IndexedSlices(c([[3.0, 4.0]]), c([0]), c([2, 2])), tf.zeros([2, 2])])
m.accumulate_n([[1.0, 2.0], [3.0, 4.0]])
m.accumulate_n([])
m.accumulate_n([[1.0, 2.0]], shape=[3])
m.accumulate_n([[1.0, 2.0]], tensor_dtype=tf.int32)
m.polyval([], [1.0, 2.0])
m.polyval([2.0], [1.0, 2.0])
m.polyval((2.0,), 1.0)
m.polyval([1.0, c([1.0, 2.0])], 3.0)
m.polyval([1, 2], 3)
tf.scalar_mul(2, c([1.0, 2.0]))
tf.scalar_mul([1.0, 2.0], c([1.0, 2.0]))
tf.scalar_mul(2.5, c([1, 2]))
tf.scalar_mul(2, tf.IndexedSlices(c([[3.0, 4.0]]), c([0]), c([2, 2])))
""",
    "magnitude": """
tf.abs(3 + 4j)
tf.abs(-3)
tf.abs([-0.0, -inf, nan])
tf.abs(c(-2147483648))
tf.sign([0.0, -0.0, -2.0, nan])
tf.sign(c([0j, 3 + 4j]))
""",
    "division": """
tf.divide(3, 2)
tf.divide(3.0, 2)
tf.divide([3, 2], 2)
tf.divide(c(3), c(2.0))
tf.truediv(c(3), c(2, tf.int64))
tf.truediv(3, 2)
tf.truediv(3, 2.0)
m.divide_no_nan(3.0, 0.0)
m.divide_no_nan(3, 0)
m.divide_no_nan(c(nan), 0.0)
m.multiply_no_nan(inf, 0.0)
m.multiply_no_nan(0.0, inf)
m.xdivy(0.0, 0.0)
m.xdivy([0.0, 1.0], [nan, 0.0])
m.reciprocal_no_nan([0.0, 2.0])
m.reciprocal_no_nan(2)
m.floordiv(5, 2)
m.floordiv(5.0, 2)
c(6.0, tf.float64) // c(0.1, tf.float64)
c(6.0, tf.float64) % c(0.1, tf.float64)
c([1.0, -2.0, 0.0]) // 0.0
c([1.0, -2.0, 0.0]) % 0.0
c([inf, -inf, 1.0, -1.0]) // c([2.0, 2.0, inf, inf])
c([-7, 7, -7, 7]) // c([2, -2, -2, 2])
c([-7, 7, -7, 7]) % c([2, -2, -2, 2])
tf.truncatediv(c([-7, 7, -7, 7]), c([2, -2, -2, 2]))
tf.truncatemod(c([-7, 7, -7, 7]), c([2, -2, -2, 2]))
tf.truncatediv(c([-7.5, 7.0, -7.0, 7.0]), c([2.0, -2.0, -2.0, 2.0]))
tf.truncatemod(c([-7.5, 7.0, -7.0, 7.0]), c([2.0, -2.0, -2.0, 2.0]))
c([-7.5, 7.0, -7.0, 7.0]) // c([2.0, -2.0, -2.0, 2.0])
c([-7.5, 7.0, -7.0, 7.0, inf, 1.0, -1.0]) % c([2.0, -2.0, -2.0, 2.0, 2.0, inf, inf])
c(-2147483648) // -1
c([1, 2]) // 0
c([1, 2]) % 0
c([1, 2]) / 0
c(1) // c([1, 0])
m.floormod(c([1, 2], tf.uint8), c([0, 1], tf.uint8))
m.mod(7, 3)
tf.realdiv(1.0, [2.0, 0.0])
""",
    "powers": """
c([1, 2]) ** 2
c([1, 2]) ** -1
c([1, 2]) ** c([-1, 2])
c(2) ** -1
c([1, 2]) ** 0.5
2 ** c([1.0, 2.0])
2.5 ** c([1, 2])
tf.pow(c([0.0, -1.0, 2.0]), 0.5)
tf.pow(c([-0.0, -inf, inf, nan, 2.0]), 0.5)
tf.pow(c([0.0, -0.0, -1.0, 2.0, inf]), -1)
tf.pow(c([0.0, -2.0, 2.0, -inf, nan]), 3)
tf.pow(c([0.0, -2.0, 2.0, nan, inf]), 0)
tf.pow(c([0.0, -2.0, 2.0, nan, inf]), 1)
tf.pow(c([0.0, -2.0, 2.0, nan, inf]), -2)
tf.pow(c([1.5, -2.0], tf.float64), 3)
tf.pow(c([1.0, nan]), c([nan, 0.0]))
tf.pow(c([1.5, 200.0], tf.float16), 3)
tf.pow(2, 3)
tf.pow(2.0, 3)
tf.pow(2, 3.0)
tf.pow(3, [30, 40])
m.rsqrt([0.0, -1.0, 4.0])
tf.sqrt([0.0, -1.0, 4.0, inf])
tf.sqrt(4)
tf.sqrt(c(-1 + 0j))
m.reciprocal([0.0, -0.0, 2.0])
""",
    "exponential": """
m.softplus([-1000.0, -30.0, 0.0, 30.0, 1000.0, nan])
m.softplus(features=[1.0])
m.log_sigmoid([-1000.0, 0.0, 1000.0])
tf.sigmoid([-1000.0, -80.0, 0.0, 80.0, 1000.0, nan])
tf.sigmoid(c([-12.0, 12.0], tf.float16))
tf.sigmoid(1)
tf.exp([0.0, 100.0, -200.0, nan])
tf.exp("a")
tf.exp([1, 2])
tf.exp(c(1 + 2j))
m.expm1([1e-10, -50.0])
m.log([0.0, -1.0, inf])
m.log1p([-1.0, -2.0, 1e-10])
m.xlogy(0.0, 0.0)
m.xlogy(0.0, nan)
m.xlogy([1.0, 2.0], [[0.0], [1.0]])
m.xlog1py(0.0, -1.0)
""",
    "trigonometric": """
tf.atan2([0.0, 0.0, -0.0], [-1.0, 0.0, -1.0])
tf.atan2(y=1.0, x=2.0)
tf.asin([2.0, 1.0])
tf.sin([inf, 1e10])
""",
    "hyperbolic": """
tf.acosh([0.5, 1.0, 3.0])
tf.acosh(c(3.0, tf.float64))
tf.atanh([1.0, -1.0, 2.0])
tf.tanh([1000.0, -1000.0])
tf.nn.tanh([0.5])
""",
    "rounding": """
tf.floor(-1.5)
tf.floor(-1)
tf.round([0.5, 1.5, 2.5, -0.5, -1.5])
tf.round([1, 2])
m.rint([0.5, 1.5, 2.5, -0.5, -1.5])
m.ceil(1)
m.ceil([-0.5, 0.5, nan, inf])
m.nextafter(1.0, 2.0)
m.nextafter(c(1.0, tf.float64), 2.0)
m.nextafter(x1=1.0, x2=[0.0, 1.0])
""",
    "comparison": """
tf.equal(c([1, 2]), c([1, 2, 3]))
tf.equal(1.0, 1)
tf.equal(c(1), c(1.0))
tf.equal("a", ["a", "b"])
tf.equal([nan, inf], [nan, inf])
tf.less(1, 2.5)
tf.less("a", "b")
tf.greater(2, [1, 2, 3])
tf.not_equal(1, [1, 2])
tf.less([nan, 1.0], [1.0, nan])
m.is_non_decreasing([1, 1, 2])
m.is_non_decreasing([])
m.is_non_decreasing([[1, 2], [3, 0]])
m.is_non_decreasing([1.0, nan])
m.is_strictly_increasing([1, 1, 2])
m.is_strictly_increasing([1])
m.is_strictly_increasing([1, 2])
m.is_finite([nan, inf, 1.0])
""",
    "logic": """
m.logical_xor(True, [False, True])
tf.logical_and([True, False], [[True], [False]])
""",
    "bitwise": """
tf.bitwise.left_shift(c([1, 2]), c([31, 32]))
tf.bitwise.left_shift(c([1, 2]), c([-1, 40]))
tf.bitwise.right_shift(c([-8, 8, -1, 1]), c([1, 1, 32, -1]))
tf.bitwise.right_shift(c([200], tf.uint8), c([9], tf.uint8))
tf.bitwise.left_shift(c([200], tf.uint8), c([9], tf.uint8))
tf.bitwise.bitwise_and(6, 3)
tf.bitwise.bitwise_or(6, [3, 8])
tf.bitwise.bitwise_xor(6, 3)
tf.bitwise.bitwise_and(6.0, 3.0)
tf.bitwise.invert(c([1], tf.uint8))
tf.bitwise.invert(True)
""",
    "selection": """
tf.where([True, False])
tf.where([[True, False], [False, True]])
tf.where(True)
tf.where([1, 0, 2])
tf.where([1.5, 0.0, nan])
tf.where(c([1j, 0j]))
tf.where(["a", ""])
tf.where(tf.zeros([0], tf.bool))
tf.where([True, False], 1.0, 2.0)
tf.where([True, False], [1.0, 2.0], 3)
tf.where([True, False], 1, 2.0)
tf.where([True, False], c(1), c(2.0))
tf.where(c([1, 0]), 1.0, 2.0)
tf.where([1, 0], 1.0, 2.0)
tf.where([True, False], [1.0, 2.0], [1.0, 2.0, 3.0])
tf.where([True, False], 1.0)
tf.where(True, "a", "b")
tf.where([[True], [False]], [1.0, 2.0], 0.0)
tf.where(True, 1, [2, 3])
tf.where(condition=[True], x=1.0, y=2.0, name="w")
tf.maximum([1.0, nan], [nan, 1.0])
tf.minimum([1.0, nan], [nan, 1.0])
tf.maximum(1.0, nan)
tf.minimum(c(nan), 1.0)
tf.maximum(3, [1, 5])
tf.maximum(c(1), c(1.0))
""",
    "clipping": """
tf.clip_by_value([1.0, 2.0, 3.0], 1.5, 2.5)
tf.clip_by_value([1, 2, 3], 1, 2)
tf.clip_by_value([1, 2, 3], 1.5, 2.5)
tf.clip_by_value([1.0, 2.0, 3.0], [1.0, 2.0], 2.5)
tf.clip_by_value([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 2.5)
tf.clip_by_value(1.0, [1.0, 2.0, 3.0], 2.5)
tf.clip_by_value([1.0, 2.0, 3.0], 3.0, 1.0)
tf.clip_by_value(nan, 3.0, 5.0)
tf.clip_by_value(tf.IndexedSlices(c([[3.0, 4.0]]), c([0]), c([2, 2])), 2.5, 3.5)
tf.clip_by_value(t=c(5.0), clip_value_min=c(1.0), clip_value_max=v(2.0))
tf.clip_by_norm([3.0, 4.0], 1.0)
tf.clip_by_norm([3.0, 4.0], 10.0)
tf.clip_by_norm([[3.0, 4.0], [6.0, 8.0]], 5.0, axes=[1])
tf.clip_by_norm([[3.0, 4.0], [6.0, 8.0]], 5.0, axes=0)
tf.clip_by_norm([0.0, 0.0], 5.0)
tf.clip_by_norm([3.0, 4.0], -1.0)
tf.clip_by_norm([3.0, 4.0], c(1.0, tf.float64))
tf.clip_by_norm([3.0, 4.0], [1.0, 2.0])
tf.clip_by_norm(3.0, 1)
tf.clip_by_norm([3, 4], 1)
tf.clip_by_norm(tf.IndexedSlices(c([[3.0, 4.0]]), c([0]), c([2, 2])), 2.5)
tf.clip_by_global_norm([c([3.0, 4.0]), None, c(12.0)], 6.5)
tf.clip_by_global_norm((c([3.0, 4.0]),), 6.5)
tf.clip_by_global_norm([c([inf, 4.0])], 6.5)
tf.clip_by_global_norm([c([nan, 4.0])], 6.5)
tf.clip_by_global_norm([c([0.0, 0.0])], 6.5)
tf.clip_by_global_norm([], 6.5)
tf.clip_by_global_norm([c([3.0, 4.0])], 2.5, use_norm=c(10.0))
tf.clip_by_global_norm(c([3.0, 4.0]), 2.5)
tf.clip_by_global_norm([None], 2.5)
tf.clip_by_global_norm(5.0, 2.5)
tf.clip_by_global_norm([[3.0, 4.0], [5.0]], 2.5)
tf.clip_by_global_norm([tf.IndexedSlices(c([[3.0, 4.0]]), c([0]), c([2, 2]))], 2.5)
tf.linalg.global_norm([c([3.0, 4.0]), None])
tf.linalg.global_norm([])
tf.linalg.global_norm([None])
tf.linalg.global_norm(c([3.0, 4.0]))
tf.linalg.global_norm([c([3.0, 4.0], tf.float64), c(1.0)])
tf.saturate_cast([nan, inf, -inf, 300.0, -300.0], tf.int8)
tf.saturate_cast([nan, inf, -inf, 300.0, -300.0], tf.uint8)
tf.saturate_cast([3e9, -3e9, 5.0], tf.int32)
tf.saturate_cast(c([3e9, -3e9, 5.0], tf.float64), tf.int32)
tf.saturate_cast([300, -300], tf.uint8)
tf.saturate_cast(c([300, -300], tf.int64), tf.int8)
tf.saturate_cast(c([1e300, -1e300], tf.float64), tf.float32)
tf.saturate_cast([1e30], tf.float16)
tf.saturate_cast([1 + 2j], tf.float32)
tf.saturate_cast([1e30], tf.complex64)
tf.saturate_cast(c([1e300 + 2j]), tf.complex64)
tf.saturate_cast(True, tf.int32)
tf.saturate_cast([1, 2], tf.int32)
tf.saturate_cast([1, 2], tf.float32)
""",
    "casting": """
tf.cast([1.9, -1.9], tf.int32)
tf.cast([nan, inf, -inf, 3e9, -3e9], tf.int32)
tf.cast([nan, inf, -inf, 3e9, -3e9, 1e30], tf.int64)
tf.cast([nan, inf, -inf, 300.0, -3e9, -1.0], tf.uint8)
tf.cast([nan, inf, -inf, 300.0, -300.0, -1.0], tf.int8)
tf.cast([nan, inf, 70000.0, -300.0, -1.0], tf.uint16)
tf.cast([nan, inf, 70000.0, -300.0, -1.0], tf.int16)
tf.cast([nan, inf, 5e9, -300.0, -1.0], tf.uint32)
tf.cast([nan, -300.0, -1.0, 1e19], tf.uint64)
tf.cast(c([nan, inf, 70000.0, -300.0, -1.0], tf.float64), tf.int32)
tf.cast(c([nan, inf, 300.0, -1.5], tf.bfloat16), tf.uint8)
tf.cast(c([nan, inf, 300.0, -1.5], tf.float16), tf.int32)
tf.cast([300, -1], tf.uint8)
tf.cast([0.0, 1.0, 0.5, nan], tf.bool)
tf.cast([True, False], tf.float32)
tf.cast([1 + 2j], tf.float32)
tf.cast([1 + 2j], tf.int32)
tf.cast([1 + 2j, 0j, 1j], tf.bool)
tf.cast([1.0], tf.complex64)
tf.cast([1], tf.complex128)
tf.cast([1 + 1j], tf.complex64)
tf.cast(["1"], tf.int32)
tf.cast([1], tf.string)
tf.cast(["a"], tf.string)
tf.cast(1, float)
tf.cast(1, "float64")
tf.cast(1, np.float16)
tf.cast(1.7, int)
tf.cast(1e6, tf.float16)
tf.cast(None, tf.float32)
tf.cast(3.3, tf.bfloat16)
tf.cast(v(3), tf.int32)
tf.cast(v(3), tf.float32)
tf.cast([1.1], tf.float64)
tf.cast(np.array([1.1]), tf.float32)
tf.bitcast(c([1.0, 2.0]), tf.int32)
tf.bitcast(c([1.0, 2.0]), tf.uint8)
tf.bitcast(c([1.0, 2.0]), tf.float64)
tf.bitcast(c([[1.0, 2.0]]), tf.complex64)
tf.bitcast(c(1.0), tf.float64)
tf.bitcast(c([1.0, 2.0, 3.0]), tf.float64)
tf.bitcast(1.0, tf.uint8)
tf.bitcast(c("a"), tf.uint8)
tf.bitcast(c(True), tf.uint8)
tf.bitcast(c([1, 2], tf.int32), tf.bfloat16)
tf.bitcast(tf.zeros([0, 2]), tf.float64)
tf.identity([1.0, 2.0])
tf.identity(5)
tf.identity(None)
tf.identity(v(2.0))
tf.identity_n([c(1), c("a")])
""",
    "complex_numbers": """
m.angle([1.0, -1.0, 0.0, -0.0, nan])
m.angle(1)
m.angle(-1j)
m.angle(c([0j, -1 + 0j, 1j]))
m.real(1.0)
m.real("a")
m.imag([1.0, 2.0])
m.imag(c([1, 2]))
m.conj(2.0)
m.conj([1 + 2j])
tf.complex(1.0, 2.0)
tf.complex(1, 2)
tf.complex([1.0, 2.0], 1.0)
tf.complex(inf, inf)
tf.complex(c([1.0], tf.float64), c([2.0], tf.float64))
tf.complex(real=1.0, imag=c([1.0, 2.0, 3.0]))
tf.complex([1.0, 2.0], [1.0, 2.0, 3.0])
""",
    "error_functions": """
m.erf([0.0, 1.0, -inf, nan])
m.erfc([5.0, -inf])
m.erfinv([1.0, -1.0, 2.0, 0.0])
m.erfcinv([0.0, 2.0, 3.0, 1.0, 0.5])
m.ndtri([0.0, 1.0, 0.5, 2.0])
""",
    "gamma_functions": """
m.polygamma(1.0, 2.0)
m.polygamma([0.0, 1.0, 2.0, 1.5, -1.0], 2.0)
m.zeta([2.0, 1.0, 0.5], [1.0, 1.0, 1.0])
m.zeta([2.0, 2.0, 3.0, 2.5], [-1.0, -1.5, -1.5, -1.5])
m.igamma([1.0, 0.0, -1.0, 2.0], [2.0, 1.0, 1.0, -1.0])
m.igammac([1.0, 0.0, -1.0, 2.0], [2.0, 1.0, 1.0, -1.0])
m.igamma(a=1.0, x=[0.0, 1.0])
m.betainc([1.0, 2.0, 0.0, 1.0], [2.0, 3.0, 1.0, 1.0], [0.5, 0.2, 0.5, 2.0])
m.betainc(c(1.0), c(2.0), c(0.5, tf.float64))
m.betainc(1, 2, 1)
m.lbeta([1.0, 2.0])
m.lbeta([[1.0, 2.0], [3.0, 4.0]])
m.lbeta(1.0)
m.lbeta(tf.zeros([0]))
m.lbeta(tf.zeros([2, 0]))
m.lgamma([0.0, -1.0, -0.5, inf, -inf, nan])
m.digamma([0.0, -1.0, -0.5, inf, -inf])
""",
    "bessel": """
m.special.bessel_y0([0.0, 1.0, 2.0])
m.special.bessel_k0([0.0, 1.0, 2.0])
m.special.bessel_k1([1.0, 2.0])
m.special.bessel_k0e([1.0, 2.0])
m.special.bessel_k1e([0.0, 1.0, 2.0])
m.special.bessel_y1([1.0, 2.0])
m.special.bessel_j0([0.0, 1.0, -2.0])
m.special.bessel_j1([0.0, 1.0, -2.0])
""",
    "integrals": """
m.special.expint([0.0, 1.0, 2.0])
m.special.spence([-1.0, 0.0, 1.0, 2.0])
m.special.dawsn([-1.0, 0.0, 1.0, 200.0])
m.special.fresnel_sin([-1.0, 0.0, 1.0, 5.0])
m.special.fresnel_cos([-1.0, 0.0, 1.0, 5.0])
m.special.dawsn(1)
""",
    "operators": """
c(1.0) * Foreign()
c(1.0) + Foreign()
c(1.0) ** Foreign()
c(1.0) @ Foreign()
c(True) & Foreign()
Foreign() * c(1.0)
v(1.0) * Foreign()
c(1.0) * Unknown()
v(1.0) * Unknown()
c(1.0) < Unknown()
c(1.0) == Unknown()
c(1.0) * None
None * c(1.0)
c(1.0) < None
c(1.0) == None
c(1.0) != None
None == c(1.0)
c(1.0) == "a"
c("a") == "a"
c("a") == 1
c([1, 2]) == c([1, 2, 3])
c([1, 2]) != c([1, 2, 3])
c([1, 2]) == [1, 2, 3]
c([1, 2]) == [1, 2]
c([1, 2]) == 1.5
c([1, 2]) == c([1.0, 2.0])
c([1, 2]) != c([1.0, 2.0])
c([1.0, 2.0]) == np.array([1.0, 2.0])
np.array([1.0, 2.0]) == c([1.0, 2.0])
np.array([1.0, 2.0]) * c([1.0, 2.0])
np.array([1.0, 2.0]) / c([1.0, 2.0])
np.array([1.0, 2.0]) < c([1.0, 3.0])
np.array([1.0, 2.0], np.float32) - c([1.0, 2.0])
np.float64(2.0) * c([1.0, 2.0])
np.float32(2.0) - c([1.0, 2.0])
np.float64(2.0) - c(1.0)
np.float32(2.0) ** c(3.0)
c([1.0, 2.0]) * np.float64(2.0)
np.int64(2) * c([1.0, 2.0])
np.array([1, 2]) * c([1.0, 2.0])
np.array([1.5, 2.0]) * c([1, 2])
c([1, 2]) * np.array([1.5, 2.0])
np.array([1.0]) * v([2.0])
c([1, 2]) * 1.5
1.5 * c([1, 2])
c([1, 2]) * True
c([1.0, 2.0]) * True
c(True) * c(False)
c(True) + c(False)
c([True]) & True
c([True]) & 1
c([1]) & True
True & c([True])
c([6]) & 3
c([6]) | 3
3 ^ c([6])
~c([6])
~c([True])
c([True]) ^ True
c([1.0]) & c([1.0])
~c(1.0)
+c(1.0)
c(5) << 1
[1.0, 2.0] + c([1.0, 2.0])
c([1.0, 2.0]) + [1.0, 2.0]
(1.0, 2.0) * c([1.0, 2.0])
c([1.0, 2.0]) + c([1.0, 2.0], tf.float64)
c([1.0, 2.0]) + c([1.0, 2.0, 3.0])
c([1.0, 2.0]) < c([1.0, 2.0, 3.0])
c([1.0, 2.0]) / c([1, 2])
c([1.0, 2.0]) // c([1, 2])
c(1.0) == c(1)
"b" + c("a")
divmod(c(7), 2)
-c(-2147483648)
c(2147483647) + 1
c(2147483647) * 2
c([2147483647]) * 2
c(127, tf.int8) + c(1, tf.int8)
c(0, tf.uint8) - c(1, tf.uint8)
abs(c([-1.0, 2.0]))
abs(v(-1.0))
v(1.0) == v(1.0)
v(1.0) != 1.0
v([1.0]) == v([1.0, 2.0, 3.0])
v([1.0, 2.0]) == v([1.0, 2.0, 3.0])
~v(True)
v(2.0) // v(1.5)
c(2.0) * v(1.5)
1.0 - v(1.5)
v(2.0) < 3
v(2) % 2
v(2) ^ 2
v(True) | False
2 ** v(2)
v([[1.0]]) @ c([[2.0]])
c(3.0) in [c(3.0)]
c([[1.0, 2.0]]) @ c([[3.0], [4.0]])
c([[1.0, 2.0]]) @ [[3.0], [4.0]]
np.ones((1, 2)) @ c([[3.0], [4.0]])
v(1.0).__iadd__(1.0)
v(1.0).__imul__(1.0)
v(1.0).__isub__(1.0)
v(1.0).__itruediv__(1.0)
v(1.0).__ipow__(1.0)
""",
}


def calls_of(family: str) -> list[str]:
    """The calls written above and those with every dtype."""
    calls = [call for call in CALLS.get(family, "").split("\n") if call]
    for name in UNARY.get(family, "").split():
        calls += [f'm.{name}(one("{dtype}"))' for dtype in DTYPES]
    for name in BINARY.get(family, "").split():
        calls += [f'm.{name}(one("{dtype}"), one("{dtype}"))' for dtype in DTYPES]
    if family == "operators":
        calls += [f'one("{dtype}") {sign} one("{dtype}")' for sign in SIGNS for dtype in DTYPES]
        calls += [f'{sign}one("{dtype}")' for sign in "-~" for dtype in DTYPES]
    if family == "casting":
        calls += [f'tf.cast(one("{a}", 1.5), "{b}")' for a in DTYPES for b in DTYPES]
    return calls


if __name__ == "__main__":
    record = {family: {call: outcome(call, tf) for call in calls_of(family)} for family in CALLS}
    lines = [
        f"{json.dumps(family)}: {{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(o)}" for k, o in found.items()) + "\n}"
        for family, found in record.items()
    ]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(sum(map(len, record.values())), "calls,", RECORD.stat().st_size, "bytes")
