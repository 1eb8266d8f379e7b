"""The laws of graphs, checked.

A pass that breaks one of them may do no harm where it stands and much harm later: a name that nothing defines is an error only
where somebody reads it. So the tests check every graph that is compiled, when the passes are done and as it is written into the
Plan (`tests/conftest.py`); users' functions are not checked. Before the passes a graph may name values that it does not have, in
nodes that nothing needs: the backward pass of a function is traced for all that could be asked of it.

The laws are:

    scope        a value is named only after the node that makes it, in its block or in one inside it;
                 what a loop's test makes, its body may name too
    once         each number is that of one value
    alignment    a choice has as many results on each side as outputs; a loop's state, what it starts with and what follows are
                 as many, and so are its rows and their items; its outputs are those of the state and of the stacks
    shape        a value has one shape, dtype and depth wherever it is named, and a state the dtype and depth that it starts with
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tapeflow.core.symbolic import Shapeless, SymbolicTensor
from tapeflow.graph.ir import Block, Choice, Loop, Node

__all__ = ["Malformed", "verify"]


class Malformed(AssertionError):
    """A graph breaks a law: there is a mistake in a pass, or in what traced it."""


def verify(block: Block, inputs: Iterable[int], outputs: Sequence[Any]) -> None:
    """Checks a graph.

    Args:
        block: its nodes.
        inputs: the numbers of its arguments.
        outputs: the tensors that it gives.

    Raises:
        Malformed: it breaks a law.
    """
    check = _Check()
    known = check.defined(inputs, set(), "the arguments")
    check.named(outputs, check.block(block, known), "the outputs of the graph")


class _Check:
    """A walk through a graph.

    Attributes:
        made: the numbers that have been made anywhere so far.
        forms: for a number its shape, dtype and depth, once it has been named.
    """

    def __init__(self) -> None:
        self.made: set[int] = set()
        self.forms: dict[int, tuple] = {}

    def block(self, block: Block, known: set[int]) -> set[int]:
        """Checks the nodes of a block.

        Args:
            block: the block.
            known: the numbers that may be named from its beginning on; it stays as it is.

        Returns:
            The numbers that may be named after its end, in it and in the blocks that it ends with.
        """
        known = set(known)
        for node in block.nodes:
            if type(node) is Choice:
                self._choice(node, known)
            elif type(node) is Loop:
                self._loop(node, known)
            else:
                self.named(node.inputs, known, _title(node))
            known = self.defined(node.outputs, known, _title(node))
        return known

    def defined(self, numbers: Iterable[int], known: set[int], where: str) -> set[int]:
        """What is known when these numbers are."""
        for number in numbers:
            if number in self.made:
                raise Malformed(f"{where}: there is another value with the number {number}")
            self.made.add(number)
            known.add(number)
        return known

    def named(self, tensors: Iterable[Any], known: set[int], where: str) -> None:
        """Checks the tensors that are named in one place."""
        for x in tensors:
            if type(x) is not SymbolicTensor:
                continue
            value = x._value
            if value.number not in known:
                what = "not known there" if value.number in self.made else "made nowhere before"
                raise Malformed(f"{where}: the value {value.number} is {what}")
            form = None if type(value) is Shapeless else value.shape, value.dtype, value.depth
            if self.forms.setdefault(value.number, form) != form:
                raise Malformed(f"{where}: the value {value.number} is {form}, elsewhere {self.forms[value.number]}")

    # -- nodes with blocks -------------------------------------------------------------------------------

    def _choice(self, node: Choice, known: set[int]) -> None:
        self.named([node.condition], known, "the condition of a choice")
        for block, results in zip(node.blocks, node.results, strict=True):
            _aligned("the results of a choice", results, node.outputs)
            self.named(results, self.block(block, known), "the results of a choice")

    def _loop(self, node: Loop, known: set[int]) -> None:
        _aligned("the rows of a loop and their items", node.rows, node.items)
        _aligned("the state of a loop and what it starts with", node.state, node.initial)
        _aligned("the state of a loop and what follows", node.state, node.following)
        _aligned("the outputs of a loop", node.outputs, [*node.state, *node.emitted])
        self.named(node.rows, known, "the rows of a loop")
        self.named(node.initial, known, "what a loop starts with")
        inside = self.defined([*node.state, *node.items], set(known), "the state and the rows of a loop")
        if node.test is not None:
            inside = self.block(node.test, inside)
            self.named([node.condition], inside, "the test of a loop")
        inside = self.block(node.body, inside)
        self.named([*node.following, *node.emitted], inside, "the end of a loop's body")
        for first, later in zip(node.initial, node.following, strict=True):
            forms = [(x._value.dtype, getattr(x._value, "depth", 0)) for x in (first, later)]
            if forms[0] != forms[1]:
                raise Malformed(f"the state of a loop: it starts with {forms[0]}, and {forms[1]} follows")


def _aligned(what: str, first: Sequence, second: Sequence) -> None:
    if len(first) != len(second):
        raise Malformed(f"{what}: {len(first)} and {len(second)}")


def _title(node: Any) -> str:
    if type(node) is Node:
        return node.primitive.name if node.primitive is not None else "a read" if node.variable is not None else "an effect"
    return type(node).__name__
