"""How the parameters of a function are written down, the same for TensorFlow and for tapeflow."""

import enum
import inspect
from collections.abc import Callable
from typing import Any


def written(default: Any) -> str:
    """A default value as one text for both: dtypes and enumerations by name, functions by name, numbers by value.

    >>> written(0.5), written(1) == written(1.0), written(None)
    ('0.5', True, 'None')
    """
    if isinstance(default, bool) or default is None:
        return repr(default)
    if isinstance(default, (int, float)) and not isinstance(default, enum.Enum):
        return repr(int(default)) if float(default).is_integer() else repr(float(default))
    if isinstance(default, enum.Enum):
        return default.name
    if type(default).__name__ == "DType":
        return default.name
    if isinstance(default, (str, bytes, tuple, list, dict)):
        return repr(default)
    return getattr(default, "__name__", type(default).__name__)


def described(function: Callable[..., Any]) -> list[str] | None:
    """The parameters of `function` in order, without `self`; None where it does not say.

    >>> described(lambda x, axis=None, *, name="a", **more: x)
    ['x', 'axis=None', '*', "name='a'", '**more']
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    texts: list[str] = []
    starred = False
    for parameter in parameters:
        if parameter.name in ("self", "cls") and not texts:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            texts.append(f"*{parameter.name}")
            starred = True
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            texts.append(f"**{parameter.name}")
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            texts.append("*")
            starred = True
        default = "" if parameter.default is parameter.empty else f"={written(parameter.default)}"
        texts.append(parameter.name + default)
    return texts
