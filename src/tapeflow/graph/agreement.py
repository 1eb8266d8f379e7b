"""What the branches of a choice, and the iterations of a loop, must have in common; and the errors that say what they lack.

A branch or a body leaves a value in each of its variables. Values may be structures; what is compared, and what becomes part
of the graph, is their leaves. Every error names the variable as the user wrote it.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.dimension import may_be_equal
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import SymbolicTensor, fail, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.growing_lists import GrowingList
from tapeflow.ops.tensor_array import TensorArray

__all__ = [
    *("agree_on_branches", "check_condition", "check_iteration", "check_loop_variables", "is_returned", "is_undefined"),
    *("free_axes", "leaf", "leaves_of", "zeros_like_leaf"),
]

CONSTANTS = (bool, int, float, complex, str, bytes, np.ndarray, np.generic)


def is_undefined(value: Any) -> bool:
    """Whether a variable has no value yet: AutoGraph's mark stands in it."""
    return type(value).__name__ in ("Undefined", "UndefinedReturnValue")


def is_returned(value: Any) -> bool:
    """Whether it is AutoGraph's mark for what a function returns, as long as it has not returned."""
    return type(value).__name__ == "UndefinedReturnValue"


def leaves_of(value: Any) -> list:
    """The leaves of a variable's value; one that has none yet, is itself a leaf."""
    return [value] if is_undefined(value) else nest.flatten(value, expand_composites=True)


def leaf(name: str, value: Any) -> Any:
    """A leaf that differs between branches or iterations, as a tensor.

    Raises:
        TypeError: it is no value that a tensor can have.
    """
    if isinstance(value, (Tensor, Variable, *CONSTANTS)):
        return convert(value)
    if type(value).__module__.startswith("tapeflow."):
        fail(f"a {type(value).__name__} that changes inside a choice or a loop")
    raise_(
        TypeError,
        f"{name} is a {type(value).__name__} that depends on a tensor inside of tf.function; only tensors, numbers, strings and "
        "structures of them can. Compute it outside of the `if` or the loop, or make it a tensor.",
    )


def agree_on_branches(names: tuple[str, ...], ends: tuple, sides: tuple[list, list]) -> list:
    """Makes the leaves that two branches end with alike in number and dtype.

    Args:
        names: of the variables, as the user wrote them.
        ends: the values that the variables have at the end of each branch, and how many leaves each value had then.
        sides: the leaves of all of them, in turn; changed in place.

    Returns:
        The structures to pack results into; None for a value that is one leaf, whatever it is.

    Raises:
        ValueError: a variable has a value in one branch only.
        TypeError: its structure or dtype differs.
    """
    agreed: tuple[list, list] = ([], [])
    patterns: list = []
    rests = tuple(map(iter, sides))
    (ones, ones_leaves), (others, others_leaves) = ends
    for name, a, b, *counts in zip(names, ones, others, ones_leaves, others_leaves, strict=True):
        mine = [[next(rest) for _ in range(count)] for rest, count in zip(rests, counts, strict=True)]
        if (a is None and is_returned(b)) or (b is None and is_returned(a)):  # a `return` of nothing
            a = b = None
            mine = [[None], [None]]
        if a is b or (is_undefined(a) and is_undefined(b)):
            patterns.append(None)
            for side, leaves in zip(agreed, mine, strict=True):
                side.append(leaves[0] if isinstance(a, Tensor) else a)
            continue
        name = _shown(name)
        _check_defined(name, a, b, "main")
        _check_defined(name, b, a, "else")
        if is_returned(a):
            a, mine[0] = b, mine[0] * len(mine[1])
        elif is_returned(b):
            mine[1] = mine[1] * len(mine[0])
        else:
            try:
                nest.assert_same_structure(a, b, expand_composites=True)
            except (TypeError, ValueError) as error:
                if GrowingList in (type(a), type(b)):
                    fail("a list that grows in a loop in one branch only")
                raise_(TypeError, f"{name} must have the same nested structure in the main and else branches: {error}")
        patterns.append(a)
        for one, two in zip(*mine, strict=True):
            for side, x in zip(agreed, _alike(name, one, two), strict=True):
                side.append(x)
    sides[0][:], sides[1][:] = agreed
    return patterns


def _check_defined(name: str, value: Any, other: Any, side: str) -> None:
    if type(value).__name__ == "Undefined":
        raise_(ValueError, f"{name} must also be initialized in the {side} branch: after the `if` it may have no value")
    if value is None and other is not None:
        raise_(ValueError, f"{name} is None at the end of the {side} branch, and has a value at the end of the other")


def _alike(name: str, one: Any, two: Any) -> tuple:
    """Two leaves as tensors of one dtype, where they are not the same Python value."""
    if one is two or is_undefined(one) or is_undefined(two):
        return one, two
    if type(one) is type(two) and isinstance(one, CONSTANTS[:6]) and one == two:
        return one, two
    one, two = leaf(name, one), leaf(name, two)
    if one._value.dtype != two._value.dtype:
        raise_(
            TypeError,
            f"{name} has dtype {one.dtype.name} in the main branch, but dtype {two.dtype.name} in the else branch; "
            "tf.cast one of them",
        )
    return one, two


def zeros_like_leaf(value: Any) -> Any:
    """Zeros of a leaf's shape and dtype; a leaf that is no tensor stays."""
    if not isinstance(value, (Tensor, Variable, *CONSTANTS)):
        return value
    tensor = convert(value)
    shape = tensor._value.shape
    if not all(type(size) is int for size in shape):
        fail("a value that is first made inside of a loop or returned from it, and whose shape is unknown")
    if tensor._value.dtype.kind == "O":
        return Tensor(np.full(shape, b"", object))
    return Tensor(np.zeros(shape, tensor._value.dtype)[()])


def check_iteration(name: str, before: Any, after: Any, invariant: bool, told: list | None = None) -> list:
    """The leaves of a loop variable after an iteration, alike to those before it.

    Args:
        name: of the variable.
        before, after: its values.
        invariant: whether its shape may change without the user's saying so.
        told: the shapes that the user said its leaves may have.

    Raises:
        TypeError: its structure or a dtype changes.
        ValueError: a shape changes.
    """
    if after is before:
        return leaves_of(after)
    name = _shown(name)
    if after is None or is_undefined(after):
        raise_(ValueError, f"{name} has no value at the end of an iteration, and had one before the loop")
    try:
        nest.assert_same_structure(before, after, expand_composites=True)
    except (TypeError, ValueError) as error:
        raise_(TypeError, f"{name} does not have the same structure after one iteration: {error}")
    leaves = []
    for i, (old, new) in enumerate(zip(leaves_of(before), leaves_of(after), strict=True)):
        if isinstance(old, TensorArray) and isinstance(new, TensorArray):
            leaves.append(new)
            continue
        if new is not old:
            new = leaf(name, new)
            if not isinstance(old, (Tensor, Variable, *CONSTANTS)):
                fail("the body of a loop changes a Python value")
            old = convert(old)
            if old._value.dtype != new._value.dtype:
                raise_(
                    TypeError,
                    f"{name} has dtype {old.dtype.name} before the loop, but dtype {new.dtype.name} after one iteration; "
                    "tf.cast it, or start with the other dtype",
                )
            if told is not None:
                if not told[i].is_compatible_with(new.shape):
                    raise_(
                        ValueError,
                        f"{name} has shape {new.shape} after one iteration, which does not conform with the shape invariant "
                        f"{told[i]}.",
                    )
            elif not may_be_equal(old._value.shape, new._value.shape):
                if invariant:
                    fail("a loop variable whose shape changes")
                raise_(
                    ValueError,
                    f"{name} has shape {old.shape} before the loop, but shape {new.shape} after one iteration. Loop variables "
                    "keep their shape, unless tf.autograph.experimental.set_loop_options says otherwise.",
                )
        leaves.append(new)
    return leaves


def free_axes(leaves: list, invariants: list | None) -> list[tuple[int, ...]]:
    """For each leaf of a state the axes whose sizes may change, as the user's shapes say."""
    if invariants is None or len(invariants) != len(leaves):
        return [()] * len(leaves)
    found: list[tuple[int, ...]] = []
    for leaf, told in zip(leaves, invariants, strict=True):
        shape = TensorShape(getattr(told, "shape", told))
        if not isinstance(leaf, Tensor | Variable | np.ndarray):
            found.append(())
        elif shape.rank is None:
            fail("a loop variable whose rank changes")
        else:
            found.append(tuple([axis for axis, size in enumerate(shape) if size is None]))
    return found


def check_loop_variables(initial: list, after: list, invariants: list | None) -> None:
    """Makes sure that the variables of a `tf.while_loop` keep their dtypes and shapes.

    Args:
        initial: what they start with.
        after: what they are after an iteration.
        invariants: the shapes that they may have, if the user says so.

    Raises:
        TypeError: a dtype changes.
        ValueError: a shape does.
    """
    shapes: list = [None] * len(initial)
    if invariants is not None and len(invariants) == len(initial):
        shapes = [invariants[i].shape if hasattr(invariants[i], "shape") else invariants[i] for i in range(len(initial))]
    for i, (old, new, told) in enumerate(zip(initial, after, shapes, strict=False)):
        if not isinstance(old, Tensor) or not isinstance(new, (Tensor, *CONSTANTS)):
            continue
        new = convert(new, hint=old._value.dtype)
        name = f"`{old.name}`" if type(old) is SymbolicTensor else f"number {i}"
        if new._value.dtype != old._value.dtype:
            raise_(
                TypeError,
                f"the loop variable {name} enters the loop with type {old.dtype!r} but has type {new.dtype!r} after 1 iteration. "
                "Its type should remain constant: tf.cast it",
            )
        told = TensorShape(told) if told is not None else None
        shape = old.shape if told is None else told
        if told is not None and told.is_compatible_with(new.shape):
            continue
        if not may_be_equal(old._value.shape, new._value.shape):
            raise_(
                ValueError,
                f"the loop variable {name} enters the loop with shape {shape}, but has shape {new.shape} after one iteration. To "
                "allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a "
                "less-specific shape.",
            )


def _shown(name: str) -> str:
    return "the returned value" if name == "retval_" else f"'{name}'"


def raise_(kind: type[Exception], message: str) -> NoReturn:
    raise verdict(kind(message))


def check_condition(condition: Any, statement: str) -> None:
    """Makes sure that a symbolic condition is one.

    Raises:
        ValueError: it is no scalar, or no bool.
    """
    if type(condition) is SymbolicTensor and (condition._value.ndim or condition._value.dtype.kind != "b"):
        instead = "reduce it with tf.reduce_all or tf.reduce_any" if condition._value.ndim else "compare it, or use tf.cast"
        raise_(
            ValueError,
            f"the condition of {statement} must be a tf.bool scalar, got {condition}; {instead}. To test for None: `is not None`.",
        )
