import re

import tapeflow as tf


def test_programs_that_ask_for_tensorflow_2_go_on():
    assert tf.__version__ == tf.version.VERSION
    assert tf.__version__.startswith("2.")
    assert tuple(int(part) for part in tf.__version__.split(".")) >= (2, 21, 0)


def test_the_product_is_named():
    assert re.match(r"tapeflow-(\d|unknown)", tf.version.GIT_VERSION)
    assert tf.version.COMPILER_VERSION


def test_what_describes_graphs_is_not_here():
    assert not hasattr(tf.version, "GRAPH_DEF_VERSION")
