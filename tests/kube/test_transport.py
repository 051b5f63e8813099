"""Requests over real HTTP and TLS, and every way in which they can fail."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import SECRET, Home, config, encoded
from programs import program
from serve import NODES, Answer, ApiServer, Certificates, connection, free_port, get, status

from kubectl_ds import __version__
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import ClusterEntry, Connection, UserEntry
from kubectl_ds.kube.transport import Refusal, Transport, retry_after

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
            (pool,) = transport._client.rest_client.pool_manager.pools._container.values()
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

    def test_socks_is_refused(self) -> None:
        proxy = f"socks5://me:{SECRET}@proxy:1080"
        where = Connection(server="https://x", proxy=proxy, user=JANE)
        with pytest.raises(ClusterError, match="socks5://proxy:1080 is not supported"):
            get(where)


class TestTime:
    def test_is_the_newest_that_the_server_gave(self, api: ApiServer) -> None:
        dates = ["Sat, 21 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 09:00:00 GMT", "yesterday", ""]
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
    @pytest.mark.parametrize("code", [429, 503])
    def test_when_the_server_asks_for_it(self, api: ApiServer, code: int) -> None:
        busy = status(code, "too many requests", Retry_After="0")
        api.answer(NODES, busy, busy)
        assert len(get(connection(api))["items"]) == 12
        assert len(api.asked) == 3

    def test_gives_up(self, api: ApiServer) -> None:
        api.always(NODES, status(429, "too many requests", Retry_After="0"))
        with pytest.raises(Refusal, match="answered 429 to GET /api/v1/nodes: too many requests; "):
            get(connection(api))
        assert len(api.asked) == 3

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
            (503, "3600", 10),
            (429, "", None),
            (429, "Sat, 21 Nov 2026 10:00:00 GMT", None),
            (429, "-1", None),
            (500, "1", None),
            (200, "1", None),
        ],
    )
    def test_wait(self, code: int, value: str, seconds: int | None) -> None:
        assert retry_after(code, value) == seconds


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
        ("cluster", "user"),
        [
            pytest.param(
                {"certificate-authority-data": encoded(SECRET)}, {"token": "t"}, id="authority"
            ),
            pytest.param(
                {},
                {
                    "client-certificate-data": encoded(SECRET),
                    "client-key-data": encoded(SECRET),
                },
                id="client",
            ),
        ],
    )
    def test_damaged_certificates(
        self, home: Home, cluster: dict[str, Any], user: dict[str, Any]
    ) -> None:
        home.kubeconfig(config("x", cluster=cluster, user=user))
        with pytest.raises(ClusterError, match="can't load the certificate") as caught:
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
        """The generated classes of ``kubernetes`` take longer to import than all requests."""
        code = f"""
import sys
from kubectl_ds.read import live
assert "kubernetes" not in sys.modules
from kubectl_ds.core.scope import Scope
from kubectl_ds.kube.connection import Connection
print(len(live.load(Connection(server={api.url!r}), Scope(namespace="default")).cluster.nodes))
generated = ("kubernetes.client.api.", "kubernetes.client.models.")
print([name for name in sys.modules if name.startswith(generated)])
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.decode().splitlines() == ["12", "[]"]
        assert done.stderr == b""


def _authority(path: Path) -> dict[str, Any]:
    return {"certificate-authority": str(path)}


def _from_kubeconfig(
    home: Home, api: ApiServer, cluster: dict[str, Any], user: dict[str, Any] | None = None
) -> Connection:
    return home.resolve(kubeconfig=api.kubeconfig(home.path / "config", user, cluster))
