"""`tf.keras.Variable`: the weights of layers.

A `tf.Variable` for tapes, functions, optimizers and checkpoints, with Keras's face: a path, the dtype as a name, values that are
cast when they are assigned, and `trainable`, which may be changed.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.core.convert import CONVERTERS, TensorLike, convert
from tapeflow.core.nest import LEAVES
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import ACTIVE, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import UnreadVariable
from tapeflow.core.variable import Variable as PlainVariable
from tapeflow.keras import initializers
from tapeflow.keras.backend import floatx
from tapeflow.keras.naming import auto_name, current_path

__all__ = ["COMPUTE_DTYPE", "DTypeName", "Variable"]

COMPUTE_DTYPE: ContextVar[Any] = ContextVar("tapeflow_keras_compute_dtype", default=None)
"""What a layer with mixed precision computes with: its weights are read as that. None: as they are."""


class DTypeName(str):
    """The name of a dtype, as Keras gives dtypes, that knows what the `tf.DType` knows."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(tf.as_dtype(str(self)), name)


class Held(UnreadVariable):
    """A Keras variable as the `tf.Variable` that it is; called, as in Keras 2, its value."""

    __slots__ = ()

    name = property(lambda self: f"{self._parent.path}:0")  # type: ignore[assignment]
    _name = name  # type: ignore[assignment]

    def __call__(self) -> Tensor:
        return self._parent._read()


class Variable(PlainVariable):
    """A weight of a layer, or a state of a metric or model.

    Args:
        initializer: the first value; or a name, object or function of `keras.initializers`, which then needs `shape`.
        shape: the shape, for an initializer.
        dtype: the dtype; by default the value's, or float32.
        trainable: whether it is listed among the trainable variables, and tapes follow it.
        autocast: whether layers with mixed precision read it in the dtype that they compute with.
        aggregation: accepted; there is one replica.
        synchronization: accepted; there is one replica.
        name: the last part of the path; by default "variable", "variable_1", …
        layout: must be None.
        **kwargs: none.

    Raises:
        ValueError: the shape is missing or not fully known, or there is a "/" in the name.

    >>> import tapeflow as tf
    >>> v = tf.keras.Variable([1.0, 2.0], name="v")
    >>> v.assign([3, 4])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([3., 4.], dtype=float32)>
    >>> v
    <Variable path=v, shape=(2,), dtype=float32, value=[3. 4.]>
    """

    __slots__ = ("_autocast", "_listed", "_own_name", "overwrite_with_gradient", "path", "regularizer")

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: Any = "none",
        synchronization: Any = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        if layout is not None or kwargs:
            raise NotImplementedError(f"keras.Variable does not support {', '.join(kwargs) or '`layout`'}")
        name = auto_name("variable") if name is None else name
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"Argument `name` must be a string and cannot contain character `/`. Received: name={name}")
        path = f"{current_path()}/{name}".lstrip("/")
        super().__init__(_first_value(initializer, shape, dtype, path), trainable=bool(trainable))
        self.path, self._own_name, self._name = path, name, f"{path}:0"
        self._listed, self._autocast = bool(trainable), bool(autocast)
        self.regularizer: Any = None
        self.overwrite_with_gradient = False

    # -- what it is ---------------------------------------------------------------------------------------

    name = property(lambda self: self._own_name, doc="The last part of the path.")  # type: ignore[assignment]

    @property
    def dtype(self) -> Any:
        """The name of the dtype."""
        return DTypeName(PlainVariable.dtype.fget(self).name)  # type: ignore[attr-defined]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._value.ndim

    @property
    def trainable(self) -> bool:
        """Whether it is listed among the trainable variables of its layer. What tapes follow stays what it was."""
        return self._listed

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._listed = bool(value)

    @property
    def constraint(self) -> Any:
        """The function that optimizers apply after each update."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Any) -> None:
        self._constraint = value

    # -- reading and assigning ------------------------------------------------------------------------------

    @property
    def value(self) -> Any:  # type: ignore[override]
        """The `tf.Variable` that this is; inside a layer with mixed precision, its value in the dtype of computation."""
        return Held(self) if COMPUTE_DTYPE.get() is None else self._read()

    def _read(self) -> Tensor:
        tensor = super()._read()
        wanted = COMPUTE_DTYPE.get()
        if wanted is None or not self._autocast or not tensor.dtype.is_floating or tensor.dtype == wanted:
            return tensor
        return tf.cast(tensor, wanted)

    def _admitted(self, value: TensorLike) -> Tensor:
        """The value in this variable's dtype.

        Raises:
            ValueError: it has another shape.
        """
        own = self._value
        tensor = convert(value, hint=own.dtype)
        if tensor._value.dtype != own.dtype:
            tensor = tf.cast(tensor, own.dtype)
        if tensor._value.shape != own.shape and not self.shape.is_compatible_with(tensor.shape):
            raise ValueError(
                "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match. "
                f"variable.shape={self.shape}, Received: value.shape={tensor.shape}. Target variable: {self!r}"
            )
        return tensor

    def assign(self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Gives the variable a new value, cast to its dtype.

        Args:
            value: tensor-like, of the variable's shape.
            use_locking, name: accepted, as `tf.Variable.assign` does.
            read_value: whether to return the value or None.

        Raises:
            ValueError: wrong shape; the variable is left as it was.
        """
        self._rebind(self._admitted(value), False)
        return self._read() if read_value else None

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Adds `delta`. Arguments are those of `assign`."""
        self._update(np.add, self._admitted(delta), False)
        return self._read() if read_value else None

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtracts `delta`. Arguments are those of `assign`."""
        self._update(np.subtract, self._admitted(delta), False)
        return self._read() if read_value else None

    # -- Python -----------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        known = "" if ACTIVE and tracing() is not None else f", value={self.numpy()}"
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}{known}>"

    def __deepcopy__(self, memo: dict) -> Variable:
        twin = memo[id(self)] = _restored(*self.__reduce__()[1])
        return twin

    def __reduce__(self) -> tuple:
        flags = self._trainable, self._listed, self._autocast
        return _restored, (self.numpy(), self.path, flags, self.regularizer, self._constraint)


LEAVES.update((Variable, Held))
CONVERTERS[Variable] = lambda variable: variable._read()


def _first_value(initializer: Any, shape: Any, dtype: Any, path: str) -> Any:
    if not callable(initializer) and not isinstance(initializer, str | dict):
        found = convert(initializer, None if isinstance(initializer, Tensor | PlainVariable) else dtype)
        return found if dtype is None else tf.cast(found, dtype)
    function = initializers.get(initializer)
    if shape is None:
        raise ValueError(
            "When creating a Variable from an initializer, the `shape` argument should be specified. Received: "
            f"initializer={initializer} and shape={shape}"
        )
    dims = TensorShape(shape)
    if not dims.is_fully_defined():
        raise ValueError(
            "Shapes used to initialize variables must be fully-defined (no `None` dimensions). "
            f"Received: shape={tuple(dims) if dims.rank is not None else None} for variable path='{path}'"
        )
    kind = tf.as_dtype(dtype or floatx())
    return tf.cast(function(tuple(dims), dtype=kind), kind)


def _restored(value: Any, path: str, flags: tuple[bool, bool, bool], regularizer: Any, constraint: Any) -> Variable:
    trainable, listed, autocast = flags
    twin = Variable(value, trainable=trainable, autocast=autocast, name="copy")
    twin.path, twin._own_name, twin._name = path, path.rpartition("/")[2], f"{path}:0"
    twin._listed, twin.regularizer, twin._constraint = listed, regularizer, constraint
    return twin
