"""`tf.keras.random`: seeds that layers with chance keep."""

from __future__ import annotations

import random as python_random
from typing import Any

import tapeflow as tf
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.tensor import Tensor
from tapeflow.keras.naming import auto_name, inside
from tapeflow.keras.variable import Variable

__all__ = ["SeedGenerator"]


class SeedGenerator:
    """Seeds for the stateless random functions, another one each time.

    Args:
        seed: an integer that the sequence starts with; by default one of Python's `random`.
        name: the name.
        **kwargs: `backend` is accepted.

    Raises:
        ValueError: the seed is no integer, or negative.

    >>> import tapeflow as tf
    >>> seeds = tf.keras.random.SeedGenerator(3)
    >>> seeds.next().numpy(), seeds.next().numpy()
    (array([3, 0]), array([3, 1]))
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        unknown = set(kwargs) - {"backend"}
        if unknown:
            raise ValueError(f"Unrecognized keyword arguments: {sorted(unknown)}")
        if seed is not None and (isinstance(seed, bool) or not hasattr(seed, "__index__") or int(seed) < 0):
            raise ValueError(f"Argument `seed` must be an integer that is not negative. Received: seed={seed}")
        self.name = name or auto_name("seed_generator")
        self._initial_seed = seed
        first = python_random.randint(1, 10**9) if seed is None else int(seed)
        with inside(self.name, self), tf.init_scope():
            self.state = Variable(
                tf.constant([first, 0], tf.int64), trainable=False, autocast=False, name="seed_generator_state"
            )

    def next(self, ordered: bool = True) -> Tensor:
        """The next seed: two integers.

        Args:
            ordered: accepted; seeds always come in the program's order.
        """
        seed = self.state._read()
        self.state.assign_add(STEP, read_value=False)
        return seed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """The generator that `get_config` described."""
        return cls(**config)


STEP = tf.constant([0, 1], tf.int64)

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
