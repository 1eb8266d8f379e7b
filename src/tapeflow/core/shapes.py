"""Shapes that may be known in part: `tf.TensorShape`, and `tf.TensorSpec`, which adds a dtype and a name."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias, overload

from tapeflow.core.dimension import Dim
from tapeflow.core.dtypes import DType, as_dtype, float32

__all__ = ["ShapeLike", "TensorShape", "TensorSpec", "as_shape", "from_known"]

ShapeLike: TypeAlias = "TensorShape | int | Iterable[int | None] | None"


class TensorShape:
    """The shape of a tensor: the size of each dimension, None where unknown, or nothing known at all.

    Args:
      dims: the sizes, an int or None each; or one int; or another shape; or None when even the rank is unknown.

    Raises:
      TypeError: when a size is neither an integer nor None.
      ValueError: when a size is negative.

    It compares equal to lists and tuples, and indexes, slices, adds and iterates like a tuple of Python ints:

    >>> import tapeflow as tf
    >>> shape = tf.TensorShape([2, None, 3])
    >>> shape, shape[0], shape[1:], shape == [2, None, 3], shape.rank
    (TensorShape([2, None, 3]), 2, TensorShape([None, 3]), True, 3)
    """

    __slots__ = ("_dims",)

    _dims: tuple[int | None, ...] | None

    def __init__(self, dims: ShapeLike) -> None:
        if isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif dims is None:
            self._dims = None
        elif isinstance(dims, (list, tuple)):
            self._dims = tuple([_size(size) for size in dims])
        elif isinstance(dims, (str, bytes)):
            raise TypeError(f"Cannot convert {dims!r} to a shape: give an int, or a list of ints and Nones.")
        else:
            try:
                self._dims = (_size(operator.index(dims)),)  # type: ignore[arg-type]
            except TypeError:
                self._dims = tuple([_size(size) for size in _iterate(dims)])

    # -- what is known --------------------------------------------------------------------------

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """The number of dimensions, or None: an older name of `rank`."""
        return None if self._dims is None else len(self._dims)

    @property
    def dims(self) -> list[int | None] | None:
        """The sizes as a list, or None when the rank is unknown."""
        return None if self._dims is None else list(self._dims)

    def as_list(self) -> list[int | None]:
        """The sizes as a list, None for each unknown one.

        Raises:
          ValueError: when the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() needs a shape of known rank, and the rank of this one is unknown.")
        return list(self._dims)

    def num_elements(self) -> int | None:
        """The number of elements, or None when a size or the rank is unknown."""
        return math.prod(self._dims) if self.is_fully_defined() else None  # type: ignore[arg-type]

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return self._dims is not None and None not in self._dims

    # -- a sequence of sizes --------------------------------------------------------------------

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("A shape of unknown rank has no length.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Any]:  # Any: sizes are ints wherever the shape is fully defined
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape of unknown rank.")
        return iter(self._dims)

    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    @overload
    def __getitem__(self, key: Any) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        """The size of a dimension, or the shape of a slice of the dimensions."""
        if self._dims is not None:
            if isinstance(key, slice):
                return from_known(self._dims[key])
            return self._dims[key]
        if not isinstance(key, slice):
            return None
        if key.step not in (None, 1):
            raise ValueError(f"A shape of unknown rank cannot be sliced with step {key.step}.")
        start = 0 if key.start is None else key.start
        if key.stop is None or start < 0 or key.stop < 0:
            return from_known(None)
        return from_known((None,) * max(0, key.stop - start))

    def __add__(self, other: ShapeLike) -> TensorShape:
        try:
            return self.concatenate(other)
        except TypeError:
            return NotImplemented

    def __radd__(self, other: ShapeLike) -> TensorShape:
        try:
            return as_shape(other).concatenate(self)
        except TypeError:
            return NotImplemented

    def __eq__(self, other: object) -> bool:
        if type(other) is TensorShape:
            return self._dims == other._dims
        if type(other) is tuple:
            return self._dims == other
        if type(other) is list:
            return self._dims == tuple(other)
        try:
            return self._dims == as_shape(other)._dims  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        return "<unknown>" if self._dims is None else str(self._dims)

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self._dims,)

    # -- with another shape ---------------------------------------------------------------------

    def is_compatible_with(self, other: ShapeLike) -> bool:
        """Whether one tensor could have both shapes: same rank, and sizes equal where both are known."""
        mine, theirs = self._dims, as_shape(other)._dims
        if mine is None or theirs is None:
            return True
        return len(mine) == len(theirs) and all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))

    def merge_with(self, other: ShapeLike) -> TensorShape:
        """The shape with all that both know.

        Raises:
          ValueError: when they contradict each other.
        """
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible.")
        mine, theirs = self._dims, other._dims
        if mine is None or theirs is None:
            return other if mine is None else self
        return from_known(tuple([b if a is None else a for a, b in zip(mine, theirs, strict=True)]))

    def concatenate(self, other: ShapeLike) -> TensorShape:
        """These dimensions and then the other's; unknown when either rank is."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return from_known(None)
        return from_known(self._dims + other._dims)

    def most_specific_compatible_shape(self, other: ShapeLike) -> TensorShape:
        """The tightest shape that both this one and the other fit: None where the sizes differ.

        >>> import tapeflow as tf
        >>> tf.TensorShape([2, 3]).most_specific_compatible_shape([2, 4])
        TensorShape([2, None])
        """
        mine, theirs = self._dims, as_shape(other)._dims
        if mine is None or theirs is None or len(mine) != len(theirs):
            return from_known(None)
        return from_known(tuple([a if a == b else None for a, b in zip(mine, theirs, strict=True)]))

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor of this shape fits the other."""
        if not isinstance(other, TensorShape):
            return False
        mine, theirs = self._dims, other._dims
        if theirs is None:
            return True
        return (
            mine is not None
            and len(mine) == len(theirs)
            and all(b is None or a == b for a, b in zip(mine, theirs, strict=True))
        )

    def most_specific_common_supertype(self, others: Sequence[Any]) -> TensorShape | None:
        """The tightest shape that this one and all the others fit, or None if one of them is no shape."""
        common = self
        for other in others:
            if not isinstance(other, TensorShape):
                return None
            common = common.most_specific_compatible_shape(other)
        return common

    # -- demands --------------------------------------------------------------------------------

    def with_rank(self, rank: int | None) -> TensorShape:
        """This shape, with that rank.

        Raises:
          ValueError: when the rank is known to be another.
        """
        if self._dims is None:
            return from_known(None if rank is None else (None,) * rank)
        if rank is not None and len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}, and has {len(self._dims)}.")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, if its rank is unknown or at least `rank`.

        Raises:
          ValueError: when it is less.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}, and has {len(self._dims)}.")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, if its rank is unknown or at most `rank`.

        Raises:
          ValueError: when it is more.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}, and has {len(self._dims)}.")
        return self

    def assert_is_compatible_with(self, other: ShapeLike) -> None:
        """Raise ValueError unless one tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible.")

    def assert_has_rank(self, rank: int) -> None:
        """Raise ValueError if the rank is known not to be `rank`."""
        self.with_rank(rank)

    def assert_same_rank(self, other: ShapeLike) -> None:
        """Raise ValueError if both ranks are known and differ."""
        other = as_shape(other)
        if self.rank is not None and other.rank is not None and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank.")

    def assert_is_fully_defined(self) -> None:
        """Raise ValueError unless every size is known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined.")


def _size(size: Any) -> int | None:
    if size is None or type(size) is Dim:
        return None
    try:
        number = int(operator.index(size))
    except TypeError:
        raise TypeError(f"The size of a dimension must be an integer or None, and {size!r} is neither.") from None
    if number < 0:
        raise ValueError(f"The size of a dimension must be >= 0, and {number} is not; an unknown size is None.")
    return number


def _iterate(dims: Any) -> Iterator[Any]:
    try:
        return iter(dims)
    except TypeError:
        raise TypeError(f"Cannot convert {dims!r} to a shape: give an int, or a list of ints and Nones.") from None


def as_shape(shape: ShapeLike) -> TensorShape:
    """Convert to a TensorShape, unless it is one."""
    return shape if type(shape) is TensorShape else TensorShape(shape)


def from_known(dims: tuple[int | None, ...] | None) -> TensorShape:
    """Make a shape from sizes that need no check, such as an array's own: for the hot path."""
    shape = TensorShape.__new__(TensorShape)
    shape._dims = dims
    return shape


class TensorSpec:
    """What is known of a tensor before it exists: shape, dtype and name.

    Args:
      shape: anything that `tf.TensorShape` takes.
      dtype: anything that `tf.as_dtype` takes.
      name: optional.

    >>> import tapeflow as tf
    >>> spec = tf.TensorSpec([None, 3], tf.float32)
    >>> spec, spec.is_compatible_with(tf.TensorSpec([5, 3]))
    (TensorSpec(shape=(None, 3), dtype=tf.float32, name=None), True)
    """

    __slots__ = ("_dtype", "_name", "_shape")

    def __init__(self, shape: ShapeLike, dtype: Any = float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor.

        Raises:
          ValueError: when it is not a `tf.Tensor`.
        """
        if not _is_tensor(tensor):
            raise ValueError(f"from_tensor() needs a tf.Tensor, and got a {type(tensor).__name__}.")
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A copy of a spec, under another name if one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @property
    def shape(self) -> TensorShape:
        """The shape, perhaps known in part."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def name(self) -> str | None:
        """The name, or None."""
        return self._name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._shape == other._shape and self._dtype is other._dtype and self._name == other._name

    def __hash__(self) -> int:
        return hash((self._shape, self._dtype))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._shape, self._dtype, self._name)

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether a tensor, or a tensor of another spec, could have this shape and dtype; names do not count.

        False for what is neither a tensor nor a TensorSpec, arrays and variables included.
        """
        if not (isinstance(spec_or_tensor, TensorSpec) or _is_tensor(spec_or_tensor)):
            return False
        return self._dtype is spec_or_tensor.dtype and self._shape.is_compatible_with(spec_or_tensor.shape)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor of this spec fits the other, the name included."""
        return (
            isinstance(other, TensorSpec)
            and self._dtype is other._dtype
            and self._name == other._name
            and self._shape.is_subtype_of(other._shape)
        )

    def most_specific_common_supertype(self, others: Sequence[Any]) -> TensorSpec | None:
        """The tightest spec that this one and all the others fit, or None if dtypes or names differ."""
        shape = self._shape
        for other in others:
            if not isinstance(other, TensorSpec) or other._dtype is not self._dtype or other._name != self._name:
                return None
            shape = shape.most_specific_compatible_shape(other._shape)
        return TensorSpec(shape, self._dtype, self._name)

    def most_specific_compatible_type(self, other: Any) -> TensorSpec:
        """The tightest spec that this one and the other fit.

        Raises:
          ValueError: when there is none, because dtype or name differ.
        """
        common = self.most_specific_common_supertype([other])
        if common is None:
            raise ValueError(f"No spec fits both {self!r} and {other!r}: the dtype and the name must be the same.")
        return common


def _is_tensor(value: Any) -> bool:
    # By what it has: the Tensor class is built on this file. Variables (told by `assign_add`) and IndexedSlices are none.
    return (
        isinstance(getattr(value, "shape", None), TensorShape)
        and hasattr(value, "ndim")
        and not hasattr(value, "assign_add")
    )
