"""How a layer is called: what its `call` takes, what a call inside of another one inherits, and what an error tells."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.core.convert import convert
from tapeflow.core.dtypes import DType
from tapeflow.core.symbolic import TraceUnsupported
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["CURRENT", "Call", "Signature", "accepts", "as_input", "explained", "shapes_of", "signature_of"]


class Call:
    """A call of a layer that no other layer's call is around, with what the calls inside of it share."""

    __slots__ = ("training",)

    def __init__(self) -> None:
        self.training: Any = None


CURRENT: ContextVar[Call | None] = ContextVar("tapeflow_keras_call", default=None)


class Signature:
    """The parameters of a `call` method."""

    __slots__ = ("bind", "names", "takes_training", "training_default", "training_place")

    def __init__(self, call: Callable) -> None:
        signature = inspect.signature(call)
        own = list(signature.parameters.values())[1:]  # without self
        self.bind = signature.replace(parameters=own).bind
        self.names = [each.name for each in own if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
        training = signature.parameters.get("training")
        self.takes_training = training is not None or any(each.kind is each.VAR_KEYWORD for each in own)
        self.training_default = None if training is None or training.default is training.empty else training.default
        self.training_place = self.names.index("training") if "training" in self.names else None


@functools.lru_cache(maxsize=1024)
def signature_of(call: Callable) -> Signature:
    """The signature of a function that is the `call` of a class."""
    return Signature(call)


@functools.lru_cache(maxsize=1024)
def accepts(function: Callable) -> tuple[str, ...]:
    """The names of a method's parameters, without `self` and those that catch the rest."""
    own = list(inspect.signature(function).parameters.values())[1:]
    return tuple(each.name for each in own if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD))


# -- inputs ----------------------------------------------------------------------------------------------------


def as_input(value: Any, dtype: DType | None) -> Any:
    """What a layer computes with: arrays and variables as tensors, and floating-point numbers in its dtype; the rest as it is."""
    if isinstance(value, Tensor):
        tensor = value
    elif isinstance(value, np.ndarray | Variable):
        tensor = convert(value, hint=None if dtype is None or getattr(value, "dtype", None) != np.float64 else dtype.numpy)
    elif isinstance(value, list | tuple | dict):
        return tf.nest.map_structure(lambda each: as_input(each, dtype), value)
    else:
        return value
    own = tensor.dtype
    return tf.cast(tensor, dtype) if dtype is not None and own.is_floating and own != dtype else tensor


def shapes_of(value: Any) -> Any:
    """The shapes of the tensors in a structure, as tuples; None where there are none."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        shape = tf.TensorShape(value.shape)
        return None if shape.rank is None else tuple(shape)
    if isinstance(value, dict):
        return {name: shapes_of(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        found = [shapes_of(each) for each in value]
        return tuple(found) if isinstance(value, tuple) else found
    return None


# -- errors ----------------------------------------------------------------------------------------------------


def explained(error: Exception, layer: Any, args: tuple, kwargs: dict) -> None:
    """Says in the message of an error which layer's `call` it comes from, and what that was given; the innermost one says it."""
    if isinstance(error, TraceUnsupported) or getattr(error, "_told_by_layer", False):
        return
    is_op_error = isinstance(error, tf.errors.OpError)
    message = error.message if is_op_error else error.args[0] if len(error.args) == 1 else None  # type: ignore[attr-defined]
    if not isinstance(message, str) or isinstance(error, KeyError):
        return
    name = f"{type(layer).__name__}.call()"
    lines = [f"Exception encountered when calling {name}.", "", f"\x1b[1m{message}\x1b[0m", ""]
    lines += [f"Arguments received by {name}:", *_told_arguments(type(layer).call, args, kwargs)]
    error._told_by_layer = True  # type: ignore[attr-defined]
    if is_op_error:
        error._message = "\n".join(lines)  # type: ignore[attr-defined]
    else:
        error.args = ("\n".join(lines),)


def _told_arguments(call: Callable, args: tuple, kwargs: dict) -> list[str]:
    try:
        bound = signature_of(call).bind(*args, **kwargs)
    except TypeError:
        return []
    bound.apply_defaults()
    told = []
    for name, value in bound.arguments.items():
        catches = bound.signature.parameters[name].kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        told.append(f"  • {name}={inspect.Parameter.empty if catches and not value else _told(value)}")
    return told


def _told(value: Any) -> Any:
    if isinstance(value, Tensor | Variable):
        return f"tf.Tensor(shape={value.shape}, dtype={tf.as_dtype(value.dtype).name})"
    if isinstance(value, list | tuple | dict):
        return tf.nest.map_structure(_told, value)
    return value
