"""Hypothesis measures no time: a machine that is busy is not a failure."""

from hypothesis import settings

settings.register_profile("tapeflow", deadline=None)
settings.load_profile("tapeflow")
