"""A primitive: a NumPy kernel together with its derivative rules.

A rule is a plain function of the cotangent and of what it needs, and it says what it needs by the *names* of its parameters:

    vjps=(lambda dy, y: dy * conj(y),        # multiply: for x, keep y
          lambda dy, x: dy * conj(x))        #           for y, keep x

| a parameter named      | receives                                                   |
| ---------------------- | ---------------------------------------------------------- |
| `dy`                   | the cotangent of the output (a tuple if there are several)   |
| the name of an input   | that input, a tensor                                       |
| `out`                  | the output (a tuple of tensors if there are several)       |
| `x_shape` (an input's) | only the shape of the input x, or of the output: `out_shape` |
| `x_dtype`              | only its NumPy dtype                                       |
| `inputs`, `shapes`     | all inputs, or all their shapes (variadic primitives)      |
| the name of an attribute | its value                                                |

So a tape keeps exactly what the rules of the inputs that are being followed ask for, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["PRIMITIVES", "Primitive", "Rule", "parameters"]

PRIMITIVES: dict[str, Primitive] = {}

HAS_STAR = 0x04  # inspect.CO_VARARGS, without the cost of importing inspect


class Rule:
    """A derivative rule and the function that gathers what it wants kept.

    `keep(inputs, output, attributes)` gives the arguments that follow `dy` in `vjp(dy, *kept)`.
    """

    __slots__ = ("keep", "vjp")

    def __init__(self, vjp: Callable, primitive: Primitive, wanted: Sequence[str] | None = None) -> None:
        self.vjp = vjp
        if wanted is None:
            wanted = parameters(vjp)[1:]

        def compile_then_keep(inputs: tuple, output: Any, attributes: dict | None) -> tuple:
            # Compiled at the first use, not at import: most programs use few primitives.
            self.keep = _keeper(wanted, primitive)
            return self.keep(inputs, output, attributes)

        self.keep: Callable[[tuple, Any, dict | None], tuple] = compile_then_keep


class Primitive:
    """An operation that is not made of others.

    Args:
        name: TensorFlow's name of the operation ("Mul"), unique.
        kernel: `kernel(*arrays, **attributes)` gives an array, or a tuple of arrays.
        vjps: one rule an input (None: the input has no derivative). Without rules the output is a constant to every tape.
        pullback: instead of `vjps`, one rule that returns the cotangents of all inputs (variadic primitives, and those
            whose inputs' cotangents share work).
        inputs: the inputs' names; by default the kernel's positional parameters. A starred parameter is variadic.
        linear: the output is a linear function of each input alone (it says so for readers and for tests).
    """

    __slots__ = ("inputs", "kernel", "linear", "name", "pullback", "rules", "variadic")

    def __init__(
        self,
        name: str,
        kernel: Callable,
        vjps: Sequence[Callable | None] = (),
        *,
        pullback: Callable | None = None,
        inputs: Sequence[str] | None = None,
        linear: bool = False,
    ) -> None:
        if name in PRIMITIVES:
            raise ValueError(f"a primitive named {name} exists already")
        self.name, self.kernel, self.linear = name, kernel, linear
        if inputs is None:
            inputs, self.variadic = _positional(kernel)
        else:
            inputs, self.variadic = tuple(i.lstrip("*") for i in inputs), any(i.startswith("*") for i in inputs)
        self.inputs = inputs
        if vjps and len(vjps) != len(inputs):
            raise ValueError(f"{name} has {len(inputs)} inputs {inputs} and {len(vjps)} rules")
        self.rules = tuple(None if vjp is None else Rule(vjp, self) for vjp in vjps)
        self.pullback = None if pullback is None else Rule(pullback, self)
        PRIMITIVES[name] = self

    @property
    def differentiable(self) -> bool:
        """Whether any input has a derivative."""
        return self.pullback is not None or any(rule is not None for rule in self.rules)

    def __repr__(self) -> str:
        return f"Primitive({self.name!r})"


def _positional(kernel: Callable) -> tuple[tuple[str, ...], bool]:
    code = getattr(kernel, "__code__", None)
    if code is None:
        raise TypeError(f"name the inputs: {kernel!r} does not tell them")
    names = code.co_varnames[: code.co_argcount]
    if code.co_flags & HAS_STAR:
        return (*names, code.co_varnames[code.co_argcount + code.co_kwonlyargcount]), True
    return names, False


def parameters(function: Callable) -> tuple[str, ...]:
    """The names of the parameters, keyword-only ones included."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _keeper(wanted: Sequence[str], primitive: Primitive) -> Callable[[tuple, Any, dict | None], tuple]:
    """Compiles the function that picks what is wanted; text and eval, because it runs for every recorded operation."""
    picks = "".join(f"{_pick(name, primitive)}, " for name in wanted)
    return eval(f"lambda inputs, output, attributes: ({picks})", {})


def _pick(name: str, primitive: Primitive) -> str:
    if not primitive.variadic and name in primitive.inputs:
        return f"inputs[{primitive.inputs.index(name)}]"
    if name == "out":
        return "output"
    if name == "inputs" or name in primitive.inputs:
        return "inputs"
    if name == "shapes":
        return "tuple([i._value.shape for i in inputs])"
    stem, _, what = name.rpartition("_")
    if what in ("shape", "dtype"):
        if stem == "out":
            return f"output._value.{what}"
        if stem in primitive.inputs:
            return f"inputs[{primitive.inputs.index(stem)}]._value.{what}"
    return f"attributes[{name!r}]"
