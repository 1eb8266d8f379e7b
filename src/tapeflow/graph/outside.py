"""What a trace hears of tensors that are there already."""

from __future__ import annotations

from typing import Any

from tapeflow.core.recording import new_key
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor

__all__ = ["Outside"]


class Outside:
    """The recorder that listens while a function is traced: it notices tensors from outside that a tape may follow.

    Attributes:
        followed: whether there are any.
        derived: the operations on them that were run at once, since they need nothing of what the trace stands for: the
            arguments of `GradientTape.record`.
    """

    def __init__(self) -> None:
        self.followed = False
        self.derived: list[tuple] = []

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Notices an operation on a tensor that has a value and that some tape knows."""
        if any(type(x) is Tensor and x._key for x in inputs):
            self.followed = True
            made = output if type(output) is tuple else (output,)
            if SymbolicTensor not in map(type, made):
                for y in made:
                    y._key = y._key or new_key()  # so that we hear of what is computed from it
                self.derived.append((primitive, inputs, output, attributes))

    def record_read(self, variable: Any, tensor: Tensor) -> None:
        """Variables are captured by reference: tapes hear of them when the function runs."""
