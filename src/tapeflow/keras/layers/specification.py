"""`tf.keras.InputSpec`: what a layer expects of its inputs, and the check of it."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.shapes import TensorShape

__all__ = ["InputSpec", "check_inputs", "shape_tuple"]


class InputSpec:
    """The rank, shape and dtype that a layer expects of one input.

    Args:
        dtype: the dtype, or None for any.
        shape: the shape, None for unknown sizes; or None for any.
        ndim: the number of dimensions.
        max_ndim: the greatest number of dimensions.
        min_ndim: the least number of dimensions.
        axes: a dict of sizes by axes.
        allow_last_axis_squeeze: whether a last axis of size 1 may be missing, or too much.
        name: what the input is called, in a dict of inputs.
        optional: whether None is accepted.

    Raises:
        TypeError: an axis is no integer, or there is none of this number.

    >>> import tapeflow as tf
    >>> tf.keras.InputSpec(min_ndim=2, axes={-1: 4})
    InputSpec(min_ndim=2, axes={-1: 4})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else tf.as_dtype(dtype).name
        self.shape = None if shape is None else shape_tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.name, self.optional = name, optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        try:
            self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        except (TypeError, ValueError):
            raise TypeError(f"Argument `axes` must be a dict with integer keys. Received: axes={axes}") from None
        greatest = (self.ndim if self.ndim is not None else max_ndim) or 0
        if self.axes and greatest and max(self.axes) > greatest - 1:
            raise TypeError(f"Axis {max(self.axes)} is greater than the maximum allowed value: {greatest - 1}")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """The specification that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return "InputSpec(" + ", ".join(f"{name}={getattr(self, name)}" for name in names if getattr(self, name)) + ")"


def shape_tuple(shape: Any) -> tuple[int | None, ...]:
    """A shape as a tuple, None for unknown sizes."""
    return tuple(None if size is None else int(size) for size in TensorShape(shape))


def check_inputs(specification: Any, inputs: Any, layer: str) -> None:
    """Compares what a layer was given with what it expects.

    Args:
        specification: an `InputSpec` or a nesting of them; None for anything.
        inputs: a tensor or a nesting of them.
        layer: the layer's name.

    Raises:
        ValueError: it is something else.
    """
    if specification is None:
        return
    if isinstance(specification, InputSpec):  # nearly always
        found = tf.nest.flatten(inputs)
        wanted = [specification]
    else:
        wanted = tf.nest.flatten(specification)
        if isinstance(inputs, dict) and all(spec.name in inputs for spec in wanted):
            found = [inputs[spec.name] for spec in wanted]
        else:
            found = tf.nest.flatten(inputs)
    if len(found) != len(wanted):
        raise ValueError(
            f'Layer "{layer}" expects {len(wanted)} input(s), but it received {len(found)} input tensors. Inputs received: '
            f"{inputs}"
        )
    for i, (x, spec) in enumerate(zip(found, wanted, strict=True)):
        if x is None and spec.optional:
            continue
        if not hasattr(x, "shape"):
            raise ValueError(
                f"Inputs to a layer should be tensors. Got '{x}' (of type {type(x)}) as input for layer '{layer}'."
            )
        problem = _problem(spec, x.shape, tf.as_dtype(x.dtype).name)
        if problem is not None:
            name = spec.name or getattr(x, "name", None)
            raise ValueError(f"Input {i} with name '{name}' of layer '{layer}' is incompatible with the layer: {problem}")


def _problem(spec: InputSpec, shape: Any, dtype: str) -> str | None:
    rank = shape.rank if isinstance(shape, TensorShape) else len(shape)
    if rank is None:
        return None
    sizes = shape_tuple(shape)
    if spec.ndim is not None and rank != spec.ndim and not _is_squeezed(spec, sizes):
        return f"expected ndim={spec.ndim}, found ndim={rank}. Full shape received: {sizes}"
    if spec.max_ndim is not None and rank > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={rank}"
    if spec.min_ndim is not None and rank < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={rank}. Full shape received: {sizes}"
    if spec.dtype is not None and dtype != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={dtype}"
    for axis, size in spec.axes.items():
        if size is not None and -rank <= axis < rank and sizes[axis] not in (size, None):
            return f"expected axis {axis} of input shape to have value {size}, but received input with shape {sizes}"
    if spec.shape is not None and rank == len(spec.shape):
        for wanted, size in zip(spec.shape, sizes, strict=True):
            if wanted is not None and size is not None and wanted != size:
                return f"expected shape={spec.shape}, found shape={sizes}"
    return None


def _is_squeezed(spec: InputSpec, sizes: tuple) -> bool:
    if not spec.allow_last_axis_squeeze or spec.ndim is None:
        return False
    return len(sizes) == spec.ndim - 1 or (len(sizes) == spec.ndim + 1 and sizes[-1] == 1)
