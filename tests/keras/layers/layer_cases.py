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
    Case("conv1d", "Conv1D", {"filters": 3, "kernel_size": 3, "strides": 2, "activation": "relu"}, ((2, 7, 2),)),
    Case("conv1d_causal", "Conv1D", {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, ((2, 7, 2),)),
    Case("conv2d", "Conv2D", {"filters": 3, "kernel_size": (3, 2)}, ((2, 5, 6, 2),)),
    Case("conv2d_same", "Conv2D", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, ((2, 5, 6, 3),)),
    Case("conv2d_groups", "Conv2D", {"filters": 4, "kernel_size": 2, "groups": 2, "use_bias": False}, ((1, 4, 4, 4),)),
    Case("conv2d_dilated", "Conv2D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2}, ((1, 5, 5, 2),)),
    Case("conv2d_regularized", "Conv2D", {"filters": 2, "kernel_size": 2, "kernel_regularizer": "l2"}, ((1, 3, 3, 2),)),
    Case("conv3d", "Conv3D", {"filters": 2, "kernel_size": 2}, ((1, 3, 4, 3, 2),)),
    Case("conv1d_transpose", "Conv1DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, ((2, 4, 3),)),
    Case(
        "conv2d_transpose",
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
        ((2, 3, 3, 3),),
    ),
    Case(
        "conv2d_transpose_valid", "Conv2DTranspose", {"filters": 2, "kernel_size": 3, "activation": "tanh"}, ((1, 3, 4, 2),)
    ),
    Case(
        "conv2d_transpose_output_padding",
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 0},
        ((1, 3, 4, 2),),
    ),
    Case("depthwise_conv2d", "DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, ((2, 4, 5, 3),)),
    Case("depthwise_conv2d_same", "DepthwiseConv2D", {"kernel_size": 2, "strides": 2, "padding": "same"}, ((1, 5, 5, 2),)),
    Case("max_pooling_1d", "MaxPooling1D", {}, ((2, 5, 3),)),
    Case("max_pooling_2d", "MaxPooling2D", {}, ((2, 4, 5, 3),)),
    Case("max_pooling_2d_same", "MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, ((2, 4, 5, 2),)),
    Case("max_pooling_3d", "MaxPooling3D", {}, ((1, 4, 4, 4, 2),)),
    Case("average_pooling_1d", "AveragePooling1D", {"pool_size": 2, "strides": 1}, ((2, 5, 3),)),
    Case("average_pooling_2d", "AveragePooling2D", {"pool_size": (2, 3)}, ((2, 4, 6, 2),)),
    Case("average_pooling_2d_same", "AveragePooling2D", {"pool_size": 2, "padding": "same"}, ((2, 5, 5, 2),)),
    Case("average_pooling_3d", "AveragePooling3D", {"pool_size": 2}, ((1, 4, 4, 4, 2),)),
    Case("global_max_pooling_1d", "GlobalMaxPooling1D", {}, ((2, 5, 3),)),
    Case("global_max_pooling_2d", "GlobalMaxPooling2D", {"keepdims": True}, ((2, 4, 5, 3),)),
    Case("global_max_pooling_3d", "GlobalMaxPooling3D", {}, ((2, 2, 2, 2, 3),)),
    Case("global_average_pooling_1d", "GlobalAveragePooling1D", {}, ((2, 5, 3),)),
    Case("global_average_pooling_2d", "GlobalAveragePooling2D", {"data_format": "channels_first"}, ((2, 3, 4, 5),)),
    Case("global_average_pooling_3d", "GlobalAveragePooling3D", {}, ((2, 2, 2, 2, 3),)),
    Case("zero_padding_1d", "ZeroPadding1D", {"padding": (1, 2)}, ((2, 3, 2),)),
    Case("zero_padding_2d", "ZeroPadding2D", {"padding": ((1, 0), (2, 1))}, ((1, 2, 3, 2),)),
    Case("zero_padding_2d_integer", "ZeroPadding2D", {"padding": 2, "data_format": "channels_first"}, ((1, 2, 3, 2),)),
    Case("cropping_1d", "Cropping1D", {"cropping": (1, 2)}, ((2, 5, 2),)),
    Case("cropping_2d", "Cropping2D", {"cropping": ((1, 0), (2, 1))}, ((1, 4, 5, 2),)),
    Case("up_sampling_1d", "UpSampling1D", {"size": 3}, ((2, 3, 2),)),
    Case("up_sampling_2d", "UpSampling2D", {"size": (2, 3)}, ((1, 2, 3, 2),)),
    Case("batch_normalization", "BatchNormalization", {}, ((5, 3),)),
    Case("batch_normalization_training", "BatchNormalization", {"momentum": 0.8}, ((5, 3),), {"training": True}),
    Case("batch_normalization_images", "BatchNormalization", {"scale": False}, ((2, 3, 4, 2),), {"training": True}),
    Case("batch_normalization_axis", "BatchNormalization", {"axis": 1, "center": False}, ((4, 3, 2),), {"training": True}),
    Case("batch_normalization_frozen", "BatchNormalization", {"trainable": False}, ((5, 3),), {"training": True}),
    Case("layer_normalization", "LayerNormalization", {}, ((4, 5),)),
    Case("layer_normalization_axes", "LayerNormalization", {"axis": [1, 2], "epsilon": 1e-5}, ((2, 3, 4),)),
    Case("layer_normalization_bare", "LayerNormalization", {"center": False, "scale": False}, ((2, 3, 4),)),
    Case("group_normalization", "GroupNormalization", {"groups": 2}, ((2, 3, 3, 4),)),
    Case("group_normalization_instance", "GroupNormalization", {"groups": -1}, ((2, 5, 3),)),
    Case("unit_normalization", "UnitNormalization", {"axis": 1}, ((2, 3, 4),)),
    Case("embedding", "Embedding", {"input_dim": 7, "output_dim": 3}, ((2, 4),), integers=7),
    Case(
        "embedding_regularized",
        "Embedding",
        {"input_dim": 5, "output_dim": 2, "embeddings_regularizer": "l2"},
        ((3,),),
        integers=5,
    ),
    Case("add", "Add", {}, ((2, 3), (2, 3), (2, 3)), as_list=True),
    Case("add_broadcast", "Add", {}, ((2, 3, 4), (2, 1, 4)), as_list=True),
    Case("subtract", "Subtract", {}, ((2, 3), (2, 3)), as_list=True),
    Case("multiply", "Multiply", {}, ((2, 3), (2, 3)), as_list=True),
    Case("average", "Average", {}, ((2, 3), (2, 3), (2, 3)), as_list=True),
    Case("maximum", "Maximum", {}, ((2, 3), (2, 3)), as_list=True),
    Case("minimum", "Minimum", {}, ((2, 3), (2, 3)), as_list=True),
    Case("concatenate", "Concatenate", {}, ((2, 3), (2, 1)), as_list=True),
    Case("concatenate_axis", "Concatenate", {"axis": 1}, ((2, 3, 2), (2, 1, 2)), as_list=True),
    Case("dot", "Dot", {"axes": 1}, ((2, 3), (2, 3)), as_list=True),
    Case("dot_matrices", "Dot", {"axes": (2, 1), "normalize": True}, ((2, 3, 4), (2, 4, 5)), as_list=True),
    Case("gaussian_noise", "GaussianNoise", {"stddev": 0.3, "seed": 4}, ((3, 4),), {"training": True}),
    Case("gaussian_dropout", "GaussianDropout", {"rate": 0.3, "seed": 4}, ((3, 4),), {"training": True}),
    Case("spatial_dropout_1d", "SpatialDropout1D", {"rate": 0.5, "seed": 4}, ((2, 3, 6),), {"training": True}),
    Case("spatial_dropout_2d", "SpatialDropout2D", {"rate": 0.5, "seed": 4}, ((2, 2, 3, 6),), {"training": True}),
    Case("rescaling", "Rescaling", {"scale": 0.5, "offset": 1.0}),
    Case("multi_head_attention", "MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ((2, 4, 5), (2, 3, 5))),
    Case(
        "multi_head_attention_causal",
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "value_dim": 2, "use_bias": False, "output_shape": 4},
        ((2, 4, 5), (2, 4, 5)),
        {"use_causal_mask": True, "return_attention_scores": True},
    ),
    Case("attention", "Attention", {}, ((2, 3, 4), (2, 5, 4)), as_list=True),
    Case("attention_scaled", "Attention", {"use_scale": True, "score_mode": "concat"}, ((2, 3, 4), (2, 3, 4)), as_list=True),
    Case("attention_causal", "Attention", {}, ((2, 3, 4), (2, 3, 4), (2, 3, 4)), {"use_causal_mask": True}, as_list=True),
    Case("simple_rnn", "SimpleRNN", {"units": 3}, ((2, 4, 2),)),
    Case("simple_rnn_sequences", "SimpleRNN", {"units": 3, "return_sequences": True, "go_backwards": True}, ((2, 4, 2),)),
    Case("gru", "GRU", {"units": 3, "return_sequences": True}, ((2, 4, 2),)),
    Case("gru_reset_before", "GRU", {"units": 3, "reset_after": False, "return_state": True}, ((2, 4, 2),)),
    Case("gru_no_bias", "GRU", {"units": 2, "use_bias": False}, ((2, 3, 2),)),
    Case("lstm", "LSTM", {"units": 3}, ((2, 4, 2),)),
    Case("lstm_all", "LSTM", {"units": 3, "return_sequences": True, "return_state": True}, ((2, 4, 2),)),
    Case("lstm_long", "LSTM", {"units": 2, "kernel_regularizer": "l2"}, ((1, 20, 2),)),
]
BY_LABEL = {case.label: case for case in CASES}
