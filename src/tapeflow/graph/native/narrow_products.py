"""Products of two matrices with a short inner side: C = A·B for A of shape [m, k] and B of shape [k, n], where k is small.

An element of C takes k multiplications, so that writing C takes about as long as computing it. BLAS is made for the other case:
it divides the work among threads, which here mostly wait for one another's memory. The loop below goes over a few columns of B,
which stay in the nearest cache, for all rows of A, four of these at a time; the sums are in registers, and their terms are added
in the order of k.

Such products go back through every layer with few outputs: the cotangents of its inputs are those of its k outputs times its
weights.
"""

from __future__ import annotations

from array import array
from string import Template

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.expressions import FLOATS, WIDTH
from tapeflow.graph.native.loops import JOB
from tapeflow.graph.native.machine import Compiled, Machine, machine
from tapeflow.graph.native.threads import run_job

__all__ = ["narrow_product"]


SMALLEST_PART = 250_000
"""Elements of C that a thread must have to be worth waking."""

HEIGHT = 4
"""Rows of A that are taken together, so that what is read of B is used as often."""

VECTORS = 2
"""Vectors of columns that are taken together."""


def narrow_product(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """a·b; None: not served.

    Args:
        a: of shape [m, k], with a small k.
        b: of shape [k, n].
    """
    type = FLOATS.get(a.dtype)
    if type is None or b.dtype is not a.dtype:
        return None
    job = _jobs[type]
    if job is None:
        return None
    (rows, inner), columns = a.shape, b.shape[1]
    a, strips, out = np.ascontiguousarray(a), _in_strips(b, _columns_together(type)), np.empty((rows, columns), a.dtype)
    block = array("q", [address(out), address(a), address(strips), columns, inner])
    run_job(job, block.buffer_info()[0], rows, -(-SMALLEST_PART // columns), HEIGHT)
    return out


def _columns_together(type: str) -> int:
    host = machine()
    assert host is not None  # there is a job
    return VECTORS * host.width // WIDTH[type]


def _in_strips(b: np.ndarray, width: int) -> np.ndarray:
    """B as [strip, k, column of the strip], so that the columns that are taken together lie together; the last is filled up."""
    inner, columns = b.shape
    whole = columns // width
    strips = np.empty((-(-columns // width), inner, width), b.dtype)
    strips[:whole] = b[:, : whole * width].reshape(inner, whole, width).swapaxes(0, 1)
    if columns > whole * width:
        strips[whole, :, : columns - whole * width] = b[:, whole * width :]
        strips[whole, :, columns - whole * width :] = 0
    return strips


def _link(host: Machine, type: str) -> int:
    (job,) = host.link(_module(type, host.width), JOB)
    return job


_jobs = Compiled(_link)


def _module(type: str, width: int) -> str:
    """The module of `i32 job(block, start, stop)` for the rows of C from start to stop.

    `block` holds the addresses of C, of A and of the strips of B, the number of C's columns, and k.
    """
    lanes = width // WIDTH[type]
    vector, suffix = f"<{lanes} x {type}>", f"v{lanes}f{WIDTH[type]}"
    names = {
        "t": type,
        "vector": vector,
        "suffix": suffix,
        "lanes": lanes,
        "mask": f"<{lanes} x i1>",
        "counts": f"<{lanes} x i64>",
        "numbers": ", ".join(f"i64 {n}" for n in range(lanes)),
        "strip": VECTORS * lanes,
        "height": HEIGHT,
        "align": WIDTH[type] // 8,
    }
    return Template("\n".join([HEAD, _tile(HEIGHT), _tile(1), JOB_TEXT])).substitute(names)


def _tile(height: int) -> str:
    """The function `tile<height>(c, a, strip, columns, inner, masks...)`: so many rows of C, and the columns of a strip."""
    sums = [(r, v) for r in range(height) for v in range(VECTORS)]
    body = ["%row = mul i64 %k, $strip", "%b = getelementptr $t, ptr %strip, i64 %row"]
    for v in range(VECTORS):
        body += [
            f"%b{v}_place = getelementptr $vector, ptr %b, i64 {v}",
            f"%b{v} = load $vector, ptr %b{v}_place, align $align",
        ]
    for r in range(height):
        body += [
            f"%a{r}_place = getelementptr $t, ptr %a{r}_row, i64 %k",
            f"%a{r} = load $t, ptr %a{r}_place",
            f"%a{r}_lane = insertelement $vector poison, $t %a{r}, i32 0",
            f"%a{r}_lanes = shufflevector $vector %a{r}_lane, $vector poison, <$lanes x i32> zeroinitializer",
        ]
        for v in range(VECTORS):
            operands = f"$vector %a{r}_lanes, $vector %b{v}, $vector %sum{r}_{v}"
            body += [f"%sum{r}_{v}_next = call $vector @llvm.fma.$suffix({operands})"]
    rows, stores = [], []
    for r in range(height):
        rows += [f"%a{r}_offset = mul i64 %inner, {r}", f"%a{r}_row = getelementptr $t, ptr %a, i64 %a{r}_offset"]
        stores += [f"%c{r}_offset = mul i64 %columns, {r}", f"%c{r} = getelementptr $t, ptr %c, i64 %c{r}_offset"]
        for v in range(VECTORS):
            stores += [
                f"%c{r}_{v} = getelementptr $vector, ptr %c{r}, i64 {v}",
                f"call void @llvm.masked.store.$suffix.p0($vector %sum{r}_{v}_next, ptr %c{r}_{v}, i32 $align, $mask %mask{v})",
            ]
    masks = ", ".join(f"$mask %mask{v}" for v in range(VECTORS))
    return "\n".join(
        [
            f"define internal void @tile{height}(",
            f"    ptr %c, ptr readonly %a, ptr readonly %strip, i64 %columns, i64 %inner, {masks}) {{",
            "entry:",
            *(f"  {line}" for line in rows),
            "  br label %turn",
            "turn:",
            "  %k = phi i64 [0, %entry], [%next, %turn]",
            *(f"  %sum{r}_{v} = phi $vector [zeroinitializer, %entry], [%sum{r}_{v}_next, %turn]" for r, v in sums),
            *(f"  {line}" for line in body),
            "  %next = add nuw nsw i64 %k, 1",
            "  %more = icmp slt i64 %next, %inner",
            "  br i1 %more, label %turn, label %done",
            "done:",
            *(f"  {line}" for line in stores),
            "  ret void",
            "}",
        ]
    )


HEAD = """
declare $vector @llvm.fma.$suffix($vector, $vector, $vector)
declare void @llvm.masked.store.$suffix.p0($vector, ptr, i32, $mask)

; The lanes of a vector that are among the first `count`.
define internal $mask @among(i64 %count) alwaysinline {
  %one = insertelement $counts poison, i64 %count, i32 0
  %all = shufflevector $counts %one, $counts poison, <$lanes x i32> zeroinitializer
  %mask = icmp slt $counts <$numbers>, %all
  ret $mask %mask
}
"""

JOB_TEXT = """
define i32 @job(ptr %block, i64 %start, i64 %stop) {
entry:
  %c = load ptr, ptr %block
  %place1 = getelementptr ptr, ptr %block, i64 1
  %a = load ptr, ptr %place1
  %place2 = getelementptr ptr, ptr %block, i64 2
  %strips = load ptr, ptr %place2
  %place3 = getelementptr i64, ptr %block, i64 3
  %columns = load i64, ptr %place3
  %place4 = getelementptr i64, ptr %block, i64 4
  %inner = load i64, ptr %place4
  %area = mul i64 %inner, $strip
  br label %strip
strip:
  %s = phi i64 [0, %entry], [%s_next, %strip_done]
  %first = mul i64 %s, $strip
  %count = sub i64 %columns, %first
  %mask0 = call $mask @among(i64 %count)
  %behind = sub i64 %count, $lanes
  %mask1 = call $mask @among(i64 %behind)
  %b_offset = mul i64 %s, %area
  %b = getelementptr $t, ptr %strips, i64 %b_offset
  %c_strip = getelementptr $t, ptr %c, i64 %first
  br label %row
row:
  %i = phi i64 [%start, %strip], [%i_next, %row_done]
  %left = sub i64 %stop, %i
  %some = icmp sgt i64 %left, 0
  br i1 %some, label %which, label %strip_done
which:
  %c_offset = mul i64 %i, %columns
  %c_row = getelementptr $t, ptr %c_strip, i64 %c_offset
  %a_offset = mul i64 %i, %inner
  %a_row = getelementptr $t, ptr %a, i64 %a_offset
  %several = icmp sge i64 %left, $height
  br i1 %several, label %together, label %single
together:
  call void @tile$height(ptr %c_row, ptr %a_row, ptr %b, i64 %columns, i64 %inner, $mask %mask0, $mask %mask1)
  br label %row_done
single:
  call void @tile1(ptr %c_row, ptr %a_row, ptr %b, i64 %columns, i64 %inner, $mask %mask0, $mask %mask1)
  br label %row_done
row_done:
  %taken = phi i64 [$height, %together], [1, %single]
  %i_next = add i64 %i, %taken
  br label %row
strip_done:
  %s_next = add i64 %s, 1
  %reach = mul i64 %s_next, $strip
  %more = icmp slt i64 %reach, %columns
  br i1 %more, label %strip, label %done
done:
  ret i32 0
}
"""
