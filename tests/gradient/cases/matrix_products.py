"""Matrix products in every form, for real and complex matrices, alone and in batches that broadcast."""

import itertools

from tests.gradient.case import Case, array

FORMS = {"": {}, "T": {"transpose": True}, "H": {"adjoint": True}}
BATCHES = {
    "matrices": ((), ()),
    "batch": ((2,), (2,)),
    "left": ((2,), ()),
    "right": ((), (2,)),
    "broadcast": ((2, 1), (1, 3)),
}


def flags(form_a, form_b):
    return {f"{k}_a": v for k, v in FORMS[form_a].items()} | {f"{k}_b": v for k, v in FORMS[form_b].items()}


def shape(batch, rows, columns, form):
    return (*batch, columns, rows) if form else (*batch, rows, columns)


def products(name, make):
    for (a, b), (batch, (left, right)) in itertools.product(itertools.product(FORMS, FORMS), BATCHES.items()):
        if batch not in ("matrices", "broadcast") and (a, b) not in (("", ""), ("T", "H")):
            continue
        how = flags(a, b)
        yield Case(
            f"matmul_{name}_{batch}_{a}x{b}",
            lambda tf, x, y, how=how: tf.matmul(x, y, **how),
            make(*shape(left, 2, 3, a)),
            make(*shape(right, 3, 4, b)),
        )


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


CASES = [
    *products("real", array),
    *products("complex", complex_array),
    Case("matmul_self", lambda tf, x: x @ x, array(3, 3)),
    Case("matmul_self_transposed", lambda tf, x: tf.matmul(x, x, transpose_b=True), array(2, 3)),
    Case("matmul_empty_inner", lambda tf, x, y: tf.matmul(x, y), array(2, 0), array(0, 3)),
    Case("matmul_empty_batch", lambda tf, x, y: tf.matmul(x, y), array(0, 2, 3), array(3, 2)),
    Case("matvec", lambda tf, x, y: tf.linalg.matvec(x, y), array(2, 3), array(3)),
    Case("matvec_transposed", lambda tf, x, y: tf.linalg.matvec(x, y, transpose_a=True), array(3, 2), array(3)),
    Case("matvec_batch", lambda tf, x, y: tf.linalg.matvec(x, y), array(4, 2, 3), array(4, 3)),
    Case("matvec_adjoint", lambda tf, x, y: tf.linalg.matvec(x, y, adjoint_a=True), complex_array(3, 2), complex_array(3)),
    Case("quadratic_form", lambda tf, x, a: tf.reduce_sum(x * tf.linalg.matvec(a, x)), array(3), array(3, 3)),
]
