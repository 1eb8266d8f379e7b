"""Records the parameters of TensorFlow's public functions, classes and their methods: writes signatures.json beside this.

    TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_signatures.py

What is recorded is every name of `tensorflow_names.txt` outside the parts of TensorFlow that have no place here. Aliases
share one line.
"""

import inspect
import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.signatures import described

NAMES = pathlib.Path(__file__).parents[2] / "src/tapeflow/compat/tensorflow_names.txt"
LEFT_OUT = {
    "audio", "autograph", "compat", "distribute", "experimental", "feature_column", "graph_util", "image", "io", "lite",
    "lookup", "mlir", "profiler", "quantization", "queue", "ragged", "raw_ops", "saved_model", "sets", "sparse",
    "summary", "sysconfig", "test", "tpu", "types", "v1", "version", "xla",
}  # fmt: skip
KERAS = (
    "activations", "config", "constraints", "dtype_policies", "initializers", "layers", "losses", "metrics",
    "mixed_precision", "models", "optimizers", "random", "regularizers",
)  # fmt: skip
FROM_CONFIGURATION = {"get_config", "from_config"}  # Keras wraps these: their parameters are those of the wrapper


def methods(cls):
    found = {}
    for name in dir(cls):
        if name.startswith("_") or name in FROM_CONFIGURATION:
            continue
        raw = inspect.getattr_static(cls, name)
        if inspect.isfunction(raw) or isinstance(raw, (classmethod, staticmethod)):
            text = described(getattr(cls, name))
            if text is not None:
                found[name] = text
    return found


def is_a_layer_of_many(cls, paths):
    """Whether a class is one of Keras's layers, which all have the methods of `Layer`."""
    return any(path.startswith("keras.layers.") for path in paths) and cls not in (tf.keras.Layer, tf.keras.InputSpec)


def main():
    by_object = {}
    for line in NAMES.read_text(encoding="utf-8").splitlines()[1:]:
        namespace, _, leaves = line.partition(": ")
        top, _, below = namespace.partition(".")
        if top in LEFT_OUT or (top == "keras" and below and not below.startswith(KERAS)):
            continue
        home = tf
        for part in namespace.split(".") if namespace != "." else ():
            home = getattr(home, part, None)
        for leaf in leaves.split():
            path = leaf if namespace == "." else f"{namespace}.{leaf}"
            value = getattr(home, leaf, None)
            if callable(value) and not inspect.ismodule(value):
                by_object.setdefault(id(value), (value, []))[1].append(path)
    recorded = {}
    for value, paths in by_object.values():
        text = described(value)
        if text is None and not inspect.isclass(value):
            continue
        entry = {"parameters": text}
        if inspect.isclass(value) and not is_a_layer_of_many(value, paths):
            entry["methods"] = methods(value)
        recorded[" ".join(sorted(paths))] = entry
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(recorded[key])}" for key in sorted(recorded))
    pathlib.Path(__file__).with_name("signatures.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


main()
