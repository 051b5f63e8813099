"""Alarms: what breaks something off unless it ends in time. One thread waits for all of them."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Ring = Callable[[], object]


@contextmanager
def alarm(seconds: float, ring: Ring) -> Iterator[None]:
    """Have something done by another thread unless this ends in time.

    Args:
        seconds: the time that it may take; infinity for any.
        ring: what to do then, which is to be quick; it is done once at most, never afterwards.
    """
    due = _alarms.put(time.monotonic() + seconds, ring) if seconds < math.inf else None
    try:
        yield
    finally:
        if due:
            _alarms.cancel(due)


class _Alarms:
    """All alarms of the process, as [time, number, what to do or None where it is over]."""

    def __init__(self) -> None:
        self._due: list[list[Any]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._waits = False

    def put(self, at: float, ring: Ring) -> list[Any]:
        due = [at, next(self._numbers), ring]
        with self._changed:
            heapq.heappush(self._due, due)
            if not self._waits:
                self._waits = True
                threading.Thread(target=self._wait, name="alarms", daemon=True).start()
            elif self._due[0] is due:
                self._changed.notify()
        return due

    def cancel(self, due: list[Any]) -> None:
        with self._changed:
            due[-1] = None

    def _wait(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(self._pause())
                while self._due and self._due[0][0] <= time.monotonic():
                    self._ring(heapq.heappop(self._due)[-1])

    def _pause(self) -> float:
        while self._due and self._due[0][-1] is None:
            heapq.heappop(self._due)
        left: float = self._due[0][0] - time.monotonic() if self._due else math.inf
        return min(max(left, 0), threading.TIMEOUT_MAX)

    def _ring(self, ring: Ring | None) -> None:
        if ring:
            ring()


_alarms = _Alarms()
