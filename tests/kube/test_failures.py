"""Every way in which a request can fail: one sentence each, and never a traceback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from serve import NODES, Answer, ApiServer, connection, free_port, get, html, status

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import Connection, UserEntry
from kubectl_ds.kube.failures import broke_off, sentence
from kubectl_ds.kube.transport import NoAnswer, Refusal


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            pytest.param(
                status(401, "Unauthorized"),
                'does not accept the user "tester" (401: Unauthorized); log in again, or choose',
                id="401",
            ),
            pytest.param(
                status(403, "nodes is forbidden:\n\x1b[1mno"),
                "answered 403 to GET /api/v1/nodes: nodes is forbidden: [1mno; ask for that right",
                id="403",
            ),
            pytest.param(
                Answer(404, b"404 page not found\n", {"Content-Type": "text/plain"}),
                "answered 404 to GET /api/v1/nodes: 404 page not found; check the server's address",
                id="404 as text",
            ),
            pytest.param(
                Answer(400, b"Client sent an HTTP request to an HTTPS server.\n", {}),
                "answered 400 to GET /api/v1/nodes; check the server's address",
                id="400 of no known type",
            ),
            pytest.param(
                status(500, "etcd leader changed"),
                "answered 500 to GET /api/v1/nodes: etcd leader changed; try again",
                id="500",
            ),
            pytest.param(html(502), "answered 502 to GET /api/v1/nodes; try again", id="502 HTML"),
            pytest.param(
                Answer(302, b"", {"Location": "https://login.example/?next=x"}),
                "sent us on to login.example, which no Kubernetes API does",
                id="redirect",
            ),
            pytest.param(
                Answer(500, b"[" * 100_000, {"Content-Type": "application/json"}),
                "answered 500 to GET /api/v1/nodes; try again",
                id="500 with garbage",
            ),
        ],
    )
    def test_says_what_and_what_to_do(self, api: ApiServer, answer: Answer, message: str) -> None:
        api.always(NODES, answer)
        with pytest.raises(Refusal) as caught:
            get(connection(api))
        assert f"{api.url} {message}" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "<" not in str(caught.value)
        assert caught.value.status == answer.status
        assert len(api.asked) == 1

    @pytest.mark.parametrize(
        ("shown", "said"),
        [
            ("", 'the user "tester"'),
            ("the token given by --token", "the token given by --token"),
        ],
    )
    def test_names_what_was_shown(self, api: ApiServer, shown: str, said: str) -> None:
        api.always(NODES, status(401))
        with pytest.raises(Refusal, match=f"does not accept {said} "):
            get(connection(api, shown=shown))

    def test_a_page_is_no_answer(self, api: ApiServer) -> None:
        api.always(NODES, html())
        with pytest.raises(ClusterError, match="answered with text/html, which no Kubernetes API"):
            get(connection(api))

    def test_an_answer_without_a_type_is_taken(self, api: ApiServer) -> None:
        api.always(NODES, Answer(body=b"{}"))
        assert get(connection(api)) == {}


class TestNoAnswer:
    def test_refused(self) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        message = f"can't reach {url}: connection refused; is the cluster running"
        with pytest.raises(ClusterError, match=message):
            get(Connection(server=url))

    def test_no_such_host(self) -> None:
        with pytest.raises(ClusterError, match="its name can't be resolved"):
            get(Connection(server="http://no-such-host.invalid"))

    def test_no_possible_host(self) -> None:
        with pytest.raises(ClusterError, match=r"can't reach http://\.\.x: "):
            get(Connection(server="http://..x"))

    def test_hangs_up(self, api: ApiServer) -> None:
        api.always(NODES, Answer(drop=True))
        with pytest.raises(ClusterError, match="without response; try again, or check the network"):
            get(connection(api))

    def test_cut_short(self, api: ApiServer) -> None:
        api.always(NODES, Answer(cut=100))
        with pytest.raises(ClusterError, match="its answer is cut short or damaged"):
            get(connection(api))

    def test_hangs_up_on_tls(self) -> None:
        with _speaking(b"") as port:
            where = Connection(server=f"https://127.0.0.1:{port}", user=UserEntry(token="t"))
            with pytest.raises(NoAnswer, match=r"(cut short or damaged|reset by peer); try again"):
                get(where)

    @pytest.mark.parametrize("error", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
    def test_every_way_to_hang_up_on_tls(self, error: type[ssl.SSLError]) -> None:
        assert broke_off(error("EOF"))
        told = sentence(error("EOF"), Connection(server="https://x"), 0)
        assert told.endswith(
            "its answer is cut short or damaged; try again, or check what is in between"
        )

    def test_not_http(self) -> None:
        with (
            _speaking(b"SSH-2.0-OpenSSH_9.9\r\n") as port,
            pytest.raises(ClusterError, match=r"can't reach http://127.0.0.1:.*SSH"),
        ):
            get(Connection(server=f"http://127.0.0.1:{port}"))

    def test_takes_too_long(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(delay=1))
        begin = time.monotonic()
        with pytest.raises(
            ClusterError, match=r"no answer within 100ms; .* raise --request-timeout"
        ):
            get(connection(api, request_timeout=0.1))
        assert time.monotonic() - begin < 0.8

    def test_zero_waits_for_ever(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(delay=0.2))
        assert len(get(connection(api, request_timeout=0))["items"]) == 12


@contextmanager
def _speaking(words: bytes) -> Iterator[int]:
    """The port of a server that says something to all who come, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    with server.accept()[0] as client:
                        client.recv(1 << 16)
                        client.sendall(words)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
