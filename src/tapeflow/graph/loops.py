"""Loops under construction: what a body reads from outside, and a note of the whole for the tapes outside.

While a body is traced, the tapes around the loop do not hear its operations: these will run any number of times. A tape of the
loop's own hears them instead. Afterwards the loop is reported to the tapes outside as one operation, from all that it starts
with and reads to all that it ends with; its rule (`loop_gradients`) is made from the notes of the inner tape.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tapeflow.core.dimension import holds_late
from tapeflow.core.recording import current, heard_by
from tapeflow.core.symbolic import SymbolicTensor, fail
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.gradient.tape import GradientTape
from tapeflow.graph.ir import Block, Loop, Node, node_of
from tapeflow.graph.stacks import range_rows, zeros_like
from tapeflow.ops.ranges import RANGE_OF

if TYPE_CHECKING:
    from tapeflow.graph.trace import Tracer

__all__ = ["BlockTape", "LoopBuilder", "outer_tapes"]


class BlockTape(GradientTape):
    """Hears what a body or a branch does, and follows everything that could depend on what is outside.

    Args:
        home: the block that the loop or choice stands in.

    Attributes:
        captured: what is read from outside and may be followed there, by key.
    """

    __slots__ = ("captured", "home")

    def __init__(self, home: Block) -> None:
        super().__init__(persistent=True)
        self._begin()
        self._recording = True
        self.home = home
        self.captured: dict[int, Tensor] = {}

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Notes an operation."""
        self.capture(inputs)
        super().record(primitive, inputs, output, attributes)

    def record_read(self, variable: Variable, tensor: Tensor) -> None:
        """Follows every variable: whether the tapes outside do is theirs to say."""
        self._chosen[id(variable)] = variable
        super().record_read(variable, tensor)

    def follow(self, tensor: Tensor) -> None:
        """Follows a part of the state, or a row."""
        self._leaves.add(self._follow(tensor))

    def capture(self, tensors: Any) -> None:
        """Follows those of these tensors that come from outside, if anybody may follow them there."""
        for x in tensors:
            if (
                x._key
                and x._key not in self._tracked
                and self._is_outside(x)
                and x._value.dtype.kind in DIFFERENTIABLE_KINDS
            ):
                self._tracked.add(x._key)
                self._leaves.add(x._key)
                self.captured[x._key] = x

    def _is_outside(self, x: Tensor) -> bool:
        if type(x) is not SymbolicTensor:
            return True
        block: Block | None = self.home
        while block is not None:
            if block is x._value.scope:
                return True
            block = block.outer
        return False

    def reads(self) -> list[tuple[Variable, list[int]]]:
        """The variables that were read, with the keys of what was read."""
        return list(self._reads.values())


def outer_tapes(tracer: Tracer) -> BlockTape | None:
    """The tape that is to hear a block instead of those that listen now; None if nobody does."""
    return None if current() is None else BlockTape(tracer.block)


class LoopBuilder:
    """A loop that is being traced; a context manager.

    Within the context, `carry` and `row` say what the loop has, `testing` and `body` are the contexts of its blocks; after it,
    `close` makes the node.

    Args:
        tracer: the trace.
        reverse: whether the rows are run over from the last to the first.
    """

    def __init__(self, tracer: Tracer, reverse: bool = False) -> None:
        self.tracer, self.reverse = tracer, reverse
        self.outer = tracer.block
        recording = current()
        self.recorders = () if recording is None else recording[1]
        self.tape = outer_tapes(tracer)
        self.initial: list[Tensor] = []
        self.symbols: list[SymbolicTensor] = []
        self.finals: list[tuple[tuple, tuple | None]] = []  # for each part the axes that are free, and its shape afterwards
        self._unmeasured: list[SymbolicTensor] = []
        self.rows: list[Tensor] = []
        self.items: list[SymbolicTensor] = []
        self.test: Block | None = None
        self.condition: Any = None
        self._contexts = ExitStack()

    def __enter__(self) -> LoopBuilder:
        self.block = self._contexts.enter_context(self.tracer.inner())  # holds no nodes: only the scope of state and rows
        if self.tape is not None:
            self._contexts.enter_context(heard_by((self.tracer.outside, self.tape)))
        return self

    def __exit__(self, *error: Any) -> None:
        if self.test is not None:
            self.test.open = False
        self._contexts.__exit__(*error)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """A context in which operations come before the loop, and the tapes around it hear them."""
        inside, self.tracer.block = self.tracer.block, self.outer
        try:
            with heard_by(self.recorders):
                yield
        finally:
            self.tracer.block = inside

    def zeros(self, like: Tensor) -> Tensor:
        """Zeros for a part of the state to start with."""
        with self.outside():
            return zeros_like(like)

    def carry(
        self, initial: Tensor, free: tuple = (), shape: tuple | None = None, final: tuple | None = None
    ) -> SymbolicTensor:
        """One more part of the state: what stands for it in the body.

        Args:
            initial: what it starts with.
            free: the axes whose sizes may change from turn to turn.
            shape, final: the shapes that it has in the body and afterwards, where these are known and not the initial one.
        """
        with self.outside():
            (initial,) = self.tracer.reach((initial,), stacks=True)
        self.initial.append(initial)
        if free:
            symbol = self._symbol(initial._value, 0, self._freed(initial._value.shape, free))
            self._unmeasured.append(symbol)
        else:
            symbol = self._symbol(initial._value, 0, shape)
        self.symbols.append(symbol)
        self.finals.append((free, final))
        return symbol

    def _freed(self, shape: tuple, free: tuple) -> tuple:
        return tuple([self.tracer.late.new_length() if axis in free else size for axis, size in enumerate(shape)])

    def _measure(self) -> None:
        while self._unmeasured:
            self.tracer.late.measure_new(self._unmeasured.pop())

    def row(self, source: Tensor) -> SymbolicTensor:
        """The loop runs over one more tensor or stack: what stands for its row in the body."""
        with self.outside():
            (source,) = self.tracer.reach((source,), stacks=True)
            numbers = bounds_of_range(source)
            if numbers is not None:
                source = range_rows(*numbers)  # as they are needed
        self.rows.append(source)
        self.items.append(self._symbol(source._value, 1))
        return self.items[-1]

    def _symbol(self, value: Any, less: int, shape: tuple | None = None) -> SymbolicTensor:
        depth = getattr(value, "depth", 0)
        if less and depth:
            symbol = self.tracer.symbol(value.shape, value.dtype, depth - 1, self.block)
        else:
            symbol = self.tracer.symbol(value.shape[less:] if shape is None else shape, value.dtype, depth, self.block)
        if self.tape is not None and value.dtype.kind in DIFFERENTIABLE_KINDS:
            self.tape.follow(symbol)
        return symbol

    @contextmanager
    def testing(self) -> Iterator[None]:
        """The context of the test; `condition` is to be set in it."""
        with self.tracer.inner() as self.test:
            self._measure()
            yield
        self.test.open = True  # the body may use what the test computed: both run in each iteration
        if self.condition._value.ndim:
            fail("the test of a loop is not a scalar")

    @contextmanager
    def body(self, imports: Any = None) -> Iterator[None]:
        """The context of the body; `following` and `emitted` are to be given to `close` when it is left.

        Args:
            imports: what makes values of an earlier block available here.
        """
        with self.tracer.inner() as self.body_block:
            self.body_block.imports = imports
            self._measure()
            yield

    def ends(self, following: list, emitted: list) -> None:
        """Says, within the body, what it ends with: the next state, and what is put on stacks."""
        self.following = list(self.tracer.reach(following, stacks=True))
        self.emitted = list(self.tracer.reach(emitted, stacks=True))
        if self.tape is not None:
            self.tape.capture(self.following + self.emitted)

    def close(self) -> tuple[list[Tensor], list[SymbolicTensor]]:
        """Makes the `node` and tells the tapes: the state afterwards, and the stacks."""
        tracer = self.tracer
        of_variables = [] if self.tape is None else [(tracer.read(v), keys) for v, keys in self.tape.reads()]
        finals = []
        for x, (free, final) in zip(self.symbols, self.finals, strict=True):
            shape = self._freed(x._value.shape, free) if free else x._value.shape if final is None else final
            finals.append(tracer.symbol(shape, x._value.dtype, x._value.depth))
        stacks = [tracer.symbol(x._value.shape, x._value.dtype, depth_of(x) + 1) for x in self.emitted]
        node = Loop(
            self.rows,
            [x._value.number for x in self.items],
            self.initial,
            [x._value.number for x in self.symbols],
            self.test,
            self.condition,
            self.body_block,
            self.following,
            self.emitted,
            [x._value.number for x in (*finals, *stacks)],
            self.reverse,
        )
        self.node = node
        tracer.add(node)
        for x, (free, _) in zip(finals, self.finals, strict=True):
            if free:
                tracer.late.measure_new(x)
        if self.tape is not None:
            from tapeflow.graph.loop_gradients import LoopNote

            LoopNote(self, node, finals, stacks, of_variables).tell(self.recorders)
        # What no iteration changes is afterwards what it was.
        triples = zip(finals, self.following, self.symbols, self.initial, strict=True)
        return [initial if new is x else final for final, new, x, initial in triples], stacks


def bounds_of_range(x: Tensor) -> tuple | None:
    """Start, limit and delta of a range whose length is known only when the graph runs; None for other tensors."""
    value = x._value
    if type(x) is not SymbolicTensor or value.depth or value.ndim != 1 or not holds_late(value.shape):
        return None
    node = node_of(x)
    return node.inputs if type(node) is Node and node.primitive is RANGE_OF else None


def depth_of(x: Tensor) -> int:
    """How many times a value is stacked: 0 for tensors."""
    return x._value.depth if type(x) is SymbolicTensor else 0
