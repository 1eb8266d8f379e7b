import operator

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.elementwise import Foreign, Unknown, disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("operators", tf)


@pytest.mark.parametrize(
    "operate",
    [
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.floordiv,
        operator.mod,
        operator.pow,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
        operator.eq,
        operator.ne,
    ],
)
@pytest.mark.parametrize("other", [2.0, 3, np.float64(2.0), np.array([2.0, 4.0]), [2.0, 4.0], (2.0, 4.0)])
def test_either_side_may_be_a_tensor_a_variable_or_what_converts_to_one(operate, other):
    value = np.array([5.0, 4.0], np.float32)
    right = np.asarray(other, np.float32)
    for x in (tf.constant(value), tf.Variable(value)):
        for result, expected in ((operate(x, other), operate(value, right)), (operate(other, x), operate(right, value))):
            assert type(result) is tf.Tensor
            np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("x", [tf.constant(1.0), tf.Variable(1.0)])
def test_the_reflected_operator_of_another_class_gets_its_turn(x):
    assert x * Foreign() == "Foreign.rmul"
    assert Foreign() * x == "Foreign.mul"
    with pytest.raises(ValueError, match="Unknown"):
        x * Unknown()


def test_a_foreign_operand_does_not_hide_an_error_of_shapes():
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.constant([1.0, 2.0]) * tf.constant([1.0, 2.0, 3.0])


def test_equality_with_none_and_with_other_shapes_is_a_plain_no():
    x = tf.constant([1.0, 2.0])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert bool(x == [1.0, 2.0, 3.0]) is False
    assert x != [1.0, 2.0, 3.0]
    assert (tf.Variable(1.0) == None) is False  # noqa: E711


def test_equality_makes_tensors_unhashable_but_references_hash():
    x = tf.constant(1.0)
    with pytest.raises(TypeError):
        hash(x)
    with pytest.raises(TypeError):
        hash(tf.Variable(1.0))
    assert len({x.ref(), x.ref()}) == 1


@pytest.mark.parametrize(
    ("sign", "instead"), [("+", "assign_add"), ("-", "assign_sub"), ("*", "assign"), ("/", "assign"), ("**", "assign")]
)
def test_a_variable_refuses_augmented_assignment_and_says_what_to_write(sign, instead):
    v = tf.Variable(3.0)
    with pytest.raises(RuntimeError, match=instead):
        exec(f"v {sign}= 1.0", {"v": v})
    assert v.numpy() == 3.0


def test_other_augmented_assignments_rebind_the_name_of_a_variable_to_a_tensor():
    v = w = tf.Variable(5)
    v //= 2
    assert type(v) is tf.Tensor
    assert (v.numpy(), w.numpy()) == (2, 5)


def test_augmented_assignment_rebinds_a_tensor():
    x = y = tf.constant(3.0)
    x += 1.0
    assert (x.numpy(), y.numpy()) == (4.0, 3.0)


def test_gradients_flow_through_numpy_on_the_left_and_through_every_operator():
    x = tf.Variable([2.0, 3.0])
    with tf.GradientTape() as tape:
        y = np.array([1.0, 2.0]) * x + 1.0 / x - abs(-x) + x**2 % 100.0
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), [1 - 0.25 - 1 + 4, 2 - 1 / 9 - 1 + 6], rtol=1e-6)


def test_matrix_products():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for x, y in ((tf.constant(a), tf.constant(b)), (tf.constant(a), b), (a, tf.constant(b)), (tf.Variable(a), b.tolist())):
        np.testing.assert_array_equal((x @ y).numpy(), a @ b)


# -- values that do not fit the tensor beside them ------------------------------------------------------------


def of(kind):
    return {
        "int": tf.constant([1, 2]),
        "bool": tf.constant(True),
        "float": tf.constant([1.0, 2.0]),
        "text": tf.constant("a"),
    }[kind]


INVALID, TYPE = tf.errors.InvalidArgumentError, TypeError

# What TensorFlow raises for `tensor + value`, `value + tensor`, `tensor - value`, `value - tensor`, `tensor @ value`.
UNFIT = [
    ("int", 1.5, (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("int", [1.5, 2.0], (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("int", "a", (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("int", 1j, (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("bool", 1, (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("float", "a", (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("float", 1j, (INVALID, TYPE, TYPE, TYPE, INVALID)),
    ("text", 1, (INVALID, TYPE, TYPE, TYPE, INVALID)),
]
FORMS = [
    lambda x, y: x + y,
    lambda x, y: y + x,
    lambda x, y: x - y,
    lambda x, y: y - x,
    lambda x, y: x @ y,
]


@pytest.mark.parametrize(("kind", "value", "errors"), UNFIT)
def test_values_that_do_not_fit_raise_what_tensorflow_raises(kind, value, errors):
    for form, error in zip(FORMS, errors, strict=True):
        with pytest.raises(error):
            form(of(kind), value)
        with pytest.raises(TypeError):
            tf.function(form)(of(kind), value)


def test_sums_of_values_that_do_not_fit_each_other_say_so():
    for x, y in ((of("int"), 1.5), (1.5, of("int")), ([1, 2], [1.5, 2.5])):
        for operation in (tf.add, tf.matmul):
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=r"was expected to be a (int32|float32) tensor but is a"
            ):
                operation(x, y)
        for operation in (tf.subtract, tf.multiply, tf.maximum, tf.less):
            with pytest.raises(TypeError, match=r"Cannot convert 1.5 to EagerTensor of dtype int32"):
                operation(x, y)
