"""The kernels of softmax_rows.py as the text of LLVM modules.

What differs between float32 and float64 is filled in, and so is what the three kinds differ in: `begin` is called for each row
when its largest logit is known, `finish` when its exponentials are summed.
"""

from __future__ import annotations

from string import Template
from typing import NamedTuple

from tapeflow.graph.native.elementary import ELEMENTARY
from tapeflow.graph.native.expressions import WIDTH, Program, constant

__all__ = ["BLOCK", "softmax_module"]

BLOCK = 2048
"""Elements of the rows that are taken together: 8 or 16 KB."""


def softmax_module(kind: str, type: str, integer: str, width: int) -> str:
    """The text of a module with `i32 job(block, start, stop)` for the rows from start to stop.

    `block` holds the addresses of losses, logits, labels and the result, and the number of columns. The job gives 1 if a label is
    no class, else 0.

    Args:
        kind: of KINDS.
        type: the elements' type, "float" or "double".
        integer: the type of labels that are numbers of classes.
        width: the bits of a vector that LLVM should prefer.
    """
    exponential, logarithm = Program(), Program()
    names = {
        "t": type,
        "integer": integer,
        "as_wide": "sext i32 %label to i64" if integer == "i32" else "add i64 %label, 0",
        "width": width,
        "one": constant(type, 1.0),
        "block": BLOCK,
        "exp": ELEMENTARY["exp"](exponential.value(type, "%element")),
        "log": ELEMENTARY["log"](logarithm.value(type, "%x")),
        "exp_lines": "\n".join(f"  {line}" for line in exponential.lines),
        "log_lines": "\n".join(f"  {line}" for line in logarithm.lines),
    }
    lanes = width // WIDTH[type]
    suffix, vector = f"v{lanes}f{WIDTH[type]}", f"<{lanes} x {type}>"
    declarations = exponential.declarations | logarithm.declarations
    declarations |= {
        f"declare {type} @llvm.vector.reduce.fmax.{suffix}({vector})",
        f"declare {type} @llvm.vector.reduce.fadd.{suffix}({type}, {vector})",
    }
    start = constant(type, 0.0)
    all_added = f"fadd.{suffix}({type} {start}, "
    reductions = [
        _reduction("largest", type, lanes, ELEMENT, LARGER, constant(type, -float("inf")), f"fmax.{suffix}("),
        _reduction("sum", type, lanes, ELEMENT, ADDED, start, all_added),
        _reduction("loss", type, lanes, LOSS, ADDED, start, all_added, ("highest", "log_sum")),
    ]
    text = "\n".join([*map(_loop, LOOPS), COMMON, KINDS[kind]])
    return "\n".join([*sorted(declarations), *reductions, Template(text).substitute(names)])


# A reduction makes %has of the element %x and of what it had. A NaN is larger than nothing, so that `largest` is a number; the
# differences from it and their sum are NaN all the same.
ELEMENT = "  %x = load $v, ptr %place, align 4\n"
LOSS = """  %label_place = getelementptr inbounds $t, ptr %labels, i64 %j
  %label = load $v, ptr %label_place, align 4
  %logit = load $v, ptr %place, align 4
  %shifted = fsub $v %logit, %highest$lanes
  %rest = fsub $v %log_sum$lanes, %shifted
  %x = fmul $v %rest, %label
"""
LARGER = """  %is_larger = fcmp ogt $v %x, %had
  %has = select $mask %is_larger, $v %x, $v %had
"""
ADDED = "  %has = fadd $v %x, %had\n"


def _reduction(
    name: str, type: str, lanes: int, element: str, combine: str, start: str, across: str, scalars: tuple[str, ...] = ()
) -> str:
    """The text of `type name(row, columns)`, or with scalars `type name(row, columns, labels, scalars...)`.

    It goes over the row in as many lanes as a vector has, and then over what is left one by one.
    """
    vector = f"<{lanes} x {type}>"
    parameters = "ptr %row, i64 %columns"
    if scalars:
        parameters += ", ptr %labels" + "".join(f", {type} %{scalar}" for scalar in scalars)
    splats = "".join(
        f"  %{scalar}_lane = insertelement {vector} poison, {type} %{scalar}, i32 0\n"
        f"  %{scalar}_lanes = shufflevector {vector} %{scalar}_lane, {vector} poison, <{lanes} x i32> zeroinitializer\n"
        for scalar in scalars
    )
    names = {
        "t": type,
        "v": vector,
        "name": name,
        "parameters": parameters,
        "splats": splats,
        "lanes": lanes,
        "start": start,
        "starts": f"<{', '.join([f'{type} {start}'] * lanes)}>",
        "across": across,
        "wide": Template(element + combine).substitute(t=type, v=vector, mask=f"<{lanes} x i1>", lanes="_lanes"),
        "single": Template(element + combine).substitute(t=type, v=type, mask="i1", lanes=""),
    }
    return Template(REDUCTION).substitute(names)


REDUCTION = """
define internal $t @$name($parameters) alwaysinline {
entry:
$splats  %full = and i64 %columns, -$lanes
  %some = icmp sgt i64 %full, 0
  br i1 %some, label %lanes, label %rest_of_row
lanes:
  %j = phi i64 [0, %entry], [%j_next, %lanes]
  %had = phi $v [$starts, %entry], [%has, %lanes]
  %place = getelementptr inbounds $t, ptr %row, i64 %j
$wide  %j_next = add nuw nsw i64 %j, $lanes
  %more = icmp slt i64 %j_next, %full
  br i1 %more, label %lanes, label %across
across:
  %together = call reassoc $t @llvm.vector.reduce.$across$v %has)
  br label %rest_of_row
rest_of_row:
  %from = phi i64 [0, %entry], [%full, %across]
  %so_far = phi $t [$start, %entry], [%together, %across]
  %result = call $t @${name}_one_by_one($parameters, i64 %from, $t %so_far)
  ret $t %result
}

define internal $t @${name}_one_by_one($parameters, i64 %from, $t %so_far) alwaysinline {
entry:
  %some = icmp slt i64 %from, %columns
  br i1 %some, label %elements, label %done
elements:
  %j = phi i64 [%from, %entry], [%j_next, %elements]
  %had = phi $t [%so_far, %entry], [%has, %elements]
  %place = getelementptr inbounds $t, ptr %row, i64 %j
$single  %j_next = add nuw nsw i64 %j, 1
  %more = icmp slt i64 %j_next, %columns
  br i1 %more, label %elements, label %done
done:
  %result = phi $t [%so_far, %entry], [%has, %elements]
  ret $t %result
}
"""


class Loop(NamedTuple):
    """A loop over the elements of the array `%x` that changes them: what it is called, what it is given, what it computes."""

    head: str
    length: str
    lines: str
    attributes: str = "alwaysinline"


LOOPS = (
    Loop(  # out = x - highest, for one row
        "@shift(ptr noalias %x, ptr noalias readonly %row, i64 %columns, $t %highest)",
        "columns",
        """  %given_place = getelementptr inbounds $t, ptr %row, i64 %j
  %given = load $t, ptr %given_place
  %new = fsub $t %given, %highest
""",
    ),
    Loop(  # x = exp x, for all rows of a block
        "@exponentials(ptr noalias %x, i64 %count)",
        "count",
        """  %element = load $t, ptr %place
$exp_lines
  %new = bitcast $t $exp to $t
""",
        'noinline "prefer-vector-width"="$width"',
    ),
    Loop(  # x = x / total, for one row
        "@quotients(ptr noalias %x, i64 %columns, $t %total)",
        "columns",
        """  %element = load $t, ptr %place
  %new = fdiv $t %element, %total
""",
    ),
    Loop(  # x = x - y, for one row
        "@subtract(ptr %x, ptr readonly %y, i64 %columns)",
        "columns",
        """  %element = load $t, ptr %place
  %other_place = getelementptr inbounds $t, ptr %y, i64 %j
  %other = load $t, ptr %other_place
  %new = fsub $t %element, %other
""",
    ),
)


def _loop(loop: Loop) -> str:
    return f"""
define internal void {loop.head} {loop.attributes} {{
entry:
  br label %elements
elements:
  %j = phi i64 [0, %entry], [%j_next, %elements]
  %place = getelementptr inbounds $t, ptr %x, i64 %j
{loop.lines}  store $t %new, ptr %place
  %j_next = add nuw nsw i64 %j, 1
  %more = icmp slt i64 %j_next, %{loop.length}
  br i1 %more, label %elements, label %done
done:
  ret void
}}
"""


COMMON = """
define internal $t @logarithm($t %x) alwaysinline {
$log_lines
  ret $t $log
}

; The rows from start to stop. `begin` and `finish` are what the kinds differ in.
define internal i32 @rows(ptr noalias %losses, ptr noalias readonly %logits, ptr noalias readonly %labels, ptr noalias %out,
    i64 %columns, i64 %start, i64 %stop) noinline "prefer-vector-width"="$width" {
entry:
  %fitting = udiv i64 $block, %columns
  %none_fits = icmp eq i64 %fitting, 0
  %at_once = select i1 %none_fits, i64 1, i64 %fitting
  %some = icmp slt i64 %start, %stop
  br i1 %some, label %blocks, label %done
blocks:
  %first = phi i64 [%start, %entry], [%last, %block_done]
  %flags = phi i32 [0, %entry], [%flags_after, %block_done]
  %reach = add i64 %first, %at_once
  %beyond = icmp sgt i64 %reach, %stop
  %last = select i1 %beyond, i64 %stop, i64 %reach
  br label %shifting
shifting:
  %r = phi i64 [%first, %blocks], [%r_next, %shifting]
  %offset = mul i64 %r, %columns
  %row = getelementptr inbounds $t, ptr %logits, i64 %offset
  %out_row = getelementptr inbounds $t, ptr %out, i64 %offset
  %highest = call $t @largest(ptr %row, i64 %columns)
  call void @shift(ptr %out_row, ptr %row, i64 %columns, $t %highest)
  call void @begin(ptr %losses, ptr %labels, ptr %out_row, i64 %r, i64 %columns, $t %highest)
  %r_next = add nuw nsw i64 %r, 1
  %more_rows = icmp slt i64 %r_next, %last
  br i1 %more_rows, label %shifting, label %powers
powers:
  %first_offset = mul i64 %first, %columns
  %first_place = getelementptr inbounds $t, ptr %out, i64 %first_offset
  %height = sub i64 %last, %first
  %count = mul i64 %height, %columns
  call void @exponentials(ptr %first_place, i64 %count)
  br label %finishing
finishing:
  %n = phi i64 [%first, %powers], [%n_next, %finishing]
  %flags_so_far = phi i32 [%flags, %powers], [%flags_after, %finishing]
  %n_offset = mul i64 %n, %columns
  %in_row = getelementptr inbounds $t, ptr %logits, i64 %n_offset
  %n_row = getelementptr inbounds $t, ptr %out, i64 %n_offset
  %total = call $t @sum(ptr %n_row, i64 %columns)
  call void @quotients(ptr %n_row, i64 %columns, $t %total)
  %flag = call i32 @finish(ptr %losses, ptr %labels, ptr %in_row, ptr %n_row, i64 %n, i64 %columns, $t %total)
  %flags_after = or i32 %flags_so_far, %flag
  %n_next = add nuw nsw i64 %n, 1
  %more_to_finish = icmp slt i64 %n_next, %last
  br i1 %more_to_finish, label %finishing, label %block_done
block_done:
  %more_blocks = icmp slt i64 %last, %stop
  br i1 %more_blocks, label %blocks, label %done
done:
  %answer = phi i32 [0, %entry], [%flags_after, %block_done]
  ret i32 %answer
}

define i32 @job(ptr %block, i64 %start, i64 %stop) {
  %losses = load ptr, ptr %block
  %place1 = getelementptr ptr, ptr %block, i64 1
  %logits = load ptr, ptr %place1
  %place2 = getelementptr ptr, ptr %block, i64 2
  %labels = load ptr, ptr %place2
  %place3 = getelementptr ptr, ptr %block, i64 3
  %out = load ptr, ptr %place3
  %place4 = getelementptr i64, ptr %block, i64 4
  %columns = load i64, ptr %place4
  %answer = call i32 @rows(ptr %losses, ptr %logits, ptr %labels, ptr %out, i64 %columns, i64 %start, i64 %stop)
  ret i32 %answer
}
"""

KINDS = {
    "softmax": """
define internal void @begin(ptr %losses, ptr %labels, ptr %out_row, i64 %r, i64 %columns, $t %highest) alwaysinline {
  ret void
}

define internal i32 @finish(ptr %losses, ptr %labels, ptr %row, ptr %out_row, i64 %r, i64 %columns, $t %total) alwaysinline {
  ret i32 0
}
""",
    # The label's logit waits in the place of the loss for the sum to be known.
    "sparse": """
define internal void @begin(ptr %losses, ptr %labels, ptr %out_row, i64 %r, i64 %columns, $t %highest) alwaysinline {
entry:
  %label_place = getelementptr inbounds $integer, ptr %labels, i64 %r
  %label = load $integer, ptr %label_place
  %class = $as_wide
  %fits = icmp ult i64 %class, %columns
  br i1 %fits, label %pick, label %done
pick:
  %place = getelementptr inbounds $t, ptr %out_row, i64 %class
  %chosen = load $t, ptr %place
  %loss_place = getelementptr inbounds $t, ptr %losses, i64 %r
  store $t %chosen, ptr %loss_place
  br label %done
done:
  ret void
}

define internal i32 @finish(ptr %losses, ptr %labels, ptr %row, ptr %out_row, i64 %r, i64 %columns, $t %total) alwaysinline {
entry:
  %label_place = getelementptr inbounds $integer, ptr %labels, i64 %r
  %label = load $integer, ptr %label_place
  %class = $as_wide
  %fits = icmp ult i64 %class, %columns
  br i1 %fits, label %pick, label %done
pick:
  %log_sum = call $t @logarithm($t %total)
  %loss_place = getelementptr inbounds $t, ptr %losses, i64 %r
  %chosen = load $t, ptr %loss_place
  %loss = fsub $t %log_sum, %chosen
  store $t %loss, ptr %loss_place
  %place = getelementptr inbounds $t, ptr %out_row, i64 %class
  %probability = load $t, ptr %place
  %excess = fsub $t %probability, $one
  store $t %excess, ptr %place
  br label %done
done:
  %flag = phi i32 [1, %entry], [0, %pick]
  ret i32 %flag
}
""",
    # The row's largest logit waits in the place of the loss.
    "dense": """
define internal void @begin(ptr %losses, ptr %labels, ptr %out_row, i64 %r, i64 %columns, $t %highest) alwaysinline {
  %loss_place = getelementptr inbounds $t, ptr %losses, i64 %r
  store $t %highest, ptr %loss_place
  ret void
}

define internal i32 @finish(ptr %losses, ptr %labels, ptr %row, ptr %out_row, i64 %r, i64 %columns, $t %total) alwaysinline {
entry:
  %offset = mul i64 %r, %columns
  %label_row = getelementptr inbounds $t, ptr %labels, i64 %offset
  %loss_place = getelementptr inbounds $t, ptr %losses, i64 %r
  %highest = load $t, ptr %loss_place
  %log_sum = call $t @logarithm($t %total)
  %loss = call $t @loss(ptr %row, i64 %columns, ptr %label_row, $t %highest, $t %log_sum)
  store $t %loss, ptr %loss_place
  call void @subtract(ptr %out_row, ptr %label_row, i64 %columns)
  ret i32 0
}
""",
}
