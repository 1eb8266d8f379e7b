"""The base of all metrics: variables that updates add to, and a result computed from them."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.backend import floatx
from tapeflow.keras.optimizers.state import VariableList, state_variable

__all__ = ["Metric"]


class Metric:
    """The base class of metrics.

    Args:
        dtype: the dtype of the variables; float32 by default.
        name: the name.

    Subclasses make their variables, add to them in `update_state`, and compute `result`:

    >>> import tapeflow as tf
    >>> class Largest(tf.keras.metrics.Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name=name)
    ...         self.largest = self.add_weight(name="largest", initializer="zeros")
    ...     def update_state(self, values):
    ...         self.largest.assign(tf.maximum(self.largest, tf.reduce_max(values)))
    ...     def result(self):
    ...         return self.largest.value()
    >>> metric = Largest()
    >>> metric.update_state([1.0, 5.0])
    >>> metric([2.0, 3.0]).numpy()
    np.float32(5.0)
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        if isinstance(dtype, str) and name is not None and not _is_dtype(dtype):
            dtype, name = name, dtype  # Keras 2's order: (name, dtype)
        elif isinstance(dtype, str) and not _is_dtype(dtype):
            dtype, name = None, dtype
        self._dtype = tf.as_dtype(dtype or floatx())
        self.name = name or type(self).__name__.lower()
        self._variables: VariableList = VariableList()
        self._initial: list[Any] = []

    @property
    def dtype(self) -> str:
        """The name of the dtype of the variables."""
        return self._dtype.name

    @property
    def variables(self) -> VariableList:
        """The variables; may be called, too."""
        return VariableList(self._variables)

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str = "sum",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable, which `reset_state` sets back to its first value.

        Args:
            shape: its shape.
            initializer: a name or object of `keras.initializers`, or a function of (shape, dtype); "zeros" by default.
            dtype: its dtype; by default the metric's.
            aggregation: accepted; there is one replica.
            layout: must be None.
            name: its name.

        Raises:
            ValueError: the initializer is unknown.
        """
        if layout is not None:
            raise NotImplementedError("add_variable does not support `layout`")
        if isinstance(shape, str):
            shape, name = (), shape  # Keras 2's order: (name, …)
        from tapeflow.keras.optimizers.slots import initialized

        kind = tf.as_dtype(dtype or self._dtype)
        first = initialized(initializer or "zeros", tuple(TensorShape(shape).as_list()), kind)  # type: ignore[arg-type]
        variable = state_variable(first, f"{self.name}/{name or 'variable'}")
        self._variables.append(variable)
        self._initial.append(first)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None, **options: Any
    ) -> Variable:
        """The same as `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name, **options)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Takes a batch into account."""
        raise NotImplementedError(f"{type(self).__name__} must override `update_state`")

    def result(self) -> Any:
        """The value of the metric over all batches so far."""
        raise NotImplementedError(f"{type(self).__name__} must override `result`")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a batch into account and gives the result."""
        self.update_state(*args, **kwargs)
        return self.result()

    def reset_state(self) -> None:
        """Forgets all batches."""
        for variable, first in zip(self._variables, self._initial, strict=True):
            variable.assign(first)

    def reset_states(self) -> None:
        """Keras 2's name of `reset_state`."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The metric that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _is_dtype(name: str) -> bool:
    try:
        tf.as_dtype(name)
    except TypeError:
        return False
    return True


def weighted(values: TensorLike, sample_weight: TensorLike | None, dtype: Any, mean: bool) -> tuple[Tensor, Tensor]:
    """Weighted values, one for each sample (others are reduced to their mean, or their sum), and weights of the same total.

    Raises:
        ValueError: there are more dimensions of weights than of values.
        InvalidArgumentError: the shapes do not fit.
    """
    reduce = tf.reduce_mean if mean else tf.reduce_sum
    found = tf.cast(values, dtype)
    if sample_weight is None:
        inner = list(range(1, found.ndim))
        count = found.shape[0] if found.ndim else 1
        return reduce(found, inner) if inner else found, tf.cast(tf.shape(found)[0] if count is None else count, dtype)
    weight = tf.cast(sample_weight, dtype)
    if weight.ndim and weight.ndim == found.ndim + 1 and weight.shape[-1] == 1:
        weight = tf.squeeze(weight, -1)
    if weight.ndim > found.ndim:
        raise ValueError(f"sample_weight of shape {weight.shape} has more dimensions than the values of shape {found.shape}")
    if weight.ndim < found.ndim:
        found = reduce(found, list(range(weight.ndim, found.ndim)))
    weight = tf.broadcast_to(weight, found.shape)
    found = found * weight
    inner = list(range(1, found.ndim))
    return (reduce(found, inner), reduce(weight, inner)) if inner else (found, weight)
