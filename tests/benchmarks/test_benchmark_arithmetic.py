"""The arithmetic of the benchmarks: no timing here, and none of the peers."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import table
from benchmarks.rows import ROWS
from benchmarks.rows.linear_cost import LinearCost
from benchmarks.rows.row import Row
from benchmarks.side_by_side import BenchmarkFailure, Measured, check_same_answer, clean_environment
from benchmarks.timing import REPEATS, seconds_per_call


class Clock:
    """Time that passes only when `step` is called."""

    def __init__(self, durations):
        self.now, self.calls, self.durations = 0.0, 0, durations

    def __call__(self):
        return self.now

    def step(self):
        self.now += self.durations(self.calls)
        self.calls += 1


@pytest.mark.parametrize("duration", [1e-6, 1e-3, 10.0])
def test_time_per_call_does_not_depend_on_block_size(duration):
    clock = Clock(lambda call: duration)
    assert seconds_per_call(clock.step, budget=0.1, clock=clock) == pytest.approx(duration)


def test_time_per_call_is_that_of_the_least_disturbed_block():
    clock = Clock(lambda call: 0.010 if call % 37 else 0.5)
    cost = seconds_per_call(clock.step, budget=0.2, clock=clock)
    assert cost == pytest.approx(0.010)


def test_calls_fill_the_budget():
    clock = Clock(lambda call: 1e-3)
    seconds_per_call(clock.step, budget=1.0, clock=clock)
    assert 1.0 <= clock.now <= 2.0
    assert clock.calls >= REPEATS


def test_ratio_is_the_median_of_rounds_not_the_ratio_of_medians():
    assert table.median_ratio([10.0, 40.0, 90.0], [1.0, 10.0, 10.0]) == 9.0


def test_ratio_refuses_rounds_that_were_not_run_together():
    with pytest.raises(ValueError):
        table.median_ratio([1.0, 2.0], [1.0])


def test_spread_is_relative_to_the_cheapest():
    assert table.spread([2.0, 2.4, 2.2]) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.24e-5, "s", "32.4 µs"),
        (9.996e-6, "s", "10.0 µs"),
        (1.5e-10, "s", "0.15 ns"),
        (0.25, "s", "250 ms"),
        (3.7, "s", "3.70 s"),
        (4.2e7, "B", "42.0 MB"),
        (12.0, "B", "12.0 B"),
    ],
)
def test_quantities_have_a_prefix_and_three_digits(value, unit, text):
    assert table.quantity(value, unit) == text


def parabola_row(**targets):
    return Row("parabola", "a parabola", {}, targets=targets)


def test_missed_targets_failures_and_absent_peers_show_in_the_table():
    row = parabola_row(pytorch=5.0, mygrad=4.0)
    measured = Measured(
        costs={"tapeflow": [1e-5, 2e-5], "pytorch": [6e-5, 12e-5], "mygrad": [3e-5, 6e-5]},
        failures={"jax": "no kernel"},
    )
    summary = table.summary(row, measured)
    assert summary["missed"] == ["mygrad"]
    text = table.markdown({"parabola": summary}, {"parabola": row})
    cells = [cell.strip() for cell in text.splitlines()[2].split("|")[1:-1]]
    assert cells == [
        "a parabola", "15.0 µs", "–", "6.00×", "failed [1]", "–", "3.00× ✗", "–", "–", "PyTorch 5×, MyGrad 4×"
    ]  # fmt: skip
    assert "[1] JAX, a parabola: no kernel" in text


def test_a_row_where_tapeflow_failed_misses_its_targets_and_has_no_ratios():
    row = parabola_row(pytorch=5.0)
    summary = table.summary(row, Measured(costs={"pytorch": [1.0]}, failures={"tapeflow": "boom"}))
    assert summary["missed"] == ["pytorch"]
    assert summary["ratios"] == {}
    assert "| failed [1] | – | – |" in table.markdown({"parabola": summary}, {"parabola": row})


@pytest.mark.parametrize(("dearest", "missed"), [(1.15e-6, []), (1.25e-6, ["tapeflow"])])
def test_linear_cost_is_judged_by_the_spread_of_medians(dearest, missed):
    row = LinearCost("linear", "linear")
    rounds = [[1e-6, 1e-6, 1e-6, dearest], [1e-6, 9e-6, 1e-6, dearest], [1e-6, 1e-6, 1e-6, dearest]]
    assert table.summary(row, Measured(costs={"tapeflow": rounds}))["missed"] == missed


@pytest.mark.parametrize(
    "other",
    [
        [],
        [np.ones(3, np.float64)],
        [np.ones((3, 1), np.float32)],
        [np.array([1, 1, 1.01], np.float32)],
        [np.array([1, 1, np.nan], np.float32)],
    ],
    ids=["missing", "dtype", "shape", "value", "nan"],
)
def test_different_work_is_a_failure(other):
    with pytest.raises(BenchmarkFailure):
        check_same_answer(other, [np.ones(3, np.float32)], rtol=1e-4)


def test_equal_work_passes_within_the_tolerance():
    check_same_answer([np.array([1, 1, 1.00005], np.float32)], [np.ones(3, np.float32)], rtol=1e-4)


def test_workers_choose_their_own_blas_kernels_and_keep_their_bytecode(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1024")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("KEPT", "yes")
    environment = clean_environment()
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE"} & set(environment)
    assert environment["KEPT"] == "yes"


def test_every_row_has_our_side_and_targets_only_for_peers_that_take_part():
    for name, row in ROWS.items():
        assert row.name == name
        assert "tapeflow" in row.takes_part
        assert set(row.targets) <= set(row.takes_part) - {"tapeflow"}


def test_numpy_by_hand_computes_the_gradient_that_finite_differences_give():
    from benchmarks.rows import mlp

    given = mlp.problem(4, 8)

    def loss_at(parameters):
        w1, b1, w2, b2 = (p.astype(np.float64) for p in parameters)
        logits = np.maximum(given.images @ w1 + b1, 0) @ w2 + b2
        return np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(8), given.labels])

    step, answer = mlp.by_hand(np, 4, 8)
    step()
    loss, *after = answer()
    assert loss == pytest.approx(loss_at(given.parameters), rel=1e-5)
    for index, (before, moved) in enumerate(zip(given.parameters, after, strict=True)):
        direction = np.random.default_rng(index).standard_normal(before.shape)
        shifted = [[p + sign * 1e-5 * direction if p is before else p for p in map(np.asarray, given.parameters)]
                   for sign in (1, -1)]  # fmt: skip
        slope = (loss_at(shifted[0]) - loss_at(shifted[1])) / 2e-5
        assert np.sum((before - moved) / mlp.RATE * direction) == pytest.approx(slope, rel=1e-3, abs=1e-4)
