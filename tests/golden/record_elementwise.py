"""Records what TensorFlow answers to calls of elementwise operations: writes elementwise.json beside this.

    TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_elementwise.py

A call is an expression over the names of `elementwise.py`; asked are those of
`elementwise_calls.txt` and those made here. Kept is the value with its dtype and shape, or the exception's type.
"""

from __future__ import annotations

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.elementwise import DTYPES, RECORD, outcome

# Every function with every dtype: what it accepts and what dtype it gives.
UNARY = {
    "arithmetic": "negative square",
    "magnitude": "abs sign",
    "division": "reciprocal_no_nan",
    "powers": "sqrt rsqrt reciprocal",
    "exponential": "exp expm1 log log1p log_sigmoid softplus sigmoid",
    "trigonometric": "sin cos tan asin acos atan",
    "hyperbolic": "sinh cosh asinh acosh atanh tanh",
    "rounding": "floor ceil round rint",
    "comparison": "is_nan is_inf is_finite",
    "logic": "logical_not",
    "complex_numbers": "real",
    "error_functions": "erf erfc erfinv ndtri",
    "gamma_functions": "lgamma digamma",
    "bessel": "bessel_i0 bessel_i0e bessel_i1 bessel_i1e",
}
BINARY = {
    "arithmetic": "add subtract multiply squared_difference",
    "division": "divide truediv divide_no_nan multiply_no_nan xdivy floordiv floormod",
    "powers": "pow",
    "exponential": "xlogy xlog1py",
    "trigonometric": "atan2",
    "rounding": "nextafter",
    "comparison": "equal not_equal less less_equal greater greater_equal",
    "logic": "logical_and logical_or logical_xor",
    "selection": "maximum minimum",
    "gamma_functions": "polygamma zeta igamma igammac",
}
SIGNS = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<", "<=", "==", "!=", ">=", ">"]


def calls_by_family() -> dict[str, list[str]]:
    """The calls of `elementwise_calls.txt`, where a family's name stands in brackets above them."""
    found: dict[str, list[str]] = {}
    for line in pathlib.Path(__file__).with_name("elementwise_calls.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
            found[line[1:-1]] = calls = []
        else:
            calls.append(line)
    return found


CALLS = calls_by_family()


def calls_of(family: str) -> list[str]:
    """The calls written in the file and those with every dtype."""
    calls = list(CALLS.get(family, ()))
    for name in UNARY.get(family, "").split():
        calls += [f'm.{name}(one("{dtype}"))' for dtype in DTYPES]
    for name in BINARY.get(family, "").split():
        calls += [f'm.{name}(one("{dtype}"), one("{dtype}"))' for dtype in DTYPES]
    if family == "operators":
        calls += [f'one("{dtype}") {sign} one("{dtype}")' for sign in SIGNS for dtype in DTYPES]
        calls += [f'{sign}one("{dtype}")' for sign in "-~" for dtype in DTYPES]
    if family == "casting":
        calls += [f'tf.cast(one("{a}", 1.5), "{b}")' for a in DTYPES for b in DTYPES]
    return calls


if __name__ == "__main__":
    record = {family: {call: outcome(call, tf) for call in calls_of(family)} for family in CALLS}
    lines = [
        f"{json.dumps(family)}: {{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(o)}" for k, o in found.items()) + "\n}"
        for family, found in record.items()
    ]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(sum(map(len, record.values())), "calls,", RECORD.stat().st_size, "bytes")
