"""Functions within a module of machine code: what is long is written once and called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.config import regroups
from tapeflow.graph.native.expressions import Program, Value
from tapeflow.graph.native.lowering import TYPES, lower

__all__ = ["Module", "called"]


class Module(Program):
    """Instructions, and functions that they call: of an expression as long as a logarithm one copy is enough.

    Attributes:
        regroups: whether sums and products may be regrouped.
        functions: for the name of a function its text, None where it cannot be one, and how often it is called.
    """

    __slots__ = ("functions", "regroups")

    def __init__(self) -> None:
        super().__init__()
        self.regroups = regroups()
        self.functions: dict[str, tuple[str | None, int]] = {}

    def definitions(self) -> list[str]:
        """The texts of the functions. What is called once or twice may become a part of its caller."""
        return [
            text.replace(" {", " noinline {", 1) if count > 2 else text for text, count in self.functions.values() if text
        ]


def called(name: str, dtype: np.dtype, attributes: dict, operands: Sequence[Value], wide: bool) -> Value | None:
    """The same as `lower`, by a function of the module."""
    module: Any = operands[0].program
    types = [x.type for x in operands]
    symbol = f"@{name}.{'.'.join(types)}"
    if symbol not in module.functions:
        module.functions[symbol] = _function(module, symbol, name, dtype, attributes, types, wide), 0
    text, count = module.functions[symbol]
    if text is None:
        return lower(name, dtype, attributes, operands, wide)
    module.functions[symbol] = text, count + 1
    type = TYPES[dtype]
    return module.emit(type, f"call {type} {symbol}({', '.join(f'{x.type} {x}' for x in operands)})")


def _function(module: Module, symbol: str, name: str, dtype: Any, attributes: dict, types: list, wide: bool) -> str | None:
    """The text; where there is a quick form that does not serve every argument, it goes on to the wide one for the others."""
    quick = _body(name, dtype, attributes, types, False) if wide else None
    whole = _body(name, dtype, attributes, types, wide)
    if whole is None or whole[0].guards:
        return None
    if quick is None or not quick[0].guards:
        return _text(module, symbol, "", types, *whole)
    body, result = quick
    given = body.guards[0]
    for guard in body.guards[1:]:
        given = given | guard
    body.lines += [f"br i1 {given}, label %far, label %near", "far:"]
    arguments = ", ".join(f"{type} %x{n}" for n, type in enumerate(types))
    far = body.emit(result.type, f"call {result.type} {symbol}.wide({arguments})")
    body.lines += [f"ret {far.type} {far}", "near:"]
    return "\n".join(
        [_text(module, symbol, "", types, body, result), _text(module, f"{symbol}.wide", " noinline cold", types, *whole)]
    )


def _body(name: str, dtype: Any, attributes: dict, types: list, wide: bool) -> tuple[Program, Value] | None:
    body = Program()
    result = lower(name, dtype, attributes, [body.value(type, f"%x{n}") for n, type in enumerate(types)], wide)
    return None if result is None else (body, result)


def _text(module: Module, symbol: str, how: str, types: list, body: Program, result: Value) -> str:
    module.declarations |= body.declarations
    parameters = ", ".join(f"{type} %x{n}" for n, type in enumerate(types))
    lines = [
        f"define internal {result.type} {symbol}({parameters}){how} {{",
        *body.lines,
        f"ret {result.type} {result}",
        "}",
    ]
    return "\n".join(lines)
