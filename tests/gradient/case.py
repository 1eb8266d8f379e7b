"""The table that proves the gradients: what a case is, where the cases are, and what TensorFlow answered to them.

A family of operations has a file in `tests/gradient/cases/` with a list `CASES`. This module and those files import NumPy
only, so that the same table runs under TapeFlow and, by `tests/golden/record_gradients.py`, under TensorFlow.

With f a case's function and x its inputs, three things are compared, where w and u are fixed weights:

    forward        f(x)
    first order    g = d/dx Σ w·f(x)
    second order   h = d/dx Σ u·g(x)

For complex values the products are of real parts and of imaginary parts: the weight wr + i·wi is then the cotangent, since
TensorFlow's gradient of a real function L of z is dL/dRe z + i·dL/dIm z.
"""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CASES = Path(__file__).parent / "cases"
GOLDEN = Path(__file__).parent.parent / "golden" / "gradients"


class Case:
    """One call whose gradients are checked.

    Args:
        name: unique in its family.
        function: `function(tf, *inputs)` gives a tensor (float64 or complex128) or a tuple of tensors.
        *inputs: arrays; those of floating and complex dtypes are differentiated, the others handed over as they are.
        numeric: whether central differences may judge; False where the derivative is a convention (0, ties, infinities).
        first: False where TensorFlow has no gradient: the forward value only is compared with it.
        second: False where TensorFlow's gradient has none: the second order is then judged by central differences only.
        recorded: False where the value depends on random numbers that TensorFlow draws otherwise. The function must draw the
            same numbers in every call.
        elsewhere: the test that judges the gradient where neither a record nor central differences can.
        rtol: the relative tolerance towards TensorFlow's values.
        single: False where float32 cannot hold the inputs or the result, or the function itself names float64.
        single_rtol: the relative tolerance between float32 and float64.
    """

    def __init__(
        self,
        name: str,
        function: Callable,
        *inputs: Any,
        numeric: bool = True,
        first: bool = True,
        second: bool = True,
        recorded: bool = True,
        elsewhere: str = "",
        rtol: float = 1e-9,
        single: bool = True,
        single_rtol: float = 2e-3,
    ) -> None:
        self.name, self.function = name, function
        self.inputs = tuple(np.asarray(x) for x in inputs)
        if not (recorded or numeric or elsewhere):
            raise ValueError(f"nothing would judge {name}")
        self.numeric, self.recorded = numeric, recorded
        self.first, self.second = first and recorded, first and second and recorded
        self.rtol, self.single, self.single_rtol = rtol, single, single_rtol
        _draws.clear()

    def __repr__(self) -> str:
        return f"Case({self.name!r})"

    @property
    def fingerprint(self) -> int:
        """A number that changes with the inputs, so that a record of other inputs is noticed."""
        text = repr([(x.shape, x.dtype.str) for x in self.inputs]).encode()
        return zlib.crc32(b"".join([text, *(x.tobytes() for x in self.inputs)]))


_draws: list[None] = []  # one entry for each array since the last case: two arrays of one shape in a case differ


def array(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> np.ndarray:
    """A float64 array with values between `low` and `high`, the same in every run."""
    _draws.append(None)
    return np.random.default_rng([seed, len(_draws), *shape]).uniform(low, high, shape)


def differentiable(dtype: Any) -> bool:
    """Whether values of this NumPy dtype have gradients."""
    return np.dtype(dtype).kind in "fc"


def weights(value: np.ndarray, phase: float) -> np.ndarray:
    """The fixed cotangent of an array: of its shape and dtype, nowhere zero, nowhere repeated."""
    index = np.arange(value.size, dtype=np.float64).reshape(value.shape)
    wave = 1.0 + 0.5 * np.sin(1.7 * index + phase)
    if value.dtype.kind == "c":
        wave = wave + 1j * (0.7 + 0.4 * np.cos(1.3 * index + phase))
    return wave.astype(value.dtype)


def families() -> list[str]:
    """The names of all families that have cases."""
    return sorted(path.stem for path in CASES.glob("*.py") if path.stem != "__init__")


def cases_of(family: str) -> list[Case]:
    """The cases of one family, in order."""
    _draws.clear()
    cases: list[Case] = importlib.import_module(f"tests.gradient.cases.{family}").CASES
    names = [case.name for case in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{family}.py has several cases with these names: {twice}")
    return cases


# -- records ---------------------------------------------------------------------------------------


def save(family: str, records: dict[str, dict[str, Any]]) -> Path:
    """Writes what TensorFlow answered: one vector of all values, and a table of what lies where in it.

    A record is {"fingerprint": int, "forward": [array…], "first": [array or None…], "second": [array or None…]}.
    """
    values: list[np.ndarray] = []
    table: dict[str, dict[str, Any]] = {}
    for name, record in records.items():
        table[name] = {"fingerprint": record["fingerprint"]}
        for order in ("forward", "first", "second"):
            table[name][order] = [None if x is None else [x.dtype.str, list(x.shape)] for x in record[order]]
            values += [_as_floats(x) for x in record[order] if x is not None]
    GOLDEN.mkdir(parents=True, exist_ok=True)
    path = GOLDEN / f"{family}.npz"
    flat = np.concatenate([*values, np.zeros(0)])
    np.savez_compressed(path, table=np.frombuffer(json.dumps(table).encode(), np.uint8), values=flat)
    return path


def load(family: str) -> dict[str, dict[str, Any]]:
    """What `save` wrote; nothing if the family was never recorded."""
    path = GOLDEN / f"{family}.npz"
    if not path.exists():
        return {}
    with np.load(path) as file:
        table, values = json.loads(file["table"].tobytes()), file["values"]
    records: dict[str, dict[str, Any]] = {}
    start = 0
    for name, entry in table.items():
        record = records[name] = {"fingerprint": entry["fingerprint"]}
        for order in ("forward", "first", "second"):
            record[order] = []
            for described in entry[order]:
                if described is None:
                    record[order].append(None)
                    continue
                dtype, shape = np.dtype(described[0]), tuple(described[1])
                stop = start + int(np.prod(shape)) * (2 if dtype.kind == "c" else 1)
                part = values[start:stop]
                record[order].append((part.view(complex) if dtype.kind == "c" else part).astype(dtype).reshape(shape))
                start = stop
    return records


def _as_floats(x: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(x).reshape(-1)
    return flat.astype(complex).view(np.float64) if flat.dtype.kind == "c" else flat.astype(np.float64)
