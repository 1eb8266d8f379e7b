import logging

import pytest

import tapeflow as tf

v1 = tf.compat.v1


@pytest.mark.parametrize(
    "name",
    [
        "enable_eager_execution",
        "enable_resource_variables",
        "enable_tensor_equality",
        "enable_v2_behavior",
        "enable_v2_tensorshape",
    ],
)
def test_what_is_on_already_can_be_switched_on(name):
    assert getattr(v1, name)() is None
    assert v1.executing_eagerly()


@pytest.mark.parametrize("name", ["disable_eager_execution", "disable_v2_behavior"])
def test_switching_to_tensorflow_1_is_refused(name):
    with pytest.raises(NotImplementedError, match=rf"tf\.compat\.v1\.{name}: .*TensorFlow 1 are not supported"):
        getattr(v1, name)()


@pytest.mark.parametrize("argument", ["config", "device_policy", "execution_mode"])
def test_arguments_about_sessions_are_refused_by_name(argument):
    with pytest.raises(NotImplementedError, match=f"{argument}=1 is not supported"):
        v1.enable_eager_execution(**{argument: 1})


@pytest.fixture
def logger():
    """The logger, whose level is put back the way that tells its cache."""
    logger = logging.getLogger("tapeflow")
    before = logger.level
    yield logger
    logger.setLevel(before)


def test_verbosity_is_the_level_of_tapeflows_logger(caplog, logger):
    v1.logging.set_verbosity(v1.logging.ERROR)
    assert v1.logging.get_verbosity() == logger.getEffectiveLevel() == logging.ERROR
    v1.logging.warning("hidden %d", 1)
    v1.logging.error("shown %d", 2)
    v1.logging.log(v1.logging.FATAL, "last")
    assert [record.getMessage() for record in caplog.records] == ["shown 2", "last"]


def test_the_rest_of_tensorflow_1_says_what_it_is_called_today():
    with pytest.raises(AttributeError, match=r"tf\.compat\.v1\.placeholder: it is of TensorFlow 1"):
        _ = v1.placeholder
    with pytest.raises(AttributeError, match=r"TensorFlow 2 calls it tf\.square$"):
        _ = v1.square
