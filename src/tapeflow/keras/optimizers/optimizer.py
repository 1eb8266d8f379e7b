"""The base of all optimizers: from gradients to one step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.gradient.tape import GradientTape
from tapeflow.keras.optimizers import gradients as g
from tapeflow.keras.optimizers.memory import advance, owned, silently, store
from tapeflow.keras.optimizers.settings import unrecorded
from tapeflow.keras.optimizers.slots import Slots
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Optimizer"]


class Optimizer(Slots):
    """The base class of all optimizers.

    Args:
        learning_rate: a number, a variable, a schedule, or a function of no arguments that gives the rate.
        weight_decay: shrinks each variable by this fraction of the learning rate in each step, before the update.
        clipnorm: the largest L2 norm of each gradient; longer ones are shortened.
        clipvalue: the largest absolute value of an element of a gradient.
        global_clipnorm: the largest L2 norm of all gradients together.
        use_ema: whether to keep an exponential moving average of each variable.
        ema_momentum: how slowly the average moves: average = ema_momentum · average + (1 - ema_momentum) · variable.
        ema_overwrite_frequency: every so many steps the variables take the values of their averages; None: only when
            `finalize_variable_values` is called.
        loss_scale_factor: what the loss was multiplied by (see `scale_loss`): the gradients are divided by it.
        gradient_accumulation_steps: after how many calls the mean of their gradients makes one step.
        name: the name; by default made from the class's, unique in the process.
        **kwargs: Keras 2's `lr` for `learning_rate`, `decay` (divides the rate by 1 + decay · iterations) and `jit_compile`.

    Raises:
        ValueError: an argument is unknown or outside its range.

    An optimizer of one's own makes its state in `build` and says in `update_step` how one variable moves:

    >>> import tapeflow as tf
    >>> class SignDescent(tf.keras.optimizers.Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         self.assign_sub(variable, learning_rate * tf.sign(gradient))
    >>> x = tf.Variable([1.0, -1.0])
    >>> _ = SignDescent(learning_rate=0.25).apply_gradients([(tf.constant([5.0, -0.1]), x)])
    >>> x.numpy()
    array([ 0.75, -0.75], dtype=float32)
    """

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

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Moves one variable by one step. Subclasses override this.

        Args:
            gradient: a tensor of the variable's shape and dtype.
            variable: what to move, with `self.assign`, `self.assign_add` or `self.assign_sub`.
            learning_rate: a scalar tensor.
        """
        value = gradient._value if isinstance(gradient, Tensor) else g.admit([(gradient, variable)])[0][0]
        rate = learning_rate._value if isinstance(learning_rate, Tensor | Variable) else learning_rate
        self._advance(value, variable, rate)

    def _advance(self, gradient: Any, variable: Variable, rate: Any) -> None:
        """One step of one variable by the rule."""
        number = variable._value.dtype.type
        slots = self._slots[self._get_variable_index(variable)]
        rule: Callable = partial(self.rule, np, number(self._local_steps() + 1), number(rate))
        if type(gradient) is g.Rows:
            if self.rowwise:
                self._advance_rows(rule, gradient, variable, slots)
                return
            gradient = g.dense(gradient)
        advance(rule, gradient, (variable, *slots), self.elementwise)

    @staticmethod
    def _advance_rows(rule: Callable, gradient: g.Rows, variable: Variable, slots: Sequence[Variable]) -> None:
        rows = gradient.indices
        wholes = [owned(v) for v in (variable, *slots)]
        for v, whole, part in zip(
            (variable, *slots), wholes, silently(rule, gradient.values, *[w[rows] for w in wholes]), strict=True
        ):
            whole[rows] = part
            v._value = whole

    # -- one step of all variables -----------------------------------------------------------------------

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Any:
        """Makes one step.

        Args:
            grads_and_vars: an iterable of (gradient, variable) pairs, such as `zip(gradients, variables)`. A gradient is a
                tensor, anything that can be one, IndexedSlices, or None: then its variable is left as it is, with a warning.
            name: accepted.
            skip_gradients_aggregation: accepted; there is one replica, so nothing to aggregate.
            experimental_aggregate_gradients: accepted, likewise.

        Returns:
            `iterations`, which this call advanced by one.

        Raises:
            TypeError: not an iterable of pairs, or not a variable in a pair.
            ValueError: no pair, or none with a gradient; a variable that the optimizer was not built with.
            InvalidArgumentError: a gradient has another shape than its variable.

        After an error everything is as it was before the call.

        >>> import tapeflow as tf
        >>> x = tf.Variable(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
        >>> _ = optimizer.apply_gradients([(tape.gradient(y, x), x)])
        >>> x.numpy()
        np.float32(0.0)
        """
        self._step(g.pairs_of(grads_and_vars))
        return self._iterations

    def apply(self, grads: Iterable, trainable_variables: Iterable[Variable] | None = None) -> None:
        """Makes one step: `apply_gradients` with gradients and variables apart.

        Args:
            grads: the gradients.
            trainable_variables: their variables, in the same order; by default those that the optimizer was built with.

        Raises:
            ValueError: the numbers of gradients and variables differ, or there are no variables yet. Else as in
                `apply_gradients`.
        """
        grads = list(grads)
        if not grads:
            return
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    "When passing `grads` without `variables`, the optimizer must already be built on a list of variables. "
                    "Call `optimizer.build(trainable_variables)` first."
                )
            trainable_variables = self._trainable_variables
        variables = list(trainable_variables)
        if len(grads) != len(variables):
            raise ValueError(
                f"`apply` got {len(grads)} gradients for {len(variables)} variables; there must be as many of each"
            )
        self._step(g.pairs_of(zip(grads, variables, strict=True)))

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
        if self.clipnorm:
            return [g.by_norm(gradient, self.clipnorm) for gradient in gradients]
        if self.global_clipnorm:
            return g.by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue:
            return [g.by_value(gradient, self.clipvalue) for gradient in gradients]
        return gradients

    def _apply_weight_decay(self, variables: list[Variable], rate: Any) -> None:
        if self.weight_decay is None:
            return
        for variable in variables:
            if self._use_weight_decay(variable):
                number = variable._value.dtype.type
                shrink = number(self.weight_decay) * number(rate)
                advance(lambda w, shrink=shrink: (shrunk(w, shrink),), None, (variable,), True)

    def _update(self, gradients: list, variables: list[Variable], rate: Any) -> None:
        """Moves each variable by its gradient."""
        if type(self).update_step is Optimizer.update_step:
            for gradient, variable in zip(gradients, variables, strict=True):
                self._advance(gradient, variable, rate)
            return
        arguments = len(inspect.signature(self.update_step).parameters)
        with unrecorded():
            for gradient, variable in zip(gradients, variables, strict=True):
                tensor = Tensor(g.dense(gradient))
                if arguments == 2:  # written for Keras 2
                    self.update_step(tensor, variable)  # type: ignore[call-arg]
                else:
                    self.update_step(tensor, variable, Tensor(rate))

    def _constrain(self, variables: list[Variable]) -> None:
        for variable in variables:
            if variable._constraint is not None:
                with unrecorded():
                    variable.assign(variable._constraint(variable._read()))

    # -- moving averages ---------------------------------------------------------------------------------

    def _update_averages(self) -> None:
        momentum = self.ema_momentum if self._local_steps() else 0.0
        every = self.ema_overwrite_frequency
        overwrite = every and (self._local_steps() + 1) % every == 0
        for average, variable in zip(self._averages, self._trainable_variables, strict=True):
            keep = variable._value.dtype.type(momentum)
            store(average, average._value * keep + variable._value * (1 - keep))
            if overwrite:
                store(variable, average._value)

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Gives the variables the values of their moving averages; call it after training with `use_ema=True`.

        Raises:
            ValueError: the optimizer has made no step yet, or does not know a variable.
        """
        if not self.use_ema:
            return
        variables = list(var_list)
        if not self.built:
            raise ValueError("there are no moving averages yet: `finalize_variable_values` must follow at least one step")
        self._check_variables_are_known(variables)
        for variable in variables:
            store(variable, self._averages[self._get_variable_index(variable)]._value)

    # -- from a loss -------------------------------------------------------------------------------------

    def minimize(
        self,
        loss: Any,
        var_list: Any,
        tape: GradientTape | None = None,
        grad_loss: Any = None,
        name: str | None = None,
    ) -> Any:
        """Computes gradients and makes one step, as Keras 2 does.

        Args:
            loss: a function of no arguments that gives the loss, or a tensor computed under `tape`.
            var_list: the variables, or a function of no arguments that gives them once the loss was computed.
            tape: the tape that recorded `loss`.
            grad_loss: the cotangent of the loss; ones by default.
            name: accepted.

        Returns:
            `iterations`.

        Raises:
            ValueError: the loss is a tensor and there is no tape; else as in `apply_gradients`.

        >>> import tapeflow as tf
        >>> x = tf.Variable(3.0)
        >>> optimizer = tf.keras.optimizers.SGD(0.5)
        >>> _ = optimizer.minimize(lambda: x * x, [x])
        >>> x.numpy()
        np.float32(0.0)
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape, grad_loss))

    def compute_gradients(
        self, loss: Any, var_list: Any, tape: GradientTape | None = None, grad_loss: Any = None
    ) -> list[tuple[Any, Variable]]:
        """The (gradient, variable) pairs for `apply_gradients`. Arguments and errors are those of `minimize`."""
        if tape is not None and not isinstance(tape, GradientTape):
            tape, grad_loss = grad_loss, tape  # the older order: (loss, var_list, grad_loss, …)
        if callable(loss):
            tape = GradientTape() if tape is None else tape
            with tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
        elif tape is None:
            raise ValueError("`tape` is required when a `Tensor` loss is passed.")
        variables = nest.flatten(var_list() if callable(var_list) else var_list)
        return list(zip(tape.gradient(loss, variables, grad_loss), variables, strict=True))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, to be differentiated instead of the loss."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # -- for the update steps of subclasses --------------------------------------------------------------

    def assign(self, variable: Variable, value: Any) -> None:
        """variable = value."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """variable += value."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """variable -= value."""
        variable.assign_sub(value)

    def slots(self) -> list[tuple[Slot, ...]]:
        """The state that `rule` takes for each variable, in order."""
        return []


def shrunk(w: Any, fraction: Any) -> Any:
    w -= w * fraction
    return w
