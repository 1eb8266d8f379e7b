"""Programs that say `import tensorflow`.

`install` makes `import tensorflow` mean tapeflow in this process; the command `tapeflow run` does it for a script, a
notebook or a Markdown tutorial. The namespace `tf.compat` of TensorFlow is this one too.
"""

from tapeflow.compat.missing import names_missing_from
from tapeflow.compat.text import (
    as_bytes,
    as_str,
    as_str_any,
    as_text,
    bytes_or_text_types,
    complex_types,
    integral_types,
    path_to_str,
    real_types,
)

__all__ = [
    "as_bytes",
    "as_str",
    "as_str_any",
    "as_text",
    "bytes_or_text_types",
    "complex_types",
    "install",
    "integral_types",
    "path_to_str",
    "real_types",
    "uninstall",
    "v1",
    "v2",
]


def install() -> None:
    """Make `import tensorflow`, and all that can be imported from it, mean tapeflow in this process.

    The modules are the same objects under both names: `tensorflow.math is tapeflow.math`. `import keras` means
    `tapeflow.keras`, unless Keras has been imported already or the environment variable KERAS_BACKEND names a backend
    other than TensorFlow. Calling it again changes nothing.

    Raises:
        RuntimeError: the real TensorFlow has been imported; nothing is changed.

    >>> import tapeflow as tf
    >>> tf.compat.install()
    >>> import tensorflow
    >>> tensorflow is tf
    True
    >>> tf.compat.uninstall()
    """
    import tapeflow.compat.alias as alias

    alias.install()


def uninstall() -> None:
    """Undo `install`: from here on `import tensorflow` finds what it would find without tapeflow.

    What a program has imported already stays what it is. Calling it again changes nothing.
    """
    import tapeflow.compat.alias as alias

    alias.uninstall()


__getattr__ = names_missing_from(__name__, {"v2": "tapeflow"})


def __dir__() -> list[str]:
    return __all__
