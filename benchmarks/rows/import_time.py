"""How long `python -c "import X"` takes from start to exit."""

from benchmarks.rows.row import ImportTime

ROWS = [ImportTime("import_time", "a process that imports it", targets={"numpy": 1 / 1.5})]
