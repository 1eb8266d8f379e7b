"""Forward-mode differentiation: `tf.autodiff.ForwardAccumulator` carries tangents along while the operations run.

There are no forward rules: a reverse rule is linear in its cotangent, and the transpose of what it does to cotangents is what
the operation does to tangents. So the rule is recorded on a tape, applied to any cotangent, and pulled back:

    the rule       u ↦ Jᵀu
    pulled back    t ↦ (Jᵀ)ᵀt = Jt

This double transposition is that of "A new trick for calculating Jacobian vector products" (J. Townsend, 2017).
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import as_tensor, convert
from tapeflow.core.inspection import get_logger
from tapeflow.core.recording import add_recorder, current, heard_by, new_key, remove_recorder
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.gradient.backprop import UnconnectedGradients, zero_cotangent
from tapeflow.gradient.custom import CUSTOM_GRADIENT
from tapeflow.gradient.tape import GradientTape, owner
from tapeflow.ops.arithmetic import add

__all__ = ["ForwardAccumulator"]


class ForwardAccumulator:
    """Computes Jacobian-vector products while the program runs, whatever the number of outputs, in one pass.

    For many inputs and few outputs `tf.GradientTape` is the cheaper way; for few inputs, or for one direction, this is. An
    accumulator keeps the tangents of living tensors only. Accumulators and tapes may be nested either way, for derivatives of
    higher order: an accumulator around a tape gives Hessian-vector products.

    A function with a `tf.custom_gradient` is differentiated through the operations inside it.

    Args:
        primals: the inputs: tensors or variables of floating dtype, or a nested structure of them.
        tangents: the direction: values of the same structure, shapes and dtypes.

    Raises:
        TypeError: a primal is neither tensor nor variable.
        ValueError: the structures, shapes or dtypes differ, or a primal is given twice.

    >>> import tapeflow as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as acc:
    ...     y = x * x * x
    >>> acc.jvp(y).numpy()
    array([3., 0.], dtype=float32)
    """

    def __init__(self, primals: Any, tangents: Any) -> None:
        self._recording = False
        self._of_variables: dict[int, tuple[Variable, Tensor]] = {}
        self._tangents: dict[int, Tensor] = {}  # by the keys of living tensors
        self._living: dict[int, weakref.ref] = {}
        nest.assert_same_structure(primals, tangents, expand_composites=True)
        for primal, tangent in zip(nest.flatten(primals), nest.flatten(tangents), strict=True):
            self._begin(primal, tangent)

    def _begin(self, primal: Any, given: Any) -> None:
        if as_tensor(primal) is None:
            raise TypeError(f"a primal must be a tf.Tensor or tf.Variable, got {primal!r}; make it one with tf.constant")
        value = primal._value
        if value.dtype.kind not in DIFFERENTIABLE_KINDS:
            get_logger().warning("The dtype of the watched primal must be floating (e.g. tf.float32), got %r", primal.dtype)
            return
        tangent = convert(given, primal.dtype)
        if tangent._value.shape != value.shape:
            raise ValueError(f"a tangent of shape {tangent.shape} does not fit its primal of shape {primal.shape}")
        if isinstance(primal, Variable):
            variable = owner(primal)
            twice = id(variable) in self._of_variables
            self._of_variables[id(variable)] = variable, tangent
        else:
            twice = primal._key in self._tangents
            self._carry(primal, tangent)
        if twice:
            raise ValueError(
                f"{primal!r} was specified as a primal multiple times. This may indicate an error. If it was intended, sum the "
                "corresponding tangents."
            )

    # -- recording ---------------------------------------------------------------------------------

    def __enter__(self) -> ForwardAccumulator:
        if self._recording:
            raise ValueError("Accumulator is already recording.")
        self._recording = True
        add_recorder(self)
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self._recording = False
        remove_recorder(self)

    def record_read(self, variable: Variable, tensor: Tensor) -> None:
        """Gives the value that was read the tangent of the variable (called by the variable)."""
        found = self._of_variables.get(id(variable))
        if found is not None:
            self._carry(tensor, found[1])

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Computes the tangents of the output (called by the operations)."""
        tangents = self._tangents
        if not any(x._key in tangents for x in inputs):
            return
        outputs = output if type(output) is tuple else (output,)
        if primitive is CUSTOM_GRADIENT:  # its results are copies of its first inputs
            for x, y in zip(inputs, outputs, strict=False):
                if x._key in tangents:
                    self._carry(y, tangents[x._key])
            return
        push = getattr(primitive, "push_forward", None)
        if push is not None:  # it has more to say than a rule: a loop, for one
            with self._heard_from_outside():
                for y, tangent in zip(outputs, push(inputs, [tangents.get(x._key) for x in inputs]), strict=True):
                    self._carry(y, tangent)
            return
        entries = primitive.entries(inputs, output, attributes, tangents)
        if entries:
            with self._heard_from_outside():
                found = [
                    push_forward(rule, kept, keys, outputs, output, tangents)
                    for keys, rule, kept in zip(entries[::3], entries[1::3], entries[2::3], strict=True)
                ]
                for y, parts in zip(outputs, zip(*found, strict=True), strict=True):
                    self._carry(y, total(parts))

    @contextmanager
    def _heard_from_outside(self) -> Iterator[None]:
        """A context in which those around this accumulator hear how it differentiates; those inside do not."""
        listening = current()
        recorders = () if listening is None else listening[1]
        with heard_by(recorders[: recorders.index(self)] if self in recorders else ()):
            yield

    def _carry(self, tensor: Tensor, tangent: Tensor | None) -> None:
        """Remembers a tangent for as long as its tensor lives."""
        if tangent is None:
            return
        if not tensor._key:
            tensor._key = new_key()
        key, tangents, living = tensor._key, self._tangents, self._living

        def forget(_: Any) -> None:
            tangents.pop(key, None)
            living.pop(key, None)

        tangents[key] = tangent
        living[key] = weakref.ref(tensor, forget)

    # -- answering -----------------------------------------------------------------------------------

    def jvp(self, primals: Any, unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE) -> Any:
        """The tangents of values that were computed, the directional derivatives of the program so far.

        Args:
            primals: a tensor or variable, or a nested structure of them.
            unconnected_gradients: what a value gets that depends on no primal: `tf.UnconnectedGradients.NONE` (None) or
                `ZERO` (zeros).

        Returns:
            The tangents, in the structure of `primals`.

        Raises:
            TypeError: something in the structure is neither tensor nor variable.
            ValueError: `unconnected_gradients` is unknown.
        """
        zero = UnconnectedGradients.of(unconnected_gradients) is UnconnectedGradients.ZERO

        def tangent_of(primal: Any) -> Tensor | None:
            if as_tensor(primal) is None:
                raise TypeError(
                    f"only tensors and variables have tangents, got {primal!r} of type {type(primal).__name__!r}"
                )
            if isinstance(primal, Variable):
                found = self._of_variables.get(id(owner(primal)), (None, None))[1]
            else:
                found = self._tangents.get(primal._key)
            return zero_cotangent(primal) if found is None and zero else found

        return nest.map_structure(tangent_of, primals)


def push_forward(rule: Any, kept: tuple, keys: Any, outputs: tuple, output: Any, tangents: dict[int, Tensor]) -> list:
    """The tangents of the outputs that come from the inputs with these keys, by transposing the rule twice."""
    cotangents = [zero_cotangent(y) for y in outputs]
    with GradientTape(watch_accessed_variables=False) as tape:
        floating = [u for u in cotangents if u._value.dtype.kind in DIFFERENTIABLE_KINDS]
        tape.watch(floating)
        pulled = rule(tuple(cotangents) if type(output) is tuple else cotangents[0], *kept)
        pairs = [(convert(pulled), tangents[keys])] if type(keys) is int else _matched(keys, pulled, tangents)
    if not pairs:
        return [None] * len(outputs)
    found = iter(tape.gradient([dx for dx, _ in pairs], floating, [t for _, t in pairs]))
    return [next(found) if u._value.dtype.kind in DIFFERENTIABLE_KINDS else None for u in cotangents]


def _matched(keys: tuple, pulled: tuple, tangents: dict[int, Tensor]) -> list[tuple[Tensor, Tensor]]:
    return [(convert(dx), tangents[key]) for key, dx in zip(keys, pulled, strict=True) if key and dx is not None]


def total(parts: tuple) -> Tensor | None:
    """The sum of tangents that come from several inputs; None if none does."""
    found = None
    for part in parts:
        if part is not None:
            found = part if found is None else add(found, part)
    return found
