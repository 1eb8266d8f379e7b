"""Programs that draw random numbers: run by TensorFlow to record them, and by TapeFlow to compare.

A program is a list of expressions over `tf` and `g`, a `tf.random.Generator`; its lines run in order, after `tf.random.set_seed`.
EXACT ones must give TensorFlow's numbers to the last bit, CLOSE ones up to the last bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

EXACT = {
    "an operation's own seed": """
        tf.random.uniform([5], seed=7) | tf.random.uniform([3], seed=7) | tf.random.uniform([2, 2], seed=7)
        tf.random.uniform(tf.constant([2], tf.int64), seed=7) | tf.random.uniform([3], seed=8)
        tf.random.uniform([], seed=7)
        tf.random.uniform([3], dtype=tf.float64, seed=7) | tf.random.uniform([0], seed=7) | tf.random.uniform([2], seed=7)
        tf.random.uniform([2], seed=0) | tf.random.uniform([2], seed=-5) | tf.random.uniform([2], seed=2**41)
    """,
    "the global seed": """
        tf.random.uniform([3]) | tf.random.uniform([3]) | tf.random.shuffle(tf.range(5)) | tf.random.uniform([3], seed=1)
        tf.nn.dropout(tf.ones([8]), 0.5) | tf.nn.dropout(tf.ones([8]), 0.0) | tf.random.uniform([3])
    """,
    "uniform": """
        tf.random.uniform([9], dtype=tf.float16, seed=7)
        tf.cast(tf.random.uniform([9], dtype=tf.bfloat16, seed=7), tf.float32)
        tf.random.uniform([9], dtype=tf.float64, seed=7) | tf.random.uniform([3], minval=-1, maxval=1, seed=7)
        tf.random.uniform([2, 2], [0.0, -5.0], [[1.0, 2.0], [3.0, 4.0]], seed=7) | tf.random.uniform([2], 5.0, 3.0, seed=7)
        tf.random.uniform([1000], -3.3, 7.7, seed=9)[-5:] | tf.random.uniform([100003], seed=11)[-5:]
        tf.random.uniform([6], maxval=10, dtype=tf.int32, seed=7) | tf.random.uniform([6], -5, 10, tf.int32, seed=7)
        tf.random.uniform([6], maxval=10, dtype=tf.int64, seed=7) | tf.random.uniform([6], -2**62, 2**62, tf.int64, seed=7)
        tf.random.uniform([3], -2**31, 2**31 - 1, tf.int32, seed=3)
    """,
    "shuffle": """
        tf.random.shuffle(tf.range(10), seed=7) | tf.random.shuffle(tf.range(10), seed=7) | tf.random.shuffle(3, seed=7)
        tf.random.shuffle(tf.reshape(tf.range(10), [5, 2]), seed=7) | tf.random.shuffle(tf.range(10), seed=7)
        tf.random.shuffle(tf.range(200), seed=8)[:9] | tf.random.shuffle([1.5], seed=7)
        tf.random.shuffle(tf.zeros([0, 2]), seed=7)
    """,
    "categorical": """
        tf.random.categorical([[1.0, 2.0, 3.0]], 10, seed=7) | tf.random.categorical([[1.0, 2.0, 3.0]], 10, seed=7)
        tf.random.categorical([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0], [1.0, 1.0, 1.0]], 5, seed=9)
        tf.random.categorical([[1.0, 2.0]], 3, dtype=tf.int32, seed=7) | tf.random.categorical([[1.0, 2.0]], 0, seed=7)
        tf.random.categorical(tf.constant([[1.0, 2.0, -1.0]], tf.float64), 7, seed=7)
        tf.random.categorical([[float("-inf"), 1.0, float("nan"), 1.0]], 7, seed=7)
        tf.random.categorical([[float("-inf"), float("-inf")]], 3, seed=7)
    """,
    "stateless": """
        tf.random.stateless_uniform([5], [1, 2]) | tf.random.stateless_uniform([5], [1, 2], -1.0, 3.0)
        tf.random.stateless_uniform([5], [1, -2], dtype=tf.float64)
        tf.random.stateless_uniform([5], [1, 2], dtype=tf.float16)
        tf.random.stateless_uniform([5], tf.constant([2**40, -3], tf.int64)) | tf.random.stateless_uniform([], [1, 2])
        tf.random.stateless_uniform([5], [1, 2], None, None, tf.int32)
        tf.random.stateless_uniform([5], [1, 2], 0, 9, tf.int32)
        tf.random.stateless_uniform([5], [1, 2], None, None, tf.int64)
        tf.random.stateless_uniform([5], [1, 2], -9, 9, tf.int64)
        tf.random.stateless_uniform([5], [1, 2], None, None, tf.uint32)
        tf.random.stateless_uniform([5], [1, 2], None, None, tf.uint64)
        tf.random.stateless_categorical([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], 10, [1, 2])
        tf.random.stateless_categorical([[1.0, 2.0]], 3, [1, 2], dtype=tf.int32)
        tf.random.experimental.stateless_shuffle(tf.range(10), [1, 2])
        tf.random.experimental.stateless_shuffle(tf.reshape(tf.range(12), [6, 2]), [3, 4])
        tf.random.split([1, 2]) | tf.random.split([1, 2], 3) | tf.random.split(tf.constant([1, 2], tf.int64))
        tf.random.split([1, 2], 0)
        tf.random.fold_in([1, 2], 5) | tf.random.fold_in([1, 2], tf.constant(5, tf.int64))
        tf.random.split(tf.random.fold_in([1, 2], 5))
        tf.nn.experimental.stateless_dropout(tf.ones([9]), 0.5, seed=[1, 2]) | tf.random.create_rng_state(3, "philox")
        tf.random.create_rng_state([1, 2, 3], "philox") | tf.random.create_rng_state([1, 2], 1)
        tf.random.create_rng_state(-3, 1)
        tf.random.create_rng_state([7], "philox") | tf.random.create_rng_state(2**65, "philox")
        tf.random.create_rng_state([1, 2, 3, 4], "philox") | tf.random.create_rng_state(2**63, "philox")
    """,
    "generator": """
        g.state.read_value() | g.uniform([3]) | g.state.read_value() | g.uniform([3], maxval=10, dtype=tf.int32)
        g.state.read_value()
        g.uniform_full_int([3]) | g.uniform_full_int([3], tf.int32) | g.uniform([3], -2.0, 2.0, tf.float64)
        g.state.read_value()
        g.uniform([2], minval=None, dtype=tf.int64) | g.uniform([2], minval=None, dtype=tf.uint32) | g.key
        g.make_seeds(3) | g.make_seeds() | g.state.read_value() | [s.state.read_value() for s in g.split(2)]
        g.state.read_value()
        g.split(1)[0].uniform([3]) | g.skip(5) | g.state.read_value() | g.reset_from_seed(9) | g.state.read_value()
        g.uniform([2])
        g.reset([4, 5, 6]) | g.uniform([2]) | g.state.read_value() | g.reset_from_key_counter(7, [1, 2])
        g.state.read_value()
        tf.random.Generator.from_seed([1, 2, 3]).uniform([3]) | tf.random.Generator.from_seed(-7).uniform([3])
        tf.random.Generator.from_state([1, 2, 3], "philox").uniform([3])
        tf.random.Generator.from_key_counter(7, [1, 2], "philox").uniform([3])
        tf.random.Generator.from_state([-1, 5, 3], "philox").uniform([9])
        tf.random.Generator(copy_from=g).uniform([3]) | g.uniform([3])
    """,
    "dropout": """
        tf.nn.dropout(tf.ones([8]), 0.5, seed=7) | tf.nn.dropout(tf.ones([8]), 0.25, seed=7)
        tf.nn.dropout(tf.ones([2, 3]), 0.5, seed=8)
        tf.nn.dropout(tf.ones([4, 3]), 0.5, noise_shape=[4, 1], seed=7)
        tf.nn.dropout(tf.ones([4, 3]), 0.5, noise_shape=[None, 1], seed=8)
        tf.nn.dropout(tf.ones([6], tf.float64), 0.5, seed=7) | tf.nn.dropout(tf.ones([6], tf.float16), 0.5, seed=7)
        tf.nn.dropout(tf.ones([6]), tf.constant(0.5), seed=9)
        tf.nn.dropout(tf.constant([1.0, float("inf")] * 3), 0.5, seed=10)
    """,
}
CLOSE = {
    "normal": """
        tf.random.normal([5], seed=7) | tf.random.normal([5], seed=7) | tf.random.normal([100003], seed=8)[-5:]
        tf.random.normal([9], dtype=tf.float64, seed=7) | tf.random.normal([9], dtype=tf.float16, seed=7)
        tf.random.normal([3], 2.0, 0.5, seed=7) | tf.random.normal([2], [0.0, 9.0], [1.0, 0.0], seed=7)
        tf.random.normal([3])
        tf.random.stateless_normal([5], [1, 2]) | tf.random.stateless_normal([5], [1, 2], 1.0, 2.0, tf.float64)
        g.normal([3]) | g.normal([3], 1.0, 2.0) | g.state.read_value() | tf.random.normal([3])
    """,
    "truncated normal": """
        tf.random.truncated_normal([9], seed=7) | tf.random.truncated_normal([9], seed=7)
        tf.random.truncated_normal([2, 2])
        tf.random.truncated_normal([9], dtype=tf.float64, seed=7)
        tf.random.truncated_normal([9], 5.0, 0.1, tf.float16, seed=7)
        tf.random.truncated_normal([3001], seed=8)[-9:] | tf.random.stateless_truncated_normal([9], [1, 2])
        tf.random.stateless_truncated_normal([9], [1, 2], 1.0, 3.0, tf.float64) | g.truncated_normal([9])
        g.truncated_normal([2])
    """,
}


def lines_of(program: str) -> list[str]:
    """The expressions of a program."""
    return [line.strip() for line in program.replace("\n", "|").split("|") if line.strip()]


def run(tf: Any, program: str) -> list[Any]:
    """What the lines of a program give: plain numbers in nested lists, beside the dtype."""
    tf.random.set_seed(5)
    names = {"tf": tf, "g": tf.random.Generator.from_seed(3)}
    return [plain(eval(line, names)) for line in lines_of(program)]


def plain(value: Any) -> Any:
    """A result as something that JSON holds exactly."""
    if value is None:
        return None
    if isinstance(value, list):
        return [plain(item) for item in value]
    array = np.asarray(value)
    return [array.dtype.name, array.astype(np.float64).tolist() if array.dtype.kind == "f" else array.tolist()]
