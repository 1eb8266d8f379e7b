"""The tensor: an immutable NumPy value with TensorFlow's face.

`_value` is a NumPy array or, for most scalars, a NumPy scalar: arithmetic on `np.float32` costs a tenth of what it costs on
a 0-d array. Kernels work on `_value`; nobody outside gets hold of it, only of copies and read-only views.
`_key` is the name under which the tapes know the tensor: 0 until one of them follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.format import tensor_repr, tensor_str
from tapeflow.core.nest import LEAVES
from tapeflow.core.operand import Operand
from tapeflow.core.shapes import TensorShape, from_known

__all__ = ["Reference", "Tensor"]


class Tensor(Operand):
    """A value with a dtype and a shape that never changes.

    Made by `tf.constant`, `tf.convert_to_tensor` and every operation.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> x.shape, x.dtype
    (TensorShape([2, 2]), tf.float32)
    >>> (x + 1.0).numpy()
    array([[2., 3.],
           [4., 5.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_key", "_value", "assign")  # only slices of a variable have `assign`: ops.slicing sets it

    _value: Any
    _key: int
    assign: Any

    def __init__(self, value: Any) -> None:
        self._value = value
        self._key = 0

    # -- what it is --------------------------------------------------------------------------------

    @property
    def dtype(self) -> dtypes.DType:
        """The element type, a `tf.DType`."""
        return dtypes.from_numpy(self._value.dtype)

    @property
    def shape(self) -> TensorShape:
        """The static shape, a `tf.TensorShape`."""
        return from_known(self._value.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._value.ndim

    @property
    def device(self) -> str:
        """The name of the device that holds the value: always the CPU."""
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    backing_device = device

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Checks that `shape` is compatible; the shape of a computed tensor is already known.

        Raises:
            ValueError: `shape` is not compatible.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {TensorShape(shape)}.")

    def ref(self) -> Reference:
        """A hashable reference to this very tensor, for sets and dictionary keys; `.deref()` gives the tensor back."""
        return Reference(self)

    # -- the value, for Python and NumPy ---------------------------------------------------------------

    def numpy(self) -> Any:
        """The value as a NumPy scalar or as an array of the caller's own: changing it never changes the tensor."""
        value = self._value
        return value.copy() if value.ndim else value[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._value
        if copy or (dtype is not None and np.dtype(dtype) != value.dtype):
            if copy is False:
                raise ValueError(f"a tensor of {value.dtype} cannot be viewed as {np.dtype(dtype)} without a copy")
            return np.array(value, dtype)
        view = np.asarray(value).view()
        view.flags.writeable = False
        return view

    def __bool__(self) -> bool:
        return bool(self._value) if self._value.size else False

    def __int__(self) -> int:
        return int(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __complex__(self) -> complex:
        return complex(self._value)

    def __index__(self) -> int:
        if self._value.ndim or not isinstance(self._value[()], np.integer):
            raise TypeError(
                f"only an integer scalar tensor can be an index; this one has shape {self.shape} and dtype {self.dtype.name}"
            )
        return int(self._value)

    def __len__(self) -> int:
        if not self._value.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return len(self._value)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._value.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[i] for i in range(len(self._value)))

    # -- how it is written ------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return tensor_repr(self._value, self.dtype)

    def __str__(self) -> str:
        return tensor_str(self._value, self.dtype)

    def __format__(self, specification: str) -> str:
        return format(self.numpy(), specification)

    # -- copies and pickles -------------------------------------------------------------------------------

    def __copy__(self) -> Tensor:
        return Tensor(self._value)

    def __deepcopy__(self, memo: dict) -> Tensor:
        return Tensor(self._value)

    def __reduce__(self) -> tuple:
        return Tensor, (self._value,)


LEAVES.add(Tensor)


class Reference:
    """A hashable stand-in for a tensor or variable, equal to another only if both stand for the same object."""

    __slots__ = ("_referent",)

    def __init__(self, referent: Any) -> None:
        self._referent = referent

    def deref(self) -> Any:
        """The object that this stands for."""
        return self._referent

    def __hash__(self) -> int:
        return id(self._referent)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._referent is other._referent

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._referent!r}>"
