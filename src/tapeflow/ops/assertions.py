"""`tf.debugging.assert_*`: checks that stop a program where its values are not what it takes them for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.symbolic import SymbolicTensor, as_seen_in_graph, perform
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import wrong_dtype
from tapeflow.ops.casting import identity

__all__ = [
    "Assert",
    "assert_all_finite",
    "assert_equal",
    "assert_greater",
    "assert_greater_equal",
    "assert_less",
    "assert_less_equal",
    "assert_near",
    "assert_negative",
    "assert_non_negative",
    "assert_non_positive",
    "assert_none_equal",
    "assert_positive",
    "check_numerics",
]

SHOWN = 3  # how many elements of each tensor a message shows, unless `summarize` says otherwise


# -- one condition -----------------------------------------------------------------------------


def Assert(condition: Any, data: Sequence, summarize: int | None = None, name: str | None = None) -> None:
    """Stops unless `condition` is true everywhere.

    Args:
        condition: a boolean tensor or Python value.
        data: tensors to show in the message.
        summarize: how many elements of each to show; -1 for all.

    Raises:
        InvalidArgumentError: it is not true.

    >>> import tapeflow as tf
    >>> tf.debugging.Assert(tf.constant(1) < 0, ["the value was", 1])
    Traceback (most recent call last):
    tapeflow.core.errors.InvalidArgumentError: Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. ...
    """

    def check(holds: Tensor, *shown: Tensor) -> None:
        if not np.all(holds._value):
            text = "\n".join(_elements(item._value, summarize) for item in shown)
            raise InvalidArgumentError(None, None, f"Expected '{holds!s}' to be true. Summarized data: {text}")

    _when_known(check, convert(condition), *map(convert, data))


def _when_known(check: Callable, *tensors: Tensor) -> None:
    """Checks tensors now, or in a function being traced, when it runs: unless they are known there already."""
    if any(type(x) is SymbolicTensor for x in tensors):
        perform(check, tensors, [], assigns=False)
    else:
        check(*tensors)


def _elements(value: Any, summarize: int | None) -> str:
    """The first elements of an array, as text."""
    count = SHOWN if summarize is None else summarize
    flat = np.asarray(value).ravel()
    shown = flat if count < 0 else flat[:count]
    return np.array2string(shown, threshold=shown.size + 1) if np.ndim(value) else str(np.asarray(value)[()])


def _fail(condition: str, message: str | None, parts: Iterable[str]) -> NoReturn:
    raise InvalidArgumentError(None, None, "\n".join([*([message] if message else []), condition, *parts]))


# -- comparisons -------------------------------------------------------------------------------


def _compare(
    sign: str, holds: Callable[[Any, Any], Any], x: TensorLike, y: TensorLike, message: str | None, summarize: int | None
) -> None:
    try:
        a, b = convert_operands(x, y)
    except TypeError:  # a number that the other's dtype cannot hold
        a, b = convert(x), convert(y)
    if a.dtype != b.dtype:
        text = f"cannot compare a {a.dtype.name} tensor with a {b.dtype.name} tensor (x {sign} y); use tf.cast"
        raise as_seen_in_graph(InvalidArgumentError(None, None, text), TypeError)
    try:
        np.broadcast_shapes(a._value.shape, b._value.shape)
    except ValueError:
        text = f"Incompatible shapes: {list(a._value.shape)} vs. {list(b._value.shape)} (x {sign} y)"
        raise as_seen_in_graph(InvalidArgumentError(None, None, text)) from None
    _when_known(partial(_check_pairs, sign, holds, message, summarize), a, b)


def _check_pairs(sign: str, holds: Callable, message: str | None, summarize: int | None, a: Tensor, b: Tensor) -> None:
    true = np.asarray(holds(a._value, b._value))
    if true.all():
        return
    parts = []
    if true.ndim:
        wrong = np.argwhere(~true)
        count = SHOWN if summarize is None else summarize
        wrong = wrong if count < 0 else wrong[:count]
        at = tuple(wrong.T)
        left, right = np.broadcast_arrays(a._value, b._value)
        parts = [
            f"Indices of first {len(wrong)} different values:",
            str(wrong),
            "Corresponding x values:",
            str(left[at]),
            "Corresponding y values:",
            str(right[at]),
        ]
    for letter, value in (("x", a._value), ("y", b._value)):
        flat = np.asarray(value).ravel()
        shown = flat if summarize is not None and summarize < 0 else flat[: SHOWN if summarize is None else summarize]
        parts += [f"First {len(shown)} elements of {letter}:", str(shown)]
    _fail(f"Condition x {sign} y did not hold.", message, parts)


def assert_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless x == y for all pairs of elements, after broadcasting.

    Args:
        x, y: numbers, booleans or text, of one dtype.
        message: put before the error's text.
        summarize: how many elements of each tensor the error shows (3); -1 for all.

    Raises:
        InvalidArgumentError: somewhere they differ; the error says where.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_equal(tf.constant([1, 2]), [1, 2])
    """
    _compare("==", np.equal, x, y, message, summarize)


def assert_none_equal(
    x: TensorLike, y: TensorLike, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Stops unless x != y for all pairs of elements. Arguments and errors are those of `assert_equal`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_none_equal([1, 2], [2, 1])
    """
    _compare("!=", np.not_equal, x, y, message, summarize)


def assert_less(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless x < y for all pairs of elements. Arguments and errors are those of `assert_equal`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_less([1, 2], 3)
    """
    _compare("<", np.less, x, y, message, summarize)


def assert_less_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless x <= y for all pairs of elements. Arguments and errors are those of `assert_equal`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_less_equal([1, 2], [1, 3])
    """
    _compare("<=", np.less_equal, x, y, message, summarize)


def assert_greater(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless x > y for all pairs of elements. Arguments and errors are those of `assert_equal`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_greater([4, 5], 3)
    """
    _compare(">", np.greater, x, y, message, summarize)


def assert_greater_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless x >= y for all pairs of elements. Arguments and errors are those of `assert_equal`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_greater_equal([3, 4], 3)
    """
    _compare(">=", np.greater_equal, x, y, message, summarize)


def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: TensorLike | None = None,
    atol: TensorLike | None = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stops unless |x - y| <= atol + rtol · |y| for all pairs of elements.

    Args:
        x, y: floating or complex, of one dtype.
        rtol, atol: the tolerances; ten times the dtype's machine epsilon by default.
        message, summarize: as in `assert_equal`.

    Raises:
        InvalidArgumentError: somewhere they are further apart.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_near(1.0, 1.0000001)
    """
    a, b = convert_operands(x, y)
    epsilon = 10 * np.finfo(a._value.dtype).eps
    r, t = (convert(epsilon if tolerance is None else tolerance, hint=a._value.dtype) for tolerance in (rtol, atol))
    if type(r) is SymbolicTensor or type(t) is SymbolicTensor:
        _when_known(lambda a, b, r, t: assert_near(a, b, r, t, message, summarize), a, b, r, t)
        return

    def near(left: Any, right: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.abs(left - right) <= t._value + r._value * np.abs(right)

    _compare(f"is within rtol = {r._value}, atol = {t._value} of", near, a, b, message, summarize)


# -- signs -------------------------------------------------------------------------------------


def _assert_sign(sign: str, holds: Any, x: TensorLike, message: str | None, summarize: int | None) -> None:
    _when_known(partial(_check_sign, sign, holds, message, summarize), convert(x))


def _check_sign(sign: str, holds: Any, message: str | None, summarize: int | None, x: Tensor) -> None:
    value = x._value
    if not np.all(holds(value, 0)):
        shown = _elements(value, summarize)
        _fail(f"Condition x {sign} 0 did not hold element-wise:", message, [f"x (shape={np.shape(value)}) = ", shown])


def assert_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless all elements are > 0. `message` and `summarize` are as in `assert_equal`; raises InvalidArgumentError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_positive([0.5, 2.0])
    """
    _assert_sign(">", np.greater, x, message, summarize)


def assert_non_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless all elements are >= 0. `message` and `summarize` are as in `assert_equal`; raises InvalidArgumentError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_non_negative([0.0, 2.0])
    """
    _assert_sign(">=", np.greater_equal, x, message, summarize)


def assert_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless all elements are < 0. `message` and `summarize` are as in `assert_equal`; raises InvalidArgumentError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_negative([-0.5, -2.0])
    """
    _assert_sign("<", np.less, x, message, summarize)


def assert_non_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stops unless all elements are <= 0. `message` and `summarize` are as in `assert_equal`; raises InvalidArgumentError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_non_positive([0.0, -2.0])
    """
    _assert_sign("<=", np.less_equal, x, message, summarize)


# -- finite numbers ----------------------------------------------------------------------------


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Returns `tensor`, unless it holds NaN or infinity.

    Args:
        tensor: floating or complex.
        message: put before the error's text.

    Raises:
        InvalidArgumentError: there is a NaN or an infinity; the error says which.

    >>> import tapeflow as tf
    >>> tf.debugging.check_numerics([1.0, float("nan")], "loss")
    Traceback (most recent call last):
    tapeflow.core.errors.InvalidArgumentError: loss : Tensor had NaN values [Op:CheckNumerics]
    """
    checked = convert(tensor)
    if not (checked.dtype.is_floating or checked.dtype.is_complex):
        raise wrong_dtype("CheckNumerics", f"CheckNumerics takes a floating tensor, got {checked.dtype.name}; use tf.cast")
    _when_known(lambda x: _check_finite(x._value, message), checked)
    return identity(checked)


def _check_finite(value: Any, message: str) -> None:
    if value.dtype.kind == "V":
        value = value.astype(np.float32)
    found = [word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if np.any(test(value))]
    if found:
        raise InvalidArgumentError(None, None, f"{message} : Tensor had {' and '.join(found)} values [Op:CheckNumerics]")


def assert_all_finite(x: TensorLike, message: str, name: str | None = None) -> Tensor:
    """The same as `check_numerics`.

    >>> import tapeflow as tf
    >>> _ = tf.debugging.assert_all_finite([1.0, 2.0], "weights")
    """
    return check_numerics(x, message)
