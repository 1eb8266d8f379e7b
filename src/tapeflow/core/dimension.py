"""Sizes that are not known yet: what stands in a shape where a `tf.TensorSpec` says None.

While a function is traced for a signature with unknown dimensions, each of them is a symbol, and the shapes of results hold
expressions of these: n, 2*n + 3, n*m, n // 2. A `Dim` is such an expression, kept as a polynomial with integer coefficients
whose unknowns ("atoms") are symbols and the expressions that are no polynomials. So equal sizes are seen to be equal however
they were computed.

A comparison that algebra cannot decide is decided by the *hints*, the sizes in the call that is being traced, and noted as a
*guard*: the trace serves other sizes only if every guard comes out the same for them. A size that is needed as a number is
not to be had: `SizeAsked` says so, and the function is traced with that dimension known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from tapeflow.core.polynomials import Atom, Polynomial, constant, is_never_negative, plus, quotient, sign_of, times

__all__ = [
    "Dim",
    "SizeAsked",
    "Sizes",
    "at_least",
    "broadcast_sizes",
    "dims_in",
    "evaluated",
    "holds_dim",
    "holds_late",
    "holds_unsure",
    "may_be_equal",
    "same_shape",
    "smaller",
]

MOST_ANSWERS = 4096  # remembered sizes of what only a kernel knows


class SizeAsked(RuntimeError):
    """A size that is known only when the function runs is needed as a number.

    Attributes:
        dim: the size.
    """

    def __init__(self, dim: Dim) -> None:
        super().__init__("the size of an unknown dimension is needed as a number while the function is traced")
        self.dim = dim


class Sizes:
    """The unknown sizes of one trace: their hints, and the guards that the trace relies on.

    Attributes:
        hints: the size of each symbol in the call that is being traced.
        questions: what gives the sizes that are no formulas.
        guards: (sign, polynomial) -> whether the polynomial has that sign, as the trace assumed.
        emit: makes a tensor of a size, of a dtype: the trace says how.
        late: the symbols that depend on values: not even the call tells them, only the running function does.
        doubt: answers the questions about these that algebra cannot decide.
    """

    def __init__(self) -> None:
        self.hints: tuple[int, ...] = ()
        self.guards: dict[tuple[str, Polynomial], bool] = {}
        self.emit: Callable[[Any, Any], Any] = escaped
        self.late: set[int] = set()
        self.doubt: Callable[[tuple[str, Polynomial]], bool] = escaped
        self._open = True
        self.questions: list[Callable[[tuple[int, ...]], int]] = []
        self._answers: dict[tuple[int, tuple[int, ...]], int] = {}

    def symbol(self, hint: int) -> Dim:
        """A new unknown size."""
        self.hints = (*self.hints, hint)
        return Dim(self, (((("size", len(self.hints) - 1),), 1),))

    def late_symbol(self, hint: int, kind: str = "size") -> Dim:
        """A new unknown size that depends on values; of the kind "integer" it may be negative."""
        self.hints = (*self.hints, hint)
        self.late.add(len(self.hints) - 1)
        return Dim(self, ((((kind, len(self.hints) - 1),), 1),))

    def is_late(self, polynomial: Polynomial) -> bool:
        """Whether a size depends on values."""
        return bool(self.late) and not self.late.isdisjoint(symbols_of(polynomial))

    def asked(self, question: Callable[[tuple[int, ...]], int]) -> Dim:
        """A size that is no formula of the symbols: `question` computes it from their sizes."""
        self.questions.append(question)
        return Dim(self, (((("asked", len(self.questions) - 1),), 1),))

    def close(self) -> None:
        """Ends the trace: what was not asked then cannot be asked any more."""
        self._open, self.emit = False, escaped

    def value(self, polynomial: Polynomial, sizes: Any) -> int:
        """What an expression comes to."""
        total = 0
        for monomial, coefficient in polynomial:
            for atom in monomial:
                coefficient *= self._atom(atom, sizes)
            total += coefficient
        return total

    def _atom(self, atom: Atom, sizes: Any) -> int:
        kind = atom[0]
        if kind == "size" or kind == "integer":
            return sizes[atom[1]]
        if kind == "asked":
            numbers = sizes if type(sizes) is tuple else sizes.known
            key = atom[1], numbers
            answer = self._answers.get(key)
            if answer is None:
                if len(self._answers) >= MOST_ANSWERS:
                    self._answers.clear()
                answer = self._answers[key] = self.questions[atom[1]](numbers)
            return answer
        a, b = self.value(atom[1], sizes), self.value(atom[2], sizes)
        return (OPERATIONS if type(a) is type(b) is int else OF_SIZES)[kind](a, b)

    def decide(self, sign: str, polynomial: Polynomial) -> bool:
        """Whether the polynomial is 0 ("="), or less than 0 ("<"), for the hints; noted as a guard."""
        if self.late and self.is_late(polynomial):
            return self.doubt((sign, polynomial))
        if not self._open:
            escaped()
        guard = sign, polynomial
        answer = self.guards.get(guard)
        if answer is None:
            answer = self.guards[guard] = self.holds(guard, self.hints)
        return answer

    def holds(self, guard: tuple[str, Polynomial], sizes: Any) -> bool:
        """Whether the polynomial has the sign, for these sizes."""
        value = self.value(guard[1], sizes)
        return value == 0 if guard[0] == "=" else value < 0

    def leaders(self) -> list[int]:
        """For each symbol the first one that the trace assumes to be equal to it, perhaps itself."""
        leaders = list(range(len(self.hints)))
        for (sign, polynomial), outcome in self.guards.items():
            if sign == "=" and outcome and len(polynomial) == 2 and sorted(c for _, c in polynomial) == [-1, 1]:
                atoms = [monomial[0] for monomial, _ in polynomial if len(monomial) == 1]
                if len(atoms) == 2 and atoms[0][0] == atoms[1][0] == "size":
                    i, j = sorted(leaders[atom[1]] for atom in atoms)
                    leaders = [i if leader == j else leader for leader in leaders]
        return leaders

    def admit(self, sizes: tuple[int, ...]) -> bool:
        """Whether what the trace assumed is true of these sizes."""
        return all(self.holds(guard, sizes) is outcome for guard, outcome in list(self.guards.items()))


def escaped(*_: Any) -> NoReturn:
    """Refuses a size that was taken out of its function."""
    raise TypeError(
        "the size of an unknown dimension is used outside of the tf.function that was traced with it; use tf.shape inside the "
        "function"
    )


def leaves_of(polynomial: Polynomial) -> Iterator[tuple[str, int]]:
    """The symbols and questions in an expression: ("size", number), ("integer", number) and ("asked", number)."""
    waiting: list[Any] = [polynomial]
    while waiting:
        part = waiting.pop()
        if type(part) is tuple:
            if len(part) == 2 and part[0] in ("size", "integer", "asked"):
                yield part
            else:
                waiting.extend(part)


def symbols_of(polynomial: Polynomial) -> set[int]:
    """The numbers of the symbols in an expression; -1 for those that a question may be about."""
    return {-1 if kind == "asked" else number for kind, number in leaves_of(polynomial)}


def of(value: Any) -> Polynomial:
    """A Dim or a Python integer as a polynomial."""
    if type(value) is Dim:
        return value.polynomial
    return (((), int(value)),) if value else ()


OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "//": lambda a, b: a // b if b else 0,
    "%": lambda a, b: a % b if b else 0,
    "max": max,
    "min": min,
    "broadcast": lambda a, b: b if a == 1 else a,
}


# -- a size ----------------------------------------------------------------------------------------------


class Dim:
    """A size that is an expression of unknown sizes. It is no `int`: whatever needs a number raises `SizeAsked`."""

    __slots__ = ("polynomial", "sizes")

    def __init__(self, sizes: Sizes, polynomial: Polynomial) -> None:
        self.sizes, self.polynomial = sizes, polynomial

    @property
    def hint(self) -> int:
        """The size in the call that is being traced."""
        return self.sizes.value(self.polynomial, self.sizes.hints)

    def at(self, sizes: Any) -> int:
        """The size where the symbols have these sizes: a tuple, or a mapping that has those which it depends on."""
        return self.sizes.value(self.polynomial, sizes)

    def symbols(self) -> set[int]:
        """The numbers of the symbols that it depends on."""
        found = symbols_of(self.polynomial)
        if -1 in found:
            found = set(range(len(self.sizes.hints)))
        return found

    @property
    def may_be_negative(self) -> bool:
        """Whether there is an integer in it that is no size."""
        return any(kind == "integer" for kind, _ in leaves_of(self.polynomial))

    @property
    def is_late(self) -> bool:
        """Whether it depends on values."""
        return self.sizes.is_late(self.polynomial)

    def _of(self, polynomial: Polynomial) -> Any:
        number = constant(polynomial)
        return Dim(self.sizes, polynomial) if number is None else number

    def _made(self, kind: str, a: Polynomial, b: Polynomial) -> Any:
        return Dim(self.sizes, ((((kind, a, b),), 1),))

    # -- arithmetic ------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return self._of(plus(self.polynomial, of(other))) if is_size(other) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._of(plus(self.polynomial, of(other), -1)) if is_size(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return self._of(plus(of(other), self.polynomial, -1)) if is_size(other) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        return self._of(times(self.polynomial, of(other))) if is_size(other) else NotImplemented

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    def __pow__(self, other: Any) -> Any:
        return math.prod([self] * other) if type(other) is int and other >= 0 else NotImplemented

    def __floordiv__(self, other: Any) -> Any:
        return self._divided(self.polynomial, of(other)) if is_size(other) else NotImplemented

    def __rfloordiv__(self, other: Any) -> Any:
        return self._divided(of(other), self.polynomial) if is_size(other) else NotImplemented

    def _divided(self, p: Polynomial, q: Polynomial) -> Any:
        if not q:
            raise ZeroDivisionError("integer division or modulo by zero")
        exact = quotient(p, q)
        return self._made("//", p, q) if exact is None else self._of(exact)

    def __mod__(self, other: Any) -> Any:
        return self._rest(self.polynomial, of(other)) if is_size(other) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return self._rest(of(other), self.polynomial) if is_size(other) else NotImplemented

    def _rest(self, p: Polynomial, q: Polynomial) -> Any:
        if not q:
            raise ZeroDivisionError("integer division or modulo by zero")
        return self._made("%", p, q) if quotient(p, q) is None else 0

    def __divmod__(self, other: Any) -> Any:
        return (self // other, self % other) if is_size(other) else NotImplemented

    def __rdivmod__(self, other: Any) -> Any:
        return (other // self, other % self) if is_size(other) else NotImplemented

    # -- comparisons -----------------------------------------------------------------------------------

    def is_written_as(self, other: object) -> bool:
        """Whether `other` is the same expression. Nothing is asked, so that nothing need be assumed."""
        return type(other) is Dim and other.polynomial == self.polynomial

    def __eq__(self, other: object) -> bool:
        if not is_size(other):
            return NotImplemented
        if type(other) is Dim and other.polynomial == self.polynomial:
            return True
        difference = plus(self.polynomial, of(other), -1)
        sign = sign_of(difference)
        return self.sizes.decide("=", difference) if sign is None else sign == 0

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __lt__(self, other: Any) -> bool:
        return self._less(self.polynomial, of(other)) if is_size(other) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        return self._less(of(other), self.polynomial) if is_size(other) else NotImplemented

    def __le__(self, other: Any) -> bool:
        return not self._less(of(other), self.polynomial) if is_size(other) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return not self._less(self.polynomial, of(other)) if is_size(other) else NotImplemented

    def _less(self, p: Polynomial, q: Polynomial) -> bool:
        difference = plus(p, q, -1)
        if is_never_negative(difference):
            return False
        sign = sign_of(difference)
        return self.sizes.decide("<", difference) if sign is None else sign < 0

    def __bool__(self) -> bool:
        return self != 0

    # -- what is not to be had -------------------------------------------------------------------------

    def _refused(self, *_: Any) -> NoReturn:
        raise SizeAsked(self)

    __index__ = __int__ = __float__ = __complex__ = __round__ = __trunc__ = __hash__ = _refused  # type: ignore[assignment]
    __truediv__ = __rtruediv__ = __lshift__ = __rshift__ = __and__ = __or__ = __xor__ = _refused

    def __copy__(self) -> Dim:
        return self

    def __deepcopy__(self, memo: dict) -> Dim:
        return self

    def __reduce__(self) -> NoReturn:
        raise SizeAsked(self)

    def __repr__(self) -> str:
        return "None"  # as shapes are written


def is_size(value: Any) -> bool:
    """Whether a value is a Dim or an integer."""
    return type(value) is Dim or (
        (isinstance(value, int) or type(value).__module__ == "numpy") and hasattr(value, "__index__")
    )


def larger(a: Any, b: Any) -> Any:
    """The size of an axis along which sizes a and b are broadcast together; it is for the kernel to refuse what does not fit."""
    if type(a) is not Dim and type(b) is not Dim:
        return b if a == 1 else a
    if type(a) is not Dim:
        return b if a == 1 else a  # an unknown size beside a known one has that size, or is 1
    if type(b) is not Dim:
        return a if b == 1 else b
    return a if a.polynomial == b.polynomial else a._made("broadcast", a.polynomial, b.polynomial)


def at_least(size: Any, least: int) -> Any:
    """The maximum of a size and a number, without asking which it is."""
    if type(size) is not Dim:
        return max(size, least)
    p, q = of(size), of(least)
    return size if is_never_negative(plus(p, q, -1)) else size._made("max", p, q)


def smaller(a: Any, b: Any) -> Any:
    """The minimum of two sizes, without asking which it is."""
    if type(a) is not Dim and type(b) is not Dim:
        return min(a, b)
    p, q = of(a), of(b)
    if is_never_negative(plus(p, q, -1)):
        return b
    if is_never_negative(plus(q, p, -1)):
        return a
    return (a if type(a) is Dim else b)._made("min", p, q)


def broadcast_sizes(*shapes: tuple) -> tuple:
    """The shape of what these shapes are broadcast to; it is for the kernel to refuse unknown sizes that do not fit.

    Raises:
        ValueError: known sizes differ, and none of them is 1.
    """
    rank = max(map(len, shapes), default=0)
    out: list[Any] = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, rank - len(shape)):
            other = out[axis]
            if type(size) is not Dim and type(other) is not Dim and size != other and 1 not in (size, other):
                raise ValueError(f"shapes {' and '.join(map(str, shapes))} could not be broadcast together")
            out[axis] = larger(other, size)
    return tuple(out)


def same_shape(x: tuple, y: tuple) -> bool:
    """Whether two shapes are equal for all sizes, as far as algebra tells; nothing is assumed."""
    return len(x) == len(y) and all(a is b or (type(a) is type(b) and of(a) == of(b)) for a, b in zip(x, y, strict=True))


def may_be_equal(x: tuple, y: tuple) -> bool:
    """Whether two shapes are equal for some sizes, as far as that is known; nothing is assumed."""
    return len(x) == len(y) and all(Dim in (type(a), type(b)) or a == b for a, b in zip(x, y, strict=True))


# The operations where what the symbols stand for is again unknown.
OF_SIZES: dict[str, Callable[[Any, Any], Any]] = {
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "max": lambda a, b: at_least(a, b) if type(b) is not Dim else at_least(b, a) if type(a) is not Dim else -smaller(-a, -b),
    "min": smaller,
    "broadcast": larger,
}

# -- sizes inside other values ---------------------------------------------------------------------------


def dims_in(value: Any) -> Iterator[Dim]:
    """The Dims in tuples, lists, dictionaries and slices."""
    kind = type(value)
    if kind is Dim:
        yield value
    elif kind is tuple or kind is list or isinstance(value, tuple):
        for item in value:
            yield from dims_in(item)
    elif kind is dict:
        for item in value.values():
            yield from dims_in(item)
    elif kind is slice:
        yield from dims_in((value.start, value.stop, value.step))


def holds_dim(value: Any) -> bool:
    """Whether there is a Dim in tuples, lists, dictionaries and slices."""
    return next(dims_in(value), None) is not None


def holds_late(value: Any) -> bool:
    """Whether there is a size that depends on values in tuples, lists, dictionaries and slices."""
    return any(dim.is_late for dim in dims_in(value))


def holds_unsure(value: Any) -> bool:
    """Whether there is one of these that might be negative, so that it is perhaps no size."""
    return any(dim.is_late and not is_never_negative(dim.polynomial) for dim in dims_in(value))


def evaluated(value: Any, sizes: Any) -> Any:
    """The same structure with numbers in place of Dims."""
    kind = type(value)
    if kind is Dim:
        return value.at(sizes)
    if kind is tuple or kind is list:
        return kind([evaluated(item, sizes) for item in value])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*[evaluated(item, sizes) for item in value])
    if kind is dict:
        return {key: evaluated(item, sizes) for key, item in value.items()}
    if kind is slice:
        return slice(evaluated(value.start, sizes), evaluated(value.stop, sizes), evaluated(value.step, sizes))
    return value
