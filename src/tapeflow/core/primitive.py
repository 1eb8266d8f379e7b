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
from copy import copy
from typing import Any, NamedTuple

__all__ = ["PRIMITIVES", "Primitive", "Told", "keeps", "parameters", "unknown"]

PRIMITIVES: dict[str, Primitive] = {}

HAS_STAR = 0x04  # inspect.CO_VARARGS, without the cost of importing inspect


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
        shape: `shape(*shapes, **attributes)` gives the shape of the output for inputs of these shapes; the output then has the
            dtype that the attribute `dtype` says, or that of input number `like`. Without it a trace finds out by running the
            kernel on arrays of such shapes.
        fills: of several outputs, whether a rule gets zeros in place of the cotangents that nobody has; if not, it gets None.
        opens: where the shapes depend on values, `opens(*shapes, **attributes)` gives those of all outputs, a `Told` for each
            size that only values tell.

    `differentiable` says whether any input has a derivative.
    """

    __slots__ = (
        "differentiable",
        "entries",
        "fills",
        "inputs",
        "kernel",
        "like",
        "linear",
        "name",
        "opens",
        "pullback",
        "shape",
        "variadic",
        "vjps",
    )

    entries: Callable[[tuple, Any, dict | None, set[int]], Sequence | None]

    def __init__(
        self,
        name: str,
        kernel: Callable,
        vjps: Sequence[Callable | None] = (),
        *,
        pullback: Callable | None = None,
        inputs: Sequence[str] | None = None,
        linear: bool = False,
        shape: Callable[..., tuple[int, ...]] | None = None,
        like: int = 0,
        fills: bool = True,
        opens: Callable[..., Sequence[tuple]] | None = None,
    ) -> None:
        if name in PRIMITIVES:
            raise ValueError(f"a primitive named {name} exists already")
        self.name, self.kernel, self.linear = name, kernel, linear
        self.shape, self.like, self.fills, self.opens = shape, like, fills, opens
        if inputs is None:
            inputs, self.variadic = _positional(kernel)
        else:
            inputs, self.variadic = tuple(i.lstrip("*") for i in inputs), any(i.startswith("*") for i in inputs)
        self.inputs = inputs
        if vjps and len(vjps) != len(inputs):
            raise ValueError(f"{name} has {len(inputs)} inputs {inputs} and {len(vjps)} rules")
        self.vjps, self.pullback = tuple(vjps), pullback
        self.differentiable = pullback is not None or any(vjp is not None for vjp in vjps)
        self.entries = self._compile_then_list
        PRIMITIVES[name] = self

    def variant(self, vjps: Sequence[Callable | None]) -> Primitive:
        """The same primitive with other rules, for a case that the caller tells apart; it stands for this one."""
        twin = copy(self)
        twin.vjps = tuple(vjps)
        twin.entries = twin._compile_then_list
        return twin

    def _compile_then_list(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> Sequence | None:
        # Compiled at the first use, not at import: most programs use few primitives.
        self.entries = compile_entries(self)
        return self.entries(inputs, output, attributes, tracked)

    def __repr__(self) -> str:
        return f"Primitive({self.name!r})"


class Told(NamedTuple):
    """A size that values tell: those of the inputs at `places`. Where these are the same, and `what` is, the size is the same."""

    places: tuple[int, ...]
    what: Any


def unknown(*shapes: tuple[int, ...], **attributes: Any) -> tuple[int, ...]:
    """In place of a rule of shapes, where only running the kernel on the very values tells; the dtype is an attribute.

    Raises:
        TypeError: always: a trace does not ask.
    """
    raise TypeError(f"the shape is known only when the operation runs, with {attributes}")


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


def keeps(vjp: Callable) -> tuple[str, ...]:
    """The names of what a rule wants kept: its parameters after the cotangent, or what its attribute `keeps` lists."""
    return getattr(vjp, "keeps", None) or parameters(vjp)[1:]


def compile_entries(primitive: Primitive) -> Callable:
    """The function that lists what a tape must keep of one application of `primitive`.

    `entries(inputs, output, attributes, tracked)` gives three elements (key, rule, what the rule keeps) for each input whose
    key is in `tracked`, all in one tuple; for a pullback the three are the tuple of all keys (0 for those not tracked), the
    rule and what it keeps. None is tracked: None. It runs for every operation that is recorded, so it is written out for the
    primitive and compiled. For `Mul`:

        def entries(inputs, output, attributes, tracked):
            x0, x1, = inputs
            k0 = x0._key
            k1 = x1._key
            if k0 in tracked: return (k0, vjp0, (inputs[1], ), k1, vjp1, (inputs[0], )) if k1 in tracked else (…)
            return (…) if k1 in tracked else None
    """
    rules: dict[str, Any] = {}

    def picks(vjp: Callable) -> str:
        return "".join(f"{_pick(name, primitive)}, " for name in keeps(vjp))

    if primitive.pullback is not None:
        rules["pullback"] = primitive.pullback
        body = [
            "keys = tuple([i._key if i._key in tracked else 0 for i in inputs])",
            f"return (keys, pullback, ({picks(primitive.pullback)})) if any(keys) else None",
        ]
    else:
        entry = {}
        body = [f"{''.join(f'x{n}, ' for n in range(len(primitive.inputs)))} = inputs"]
        for n, vjp in enumerate(primitive.vjps):
            if vjp is not None:
                rules[f"vjp{n}"] = vjp
                entry[n] = f"k{n}, vjp{n}, ({picks(vjp)})"
                body += [f"k{n} = x{n}._key"]
        if len(entry) > 2:
            body += [
                "found = ()",
                *(f"if k{n} in tracked: found += ({each})" for n, each in entry.items()),
                "return found",
            ]
        elif len(entry) == 2:
            (n, first), (m, second) = entry.items()
            body += [f"if k{n} in tracked: return ({first}, {second}) if k{m} in tracked else ({first})"]
            body += [f"return ({second}) if k{m} in tracked else None"]
        else:
            body += [f"return ({each}) if k{n} in tracked else None" for n, each in entry.items()]
    exec("def entries(inputs, output, attributes, tracked):\n    " + "\n    ".join(body), rules)
    return rules["entries"]


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
