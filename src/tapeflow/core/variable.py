"""`tf.Variable`: a name for a value that can change.

The variable is never recorded itself. What is recorded is a *read*: a tensor that stands for the value from then on, until
the variable is assigned or another set of tapes listens. So a value that was read, or that a tape keeps, never changes.
"""

from __future__ import annotations

import enum
import itertools
import sys
from _thread import _count  # threading.active_count takes ten times as long
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import CONVERTERS, TensorLike, convert
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.format import variable_repr
from tapeflow.core.names import scoped
from tapeflow.core.nest import LEAVES
from tapeflow.core.operand import Operand
from tapeflow.core.quiet import run, run_in_copy
from tapeflow.core.recording import current
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import ACTIVE, tracing, untraceable
from tapeflow.core.tensor import Reference, Tensor

__all__ = ["Variable", "VariableAggregation", "VariableSynchronization"]

DIFFERENTIABLE_KINDS = "fcV"  # of NumPy dtypes; V: bfloat16 and float8
new_number = itertools.count(1).__next__  # tapes list variables in the order of their creation
NOT_READ: tuple[int, Any] = (0, None)  # the epoch of the last read and the tensor that stands for it


class Variable(Operand):
    """A value that `assign` changes and that tapes follow without being asked.

    Args:
        initial_value: anything tensor-like, or a function of no arguments that gives it.
        trainable: whether tapes follow it by themselves, and optimizers find it.
        name: shown as "name:0".
        dtype: the dtype; by default that of the initial value.
        constraint: a function applied to the value by optimizers after each update.
        shape: the static shape, if it is to be less exact than the initial value's (None for unknown dimensions).
        synchronization, aggregation: kept, and without effect on the one copy there is of a variable; ON_READ makes
            `trainable` False by default.
        validate_shape, caching_device, import_scope, experimental_enable_variable_lifting: accepted; they tell
            TensorFlow's graphs and devices where a variable is kept, and change nothing in eager execution there either.
        variable_def: must be None.

    Raises:
        ValueError: there is no initial value, or it does not have the shape or dtype, or a mode is unknown.
        NotImplementedError: `variable_def` is given.

    >>> import tapeflow as tf
    >>> v = tf.Variable(3.0, name="v")
    >>> v.assign_add(1.0).numpy()
    np.float32(4.0)
    >>> v
    <tf.Variable 'v:0' shape=() dtype=float32, numpy=4.0>
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_cached",
        "_constraint",
        "_differentiable",
        "_name",
        "_number",
        "_shape",
        "_trainable",
        "_value",
    )

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike] | None = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable[[Tensor], TensorLike] | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a "
                "`variable_def`. You provided neither."
            )
        if variable_def is not None:
            raise NotImplementedError("tf.Variable does not support `variable_def`")
        if constraint is not None and not callable(constraint):
            raise ValueError("Argument `constraint` must be None or a callable; got " + repr(constraint))
        if callable(initial_value):
            initial_value = initial_value()
        if synchronization is not None or aggregation is not None:
            trainable = self._distribute(synchronization, aggregation, trainable)
        tensor = convert(initial_value, dtype)
        if ACTIVE and (tracer := tracing()) is not None:
            tensor = tracer.create(self, tensor)
        self._shape = None if shape is None else TensorShape(shape)
        if self._shape is not None and not self._shape.is_compatible_with(tensor._value.shape):
            raise ValueError(f"The initial value's shape ({tensor.shape}) is not compatible with the given `shape` {shape}.")
        self._value = tensor._value
        self._differentiable = tensor._value.dtype.kind in DIFFERENTIABLE_KINDS
        self._trainable = True if trainable is None else bool(trainable)
        self._name = f"{scoped(name or 'Variable')}:0"
        self._constraint = constraint
        self._number = new_number()
        self._cached = NOT_READ

    def _distribute(self, synchronization: Any, aggregation: Any, trainable: bool | None) -> bool | None:
        """Keeps the two modes, and returns what they make of `trainable`."""
        for kind, mode, modes in (
            ("synchronization", synchronization, VariableSynchronization),
            ("aggregation", aggregation, VariableAggregation),
        ):
            try:
                self.__dict__[f"_{kind}"] = modes(0 if mode is None else mode)
            except ValueError:
                expected = ", ".join(f"tf.{modes.__name__}.{member.name}" for member in modes)
                raise ValueError(f"Invalid variable {kind} mode: {mode!r}; expected one of {expected}") from None
        return False if self.synchronization is VariableSynchronization.ON_READ and trainable is None else trainable

    # -- what it is --------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name, with ":0" behind it."""
        return self._name

    @property
    def dtype(self) -> dtypes.DType:
        """The element type, which no assignment changes."""
        return dtypes.from_numpy(self._value.dtype)

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return TensorShape(self._value.shape) if self._shape is None else self._shape

    @property
    def trainable(self) -> bool:
        """Whether tapes follow this variable by themselves."""
        return self._trainable

    @property
    def synchronization(self) -> VariableSynchronization:
        """How copies of the variable are to be kept equal: there is one copy."""
        return self.__dict__.get("_synchronization", VariableSynchronization.AUTO)

    @property
    def aggregation(self) -> VariableAggregation:
        """How updates of several copies are to be joined: there is one copy."""
        return self.__dict__.get("_aggregation", VariableAggregation.NONE)

    @property
    def initial_value(self) -> Tensor:
        """Not kept.

        Raises:
            RuntimeError: always, as when TensorFlow runs eagerly.
        """
        raise RuntimeError(
            "This property is not supported when eager execution is enabled; read the variable when it is new."
        )

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether the variable has a value: True."""
        return Tensor(np.bool_(True))

    @property
    def constraint(self) -> Callable | None:
        """The function that optimizers apply after each update."""
        return self._constraint

    def set_shape(self, shape: Any) -> None:
        """Makes the static shape more exact.

        Raises:
            ValueError: `shape` is not compatible with the static shape.
        """
        self._shape = self.shape.merge_with(shape)

    # -- reading ------------------------------------------------------------------------------------

    def _read(self) -> Tensor:
        if ACTIVE and (tracer := tracing()) is not None:
            return tracer.read(self)
        recording = current()
        if recording is None:
            return Tensor(self._value)
        epoch, recorders = recording
        read_in, tensor = self._cached
        if read_in == epoch:
            return tensor
        tensor = Tensor(self._value)
        self._cached = epoch, tensor  # one assignment: another thread sees the old pair or the new one
        for recorder in recorders:
            recorder.record_read(self, tensor)
        return tensor

    def numpy(self) -> Any:
        """The value as a NumPy scalar or an array of the caller's own."""
        untraceable(f"numpy() of the variable {self._name}")
        return Tensor(self._value).numpy()

    def read_value(self) -> Tensor:
        """The value now, as a tensor that later assignments leave alone."""
        return self._read()

    value = read_value
    read_value_no_copy = read_value

    # -- assigning ----------------------------------------------------------------------------------

    def assign(self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Gives the variable a new value.

        Args:
            value: tensor-like, of the variable's dtype and of a shape compatible with its static shape.
            use_locking: accepted; an assignment is atomic.
            name: accepted.
            read_value: whether to return the variable (as TensorFlow's "UnreadVariable") or None.

        Raises:
            ValueError: wrong dtype or shape; the variable is left as it was.
        """
        return self._rebind(self._admit(value, "assign"), read_value)

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Adds `delta`, of the variable's dtype and shape. Arguments are those of `assign`.

        Raises:
            ValueError: wrong dtype; the variable is left as it was.
            InvalidArgumentError: wrong shape; the variable is left as it was.
        """
        return self._update(np.add, self._admit(delta, "assign_add"), read_value)

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtracts `delta`, of the variable's dtype and shape. Arguments and errors are those of `assign_add`."""
        return self._update(np.subtract, self._admit(delta, "assign_sub"), read_value)

    def _admit(self, value: TensorLike, operation: str) -> Tensor:
        """The tensor of `value`, if this variable can hold it."""
        own = self._value
        tensor = value if type(value) is Tensor else convert(value, hint=own.dtype)
        new = tensor._value
        if new.dtype is not own.dtype and new.dtype != own.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {self.dtype.name} for Tensor with dtype {tensor.dtype.name}: "
                f"{tensor!r}; {operation} to {self.name} needs tf.cast(value, tf.{self.dtype.name})"
            )
        if new.shape != own.shape:
            fits = operation == "assign" and self._shape is not None and self._shape.is_compatible_with(new.shape)
            if not fits:
                if operation != "assign":
                    raise InvalidArgumentError(
                        None,
                        None,
                        f"Cannot update variable with shape {list(own.shape)} using a Tensor with shape {list(new.shape)}, "
                        f"shapes must be equal: {operation} to {self.name}; use tf.broadcast_to",
                    )
                raise ValueError(
                    f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable shape {self.shape}, and "
                    f"the assigned value shape {tensor.shape} are incompatible."
                )
        return tensor

    def _rebind(self, new: Tensor, read_value: bool = True) -> Any:
        """Makes the value of `new`, already admitted, the variable's: earlier reads keep theirs."""
        if ACTIVE and (tracer := tracing()) is not None:
            tracer.assign(self, new)
            return UnreadVariable(self) if read_value else None
        self._value = new._value
        self._cached = NOT_READ
        return UnreadVariable(self) if read_value else None

    def _update(self, add: Callable, delta: Tensor | None, read_value: bool = True) -> Any:
        """value = add(value, delta's value), in place where nobody else can see the old value."""
        if ACTIVE and (tracer := tracing()) is not None:
            tracer.update(self, add, delta)
            return UnreadVariable(self) if read_value else None
        operand = None if delta is None else delta._value
        self._cached = NOT_READ
        value = self._value
        operands: tuple
        if type(value) is np.ndarray and sys.getrefcount(value) == SOLE_OWNER and value.flags.owndata and alone():
            operands = (value, operand, value)  # the third is where ufuncs write: in place
        else:
            operands = (value, operand)
        try:
            self._value = run(add, *operands)
        except RuntimeError:
            self._value = run_in_copy(add, *operands)
        self._cached = NOT_READ  # again: another thread may have read the old value in between
        return UnreadVariable(self) if read_value else None

    # -- Python and NumPy -----------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        untraceable(f"a NumPy function of the variable {self._name}")
        # A copy: a view would keep showing the value while assignments change it in place.
        if copy is False:
            raise ValueError(f"the value of {self.name} cannot be had without a copy: it changes; use np.asarray(variable)")
        return np.array(self._value, dtype)

    def __bool__(self) -> bool:
        return bool(self._read())

    def __int__(self) -> int:
        return int(self._read())

    def __float__(self) -> float:
        return float(self._read())

    def __complex__(self) -> complex:
        return complex(self._read())

    def __index__(self) -> int:
        return self._read().__index__()

    def __len__(self) -> int:
        return len(Tensor(self._value))

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._read())

    def __repr__(self) -> str:
        if ACTIVE and tracing() is not None:
            return f"<tf.Variable '{self._name}' shape={self.shape} dtype={self.dtype.name}>"
        return variable_repr(self._name, self._value, self.dtype, self.shape)

    def __format__(self, specification: str) -> str:
        return format(self.numpy(), specification) if specification else repr(self)

    def ref(self) -> Reference:
        """A hashable reference to this very variable; `.deref()` gives the variable back."""
        return Reference(self)

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    @property
    def device(self) -> str:
        """The name of the device that holds the value: always the CPU."""
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def __copy__(self) -> Variable:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict) -> Variable:
        twin = Variable(
            self.numpy(),
            self._trainable,
            name=self._name.rpartition(":")[0],
            constraint=self._constraint,
            shape=self._shape,
        )
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> tuple:
        return _restore, (self.numpy(), self._trainable, self._name, self._shape)


LEAVES.add(Variable)


class UnreadVariable(Variable):
    """What an assignment returns: the same variable under the name "UnreadVariable"."""

    __slots__ = ("_parent",)

    def __init__(self, parent: Variable) -> None:
        self._parent = parent

    def _read(self) -> Tensor:
        return self._parent._read()  # the tapes know the variable, not this name for it

    name = property(lambda self: "UnreadVariable")  # type: ignore[assignment]
    _name = name  # type: ignore[assignment]

    def __deepcopy__(self, memo: dict) -> Variable:
        return self._parent.__deepcopy__(memo)

    def __reduce__(self) -> tuple:
        return self._parent.__reduce__()


def _shared(slot: str) -> property:
    return property(
        lambda self: getattr(self._parent, slot),
        lambda self, value: setattr(self._parent, slot, value),
    )


for _slot in ("_value", "_shape", "_trainable", "_constraint", "_cached", "_differentiable"):
    setattr(UnreadVariable, _slot, _shared(_slot))


def _restore(value: Any, trainable: bool, name: str, shape: Any) -> Variable:
    return Variable(value, trainable, name=name.rpartition(":")[0], shape=shape)


def _references_of_a_sole_owner() -> int:
    """What `sys.getrefcount` counts, inside a method, for an array that only a slot of `self` holds."""

    class Owner:
        __slots__ = ("_value",)
        _value: np.ndarray

        def count(self) -> int:
            value = self._value
            return sys.getrefcount(value)

    owner = Owner()
    owner._value = np.zeros(1)
    return owner.count()


SOLE_OWNER = _references_of_a_sole_owner()
THREADS_AT_IMPORT = _count()  # those of a notebook's kernel, say, which read no variables


def alone() -> bool:
    """Whether no thread was started that may read a variable between a look at its array's owners and a change of the array."""
    return _count() <= THREADS_AT_IMPORT


class VariableSynchronization(enum.Enum):
    """Accepted by `tf.Variable`; there is one copy of every variable.

    >>> import tapeflow as tf
    >>> tf.Variable(0.0, synchronization=tf.VariableSynchronization.ON_READ).trainable
    False
    """

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(enum.Enum):
    """Accepted by `tf.Variable`; there is one copy of every variable.

    >>> import tapeflow as tf
    >>> tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM).aggregation
    <VariableAggregation.SUM: 1>
    """

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


CONVERTERS[Variable] = CONVERTERS[UnreadVariable] = lambda variable: variable._read()
