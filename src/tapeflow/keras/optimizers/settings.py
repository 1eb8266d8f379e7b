"""What an optimizer is told: its learning rate and the options that all optimizers share."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.recording import current, set_recorders
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.backend import floatx
from tapeflow.keras.optimizers.schedules.schedule import LearningRateSchedule
from tapeflow.keras.optimizers.state import Iterations, VariableList, state_variable

__all__ = ["Settings", "unique_name", "unrecorded"]

UNSET: Any = object()  # no learning rate given: a subclass written for Keras 2 sets `_learning_rate` itself
FLOAT32 = np.dtype("float32")

_names: dict[str, Iterator[int]] = defaultdict(itertools.count)


def unique_name(name: str) -> str:
    """`name` the first time, then name_1, name_2 and so on."""
    number = next(_names[name])
    return f"{name}_{number}" if number else name


def snake_case(name: str) -> str:
    """AdamW → adam_w, RMSprop → rm_sprop."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@contextmanager
def unrecorded() -> Iterator[None]:
    """A context in which no tape hears what a callback computes."""
    recording = current()
    if recording is None:
        yield
        return
    set_recorders(())
    try:
        yield
    finally:
        set_recorders(recording[1])


class Settings:
    """The settings of an optimizer; `Optimizer` documents the arguments."""

    def __init__(
        self,
        learning_rate: Any = UNSET,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        decay = kwargs.pop("decay", None)
        kwargs.pop("jit_compile", None)  # a hint to TensorFlow's compiler: it changes no result
        kwargs.pop("is_legacy_optimizer", None)  # stands in the configs that Keras 2 saved
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        if use_ema:
            if not 0 <= ema_momentum <= 1:
                raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={ema_momentum}")
            every = ema_overwrite_frequency
            if every is not None and (not isinstance(every, int) or every < 1):
                raise ValueError(
                    f"`ema_overwrite_frequency` must be an integer >= 1 or None. Received: ema_overwrite_frequency={every}"
                )
        steps = gradient_accumulation_steps
        if steps is not None and (not isinstance(steps, int) or steps < 2):
            raise ValueError(
                f"`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps={steps}"
            )
        if decay is not None and decay < 0:
            raise ValueError(f"`decay` cannot be less than 0. Received: decay={decay}")
        self.name = unique_name(snake_case(type(self).__name__)) if name is None else name
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.decay = decay or 0.0
        self._iterations = Iterations(f"{self.name}/iteration")
        self._variables: VariableList = VariableList([self._iterations])
        self._learning_rate: Any = None
        if learning_rate is not UNSET:
            self._learning_rate = self._build_learning_rate(learning_rate)

    # -- the learning rate -------------------------------------------------------------------------------

    def _build_learning_rate(self, learning_rate: Any) -> Any:
        """What stands for the learning rate: a variable, a schedule or a function."""
        if isinstance(learning_rate, LearningRateSchedule):
            return learning_rate
        if isinstance(learning_rate, Variable):
            self._variables.insert(1, learning_rate)
            return learning_rate
        if callable(learning_rate):
            return learning_rate
        if isinstance(learning_rate, bool) or not isinstance(
            learning_rate, int | float | np.integer | np.floating | Tensor | np.ndarray
        ):
            raise ValueError(
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that "
                "returns the learning rate), or a scalar tensor or variable. Received instead: "
                f"learning_rate={learning_rate}"
            )
        variable = state_variable(scalar_rate(learning_rate), f"{self.name}/learning_rate")
        self._variables.insert(1, variable)
        return variable

    @property
    def learning_rate(self) -> Any:
        """The learning rate now: a variable that may be assigned, or what the schedule or function gives.

        May be set to a number, a tensor or a variable (whose value is taken), or to a schedule or function.
        """
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return rate
        if isinstance(rate, LearningRateSchedule):
            with unrecorded():
                return rate(self._iterations)
        if callable(rate):
            with unrecorded():
                return rate()
        raise AttributeError(
            f"{type(self).__name__} has no learning rate: pass `learning_rate` to super().__init__(), or set "
            "self._learning_rate = self._build_learning_rate(learning_rate)"
        )

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        rate = self._learning_rate
        if isinstance(learning_rate, LearningRateSchedule) or (
            callable(learning_rate) and not isinstance(learning_rate, Variable)
        ):
            if isinstance(rate, Variable):
                self._variables[:] = [v for v in self._variables if v is not rate]
            self._learning_rate = learning_rate
        elif isinstance(rate, Variable):
            rate.assign(scalar_rate(learning_rate).astype(rate._value.dtype))
        elif rate is None:
            self._learning_rate = self._build_learning_rate(learning_rate)
        else:
            raise TypeError(
                "This optimizer takes its learning rate from a `LearningRateSchedule` or a function, hence a number cannot "
                "be set. Set another schedule, or make the optimizer with a float `learning_rate`."
            )

    lr = learning_rate  # Keras 2's name

    def _rate(self) -> Any:
        """The learning rate of this step as a NumPy scalar."""
        rate = self._learning_rate
        value = rate._value if type(rate) is Variable else scalar_rate(self.learning_rate)
        if self.decay:
            value = value / FLOAT32.type(1 + self.decay * self._local_steps())
        return value

    @property
    def iterations(self) -> Any:
        """How many updates were made: an int64 variable; under gradient accumulation, a tensor of the full rounds."""
        if self.gradient_accumulation_steps:
            return Tensor(np.int64(self._local_steps()))
        return self._iterations

    def _local_steps(self) -> int:
        return self._iterations.count // (self.gradient_accumulation_steps or 1)

    # -- configuration ---------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer: plain values, without state."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            from tapeflow.keras.optimizers.registry import serialize

            rate = serialize(rate)
        elif isinstance(rate, Variable):
            rate = float(rate.numpy())
        config = {
            "name": self.name,
            "learning_rate": rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        return config | {"decay": self.decay} if self.decay else config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Callable] | None = None) -> Any:
        """The optimizer that `get_config` described.

        Args:
            config: the dict; it is left as it is.
            custom_objects: classes of schedules that are not Keras's, by name.
        """
        config = dict(config)
        for key in ("learning_rate", "lr"):
            if isinstance(config.get(key), dict):
                from tapeflow.keras.optimizers.registry import deserialize_schedule

                config[key] = deserialize_schedule(config[key], custom_objects)
        return cls(**config)


def scalar_rate(value: Any) -> Any:
    """A learning rate as a NumPy scalar: of Keras's `floatx`, unless it is a tensor of another float dtype.

    Raises:
        ValueError: it is not a scalar.
    """
    own = as_dtype(floatx()).numpy
    found = convert(value, hint=own if not isinstance(value, Tensor | Variable) else None)._value
    if found.ndim:
        raise ValueError(f"the learning rate must be a scalar, got a value of shape {found.shape}")
    return found[()] if found.dtype.kind in "fV" else own.type(found)
