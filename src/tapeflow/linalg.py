"""`tf.linalg`: linear algebra. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.clipping import global_norm
from tapeflow.ops.creation import eye
from tapeflow.ops.decompositions import lu, qr, svd
from tapeflow.ops.diagonals import diag, diag_part, set_diag, tensor_diag, tensor_diag_part, trace
from tapeflow.ops.eigenvalues import eig, eigh, eigh_tridiagonal, eigvals, eigvalsh
from tapeflow.ops.einsum import einsum, tensordot
from tapeflow.ops.factored import lu_matrix_inverse, lu_reconstruct, lu_solve
from tapeflow.ops.linear_algebra import cross, det, inv, slogdet, solve
from tapeflow.ops.matrix_functions import expm, logm, lstsq, matrix_rank, pinv, sqrtm
from tapeflow.ops.matrix_parts import adjoint, band_part, matrix_transpose
from tapeflow.ops.matrix_products import matmul, matvec
from tapeflow.ops.normalization import l2_normalize
from tapeflow.ops.norms import norm, normalize
from tapeflow.ops.triangular import banded_triangular_solve, cholesky, cholesky_solve, logdet, triangular_solve
from tapeflow.ops.tridiagonal import tridiagonal_matmul, tridiagonal_solve

__all__ = [
    "adjoint",
    "band_part",
    "banded_triangular_solve",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eig",
    "eigh",
    "eigh_tridiagonal",
    "eigvals",
    "eigvalsh",
    "einsum",
    "expm",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "logm",
    "lstsq",
    "lu",
    "lu_matrix_inverse",
    "lu_reconstruct",
    "lu_solve",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "sqrtm",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "triangular_solve",
    "tridiagonal_matmul",
    "tridiagonal_solve",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
