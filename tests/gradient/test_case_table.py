"""The proof is itself tested: each way in which a gradient can be wrong fails, and records come back as they were written."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from tests.gradient import case as table
from tests.gradient import test_cases
from tests.gradient.case import Case, array


def by(rule):
    """A case of x³ whose gradient function is `rule(tf, dy, x)`."""

    def function(tf, x):
        return tf.custom_gradient(lambda x: (x * x * x, lambda dy: rule(tf, dy, x)))(x)

    return Case("cube", function, array(3, low=0.5))


@pytest.fixture
def golden(monkeypatch, tmp_path):
    """Records the true gradients of x³, and judges cases by them."""

    def record(case):
        x = case.inputs[0]
        w, u = table.weights(x, 0.3), table.weights(x, 1.1)
        values = {"forward": [x**3], "first": [3 * x**2 * w], "second": [6 * x * w * u]}
        monkeypatch.setattr(table, "GOLDEN", tmp_path)
        table.save("family", {"cube": {"fingerprint": case.fingerprint, **values}})
        monkeypatch.setattr(test_cases, "recorded", table.load)

    return record


first_order = test_cases.test_first_order_is_tensorflows_and_the_limit_of_differences
second_order = test_cases.test_second_order_is_tensorflows_and_the_limit_of_differences
linear = test_cases.test_the_gradient_is_linear_in_the_cotangent_and_differentiable_by_it
single = test_cases.test_single_precision_stays_single


def test_the_right_gradient_passes(golden):
    case = by(lambda tf, dy, x: dy * 3.0 * x * x)
    golden(case)
    for judge in (test_cases.test_forward_is_tensorflows, first_order, second_order, linear, single):
        judge("family", case)


@pytest.mark.parametrize("compared", [True, False])
def test_a_wrong_first_order_fails_by_the_record_and_by_differences(golden, compared):
    case = by(lambda tf, dy, x: dy * 3.001 * x * x)
    golden(case)
    case.first, case.numeric = compared, not compared
    with pytest.raises(AssertionError, match=r"TensorFlow|differences|gradient"):
        first_order("family", case)


@pytest.mark.parametrize("compared", [True, False])
def test_a_wrong_second_order_fails_by_the_record_and_by_differences(golden, compared):
    case = by(lambda tf, dy, x: dy * 3.0 * x * tf.stop_gradient(x))
    golden(case)
    first_order("family", case)
    case.second, case.numeric = compared, not compared
    with pytest.raises(AssertionError, match="second gradient"):
        second_order("family", case)


def test_a_missing_gradient_fails(golden):
    case = by(lambda tf, dy, x: None)
    golden(case)
    with pytest.raises(AssertionError, match="None where TensorFlow gives"):
        first_order("family", case)


def test_a_gradient_that_is_a_constant_to_its_cotangent_fails():
    case = by(lambda tf, dy, x: tf.stop_gradient(dy) * 3.0 * x * x)
    with pytest.raises(AssertionError):
        linear("family", case)


def test_a_gradient_of_another_dtype_fails():
    case = by(lambda tf, dy, x: tf.cast(dy, tf.float64) * 3.0)
    with pytest.raises(AssertionError, match="gradient 0 is float64 where the source is float32"):
        single("family", case)


def test_an_output_of_another_dtype_fails():
    case = Case("cast", lambda tf, x: tf.cast(x, tf.float64), array(3))
    with pytest.raises(AssertionError, match="another precision"):
        single("family", case)


def test_a_case_without_a_record_fails_and_says_how_to_record(golden):
    case = by(lambda tf, dy, x: dy)
    with pytest.raises(pytest.fail.Exception, match=r"record_gradients\.py nowhere"):
        first_order("nowhere", case)
    golden(case)
    case.inputs = (case.inputs[0] + 1.0,)
    with pytest.raises(pytest.fail.Exception, match="has other inputs than when it was recorded"):
        first_order("family", case)


def test_a_primitive_without_a_case_is_reported(monkeypatch):
    monkeypatch.setattr(test_cases, "TABLE", [])
    with pytest.raises(AssertionError, match=r"AddV2\(x, y\) of tapeflow"):
        test_cases.test_every_rule_of_every_differentiable_primitive_is_in_the_table()


def test_records_come_back_as_they_were_written(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "GOLDEN", tmp_path)
    written = {
        "fingerprint": 5,
        "forward": [np.array([1.0, np.nan, np.inf]), np.array([[1 + 2j], [3 - 1j]]), np.array([1, 2], np.int32)],
        "first": [None, np.float64(2.5).reshape(())],
        "second": [np.zeros((0, 3)), None],
    }
    table.save("family", {"a": written, "b": {"fingerprint": 6, "forward": [np.ones(2)], "first": [], "second": []}})
    read = table.load("family")
    assert (read["a"]["fingerprint"], read["b"]["fingerprint"]) == (5, 6)
    for order in ("forward", "first", "second"):
        for before, after in zip(written[order], read["a"][order], strict=True):
            assert (before is None) == (after is None)
            if before is not None:
                assert before.dtype == after.dtype
                np.testing.assert_array_equal(before, after)
    assert read["b"]["forward"][0].tolist() == [1.0, 1.0]


def test_arrays_are_the_same_in_every_run_and_different_from_each_other():
    first, second = Case("a", None, array(2, 3), array(2, 3)), Case("b", None, array(2, 3), array(2, 3))
    assert first.fingerprint == second.fingerprint
    assert not np.allclose(*first.inputs)
    assert Case("c", None, array(2, 3, seed=1), array(2, 3)).fingerprint != first.fingerprint


def test_a_name_that_is_used_twice_is_refused(monkeypatch):
    family = importlib.import_module("tests.gradient.cases.custom")
    monkeypatch.setattr(family, "CASES", [Case("a", None), Case("a", None)])
    with pytest.raises(ValueError, match=r"several cases with these names: \['a'\]"):
        table.cases_of("custom")


def test_a_case_that_nothing_judges_is_refused():
    with pytest.raises(ValueError, match="nothing would judge it"):
        Case("it", None, numeric=False, recorded=False)
