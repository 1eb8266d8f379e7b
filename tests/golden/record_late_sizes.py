"""Records what TensorFlow answers to programs of sizes and axes that depend on values (`late_size_programs.py`,
`known_later_programs.py`): values, gradients of two orders, static shapes, counts of traces.

Run with a Python that has TensorFlow: python tests/golden/record_late_sizes.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.golden import known_later_programs, late_size_programs


def listed(tensor):
    return None if tensor is None else tf.convert_to_tensor(tensor).numpy().tolist()


def answers(program, given):
    static = []

    @tf.function
    def function(x, i, j):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                values = tf.nest.flatten(program(tf, x, i, j))
                parts = [tf.reduce_sum(tf.sin(y)) for y in values if y.dtype == tf.float64]
                total = tf.add_n(parts) if parts else tf.constant(0.0, tf.float64)
            first = tape.gradient(total, x)
            first = None if first is None else tf.convert_to_tensor(first)
            s = tf.constant(0.0, tf.float64) if first is None else tf.reduce_sum(first * first)
        static[:] = [None if y.shape.rank is None else y.shape.as_list() for y in values]
        return values, first, outer.gradient(s, x)

    calls = []
    for x, i, j in given:
        values, first, second = function(tf.constant(x), tf.constant(i), tf.constant(j))
        calls.append({"values": [y.numpy().tolist() for y in values], "first": listed(first), "second": listed(second)})
    return {"static": static, "traces": function.experimental_get_tracing_count(), "calls": calls}


def record(programs, file):
    found = {}
    for name, program in programs.PROGRAMS.items():
        try:
            found[name] = answers(program, programs.CALLS)
        except Exception as error:
            print(name, type(error).__name__, str(error)[:300])
    pathlib.Path(__file__).with_name(file).write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    record(late_size_programs, "late_sizes.json")
    record(known_later_programs, "known_later.json")
