"""Requests over real HTTP and TLS, and every way in which they can fail."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import SECRET, Home, config, encoded
from programs import program
from serve import (
    DROP,
    NODES,
    Answer,
    ApiServer,
    Certificates,
    connection,
    free_port,
    get,
    status,
)
from socks_proxy import SocksProxy

from kubectl_ds import __version__
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import ClusterEntry, Connection, UserEntry
from kubectl_ds.kube.transport import TRIES, NoAnswer, Refusal, Transport, retry_after

JANE = UserEntry(token="t")


class TestRequest:
    def test_asks_as_we_are(self, api: ApiServer) -> None:
        assert get(connection(api), limit="1", labelSelector="a in (b,c),d=ü")["items"] == []
        (asked,) = api.asked
        assert (asked.method, asked.path) == ("GET", NODES)
        assert asked.query == {"limit": "1", "labelSelector": "a in (b,c),d=ü"}
        assert asked.header("Accept") == ["application/json"]
        assert asked.header("User-Agent") == [f"kubectl-ds/{__version__}"]
        assert asked.header("Authorization") == []

    def test_a_server_may_be_below_a_path(self, api: ApiServer) -> None:
        api.always("/k8s/c-1/api/v1/nodes", Answer(body=b"{}"))
        assert get(Connection(server=f"{api.url}/k8s/c-1")) == {}

    def test_impersonates(self, api: ApiServer) -> None:
        user = UserEntry(as_user="jürgen", as_groups=("dev", "ops"))
        get(connection(api, user=user))
        (asked,) = api.asked
        assert asked.header("Impersonate-User") == ["jürgen".encode().decode("latin-1")]
        assert asked.header("Impersonate-Group") == ["dev", "ops"]

    def test_impersonates_nobody_odd(self, api: ApiServer) -> None:
        with pytest.raises(ClusterError, match="Impersonate-User can't hold a line break"):
            get(connection(api, user=UserEntry(as_user="jane\r\nImpersonate-Group: root")))

    def test_uses_connections_again(self, api: ApiServer) -> None:
        with Transport(connection(api)) as transport:
            for _ in range(3):
                transport.get(NODES)
            (pool,) = transport._session.pools.pools._container.values()
        assert pool.num_connections == 1


class TestCompression:
    """Asked for only where it pays: not on this machine, so the server is behind a proxy here."""

    @pytest.mark.parametrize(
        ("server", "disabled", "expected"),
        [
            ("http://cluster.example", False, "gzip"),
            ("http://cluster.example", True, "identity"),
            ("http://localhost", False, "identity"),
        ],
    )
    def test_accepts(self, api: ApiServer, server: str, disabled: bool, expected: str) -> None:
        api.compress = True
        cluster = ClusterEntry(disable_compression=disabled)
        found = get(Connection(server=server, proxy=api.url, cluster=cluster))
        assert len(found["items"]) == 12
        assert api.asked[0].header("Accept-Encoding") == [expected]

    def test_damaged(self, api: ApiServer) -> None:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        api.answer(NODES, Answer(body=b"no gzip", headers=headers))
        with pytest.raises(ClusterError, match="its answer is cut short or damaged"):
            get(connection(api))


class TestProxy:
    def test_logs_in(self, api: ApiServer) -> None:
        proxy = api.url.replace("://", f"://me%40x:{SECRET}@")
        get(Connection(server="http://cluster.example", proxy=proxy))
        (asked,) = api.asked
        assert asked.header("Proxy-Authorization") == [f"Basic {encoded(f'me@x:{SECRET}')}"]
        assert asked.header("Host") == ["cluster.example"]

    def test_that_refuses(self, api: ApiServer) -> None:
        proxy = api.url.replace("://", f"://me:{SECRET}@")
        api.always("cluster.example:443", Answer(407, b""))
        with pytest.raises(ClusterError, match=r"the proxy 127.0.0.1:\d+ .* 407") as caught:
            get(Connection(server="https://cluster.example", proxy=proxy, user=JANE))
        assert api.asked[0].method == "CONNECT"
        assert SECRET not in str(caught.value)

    def test_that_is_not_there(self) -> None:
        proxy = f"http://127.0.0.1:{free_port()}"
        where = Connection(server="https://cluster.example", proxy=proxy, user=JANE)
        with pytest.raises(ClusterError, match=r"the proxy .*refused.*; check proxy-url"):
            get(where)

    def test_of_socks_resolves_the_name_itself(self, api: ApiServer) -> None:
        with SocksProxy({"cluster.example": api.port}, login=("me@x", SECRET)) as proxy:
            where = Connection(
                server="http://cluster.example", proxy=f"socks5://me%40x:{SECRET}@{proxy.address}"
            )
            assert len(get(where)["items"]) == 12
            assert proxy.asked == ["cluster.example:80"]

    @pytest.mark.parametrize("login", [None, ("me", "other")], ids=["no login", "wrong login"])
    def test_of_socks_that_refuses(self, login: tuple[str, str] | None) -> None:
        with SocksProxy({}, login=("me", SECRET)) as proxy:
            name = f"{':'.join(login)}@" if login else ""
            where = Connection(server="http://x.example", proxy=f"socks5://{name}{proxy.address}")
            with pytest.raises(
                ClusterError, match=f"the proxy {proxy.address} .*; check proxy-url"
            ):
                get(where)

    def test_of_socks_that_is_not_there(self) -> None:
        proxy = f"127.0.0.1:{free_port()}"
        where = Connection(server="https://x", proxy=f"socks5://me:{SECRET}@{proxy}", user=JANE)
        with pytest.raises(ClusterError, match=rf"the proxy {proxy} .*refused") as caught:
            get(where)
        assert SECRET not in str(caught.value)


class TestTime:
    def test_is_the_newest_that_the_server_gave(self, api: ApiServer) -> None:
        dates = ["Sat, 21 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 09:00:00 GMT", "yesterday", ""]
        dates.append("Sat, 21 Nov 99999999999999999999 08:00:00 GMT")
        for date in dates:
            api.answer("/x", Answer(body=b"{}", headers={"Date": date}))
        with Transport(connection(api)) as transport:
            assert transport.time is None
            for _ in dates:
                transport.get("/x")
            assert transport.time == datetime(2026, 11, 21, 10, tzinfo=timezone.utc)


class TestWarnings:
    def test_are_gathered_once(self, api: ApiServer) -> None:
        first = ("v1 Endpoints is deprecated", 'say \\"hi\\" \x1b[31mred')
        api.answer(NODES, Answer(warnings=first), Answer(warnings=first), Answer())
        with Transport(connection(api)) as transport:
            for _ in range(3):
                transport.get(NODES)
            assert transport.warnings == ("v1 Endpoints is deprecated", 'say "hi" [31mred')

    def test_other_codes_are_not_for_people(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(headers={"Warning": '110 - "Response is Stale", 299 x "this"'}))
        with Transport(connection(api)) as transport:
            transport.get(NODES)
            assert transport.warnings == ("this",)


class TestRetries:
    @pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
    def test_when_the_server_asks_for_it(self, api: ApiServer, code: int) -> None:
        busy = status(code, "too many requests", Retry_After="0")
        api.answer(NODES, busy, busy)
        assert len(get(connection(api))["items"]) == 12
        assert len(api.asked) == 3

    def test_gives_up(self, api: ApiServer) -> None:
        api.always(NODES, status(429, "too many requests", Retry_After="0"))
        with pytest.raises(Refusal, match="answered 429 to GET /api/v1/nodes: too many requests; "):
            get(connection(api))
        assert len(api.asked) == TRIES

    @pytest.mark.parametrize("code", [429, 500, 503])
    def test_not_unasked(self, api: ApiServer, code: int) -> None:
        api.always(NODES, status(code, "sorry"))
        with pytest.raises(Refusal, match=f"answered {code} "):
            get(connection(api))
        assert len(api.asked) == 1

    @pytest.mark.parametrize(
        ("code", "value", "seconds"),
        [
            (429, "2", 2),
            (503, " 3 ", 3),
            (500, "1", 1),
            (504, "1", 1),
            (503, "30", 30),
            (503, "3600", None),
            (429, "", None),
            (429, "Sat, 21 Nov 2026 10:00:00 GMT", None),
            (429, "-1", None),
            (404, "1", None),
            (200, "1", None),
        ],
    )
    def test_wait(self, code: int, value: str, seconds: int | None) -> None:
        assert retry_after(code, value) == seconds

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(Answer(drop=True), id="before"),
            pytest.param(Answer(head=b"HTTP/1.1 200 OK\r\nDate: "), id="in a header"),
            pytest.param(Answer(cut=100), id="in the middle"),
        ],
    )
    def test_when_the_connection_breaks_off(self, api: ApiServer, fault: Answer) -> None:
        api.answer(NODES, fault, fault)
        assert len(get(connection(api))["items"]) == 12
        assert len(api.asked) == 3

    def test_are_told_on_demand(self, api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG", "kubectl_ds")
        api.answer(NODES, status(429, "busy", Retry_After="0"), Answer(drop=True))
        get(connection(api, user=UserEntry(token=SECRET)), limit="7")
        told = [(record.levelname, record.getMessage()) for record in caplog.records]
        assert [level for level, _ in told] == ["DEBUG", "INFO", "DEBUG", "INFO", "DEBUG"]
        assert "/api/v1/nodes?limit=7: 429 after " in told[0][1]
        assert "answered 429 to GET /api/v1/nodes: busy" in told[1][1]
        assert "trying again in 0.0 s, for the 1. time of at most 3" in told[1][1]
        assert "failed (can't reach" in told[2][1]
        assert "for the 2. time" in told[3][1]
        assert SECRET not in str(told)


class TestLogin:
    """Credentials that are not accepted any more: those of a plugin are asked for anew."""

    def test_is_renewed_once(
        self, home: Home, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ApiServer([], certificates.address) as api:
            where = _with_plugin(home, api, certificates, monkeypatch)
            api.answer(NODES, status(401, "Unauthorized"))
            assert get(where)["items"] == []
            shown = [asked.header("Authorization") for asked in api.asked]
            assert shown == [["Bearer token-1"], ["Bearer token-2"]]

    def test_is_refused_for_good(
        self, home: Home, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ApiServer([], certificates.address) as api:
            where = _with_plugin(home, api, certificates, monkeypatch)
            api.always(NODES, status(401, "Unauthorized"))
            with pytest.raises(Refusal, match="does not accept the user"):
                get(where)
            assert len(api.asked) == 2

    def test_of_a_fixed_token_is_not_tried_again(self, api: ApiServer) -> None:
        api.always(NODES, status(401, "Unauthorized"))
        with pytest.raises(Refusal, match="does not accept the user"):
            get(connection(api))
        assert len(api.asked) == 1


class TestLines:
    """A watch: lines as they come, whatever the pieces are."""

    QUERY = {"watch": "1"}  # noqa: RUF012

    def test_are_split(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(body=b'{"a":1}\n\n{"b":2}\n{"c":3}'))
        with Transport(connection(api)) as transport:
            found = list(transport.lines(NODES, self.QUERY, 300))
        assert found == [b'{"a":1}', b'{"b":2}', b'{"c":3}']
        assert api.asked[0].query == self.QUERY
        assert api.asked[0].header("Accept-Encoding") == ["identity"]

    def test_come_one_by_one(self, api: ApiServer) -> None:
        """A line is given before the next one is there, over chunks that cut lines in two."""
        taken = threading.Event()

        def chunks() -> Iterator[bytes]:
            yield b'{"a":'
            yield b'1}\n{"b'
            assert taken.wait(30)
            yield b'":2}\n'

        api.answer(NODES, Answer(stream=chunks))
        with Transport(connection(api)) as transport:
            lines = transport.lines(NODES, self.QUERY, 300)
            assert next(lines) == b'{"a":1}'
            taken.set()
            assert list(lines) == [b'{"b":2}']

    def test_break_off(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(stream=lambda: iter([b'{"a":1}\n', DROP])))
        with Transport(connection(api)) as transport:
            lines = transport.lines(NODES, self.QUERY, 300)
            assert next(lines) == b'{"a":1}'
            with pytest.raises(NoAnswer, match="cut short"):
                next(lines)

    def test_refused(self, api: ApiServer) -> None:
        api.answer(NODES, status(410, "too old resource version"))
        with (
            Transport(connection(api)) as transport,
            pytest.raises(Refusal, match="too old resource version"),
        ):
            next(transport.lines(NODES, self.QUERY, 300))

    def test_end_when_the_transport_is_closed(self, api: ApiServer) -> None:
        closed = threading.Event()

        def chunks() -> Iterator[bytes]:
            yield b"{}\n"
            closed.wait(30)

        api.answer(NODES, Answer(stream=chunks))
        transport = Transport(connection(api))
        lines = transport.lines(NODES, self.QUERY, 300)
        next(lines)
        closer = threading.Timer(0.1, transport.close)
        closer.start()
        with suppress(ClusterError):
            assert list(lines) == []
        assert not closed.is_set()
        closed.set()

    def test_end_where_the_transport_was_closed_before_they_are_read(self, api: ApiServer) -> None:
        over = threading.Event()

        def chunks() -> Iterator[bytes]:
            over.wait(30)
            yield b"{}\n"

        api.answer(NODES, Answer(stream=chunks))
        transport = Transport(connection(api))
        lines = transport.lines(NODES, self.QUERY, 300)
        transport.close()
        with suppress(ClusterError):
            assert list(lines) == []
        assert not over.is_set()
        over.set()

    def test_one_that_is_longer_than_any_object(self, api: ApiServer) -> None:
        """Source: client-go ``runtime/serializer/streaming``, NewDecoder."""
        over = threading.Event()
        api.answer(NODES, Answer(stream=lambda: _spaces(over)))
        with Transport(connection(api)) as transport:
            lines = transport.lines(NODES, self.QUERY, 300)
            with pytest.raises(NoAnswer, match="a line of more than 16 MiB"):
                next(lines)
        over.set()


def _spaces(over: threading.Event) -> Iterator[bytes]:
    """A line without end."""
    while not over.is_set():
        yield b" " * (1 << 20)


def _with_plugin(
    home: Home, api: ApiServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Connection:
    """A user whose plugin gives a token that counts up."""
    version = "client.authentication.k8s.io/v1"
    home.write("count", "0")
    script = (
        f"import json; path = {str(home.path / 'count')!r}; n = int(open(path).read()) + 1; "
        "open(path, 'w').write(str(n)); "
        f"print(json.dumps({{'kind': 'ExecCredential', 'apiVersion': {version!r}, "
        "'status': {'token': f'token-{n}'}}))"
    )
    plugin = {
        "apiVersion": version,
        "command": sys.executable,
        "args": ["-c", script],
        "interactiveMode": "Never",
    }
    cluster = _authority(certificates.address.certificate)
    return _from_kubeconfig(home, api, cluster, {"exec": plugin})


class TestTls:
    def test_trusts_the_given_authority(self, home: Home, certificates: Certificates) -> None:
        with ApiServer([], certificates.address) as api:
            where = _from_kubeconfig(home, api, _authority(certificates.address.certificate))
            assert get(where)["items"] == []
            data = encoded(certificates.address.certificate.read_text())
            where = _from_kubeconfig(home, api, {"certificate-authority-data": data})
            assert get(where)["items"] == []

    def test_trusts_nobody_else(self, home: Home, certificates: Certificates) -> None:
        message = "its certificate is not trusted: self.signed certificate; give .* with --cert"
        with ApiServer([], certificates.address) as api:
            for cluster in ({}, _authority(certificates.named.certificate)):
                with pytest.raises(ClusterError, match=message):
                    get(_from_kubeconfig(home, api, cluster))
            assert api.asked == []

    def test_may_skip_verification(self, home: Home, certificates: Certificates) -> None:
        with ApiServer([], certificates.named) as api:
            where = _from_kubeconfig(home, api, {"insecure-skip-tls-verify": True})
            assert get(where)["items"] == []

    def test_checks_the_name(self, home: Home, certificates: Certificates) -> None:
        with ApiServer([], certificates.named) as api:
            cluster = _authority(certificates.named.certificate)
            message = "mismatch.*; use an address that the certificate names, or --tls-server-name"
            with pytest.raises(ClusterError, match=message):
                get(_from_kubeconfig(home, api, cluster))
            where = _from_kubeconfig(home, api, {**cluster, "tls-server-name": "cluster.example"})
            assert get(where)["items"] == []

    def test_shows_its_certificate(self, home: Home, certificates: Certificates) -> None:
        client = certificates.client
        tls = certificates.address._replace(clients=client.certificate)
        paths = {"client-certificate": str(client.certificate), "client-key": str(client.key)}
        data = {f"{key}-data": encoded(Path(path).read_text()) for key, path in paths.items()}
        with ApiServer([], tls) as api:
            cluster = _authority(tls.certificate)
            for user in (paths, data):
                assert get(_from_kubeconfig(home, api, cluster, user))["items"] == []
            with pytest.raises(ClusterError, match=r"can't reach .*check"):
                get(_from_kubeconfig(home, api, cluster))

    def test_shows_its_token(self, home: Home, certificates: Certificates) -> None:
        with ApiServer([], certificates.address) as api:
            cluster = _authority(certificates.address.certificate)
            get(_from_kubeconfig(home, api, cluster, {"token": SECRET}))
            assert api.asked[0].header("Authorization") == [f"Bearer {SECRET}"]

    def test_to_a_server_without(self, api: ApiServer) -> None:
        where = Connection(server=api.url.replace("http:", "https:"), user=JANE)
        with pytest.raises(ClusterError, match="it does not speak TLS; should its address start"):
            get(where)

    @pytest.mark.parametrize(
        ("cluster", "user", "what"),
        [
            pytest.param(
                {"certificate-authority-data": encoded(SECRET)},
                {"token": "t"},
                "certificate authority of the cluster",
                id="authority",
            ),
            pytest.param(
                {},
                {
                    "client-certificate-data": encoded(SECRET),
                    "client-key-data": encoded(SECRET),
                },
                'client certificate and key of the user "x"',
                id="client",
            ),
        ],
    )
    def test_damaged_certificates(
        self, home: Home, cluster: dict[str, Any], user: dict[str, Any], what: str
    ) -> None:
        home.kubeconfig(config("x", cluster=cluster, user=user))
        with pytest.raises(
            ClusterError, match=f"can't load the {what}, to ask https://x"
        ) as caught:
            get(home.resolve())
        assert SECRET not in str(caught.value)

    def test_an_encrypted_key(self, home: Home, certificates: Certificates) -> None:
        key = home.path / "encrypted"
        command = [program("openssl"), "pkcs8", "-topk8", "-passout", "pass:x"]
        subprocess.run(
            [*command, "-in", certificates.client.key, "-out", key],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        user = {"client-certificate": str(certificates.client.certificate), "client-key": str(key)}
        home.kubeconfig(config("x", user=user))
        with pytest.raises(ClusterError, match="the client key is encrypted"):
            get(home.resolve())


class TestPackage:
    def test_only_what_is_needed_is_imported(self, api: ApiServer) -> None:
        """The ``kubernetes`` package takes longer to import than all requests."""
        code = f"""
import sys
from kubectl_ds.main import main
assert main(["explain", "d01", "-s", {api.url!r}, "-o", "name"]) == 0
print({{"kubernetes", "requests", "pydantic", "socks"}} & set(sys.modules))
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.decode().splitlines() == ["daemonset.apps/d01", "set()"]
        assert done.stderr == b""


def _authority(path: Path) -> dict[str, Any]:
    return {"certificate-authority": str(path)}


def _from_kubeconfig(
    home: Home, api: ApiServer, cluster: dict[str, Any], user: dict[str, Any] | None = None
) -> Connection:
    return home.resolve(kubeconfig=api.kubeconfig(home.path / "config", user, cluster))
