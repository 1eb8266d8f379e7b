"""TapeFlow: automatic differentiation with the interface of TensorFlow's GradientTape.

>>> import tapeflow as tf
>>> x = tf.Variable(3.0)
>>> with tf.GradientTape() as tape:
...     y = x**2
>>> tape.gradient(y, x)
<tf.Tensor: shape=(), dtype=float32, numpy=6.0>

This file holds the names after `tf.` and computes nothing; see `tapeflow.ops` for the operations, `tapeflow.gradient` for the
tape, and `tapeflow.core` for tensors and variables.
"""

import tapeflow.ops.operators  # gives tensors and variables their operators
from tapeflow import autodiff, bitwise, config, dtypes, errors, linalg, math, nest, nn, strings
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.device import device
from tapeflow.core.dtypes import (
    QUANTIZED_DTYPES,
    DType,
    as_dtype,
    bfloat16,
    bool,
    complex64,
    complex128,
    double,
    float4_e2m1fn,
    float8_e4m3b11fnuz,
    float8_e4m3fn,
    float8_e4m3fnuz,
    float8_e5m2,
    float8_e5m2fnuz,
    float16,
    float32,
    float64,
    half,
    int2,
    int4,
    int8,
    int16,
    int32,
    int64,
    qint8,
    qint16,
    qint32,
    quint8,
    quint16,
    resource,
    string,
    uint2,
    uint4,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
)
from tapeflow.core.module import Module
from tapeflow.core.names import name_scope
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable, VariableAggregation, VariableSynchronization
from tapeflow.gradient.backprop import UnconnectedGradients
from tapeflow.gradient.tape import GradientTape
from tapeflow.ops.arithmetic import add, add_n, multiply, negative, scalar_mul, square, subtract
from tapeflow.ops.casting import bitcast, cast, identity, identity_n
from tapeflow.ops.clipping import clip_by_global_norm, clip_by_norm, clip_by_value, saturate_cast
from tapeflow.ops.comparison import equal, greater, greater_equal, less, less_equal, not_equal
from tapeflow.ops.complex_numbers import complex
from tapeflow.ops.division import divide, realdiv, truediv, truncatediv, truncatemod
from tapeflow.ops.exponential import exp, sigmoid
from tapeflow.ops.hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from tapeflow.ops.logic import logical_and, logical_not, logical_or
from tapeflow.ops.magnitude import abs, sign
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.powers import pow, sqrt
from tapeflow.ops.printing import print
from tapeflow.ops.reduction import reduce_mean, reduce_sum
from tapeflow.ops.rounding import floor, round
from tapeflow.ops.selection import maximum, minimum, where
from tapeflow.ops.strings import as_string
from tapeflow.ops.trigonometric import acos, asin, atan, atan2, cos, sin, tan

__version__ = "2.21.0"
newaxis = None

__all__ = [
    "QUANTIZED_DTYPES",
    "DType",
    "GradientTape",
    "Module",
    "Tensor",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "VariableAggregation",
    "VariableSynchronization",
    "__version__",
    "abs",
    "acos",
    "acosh",
    "add",
    "add_n",
    "as_dtype",
    "as_string",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "autodiff",
    "bfloat16",
    "bitcast",
    "bitwise",
    "bool",
    "cast",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "compat",
    "complex",
    "complex64",
    "complex128",
    "config",
    "cos",
    "cosh",
    "device",
    "divide",
    "double",
    "dtypes",
    "equal",
    "errors",
    "exp",
    "float4_e2m1fn",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float16",
    "float32",
    "float64",
    "floor",
    "greater",
    "greater_equal",
    "half",
    "identity",
    "identity_n",
    "int2",
    "int4",
    "int8",
    "int16",
    "int32",
    "int64",
    "keras",
    "less",
    "less_equal",
    "linalg",
    "logical_and",
    "logical_not",
    "logical_or",
    "math",
    "matmul",
    "maximum",
    "minimum",
    "multiply",
    "name_scope",
    "negative",
    "nest",
    "newaxis",
    "nn",
    "not_equal",
    "pow",
    "print",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "realdiv",
    "reduce_mean",
    "reduce_sum",
    "resource",
    "round",
    "saturate_cast",
    "scalar_mul",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "string",
    "strings",
    "subtract",
    "tan",
    "tanh",
    "truediv",
    "truncatediv",
    "truncatemod",
    "uint2",
    "uint4",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
    "where",
]

# Loaded when they are first used; any other name says what it is that tapeflow lacks.
__getattr__ = names_missing_from(
    __name__,
    {
        "initializers": "tapeflow.keras.initializers",
        "keras": "tapeflow.keras",
        "losses": "tapeflow.keras.losses",
        "metrics": "tapeflow.keras.metrics",
        "optimizers": "tapeflow.keras.optimizers",
    },
)


def __dir__() -> list[str]:
    return __all__
