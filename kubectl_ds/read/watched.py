"""One list, kept up to date by a thread of its own.

What happens where something fails follows client-go ``tools/cache/reflector.go`` (``Reflector``):
a watch that breaks off goes on from where it was, one that is too old for that begins with a new
list, and each try waits longer than the one before.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import suppress

import msgspec
from msgspec import Raw

from kubectl_ds.core.meta import Value, decoder
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import NoAnswer, Refusal, Transport
from kubectl_ds.read.answers import Read, read_in_time
from kubectl_ds.read.ask import EXPIRED, Request, ask, one_by_one
from kubectl_ds.read.kept import Kept
from kubectl_ds.read.news import POLL_SECONDS, News

_FIRST_REST, _LONGEST_REST = 0.8, 30.0
_SHORTEST_WATCH, _LONGEST_WATCH = 300, 600  # seconds
_VERY_SHORT = 1.0
_CHANGES = ("ADDED", "MODIFIED", "DELETED")
_FORBIDDEN = (403, 405)
_BUSY = (429, 503)
_LOG = logging.getLogger("kubectl_ds")


class _Event(Value, frozen=True):
    """One line of a watch (apimachinery ``meta/v1/watch.go``)."""

    type: str = ""
    object: Raw = Raw(b"{}")


class _Meta(Value, frozen=True):
    resource_version: str = ""


class _Told(Value, frozen=True):
    """What the object of any event tells: where to go on."""

    metadata: _Meta = _Meta()


class Watched:
    """A list that is being watched, from ``start`` to ``stop``.

    Attributes:
        request: what is watched.
        failure: why there is nothing, nor will be; None as long as there is, or may be.
    """

    def __init__(
        self, transport: Transport, request: Request, news: News, patient: bool = False
    ) -> None:
        """Get ready; nothing is sent yet.

        Args:
            transport: the server.
            request: what to watch.
            news: where to tell of changes and failures.
            patient: whether a failure is no reason to give up even before a first answer.
        """
        self.request = request
        self.failure: Exception | None = None
        self._transport = transport
        self._news = news
        self._kept = Kept(request.kind)
        self._version = ""
        self._pause = 0.0  # before the next list
        self._rests = 0
        self._patient = patient
        self._there = threading.Event()
        self._stopped = threading.Event()
        self._list = _as_list(request)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Read no more; what the thread waits for ends when the transport is closed."""
        self._stopped.set()

    @property
    def there(self) -> bool:
        """Whether there is a first answer, or will be none."""
        return self._there.is_set()

    def read(self) -> Read:
        """What is there by now.

        Raises:
            Exception: there was no first answer, for this reason.
        """
        if self.failure:
            raise self.failure
        return self._kept.read()

    def _run(self) -> None:
        try:
            if not self._patient:
                self._read_list()
            while not self._stopped.is_set():
                self._go_on()
        except Exception as error:
            self.failure = error
            self._there.set()
            self._news.changed()

    def _go_on(self) -> None:
        try:
            if self._version:
                self._watch()
            else:
                self._stopped.wait(self._pause)
                self._read_list()
        except ClusterError as error:
            self._fail(error)

    def _read_list(self) -> None:
        if self._stopped.is_set():
            return
        found = self._found()
        self._version, self._pause = found.version, POLL_SECONDS
        self._news.well(self)
        if self._kept.replace(found) or not self.there:
            self._there.set()
            self._news.changed()

    def _found(self) -> Read:
        """The list; where one object is watched and may not be listed, that object."""
        kind = self.request.kind
        if not self.request.name:
            return read_in_time(self._transport, self.request)
        with suppress(Refusal):
            found = ask(self._transport, self._list)
            if not found.problems:
                return Read(kind, found.objects, version=found.version)
        try:
            return read_in_time(self._transport, self.request)
        except Refusal as refusal:
            if refusal.status == 404:
                return Read(kind)
            raise

    def _watch(self) -> None:
        try:
            seconds = random.randint(_SHORTEST_WATCH, _LONGEST_WATCH)  # noqa: S311
            lines = self._transport.lines(self._list.path, self._query(seconds), seconds)
        except Refusal as refusal:
            self._refuse(refusal)
            return
        self._news.well(self)
        began = time.monotonic()
        try:
            for line in lines:
                if self._stopped.is_set() or not self._take(line):
                    return
                self._rests = 0
        except NoAnswer as error:  # what is in between drops quiet connections all the time
            if self._stopped.is_set():  # or by ourselves
                return
            _LOG.info("%s; going on from %s", error, self._version)
        self._rest(fresh=time.monotonic() - began > _VERY_SHORT)

    def _query(self, seconds: int) -> dict[str, str]:
        selectors = {key: value for key, value in self._list.query.items() if key != "limit"}
        return {
            **selectors,
            "watch": "1",
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
        }

    def _take(self, line: bytes) -> bool:
        """Take one event; says whether the watch goes on."""
        try:
            event = decoder(_Event).decode(line)
            told = decoder(_Told).decode(event.object)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            event, told = _Event(), _Told()
        if not (event.type == "BOOKMARK" or (event.type in _CHANGES and self._keep(event))):
            self._again()  # an ERROR too, of code 410 or another: nothing but a new list helps
            return False
        self._version = told.metadata.resource_version or self._version
        return True

    def _keep(self, event: _Event) -> bool:
        """Take an object; False where only a new list tells what is there."""
        try:
            found = one_by_one((event.object,), self.request)
        except ClusterError:  # the list will tell the same in its own words
            return False
        keep = self._kept.drop if event.type == "DELETED" else self._kept.put
        if any(map(keep, found.objects)):
            self._news.changed()
        return self._kept.whole and not found.problems

    def _again(self) -> None:
        """Begin with a new list, in a moment."""
        self._version, self._pause = "", 0
        self._rest()

    def _refuse(self, refusal: Refusal) -> None:
        """What a refused watch means: that there is none, that it is too old, or a failure."""
        if refusal.status in _FORBIDDEN:
            self._version, self._pause = "", POLL_SECONDS
            self._news.may_not_watch(self.request.kind.resource)
        elif refusal.status == EXPIRED:
            self._again()
        else:
            if refusal.status not in _BUSY:
                self._version, self._pause = "", 0
            self._fail(refusal)

    def _fail(self, error: ClusterError) -> None:
        """Tell of a failure that is likely to pass, and wait for that; one ends nothing."""
        if self._stopped.is_set():
            return
        self._news.broke(self, error)
        self._pause = 0
        self._rest()

    def _rest(self, fresh: bool = False) -> None:
        """Wait, longer each time unless it has gone well since."""
        self._rests = 0 if fresh else self._rests
        seconds = min(_FIRST_REST * 2.0**self._rests, _LONGEST_REST)
        self._rests += 1
        self._stopped.wait(seconds * random.uniform(1, 2))  # noqa: S311


def _as_list(request: Request) -> Request:
    """A list of what a request asks for; the rights to it are the same (RequestInfo: by name)."""
    if not request.name:
        return request
    return request._replace(name="", fields=f"metadata.name={request.name}")
