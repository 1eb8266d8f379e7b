"""The results of a function come in the structure that it returned."""

from collections import OrderedDict, namedtuple

import pytest

import tapeflow as tf
from tapeflow.core import nest
from tapeflow.core.tensor import Tensor
from tapeflow.graph.packing import packer

Pair = namedtuple("Pair", "first second")
a, b, c = tf.constant(1.0), tf.constant(2), tf.constant([3.0])
slices = tf.IndexedSlices(c, tf.constant([0]), tf.constant([4]))


@pytest.mark.parametrize(
    "structure",
    [
        a,
        None,
        7,
        (),
        [],
        {},
        (a,),
        [a, None, "text", (b, [c])],
        {"z": a, "b": (b, 2.5), "m": [c]},
        {"z": {2: a, 1: b}, "a": c},
        (a, Pair(b, [c])),
        OrderedDict([("z", a), ("b", b)]),
        [slices, a],
    ],
    ids=str,
)
def test_packing_is_what_nest_does(structure):
    leaves = nest.flatten(structure, expand_composites=True)
    tensors = [Tensor(x._value) for x in leaves if isinstance(x, Tensor)]
    following = iter(tensors)
    wanted = nest.pack_sequence_as(
        structure, [next(following) if isinstance(x, Tensor) else x for x in leaves], expand_composites=True
    )
    found = packer(structure, leaves)(tensors)
    nest.assert_same_structure(found, wanted, expand_composites=True)
    assert type(found) is type(wanted)
    assert repr(found) == repr(wanted)
    flat = zip(nest.flatten(found, True), nest.flatten(wanted, True), strict=True)
    assert all(x is y for x, y in flat)


def test_every_call_gives_a_list_of_its_own():
    pack = packer([a, [b]], [a, b])
    first, second = pack([a, b]), pack([a, b])
    assert first is not second
    assert first[1] is not second[1]
