"""Einstein sums: products, diagonals, traces, broadcasting, and several operands."""

from tests.gradient.case import Case, array

SIZES = {"a": 2, "b": 3, "i": 2, "j": 3, "k": 4, "l": 2}


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


def equation(text, make=array, **options):
    """A case whose inputs have the sizes above; a diagonal needs none of its own."""
    shapes = [[SIZES[c] for c in term] for term in text.split("->")[0].split(",")]
    return Case(
        f"einsum_{text}" + ("_complex" if make is complex_array else ""),
        lambda tf, *inputs: tf.einsum(text, *inputs) ** 2.0,
        *(make(*shape) for shape in shapes),
        **options,
    )


CASES = [
    *(
        equation(text)
        for text in (
            "ij,jk->ik",
            "ij,jk->ki",
            "ij,kj->ik",
            "ji,jk->ik",
            "ij,jk",
            "ij->ji",
            "ij->i",
            "ij->",
            "ii->i",
            "ii->",
            "iji->j",
            "i,i->",
            "i,j->ij",
            "ij,ij->ij",
            "ij,ij->",
            "ij,j->ij",
            "ij,ij->i",
            "ij,k->",
            "ijk,jb->kib",
            "aij,ajk->aik",
            "aij,jk->aik",
            "ii,ij->j",
            "ab,iab->ia",
            "ij,jk,kl->il",
            "ij,j,i->",
            "a,b,i->iab",
            "ij,jk,ia,ab->kb",
            "i->i",
        )
    ),
    *(equation(text, complex_array) for text in ("ij,jk->ik", "ii->", "aij,ajk->aik", "ij,j->ij")),
    Case("ellipsis", lambda tf, x, y: tf.einsum("...ij,jk->...ik", x, y) ** 2.0, array(2, 2, 3), array(3, 2)),
    Case(
        "ellipsis_broadcast",
        lambda tf, x, y: tf.einsum("...ij,...jk->...ik", x, y) ** 2.0,
        array(2, 1, 2, 3),
        array(4, 3, 2),
    ),
    Case("ellipsis_first", lambda tf, x: tf.einsum("i...->...i", x) ** 2.0, array(2, 3, 4)),
    Case("ellipsis_product", lambda tf, x, y: tf.einsum("...,...->...", x, y) ** 2.0, array(2, 1), array(3)),
    Case("ellipsis_diagonal", lambda tf, x: tf.einsum("...ii->...i", x) ** 2.0, array(2, 3, 3)),
    Case("einsum_empty", lambda tf, x, y: tf.einsum("ij,jk->ik", x, y), array(2, 0), array(0, 3)),
    Case("tensordot_1", lambda tf, x, y: tf.tensordot(x, y, 1) ** 2.0, array(2, 3), array(3, 4)),
    Case("tensordot_0", lambda tf, x, y: tf.tensordot(x, y, 0) ** 2.0, array(2), array(3)),
    Case("tensordot_2", lambda tf, x, y: tf.tensordot(x, y, 2) ** 2.0, array(2, 3, 4), array(3, 4, 2)),
    Case("tensordot_axes", lambda tf, x, y: tf.tensordot(x, y, [[0, 2], [1, 0]]) ** 2.0, array(2, 3, 4), array(4, 2)),
    Case("tensordot_pair", lambda tf, x, y: tf.tensordot(x, y, (-1, -1)) ** 2.0, array(2, 3), array(4, 3)),
    Case("tensordot_scalar", lambda tf, x, y: tf.tensordot(x, y, 0) ** 2.0, array(), array(2)),
]
