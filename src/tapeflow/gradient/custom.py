"""Functions with a derivative of the user's own: `tf.custom_gradient` and what is built on it.

The function runs as usual, and the operations inside it are recorded as usual: a derivative of `grad_fn` may need them. Then
its results are renamed: each comes out of one more primitive, a copy whose rule is `grad_fn`. So whoever walks back from the
results meets the user's rule and nothing of what is behind it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import as_tensor, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import PRIMITIVES, Primitive
from tapeflow.core.recording import add_recorder, current, heard_by, remove_recorder
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.gradient.backprop import UnconnectedGradients
from tapeflow.gradient.tape import DIFFERENTIABLE_KINDS, GradientTape

__all__ = ["RegisterGradient", "custom_gradient", "grad_pass_through", "no_gradient", "recompute_grad"]

# The first `count` inputs are the results; the others, arguments and variables, are there to be given cotangents.
CUSTOM_GRADIENT = Primitive(
    "CustomGradient",
    lambda *values, count, pull: values[:count],
    pullback=lambda dy, count, pull: (None,) * count + pull(dy),
    inputs=("*values",),
)


def _entries(inputs: tuple, output: tuple, attributes: dict, tracked: set[int]) -> tuple | None:
    """What a tape keeps: the user's rule if it follows an argument; if not, the results are what they were without it."""
    count = attributes["count"]
    keys = tuple([x._key if x._key in tracked else 0 for x in inputs])
    if any(keys[count:]):
        return keys[count:], attributes["pull"], ()
    return (keys, lambda dy: dy + (None,) * (len(keys) - count), ()) if any(keys) else None


CUSTOM_GRADIENT.entries = _entries  # type: ignore[assignment]


def custom_gradient(f: Callable | None = None) -> Any:
    """Decorates a function that says itself how cotangents pass through it.

    Args:
        f: a function of tensors that returns a pair `(results, grad_fn)`. The results may be nested. `grad_fn(*dy)` gets one
            cotangent for each result (zeros for results that were not used) and returns one for each positional tensor
            argument of `f`, in a list, a tuple or the structure of the arguments, or the cotangent itself if there is one;
            None stands for no dependence. Keyword arguments of `f` have no cotangents. If `f` reads trainable variables
            that are not among its arguments, `grad_fn` must take the keyword argument `variables`, a list of them in the
            order of their creation, and return a pair: the cotangents of the arguments and a list of the variables' ones.

    Returns:
        A function that returns only the results. Made of operations, `grad_fn` can itself be differentiated.

    Raises:
        TypeError: (on a call) `f` returned no pair, or reads variables that `grad_fn` does not ask for.
        ValueError: (when differentiated) the number of cotangents is wrong.

    >>> import tapeflow as tf
    >>> @tf.custom_gradient
    ... def clipped(x):
    ...     return x * 1.0, lambda dy: tf.math.minimum(dy, 1.0)
    >>> x = tf.constant(2.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = clipped(x) * 100.0
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=1.0>
    """
    return custom_gradient if f is None else CustomGradient(f)


class CustomGradient:
    """What `custom_gradient` makes of a function; as a method it is bound like one."""

    def __init__(self, function: Callable) -> None:
        self.function = function
        functools.update_wrapper(self, function)

    def __get__(self, instance: Any, owner: type | None = None) -> CustomGradient:
        return CustomGradient(self.function.__get__(instance, owner))  # type: ignore[attr-defined]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reads = Reads()
        add_recorder(reads)
        try:
            answer = self.function(*args, **kwargs)
        finally:
            remove_recorder(reads)
        results, grad_fn = _pair(answer, self.function)
        arguments = nest.flatten(args, expand_composites=True)
        given = {id(a) for a in arguments + nest.flatten(kwargs)}
        variables = [v for v in reads.variables() if id(v) not in given]
        if variables and not _takes_variables(grad_fn):
            raise TypeError(
                "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses variables: "
                f"{variables}; write `def grad_fn(*dy, variables)` and return (gradients of the arguments, [gradients of "
                "the variables])"
            )
        flat = [convert(y) for y in nest.flatten(results, expand_composites=True)]
        inputs = [convert(a) for a in arguments] + [convert(v) for v in variables]

        def pull(dy: tuple) -> tuple:
            return _cotangents(grad_fn, dy, inputs[: len(arguments)], variables)

        renamed = apply(CUSTOM_GRADIENT, *flat, *inputs, count=len(flat), pull=pull)
        return nest.pack_sequence_as(results, renamed, expand_composites=True)


class Reads:
    """A recorder that remembers which trainable variables were read."""

    def __init__(self) -> None:
        self._found: dict[int, Variable] = {}

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Operations do not matter here."""

    def record_read(self, variable: Variable, tensor: Tensor) -> None:
        """Remembers the variable if tapes would follow it by themselves."""
        if variable.trainable:
            self._found[id(variable)] = variable

    def variables(self) -> list[Variable]:
        """The variables that were read, in the order of their creation."""
        return sorted(self._found.values(), key=lambda variable: variable._number)


def _pair(answer: Any, function: Callable) -> tuple[Any, Callable]:
    if type(answer) is not tuple and type(answer) is not list:
        raise TypeError(f"{function!r} must return a pair (results, grad_fn); it returned {answer!r}")
    if len(answer) != 2:
        raise ValueError(f"{function!r} must return a pair (results, grad_fn); it returned {len(answer)} values")
    if not callable(answer[1]):
        raise TypeError(f"{function!r} must return a function beside its results; it returned {answer[1]!r}")
    return answer[0], answer[1]


def _takes_variables(grad_fn: Callable) -> bool:
    import inspect

    parameters = inspect.signature(grad_fn).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _cotangents(grad_fn: Callable, dy: tuple, arguments: Sequence[Tensor], variables: list[Variable]) -> tuple:
    """What `grad_fn` answers, as a flat tuple: the cotangents of the arguments, then those of the variables."""
    of_variables: Any = []
    if not variables:
        of_arguments = grad_fn(*dy)
    else:
        answer = grad_fn(*dy, variables=variables)
        if type(answer) not in (tuple, list) or len(answer) != 2 or type(answer[1]) not in (tuple, list):
            raise TypeError(
                "a @tf.custom_gradient grad_fn that is given `variables` must return a pair (gradients of the arguments, "
                f"[gradients of the variables]); it returned {answer!r}"
            )
        of_arguments, of_variables = answer
        if len(of_variables) != len(variables):
            raise ValueError(
                "Must return gradient for each variable from @custom_gradient grad_fn: "
                f"there are {len(variables)} variables, {variables}, and it returned {len(of_variables)} gradients."
            )
    flat = nest.flatten(of_arguments)
    if len(flat) != len(arguments):
        raise ValueError(
            f"custom_gradient function expected to return {len(arguments)} gradients, but returned {len(flat)} instead."
        )
    return tuple([_cotangent(g, x) for g, x in zip(flat + list(of_variables), [*arguments, *variables], strict=True)])


def _cotangent(given: Any, primal: Any) -> Any:
    """A cotangent as the tapes add it up; slices are left as they are, numbers take the dtype of what they belong to."""
    if given is None or type(given) is Tensor or hasattr(given, "__nest_flatten__"):
        return given
    return convert(given, hint=primal._value.dtype)


# -- built on it -----------------------------------------------------------------------------------


def grad_pass_through(f: Callable) -> CustomGradient:
    """A function like `f` whose gradient is that of the identity.

    Args:
        f: a function of as many tensors as it returns.

    >>> import tapeflow as tf
    >>> x = tf.constant(3.3)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(lambda x: x * x)(x)
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=1.0>
    """

    def passing(*args: Any, **kwargs: Any) -> tuple:
        def grad(*dy: Any, variables: Sequence[Variable] | None = None) -> Any:
            return dy if variables is None else (dy, [None] * len(variables))

        return f(*args, **kwargs), grad

    return CustomGradient(functools.update_wrapper(passing, f))


def recompute_grad(f: Callable) -> CustomGradient:
    """A function like `f` that keeps only its arguments for the gradient: what is in between is computed again when needed.

    Args:
        f: a function of tensors; it may read variables. Tensors among its keyword arguments are constants.

    >>> import tapeflow as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.recompute_grad(lambda x: x * x * x)(x)
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=27.0>
    """

    def recomputing(*args: Any, **kwargs: Any) -> tuple:
        def grad(*dy: Any, variables: Sequence[Variable] | None = None) -> Any:
            read = list(variables or ())
            with GradientTape() as tape:
                # Copies, since one tensor that is handed over twice is two arguments.
                copies = nest.map_structure(lambda a: a if as_tensor(a) is None else _copy(a), args)
                places = nest.flatten(copies)
                followed = [a for a in places if _differentiable(a)]
                tape.watch(followed)
                tape.watch(read)
                results = nest.flatten(f(*copies, **kwargs), expand_composites=True)
                pairs = [(y, d) for y, d in zip(results, dy, strict=True) if _differentiable(y)]
            found = tape.gradient([y for y, _ in pairs], followed + read, [d for _, d in pairs], UnconnectedGradients.ZERO)
            of_followed = iter(found[: len(followed)])
            of_arguments = [next(of_followed) if _differentiable(a) else None for a in places]
            return of_arguments if variables is None else (of_arguments, found[len(followed) :])

        with _unrecorded():
            return f(*args, **kwargs), grad

    return CustomGradient(functools.update_wrapper(recomputing, f))


def _differentiable(value: Any) -> bool:
    return isinstance(value, Tensor) and value._value.dtype.kind in DIFFERENTIABLE_KINDS


def _unrecorded() -> AbstractContextManager:
    """No tape hears what happens inside; a surrounding custom gradient goes on hearing of the variables that are read."""
    recording = current()
    return heard_by(() if recording is None else tuple([r for r in recording[1] if isinstance(r, Reads)]))


_copy = CustomGradient(lambda x: (x, lambda dy: dy))

# -- gradients by the names of operations ------------------------------------------------------------

_registered: dict[str, Callable | None] = {}


class RegisterGradient:
    """Decorates a gradient function for operations of the type `op_type`, which TapeFlow does not have yet.

    The operations that TapeFlow has bring their gradients, and a second one is refused, as TensorFlow does. For functions of
    your own there is `tf.custom_gradient`.

    Args:
        op_type: the name of a type of operation.

    Raises:
        TypeError: `op_type` is no string.
        KeyError: this type has a gradient.

    >>> import tapeflow as tf
    >>> @tf.RegisterGradient("MyOperation")
    ... def _my_operation_grad(op, grad):
    ...     return grad
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError(f"op_type must be a string, got {op_type!r}")
        self._op_type = op_type

    def __call__(self, f: Callable) -> Callable:
        """Registers `f` and returns it."""
        _register(self._op_type, f)
        return f


def no_gradient(op_type: str) -> None:
    """Says that operations of the type `op_type`, which TapeFlow does not have yet, have no gradient.

    To keep a gradient from flowing through a tensor, use `tf.stop_gradient`.

    Args:
        op_type: the name of a type of operation.

    Raises:
        TypeError: `op_type` is no string.
        KeyError: this type has been registered, or is one of TapeFlow's own.

    >>> import tapeflow as tf
    >>> tf.no_gradient("MyCounter")
    """
    if not isinstance(op_type, str):
        raise TypeError(f"op_type must be a string, got {op_type!r}")
    _register(op_type, None)


def _register(op_type: str, gradient: Callable | None) -> None:
    if op_type in _registered or op_type in PRIMITIVES:
        raise KeyError(f"Registering two gradient with name '{op_type}'!")
    _registered[op_type] = gradient
