"""The rows of the table, in its order. To add one: write a module with a `ROWS` list, and name it here."""

from benchmarks.rows import (
    chain,
    compiled,
    eager_step,
    elementwise,
    gradient_only,
    import_time,
    linear_cost,
    mlp,
    scalar_call,
    second_order,
    streams,
    tape_outside,
    training_loop,
)
from benchmarks.rows.row import Row

MODULES = (
    *(eager_step, gradient_only, second_order, chain, elementwise, mlp),
    *(compiled, tape_outside, training_loop, streams, scalar_call, import_time, linear_cost),
)
ROWS: dict[str, Row] = {row.name: row for module in MODULES for row in module.ROWS}
