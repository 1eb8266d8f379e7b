"""Cross-entropies and other losses."""

import numpy as np

from tests.gradient.case import Case, array


def sparse(tf, labels, logits):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def dense(tf, labels, logits):
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def shares(*shape):
    """Labels: positive, and 1 in sum, which TensorFlow's slope by the logits counts on."""
    x = np.exp(array(*shape))
    return x / x.sum(-1, keepdims=True)


def normalized(tf, labels, logits):
    """Labels that stay shares when they are varied, so that central differences can judge."""
    return dense(tf, tf.nn.softmax(labels), logits)


EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0], [50.0, 40.0, -30.0]])
INFINITE = np.array([[0.0, -np.inf, 1.0], [np.inf, 0.0, 1.0], [np.nan, 0.0, 1.0]])
FAR = np.array([-1000.0, -50.0, 1e-3, 50.0, 1000.0, 1000.0])
TRUTHS = np.array([1.0, 0.0, 0.25, 1.0, 1.0, 0.0])
# TensorFlow leaves out how the gradient by the logits depends on the labels.
MIXED = {"second": False}
sigmoid = lambda tf, z, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)
weighted = lambda tf, z, x, w: tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=w)

CASES = [
    Case("sparse", sparse, np.array([0, 2, 1, 2]), array(4, 3)),
    Case("sparse_wide", sparse, np.array([0, 19]), array(2, 20)),
    Case("sparse_transposed", lambda tf, z, x: sparse(tf, z, tf.transpose(x)), np.array([0, 2]), array(3, 2)),
    Case("dense_transposed", lambda tf, x: dense(tf, tf.constant([[0.25] * 4], x.dtype), tf.transpose(x)), array(4, 3)),
    Case("sparse_int32", sparse, np.array([1, 0], np.int32), array(2, 3)),
    Case("sparse_one_example", sparse, np.array(1), array(3)),
    Case("sparse_batches", sparse, np.array([[0, 2, 1], [1, 1, 0]]), array(2, 3, 4)),
    Case("sparse_one_class", sparse, np.array([0, 0]), array(2, 1)),
    Case("sparse_empty", sparse, np.zeros(0, np.int64), array(0, 3)),
    Case("sparse_extreme", sparse, np.array([1, 1, 0]), EXTREME, numeric=False),
    Case("sparse_infinite", sparse, np.array([0, 0, 1]), INFINITE, numeric=False),
    Case("dense_logits", lambda tf, x: dense(tf, tf.constant(np.eye(3, 4), x.dtype), x), array(3, 4)),
    Case("dense", dense, shares(3, 4), array(3, 4), numeric=False, **MIXED),
    Case("dense_normalized", normalized, array(3, 4), array(3, 4), **MIXED),
    Case("dense_wide", dense, shares(2, 20), array(2, 20), numeric=False, **MIXED),
    Case("dense_one_example", normalized, array(4), array(4), **MIXED),
    Case("dense_batches", normalized, array(2, 3, 4), array(2, 3, 4), **MIXED),
    Case("dense_broadcast_labels", lambda tf, x: dense(tf, tf.constant([[0.25] * 4], x.dtype), x), array(3, 4)),
    Case(
        "dense_axis",
        lambda tf, z, x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(z, axis=0), x, axis=0),
        array(3, 2),
        array(3, 2),
        **MIXED,
    ),
    Case("dense_empty", dense, array(0, 3), array(0, 3)),
    Case("dense_extreme", lambda tf, x: dense(tf, tf.eye(3, dtype=x.dtype), x), EXTREME, numeric=False),
    Case("dense_infinite", lambda tf, x: dense(tf, tf.eye(3, dtype=x.dtype), x), INFINITE, numeric=False),
    Case("dense_not_shares", dense, np.array([[1.0, 2.0, 0.5]]), array(1, 3), numeric=False, **MIXED),
    Case("sigmoid", sigmoid, array(2, 3), array(2, 3)),
    Case("sigmoid_scalar", sigmoid, array(), array()),
    Case("sigmoid_empty", sigmoid, array(0), array(0)),
    Case("sigmoid_extreme", sigmoid, TRUTHS, FAR, numeric=False),
    Case("weighted", weighted, array(2, 3), array(2, 3), array(3)),
    Case("weighted_scalar_weight", weighted, array(2, 3), array(2, 3), array()),
    Case("weighted_extreme", weighted, TRUTHS, FAR, np.array(2.5), numeric=False),
    Case("log_poisson", lambda tf, t, c: tf.nn.log_poisson_loss(t, c), array(4), array(4)),
    Case(
        "log_poisson_full",
        lambda tf, t, c: tf.nn.log_poisson_loss(t, c, compute_full_loss=True),
        np.array([0.5, 1.5, 4.0, 9.0]),
        array(4),
    ),
    Case("l2_loss", lambda tf, x: tf.nn.l2_loss(x), array(2, 3)),
    Case("l2_loss_scalar", lambda tf, x: tf.nn.l2_loss(x), array()),
    Case("l2_loss_empty", lambda tf, x: tf.nn.l2_loss(x), array(0, 3)),
    Case("average_loss", lambda tf, x: tf.nn.compute_average_loss(x), array(4)),
    Case(
        "average_loss_weighted",
        lambda tf, x, w: tf.nn.compute_average_loss(x, sample_weight=w, global_batch_size=8),
        array(4),
        array(4),
        rtol=1e-6,  # TensorFlow casts the weights to float32
    ),
]
