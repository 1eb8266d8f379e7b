"""Record the public names of TensorFlow in `tensorflow_names.txt`, which error messages are made from.

    python record_tensorflow_names.py        # with a Python that has TensorFlow

The file has one namespace a line, `path: name name …` (`.` is `tf` itself), names only. A name that TensorFlow 1 had
and TensorFlow 2 has not is under `v1.PATH`, as `old=new` where both are one object or RENAMED says so.
"""

import pathlib
import types
from typing import Any

TARGET = pathlib.Path(__file__).with_name("tensorflow_names.txt")
NEVER_PUBLIC = {"annotations", "absolute_import", "division", "print_function"}
PUBLIC_HOMES = ("tensorflow._api.v2.", "tensorflow.experimental", "keras.")
ELSEWHERE = {"compat.v1", "compat.v2"}  # the whole API once more

RENAMED = {  # TensorFlow 1's names whose successors are other objects
    "arg_max": "argmax",
    "arg_min": "argmin",
    "batch_gather": "gather",
    "count_nonzero": "math.count_nonzero",
    "div": "divide",
    "floor_div": "math.floordiv",
    "multinomial": "random.categorical",
    "placeholder_with_default": "constant",
    "Print": "print",
    "py_func": "numpy_function",
    "set_random_seed": "random.set_seed",
    "to_bfloat16": "cast",
    "to_complex128": "cast",
    "to_complex64": "cast",
    "to_double": "cast",
    "to_float": "cast",
    "to_int32": "cast",
    "to_int64": "cast",
    "verify_tensor_all_finite": "debugging.assert_all_finite",
    "losses.mean_squared_error": "keras.losses.MeanSquaredError",
    "nn.softmax_cross_entropy_with_logits_v2": "nn.softmax_cross_entropy_with_logits",
    "random.multinomial": "random.categorical",
    "random.set_random_seed": "random.set_seed",
    "train.AdadeltaOptimizer": "keras.optimizers.Adadelta",
    "train.AdagradOptimizer": "keras.optimizers.Adagrad",
    "train.AdamOptimizer": "keras.optimizers.Adam",
    "train.FtrlOptimizer": "keras.optimizers.Ftrl",
    "train.GradientDescentOptimizer": "keras.optimizers.SGD",
    "train.MomentumOptimizer": "keras.optimizers.SGD",
    "train.Optimizer": "keras.optimizers.Optimizer",
    "train.RMSPropOptimizer": "keras.optimizers.RMSprop",
    "train.cosine_decay": "keras.optimizers.schedules.CosineDecay",
    "train.exponential_decay": "keras.optimizers.schedules.ExponentialDecay",
    "train.inverse_time_decay": "keras.optimizers.schedules.InverseTimeDecay",
    "train.piecewise_constant": "keras.optimizers.schedules.PiecewiseConstantDecay",
    "train.polynomial_decay": "keras.optimizers.schedules.PolynomialDecay",
}


def public_names(module: types.ModuleType) -> list[str]:
    return sorted(name for name in dir(module) if not name.startswith("_") and name not in NEVER_PUBLIC)


def home_of(module: types.ModuleType) -> str:
    try:
        return module.__name__
    except AttributeError:  # a lazy module of TensorFlow 1 that needs Keras 2
        return ""


def walk(root: types.ModuleType) -> dict[str, dict[str, Any]]:
    """The public names of every namespace under `root`, by its dotted path."""
    found: dict[str, dict[str, Any]] = {}
    waiting: list[tuple[str, types.ModuleType]] = [("", root)]
    while waiting:
        path, module = waiting.pop()
        found[path] = {}
        for name in public_names(module):
            try:
                value = getattr(module, name)
            except Exception:  # a lazily loaded part that cannot be loaded here still has its name
                value = None
            inner = f"{path}.{name}".lstrip(".")
            if isinstance(value, types.ModuleType) and inner not in ELSEWHERE:
                if not home_of(value).startswith(PUBLIC_HOMES) or ".src." in home_of(value):
                    continue
                waiting.append((inner, value))
            found[path][name] = value
    return found


def main() -> None:
    import tensorflow as tf

    today = walk(tf)
    before = walk(tf.compat.v1)

    paths_of: dict[int, str] = {}
    for path in sorted(today, key=lambda path: (path.count("."), path), reverse=True):
        if path.startswith(("raw_ops", "compat", "keras.ops", "experimental")):
            continue
        for name, value in today[path].items():
            if callable(value):
                paths_of[id(value)] = f"{path}.{name}".lstrip(".")

    lines = [f"TensorFlow {tf.__version__}"]
    lines += [f"{path or '.'}: {' '.join(names)}" for path, names in sorted(today.items())]
    for path, names in sorted(before.items()):
        if path.startswith(("keras", "raw_ops")):
            continue
        gone = []
        for name, value in names.items():
            if name not in today.get(path, {}):
                new = RENAMED.get(f"{path}.{name}".lstrip(".")) or paths_of.get(id(value))
                gone.append(f"{name}={new}" if new else name)
        if gone:
            lines.append(f"v1.{path}: {' '.join(gone)}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
