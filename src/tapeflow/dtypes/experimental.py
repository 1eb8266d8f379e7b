"""`tf.dtypes.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.dtypes import (
    float4_e2m1fn,
    float8_e4m3b11fnuz,
    float8_e4m3fn,
    float8_e4m3fnuz,
    float8_e5m2,
    float8_e5m2fnuz,
    int2,
    int4,
    uint2,
    uint4,
)

__all__ = [
    "float4_e2m1fn",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "int2",
    "int4",
    "uint2",
    "uint4",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
