"""`tf.train`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.checkpoint_files import latest_checkpoint, list_variables, load_variable
from tapeflow.core.checkpoints import Checkpoint, CheckpointManager
from tapeflow.ops.moving_average import ExponentialMovingAverage

__all__ = [
    "Checkpoint",
    "CheckpointManager",
    "ExponentialMovingAverage",
    "latest_checkpoint",
    "list_variables",
    "load_variable",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
