"""`tf.IndexedSlices`: some rows of a tensor, the others being zero.

It is what the gradient of `tf.gather` is with respect to the gathered tensor: an embedding of a million rows of which a
batch used thirty has a gradient of thirty rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor

__all__ = ["IndexedSlices", "IndexedSlicesSpec"]


class IndexedSlices:
    """The tensor `dense` with `dense[indices[i]] = values[i]`, and zeros everywhere else.

    An index that occurs several times stands for the sum of its values. Wherever a tensor is expected it is made dense, by
    `tf.convert_to_tensor`; optimizers update the rows only.

    Args:
        values: of shape [n, ...].
        indices: a vector of n integers.
        dense_shape: the shape of the whole tensor, if known.

    >>> import tapeflow as tf
    >>> table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> with tf.GradientTape() as tape:
    ...     y = tf.gather(table, [2, 0, 2])
    >>> g = tape.gradient(y, table)
    >>> g.indices.numpy(), g.values.shape
    (array([2, 0, 2], dtype=int32), TensorShape([3, 2]))
    >>> tf.convert_to_tensor(g).numpy()
    array([[1., 1.],
           [0., 0.],
           [2., 2.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_dense_shape", "_indices", "_values")

    def __init__(self, values: TensorLike, indices: TensorLike, dense_shape: TensorLike | None = None) -> None:
        self._values = convert(values)
        self._indices = convert(indices)
        self._dense_shape = None if dense_shape is None else convert(dense_shape)

    @property
    def values(self) -> Tensor:
        """The rows."""
        return self._values

    @property
    def indices(self) -> Tensor:
        """Where the rows stand along the first axis of the whole tensor."""
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        """The shape of the whole tensor, as a vector; None if unknown."""
        return self._dense_shape

    @property
    def dtype(self) -> dtypes.DType:
        """The element type."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole tensor, as a `tf.TensorShape`."""
        return TensorShape(None if self._dense_shape is None else self._dense_shape._value.tolist())

    @property
    def device(self) -> str:
        """The name of the device that holds the values: always the CPU."""
        return self._values.device

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    def consumers(self) -> list:
        """The operations of a graph that take these slices: none, since there is no graph."""
        return []

    if TYPE_CHECKING:  # `ops.parts` puts it here

        def plus(self, other: Any) -> Any: ...

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __repr__(self) -> str:
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{dense})"

    # -- as a nested structure -------------------------------------------------------------------------

    def __nest_flatten__(self) -> tuple[Tensor, ...]:
        tensors = (self._values, self._indices)
        return tensors if self._dense_shape is None else (*tensors, self._dense_shape)

    def __nest_unflatten__(self, components: tuple) -> IndexedSlices:
        twin = IndexedSlices.__new__(IndexedSlices)  # the components may be anything: `tf.nest` maps any function
        twin._values, twin._indices, twin._dense_shape = (*components, None)[:3]
        return twin

    @property
    def _type_spec(self) -> IndexedSlicesSpec:
        dense, indices = self._dense_shape, self._indices
        return IndexedSlicesSpec(
            self.shape, self.dtype, indices.dtype, None if dense is None else dense.dtype, indices.shape
        )


class IndexedSlicesSpec:
    """What is known of `tf.IndexedSlices` before they exist.

    Args:
        shape: of the whole tensor, what `tf.TensorShape` takes.
        dtype: of the values.
        indices_dtype: of the indices.
        dense_shape_dtype: of the vector `dense_shape`; None if there is none.
        indices_shape: of the indices.

    >>> import tapeflow as tf
    >>> tf.IndexedSlicesSpec([4, 2])
    IndexedSlicesSpec(TensorShape([4, 2]), tf.float32, tf.int64, None, TensorShape([None]))
    """

    __slots__ = ("_parts",)

    value_type = IndexedSlices

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        indices_dtype: Any = dtypes.int64,
        dense_shape_dtype: Any = None,
        indices_shape: Any = None,
    ) -> None:
        self._parts = (
            TensorShape(shape),
            dtypes.as_dtype(dtype),
            dtypes.as_dtype(indices_dtype),
            None if dense_shape_dtype is None else dtypes.as_dtype(dense_shape_dtype),
            TensorShape([None]) if indices_shape is None else TensorShape(indices_shape).with_rank(1),
        )

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether slices, or slices of another spec, could have this spec."""
        other = spec_or_value._type_spec if isinstance(spec_or_value, IndexedSlices) else spec_or_value
        return isinstance(other, IndexedSlicesSpec) and all(
            a.is_compatible_with(b) if isinstance(a, TensorShape) else a is b
            for a, b in zip(self._parts, other._parts, strict=True)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexedSlicesSpec) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def __repr__(self) -> str:
        return f"IndexedSlicesSpec{self._parts!r}"
