"""Records what TensorFlow answers to the gradient cases, in tests/golden/gradients/FAMILY.npz.

    python tests/golden/record_gradients.py [FAMILY…]

Run it, with a Python that has TensorFlow, when cases were added or changed: without arguments it records every family. The
tests themselves need the records only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numpy as np
import tensorflow as tf

from tests.gradient.case import Case, cases_of, differentiable, families, save, weights


def answer(case: Case) -> dict[str, Any]:
    """The forward values and the gradients of first and second order of one case."""
    inputs = [tf.constant(x) for x in case.inputs]
    sources = [x for x in inputs if differentiable(x.dtype.as_numpy_dtype)]
    with tf.GradientTape() as outer:
        outer.watch(sources)
        with tf.GradientTape() as inner:
            inner.watch(sources)
            outputs = case.function(tf, *inputs)
            outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        targets = [y for y in outputs if differentiable(y.dtype.as_numpy_dtype)]
        first = []
        if case.first:
            first = inner.gradient(targets, sources, [tf.constant(weights(y.numpy(), 0.3)) for y in targets])
            first = [None if g is None else tf.convert_to_tensor(g) for g in first]
        slopes = [g for g in first if g is not None]
    second: list[Any] = [None] * len(sources)
    if case.second and slopes:
        second = outer.gradient(slopes, sources, [tf.constant(weights(g.numpy(), 1.1)) for g in slopes])
        second = [None if h is None else tf.convert_to_tensor(h) for h in second]
    return {
        "fingerprint": case.fingerprint,
        "forward": [y.numpy() for y in outputs],
        "first": [None if g is None else g.numpy() for g in first],
        "second": [None if h is None else h.numpy() for h in second] if case.second else [],
    }


def record(family: str) -> bool:
    """Records one family; False if TensorFlow refused a case."""
    records, refused = {}, []
    for case in filter(lambda case: case.recorded, cases_of(family)):
        try:
            records[case.name] = answer(case)
        except Exception as error:  # every refusal is reported, so that all can be mended at once
            refused.append(f"  {case.name}: {type(error).__name__}: {str(error)[:300]}")
    if refused:
        print(f"{family}: nothing was written, TensorFlow refused these cases:", *refused, sep="\n")
        return False
    path = save(family, records)
    print(f"{family}: {len(records)} cases, {path.stat().st_size} bytes")
    return True


if __name__ == "__main__":
    np.seterr(all="ignore")
    done = [record(family) for family in sys.argv[1:] or families()]
    sys.exit(0 if all(done) else 1)
