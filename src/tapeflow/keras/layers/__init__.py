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
from tapeflow.keras.layers.attention_layers import Attention, MultiHeadAttention
from tapeflow.keras.layers.convolution_layers import Conv1D, Conv2D, Conv3D
from tapeflow.keras.layers.dense import Dense
from tapeflow.keras.layers.dropout_layers import Dropout, GaussianDropout, GaussianNoise, SpatialDropout1D, SpatialDropout2D
from tapeflow.keras.layers.embedding_layer import Embedding
from tapeflow.keras.layers.input_layer import Input, InputLayer
from tapeflow.keras.layers.lambda_layer import Lambda
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.merging_layers import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from tapeflow.keras.layers.normalization_layers import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    UnitNormalization,
)
from tapeflow.keras.layers.other_convolutions import Conv1DTranspose, Conv2DTranspose, DepthwiseConv2D
from tapeflow.keras.layers.padding_layers import (
    Cropping1D,
    Cropping2D,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from tapeflow.keras.layers.pooling_layers import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from tapeflow.keras.layers.recurrent_cells import GRUCell, LSTMCell, SimpleRNNCell
from tapeflow.keras.layers.recurrent_layers import GRU, LSTM, RNN, SimpleRNN
from tapeflow.keras.layers.registry import deserialize, serialize
from tapeflow.keras.layers.rescaling import Rescaling
from tapeflow.keras.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from tapeflow.keras.layers.specification import InputSpec

# Keras's other names
Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "Add",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
