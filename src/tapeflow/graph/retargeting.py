"""One trace for all variables of one shape and dtype: the graph of the first is made again for others, without running Python.

A variable among the arguments stands in the graph itself, so a call with another one needs a graph of its own. That is the
first one's, node by node, with the variable exchanged. It is the right one only if the trace knew the variable as an argument
and in no other way: not where the function holds it, too, or an optimizer has state for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapeflow.core import nest
from tapeflow.core.variable import Variable
from tapeflow.graph.captures import held_by
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.ir import Block, Node, blocks_of
from tapeflow.graph.specialize import Repetition
from tapeflow.graph.trace import Tracer

__all__ = ["for_variables", "is_known_as_argument_only"]


def is_known_as_argument_only(variables: Sequence[Variable], concrete: ConcreteFunction, roots: Sequence[Any]) -> bool:
    """Whether other variables may take the place of these.

    Args:
        variables: those among the arguments.
        concrete: what was traced.
        roots: the Python function, and the arguments that are no variables.
    """
    tracer = concrete._tracer
    if tracer.created or concrete.variable_shapes or any(v._shape is not None for v in variables):
        return False
    if tracer.late.tensors or not (tracer.replayable or tracer.has_arrays):
        return False  # sizes, or a rule of the user's own, know the tensors of this trace
    held = held_by(*roots, *_effects(tracer.root))
    return held is not None and not any(id(v) in held for v in variables)


def _effects(block: Block) -> list[Any]:
    """What the effects of a block call: it may hold variables."""
    found: list[Any] = []
    for node in block.nodes:
        if type(node) is Node and node.effect:
            found += [node.replay, node.compute]
        for each in blocks_of(node):
            found += _effects(each)
    return found


def for_variables(concrete: ConcreteFunction, old: Sequence[Variable], new: Sequence[Variable]) -> ConcreteFunction | None:
    """The same function of other variables; None if it cannot be made.

    Args:
        concrete: what was traced.
        old: the variables that it was traced for.
        new: those in their places.
    """
    name, before, placeholders, result, outputs = concrete.parts
    tracer = Tracer()
    tracer.replayable, tracer.has_arrays = before.replayable, before.has_arrays
    tracer.outside.followed, tracer.outside.derived = before.outside.followed, before.outside.derived
    pairs = zip(old, new, strict=True)
    repetition = Repetition(before, tracer, variables={id(mine): its for mine, its in pairs})
    try:
        inputs, found = repetition.function(placeholders, [x._value.shape for x in placeholders], outputs)
    except Exception:  # then the function is traced again
        return None
    for x, y in zip(placeholders, inputs, strict=True):
        tracer.placeholders[y._value.number] = before.placeholders[x._value.number]
    packed = nest.pack_sequence_as(result, found, expand_composites=True)
    return ConcreteFunction(name, tracer, inputs, packed, found)
