"""The programs say `import tensorflow`: they are run by their test, never imported."""

from pathlib import Path

collect_ignore_glob = [
    path.name for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "conftest"))
]
