"""Control flow as functions: choices and loops over tensors.

Eagerly these are Python's own `if` and `while`, and the operations inside them are recorded one by one: gradients need
nothing further here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.symbolic import SymbolicTensor, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.comparison import greater_equal, less
from tapeflow.ops.logic import logical_and
from tapeflow.ops.stopping import stop_gradient

__all__ = ["case", "cond", "control_dependencies", "group", "no_op", "switch_case", "tuple", "while_loop"]

_tuple = tuple  # tf.tuple takes the name below


# -- choices -----------------------------------------------------------------------------------


def cond(
    pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None, name: str | None = None
) -> Any:
    """What `true_fn` returns where `pred` is true, and what `false_fn` returns otherwise; the other one is not called.

    Args:
        pred: a scalar tensor or a Python value.
        true_fn: a function of no arguments.
        false_fn: a function of no arguments.

    Raises:
        TypeError: one of the two cannot be called.
        ValueError: `pred` is None.

    >>> import tapeflow as tf
    >>> x = tf.constant(-3.0)
    >>> tf.cond(x > 0, lambda: x, lambda: -x).numpy()
    np.float32(3.0)
    """
    for role, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise TypeError(f"'{role}' must be callable.")
    if pred is None:
        raise ValueError("tf.cond takes a boolean scalar as `pred`, got None")
    if isinstance(pred, Variable):
        pred = convert(pred)
    if isinstance(pred, SymbolicTensor) and (tracer := tracing()) is not None:
        return tracer.choose(pred, true_fn, false_fn)
    chosen: Any = true_fn if pred else false_fn
    return chosen()


def _unpacked(value: Any) -> Any:
    """A list of one element as that element."""
    return value[0] if type(value) in (list, _tuple) and len(value) == 1 else value


def case(
    pred_fn_pairs: Sequence | Mapping,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """What the function beside the first true predicate returns, or `default` if none is true.

    Args:
        pred_fn_pairs: pairs (boolean scalar, function of no arguments), in a list or, with `exclusive`, in a dict.
        default: a function of no arguments.
        exclusive: whether it is an error that more than one predicate is true.
        strict: whether a result that is a list of one element is returned as that list.

    Raises:
        InvalidArgumentError: no predicate is true and there is no default, or `exclusive` is broken.
        TypeError, ValueError: the pairs are not what they should be.

    >>> import tapeflow as tf
    >>> x = tf.constant(7)
    >>> tf.case([(x < 5, lambda: "small"), (x < 10, lambda: "medium")], default=lambda: "large")
    'medium'
    """
    if isinstance(pred_fn_pairs, Mapping):
        if not exclusive:
            raise ValueError(
                "Unordered dictionaries are not supported for the 'pred_fn_pairs' argument when `exclusive=False` and eager "
                "mode is enabled; give a list of pairs."
            )
        pairs = [(key.deref() if hasattr(key, "deref") else key, value) for key, value in pred_fn_pairs.items()]
    elif isinstance(pred_fn_pairs, list | _tuple):
        pairs = list(pred_fn_pairs)
    else:
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict, got {type(pred_fn_pairs).__name__}")
    if not pairs:
        raise ValueError("'pred_fn_pairs' must have at least one pair of a predicate and a function")
    for pair in pairs:
        if not isinstance(pair, _tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple, got {pair!r}")
        if not callable(pair[1]):
            raise TypeError(f"The function of each pair must be callable, got {pair[1]!r}")
    if default is not None and not callable(default):
        raise TypeError("'default' must be callable.")
    pairs = [
        (convert(predicate) if isinstance(predicate, Variable) else predicate, function) for predicate, function in pairs
    ]
    if any(type(predicate) is SymbolicTensor for predicate, _ in pairs):
        return _symbolic_case(pairs, default, exclusive)
    true = [function for predicate, function in pairs if bool(predicate)]
    if exclusive and len(true) > 1:
        raise InvalidArgumentError(
            None, None, f"Input error: {len(true)} conditions of tf.case are true, with exclusive=True"
        )
    chosen = true[0] if true else default
    if chosen is None:
        raise InvalidArgumentError(
            None, None, "Input error: None of conditions evaluated as True, and tf.case was given no default"
        )
    result = chosen()
    return result if strict else _unpacked(result)


def _symbolic_case(pairs: list, default: Callable | None, exclusive: bool) -> Any:
    """`case` in a graph: one choice in another. As in TensorFlow's graphs a list of one element stays a list."""
    predicates = [convert(predicate) for predicate, _ in pairs]
    if exclusive or default is None:
        tracing().effect(partial(_check_case, exclusive, default is None), _tuple(predicates))
    *others, last = pairs if default is None else [*pairs, (None, default)]
    result = last[1]
    for predicate, function in reversed(others):
        result = partial(cond, predicate, function, result)
    return result()


def _check_case(exclusive: bool, must: bool, *predicates: Tensor) -> None:
    count = sum(bool(predicate) for predicate in predicates)
    if exclusive and count > 1:
        raise InvalidArgumentError(None, None, f"Input error: {count} conditions of tf.case are true, with exclusive=True")
    if must and not count:
        raise InvalidArgumentError(
            None, None, "Input error: None of conditions evaluated as True, and tf.case was given no default"
        )


def switch_case(
    branch_index: TensorLike,
    branch_fns: Sequence | Mapping,
    default: Callable[[], Any] | None = None,
    name: str = "switch_case",
) -> Any:
    """What the branch with the number `branch_index` returns.

    Args:
        branch_index: an int32 scalar tensor.
        branch_fns: functions of no arguments: a list of them, of pairs (number, function), or a dict.
        default: what is called for a number without a branch; by default the branch with the largest number.

    Raises:
        TypeError: the index is not a tensor of integers, or a branch cannot be called.
        ValueError: the numbers are not 0, 1, 2, … .

    >>> import tapeflow as tf
    >>> tf.switch_case(tf.constant(1), [lambda: "zero", lambda: "one"])
    'one'
    """
    if not isinstance(branch_index, Tensor | Variable):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}; use tf.constant")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an int32 scalar, got {branch_index.dtype.name}; use tf.cast")
    branches = list(branch_fns.items() if isinstance(branch_fns, Mapping) else branch_fns)
    if branches and not isinstance(branches[0], _tuple):
        branches = list(enumerate(branches))
    numbered: dict[int, Callable] = dict(branches)
    if sorted(numbered) != list(range(len(numbered))) or len(numbered) != len(branches):
        listed = ",".join(str(number) for number, _ in branches)
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(branches)}) but found {{{listed}}}"
        )
    for function in (*numbered.values(), *(() if default is None else (default,))):
        if not callable(function):
            raise TypeError(f"a branch of tf.switch_case must be callable, got {function!r}")
    last = numbered[len(numbered) - 1] if default is None else default
    index = convert(branch_index)
    if type(index) is SymbolicTensor:
        return _switched(index, [numbered[i] for i in range(len(numbered))], last)
    return _unpacked(numbered.get(int(index), last)())


def _switched(index: Tensor, branches: list[Callable], last: Callable) -> Any:
    """`switch_case` in a graph."""
    inside = logical_and(greater_equal(index, 0), less(index, len(branches)))
    return cond(inside, lambda: halved(index, branches), last)


def halved(index: Tensor, branches: list[Callable]) -> Any:
    """What the branch of this number gives, by halving: as many choices as the number of branches has binary digits.

    Args:
        index: the number, from 0 on; that there is such a branch is known.
        branches: functions of no arguments.
    """

    def chosen(low: int, high: int) -> Any:
        if high - low == 1:
            return branches[low]()
        middle = (low + high) // 2
        return cond(less(index, middle), lambda: chosen(low, middle), lambda: chosen(middle, high))

    return chosen(0, len(branches))


# -- loops -------------------------------------------------------------------------------------


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Sequence,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: TensorLike | None = None,
    name: str | None = None,
) -> Any:
    """Calls `body` on the loop variables as long as `cond` says so.

    Args:
        cond: a function of the loop variables that gives a boolean scalar.
        body: a function of the loop variables that gives their next values, in the same structure.
        loop_vars: a list or tuple of tensors or nested structures of them.
        shape_invariants: `tf.TensorShape`s in the structure of `loop_vars`, with None for the sizes that change. Eagerly a
            shape may always change; inside of a `tf.function` it must say so here, and the function is run eagerly.
        parallel_iterations, swap_memory: accepted; iterations run one after the other.
        back_prop: False stops gradients at the loop's results.
        maximum_iterations: how many times `body` is called at most.

    Returns:
        The loop variables after the last iteration, in the structure of `loop_vars`.

    Raises:
        TypeError: `cond` or `body` cannot be called.
        ValueError: there are no loop variables, or `body` returns another structure; in a `tf.function` also, another shape.

    >>> import tapeflow as tf
    >>> i, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))
    >>> total.numpy()
    np.int32(10)
    """
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if not isinstance(loop_vars, list | _tuple) or not loop_vars:
        raise ValueError("'loop_vars' must be provided: a list or tuple of at least one tensor")
    most = None if maximum_iterations is None else convert(maximum_iterations)
    single = len(loop_vars) == 1
    state: Any = nest.map_structure(_as_value, loop_vars, expand_composites=False)
    if (tracer := tracing()) is not None:
        invariants = None
        if shape_invariants is not None:
            try:
                nest.assert_same_structure(list(loop_vars), list(shape_invariants), check_types=False)
            except ValueError as error:
                raise verdict(error) from None
            invariants = nest.flatten(shape_invariants)
        state = tracer.loop(cond, body, state, most, invariants)
        return state if back_prop else nest.map_structure(stop_gradient, state)
    iterations = 0
    while (most is None or iterations < int(most)) and cond(*state):
        following = body(*state)
        if single and not (isinstance(following, list | _tuple) and len(following) == 1):
            following = [following] if isinstance(state, list) else (following,)
        nest.assert_same_structure(list(loop_vars), list(following), check_types=False)
        state = nest.map_structure(_as_value, following, expand_composites=False)
        iterations += 1
    if not back_prop:
        state = nest.map_structure(stop_gradient, state)
    return state


def _as_value(value: Any) -> Any:
    """Loop variables are tensors; a TensorArray and its like stay what they are."""
    return (
        convert(value)
        if value is None or isinstance(value, int | float | complex | np.ndarray | np.generic | Variable)
        else value
    )


# -- order -------------------------------------------------------------------------------------


def group(*inputs: Any, **kwargs: Any) -> None:
    """Something that is done when all `inputs` are; eagerly they are already.

    Raises:
        ValueError: an unknown keyword argument.

    >>> import tapeflow as tf
    >>> v = tf.Variable(1.0)
    >>> tf.group(v.assign_add(1.0), v.assign_add(2.0))
    >>> v.numpy()
    np.float32(4.0)
    """
    kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unknown keyword arguments: {', '.join(kwargs)}")


def no_op(name: str | None = None) -> None:
    """Does nothing.

    >>> import tapeflow as tf
    >>> tf.no_op()
    """


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """A context for what must come after `control_inputs`; eagerly everything comes in the program's order.

    A function among `control_inputs` is called first.

    >>> import tapeflow as tf
    >>> v = tf.Variable(1.0)
    >>> with tf.control_dependencies([v.assign(2.0)]):
    ...     w = v + 1.0
    >>> w.numpy()
    np.float32(3.0)
    """
    for control_input in control_inputs or ():
        if callable(control_input):
            control_input()
    return nullcontext()


def tuple(tensors: Sequence, control_inputs: Any = None, name: str | None = None) -> list:
    """The tensors as a list, when all of them have been computed; None stays None.

    Args:
        tensors: tensors, variables, IndexedSlices and None.
        control_inputs: accepted; eagerly what they compute is computed before this is called.

    >>> import tapeflow as tf
    >>> tf.tuple([tf.constant(1.0), None])
    [<tf.Tensor: shape=(), dtype=float32, numpy=1.0>, None]
    """
    return list(tensors)
