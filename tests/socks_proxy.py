"""A SOCKS5 proxy (RFC 1928, with the login of RFC 1929) that resolves names from a table."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType

_NO_LOGIN, _LOGIN, _NONE = 0, 2, 0xFF


class SocksProxy(ThreadingTCPServer):
    """Listens on a port of its own until the ``with`` block ends.

    Attributes:
        asked: where clients wanted to go, as ``HOST:PORT``.
    """

    daemon_threads = True

    def __init__(self, hosts: Mapping[str, int], login: tuple[str, str] | None = None) -> None:
        """Get ready; ``hosts`` has the local port behind each name."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hosts = hosts
        self.login = login
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> SocksProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseRequestHandler):
    server: SocksProxy

    def handle(self) -> None:
        with suppress(OSError, EOFError):
            if self._greeted():
                self._connect()

    def _read(self, size: int) -> bytes:
        data: bytes = b""
        while len(data) < size:
            piece = self.request.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def _greeted(self) -> bool:
        methods = self._read(self._read(2)[1])
        wanted = _LOGIN if self.server.login else _NO_LOGIN
        if wanted not in methods:
            self.request.sendall(bytes([5, _NONE]))
            return False
        self.request.sendall(bytes([5, wanted]))
        return wanted == _NO_LOGIN or self._logged_in()

    def _logged_in(self) -> bool:
        self._read(1)
        name, password = (self._read(self._read(1)[0]).decode() for _ in range(2))
        known = (name, password) == self.server.login
        self.request.sendall(bytes([1, not known]))
        return known

    def _connect(self) -> None:
        kind = self._read(4)[3]
        assert kind == 3, "a name was to be resolved by the proxy"
        host = self._read(self._read(1)[0]).decode()
        port = int.from_bytes(self._read(2), "big")
        self.server.asked.append(f"{host}:{port}")
        with socket.create_connection(("127.0.0.1", self.server.hosts[host])) as there:
            self.request.sendall(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            back = threading.Thread(target=_copy, args=(there, self.request))
            back.start()
            _copy(self.request, there)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
