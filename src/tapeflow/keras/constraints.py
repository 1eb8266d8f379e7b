"""`tf.keras.constraints`: what a variable is brought back to after each step of an optimizer.

`tf.Variable(..., constraint=...)` takes one, and `Optimizer.apply_gradients` applies it. They are functions of tensors, so in a
compiled function they are part of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.tensor import Tensor
from tapeflow.keras.identifiers import described, identified, instance_of, named
from tapeflow.ops.arithmetic import multiply, square
from tapeflow.ops.clipping import clip_by_value
from tapeflow.ops.division import divide
from tapeflow.ops.powers import sqrt
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.selection import maximum

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

EPSILON = 1e-7  # added to a norm before it divides


class Constraint:
    """A function of the value of a variable that gives the nearest one allowed. Subclasses say which.

    >>> import tapeflow as tf
    >>> class AtMostOne(tf.keras.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return tf.minimum(w, 1.0)
    >>> x = tf.Variable([0.5, 0.9], constraint=AtMostOne())
    >>> _ = tf.keras.optimizers.SGD(1.0).apply_gradients([(tf.constant([0.25, -0.25]), x)])
    >>> x.numpy()
    array([0.25, 1.  ], dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """The value allowed that `w` becomes; here `w` itself."""
        return convert(w)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another one like this."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """The constraint of these arguments."""
        return cls(**config)


def _norms(w: Tensor, axis: int | Sequence[int] | None) -> Tensor:
    return sqrt(reduce_sum(square(w), axis, keepdims=True))


class MaxNorm(Constraint):
    """Shortens what is longer than `max_value`.

    Args:
        max_value: the greatest norm allowed.
        axis: along which norms are taken; for the weights of a dense layer 0, so that each unit's are held together.

    w ← w · min(‖w‖, max_value) / (‖w‖ + 1e-7).

    >>> import tapeflow as tf
    >>> tf.keras.constraints.MaxNorm(1.0)(tf.constant([[3.0, 0.3], [4.0, 0.4]])).numpy().round(3)
    array([[0.6, 0.3],
           [0.8, 0.4]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: int | Sequence[int] | None = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = convert(w)
        norms = _norms(w, self.axis)
        return multiply(w, divide(clip_by_value(norms, 0, self.max_value), EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Makes negative elements zero.

    >>> import tapeflow as tf
    >>> tf.keras.constraints.NonNeg()([1.0, -1.0]).numpy()
    array([1., 0.], dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        return maximum(convert(w), 0.0)


class UnitNorm(Constraint):
    """Makes all norms 1.

    Args:
        axis: along which norms are taken.

    w ← w / (‖w‖ + 1e-7).

    >>> import tapeflow as tf
    >>> tf.keras.constraints.UnitNorm()([3.0, 4.0]).numpy().round(3)
    array([0.6, 0.8], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] | None = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = convert(w)
        return divide(w, EPSILON + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Brings norms between two values, or on the way there.

    Args:
        min_value: the least norm.
        max_value: the greatest norm.
        rate: how much of the way is gone in each step: 1 is all of it.
        axis: along which norms are taken.

    w ← w · (rate · clip(‖w‖, min_value, max_value) + (1 − rate) · ‖w‖) / (‖w‖ + 1e-7).

    >>> import tapeflow as tf
    >>> tf.keras.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)([3.0, 4.0]).numpy().round(3)
    array([2.1, 2.8], dtype=float32)
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: int | Sequence[int] | None = 0,
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = convert(w)
        norms = _norms(w, self.axis)
        wanted = self.rate * clip_by_value(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return multiply(w, divide(wanted, EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


# Keras's other names
max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

# -- by name, and as plain dicts ----------------------------------------------------------------------

KINDS = (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)
BY_NAME: dict[str, type[Constraint]] = {kind.__name__: kind for kind in KINDS} | {
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
}


def serialize(constraint: Any) -> dict[str, Any]:
    """A constraint as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.constraints.serialize(tf.keras.constraints.MaxNorm(3.0))["config"]
    {'max_value': 3.0, 'axis': 0}
    """
    return described(constraint, "keras.constraints")


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The constraint that `serialize` described, or that is called so.

    Raises:
        ValueError: there is no such constraint.

    >>> import tapeflow as tf
    >>> tf.keras.constraints.deserialize({"class_name": "UnitNorm", "config": {"axis": 1}}).axis
    1
    """
    return instance_of(named("constraint", config, custom_objects, BY_NAME.get), config)


def get(identifier: Any) -> Any:
    """The constraint that is meant by a name, a dict, or a class; a function is returned as it is, and so is None.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> type(tf.keras.constraints.get("non_neg")).__name__
    'NonNeg'
    """
    return identified("constraint", identifier, deserialize, makes=True)


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
