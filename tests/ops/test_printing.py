"""`tf.print` and `tf.strings.format`, against what TensorFlow printed."""

import io
import logging
import sys
from collections import OrderedDict, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tapeflow.core import errors
from tapeflow.core.convert import convert
from tapeflow.core.variable import Variable
from tapeflow.gradient.tape import GradientTape
from tapeflow.ops import printing
from tests.golden.formatting import NAMES, RECORDED, outcome, scalar


def printed(arguments, path):
    path.write_bytes(b"")
    names = {**NAMES, "print": printing.print, "path": f"file://{path}"}
    eval(f"print({arguments}{',' if arguments else ''} output_stream=path)", names)
    return path.read_bytes().decode("latin-1")


@pytest.mark.parametrize("dtype", RECORDED["scalars"])
def test_scalars_of_any_bits_are_printed_as_by_tensorflow(dtype):
    for row in RECORDED["scalars"][dtype]:
        text = printing.format("{}", scalar(dtype, row["bits"])).numpy()
        assert text == row["print"].encode(), row["bits"]


@pytest.mark.parametrize("row", RECORDED["printed"], ids=lambda row: row["of"])
def test_print_writes_what_tensorflow_writes(row, tmp_path):
    recorded = {key: row[key] for key in row.keys() - {"of"}}
    assert outcome(lambda: printed(row["of"], tmp_path / "printed")) == recorded


# -- numbers ------------------------------------------------------------------------------------


@given(st.floats(width=32, allow_nan=False, allow_subnormal=False))
def test_a_printed_float32_reads_back_as_the_same(number):
    assert np.float32(printing.format("{}", convert(np.float32(number))).numpy()) == np.float32(number)


@given(st.floats(allow_nan=False, allow_subnormal=False))
def test_a_printed_float64_reads_back_as_the_same(number):
    assert float(printing.format("{}", convert(np.float64(number))).numpy()) == number


@given(hnp.arrays(np.int32, hnp.array_shapes(max_dims=4, max_side=7)))
def test_every_element_of_an_array_stands_in_its_text_in_order(array):
    text = printing.format("{}", convert(array), summarize=-1).numpy().decode()
    assert [int(word) for word in text.replace("[", " ").replace("]", " ").split()] == array.ravel().tolist()
    assert text.count("[") == text.count("]") == sum(int(np.prod(array.shape[:axis])) for axis in range(array.ndim))


@given(st.integers(1, 30), st.integers(0, 6))
def test_summarize_shows_that_many_elements_at_both_ends(length, summarize):
    words = printing.format("{}", convert(np.arange(length)), summarize=summarize).numpy().decode().strip("[]").split()
    if length <= 2 * summarize:
        assert words == [str(i) for i in range(length)]
    else:
        ends = [str(i) for i in range(length)]
        assert words == [*ends[:summarize], "...", *ends[length - summarize :]]


def test_complex_numbers_are_printed_with_both_parts():
    assert printing.format("{}", convert([1 + 2j, 1 / 3])).numpy() == b"[(1,2) (0.33333333333333331,0)]"
    assert printing.format("{}", convert(0.1 - 2j, "complex64")).numpy() == b"(0.1,-2)"


def test_numpy_scalars_are_printed_as_numbers(capsys):
    printing.print(np.float32(0.1), [np.int64(3), np.True_, np.str_("a"), np.bytes_(b"b"), np.complex64(1 + 2j)])
    assert capsys.readouterr().err == "0.1 [3, True, 'a', b'b', (1+2j)]\n"


# -- where it goes ------------------------------------------------------------------------------


def test_print_goes_to_the_standard_error_of_the_moment_and_gives_none(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert printing.print("x", convert(1.5)) is None
    assert stream.getvalue() == "x 1.5\n"


def test_print_writes_to_standard_output_and_to_any_writable_object(capsys):
    printing.print("one", output_stream=sys.stdout)
    assert capsys.readouterr() == ("one\n", "")
    stream = io.StringIO()
    printing.print("two", output_stream=stream, end="|")
    assert stream.getvalue() == "two|"


def test_print_appends_to_a_file_byte_by_byte(tmp_path):
    path = tmp_path / "log"
    printing.print("one", output_stream=f"file://{path}")
    printing.print(convert(b"\xff"), output_stream=f"file://{path}")
    assert path.read_bytes() == b"one\n\xff\n"


def test_bytes_that_are_no_text_are_escaped_on_a_text_stream(capsys):
    printing.print(convert(b"a\xff"))
    assert capsys.readouterr().err == "a\\xff\n"


def test_print_hands_the_text_to_a_logging_function(caplog):
    with caplog.at_level(logging.INFO):
        printing.print("at 100%", convert([1.0]), output_stream=logging.getLogger("run").info)
    assert caplog.messages == ["at 100% [1]"]


@pytest.mark.parametrize("stream", [3, None, "stdout", "log(info)"])
def test_an_unknown_output_stream_is_refused(stream):
    with pytest.raises(ValueError, match="output_stream"):
        printing.print(1, output_stream=stream)


def test_a_file_that_cannot_be_written_is_a_tensorflow_error(tmp_path):
    with pytest.raises(errors.NotFoundError, match="no_such"):
        printing.print(1, output_stream=f"file://{tmp_path}/no_such/log")
    with pytest.raises(errors.FailedPreconditionError):
        printing.print(1, output_stream=f"file://{tmp_path}")
    with pytest.raises(errors.InvalidArgumentError):
        printing.print(1, output_stream="file://")


def test_the_separator_must_be_text():
    with pytest.raises(TypeError, match="sep"):
        printing.print(1, 2, sep=1)


# -- in programs --------------------------------------------------------------------------------


def test_printing_inside_a_tape_changes_no_gradient(capsys):
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
        printing.print("y:", y, [x])
    assert capsys.readouterr().err == "y: 9 [3]\n"
    assert float(tape.gradient(y, x)) == 6.0


def test_tensors_in_an_unsorted_mapping_keep_their_keys(capsys):
    # TensorFlow, which sorts the keys while it collects the tensors, gives z the value of a and a that of z in the last two.
    plain = {"z": convert(1), "a": [convert(2), {"q": convert(3), "b": convert(4)}]}
    printing.print(plain)
    printing.print(OrderedDict([("z", convert(1)), ("a", convert(2))]))
    printing.print(defaultdict(int, {"z": convert(1), "a": convert(2)}))
    assert capsys.readouterr().err.splitlines() == [
        "{'a': [2, {'b': 4, 'q': 3}], 'z': 1}",
        repr(OrderedDict([("z", 1), ("a", 2)])),
        "defaultdict(<class 'int'>, {'z': 1, 'a': 2})",
    ]
