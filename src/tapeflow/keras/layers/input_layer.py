"""`tf.keras.Input`: a place for what a model will be given."""

from __future__ import annotations

import operator
from typing import Any

import tapeflow as tf
from tapeflow.core.shapes import TensorShape
from tapeflow.keras.backend import floatx
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.nodes import Operation, called_on_symbols
from tapeflow.keras.layers.specification import shape_tuple
from tapeflow.keras.naming import auto_name

__all__ = ["Input", "InputLayer", "KerasTensor"]


class KerasTensor:
    """A tensor that a model will be given, or will compute: a shape and a dtype without values.

    Args:
        shape: its shape; None stands for an unknown size.
        dtype: its dtype.
        sparse: must be False.
        ragged: must be False.
        record_history: accepted.
        name: its name.
        **kwargs: none.

    >>> import tapeflow as tf
    >>> tf.keras.Input((3,), name="x")
    <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=x>
    """

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        _refuse(sparse=sparse, ragged=ragged, **kwargs)
        self.shape = shape_tuple(shape)
        self.dtype = tf.as_dtype(dtype).name
        self.sparse = self.ragged = False
        self.name = name or auto_name("keras_tensor")
        self._layer: Layer | None = None  # the input layer that it stands for
        self._node: Any = None  # the call that gives it

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    _is_keras_tensor = True

    def __getitem__(self, key: Any) -> Any:
        return called_on_symbols(Operation(lambda x: x[key], "GetItem"), (self,), {})

    def __neg__(self) -> Any:
        return called_on_symbols(Operation(operator.neg, "Negative"), (self,), {})

    def __abs__(self) -> Any:
        return called_on_symbols(Operation(operator.abs, "Absolute"), (self,), {})

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(
            "A KerasTensor cannot be used as input to a TensorFlow function, nor to NumPy's: it has no values. Give it to a layer, "
            f"or put the function into one: keras.layers.Lambda(function)(x). Received: {self!r}"
        )

    def __bool__(self) -> bool:
        raise TypeError(f"A symbolic KerasTensor cannot be used as a boolean: {self!r}")

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, name={self.name}>"


def _between(function: Any, label: str, reflected: bool = False) -> Any:
    def method(self: KerasTensor, other: Any) -> Any:
        args = (other, self) if reflected else (self, other)
        return called_on_symbols(Operation(function, label), args, {})

    return method


for _name, _label in {
    **{"add": "Add", "sub": "Subtract", "mul": "Multiply", "truediv": "TrueDivide", "pow": "Power", "matmul": "Matmul"},
    **{"floordiv": "FloorDivide", "mod": "Mod"},
}.items():
    setattr(KerasTensor, f"__{_name}__", _between(getattr(operator, _name), _label))
    setattr(KerasTensor, f"__r{_name}__", _between(getattr(operator, _name), _label, reflected=True))


def _refuse(**options: Any) -> None:
    for name, value in options.items():
        if value:
            raise NotImplementedError(f"an input with `{name}` is not supported")


class InputLayer(Layer):
    """The layer that stands for what a model is given.

    Args:
        shape: the shape without the batch.
        batch_size: the size of the batch, if it is known.
        dtype: the dtype; by default float32.
        sparse, ragged, input_tensor: must be None or False.
        batch_shape: the shape with the batch, in place of `shape` and `batch_size`.
        optional: whether None may be given.
        name: the name.
        **kwargs: `input_shape` and `batch_input_shape`, as in Keras 2.

    Raises:
        ValueError: no shape is given, or two are.

    >>> import tapeflow as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.InputLayer((3,)), tf.keras.layers.Dense(2)])
    >>> [tuple(w.shape) for w in model.weights]
    [(3, 2), (2,)]
    """

    _builds_nothing = True

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        _refuse(sparse=sparse, ragged=ragged, input_tensor=input_tensor is not None)
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to InputLayer: {kwargs}")
        if shape is not None and batch_shape is not None:
            raise ValueError("You cannot pass both `shape` and `batch_shape` at the same time.")
        if shape is None and batch_shape is None:
            raise ValueError("You must pass a `shape` argument.")
        super().__init__(name=name, dtype=dtype)
        given = batch_shape if batch_shape is not None else (batch_size, *_sizes(shape))
        self._batch_shape = shape_tuple(given)
        self._input_dtype = tf.as_dtype(dtype or floatx()).name
        self.optional = optional
        self._symbol = KerasTensor(self._batch_shape, self._input_dtype, name=self.name)
        self._symbol._layer = self

    @property
    def batch_shape(self) -> tuple:
        """The shape with the batch."""
        return self._batch_shape

    @property
    def dtype(self) -> Any:
        """The name of the dtype."""
        return self._input_dtype

    @property
    def output(self) -> KerasTensor:
        """What it gives."""
        return self._symbol

    def call(self) -> Any:
        """Raises NotImplementedError: it stands for what a model is given."""
        raise NotImplementedError("an InputLayer is not called: it stands for what a model is given")

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self._batch_shape,
            "dtype": self._input_dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def _sizes(shape: Any) -> tuple:
    if isinstance(shape, int):
        return (shape,)
    found = TensorShape(shape)
    if found.rank is None:
        raise ValueError(f"Cannot convert '{shape}' to a shape.")
    return shape_tuple(found)


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A place for what a model will be given; the first element of a `keras.Sequential`.

    Args:
        shape: the shape without the batch.
        batch_size: the size of the batch, if it is known.
        dtype: the dtype; by default float32.
        sparse, ragged, tensor: must be None or False.
        batch_shape: the shape with the batch, in place of `shape` and `batch_size`.
        name: the name.
        optional: whether None may be given.

    Raises:
        ValueError: no shape is given, or two are.

    >>> import tapeflow as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> model.output_shape
    (None, 2)
    """
    return InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        name=name,
        input_tensor=tensor,
        optional=optional,
    ).output
