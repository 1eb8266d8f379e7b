"""`tf.keras.initializers`: first values of variables."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.initializers.constants import (
    Constant,
    Identity,
    Ones,
    Zeros,
)
from tapeflow.keras.initializers.distributions import (
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from tapeflow.keras.initializers.initializer import Initializer
from tapeflow.keras.initializers.registry import deserialize, get, serialize
from tapeflow.keras.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

# Keras's other names
constant = Constant
identity = Identity
ones = Ones
zeros = Zeros
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
variance_scaling = VarianceScaling
IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
