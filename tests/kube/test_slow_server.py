"""Servers that take their time: whatever they are slow with, there is an end to it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from serve import NODES, Answer, ApiServer, connection, get

from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.transport import NoAnswer, Transport


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
        with (
            _trickling(head, piece) as server,
            pytest.raises(NoAnswer, match="no answer within 300ms"),
        ):
            get(Connection(server=server, request_timeout=0.3))


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
def _trickling(head: bytes, piece: bytes) -> Iterator[str]:
    """The address of a server that goes on and on, to the first who comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def answer() -> None:
            with server.accept()[0] as client, suppress(OSError):
                client.recv(1 << 16)
                client.sendall(head)
                while not over.wait(0.05):
                    client.sendall(piece)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def _trickle(over: threading.Event) -> Iterator[bytes]:
    while not over.wait(0.05):
        yield b" "
