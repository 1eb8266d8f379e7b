"""`Embedding`: a vector for each number."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.dense import refuse_quantization
from tapeflow.keras.layers.settings import Configured, settings_of

__all__ = ["Embedding"]


class Embedding(Configured):
    """A vector for each of the numbers 0, 1, …, which is learned.

    Args:
        input_dim: how many numbers there are.
        output_dim: the length of a vector.
        embeddings_initializer: of the vectors.
        embeddings_regularizer: of the vectors.
        embeddings_constraint: of the vectors.
        mask_zero: whether 0 stands for nothing: `compute_mask` tells where, for those who ask.
        weights: the vectors, or a list of one array of them, to begin with.
        lora_rank, lora_alpha, quantization_config: must be None.
        **kwargs: those of `Layer`.

    Raises:
        InvalidArgumentError: when called: a number is out of range.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.Embedding(1000, 16)
    >>> layer(tf.constant([[1, 2, 3], [4, 5, 6]])).shape
    TensorShape([2, 3, 16])
    """

    _settings = settings_of("embeddings")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        refuse_quantization("Embedding", lora_rank, lora_alpha, quantization_config)
        length = kwargs.pop("input_length", None)  # Keras 2's, which only told shapes
        if length is not None and "input_shape" not in kwargs:
            kwargs["input_shape"] = (length,) if isinstance(length, int) else tuple(length)
        super().__init__(
            embeddings_initializer="random_uniform" if embeddings_initializer == "uniform" else embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            **kwargs,
        )
        self.input_dim, self.output_dim = input_dim, output_dim
        self.mask_zero = self.supports_masking = mask_zero
        if weights is not None:
            self.__dict__["_given_weights"] = weights if isinstance(weights, list) else [weights]
            self.build()

    def build(self, input_shape: Any = None) -> None:
        """Makes the vectors.

        Args:
            input_shape: has no effect.
        """
        if not self.built:
            self._embeddings = self.new_weight("embeddings", (self.input_dim, self.output_dim))

    @property
    def embeddings(self) -> Any:
        """The vectors, in rows."""
        return self._embeddings

    def call(self, inputs: Tensor) -> Tensor:
        """The vectors of the numbers."""
        numbers = inputs if inputs.dtype in (tf.int32, tf.int64) else tf.cast(inputs, tf.int32)
        vectors = tf.gather(self._embeddings, numbers)
        return vectors if vectors.dtype == self.compute_dtype else tf.cast(vectors, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # type: ignore[override]
        return tf.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        own = super().get_config()
        return own | {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "mask_zero": self.mask_zero,
            "activity_regularizer": own.get("activity_regularizer"),
            "quantization_config": None,
            **self.settings_config(),
        }
