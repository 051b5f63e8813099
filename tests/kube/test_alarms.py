"""Alarms: in time, once, and not where they are no longer wanted."""

from __future__ import annotations

import math
import threading
import time

import pytest

from kubectl_ds.kube.alarms import _Alarms, alarm

SOON, LATE = 0.05, 30


def test_rings_where_it_takes_too_long() -> None:
    rung = threading.Event()
    with alarm(SOON, rung.set):
        assert rung.wait(5)


def test_rings_once() -> None:
    rung: list[int] = []
    with alarm(SOON, lambda: rung.append(1)):
        time.sleep(4 * SOON)
    assert rung == [1]


@pytest.mark.parametrize("seconds", [SOON, LATE, math.inf])
def test_is_silent_where_it_ends_in_time(seconds: float) -> None:
    rung = threading.Event()
    with alarm(seconds, rung.set):
        pass
    assert not rung.wait(2 * SOON)


@pytest.mark.parametrize("seconds", [0, -1])
def test_of_no_time_at_all_rings_at_once(seconds: float) -> None:
    rung = threading.Event()
    with alarm(seconds, rung.set):
        assert rung.wait(5)


def test_one_that_is_set_later_may_be_due_sooner() -> None:
    late, soon = threading.Event(), threading.Event()
    with alarm(LATE, late.set), alarm(SOON, soon.set):
        assert soon.wait(5)
    assert not late.is_set()


def test_they_do_not_wait_for_each_other() -> None:
    rung = [threading.Event() for _ in range(20)]

    def wait(event: threading.Event) -> None:
        with alarm(SOON, event.set):
            event.wait(5)

    threads = [threading.Thread(target=wait, args=(event,)) for event in rung]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(event.is_set() for event in rung)
    assert time.monotonic() - began < 4


def test_ends_with_an_error_as_without() -> None:
    rung = threading.Event()
    with pytest.raises(KeyError), alarm(SOON, rung.set):
        raise KeyError
    assert not rung.wait(2 * SOON)


def test_time_without_end_needs_no_thread() -> None:
    before = threading.active_count()
    with alarm(math.inf, lambda: None):
        assert threading.active_count() == before


def test_those_that_are_over_are_forgotten() -> None:
    alarms = _Alarms()
    for _ in range(1000):
        alarms.cancel(alarms.put(time.monotonic() + LATE, lambda: None))
    assert len(alarms._due) < 100


def test_those_that_are_wanted_are_not_forgotten_with_them() -> None:
    alarms, rung = _Alarms(), threading.Event()
    alarms.put(time.monotonic() + 4 * SOON, rung.set)
    for _ in range(1000):
        alarms.cancel(alarms.put(time.monotonic() + LATE, lambda: None))
    assert rung.wait(5)
