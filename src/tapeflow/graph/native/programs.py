"""Whole programs of scalars and small tensors as one function of machine code, loops and choices included.

A variable is in registers from its first read to the end, when it is written back, so that ten thousand steps of an optimizer touch
memory once. In the text every value that changes has a place on the stack; LLVM's `mem2reg` makes registers of them.

What a program may contain is what `lowering` and `unrolled` know, and assignments. An effect that others could see in between
(printing, Python) keeps it a Plan; so do errors: where an operation would fail, the program is given up with nothing written, and
the Plan runs from the beginning and raises the error in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, blocks_of
from tapeflow.graph.native.called import Module
from tapeflow.graph.native.elements import AT_PLACES, at_places, is_large, reads_memory
from tapeflow.graph.native.expressions import WIDTH, Value, to_memory
from tapeflow.graph.native.kept import Buffer, Stack, stack_given
from tapeflow.graph.native.loops import ENTRY
from tapeflow.graph.native.pauses import Pauses
from tapeflow.graph.native.ranges import Numbers
from tapeflow.graph.native.turns import write_loop
from tapeflow.graph.native.unrolled import Refused, Small, check, computed, constant_tensor
from tapeflow.graph.needs import tensors_in
from tapeflow.graph.stacks import range_rows

__all__ = ["Text", "written"]

MOST_INSTRUCTIONS = 6_000


class Text(NamedTuple):
    """The text of a program, and what it reads and writes.

    Attributes:
        module: LLVM's text of `i32 kernel(in, out)`; it gives 0, or 1 if the Plan must run instead.
        inputs: what is in the block `in`, in turn: (array or variable or number of a value, shape, dtype); for a shape of
            None the address of an array; (number, shape, dtype of a row, "stack") for a stack's address and length.
        outputs: what is in the block `out`: first the results, then the variables.
        assigned: these variables.
        loops: whether there is a loop.
        takes_the_lock: whether it lets Python's lock go by itself, and takes it again to let handlers of signals run: it is called
            with the lock then, and may give 2 with an error set.
    """

    module: str
    inputs: list[tuple]
    outputs: list[Output]
    assigned: list
    loops: bool
    takes_the_lock: bool


class Output(NamedTuple):
    """What a program gives: elements; or a stack, `backwards` or not: the address of its buffer, its first row and its length."""

    shape: tuple[int, ...]
    dtype: np.dtype
    backwards: bool | None = None


def written(nodes: Sequence[Any], given: Sequence[Any], results: Sequence[Any], needed: set[int]) -> Text:
    """The program of some nodes.

    Args:
        nodes: they run one after the other.
        given: the symbolic tensors that come from outside.
        results: the tensors wanted.
        needed: the numbers of the values that anything needs.

    Raises:
        Refused: it cannot be such a program.
    """
    return _Writer(nodes, given, results, needed).text()


class _Writer:
    def __init__(self, nodes: Sequence[Any], given: Sequence[Any], results: Sequence[Any], needed: set[int]) -> None:
        self.program = Module()
        self.needed = needed
        self.values: dict[int, Small] = {}
        self.head: list[str] = []  # places on the stack, and what comes from memory
        self.inputs: list[tuple] = []
        self.offset = 0  # of the next input, in bytes
        self.places: dict[int, tuple[Any, list[str]]] = {}  # id(variable) -> the variable, and where its elements are
        self.assigned: dict[int, Any] = {}
        self.labels = 0
        self.has_loops = False
        self.pauses = Pauses(self)
        self.stacks: dict[int, Any] = {}  # of rows that were kept, or of the numbers of a range
        self.shared: dict[int, Stack] = {}  # by the number of an inner loop's stack, the stack that its rows are put on
        self.buffers: list[Buffer] = []
        self.allocate = self.free = ""  # the functions that they call
        self.pointers: dict[int, str] = {}
        self.addresses: dict[int, str] = {}  # of arrays from outside, by their numbers or ids
        self.given = {x._value.number for x in given}
        self.given_out = {x._value.number for x in results if type(x) is SymbolicTensor and x._value.depth}
        block = Block(None, None)
        block.nodes = list(nodes)
        tensors = [x for x in (*tensors_in(block), *results) if type(x) is SymbolicTensor]
        self.symbols = {x._value.number: x._value for x in tensors}
        self.used_small, self.used_as_rows = _uses(block, results)
        for x in given:
            self._receive(x._value)
        for variable in _variables(block):
            self._enter(variable)
        self.run(block)
        self.results = [self.stack(x) if getattr(x._value, "depth", 0) else self.tensor(x) for x in results]

    # -- memory ------------------------------------------------------------------------------------------

    def label(self) -> str:
        self.labels += 1
        return f"L{self.labels}"

    def write(self, line: str) -> None:
        self.program.lines.append(line)
        if len(self.program.lines) > MOST_INSTRUCTIONS:
            raise Refused(f"more than {MOST_INSTRUCTIONS} instructions")

    def mark(self, label: str) -> None:
        """Ends a block of instructions with a jump to the next one."""
        self.write(f"br label %{label}")
        self.write(f"{label}:")

    def place(self, type: str) -> str:
        """A new place on the stack."""
        name = f"%place{len(self.head)}"
        self.head.append(f"{name} = alloca {type}")
        return name

    def load(self, type: str, place: str) -> Value:
        return self.program.emit(type, f"load {type}, ptr {place}")

    def store(self, value: Value, place: str) -> None:
        self.write(f"store {value.type} {value}, ptr {place}")

    def _argument(self, type: str) -> Value:
        """The next number of the block of inputs."""
        memory = "i8" if type == "i1" else type
        n = len(self.head)
        self.head.append(f"%in{n} = getelementptr i8, ptr %in, i64 {self.offset}")
        self.head.append(f"%x{n} = load {memory}, ptr %in{n}, align 1")
        self.offset += WIDTH[type] // 8 or 1
        if type == "i1":
            self.head.append(f"%b{n} = trunc i8 %x{n} to i1")
            return self.program.value("i1", f"%b{n}")
        return self.program.value(type, f"%x{n}")

    def _receive(self, value: Any) -> None:
        """A tensor from outside: its elements, or its address where it is only run over."""
        if value.depth > 1:
            raise Refused("a stack of stacks from outside")
        if value.depth:
            self.stacks[value.number] = stack_given(self, value)
            return
        if value.number in self.used_as_rows and value.number not in self.used_small:
            return
        type = check(value.shape, value.dtype)
        self.inputs.append((value.number, value.shape, value.dtype))
        self.values[value.number] = Small([self._argument(type) for _ in range(value.size)], value.shape, value.dtype)

    def address(self, source: Any) -> str:
        """The address of an array from outside, given as a number: that of a value, or a constant array."""
        self.inputs.append((source, None, None))
        return self._as_pointer(self._argument("i64"))

    def stack_argument(self, value: Any) -> tuple[str, Value]:
        """The address and the length of a stack from outside."""
        self.inputs.append((value.number, value.shape, value.dtype, "stack"))
        return self._as_pointer(self._argument("i64")), self._argument("i64")

    def pointer(self, where: np.int64) -> str:
        """An address that is the same in every call."""
        if int(where) not in self.pointers:
            self.inputs.append((where, (), where.dtype))
            self.pointers[int(where)] = self._as_pointer(self._argument("i64"))
        return self.pointers[int(where)]

    def _as_pointer(self, address: Value) -> str:
        name = f"%address{len(self.head)}"
        self.head.append(f"{name} = inttoptr i64 {address} to ptr")
        return name

    def _enter(self, variable: Any) -> None:
        """A variable's value goes to the stack."""
        value = variable._value
        if variable._shape is not None and not variable._shape.is_fully_defined():
            raise Refused("a variable that may change its shape")
        type = check(value.shape, value.dtype)
        self.inputs.append((variable, value.shape, value.dtype))
        arguments = [self._argument(type) for _ in range(value.size)]
        places = [self.place(type) for _ in arguments]
        self.head += [f"store {type} {x}, ptr {place}" for x, place in zip(arguments, places, strict=True)]
        self.places[id(variable)] = variable, places

    # -- nodes --------------------------------------------------------------------------------------------

    def tensor(self, x: Any) -> Small:
        if type(x) is SymbolicTensor:
            try:
                return self.values[x._value.number]
            except KeyError:
                raise Refused("a value that is not small") from None
        return constant_tensor(self.program, x._value)

    def stack(self, x: Any) -> Stack:
        """A stack that the program gives."""
        found = self.stacks.get(x._value.number)
        if (
            not isinstance(found, Stack)
            or found.lengths is not None
            or found.buffer not in self.buffers
            or found.inner is not None
        ):
            raise Refused("a stack that is not one of rows from one loop")
        return found

    def run(self, block: Block) -> None:
        for node in block.nodes:
            if type(node) is Node:
                self._node(node)
            elif type(node) is Assign:
                _, places = self.places[id(node.variable)]
                self.assigned[id(node.variable)] = node.variable
                for value, place in zip(self.tensor(node.value).values, places, strict=True):
                    self.store(value, place)
            elif type(node) is Choice:
                self._choice(node)
            else:
                self.has_loops = True
                write_loop(self, node)

    def _node(self, node: Node) -> None:
        if node.variable is not None:
            variable, places = self.places[id(node.variable)]
            value = variable._value
            type = check(value.shape, value.dtype)
            loaded = [self.load(type, place) for place in places]
            self.values[node.outputs[0]] = Small(loaded, value.shape, value.dtype)
            return
        if node.primitive is None:
            raise Refused("an effect that others can see")
        symbols = [self.symbols.get(number) for number in node.outputs]
        if all(symbol is None for symbol in symbols):
            return
        if any(symbol is None for symbol in symbols):
            raise Refused(f"{node.primitive.name}, of whose results not all are needed")
        outputs = [(symbol.shape, symbol.dtype) for symbol in symbols]  # type: ignore[union-attr]
        if node.primitive is range_rows:
            start, limit, delta = (self.tensor(x) for x in node.inputs)
            self.stacks[node.outputs[0]] = Numbers(self, start.values[0], limit.values[0], delta.values[0], start.dtype)
            self.heed_guards()
            return
        if node.primitive.name in AT_PLACES:
            taken = at_places(self, node, symbols[0])
            if taken is not None:
                self.values[node.outputs[0]] = taken
                return
        found = computed(node, [self.tensor(x) for x in node.inputs], outputs)
        self.values.update(zip(node.outputs, found, strict=True))
        self.heed_guards()
        if len(self.program.lines) > MOST_INSTRUCTIONS:
            raise Refused(f"more than {MOST_INSTRUCTIONS} instructions")

    def heed_guards(self) -> None:
        """Leaves the program where a guard holds."""
        guards = self.program.guards
        while guards:
            guard, following = guards.pop(0), self.label()
            self.write(f"br i1 {guard}, label %given_up, label %{following}")
            self.write(f"{following}:")

    def condition(self, x: Any) -> Value:
        value = self.tensor(x).values[0]
        return value if value.type == "i1" else value.differs(0)

    def _choice(self, node: Choice) -> None:
        wanted = [i for i, number in enumerate(node.outputs) if number in self.needed]
        sizes = {i: self.symbols[node.outputs[i]] for i in wanted if node.outputs[i] in self.symbols}
        places = {i: [self.place(check(x.shape, x.dtype)) for _ in range(x.size)] for i, x in sizes.items()}
        labels, end = (self.label(), self.label()), self.label()
        self.write(f"br i1 {self.condition(node.condition)}, label %{labels[0]}, label %{labels[1]}")
        for label, block, results in zip(labels, node.blocks, node.results, strict=True):
            self.write(f"{label}:")
            self.run(block)
            for i in places:
                self.keep(self.tensor(results[i]), places[i])
            self.write(f"br label %{end}")
        self.write(f"{end}:")
        for i, x in sizes.items():
            self.values[node.outputs[i]] = self.kept(places[i], x)

    def keep(self, x: Small, places: list[str]) -> None:
        for value, place in zip(x.values, places, strict=True):
            self.store(value, place)

    def kept(self, places: list[str], like: Any) -> Small:
        type = check(like.shape, like.dtype)
        return Small([self.load(type, place) for place in places], like.shape, like.dtype)

    # -- the module -----------------------------------------------------------------------------------------

    def text(self) -> Text:
        outputs: list[Output] = []
        values: list[Value] = []
        handed_over = []
        for x in self.results:
            outputs.append(Output(x.shape, x.dtype, x.backwards if isinstance(x, Stack) else None))
            if isinstance(x, Stack):
                handed_over.append(x.buffer)
                base = self.load("ptr", x.buffer.base)
                values.append(self.program.emit("i64", f"ptrtoint ptr {base} to i64"))
                values += [self.load("i64", x.start), self.load("i64", x.count)]
            else:
                values += x.values
        for key in self.assigned:
            variable, places = self.places[key]
            shape, dtype = variable._value.shape, variable._value.dtype
            outputs.append(Output(shape, dtype))
            values += [self.load(check(shape, dtype), place) for place in places]
        offset = 0
        for value in values:
            place = self.program.emit("ptr", f"getelementptr i8, ptr %out, i64 {offset}")
            offset += WIDTH[value.type] // 8 or 1
            value = to_memory(value)
            self.write(f"store {value.type} {value}, ptr {place}, align 1")
        module = "\n".join(
            [
                *sorted(self.program.declarations),
                *self.program.definitions(),
                *self.pauses.definitions(),
                f"define i32 @{ENTRY}(ptr noalias readonly %in, ptr noalias %out) {{",
                "entry:",
                *self.head,
                "br label %start",
                "start:",
                *self.program.lines,
                *self._freed("end", [buffer for buffer in self.buffers if buffer not in handed_over]),
                *self.pauses.leaving(),
                "ret i32 0",
                "given_up:",
                *self._freed("given_up", self.buffers),
                *self.pauses.leaving(),
                "ret i32 1",
                "interrupted:",
                *self._freed("interrupted", self.buffers),
                "ret i32 2",
                "}",
                '!0 = !{!"branch_weights", i32 1, i32 4096}',
                "",
            ]
        )
        assigned = list(self.assigned.values())
        return Text(module, self.inputs, outputs, assigned, self.has_loops, self.pauses.used)

    def _freed(self, label: str, buffers: list[Buffer]) -> list[str]:
        """The instructions that give memory back."""
        lines = []
        for k, buffer in enumerate(buffers):
            lines.append(f"%{label}{k} = load ptr, ptr {buffer.base}")
            lines.append(f"call void {self.free}(ptr %{label}{k})")
        return lines


def _variables(block: Block) -> list[Any]:
    """The variables that are read or assigned in a block or inside its nodes, each once."""
    found: dict[int, Any] = {}
    for node in block.nodes:
        if type(node) is Assign or (type(node) is Node and node.variable is not None):
            found[id(node.variable)] = node.variable
        for inner in blocks_of(node):
            found |= {id(variable): variable for variable in _variables(inner)}
    return list(found.values())


def _uses(block: Block, results: Sequence[Any]) -> tuple[set[int], set[int]]:
    """The numbers of the values whose elements are wanted, and of those that a loop runs over."""
    small = {x._value.number for x in results if type(x) is SymbolicTensor}
    rows: set[int] = set()

    def look(block: Block) -> None:
        for node in block.nodes:
            if type(node) is Loop:
                rows.update(x._value.number for x in node.rows if type(x) is SymbolicTensor)
                named = [*node.initial, *node.following, *node.emitted, node.condition]
            elif type(node) is Choice:
                named = [node.condition, *node.results[0], *node.results[1]]
            else:
                named = list(node.inputs)
                if type(node) is Node and reads_memory(node) and is_large(node.inputs[0]):
                    rows.update(x._value.number for x in named[:1] if type(x) is SymbolicTensor)
                    named = named[1:]
            small.update(x._value.number for x in named if type(x) is SymbolicTensor)
            for inner in blocks_of(node):
                look(inner)

    look(block)
    return small, rows
