"""Softmax and cross-entropies: stable at any size of logits, checked against their definitions in long double."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tapeflow as tf

INF, NAN = np.inf, np.nan
INVALID = tf.errors.InvalidArgumentError
sparse = tf.nn.sparse_softmax_cross_entropy_with_logits
dense = tf.nn.softmax_cross_entropy_with_logits
sigmoid = tf.nn.sigmoid_cross_entropy_with_logits
weighted = tf.nn.weighted_cross_entropy_with_logits

logits_matrix = st.tuples(st.integers(1, 5), st.integers(1, 20)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-2000, 2000))
)


def log_softmax(x, axis=-1):
    x = np.asarray(x, np.longdouble)
    x = x - x.max(axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


# -- softmax --------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(logits_matrix, st.sampled_from([-2, -1, 0, 1]))
def test_softmax_and_its_logarithm(x, axis):
    expected = log_softmax(x, axis).astype(np.float64)
    np.testing.assert_allclose(tf.nn.log_softmax(x, axis), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(tf.nn.softmax(x, axis), np.exp(expected), rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(np.sum(tf.nn.softmax(x, axis), axis), 1.0)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_softmax_keeps_the_dtype(dtype):
    x = tf.constant([[1.0, 2.0, 60.0], [0.0, 0.0, 0.0]], dtype)
    y, z = tf.nn.softmax(x), tf.nn.log_softmax(x)
    assert y.dtype == z.dtype == dtype
    np.testing.assert_allclose(tf.cast(y, tf.float64), [[0, 0, 1], [1 / 3] * 3], atol=2e-3)
    np.testing.assert_allclose(tf.cast(z, tf.float64), [[-59, -58, 0], [-np.log(3)] * 3], rtol=4e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("logits", "shares", "logarithms"),
    [
        ([INF, 1.0], [NAN, 0.0], [NAN, NAN]),
        ([-INF, 1.0], [0.0, 1.0], [-INF, 0.0]),
        ([-INF, -INF], [NAN, NAN], [NAN, NAN]),
        ([NAN, 1.0], [NAN, NAN], [NAN, NAN]),
    ],
)
def test_softmax_of_infinities(logits, shares, logarithms):
    np.testing.assert_equal(tf.nn.log_softmax(logits).numpy(), np.float32(logarithms))
    found = tf.nn.softmax(logits).numpy()
    finite = ~np.isnan(shares)
    if not np.isposinf(logits).any():  # TensorFlow's 0 beside inf is NaN here: both say that there is no answer
        np.testing.assert_equal(found[finite], np.float32(shares)[finite])
    assert np.isnan(found[~finite]).all()


# -- labels that are classes -------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(logits_matrix, st.randoms())
def test_sparse_labels(x, random):
    labels = np.array([random.randrange(x.shape[1]) for _ in x])
    expected = -log_softmax(x)[np.arange(len(x)), labels]
    np.testing.assert_allclose(sparse(labels, x), expected.astype(np.float64), rtol=1e-12, atol=1e-12)
    one_hot = np.eye(x.shape[1])[labels]
    np.testing.assert_allclose(dense(one_hot, x), sparse(labels=labels, logits=x), rtol=1e-12, atol=1e-12)
    v = tf.Variable(x)
    with tf.GradientTape() as a:
        y = sparse(labels, v)
    with tf.GradientTape() as b:
        z = dense(one_hot, v)
    np.testing.assert_allclose(a.gradient(y, v), b.gradient(z, v), atol=1e-12)


@pytest.mark.parametrize(
    ("label", "logits", "loss"),
    [
        (0, [1000.0, -1000.0], 0.0),
        (1, [1000.0, -1000.0], 2000.0),
        (0, [-INF, 1.0], INF),
        (1, [-INF, 1.0], 0.0),
        (0, [INF, 1.0], NAN),
        (0, [NAN, 1.0], NAN),
    ],
)
def test_sparse_losses_of_extreme_logits(label, logits, loss):
    np.testing.assert_equal(float(sparse(label, logits)), loss)
    assert np.isnan(loss) or float(sparse([label], tf.constant([logits], tf.float16))[0]) == loss


def test_the_tape_keeps_one_array_of_the_size_of_the_logits_beside_them():
    import gc
    import tracemalloc

    x = tf.constant(np.zeros((1000, 1000), np.float32))
    labels = tf.constant(np.zeros(1000, np.int32))
    sparse(labels, x)  # the first large matrix loads LLVM
    gc.collect()
    tracemalloc.start()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = sparse(labels, x)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 4e6 <= kept < 4.3e6
    assert tape.gradient(y, x).shape == x.shape


def test_losses_of_batches_have_the_shape_of_the_labels():
    assert sparse([[0, 1, 2]], tf.zeros([1, 3, 4])).shape == [1, 3]
    assert sparse(0, [1.0, 2.0]).shape == []
    assert sparse(np.zeros(0, np.int64), tf.zeros([0, 3])).shape == [0]
    assert dense(tf.ones([2, 3, 4]), tf.zeros([2, 3, 4])).shape == [2, 3]
    assert dense([1.0, 0.0], [1.0, 2.0]).shape == []
    assert dense(tf.zeros([0, 3]), tf.zeros([0, 3])).shape == [0]
    np.testing.assert_array_equal(dense(tf.zeros([2, 0]), tf.zeros([2, 0])), [0.0, 0.0])


# -- labels that are probabilities ----------------------------------------------------------------------------------------


def test_dense_labels_broadcast_and_are_cast():
    x = [[1.0, 2.0], [3.0, 4.0]]
    np.testing.assert_allclose(dense([[0.0, 1.0]], x), [0.31326166] * 2, rtol=1e-6)
    np.testing.assert_allclose(dense([0, 1], x), [0.31326166] * 2, rtol=1e-6)
    np.testing.assert_allclose(dense(tf.constant([[0, 1]]), tf.constant([x[0]])), [0.31326166], rtol=1e-6)
    np.testing.assert_allclose(dense([[1.0]], tf.zeros([2, 3])), [3.295837] * 2, rtol=1e-6)
    np.testing.assert_allclose(dense([[0.0, 1.0], [0.5, 0.5]], x, axis=0), [0.06346402, 2.190392], rtol=1e-6)
    half = dense([[0.0, 1.0]], tf.constant([[1.0, 2.0]], tf.float16))
    assert half.dtype == tf.float16 and float(half[0]) == np.float16(0.31326166)


@pytest.mark.parametrize(
    ("labels", "logits", "loss"),
    [
        ([0.0, 1.0], [1e3, -1e3], 2e3),
        ([1.0, 0.0], [1.0, -INF], NAN),
        ([0.0, 1.0], [1.0, -INF], INF),
        ([0, 1], [INF, 1], NAN),
    ],
)
def test_dense_losses_of_extreme_logits(labels, logits, loss):
    np.testing.assert_equal(float(dense(labels, np.float32(logits))), loss)


# -- independent classes ------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, 7, elements=st.floats(-2000, 2000)), arrays(np.float64, 7, elements=st.floats(0, 1)), st.floats(0, 5)
)
def test_sigmoid_cross_entropies(x, z, weight):
    positive, negative = np.logaddexp(0, -x), np.logaddexp(0, x)  # -log sigmoid(x), -log(1 - sigmoid(x))
    near = {"rtol": 1e-10, "atol": 1e-9}
    np.testing.assert_allclose(sigmoid(z, x), z * positive + (1 - z) * negative, **near)
    np.testing.assert_allclose(weighted(z, x, weight), weight * z * positive + (1 - z) * negative, **near)


# -- errors ---------------------------------------------------------------------------------------------------------------------

X = [[1.0, 2.0], [3.0, 4.0]]
REFUSED = [
    (
        lambda: sparse([0, 2], X),
        INVALID,
        r"label value of 2 which is outside the valid range of \[0, 2\).*Label values: 0 2",
    ),
    (lambda: sparse([0, -1], X), INVALID, r"label value of -1 which is outside the valid range of \[0, 2\)"),
    (lambda: sparse(np.array([0, -(2**40)]), X), INVALID, "label value of -1099511627776"),
    (lambda: sparse([0, 1, 1], X), ValueError, r"labels.shape=\(3,\) and logits.shape=\(2, 2\)"),
    (lambda: sparse([[0], [1]], X), ValueError, "labels.shape.rank"),
    (lambda: sparse(0, 1.0), ValueError, "cannot be a scalar"),
    (lambda: sparse([0.0, 1.0], X), INVALID, "float32.*int32, int64"),
    (lambda: sparse(np.array([0, 1], np.uint8), X), INVALID, "uint8"),
    (lambda: sparse([True, False], X), INVALID, "bool"),
    (lambda: sparse([0, 1], [[1, 2], [3, 4]]), INVALID, "int32"),
    (lambda: sparse([0, 1], tf.zeros([2, 0])), INVALID, r"at least one class, but got logits shape \[2,0\]"),
    (lambda: sparse(None, X), ValueError, "Both `labels` and `logits` must be provided"),
    (lambda: dense([[0.0, 1.0, 2.0]], X), INVALID, r"logits_size=\[2,2\] labels_size=\[1,3\]"),
    (lambda: dense(tf.zeros([2, 3]), tf.zeros([2, 2, 3])), INVALID, r"logits_size=\[4,3\] labels_size=\[2,3\]"),
    (lambda: dense(X, X[:1]), INVALID, "labels of 2 examples"),
    (lambda: dense(1.0, 1.0), INVALID, "scalar"),
    (lambda: dense(X, X, axis=2), INVALID, r"\[-2, 2\)"),
    (lambda: dense(X[0], X, axis=0), INVALID, "ranks"),
    (lambda: dense([[1, 0]], [[1, 2]]), INVALID, "int32"),
    (lambda: dense(None, X), ValueError, "Both"),
    (lambda: sigmoid([0.0, 1.0], [[1.0], [2.0]]), ValueError, r"same shape, received \(\(2, 1\) vs \(2,\)\)"),
    (lambda: sigmoid(tf.constant([1, 0]), [1.0, 2.0]), INVALID, "int32"),
    (lambda: sigmoid(tf.constant([1.0], tf.float64), [1.0]), INVALID, "float64"),
    (lambda: sigmoid([1], [1]), INVALID, "int32"),
    (lambda: sigmoid(logits=[1.0]), ValueError, "Both"),
    (lambda: weighted([0.0, 1.0], [[1.0], [2.0]], 2.0), ValueError, "same shape"),
    (lambda: tf.nn.softmax(1.0), tf.errors.AbortedError, "scalar"),
    (lambda: tf.nn.softmax([1, 2]), INVALID, "int32"),
    (lambda: tf.nn.softmax(X, axis=2), INVALID, r"range \[-2, 2\).*dim=2"),
    (lambda: tf.nn.log_softmax(X, axis=-3), INVALID, "dim=-3"),
    (lambda: tf.nn.log_softmax(1.0), INVALID, ">= 1 dimension"),
    (lambda: tf.nn.log_softmax(["a"]), INVALID, "string"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_loss_of_a_certain_and_right_answer_keeps_its_digits():
    logits = np.array([10.0, 15.0, -12.0], np.float32)
    labels = np.array([1.0, 1.0, 0.0], np.float32)
    loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    np.testing.assert_allclose(loss, np.log1p(np.exp(-np.abs(logits.astype(float)))), rtol=1e-6)
