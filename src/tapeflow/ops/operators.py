"""Python's operators on tensors and variables."""

from __future__ import annotations

from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops import arithmetic

Tensor.__add__ = Variable.__add__ = arithmetic.add
Tensor.__mul__ = Variable.__mul__ = arithmetic.multiply
Tensor.__sub__ = Variable.__sub__ = arithmetic.subtract
Tensor.__pow__ = Variable.__pow__ = arithmetic.pow
Tensor.__radd__ = Variable.__radd__ = lambda x, y: arithmetic.add(y, x)
Tensor.__rmul__ = Variable.__rmul__ = lambda x, y: arithmetic.multiply(y, x)
Tensor.__rsub__ = Variable.__rsub__ = lambda x, y: arithmetic.subtract(y, x)
Tensor.__neg__ = Variable.__neg__ = arithmetic.negative
