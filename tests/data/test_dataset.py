"""`tf.data.Dataset` against TensorFlow's recorded answers: elements, specs, cardinalities, orders by chance, errors."""

import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.data_questions import QUESTIONS, told

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "golden/data.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_dataset_is_tensorflows(name):
    recorded = RECORDED[name]
    if "error" in recorded:
        with pytest.raises(Exception) as caught:
            QUESTIONS[name](tf)
        assert type(caught.value).__name__ == recorded["error"]
    else:
        assert json.loads(json.dumps(told(QUESTIONS[name](tf)))) == recorded["answer"]


def test_all_answers_are_asked_for():
    assert RECORDED.keys() == QUESTIONS.keys()


def test_a_training_loop():
    x = np.linspace(-1.0, 1.0, 32, dtype=np.float32)[:, None]
    data = tf.data.Dataset.from_tensor_slices((x, 3.0 * x - 1.0)).shuffle(32, seed=1).batch(8).prefetch(tf.data.AUTOTUNE)
    w, b = tf.Variable([[0.0]]), tf.Variable([0.0])
    optimizer = tf.keras.optimizers.SGD(0.5)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ w + b - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b], strict=True))

    for _ in range(30):
        for batch in data:
            step(*batch)
    np.testing.assert_allclose([w.numpy()[0, 0], b.numpy()[0]], [3.0, -1.0], atol=1e-4)
    assert step.experimental_eager_reasons() == ()


def test_no_tape_hears_of_what_a_dataset_computes():
    x = tf.Variable(2.0)
    data = tf.data.Dataset.from_tensors(3.0).map(lambda y: y * x)
    with tf.GradientTape() as tape:
        (y,) = data
    assert tape.gradient(y, x) is None


def test_what_a_program_changes_later_is_not_in_the_dataset():
    x = np.zeros(4)
    data = tf.data.Dataset.from_tensor_slices(x).batch(2)
    x[:] = 1.0
    assert np.concatenate(list(data.as_numpy_iterator())).tolist() == [0.0] * 4


def test_orders_by_chance_differ_without_seeds():
    tf.random.set_seed(1)
    data = tf.data.Dataset.range(100).shuffle(100)
    assert sorted(int(x) for x in data) == list(range(100))
    assert [int(x) for x in data] != [int(x) for x in data]


def test_a_file_for_a_cache_is_refused():
    with pytest.raises(NotImplementedError, match="filename"):
        tf.data.Dataset.range(2).cache("somewhere")


def test_functions_that_cannot_be_traced_are_called_as_python():
    data = tf.data.Dataset.range(1, 4).map(lambda n: tf.stack([n for _ in tf.data.Dataset.range(n)]))
    assert [x.numpy().tolist() for x in data.padded_batch(3)] == [[[1, 0, 0], [2, 2, 0], [3, 3, 3]]]
    assert data.element_spec == tf.TensorSpec([None], tf.int64)
    assert [int(x) for x in data.filter(lambda x: len(list(tf.data.Dataset.from_tensor_slices(x))) > 1).unbatch()] == [
        2,
        2,
        3,
        3,
        3,
    ]


def test_numpy_iterators_also_go_into_windows():
    windows = tf.data.Dataset.range(4).window(2).as_numpy_iterator()
    assert [list(window) for window in windows] == [[0, 1], [2, 3]]
