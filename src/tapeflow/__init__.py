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

from typing import TYPE_CHECKING

import tapeflow.ops.operators  # noqa: F401  gives tensors and variables their operators
from tapeflow import (
    autodiff,
    autograph,
    bitwise,
    config,
    debugging,
    dtypes,
    errors,
    math,
    nest,
)
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.device import device
from tapeflow.core.dtypes import (
    DType,
    as_dtype,
    bfloat16,
    bool,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    half,
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
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
)
from tapeflow.core.indexed_slices import IndexedSlices, IndexedSlicesSpec
from tapeflow.core.inspection import (
    executing_eagerly,
    get_logger,
    get_static_value,
    init_scope,
    inside_function,
    is_symbolic_tensor,
    is_tensor,
    timestamp,
)
from tapeflow.core.module import Module
from tapeflow.core.names import get_current_name_scope, name_scope
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable, VariableAggregation, VariableSynchronization
from tapeflow.gradient.backprop import UnconnectedGradients
from tapeflow.gradient.calling_python import numpy_function, py_function
from tapeflow.gradient.custom import RegisterGradient, custom_gradient, grad_pass_through, no_gradient, recompute_grad
from tapeflow.gradient.tape import GradientTape
from tapeflow.graph.decorator import function
from tapeflow.ops.arithmetic import add, add_n, multiply, negative, scalar_mul, square, subtract
from tapeflow.ops.assertions import Assert, assert_equal, assert_greater, assert_less
from tapeflow.ops.casting import bitcast, cast, identity, identity_n
from tapeflow.ops.clipping import clip_by_global_norm, clip_by_norm, clip_by_value, saturate_cast
from tapeflow.ops.comparison import equal, greater, greater_equal, less, less_equal, not_equal
from tapeflow.ops.complex_numbers import complex
from tapeflow.ops.control_flow import case, cond, control_dependencies, group, no_op, switch_case, tuple, while_loop
from tapeflow.ops.counting import histogram_fixed_width, histogram_fixed_width_bins, unique, unique_with_counts
from tapeflow.ops.creation import constant, convert_to_tensor, eye, fill, ones, ones_like, zeros, zeros_like
from tapeflow.ops.cumulative import cumsum
from tapeflow.ops.division import divide, realdiv, truediv, truncatediv, truncatemod
from tapeflow.ops.eigenvalues import eig, eigvals
from tapeflow.ops.einsum import einsum, tensordot
from tapeflow.ops.exponential import exp, sigmoid
from tapeflow.ops.extremes import argmax, argmin, reduce_max, reduce_min
from tapeflow.ops.functional import foldl, foldr, map_fn, scan, vectorized_map
from tapeflow.ops.gathering import gather, gather_nd
from tapeflow.ops.hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from tapeflow.ops.joining import concat, parallel_stack, split, stack, unstack
from tapeflow.ops.logic import logical_and, logical_not, logical_or
from tapeflow.ops.magnitude import abs, sign
from tapeflow.ops.masking import boolean_mask, dynamic_partition, dynamic_stitch, sequence_mask
from tapeflow.ops.matrix_functions import sqrtm as matrix_square_root
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.norms import norm
from tapeflow.ops.padding import pad
from tapeflow.ops.powers import pow, sqrt
from tapeflow.ops.printing import print
from tapeflow.ops.ranges import linspace, meshgrid, one_hot, range, unravel_index
from tapeflow.ops.rearranging import repeat, reverse, reverse_sequence, roll, tile
from tapeflow.ops.reduction import reduce_all, reduce_any, reduce_logsumexp, reduce_mean, reduce_prod, reduce_sum
from tapeflow.ops.rounding import floor, round
from tapeflow.ops.scattering import (
    scatter_nd,
    tensor_scatter_nd_add,
    tensor_scatter_nd_max,
    tensor_scatter_nd_min,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from tapeflow.ops.selection import maximum, minimum, where
from tapeflow.ops.shape_queries import (
    broadcast_dynamic_shape,
    broadcast_static_shape,
    ensure_shape,
    guarantee_const,
    rank,
    shape,
    shape_n,
    size,
)
from tapeflow.ops.shaping import broadcast_to, expand_dims, reshape, squeeze, transpose
from tapeflow.ops.slicing import slice, strided_slice
from tapeflow.ops.sorting import argsort, searchsorted, sort
from tapeflow.ops.space_and_batch import batch_to_space, required_space_to_batch_paddings, space_to_batch, space_to_batch_nd
from tapeflow.ops.static_assertions import assert_rank
from tapeflow.ops.stopping import stop_gradient
from tapeflow.ops.strings import as_string
from tapeflow.ops.tensor_array import TensorArray
from tapeflow.ops.trigonometric import acos, asin, atan, atan2, cos, sin, tan

__version__ = "2.21.0"
newaxis = None

if TYPE_CHECKING:  # loaded when they are first used: most programs need a few of them
    from tapeflow import linalg, nn, random, signal, strings, test, train

__all__ = [
    "Assert",
    "DType",
    "GradientTape",
    "IndexedSlices",
    "IndexedSlicesSpec",
    "Module",
    "RegisterGradient",
    "Tensor",
    "TensorArray",
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
    "argmax",
    "argmin",
    "argsort",
    "as_dtype",
    "as_string",
    "asin",
    "asinh",
    "assert_equal",
    "assert_greater",
    "assert_less",
    "assert_rank",
    "atan",
    "atan2",
    "atanh",
    "autodiff",
    "autograph",
    "batch_to_space",
    "bfloat16",
    "bitcast",
    "bitwise",
    "bool",
    "boolean_mask",
    "broadcast_dynamic_shape",
    "broadcast_static_shape",
    "broadcast_to",
    "case",
    "cast",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "compat",
    "complex",
    "complex64",
    "complex128",
    "concat",
    "cond",
    "config",
    "constant",
    "control_dependencies",
    "convert_to_tensor",
    "cos",
    "cosh",
    "cumsum",
    "custom_gradient",
    "data",
    "debugging",
    "device",
    "divide",
    "double",
    "dtypes",
    "dynamic_partition",
    "dynamic_stitch",
    "eig",
    "eigvals",
    "einsum",
    "ensure_shape",
    "equal",
    "errors",
    "executing_eagerly",
    "exp",
    "expand_dims",
    "eye",
    "fill",
    "float16",
    "float32",
    "float64",
    "floor",
    "foldl",
    "foldr",
    "function",
    "gather",
    "gather_nd",
    "get_current_name_scope",
    "get_logger",
    "get_static_value",
    "grad_pass_through",
    "greater",
    "greater_equal",
    "group",
    "guarantee_const",
    "half",
    "histogram_fixed_width",
    "histogram_fixed_width_bins",
    "identity",
    "identity_n",
    "init_scope",
    "inside_function",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_symbolic_tensor",
    "is_tensor",
    "keras",
    "less",
    "less_equal",
    "linalg",
    "linspace",
    "logical_and",
    "logical_not",
    "logical_or",
    "map_fn",
    "math",
    "matmul",
    "matrix_square_root",
    "maximum",
    "meshgrid",
    "minimum",
    "multiply",
    "name_scope",
    "negative",
    "nest",
    "newaxis",
    "nn",
    "no_gradient",
    "no_op",
    "norm",
    "not_equal",
    "numpy_function",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "parallel_stack",
    "pow",
    "print",
    "py_function",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "random",
    "range",
    "rank",
    "realdiv",
    "recompute_grad",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "repeat",
    "required_space_to_batch_paddings",
    "reshape",
    "resource",
    "reverse",
    "reverse_sequence",
    "roll",
    "round",
    "saturate_cast",
    "scalar_mul",
    "scan",
    "scatter_nd",
    "searchsorted",
    "sequence_mask",
    "shape",
    "shape_n",
    "sigmoid",
    "sign",
    "signal",
    "sin",
    "sinh",
    "size",
    "slice",
    "sort",
    "space_to_batch",
    "space_to_batch_nd",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "stop_gradient",
    "strided_slice",
    "string",
    "strings",
    "subtract",
    "switch_case",
    "tan",
    "tanh",
    "tensor_scatter_nd_add",
    "tensor_scatter_nd_max",
    "tensor_scatter_nd_min",
    "tensor_scatter_nd_sub",
    "tensor_scatter_nd_update",
    "tensordot",
    "test",
    "tile",
    "timestamp",
    "train",
    "transpose",
    "truediv",
    "truncatediv",
    "truncatemod",
    "tuple",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unique",
    "unique_with_counts",
    "unravel_index",
    "unstack",
    "variant",
    "vectorized_map",
    "where",
    "while_loop",
    "zeros",
    "zeros_like",
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
