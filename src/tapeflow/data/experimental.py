"""`tf.data.experimental`: names that `tf.data` has had before."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.tensor import Tensor
from tapeflow.data.pipeline import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Pipeline

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "cardinality"]

AUTOTUNE = -1

__getattr__ = names_missing_from(__name__)


def cardinality(dataset: Pipeline) -> Tensor:
    """How many elements a dataset has, as its method of that name says.

    >>> import tapeflow as tf
    >>> tf.data.experimental.cardinality(tf.data.Dataset.range(5)).numpy()
    np.int64(5)
    """
    return dataset.cardinality()


def __dir__() -> list[str]:
    return __all__
