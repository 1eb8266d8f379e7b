"""Nests of loops over arrays that broadcast, with several results and reductions, as the text of an LLVM module.

A `Nest` says what is computed for each element: steps in order, each of them a primitive of `lowering` applied to operands,
results of earlier steps and constants. The axes of the arrays are put together as far as all arrays agree on them: what is left
are a few *groups* of axes, along each of which an array either has elements or is the same (`along`). Nothing of the sizes is in
the text, so one kernel serves all arrays of this structure.

The module has three functions:

    i32 job(ptr block, i64 start, i64 stop)      a job of `threads`: rows start to stop of the outermost loop
    i32 parts(ptr block, i64 start, i64 stop)    a job too, where reductions go over these rows: each part has results of its own
    ptr entry(ptr self, ptr arguments, i64 n)    a function of Python's own, see `builtins`

The block holds the sizes of the groups, then the addresses of the results, then those of the operands; for parts, how many rows one
has, and for each such reduction how many bytes its results have. What a job gives is 0, or 1 where a guard of the expressions
holds anywhere: the results are not valid then.

The innermost loops carry LLVM's promise that their iterations are independent: a result may be written over an operand of its
own shape, because each element is read before it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapeflow.graph.native.expressions import Program, Value, from_memory, in_memory, to_memory
from tapeflow.graph.native.lowering import TYPES, lower
from tapeflow.graph.native.nest_parts import Along, Nest, Reduction, Step, constant_value
from tapeflow.graph.native.reductions import accumulator, begins, combined, identity, is_mixed, widened

__all__ = ["ENTRY", "JOB", "PARALLEL", "PARTS", "Writer", "result_of"]

JOB, PARTS, ENTRY = "job", "parts", "entry"
PARALLEL = ", !llvm.access.group !9"
HEADER = object.__basicsize__  # where an array's object says where its elements are (see addresses.py)


class Writer:
    """The lines of the function that is being written."""

    def __init__(self, nest: Nest, width: int) -> None:
        self.nest, self.width = nest, width
        self.program = Program()
        self.lines = self.program.lines
        self.strides: dict[tuple[Along, int], str] = {}
        self.flag = "0"
        self.totals = [identity(r) for r in nest.reductions]  # of each reduction, the value so far

    def emit(self, type: str, instruction: str) -> str:
        return str(self.program.emit(type, instruction))

    # -- the whole -----------------------------------------------------------------------------------

    def text(self) -> str:
        nest = self.nest
        self.slots = [self.emit("i64", f"load i64, ptr {self._slot(n)}") for n in range(nest.groups)]
        self.places = [self._address(nest.groups + n) for n in range(len(nest.results) + len(nest.reductions))]
        first = nest.groups + len(self.places)
        self.sources = [self._address(first + n) for n in range(len(nest.operands))]
        reductions = (*nest.reductions, *nest.row_reductions)
        for along in {a for _, a in nest.operands} | {r.along for r in reductions} | {(True,) * nest.groups}:
            self._find_strides(along)
        self._prepare()
        self._loop(0, [], "%head")
        self.lines.append(f"ret i32 {self.flag}")
        count = nest.groups + len(self.places) + len(self.sources)
        attributes = f'"prefer-vector-width"="{self.width}"'
        return "\n".join(
            [
                *sorted(self.program.declarations),
                f"define i32 @{JOB}(ptr noalias nocapture readonly %block, i64 %start, i64 %stop) noinline {attributes} {{",
                "head:",
                *(line if line.endswith(":") else f"  {line}" for line in self.lines),
                "}",
                *self._parts(count),
                *entry_lines(nest.groups, count),
                *self._metadata(),
                "",
            ]
        )

    def _prepare(self) -> None:
        """What is written before the loops begin."""

    def _parts(self, count: int) -> list[str]:
        """`parts(block, start, stop)`: runs the job for each part, with a block in which its own results have been put."""
        first = self.nest.groups + len(self.nest.results)
        moved = [first + n for n, r in enumerate(self.nest.reductions) if not r.along[0]]
        lines = [
            f"define i32 @{PARTS}(ptr %block, i64 %start, i64 %stop) {{",
            "head:",
            f"  %own = alloca [{count} x i64]",
            *(line for n in range(count) for line in copied_word(n)),
            f"  %rows_at = getelementptr i64, ptr %block, i64 {count}",
            "  %rows = load i64, ptr %rows_at",
        ]
        for k in range(len(moved)):
            lines += [
                f"  %bytes_at{k} = getelementptr i64, ptr %block, i64 {count + 1 + k}",
                f"  %bytes{k} = load i64, ptr %bytes_at{k}",
            ]
        lines += [
            "  %some = icmp slt i64 %start, %stop",
            "  br i1 %some, label %loop, label %done",
            "loop:",
            "  %part = phi i64 [%start, %head], [%next, %loop]",
            "  %flag = phi i32 [0, %head], [%flags, %loop]",
        ]
        for k, n in enumerate(moved):
            lines += [
                f"  %skipped{k} = mul i64 %part, %bytes{k}",
                f"  %moved{k} = add i64 %x{n}, %skipped{k}",
                f"  store i64 %moved{k}, ptr %to{n}",
            ]
        return [
            *lines,
            "  %low = mul i64 %part, %rows",
            "  %full = add i64 %low, %rows",
            "  %last = icmp sgt i64 %full, %x0",
            "  %high = select i1 %last, i64 %x0, i64 %full",
            f"  %found = call i32 @{JOB}(ptr %own, i64 %low, i64 %high)",
            "  %flags = or i32 %flag, %found",
            "  %next = add nuw nsw i64 %part, 1",
            "  %more = icmp slt i64 %next, %stop",
            "  br i1 %more, label %loop, label %done",
            "done:",
            "  %answer = phi i32 [0, %head], [%flags, %loop]",
            "  ret i32 %answer",
            "}",
        ]

    def _slot(self, n: int) -> str:
        return self.emit("ptr", f"getelementptr inbounds i64, ptr %block, i64 {n}")

    def _address(self, n: int) -> str:
        return self.emit("ptr", f"load ptr, ptr {self._slot(n)}")

    def _find_strides(self, along: Along) -> None:
        """How many elements of an array one step along each group is."""
        stride = "1"
        for group in reversed(range(self.nest.groups)):
            self.strides[along, group] = stride
            if along[group] and group:
                stride = self.slots[group] if stride == "1" else self.emit("i64", f"mul i64 {stride}, {self.slots[group]}")

    def _offset(self, along: Along, indices: Sequence[str]) -> str:
        offset = "0"
        for group, index in enumerate(indices):
            if along[group]:
                stride = self.strides[along, group]
                part = index if stride == "1" else self.emit("i64", f"mul i64 {index}, {stride}")
                offset = part if offset == "0" else self.emit("i64", f"add i64 {offset}, {part}")
        return offset

    def _metadata(self) -> list[str]:
        narrow = any(dtype.itemsize <= 4 and dtype.kind != "b" for dtype, _ in self.nest.operands)
        lanes = self.width // (32 if narrow else 64)
        interleave = 2 if self.nest.reductions and len(self.lines) < 80 else 1  # more takes longer to compile
        lines = [
            "!0 = distinct !{!0, !1, !2, !3, !4" + (", !5}" if self.nest.short else "}"),
            f'!1 = !{{!"llvm.loop.interleave.count", i32 {interleave}}}',
            f'!2 = !{{!"llvm.loop.vectorize.width", i32 {lanes}}}',
            '!3 = !{!"llvm.loop.vectorize.enable", i1 true}',
            '!4 = !{!"llvm.loop.parallel_accesses", !9}',
            "!9 = distinct !{}",
        ]
        if self.nest.short:
            lines.append('!5 = !{!"llvm.loop.vectorize.predicate.enable", i1 true}')
        return lines

    # -- loops ---------------------------------------------------------------------------------------

    def _loop(self, depth: int, indices: list[str], before: str) -> None:
        """The loop over a group, and what is inside it. `before` is the block that comes before it."""
        nest = self.nest
        innermost = depth == nest.groups - 1
        low, high = ("%start", "%stop") if depth == 0 else ("0", self.slots[depth])
        carried = [n for n, r in enumerate(nest.reductions) if not r.along[-1] and depth >= begins(r)]
        for n in carried:
            if depth == begins(nest.reductions[n]):
                self.totals[n] = identity(nest.reductions[n])
        if innermost:
            self._find_places(indices)
        index, following = f"%i{depth}", f"%next{depth}"
        entering = [self.totals[n] for n in carried]
        flag = self.flag
        self.lines += [
            f"%some{depth} = icmp slt i64 {low}, {high}",
            f"br i1 %some{depth}, label %loop{depth}, label %done{depth}",
        ]
        self.lines += [f"loop{depth}:", f"{index} = phi i64 [{low}, {before}], [{following}, %end{depth}]"]
        holes = len(self.lines)  # the phis of what is carried: their other ends are known after the body only
        for n in carried:
            self.totals[n] = f"%total{n}_{depth}"
        self.flag = f"%flag{depth}"
        if innermost:
            self._body([*indices, index])
        else:
            self._loop(depth + 1, [*indices, index], f"%loop{depth}")
        phis = [
            f"%total{n}_{depth} = phi {accumulator(nest.reductions[n])} [{value}, {before}], [{self.totals[n]}, %end{depth}]"
            for n, value in zip(carried, entering, strict=True)
        ]
        phis.append(f"%flag{depth} = phi i32 [{flag}, {before}], [{self.flag}, %end{depth}]")
        self.lines[holes:holes] = phis
        self.lines += [
            f"br label %end{depth}",
            f"end{depth}:",
            f"{following} = add nuw nsw i64 {index}, 1",
            f"%more{depth} = icmp slt i64 {following}, {high}",
            f"br i1 %more{depth}, label %loop{depth}, label %done{depth}" + (", !llvm.loop !0" if innermost else ""),
            f"done{depth}:",
        ]
        for n, value in zip(carried, entering, strict=True):
            type = accumulator(nest.reductions[n])
            self.lines.append(f"%final{n}_{depth} = phi {type} [{value}, {before}], [{self.totals[n]}, %end{depth}]")
            self.totals[n] = f"%final{n}_{depth}"
        self.lines.append(f"%after{depth} = phi i32 [{flag}, {before}], [{self.flag}, %end{depth}]")
        self.flag = f"%after{depth}"
        for n in carried:
            if depth == begins(nest.reductions[n]):
                self._store_total(n, indices)

    def _find_places(self, indices: list[str]) -> None:
        """Before the innermost loop: where each array's row begins, and the values that are the same along it."""
        nest = self.nest
        self.loaded: dict[int, Value] = {}
        self.rows: dict[int, str] = {}
        for n, (dtype, along) in enumerate(nest.operands):
            place = self._row(self.sources[n], TYPES[dtype], along, indices)
            if along[-1]:
                self.rows[n] = place
            else:
                self.loaded[n] = self._load(TYPES[dtype], place, "")
        everywhere = (True,) * nest.groups
        self.targets = [
            self._row(place, self._type(source), everywhere, indices)
            for place, source in zip(self.places, nest.results, strict=False)
        ]
        self.sums = {
            n: self._row(self.places[len(nest.results) + n], accumulator(r), r.along, indices)
            for n, r in enumerate(nest.reductions)
            if r.along[-1]
        }

    def _row(self, address: str, type: str, along: Along, indices: list[str]) -> str:
        offset = self._offset(along, indices)
        if offset == "0":
            return address
        return self.emit("ptr", f"getelementptr inbounds {in_memory(type)}, ptr {address}, i64 {offset}")

    def _load(self, type: str, place: str, group: str) -> Value:
        value = self.program.emit(in_memory(type), f"load {in_memory(type)}, ptr {place}, align 1{group}")
        return from_memory(value, type)

    def _store(self, value: Value, place: str, group: str) -> None:
        value = to_memory(value)
        self.lines.append(f"store {value.type} {value}, ptr {place}, align 1{group}")

    def _at(self, type: str, row: str, index: str) -> str:
        return self.emit("ptr", f"getelementptr inbounds {in_memory(type)}, ptr {row}, i64 {index}")

    # -- one element ---------------------------------------------------------------------------------

    def _type(self, source: tuple[str, Any]) -> str:
        kind, n = source
        if kind == "row":
            return TYPES[self.nest.row_reductions[n].dtype]
        return TYPES[self.nest.operands[n][0] if kind == "operand" else self.nest.steps[n].dtype]

    def _body(self, indices: list[str]) -> None:
        nest, index = self.nest, indices[-1]
        loaded = dict(self.loaded)
        for n, row in self.rows.items():
            type = TYPES[nest.operands[n][0]]
            loaded[n] = self._load(type, self._at(type, row, index), PARALLEL)
        computed: list[Value] = []

        def value(source: tuple[str, Any]) -> Value:
            kind, n = source
            return loaded[n] if kind == "operand" else computed[n] if kind == "step" else constant_value(self.program, n)

        guards = len(self.program.guards)
        for step in nest.steps:
            computed.append(result_of(step, [value(x) for x in step.operands], nest.regroups))
        for n, source in enumerate(nest.results):
            self._store(value(source), self._at(self._type(source), self.targets[n], index), PARALLEL)
        for n, reduction in enumerate(nest.reductions):
            self._take_in(n, reduction, value(reduction.source), index)
        self._heed(guards)

    def _take_in(self, n: int, reduction: Reduction, x: Value, index: str) -> None:
        """One more element of a reduction."""
        x = widened(x, reduction)
        if n in self.sums:
            place = self._at(x.type, self.sums[n], index)
            before = self._load(x.type, place, PARALLEL)
            self._store(combined(reduction.kind, before, x), place, PARALLEL)
        else:
            self.totals[n] = str(combined(reduction.kind, Value(self.program, x.type, self.totals[n]), x))

    def _heed(self, first: int) -> None:
        """Puts the guards from the first on into the flag."""
        for guard in self.program.guards[first:]:
            holds = self.program.emit("i32", f"zext i1 {guard} to i32")
            self.flag = self.emit("i32", f"or i32 {self.flag}, {holds}")

    def _total(self, reduction: Reduction, accumulated: str) -> Value:
        """What a reduction gives when all elements are taken in."""
        total = Value(self.program, accumulator(reduction), accumulated)
        if reduction.kind == "Mean":
            size = "1"
            for group in range(begins(reduction), self.nest.groups):
                size = self.slots[group] if size == "1" else self.emit("i64", f"mul i64 {size}, {self.slots[group]}")
            total = total / self.program.emit(total.type, f"sitofp i64 {size} to {total.type}")
        type = TYPES[reduction.dtype]
        return total if reduction.wide or total.type == in_memory(type) else total.to(type)

    def _store_total(self, n: int, indices: list[str]) -> None:
        reduction = self.nest.reductions[n]
        total = self._total(reduction, self.totals[n])
        place = self._row(self.places[len(self.nest.results) + n], total.type, reduction.along, indices)
        if is_mixed(reduction):
            total = combined(reduction.kind, self._load(total.type, place, ""), total)
        self._store(total, place, "")


def result_of(step: Step, operands: list[Value], regroups: bool) -> Value:
    """The value of a step.

    Raises:
        ValueError: there are no instructions for it.
    """
    if step.primitive in ("Maximum", "Minimum"):
        operands.reverse()  # of 0 and -0 NumPy takes the second, if they are elements of arrays
    y = lower(step.primitive, step.dtype, dict(step.attributes), operands, regroups=regroups)
    if y is None:
        raise ValueError(f"there are no instructions for {step.primitive}")
    return y


# -- the function that Python calls ---------------------------------------------------------------------------


def copied_word(n: int) -> list[str]:
    return [
        f"  %from{n} = getelementptr i64, ptr %block, i64 {n}",
        f"  %x{n} = load i64, ptr %from{n}",
        f"  %to{n} = getelementptr i64, ptr %own, i64 {n}",
        f"  store i64 %x{n}, ptr %to{n}",
    ]


def entry_lines(groups: int, count: int) -> list[str]:
    """`entry(self, arguments, n)`: fills the block with the sizes in the array `self` and the addresses of the arrays given.

    It gives its first argument, or `self` where the job gave something else than 0, with a reference more.
    """
    lines = [
        f"define ptr @{ENTRY}(ptr %self, ptr %arguments, i64 %n) {{",
        f"  %block = alloca [{count} x i64]",
        f"  %sizes_place = getelementptr i8, ptr %self, i64 {HEADER}",
        "  %sizes = load ptr, ptr %sizes_place",
    ]
    for n in range(count):
        if n < groups:
            lines += [f"  %s{n} = getelementptr i64, ptr %sizes, i64 {n}", f"  %x{n} = load i64, ptr %s{n}"]
        else:
            lines += [
                f"  %s{n} = getelementptr ptr, ptr %arguments, i64 {n - groups}",
                f"  %o{n} = load ptr, ptr %s{n}",
                f"  %d{n} = getelementptr i8, ptr %o{n}, i64 {HEADER}",
                f"  %x{n} = load i64, ptr %d{n}",
            ]
        lines += [f"  %b{n} = getelementptr i64, ptr %block, i64 {n}", f"  store i64 %x{n}, ptr %b{n}"]
    return [
        *lines,
        f"  %flag = call i32 @{JOB}(ptr %block, i64 0, i64 %x0)",
        "  %fine = icmp eq i32 %flag, 0",
        f"  %answer = select i1 %fine, ptr %o{groups}, ptr %self",
        "  %references = load i64, ptr %answer",
        "  %one_more = add i64 %references, 1",
        "  store i64 %one_more, ptr %answer",
        "  ret ptr %answer",
        "}",
    ]
