"""What the initializers are tried on, here and under Keras: (class, arguments, shape, dtype)."""

from __future__ import annotations

CASES = [
    ("Zeros", {}, (2, 3), "float32"),
    ("Ones", {}, (2, 3), "int32"),
    ("Constant", {"value": 2.5}, (3,), "float64"),
    ("Constant", {"value": [1.0, 2.0]}, (3, 2), "float32"),
    ("Identity", {"gain": 2.0}, (2, 3), "float32"),
    ("RandomUniform", {"seed": 5}, (3, 4), "float32"),
    ("RandomUniform", {"minval": 0, "maxval": 10, "seed": 5}, (7,), "int32"),
    ("RandomUniform", {"minval": -2.0, "maxval": 3.0, "seed": 123456789}, (7,), "float64"),
    ("RandomNormal", {"seed": 5}, (3, 4), "float32"),
    ("RandomNormal", {"mean": 1.0, "stddev": 3.0, "seed": 6}, (5,), "float64"),
    ("TruncatedNormal", {"seed": 5}, (3, 4), "float32"),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 3.0, "seed": 0}, (50,), "float32"),
    *((name, {"seed": 5}, (3, 2), "float32") for name in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal")),
    *((name, {"seed": 7}, (2, 2, 3, 4), "float32") for name in ("GlorotUniform", "HeNormal", "LecunUniform", "LecunNormal")),
    *(("GlorotUniform", {"seed": 7}, shape, "float32") for shape in ((), (3,), (2, 3, 4))),
    (
        "VarianceScaling",
        {"scale": 3.0, "mode": "fan_out", "distribution": "untruncated_normal", "seed": 2},
        (3, 4),
        "float32",
    ),
    ("VarianceScaling", {"mode": "fan_avg", "distribution": "uniform", "seed": 2}, (3, 4), "float64"),
    *(("Orthogonal", {"seed": 5, "gain": 2.0}, shape, "float32") for shape in ((3, 2), (2, 3), (2, 2, 3), (4, 4))),
]
