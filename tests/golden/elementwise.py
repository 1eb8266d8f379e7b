"""The names that the calls of elementwise.json are written in, and how their outcomes are kept: for TensorFlow and TapeFlow."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np

RECORD = pathlib.Path(__file__).with_name("elementwise.json")

DTYPES = (
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
    + ["float16", "bfloat16", "float32", "float64", "complex64", "complex128", "string"]
)  # fmt: skip

# Relative: a few units in the last place of each dtype.
PRECISION = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-6, "complex64": 2e-6, "float64": 1e-12, "complex128": 1e-12}


class Foreign:
    """An operand of another library, which has operators of its own."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


for _name in ["add", "radd", "mul", "rmul", "rpow", "rmatmul", "rand", "lt", "gt", "eq", "ne"]:
    setattr(Foreign, f"__{_name}__", lambda self, other, name=_name: f"Foreign.{name}")


class Unknown:
    """An operand that nobody can compute with."""


def names(tf: Any) -> dict[str, Any]:
    """What the calls may name."""

    def one(dtype: str, value: float = 0.5) -> Any:
        """A scalar of any dtype."""
        wanted = tf.as_dtype(dtype)
        if dtype == "string":
            return tf.constant("a")
        if wanted.is_integer or wanted.is_bool:
            return tf.cast(tf.constant(2), wanted)
        return tf.cast(tf.constant(value + (0.1j if wanted.is_complex else 0)), wanted)

    return {
        "tf": tf,
        "np": np,
        "m": tf.math,
        "c": tf.constant,
        "v": tf.Variable,
        "nan": float("nan"),
        "inf": float("inf"),
        "one": one,
        "Foreign": Foreign,
        "Unknown": Unknown,
    }


def outcome(call: str, tf: Any) -> Any:
    """What the call gives, as JSON can hold it."""
    with np.errstate(all="ignore"):
        try:
            return described(eval(call, names(tf)))
        except Exception as error:
            return {"error": type(error).__name__}


def described(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        return {"numpy": array.dtype.name, "shape": list(array.shape), "values": _values(array)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "indices") and hasattr(value, "values"):
        return {"values_at": [described(value.values), described(value.indices), described(value.dense_shape)]}
    array = np.asarray(value.numpy())
    kind = "variable" if hasattr(value, "assign") else "tensor"
    return {kind: value.dtype.name, "shape": list(array.shape), "values": _values(array)}


def _values(array: np.ndarray) -> list:
    flat = array.reshape(-1)
    if array.dtype.kind in "OS":
        return [item.decode() for item in flat]
    if array.dtype.kind == "c":
        return [[repr(float(z.real)), repr(float(z.imag))] for z in flat]
    if array.dtype.kind in "biu":
        return flat.tolist()
    return [repr(float(x)) for x in flat]


def agree(found: Any, expected: Any) -> bool:
    """Whether two outcomes are the same, floating values within a few units in the last place."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(agree, found, expected))
    if not isinstance(found, dict) or not isinstance(expected, dict) or "values" not in expected:
        return found == expected
    kind = next(iter(expected))
    rtol = PRECISION.get(expected[kind])
    if rtol is None:
        return found == expected
    if found.get(kind) != expected[kind] or found["shape"] != expected["shape"]:
        return False
    a, b = (np.array(x["values"], dtype=float) for x in (found, expected))
    return bool(np.allclose(a, b, rtol=rtol, atol=rtol * 1e-3, equal_nan=True))


# What TensorFlow has no kernel for and TapeFlow computes: half precision, mostly.
WIDER = {
    *(f'm.squared_difference(one("{dtype}"), one("{dtype}"))' for dtype in ("int8", "int16")),
    *(
        f'm.{name}(one("{dtype}"), one("{dtype}"))'
        for name in ("nextafter", "polygamma", "zeta")
        for dtype in ("float16", "bfloat16")
    ),
}


def allowed(call: str, found: Any, expected: Any) -> bool:
    """Whether an outcome is TensorFlow's, or a value or another refusal where TensorFlow's build merely lacks a kernel."""
    if agree(found, expected):
        return True
    refused = "error" in found
    if expected == {"error": "NotFoundError"}:  # "Could not find device for node"
        return not refused or found["error"] == "InvalidArgumentError"
    return call in WIDER and not refused


def calls(family: str) -> list[tuple[str, Any]]:
    """The recorded calls of one family of operations, each with its outcome."""
    return list(json.loads(RECORD.read_text())[family].items())


def disagreements(family: str, tf: Any) -> list[str]:
    """The recorded calls of a family to which `tf` answers otherwise, with both answers; empty is what is wanted."""
    found = []
    for call, expected in calls(family):
        answer = outcome(call, tf)
        if not allowed(call, answer, expected):
            found.append(f"{call} gives {answer} where TensorFlow gives {expected}")
    return found
