"""Records what TensorFlow answers to `dataset_loop_programs.py`: values, gradients of two orders, counts of traces.

Run with a Python that has TensorFlow: python tests/golden/record_dataset_loops.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.golden.dataset_loop_programs import CALLS, PROGRAMS, dataset_of


def listed(tensor):
    return None if tensor is None else tf.convert_to_tensor(tensor).numpy().tolist()


def answers(program):
    @tf.function
    def values(x, data):
        return program(tf, x, data)

    graph = [values(tf.constant(x), dataset_of(tf, *sizes)) for x, *sizes in CALLS]
    traces = values.experimental_get_tracing_count()
    calls = []
    for (x, *sizes), y in zip(CALLS, graph, strict=True):  # TensorFlow has gradients of such loops in eager code alone
        x, data = tf.constant(x), dataset_of(tf, *sizes)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(tf.sin(program(tf, x, data)))
            first = tape.gradient(total, x)
            s = tf.constant(0.0, tf.float64) if first is None else tf.reduce_sum(first * first)
        calls.append({"value": listed(y), "first": listed(first), "second": listed(outer.gradient(s, x))})
    return {"traces": traces, "calls": calls}


if __name__ == "__main__":
    found = {}
    for name, program in PROGRAMS.items():
        try:
            found[name] = answers(program)
        except Exception as error:
            print(name, type(error).__name__, str(error)[:600])
    path = pathlib.Path(__file__).with_name("dataset_loops.json")
    path.write_text(json.dumps(found) + "\n")
