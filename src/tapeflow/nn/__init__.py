"""`tf.nn`: neural-network operations. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.nn import experimental
from tapeflow.ops.activations import crelu, elu, gelu, leaky_relu, relu, relu6, selu, silu, softsign, zero_fraction
from tapeflow.ops.activations import silu as swish
from tapeflow.ops.bias import bias_add
from tapeflow.ops.convolution import atrous_conv2d, conv1d, conv2d, conv3d, convolution, depthwise_conv2d, separable_conv2d
from tapeflow.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from tapeflow.ops.dropout import dropout
from tapeflow.ops.embedding import embedding_lookup
from tapeflow.ops.exponential import sigmoid, softplus
from tapeflow.ops.hyperbolic import tanh
from tapeflow.ops.losses import compute_average_loss, l2_loss, log_poisson_loss
from tapeflow.ops.normalization import (
    batch_norm_with_global_normalization,
    batch_normalization,
    l2_normalize,
    local_response_normalization,
    moments,
    normalize_moments,
    sufficient_statistics,
    weighted_moments,
)
from tapeflow.ops.normalization import local_response_normalization as lrn
from tapeflow.ops.pooling import (
    avg_pool,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool_with_argmax,
    pool,
)
from tapeflow.ops.softmax import log_softmax, softmax
from tapeflow.ops.sorting import in_top_k, top_k
from tapeflow.ops.space_and_batch import depth_to_space, space_to_batch, space_to_depth
from tapeflow.ops.transposed_convolution import conv1d_transpose, conv2d_transpose, conv3d_transpose, conv_transpose

__all__ = [
    "atrous_conv2d",
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm_with_global_normalization",
    "batch_normalization",
    "bias_add",
    "compute_average_loss",
    "conv1d",
    "conv1d_transpose",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "conv3d_transpose",
    "conv_transpose",
    "convolution",
    "crelu",
    "depth_to_space",
    "depthwise_conv2d",
    "dropout",
    "elu",
    "embedding_lookup",
    "experimental",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_poisson_loss",
    "log_softmax",
    "lrn",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_with_argmax",
    "moments",
    "normalize_moments",
    "pool",
    "relu",
    "relu6",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "space_to_batch",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "sufficient_statistics",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
    "zero_fraction",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
