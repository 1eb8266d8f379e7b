"""Runs a gradient case under TapeFlow, to any order, and by central differences."""

from __future__ import annotations

from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.core.convert import convert
from tapeflow.core.tensor import Tensor
from tests.gradient.case import Case, differentiable, weights

STEP = 1e-5
DIRECTIONS = 2


class Listening(tf.GradientTape):
    """A tape that remembers which rules it took notes for: (primitive's name, index of the input or "all")."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[tuple[str, int | str]] = set()

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        tracked = self._tracked
        for i, x in enumerate(inputs):
            if x._key in tracked:
                self.heard.add((primitive.name, i if primitive.pullback is None else "all"))
        super().record(primitive, inputs, output, attributes)


def forward(case: Case, arrays: Any) -> list[Tensor]:
    """The outputs of the case's function on these arrays, as a list."""
    return outputs_of(case, [convert(x) for x in arrays])


def outputs_of(case: Case, tensors: list[Tensor]) -> list[Tensor]:
    """The outputs of the case's function on these tensors, as a list."""
    outputs = case.function(tf, *tensors)
    return [convert(y) for y in outputs] if isinstance(outputs, list | tuple) else [convert(outputs)]


def sources_of(case: Case) -> list[int]:
    """The positions of the inputs that are differentiated."""
    return [i for i, x in enumerate(case.inputs) if differentiable(x.dtype)]


def gradients(case: Case, arrays: Any) -> list[np.ndarray | None]:
    """d/dx Σ w·f(x) for every source."""
    tensors = [convert(x) for x in arrays]
    sources = [tensors[i] for i in sources_of(case)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        targets = [y for y in outputs_of(case, tensors) if differentiable(y._value.dtype)]
    return [_array(g) for g in tape.gradient(targets, sources, [convert(weights(np.asarray(y), 0.3)) for y in targets])]


class SecondOrder:
    """h = d/dx Σ u·g(x) for every source x, where g = Jᵀw is what `gradients` gives, and what it is with respect to w.

    Attributes:
        gradients: h, an array or None for each source.
        outer: the tape that recorded the first order.
        pulled: Σ u·g, which is uᵀJᵀw.
        pushed: Σ w·(d/dw Σ u·g), which is the same number, since g is linear in w: wᵀJu.
        finite: whether all outputs are; where they are not, wᵀJu may well be undefined.
    """

    def __init__(self, case: Case, arrays: Any, tape_type: type[tf.GradientTape] = tf.GradientTape) -> None:
        tensors = [convert(x) for x in arrays]
        sources = [tensors[i] for i in sources_of(case)]
        with tape_type() as outer:
            outer.watch(sources)
            with tf.GradientTape() as inner:
                inner.watch(sources)
                targets = [y for y in outputs_of(case, tensors) if differentiable(y._value.dtype)]
            cotangents = [convert(weights(np.asarray(y), 0.3)) for y in targets]
            outer.watch(cotangents)
            slopes = [convert(g) for g in inner.gradient(targets, sources, cotangents) if g is not None]
        u = [weights(np.asarray(g), 1.1) for g in slopes]
        second: list[Any] = [None] * (len(sources) + len(cotangents))
        if slopes:
            second = outer.gradient(slopes, sources + cotangents, [convert(each) for each in u])
        self.outer = outer
        self.gradients = [_array(h) for h in second[: len(sources)]]
        self.pulled = _inner_product(u, [np.asarray(g) for g in slopes])
        of_cotangents = [_array(h) for h in second[len(sources) :]]
        self.pushed = _inner_product([np.asarray(w) for w in cotangents], of_cotangents)
        self.finite = all(np.all(np.isfinite(y)) for y in targets)


def _inner_product(a: list, b: list) -> float:
    with np.errstate(all="ignore"):
        return sum(float(np.sum((np.conj(x) * y).real)) for x, y in zip(a, b, strict=True) if y is not None)


def _array(gradient: Any) -> np.ndarray | None:
    return None if gradient is None else np.asarray(convert(gradient))


def weighted_sum(values: list[np.ndarray | None], phase: float) -> float:
    """Σ w·v over real parts and imaginary parts of everything that has gradients."""
    total = 0.0
    for v in values:
        if v is not None and differentiable(v.dtype):
            total += float(np.sum((np.conj(weights(v, phase)) * v).real))
    return total


def by_differences(case: Case, scalar: Any) -> list[tuple[list[np.ndarray], float]]:
    """Pairs (directions, derivative of `scalar(arrays)` along them by central differences); there is one for each source.

    Dense random directions: an error in any element of a gradient shows in each of them, whatever the size of the arrays.
    """
    generator = np.random.default_rng(0)
    positions = sources_of(case)
    pairs = []
    for _ in range(DIRECTIONS):
        ahead, behind, directions = list(case.inputs), list(case.inputs), []
        for position in positions:
            x = case.inputs[position]
            direction = generator.uniform(-1.0, 1.0, x.shape)
            if x.dtype.kind == "c":
                direction = direction + 1j * generator.uniform(-1.0, 1.0, x.shape)
            ahead[position], behind[position] = x + STEP * direction, x - STEP * direction
            directions.append(direction)
        pairs.append((directions, (scalar(ahead) - scalar(behind)) / (2 * STEP)))
    return pairs


def along(values: list[np.ndarray | None], directions: list[np.ndarray]) -> float:
    """What gradients say about a step along directions: the inner product, 0 for None."""
    return _inner_product(directions, values)
