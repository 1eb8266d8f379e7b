"""`tf.strings`: text. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.printing import format
from tapeflow.ops.strings import as_string, join, length, lower, substr, upper
from tapeflow.ops.texts import (
    bytes_split,
    reduce_join,
    regex_full_match,
    regex_replace,
    split,
    strip,
    to_number,
    unsorted_segment_join,
)

__all__ = [
    "as_string",
    "bytes_split",
    "format",
    "join",
    "length",
    "lower",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "split",
    "strip",
    "substr",
    "to_number",
    "unsorted_segment_join",
    "upper",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
