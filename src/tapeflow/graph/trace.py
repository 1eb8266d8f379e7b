"""The trace of a function: it is handed every operation on a symbolic tensor, and notes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.dimension import Dim, Sizes, holds_dim, same_shape
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, unknown
from tapeflow.core.recording import current, heard_by, new_key
from tapeflow.core.symbolic import (
    Abstract,
    Cases,
    Shapeless,
    SymbolicTensor,
    TraceUnsupported,
    fail,
    out_of_scope,
    perform,
    tracing_with,
)
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.gradient.tape import owner
from tapeflow.graph.agreement import check_loop_variables, free_axes
from tapeflow.graph.cells import within
from tapeflow.graph.control_flow import choose, loop, scan
from tapeflow.graph.effects import act_on_arrays, again, as_told, unheard
from tapeflow.graph.inference import infer
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, reopened
from tapeflow.graph.late_sizes import LateSizes
from tapeflow.graph.lifting import lifted
from tapeflow.graph.naming import names_in
from tapeflow.graph.outside import Outside
from tapeflow.graph.stacks import add_stacks, range_rows
from tapeflow.graph.unknown_sizes import content_of, inferred, ranks_are_open
from tapeflow.graph.updates import changed
from tapeflow.ops.axes_known_later import of_cases
from tapeflow.ops.seeds import global_seed
from tapeflow.ops.selection import maximum

__all__ = ["Tracer"]

INT32 = np.dtype("int32")
MOST_NODES = 20_000  # of a graph: more is a loop that Python has written out

SIZES = Primitive("ShapeOf", lambda *, sizes, dtype: np.array(sizes, dtype)[()], inputs=())


class Tracer:
    """One trace under way.

    Attributes:
        forbids_python: whether Python's own control flow on symbolic tensors is TensorFlow's error.
        lists_grow: whether lists grow in loops whatever is appended to them (`graph.growing_lists`).
        verdict: the error that is the answer to the trace, where it is not to be hidden by running eagerly.
        reason: why the trace is to be given up; empty as long as it is not.
        in_doubt: whether an error came from a branch or a loop, which might not have run at all.
        outside: the recorder of what comes from outside.
        created: the variables made during the trace.
        latest: the block that was begun last on the outermost level: the function's, or of one of its derivatives.
        symbols: the symbolic tensors, by their numbers.
        placeholders: the names of the arguments' tensors, by their numbers.
        sizes: the unknown sizes of the arguments, and what the trace assumes of them.
        late: the sizes that depend on values.
        shapes: the shapes with unknown sizes, by the number of the value.
        specializes: whether all sizes are known, and the nodes are those of a trace in which they were not.
        variable_shapes: the shapes that variables have to begin with, of those that may change it.
        unranked: whether there are arguments whose rank is not to be seen.
        seed: the global seed of the random operations, as it was when the trace began or the function set it.
        undo: what takes back what the trace has done besides noting, should it be given up.
        replayable: whether every node can be applied again, to other tensors, with tapes listening.
    """

    def __init__(self, forbids_python: bool = False) -> None:
        self.forbids_python = forbids_python
        self.lists_grow = False
        self.reason = ""
        self.in_doubt = False
        self.verdict: Exception | None = None
        self.outside = Outside()
        self.created: list[Variable] = []
        self.undo: list[Callable[[], Any]] = []
        self.variables: dict[int, Variable] = {}
        self.symbols: dict[int, SymbolicTensor] = {}
        self.placeholders: dict[int, str] = {}
        self.replayable = True
        self.has_arrays = False  # whether the elements of a TensorArray are a value of the graph
        self.arrays: dict[int, tuple] = {}  # TensorArrays from outside, by their ids, and their elements as a value
        self.sizes = Sizes()
        self.late = LateSizes(self)
        self.shapes: dict[int, tuple] = {}
        self.unranked = False
        self.specializes = False
        self.variable_shapes: dict[int, tuple[Variable, tuple]] = {}
        self._assigned_shapes: dict[int, tuple] = {}
        self.seed = global_seed()
        self._heard = True  # whether tapes hear of what is traced now
        self.count = 0
        self.size = 0
        self.block = self.root = self.latest = Block(self, None)

    def given_up(self) -> None:
        """Leaves nothing behind of a trace that nobody will run."""
        while self.undo:
            self.undo.pop()()

    def name_of(self, number: int) -> str:
        """The name of a tensor."""
        return names_in(self).get(number) or f"tensor_{number}:0"

    # -- values -------------------------------------------------------------------------------------

    def unknown_size(self, hint: int) -> Dim:
        """A size that is known only when the function runs."""
        self.sizes.emit = self.size_as_tensor
        return self.sizes.symbol(hint)

    def symbol(self, shape: tuple | None, dtype: np.dtype, depth: int = 0, block: Block | None = None) -> SymbolicTensor:
        """A new symbolic tensor, or stack of them, of the block under way if no other is given.

        Without a shape it is one whose shape is known only when the function runs.
        """
        self.count += 1
        if shape is None:
            tensor = self.symbols[self.count] = SymbolicTensor(Shapeless(dtype, self.count, self.block))
            return tensor
        if self.sizes.hints and holds_dim(shape):
            self.shapes[self.count] = shape
        abstract = Abstract(shape, dtype, self.count, block or self.block, depth)
        tensor = self.symbols[self.count] = SymbolicTensor(abstract)
        if dtype.kind in DIFFERENTIABLE_KINDS:
            tensor._key = new_key()  # loops and choices note what they read, if anybody can follow it
        return tensor

    def reach(self, tensors: tuple | list, stacks: bool = False) -> tuple | list:
        """The tensors as they are to be had here: those of a forward pass, in its backward pass, are brought here.

        Args:
            tensors: what an operation is to be applied to.
            stacks: whether stacks are admitted among them.
        """
        if any(type(x) is SymbolicTensor and not x._value.scope.open for x in tensors):
            tensors = tuple([self._brought(x) for x in tensors])
        self.check(tensors)
        if not stacks and any(type(x) is SymbolicTensor and x._value.depth for x in tensors):
            fail("an operation on a whole stack of values")
        return tensors

    def _brought(self, x: Tensor) -> Tensor:
        block: Block | None = self.block
        while block is not None and type(x) is SymbolicTensor and not x._value.scope.open:
            if block.imports is not None and block.imports.has(x._value.scope):
                x = block.imports.lift(x)
                if type(x) is SymbolicTensor and not x._value.scope.open:
                    return self._brought(x)
                return x
            block = block.outer
        return x

    def check(self, tensors: tuple | list) -> None:
        """Refuses tensors that are not to be had here.

        Raises:
            TypeError: a tensor belongs to another function.
        """
        for x in tensors:
            if type(x) is SymbolicTensor:
                scope = x._value.scope
                if scope.tracer is not self:
                    raise out_of_scope(x)
                if not scope.open:
                    fail("a tensor made inside a loop or a branch is used outside of it")
            elif x._key:
                self.outside.followed = True

    @contextmanager
    def inner(self) -> Iterator[Block]:
        """A block inside the one under way."""
        outer = self.block
        self.block = block = Block(self, outer)
        recording = current()
        block.before = () if recording is None else recording[1]
        try:
            yield block
        finally:
            block.open = False
            self.block = outer
            outer.reads.clear()  # the block may assign what was read before it

    @contextmanager
    def extended(self, within: Block | None = None) -> Iterator[Block]:
        """A context in which the trace goes on in a block that sees what was before, or what is `within` a part of it."""
        before = self.block, self.size
        self.block = block = Block(self, within or self.latest)
        if within is None:
            self.latest = block
        self.size, self.reason = 0, ""
        try:
            with heard_by((self.outside,)), self.tracing(), reopened(within):
                yield block
        finally:
            self.block, self.size = before

    @contextmanager
    def called(self) -> Iterator[None]:
        """A call of another function, which becomes part of this one: its random operations have seeds as in a call by itself."""
        block, before = self.block, (self.block.seeds, self.seed)
        block.seeds = 0
        try:
            yield
        finally:
            block.seeds, self.seed = before

    def add(self, node: Any) -> None:
        """Puts a node at the end of the block under way."""
        self.size += 1
        if type(node) is Assign or (type(node) is Node and node.effect):
            self.late.acts()
        if self.size > MOST_NODES:
            fail(f"the graph has more than {MOST_NODES} nodes; loops over tensors must be seen by AutoGraph")
        self.block.nodes.append(node)
        if type(node) in (Choice, Loop):
            self.block.reads.clear()  # it may assign what was read in front of it

    def listeners(self) -> list:
        """The recorders that the function itself has opened."""
        recording = current()
        return [] if recording is None else [r for r in recording[1] if r is not self.outside]

    def size_as_tensor(self, size: Dim | tuple, dtype: np.dtype | None = None) -> Tensor:
        """An unknown size, or a tuple of sizes, as a tensor of integers (of floats, where a rule computes with it)."""
        attributes = {"sizes": size, "dtype": dtype or INT32}
        tensor = self.apply(SIZES, SIZES.kernel, (), attributes, partial(apply, SIZES, **attributes))
        if tensor._value.dtype.kind in "iu":
            content = np.empty(tensor._value.shape, object)
            content[...] = size
            tensor._value.content = content
        return tensor

    # -- operations ------------------------------------------------------------------------------------

    def apply(self, primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None, replay: Callable) -> Any:
        """Notes an operation and tells the recorders, as running it would."""
        if attributes and Cases in map(type, attributes.values()):
            return of_cases(primitive, inputs, attributes)
        if primitive.name == "AddV2" and any(type(x) is SymbolicTensor and x._value.depth for x in inputs):
            return add_stacks(*inputs)  # cotangents of a stack: whoever adds them need not know
        inputs = tuple(self.reach(inputs))
        contents = None
        shapes: list[Any]
        if primitive.shape is unknown:
            shapes, several = [(None, attributes["dtype"])], False  # type: ignore[index]
        elif primitive.opens and (opened := self.late.opened(primitive, compute, inputs, attributes)):
            shapes, several = opened
        elif self.sizes.hints:
            shapes, several = inferred(self, primitive, compute, inputs, attributes)
            contents = content_of(primitive, compute, inputs, attributes, [dtype for _, dtype in shapes])
        else:
            shapes, several = infer(primitive, compute, inputs, attributes)
        made = tuple([self.symbol(shape, dtype) for shape, dtype in shapes])
        for y, content in zip(made, contents or (), strict=False):
            y._value.content = content
        if self.unranked:
            for y, depends in zip(made, ranks_are_open(self, primitive, compute, inputs, attributes), strict=False):
                y._value.unranked = depends
        if attributes and any(callable(value) for value in attributes.values()):
            self.replayable = False  # a rule of the user's own, which knows the tensors of this trace
        if primitive.shape is unknown:
            compute, replay = partial(as_told, compute, made[0]), partial(again, replay, made, False)
        numbers = tuple([y._value.number for y in made])
        replay = self._as_heard(replay)
        large, heard = any(shape for shape, _ in shapes), self._is_heard()
        node = Node(primitive, compute, inputs, attributes, numbers, replay, several, large=large, heard=heard)
        self.add(self.late.sized(node) if attributes and self.late.tensors else node)
        if self.late.opening:
            self.late.measure(made)
        output: Any = made if several else made[0]
        recording = current()
        if recording is not None and primitive.differentiable:
            if attributes is None and not any(x._key for x in inputs):
                return output
            for recorder in recording[1]:
                recorder.record(primitive, inputs, output, attributes)
        return output

    # -- variables -------------------------------------------------------------------------------------

    def read(self, variable: Variable) -> Tensor:
        """The symbolic value of a variable at this place of the program."""
        recording = current()
        key = id(variable), recording and recording[0]
        tensor = self.block.reads.get(key)
        if tensor is not None:
            return tensor
        self.variables[id(variable)] = variable
        tensor = self.symbol(self._shape_of(variable), variable._value.dtype)
        self.block.reads[key] = tensor
        self.add(
            Node(
                None,
                lambda: variable._value,
                (),
                None,
                (tensor._value.number,),
                self._as_heard(lambda: variable._read()),
                variable=variable,
                large=tensor._value.ndim > 0,
                heard=self._is_heard(),
            )
        )
        if recording is not None:
            for recorder in recording[1]:
                recorder.record_read(variable, tensor)
        return tensor

    def _shape_of(self, variable: Variable) -> tuple:
        """The shape of a variable's value at this place of the program; sizes that may change are unknown."""
        if not has_open_shape(variable):
            return variable._value.shape
        shape = self._assigned_shapes.get(id(variable))
        if shape is None:
            shape = variable._value.shape
            if not self.specializes:
                open_shape = variable.shape
                declared = [None] * len(shape) if open_shape.rank is None else open_shape.as_list()
                shape = tuple([self.unknown_size(n) if d is None else d for n, d in zip(shape, declared, strict=True)])
            self.variable_shapes[id(variable)] = variable, shape
            self._assigned_shapes[id(variable)] = shape
        return shape

    def create(self, variable: Variable, initial: Tensor) -> Tensor:
        """Lets a variable be made, and gives its initial value."""
        if type(initial) is SymbolicTensor:
            initial = lifted(self.block, initial)
        self.created.append(variable)
        return initial

    def assign(self, variable: Variable, new: Tensor) -> None:
        """Notes an assignment; later reads are new ones."""
        (new,) = self.reach((new,))
        variable = owner(variable)
        self.variables[id(variable)] = variable
        if has_open_shape(variable):
            if self.block is not self.root and not same_shape(self._shape_of(variable), new._value.shape):
                fail(f"the variable {variable._name} changes its shape inside a choice or a loop")
            self._assigned_shapes[id(variable)] = new._value.shape
        self.add(Assign(variable, new))
        self._forget_reads()

    def update(self, variable: Variable, change: Callable, delta: Tensor | None) -> None:
        """Notes a change of a variable's value by `change(value, delta)`: a read, an operation and an assignment.

        No tape hears of the first two, as none hears of an update that is made at once.
        """
        with self.unheard():
            old = self.value_of(variable)
            self.assign(variable, changed(change, old) if delta is None else changed(change, old, delta))

    def value_of(self, variable: Variable) -> Tensor:
        """The variable's value here, for what no tape hears of: read already, whoever listened then, or read now."""
        variable = owner(variable)
        known = [tensor for (number, _), tensor in self.block.reads.items() if number == id(variable)]
        if known:
            return known[0]
        with self.unheard():
            return self.read(variable)

    def attempt(self, action: Callable[[], Any]) -> bool:
        """Does something that no tape hears of; if it cannot be traced, it has noted nothing, and the answer is False."""
        nodes, reads, reason = len(self.block.nodes), dict(self.block.reads), self.reason
        try:
            with self.unheard():
                action()
            return True
        except TraceUnsupported:
            del self.block.nodes[nodes:]
            self.block.reads, self.reason = reads, reason
            return False

    def _forget_reads(self) -> None:
        block: Block | None = self.block
        while block is not None:
            block.reads.clear()
            block = block.outer

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """A context in which no tape hears of what is traced, nor of its replay."""
        before, self._heard = self._heard, False
        try:
            with heard_by(()):
                yield
        finally:
            self._heard = before

    def _is_heard(self) -> bool:
        recording = current()
        return recording is not None and self.outside in recording[1]

    def _as_heard(self, replay: Callable) -> Callable:
        return replay if self._heard else partial(unheard, replay)

    def choose(self, condition: Tensor, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        """What `tf.cond` gives."""
        structures: list[Any] = []
        yes, no = self.converted(yes), self.converted(no)

        def flat(branch: Callable[[], Any]) -> Callable[[], list]:
            def run() -> list:
                structures.append(branch())
                return nest.flatten(structures[-1], expand_composites=True)

            return run

        leaves = choose(self, condition, (flat(yes), flat(no)))
        try:
            nest.assert_same_structure(structures[0], structures[1], check_types=False, expand_composites=True)
        except (TypeError, ValueError):
            fail("the branches of a choice give different structures")
        return nest.pack_sequence_as(structures[0], leaves, expand_composites=True)

    def loop(
        self, test: Callable, body: Callable, variables: Any, most: Tensor | None = None, invariants: Any = None
    ) -> Any:
        """What `tf.while_loop` gives: `variables` are a list or tuple, and `most` is how often the body runs at most."""
        test, body = self.converted(test), self.converted(body)

        def packed(leaves: list) -> Any:
            return nest.pack_sequence_as(variables, leaves, expand_composites=True)

        def following(leaves: list, _: Any) -> list:
            after = body(*packed(leaves))
            if len(variables) == 1 and not (isinstance(after, list | tuple) and len(after) == 1):
                after = (after,)
            nest.assert_same_structure(list(variables), list(after), check_types=False)
            flat = nest.flatten(after, expand_composites=True)
            check_loop_variables(initial, flat, invariants)
            return flat

        initial = leaves = nest.flatten(variables, expand_composites=True)
        counts = None
        if most is not None:
            zero, one = (Tensor(most._value.dtype.type(number)) for number in (0, 1))
            counts = self.range(zero, maximum(most, zero), one)
        free = free_axes(leaves, invariants)
        return packed(loop(self, leaves, lambda leaves: test(*packed(leaves)), following, counts, free))

    scan = scan
    within = within
    range = staticmethod(range_rows)  # of scalars that are known only when the function runs, for a loop to run over

    def converted(self, function: Callable) -> Callable:
        """A function that the user hands to an operation, such that Python's control flow works in it."""
        from tapeflow.graph.deciding import converted

        return function if self.forbids_python else converted(function)

    def effect(self, act: Callable, inputs: tuple, compute: Callable | None = None) -> None:
        """Notes that `act` is to be called with these tensors, or where no tape listens `compute` with their values."""
        inputs = tuple(self.reach(inputs))
        compute = compute or (lambda *values: act(*map(Tensor, values)))
        self.add(Node(None, compute, inputs, None, (), act, effect=True))
        self._forget_reads()

    def perform(self, act: Callable, inputs: tuple, results: Any, assigns: bool) -> Any:
        """Notes an effect that gives something: a symbolic tensor, or a tuple of them."""
        inputs = tuple(self.reach(inputs))
        several = isinstance(results, list)
        made = tuple([self.symbol(shape, dtype) for shape, dtype in (results if several else [results])])

        def performed(*tensors: Tensor) -> Any:
            return perform(act, tensors, results, assigns=assigns)

        replay = self._as_heard(partial(again, performed, made, several))
        numbers = tuple([y._value.number for y in made])
        self.add(Node(None, partial(act_on_arrays, act, made, several), inputs, None, numbers, replay, several, True))
        if assigns:
            self._forget_reads()
        return made if several else made[0]

    # -- tracing ---------------------------------------------------------------------------------------

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """A context in which operations come here."""
        with tracing_with(self):
            yield


def has_open_shape(variable: Variable) -> bool:
    """Whether another shape may be assigned to a variable."""
    return variable._shape is not None and not variable._shape.is_fully_defined()
