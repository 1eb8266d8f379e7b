"""Layers of several inputs: sums, products, the greatest, and what stands side by side."""

from __future__ import annotations

import functools
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.layer import Layer

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]


class Merging(Layer):
    """A layer of a list of inputs whose shapes broadcast."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def merged(self, inputs: list[Tensor]) -> Tensor:
        """The inputs as one."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list | tuple) or not isinstance(input_shape[0], list | tuple):
            raise ValueError(
                "A merge layer should be called on a list of inputs. Received: "
                f"input_shape={input_shape} (not a list of shapes)"
            )
        batches = {shape[0] for shape in input_shape if shape} - {None}
        if len(batches) > 1:
            raise ValueError(f"Cannot merge tensors with different batch sizes. Received tensors with shapes {input_shape}")
        self.compute_output_shape(input_shape)

    def call(self, inputs: Any) -> Tensor:
        """The inputs as one.

        Raises:
            ValueError: they are no list.
        """
        if not isinstance(inputs, list | tuple):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: inputs={inputs} (not a list)")
        ranks = {x.ndim for x in inputs}
        if len(ranks) > 1:  # the batch stays first
            most = max(ranks)
            inputs = [tf.reshape(x, [x.shape[0] or -1, *[1] * (most - x.ndim), *x.shape[1:]]) for x in inputs]
        return self.merged(list(inputs))

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (_batch(input_shape), *functools.reduce(_broadcast, [tuple(shape)[1:] for shape in input_shape]))

    def get_config(self) -> dict[str, Any]:
        return super().get_config()


def _batch(shapes: Any) -> int | None:
    found = {shape[0] for shape in shapes}
    return found.pop() if len(found) == 1 else None


def _broadcast(first: tuple, second: tuple) -> tuple:
    """The shape that both broadcast to.

    Raises:
        ValueError: there is none.
    """
    if len(first) < len(second):
        first, second = second, first
    tail = first[len(first) - len(second) :]
    found = list(first[: len(first) - len(second)])
    for a, b in zip(tail, second, strict=True):
        if a is None or b is None:
            found.append(None if a in (None, 1) and b in (None, 1) else a if b in (None, 1) else b)
        elif a == b or b == 1 or a == 1:
            found.append(b if a == 1 else a)
        else:
            raise ValueError(f"Inputs have incompatible shapes. Received shapes {first} and {second}")
    return tuple(found)


class Add(Merging):
    """The sum of the inputs, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Add()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[3.0, 5.0]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(tf.add, inputs)


class Subtract(Merging):
    """The first input minus the second, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Subtract()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[-1.0, -1.0]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        if len(inputs) != 2:
            raise ValueError(f"A `Subtract` layer should be called on exactly 2 inputs. Received: inputs={inputs}")
        return tf.subtract(inputs[0], inputs[1])


class Multiply(Merging):
    """The product of the inputs, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Multiply()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[2.0, 6.0]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(tf.multiply, inputs)


class Average(Merging):
    """The mean of the inputs, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Average()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[1.5, 2.5]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(tf.add, inputs) / len(inputs)


class Maximum(Merging):
    """The greatest of the inputs, element by element, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Maximum()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[2.0, 3.0]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(tf.maximum, inputs)


class Minimum(Merging):
    """The least of the inputs, element by element, a list of tensors.

    Args:
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or their shapes do not broadcast.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Minimum()([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[1.0, 2.0]]
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        return functools.reduce(tf.minimum, inputs)


class Concatenate(Merging):
    """The inputs, side by side.

    Args:
        axis: the axis along which they come one after the other.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are no list, or other axes differ in size.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Concatenate()([tf.ones([2, 3]), tf.zeros([2, 1])]).shape
    TensorShape([2, 4])
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Tensor:
        """The inputs, side by side."""
        return tf.concat(inputs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        shapes = [list(shape) for shape in input_shape]
        axis = self.axis % len(shapes[0])
        fits = all(
            len(shape) == len(shapes[0])
            and all(len({a, b} - {None}) < 2 for i, (a, b) in enumerate(zip(shape, shapes[0], strict=True)) if i != axis)
            for shape in shapes
        )
        if not fits:
            raise ValueError(
                "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: "
                f"input_shape={input_shape}"
            )
        sizes = [shape[axis] for shape in shapes]
        found = [next((shape[i] for shape in shapes if shape[i] is not None), None) for i in range(len(shapes[0]))]
        found[axis] = None if None in sizes else sum(sizes)
        return tuple(found)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"axis": self.axis}


class Dot(Merging):
    """Sums of products of two inputs along an axis of each, for each sample.

    Args:
        axes: the axis of both, or one of each; they are counted with the batch, which is axis 0.
        normalize: whether both are scaled to norm 1 along it first: then it is a cosine.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: they are not two, or the axes differ in size.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Dot(axes=1)([tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])]).numpy()
    array([[11.]], dtype=float32)
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, int | list | tuple) or (not isinstance(axes, int) and len(axes) != 2):
            raise ValueError(f"`axes` must be an integer or two of them. Received: axes={axes}")
        self.axes = axes
        self.normalize = normalize

    def _axes(self, ranks: list[int]) -> tuple[int, int]:
        first, second = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return first % ranks[0], second % ranks[1]

    def call(self, inputs: Any) -> Tensor:
        """The sums of products."""
        if not isinstance(inputs, list | tuple) or len(inputs) != 2:
            raise ValueError(f"A `Dot` layer should be called on a list of 2 inputs. Received: inputs={inputs}")
        first, second = inputs
        axes = self._axes([first.ndim, second.ndim])
        if self.normalize:
            first, second = tf.nn.l2_normalize(first, axes[0]), tf.nn.l2_normalize(second, axes[1])
        letters = iter("abcdefghijklmnopqrstuvw")
        left = ["x" if i == 0 else "y" if i == axes[0] else next(letters) for i in range(first.ndim)]
        right = ["x" if i == 0 else "y" if i == axes[1] else next(letters) for i in range(second.ndim)]
        rest = [letter for letter in (*left, *right) if letter not in "xy"]
        outputs = tf.einsum(f"{''.join(left)},{''.join(right)}->x{''.join(rest)}", first, second)
        return outputs if rest else tf.expand_dims(outputs, 1)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        first, second = (list(shape) for shape in input_shape)
        one, other = self._axes([len(first), len(second)])
        if first[one] != second[other] and None not in (first[one], second[other]):
            raise ValueError(
                f"Dimension incompatibility {first[one]} != {second[other]}. Received: axes={self.axes}, "
                f"input_shape={input_shape}"
            )
        rest = [n for i, n in enumerate(first) if i not in (0, one)] + [
            n for i, n in enumerate(second) if i not in (0, other)
        ]
        return (first[0], *rest) if rest else (first[0], 1)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"axes": self.axes, "normalize": self.normalize}


# -- the same as functions --------------------------------------------------------------------------------


def add(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Add` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.add([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[3.0, 5.0]]
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Subtract` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.subtract([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[-1.0, -1.0]]
    """
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Multiply` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.multiply([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[2.0, 6.0]]
    """
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Average` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.average([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[1.5, 2.5]]
    """
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Maximum` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.maximum([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[2.0, 3.0]]
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Tensor:
    """What a new `Minimum` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.minimum([tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 3.0]])]).numpy().tolist()
    [[1.0, 2.0]]
    """
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Tensor:
    """What a new `Concatenate` layer gives for the inputs.

    Args:
        inputs: a list of tensors.
        axis: the axis along which they come one after the other.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.concatenate([tf.ones([2, 3]), tf.zeros([2, 1])]).shape
    TensorShape([2, 4])
    """
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Tensor:
    """What a new `Dot` layer gives for the inputs.

    Args:
        inputs: a list of two tensors.
        axes: the axis of both, or one of each.
        **kwargs: those of the layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.dot([tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])], axes=1).numpy()
    array([[11.]], dtype=float32)
    """
    return Dot(axes=axes, **kwargs)(inputs)
