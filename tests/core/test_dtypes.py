"""`tf.DType` and `tf.as_dtype`, against what TensorFlow answered."""

import copy
import math
import pickle
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import dtypes
from tests.golden.structures import NAMES, outcome, recorded


def held(dtype):
    """Whether NumPy, with this version of ml_dtypes, can hold such values."""
    return dtype.is_numpy_compatible and (
        dtype.name in dir(np) or dtype.name in dir(ml_dtypes) or dtype in (*dtypes.QUANTIZED_DTYPES, dtypes.string)
    )


ALL = sorted({dtype for dtype in vars(dtypes).values() if isinstance(dtype, dtypes.DType)}, key=int)


@pytest.mark.parametrize("row", recorded("dtypes"), ids=lambda row: row["of"])
def test_dtypes_answer_as_in_tensorflow(row):
    assert outcome(lambda: eval(row["of"], {**NAMES, "tf": tf})) == {key: row[key] for key in row.keys() - {"of"}}


def attribute(dtype, name):
    value = getattr(dtype, name)
    if isinstance(value, type):
        return value.__name__
    return float(value) if isinstance(value, (np.generic, float)) else value


@pytest.mark.parametrize("row", recorded("dtype attributes"), ids=lambda row: row["name"]["gives"])
def test_every_dtype_has_the_attributes_that_it_has_in_tensorflow(row):
    dtype = dtypes.as_dtype(int(row["as_datatype_enum"]["gives"]))
    for name, answer in row.items():
        if name in ("as_numpy_dtype", "min", "max") and dtype.is_numpy_compatible and not held(dtype):
            continue
        if answer == {"raises": "KeyError"}:  # TensorFlow's table has no NumPy type for handles
            with pytest.raises((TypeError, ValueError)):
                getattr(dtype, name)
        else:
            assert outcome(lambda name=name: attribute(dtype, name)) == answer, name


def test_every_dtype_of_tensorflow_is_there_and_no_other():
    assert [dtype.name for dtype in ALL] == [eval(row["name"]["gives"]) for row in recorded("dtype attributes")]


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_a_dtype_is_one_object_however_it_is_named(dtype):
    assert dtypes.as_dtype(dtype.name) is dtype
    assert dtypes.as_dtype(dtype.as_datatype_enum) is dtype is dtypes.DType(int(dtype))
    assert pickle.loads(pickle.dumps(dtype)) is dtype is copy.deepcopy(dtype) is copy.copy(dtype)
    assert eval(repr(dtype), {"tf": dtypes}) is dtype
    if held(dtype):
        assert dtypes.as_dtype(dtype.as_numpy_dtype) is dtypes.from_numpy(dtype.numpy) is dtype
        assert dtype == dtype.numpy
        assert dtype == dtype.name
        assert np.zeros(2, dtype.as_numpy_dtype).dtype == dtype.numpy


def test_different_dtypes_are_unequal_and_hash_apart():
    assert len(set(ALL)) == len(ALL)
    assert all((a == b) is (a is b) for a in ALL for b in ALL)


@pytest.mark.parametrize("value", [np.longdouble, np.dtype("M8[s]"), np.dtype("V4"), np.floating, None])
def test_numpy_types_that_no_tensor_holds_are_refused(value):
    with pytest.raises(TypeError):
        dtypes.from_numpy(value)


@pytest.mark.parametrize(
    ("value", "advice"), [(int, "tf.int32"), (complex, "tf.complex64"), (str, "tf.string"), ("int", "tf.int64")]
)
def test_the_error_for_an_ambiguous_type_says_what_to_write(value, advice):
    with pytest.raises(TypeError, match=advice):
        dtypes.as_dtype(value)


def test_limits_of_numbers_are_those_of_numpy():
    for dtype in ALL:
        if dtype.is_integer and dtype.is_numeric:
            assert (dtype.min, dtype.max) == (np.iinfo(dtype.numpy).min, np.iinfo(dtype.numpy).max)
        elif dtype.is_floating and held(dtype):
            assert math.isfinite(float(dtype.max))
            assert float(dtype.min) == -float(dtype.max)


def test_a_dtype_cannot_be_changed_by_accident():
    with pytest.raises(AttributeError):
        dtypes.float32.colour = "red"


def test_naming_all_dtypes_loads_no_library_for_the_rare_ones():
    program = (
        "import sys; from tapeflow.core import dtypes; dtypes.as_dtype('bfloat16').is_floating; "
        "assert 'ml_dtypes' not in sys.modules; dtypes.bfloat16.numpy; assert 'ml_dtypes' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
