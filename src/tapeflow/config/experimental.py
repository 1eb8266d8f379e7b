"""`tf.config.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.config import get_visible_devices, list_logical_devices, list_physical_devices, set_visible_devices

__all__ = ["get_visible_devices", "list_logical_devices", "list_physical_devices", "set_visible_devices"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
