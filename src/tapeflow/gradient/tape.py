"""`tf.GradientTape`: it listens to every operation and notes those that depend on what it follows.

A note is a plain tuple `(key, likes, target, rule, kept, target, rule, kept, …)`:

    key      the key of the output; a tuple of keys where the operation has several outputs
    likes    None, or for several outputs the outputs' (shape, dtype): a cotangent that nobody has is zeros like these
    target   the key of an input that the tape follows, `rule` what hands it its cotangent, and `kept` what the rule keeps: three
             elements for each such input; where one rule serves all inputs, three in all, and target is the tuple of all keys

A call of a compiled function is one note, too. Its rule takes what no cotangent came to as None, so its likes are None; and it
is not given what it keeps, which it holds itself (kept is None), but the targets, with 0 for those that nobody wants.

The tuple is flat because every object in it is one more for the garbage collector to look at, again and again.

Keys are numbers that are never given twice, so a note does not keep the tensors themselves alive: a tape holds what the
rules asked for, and no more. `gradient.backprop` walks the notes backwards.
"""

from __future__ import annotations

from _thread import allocate_lock  # `threading` is much to load for one name
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from tapeflow.core import nest
from tapeflow.core.broadcasting import broadcast_to_shape
from tapeflow.core.convert import as_tensor, convert
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.inspection import get_logger
from tapeflow.core.recording import add_recorder, current, new_key, remove_recorder, renew
from tapeflow.core.symbolic import ACTIVE, tracing, untraceable
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, UnreadVariable, Variable
from tapeflow.gradient.backprop import (
    ONE,
    UnconnectedGradients,
    accumulate,
    gradient_of,
    pull_back,
    unit_cotangent,
    zero_cotangent,
)
from tapeflow.gradient.jacobian import Jacobians

__all__ = ["GradientTape", "UnconnectedGradients"]

NONE, float32 = UnconnectedGradients.NONE, type(ONE)
ONE_SOURCE = {Variable, Tensor}

naming = allocate_lock()
logged_once: set[str] = set()


class GradientTape(Jacobians):
    """Records operations so that gradients can be computed from them.

    Operations are recorded when at least one of their inputs is followed: trainable variables are, by themselves, and
    tensors that were given to `watch`, and whatever was computed from these.

    Args:
        persistent: whether `gradient` and `jacobian` may be called more than once; the record is then kept until the tape
            is deleted or `reset`.
        watch_accessed_variables: whether trainable variables are followed without `watch`.

    >>> import tapeflow as tf
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=6.0>

    Tapes nest, and a gradient is itself something to differentiate:

    >>> with tf.GradientTape() as outer:
    ...     with tf.GradientTape() as inner:
    ...         y = x * x * x
    ...     slope = inner.gradient(y, x)
    >>> outer.gradient(slope, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=18.0>
    """

    __slots__ = (
        "__weakref__",
        "_chosen",
        "_home",
        "_leaves",
        "_notes",
        "_persistent",
        "_reads",
        "_recording",
        "_tracked",
        "_watch_accessed_variables",
    )

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._recording = False
        self._home: Any = None  # the trace of a function in which the record was begun
        self._notes: list[tuple] | None = None  # None before the first use and, unless persistent, after the gradient
        self._tracked: set[int] = set()  # the keys of everything that depends on a leaf
        self._leaves: set[int] = set()  # the keys of what was watched or read
        self._reads: dict[int, tuple[Variable, list[int]]] = {}  # id(variable) -> the keys its value was read under
        self._chosen: dict[int, Variable] = {}  # variables given to `watch`

    def _begin(self) -> None:
        """Starts an empty record."""
        self._home = tracing()
        self._notes = []
        if self._leaves or self._chosen:
            self._tracked, self._leaves, self._reads, self._chosen = set(), set(), {}, {}

    # -- recording ---------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._notes is None:
            if self._leaves or self._chosen:
                self._begin()
            else:
                if ACTIVE:
                    self._home = tracing()
                self._notes = []
        self._recording = True
        add_recorder(self)
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if self._recording:
            self._recording = False
            remove_recorder(self)

    def _stop(self) -> None:
        self._recording = False
        remove_recorder(self)

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Notes the operation if it depends on anything that this tape follows (called by the operations)."""
        tracked = self._tracked
        entries = primitive.entries(inputs, output, attributes, tracked)
        if not entries:
            return
        if type(output) is tuple:
            keys = tuple([self._follow(y) for y in output])
            likes = [(y._value.shape, y._value.dtype) for y in output] if primitive.fills else [None] * len(keys)
            note: tuple = (keys, likes) + entries
        else:
            key = output._key
            if not key:
                key = output._key = new_key()
            tracked.add(key)
            note = (key, None) + entries
        self._notes.append(note)  # type: ignore[union-attr]

    def _follow(self, tensor: Tensor) -> int:
        """The key of `tensor`, which is tracked from now on; 0 if its dtype has no derivatives."""
        if tensor._value.dtype.kind not in DIFFERENTIABLE_KINDS:
            return 0
        if not tensor._key:
            tensor._key = new_key()
        self._tracked.add(tensor._key)
        return tensor._key

    def record_read(self, variable: Variable, tensor: Tensor) -> None:
        """Notes that `tensor` stands for the value of `variable` from now on (called by the variable)."""
        if variable._differentiable and (
            (self._watch_accessed_variables and variable._trainable) or id(variable) in self._chosen
        ):
            key = tensor._key
            if not key:
                key = tensor._key = new_key()
            self._tracked.add(key)
            self._leaves.add(key)
            reads = self._reads.get(id(variable))
            if reads is None:
                self._reads[id(variable)] = variable, [key]
            else:
                reads[1].append(key)

    def watch(self, tensor: Any) -> None:
        """Follows a tensor or variable from now on, or all of a nested structure of them.

        Raises:
            ValueError: something in the structure is neither.
        """
        if self._notes is None:
            self._begin()
        self._refuse_unheard()
        for item in (tensor,) if type(tensor) is Tensor else nest.flatten(tensor, expand_composites=True):
            if isinstance(item, Variable):
                item = owner(item)
                self._chosen[id(item)] = item
                self._warn_unless_differentiable(item, "watched")
                renew()  # a read that was cached is unknown to this tape
            elif isinstance(item, Tensor):
                if self._warn_unless_differentiable(item, "watched"):
                    with naming:  # two threads may watch one tensor
                        self._leaves.add(self._follow(item))
            else:
                raise ValueError(
                    f"Passed in object {item} of type {type(item).__name__!r}, not tf.Tensor or tf.Variable or "
                    "ExtensionType; make it one with tf.constant."
                )

    @staticmethod
    def _warn_unless_differentiable(item: Any, role: str) -> bool:
        if item._value.dtype.kind in DIFFERENTIABLE_KINDS:
            return True
        get_logger().warning("The dtype of the %s tensor must be floating (e.g. tf.float32), got %r", role, item.dtype)
        return False

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that this tape has read or was told to watch, in the order of their creation."""
        found = {key: variable for key, (variable, _) in self._reads.items()} | self._chosen
        return tuple(sorted(found.values(), key=lambda variable: variable._number))

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A context in which this tape hears nothing.

        Raises:
            ValueError: the tape is not recording.
        """
        if not self._recording:
            raise ValueError("Tape is not recording.")
        self._refuse_unheard()
        self._stop()
        try:
            yield
        finally:
            if self._notes is None:  # the gradient was asked for meanwhile
                self._begin()
            self._recording = True
            add_recorder(self)

    def reset(self) -> None:
        """Forgets everything recorded and watched, and goes on recording.

        Raises:
            ValueError: the tape is not recording.
        """
        if not self._recording:
            raise ValueError("Tape is not recording.")
        self._refuse_unheard()
        self._begin()
        renew()

    # -- differentiating ---------------------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources`.

        Args:
            target: a tensor or variable, or a nested structure of them; several are summed.
            sources: a tensor or variable, or a nested structure of them.
            output_gradients: a cotangent for each target, of its shape; ones by default.
            unconnected_gradients: what a source gets that no target depends on: `tf.UnconnectedGradients.NONE` (None) or
                `ZERO` (zeros).

        Returns:
            The gradients, in the structure of `sources`. A gradient is None where the target does not depend on the source:
            the source was not watched, or the path between them goes through integers or an operation without derivative;
            `tf.debugging.why_none` says which.

        Raises:
            RuntimeError: a tape that is not persistent was asked before.
            TypeError: a target or a source is neither tensor nor variable.
            ValueError: `unconnected_gradients` is unknown.
            InvalidArgumentError: an output gradient has another dtype than its target, or a shape that does not fit.
        """
        if self._notes is None:
            raise self._spent()
        if type(target) is Tensor and target._key and output_gradients is None and unconnected_gradients is NONE:
            # One target, and a source or a list of them, as nearly always: nothing to flatten and nothing to pack.
            seeds = {target._key: Tensor(ONE) if type(target._value) is float32 else unit_cotangent(target)}
            if type(sources) in ONE_SOURCE:
                known = self._keys_of(sources)
                cotangents = pull_back(self._take_notes(), seeds, set(known), self._leaves, not self._persistent)
                if len(known) == 1:
                    found = cotangents.get(known[0])
                    if type(found) is Tensor:
                        return found
                return gradient_of(sources, known, cotangents)
            if type(sources) is list and ONE_SOURCE.issuperset(map(type, sources)):
                wanted = [self._keys_of(source) for source in sources]
                keys = set(chain.from_iterable(wanted))
                cotangents = pull_back(self._take_notes(), seeds, keys, self._leaves, not self._persistent)
                return [gradient_of(source, known, cotangents) for source, known in zip(sources, wanted, strict=True)]
        zero = UnconnectedGradients.of(unconnected_gradients) is not NONE
        flat_sources = nest.flatten(sources)
        wanted = [self._keys_of(source) for source in flat_sources]
        seeds, unknown = self._seeds(target, output_gradients)
        cotangents = pull_back(self._take_notes(), seeds, set().union(*wanted), self._leaves, consume=not self._persistent)
        gradients = [gradient_of(source, known, cotangents) for source, known in zip(flat_sources, wanted, strict=True)]
        if unknown:
            gradients = [unknown.get(id(s)) if g is None else g for g, s in zip(gradients, flat_sources, strict=True)]
        if zero:
            gradients = [zero_cotangent(s) if g is None else g for g, s in zip(gradients, flat_sources, strict=True)]
        return nest.pack_sequence_as(sources, gradients)

    @staticmethod
    def _spent() -> RuntimeError:
        return RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")

    def _take_notes(self) -> list[tuple]:
        """The notes, to differentiate with; a tape that is not persistent gives them away and stops listening."""
        notes: Any = self._notes
        if ACTIVE or self._home is not None:
            if self._home is not tracing():
                untraceable("a tape from outside of the function")
            self._refuse_unheard()
        if not self._persistent:
            if self._recording:
                self._stop()
            self._notes = None
        elif self._recording:
            warn_once(
                "Calling GradientTape.gradient on a persistent tape inside its context also records the computation of the "
                "gradient. Call it outside of the context unless you need higher-order derivatives of it."
            )
        return notes

    def _refuse_unheard(self) -> None:
        """Gives up a trace that asks a tape, in a loop or a branch, that does not hear what happens there: it stands around."""
        if ACTIVE and self._recording and tracing() is not None:
            recording = current()
            if recording is None or self not in recording[1]:
                untraceable("a tape around a loop or a choice is used inside of it")

    def _keys_of(self, source: Any) -> list[int]:
        """The keys under which the tape knows a source: none, one, or one for each read of a variable."""
        if type(source) is Variable or isinstance(source, Variable):
            reads = self._reads.get(id(source) if type(source) is Variable else id(owner(source)))
            if reads is not None:
                return reads[1]
        elif isinstance(source, Tensor):
            if source._key:
                return [source._key]
        else:
            raise TypeError(
                f"a source must be a tf.Tensor or tf.Variable, got {source!r} of type {type(source).__name__!r}; convert it "
                "with tf.constant and `watch` it before it is used"
            )
        self._warn_unless_differentiable(source, "source")
        return []

    def _target(self, target: Any) -> tuple[Tensor, int]:
        """A target as a tensor, and the key under which the tape knows it: 0 if it does not."""
        if type(target) is Tensor:
            return target, target._key
        tensor = as_tensor(target)
        if tensor is None:
            raise TypeError(
                f"a target must be a tf.Tensor or tf.Variable, got {target!r} of type {type(target).__name__!r}; it must be "
                "computed inside the context of the tape"
            )
        if isinstance(target, Variable):
            reads = self._reads.get(id(owner(target)))
            return tensor, 0 if reads is None else reads[1][-1]
        return tensor, tensor._key

    def _seeds(self, target: Any, output_gradients: Any) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
        """The cotangents that the targets start with: by key, and by id for targets that this tape does not know."""
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors or Variables to be differentiated, but "
                "received None."
            )
        targets = [target] if type(target) is Tensor else nest.flatten(target, expand_composites=True)
        given = [] if output_gradients is None else nest.flatten(output_gradients)
        seeds: dict[int, Tensor] = {}
        unknown: dict[int, Tensor] = {}
        for i, y in enumerate(targets):
            tensor, key = self._target(y)
            dy = given[i] if i < len(given) else None
            if dy is not None:
                dy = fit(convert(dy, hint=tensor._value.dtype), tensor)
            elif key or self._warn_unless_differentiable(tensor, "target"):
                dy = unit_cotangent(tensor)
            else:
                continue
            found, name = (seeds, key) if key else (unknown, id(y))
            found[name] = accumulate(found[name], dy) if name in found else dy
        return seeds, unknown


def owner(variable: Variable) -> Variable:
    """The variable itself, where an assignment gave another name for it."""
    while isinstance(variable, UnreadVariable):
        variable = variable._parent
    return variable


def fit(dy: Tensor, target: Tensor) -> Tensor:
    """A given cotangent in the shape of its target.

    Raises:
        InvalidArgumentError: it has another dtype, or cannot be broadcast to that shape.
    """
    if dy._value.dtype != target._value.dtype:
        raise InvalidArgumentError(
            None,
            None,
            f"an output gradient is {dy.dtype.name} and its target is {target.dtype.name}; convert it, for example with "
            f"tf.cast(output_gradient, tf.{target.dtype.name})",
        )
    try:
        return broadcast_to_shape(dy, target._value.shape)
    except (InvalidArgumentError, ValueError):
        raise InvalidArgumentError(
            None, None, f"an output gradient of shape {dy.shape} does not fit its target of shape {target.shape}"
        ) from None


def warn_once(message: str) -> None:
    """Logs a warning the first time only: a training loop would repeat it at every step."""
    if message not in logged_once:
        logged_once.add(message)
        get_logger().warning(message)
