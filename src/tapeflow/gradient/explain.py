"""Why a gradient is None, in words.

`why_none` asks the tape: what it followed, what it noted, and whether a path leads from the source to the target. A tape does
not hear of operations without derivative, since recording must cost nothing more than it has to. So where the path broke is
known only to who looked on: `trace_gradients`.
"""

from __future__ import annotations

import os.path
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from tapeflow.core import dispatch
from tapeflow.core.convert import as_tensor
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.gradient.backprop import depends_on
from tapeflow.gradient.tape import GradientTape, owner
from tapeflow.ops import arithmetic

__all__ = ["trace_gradients", "why_none"]

PACKAGE = os.path.dirname(os.path.dirname(__file__))


def why_none(tape: GradientTape, target: Any, source: Any, trace: GradientTrace | None = None) -> str:
    """Says why `tape.gradient(target, source)` is None.

    Args:
        tape: a persistent tape, or one that has not been asked for its gradient yet; of one that has, less is known.
        target: what was differentiated: a tensor or variable.
        source: with respect to what.
        trace: what `tf.debugging.trace_gradients` gave, to hear where the path from source to target breaks off.

    >>> import tapeflow as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape(persistent=True) as tape:
    ...     y = x * x
    >>> print(tf.debugging.why_none(tape, y, x))
    The tape does not follow the source: it is a constant to it. Call tape.watch(source) inside the context, before the source is
    used; or make it a tf.Variable.
    """
    reason = _of_values(target, source) or _of_source(tape, source)
    if reason is not None:
        return reason
    tensor, key = tape._target(target)
    wanted = set(tape._keys_of(source))
    if key in wanted or target is source:
        return "The gradient is not None: the target is the source."
    if key not in tape._tracked:
        reason = (
            "The target does not depend on anything that the tape follows: it was computed outside the context, before "
            "`watch`, or from values that had left for NumPy, for integers or through an operation without derivative."
        )
    elif tape._notes is None:
        reason = (
            "The tape was asked for its gradient before and kept nothing; with tf.GradientTape(persistent=True) more can be "
            "said."
        )
    elif key in depends_on(tape._notes, wanted):
        return (
            "The target depends on the source, so the gradient is not None, unless a rule on the way, such as the grad_fn of "
            "a tf.custom_gradient, returns None."
        )
    elif any(not wanted.isdisjoint(_inputs(note)) for note in tape._notes):
        reason = (
            "The source was used, but no recorded path leads from it to the target: the target does not depend on it, or the "
            "path goes through NumPy, integers or an operation without derivative."
        )
    else:
        reason = (
            "The tape follows the source, but recorded no operation that uses it: it was used outside the context or before "
            "`watch`, only by operations without derivative, or not at all."
        )
    if trace is None:
        return f"{reason} To see where, run it inside `with tf.debugging.trace_gradients() as trace:` and pass `trace`."
    return f"{reason} {trace.where_it_ends(tensor, source)}"


def _inputs(note: tuple) -> set[int]:
    return {key for keys in note[2::3] for key in ((keys,) if type(keys) is int else keys)}


def _of_values(target: Any, source: Any) -> str | None:
    """What is wrong with the two values themselves."""
    for role, item in (("target", target), ("source", source)):
        tensor = as_tensor(item)
        if tensor is None:
            return (
                f"The {role} is a {type(item).__name__}, which tapes do not follow: make it a tf.Variable, or a tf.constant that "
                "the tape is told to `watch`."
            )
        if tensor._value.dtype.kind not in DIFFERENTIABLE_KINDS:
            return (
                f"The {role} is {tensor.dtype.name}: only floating and complex values have derivatives. Use tf.cast before it "
                "is used, or a float from the start, such as 3.0 for 3."
            )
    return None


def _of_source(tape: GradientTape, source: Any) -> str | None:
    """Why the tape does not know the source."""
    if tape._keys_of(source) and (isinstance(source, Variable) or source._key in tape._tracked):
        return None
    if not isinstance(source, Variable):
        return (
            "The tape does not follow the source: it is a constant to it. Call tape.watch(source) inside the context, before "
            "the source is used; or make it a tf.Variable."
        )
    variable = owner(source)
    if id(variable) not in tape._chosen:
        if not variable.trainable:
            return (
                f"The variable {variable.name} is not trainable, so tapes do not follow it by themselves: call "
                "tape.watch(variable), or create it with trainable=True."
            )
        if not tape._watch_accessed_variables:
            return (
                f"The tape was made with watch_accessed_variables=False and was not told to watch {variable.name}: call "
                "tape.watch(variable)."
            )
    return (
        f"The variable {variable.name} was not read while the tape was recording: its value was taken outside the context, or "
        "as a NumPy value, or not at all."
    )


# -- looking on --------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One application of a primitive, as it was seen."""

    primitive: Primitive
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    place: str

    def passes(self, position: int) -> bool:
        """Whether cotangents go through to the input at `position`."""
        if all(y._value.dtype.kind not in DIFFERENTIABLE_KINDS for y in self.outputs):
            return False
        rules = self.primitive.vjps
        return self.primitive.pullback is not None or (bool(rules) and rules[position % len(rules)] is not None)


class GradientTrace:
    """What `tf.debugging.trace_gradients` saw. It keeps every tensor that it saw alive."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._reads: list[tuple[Variable, Tensor, str]] = []
        self._departures: list[tuple[Tensor, str, str]] = []

    def __len__(self) -> int:
        return len(self._steps)

    def __repr__(self) -> str:
        return f"<GradientTrace of {len(self)} operations>"

    def where_it_ends(self, target: Tensor, source: Any) -> str:
        """Where the way from the source to the target is closed, in words."""
        start = (
            {id(tensor) for variable, tensor, _ in self._reads if variable is owner(source)}
            if isinstance(source, Variable)
            else {id(source)}
        )
        through = self._reached_from(start)
        leads_on = self._leading_to(id(target))
        closed = [
            f"{step.primitive.name} at {step.place}"
            for step in self._steps
            if any(id(y) in leads_on for y in step.outputs)
            and any(id(x) in through and not step.passes(i) for i, x in enumerate(step.inputs))
        ]
        if closed:
            return f"The path goes through what has no derivative: {_listed(closed)}."
        left = [f"{how} at {place}" for tensor, how, place in self._departures if id(tensor) in through]
        if left:
            return f"A value on the way became a constant when it left for Python or NumPy: {_listed(left)}."
        if not start:
            return "The trace saw nobody read the variable."
        return "The trace saw no operation that leads from the source to the target."

    def _reached_from(self, start: set[int]) -> set[int]:
        """The values (by id) that depend on the start in a way that cotangents can come back on."""
        found = set(start)
        for step in self._steps:
            if any(id(x) in found and step.passes(i) for i, x in enumerate(step.inputs)):
                found.update(id(y) for y in step.outputs)
        return found

    def _leading_to(self, target: int) -> set[int]:
        """The values (by id) from which the target was computed in any way."""
        found = {target}
        for step in reversed(self._steps):
            if any(id(y) in found for y in step.outputs):
                found.update(id(x) for x in step.inputs)
        return found

    def _see(self, frame: FrameType, event: str, answer: Any) -> None:
        """What Python calls whenever a function returns."""
        if event != "return" or answer is None:
            return
        code = frame.f_code
        if code in STEPS:
            seen = frame.f_locals
            inputs = seen.get("inputs") or tuple(seen[name] for name in ("x", "y") if name in seen)
            outputs = answer if type(answer) is tuple else (answer,)
            self._steps.append(Step(seen["primitive"], inputs, outputs, _place(frame)))
        elif code is READ:
            self._reads.append((frame.f_locals["self"], answer, _place(frame)))
        elif code in DEPARTURES and frame.f_back is not None and not _ours(frame.f_back):
            self._departures.append((frame.f_locals["self"], DEPARTURES[code], _place(frame)))


@contextmanager
def trace_gradients() -> Iterator[GradientTrace]:
    """A context that looks on while operations run, so that `tf.debugging.why_none` can name the line where a path ends.

    It sees the operations of the running thread, those without derivative included. It works as Python's profilers do, and
    makes programs slow in the same way.

    >>> import tapeflow as tf
    >>> x = tf.Variable(2.5)
    >>> with tf.debugging.trace_gradients() as trace:
    ...     with tf.GradientTape(persistent=True) as tape:
    ...         y = tf.floor(x) * 2.0
    >>> print(tf.debugging.why_none(tape, y, x, trace))
    The target does not depend on anything that the tape follows: ... The path goes through what has no derivative: Floor at ...
    """
    trace = GradientTrace()
    before = sys.getprofile()
    sys.setprofile(trace._see)
    try:
        yield trace
    finally:
        sys.setprofile(before)


# The functions in which a primitive is applied: `apply`, and the callers of the elementwise primitives, of which all that take
# as many operands share their code.
STEPS = {dispatch.apply.__code__, arithmetic.negative.__code__, arithmetic.add.__code__}
READ = Variable._read.__code__
DEPARTURES = {
    getattr(Tensor, name).__code__: shown
    for name, shown in {
        "numpy": ".numpy()",
        "__array__": "a NumPy function",
        "__float__": "float()",
        "__int__": "int()",
        "__complex__": "complex()",
    }.items()
}


def _ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(PACKAGE)


def _place(frame: FrameType) -> str:
    """The line of the user's own code that led here."""
    here: FrameType | None = frame
    while here is not None and _ours(here):
        here = here.f_back
    return "an unknown line" if here is None else f"{here.f_code.co_filename}:{here.f_lineno}"


def _listed(places: list[str]) -> str:
    first = list(dict.fromkeys(places))
    return ", ".join(first[:3]) + (f" and {len(first) - 3} more" if len(first) > 3 else "")
