"""Connections on which nobody waits too long for an answer to begin, whatever takes so long."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection

from kubectl_ds.kube.alarms import alarm
from kubectl_ds.kube.asked import Asked
from kubectl_ds.kube.patience import in_time

_threads = threading.local()


class Patience:
    """The time in which the answer to a request is to begin.

    Attributes:
        late: set once that time is over.
    """

    def __init__(self, asked: Asked) -> None:
        self.late = threading.Event()
        self._asked = asked
        self._used: HTTPConnection | None = None

    def kept(self, ask: Callable[[], urllib3.BaseHTTPResponse]) -> urllib3.BaseHTTPResponse:
        """Have this thread send the request and read the head of the answer.

        Raises:
            TimeoutError: it takes longer.
            Exception: what ``ask`` raises; where ``late`` is set by then, it took longer, too.
        """
        _threads.patience = self
        with alarm(self._asked.left(), self._end):
            response = ask()
        if self.late.is_set():  # a head that is cut short passes for one that has ended
            response.close()
        self.check()
        return response

    def check(self) -> None:
        """Make sure that the time is not over: it may have been while nothing could be broken off.

        Raises:
            TimeoutError: it is.
        """
        if self.late.is_set():
            raise TimeoutError

    def use(self, connection: HTTPConnection) -> None:
        """Note the connection that the request goes over."""
        self._used = connection

    def connect(self, connect: Callable[[], None]) -> None:
        """Open it, which nothing can break off while a name is being resolved.

        Raises:
            TimeoutError: it takes longer.
        """
        left = self._asked.left()
        try:
            in_time(connect, left if left < math.inf else None, lambda _: self._end())
        except TimeoutError:
            if not self._asked.left():
                self.late.set()
            raise

    def _end(self) -> None:
        self.late.set()
        _shut(self._used)


def break_off(response: urllib3.BaseHTTPResponse) -> None:
    """End what another thread reads of an answer; it may just have ended by itself."""
    try:
        response.shutdown()
    except ValueError:  # within TLS that a proxy speaks itself it knows no way
        _shut(response.connection)
    except (OSError, RuntimeError):
        pass


def _shut(connection: Any) -> None:
    """Shut a connection's socket down, whoever uses it.

    An SSLSocket's own way leaves a moment in which what is sent is not encrypted any more.
    """
    sock = getattr(connection, "sock", None)
    if sock:
        with suppress(OSError):
            socket.socket.shutdown(getattr(sock, "socket", sock), socket.SHUT_RDWR)


def prompt(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    """The same, with connections that keep to the `Patience` of the thread that uses them."""
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _prompt(pool) for scheme, pool in pools.items()}
    return manager


def _prompt(pool: Any) -> Any:
    kind = pool.ConnectionCls
    own = type(kind.__name__, (_Prompt, kind), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": own})


class _Prompt(HTTPConnection):
    def connect(self) -> None:
        _threads.patience.connect(super().connect)

    def request(self, *arguments: Any, **named: Any) -> None:
        patience: Patience = _threads.patience
        patience.use(self)
        super().request(*arguments, **named)
        patience.check()
