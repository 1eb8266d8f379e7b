"""Hypothesis measures no time: a machine that is busy is not a failure. A script that needs more than the tests is left alone."""

from hypothesis import settings

settings.register_profile("tapeflow", deadline=None)
settings.load_profile("tapeflow")

collect_ignore = ["graph/native/fit_double_polynomials.py"]  # mpmath
