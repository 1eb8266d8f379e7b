"""The table that `Model.summary` prints."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from tapeflow.core.dtypes import as_dtype

__all__ = ["summary_text"]

SHARES = (0.45, 0.80, 1.0)  # where columns end, of the whole width
HEADER = ("Layer (type)", "Output Shape", "Param #")


def summary_text(model: Any, width: int) -> str:
    """The table of a model."""
    columns = _columns(width)
    rows = [(f"{layer.name} ({type(layer).__name__})", _output_shape(model, layer), _count(layer)) for layer in model.layers]
    lines = [
        f'Model: "{model.name}"',
        _rule(columns, "┏━┳┓"),
        *_row(HEADER, columns, "┃"),
        _rule(columns, "┡━╇┩"),
    ]
    for i, row in enumerate(rows):
        if i:
            lines.append(_rule(columns, "├─┼┤"))
        lines += _row(row, columns, "│")
    lines.append(_rule(columns, "└─┴┘"))
    trained, fixed = _once(model.trainable_weights), _once(model.non_trainable_weights)
    lines.append(f" Total params: {_told([*trained, *fixed])}")
    lines.append(f" Trainable params: {_told(trained)}")
    lines.append(f" Non-trainable params: {_told(fixed)}")
    return "\n".join(lines)


def _columns(width: int) -> list[int]:
    """The widths between the rules; 33, 24 and 15 in Keras's table of 80 characters."""
    inner = width - 8
    first, second = math.ceil(SHARES[0] * inner), int(SHARES[1] * inner)
    return [first, second - first, inner - second]


def _rule(columns: list[int], characters: str) -> str:
    left, line, middle, right = list(characters)
    return left + middle.join(line * width for width in columns) + right


def _row(cells: tuple[str, str, str], columns: list[int], edge: str) -> list[str]:
    folded = [_folded(cell, width - 2) for cell, width in zip(cells, columns, strict=True)]
    lines = []
    for i in range(max(map(len, folded))):
        texts = [lines_[i] if i < len(lines_) else "" for lines_ in folded]
        padded = [
            text.rjust(width - 2) if column == 2 else text.ljust(width - 2)
            for column, (text, width) in enumerate(zip(texts, columns, strict=True))
        ]
        lines.append(edge + edge.join(f" {text} " for text in padded) + edge)
    return lines


def _folded(text: str, width: int) -> list[str]:
    """The text in lines; words that are too long are cut."""
    words = [word if len(word) <= width else f"{word[: width - 1]}…" for word in text.split()]
    return textwrap.wrap(" ".join(words), width, break_on_hyphens=False) or [""]


def _output_shape(model: Any, layer: Any) -> str:
    shape = getattr(model, "_output_shapes", {}).get(layer.name)
    if shape is None and layer._build_shape is not None:
        try:
            shape = layer.compute_output_shape(layer._build_shape)
        except NotImplementedError:
            shape = None
    return "?" if shape is None else str(shape)


def _count(layer: Any) -> str:
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _once(weights: list[Any]) -> list[Any]:
    return list({id(weight): weight for weight in weights}.values())


def _told(weights: list[Any]) -> str:
    count = sum(math.prod(weight._value.shape) for weight in weights)
    size = sum(math.prod(weight._value.shape) * as_dtype(weight.dtype).size for weight in weights)
    return f"{count:,} ({_memory(size)})"


def _memory(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024 or unit == "TB":
            break
        size /= 1024
    return f"{size:.2f} {unit}"
