"""Which frameworks take part, what each is called and how its module is loaded."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

OURS = "tapeflow"


@dataclass(frozen=True)
class Framework:
    """One participant: `name` in rows and options, `title` in the table, and where it comes from (C: no distribution)."""

    name: str
    title: str
    module: str
    distribution: str

    def load(self) -> ModuleType:
        return importlib.import_module(self.module)


FRAMEWORKS = {
    framework.name: framework
    for framework in (
        Framework(OURS, "TapeFlow", "tapeflow", "tapeflow"),
        Framework("tensorflow", "TensorFlow", "tensorflow", "tensorflow"),
        Framework("pytorch", "PyTorch", "torch", "torch"),
        Framework("jax", "JAX", "jax", "jax"),
        Framework("autograd", "autograd", "autograd", "autograd"),
        Framework("mygrad", "MyGrad", "mygrad", "mygrad"),
        Framework("numpy", "NumPy", "numpy", "numpy"),
        Framework("c", "C at -O2", "benchmarks.in_c", ""),
    )
}
PEERS = tuple(name for name in FRAMEWORKS if name != OURS)
