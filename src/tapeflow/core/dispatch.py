"""The one way to run a primitive: kernel, tensor, note.

`apply` serves every primitive; the elementwise ones, which most programs spend their time in, get a caller of their own in
`core.elementwise`: the same three steps with nothing left to decide. Both tell the recorders in `core.recording`, and know
nothing of tapes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.dimension import SizeAsked, holds_dim
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.primitive import Primitive
from tapeflow.core.quiet import run, run_in_copy
from tapeflow.core.recording import current
from tapeflow.core.symbolic import Cases, SymbolicTensor, as_seen_in_graph, emit
from tapeflow.core.tensor import Tensor

__all__ = ["apply", "refusal"]


def apply(primitive: Primitive, *inputs: Tensor, **attributes: Any) -> Any:
    """Runs `primitive` on tensors and tells every recorder of it.

    Args:
        primitive: what to run.
        *inputs: tensors, already converted and of the right dtypes.
        **attributes: everything that is not differentiated: axes, flags, shapes.

    Returns:
        A tensor, or a tuple of tensors where the kernel returns a tuple.

    Raises:
        InvalidArgumentError: the kernel refuses these shapes or values.
    """
    try:
        if len(inputs) == 1:
            if type(inputs[0]) is SymbolicTensor:
                return _emitted(primitive, inputs, attributes)
            value = run(primitive.kernel, inputs[0]._value, **attributes)
        elif len(inputs) == 2:
            if type(inputs[0]) is SymbolicTensor or type(inputs[1]) is SymbolicTensor:
                return _emitted(primitive, inputs, attributes)
            value = run(primitive.kernel, inputs[0]._value, inputs[1]._value, **attributes)
        else:
            if SymbolicTensor in map(type, inputs):
                return _emitted(primitive, inputs, attributes)
            value = run(primitive.kernel, *[x._value for x in inputs], **attributes)
    except RuntimeError as error:
        if SymbolicTensor in map(type, inputs):
            raise
        if type(error) is SizeAsked and holds_dim(attributes):
            return _emitted(primitive, inputs, attributes)  # constants, in a size that is known when the function runs
        value = run_in_copy(primitive.kernel, *[x._value for x in inputs], **attributes)
    except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
        if SymbolicTensor in map(type, inputs):
            raise
        if Cases in map(type, attributes.values()):  # constants, along an axis that is known when the function runs
            return _emitted(primitive, inputs, attributes)
        raise refusal(primitive, inputs, error) from error
    output: Any = tuple([Tensor(v) for v in value]) if type(value) is tuple else Tensor(value)
    recording = current()
    if recording is not None and primitive.differentiable:
        for recorder in recording[1]:
            recorder.record(primitive, inputs, output, attributes)
    return output


def _emitted(primitive: Primitive, inputs: tuple, attributes: dict) -> Any:
    return emit(primitive, primitive.kernel, inputs, attributes, partial(apply, primitive, **attributes))


def refusal(primitive: Primitive, inputs: tuple, error: Exception) -> Exception:
    """The error to raise when a kernel refuses its inputs: it names the operation and what it was given."""
    given = ", ".join(
        f"{name} {x.dtype.name}{list(x._value.shape)}"
        for name, x in zip(primitive.inputs * (len(inputs) if primitive.variadic else 1), inputs, strict=False)
    )
    reason = str(error)
    of_shapes = "could not be broadcast" in reason
    if len(inputs) == 2 and of_shapes:
        x, y = (list(operand._value.shape) for operand in inputs)
        reason = f"Incompatible shapes: {x} vs. {y}: an axis must have one size in both, or size 1"
    refused = InvalidArgumentError(
        None, None, f"{{{{function_node {primitive.name}}}}} {reason} [Op:{primitive.name}]; it got {given}"
    )
    return as_seen_in_graph(refused) if of_shapes else refused
