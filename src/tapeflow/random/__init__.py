"""`tf.random`: random numbers. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.random import categorical, gamma, normal, poisson, shuffle, truncated_normal, uniform
from tapeflow.ops.random_generator import Generator, create_rng_state, get_global_generator, set_global_generator
from tapeflow.ops.seeds import set_seed
from tapeflow.ops.stateless_distributions import (
    stateless_binomial,
    stateless_gamma,
    stateless_parameterized_truncated_normal,
    stateless_poisson,
)
from tapeflow.ops.stateless_random import (
    Algorithm,
    stateless_categorical,
    stateless_normal,
    stateless_truncated_normal,
    stateless_uniform,
)
from tapeflow.ops.stateless_random import stateless_fold_in as fold_in
from tapeflow.ops.stateless_random import stateless_split as split
from tapeflow.random import experimental

__all__ = [
    "Algorithm",
    "Generator",
    "categorical",
    "create_rng_state",
    "experimental",
    "fold_in",
    "gamma",
    "get_global_generator",
    "normal",
    "poisson",
    "set_global_generator",
    "set_seed",
    "shuffle",
    "split",
    "stateless_binomial",
    "stateless_categorical",
    "stateless_gamma",
    "stateless_normal",
    "stateless_parameterized_truncated_normal",
    "stateless_poisson",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
