"""What the optimizers are tried on: the same table runs here and, to record the expected values, under Keras.

Each case trains three variables, of shapes (), (5,) and (3, 4), for 50 steps with given gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

STEPS = 50
SHAPES = ((), (5,), (3, 4))


@dataclass(frozen=True)
class Case:
    """An optimizer and how it is used.

    `make` gets `keras.optimizers`; `sparse` gives the matrix IndexedSlices as its gradient, `repeated` with a row that is
    named twice (only where Keras adds such rows up before it squares or clips them); `constrained` keeps the vector's
    elements positive; `excluded` names variables (scalar, vector, matrix) without weight decay; `finalize` ends with
    `finalize_variable_values`; `none_at` is the step at which the vector has no gradient; `rtol` is the tolerance where
    it is not that of the dtype.
    """

    name: str
    make: Callable[[Any], Any]
    dtype: str = "float32"
    sparse: bool = False
    repeated: bool = False
    constrained: bool = False
    excluded: tuple[str, ...] = ()
    finalize: bool = False
    none_at: int | None = None
    rtol: float | None = None


def initial_values(dtype: str) -> list[np.ndarray]:
    """The three variables before the first step; the vector starts with an exact zero."""
    rng = np.random.RandomState(7)
    values = [rng.uniform(-1.5, 1.5, shape) for shape in SHAPES]
    values[1][0] = 0.0
    return [np.asarray(value).astype(dtype) for value in values]


def gradients(step: int, dtype: str) -> list[np.ndarray]:
    """The gradients of a step: of sizes from 1e-3 to 10, with zeros among them."""
    rng = np.random.RandomState(1000 + step)
    scale = (1.0, 1e-3, 10.0, 0.1)[step % 4]
    found = [rng.normal(0.2, 1.0, shape) * scale for shape in SHAPES]
    found[2][step % 3] = 0.0
    return [np.asarray(value).astype(dtype) for value in found]


def slices(step: int, dtype: str, repeated: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values and indices of a sparse gradient of the matrix."""
    rng = np.random.RandomState(2000 + step)
    indices = np.array([2, step % 3, 2]) if repeated else np.array([2, step % 2])
    return rng.normal(0.2, 1.0, (len(indices), 4)).astype(dtype), indices


def common_flags(name: str, make: Callable[..., Any]) -> list[Case]:
    """An optimizer with each of the options that all of them share."""
    return [
        Case(f"{name}_weight_decay", lambda o: make(o, weight_decay=0.04)),
        Case(f"{name}_exclude", lambda o: make(o, weight_decay=0.04), excluded=("vector",)),
        Case(f"{name}_clipnorm", lambda o: make(o, clipnorm=0.5)),
        Case(f"{name}_clipvalue", lambda o: make(o, clipvalue=0.3)),
        Case(f"{name}_global_clipnorm", lambda o: make(o, global_clipnorm=0.7)),
        Case(f"{name}_ema", lambda o: make(o, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3)),
        Case(f"{name}_ema_finalize", lambda o: make(o, use_ema=True, ema_momentum=0.9), finalize=True),
        Case(f"{name}_loss_scale", lambda o: make(o, loss_scale_factor=8.0)),
        Case(f"{name}_accumulation", lambda o: make(o, gradient_accumulation_steps=4, clipnorm=1.0)),
        Case(f"{name}_schedule", lambda o: make(o, learning_rate=o.schedules.ExponentialDecay(0.1, 7, 0.5))),
        Case(
            f"{name}_accumulation_schedule_ema",
            lambda o: make(
                o,
                learning_rate=o.schedules.ExponentialDecay(0.1, 7, 0.5),
                gradient_accumulation_steps=3,
                use_ema=True,
                ema_momentum=0.8,
                ema_overwrite_frequency=4,
                weight_decay=0.01,
            ),
        ),
        Case(f"{name}_constraint", lambda o: make(o), constrained=True),
        Case(f"{name}_none", lambda o: make(o, weight_decay=0.1), none_at=5),
        Case(f"{name}_none_accumulation", lambda o: make(o, gradient_accumulation_steps=2), none_at=5),
    ]


CASES = [
    Case("sgd", lambda o: o.SGD()),
    Case("sgd_rate", lambda o: o.SGD(0.3)),
    Case("sgd_momentum", lambda o: o.SGD(0.05, momentum=0.9)),
    Case("sgd_nesterov", lambda o: o.SGD(0.05, momentum=0.9, nesterov=True)),
    Case("sgd_float64", lambda o: o.SGD(0.1), dtype="float64"),
    Case("sgd_float16", lambda o: o.SGD(0.1), dtype="float16"),
    Case("sgd_callable", lambda o: o.SGD(lambda: 0.25)),
    Case("sgd_sparse", lambda o: o.SGD(0.1), sparse=True, repeated=True),
    Case("sgd_momentum_sparse", lambda o: o.SGD(0.1, momentum=0.9), sparse=True, repeated=True),
    Case("sgd_nesterov_sparse", lambda o: o.SGD(0.1, momentum=0.9, nesterov=True), sparse=True, repeated=True),
    Case("sgd_clipvalue_sparse", lambda o: o.SGD(0.1, clipvalue=0.3), sparse=True),
    Case("sgd_clipnorm_sparse", lambda o: o.SGD(0.1, clipnorm=0.3), sparse=True),
    Case("sgd_global_clipnorm_sparse", lambda o: o.SGD(0.1, global_clipnorm=0.3), sparse=True),
    Case("sgd_accumulation_sparse", lambda o: o.SGD(0.1, gradient_accumulation_steps=2), sparse=True),
    Case("sgd_weight_decay_sparse", lambda o: o.SGD(0.1, weight_decay=0.1), sparse=True, repeated=True),
    *common_flags("sgd", lambda o, learning_rate=0.05, **flags: o.SGD(learning_rate, **flags)),
    Case("adam", lambda o: o.Adam()),
    Case("adam_rate", lambda o: o.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
    Case("adam_amsgrad", lambda o: o.Adam(0.05, amsgrad=True)),
    # Keras rounds the betas to float32 before it raises them to powers, whatever the variable's dtype.
    Case("adam_float64", lambda o: o.Adam(0.05), dtype="float64", rtol=1e-5),
    Case("adam_sparse", lambda o: o.Adam(0.05), sparse=True),
    *common_flags("adam", lambda o, learning_rate=0.05, **flags: o.Adam(learning_rate, **flags)),
    Case("muon", lambda o: o.Muon(), rtol=1e-5),
    Case("muon_rate", lambda o: o.Muon(0.1, momentum=0.5, ns_steps=3, rms_rate=0.5, adam_lr_ratio=0.5), rtol=1e-4),
    Case("muon_plain", lambda o: o.Muon(0.01, nesterov=False, weight_decay=None, adam_weight_decay=0.1), rtol=1e-4),
    Case("muon_matrix_excluded", lambda o: o.Muon(0.01, exclude_layers=["mat"]), rtol=1e-5),
    Case("muon_exclude", lambda o: o.Muon(0.01), excluded=("vector",), rtol=1e-4),
    Case("muon_clip_ema", lambda o: o.Muon(0.01, global_clipnorm=0.7, use_ema=True, ema_momentum=0.9), rtol=1e-4),
    Case("adamw", lambda o: o.AdamW()),
    Case("adamw_rate", lambda o: o.AdamW(0.1, weight_decay=0.1, amsgrad=True)),
    Case("adamw_exclude", lambda o: o.AdamW(0.1, weight_decay=0.1), excluded=("scalar", "matrix")),
    Case("adamax", lambda o: o.Adamax()),
    Case("adamax_rate", lambda o: o.Adamax(0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-2)),
    Case("adamax_sparse", lambda o: o.Adamax(0.05), sparse=True),
    Case("nadam", lambda o: o.Nadam()),
    Case("nadam_rate", lambda o: o.Nadam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
    # At step 35 the two terms of the averaged gradient all but cancel: float32 keeps fewer digits of it.
    Case("nadam_accumulation", lambda o: o.Nadam(0.1, gradient_accumulation_steps=4), rtol=3e-6),
    Case("nadam_sparse", lambda o: o.Nadam(0.05), sparse=True),
    Case("rmsprop", lambda o: o.RMSprop()),
    Case("rmsprop_rate", lambda o: o.RMSprop(0.05, rho=0.8, epsilon=1e-3)),
    Case("rmsprop_momentum", lambda o: o.RMSprop(0.01, momentum=0.9)),
    Case("rmsprop_centered", lambda o: o.RMSprop(0.01, centered=True)),
    Case("rmsprop_centered_momentum", lambda o: o.RMSprop(0.01, momentum=0.8, centered=True)),
    Case("rmsprop_sparse", lambda o: o.RMSprop(0.01), sparse=True),
    Case("adagrad", lambda o: o.Adagrad()),
    Case("adagrad_rate", lambda o: o.Adagrad(0.3, initial_accumulator_value=0.5, epsilon=1e-2)),
    Case("adagrad_sparse", lambda o: o.Adagrad(0.3), sparse=True),
    Case("adadelta", lambda o: o.Adadelta()),
    Case("adadelta_rate", lambda o: o.Adadelta(1.0, rho=0.8, epsilon=1e-4)),
    Case("adadelta_sparse", lambda o: o.Adadelta(1.0), sparse=True),
    Case("ftrl", lambda o: o.Ftrl()),
    Case("ftrl_rate", lambda o: o.Ftrl(0.3, learning_rate_power=-0.7, initial_accumulator_value=0.3)),
    Case("ftrl_power_zero", lambda o: o.Ftrl(0.1, learning_rate_power=0.0)),
    Case("ftrl_l1_l2", lambda o: o.Ftrl(0.3, l1_regularization_strength=0.05, l2_regularization_strength=0.1)),
    Case("ftrl_shrinkage_beta", lambda o: o.Ftrl(0.3, l2_shrinkage_regularization_strength=0.1, beta=0.5)),
    Case("ftrl_sparse", lambda o: o.Ftrl(0.3, l1_regularization_strength=0.01), sparse=True),
    Case("lion", lambda o: o.Lion()),
    Case("lion_rate", lambda o: o.Lion(0.05, beta_1=0.8, beta_2=0.9)),
    Case("lion_weight_decay", lambda o: o.Lion(0.05, weight_decay=0.1)),
    Case("lion_sparse", lambda o: o.Lion(0.05), sparse=True),
    Case("lamb", lambda o: o.Lamb()),
    Case("lamb_rate", lambda o: o.Lamb(0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
    Case("lamb_weight_decay", lambda o: o.Lamb(0.05, weight_decay=0.1)),
    Case("lamb_sparse", lambda o: o.Lamb(0.05), sparse=True),
    Case("adafactor", lambda o: o.Adafactor()),
    Case("adafactor_rate", lambda o: o.Adafactor(0.3, beta_2_decay=-0.6, epsilon_1=1e-20, epsilon_2=1e-2)),
    Case("adafactor_absolute", lambda o: o.Adafactor(0.02, relative_step=False, clip_threshold=0.7)),
    Case("adafactor_weight_decay", lambda o: o.Adafactor(0.02, weight_decay=0.1)),
]

# Schedules and the steps at which they are asked.
SCHEDULES = [
    ("exponential", lambda s: s.ExponentialDecay(0.1, 10, 0.5)),
    ("exponential_staircase", lambda s: s.ExponentialDecay(0.1, 10, 0.5, staircase=True)),
    ("piecewise", lambda s: s.PiecewiseConstantDecay([3, 10, 50], [1.0, 0.5, 0.1, 0.01])),
    ("piecewise_float", lambda s: s.PiecewiseConstantDecay([3.5, 10.0], [1.0, 0.5, 0.1])),
    ("polynomial", lambda s: s.PolynomialDecay(0.1, 20)),
    ("polynomial_power", lambda s: s.PolynomialDecay(0.1, 20, end_learning_rate=0.01, power=2.5)),
    ("polynomial_cycle", lambda s: s.PolynomialDecay(0.1, 20, end_learning_rate=0.01, power=0.5, cycle=True)),
    ("inverse_time", lambda s: s.InverseTimeDecay(0.1, 10, 0.5)),
    ("inverse_time_staircase", lambda s: s.InverseTimeDecay(0.1, 10, 0.5, staircase=True)),
    ("cosine", lambda s: s.CosineDecay(0.1, 50)),
    ("cosine_alpha", lambda s: s.CosineDecay(0.1, 50, alpha=0.1)),
    ("cosine_warmup", lambda s: s.CosineDecay(0.0, 50, warmup_target=0.1, warmup_steps=10)),
    ("cosine_warmup_alpha", lambda s: s.CosineDecay(0.01, 50, alpha=0.2, warmup_target=0.1, warmup_steps=10)),
    ("cosine_restarts", lambda s: s.CosineDecayRestarts(0.1, 10)),
    ("cosine_restarts_equal", lambda s: s.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.9, alpha=0.05)),
    ("cosine_restarts_slow", lambda s: s.CosineDecayRestarts(0.1, 7, t_mul=1.5, m_mul=0.8)),
]
SCHEDULE_STEPS = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    9,
    10,
    11,
    13,
    19,
    20,
    21,
    29,
    30,
    31,
    35,
    40,
    49,
    50,
    51,
    60,
    61,
    69,
    70,
    71,
    99,
    100,
    1000,
]
