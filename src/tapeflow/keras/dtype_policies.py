"""`tf.keras.dtype_policies`: the dtypes that a layer computes with, and keeps its weights in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.backend import floatx
from tapeflow.keras.identifiers import described

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]

_global: dict[str, Any] = {"policy": None}


class DTypePolicy:
    """The dtypes of a layer.

    Args:
        name: the name of a dtype, for both; "mixed_float16" or "mixed_bfloat16" to compute with those and keep weights in float32;
            by default `keras.backend.floatx()`.

    Raises:
        TypeError: the name is no string.
        ValueError: there is no such policy.

    >>> import tapeflow as tf
    >>> policy = tf.keras.DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        name = floatx() if name is None else name
        if not isinstance(name, str):
            raise TypeError(
                f"'name' must be a string, such as 'mixed_float16'. Received: name={name} (of type {type(name)})"
            )
        self._name = name
        if name in ("mixed_float16", "mixed_bfloat16"):
            self._compute_dtype, self._variable_dtype = name.removeprefix("mixed_"), "float32"
            return
        try:
            self._compute_dtype = self._variable_dtype = tf.as_dtype(name).name
        except TypeError:
            raise ValueError(
                f"Cannot convert '{name}' to a mixed precision {type(self).__name__}. Valid policies include 'mixed_float16', "
                "'mixed_bfloat16', and the name of any float dtype such as 'float32'."
            ) from None

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The name of the dtype that is computed with."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The name of the dtype of weights."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        """None: there is no quantization."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input of a layer as a tensor, floating-point numbers in `dtype` if `autocast` says so.

        Args:
            x: a tensor, variable, array or number.
            autocast: whether to cast.
            dtype: the dtype.

        >>> import tapeflow as tf
        >>> tf.keras.DTypePolicy("float32").convert_input(tf.constant(1.0, tf.float64), True, "float32").dtype
        tf.float32
        """
        found = tf.convert_to_tensor(x)
        return tf.cast(found, dtype) if autocast and found.dtype.is_floating else found

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The policy that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, str):
            other = DTypePolicy(other)
        return type(other) is type(self) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


FloatDTypePolicy = DTypePolicy


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none.

    >>> import tapeflow as tf
    >>> tf.keras.config.dtype_policy()
    <DTypePolicy "float32">
    """
    return _global["policy"] or DTypePolicy()


def set_dtype_policy(policy: Any) -> None:
    """Sets the policy of layers that are given none.

    Args:
        policy: a policy or the name of one.

    >>> import tapeflow as tf
    >>> tf.keras.config.set_dtype_policy("mixed_bfloat16")
    >>> tf.keras.layers.Dense(1).compute_dtype
    'bfloat16'
    >>> tf.keras.config.set_dtype_policy("float32")
    """
    found = get(policy)
    _global["policy"] = None if found.name == floatx() else found


def get(identifier: Any) -> Any:
    """The policy that is meant by a name, a dtype, a dict, or a policy, which is returned as it is; None: the global one.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> tf.keras.dtype_policies.get("mixed_float16")
    <DTypePolicy "mixed_float16">
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(str(identifier))
    try:
        return DTypePolicy(tf.as_dtype(identifier).name)
    except TypeError:
        raise ValueError(
            f"Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. Received: dtype={identifier}"
        ) from None


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """A policy as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.dtype_policies.serialize(tf.keras.DTypePolicy("float64"))["config"]
    {'name': 'float64'}
    """
    return described(dtype_policy, "keras")


def deserialize(config: dict[str, Any], custom_objects: dict[str, Callable] | None = None) -> Any:
    """The policy that `serialize` described.

    Raises:
        ValueError: it is none.

    >>> import tapeflow as tf
    >>> tf.keras.dtype_policies.deserialize({"class_name": "DTypePolicy", "config": {"name": "float64"}})
    <DTypePolicy "float64">
    """
    known = {"DTypePolicy": DTypePolicy, "FloatDTypePolicy": DTypePolicy} | dict(custom_objects or {})
    if not isinstance(config, dict) or config.get("class_name") not in known:
        raise ValueError(f"Could not interpret dtype policy identifier: {config}")
    return known[config["class_name"]](**config.get("config", {}))  # type: ignore[operator]


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
