"""The command: which rows, which peers, and where the table goes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import machine, table
from benchmarks.frameworks import FRAMEWORKS, OURS, PEERS
from benchmarks.rows import ROWS
from benchmarks.side_by_side import measure

RESULTS = Path(__file__).with_name("results.md")
ROUNDS, SECONDS = 5, 0.5
QUICK_ROUNDS, QUICK_SECONDS = 1, 0.1

CAPTION = """\
Cells are how many times TapeFlow's cost the peer needs: {rounds} round(s), in each round every framework once, in
turn, in a process of its own; the median of the rounds' ratios. Above 1× TapeFlow is ahead, ✗ marks a missed target,
– a peer that lacks the feature or was not measured. Everything runs on the CPU with each framework's default
threads, and eagerly (JAX without `jit`) unless the row says compiled: `tf.function`, TensorFlow's XLA, `jax.jit`. NumPy's MLP
is the same step with its gradient written by hand. All results of a row were checked to be equal before they were timed.
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare TapeFlow with its peers and print one table of ratios.")
    parser.add_argument("--rows", nargs="+", choices=ROWS, metavar="NAME", default=list(ROWS), help=f"of {', '.join(ROWS)}")
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS, metavar="NAME", default=list(PEERS), help=f"of {', '.join(PEERS)}"
    )
    parser.add_argument("--rounds", type=int, help=f"how often each framework runs (default {ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that everything works")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS)
    if chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    chosen.is_whole = not chosen.quick and set(chosen.rows) == set(ROWS) and set(chosen.peers) == set(PEERS)
    return chosen


def main() -> None:
    chosen = arguments()
    releases = machine.describe()["releases"]
    present = [name for name in (OURS, *chosen.peers) if name in releases]
    for name in chosen.peers:
        if name not in present:
            print(f"{FRAMEWORKS[name].title} is not installed: its column stays empty", file=sys.stderr)

    summaries = {}
    for name in chosen.rows:
        print(f"\n{name}", end="", file=sys.stderr, flush=True)

        def report(framework: str, cost: object, unit: str = ROWS[name].unit) -> None:
            print(f"  {framework} {table.cost(cost, unit)}", end="", file=sys.stderr, flush=True)

        measured = measure(ROWS[name], present, chosen.rounds, QUICK_SECONDS if chosen.quick else SECONDS, report)
        summaries[name] = table.summary(ROWS[name], measured)
    print(file=sys.stderr)

    text = table.markdown(summaries, ROWS) + "\n" + CAPTION.format(rounds=chosen.rounds) + "\n" + machine.sentence() + "\n"
    print(text)
    if chosen.is_whole:
        RESULTS.write_text(text, encoding="utf-8")
        data = {"machine": machine.describe(), "rounds": chosen.rounds, "rows": summaries}
        RESULTS.with_suffix(".json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
