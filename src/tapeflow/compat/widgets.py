"""A notebook's widgets as text: progress bars first of all."""

import html
import re
from collections.abc import Mapping
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
BAR_WIDTH = 30

_REFERENCE = "IPY_MODEL_"
_TAG = re.compile(r"<[^>]*>")


def as_text(model: str, states: Mapping[str, Mapping[str, Any]]) -> str:
    """One line that shows a widget: a bar for progress, the text of labels, `description: value` for anything else.

    Args:
        model: the widget's id.
        states: the state of every widget, by id.

    >>> from tapeflow.compat.widgets import as_text
    >>> states = {"a": {"_model_name": "FloatProgressModel", "value": 5.0, "min": 0.0, "max": 10.0}}
    >>> as_text("a", states)
    '|███████████████               | 5/10'
    """
    state = states.get(model, {})
    if "children" in state:
        return _box(state["children"], states)
    if str(state.get("_model_name")).endswith("ProgressModel"):
        return f"{_described(state)}{_bar(state)} {state.get('value', 0):g}/{state.get('max', 100):g}"
    value = state.get("value", "")
    return _described(state) + (_plain(value) if isinstance(value, str) else str(value))


def _box(children: list[str], states: Mapping[str, Mapping[str, Any]]) -> str:
    inside = [child.removeprefix(_REFERENCE) for child in children]
    shown = []
    for child in inside:
        state = states.get(child, {})
        # Beside other text, which gives the numbers, a bar is a bar only.
        only_bar = len(inside) > 1 and str(state.get("_model_name")).endswith("ProgressModel")
        shown.append(_described(state) + _bar(state) if only_bar else as_text(child, states))
    return " ".join(part for part in shown if part)


def _bar(state: Mapping[str, Any]) -> str:
    low, high = state.get("min", 0), state.get("max", 100)
    share = (state.get("value", 0) - low) / (high - low) if high > low else 1.0
    filled = round(BAR_WIDTH * min(max(share, 0.0), 1.0))
    return f"|{'█' * filled}{' ' * (BAR_WIDTH - filled)}|"


def _described(state: Mapping[str, Any]) -> str:
    description = _plain(str(state.get("description") or ""))
    return f"{description.rstrip(':')}: " if description else ""


def _plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup)).split())  # of all kinds of spaces, which HTML uses to align
