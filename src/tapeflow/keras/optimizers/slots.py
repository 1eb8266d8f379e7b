"""The state of an optimizer: made when it meets its variables, listed, read, set and saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.shapes import TensorShape
from tapeflow.core.variable import Variable
from tapeflow.keras.backend import floatx
from tapeflow.keras.optimizers.settings import Settings
from tapeflow.keras.optimizers.state import Slot, VariableList, slot_name, state_variable

__all__ = ["Slots"]


class Slots(Settings):
    """An optimizer's variables; `Optimizer` documents the arguments."""

    grows = False  # whether variables that the optimizer was not built with are welcome later

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._index: dict[int, int] = {}  # id(variable) -> its position; the list keeps the variables, and so the ids, alive
        self._slots: list[tuple[Variable, ...]] = []
        self._averages: list[Variable] = []
        self._accumulated_gradients: list[Variable] = []
        self._without_decay: set[int] = set()
        self._without_decay_names: list[str] = []

    # -- meeting the variables -----------------------------------------------------------------------------

    def build(self, variables: Iterable[Variable]) -> None:
        """Makes the state for `variables`; the first step does this by itself.

        Subclasses that override it call `super().build(variables)` first and then `add_variable_from_reference`.
        """
        if self.built:
            return
        self._add(list(variables))
        self.built = True
        restore = vars(self).get("_restore_later")  # of a checkpoint that has values for this state
        if restore is not None:
            restore()

    def _add(self, variables: list[Variable]) -> None:
        fresh: list[Variable] = []
        for variable in variables:
            if id(variable) not in self._index:
                self._index[id(variable)] = len(self._trainable_variables)
                self._trainable_variables.append(variable)
                fresh.append(variable)
        if self.use_ema:
            self._averages += [self.add_variable_from_reference(v, "average") for v in fresh]
        if self.gradient_accumulation_steps:
            self._accumulated_gradients += [self.add_variable_from_reference(v, "gradient_accumulator") for v in fresh]
        self._add_slots(fresh)

    def _add_slots(self, variables: list[Variable]) -> None:
        made: list[tuple[Variable, ...]] = [() for _ in variables]
        for group in self.slots():
            for i, variable in enumerate(variables):
                for slot in group:
                    state = self._slot_variable(variable, slot)
                    made[i] += (state,)
                    self.__dict__.setdefault(slot.attribute, []).append(state)
        self._slots += made

    def _slot_variable(self, variable: Variable, slot: Slot) -> Variable:
        value = variable._value
        first = np.full(value.shape, slot.initial, value.dtype) if value.ndim else value.dtype.type(slot.initial)
        return self._keep(first, slot_name(variable, slot.name))

    def _keep(self, value: Any, name: str) -> Variable:
        variable = state_variable(0, f"{self.name}/{name}")
        variable._value = value  # made here, so nobody else holds it and it may be changed in place
        self._variables.append(variable)
        return variable

    def slots(self) -> Sequence[Sequence[Slot]]:
        """The state of each variable: groups, each made for all variables before the next one."""
        raise NotImplementedError

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable of the optimizer's own.

        Args:
            shape: its shape.
            initializer: a name or object of `keras.initializers`, or a function of (shape, dtype).
            dtype: its dtype; float32 by default.
            aggregation: accepted; there is one replica.
            layout: must be None.
            name: its name.

        Raises:
            ValueError: the initializer is unknown.
        """
        if layout is not None:
            raise NotImplementedError("add_variable does not support `layout`")
        dims = tuple(TensorShape(shape).as_list())
        dtype = as_dtype(dtype or floatx())
        return self._keep(initialized(initializer, dims, dtype), name or "variable")

    def add_variable_from_reference(
        self,
        reference_variable: Variable | None = None,
        name: str | None = None,
        initializer: Any = "zeros",
        **keras_2: Any,
    ) -> Variable:
        """A new variable of the shape and dtype of another one.

        Args:
            reference_variable: the other variable.
            name: the end of its name, such as "momentum".
            initializer: a name or object of `keras.initializers`, or a function of (shape, dtype).
            **keras_2: Keras 2's `model_variable` and `variable_name` for the first two, `shape` and `initial_value`.

        Raises:
            TypeError: an unknown argument.
            ValueError: the initializer is unknown.
        """
        reference = keras_2.pop("model_variable", reference_variable)
        name = keras_2.pop("variable_name", name)
        shape, initial = keras_2.pop("shape", None), keras_2.pop("initial_value", None)
        if keras_2 or not isinstance(reference, Variable):
            raise TypeError(
                f"add_variable_from_reference(reference_variable, name, initializer) got {reference!r} and {keras_2}"
            )
        label = slot_name(reference, name or "variable")
        if initial is not None:
            return self._keep(np.array(convert(initial, hint=reference._value.dtype)._value)[()], label)
        dims = reference._value.shape if shape is None else tuple(TensorShape(shape).as_list())
        return self._keep(initialized(initializer, dims, reference.dtype), label)

    # -- knowing the variables -------------------------------------------------------------------------------

    def _get_variable_index(self, variable: Variable) -> int:
        return self._index[id(variable)]

    def _check_variables_are_known(self, variables: list[Variable]) -> None:
        for variable in variables:
            if id(variable) not in self._index:
                if self.grows:
                    self._add([variable])
                    continue
                raise ValueError(
                    f"Unknown variable: {variable}. This optimizer can only be called for the variables it was originally "
                    "built with. For another set of variables make another optimizer."
                )

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leaves variables out of the weight decay. Call it before the first step.

        Args:
            var_list: variables.
            var_names: regular expressions that match somewhere in the names of variables.

        Raises:
            ValueError: the optimizer was built already.
        """
        if self.built:
            raise ValueError(
                "`exclude_from_weight_decay()` can only be configured before the optimizer is built, that is, before its "
                "first step."
            )
        self._excluded = list(var_list or [])
        self._without_decay = {id(variable) for variable in self._excluded}
        self._without_decay_names = list(var_names or [])

    def _use_weight_decay(self, variable: Variable) -> bool:
        import re

        return id(variable) not in self._without_decay and not any(
            re.search(pattern, variable.name) for pattern in self._without_decay_names
        )

    # -- reading and setting the state -------------------------------------------------------------------------

    @property
    def variables(self) -> VariableList:
        """The optimizer's own variables: the step count, the learning rate and the state. May be called, as in Keras 2."""
        return VariableList(self._variables)

    def get_weights(self) -> list[np.ndarray]:
        """The values of `variables`."""
        return [variable.numpy() for variable in self._variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Gives `variables` the values that `get_weights` returned.

        Raises:
            ValueError: the optimizer is not built, or the number of values or a shape is wrong; nothing is changed.
        """
        if not self.built:
            raise ValueError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. Please call "
                "`optimizer.build(trainable_variables)` to create the optimizer weights before calling `set_weights()`."
            )
        if len(weights) != len(self._variables):
            raise ValueError(f"`set_weights` got {len(weights)} values for {len(self._variables)} variables")
        for variable, value in zip(self._variables, weights, strict=True):
            if np.shape(value) != variable._value.shape:
                raise ValueError(
                    f"Optimizer variable {variable.name} has shape {variable._value.shape} not compatible with provided "
                    f"weight shape {np.shape(value)}."
                )
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(np.asarray(value, variable._value.dtype))

    def save_own_variables(self, store: Any) -> None:
        """Writes the values into a mapping under "0", "1", ..."""
        for i, value in enumerate(self.get_weights()):
            store[str(i)] = value

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote. If the number of values differs, it warns and changes nothing."""
        if len(store) != len(self._variables):
            warnings.warn(
                f"Skipping variable loading for optimizer '{self.name}', because it has {len(self._variables)} variables "
                f"whereas the saved optimizer has {len(store)} variables.",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(self._variables):
            variable.assign(np.asarray(store[str(i)], variable._value.dtype))

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_index", "_without_decay")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._index = {id(variable): i for i, variable in enumerate(self._trainable_variables)}
        self._without_decay = {id(variable) for variable in state.get("_excluded", [])}


def initialized(initializer: Any, shape: Any, dtype: Any) -> Any:
    """The first value of a variable: an initializer is a name of `keras.initializers`, or a function of (shape, dtype)."""
    if initializer in ("zeros", "ones"):
        return (np.zeros if initializer == "zeros" else np.ones)(shape, dtype.numpy)[()]
    if not callable(initializer):
        from tapeflow.keras import initializers

        initializer = initializers.get(initializer)
    return np.array(convert(initializer(shape, dtype=dtype), hint=dtype.numpy)._value, dtype.numpy)[()]
