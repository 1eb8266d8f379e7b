"""The files of a checkpoint: the arrays of variables, what they are called, and which checkpoint of a folder is the newest.

A checkpoint PREFIX has two files, named as TensorFlow names them: `PREFIX.index` says in JSON which variables there are, and
`PREFIX.data-00000-of-00001` holds their arrays in NumPy's format. What is in them is TapeFlow's own: neither reads the other's.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tapeflow.core.dtypes import as_dtype
from tapeflow.core.errors import NotFoundError

__all__ = ["latest_checkpoint", "list_variables", "load_variable", "read_arrays", "state_of", "update_state", "write_arrays"]

SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
INDEX, DATA = ".index", ".data-00000-of-00001"
STATE = "checkpoint"


def write_arrays(prefix: str, arrays: dict[str, np.ndarray]) -> None:
    """Writes a checkpoint; one of that name is replaced, whole or not at all.

    Raises:
        NotImplementedError: an array holds text.
    """
    import json

    os.makedirs(os.path.dirname(os.path.abspath(prefix)), exist_ok=True)
    for name, array in arrays.items():
        if array.dtype.kind in "OSU":
            raise NotImplementedError(f"{name} holds text: checkpoints hold numbers only")
    index = {name: {"dtype": as_dtype(a.dtype).name, "shape": list(a.shape)} for name, a in arrays.items()}
    with open(f"{prefix}{DATA}.new", "wb") as file:
        np.savez(file, *[_bytes(array) for array in arrays.values()])
    with open(f"{prefix}{INDEX}.new", "w", encoding="utf-8") as text:
        json.dump({"format": "tapeflow 1", "variables": index}, text)
    for suffix in (DATA, INDEX):
        os.replace(f"{prefix}{suffix}.new", f"{prefix}{suffix}")


def _bytes(array: np.ndarray) -> np.ndarray:
    """The array as bytes: dtypes that NumPy does not have itself are kept too."""
    return np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)


def read_arrays(prefix: str) -> dict[str, np.ndarray]:
    """The arrays of a checkpoint by the names of their variables.

    Raises:
        NotFoundError: there is none of this name.
        ValueError: its files are not TapeFlow's.
    """
    import json

    try:
        with open(f"{prefix}{INDEX}", "rb") as text:
            content = text.read()
        with np.load(f"{prefix}{DATA}", allow_pickle=False) as file:
            parts = [file[f"arr_{i}"] for i in range(len(file.files))]
        index = json.loads(content)["variables"]
    except FileNotFoundError:
        message = f"Error when restoring from checkpoint {prefix}: failed to find any matching files for it"
        raise NotFoundError(None, None, message) from None
    except (ValueError, KeyError) as error:
        raise ValueError(f"{prefix} is no checkpoint of TapeFlow's: those of TensorFlow cannot be read") from error
    found = {}
    for part, (name, kind) in zip(parts, index.items(), strict=True):
        found[name] = np.frombuffer(part.tobytes(), as_dtype(kind["dtype"]).numpy).reshape(kind["shape"]).copy()
    return found


def remove(prefix: str) -> None:
    """Removes the files of a checkpoint."""
    for suffix in (INDEX, DATA):
        if os.path.exists(f"{prefix}{suffix}"):
            os.remove(f"{prefix}{suffix}")


# -- the state of a folder ----------------------------------------------------------------------------


def update_state(folder: str, prefixes: list[str], state: str = STATE) -> None:
    """Notes which checkpoints a folder has, the newest last."""
    names = [os.path.relpath(prefix, folder) if os.path.dirname(prefix) else prefix for prefix in prefixes]
    lines = [f'model_checkpoint_path: "{names[-1]}"', *[f'all_model_checkpoint_paths: "{name}"' for name in names]]
    path = os.path.join(folder, state)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    os.replace(f"{path}.new", path)


def state_of(folder: str, state: str = STATE) -> list[str]:
    """The checkpoints that a folder is said to have, the newest last."""
    try:
        with open(os.path.join(folder, state), encoding="utf-8") as file:
            lines = [line.partition(": ") for line in file.read().splitlines()]
    except OSError:
        return []
    return [os.path.join(folder, name.strip('"')) for key, _, name in lines if key == "all_model_checkpoint_paths"]


def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """The newest checkpoint in a folder; None if there is none.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the file that says which it is, "checkpoint" by default.

    >>> import tapeflow as tf
    >>> print(tf.train.latest_checkpoint("a folder that is not there"))
    None
    """
    known = state_of(os.fspath(checkpoint_dir), latest_filename or STATE)
    return known[-1] if known and os.path.exists(known[-1] + INDEX) else None


def _prefix(path: Any) -> str:
    """A checkpoint, or the newest of a folder."""
    path = os.fspath(path)
    return (latest_checkpoint(path) or path) if os.path.isdir(path) else path


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """The names and shapes of what a checkpoint holds.

    >>> import tempfile
    >>> import tapeflow as tf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(folder + "/a")
    ...     tf.train.list_variables(path), tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE")
    ([('v/.ATTRIBUTES/VARIABLE_VALUE', [2])], array([1., 2.], dtype=float32))
    """
    return [(name, list(array.shape)) for name, array in sorted(read_arrays(_prefix(ckpt_dir_or_file)).items())]


def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """The array of one variable in a checkpoint; see `list_variables` for names and for an example.

    >>> import tapeflow as tf
    >>> tf.train.load_variable("no checkpoint", "v")
    Traceback (most recent call last):
    tapeflow.core.errors.NotFoundError: Error when restoring from checkpoint no checkpoint: ...
    """
    arrays = read_arrays(_prefix(ckpt_dir_or_file))
    for key in (name, name + SUFFIX):
        if key in arrays:
            return arrays[key][()]
    raise NotFoundError(None, None, f"{name} is not in the checkpoint, which holds {sorted(arrays)}")
