"""`tf.random.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.random_generator import Generator, create_rng_state, get_global_generator, set_global_generator
from tapeflow.ops.stateless_random import Algorithm, stateless_fold_in, stateless_shuffle, stateless_split

__all__ = [
    "Algorithm",
    "Generator",
    "create_rng_state",
    "get_global_generator",
    "set_global_generator",
    "stateless_fold_in",
    "stateless_shuffle",
    "stateless_split",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
