"""The server's time, and answers of it that are young enough to be used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone

from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read.ask import EXPIRED

SECONDS = 10.0

_Target = tuple[str, tuple[tuple[str, str], ...]]


class Clock:
    """The server's time, which goes on between its answers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._then: datetime | None = None
        self._mark = 0.0

    def now(self) -> datetime:
        """The newest time that the server told, and what has passed since it was first seen here.

        It never goes back: of several servers behind one address the one ahead counts, as it does
        for a single answer.
        """
        passed, told = time.monotonic(), self._transport.time
        if self._then is None:
            self._then, self._mark = told or datetime.now(timezone.utc), passed
        now = self._then + timedelta(seconds=passed - self._mark)
        if told is not None and told > now:  # the machine may have slept, and its clock with it
            self._then, self._mark, now = told, passed, told
        return now


class Recent:
    """A server of which the same is not asked again within ``SECONDS``, by whatever thread."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._answers: dict[_Target, tuple[float, Future[bytes]]] = {}

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """See ``Transport.get``."""
        target = path, tuple((query or {}).items())
        with self._lock:
            asked = target in self._answers
            _, answer = self._answers.setdefault(target, (time.monotonic(), Future()))
        if not asked:
            self._ask(target, answer)
        return answer.result()

    def forget(self) -> None:
        """Drop what is too old to be used again."""
        oldest = time.monotonic() - SECONDS
        with self._lock:
            for target in [each for each, (when, _) in self._answers.items() if when < oldest]:
                del self._answers[target]

    def _drop_list(self, page: _Target) -> None:
        """Drop the pages of a list: it begins again, and its first one leads to this one."""
        with self._lock:
            for target in [each for each in self._answers if _list(each) == _list(page)]:
                del self._answers[target]

    def _ask(self, target: _Target, answer: Future[bytes]) -> None:
        path, query = target
        try:
            answer.set_result(self._transport.get(path, dict(query)))
        except Refusal as refusal:
            if refusal.status == EXPIRED:
                self._drop_list(target)
            answer.set_exception(refusal)
        except BaseException as error:  # is remembered by those alone who wait for it
            with self._lock:
                self._answers.pop(target, None)
            answer.set_exception(error)


def _list(page: _Target) -> tuple[str, frozenset[tuple[str, str]]]:
    """What a page is of."""
    path, query = page
    return path, frozenset(item for item in query if item[0] != "continue")
