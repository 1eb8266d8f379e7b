"""The table that `Model.summary` prints."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from tapeflow.core import nest
from tapeflow.core.dtypes import as_dtype

__all__ = ["summary_text"]

SHARES = (0.45, 0.80, 1.0)  # where columns end, of the whole width
HEADER = ("Layer (type)", "Output Shape", "Param #")
CONNECTED = ("Connected to",)  # a column more, for models whose layers are not one after the other


def summary_text(model: Any, width: int) -> str:
    """The table of a model."""
    graph = model.__dict__.get("_graph")
    is_chain = graph is None or graph.is_chain
    columns = _columns(width) if is_chain else _columns_of_graph(width)
    rows = [_described(model, graph, layer) for layer in (model.layers if graph is None else graph.operations)]
    header = HEADER if is_chain else HEADER + CONNECTED
    rows = rows if not is_chain else [row[:3] for row in rows]
    lines = [
        f'Model: "{model.name}"',
        _rule(columns, "┏━┳┓"),
        *_row(header, columns, "┃"),
        _rule(columns, "┡━╇┩"),
    ]
    for i, row in enumerate(rows):
        if i:
            lines.append(_rule(columns, "├─┼┤"))
        lines += _row(row, columns, "│")
    lines.append(_rule(columns, "└─┴┘"))
    trained, fixed = model.trainable_weights, model.non_trainable_weights
    lines.append(f" Total params: {_told([*trained, *fixed])}")
    lines.append(f" Trainable params: {_told(trained)}")
    lines.append(f" Non-trainable params: {_told(fixed)}")
    return "\n".join(lines)


def _columns(width: int) -> list[int]:
    """The widths between the rules; 33, 24 and 15 in Keras's table of 80 characters."""
    inner = width - 8
    first, second = math.ceil(SHARES[0] * inner), int(SHARES[1] * inner)
    return [first, second - first, inner - second]


def _columns_of_graph(width: int) -> list[int]:
    """The same for four columns: 21, 19, 12 and 19."""
    inner = width - 9
    first, second, third = round(0.3 * inner), round(0.27 * inner), round(0.17 * inner)
    return [first, second, third, inner - first - second - third]


def _described(model: Any, graph: Any, layer: Any) -> tuple[str, ...]:
    kind = getattr(layer, "label", type(layer).__name__)
    count = _count(layer) if hasattr(layer, "built") else "0"
    if graph is None:
        return f"{layer.name} ({kind})", _output_shape(model, layer), count
    nodes = [node for node in graph.nodes if node.operation is layer]
    shapes = [symbol.shape for node in nodes[:1] for symbol in nest.flatten(node.outputs)] or [layer.output.shape]
    shape = str(shapes[0]) if len(shapes) == 1 else str(shapes)
    return f"{layer.name} ({kind})", shape, count, ", ".join(_place(s) for node in nodes for s in node.inputs) or "-"


def _place(symbol: Any) -> str:
    """Which output of which call of which layer it is."""
    if symbol._node is None:
        return f"{symbol._layer.name}[0][0]"
    operation = symbol._node.operation
    place = next(i for i, each in enumerate(nest.flatten(symbol._node.outputs)) if each is symbol)
    return f"{operation.name}[{operation._nodes.index(symbol._node)}][{place}]"


def _rule(columns: list[int], characters: str) -> str:
    left, line, middle, right = list(characters)
    return left + middle.join(line * width for width in columns) + right


def _row(cells: tuple[str, ...], columns: list[int], edge: str) -> list[str]:
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
