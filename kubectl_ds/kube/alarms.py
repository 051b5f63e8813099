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

_FEW = 64

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
        self._wanted = 0  # of these; what is over stays until its time, or until that is most
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._waits = False

    def put(self, at: float, ring: Ring) -> list[Any]:
        due = [at, next(self._numbers), ring]
        with self._changed:
            self._start()
            self._tidy()
            heapq.heappush(self._due, due)
            self._wanted += 1
            if self._due[0] is due:
                self._changed.notify()
        return due

    def cancel(self, due: list[Any]) -> None:
        with self._changed:
            self._taken(due)

    def _start(self) -> None:
        if not self._waits:
            threading.Thread(target=self._wait, name="alarms", daemon=True).start()
            self._waits = True

    def _tidy(self) -> None:
        if len(self._due) > 2 * self._wanted + _FEW:
            self._due = [due for due in self._due if due[-1]]
            heapq.heapify(self._due)

    def _taken(self, due: list[Any]) -> Ring | None:
        """What an alarm is to do, which it then does no more."""
        ring: Ring | None = due[-1]
        due[-1] = None
        self._wanted -= ring is not None
        return ring

    def _wait(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(self._pause())
                while self._due and self._due[0][0] <= time.monotonic():
                    ring = self._taken(heapq.heappop(self._due))
                    if ring:
                        ring()

    def _pause(self) -> float:
        while self._due and self._due[0][-1] is None:
            heapq.heappop(self._due)
        left: float = self._due[0][0] - time.monotonic() if self._due else math.inf
        return min(max(left, 0), threading.TIMEOUT_MAX)


_alarms = _Alarms()
