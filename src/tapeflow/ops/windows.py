"""Windows that slide over the inner axes of [batch, *sizes, channels]: where they stand, and views of what they see."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tapeflow.core.dimension import at_least
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import UnimplementedError
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shape_arguments import read_matrix
from tapeflow.ops.shaping import TRANSPOSE

__all__ = [
    "Windows",
    "channels_first",
    "place_windows",
    "read_sizes",
    "spread_windows",
    "to_channels_first",
    "to_channels_last",
    "windows_of",
]

Pairs = tuple[tuple[int, int], ...]


class Windows(NamedTuple):
    """Windows over the inner axes of an array."""

    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    padding: Pairs

    @property
    def counts(self) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        rows = zip(self.sizes, self.padding, self.kernel, self.dilations, self.strides, strict=True)
        return tuple([at_least((n + a + b - (k - 1) * d - 1) // s + 1, 0) for n, (a, b), k, d, s in rows])


# -- views and their transpose -------------------------------------------------------------------------------


def _reach(windows: Windows, offsets: tuple[int, ...]) -> tuple[slice, ...]:
    """What the windows see of the padded array at one place of the kernel."""
    rows = zip(offsets, windows.dilations, windows.strides, windows.counts, strict=True)
    return tuple([slice(o * d, o * d + (n - 1) * s + 1 if n else o * d, s) for o, d, s, n in rows])


def _padded(x: np.ndarray, windows: Windows, fill: Any) -> np.ndarray:
    if not any(map(any, windows.padding)):
        return x
    shape = (x.shape[0], *[n + a + b for n, (a, b) in zip(windows.sizes, windows.padding, strict=True)], x.shape[-1])
    out = np.full(shape, fill, x.dtype) if fill else np.zeros(shape, x.dtype)
    out[_inner(windows)] = x
    return out


def _inner(windows: Windows) -> tuple[slice, ...]:
    """Where the array itself stands in the padded one."""
    return (slice(None), *[slice(a, a + n) for n, (a, _) in zip(windows.sizes, windows.padding, strict=True)])


def windows_of(x: np.ndarray, windows: Windows, fill: Any = 0) -> np.ndarray:
    """A view of shape [batch, *counts, *kernel, channels]: what each window sees, with `fill` beyond the edges."""
    x = _padded(x, windows, fill)
    inner = x.strides[1:-1]
    steps = [s * n for s, n in zip(windows.strides, inner, strict=True)]
    within = [d * n for d, n in zip(windows.dilations, inner, strict=True)]
    shape = (x.shape[0], *windows.counts, *windows.kernel, x.shape[-1])
    strides = (x.strides[0], *steps, *within, x.strides[-1])
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def spread_windows(seen: np.ndarray, windows: Windows) -> np.ndarray:
    """The transpose of `windows_of`: the sum, at each element, over all windows that see it."""
    rank = len(windows.sizes)
    shape = (seen.shape[0], *[n + a + b for n, (a, b) in zip(windows.sizes, windows.padding, strict=True)], seen.shape[-1])
    out = np.zeros(shape, seen.dtype)
    for offsets in np.ndindex(*windows.kernel):
        out[(slice(None), *_reach(windows, offsets))] += seen[(slice(None),) * (rank + 1) + offsets]
    return out[_inner(windows)]


# -- arguments -----------------------------------------------------------------------------------------------------


def read_sizes(value: Any, rank: int, channel_axis: int, argument: str, operation: str) -> tuple[int, ...]:
    """One size for each inner axis, given as a number, as one for all, as one each, or with those of batch and channels.

    Raises:
        ValueError: another number of sizes.
        InvalidArgumentError: a size is not positive.
        UnimplementedError: a size other than 1 for the batch or the channels.
    """
    given = [int(v) for v in np.asarray(value if value is not None else 1).reshape(-1)]
    if len(given) == 1:
        sizes = given * rank
    elif len(given) == rank:
        sizes = given
    elif len(given) == rank + 2:
        if given[0] != 1 or given[channel_axis] != 1:
            raise UnimplementedError(
                None, None, f"{operation} does not yet support {argument} in the batch and depth dimensions: {given}"
            )
        sizes = given[2:] if channel_axis == 1 else given[1:-1]
    else:
        raise ValueError(
            f"{argument} should be of length 1, {rank} or {rank + 2}. Received: {argument}={given} of length {len(given)}"
        )
    if min(sizes) <= 0:
        raise invalid(operation, f"{argument} must be > 0, but got {min(sizes)}")
    return tuple(sizes)


def channels_first(data_format: str | None, rank: int, operation: str) -> bool:
    """Whether the channels stand on the second axis, as in "NCHW", not on the last one, as in "NHWC".

    Raises:
        InvalidArgumentError: there is no such format for so many inner axes.
    """
    last, first = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}[rank]
    if data_format in (None, last):
        return False
    if data_format == first:
        return True
    raise invalid(
        operation,
        f"Value for attr 'data_format' of {data_format!r} is not in the list of allowed values: {last!r}, {first!r}",
    )


def to_channels_last(x: Tensor) -> Tensor:
    """[batch, channels, *sizes] as [batch, *sizes, channels]."""
    rank = x._value.ndim - 2
    return apply(TRANSPOSE, x, perm=(0, *range(2, rank + 2), 1))


def to_channels_first(x: Tensor) -> Tensor:
    """[batch, *sizes, channels] as [batch, channels, *sizes]."""
    rank = x._value.ndim - 2
    return apply(TRANSPOSE, x, perm=(0, rank + 1, *range(1, rank + 1)))


def place_windows(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    padding: Any,
    first: bool,
    operation: str,
) -> Windows:
    """The windows that a padding asks for: "VALID", "SAME", or pairs for each axis of the array.

    With "SAME" there are ⌈size / stride⌉ windows along an axis, and what lies beyond the edges is shared between both ends,
    the odd element going to the far one.

    Raises:
        InvalidArgumentError: no such padding.
        ValueError: a list of another length.
    """
    rank = len(sizes)
    if isinstance(padding, str):
        pairs: Pairs
        if padding == "VALID":
            pairs = ((0, 0),) * rank
        elif padding == "SAME":
            axes = zip(sizes, kernel, strides, dilations, strict=True)
            missing = [at_least((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in axes]
            pairs = tuple([(m // 2, m - m // 2) for m in missing])
        else:
            raise invalid(
                operation,
                f"Value for attr 'padding' of {padding!r} is not in the list of allowed values: 'SAME', 'VALID', or a list",
            )
    else:
        rows = list(padding)
        if len(rows) != rank + 2:
            raise ValueError(
                f"When padding is a list, it must be of size {rank + 2}. Received: padding={padding} of size {len(rows)}"
            )
        both = read_matrix(rows, operation, "padding")
        pairs = both[2:] if first else both[1:-1]
        if min(map(min, both)) < 0:
            raise invalid(operation, f"padding must not be negative, got {padding}")
    return Windows(sizes, kernel, strides, dilations, pairs)


def inner_rank(x: Tensor, filters: Tensor | None, operation: str, given: int | None = None) -> int:
    """How many axes the windows slide over.

    Raises:
        InvalidArgumentError: there are not 1, 2 or 3 of them.
    """
    rank = given if given is not None else (x if filters is None else filters)._value.ndim - 2
    if not 1 <= rank <= 3:
        raise invalid(operation, f"input must have 1, 2 or 3 axes between batch and channels, got {brackets(x._value)}")
    return rank
