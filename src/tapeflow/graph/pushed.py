"""The forward mode of a procedure: the same procedure, which gives the tangents of its outputs too.

An accumulator is told of the nodes, as if they ran now, and what it computes is noted behind them. So primals and tangents are
computed by one graph, which is optimized and compiled like any other.
"""

from __future__ import annotations

from tapeflow.graph.derivative import Mask, derived
from tapeflow.graph.forward_mode import Inside
from tapeflow.graph.hearing import hear
from tapeflow.graph.loops import depth_of
from tapeflow.graph.procedure import Procedure

__all__ = ["Pushed", "pushed_of"]


class Pushed:
    """A procedure with tangents.

    Args:
        original: what is differentiated.
        wanted: for each of its inputs, later reads and captured tensors whether it has a tangent.

    Attributes:
        procedure: the original one; after its inputs it takes those tangents, and after its outputs it gives the outputs' ones.
        connected: the places of the outputs that have tangents.
    """

    def __init__(self, original: Procedure, wanted: Mask) -> None:
        tracer, later = original.tracer, len(original.later)
        places = [*original.inputs, *original.outputs[:later], *original.captured]
        sources = [x for x, is_wanted in zip(places, wanted, strict=True) if is_wanted]
        seeds = [tracer.symbol(x._value.shape, x._value.dtype, depth_of(x)) for x in sources]
        inside = Inside()
        for x, seed in zip(sources, seeds, strict=True):
            inside.seed([x._key], seed)
        with tracer.extended() as block, inside.listening():
            for each in tracer.outside.derived:
                inside.record(*each)
            hear(inside, original.nodes, tracer.symbols)
        tangents = [inside.of(y) if i >= later else None for i, y in enumerate(original.outputs)]
        self.connected = [i for i, tangent in enumerate(tangents) if tangent is not None]
        self.procedure = original.extended(block.nodes, seeds, [tangent for tangent in tangents if tangent is not None])


def pushed_of(procedure: Procedure, wanted: Mask) -> Pushed:
    """The forward mode of a procedure; see `Pushed`.

    Raises:
        Underivable: a rule cannot be traced.
    """
    return derived(procedure, procedure.pushed, wanted, lambda: Pushed(procedure, wanted))
