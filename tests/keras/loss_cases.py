"""What the losses and metrics are tried on, here and under Keras: `record_keras_losses.py` records the expected values."""

from __future__ import annotations

import numpy as np

rng = np.random.RandomState(3)
NUMBERS = rng.normal(0, 1.5, (4, 3)).astype("float32"), rng.normal(0, 1.5, (4, 3)).astype("float32")
POSITIVE = np.abs(NUMBERS[0]), np.abs(NUMBERS[1]) + 0.1
LABELS = np.array([1, 0, 2, 2], "int32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
BINARY = rng.randint(0, 2, (4, 3)).astype("float32")
PROBABILITIES = rng.uniform(0.05, 0.95, (4, 3)).astype("float32")
DISTRIBUTIONS = PROBABILITIES / PROBABILITIES.sum(1, keepdims=True)
LOGITS = rng.normal(0, 3, (4, 3)).astype("float32")
EXTREME = np.array([[1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0], [-1000.0, 5.0, 1000.0], [1e-3, 60.0, -60.0]], "float32")
SURE = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]], "float32")
WEIGHTS = np.array([0.5, 2.0, 0.0, 1.0], "float32")
MATRIX_3D = rng.normal(0, 1, (2, 4, 3)).astype("float32"), rng.normal(0, 1, (2, 4, 3)).astype("float32")

# (class, its arguments, labels, predictions)
LOSSES = [
    *((name, {}, *NUMBERS) for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCosh")),
    *((name, {}, *MATRIX_3D) for name in ("MeanSquaredError", "CosineSimilarity", "Hinge")),
    ("MeanSquaredError", {}, NUMBERS[0][:, 0], NUMBERS[1][:, :1]),
    ("MeanSquaredError", {}, NUMBERS[0][:, :1], NUMBERS[1][:, 0]),
    ("MeanSquaredError", {}, NUMBERS[0][:, 0], NUMBERS[1][:, 0]),
    ("MeanSquaredLogarithmicError", {}, *POSITIVE),
    ("Huber", {}, *NUMBERS),
    ("Huber", {"delta": 0.4}, *NUMBERS),
    ("Poisson", {}, *POSITIVE),
    ("CosineSimilarity", {}, *NUMBERS),
    ("CosineSimilarity", {"axis": 0}, *NUMBERS),
    ("Hinge", {}, BINARY, NUMBERS[1]),
    ("Hinge", {}, 2 * BINARY - 1, NUMBERS[1]),
    ("SquaredHinge", {}, BINARY, NUMBERS[1]),
    ("CategoricalHinge", {}, ONE_HOT, NUMBERS[1]),
    ("KLDivergence", {}, DISTRIBUTIONS[::-1], DISTRIBUTIONS),
    ("KLDivergence", {}, ONE_HOT, DISTRIBUTIONS),
    ("BinaryCrossentropy", {}, BINARY, PROBABILITIES),
    ("BinaryCrossentropy", {}, BINARY, SURE),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, BINARY, PROBABILITIES),
    ("BinaryCrossentropy", {"from_logits": True}, BINARY, LOGITS),
    ("BinaryCrossentropy", {"from_logits": True}, BINARY, EXTREME),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1, "axis": 0}, BINARY, LOGITS),
    ("BinaryFocalCrossentropy", {}, BINARY, PROBABILITIES),
    ("BinaryFocalCrossentropy", {"from_logits": True, "gamma": 3.0}, BINARY, LOGITS),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.6}, BINARY, PROBABILITIES),
    ("CategoricalCrossentropy", {}, ONE_HOT, DISTRIBUTIONS),
    ("CategoricalCrossentropy", {}, ONE_HOT, 2 * PROBABILITIES),
    ("CategoricalCrossentropy", {}, ONE_HOT, SURE),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, EXTREME),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.3}, ONE_HOT, LOGITS),
    ("SparseCategoricalCrossentropy", {}, LABELS, DISTRIBUTIONS),
    ("SparseCategoricalCrossentropy", {}, LABELS, 2 * PROBABILITIES),
    ("SparseCategoricalCrossentropy", {}, LABELS[:, None], SURE),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS[:, None], EXTREME),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}, LABELS, LOGITS),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": -1}, np.array([1, -1, 0, -1]), LOGITS),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, np.array([LABELS, LABELS[::-1]]), MATRIX_3D[0]),
]
REDUCTIONS = ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"]

# (class, its arguments, updates: the arguments of update_state)
METRICS = [
    ("Mean", {}, [(1.0,), ([2.0, 4.0],), ([[1.0, 2.0], [3.0, 4.0]], [1.0, 3.0]), (5.0, 0.0)]),
    ("Mean", {}, [(NUMBERS[0],), (NUMBERS[1], WEIGHTS), (NUMBERS[0], NUMBERS[1]), (MATRIX_3D[0], 2.0)]),
    (
        "Mean",
        {},
        [(MATRIX_3D[0],), (MATRIX_3D[1], WEIGHTS[:2]), (MATRIX_3D[1], MATRIX_3D[0][:, :, 0]), (WEIGHTS, WEIGHTS[:, None])],
    ),
    ("Sum", {}, [(NUMBERS[0],), (NUMBERS[1], WEIGHTS), (MATRIX_3D[1], MATRIX_3D[0][:, :, 0])]),
    ("Sum", {}, [(1.0,), ([2.0, 4.0],), ([1.0, 2.0], [1.0, 3.0])]),
    ("MeanSquaredError", {}, [NUMBERS, (*NUMBERS, WEIGHTS)]),
    ("RootMeanSquaredError", {}, [NUMBERS, (*NUMBERS, WEIGHTS[:, None])]),
    ("MeanAbsoluteError", {}, [NUMBERS, (*NUMBERS, WEIGHTS)]),
    ("MeanAbsolutePercentageError", {}, [NUMBERS]),
    ("Accuracy", {}, [([1, 2, 3], [1, 2, 4]), ([1, 2], [1, 3], [3.0, 1.0])]),
    ("BinaryAccuracy", {}, [(BINARY, PROBABILITIES), (BINARY, PROBABILITIES, WEIGHTS)]),
    ("BinaryAccuracy", {"threshold": 0.7}, [(BINARY, PROBABILITIES)]),
    ("CategoricalAccuracy", {}, [(ONE_HOT, PROBABILITIES), (ONE_HOT, LOGITS, WEIGHTS)]),
    ("SparseCategoricalAccuracy", {}, [(LABELS, PROBABILITIES), (LABELS[:, None], LOGITS, WEIGHTS)]),
    ("TopKCategoricalAccuracy", {"k": 2}, [(ONE_HOT, PROBABILITIES)]),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, [(LABELS, PROBABILITIES), (LABELS, LOGITS)]),
    ("BinaryCrossentropy", {}, [(BINARY, PROBABILITIES), (BINARY, PROBABILITIES, WEIGHTS)]),
    ("CategoricalCrossentropy", {"from_logits": True}, [(ONE_HOT, LOGITS)]),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, [(LABELS, LOGITS), (LABELS, LOGITS, WEIGHTS)]),
    ("KLDivergence", {}, [(DISTRIBUTIONS[::-1], DISTRIBUTIONS)]),
    ("CosineSimilarity", {}, [NUMBERS]),
    ("Hinge", {}, [(BINARY, NUMBERS[1])]),
    ("Precision", {}, [(BINARY, PROBABILITIES), (BINARY, PROBABILITIES, WEIGHTS[:, None])]),
    ("Recall", {"thresholds": 0.3}, [(BINARY, PROBABILITIES), (BINARY, PROBABILITIES)]),
]
