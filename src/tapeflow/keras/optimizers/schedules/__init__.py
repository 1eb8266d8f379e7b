"""`tf.keras.optimizers.schedules`: learning rates that change with the step."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.optimizers.registry import deserialize_schedule as deserialize
from tapeflow.keras.optimizers.registry import serialize_schedule as serialize
from tapeflow.keras.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from tapeflow.keras.optimizers.schedules.decays import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from tapeflow.keras.optimizers.schedules.schedule import LearningRateSchedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
