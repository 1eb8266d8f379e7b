"""One step: gradients accumulated, clipped, given to the rule of each variable, and what follows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.symbolic import untraceable
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import NOT_READ, Variable
from tapeflow.gradient.tape import owner
from tapeflow.keras.optimizers import gradients as g
from tapeflow.keras.optimizers import memory
from tapeflow.keras.optimizers.memory import advance, owned, silently, store
from tapeflow.keras.optimizers.settings import unrecorded
from tapeflow.keras.optimizers.slots import Slots
from tapeflow.keras.optimizers.state import Slot
from tapeflow.keras.optimizers.traced_step import TracedStep, is_expressible

__all__ = ["Stepping", "apply_inside"]


class Stepping(Slots):
    """What an optimizer does in a step; `Optimizer` documents the arguments."""

    _repeated: Any = None  # the step before as machine code, to be made again (see repeated_step.py)
    elementwise = True  # whether `rule` treats each element by itself, so that it may be run on parts of an array
    rowwise = False  # whether a gradient of zero changes nothing in `rule`, so that rows without gradient may be left out

    # -- the rule ----------------------------------------------------------------------------------------

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, *state: Any) -> tuple:
        """One step of one variable, as a formula: the new (w, *state).

        Args:
            xp: the array namespace, NumPy's or one with its names.
            t: the number of this step, from 1, in the dtype of the variable.
            lr: the learning rate, in the dtype of the variable.
            gradient: the gradient; the rule leaves it as it is.
            w: the variable's value, which may be changed in place (`w -= …`).
            *state: the values of the slots, likewise.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override `update_step(self, gradient, variable, learning_rate)`"
        )

    def advance_shared(self, xp: Any, t: Any, read: Callable, write: Callable) -> None:
        """Moves what all variables share, before the rule of the first.

        Args:
            xp: the array namespace.
            t: the number of this step, from 1, as a float32.
            read: gives the value of a variable.
            write: `write(variable, value)` stores one.
        """

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Moves one variable by one step. Subclasses override this.

        Args:
            gradient: a tensor of the variable's shape and dtype.
            variable: what to move, with `self.assign`, `self.assign_add` or `self.assign_sub`.
            learning_rate: a scalar tensor.
        """
        untraceable("optimizer.update_step")
        value = gradient._value if isinstance(gradient, Tensor) else g.admit([(gradient, variable)])[0][0]
        rate = learning_rate._value if isinstance(learning_rate, Tensor | Variable) else learning_rate
        silently(self._advance, value, variable, rate)

    def _advance(self, gradient: Any, variable: Variable, rate: Any) -> None:
        """One step of one variable by the rule."""
        number = number_of(variable)
        slots = self._slots[self._get_variable_index(variable)]
        rule: Callable = partial(self.rule, np, number(self._local_steps() + 1), number(rate))
        if type(gradient) is g.Rows:
            if self.rowwise and variable._value.dtype.kind != "V":
                self._advance_rows(rule, gradient, variable, slots)
                return
            gradient = g.dense(gradient)
        advance(rule, gradient, (variable, *slots), self.elementwise)

    def _advance_all(self, gradients: list, variables: list[Variable], rate: Any) -> None:
        for gradient, variable in zip(gradients, variables, strict=True):
            self._advance(gradient, variable, rate)

    @staticmethod
    def _advance_rows(rule: Callable, gradient: g.Rows, variable: Variable, slots: Sequence[Variable]) -> None:
        rows = gradient.indices
        wholes = [owned(v) for v in (variable, *slots)]
        for v, whole, part in zip(
            (variable, *slots), wholes, rule(gradient.values, *[w[rows] for w in wholes]), strict=True
        ):
            whole[rows] = part
            v._value = whole

    def slots(self) -> list[tuple[Slot, ...]]:
        """The state that `rule` takes for each variable, in order."""
        return []

    # -- a step of all variables -----------------------------------------------------------------------------

    def _step(self, pairs: list[tuple[Any, Variable]]) -> None:
        if self.built:
            self._check_variables_are_known([variable for _, variable in pairs])
        admitted = g.admit(pairs)
        rate = self._rate()
        if not self.built:
            self.build([variable for _, variable in pairs])
        variables = [variable for _, variable in admitted]
        gradients = silently(self._accumulated, [gradient for gradient, _ in admitted], variables)
        if gradients is not None:
            gradients = silently(self._clip_gradients, gradients)
            self._apply_weight_decay(variables, rate)
            self._update(gradients, variables, rate)
        if self.use_ema:
            silently(self._update_averages)
        self._constrain([variable for _, variable in pairs])
        self._iterations.advance()

    def _accumulated(self, gradients: list, variables: list[Variable]) -> list | None:
        """The unscaled gradients to step with: the mean of a round if they are accumulated, None before its end."""
        if self.loss_scale_factor is not None:
            gradients = [g.divided(gradient, self.loss_scale_factor) for gradient in gradients]
        every = self.gradient_accumulation_steps
        if not every:
            return gradients
        sums = [self._accumulated_gradients[self._get_variable_index(variable)] for variable in variables]
        if (self._iterations.count + 1) % every:
            for total, gradient in zip(sums, gradients, strict=True):
                store(total, total._value + g.dense(gradient))
            return None
        means = [g.divided(total._value + g.dense(gradient), every) for total, gradient in zip(sums, gradients, strict=True)]
        for total in self._accumulated_gradients:
            store(total, np.zeros_like(total._value))
        return means

    def _clip_gradients(self, gradients: list) -> list:
        if self.clipnorm and self.clipnorm > 0:
            return [g.by_norm(gradient, self.clipnorm) for gradient in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return g.by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [g.by_value(gradient, self.clipvalue) for gradient in gradients]
        return gradients

    def _apply_weight_decay(self, variables: list[Variable], rate: Any) -> None:
        for variable in variables:
            decay = self._decay_of(variable)
            if decay is not None and self._use_weight_decay(variable):
                number = number_of(variable)
                shrink = number(decay) * number(rate)
                silently(advance, partial(shrunk, shrink), None, (variable,), True)

    def _decay_of(self, variable: Variable) -> float | None:
        """By what fraction of the learning rate a variable shrinks in each step, unless it is excluded from that."""
        return self.weight_decay

    def _update(self, gradients: list, variables: list[Variable], rate: Any) -> None:
        """Moves each variable by its gradient."""
        if type(self).update_step is Stepping.update_step:
            silently(self.advance_shared, np, np.float32(self._local_steps() + 1), value_in, store)
            silently(self._advance_all, gradients, variables, rate)
            return
        arguments = len(inspect.signature(self.update_step).parameters)
        with unrecorded():
            for gradient, variable in zip(gradients, variables, strict=True):
                tensor = Tensor(g.dense(gradient))
                if arguments == 2:  # written for Keras 2
                    self.update_step(tensor, variable)  # type: ignore[call-arg]
                else:
                    self.update_step(tensor, variable, Tensor(variable._value.dtype.type(rate)))

    def _constrain(self, variables: list[Variable]) -> None:
        for variable in variables:
            if variable._constraint is not None:
                with unrecorded():
                    variable.assign(variable._constraint(variable._read()))

    def _update_averages(self) -> None:
        momentum = self.ema_momentum if self._local_steps() else 0.0
        every = self.ema_overwrite_frequency
        overwrite = every and (self._local_steps() + 1) % every == 0
        for average, variable in zip(self._averages, self._trainable_variables, strict=True):
            keep = number_of(variable)(momentum)
            store(average, average._value * keep + variable._value * (1 - keep))
            if overwrite:
                store(variable, average._value)

    # -- a step with nothing to decide -----------------------------------------------------------------------
    #
    # The common case has a path of its own: the rule alone, for gradients that are as they should be. All it decides was decided
    # before, so that a step of a scalar costs little more than its arithmetic.

    def _is_direct(self) -> bool:
        """Whether nothing but the rule lies between gradients and variables. Setting any attribute asks again."""
        return (
            self.built
            and type(self._learning_rate) is Variable
            and not (self.decay or self.use_ema or self.gradient_accumulation_steps or self.loss_scale_factor)
            and self.weight_decay is self.clipnorm is self.clipvalue is self.global_clipnorm is None
            and type(self).update_step is Stepping.update_step
            and type(self)._update is Stepping._update
            and type(self).advance_shared is Stepping.advance_shared
        )

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name not in ("_direct", "_repeated"):
            object.__setattr__(self, "_direct", None)
            object.__setattr__(self, "_repeated", None)
            object.__setattr__(self, "_settings", object())  # stands for the attributes as they are now

    def _step_directly(self, pairs: list) -> bool:
        """Makes the step if every pair is a tensor and a known variable that fit; if not, it does nothing and gives False."""
        iterations, repeated = self._iterations, self._repeated
        if repeated is not None:
            if silently(repeated.make, pairs, iterations.count + 1, self._learning_rate._value):
                iterations.count += 1
                iterations._cached = NOT_READ
                return True
            self._repeated = None
        index, slots, jobs = self._index, self._slots, []
        try:
            for gradient, variable in pairs:
                value, own = gradient._value, variable._value
                if (
                    type(gradient) is not Tensor
                    or value.dtype is not own.dtype
                    or value.dtype.kind == "V"
                    or value.shape != own.shape
                    or variable._constraint is not None
                ):
                    return False
                jobs.append((value, variable, slots[index[id(variable)]]))
        except (AttributeError, KeyError, TypeError, ValueError):
            return False
        if not jobs:
            return False
        own = None  # held by the variable alone, the array can be changed in place
        silently(self._advance_directly, jobs, iterations.count + 1, self._learning_rate._value)
        iterations.count += 1
        iterations._cached = NOT_READ
        return True

    def _advance_directly(self, jobs: list, t: int, rate: Any) -> None:
        rule, together = self.rule, self.elementwise
        dtype: Any = None
        for n, (gradient, variable, slots) in enumerate(jobs):
            if gradient.dtype is not dtype:
                dtype = gradient.dtype
                number = dtype.type
                step, lr = number(t), rate if type(rate) is number else number(rate)
            if gradient.size >= memory.NATIVE:
                if together:  # where one is worth machine code, all that are left go with it in one call
                    together = False
                    left = self._left_by_machine_code(step, lr, jobs[n:])
                    if len(left) < len(jobs) - n:
                        self._advance_directly(left, t, rate)
                        return
                advance(partial(rule, np, step, lr), gradient, (variable, *slots), self.elementwise)
            elif slots:
                new = rule(np, step, lr, gradient, owned(variable), *[owned(slot) for slot in slots])
                for state, x in zip((variable, *slots), new, strict=True):
                    store(state, x)
            else:
                (variable._value,) = rule(np, step, lr, gradient, owned(variable))

    def _left_by_machine_code(self, t: Any, lr: Any, jobs: list) -> list:
        """Makes the steps of all arrays of the dtype of `t` by machine code; gives the jobs that are left for NumPy."""
        dtype = t.dtype
        chosen: list = []
        left: list = []
        for job in jobs:
            (chosen if type(job[0]) is np.ndarray and job[0].dtype is dtype else left).append(job)
        if len({id(variable) for _, variable, _ in chosen}) < len(chosen):
            return jobs  # the second step of a variable starts from the first one's
        steps = [[gradient, *map(owned, (variable, *slots))] for gradient, variable, slots in chosen]
        step = memory.one_pass(self.rule, t, lr, steps)
        if step is None:
            return jobs
        step.run(t, lr)
        for (_, *values), (_, variable, slots) in zip(steps, chosen, strict=True):
            for state, value in zip((variable, *slots), values, strict=True):
                state._value = value
        if len(chosen) == len(self._trainable_variables) and step.settled:
            from tapeflow.keras.optimizers.repeated_step import RepeatedStep  # of machine code, which is there by now

            self._repeated = RepeatedStep(step, chosen)
        return left


def number_of(variable: Variable) -> Any:
    """The NumPy type of the numbers that the variable's rule computes with."""
    dtype = variable._value.dtype
    return np.float32 if dtype.kind == "V" else dtype.type


def value_in(variable: Variable) -> Any:
    """What a variable holds, as NumPy has it."""
    return variable._value


def shrunk(fraction: Any, w: Any) -> tuple:
    w -= w * fraction
    return (w,)


def apply_inside(tracer: Any, optimizer: Any, pairs: list[tuple[Any, Variable]]) -> None:
    """Notes a step in the trace of a function: it is made, in the program's order, whenever the function runs."""
    variables = [owner(variable) for _, variable in pairs]
    given = [x if x is None or isinstance(x, IndexedSlices) else convert(x, hint=v._value.dtype) for x, v in pairs]
    if is_expressible(optimizer, given, variables) and tracer.attempt(TracedStep(tracer, optimizer, given, variables)):
        return
    flat = nest.flatten(given, expand_composites=True)
    tensors = [x for x in flat if isinstance(x, Tensor)]

    def step(*values: Tensor) -> None:
        if len(values) == len(given) == len(flat):
            found: Any = values
        else:
            following = iter(values)
            leaves = [next(following) if isinstance(x, Tensor) else x for x in flat]
            found = nest.pack_sequence_as(given, leaves, expand_composites=True)
        optimizer.apply_gradients(list(zip(found, variables, strict=True)))

    def step_directly(*values: Any) -> None:
        if not optimizer._direct or any(v._constraint is not None for v in variables):
            step(*map(Tensor, values))
            return
        slots, index, iterations = optimizer._slots, optimizer._index, optimizer._iterations
        try:
            jobs = [(x, v, slots[index[id(v)]]) for x, v in zip(values, variables, strict=True)]
        except KeyError:
            step(*map(Tensor, values))
            return
        # What a plan runs is run silently already.
        optimizer._advance_directly(jobs, iterations.count + 1, optimizer._learning_rate._value)
        iterations.count += 1
        iterations._cached = NOT_READ

    fitting = len(tensors) == len(given) == len(flat) and all(
        x._value.dtype == v._value.dtype
        and x._value.dtype.kind != "V"
        and x._value.shape == v._value.shape
        and v._shape is None
        for x, v in zip(tensors, variables, strict=True)
    )
    tracer.effect(step, tuple(tensors), step_directly if fitting else None)
