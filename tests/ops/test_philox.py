"""The Philox generator against its published known answers, and its blocks against one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapeflow.ops.philox import CHUNK, MASK128, block, blocks, blocks_at, words

# The known answers that come with Random123, the authors' own library: counter, key, block.
PI = 0x243F6A88 | 0x85A308D3 << 32 | 0x13198A2E << 64 | 0x03707344 << 96
KNOWN = [
    (0, 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (2**128 - 1, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (PI, 0xA4093822 | 0x299F31D0 << 32, (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
]
counters = st.one_of(st.integers(0, MASK128), st.integers(-40, 0).map(lambda i: (2**64 + i) & MASK128))
keys = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter, key, answer):
    assert block(key, counter) == answer
    assert tuple(blocks(key, counter, 9)[0]) == tuple(blocks_at(key, counter, np.zeros(1, np.uint64))[0]) == answer


@settings(max_examples=40, deadline=None)
@given(keys, counters, st.integers(0, 30))
def test_a_row_of_blocks_is_its_blocks_one_by_one(key, counter, count):
    expected = [block(key, (counter + i) & MASK128) for i in range(count)]
    assert blocks(key, counter, count).tolist() == [list(one) for one in expected]
    assert words(key, counter, 4 * count).tolist() == [word for one in expected for word in one]


@settings(max_examples=40, deadline=None)
@given(keys, counters, st.lists(st.integers(0, 2**40), max_size=8))
def test_blocks_at_offsets(key, counter, offsets):
    expected = [list(block(key, (counter + i) & MASK128)) for i in offsets]
    assert blocks_at(key, counter, np.array(offsets, np.uint64)).tolist() == expected


def test_chunks_join():
    many = blocks(3, 5, 2 * CHUNK + 7)
    for i in (CHUNK - 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 6):
        assert tuple(many[i]) == block(3, 5 + i)
