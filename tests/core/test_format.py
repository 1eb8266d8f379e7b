"""How tensors and variables are written, against what TensorFlow wrote."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.core import dtypes
from tapeflow.core.convert import convert
from tapeflow.core.format import tensor_repr, tensor_str, variable_repr
from tapeflow.core.shapes import TensorShape
from tapeflow.core.variable import Variable
from tests.golden.formatting import NAMES, RECORDED, outcome, scalar


def release(version):
    return version.split(".")[:2]


@pytest.mark.skipif(
    release(np.__version__) != release(RECORDED["versions"]["numpy"]), reason="NumPy's scalars are written by its release"
)
@pytest.mark.parametrize("dtype", RECORDED["scalars"])
def test_scalars_of_any_bits_are_written_as_in_tensorflow(dtype):
    for row in RECORDED["scalars"][dtype]:
        tensor = scalar(dtype, row["bits"])
        assert (str(tensor), f"{tensor}") == (row["str"], row["format"]), row["bits"]


@pytest.mark.parametrize("row", RECORDED["written"], ids=lambda row: row["of"])
def test_arrays_and_variables_are_written_as_in_tensorflow(row):
    value = eval(row["of"], NAMES)
    assert (str(value), repr(value)) == (row["str"], row["repr"])


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="before 2.2, NumPy did not say the shape of what it abridges"
)
@pytest.mark.parametrize("row", RECORDED["long"], ids=lambda row: row["of"])
def test_large_arrays_are_abridged_as_in_tensorflow(row):
    value = eval(row["of"], NAMES)
    assert (str(value), repr(value)) == (row["str"], row["repr"])


@pytest.mark.parametrize("row", RECORDED["formatted"], ids=lambda row: row["of"])
def test_format_specifications_mean_what_they_mean_in_tensorflow(row):
    if "bfloat16" in row["of"] and np.lib.NumpyVersion(ml_dtypes.__version__) < "0.5.0":
        pytest.skip("before 0.5, the scalars of ml_dtypes could not be formatted")
    value, specification = eval(f"({row['of']})", NAMES)
    recorded = {key: row[key] for key in row.keys() - {"of"}}
    assert outcome(lambda: format(value, specification)) == recorded


def test_a_variable_in_an_f_string_is_written_as_by_str():
    variable = Variable([1.5, 2.0], name="w")
    assert (
        f"{variable}"
        == str(variable)
        == "<tf.Variable 'w:0' shape=(2,) dtype=float32, numpy=array([1.5, 2. ], dtype=float32)>"
    )


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.7083977, "float32", "0.7083977"),
        (0.1, "float16", "0.1"),
        (0.1, "bfloat16", "0.100098"),
        (0.1 + 0.2j, "complex64", "(0.1+0.2j)"),
        (1e-7, "float32", "1e-07"),
    ],
)
def test_the_repr_of_a_narrow_scalar_has_the_digits_of_its_dtype_and_no_numpy_call(value, dtype, text):
    tensor = convert(value, dtype)
    assert repr(tensor) == f"<tf.Tensor: shape=(), dtype={dtype}, numpy={text}>"
    assert repr(Variable(tensor)) == f"<tf.Variable 'Variable:0' shape=() dtype={dtype}, numpy={text}>"


@given(st.floats(width=32))
def test_the_repr_of_a_float32_reads_back_as_the_same_float32(number):
    value = np.float32(number)
    text = tensor_repr(value, dtypes.float32).removeprefix("<tf.Tensor: shape=(), dtype=float32, numpy=").removesuffix(">")
    np.testing.assert_array_equal(np.float32(text), value)


def test_a_zero_dimensional_array_is_written_like_a_scalar():
    for value, dtype in [(np.float32(0.1), dtypes.float32), (np.int64(3), dtypes.int64), (np.True_, dtypes.bool)]:
        assert tensor_repr(np.array(value), dtype) == tensor_repr(value, dtype)
        assert tensor_str(np.array(value), dtype) == tensor_str(value, dtype)
        assert variable_repr("v:0", np.array(value), dtype) == variable_repr("v:0", value, dtype)


def test_numpy_print_options_govern_arrays_and_leave_scalars():
    with np.printoptions(precision=2, suppress=True, threshold=4, edgeitems=1):
        assert str(convert([0.123456, 1e-9])) == "tf.Tensor([0.12 0.  ], shape=(2,), dtype=float32)"
        assert str(convert(np.arange(10))) == "tf.Tensor([0 ... 9], shape=(10,), dtype=int64)"
        assert repr(convert(0.123456)) == "<tf.Tensor: shape=(), dtype=float32, numpy=0.123456>"


def test_a_declared_shape_stands_in_the_repr_of_a_variable():
    text = variable_repr("v:0", np.ones(2, np.float32), dtypes.float32, TensorShape([None]))
    assert text == "<tf.Variable 'v:0' shape=(None,) dtype=float32, numpy=array([1., 1.], dtype=float32)>"
    text = variable_repr("v:0", np.float64(1), dtypes.float64, TensorShape(None))
    assert text == "<tf.Variable 'v:0' shape=<unknown> dtype=float64, numpy=1.0>"
