"""Machine code is found again in another process; what is damaged, foreign or unreadable is made anew."""

import os
import stat

import numpy as np
import pytest

from tapeflow.graph.native import object_cache
from tapeflow.graph.native.functions import FUNCTIONS
from tapeflow.graph.native.loops import elementwise_loop
from tapeflow.graph.native.machine import Machine, machine

needs_llvm = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    path = tmp_path / "kernels"
    monkeypatch.setenv("TAPEFLOW_CACHE", str(path))
    return path


@pytest.fixture
def compiled(monkeypatch):
    """The texts that were compiled, in order."""
    texts, compile = [], Machine.compile

    def note(self, text, quickly=False):
        texts.append(text)
        return compile(self, text, quickly)

    monkeypatch.setattr(Machine, "compile", note)
    return texts


def double():
    """Loads a kernel in a machine of its own, as a new process would, and checks that it works."""
    x = np.arange(100, dtype=np.float32)
    out = np.empty_like(x)
    host = Machine()
    host.load(elementwise_loop(lambda x: x + x, "a", width=host.width), 2)(out.ctypes.data, x.ctypes.data, x.size)
    np.testing.assert_array_equal(out, x + x)


@needs_llvm
def test_compiled_once_and_loaded_after(folder, compiled):
    double()
    double()
    assert len(compiled) == 1
    assert len(list(folder.iterdir())) == 1


@needs_llvm
def test_only_the_owner_can_read_it(folder):
    double()
    (entry,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


@needs_llvm
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:10],
        lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
        lambda content: b"not a kernel" * 100,
    ],
    ids=["emptied", "cut", "cut in the head", "one bit", "something else"],
)
def test_a_damaged_entry_is_made_anew(folder, compiled, damage):
    double()
    (entry,) = folder.iterdir()
    good = entry.read_bytes()
    entry.write_bytes(damage(good))
    double()
    assert len(compiled) == 2
    assert entry.read_bytes() == good


@needs_llvm
def test_an_entry_that_others_can_write_is_not_trusted(folder, compiled):
    double()
    (entry,) = folder.iterdir()
    entry.chmod(0o666)
    double()
    assert len(compiled) == 2


@needs_llvm
def test_a_folder_that_others_can_write_is_not_used(folder, compiled):
    folder.mkdir()
    folder.chmod(0o777)
    double()
    double()
    assert len(compiled) == 2
    assert not list(folder.iterdir())


@needs_llvm
def test_an_entry_of_another_user_is_not_trusted(folder, compiled, monkeypatch):
    double()
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    double()
    assert len(compiled) == 2


@needs_llvm
@pytest.mark.parametrize("place", ["/dev/null/kernels", "/proc/kernels"])
def test_a_place_that_cannot_be_written_does_no_harm(compiled, monkeypatch, place):
    monkeypatch.setenv("TAPEFLOW_CACHE", place)
    double()
    double()
    assert len(compiled) == 2


@needs_llvm
def test_off(folder, compiled, monkeypatch):
    monkeypatch.setenv("TAPEFLOW_CACHE", "off")
    assert object_cache.directory() is None
    double()
    double()
    assert len(compiled) == 2
    assert not folder.exists()


def test_default_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("TAPEFLOW_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert object_cache.directory() == tmp_path / "tapeflow" / "kernels"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert object_cache.directory() == tmp_path / ".cache" / "tapeflow" / "kernels"
    assert not list(tmp_path.iterdir())


@needs_llvm
def test_another_processor_or_library_has_entries_of_its_own(folder, compiled):
    host = Machine()
    text = elementwise_loop(FUNCTIONS["add"], "aa", width=host.width)
    host.load(text, 3)
    host._identity += "another"
    host.load(text, 3)
    assert len(compiled) == 2
    assert len(list(folder.iterdir())) == 2


@needs_llvm
def test_an_equal_module_is_linked_once_and_compiled_anew_for_another_speed(compiled):
    host = Machine()
    text = elementwise_loop(lambda x: x * 3.0, "a", width=host.width)
    first, again, quick = (host.link(text, "kernel", quickly=quickly) for quickly in (False, False, True))
    assert first == again
    assert quick != first
