"""GET requests to one API server, and what to do where one fails.

There is no other method than GET: nothing here can change a cluster.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from types import TracebackType
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

import urllib3

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import failures, pools
from kubectl_ds.kube.alarms import alarm
from kubectl_ds.kube.asked import Asked
from kubectl_ds.kube.connection import Connection, one_line
from kubectl_ds.kube.credentials import Credentials, Login
from kubectl_ds.kube.prompt import Patience, break_off

THREADS = 8
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
ANSWER_SECONDS = 120.0
TRIES = 4
LONGEST_WAIT = 30
LONGEST_LINE = 16 << 20  # bytes, of a watch; as in client-go, runtime/serializer/streaming

_IDLE = 8 * THREADS  # connections kept for later: those of watches come on top
_FIRST_PAUSE = 0.25
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_LOG = logging.getLogger("kubectl_ds")

Result = TypeVar("Result")


class NoAnswer(ClusterError):
    """The API server can't be reached, or its answer broke off: it may be there again soon."""


class Refusal(ClusterError):
    """The API server answered with another status than success.

    Attributes:
        status: the HTTP status.
        words: the server's own message, on one line; empty where it gave none.
        wait: the seconds after which the server itself says to ask again; None where it does not.
    """

    def __init__(self, message: str, status: int, words: str, wait: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.words = words
        self.wait = wait


class _Opened(NamedTuple):
    """An answer of which the body is still to be read.

    Attributes:
        response: the answer.
        asked: what was asked, and since when.
    """

    response: urllib3.BaseHTTPResponse
    asked: Asked


class _Session(NamedTuple):
    """Connections on which we show certain credentials."""

    shown: Credentials
    headers: urllib3.HTTPHeaderDict
    pools: urllib3.PoolManager


class Transport:
    """One API server; may be used by up to ``THREADS`` threads at once.

    Attributes:
        time: the newest time that the server gave in a ``Date`` header; None before the first.
    """

    def __init__(self, connection: Connection) -> None:
        """Get ready; nothing is sent yet, but a credential plugin may run.

        Raises:
            ClusterError: no credentials to be had, or a certificate that can't be loaded.
        """
        self.time: datetime | None = None
        self._connection = connection
        self._closed = threading.Event()
        self._warnings: dict[str, None] = {}
        self._lock = threading.Lock()
        self._running: set[urllib3.BaseHTTPResponse] = set()
        self._login = Login(connection)
        self._session = self._session_of(self._login.current())

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Break off what is being read, by whatever thread, and send nothing any more."""
        self._closed.set()
        with self._lock:
            running = tuple(self._running)
        for response in running:
            break_off(response)
        self._session.pools.clear()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of so far (RFC 7234 ``Warning`` headers, 299), each once."""
        return tuple(self._warnings)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """Ask for one path; where the answer breaks off, or the server asks for it, again.

        Args:
            path: the path below the server's URL.
            query: the parameters, not yet encoded.

        Returns:
            The body, which claims to be JSON.

        Raises:
            Refusal: the server answered with another status than 200.
            NoAnswer: it did not answer, nor when asked again.
            ClusterError: the answer is none of a Kubernetes API.
        """
        return self._retried(lambda: self._once(path, query))

    def lines(self, path: str, query: Mapping[str, str], seconds: float) -> Iterator[bytes]:
        """Ask for a watch, at once, and read its answer line by line as it comes, to its end.

        Args:
            path: the path below the server's URL.
            query: the parameters, not yet encoded.
            seconds: after which the server is to end it by itself.

        Raises:
            Refusal, NoAnswer, ClusterError: see ``get``; the lines raise NoAnswer where they
                break off, are too long, or have no end in time.
        """
        given = self._connection.request_timeout
        first = SILENCE_SECONDS if given is None else given
        whole = seconds + SILENCE_SECONDS
        timeout = urllib3.Timeout(connect=given or CONNECT_SECONDS, read=whole)
        opened = self._retried(lambda: self._open(path, query, timeout, first, compressed=False))
        own = opened.asked._replace(began=time.monotonic(), limit=whole)
        return self._lines(opened._replace(asked=own))

    def _lines(self, opened: _Opened) -> Iterator[bytes]:
        with self._while_running(opened):
            yield from _lines(opened.response)

    def _once(self, path: str, query: Mapping[str, str] | None) -> bytes:
        given = self._connection.request_timeout
        seconds = ANSWER_SECONDS if given is None else given
        opened = self._open(path, query, _timeout(given), seconds)
        response = opened.response
        with self._while_running(opened):
            body = response.read()
            if not (body or "Content-Length" in response.headers):  # it may end in the headers
                raise urllib3.exceptions.IncompleteRead(0, 1)
        response.release_conn()
        return body

    def _open(
        self,
        path: str,
        query: Mapping[str, str] | None,
        timeout: urllib3.Timeout,
        seconds: float,
        compressed: bool = True,
    ) -> _Opened:
        """An answer of status 200; it begins in so many seconds, 0 for any."""
        target = path + ("?" + urlencode(query) if query else "")
        session = self._current()
        opened = self._sent(session, target, timeout, seconds, compressed)
        if opened.response.status == 401:
            renewed = self._login.renewed(session.shown)
            if renewed is not None:
                opened.response.close()
                self._tell("the credentials are not accepted any more, new ones are at hand")
                opened = self._sent(self._current(), target, timeout, seconds, compressed)
        if opened.response.status != 200:
            raise self._refusal(opened, path)
        self._check_media(opened.response)
        return opened

    def _sent(
        self,
        session: _Session,
        target: str,
        timeout: urllib3.Timeout,
        seconds: float,
        compressed: bool,
    ) -> _Opened:
        if self._closed.is_set():  # a thread that reads a long list need not read on
            raise ClusterError("the answer is not needed any more")
        asked = Asked(target, time.monotonic(), seconds)
        headers = session.headers if compressed else pools.plain(session.headers)
        ask = partial(
            session.pools.request,
            "GET",
            self._connection.server + target,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        patience = Patience(asked)
        with self._told(asked, patience.late):
            response = patience.kept(ask)
        self._tell_request(asked, str(response.status))
        self._note(response.headers)
        return _Opened(response, asked)

    @contextmanager
    def _while_running(self, opened: _Opened) -> Iterator[None]:
        """While an answer is read: until its time is over, and only until we close."""
        late, response = threading.Event(), opened.response
        with self._lock:
            self._running.add(response)
        if self._closed.is_set():
            break_off(response)
        try:
            with self._told(opened.asked, late):
                with alarm(opened.asked.left(), partial(_too_late, late, response)):
                    yield
                if late.is_set():  # an answer of no stated length just ends
                    raise TimeoutError
        except BaseException:
            response.close()
            raise
        finally:
            with self._lock:
                self._running.discard(response)

    @contextmanager
    def _told(self, asked: Asked, late: threading.Event | None = None) -> Iterator[None]:
        """Tell faults in our own words."""
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            cause = TimeoutError() if late and late.is_set() else error
            fault = NoAnswer(failures.sentence(cause, self._connection, asked.waited()))
            self._tell_request(asked, f"failed ({fault})")
            raise fault from cause

    def _tell_request(self, asked: Asked, outcome: str) -> None:
        server = "" if self._connection.one_of_several else self._connection.server
        spent = f"after {asked.passed() * 1000:.0f} ms"
        self._tell(f"GET {server}{asked.target}: {outcome} {spent}", logging.DEBUG)

    def _tell(self, text: str, level: int = logging.INFO) -> None:
        """Tell whoever wants to know, of several clusters with the context's name."""
        several, name = self._connection.one_of_several, self._connection.context
        _LOG.log(level, "%s", f"context {name}: {text}" if several else text)

    def _retried(self, do: Callable[[], Result]) -> Result:
        for attempt in range(1, TRIES):
            try:
                return do()
            except (Refusal, NoAnswer) as fault:
                wait = _pause(fault, attempt)
                if wait is None or self._closed.is_set():
                    raise
                again = f"for the {attempt}. time of at most {TRIES - 1}"
                self._tell(f"{fault}; trying again in {wait:.1f} s, {again}")
            self._closed.wait(wait)
        return do()

    def _current(self) -> _Session:
        """The session for the credentials that count by now."""
        shown = self._login.current()
        with self._lock:
            if shown.shown != self._session.shown.shown:
                self._session = self._session_of(shown)
            return self._session

    def _session_of(self, shown: Credentials) -> _Session:
        headers = pools.headers(self._connection, shown.authorization)
        return _Session(shown, headers, pools.pools(self._connection, shown, _IDLE))

    def _note(self, headers: urllib3.HTTPHeaderDict) -> None:
        now = _date(headers.get("Date", ""))
        with self._lock:
            if now and (self.time is None or now > self.time):
                self.time = now
            for text in _WARNING.findall(", ".join(headers.getlist("Warning"))):
                self._warnings[one_line(re.sub(r"\\(.)", r"\1", text))] = None

    def _check_media(self, response: urllib3.BaseHTTPResponse) -> None:
        media = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media not in ("", "application/json"):
            response.close()
            raise ClusterError(
                f"{self._connection.server} answered with {one_line(media, 60)}, which no "
                "Kubernetes API does; is it a proxy or a login page? Check the server's address"
            )

    def _refusal(self, opened: _Opened, path: str) -> Refusal:
        response, asked = opened
        soon = asked.passed() + min(asked.left(), SILENCE_SECONDS)
        with self._while_running(opened._replace(asked=asked._replace(limit=soon))):
            words = failures.words(response.read(), response.headers.get("Content-Type", ""))
        response.release_conn()
        location = response.headers.get("Location", "")
        message = failures.refused(self._connection, path, response.status, words, location)
        wait = retry_after(response.status, response.headers.get("Retry-After", ""))
        return Refusal(message, response.status, words, wait)


def _too_late(late: threading.Event, response: urllib3.BaseHTTPResponse) -> None:
    late.set()
    break_off(response)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    while piece := response.read1():
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(rest) > LONGEST_LINE:
            raise ValueError(f"a line of more than {LONGEST_LINE >> 20} MiB")
    if rest.strip():
        yield rest


def _pause(fault: Refusal | NoAnswer, attempt: int) -> float | None:
    """Seconds to wait before asking again; None where that would be of no use."""
    if isinstance(fault, Refusal):
        return fault.wait
    if not failures.broke_off(fault.__cause__):
        return None
    # Twice as long each time, and never the same for all who ask.
    return _FIRST_PAUSE * 2.0 ** (attempt - 1) * random.uniform(1, 1.5)  # noqa: S311


def retry_after(status: int, value: str) -> int | None:
    """Seconds to wait before asking again; None where the answer is to be taken as it is.

    Source: client-go ``rest/with_retry.go`` (checkWait): of 429 and every 5xx, and only with a
    Retry-After in whole seconds. A server that wants to be left alone for long is not asked again.
    """
    if not (status == 429 or status >= 500) or not re.fullmatch("[0-9]{1,9}", value.strip()):
        return None
    return int(value) if int(value) <= LONGEST_WAIT else None


def _timeout(seconds: float | None) -> urllib3.Timeout:
    if seconds is None:
        return urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS)
    if seconds:
        return urllib3.Timeout(total=seconds)
    return urllib3.Timeout(connect=CONNECT_SECONDS, read=None)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return date if date.tzinfo else None
