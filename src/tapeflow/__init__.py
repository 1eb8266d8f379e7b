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
from tapeflow import autodiff, config, dtypes, errors, linalg, math, nest, strings
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
from tapeflow.ops.arithmetic import add, multiply, negative, pow, square, subtract
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.printing import print
from tapeflow.ops.reduction import reduce_mean, reduce_sum
from tapeflow.ops.strings import as_string

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
    "add",
    "as_dtype",
    "as_string",
    "autodiff",
    "bfloat16",
    "bool",
    "compat",
    "complex64",
    "complex128",
    "config",
    "device",
    "double",
    "dtypes",
    "errors",
    "float4_e2m1fn",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float16",
    "float32",
    "float64",
    "half",
    "int2",
    "int4",
    "int8",
    "int16",
    "int32",
    "int64",
    "keras",
    "linalg",
    "math",
    "matmul",
    "multiply",
    "name_scope",
    "negative",
    "nest",
    "newaxis",
    "pow",
    "print",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "reduce_mean",
    "reduce_sum",
    "resource",
    "square",
    "string",
    "strings",
    "subtract",
    "uint2",
    "uint4",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
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
