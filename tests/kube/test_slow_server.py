"""Servers that take their time: whatever they are slow with, there is an end to it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import pytest
import urllib3
from serve import NODES, Answer, ApiServer, Certificates, Tls, connection, get

from kubectl_ds.kube.asked import Asked
from kubectl_ds.kube.connection import ClusterEntry, Connection, UserEntry
from kubectl_ds.kube.prompt import Patience, prompt
from kubectl_ds.kube.transport import NoAnswer, Transport

SOMEBODY = UserEntry(token="t")
HEAD = b"HTTP/1.1 200 OK\r\nX: "
LATE = "no answer within 300ms"


class TestAnswers:
    def test_that_never_comes_to_an_end(
        self, api: ApiServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each piece comes in time; the whole never does."""
        monkeypatch.setattr("kubectl_ds.kube.transport.ANSWER_SECONDS", 0.3)
        over = threading.Event()
        api.always(NODES, Answer(stream=lambda: _trickle(over)))
        with pytest.raises(NoAnswer, match="no answer within 300ms"):
            get(connection(api))
        over.set()
        assert len(api.asked) == 1

    def test_ends_with_the_timeout(self, api: ApiServer) -> None:
        over = threading.Event()
        api.always(NODES, Answer(stream=lambda: _trickle(over)))
        with pytest.raises(NoAnswer, match=r"no answer within 300ms; .* raise --request-timeout"):
            get(connection(api, request_timeout=0.3))
        over.set()

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            pytest.param(HEAD, b"x", id="a header"),
            pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="to be continued"),
            pytest.param(
                b"HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\n", b"x", id="what is wrong"
            ),
        ],
    )
    def test_that_never_comes_to_what_counts(self, head: bytes, piece: bytes) -> None:
        with _trickling(head, piece) as slow:
            with pytest.raises(NoAnswer, match=LATE):
                get(Connection(server=f"http://127.0.0.1:{slow.port}", request_timeout=0.3))
            assert len(slow.clients) == 1

    @pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
    def test_on_a_connection_that_served_before(
        self, secure: bool, certificates: Certificates
    ) -> None:
        tls = certificates.address if secure else None
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        with _trickling(HEAD, b"x", good, tls) as slow:
            where = Connection(
                server=f"{'https' if secure else 'http'}://127.0.0.1:{slow.port}",
                cluster=ClusterEntry(insecure_skip_tls_verify=secure),
                user=SOMEBODY,
                request_timeout=0.5,
            )
            with Transport(where) as transport:
                assert transport.get(NODES) == b"{}"
                with pytest.raises(NoAnswer, match="no answer within 500ms"):
                    transport.get(NODES)

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            pytest.param(HEAD, b"x", id="head"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b" ", id="body"),
        ],
    )
    def test_through_a_proxy_that_speaks_tls_itself(
        self, head: bytes, piece: bytes, certificates: Certificates
    ) -> None:
        tls = certificates.address
        with _trickling(head, piece, tls=tls) as slow, _secure_proxy(slow.port, tls) as proxy:
            where = Connection(
                server=f"https://127.0.0.1:{slow.port}",
                cluster=ClusterEntry(insecure_skip_tls_verify=True),
                user=SOMEBODY,
                proxy=proxy,
                request_timeout=0.5,
            )
            began = time.monotonic()
            with pytest.raises(NoAnswer, match="no answer within 500ms"):
                get(where)
            assert time.monotonic() - began < 5  # its 999 bytes take ten times as long
            assert len(slow.clients) == 1


class TestConnections:
    def test_where_tls_never_comes_to_an_end(self) -> None:
        hello = b"\x16\x03\x03\x40\x00\x02"  # a record of 16 KiB, and nothing that would be wrong
        with _trickling(hello, b"\0") as slow:
            server = f"https://127.0.0.1:{slow.port}"
            with pytest.raises(NoAnswer, match=LATE):
                get(Connection(server=server, user=SOMEBODY, request_timeout=0.3))

    def test_where_the_name_is_not_resolved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        over = threading.Event()
        monkeypatch.setattr("socket.getaddrinfo", lambda *_: over.wait())
        with pytest.raises(NoAnswer, match=LATE):
            get(Connection(server="http://example.com", request_timeout=0.3))
        over.set()

    def test_where_the_time_is_over_as_soon_as_there_is_a_connection(self, api: ApiServer) -> None:
        """It was over while there was nothing to break off."""
        patience = Patience(Asked(NODES, time.monotonic(), 30))
        patience.late.set()
        manager = prompt(urllib3.PoolManager())
        with pytest.raises(urllib3.exceptions.HTTPError, match="TimeoutError"):
            patience.kept(lambda: manager.request("GET", f"{api.url}{NODES}", retries=False))


class TestWatches:
    def test_whose_head_never_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is cut short is no watch that ended by itself."""
        monkeypatch.setattr("kubectl_ds.kube.transport.SILENCE_SECONDS", 0.2)
        with _trickling(HEAD, b"x") as slow:
            where = Connection(server=f"http://127.0.0.1:{slow.port}")
            with (
                Transport(where) as transport,
                pytest.raises(NoAnswer, match="no answer within 200ms"),
            ):
                transport.lines(NODES, {}, 300)

    def test_that_do_not_begin(self, api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kubectl_ds.kube.transport.SILENCE_SECONDS", 0.2)
        api.answer(NODES, Answer(delay=1))
        with (
            Transport(connection(api)) as transport,
            pytest.raises(NoAnswer, match="no answer within 200ms"),
        ):
            transport.lines(NODES, {}, 300)

    def test_that_should_have_ended(self, api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever is in between keeps the connection, and the server behind it is gone."""
        monkeypatch.setattr("kubectl_ds.kube.transport.SILENCE_SECONDS", 0.2)
        over = threading.Event()
        api.answer(NODES, Answer(stream=lambda: _trickle(over)))
        with Transport(connection(api)) as transport:
            lines = transport.lines(NODES, {}, 0.1)
            with pytest.raises(NoAnswer, match="no answer within 300ms"):
                next(lines)
        over.set()


class _Slow(NamedTuple):
    """A server that goes on and on.

    Attributes:
        port: where it listens.
        clients: who came.
    """

    port: int
    clients: list[socket.socket]


@contextmanager
def _trickling(
    head: bytes, piece: bytes, first: bytes = b"", tls: Tls | None = None
) -> Iterator[_Slow]:
    """A server that goes on and on; to each who comes it answers with ``first`` before that."""
    over = threading.Event()

    def answer(client: socket.socket) -> None:
        with suppress(OSError), _secured(client, tls) as secured:
            for part in (first, head) if first else (head,):
                secured.recv(1 << 16)
                secured.sendall(part)
            while not over.wait(0.05):
                secured.sendall(piece)

    with _accepting(answer) as slow:
        yield slow
        over.set()


@contextmanager
def _accepting(serve: Callable[[socket.socket], object]) -> Iterator[_Slow]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        slow = _Slow(server.getsockname()[1], [])

        def accept() -> None:
            with suppress(OSError):  # once it is closed
                while True:
                    slow.clients.append(server.accept()[0])
                    threading.Thread(target=serve, args=slow.clients[-1:], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield slow
        server.shutdown(socket.SHUT_RDWR)


def _secured(client: socket.socket, tls: Tls | None) -> socket.socket:
    if tls is None:
        return client
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    return context.wrap_socket(client, server_side=True)


@contextmanager
def _secure_proxy(port: int, tls: Tls) -> Iterator[str]:
    """The address of a proxy that speaks TLS itself, and knows one server."""

    def tunnel(client: socket.socket) -> None:
        with suppress(OSError), _secured(client, tls) as secured:
            secured.recv(1 << 16)
            secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with socket.create_connection(("127.0.0.1", port)) as server:
                threading.Thread(target=_pass_on, args=(secured, server), daemon=True).start()
                _pass_on(server, secured)

    with _accepting(tunnel) as proxy:
        yield f"https://127.0.0.1:{proxy.port}"


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(1 << 16):
            target.sendall(data)


def _trickle(over: threading.Event) -> Iterator[bytes]:
    while not over.wait(0.05):
        yield b" "
