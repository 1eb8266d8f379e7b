"""Where the inner axes of series, images and volumes are: between the batch and the channels, or behind both."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.layers.settings import Configured
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["InnerAxes", "Windowed", "checked_data_format"]

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def checked_data_format(data_format: str | None) -> str:
    """ "channels_last" or "channels_first"; None is the former.

    Raises:
        ValueError: it is neither.
    """
    found = "channels_last" if data_format is None else str(data_format).lower()
    if found not in ("channels_first", "channels_last"):
        raise ValueError(
            "The `data_format` argument must be one of 'channels_first', 'channels_last'. Received: "
            f"data_format={data_format}"
        )
    return found


class InnerAxes(Configured):
    """A layer that does something to the inner axes."""

    rank: int  # how many there are

    def __init__(self, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def channels_first(self) -> bool:
        """Whether the channels are the second axis."""
        return self.data_format == "channels_first"

    @property
    def channel_axis(self) -> int:
        """The axis of the channels."""
        return 1 if self.channels_first else -1

    @property
    def inner_axes(self) -> range:
        """The inner axes."""
        first = 2 if self.channels_first else 1
        return range(first, first + self.rank)

    def inner_sizes(self, input_shape: Any) -> tuple:
        """The sizes of the inner axes."""
        return tuple(input_shape)[2:] if self.channels_first else tuple(input_shape)[1:-1]

    def with_sizes(self, input_shape: Any, inner: Any, channels: Any) -> tuple:
        """The shape with these sizes in it."""
        return (input_shape[0], channels, *inner) if self.channels_first else (input_shape[0], *inner, channels)


class Windowed(InnerAxes):
    """A layer with a window that is moved over the inner axes."""

    paddings: tuple[str, ...] = ("same", "valid")

    def __init__(self, padding: str, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.padding = str(padding).lower()
        if self.padding not in self.paddings:
            named = ", ".join(repr(each) for each in self.paddings)
            raise ValueError(f"The `padding` argument must be a list/tuple or one of {{{named}}}. Received: {padding}")

    @property
    def op_format(self) -> str:
        """The format as operations call it."""
        return FORMATS[self.rank][self.channels_first]

    def window_counts(self, input_shape: Any, windows: Any, strides: Any) -> tuple[int | None, ...]:
        """How many windows fit, along each of the inner axes.

        Args:
            input_shape: the shape of the inputs.
            windows: how far a window reaches, along each axis.
            strides: by how much it is moved.
        """
        counts: list[int | None] = []
        for size, window, stride in zip(self.inner_sizes(input_shape), windows, strides, strict=True):
            if size is None:
                counts.append(None)
            else:
                counts.append((size - window) // stride + 1 if self.padding == "valid" else -(-size // stride))
        return tuple(counts)
