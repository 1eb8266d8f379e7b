"""Attention: each query's mean of the values, weighted by how much their keys resemble it."""

from __future__ import annotations

import math
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.initializers import VarianceScaling
from tapeflow.keras.layers.activation_layers import Softmax
from tapeflow.keras.layers.dropout_layers import Dropout
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.settings import Configured, settings_of

__all__ = ["Attention", "MultiHeadAttention"]


class Projection(Layer):
    """A product with a kernel of several axes, and a bias: a part of `MultiHeadAttention`, whose settings it has."""

    kernel: Any
    bias: Any

    def __init__(self, owner: Configured, equation: str, kernel: tuple, bias: tuple | None, **kwargs: Any) -> None:
        super().__init__(dtype=owner.dtype_policy, **kwargs)
        self.equation = equation
        for name, shape in (("kernel", kernel), ("bias", bias)):
            made = None
            if shape is not None:
                settings = owner.settings_for(name)
                first = settings["initializer"]
                if hasattr(first, "get_config"):  # each projection begins with random numbers of its own
                    settings["initializer"] = type(first).from_config(first.get_config())
                if name == "kernel" and isinstance(first, VarianceScaling):
                    settings["initializer"] = self._as_matrix(settings["initializer"])
                made = self.add_weight(name=name, shape=shape, **settings)
            setattr(self, name, made)

    def _as_matrix(self, initializer: Any) -> Any:
        """An initializer whose variance depends on how many numbers go in and come out, whatever axes they stand in."""
        letters, _, outputs = self.equation.partition(",")[2].partition("->")
        inputs = sum(letter not in outputs for letter in letters)  # the axes that are summed over come first

        def first(shape: Any, dtype: Any) -> Tensor:
            return tf.reshape(initializer((math.prod(shape[:inputs]), math.prod(shape[inputs:])), dtype=dtype), shape)

        return first

    def call(self, inputs: Tensor) -> Tensor:
        """The product."""
        outputs = tf.einsum(self.equation, inputs, self.kernel)
        return outputs if self.bias is None else outputs + self.bias


def causal_mask(queries: Tensor, keys: Tensor) -> Tensor:
    """True where a key does not come after a query; of shape (1, queries, keys)."""
    n, m = tf.shape(queries)[1], tf.shape(keys)[1]
    return (tf.range(n)[:, tf.newaxis] >= tf.range(m)[tf.newaxis])[tf.newaxis]


class MultiHeadAttention(Configured):
    """Attention in several heads, each with projections of its own.

    Args:
        num_heads: how many heads there are.
        key_dim: the length of a query and of a key in a head.
        value_dim: the length of a value in a head; by default the same.
        dropout: the probability that a weight of a value is dropped while training.
        use_bias: whether projections have biases.
        output_shape: the length of an output; by default that of an input.
        attention_axes: must be None or 1, the axis of the steps.
        sliding_window: must be None.
        flash_attention: accepted; there is one way to compute it.
        kernel_initializer, bias_initializer: of all weights.
        kernel_regularizer, bias_regularizer: of all weights.
        activity_regularizer: of the outputs.
        kernel_constraint, bias_constraint: of all weights.
        use_gate: must be False.
        seed: an integer, for the same dropout in each run.
        **kwargs: those of `Layer`.

    See `Vaswani et al., 2017 <https://arxiv.org/abs/1706.03762>`_.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    >>> outputs, weights = layer(tf.ones([1, 3, 8]), tf.ones([1, 5, 8]), return_attention_scores=True)
    >>> outputs.shape, weights.shape
    (TensorShape([1, 3, 8]), TensorShape([1, 2, 3, 5]))
    """

    _settings = settings_of("kernel", "bias")

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: Any = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        if attention_axes not in (None, 1, (1,), [1]):
            raise NotImplementedError(f"MultiHeadAttention does not support `attention_axes` other than 1: {attention_axes}")
        for name, value in (("sliding_window", sliding_window), ("use_gate", use_gate)):
            if value:
                raise NotImplementedError(f"MultiHeadAttention does not support `{name}`")
        if flash_attention:
            raise NotImplementedError("MultiHeadAttention does not support `flash_attention`")
        super().__init__(
            activity_regularizer=activity_regularizer,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.supports_masking = True
        for name, value in (("num_heads", num_heads), ("key_dim", key_dim)):
            if not isinstance(value, int) or value <= 0:
                raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value}")
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim or key_dim
        self.dropout, self.use_bias, self.seed = dropout, use_bias, seed
        self._output_size = (output_shape,) if isinstance(output_shape, int) else output_shape and tuple(output_shape)
        if self._output_size is not None and len(self._output_size) != 1:
            raise NotImplementedError(
                f"MultiHeadAttention does not support an `output_shape` of several axes: {output_shape}"
            )

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        if query_shape[-1] is None or value_shape[-1] is None or len(query_shape) != 3 or len(value_shape) != 3:
            raise ValueError(
                "MultiHeadAttention needs inputs of shape (batch, steps, features) with known features. Received: "
                f"query_shape={query_shape}, value_shape={value_shape}"
            )
        heads, wide = self.num_heads, self._output_size
        size = query_shape[-1] if wide is None else wide[0]
        into = "btd,dnh->btnh"
        shapes = {
            "query": (into, (query_shape[-1], heads, self.key_dim), (heads, self.key_dim)),
            "key": (into, (key_shape[-1], heads, self.key_dim), (heads, self.key_dim)),
            "value": (into, (value_shape[-1], heads, self.value_dim), (heads, self.value_dim)),
            "attention_output": ("btnh,nhe->bte", (heads, self.value_dim, size), (size,)),
        }
        made = [
            Projection(self, equation, kernel, bias if self.use_bias else None, name=name)
            for name, (equation, kernel, bias) in shapes.items()
        ]
        self._query_dense, self._key_dense, self._value_dense, self._output_dense = made
        self._softmax = Softmax(dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The outputs, of shape (batch, queries, features).

        Args:
            query: of shape (batch, queries, features).
            value: of shape (batch, keys, features).
            key: of shape (batch, keys, features); by default the values.
            query_mask, value_mask, key_mask: False where a step is none; of shape (batch, steps).
            attention_mask: False where a query does not look; of shape (batch, queries, keys), with the heads before them, or not.
            return_attention_scores: whether the weights of the values are given, too; of shape (batch, heads, queries, keys).
            training: whether weights are dropped.
            use_causal_mask: whether a query does not look at what comes after it.
        """
        key = value if key is None else key
        masks = [] if attention_mask is None else [tf.cast(attention_mask, tf.bool)]
        masks += [] if query_mask is None else [tf.cast(query_mask, tf.bool)[:, :, tf.newaxis]]
        masks += [tf.cast(mask, tf.bool)[:, tf.newaxis] for mask in (value_mask, key_mask) if mask is not None]
        masks += [causal_mask(query, value)] if use_causal_mask else []
        mask = None
        for each in masks:
            each = each[:, tf.newaxis] if each.ndim == 3 else each
            mask = each if mask is None else tf.logical_and(mask, each)
        queries = self._query_dense(query) * (1.0 / math.sqrt(self.key_dim))
        scores = tf.einsum("bsnh,btnh->bnts", self._key_dense(key), queries)
        weights = self._softmax(scores) if mask is None else self._softmax(scores, mask=mask)
        kept = self._dropout_layer(weights, training=training) if self.dropout else weights
        outputs = self._output_dense(tf.einsum("bnts,bsnh->btnh", kept, self._value_dense(value)))
        return (outputs, weights) if return_attention_scores else outputs

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> tuple:  # type: ignore[override]
        """The shape of the outputs.

        Args:
            query_shape: the queries'.
            value_shape, key_shape: have no effect.
        """
        return (*tuple(query_shape)[:-1], *(self._output_size or (query_shape[-1],)))

    def get_config(self) -> dict[str, Any]:
        own = super().get_config()
        return own | {
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "use_gate": False,
            "output_shape": self._output_size,
            "attention_axes": [1] if self.built else None,
            "sliding_window": None,
            "activity_regularizer": own.get("activity_regularizer"),
            "seed": self.seed,
            **self.settings_config(),
        }


class Attention(Layer):
    """Attention of queries to keys that are given as they are.

    Args:
        use_scale: whether scores are multiplied by a number that is learned.
        score_mode: "dot", for products of queries and keys; "concat", for the sum of tanh(query + key), times a number.
        dropout: the probability that a weight of a value is dropped while training.
        seed: an integer, for the same dropout in each run.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: the mode is neither; or, when called, there are not two or three inputs.

    >>> import tapeflow as tf
    >>> query, value = tf.ones([1, 2, 4]), tf.ones([1, 5, 4])
    >>> tf.keras.layers.Attention()([query, value]).shape
    TensorShape([1, 2, 4])
    """

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                f"Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}. Received: {score_mode}"
            )
        self.use_scale, self.score_mode, self.dropout, self.seed = use_scale, score_mode, dropout, seed
        self.supports_masking = True
        self.scale: Any = None
        self.concat_score_weight: Any = None
        self._dropout_layer = Dropout(dropout, seed=seed) if dropout else None

    def build(self, input_shape: Any) -> None:
        _expect_list(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(name="concat_score_weight", shape=(), initializer="ones")

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The outputs, of shape (batch, queries, features).

        Args:
            inputs: a list of queries, values, and keys (by default the values); each of shape (batch, steps, features).
            mask: a list of masks of queries and values, of shape (batch, steps); each may be None.
            training: whether weights are dropped.
            return_attention_scores: whether the weights of the values are given, too.
            use_causal_mask: whether a query does not look at what comes after it.
        """
        _expect_list(inputs)
        query, value, *rest = inputs
        key = rest[0] if rest else value
        if self.concat_score_weight is None:
            scores = tf.matmul(query, key, transpose_b=True)
            scores = scores if self.scale is None else scores * self.scale
        else:
            sums = query[:, :, tf.newaxis] + key[:, tf.newaxis]
            scaled = sums if self.scale is None else self.scale * sums
            scores = self.concat_score_weight * tf.reduce_sum(tf.tanh(scaled), -1)
        value_mask = None if mask is None or len(mask) < 2 else mask[1]
        seen = None if value_mask is None else tf.cast(value_mask, tf.bool)[:, tf.newaxis]
        if use_causal_mask:
            causal = causal_mask(query, value)
            seen = causal if seen is None else tf.logical_and(seen, causal)
        if seen is not None:
            scores = scores - (1.0 - tf.cast(seen, scores.dtype)) * (65504.0 if scores.dtype == tf.float16 else 1e9)
        weights = tf.nn.softmax(scores)
        if self._dropout_layer is not None:
            weights = self._dropout_layer(weights, training=training)
        outputs = tf.matmul(weights, value)
        if mask is not None and mask[0] is not None:
            outputs = outputs * tf.cast(mask[0], outputs.dtype)[:, :, tf.newaxis]
        return (outputs, weights) if return_attention_scores else outputs

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (*tuple(input_shape[0])[:-1], input_shape[1][-1])

    def get_config(self) -> dict[str, Any]:
        own = {"use_scale": self.use_scale, "score_mode": self.score_mode, "dropout": self.dropout, "seed": self.seed}
        return super().get_config() | own


def _expect_list(given: Any) -> None:
    if not isinstance(given, list | tuple) or len(given) not in (2, 3):
        raise ValueError(
            "Attention layer must be called on a list of inputs, namely [query, value] or [query, value, key]. Received: "
            f"inputs={given}."
        )
