"""Layers with arguments and inputs: the same table is run under Keras to record what they give, and here."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A layer, what it is constructed with, the shapes of its inputs, and further arguments of its call."""

    label: str
    layer: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    shapes: Any = ((4, 3),)
    call: Mapping[str, Any] = MappingProxyType({})
    as_list: bool = False
    integers: int | None = None  # inputs are integers below this


def array(shape, seed, low=-1.5, high=1.5):
    return np.random.RandomState(seed).uniform(low, high, shape).astype("float32")


def inputs(case):
    """The inputs of a case, in the structure that its layer is called with."""
    seed = zlib.crc32(case.label.encode()) % 10_000
    if case.integers is not None:
        found = [np.random.RandomState(seed + i).randint(0, case.integers, s) for i, s in enumerate(case.shapes)]
    else:
        found = [array(shape, seed + i) for i, shape in enumerate(case.shapes)]
    return found if case.as_list else found[0] if len(found) == 1 else tuple(found)


def weight(name, shape, i):
    """A value for the i-th weight of a layer."""
    return array(shape, 100 + i, 0.5, 2.0) if "variance" in name else array(shape, 100 + i)


CASES = [
    Case("dense", "Dense", {"units": 5}),
    Case("dense_activation", "Dense", {"units": 5, "activation": "tanh"}),
    Case("dense_no_bias", "Dense", {"units": 2, "use_bias": False, "activation": "relu"}),
    Case("dense_rank_3", "Dense", {"units": 2}, ((2, 3, 4),)),
    Case("dense_rank_4", "Dense", {"units": 3, "activation": "softmax"}, ((2, 3, 2, 4),)),
    Case("dense_regularized", "Dense", {"units": 2, "kernel_regularizer": "l2", "bias_regularizer": "l1"}),
    Case("activity_regularized", "Dense", {"units": 2, "activity_regularizer": "l2"}),
    Case("activity_regularization", "ActivityRegularization", {"l1": 0.1, "l2": 0.2}),
    Case("identity", "Identity"),
    Case("activation_relu", "Activation", {"activation": "relu"}),
    Case("activation_swish", "Activation", {"activation": "swish"}),
    Case("relu", "ReLU"),
    Case("relu_all", "ReLU", {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.3}),
    Case("leaky_relu", "LeakyReLU"),
    Case("prelu", "PReLU", {}, ((2, 3, 4),)),
    Case("prelu_shared", "PReLU", {"shared_axes": [1]}, ((2, 3, 4),)),
    Case("elu", "ELU", {"alpha": 0.7}),
    Case("softmax", "Softmax"),
    Case("softmax_axes", "Softmax", {"axis": [1, 2]}, ((2, 3, 4),)),
    Case("flatten", "Flatten", {}, ((2, 3, 4),)),
    Case("flatten_channels_first", "Flatten", {"data_format": "channels_first"}, ((2, 3, 4),)),
    Case("flatten_vector", "Flatten", {}, ((4,),)),
    Case("reshape", "Reshape", {"target_shape": (2, -1)}, ((3, 4),)),
    Case("permute", "Permute", {"dims": (2, 1)}, ((2, 3, 4),)),
    Case("repeat_vector", "RepeatVector", {"n": 3}),
    Case("dropout_training", "Dropout", {"rate": 0.4, "seed": 11}, ((4, 6),), {"training": True}),
    Case("dropout_shape", "Dropout", {"rate": 0.5, "noise_shape": (None, 1), "seed": 5}, ((4, 6),), {"training": True}),
    Case("dropout", "Dropout", {"rate": 0.4}),
]
BY_LABEL = {case.label: case for case in CASES}
