"""Element types: `tf.DType`, one object for each dtype, and the ways to name one.

Every dtype is a singleton, so `is` decides whether two are the same; `==` also takes names, NumPy types and Python's
`float` and `bool`. Strings live in NumPy object arrays of `bytes`.
"""

from __future__ import annotations

import builtins
from typing import Any, ClassVar

import numpy as np

__all__ = [
    "QUANTIZED_DTYPES",
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "double",
    "float4_e2m1fn",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "half",
    "int2",
    "int4",
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
    "string",
    "uint2",
    "uint4",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
]


class DType:
    """The type of a tensor's elements, such as `tf.float32`.

    Args:
      type_enum: the number of the dtype, as `as_datatype_enum` gives it. Most programs write `tf.float32` or
        `tf.as_dtype("float32")` instead.

    Attributes:
      name: "float32".
      numpy: the `np.dtype` that holds the values.
      as_numpy_dtype: the NumPy scalar type, `np.float32`.
      as_datatype_enum: the number of this dtype in TensorFlow's list.
      is_floating, is_integer, is_unsigned, is_complex, is_bool, is_quantized: what the elements are. Quantized dtypes
        are not integers.
      is_numeric: whether the common arithmetic ops take it; not so for float8 and for integers under 8 bits.
      is_numpy_compatible: whether NumPy can hold it; not so for resource and variant.
      size: bytes of an element; 0 for strings and opaque dtypes.

    >>> import tapeflow as tf
    >>> tf.float32, str(tf.float32), tf.float32 == "float32", tf.complex64.real_dtype
    (tf.float32, "<dtype: 'float32'>", True, tf.float32)
    >>> tf.int8.min, tf.int8.max
    (-128, 127)
    """

    __slots__ = (
        "as_datatype_enum",
        "as_numpy_dtype",
        "is_bool",
        "is_complex",
        "is_floating",
        "is_integer",
        "is_numeric",
        "is_numpy_compatible",
        "is_quantized",
        "is_unsigned",
        "name",
        "numpy",
        "size",
    )

    as_datatype_enum: int
    as_numpy_dtype: Any
    is_bool: builtins.bool
    is_complex: builtins.bool
    is_floating: builtins.bool
    is_integer: builtins.bool
    is_numeric: builtins.bool
    is_numpy_compatible: builtins.bool
    is_quantized: builtins.bool
    is_unsigned: builtins.bool
    name: str
    numpy: np.dtype[Any]
    size: int

    _all: ClassVar[dict[int, DType]] = {}

    def __new__(cls, type_enum: Any) -> DType:
        try:
            return cls._all[int(type_enum)]
        except KeyError:
            raise TypeError(f"No dtype has the number {type_enum!r}.") from None

    def __getattr__(self, attribute: str) -> Any:
        # Reached only while the slot is empty: ml_dtypes is loaded when one of its types is first used.
        if attribute in ("numpy", "as_numpy_dtype"):
            if not self.is_numpy_compatible:
                raise TypeError(f"NumPy has no type for {self.name} values.")
            import ml_dtypes

            if not hasattr(ml_dtypes, self.name):
                raise TypeError(f"ml_dtypes {ml_dtypes.__version__} has no {self.name}; a newer one has.")
            self.as_numpy_dtype = getattr(ml_dtypes, self.name)
            self.numpy = np.dtype(self.as_numpy_dtype)
            return getattr(self, attribute)
        raise AttributeError(f"'DType' object has no attribute '{attribute}'")

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __eq__(self, other: object) -> builtins.bool:
        if other is self:
            return True
        if other is None or type(other) is DType:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    # Singletons: identity is the fastest hash, and dicts keyed by dtype are on the hot path.
    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)

    @property
    def base_dtype(self) -> DType:
        """This dtype itself: TapeFlow has no reference dtypes."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part: float32 for complex64, float64 for complex128, else this dtype."""
        if self is complex64:
            return float32
        if self is complex128:
            return float64
        return self

    @property
    def min(self) -> Any:
        """The least finite value.

        Raises:
          TypeError: for dtypes whose values have no order, and for bool.
        """
        return self._extreme("min")

    @property
    def max(self) -> Any:
        """The greatest finite value.

        Raises:
          TypeError: for dtypes whose values have no order, and for bool.
        """
        return self._extreme("max")

    def _extreme(self, which: str) -> Any:
        if self.is_integer and not self.is_quantized:
            low, high = _integer_range(self)
            return low if which == "min" else high
        if self.is_floating:
            return getattr(_float_info(self), which)
        raise TypeError(f"{self!r} has no {which}: only integer and floating-point dtypes do.")

    @property
    def limits(self) -> tuple[Any, Any]:
        """The (least, greatest) intensity of an image of this dtype: (0, 1) for floats, (0, max) for integers.

        Raises:
          ValueError: when images of this dtype have no agreed range.
        """
        if self is bool:
            return 0, True
        if self is float32 or self is float64:
            return 0, 1
        if self.is_integer and self.is_numeric:
            return 0, self.max
        raise ValueError(f"{self!r} has no intensity limits; float32, float64, bool and 8- to 64-bit integers do.")

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether `other`, anything that `tf.as_dtype` takes, is this dtype.

        Raises:
          TypeError: when `other` names no dtype.
        """
        return as_dtype(other) is self


def _integer_range(dtype: DType) -> tuple[int, int]:
    bits = int(dtype.name.removeprefix("u").removeprefix("int"))
    return (0, 2**bits - 1) if dtype.is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _float_info(dtype: DType) -> Any:
    if dtype in (float16, float32, float64):
        return np.finfo(dtype.numpy)
    import ml_dtypes

    return ml_dtypes.finfo(dtype.as_numpy_dtype)


# -- the dtypes ---------------------------------------------------------------------------------


def _dtype(
    name: str,
    enum: int,
    numpy: Any,
    size: int,
    *,
    floating: builtins.bool = False,
    integer: builtins.bool = False,
    complex_: builtins.bool = False,
    quantized: builtins.bool = False,
    numeric: builtins.bool = True,
    numpy_compatible: builtins.bool = True,
) -> DType:
    """Make and register a dtype. `numpy` None: held by ml_dtypes, or (not `numpy_compatible`) by nothing."""
    self: DType = object.__new__(DType)
    self.name = name
    self.as_datatype_enum = enum
    self.size = size
    self.is_floating = floating
    self.is_integer = integer
    self.is_unsigned = integer and name.startswith("u")
    self.is_complex = complex_
    self.is_bool = name == "bool"
    self.is_quantized = quantized
    self.is_numeric = numeric
    self.is_numpy_compatible = numpy_compatible
    if numpy is not None:
        self.numpy = np.dtype(numpy)
        self.as_numpy_dtype = numpy
    DType._all[enum] = self
    return self


float16 = _dtype("float16", 19, np.float16, 2, floating=True)
float32 = _dtype("float32", 1, np.float32, 4, floating=True)
float64 = _dtype("float64", 2, np.float64, 8, floating=True)
bfloat16 = _dtype("bfloat16", 14, None, 2, floating=True)
half = float16
double = float64

float8_e5m2 = _dtype("float8_e5m2", 24, None, 1, floating=True, numeric=False)
float8_e4m3fn = _dtype("float8_e4m3fn", 25, None, 1, floating=True, numeric=False)
float8_e4m3fnuz = _dtype("float8_e4m3fnuz", 26, None, 1, floating=True, numeric=False)
float8_e4m3b11fnuz = _dtype("float8_e4m3b11fnuz", 27, None, 1, floating=True, numeric=False)
float8_e5m2fnuz = _dtype("float8_e5m2fnuz", 28, None, 1, floating=True, numeric=False)
float4_e2m1fn = _dtype("float4_e2m1fn", 33, None, 1, floating=True, numeric=False)

int8 = _dtype("int8", 6, np.int8, 1, integer=True)
int16 = _dtype("int16", 5, np.int16, 2, integer=True)
int32 = _dtype("int32", 3, np.int32, 4, integer=True)
int64 = _dtype("int64", 9, np.int64, 8, integer=True)
uint8 = _dtype("uint8", 4, np.uint8, 1, integer=True)
uint16 = _dtype("uint16", 17, np.uint16, 2, integer=True)
uint32 = _dtype("uint32", 22, np.uint32, 4, integer=True)
uint64 = _dtype("uint64", 23, np.uint64, 8, integer=True)
int2 = _dtype("int2", 31, None, 1, integer=True, numeric=False)
int4 = _dtype("int4", 29, None, 1, integer=True, numeric=False)
uint2 = _dtype("uint2", 32, None, 1, integer=True, numeric=False)
uint4 = _dtype("uint4", 30, None, 1, integer=True, numeric=False)

complex64 = _dtype("complex64", 8, np.complex64, 8, complex_=True)
complex128 = _dtype("complex128", 18, np.complex128, 16, complex_=True)

bool = _dtype("bool", 10, np.bool_, 1, numeric=False)
string = _dtype("string", 7, np.object_, 0, numeric=False)
string.as_numpy_dtype = object  # as TensorFlow answers, not np.object_

qint8 = _dtype("qint8", 11, np.dtype([("qint8", np.int8)]), 1, quantized=True)
qint16 = _dtype("qint16", 15, np.dtype([("qint16", np.int16)]), 2, quantized=True)
qint32 = _dtype("qint32", 13, np.dtype([("qint32", np.int32)]), 4, quantized=True)
quint8 = _dtype("quint8", 12, np.dtype([("quint8", np.uint8)]), 1, quantized=True)
quint16 = _dtype("quint16", 16, np.dtype([("quint16", np.uint16)]), 2, quantized=True)

# Opaque: handles to things, not numbers.
resource = _dtype("resource", 20, None, 0, numeric=False, numpy_compatible=False)
variant = _dtype("variant", 21, None, 0, numeric=False, numpy_compatible=False)

QUANTIZED_DTYPES = frozenset({qint8, qint16, qint32, quint8, quint16})

# -- names for them -----------------------------------------------------------------------------

_BY_NAME: dict[str, DType] = {dtype.name: dtype for dtype in DType._all.values()}
_BY_NAME |= {"half": float16, "float": float32, "double": float64}


class _ByNumpy(dict[Any, DType]):
    """From `np.dtype` objects and NumPy scalar types to dtypes; learns the less common ones when it meets them."""

    def __missing__(self, key: Any) -> DType:
        try:
            dtype = np.dtype(np.void if key is None else key)  # NumPy reads None as float64
        except TypeError:
            dtype = np.dtype(np.void)
        if isinstance(key, type) and dtype.type is not key:
            dtype = np.dtype(np.void)  # older NumPys take np.floating for float64
        if dtype.kind in "SU":
            return string  # not remembered: there is one such dtype for every length
        # By name, whatever the byte order: NumPy and ml_dtypes call them as we do.
        found = _BY_NAME.get(dtype.name)
        if found is None:
            raise TypeError(f"No dtype corresponds to NumPy's {key!r}.")
        self[key] = found
        return found


_BY_NUMPY = _ByNumpy()
for _known in DType._all.values():
    if _known.is_quantized:
        _BY_NUMPY[_known.numpy] = _known
    elif _known is not bfloat16 and (_known.is_numeric or _known in (bool, string)):
        _BY_NUMPY[_known.numpy] = _BY_NUMPY[_known.numpy.type] = _known
del _known
_BY_NUMPY[object] = string

from_numpy = _BY_NUMPY.__getitem__
"""The dtype of an `np.dtype` object or NumPy scalar type: one dict lookup, for the hot path.

Raises TypeError for a NumPy type that no tensor can hold, such as datetime64."""


def as_dtype(type_value: Any) -> DType:
    """Find the dtype that something names.

    Args:
      type_value: a `tf.DType`, its name (also "half", "float" and "double"), a NumPy dtype or scalar type, a NumPy
        array or scalar (its dtype is meant), Python's `float` (float32), `bool` or `object` (string), or a number as
        `as_datatype_enum` gives it.

    Raises:
      TypeError: when it names none; Python's `int` does not, since it says nothing about the width.

    >>> import tapeflow as tf
    >>> import numpy as np
    >>> tf.as_dtype("half"), tf.as_dtype(float), tf.as_dtype(np.int64), tf.as_dtype(np.dtype("S3"))
    (tf.float16, tf.float32, tf.int64, tf.string)
    """
    if type(type_value) is DType:
        return type_value
    if isinstance(type_value, str):
        found = _BY_NAME.get(type_value)
        if found is not None:
            return found
    elif type_value is float:
        return float32
    elif type_value is builtins.bool:
        return bool
    elif type_value is object:
        return string
    elif isinstance(type_value, np.dtype) or (isinstance(type_value, type) and issubclass(type_value, np.generic)):
        return from_numpy(type_value)
    elif isinstance(type_value, (np.ndarray, np.generic)):
        return from_numpy(type_value.dtype)
    elif isinstance(type_value, int):
        found = DType._all.get(type_value)
        if found is not None:
            return found
    raise TypeError(_not_a_dtype(type_value))


def _not_a_dtype(value: Any) -> str:
    if value is int or value == "int":
        return "int is not a dtype, because it says nothing about the width: write tf.int32 or tf.int64."
    if value is complex or value == "complex":
        return "complex is not a dtype, because it says nothing about the width: write tf.complex64 or tf.complex128."
    if value is str or value is bytes or value == "str":
        return f"{value!r} is not a dtype: write tf.string."
    return (
        f"Cannot convert {value!r} to a dtype. Give a dtype such as tf.float32, its name such as 'float32', "
        "or a NumPy dtype."
    )
