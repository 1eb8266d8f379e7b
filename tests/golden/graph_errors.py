"""Calls that TensorFlow refuses inside a `tf.function`: some while it is traced, others when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Call = tuple[Callable[..., Any], ...]

# name: (a function of the module and of tensors that are known only when it runs, functions that make these)
CALLS: dict[str, Call] = {}


def call(name: str, function: Callable[..., Any], *arguments: Callable[[Any], Any]) -> None:
    """Enters a call."""
    CALLS[name] = (function, *arguments)


def ones(*shape: int, dtype: str = "float32") -> Callable[[Any], Any]:
    """An argument: ones."""
    return lambda tf: tf.ones(shape, dtype)


def value(given: Any, dtype: str | None = None) -> Callable[[Any], Any]:
    """An argument: a constant."""
    return lambda tf: tf.constant(given, dtype)


call("add: shapes", lambda tf, x, y: x + y, ones(2, 3), ones(4))
call("add: dtypes", lambda tf, x, y: x + y, ones(2), ones(2, dtype="int32"))
call("divide: dtypes", lambda tf, x, y: x / y, ones(2), ones(2, dtype="int32"))
call("exp: dtype", lambda tf, x: tf.exp(x), ones(2, dtype="int32"))
call("logical_and: dtype", lambda tf, x: tf.logical_and(x, x), ones(2))
call("where: shapes", lambda tf, x, y: tf.where(x > 0.0, x, y), ones(2, 3), ones(4))
call("where: dtypes", lambda tf, x, y: tf.where(x > 0.0, x, y), ones(2), ones(2, dtype="int32"))
call("matmul: shapes", lambda tf, x, y: tf.matmul(x, y), ones(2, 3), ones(4, 5))
call("matmul: ranks", lambda tf, x, y: tf.matmul(x, y), ones(3), ones(3, 5))
call("matmul: dtypes", lambda tf, x, y: tf.matmul(x, y), ones(2, 2), ones(2, 2, dtype="float64"))
call("einsum: shapes", lambda tf, x, y: tf.einsum("ij,jk->ik", x, y), ones(2, 3), ones(2, 4))
call("reduce_sum: axis", lambda tf, x: tf.reduce_sum(x, 4), ones(2, 3))
call("reduce_sum: dtype", lambda tf, x: tf.reduce_sum(x), value("a"))
call("concat: ranks", lambda tf, x, y: tf.concat([x, y], 0), ones(2, 3), ones(4))
call("concat: dtypes", lambda tf, x, y: tf.concat([x, y], 0), ones(2), ones(2, dtype="int32"))
call("concat: axis", lambda tf, x: tf.concat([x, x], 3), ones(2, 3))
call("stack: shapes", lambda tf, x, y: tf.stack([x, y]), ones(2, 3), ones(4))
call("split: sizes", lambda tf, x: tf.split(x, 3), ones(2, 2))
call("reshape: size", lambda tf, x: tf.reshape(x, [4]), ones(2, 3))
call("squeeze: size", lambda tf, x: tf.squeeze(x, [0]), ones(2, 3))
call("expand_dims: axis", lambda tf, x: tf.expand_dims(x, 5), ones(2, 3))
call("broadcast_to: shape", lambda tf, x: tf.broadcast_to(x, [2, 2]), ones(2, 3))
call("tile: length", lambda tf, x: tf.tile(x, [1]), ones(2, 2))
call("pad: length", lambda tf, x: tf.pad(x, [[1, 1]]), ones(2, 2))
call("transpose: permutation", lambda tf, x: tf.transpose(x, [0, 0]), ones(2, 3))
call("cumsum: axis", lambda tf, x: tf.cumsum(x, 3), ones(2, 2))
call("roll: axis", lambda tf, x: tf.roll(x, 1, 3), ones(2, 2))
call("index: range", lambda tf, x: x[5], ones(2, 3))
call("index: number", lambda tf, x: x[0, 0, 0], ones(2, 3))
call("index: range, known later", lambda tf, x, i: x[i], ones(2, 3), value(5))
call("gather: axis", lambda tf, x: tf.gather(x, [0], axis=5), ones(2, 3))
call("gather: range", lambda tf, x: tf.gather(x, [7]), ones(2, 3))
call("gather: range, known later", lambda tf, x, i: tf.gather(x, i), ones(2, 3), value([7]))
call("one_hot: depth", lambda tf, i: tf.one_hot(i, -1), value([1]))
call("top_k: k", lambda tf, x: tf.math.top_k(x, 5), ones(3))
call("conv2d: channels", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME"), ones(2, 3, 3, 2), ones(2, 2, 3, 4))
call("bias_add: sizes", lambda tf, x, b: tf.nn.bias_add(x, b), ones(3, 3), ones(2))
call("softmax_cross_entropy: shapes", lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits(x, y), ones(2, 3), ones(2, 4))
call(
    "sparse_softmax_cross_entropy: shapes",
    lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(y, x),
    value([1, 0, 1]),
    ones(2, 4),
)
call(
    "sparse_softmax_cross_entropy: label",
    lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(y, x),
    value([1, 9]),
    ones(2, 4),
)
call("inv: shape", lambda tf, x: tf.linalg.inv(x), ones(2, 3))
call("inv: singular", lambda tf, x: tf.linalg.inv(x), ones(2, 2))
call("unsorted_segment_sum: range", lambda tf, x, i: tf.math.unsorted_segment_sum(x, i, 2), ones(2), value([0, 2]))
call("ensure_shape", lambda tf, x: tf.ensure_shape(x, [3]), ones(2))
call("assert_equal", lambda tf, x: tf.debugging.assert_equal(x, 2.0), ones(2))
call("assert_equal: shapes", lambda tf, x: tf.debugging.assert_equal(x, [1.0, 1.0, 1.0]), ones(2))
call("assert_equal: dtypes", lambda tf, x: tf.debugging.assert_equal(x, tf.constant([1, 1])), ones(2, dtype="int64"))
call("assert_rank", lambda tf, x: tf.debugging.assert_rank(x, 2), ones(2))
call("assert_positive", lambda tf, x: tf.debugging.assert_positive(-x), ones(2))
call("check_numerics", lambda tf, x: tf.debugging.check_numerics(x / 0.0, ""), ones(2))
call("check_numerics: dtype", lambda tf, x: tf.debugging.check_numerics(x, ""), ones(2, dtype="int32"))
call("random.uniform: shape", lambda tf: tf.random.uniform([-1]))
call("random.uniform: bounds", lambda tf, n: tf.random.uniform([2], 3, n, tf.int32), value(3))
call("random.stateless_uniform: seed", lambda tf, s: tf.random.stateless_uniform([2], s), value([1, 2, 3]))
call("py_function: error", lambda tf, x: tf.py_function(lambda a: {}[a], [x], tf.float32), ones())
call("numpy_function: error", lambda tf, x: tf.numpy_function(lambda a: int("no"), [x], tf.float32), ones())
call("constants: shapes", lambda tf: tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0]))
call("bool", lambda tf, x: 1 if x else 2, value(True))
call("iter", lambda tf, x: list(x), ones(2))
call("numpy", lambda tf, x: x.numpy(), ones(2))
