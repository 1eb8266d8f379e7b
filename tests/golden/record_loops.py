"""Records what TensorFlow answers to the programs of `loop_programs.py`: values, and gradients of two orders, in a tf.function.

Run with a Python that has TensorFlow: python tests/golden/record_loops.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.golden.loop_programs import PROGRAMS, X


def answers(program):
    @tf.function
    def both(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                values = tf.nest.flatten(program(tf, x))
                total = tf.add_n([tf.reduce_sum(tf.sin(y)) for y in values if y.dtype == tf.float64])
            first = tape.gradient(total, x)
        return values, first, None if first is None else outer.gradient(first, x)

    values, first, second = both(tf.constant(X))
    return {
        "values": [y.numpy().tolist() for y in values],
        "dtypes": [y.dtype.name for y in values],
        "first": None if first is None else first.numpy().tolist(),
        "second": None if second is None else second.numpy().tolist(),
    }


if __name__ == "__main__":
    found = {name: answers(program) for name, program in PROGRAMS.items()}
    path = pathlib.Path(__file__).with_name("loops.json")
    path.write_text(json.dumps(found, indent=1) + "\n")
