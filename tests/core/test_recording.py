"""The stack of recorders, one for each thread and coroutine."""

import asyncio
import threading

import pytest

from tapeflow.core import recording


class Listener:
    def record(self, primitive, inputs, output, attributes):
        pass

    def record_read(self, variable, tensor):
        pass


@pytest.fixture(autouse=True)
def nobody_listens():
    assert recording.current() is None
    yield
    assert recording.current() is None


def listening():
    now = recording.current()
    return () if now is None else now[1]


def test_recorders_stack_and_leave_in_any_order():
    a, b, c = Listener(), Listener(), Listener()
    for listener in (a, b, c):
        recording.add_recorder(listener)
    assert listening() == (a, b, c)
    recording.remove_recorder(b)
    assert listening() == (a, c)
    recording.remove_recorder(c)
    recording.remove_recorder(a)


def test_removing_one_that_is_not_there_changes_nothing():
    a = Listener()
    recording.remove_recorder(a)
    recording.add_recorder(a)
    recording.remove_recorder(Listener())
    assert listening() == (a,)
    recording.remove_recorder(a)


def test_every_change_starts_a_new_epoch():
    a, b = Listener(), Listener()
    recording.add_recorder(a)
    epochs = [recording.current()[0]]
    recording.add_recorder(b)
    epochs.append(recording.current()[0])
    recording.remove_recorder(b)
    epochs.append(recording.current()[0])
    recording.renew()
    epochs.append(recording.current()[0])
    recording.remove_recorder(a)
    assert len(set(epochs)) == 4


def test_another_thread_has_recorders_of_its_own():
    seen = []
    a = Listener()
    recording.add_recorder(a)
    thread = threading.Thread(target=lambda: seen.append(listening()))
    thread.start()
    thread.join()
    recording.remove_recorder(a)
    assert seen == [()]


def test_coroutines_that_interleave_do_not_hear_each_other():
    async def listen(listener, gate, other):
        recording.add_recorder(listener)
        gate.set()
        await other.wait()
        heard = listening()
        recording.remove_recorder(listener)
        return heard

    async def both():
        first, second = asyncio.Event(), asyncio.Event()
        a, b = Listener(), Listener()
        heard = await asyncio.gather(listen(a, first, second), listen(b, second, first))
        return heard, [(a,), (b,)]

    heard, expected = asyncio.run(both())
    assert heard == expected
