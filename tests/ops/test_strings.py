"""`tf.strings`, against what TensorFlow answered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.core.convert import convert
from tapeflow.ops import strings
from tests.golden.formatting import NAMES, RECORDED, outcome, scalar

FORMATS = {"as_string": {}, "scientific": {"scientific": True, "precision": 4}, "shortest": {"shortest": True}}


def listed(tensor):
    value = np.asarray(tensor.numpy(), object) if tensor.dtype == "string" else tensor.numpy()
    if tensor.dtype == "string":
        value = np.vectorize(lambda item: item.decode("latin-1"), otypes=[object])(value)
    return {"dtype": tensor.dtype.name, "shape": list(tensor.shape), "items": value.tolist()}


@pytest.mark.parametrize("row", RECORDED["strings"], ids=lambda row: row["of"])
def test_string_ops_answer_as_in_tensorflow(row):
    recorded = {key: row[key] for key in row.keys() - {"of"}}
    assert outcome(lambda: listed(eval(row["of"], NAMES))) == recorded


@pytest.mark.parametrize("dtype", RECORDED["scalars"])
@pytest.mark.parametrize("format", FORMATS)
def test_numbers_of_any_bits_become_the_text_that_tensorflow_gives(dtype, format):
    for row in RECORDED["scalars"][dtype]:
        text = strings.as_string(scalar(dtype, row["bits"]), **FORMATS[format]).numpy()
        assert text == row[format].encode(), row["bits"]


@given(st.text(max_size=20), st.integers(-20, 20), st.integers(0, 25))
def test_substr_of_characters_is_a_slice_of_the_text(text, pos, count):
    if -len(text) <= pos <= len(text):
        start = pos + len(text) if pos < 0 else pos
        part = strings.substr(text, pos, count, unit="UTF8_CHAR").numpy()
        assert part == text[start : start + count].encode()
    else:
        assert outcome(lambda: strings.substr(text, pos, count, unit="UTF8_CHAR")) == {"raises": "InvalidArgumentError"}


@given(st.lists(st.text(max_size=5), max_size=5))
def test_lengths_add_up_when_strings_are_joined(parts):
    joined = strings.join(parts)
    for unit in ("BYTE", "UTF8_CHAR"):
        assert strings.length(joined, unit=unit).numpy() == sum(strings.length(part, unit=unit).numpy() for part in parts)


def test_a_transposed_string_array_keeps_its_elements_in_place():
    table = np.array([["a", "bb"], ["ccc", "d"]], object)
    assert strings.length(convert(table.T)).numpy().tolist() == [[1, 3], [2, 1]]
