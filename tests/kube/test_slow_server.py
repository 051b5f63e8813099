"""Servers that take their time: whatever they are slow with, there is an end to it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from serve import NODES, Answer, ApiServer, Certificates, Tls, connection, get

from kubectl_ds.kube.connection import ClusterEntry, Connection, UserEntry
from kubectl_ds.kube.transport import NoAnswer, Transport

SOMEBODY = UserEntry(token="t")
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
            pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"x", id="a header"),
            pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="to be continued"),
            pytest.param(
                b"HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\n", b"x", id="what is wrong"
            ),
        ],
    )
    def test_that_never_comes_to_what_counts(self, head: bytes, piece: bytes) -> None:
        with _trickling(head, piece) as port, pytest.raises(NoAnswer, match=LATE):
            get(Connection(server=f"http://127.0.0.1:{port}", request_timeout=0.3))

    @pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
    def test_on_a_connection_that_served_before(
        self, secure: bool, certificates: Certificates
    ) -> None:
        tls = certificates.address if secure else None
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        with _trickling(b"HTTP/1.1 200 OK\r\nX: ", b"x", good, tls) as port:
            where = Connection(
                server=f"{'https' if secure else 'http'}://127.0.0.1:{port}",
                cluster=ClusterEntry(insecure_skip_tls_verify=secure),
                user=SOMEBODY,
                request_timeout=0.5,
            )
            with Transport(where) as transport:
                assert transport.get(NODES) == b"{}"
                with pytest.raises(NoAnswer, match="no answer within 500ms"):
                    transport.get(NODES)


class TestConnections:
    def test_where_tls_never_comes_to_an_end(self) -> None:
        hello = b"\x16\x03\x03\x40\x00\x02"  # a record of 16 KiB, and nothing that would be wrong
        with _trickling(hello, b"\0") as port, pytest.raises(NoAnswer, match=LATE):
            get(Connection(server=f"https://127.0.0.1:{port}", user=SOMEBODY, request_timeout=0.3))

    def test_where_the_name_is_not_resolved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        over = threading.Event()
        monkeypatch.setattr("socket.getaddrinfo", lambda *_: over.wait())
        with pytest.raises(NoAnswer, match=LATE):
            get(Connection(server="http://example.com", request_timeout=0.3))
        over.set()


class TestWatches:
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


@contextmanager
def _trickling(
    head: bytes, piece: bytes, first: bytes = b"", tls: Tls | None = None
) -> Iterator[int]:
    """The port of a server that goes on and on, to the first who comes.

    It answers with ``first``, where there is any, before that.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def answer() -> None:
            with suppress(OSError), _accepted(server, tls) as client:
                for part in (first, head) if first else (head,):
                    client.recv(1 << 16)
                    client.sendall(part)
                while not over.wait(0.05):
                    client.sendall(piece)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()


def _accepted(server: socket.socket, tls: Tls | None) -> socket.socket:
    client = server.accept()[0]
    if tls is None:
        return client
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    return context.wrap_socket(client, server_side=True)


def _trickle(over: threading.Event) -> Iterator[bytes]:
    while not over.wait(0.05):
        yield b" "
