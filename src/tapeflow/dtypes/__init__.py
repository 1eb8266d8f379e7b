"""`tf.dtypes`: element types. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.dtypes import (
    QUANTIZED_DTYPES,
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
from tapeflow.dtypes import experimental
from tapeflow.ops.casting import cast
from tapeflow.ops.clipping import saturate_cast
from tapeflow.ops.complex_numbers import complex

__all__ = [
    "QUANTIZED_DTYPES",
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "cast",
    "complex",
    "complex64",
    "complex128",
    "double",
    "experimental",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "resource",
    "saturate_cast",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
