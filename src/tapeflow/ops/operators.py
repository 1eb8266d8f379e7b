"""Python's operators on tensors and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.convert import as_tensor, convert, convert_operands
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.operand import Operand
from tapeflow.core.symbolic import tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops import arithmetic, bitwise, comparison, division, logic, magnitude, matrix_products, powers

# -- which operation an operator is -------------------------------------------------------------------------


def _power(x: Any, y: Any) -> Tensor:
    if type(y) is int and y == 2:  # squares are in every loss; the operation and its rule take half the time of a power's
        base = x if type(x) is Tensor else as_tensor(x)
        if base is not None and base._value.dtype.kind in "fc":
            return arithmetic.square(base)
    return powers.pow(x, y)


def _logical(of_bools: Callable, of_others: Callable) -> Callable:
    """`of_bools` if the operands are bools, else `of_others`."""

    def operate(x: Any, y: Any) -> Tensor:
        x, y = convert_operands(x, y)
        return (of_bools if x._value.dtype.kind == "b" else of_others)(x, y)

    return operate


BINARY: dict[str, Callable] = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": division.realdiv,
    "floordiv": division.floordiv,
    "mod": division.floormod,
    "pow": _power,
    "matmul": matrix_products.matmul,
    "and": _logical(logic.logical_and, bitwise.bitwise_and),
    "or": _logical(logic.logical_or, bitwise.bitwise_or),
    "xor": _logical(logic.logical_xor, bitwise.bitwise_xor),
}
# What to do instead where an operation refuses the dtypes; tried last, so that it costs the others nothing.
OTHERWISE = {
    "mul": _logical(logic.logical_and, arithmetic.multiply),  # bools multiply as they do in Python
    "truediv": division.truediv,  # integers
}
COMPARISONS = {
    "lt": comparison.less,
    "le": comparison.less_equal,
    "gt": comparison.greater,
    "ge": comparison.greater_equal,
}

# -- operands of other classes --------------------------------------------------------------------------------


def _is_foreign(value: Any, method: str) -> bool:
    """Whether `value` is no tensor, nor anything that means one, but an object that defines the reflected operator."""
    kind = type(value)
    return kind.__module__ not in ("builtins", "numpy") and hasattr(kind, method) and as_tensor(value) is None


def _operator(operation: Callable, name: str) -> tuple[Callable, Callable]:
    """The methods `__name__` and `__rname__` that do `operation`."""
    reflection, otherwise = f"__r{name}__", OTHERWISE.get(name)

    def operate(self: Any, other: Any) -> Any:
        try:
            return operation(self, other)
        except (TypeError, ValueError):
            if _is_foreign(other, reflection):
                return NotImplemented
            if otherwise is None or tracing() is None:
                raise
        except InvalidArgumentError:
            if otherwise is None:
                raise
        return otherwise(self, other)

    def reflected(self: Any, other: Any) -> Any:
        try:
            return operation(other, self)
        except (InvalidArgumentError, TypeError) as error:
            if as_tensor(other) is None:
                convert_operands(other, self)  # a value that does not fit the tensor's dtype is refused as such
            if otherwise is None or (isinstance(error, TypeError) and tracing() is None):
                raise
        return otherwise(other, self)

    return operate, reflected


# -- equality -----------------------------------------------------------------------------------------------------


def _equality(operation: Callable, unequal: bool) -> Callable:
    """`==` or `!=`: elementwise; nothing is equal to None, nor to a tensor that it cannot be compared with by shape."""

    def compare(self: Any, other: Any) -> Any:
        if other is None:
            return unequal
        x: Any = as_tensor(self)
        y = other if type(other) is Tensor else convert(other, hint=x._value.dtype)
        if x._value.shape != y._value.shape:
            try:
                np.broadcast_shapes(x._value.shape, y._value.shape)
            except ValueError:
                return Tensor(np.bool_(unequal))
        return operation(x, y)

    return compare


# -- what a variable refuses -----------------------------------------------------------------------------------------


def _in_place(sign: str, instead: str) -> Callable:
    def refuse(self: Any, other: Any) -> Any:
        raise RuntimeError(
            f"`variable {sign}= value` with `tf.Variable`s is not supported. Use `{instead}` to modify the variable, or "
            f"`out = variable {sign} value` if you need to get a new output Tensor."
        )

    return refuse


# Not `//=`, `%=` and the others: they make a tensor of the name, in TensorFlow too.
IN_PLACE = {
    "iadd": _in_place("+", "variable.assign_add(value)"),
    "isub": _in_place("-", "variable.assign_sub(value)"),
    "imul": _in_place("*", "variable.assign(variable * value)"),
    "itruediv": _in_place("/", "variable.assign(variable / value)"),
    "ipow": _in_place("**", "variable.assign(variable ** value)"),
}

# -- the operators ------------------------------------------------------------------------------------------------------


def _invert(self: Any) -> Tensor:
    x = as_tensor(self)
    return (logic.logical_not if x._value.dtype.kind == "b" else bitwise.invert)(x)  # type: ignore[union-attr]


def _method(cls: type, name: str, function: Callable) -> None:
    function.__name__ = name
    setattr(cls, name, function)


for _name, _operation in BINARY.items():
    _operate, _reflected = _operator(_operation, _name)
    _method(Operand, f"__{_name}__", _operate)
    _method(Operand, f"__r{_name}__", _reflected)
for _name, _operation in COMPARISONS.items():
    setattr(Operand, f"__{_name}__", _operation)
for _name, _function in IN_PLACE.items():
    _method(Variable, f"__{_name}__", _function)
_method(Operand, "__eq__", _equality(comparison.equal, unequal=False))
_method(Operand, "__ne__", _equality(comparison.not_equal, unequal=True))
_method(Operand, "__invert__", _invert)
Operand.__neg__ = arithmetic.negative  # type: ignore[method-assign]
Operand.__abs__ = magnitude.abs  # type: ignore[method-assign]
