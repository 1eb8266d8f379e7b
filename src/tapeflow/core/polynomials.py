"""Polynomials with integer coefficients, as tuples that are equal where the polynomials are: what sizes are made of."""

from __future__ import annotations

__all__ = ["Atom", "Polynomial", "constant", "is_never_negative", "plus", "quotient", "sign_of", "times"]

Atom = tuple  # ("size", i), or ("integer", i) of any sign, or (operation, polynomial, polynomial), or ("asked", i)
Polynomial = tuple  # of pairs (monomial, coefficient), in a fixed order; a monomial is a tuple of atoms


def ordered(terms: dict[tuple, int]) -> Polynomial:
    """The polynomial with these coefficients, in the one order that makes equal ones equal."""
    return tuple(sorted([(m, c) for m, c in terms.items() if c], key=repr))


def plus(p: Polynomial, q: Polynomial, sign: int = 1) -> Polynomial:
    """p + sign·q."""
    terms = dict(p)
    for monomial, coefficient in q:
        terms[monomial] = terms.get(monomial, 0) + sign * coefficient
    return ordered(terms)


def times(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product."""
    terms: dict[tuple, int] = {}
    for m, a in p:
        for n, b in q:
            monomial = tuple(sorted(m + n, key=repr))
            terms[monomial] = terms.get(monomial, 0) + a * b
    return ordered(terms)


def quotient(p: Polynomial, q: Polynomial) -> Polynomial | None:
    """p / q, where every term of p is divisible by the only term of q; None otherwise."""
    if len(q) != 1:
        return () if not p else ((((), 1),) if p == q else None)
    (divisor, number), terms = q[0], {}
    for monomial, coefficient in p:
        rest = list(monomial)
        for atom in divisor:
            if atom not in rest:
                return None
            rest.remove(atom)
        if coefficient % number:
            return None
        terms[tuple(rest)] = coefficient // number
    return ordered(terms)


def constant(p: Polynomial) -> int | None:
    """The number that p is, if it is one."""
    return 0 if not p else p[0][1] if len(p) == 1 and not p[0][0] else None


def is_never_negative(p: Polynomial) -> bool:
    """Whether p is at least 0 whatever the sizes are, as far as its signs tell."""
    return all(coefficient >= 0 and all(map(_atom_is_never_negative, monomial)) for monomial, coefficient in p)


def _atom_is_never_negative(atom: Atom) -> bool:
    return atom[0] in ("size", "asked", "%") or (atom[0] != "integer" and all(map(is_never_negative, atom[1:])))


def sign_of(p: Polynomial) -> int | None:
    """1 where p is positive, -1 where it is negative, 0 where it is 0, for all sizes; None if that depends on them."""
    number = constant(p)
    if number is not None:
        return (number > 0) - (number < 0)
    for sign in (1, -1):
        scaled = tuple([(m, c * sign) for m, c in p])
        if is_never_negative(scaled) and dict(scaled).get((), 0) > 0:
            return sign
    return None
