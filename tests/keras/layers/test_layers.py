"""Each layer gives what Keras's gives, eagerly and in functions: outputs, gradients, losses, states; and its config is Keras's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.keras.layers.layer_cases import BY_LABEL, CASES, inputs, weight

FOLDER = Path(__file__).parents[2] / "golden" / "keras"
ARRAYS = np.load(FOLDER / "layers.npz")
FACTS = json.loads((FOLDER / "layers.json").read_text())
LABELS = list(BY_LABEL)


def built(case):
    """The layer of a case, with its weights set, and its inputs."""
    tf.keras.backend.clear_session()
    layer = getattr(tf.keras.layers, case.layer)(**case.arguments)
    given = tf.nest.map_structure(tf.constant, inputs(case))
    args = given if isinstance(given, tuple) else (given,)
    layer.build(*[tuple(x.shape) for x in args]) if not case.as_list else layer.build([tuple(x.shape) for x in given])
    for i, each in enumerate(layer.weights):
        each.assign(weight(each.name, tuple(each.shape), i))
    return layer, args


def expected(label, kind):
    names = [name for name in ARRAYS.files if name.startswith(f"{label}.{kind}.")]
    return [ARRAYS[name] for name in sorted(names, key=lambda name: int(name.rpartition(".")[2]))]


def close(found, wanted):
    assert len(found) == len(wanted)
    for ours, keras in zip(found, wanted, strict=True):
        ours = np.asarray(ours)
        assert ours.shape == keras.shape and ours.dtype == keras.dtype
        np.testing.assert_allclose(ours, keras, rtol=2e-5, atol=3e-6)


def outcome(layer, args, call):
    """Outputs, gradients and losses."""
    leaves = [x for x in tf.nest.flatten(args) if x.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        outputs = tf.nest.flatten(layer(*args, **call))
        losses = layer.losses
        total = tf.add_n(
            [tf.reduce_sum(y * tf.cos(tf.reshape(tf.range(tf.cast(tf.size(y), y.dtype)), tf.shape(y)))) for y in outputs]
            + losses
        )
    gradients = tape.gradient(total, [*leaves, *layer.trainable_weights], unconnected_gradients="zero")
    return outputs, [tf.convert_to_tensor(gradient) for gradient in gradients], losses


def check(label, layer, found):
    for kind, values in zip(("output", "gradient", "loss"), found, strict=True):
        close(values, expected(label, kind))
    close([v.numpy() for v in layer.non_trainable_weights], expected(label, "state"))


@pytest.mark.parametrize("label", LABELS)
def test_outputs_and_gradients_are_keras(label):
    layer, args = built(BY_LABEL[label])
    check(label, layer, outcome(layer, args, BY_LABEL[label].call))


@pytest.mark.parametrize("label", LABELS)
def test_a_traced_layer_gives_the_same(label):
    layer, args = built(BY_LABEL[label])
    traced = tf.function(lambda *args: outcome(layer, args, BY_LABEL[label].call))
    check(label, layer, traced(*args))
    assert traced.experimental_eager_reasons() == ()


@pytest.mark.parametrize("label", LABELS)
def test_weights_have_keras_order_paths_shapes_and_dtypes(label):
    layer, _ = built(BY_LABEL[label])
    assert [[w.path, list(w.shape), w.dtype, w.trainable] for w in layer.weights] == FACTS[label]["weights"]


@pytest.mark.parametrize("label", LABELS)
def test_the_config_is_keras_and_makes_an_equal_layer(label):
    layer, args = built(BY_LABEL[label])
    assert json.loads(json.dumps(layer.get_config())) == FACTS[label]["config"]
    again = type(layer).from_config(layer.get_config())
    again.build(*[tuple(x.shape) for x in args]) if not BY_LABEL[label].as_list else again.build(
        [tuple(x.shape) for x in args[0]]
    )
    again.set_weights(layer.get_weights())
    for ours, its in zip(
        tf.nest.flatten(layer(*args, **BY_LABEL[label].call)),
        tf.nest.flatten(again(*args, **BY_LABEL[label].call)),
        strict=True,
    ):
        np.testing.assert_array_equal(ours.numpy(), its.numpy())


@pytest.mark.parametrize("label", LABELS)
def test_the_shape_of_the_outputs_is_known_before(label):
    case = BY_LABEL[label]
    layer, args = built(case)
    outputs = layer(*args, **case.call)
    open_shapes = [tf.nest.map_structure(lambda x: (None, *tuple(x.shape)[1:]), arg) for arg in args]
    shapes = layer.compute_output_shape(*[shapes_in(arg) for arg in args])
    wanted = [tuple(y.shape) for y in tf.nest.flatten(outputs)]
    wanted = wanted[:1] if case.call.get("return_attention_scores") else wanted
    assert (shapes if isinstance(shapes, list) else [tuple(shapes)]) == wanted or list(map(tuple, shapes)) == wanted
    if len(args) == 1 and not case.as_list and args[0].ndim > 1:
        open_shape = layer.compute_output_shape(open_shapes[0])
        first = open_shape if not open_shape or not isinstance(open_shape[0], tuple) else open_shape[0]
        assert tuple(first)[1:] == wanted[0][1:]


def shapes_in(arg):
    return [tuple(x.shape) for x in arg] if isinstance(arg, list) else tuple(arg.shape)


def test_all_cases_are_recorded():
    assert set(FACTS) == set(LABELS) == {case.label for case in CASES} and len(LABELS) == len(CASES)


def test_a_subclass_of_rnn_comes_back_from_its_config_with_its_cell():
    class Backwards(tf.keras.layers.RNN):
        pass

    layer = Backwards(tf.keras.layers.GRUCell(2), go_backwards=True)
    twin = Backwards.from_config(layer.get_config())
    assert type(twin) is Backwards
    assert twin.get_config() == layer.get_config()
    assert twin(tf.ones([1, 3, 2])).shape == (1, 2)
