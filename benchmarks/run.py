"""Compare TapeFlow with its peers, side by side, and print one table of ratios: `python benchmarks/run.py [--help]`.

Makes `.venv-bench` on its first run and works inside it.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from benchmarks import environment

    environment.enter()
    from benchmarks import compare

    compare.main()
