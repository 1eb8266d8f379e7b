"""One framework doing one row, in a process of its own: `python -m benchmarks.worker ROW FRAMEWORK BUDGET ANSWER_FILE`.

Prints what the row cost as JSON, and leaves the arrays that it computed in ANSWER_FILE (.npz).
"""

from __future__ import annotations

import json
import sys

import numpy as np

from benchmarks.rows import ROWS


def main(row: str, framework: str, budget: str, answer_file: str) -> None:
    cost, answer = ROWS[row].measure(framework, float(budget))
    np.savez(answer_file, *answer)
    print(json.dumps(cost))


if __name__ == "__main__":
    main(*sys.argv[1:])
