"""`tf.data`: elements, one after another, for training loops."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.data import experimental
from tapeflow.data.dataset import Dataset
from tapeflow.data.pipeline import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, NumpyIterator
from tapeflow.data.pipeline import OwnedIterator as Iterator
from tapeflow.data.structure import DatasetSpec

AUTOTUNE = -1

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "DatasetSpec",
    "Iterator",
    "NumpyIterator",
    "experimental",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
