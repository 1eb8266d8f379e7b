"""What the tests of functions share."""

from __future__ import annotations

import pytest

from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.function import Function


def refuse(self, *args, **kwargs):
    raise AssertionError(f"{self.name} is not compiled: {getattr(self, 'experimental_eager_reasons', tuple)()}")


@pytest.fixture
def not_replayed(monkeypatch):
    """Functions that can be traced must not run node by node."""
    monkeypatch.setattr(ConcreteFunction, "replay", refuse)


@pytest.fixture
def compiled(monkeypatch, not_replayed):
    """Functions must neither fall back to running eagerly, nor node by node."""
    monkeypatch.setattr(Function, "_run_eagerly", refuse)
