"""Connections on which nobody waits too long for an answer to begin, whatever takes so long."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While this thread sends the request and reads the head of the answer."""
        _threads.patience = self
        with alarm(self._asked.left(), self._end):
            yield

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
        sock = self._used.sock if self._used else None
        if sock:
            inner = getattr(sock, "socket", sock)  # within TLS that a proxy speaks itself
            break_off(lambda: inner.shutdown(socket.SHUT_RDWR))


def break_off(shut_down: Callable[[], object]) -> None:
    """End what another thread reads."""
    with suppress(OSError, ValueError, RuntimeError):  # it may just have ended by itself
        shut_down()


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
        _threads.patience.use(self)
        super().request(*arguments, **named)
