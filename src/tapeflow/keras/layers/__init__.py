"""`tf.keras.layers`: functions with weights."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.layers.activation_layers import (
    ELU,
    Activation,
    ActivityRegularization,
    Identity,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)
from tapeflow.keras.layers.dense import Dense
from tapeflow.keras.layers.dropout_layers import Dropout
from tapeflow.keras.layers.input_layer import Input, InputLayer
from tapeflow.keras.layers.lambda_layer import Lambda
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.registry import deserialize, serialize
from tapeflow.keras.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from tapeflow.keras.layers.specification import InputSpec

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "Flatten",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Reshape",
    "Softmax",
    "deserialize",
    "serialize",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
