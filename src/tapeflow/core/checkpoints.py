"""Checkpoints: the variables that objects hold, written to files and read back, into the same objects or others like them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tapeflow.core import checkpoint_files as files
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.inspection import init_scope
from tapeflow.core.module import Module
from tapeflow.core.variable import Variable

__all__ = ["Checkpoint", "CheckpointManager"]


# -- which variables there are ----------------------------------------------------------------------------


def _is_trackable(thing: Any) -> bool:
    return isinstance(thing, Variable | Module | Checkpoint | list | tuple | dict) or (
        hasattr(thing, "variables") and not isinstance(thing, type)
    )


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """The objects in one, by their names in it."""
    if isinstance(thing, Checkpoint | Module):
        ignored = getattr(thing, "_TF_MODULE_IGNORED_PROPERTIES", ())
        for name in sorted(vars(thing)):
            if not (isinstance(thing, Checkpoint) and name.startswith("_")) and name not in ignored:
                yield name, vars(thing)[name]
        if isinstance(thing, Checkpoint) and thing._root is not None:
            yield from _parts(thing._root)
    elif isinstance(thing, dict):
        yield from ((str(key), part) for key, part in thing.items())
    elif isinstance(thing, list | tuple):
        yield from ((str(i), part) for i, part in enumerate(thing))
    elif not isinstance(thing, Variable):  # an optimizer, a metric
        yield from ((f"_variables/{i}", part) for i, part in enumerate(thing.variables))


def _walk(thing: Any, path: str = "", above: tuple = ()) -> Iterator[tuple[str, Any]]:
    """Everything in an object that variables may be in, by its path; what is in two places is met twice."""
    for name, part in _parts(thing):
        if _is_trackable(part) and id(part) not in above:
            here = f"{path}/{name}".lstrip("/")
            yield here, part
            if not isinstance(part, Variable):
                yield from _walk(part, here, (*above, id(thing)))


def _variables(thing: Any) -> dict[str, Variable]:
    return {path + files.SUFFIX: part for path, part in _walk(thing) if isinstance(part, Variable)}


# -- restoring ----------------------------------------------------------------------------------------------


class CheckpointLoadStatus:
    """What has come of a checkpoint's values; those for variables that are yet to be made wait for them.

    Args:
        root: what is restored.
        arrays: the values.
    """

    def __init__(self, root: Any, arrays: dict[str, np.ndarray]) -> None:
        self._root, self._arrays = root, arrays
        self._met: set[str] = set()
        self._match()

    def _match(self) -> None:
        """Gives their values to the variables that there are now and have none of them yet.

        Raises:
            ValueError: one has another shape.
            InvalidArgumentError: one has another dtype.
        """
        found = [(n, v) for n, v in _variables(self._root).items() if n in self._arrays and n not in self._met]
        for name, variable in found:
            array = self._arrays[name]
            if not variable.shape.is_compatible_with(array.shape):
                raise ValueError(
                    f"Received incompatible tensor with shape {array.shape} when attempting to restore variable with shape "
                    f"{variable.shape} and name {variable.name}."
                )
            if array.dtype != variable._value.dtype:
                raise InvalidArgumentError(
                    None, None, f"{name}: the checkpoint has dtype {array.dtype}, and the variable is {variable.dtype.name}"
                )
        self._met.update(name for name, _ in found)
        with init_scope():
            for name, variable in found:
                variable.assign(self._arrays[name].copy())
        self._wait(self._match if self._arrays.keys() - self._met else None)

    def _wait(self, match: Callable | None) -> None:
        """Lets objects say when they get another variable."""
        for _, part in [("", self._root), *_walk(self._root)]:
            own = getattr(part, "__dict__", None)
            if own is not None and not isinstance(part, Variable):
                if match is None:
                    own.pop("_restore_later", None)
                else:
                    own["_restore_later"] = match

    def assert_consumed(self) -> CheckpointLoadStatus:
        """Raises AssertionError unless all values are in variables, and all variables have values."""
        left = self._arrays.keys() - self._met - {f"save_counter{files.SUFFIX}"}
        if left:
            raise AssertionError(f"Unresolved values in the checkpoint: {sorted(left)}")
        return self.assert_existing_objects_matched()

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        """Raises AssertionError unless all variables that there are have got values."""
        counter = f"save_counter{files.SUFFIX}"
        missing = [v.name for name, v in _variables(self._root).items() if name not in self._met and name != counter]
        if missing:
            raise AssertionError(
                f"Found {len(missing)} Python objects that were not bound to checkpointed values, likely due to changes in the "
                f"Python program: {missing}"
            )
        return self

    def assert_nontrivial_match(self) -> CheckpointLoadStatus:
        """Raises AssertionError if no variable has got a value."""
        if not self._met - {f"save_counter{files.SUFFIX}"}:
            raise AssertionError(f"Nothing to load: none of {sorted(self._arrays)} is here")
        return self

    def expect_partial(self) -> CheckpointLoadStatus:
        """Says that values may be left: nothing is said about them anyway."""
        return self


class InitializationOnlyStatus:
    """What has come of restoring from nothing."""

    def assert_consumed(self) -> InitializationOnlyStatus:
        """Raises AssertionError."""
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    assert_existing_objects_matched = assert_nontrivial_match = assert_consumed

    def expect_partial(self) -> InitializationOnlyStatus:
        """Says that values may be left."""
        return self


class Checkpoint:
    """Names objects whose variables are to be saved: variables, modules, optimizers, metrics, and lists and dicts of them.

    A variable is known by its path from here, so another program can restore it into objects that are arranged in the same way.
    Values for variables that are yet to be made, by a module that builds itself when it is first called or by an optimizer before
    its first step, are given to them when they are. The files are TapeFlow's own, and TensorFlow's cannot be read.

    Args:
        root: an object whose attributes are named here as well.
        **kwargs: the objects by their names; each becomes an attribute.

    Raises:
        ValueError: one is no such object.

    >>> import tempfile
    >>> import tapeflow as tf
    >>> v = tf.Variable(1.0)
    >>> checkpoint = tf.train.Checkpoint(v=v)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = checkpoint.save(folder + "/model")
    ...     _ = v.assign(5.0)
    ...     _ = checkpoint.restore(path).assert_consumed()
    >>> v.numpy()
    np.float32(1.0)
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self._root = root
        self.save_counter: Variable | None = None
        for name, thing in [("root", root)] * (root is not None) + list(kwargs.items()):
            if not _is_trackable(thing):
                raise ValueError(
                    f"`Checkpoint` was expecting {name} to be a trackable object (an object derived from `Trackable`), got "
                    f"{thing}: give variables, modules, optimizers, or lists and dicts of them"
                )
        vars(self).update(kwargs)

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Writes the variables' values to the files of a checkpoint of exactly this name, and gives the name."""
        _refuse(options)
        prefix, values = os.fspath(file_prefix), _variables(self)
        files.write_arrays(prefix, {name: np.asarray(variable.numpy()) for name, variable in values.items()})
        return prefix

    def read(self, save_path: Any, options: Any = None) -> CheckpointLoadStatus:
        """Gives variables the values that `write` wrote; as `restore` otherwise."""
        _refuse(options)
        return CheckpointLoadStatus(self, files.read_arrays(os.fspath(save_path)))

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Writes a checkpoint named after the prefix and a number that counts up, and gives its name.

        The folder's file "checkpoint" names it, for `tf.train.latest_checkpoint`.
        """
        path = self.write(f"{os.fspath(file_prefix)}-{self._count()}", options)
        files.update_state(os.path.dirname(path) or ".", [path])
        return path

    def _counter(self) -> Variable:
        if self.save_counter is None:
            self.save_counter = Variable(np.int64(0), trainable=False, name="save_counter")
        return self.save_counter

    def _count(self) -> int:
        """Counts another checkpoint: its number."""
        return int(self._counter().assign_add(1))

    def restore(self, save_path: Any, options: Any = None) -> Any:
        """Gives variables the values of a checkpoint.

        Args:
            save_path: what `save` gave; with None nothing is restored.
            options: must be None.

        Returns:
            A status, with `assert_consumed`, `assert_existing_objects_matched`, `assert_nontrivial_match` and `expect_partial`.

        Raises:
            NotFoundError: there is no such checkpoint.
            ValueError: a variable has another shape; all are left as they were.
        """
        _refuse(options)
        if save_path is None:
            return InitializationOnlyStatus()
        arrays = files.read_arrays(os.fspath(save_path))
        self._counter()
        return CheckpointLoadStatus(self, arrays)


def _refuse(options: Any) -> None:
    if options is not None:
        raise NotImplementedError("`options` is not supported: checkpoints are written at once, to local files")


# -- several checkpoints ------------------------------------------------------------------------------------------


class CheckpointManager:
    """Keeps the newest checkpoints of a folder, and removes older ones.

    Args:
        checkpoint: what is saved.
        directory: the folder.
        max_to_keep: how many are kept; all of them if it is None.
        keep_checkpoint_every_n_hours: older ones are kept as well, as long as they are so many hours apart.
        checkpoint_name: what files are called.
        step_counter: a variable that counts steps, for `checkpoint_interval`.
        checkpoint_interval: how many steps must be between two checkpoints for `save` to do anything.
        init_fn: called by `restore_or_initialize` where there is nothing to restore.
        last_checkpoint_step: the step of the last checkpoint, for `checkpoint_interval`.

    Raises:
        ValueError: `max_to_keep` is not positive, or there is an interval and no counter.

    >>> import tempfile
    >>> import tapeflow as tf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(1.0)), folder, max_to_keep=2)
    ...     paths = [manager.save() for _ in range(3)]
    ...     manager.checkpoints == paths[1:], manager.latest_checkpoint == paths[2]
    (True, True)
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Variable | None = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is not None.")
        self._checkpoint, self._directory, self._most = checkpoint, os.fspath(directory), max_to_keep
        self._hours, self._name, self._init = keep_checkpoint_every_n_hours, checkpoint_name, init_fn
        self._steps, self._interval, self._last_step = step_counter, checkpoint_interval, last_checkpoint_step
        self._kept_at = time.time()
        self._times = {path: os.path.getmtime(path + files.INDEX) for path in self._known()}

    def _known(self) -> list[str]:
        return [path for path in files.state_of(self._directory) if os.path.exists(path + files.INDEX)]

    directory = property(lambda self: self._directory, doc="The folder.")
    checkpoint = property(lambda self: self._checkpoint, doc="What is saved.")
    checkpoint_interval = property(lambda self: self._interval, doc="How many steps must be between two checkpoints.")
    checkpoints = property(lambda self: list(self._times), doc="The checkpoints that are kept, the newest last.")

    @property
    def latest_checkpoint(self) -> str | None:
        """The newest checkpoint; None if there is none."""
        return next(reversed(self._times), None)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None) -> str | None:
        """Saves a checkpoint and removes what is older than those to be kept.

        Args:
            checkpoint_number: the number in its name; by default one more than in the last.
            check_interval: whether to wait for `checkpoint_interval` steps.
            options: must be None.

        Returns:
            Its name; None if there were too few steps since the last.
        """
        if self._steps is not None and self._interval is not None:
            step = int(self._steps)
            if check_interval and self._last_step is not None and step - self._last_step < self._interval:
                return None
            self._last_step = step
        count = self._checkpoint._count()
        number = count if checkpoint_number is None else int(checkpoint_number)
        path = self._checkpoint.write(os.path.join(self._directory, f"{self._name}-{number}"), options)
        self._times.pop(path, None)
        self._times[path] = time.time()
        while self._most is not None and len(self._times) > self._most:
            oldest = next(iter(self._times))
            made = self._times.pop(oldest)
            if self._hours is not None and made - self._kept_at >= self._hours * 3600:
                self._kept_at = made
            else:
                files.remove(oldest)
        files.update_state(self._directory, self.checkpoints)
        return path

    def restore_or_initialize(self) -> str | None:
        """Restores the newest checkpoint and gives its name; where there is none, calls `init_fn` and gives None."""
        if self.latest_checkpoint is not None:
            self._checkpoint.restore(self.latest_checkpoint)
            return self.latest_checkpoint
        if self._init is not None:
            self._init()
        return None
