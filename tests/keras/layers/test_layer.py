"""What all layers have in common: how they are called, built, looked into, saved and refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tapeflow as tf

layers = tf.keras.layers


class Affine(layers.Layer):
    """A layer as users write them."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.training_seen = []

    def build(self, input_shape):
        self.shape_seen = input_shape
        self.w = self.add_weight(name="w", shape=(input_shape[-1], self.units), initializer="ones")
        self.b = self.add_weight(name="b", shape=(self.units,), initializer="zeros", trainable=False)

    def call(self, inputs, training=None):
        self.training_seen.append(training)
        return tf.matmul(inputs, self.w) + self.b


@pytest.fixture(autouse=True)
def names_from_the_start():
    tf.keras.backend.clear_session()


# -- weights ------------------------------------------------------------------------------------------------


def test_weights_are_made_at_the_first_call():
    layer = Affine()
    assert repr(layer) == "<Affine name=affine, built=False>" and layer.weights == []
    layer(tf.ones([1, 3]))
    assert repr(layer) == "<Affine name=affine, built=True>" and layer.shape_seen == (1, 3)
    assert [(w.name, w.path, w.trainable) for w in layer.weights] == [("w", "affine/w", True), ("b", "affine/b", False)]
    assert layer.count_params() == 8
    assert layer.trainable_weights == [layer.w] and layer.non_trainable_weights == [layer.b]


def test_weights_may_be_made_in_the_constructor_and_with_keras_2_arguments():
    class Weights(layers.Layer):
        def __init__(self):
            super().__init__()
            self.a = self.add_weight()
            self.b = self.add_weight((2,))
            self.c = self.add_weight(shape=(2,), dtype="int32", initializer="ones")
            self.d = self.add_weight("d", shape=[2, 3], initializer="ones", trainable=False)
            self.e = self.add_weight("e", (2,), tf.float64, "zeros", experimental_autocast=False)
            self.f = self.add_weight(shape=3, initializer=lambda shape, dtype: tf.fill(shape, tf.cast(0.5, dtype)))

    found = {w.name: w for w in Weights().weights}
    assert [(tuple(w.shape), str(w.dtype)) for w in found.values()] == [
        ((), "float32"),
        ((2,), "float32"),
        ((2,), "int32"),
        ((2,), "float64"),
        ((3,), "float32"),
        ((2, 3), "float32"),
    ]
    assert list(found) == ["variable", "variable_1", "variable_2", "e", "variable_3", "d"]
    assert found["variable_3"].numpy().tolist() == [0.5, 0.5, 0.5]


def test_layers_in_attributes_lists_and_dicts_are_found_in_their_order():
    class Many(layers.Layer):
        def __init__(self):
            super().__init__()
            self.blocks = []
            self.first = layers.Dense(1, name="first")
            self.blocks.append(layers.Dense(2, name="in_list"))
            self.named = {"x": layers.Dense(3, name="in_dict")}
            self.pair = (layers.Dense(4, name="in_tuple"), 5)
            self.nested = [[layers.Dense(5, name="deep")]]
            self.blocks += [layers.Dense(6, name="added")]

        def call(self, x):
            for layer in (self.first, *self.blocks, self.named["x"], self.pair[0], self.nested[0][0]):
                x = layer(x)
            return x

    many = Many()
    many(tf.ones([1, 2]))
    names = [w.path.split("/")[1] for w in many.weights][::2]
    assert names == ["first", "in_list", "in_dict", "in_tuple", "deep", "added"]
    assert [w.path for w in many.weights][:2] == ["many/first/kernel", "many/first/bias"]


def test_what_is_taken_out_of_a_list_is_forgotten():
    layer = layers.Layer()
    layer.blocks = [layers.Dense(1), layers.Dense(2), layers.Dense(3)]
    layer.blocks.pop()
    del layer.blocks[0]
    layer.other = layers.Dense(4)
    del layer.other
    assert [each.units for each in layer._layers_inside() if each is not layer] == [2]


def test_an_untracked_tf_variable_is_no_weight_and_a_keras_variable_is():
    layer = layers.Layer()
    layer.v = tf.Variable(1.0)
    layer.w = tf.keras.Variable(1.0, name="w")
    assert [v.path for v in layer.variables] == ["w"]


def test_trainable_is_handed_down():
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(3), layers.Dense(1)])
    model.layers[0].trainable = False
    assert [w.path for w in model.trainable_variables] == ["sequential/dense_1/kernel", "sequential/dense_1/bias"]
    assert len(model.non_trainable_variables) == 2 and len(model.weights) == 4
    model.trainable = False
    assert model.trainable_variables == [] and not model.layers[1].trainable
    model.trainable = True
    assert len(model.trainable_variables) == 4
    model.layers[0].kernel.trainable = False
    assert len(model.trainable_variables) == 3


def test_tapes_still_follow_what_is_no_longer_trained():
    layer = layers.Dense(2, kernel_initializer="ones")
    layer.build((1, 1))
    layer.trainable = False
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(layer(tf.ones([1, 1])) ** 2)
    assert tape.gradient(y, layer.kernel).numpy().tolist() == [[2.0, 2.0]]


def test_weights_are_read_and_set_all_or_none():
    layer = layers.Dense(2)
    layer.build((None, 3))
    values = [np.ones((3, 2), "float32"), np.zeros(2, "float32")]
    layer.set_weights(values)
    assert [v.tolist() for v in layer.get_weights()] == [v.tolist() for v in values]
    with pytest.raises(ValueError, match="weight list of length 1, but the layer was expecting 2 weights"):
        layer.set_weights(values[:1])
    with pytest.raises(
        ValueError, match=r"Layer dense weight shape \(2,\) is not compatible with provided weight shape \(3,\)"
    ):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    assert layer.get_weights()[0].sum() == 6.0


# -- calls ------------------------------------------------------------------------------------------------------


def test_training_is_given_inherited_or_the_default():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Affine()

        def call(self, x):
            return self.inner(x)

    class Always(Outer):
        def call(self, x, training=True):
            return self.inner(x)

    outer, always, alone = Outer(), Always(), Affine()
    x = tf.ones([1, 2])
    outer(x), outer(x, training=True), outer(x), always(x), always(x, training=False), alone(x, training=True), alone(x)
    assert outer.inner.training_seen == [None, True, None]
    assert always.inner.training_seen == [True, False]
    assert alone.training_seen == [True, None]


def test_inputs_become_tensors_of_the_layers_dtype():
    layer = layers.Dense(2)
    for x in (np.ones((1, 3)), np.ones((1, 3), "int32"), tf.Variable(tf.ones([1, 3])), tf.ones([1, 3], tf.float64)):
        assert layer(x).dtype == tf.float32
    assert layers.Dense(2, dtype="float64")(np.ones((1, 3), "float32")).dtype == tf.float64
    assert layers.Dense(2, dtype=tf.float16).dtype == "float16"
    assert layers.Identity(autocast=False)(tf.ones([1], tf.float64)).dtype == tf.float64


def test_several_inputs_and_structures_tell_build_their_shapes():
    class Two(layers.Layer):
        def build(self, x_shape, y_shape):
            self.shapes = x_shape, y_shape

        def call(self, x, y):
            return x["a"] + x["b"][0] + y

    layer = Two()
    x = {"a": np.ones((2, 3)), "b": [np.ones((2, 3))]}
    assert layer(x, y=tf.ones([3])).numpy().sum() == 18.0
    assert layer.shapes == ({"a": (2, 3), "b": [(2, 3)]}, (3,))


def test_mixed_precision_computes_in_half_and_keeps_weights_whole():
    layer = layers.Dense(2, dtype="mixed_float16", kernel_initializer="ones")
    with tf.GradientTape() as tape:
        y = layer(tf.ones([1, 3]))
    assert y.dtype == tf.float16 and layer.kernel.dtype == "float32"
    assert tape.gradient(y, layer.kernel).dtype == tf.float32
    assert (layer.compute_dtype, layer.variable_dtype, layer.dtype) == ("float16", "float32", "float32")
    inside = tf.keras.Sequential([layer, layers.Dense(1, dtype="float32")])
    assert inside(tf.ones([1, 3])).dtype == tf.float32
    traced = tf.function(lambda x: layer(x))
    assert traced(tf.ones([1, 3])).numpy().tolist() == y.numpy().tolist() and traced.experimental_eager_reasons() == ()


def test_losses_are_those_of_the_last_call_and_of_the_regularizers():
    class Adds(layers.Layer):
        def call(self, x):
            self.add_loss(tf.reduce_sum(x))
            return x

    model = tf.keras.Sequential([Adds(), layers.Dense(2, kernel_initializer="ones", kernel_regularizer="l2"), Adds()])
    for _ in range(2):
        model(tf.ones([1, 3]))
        assert [round(float(loss), 4) for loss in model.losses] == [3.0, 6.0, 0.06]
    model.trainable = False
    assert len(model.losses) == 2
    with pytest.raises(ValueError, match="add_loss"):
        model.add_loss("a")


def test_a_layer_builds_itself_inside_a_function_and_is_traced():
    layer = Affine(3)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(layer(x, training=True) ** 2)
        return y, tape.gradient(y, layer.trainable_variables)

    y, gradients = step(tf.ones([2, 2]))
    assert float(y) == 24.0 and gradients[0].numpy().tolist() == [[8.0] * 3] * 2
    assert float(step(tf.ones([4, 2]))[0]) == 48.0
    assert step.experimental_eager_reasons() == () and layer.built and layer.shape_seen == (2, 2)


def test_a_call_with_choices_by_tensors_is_converted():
    class Sign(layers.Layer):
        def call(self, x):
            if tf.reduce_sum(x) > 0:
                return x
            return -x

    layer = Sign()
    f = tf.function(lambda x: layer(x))
    assert f(tf.constant([-2.0])).numpy() == [2.0] and f(tf.constant([3.0])).numpy() == [3.0]
    assert f.experimental_eager_reasons() == ()


# -- copies, checkpoints, modules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_has_weights_of_its_own(again):
    model = tf.keras.Sequential([layers.Dense(2, kernel_regularizer="l2"), layers.Dropout(0.5, seed=1)])
    x = tf.ones([1, 3])
    before = model(x).numpy()
    twin = again(model)
    assert twin.name == model.name and [v.path for v in twin.variables] == [v.path for v in model.variables]
    twin.layers[0].kernel.assign(tf.zeros([3, 2]))
    assert twin(x).numpy().tolist() == [[0.0, 0.0]] and model(x).numpy().tolist() == before.tolist()
    assert twin.weights[0] is twin.layers[0].kernel and len(twin.losses) == 1
    twin.add(layers.Dense(1))
    assert len(twin.layers) == 3 and len(model.layers) == 2


def test_modules_find_the_weights_of_layers():
    class Owner(tf.Module):
        def __init__(self):
            super().__init__()
            self.layer = layers.Dense(2)
            self.layer.build((None, 3))

    owner = Owner()
    assert {v.path for v in owner.trainable_variables} == {"dense/kernel", "dense/bias"}
    assert owner.layer in owner.submodules


def test_a_checkpoint_waits_for_layers_to_be_built(tmp_path):
    def model():
        return tf.keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(1)])

    x = tf.ones([2, 2])
    first, optimizer = model(), tf.keras.optimizers.Adam()
    with tf.GradientTape() as tape:
        y = first(x)
    optimizer.apply_gradients(zip(tape.gradient(y, first.trainable_variables), first.trainable_variables, strict=True))
    path = tf.train.Checkpoint(model=first, optimizer=optimizer).save(tmp_path / "c")
    second, other = model(), tf.keras.optimizers.Adam()
    status = tf.train.Checkpoint(model=second, optimizer=other).restore(path)
    assert second(x).numpy().tolist() == first(x).numpy().tolist()
    other.build(second.trainable_variables)
    status.assert_consumed()
    names = [name for name, _ in tf.train.list_variables(path)]
    assert len(names) == len(set(names)) == 4 + 10 + 1


def test_slots_are_named_after_paths():
    layer = layers.Dense(1)
    layer.build((None, 1))
    optimizer = tf.keras.optimizers.SGD(momentum=0.9)
    optimizer.build(layer.trainable_variables)
    assert [v.path.split("/")[1] for v in optimizer.variables][2:] == ["dense_kernel_momentum", "dense_bias_momentum"]


def test_constraints_hold_after_a_step():
    layer = layers.Dense(1, kernel_constraint="non_neg", kernel_initializer="ones")
    layer.build((None, 1))
    tf.keras.optimizers.SGD(1.0).apply_gradients([(tf.constant([[5.0]]), layer.kernel)])
    assert layer.kernel.numpy().tolist() == [[0.0]]


# -- configs --------------------------------------------------------------------------------------------------------


def test_a_config_is_written_for_layers_that_write_none():
    layer = Affine(units=7, name="mine")
    config = layer.get_config()
    assert config["units"] == 7 and config["name"] == "mine" and config["trainable"] is True
    assert Affine.from_config(config).units == 7
    again = layers.deserialize(layers.serialize(layer), custom_objects={"Affine": Affine})
    assert again.units == 7 and again.name == "mine"


def test_names_are_numbered_and_may_be_set():
    assert [layers.Dense(1).name, layers.Dense(1).name, layers.PReLU().name] == ["dense", "dense_1", "p_re_lu"]
    assert layers.Dense(1, name="x").name == "x"


# -- what is refused ---------------------------------------------------------------------------------------------------


class Forgetful(layers.Layer):
    def __init__(self):
        self.w = self.add_weight(shape=())


def built_dense():
    layer = layers.Dense(2, name="d")
    layer.build((None, 4))
    return layer


class Bad(layers.Layer):
    def call(self, x):
        return tf.matmul(x, tf.ones([5, 5]))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: built_dense()(tf.ones([2, 5])), ValueError, r"layer 'd' is incompatible.*axis -1.*value 4.*shape \(2, 5\)"),
        (lambda: built_dense()(tf.ones([2])), ValueError, r"expected min_ndim=2, found ndim=1. Full shape received: \(2,\)"),
        (lambda: built_dense()(3.0), ValueError, "Only input tensors may be passed as positional arguments"),
        (lambda: built_dense()(None), ValueError, "Got 'None'.*for layer 'd'"),
        (lambda: built_dense()("text"), ValueError, "Only input tensors"),
        (lambda: built_dense().build((None, 3)), ValueError, "You cannot add new elements of state"),
        (lambda: layers.Dense(3).kernel, AttributeError, "You must build the layer before accessing `kernel`"),
        (lambda: layers.Dense(3).count_params(), ValueError, "'dense', but the layer isn't built"),
        (lambda: layers.Dense(0), ValueError, "`units`, expected a positive integer. Received: units=0"),
        (lambda: layers.Dense("a"), ValueError, "units=a"),
        (lambda: layers.Dense(3, foo=1), ValueError, "Unrecognized keyword arguments passed to Dense: {'foo': 1}"),
        (lambda: layers.Dense(3, activation="xx"), ValueError, "xx"),
        (lambda: layers.Dense(3, name="a/b"), ValueError, "cannot contain character `/`"),
        (lambda: layers.Dense(3, dtype="foo"), ValueError, "foo"),
        (lambda: layers.Dense(3, lora_rank=2), NotImplementedError, "lora_rank"),
        (lambda: layers.Dense(3).build((None, None)), ValueError, r"fully-defined.*shape=\(None, 3\).*'dense/kernel'"),
        (lambda: layers.Dropout(2.0), ValueError, "rate=2.0"),
        (lambda: layers.ReLU(max_value=-1), ValueError, "max_value=-1"),
        (lambda: layers.LeakyReLU(negative_slope=None), ValueError, "negative_slope=None"),
        (lambda: layers.Reshape((2, 3))(tf.ones([3, 4])), ValueError, r"input_shape=\(4,\), target_shape=\(2, 3\)"),
        (lambda: layers.Permute((0, 1)), ValueError, r"dims=\(0, 1\)"),
        (lambda: layers.RepeatVector(1.5), TypeError, "float"),
        (lambda: layers.Lambda(3), TypeError, "callable"),
        (lambda: layers.Layer()(tf.ones([1])), NotImplementedError, "Layer Layer does not have a `call` method"),
        (Forgetful, RuntimeError, "In layer 'Forgetful', you forgot to call `super"),
        (
            lambda: Bad()(tf.ones([2, 2])),
            tf.errors.InvalidArgumentError,
            r"calling Bad.call\(\)[\s\S]*x=tf.Tensor\(shape=\(2, 2\)",
        ),
        (lambda: tf.function(lambda x: Bad()(x))(tf.ones([2, 2])), ValueError, r"calling Bad.call\(\)"),
        (lambda: layers.Conv9D, AttributeError, "tapeflow has no tf.keras.layers.Conv9D, nor has TensorFlow"),
        (lambda: layers.InputLayer(), ValueError, "`shape`"),
        (lambda: tf.keras.Input((2,), sparse=True), NotImplementedError, "sparse"),
        (lambda: tf.keras.Input(shape=(2,), batch_shape=(1, 2)), ValueError, "both `shape` and `batch_shape`"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_an_error_is_told_by_the_innermost_layer_alone():
    model = tf.keras.Sequential([Bad()])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        model(tf.ones([2, 2]))
    assert str(caught.value).count("Exception encountered") == 1 and "Bad.call()" in str(caught.value)


def test_a_failed_call_leaves_nothing_open():
    layer = built_dense()
    with pytest.raises(ValueError, match="incompatible"):
        layer(tf.ones([2, 5]))
    with pytest.raises(tf.errors.InvalidArgumentError):
        Bad()(tf.ones([2, 2]), training=True)
    fresh = Affine()
    fresh(tf.ones([1, 1]))
    assert fresh.w.path == "affine/w" and fresh.training_seen == [None]
