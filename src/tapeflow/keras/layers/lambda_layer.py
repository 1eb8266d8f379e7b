"""`Lambda`: a function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tapeflow.keras.layers.layer import Layer

__all__ = ["Lambda"]


class Lambda(Layer):
    """A function of the inputs.

    Args:
        function: `function(inputs, **arguments)`; it is given `mask` and `training` too, if it takes them.
        output_shape: the shape of a sample of the outputs, or a function that gives it of the inputs' shape; found out by default.
        mask: the mask of the outputs, or a function `mask(inputs, mask)` that gives it.
        arguments: further arguments.
        **kwargs: those of `Layer`.

    Raises:
        TypeError: the function cannot be called.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Lambda(lambda x: x * 2.0)(tf.constant([1.0])).numpy()
    array([2.], dtype=float32)
    """

    _builds_nothing = True

    def __init__(
        self,
        function: Callable,
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if not callable(function):
            raise TypeError(f"unsupported callable: Lambda needs a function, got {function!r}")
        super().__init__(**kwargs)
        self.arguments = arguments or {}
        self.function = function
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape
        try:
            names = set(inspect.signature(function).parameters)
        except (TypeError, ValueError):  # one of Python's own
            names = set()
        self._takes = [name for name in ("mask", "training") if name in names]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """What the function gives.

        Args:
            inputs: its first argument.
            mask, training: given to it if it takes them.
        """
        given = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: given[name] for name in self._takes})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # type: ignore[override]
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:  # type: ignore[override]
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        return (input_shape[0], *self._output_shape)

    def get_config(self) -> dict[str, Any]:
        """Raises NotImplementedError: a function is no plain value."""
        raise NotImplementedError(f"Layer '{self.name}' is a Lambda: its function cannot be written into a config")
