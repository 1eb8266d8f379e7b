"""Machine code as builtin functions of Python's: a call costs a tenth of one through ctypes, and packs nothing.

A builtin function is a C function `PyObject *entry(PyObject *self, PyObject *const *arguments, Py_ssize_t n)`. What we compile has
that form (see nests.py): it finds the addresses of the elements in the arrays' own objects. It holds Python's lock and must
be called with arrays only.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.graph.native import addresses

__all__ = ["HAS_BUILTINS", "builtin"]

HAS_BUILTINS = (
    sys.implementation.name == "cpython"
    and addresses.address is addresses._from_the_object
    and object.__basicsize__ == 16  # a count of references and a type: no debugging build, none without Python's lock
)
"""Whether objects here are laid out as the machine code expects them; else it is called through ctypes."""

FASTCALL = 0x0080  # METH_FASTCALL: the arguments come as an array


class _Definition(ctypes.Structure):
    """PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_definitions: dict[int, _Definition] = {}  # Python keeps only the address of a definition


def builtin(function: int, self: np.ndarray) -> Callable[..., Any]:
    """The C function at this address as a function of Python's, which is given `self` at every call."""
    definition = _definitions.get(function)
    if definition is None:
        definition = _definitions.setdefault(function, _Definition(b"kernel", function, FASTCALL, None))
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    return make(ctypes.addressof(definition), self, None)
