"""`tf.nest`, against what TensorFlow answered."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.core import nest
from tapeflow.core.shapes import TensorShape, TensorSpec
from tests.golden.structures import NAMES, outcome, recorded

VALUES = {**NAMES, "nest": nest, "TS": TensorShape, "TSpec": TensorSpec}


@pytest.mark.parametrize("row", recorded("nests"), ids=lambda row: row["of"])
def test_nests_answer_as_in_tensorflow(row):
    assert outcome(lambda: eval(row["of"], VALUES)) == {key: row[key] for key in row.keys() - {"of"}}


# -- laws ---------------------------------------------------------------------------------------

structures = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(structures)
def test_packing_undoes_flattening(structure):
    leaves = nest.flatten(structure)
    packed = nest.pack_sequence_as(structure, leaves)
    assert packed == structure
    nest.assert_same_structure(packed, structure)
    assert not any(nest.is_nested(leaf) for leaf in leaves)


@given(structures)
def test_mapping_the_identity_changes_nothing_and_shares_no_container(structure):
    mapped = nest.map_structure(lambda leaf: leaf, structure)
    assert mapped == structure
    assert not isinstance(structure, (list, dict)) or mapped is not structure


@given(structures, structures)
def test_structures_are_the_same_when_their_patterns_are(first, second):
    def pattern(structure):
        return nest.map_structure(lambda leaf: 0, structure)

    try:
        nest.assert_same_structure(first, second)
    except (TypeError, ValueError):
        assert pattern(first) != pattern(second)
    else:
        assert pattern(first) == pattern(second)


# -- composites ---------------------------------------------------------------------------------


class Pair:
    """A composite of two components."""

    def __init__(self, left, right):
        self.components = left, right

    def __nest_flatten__(self):
        return self.components

    def __nest_unflatten__(self, components):
        return Pair(*components)


def test_a_composite_is_a_leaf_unless_expanded():
    pair = Pair(1, [2, 3])
    assert nest.flatten([pair]) == [pair]
    assert nest.flatten([pair], expand_composites=True) == [1, 2, 3]


def test_expanded_composites_are_made_anew():
    doubled = nest.map_structure(lambda leaf: 2 * leaf, {"p": Pair(1, [2, 3])}, expand_composites=True)
    assert doubled["p"].components == (2, [4, 6])
    packed = nest.pack_sequence_as([Pair(0, 0)], [5, 6], expand_composites=True)
    assert packed[0].components == (5, 6)


def test_expanded_composites_are_compared():
    nest.assert_same_structure([Pair(1, 2)], [Pair(3, [4])])
    with pytest.raises(ValueError, match="same nested structure"):
        nest.assert_same_structure([Pair(1, 2)], [Pair(3, [4])], expand_composites=True)
    with pytest.raises(ValueError, match="same nested structure"):
        nest.assert_same_structure([Pair(1, 2)], [3], expand_composites=True)


# -- messages -----------------------------------------------------------------------------------


def test_the_error_shows_both_structures_and_the_difference():
    with pytest.raises(ValueError, match="keys") as error:
        nest.assert_same_structure([1, {"a": 2}], [3, {"b": (4,)}])
    assert "[., {'a': .}]" in str(error.value)
    assert "[., {'b': (.,)}]" in str(error.value)


def test_a_read_only_mapping_can_be_mapped():
    mapped = nest.map_structure(lambda leaf: leaf + 1, MappingProxyType({"b": 1, "a": 2}))
    assert mapped == {"b": 2, "a": 3}
    assert type(mapped) is MappingProxyType


def test_leaves_must_come_in_a_sequence():
    with pytest.raises(TypeError, match="list"):
        nest.pack_sequence_as([1, 2], {"a": 1, "b": 2})
