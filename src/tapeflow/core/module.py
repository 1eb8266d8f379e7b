"""`tf.Module`: an object that knows the variables it holds."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

from tapeflow.core import nest
from tapeflow.core.names import name_scope
from tapeflow.core.variable import Variable

__all__ = ["Module"]

F = TypeVar("F", bound=Callable)


class Module:
    """A base class for models and layers: it finds the variables that stand in its attributes.

    Variables are looked for in the attributes, sorted by name, in lists, tuples and dicts in them, and in the modules among
    them; each is found once.

    Args:
        name: a valid Python identifier; by default the class's name in snake case.

    Raises:
        ValueError: the name is not an identifier.

    >>> import tapeflow as tf
    >>> class Line(tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = tf.Variable(2.0, name="slope")
    ...         self.offset = tf.Variable(1.0, name="offset", trainable=False)
    >>> line = Line()
    >>> [v.name for v in line.variables], [v.name for v in line.trainable_variables]
    (['offset:0', 'slope:0'], ['slope:0'])
    """

    # Attributes that hold no variables of this module's own.
    _TF_MODULE_IGNORED_PROPERTIES: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = snake_case(type(self).__name__)
        elif not name.isidentifier():
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python identifiers "
                "(e.g. a valid class name)."
            )
        self._name = name
        with name_scope(name) as scope:
            self._scope_name = scope

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        restore = vars(self).get("_restore_later")  # of a checkpoint that has values for variables yet to be made
        if restore is not None:
            restore()

    @property
    def name(self) -> str:
        """The name that was given, or the class's in snake case."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """The `tf.name_scope` of this module: names made inside it start with the module's."""
        return name_scope(self._scope_name)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables of this module and of the modules in it."""
        return tuple(self._flatten(predicate=lambda found: isinstance(found, Variable)))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are not trainable."""
        return tuple(variable for variable in self.variables if not variable.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """The modules in this one, and those in them."""
        return tuple(self._flatten(predicate=lambda found: isinstance(found, Module)))

    def _flatten(self, predicate: Callable[[Any], bool], seen: set[int] | None = None) -> Iterator[Any]:
        """What satisfies `predicate` in this module's attributes, then in the modules among them."""
        seen = {id(self)} if seen is None else seen
        inner = []
        for attribute in sorted(vars(self)):
            if attribute in self._TF_MODULE_IGNORED_PROPERTIES:
                continue
            for leaf in nest.flatten(_sortable(vars(self)[attribute])):
                if id(leaf) in seen:
                    continue
                if predicate(leaf) or isinstance(leaf, Module):
                    seen.add(id(leaf))
                if predicate(leaf):
                    yield leaf
                if isinstance(leaf, Module):
                    inner.append(leaf)
        for module in inner:
            yield from module._flatten(predicate, seen)

    @classmethod
    def with_name_scope(cls, method: F) -> F:
        """Decorates a method so that it runs in the module's name scope."""

        @functools.wraps(method)
        def scoped_method(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped_method  # type: ignore[return-value]


def snake_case(name: str) -> str:
    """ "HTTPLayer2" as "http_layer2"."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _sortable(value: Any) -> Any:
    """Dictionaries whose keys cannot be sorted, as the list of their values: a module finds variables in those too."""
    if isinstance(value, dict):
        try:
            sorted(value)
        except TypeError:
            return list(value.values())
    return value
