"""A step inside a traced function, as nodes of its graph: reads, arithmetic, and assignments.

It is `Stepping._step` said once more, over tensors: the same rule with the same roundings, so that a program takes the same way
eagerly and compiled. What it does not say (rows of a sparse gradient, half precision, a `Nadam`) is a step made from outside
whenever the graph runs.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

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
from tapeflow.ops.selection import maximum, minimum, where

__all__ = ["TracedStep", "is_expressible"]

MOST_ELEMENTS = 1 << 15
"""Of a variable: a step of a larger one is made from outside, which changes its array in place, a block at a time."""


def is_expressible(optimizer: Any, given: list, variables: list[Variable]) -> bool:
    """Whether a step with these gradients can be nodes."""
    from tapeflow.keras.optimizers.stepping import Stepping

    kind = type(optimizer)
    return (
        kind._step is Stepping._step
        and kind._update is Stepping._update
        and any(x is not None for x in given)
        and all(
            x is None or (isinstance(x, Tensor) and x._value.shape == v._value.shape and x._value.dtype.kind == "f")
            for x, v in zip(given, variables, strict=True)
        )
        and all(v._value.dtype.kind == "f" and v._shape is None and v._value.size <= MOST_ELEMENTS for v in variables)
    )


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
        gradients = [cast(x, v._value.dtype) for x, v in pairs]
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
            if optimizer.weight_decay is not None and optimizer._use_weight_decay(v)
        }
        from tapeflow.keras.optimizers.stepping import Stepping

        if type(optimizer).update_step is not Stepping.update_step:
            self._advance_by_method(gradients, rate, decayed)
            return
        numbers: dict[Any, tuple[Tensor, Tensor]] = {}  # the number of the step and the rate, by the dtype
        for x, variable in zip(gradients, self.variables, strict=True):
            dtype = variable._value.dtype
            states = (variable, *optimizer._slots[optimizer._get_variable_index(variable)])
            values = [decayed.get(id(v)) for v in states]
            values = [self.read(v) if value is None else value for v, value in zip(states, values, strict=True)]
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
        w = self.read(variable)
        return w - w * (self.optimizer.weight_decay * cast(rate, w.dtype))

    def _update_averages(self) -> None:
        optimizer = self.optimizer
        every = optimizer.ema_overwrite_frequency
        for average, variable in zip(optimizer._averages, optimizer._trainable_variables, strict=True):
            w = self.read(variable)
            momentum = variable._value.dtype.type(optimizer.ema_momentum)
            keep = where(self.steps > 0, Tensor(momentum), Tensor(momentum.dtype.type(0)))
            mean = self.read(average) * keep + w * (1 - keep)
            self.write(average, mean)
            if every:
                self.write(variable, where((self.steps + 1) % every == 0, mean, w))


def _by_norm(x: Tensor, limit: float) -> Tensor:
    norm = sqrt(reduce_sum(square(x)))
    return x * where(norm > limit, limit / norm, 1.0)


def _by_global_norm(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sqrt(add_n([cast(reduce_sum(square(x)), np.float64) for x in gradients]))
    factor = where(norm <= limit, 1.0, where(is_finite(norm), limit / norm, float("nan")))
    return [x * cast(factor, x.dtype) for x in gradients]
