"""Large arrays that come and go again and again are not new memory each time."""

import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import numpy as np, tapeflow as tf
x = tf.constant(np.ones(1_000_000, np.float32))
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def step():
    return [tf.exp(x) for _ in range(6)]  # 24 MB
for _ in range(3):
    step()
before = faults()
for _ in range(10):
    step()
print((faults() - before) / 10)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what another library does is its own affair")
def test_a_step_over_large_arrays_finds_its_memory_again():
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 600  # a tenth of the pages
