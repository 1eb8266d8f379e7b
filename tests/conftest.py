"""Hypothesis measures no time: a machine that is busy is not a failure. A script that needs more than the tests is left alone."""

import pytest
from hypothesis import settings

settings.register_profile("tapeflow", deadline=None)
settings.load_profile("tapeflow")

collect_ignore = ["graph/native/fit_double_polynomials.py"]  # mpmath


@pytest.fixture(scope="session", autouse=True)
def graphs_are_well_formed():
    """Every graph that a test compiles keeps the laws of graphs: after the passes, and as it is written."""
    from tapeflow.graph.plan import Plan
    from tapeflow.graph.verification import verify

    make = Plan.__init__

    def checked(self, block, inputs, outputs):
        make(self, block, inputs, outputs)
        verify(self.graph, inputs, self.outputs)
        verify(self.written, inputs, self.outputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plan, "__init__", checked)
        yield
