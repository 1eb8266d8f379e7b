"""Transposes, bands and diagonals of matrices."""

from tests.gradient.case import Case, array


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


ALIGNMENTS = ("LEFT_LEFT", "LEFT_RIGHT", "RIGHT_LEFT", "RIGHT_RIGHT")

# Every case multiplies, so that the second order is not 0.
CASES = [
    Case("matrix_transpose", lambda tf, x: tf.linalg.matrix_transpose(x) ** 2.0, array(2, 2, 3)),
    Case("adjoint", lambda tf, x: tf.linalg.adjoint(x) * tf.linalg.matrix_transpose(x), complex_array(2, 3)),
    Case("band_part", lambda tf, x: tf.linalg.band_part(x, 1, 0) ** 2.0, array(2, 3, 4)),
    Case("band_part_upper", lambda tf, x: tf.linalg.band_part(x * x, 0, -1), array(3, 3)),
    Case("trace", lambda tf, x: tf.linalg.trace(x) ** 2.0, array(2, 3, 2)),
    Case("trace_empty", lambda tf, x: tf.linalg.trace(x), array(0, 0)),
    Case("diag", lambda tf, x: tf.linalg.diag(x * x), array(2, 3)),
    Case("diag_off", lambda tf, x: tf.linalg.diag(x * x, k=-1, num_cols=4), array(3)),
    Case("diag_padded", lambda tf, x: tf.linalg.diag(x * x, num_rows=4, num_cols=3, padding_value=7.0), array(3)),
    *(
        Case(f"diag_bands_{a}", lambda tf, x, a=a: tf.linalg.diag(x * x, k=(-1, 2), align=a), array(4, 3))
        for a in ALIGNMENTS
    ),
    Case("diag_part", lambda tf, x: tf.linalg.diag_part(x * x), array(2, 3, 4)),
    Case("diag_part_off", lambda tf, x: tf.linalg.diag_part(x * x, k=2), array(3, 4)),
    *(
        Case(f"diag_part_bands_{a}", lambda tf, x, a=a: tf.linalg.diag_part(x * x, k=(-1, 2), align=a), array(3, 4))
        for a in ALIGNMENTS
    ),
    Case("set_diag", lambda tf, x, d: tf.linalg.set_diag(x * x, d * d), array(2, 3, 4), array(2, 3)),
    Case("set_diag_bands", lambda tf, x, d: tf.linalg.set_diag(x * x, d * d, k=(-1, 1)), array(3, 4), array(3, 3)),
    Case("tensor_diag", lambda tf, x: tf.linalg.tensor_diag(x * x), array(2, 3)),
    Case("tensor_diag_part", lambda tf, x: tf.linalg.tensor_diag_part(x * x), array(2, 3, 2, 3)),
]
