"""What is asked of `tf.data`, of TensorFlow once and of TapeFlow in each test: each question is a function of `tf`."""

import collections
from collections.abc import Callable
from typing import Any

import numpy as np

Pair = collections.namedtuple("Pair", ["x", "y"])


def told(value: Any) -> Any:
    """An answer as text and numbers: the same for both."""
    if hasattr(value, "element_spec") and hasattr(value, "cardinality"):
        return [repr(value), int(value.cardinality())]
    if isinstance(value, dict):
        return {key: told(part) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [type(value).__name__, *map(told, value)]
    if isinstance(value, list | tuple):
        return [told(part) for part in value]
    if hasattr(value, "numpy") or isinstance(value, np.ndarray | np.generic):
        array = value.numpy() if hasattr(value, "numpy") else value
        return [str(getattr(array, "dtype", "object")), told(getattr(array, "tolist", lambda: array)())]
    return value.decode() if isinstance(value, bytes) else value if isinstance(value, int | float | str) else repr(value)


def elements(dataset: Any) -> list:
    """What a dataset gives, datasets in it included."""
    return [
        elements(x) if hasattr(x, "cardinality") else [elements(y) for y in x] if _holds_datasets(x) else x for x in dataset
    ]


def _holds_datasets(x: Any) -> bool:
    return isinstance(x, tuple) and all(hasattr(y, "cardinality") for y in x)


def both(dataset: Any) -> list:
    """A dataset, and what it gives."""
    return [dataset, elements(dataset)]


def thrice(dataset: Any) -> list:
    """The numbers of three iterations."""
    return [[int(x) for x in dataset] for _ in range(3)]


def seeded(tf: Any, seed: int) -> Any:
    tf.random.set_seed(seed)
    return tf.data.Dataset


def ten(tf: Any) -> Any:
    return tf.data.Dataset.range(10)


def lengths(tf: Any) -> Any:
    """Vectors of 1, 2, 3 and 4 numbers."""
    return tf.data.Dataset.from_generator(
        lambda: ([n] * n for n in range(1, 5)), output_signature=tf.TensorSpec([None], tf.int64)
    )


def in_function(tf: Any) -> list:
    @tf.function
    def total(dataset):
        s, n = tf.constant(0, tf.int64), 0
        for i, x in dataset.enumerate():
            s += x * i
            n += 1
        return s, n

    @tf.function
    def three(iterator):
        s = tf.constant(0, tf.int64)
        for _ in range(3):
            s += next(iterator)
        return s

    iterator = iter(ten(tf))
    return [int(total(ten(tf))[0]), int(three(iterator)), int(three(iterator))]


def variable_in_map(tf: Any) -> list:
    v = tf.Variable(2, dtype=tf.int64)
    dataset = tf.data.Dataset.range(3).map(lambda x: x * v)
    before = elements(dataset)
    v.assign(10)
    return [before, elements(dataset)]


def traces_of_map(tf: Any) -> list:
    traced = []

    def double(x):
        traced.append(1)
        return x * 2

    dataset = tf.data.Dataset.range(5).map(double)
    elements(dataset), elements(dataset)
    return [len(traced)]


def reads_cache_once(tf: Any) -> list:
    calls = []

    def generator():
        calls.append(1)
        yield from range(3)

    dataset = tf.data.Dataset.from_generator(generator, output_signature=tf.TensorSpec((), tf.int64)).cache()
    return [elements(dataset), elements(dataset), len(calls)]


def after_the_end(tf: Any) -> Any:
    iterator = iter(tf.data.Dataset.range(1))
    iterator.get_next()
    return iterator.get_next()


D: Callable[[Any], Any] = lambda tf: tf.data.Dataset
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "slices": lambda tf: both(D(tf).from_tensor_slices([1, 2, 3])),
    "slices_of_rows": lambda tf: both(D(tf).from_tensor_slices([[1.0, 2.0], [3.0, 4.0]])),
    "slices_of_a_dict": lambda tf: both(D(tf).from_tensor_slices({"b": [[1.0], [2.0]], "a": [1, 2]})),
    "slices_of_a_tuple": lambda tf: both(D(tf).from_tensor_slices(([1, 2], ["u", "v"]))),
    "slices_of_a_namedtuple": lambda tf: both(D(tf).from_tensor_slices(Pair([1, 2], [3, 4]))),
    "slices_of_arrays": lambda tf: both(D(tf).from_tensor_slices(np.arange(6).reshape(3, 2))),
    "slices_of_nothing": lambda tf: both(D(tf).from_tensor_slices([])),
    "slices_of_a_scalar": lambda tf: D(tf).from_tensor_slices(3),
    "slices_that_differ": lambda tf: D(tf).from_tensor_slices(([1, 2], [1, 2, 3])),
    "slices_of_text": lambda tf: list(D(tf).from_tensor_slices(["a", "b"]).as_numpy_iterator()),
    "slices_of_a_variable": lambda tf: both(D(tf).from_tensor_slices(tf.Variable([1.0, 2.0]))),
    "tensors": lambda tf: both(D(tf).from_tensors(([1.0, 2.0], {"a": 3}))),
    "range": lambda tf: both(D(tf).range(3)),
    "range_of_two": lambda tf: both(D(tf).range(2, 5)),
    "range_of_three": lambda tf: both(D(tf).range(5, 1, -2)),
    "range_empty": lambda tf: both(D(tf).range(5, 1)),
    "range_of_floats": lambda tf: both(D(tf).range(3, output_type=tf.float32)),
    "range_of_none": lambda tf: D(tf).range(),
    "counter": lambda tf: both(D(tf).counter(5, 2).take(3)),
    "generator": lambda tf: both(
        D(tf).from_generator(
            lambda: iter([(1, [1.0]), (2, [2.0, 3.0])]),
            output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec([None], tf.float32)),
        )
    ),
    "generator_of_types": lambda tf: both(D(tf).from_generator(lambda: iter([1, 2]), tf.int32)),
    "generator_of_shapes": lambda tf: both(
        D(tf).from_generator(lambda: iter([(1, 2.0)]), (tf.int32, tf.float32), (tf.TensorShape([]), tf.TensorShape([])))
    ),
    "generator_with_arguments": lambda tf: both(
        D(tf).from_generator(lambda n: iter(range(n)), args=[3], output_types=tf.int64)
    ),
    "generator_of_dicts": lambda tf: both(
        D(tf).from_generator(lambda: iter([{"a": 1}]), output_signature={"a": tf.TensorSpec((), tf.float32)})
    ),
    "generator_of_another_shape": lambda tf: both(
        D(tf).from_generator(lambda: iter([[1.0, 2.0]]), output_signature=tf.TensorSpec((3,), tf.float32))
    ),
    "generator_of_another_type": lambda tf: both(
        D(tf).from_generator(lambda: iter(["a"]), output_signature=tf.TensorSpec((), tf.float32))
    ),
    "generator_not_callable": lambda tf: D(tf).from_generator(iter([1]), output_signature=tf.TensorSpec((), tf.float32)),
    "generator_without_signature": lambda tf: D(tf).from_generator(lambda: iter([1])),
    "batch": lambda tf: both(ten(tf).batch(4)),
    "batch_dropped": lambda tf: both(ten(tf).batch(4, drop_remainder=True)),
    "batch_in_parallel": lambda tf: ten(tf).batch(3, num_parallel_calls=2),
    "batch_of_pairs": lambda tf: both(D(tf).from_tensor_slices(([1, 2, 3], [[1.0], [2.0], [3.0]])).batch(2)),
    "batch_of_text": lambda tf: both(D(tf).from_tensor_slices(["a", "b", "c"]).map(lambda s: s).batch(2)),
    "batch_of_batches": lambda tf: both(ten(tf).batch(2).batch(3)),
    "batch_of_none": lambda tf: ten(tf).batch(0),
    "batch_of_unequal": lambda tf: both(lengths(tf).batch(2)),
    "padded_batch": lambda tf: both(lengths(tf).padded_batch(3)),
    "padded_batch_wide": lambda tf: both(lengths(tf).padded_batch(2, padded_shapes=(5,))),
    "padded_batch_filled": lambda tf: both(
        lengths(tf).padded_batch(3, padded_shapes=[None], padding_values=tf.constant(-1, tf.int64), drop_remainder=True)
    ),
    "padded_batch_of_pairs": lambda tf: both(
        lengths(tf).map(lambda x: (x, tf.size(x))).padded_batch(2, padded_shapes=([None], []))
    ),
    "padded_batch_narrow": lambda tf: both(lengths(tf).padded_batch(2, padded_shapes=(2,))),
    "padded_batch_of_another_type": lambda tf: lengths(tf).padded_batch(2, padding_values=0),
    "unbatch": lambda tf: both(ten(tf).batch(4).unbatch()),
    "unbatch_known": lambda tf: ten(tf).batch(5, drop_remainder=True).unbatch(),
    "rebatch": lambda tf: both(ten(tf).batch(4).rebatch(3)),
    "rebatch_in_turn": lambda tf: both(ten(tf).batch(4).rebatch([1, 2])),
    "window": lambda tf: both(ten(tf).window(4, shift=3, stride=2)),
    "window_dropped": lambda tf: both(ten(tf).window(4, shift=2, drop_remainder=True)),
    "window_of_pairs": lambda tf: both(D(tf).zip((ten(tf), ten(tf))).window(5)),
    "window_with_gaps": lambda tf: both(ten(tf).window(2, shift=4)),
    "window_flattened": lambda tf: both(ten(tf).window(3, shift=2, drop_remainder=True).flat_map(lambda w: w.batch(3))),
    "map": lambda tf: both(ten(tf).take(3).map(lambda x: x + 1)),
    "map_in_parallel": lambda tf: both(ten(tf).take(2).map(lambda x: (x, {"k": x}), num_parallel_calls=tf.data.AUTOTUNE)),
    "map_of_pairs": lambda tf: both(D(tf).zip((ten(tf), ten(tf))).take(2).map(lambda x, y: x * y)),
    "map_of_a_dict": lambda tf: both(D(tf).from_tensor_slices({"a": [1, 2]}).map(lambda d: {"b": d["a"] * 2, "c": 0.5})),
    "map_to_a_list": lambda tf: both(ten(tf).take(1).map(lambda x: [x, x])),
    "map_to_a_number": lambda tf: both(ten(tf).take(1).map(lambda x: 1.5)),
    "map_with_choice": lambda tf: both(ten(tf).take(4).map(lambda x: x if x % 2 == 0 else -x)),
    "map_of_batches": lambda tf: both(ten(tf).batch(4).map(lambda x: tf.reduce_sum(x))),
    "map_with_too_few": lambda tf: ten(tf).map(lambda x, y: x),
    "map_of_dtypes_that_differ": lambda tf: ten(tf).map(lambda x: x + tf.constant(1.0)),
    "map_is_traced_once": traces_of_map,
    "map_reads_variables": variable_in_map,
    "filter": lambda tf: both(ten(tf).filter(lambda x: x % 3 == 0)),
    "filter_of_pairs": lambda tf: both(D(tf).zip((ten(tf), ten(tf))).filter(lambda x, y: x + y > 14)),
    "filter_by_a_number": lambda tf: ten(tf).filter(lambda x: x),
    "take_while": lambda tf: both(ten(tf).take_while(lambda x: x < 3)),
    "take": lambda tf: both(ten(tf).take(2)),
    "take_more": lambda tf: both(ten(tf).take(20)),
    "take_all": lambda tf: both(ten(tf).take(-1)),
    "skip": lambda tf: both(ten(tf).skip(8)),
    "skip_all": lambda tf: both(ten(tf).skip(-1)),
    "shard": lambda tf: both(ten(tf).shard(3, 1)),
    "shard_beyond": lambda tf: ten(tf).shard(2, 2),
    "repeat": lambda tf: both(D(tf).range(2).repeat(3)),
    "repeat_none": lambda tf: both(ten(tf).repeat(0)),
    "repeat_for_ever": lambda tf: [ten(tf).repeat(), elements(ten(tf).repeat().take(12))],
    "repeat_minus_one": lambda tf: ten(tf).repeat(-1),
    "repeat_nothing": lambda tf: both(D(tf).range(0).repeat()),
    "prefetch": lambda tf: both(D(tf).range(2).prefetch(tf.data.AUTOTUNE)),
    "cache": lambda tf: both(D(tf).range(2).cache()),
    "cache_reads_once": reads_cache_once,
    "enumerate": lambda tf: both(D(tf).from_tensor_slices([1.5, 2.5]).enumerate(start=5)),
    "zip": lambda tf: both(D(tf).zip((ten(tf), D(tf).range(3)))),
    "zip_of_three": lambda tf: both(D(tf).zip(ten(tf), ten(tf), ten(tf).take(1))),
    "zip_of_a_dict": lambda tf: both(D(tf).zip({"b": D(tf).range(2), "a": (D(tf).range(5, 7), D(tf).range(2))})),
    "zip_of_a_list": lambda tf: D(tf).zip([ten(tf), ten(tf)]),
    "concatenate": lambda tf: both(D(tf).range(2).concatenate(D(tf).range(5, 7))),
    "concatenate_shapes": lambda tf: both(D(tf).range(2).batch(2, True).concatenate(D(tf).range(3).batch(3, True))),
    "concatenate_of_dtypes": lambda tf: ten(tf).concatenate(D(tf).from_tensor_slices([1.0])),
    "interleave": lambda tf: both(
        ten(tf).take(5).interleave(lambda x: D(tf).from_tensors(x).repeat(3), cycle_length=2, block_length=2)
    ),
    "flat_map": lambda tf: both(D(tf).range(4).flat_map(lambda n: D(tf).range(n))),
    "reduce": lambda tf: ten(tf).reduce(np.int64(0), lambda s, x: s + x),
    "reduce_of_pairs": lambda tf: (
        D(tf).zip((ten(tf), ten(tf))).reduce((np.int64(0), 0.0), lambda s, x: (s[0] + x[0], s[1] + 1.0))
    ),
    "scan": lambda tf: both(D(tf).range(5).scan(tf.constant(0, tf.int64), lambda s, x: (s + x, s + x))),
    "unique": lambda tf: both(D(tf).from_tensor_slices([1, 2, 1, 3]).unique()),
    "apply": lambda tf: both(ten(tf).apply(lambda d: d.take(2))),
    "single": lambda tf: D(tf).range(1).get_single_element(),
    "single_of_many": lambda tf: ten(tf).get_single_element(),
    "length": lambda tf: [len(ten(tf).batch(3)), bool(D(tf).range(0))],
    "length_infinite": lambda tf: len(ten(tf).repeat()),
    "length_unknown": lambda tf: len(ten(tf).filter(lambda x: x > 2)),
    "next": lambda tf: next(iter(ten(tf))),
    "after_the_end": after_the_end,
    "spec_of_an_iterator": lambda tf: iter(ten(tf)).element_spec,
    "constants": lambda tf: [tf.data.AUTOTUNE, tf.data.INFINITE_CARDINALITY, tf.data.UNKNOWN_CARDINALITY],
    "experimental": lambda tf: [tf.data.experimental.AUTOTUNE, tf.data.experimental.cardinality(ten(tf))],
    "in_a_function": in_function,
    "shuffle": lambda tf: [ten(tf).shuffle(3), thrice(seeded(tf, 3).range(10).shuffle(3, seed=7))],
    "shuffle_all": lambda tf: thrice(seeded(tf, 3).range(10).shuffle(10, seed=7)),
    "shuffle_more": lambda tf: thrice(seeded(tf, 3).range(10).shuffle(20, seed=7)),
    "shuffle_once": lambda tf: thrice(seeded(tf, 3).range(10).shuffle(6, seed=7, reshuffle_each_iteration=False)),
    "shuffle_without_seed": lambda tf: thrice(seeded(tf, 5).range(10).shuffle(10)),
    "shuffle_two": lambda tf: [thrice(d) for d in [seeded(tf, 5).range(6).shuffle(6), D(tf).range(6).shuffle(6)]],
    "shuffle_and_repeat": lambda tf: thrice(seeded(tf, 5).range(6).shuffle(6, seed=3).repeat(3)),
    "repeat_and_shuffle": lambda tf: thrice(seeded(tf, 5).range(6).repeat(3).shuffle(4, seed=3)),
    "shuffle_once_and_repeat": lambda tf: thrice(
        seeded(tf, 5).range(6).shuffle(4, seed=3, reshuffle_each_iteration=False).repeat(2)
    ),
    "shuffle_batches": lambda tf: elements(
        seeded(tf, 1).from_tensor_slices((np.arange(8.0), np.arange(8))).shuffle(8, seed=2).batch(3).repeat(2)
    ),
    "shuffle_many": lambda tf: thrice(seeded(tf, 2).range(300).shuffle(100, seed=1)),
    "shuffle_none": lambda tf: elements(ten(tf).shuffle(0)),
}
