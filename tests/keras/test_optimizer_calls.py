"""How programs call an optimizer: today's conventions and Keras 2's, what is refused, and that refusals change nothing."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

import tapeflow as tf

optimizers = tf.keras.optimizers
NAMES = ["SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Ftrl", "Lion", "Lamb", "Adafactor"]


def one_step(optimizer, gradient=1.0, value=1.0):
    x = tf.Variable(value)
    optimizer.apply_gradients([(tf.constant(gradient), x)])
    return x


# -- the ways in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("collect", [list, tuple, iter, lambda pairs: (pair for pair in pairs)])
def test_apply_gradients_takes_any_iterable_of_pairs(collect):
    optimizer, x, y = optimizers.SGD(0.5), tf.Variable(1.0), tf.Variable([1.0, 2.0])
    for _ in range(2):
        optimizer.apply_gradients(collect([(tf.constant(1.0), x), [tf.constant([1.0, 2.0]), y]]))
    assert x.numpy() == 0.0
    np.testing.assert_array_equal(y.numpy(), [0.0, 0.0])


def test_apply_gradients_takes_zip_and_keras_2_arguments_and_returns_iterations():
    optimizer, x = optimizers.SGD(0.5), tf.Variable(1.0)
    returned = optimizer.apply_gradients(
        zip([tf.constant(1.0)], [x], strict=True), name="step", skip_gradients_aggregation=True
    )
    assert returned is optimizer.iterations and returned.numpy() == 1
    optimizer.apply_gradients(zip([tf.constant(1.0)], [x], strict=True), experimental_aggregate_gradients=False)
    assert (x.numpy(), optimizer.iterations.numpy()) == (0.0, 2)


@pytest.mark.parametrize("gradient", [[1.0, 2.0], (1, 2), np.array([1.0, 2.0]), np.array([1, 2]), tf.Variable([1.0, 2.0])])
def test_a_gradient_may_be_anything_that_fits(gradient):
    optimizer, x = optimizers.SGD(0.5), tf.Variable([1.0, 1.0])
    optimizer.apply_gradients([(gradient, x)])
    np.testing.assert_array_equal(x.numpy(), np.array([0.5, 0.0], "float32"))


def test_apply_takes_gradients_and_variables_apart():
    optimizer, x, y = optimizers.SGD(0.5), tf.Variable(1.0), tf.Variable(1.0)
    optimizer.apply([tf.constant(1.0), tf.constant(2.0)], [x, y])
    optimizer.apply([tf.constant(1.0), tf.constant(2.0)])
    assert (x.numpy(), y.numpy(), optimizer.iterations.numpy()) == (0.0, -1.0, 2)
    optimizer.apply([])
    assert optimizer.iterations.numpy() == 2


def test_minimize_takes_a_function_or_a_tensor_with_its_tape_in_either_order():
    optimizer, x = optimizers.SGD(0.25), tf.Variable(8.0)
    optimizer.minimize(lambda: x * x, [x])
    optimizer.minimize(lambda: x * x, lambda: [x])
    assert x.numpy() == 2.0
    for given in ({"tape": 0}, {"grad_loss": None, "tape": 0}):
        with tf.GradientTape() as tape:
            loss = x * x
        optimizer.minimize(loss, x, **(given | {"tape": tape}))
    assert x.numpy() == 0.5
    with tf.GradientTape() as tape:
        loss = x * x
    optimizer.minimize(loss, [x], tf.constant(2.0), "name", tape)  # the order before Keras 2.11
    assert x.numpy() == 0.0


def test_compute_gradients_gives_pairs():
    x = tf.Variable(3.0)
    [(gradient, variable)] = optimizers.SGD().compute_gradients(lambda: x * x, [x])
    assert gradient.numpy() == 6.0 and variable is x


def test_the_same_variable_twice_moves_twice():
    x = tf.Variable(1.0)
    optimizers.SGD(0.25).apply_gradients([(tf.constant(1.0), x), (tf.constant(1.0), x)])
    assert x.numpy() == 0.5


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize(
    ("pairs", "error", "text"),
    [
        (lambda x, y: 5, TypeError, "iterable of"),
        (lambda x, y: tf.constant([1.0]), TypeError, "zip"),
        (lambda x, y: [], ValueError, "No gradients provided"),
        (lambda x, y: [tf.constant(1.0), x], TypeError, "position 0"),
        (lambda x, y: (tf.constant(1.0), x), TypeError, "position 0"),
        (lambda x, y: [(tf.constant(1.0), x), (tf.constant(1.0), y, 3)], TypeError, "tuple of 3 at position 1"),
        (lambda x, y: [(tf.constant(1.0), x), (y, tf.constant([1.0, 2.0]))], TypeError, "wrong way round"),
        (lambda x, y: [(tf.constant(1.0), x), (tf.constant(1.0), np.ones(2))], TypeError, "ndarray at position 1"),
        (lambda x, y: [(tf.constant(1.0), x), (tf.constant(1.0), y)], tf.errors.InvalidArgumentError, r"\(\).*y:0.*\(2,\)"),
        (lambda x, y: [(tf.constant(1.0), x), (tf.constant([1.0]), y)], tf.errors.InvalidArgumentError, r"\(1,\)"),
        (lambda x, y: [(tf.constant(1.0), x), ("no", y)], tf.errors.InvalidArgumentError, "shape"),
        (lambda x, y: [(tf.constant(1.0), x), (["a", "b"], y)], tf.errors.UnimplementedError, "string"),
        (lambda x, y: [(tf.constant(1.0), x), ([1j, 2.0], y)], tf.errors.UnimplementedError, "complex128"),
        (lambda x, y: [(None, x), (None, y)], ValueError, r"No gradients provided for any variable: \(x:0, y:0\)"),
        (lambda x, y: [(tf.constant(1.0), x), (tf.constant(1.0), tf.Variable(1.0))], ValueError, "Unknown variable"),
    ],
)
def test_a_refused_call_changes_nothing(name, pairs, error, text):
    x, y = tf.Variable(1.0, name="x"), tf.Variable([1.0, 2.0], name="y")
    optimizer = getattr(optimizers, name)(0.5)
    optimizer.apply_gradients([(tf.constant(1.0), x), (tf.constant([1.0, 1.0]), y)])
    before = [v.numpy() for v in (x, y, *optimizer.variables)]
    with pytest.raises(error, match=text):
        optimizer.apply_gradients(pairs(x, y))
    for old, v in zip(before, (x, y, *optimizer.variables), strict=True):
        np.testing.assert_array_equal(v.numpy(), old)


def test_a_refused_first_call_leaves_the_optimizer_unbuilt():
    optimizer = optimizers.Adam()
    with pytest.raises(tf.errors.InvalidArgumentError):
        optimizer.apply_gradients([(tf.constant(1.0), tf.Variable([1.0]))])
    assert not optimizer.built and len(optimizer.variables) == 2
    assert one_step(optimizer).numpy() < 1.0


def test_apply_refuses_other_numbers_of_gradients_than_variables():
    optimizer = optimizers.SGD()
    with pytest.raises(ValueError, match="must already be built"):
        optimizer.apply([tf.constant(1.0)])
    with pytest.raises(ValueError, match="1 gradients for 2 variables"):
        optimizer.apply([tf.constant(1.0)], [tf.Variable(1.0), tf.Variable(1.0)])
    optimizer.build([tf.Variable(1.0)])
    with pytest.raises(ValueError, match="2 gradients for 1 variables"):
        optimizer.apply([tf.constant(1.0), tf.constant(1.0)])


def test_minimize_refuses_a_tensor_without_tape():
    with pytest.raises(ValueError, match="`tape` is required when a `Tensor` loss is passed"):
        optimizers.SGD().minimize(tf.constant(1.0), [tf.Variable(1.0)])
    with pytest.raises(ValueError, match="No gradients provided"):
        optimizers.SGD().minimize(lambda: tf.constant(1.0), [tf.Variable(1.0)])


def test_none_is_skipped_with_a_warning_at_the_callers_line():
    x, y = tf.Variable(1.0, name="x"), tf.Variable(1.0, name="y")
    optimizer = optimizers.SGD(0.5)
    with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['x:0'\]") as caught:
        optimizer.apply_gradients([(None, x), (tf.constant(1.0), y)])
    assert caught[0].filename == __file__
    assert (x.numpy(), y.numpy()) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optimizers.SGD("fast"), "learning_rate=fast"),
        (lambda: optimizers.SGD(None), "learning_rate=None"),
        (lambda: optimizers.SGD([0.1, 0.2]), "learning_rate"),
        (lambda: optimizers.SGD(tf.constant([0.1])), "scalar"),
        (lambda: optimizers.SGD(speed=1), r"Argument\(s\) not recognized: {'speed': 1}"),
        (lambda: optimizers.SGD(momentum=2.0), "momentum"),
        (lambda: optimizers.SGD(momentum=-0.1), "momentum"),
        (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "Only one of"),
        (lambda: optimizers.SGD(clipnorm=1.0, global_clipnorm=1.0), "Only one of"),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum=2.0), "ema_momentum=2.0"),
        (lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=1.5), "ema_overwrite_frequency=1.5"),
        (lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=0), "ema_overwrite_frequency=0"),
        (lambda: optimizers.SGD(gradient_accumulation_steps=1), "gradient_accumulation_steps=1"),
        (lambda: optimizers.SGD(decay=-1.0), "decay"),
        (lambda: optimizers.AdamW(weight_decay=None), "weight_decay"),
        (lambda: optimizers.Lion(beta_1=0.0), "beta_1"),
        (lambda: optimizers.Ftrl(learning_rate_power=1.0), "learning_rate_power"),
        (lambda: optimizers.Ftrl(initial_accumulator_value=-1.0), "initial_accumulator_value"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1.0), "l1_regularization_strength"),
        (lambda: optimizers.schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps"),
        (lambda: optimizers.schedules.PolynomialDecay(0.1, -1), "decay_steps"),
        (lambda: optimizers.schedules.CosineDecay(0.1, 0), "decay_steps"),
        (lambda: optimizers.schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps"),
        (lambda: optimizers.schedules.PiecewiseConstantDecay([1], [1.0]), "1 less"),
        (lambda: optimizers.get("steepest"), "Could not interpret optimizer identifier: steepest"),
        (lambda: optimizers.get(5), "Could not interpret"),
        (lambda: optimizers.deserialize({"class_name": "Steepest", "config": {}}), "Steepest"),
    ],
)
def test_a_bad_argument_is_a_value_error_that_names_it(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_setting_what_cannot_be_a_learning_rate_changes_nothing():
    optimizer = optimizers.SGD(0.5)
    for bad, error in (("a", TypeError), (None, ValueError), ([0.1, 0.2], ValueError)):
        with pytest.raises(error):
            optimizer.learning_rate = bad
    assert optimizer.learning_rate.numpy() == 0.5
    scheduled = optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))
    with pytest.raises(TypeError, match="LearningRateSchedule"):
        scheduled.learning_rate = 0.5


# -- the learning rate and the count -------------------------------------------------------------------


def test_learning_rate_is_read_and_set_as_a_variable():
    optimizer = optimizers.SGD(0.5)
    assert float(optimizer.learning_rate) == optimizer.learning_rate.numpy() == optimizer.lr.numpy() == 0.5
    for new in (0.25, np.float64(0.25), tf.constant(0.25), tf.Variable(0.25), 1):
        optimizer.learning_rate = new
        assert one_step(optimizers.SGD(optimizer.learning_rate)).numpy() == 1.0 - float(new)
    optimizer.learning_rate.assign(0.125)
    assert one_step(optimizer).numpy() == 0.875
    optimizer.lr = 0.5
    assert optimizer.get_config()["learning_rate"] == 0.5


def test_learning_rate_given_as_variable_follows_it():
    rate = tf.Variable(0.5)
    optimizer, x = optimizers.SGD(rate), tf.Variable(1.0)
    optimizer.apply_gradients([(tf.constant(1.0), x)])
    rate.assign(0.25)
    optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert x.numpy() == 0.25


def test_learning_rate_may_become_a_schedule_between_steps():
    optimizer, x = optimizers.SGD(0.5), tf.Variable(1.0)
    optimizer.apply_gradients([(tf.constant(1.0), x)])
    optimizer.learning_rate = optimizers.schedules.PiecewiseConstantDecay([1], [0.25, 0.125])
    assert optimizer.learning_rate.numpy() == 0.25
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert x.numpy() == 0.125


def test_settings_changed_between_steps_are_obeyed():
    optimizer, x = optimizers.SGD(0.5), tf.Variable(4.0)
    optimizer.apply_gradients([(tf.constant(4.0), x)])
    optimizer.clipvalue = 1.0
    optimizer.apply_gradients([(tf.constant(4.0), x)])
    assert x.numpy() == 1.5


@pytest.mark.parametrize("option", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_a_limit_that_is_not_positive_does_not_clip(option):
    for limit in (0.0, -1.0):
        assert one_step(optimizers.SGD(0.5, **{option: limit}), gradient=[4.0], value=[1.0]).numpy() == [-1.0]


def test_lr_and_decay_of_keras_2():
    x = tf.Variable(1.0)
    for optimizer in (optimizers.SGD(lr=0.5, decay=1.0), optimizers.legacy.SGD(lr=0.5, decay=1.0)):
        x.assign(1.0)
        for _ in range(2):
            optimizer.apply_gradients([(tf.constant(1.0), x)])
        assert x.numpy() == 0.25
    assert type(optimizer).from_config(optimizer.get_config()).decay == 1.0


def test_iterations_behave_as_a_variable():
    optimizer = optimizers.SGD()
    one_step(optimizer)
    assert isinstance(optimizer.iterations, tf.Variable)
    assert (optimizer.iterations.dtype, int(optimizer.iterations), (optimizer.iterations + 1).numpy()) == (tf.int64, 1, 2)
    optimizer.iterations.assign(10)
    optimizer.iterations.assign_add(1)
    assert optimizer.iterations.numpy() == 11
    with tf.GradientTape() as tape:
        first = tf.cast(optimizer.iterations, tf.float32)
        optimizer.iterations.assign_add(1)
        second = tf.cast(optimizer.iterations, tf.float32)
    assert (first.numpy(), second.numpy()) == (11.0, 12.0)
    assert tape.watched_variables() == ()


# -- state, configs, copies ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_optimizer_is_restored_from_its_config_and_weights(name):
    cls = getattr(optimizers, name)
    original, x, y = cls(0.25), tf.Variable([1.0, -2.0]), tf.Variable([1.0, -2.0])
    g = [tf.constant([0.5, -1.5]), tf.constant([-0.5, 3.0])]
    original.apply_gradients([(g[0], x)])
    y.assign(x)
    for twin in (
        cls.from_config(original.get_config()),
        optimizers.deserialize(optimizers.serialize(original)),
        optimizers.get(optimizers.serialize(original)),
    ):
        twin.build([y])
        twin.set_weights(original.get_weights())
        assert twin.get_config() == original.get_config()
    original.apply_gradients([(g[1], x)])
    twin.apply_gradients([(g[1], y)])
    np.testing.assert_array_equal(x.numpy(), y.numpy())
    assert type(optimizers.get(name)) is type(optimizers.get(name.lower())) is cls


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_copies_go_on_by_themselves(duplicate):
    optimizer, x = optimizers.Adam(0.25), tf.Variable([1.0, 2.0])
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    twin, y = duplicate((optimizer, x))
    assert twin.iterations.numpy() == 1
    for o, v in ((optimizer, x), (twin, y)):
        o.apply_gradients([(tf.constant([1.0, -1.0]), v)])
    np.testing.assert_array_equal(x.numpy(), y.numpy())
    assert twin.iterations.numpy() == optimizer.iterations.numpy() == 2
    twin.apply_gradients([(tf.constant([1.0, 1.0]), y)])
    assert optimizer.iterations.numpy() == 2 and x.numpy()[0] != y.numpy()[0]


def test_variables_are_a_list_and_may_be_called():
    optimizer = optimizers.Adam(name="adam")
    optimizer.build([tf.Variable([1.0], name="layer/kernel")])
    names = ["iteration", "learning_rate", "layer_kernel_0_momentum", "layer_kernel_0_velocity"]
    assert [v.path for v in optimizer.variables] == [f"adam/{name}" for name in names]
    assert [v is w for v, w in zip(optimizer.variables(), optimizer.variables, strict=True)] == [True] * 4


def test_set_weights_refuses_wrong_shapes_and_changes_nothing():
    optimizer = optimizers.Adam()
    with pytest.raises(ValueError, match="has not yet been built"):
        optimizer.set_weights([])
    optimizer.build([tf.Variable([1.0, 2.0])])
    weights = optimizer.get_weights()
    with pytest.raises(ValueError, match="3 values for 4 variables"):
        optimizer.set_weights(weights[:-1])
    with pytest.raises(ValueError, match="velocity"):
        optimizer.set_weights([np.int64(9), *weights[1:-1], np.zeros(3)])
    assert optimizer.iterations.numpy() == 0


def test_save_and_load_own_variables():
    optimizer, twin, store = optimizers.Adam(), optimizers.Adam(), {}
    one_step(optimizer)
    optimizer.save_own_variables(store)
    with pytest.warns(UserWarning, match="Skipping"):
        twin.load_own_variables(store)
    twin.build([tf.Variable(1.0)])
    twin.load_own_variables(store)
    assert twin.get_weights() == optimizer.get_weights()


def test_custom_schedules_are_deserialized_with_custom_objects():
    class Constant(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

        def get_config(self):
            return {}

    config = optimizers.serialize(optimizers.SGD(Constant()))
    assert config["config"]["learning_rate"]["registered_name"] == "Constant"
    again = optimizers.deserialize(config, custom_objects={"Constant": Constant})
    assert one_step(again).numpy() == 0.5
    with pytest.raises(ValueError, match="Constant"):
        optimizers.deserialize(config)


def test_legacy_optimizers_take_new_variables_at_any_time():
    optimizer = optimizers.legacy.Adam(0.5)
    assert one_step(optimizer).numpy() == one_step(optimizers.legacy.Adam(0.5)).numpy()
    late = one_step(optimizer)
    assert late.numpy() < 1.0 and len(optimizer.variables) == 6


def test_exclusion_from_weight_decay_by_variable_and_by_name():
    x, y, z = (tf.Variable(1.0, name=name) for name in ("kernel", "bias", "gamma"))
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[x], var_names=["bia"])
    optimizer.apply_gradients([(tf.constant(0.0), v) for v in (x, y, z)])
    assert [v.numpy() for v in (x, y, z)] == [1.0, 1.0, 0.75]
    with pytest.raises(ValueError, match="before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["gamma"])


def test_finalize_variable_values_needs_a_step():
    optimizer, x = optimizers.SGD(use_ema=True), tf.Variable(1.0)
    with pytest.raises(ValueError, match="at least one step"):
        optimizer.finalize_variable_values([x])
    optimizers.SGD().finalize_variable_values([x])
    assert x.numpy() == 1.0


def test_scale_loss_and_loss_scale_factor_cancel():
    x = tf.Variable(1.0)
    optimizer = optimizers.SGD(0.25, loss_scale_factor=1024.0)
    optimizer.minimize(lambda: optimizer.scale_loss(x * x), [x])
    assert x.numpy() == 0.5


def test_no_numpy_warning_reaches_the_user():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in NAMES:
            for bad in (np.inf, 3e38, np.nan):
                optimizer = getattr(optimizers, name)(0.5, clipnorm=1.0) if bad == np.inf else getattr(optimizers, name)(0.5)
                one_step(optimizer, gradient=[bad, 1.0], value=[1.0, 1.0])
                one_step(optimizer.__class__(0.5), gradient=bad)
