"""Checkpoints: what is saved, what is restored and when, which files are kept, and what is refused."""

import os

import numpy as np
import pytest

import tapeflow as tf


class Lazy(tf.Module):
    """Makes its variable when it is first called."""

    def __call__(self, x):
        if not hasattr(self, "w"):
            self.w = tf.Variable(tf.zeros([2]))
        return self.w * x


class Nested(tf.Module):
    def __init__(self, value):
        super().__init__()
        self.a = tf.Variable(value)
        self.shared = self.a
        self.items = [tf.Variable([value] * 2), {"k": (tf.Variable(int(value)), tf.Variable(value, dtype=tf.float64))}]
        self.lazy = Lazy()


def step(optimizer, variable):
    optimizer.apply_gradients([(tf.ones_like(variable), variable)])


def test_names_are_paths(tmp_path):
    path = tf.train.Checkpoint(Nested(1.0), extra=tf.Variable(2.0)).write(tmp_path / "x")
    names = [name.partition("/.A")[0] for name, _ in tf.train.list_variables(path)]
    assert names == ["a", "extra", "items/0", "items/1/k/0", "items/1/k/1", "shared"]


def test_values_and_dtypes_come_back(tmp_path):
    for dtype in (tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.complex64, tf.int8, tf.int64, tf.bool):
        for shape in ((), (0,), (2, 3)):
            v = tf.Variable(tf.cast(tf.ones(shape), dtype))
            path = tf.train.Checkpoint(v=v).write(tmp_path / "v")
            other = tf.Variable(tf.cast(tf.zeros(shape), dtype))
            tf.train.Checkpoint(v=other).read(path).assert_consumed()
            assert other.dtype == dtype
            np.testing.assert_array_equal(other.numpy(), v.numpy())


def test_a_module_that_is_built_later_gets_its_values_then(tmp_path):
    first = Lazy()
    first(1.0)
    first.w.assign([5.0, 6.0])
    path = tf.train.Checkpoint(l=first).save(tmp_path / "l")
    for call in (lambda f, x: f(x), lambda f, x: tf.function(f)(x)):
        later = Lazy()
        status = tf.train.Checkpoint(l=later).restore(path)
        with pytest.raises(AssertionError, match="Unresolved"):
            status.assert_consumed()
        call(later, tf.constant(1.0))
        assert later(1.0).numpy().tolist() == [5.0, 6.0]
        status.assert_consumed()
        later.w.assign([0.0, 0.0])
        later.other = tf.Variable(1.0)
        assert later(1.0).numpy().tolist() == [0.0, 0.0]  # once is enough


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("make", [tf.keras.optimizers.Adam, lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9)])
def test_training_goes_on_as_if_it_had_not_stopped(tmp_path, make, compiled):
    def steps(optimizer, variable, n):
        f = tf.function(lambda: step(optimizer, variable)) if compiled else lambda: step(optimizer, variable)
        for _ in range(n):
            f()

    v, optimizer = tf.Variable([1.0, 2.0]), make()
    steps(optimizer, v, 3)
    path = tf.train.Checkpoint(v=v, optimizer=optimizer).save(tmp_path / "t")
    steps(optimizer, v, 3)
    w, another = tf.Variable([0.0, 0.0]), make()
    status = tf.train.Checkpoint(v=w, optimizer=another).restore(path)
    steps(another, w, 3)
    status.assert_consumed()
    np.testing.assert_array_equal(w.numpy(), v.numpy())
    assert int(another.iterations) == 6


def test_metrics_are_kept(tmp_path):
    mean, another = tf.keras.metrics.Mean(), tf.keras.metrics.Mean()
    mean.update_state([1.0, 2.0])
    tf.train.Checkpoint(m=another).restore(tf.train.Checkpoint(m=mean).save(tmp_path / "m")).assert_consumed()
    assert another.result().numpy() == 1.5


def test_objects_may_hold_each_other(tmp_path):
    a, b = tf.Module(), tf.Module()
    a.b, b.a, b.v = b, a, tf.Variable(3.0)
    path = tf.train.Checkpoint(a=a).write(tmp_path / "x")
    b.v.assign(0.0)
    tf.train.Checkpoint(a=a).read(path).assert_consumed()
    assert b.v.numpy() == 3.0


def test_the_newest_are_kept(tmp_path):
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2, checkpoint_name="c")
    assert manager.latest_checkpoint is None and manager.restore_or_initialize() is None
    for i in range(4):
        v.assign(float(i))
        manager.save()
    assert [os.path.basename(path) for path in manager.checkpoints] == ["c-3", "c-4"]
    assert sorted(path.stem for path in tmp_path.glob("*.index")) == ["c-3", "c-4"]
    assert tf.train.latest_checkpoint(tmp_path) == manager.latest_checkpoint == str(tmp_path / "c-4")
    again = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2, checkpoint_name="c")
    assert again.checkpoints == manager.checkpoints
    v.assign(-1.0)
    assert again.restore_or_initialize() == manager.latest_checkpoint and v.numpy() == 3.0
    assert os.path.basename(again.save()) == "c-5"
    assert os.path.basename(again.save(checkpoint_number=10)) == "c-10"


def test_a_manager_waits_between_checkpoints(tmp_path):
    steps = tf.Variable(0)
    called = []
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(s=steps),
        tmp_path,
        max_to_keep=None,
        step_counter=steps,
        checkpoint_interval=3,
        init_fn=lambda: called.append(1),
    )
    manager.restore_or_initialize()
    saved = []
    for _ in range(7):
        saved.append(manager.save() is not None)
        steps.assign_add(1)
    assert saved == [True, False, False, True, False, False, True] and called == [1]
    assert manager.save(check_interval=False) is not None


def test_what_was_long_ago_is_kept(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("tapeflow.core.checkpoints.time.time", lambda: now[0])
    checkpoint = tf.train.Checkpoint(v=tf.Variable(0.0))
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=1, keep_checkpoint_every_n_hours=1.0)
    for _ in range(5):
        now[0] += 1900.0
        manager.save()
    assert sorted(path.stem for path in tmp_path.glob("*.index")) == ["ckpt-2", "ckpt-4", "ckpt-5"]


@pytest.mark.parametrize(
    ("objects", "error"),
    [
        ({"v": tf.Variable([0.0, 0.0])}, ValueError),
        ({"v": tf.Variable(1)}, tf.errors.InvalidArgumentError),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(tmp_path, objects, error):
    path = tf.train.Checkpoint(a=tf.Variable(1.0), v=tf.Variable(1.0)).save(tmp_path / "x")
    a = tf.Variable(7.0)
    with pytest.raises(error):
        tf.train.Checkpoint(a=a, **objects).restore(path)
    assert a.numpy() == 7.0


def test_status(tmp_path):
    path = tf.train.Checkpoint(v=tf.Variable(1.0)).save(tmp_path / "x")
    both = tf.train.Checkpoint(v=tf.Variable(0.0), more=tf.Variable(0.0)).restore(path).expect_partial()
    both.assert_nontrivial_match()
    with pytest.raises(AssertionError, match="not bound"):
        both.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match="Nothing to load"):
        tf.train.Checkpoint(u=tf.Variable(0.0)).restore(path).assert_nontrivial_match()
    with pytest.raises(AssertionError, match="save_path=None"):
        tf.train.Checkpoint().restore(None).expect_partial().assert_consumed()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda folder: tf.train.Checkpoint(v=3), ValueError),
        (lambda folder: tf.train.Checkpoint(v=None), ValueError),
        (lambda folder: tf.train.Checkpoint(v=tf.constant(1.0)), ValueError),
        (lambda folder: tf.train.Checkpoint().restore(folder / "nowhere"), tf.errors.NotFoundError),
        (lambda folder: tf.train.Checkpoint(v=tf.Variable("text")).write(folder / "x"), NotImplementedError),
        (lambda folder: tf.train.Checkpoint(v=tf.Variable(1.0)).write(folder / "x", options=1), NotImplementedError),
        (lambda folder: tf.train.CheckpointManager(tf.train.Checkpoint(), folder, max_to_keep=0), ValueError),
        (lambda folder: tf.train.CheckpointManager(tf.train.Checkpoint(), folder, 1, checkpoint_interval=1), ValueError),
    ],
)
def test_bad_input(tmp_path, call, error):
    with pytest.raises(error):
        call(tmp_path)


def test_files_of_others_are_refused(tmp_path):
    for suffix in (".index", ".data-00000-of-00001"):
        (tmp_path / f"x{suffix}").write_bytes(b"\x00something else")
    with pytest.raises(ValueError, match="no checkpoint of TapeFlow"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).restore(tmp_path / "x")
