"""The cases of formatting.json, and the names that their expressions are written in."""

import collections
import json
import pathlib

import numpy as np

from tapeflow import strings
from tapeflow.core.convert import convert
from tapeflow.core.variable import Variable

RECORDED = json.loads((pathlib.Path(__file__).parent / "formatting.json").read_text(encoding="utf-8"))

Point = collections.namedtuple("Point", "y x")

NAMES = {
    "c": lambda value, dtype=None: convert(value, dtype),
    "V": lambda value, dtype=None, name=None: Variable(value, dtype=dtype, name=name),
    "S": strings,
    "np": np,
    "Point": Point,
    "OrderedDict": collections.OrderedDict,
    "defaultdict": collections.defaultdict,
    "deque": collections.deque,
}

UNSIGNED = {"float16": np.uint16, "bfloat16": np.uint16, "float32": np.uint32, "float64": np.uint64}


def scalar(dtype, bits):
    """The tensor of one floating-point number with the given bits."""
    kind = convert(0.0, dtype).numpy().dtype
    return convert(np.array(int(bits, 16), UNSIGNED[dtype]).view(kind)[()])


def outcome(function):
    """What a call gives, or the name of what it raises, as recorded."""
    try:
        return {"gives": function()}
    except Exception as error:
        return {"raises": type(error).__name__}
