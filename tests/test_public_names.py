"""The names after `tf.`: which there are, what arguments they take, and that each says what it does."""

import enum
import functools
import importlib
import inspect
import json
import pathlib
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tapeflow as tf
import tapeflow.compat
import tapeflow.keras
from tapeflow.compat import names
from tests.golden.signatures import described

RECORDED = json.loads((pathlib.Path(__file__).parent / "golden/signatures.json").read_text(encoding="utf-8"))
SIGNATURES = {path: entry for paths, entry in RECORDED.items() for path in paths.split()}

# -- namespaces -------------------------------------------------------------------------------


def namespaces() -> dict[str, types.ModuleType]:
    """Every namespace by its path, `""` for `tf` itself; an alias such as `tf.optimizers` is left out."""
    found: dict[str, types.ModuleType] = {}
    waiting: list[tuple[str, types.ModuleType]] = [("", tf)]
    while waiting:
        path, module = waiting.pop()
        found[path] = module
        for name in dir(module):
            value = getattr(module, name)
            if isinstance(value, types.ModuleType) and value not in found.values() and name != "compat":
                waiting.append((f"{path}.{name}".lstrip("."), value))
    return found


NAMESPACES = namespaces()


def public() -> Iterator[tuple[str, Any]]:
    for path, module in NAMESPACES.items():
        for name in dir(module):
            value = getattr(module, name)
            if not isinstance(value, types.ModuleType) and name != "__version__":
                yield f"{path}.{name}".lstrip("."), value


PUBLIC = dict(public())
CALLABLES = {path: value for path, value in PUBLIC.items() if callable(value)}
ONCE = list({id(value): (path, value) for path, value in reversed(CALLABLES.items())}.values())[::-1]  # without aliases

OUR_OWN = {"__version__", "debugging.native_report", "debugging.trace_gradients", "debugging.why_none"}
IN_FULL = "kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error"
OF_KERAS_2 = {  # names that programs of a few years ago use, and today's TensorFlow has dropped
    *(f"keras.optimizers.legacy.{name}" for name in ("Adadelta", "Adamax", "Nadam")),
    *(f"keras.{space}.{name}" for space in ("losses", "metrics") for name in IN_FULL.split()),
    *(f"keras.{space}.mean_squared_logarithmic_error" for space in ("losses", "metrics")),
}


@pytest.mark.parametrize("path", sorted(NAMESPACES))
def test_a_namespace_shows_its_public_names_and_no_others(path):
    module = NAMESPACES[path]
    shown = dir(module)
    assert sorted(shown) == sorted(set(shown)) == sorted(module.__all__)
    assert not [name for name in shown if name.startswith("_") and name != "__version__"]
    for name in shown:
        full = f"{path}.{name}".lstrip(".")
        assert names.is_public(full) or full in OUR_OWN | OF_KERAS_2


@pytest.mark.parametrize("path", sorted(NAMESPACES))
def test_a_namespace_says_what_it_lacks(path):
    with pytest.raises(AttributeError, match="tapeflow has no tf"):
        NAMESPACES[path].no_such_name  # noqa: B018


def test_every_name_is_had_through_tensorflow():
    program = (
        "import tapeflow.compat; tapeflow.compat.install()\n"
        "import importlib, sys\n"
        "for path in sys.stdin.read().split():\n"
        "    namespace, _, name = ('tensorflow.' + path).rpartition('.')\n"
        "    exec(f'from {namespace} import {name} as found')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=" ".join(PUBLIC), text=True, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", ["optimizers", "losses", "metrics", "initializers"])
def test_what_keras_has_is_also_where_tensorflow_has_it(path):
    assert getattr(tf, path) is importlib.import_module(f"tapeflow.keras.{path}")


# -- arguments --------------------------------------------------------------------------------

NOT_TOLD = (["*args", "**kwargs"], None)  # TensorFlow hides the parameters behind a wrapper, or they are in C
OTHERWISE = {
    "DType": "as dtypes.DType",
    "data.Dataset": "TensorFlow's takes a handle of its own",
    "data.Iterator": "TensorFlow's class cannot be called",
    "data.NumpyIterator": "TensorFlow's takes an iterator of its own",
    "dtypes.DType": "`handle_data` describes resources and variants, which are no dtypes here",
    "Tensor": "TensorFlow's class cannot be called",
    "keras.optimizers.schedules.ExponentialDecay": "the default name is the class's name either way",
    "keras.optimizers.schedules.InverseTimeDecay": "the default name is the class's name either way",
}


def found(path: str) -> Any:
    try:
        return functools.reduce(getattr, path.split("."), tf)
    except AttributeError:
        return None


def same_parameters(recorded: list[str], ours: list[str]) -> bool:
    """Whether they are equal, whatever the catch-all for keywords is called."""
    return [name if not name.startswith("**") else "**" for name in recorded] == [
        name if not name.startswith("**") else "**" for name in ours
    ]


@pytest.mark.parametrize("path", sorted(set(SIGNATURES) & set(CALLABLES) - set(OTHERWISE)))
def test_arguments_are_tensorflows(path):
    recorded = SIGNATURES[path]["parameters"]
    if recorded in NOT_TOLD:
        return
    if isinstance(CALLABLES[path], enum.EnumType):
        pytest.skip("an enumeration is called as Python's own version says")
    ours = described(CALLABLES[path])
    assert ours is not None
    assert same_parameters(recorded, ours)


def test_almost_every_callable_is_compared():
    compared = [path for path, _ in ONCE if path in SIGNATURES and SIGNATURES[path]["parameters"] not in NOT_TOLD]
    assert len(compared) > 0.9 * len(ONCE)


KERAS_2_ARGUMENTS = {"apply_gradients", "add_variable", "add_variable_from_reference", "add_weight"}  # more, and optional
NAMED_OTHERWISE = {"build", "update_step"}  # Keras's own classes do not agree on the names of these
LACKING = {  # for files, for graphs, for compiled training loops, and for TensorFlow's own type system
    "DType": "cast experimental_as_proto experimental_from_proto experimental_type_proto flatten from_tensors is_subtype_of "
    "most_specific_common_supertype placeholder_value to_tensors",
    "Tensor": "eval experimental_ref",
    "TensorShape": "as_proto cast experimental_as_proto experimental_from_proto experimental_type_proto flatten from_tensors "
    "placeholder_value to_tensors",
    "TensorSpec": "cast experimental_as_proto experimental_from_proto experimental_type_proto flatten from_tensors "
    "placeholder_value to_tensors",
    "IndexedSlicesSpec": "cast experimental_as_proto experimental_from_proto experimental_type_proto flatten from_tensors "
    "is_subtype_of most_specific_common_supertype most_specific_compatible_type placeholder_value to_tensors",
    "Variable": "count_up_to eval experimental_ref from_proto initialized_value load to_proto",
    "data.Dataset": "bucket_by_sequence_length choose_from_datasets fingerprint group_by_window ignore_errors list_files load "
    "options ragged_batch random rejection_resample sample_from_datasets save snapshot sparse_batch with_options",
    "data.DatasetSpec": "cast experimental_as_proto experimental_from_proto experimental_type_proto flatten from_tensors "
    "from_value is_compatible_with is_subtype_of most_specific_common_supertype most_specific_compatible_type "
    "placeholder_value to_tensors",
    "data.Iterator": "get_next_as_optional",
    "data.NumpyIterator": "restore save",
    "keras.losses.Reduction": "all validate",
    "train.Checkpoint": "sync",
    "train.CheckpointManager": "sync",
}
LACKING_IN_LAYERS = """
add_metric compute_output_spec get_quantization_layer_structure get_state_tree load_own_variables quantize quantized_build
quantized_call rematerialized_call save_own_variables set_state_tree stateless_call stateless_compute_loss symbolic_call
"""
LACKING_IN_MODELS = f"""{LACKING_IN_LAYERS}
compile compile_from_config compiled_loss compute_loss compute_metrics evaluate export fit get_compile_config get_metrics_result
loss make_predict_function make_test_function make_train_function predict predict_on_batch predict_step reset_metrics save
test_on_batch test_step to_json train_on_batch train_step
"""
LACKING |= dict.fromkeys(("keras.Layer", "keras.layers.Layer"), LACKING_IN_LAYERS)
LACKING |= {f"keras.{path}{name}": LACKING_IN_MODELS for path in ("", "models.") for name in ("Model", "Sequential")}
LACKING |= {
    "keras.Variable": "assign assign_add assign_sub",
    "keras.KerasTensor": "reshape squeeze",
}  # takes tf.Variable's, too
LACKING_IN_KERAS = {"add_optimizer_variables", "stateless_apply", "stateless_reset_state", "stateless_result"}
LACKING_IN_KERAS |= {"stateless_update_state"}

METHODS = [
    (path, name)
    for path in sorted(set(SIGNATURES) & set(CALLABLES))
    for name in SIGNATURES[path].get("methods", ())
    if name not in LACKING.get(path.rpartition("dtypes.")[2], "").split()
    and not (path.startswith("keras.") and name in LACKING_IN_KERAS)
]


@pytest.mark.parametrize("path, name", METHODS)
def test_arguments_of_methods_are_tensorflows(path, name):
    recorded = SIGNATURES[path]["methods"][name]
    ours = described(getattr(CALLABLES[path], name))
    assert ours is not None
    if name in NAMED_OTHERWISE and path.startswith("keras.optimizers."):
        assert len(ours) == len(recorded)
    elif name in KERAS_2_ARGUMENTS and path.startswith("keras."):
        leading = [text.partition("=")[0] for text in ours if not text.startswith("*")]
        names = [text.partition("=")[0] for text in recorded if not text.startswith("*")]
        assert [name for name in names if name not in leading] == []
        assert all("=" in text or text.startswith("*") for text in ours if text.partition("=")[0] not in str(recorded))
    else:
        assert same_parameters(recorded, ours)


# -- documentation and types ------------------------------------------------------------------

SHOWN_WHERE_THEY_ARE_USED = (Exception,)  # an error's example is that of what raises it
LISTS_OF_NAMES = {"UnconnectedGradients", "keras.losses.Reduction", "random.Algorithm"}  # shown with what takes them


@pytest.mark.parametrize("path, value", ONCE, ids=[path for path, _ in ONCE])
def test_it_says_what_it_does_and_shows_it(path, value):
    text = value.__doc__ if inspect.isclass(value) else inspect.getdoc(value)
    assert text
    if path in LISTS_OF_NAMES or (inspect.isclass(value) and issubclass(value, SHOWN_WHERE_THEY_ARE_USED)):
        return
    assert ">>> " in text
    assert "import tapeflow" in text


def is_enumeration_or_error(value: Callable[..., Any]) -> bool:
    import enum

    return inspect.isclass(value) and issubclass(value, (enum.Enum, Exception))


TYPED = [(path, value) for path, value in ONCE if not is_enumeration_or_error(value)]


@pytest.mark.parametrize("path, value", TYPED, ids=[path for path, _ in TYPED])
def test_every_parameter_has_a_type(path, value):
    signature = inspect.signature(value)
    for parameter in signature.parameters.values():
        assert parameter.annotation is not parameter.empty, parameter.name
    if not inspect.isclass(value):
        assert signature.return_annotation is not signature.empty
