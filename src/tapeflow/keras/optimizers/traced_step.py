"""A step inside a traced function, as nodes of its graph: reads, arithmetic, and assignments.

It is `Stepping._step` said once more, over tensors: the same rule with the same roundings, so that a program takes the same way
eagerly and compiled. A sparse gradient becomes a dense one, whose zeros change as much as the rows that it leaves out. What would
be slower so is a step made from outside whenever the graph runs.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from tapeflow.core.dimension import holds_dim
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.symbolic import tracing_with
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers import gradients as g
from tapeflow.keras.optimizers.schedules.schedule import LearningRateSchedule
from tapeflow.keras.optimizers.tensor_namespace import TENSORS
from tapeflow.ops.arithmetic import add_n, square
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import is_finite
from tapeflow.ops.powers import sqrt
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.scattering import scatter_nd
from tapeflow.ops.selection import maximum, minimum, where

__all__ = ["TracedStep", "is_expressible"]

MOST_FROM_ROWS = 1 << 15
"""Of a variable whose gradient is rows, where only these rows would be changed from outside."""


def is_expressible(optimizer: Any, given: list, variables: list[Variable]) -> bool:
    """Whether a step with these gradients can be nodes."""
    from tapeflow.keras.optimizers.stepping import Stepping

    kind = type(optimizer)
    return (
        kind._step is Stepping._step
        and kind._update is Stepping._update
        and any(x is not None for x in given)
        and all(x is None or _is_served(optimizer, x, v) for x, v in zip(given, variables, strict=True))
        and all(v._value.dtype.kind in "fV" and v._shape is None for v in variables)
    )


def _is_served(optimizer: Any, x: Any, variable: Variable) -> bool:
    own = variable._value
    if not isinstance(x, IndexedSlices):
        return isinstance(x, Tensor) and x._value.shape == own.shape and x._value.dtype.kind in "fV"
    indices, values = x.indices._value, x.values._value
    if optimizer.rowwise and own.dtype.kind == "f" and own.size > MOST_FROM_ROWS:
        return False
    fits = indices.ndim == 1 and values.shape == (*indices.shape, *own.shape[1:])
    return fits and own.ndim > 0 and values.dtype.kind in "fV" and not holds_dim(indices.shape)


def _dense(x: Any, variable: Variable) -> Tensor:
    """A gradient as one tensor of the variable's shape and dtype."""
    if not isinstance(x, IndexedSlices):
        return cast(x, variable._value.dtype)
    return scatter_nd(x.indices[:, None], cast(x.values, variable._value.dtype), variable._value.shape)


def _wide(x: Tensor) -> Tensor:
    """What rules compute with: bfloat16 is stored, and float32 computed."""
    return cast(x, np.float32) if x._value.dtype.kind == "V" else x


class TracedStep:
    """One step of an optimizer in a trace.

    Args:
        tracer: the trace.
        optimizer: whose step it is.
        given: a tensor or None for each of the variables, of their shapes.
        variables: what is trained.

    Calling it notes the step; it is to be called where no tape hears of it.
    """

    def __init__(self, tracer: Any, optimizer: Any, given: list, variables: list[Variable]) -> None:
        self.tracer, self.optimizer, self.given, self.all = tracer, optimizer, given, variables

    def __call__(self) -> None:
        optimizer = self.optimizer
        with tracing_with(None):  # state that the first step makes is there before the function runs
            if optimizer.built:
                optimizer._check_variables_are_known(self.all)
            else:
                optimizer.build(self.all)
        g.warn_of_missing([v.name for x, v in zip(self.given, self.all, strict=True) if x is None])
        pairs = [(x, v) for x, v in zip(self.given, self.all, strict=True) if x is not None]
        self.variables = [v for _, v in pairs]
        self.count = self.read(optimizer._iterations)
        every = optimizer.gradient_accumulation_steps
        self.steps = self.count // every if every else self.count
        rate = self._rate()
        gradients = [_dense(x, v) for x, v in pairs]
        if optimizer.loss_scale_factor is not None:
            gradients = [x / optimizer.loss_scale_factor for x in gradients]
        if every:
            self._accumulate(gradients, rate, every)
        else:
            self._advance(gradients, rate)
        if optimizer.use_ema:
            self._update_averages()
        for variable in self.all:
            if variable._constraint is not None:
                variable.assign(variable._constraint(self.read(variable)))
        self.write(optimizer._iterations, self.count + 1)

    def read(self, variable: Variable) -> Tensor:
        return self.tracer.value_of(variable)

    def write(self, variable: Variable, value: Tensor) -> None:
        variable._rebind(cast(value, variable._value.dtype), False)

    # -- the rate and the gradients ----------------------------------------------------------------------

    def _rate(self) -> Tensor:
        optimizer = self.optimizer
        rate: Any = optimizer._learning_rate
        if isinstance(rate, Variable):
            rate = self.read(rate)
        elif isinstance(rate, LearningRateSchedule):
            rate = rate(self.count)
        else:
            rate = optimizer.learning_rate
        if not isinstance(rate, Tensor):
            from tapeflow.keras.optimizers.settings import scalar_rate

            rate = Tensor(scalar_rate(rate))
        if optimizer.decay:
            divisor = cast(1 + optimizer.decay * cast(self.steps, np.float64), np.float32)
            rate = rate / cast(divisor, rate.dtype)
        return rate

    def _accumulate(self, gradients: list[Tensor], rate: Tensor, every: int) -> None:
        """The mean of a round makes one step; before its end the gradients are added up."""
        optimizer = self.optimizer
        sums = [optimizer._accumulated_gradients[optimizer._get_variable_index(v)] for v in self.variables]

        def at_the_end() -> None:
            means = [(self.read(total) + x) / every for total, x in zip(sums, gradients, strict=True)]
            for total in optimizer._accumulated_gradients:
                self.write(total, Tensor(np.zeros_like(total._value)))
            self._advance(means, rate)

        def before() -> None:
            for total, x in zip(sums, gradients, strict=True):
                self.write(total, self.read(total) + x)

        self.tracer.choose((self.count + 1) % every == 0, at_the_end, before)

    def _clipped(self, gradients: list[Tensor]) -> list[Tensor]:
        optimizer = self.optimizer
        if optimizer.clipnorm and optimizer.clipnorm > 0:
            return [_by_norm(x, optimizer.clipnorm) for x in gradients]
        if optimizer.global_clipnorm and optimizer.global_clipnorm > 0:
            return _by_global_norm(gradients, optimizer.global_clipnorm)
        limit = optimizer.clipvalue
        return [minimum(maximum(x, -limit), limit) for x in gradients] if limit and limit > 0 else gradients

    # -- the variables -------------------------------------------------------------------------------------

    def _advance(self, gradients: list[Tensor], rate: Tensor) -> None:
        optimizer = self.optimizer
        gradients = self._clipped(gradients)
        decayed = {
            id(v): self._decayed(v, rate)
            for v in self.variables
            if optimizer._decay_of(v) is not None and optimizer._use_weight_decay(v)
        }
        from tapeflow.keras.optimizers.stepping import Stepping

        if type(optimizer).update_step is not Stepping.update_step:
            self._advance_by_method(gradients, rate, decayed)
            return
        optimizer.advance_shared(TENSORS, cast(self.steps + 1, np.float32), self.read, self.write)
        numbers: dict[Any, tuple[Tensor, Tensor]] = {}  # the number of the step and the rate, by the dtype
        for x, variable in zip(map(_wide, gradients), self.variables, strict=True):
            dtype = x._value.dtype
            states = (variable, *optimizer._slots[optimizer._get_variable_index(variable)])
            values = [decayed.get(id(v)) for v in states]
            values = [_wide(self.read(v) if value is None else value) for v, value in zip(states, values, strict=True)]
            if dtype not in numbers:
                numbers[dtype] = cast(self.steps + 1, dtype), cast(rate, dtype)
            for state, new in zip(states, optimizer.rule(TENSORS, *numbers[dtype], x, *values), strict=True):
                self.write(state, new)

    def _advance_by_method(self, gradients: list[Tensor], rate: Tensor, decayed: dict[int, Tensor]) -> None:
        """For optimizers with an `update_step` of the program's own."""
        optimizer = self.optimizer
        arguments = len(inspect.signature(optimizer.update_step).parameters)
        for x, variable in zip(gradients, self.variables, strict=True):
            if id(variable) in decayed:
                self.write(variable, decayed[id(variable)])
            if arguments == 2:  # written for Keras 2
                optimizer.update_step(x, variable)
            else:
                optimizer.update_step(x, variable, cast(rate, variable._value.dtype))

    def _decayed(self, variable: Variable, rate: Tensor) -> Tensor:
        w = _wide(self.read(variable))
        return cast(w - w * (self.optimizer._decay_of(variable) * cast(rate, w.dtype)), variable._value.dtype)

    def _update_averages(self) -> None:
        optimizer = self.optimizer
        every = optimizer.ema_overwrite_frequency
        for average, variable in zip(optimizer._averages, optimizer._trainable_variables, strict=True):
            w = _wide(self.read(variable))
            momentum = w._value.dtype.type(optimizer.ema_momentum)
            keep = where(self.steps > 0, Tensor(momentum), Tensor(momentum.dtype.type(0)))
            mean = cast(_wide(self.read(average)) * keep + w * (1 - keep), average._value.dtype)
            self.write(average, mean)
            if every:
                self.write(variable, where((self.steps + 1) % every == 0, mean, self.read(variable)))


def _by_norm(x: Tensor, limit: float) -> Tensor:
    norm = sqrt(reduce_sum(square(x)))
    return x * where(norm > limit, limit / norm, 1.0)


def _by_global_norm(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sqrt(add_n([cast(reduce_sum(square(x)), np.float64) for x in gradients]))
    factor = where(norm <= limit, 1.0, where(is_finite(norm), limit / norm, float("nan")))
    return [x * cast(factor, x.dtype) for x in gradients]
