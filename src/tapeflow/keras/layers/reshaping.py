"""Layers that arrange elements otherwise."""

from __future__ import annotations

import math
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.inner_axes import checked_data_format
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]


def _product(sizes: Any) -> int | None:
    return None if any(size is None for size in sizes) else math.prod(sizes)


class Flatten(Layer):
    """All axes but the first as one.

    Args:
        data_format: with "channels_first", the axis after the batch's comes to vary fastest.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Flatten()(tf.ones([2, 3, 4])).shape
    TensorShape([2, 12])
    """

    _builds_nothing = True

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs as a matrix."""
        rank = inputs.ndim
        if self.data_format == "channels_first" and rank > 1:
            inputs = tf.transpose(inputs, [0, *range(2, rank), 1])
        width = _product(inputs.shape[1:])
        return tf.reshape(inputs, [-1, width] if width else [tf.shape(inputs)[0], -1 if width is None else 0])

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (input_shape[0], _product(tuple(input_shape)[1:]))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}


class Reshape(Layer):
    """Another shape for each sample.

    Args:
        target_shape: the shape without the batch; one size may be -1.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: there are not as many elements.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Reshape((2, -1))(tf.ones([5, 8])).shape
    TensorShape([5, 2, 4])
    """

    _builds_nothing = True

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape) if isinstance(target_shape, list | tuple) else (target_shape,)
        if self.target_shape.count(-1) > 1:
            raise ValueError(
                "The `target_shape` argument must not contain more than one `-1` value. Received: "
                f"target_shape={self.target_shape}"
            )

    def _sizes(self, given: tuple) -> tuple:
        """The shape that a sample of a shape gets.

        Raises:
            ValueError: there are not as many elements.
        """
        total = _product(given)
        if total is None:
            return tuple(None if size == -1 else size for size in self.target_shape)
        known = math.prod(size for size in self.target_shape if size != -1)
        whole = total == known if -1 not in self.target_shape else known != 0 and total % known == 0
        if not whole:
            raise ValueError(
                f"The total size of the tensor must be unchanged. Received: input_shape={given}, target_shape={self.target_shape}"
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs in their new shape."""
        sizes = self._sizes(tuple(inputs.shape)[1:])
        if None in sizes or inputs.shape[0] is not None:
            return tf.reshape(inputs, [tf.shape(inputs)[0], *[-1 if size is None else size for size in sizes]])
        return tf.reshape(inputs, [-1, *sizes] if 0 not in sizes else [tf.shape(inputs)[0], *sizes])

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (input_shape[0], *self._sizes(tuple(input_shape)[1:]))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"target_shape": self.target_shape}


class Permute(Layer):
    """The axes in another order.

    Args:
        dims: the order; axes are counted from 1, which is the one after the batch.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: it is no order of the axes.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Permute((2, 1))(tf.ones([5, 2, 3])).shape
    TensorShape([5, 3, 2])
    """

    _builds_nothing = True

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(
                "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be consecutive and "
                f"start from 1. Received dims={dims}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs with their axes in the new order."""
        return tf.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (input_shape[0], *[input_shape[axis] for axis in self.dims])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"dims": self.dims}


class RepeatVector(Layer):
    """Each row n times, along a new axis.

    Args:
        n: how many times.
        **kwargs: those of `Layer`.

    Raises:
        TypeError: `n` is no integer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.RepeatVector(3)(tf.ones([2, 5])).shape
    TensorShape([2, 3, 5])
    """

    _builds_nothing = True

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, int):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        """The rows, n times each."""
        return tf.repeat(tf.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"n": self.n}
