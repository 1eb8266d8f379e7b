"""How far elements of different shapes are filled up to be one batch, and with what."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.shapes import TensorShape, TensorSpec

__all__ = ["fillers_of", "padded_shapes_of"]


def padded_shapes_of(spec: Any, given: Any) -> list[list[int | None]]:
    """The shapes that elements get, None standing for the longest of a batch.

    Args:
        spec: what the elements are.
        given: None, or shapes in the structure of the elements.

    Raises:
        ValueError: a rank is not known, or it differs, or a size is smaller than elements have.
    """
    specs = nest.flatten(spec)
    shapes = [s.shape for s in specs] if given is None else [TensorShape(_shape(g)) for g in _in_order(spec, given)]
    for shape, one in zip(shapes, specs, strict=True):
        if shape.rank is None:
            raise ValueError("You must provide `padded_shapes` argument because component 0 has unknown rank.")
        if one.shape.rank is not None and one.shape.rank != shape.rank:
            raise ValueError(
                f"The padded shape {shape} is not compatible with the shape {one.shape} of the corresponding input component."
            )
    return [shape.as_list() for shape in shapes]


def _shape(given: Any) -> Any:
    if isinstance(given, TensorShape) or given is None:
        return given
    return [None if n is None or int(n) == -1 else int(n) for n in given]


def _in_order(spec: Any, given: Any) -> list:
    """The shapes at the leaves of a spec, a shape being a list or a tuple itself."""
    if isinstance(spec, TensorSpec):
        return [given]
    if isinstance(spec, dict):
        return [shape for key in sorted(spec) for shape in _in_order(spec[key], given[key])]
    return [shape for part, inner in zip(spec, given, strict=True) for shape in _in_order(part, inner)]


def fillers_of(spec: Any, given: Any) -> list[Any]:
    """The value for each leaf.

    Raises:
        TypeError: one has another dtype than the elements.
    """
    specs = nest.flatten(spec)
    if given is None or not nest.is_nested(given):
        values = [given] * len(specs)
    else:
        values = nest.flatten(given)
    return [_filler(value, one) for value, one in zip(values, specs, strict=True)]


def _filler(value: Any, spec: TensorSpec) -> Any:
    if value is None:
        return b"" if spec.dtype.name == "string" else np.zeros((), spec.dtype.numpy)[()]
    tensor = convert(value)
    if tensor.dtype != spec.dtype:
        raise TypeError(
            f"Invalid `padding_values`. `padding_values` values type {tensor.dtype!r} does not match type {spec.dtype!r} of the "
            "corresponding input component."
        )
    return tensor._value[()]
