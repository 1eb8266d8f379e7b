"""`tf.version`: the version of TensorFlow whose interface this is, and what made it.

Programs compare it: `tf.version.VERSION.startswith("2")`. TapeFlow's own version is `importlib.metadata.version("tapeflow")`.
"""

import platform
from importlib import metadata

from tapeflow import __version__ as VERSION
from tapeflow.compat.missing import names_missing_from

__all__ = ["COMPILER_VERSION", "GIT_VERSION", "VERSION"]

COMPILER_VERSION = platform.python_compiler()
"""The compiler of the Python that runs this: TapeFlow itself is not compiled."""

try:
    GIT_VERSION = f"tapeflow-{metadata.version('tapeflow')}"
except metadata.PackageNotFoundError:  # run from its source
    GIT_VERSION = "tapeflow-unknown"

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
