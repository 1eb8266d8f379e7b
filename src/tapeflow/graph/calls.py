"""Calls of procedures under tapes and accumulators: each one that follows an input notes the call as one operation.

A tape notes which inputs go to which results, and a rule, `Pull`: run the backward pass. Where tapes are nested, the outer one
may be asked for the derivative of what the inner one's backward pass computes. That pass reads residuals, so the outer tape
must know how they came about: to it, the residuals of the inner one are further results of the call, and its own residuals are
what the derivative of all these needs.

    recorders      the innermost tape notes            the one around it notes
    inputs      →  results                          →  results and residuals
    its rule       reads residuals                     reads residuals of its own

An accumulator is told the tangents of the results and, where a tape is inside of it, of the residuals; one graph computes them
beside the primals. To the recorders around it these tangents are results of the call, too.

So nothing is computed twice, to any order. Only a tape that listens while it is itself asked knows no residuals: for it
the backward pass starts from the inputs again.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import CONVERTERS
from tapeflow.core.recording import current, new_key
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.gradient.backprop import SILENT
from tapeflow.gradient.custom import Reads
from tapeflow.gradient.forward import ForwardAccumulator
from tapeflow.gradient.tape import GradientTape
from tapeflow.graph.cells import Cells
from tapeflow.graph.derivative import Forward, forward_of
from tapeflow.graph.loops import depth_of
from tapeflow.graph.needs import needed_by
from tapeflow.graph.procedure import Procedure
from tapeflow.graph.pushed import Pushed, pushed_of
from tapeflow.graph.replay import replay
from tapeflow.graph.stacks import KeptRows, zeros_of
from tapeflow.ops.arithmetic import add

__all__ = ["call", "is_understood"]

DIFFERENTIATING = (GradientTape, ForwardAccumulator)
UNDERSTANDING = (*DIFFERENTIATING, Reads)


def is_understood(recorders: tuple) -> bool:
    """Whether these recorders understand a call as one operation."""
    return all(isinstance(each, UNDERSTANDING) for each in recorders)


def call(procedure: Procedure, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The results of a procedure, for tensors in place of its arguments.

    Raises:
        Underivable: a tape listens, and the derivative cannot be traced; nothing has been run.
    """
    recording = current()
    if recording is None:
        arrays = [x._value for x in tensors]
        arrays += [variable._value for variable in procedure.variables]
        return [as_tensor(value) for value in procedure.run(arrays)[len(procedure.later) :]]
    if is_understood(recording[1]):
        return _noted(procedure, tensors, recording[1])
    return _replayed(procedure, tensors)


def _noted(procedure: Procedure, tensors: Sequence[Tensor], recorders: tuple) -> list[Tensor]:
    inputs: list[Any] = [*tensors, *[variable._read() for variable in procedure.variables]]
    hearing = [each for each in reversed(recorders) if isinstance(each, DIFFERENTIATING)]
    again = len(hearing) > 1 or (type(hearing[0]) is GradientTape and hearing[0]._persistent if hearing else False)
    levels: list[tuple[Any, Forward | Pushed, Procedure]] = []  # with what each of them hears of
    widest = procedure
    for each in hearing:
        found = _reached(each, widest, inputs)
        wanted = tuple([x is not None for x in found])
        if True in wanted:
            level: Forward | Pushed
            if isinstance(each, GradientTape):
                level = forward_of(widest, wanted, again)
            else:
                level = pushed_of(widest, wanted)
                inputs += [tangent for tangent in found if tangent is not None]
            levels.append((each, level, widest))
            widest = level.procedure
    outputs = [as_tensor(value) for value in widest.run([x._value for x in inputs])]
    count = len(procedure.later)
    later = outputs[:count]
    for variable, tensor in zip(procedure.later, later, strict=True):
        for recorder in recorders:
            recorder.record_read(variable, tensor)
    for depth, (each, level, heard) in enumerate(levels):
        if isinstance(level, Pushed):
            for i, tangent in zip(level.connected, outputs[len(heard.outputs) :], strict=False):
                each._carry(outputs[i], tangent)
        elif level.connected:
            given = inputs[: len(heard.inputs)]
            everything, places = given + outputs, [*given, *later, *heard.captured]
            connected = [outputs[i] for i in level.connected]
            rule = Pull(level, [everything[i] for i in level.kept], [y for y in connected if type(y) is Rows])
            if again:
                rule.inputs = [*given, *later, *[everything[i] for i in level.states]]
                rule.strangers = tuple([weakref.ref(other) for other, *_ in levels[: depth + 1]])
            _note(each, [places[i] for i in level.wanted], connected, rule)
    return outputs[count : len(procedure.outputs)]


def _reached(recorder: Any, procedure: Procedure, inputs: list) -> list:
    """What a recorder knows of the inputs, later reads and captured tensors of a procedure: tangents, or True; None of others."""
    if isinstance(recorder, GradientTape):
        tracked = recorder._tracked
        found = [True if x._key in tracked else None for x in inputs]
        if procedure.later or procedure.captured:
            found += [True if _follows(recorder, variable) else None for variable in procedure.later]
            found += [True if x._key in tracked else None for x in procedure.captured]
        return found
    tangents = recorder._tangents
    found = [tangents.get(x._key) for x in inputs]
    found += [recorder._of_variables.get(id(variable), (None, None))[1] for variable in procedure.later]
    return found + [tangents.get(x._key) for x in procedure.captured]


def _follows(tape: GradientTape, variable: Variable) -> bool:
    return (tape._watch_accessed_variables and variable._trainable) or id(variable) in tape._chosen


def _note(tape: GradientTape, inputs: list[Tensor], outputs: list[Tensor], rule: Pull) -> None:
    """Notes a call: its rule takes None for a result without a cotangent, and is told what is wanted (see `gradient.tape`)."""
    targets = tuple([x._key for x in inputs])
    if len(outputs) == 1:
        note: tuple = (_followed(tape, outputs[0]), None, targets, rule, None)
    else:
        note = (tuple([_followed(tape, y) for y in outputs]), [None] * len(outputs), targets, rule, None)
    tape._notes.append(note)  # type: ignore[union-attr]


def _followed(tape: GradientTape, tensor: Tensor) -> int:
    key = tensor._key
    if not key:
        key = tensor._key = new_key()
    tape._tracked.add(key)
    return key


def as_tensor(value: Any) -> Any:
    """A value of a plan as tapes know it."""
    return Rows(value) if type(value) in (list, Cells, KeptRows) else Tensor(value)


class Rows:
    """What a loop put aside in every iteration or the elements of a TensorArray, or the cotangent of such, between two passes."""

    __slots__ = ("__weakref__", "_key", "_value")

    def __init__(self, value: Any) -> None:
        self._value, self._key = value, 0

    def plus(self, other: Any) -> Rows:
        """The sum of two cotangents."""
        return Rows(add_rows(self._value, other._value))


CONVERTERS[Rows] = lambda rows: rows  # type: ignore[assignment, return-value]


def add_rows(a: Any, b: Any) -> Any:
    """The sums of the rows of two stacks, or of the elements of two arrays."""
    if type(a) in (Cells, KeptRows):
        return a.plus(b)
    return [add_rows(x, y) for x, y in zip(a, b, strict=True)] if type(a) is list else add(Tensor(a), Tensor(b))._value


class Pull:
    """The rule of a call: the backward pass, with what it reads of the forward pass.

    Attributes:
        forward: the forward pass that ran.
        residuals: the tensors that it kept.
        stacks: those of the results that are no tensors: only they say how many zeros a missing cotangent has.
        inputs: what the backward pass can be run from again; empty if nobody will ask for that.
        strangers: the tapes that noted the call without its residuals.
    """

    __slots__ = ("forward", "inputs", "residuals", "stacks", "strangers")

    def __init__(self, forward: Forward, residuals: list[Tensor], stacks: list[Rows]) -> None:
        self.forward, self.residuals, self.stacks = forward, residuals, stacks
        self.inputs: list[Tensor] = []
        self.strangers: tuple[weakref.ref, ...] = ()

    def __call__(self, dy: Any, wanted: Sequence[int]) -> list:
        """The cotangents of the inputs.

        Args:
            dy: the cotangent of the result, or of several a tuple with None for those that have none.
            wanted: the keys of the inputs, 0 for those whose cotangents nobody wants.
        """
        given = dy if type(dy) is tuple else (dy,)
        masks = tuple([each is not None for each in given]), tuple([key != 0 for key in wanted])
        recording = self.strangers and current()
        if recording and any(reference() in recording[1] for reference in self.strangers):
            backward = self.forward.again(*masks)
            tensors = list(self.inputs)
        else:
            backward = self.forward.backward(*masks)
            residuals = self.residuals
            tensors = [residuals[i] for i in backward.read]
        if backward.given == masks[0]:
            tensors += [each for each in given if each is not None]
        else:
            tensors += self._filled(given)
        pulled = backward.packed(call(backward.procedure, tensors))
        for i in backward.silent:
            pulled[i] = SILENT
        return pulled

    def _filled(self, given: Sequence) -> list:
        """The cotangents of the results, with zeros for those that have none.

        They are asked for where the backward pass for the others alone would read what was not kept: the length of a stack, say,
        of which it makes zeros.
        """
        stacks = iter(self.stacks)
        filled: list[Any] = []
        for dy, seed in zip(given, self.forward.seeds, strict=True):
            stack = next(stacks) if depth_of(seed) else None
            if dy is not None:
                filled.append(dy)
            elif stack is not None:
                filled.append(Rows(zeros_of(stack._value)))
            else:
                filled.append(Tensor(np.zeros(seed._value.shape, seed._value.dtype)[()]))
        return filled


def _replayed(procedure: Procedure, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The results of the nodes applied one by one, for recorders that need to hear of each."""
    inputs = [*tensors, *[variable._read() for variable in procedure.variables]]
    values = {x._value.number: tensor for x, tensor in zip(procedure.inputs, inputs, strict=True)}
    results = procedure.outputs[len(procedure.later) :]
    block = procedure.block()
    replay(block, needed_by(block, results), values)
    return [values[y._value.number] if type(y) is SymbolicTensor else y for y in results]
