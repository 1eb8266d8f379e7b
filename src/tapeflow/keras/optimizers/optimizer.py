"""The base of all optimizers: how programs call them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tapeflow.core import nest
from tapeflow.core.symbolic import ACTIVE, tracing
from tapeflow.core.variable import Variable
from tapeflow.gradient.tape import GradientTape
from tapeflow.keras.optimizers.gradients import pairs_of
from tapeflow.keras.optimizers.memory import store
from tapeflow.keras.optimizers.stepping import Stepping, apply_inside

__all__ = ["Optimizer"]


class Optimizer(Stepping):
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
        kind = type(grads_and_vars)
        pairs: Any = grads_and_vars if kind is list else list(grads_and_vars) if kind is zip else pairs_of(grads_and_vars)
        if ACTIVE and (tracer := tracing()) is not None:
            apply_inside(tracer, self, pairs_of(pairs))
            return self._iterations
        direct = self._direct
        if direct is None:
            direct = self._direct = self._is_direct()
        if not (direct and self._step_directly(pairs)):
            self._step(pairs_of(pairs))
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
        pairs = pairs_of(zip(grads, variables, strict=True))
        if ACTIVE and (tracer := tracing()) is not None:
            apply_inside(tracer, self, pairs)
        else:
            self._step(pairs)

    # -- moving averages -------------------------------------------------------------------------------------

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
        # Keras had (loss, var_list, grad_loss, name, tape) before: the types tell the orders apart.
        given = [x for x in (tape, grad_loss, name) if x is not None and not isinstance(x, str)]
        tape = next((x for x in given if isinstance(x, GradientTape)), None)
        grad_loss = next((x for x in given if x is not tape), None)
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
