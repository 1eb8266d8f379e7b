"""From costs to the table: ratios, targets and Markdown."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.frameworks import FRAMEWORKS, OURS, PEERS
from benchmarks.rows.linear_cost import SPREAD, LinearCost
from benchmarks.rows.row import Row
from benchmarks.side_by_side import Measured

ABSENT = "–"
MISSED = "✗"


def median_ratio(theirs: list[float], ours: list[float]) -> float:
    """The median over rounds of theirs / ours, both taken in the same round."""
    return median(their / our for their, our in zip(theirs, ours, strict=True))


def spread(costs: list[float]) -> float:
    """How far the dearest lies above the cheapest: 0.2 for 20 %."""
    return max(costs) / min(costs) - 1


def per_operation(rounds: list[list[float]]) -> list[float]:
    """The median over rounds, for each length of the chain."""
    return [median(costs) for costs in zip(*rounds, strict=True)]


def quantity(value: float, unit: str) -> str:
    """`value` with the prefix that leaves one to three digits before the point: 3.2e-05 s is '32.0 µs'."""
    steps = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")) if unit == "s" else ((1e6, "MB"), (1e3, "kB"), (1, "B"))
    size, prefixed = next((step for step in steps if value >= step[0]), steps[-1])
    return f"{three_digits(value / size)} {prefixed}"


def cost(value: float | list[float] | None, unit: str) -> str:
    """What one framework's row cost, for people; None for a failure."""
    if value is None:
        return "FAILED"
    return ", ".join(quantity(each, unit) for each in value) if isinstance(value, list) else quantity(value, unit)


def three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def summary(row: Row, measured: Measured) -> dict[str, Any]:
    """One row as data: our cost, each peer's ratio to it, which targets are missed, what failed."""
    ours = measured.costs.get(OURS)
    data: dict[str, Any] = {
        "title": row.title,
        "unit": row.unit,
        "costs": measured.costs,
        "failures": measured.failures,
    }
    if ours is None:
        return data | {"ratios": {}, "missed": list(row.targets)}
    if isinstance(row, LinearCost):
        costs = per_operation(ours)
        return data | {"ours": costs, "ratios": {}, "missed": [OURS] if spread(costs) > SPREAD else []}
    ratios = {name: median_ratio(costs, ours) for name, costs in measured.costs.items() if name != OURS}
    missed = [name for name, least in row.targets.items() if name in ratios and ratios[name] < least]
    return data | {"ours": median(ours), "ratios": ratios, "missed": missed}


def markdown(summaries: dict[str, dict[str, Any]], rows: dict[str, Row]) -> str:
    """The table, and under it a note for every cell that has no number because something went wrong."""
    titles = [FRAMEWORKS[name].title for name in PEERS]
    lines = [
        "| | " + " | ".join([FRAMEWORKS[OURS].title, *titles, "at least"]) + " |",
        "| --- |" + " ---: |" * (1 + len(PEERS)) + " --- |",
    ]
    notes: list[str] = []
    for name, data in summaries.items():
        cells = [our_cell(rows[name], data, notes)]
        cells += [peer_cell(peer, data, notes) for peer in PEERS]
        lines.append(f"| {data['title']} | " + " | ".join([*cells, target_cell(rows[name], data)]) + " |")
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def our_cell(row: Row, data: dict[str, Any], notes: list[str]) -> str:
    if OURS in data["failures"]:
        return failure_mark(OURS, data, notes)
    return cost(data["ours"], row.unit) if "ours" in data else ABSENT


def peer_cell(peer: str, data: dict[str, Any], notes: list[str]) -> str:
    if peer in data["failures"]:
        return failure_mark(peer, data, notes)
    if peer not in data["ratios"]:
        return ABSENT
    mark = f" {MISSED}" if peer in data["missed"] else ""
    return f"{three_digits(data['ratios'][peer])}×{mark}"


def failure_mark(framework: str, data: dict[str, Any], notes: list[str]) -> str:
    title, reason = FRAMEWORKS[framework].title, data["failures"][framework]
    notes.append(f"[{len(notes) + 1}] {title}, {data['title']}: {reason}  ")
    return f"failed [{len(notes)}]"


def target_cell(row: Row, data: dict[str, Any]) -> str:
    if isinstance(row, LinearCost):
        if "ours" not in data:
            return f"within {SPREAD:.0%}"
        mark = f" {MISSED}" if data["missed"] else ""
        return f"within {SPREAD:.0%}: {spread(data['ours']):.0%}{mark}"
    if not row.targets:
        return ""
    if len(set(row.targets.values())) == 1 and len(row.targets) > 1:
        return f"all {next(iter(row.targets.values())):.2g}×"
    return ", ".join(f"{FRAMEWORKS[name].title} {least:.2g}×" for name, least in row.targets.items())
