"""Every gradient is proved: against TensorFlow's recorded answers, and against central differences."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import numpy as np
import pytest

import tapeflow.ops
from tapeflow.core.primitive import PRIMITIVES
from tests.gradient.case import Case, cases_of, differentiable, families, load
from tests.gradient.evaluate import (
    Listening,
    SecondOrder,
    along,
    by_differences,
    forward,
    gradients,
    sources_of,
    weighted_sum,
)

TABLE = [(family, case) for family in families() for case in cases_of(family)]
every_case = pytest.mark.parametrize(("family", "case"), TABLE, ids=[f"{family}/{case.name}" for family, case in TABLE])

recorded = functools.cache(load)


def golden(family: str, case: Case) -> dict:
    """What TensorFlow answered to this case; a failure that says what to run if it was never asked."""
    record = recorded(family).get(case.name)
    if record is None or record["fingerprint"] != case.fingerprint:
        what = "has no record of TensorFlow's answer" if record is None else "has other inputs than when it was recorded"
        pytest.fail(
            f"case {case.name!r} of {family} {what}: with a Python that has TensorFlow, run "
            f"tests/golden/record_gradients.py {family}",
            pytrace=False,
        )
    return record


def agree(found: list, expected: list, rtol: float, what: str, none_for_zeros: bool = False) -> None:
    """Asserts that arrays have the same shapes and the same values, NaN and infinities included."""
    assert len(found) == len(expected), what
    for i, (a, b) in enumerate(zip(found, expected, strict=True)):
        if none_for_zeros and a is None and b is not None:
            assert not np.any(b), f"{what} {i}: None where {b} is due"
            continue
        assert (a is None) == (b is None), f"{what} {i}: {a} where TensorFlow gives {b}"
        if a is not None:
            assert a.shape == b.shape, f"{what} {i}"
            assert a.dtype.kind == b.dtype.kind or a.dtype == b.dtype, (
                f"{what} {i}: {a.dtype} where TensorFlow has {b.dtype}"
            )
            if a.dtype.kind in "OSU":
                assert a.tolist() == b.tolist(), f"{what} {i}"
                continue
            finite = np.abs(b[np.isfinite(b)])
            atol = 1e-13 + rtol * 1e-3 * (finite.max() if finite.size else 0.0)
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=f"{what} {i}")


def judge(pairs: list, values: list, rtol: float, what: str) -> None:
    """Asserts that gradients give the same derivatives along directions as central differences."""
    known = [g for g in values if g is not None and g.size]
    scale = 1.0 + max((float(np.max(np.abs(g))) for g in known), default=0.0)
    for directions, derivative in pairs:
        claimed = along(values, directions)
        count = sum(direction.size for direction in directions)
        assert abs(claimed - derivative) <= rtol * scale * max(1.0, np.sqrt(count)), (
            f"{what}: {claimed} along a direction, central differences say {derivative}"
        )


@every_case
def test_forward_is_tensorflows(family, case):
    if not case.recorded:
        pytest.skip("the case draws random numbers of its own")
    agree([np.asarray(y) for y in forward(case, case.inputs)], golden(family, case)["forward"], case.rtol, "output")


@every_case
def test_first_order_is_tensorflows_and_the_limit_of_differences(family, case):
    found = gradients(case, case.inputs)
    if case.first:
        agree(found, golden(family, case)["first"], case.rtol, "gradient")
    if case.numeric:
        pairs = by_differences(case, lambda arrays: weighted_sum([np.asarray(y) for y in forward(case, arrays)], 0.3))
        judge(pairs, found, 1e-5, "gradient")


@every_case
def test_second_order_is_tensorflows_and_the_limit_of_differences(family, case):
    found = SecondOrder(case, case.inputs).gradients
    if case.second:
        unconnected = case.name.startswith("max_pool")  # its places are integers, which no gradient passes
        agree(found, golden(family, case)["second"], max(case.rtol, 1e-8), "second gradient", none_for_zeros=unconnected)
    if case.numeric:
        pairs = by_differences(case, lambda arrays: weighted_sum(gradients(case, arrays), 1.1))
        judge(pairs, found, 1e-4, "second gradient")


@every_case
def test_the_gradient_is_linear_in_the_cotangent_and_differentiable_by_it(family, case):
    second = SecondOrder(case, case.inputs)
    if np.isfinite(second.pulled) and (second.finite or np.isfinite(second.pushed)):
        assert second.pushed == pytest.approx(second.pulled, rel=max(1e-8, case.rtol), abs=1e-9)


@every_case
def test_single_precision_stays_single(family, case):
    if not case.single:
        pytest.skip("the case says that float32 cannot hold it")
    lower = {"float64": np.float32, "complex128": np.complex64}
    arrays = [x.astype(lower.get(x.dtype.name, x.dtype)) for x in case.inputs]
    double, single = gradients(case, case.inputs), gradients(case, arrays)
    outputs = list(zip(forward(case, case.inputs), forward(case, arrays), strict=True))
    for y64, y32 in outputs:
        if differentiable(y64._value.dtype):
            assert y32._value.dtype == lower[y64._value.dtype.name], "the output is of another precision than the inputs"
    for i, (a, b) in enumerate(zip(single, double, strict=True)):
        assert (a is None) == (b is None)
        if a is not None:
            expected = arrays[sources_of(case)[i]].dtype
            assert a.dtype == expected, f"gradient {i} is {a.dtype} where the source is {expected}"
            finite = np.abs(b[np.isfinite(b)])
            atol = case.single_rtol * (finite.max() if finite.size else 0.0)
            np.testing.assert_allclose(a, b, rtol=case.single_rtol, atol=atol)


# Only graphs have these: tests/gradient/test_calling_python.py, tests/ops/test_slices_known_later.py and
# tests/graph/test_known_later.py are about their rules.
IN_FUNCTIONS = {"EagerPyFunc", "ReshapeAsTold", "SplitAt", "StridedSliceAt", "StridedSliceAtGrad"}


def test_every_rule_of_every_differentiable_primitive_is_in_the_table():
    for module in pkgutil.walk_packages(tapeflow.ops.__path__, "tapeflow.ops."):
        importlib.import_module(module.name)
    heard: set = set()
    for _, case in TABLE:
        heard |= SecondOrder(case, case.inputs, Listening).outer.heard
    missing = []
    for name, primitive in PRIMITIVES.items():
        if getattr(primitive.kernel, "__module__", "").startswith(("tests", "test_")):
            continue  # a primitive that another test made
        if name in IN_FUNCTIONS:
            continue
        rules = ["all"] if primitive.pullback else [i for i, vjp in enumerate(primitive.vjps) if vjp is not None]
        unheard = [rule for rule in rules if (name, rule) not in heard]
        if unheard:
            inputs = ", ".join(primitive.inputs[i] if isinstance(i, int) else i for i in unheard)
            module = (primitive.pullback or next(filter(None, primitive.vjps))).__module__
            missing.append(f"{name}({inputs}) of {module}")
    assert not missing, (
        "these primitives have derivative rules (for these inputs) that no case in tests/gradient/cases/ exercises: "
        + ", ".join(missing)
    )
