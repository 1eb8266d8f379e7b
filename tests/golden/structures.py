"""The names that the cases of structures.json are written in, and how outcomes are kept: for TensorFlow and TapeFlow."""

import collections
import copy
import json
import pathlib
import pickle
import types
import typing
from collections.abc import Mapping

import numpy as np

Point = collections.namedtuple("Point", "y x")
OtherPoint = collections.namedtuple("Point", "y x")
Named = collections.namedtuple("Named", "y x")


class SubPoint(Point):
    pass


class Typed(typing.NamedTuple):
    a: int
    b: int = 3


class SubList(list):
    pass


class SubTuple(tuple):
    pass


class SubDict(dict):
    pass


class Own(Mapping):
    """A mapping that is no dict."""

    def __init__(self, items):
        self.items_by_key = dict(items)

    def __getitem__(self, key):
        return self.items_by_key[key]

    def __iter__(self):
        return iter(self.items_by_key)

    def __len__(self):
        return len(self.items_by_key)

    def __repr__(self):
        return f"Own({self.items_by_key})"


NAMES = {
    "np": np,
    "copy": copy,
    "pickle": pickle,
    "OrderedDict": collections.OrderedDict,
    "deque": collections.deque,
    "dd": collections.defaultdict(int, {"b": 1, "a": 2}),
    "proxy": types.MappingProxyType({"b": 1, "a": 2}),
    "inc": lambda x: x + 1,
    "add": lambda x, y: x + y,
    "pair": lambda x, y: (x, y),
    "triple": lambda x, y, z: (x, y, z),
    "fail": lambda x: x / 0,
    "ordered": lambda x: (type(x).__name__, list(x.items())),
    "Point": Point,
    "OtherPoint": OtherPoint,
    "Named": Named,
    "SubPoint": SubPoint,
    "Typed": Typed,
    "SubList": SubList,
    "SubTuple": SubTuple,
    "SubDict": SubDict,
    "Own": Own,
}


def outcome(function):
    """The `repr` of what a call gives, or the name of what it raises."""
    try:
        return {"gives": repr(function())}
    except Exception as error:
        return {"raises": type(error).__name__}


def recorded(section):
    """A section of structures.json."""
    return json.loads((pathlib.Path(__file__).parent / "structures.json").read_text(encoding="utf-8"))[section]
