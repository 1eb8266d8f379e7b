"""A loop over arrays around an expression, as the text of an LLVM module."""

from __future__ import annotations

from collections.abc import Callable

from tapeflow.graph.native.expressions import Program, Value

__all__ = ["ENTRY", "JOB", "elementwise_loop", "job_of_kernel"]

ENTRY = "kernel"
"""The symbol of the function in every module."""

JOB = "job"
"""The symbol of the same as a job (see threads.py)."""


def elementwise_loop(function: Callable[..., Value], operands: str, type: str = "float", width: int = 512) -> str:
    """The module of `i32 kernel(out, operands..., count)`, which sets out[i] = function(operands[i]...) for i < count.

    Args:
        function: of as many values as there are operands.
        operands: a letter each: "a" an array, "n" one number for all i.
        type: the elements' type, "float" or "double".
        width: the bits of a vector that LLVM should prefer.

    The kernel gives 0, or 1 where a guard of the expression holds anywhere: its output is not valid then. The module also has
    `i32 job(block, start, stop)`, which does the same for a part of the range; `block` holds the addresses of out and the operands.
    """
    program = Program()
    for k, operand in enumerate(operands):
        place = f"%p{k}" if operand == "n" else f"%place{k}"
        if operand == "a":
            program.lines.append(f"{place} = getelementptr inbounds {type}, ptr %p{k}, i64 %i")
        program.lines.append(f"%x{k} = load {type}, ptr {place}")
    result = function(*(program.value(type, f"%x{k}") for k in range(len(operands))))
    flag = "%flag"
    for guard in program.guards:
        wide = program.emit("i32", f"zext i1 {guard} to i32")
        flag = str(program.emit("i32", f"or i32 {flag}, {wide}"))
    pointers = ", ".join(f"ptr noalias nocapture readonly %p{k}" for k in range(len(operands)))
    return "\n".join(
        [
            *sorted(program.declarations),
            f'define i32 @{ENTRY}(ptr noalias nocapture %out, {pointers}, i64 %count) noinline "prefer-vector-width"="{width}" {{',
            "entry:",
            "  %some = icmp sgt i64 %count, 0",
            "  br i1 %some, label %loop, label %done",
            "loop:",
            "  %i = phi i64 [0, %entry], [%next, %loop]",
            f"  %flag = phi i32 [0, %entry], [{flag}, %loop]",
            *(f"  {line}" for line in program.lines),
            f"  %out_place = getelementptr inbounds {type}, ptr %out, i64 %i",
            f"  store {type} {result}, ptr %out_place",
            "  %next = add nuw nsw i64 %i, 1",
            "  %more = icmp slt i64 %next, %count",
            "  br i1 %more, label %loop, label %done, !llvm.loop !0",
            "done:",
            f"  %answer = phi i32 [0, %entry], [{flag}, %loop]",
            "  ret i32 %answer",
            "}",
            *job_of_kernel(operands, type),
            "!0 = distinct !{!0, !1}",
            '!1 = !{!"llvm.loop.interleave.count", i32 1}',  # more was no faster, and takes longer to compile
            "",
        ]
    )


def job_of_kernel(operands: str, type: str) -> list[str]:
    """The function `job` for a kernel of (out, operands..., count).

    It calls the kernel, which knows that its arguments do not overlap, as addresses from memory may.
    """
    lines, arguments = [], []
    for k, operand in enumerate("a" + operands):
        lines += [f"  %entry{k} = getelementptr ptr, ptr %block, i64 {k}", f"  %begin{k} = load ptr, ptr %entry{k}"]
        place = f"%begin{k}"
        if operand == "a":
            place = f"%part{k}"
            lines.append(f"  {place} = getelementptr inbounds {type}, ptr %begin{k}, i64 %start")
        arguments.append(f"ptr {place}")
    return [
        f"define i32 @{JOB}(ptr %block, i64 %start, i64 %stop) {{",
        *lines,
        "  %count = sub i64 %stop, %start",
        f"  %answer = call i32 @{ENTRY}({', '.join(arguments)}, i64 %count)",
        "  ret i32 %answer",
        "}",
    ]
