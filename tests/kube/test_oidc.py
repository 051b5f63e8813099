"""Rules of client-go ``plugin/pkg/client/auth/oidc``; a real provider, and kubectl that renews."""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from kubeconfigs import SECRET, Home, authorization, config, encoded
from programs import program
from serve import ApiServer, Certificates, Tls

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.credentials import Login

OLD = 1_000_000_000


def jwt(expires: object, **claims: str) -> str:
    """An ID token that nobody signed."""
    parts = [{"alg": "none"}, {"exp": expires, **claims}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join([*(part.rstrip("=") for part in coded), "signature"])


def soon() -> int:
    return int(time.time()) + 3600


class Provider:
    """An identity provider over TLS.

    Attributes:
        token: the ID token that it gives for a refresh token.
        status: the HTTP status of its answers.
        refreshed: the refresh tokens that it was shown.
    """

    def __init__(self, tls: Tls) -> None:
        self.token = jwt(soon(), sub="renewed")
        self.status = 200
        self.refreshed: list[str] = []
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer({"issuer": provider.url, "token_endpoint": f"{provider.url}/token"})

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.refreshed += form["refresh_token"]
                answer = {"access_token": "a", "token_type": "Bearer", "id_token": provider.token}
                self.answer({**answer, "refresh_token": "next-refresh"}, provider.status)

            def answer(self, document: dict[str, str], status: int = 200) -> None:
                provider.asked.append(self.path)
                body = json.dumps(document).encode()
                self.send_response_only(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep the tests' output clean."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing: a client that does not trust us is part of the tests."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def provider(certificates: Certificates) -> Iterator[Provider]:
    found = Provider(certificates.address)
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def entry(**settings: str | None) -> dict[str, Any]:
    """A user's ``auth-provider``."""
    known = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "kubernetes"}
    given = {name.replace("_", "-"): value for name, value in settings.items()}
    return {"auth-provider": {"name": "oidc", "config": {**known, **given}}}


class TestUsed:
    """What needs no kubectl: there is none on this PATH."""

    @pytest.fixture(autouse=True)
    def path(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        monkeypatch.delenv("KUBECTL_PATH", raising=False)

    @pytest.mark.parametrize("expires", [soon(), float(soon()), str(soon())])
    def test_a_valid_token_as_it_is(self, home: Home, expires: object) -> None:
        token = jwt(expires)
        home.kubeconfig(config("x", user=entry(id_token=token)))
        assert authorization(home.resolve()) == f"Bearer {token}"

    def test_a_token_beside_it_comes_first(self, home: Home) -> None:
        home.kubeconfig(config("x", user={**entry(id_token=jwt(OLD)), "token": "t"}))
        assert authorization(home.resolve()) == "Bearer t"

    def test_a_certificate_is_shown_as_well(self, home: Home) -> None:
        token = jwt(soon())
        pair = {"client-certificate-data": encoded("c"), "client-key-data": encoded("k")}
        home.kubeconfig(config("x", user={**entry(id_token=token), **pair}))
        shown = Login(home.resolve()).current()
        assert (shown.authorization, shown.certificate) == (f"Bearer {token}", b"c")

    @pytest.mark.parametrize(
        "token",
        [
            pytest.param(None, id="none"),
            pytest.param("", id="empty"),
            pytest.param(jwt(OLD), id="expired"),
            pytest.param(jwt(int(time.time()) + 5), id="in its last ten seconds"),
            pytest.param(jwt(None), id="no claim"),
        ],
    )
    def test_without_a_refresh_token_that_is_all(self, home: Home, token: str | None) -> None:
        home.kubeconfig(config("x", user=entry(id_token=token)))
        with pytest.raises(ClusterError, match=r"no valid id-token, and without a refresh-token"):
            authorization(home.resolve())

    @pytest.mark.parametrize("token", [SECRET, f"a.{SECRET}!.c", "a.bm8.c", "a.W10.c"])
    def test_what_is_no_token_is_an_error(self, home: Home, token: str) -> None:
        home.kubeconfig(config("x", user=entry(id_token=token, refresh_token="r")))
        with pytest.raises(ClusterError, match='of the user "x" is no JSON Web Token') as caught:
            authorization(home.resolve())
        assert SECRET not in str(caught.value)

    def test_without_kubectl_it_can_not_be_renewed(self, home: Home) -> None:
        home.kubeconfig(config("x", user=entry(id_token=jwt(OLD), refresh_token=SECRET)))
        with pytest.raises(ClusterError, match=r"and kubectl, which renews it, is not on PATH"):
            authorization(home.resolve())

    def test_another_token_in_the_file_counts_after_a_401(self, home: Home) -> None:
        home.kubeconfig(config("x", user=entry(id_token=jwt(soon(), sub="first"))))
        login = Login(home.resolve())
        shown = login.current()
        assert login.renewed(shown) is None
        token = jwt(soon(), sub="second")
        home.kubeconfig(config("x", user=entry(id_token=token)))
        anew = login.renewed(shown)
        assert anew is not None
        assert anew.authorization == f"Bearer {token}"


class TestRenewed:
    @pytest.fixture
    def api(self, certificates: Certificates) -> Iterator[ApiServer]:
        with ApiServer([], certificates.address) as api:
            yield api

    def connection(
        self, home: Home, api: ApiServer, provider: Provider, authority: Path, **flags: Any
    ) -> Connection:
        program("kubectl")
        user = entry(
            idp_issuer_url=provider.url,
            idp_certificate_authority=str(authority),
            id_token=jwt(OLD),
            refresh_token=SECRET,
            client_secret=f"{SECRET}-client",
        )
        cluster = {"server": api.url, "certificate-authority": str(authority)}
        path = home.write("config", config("x", user=user, cluster=cluster))
        return home.resolve(kubeconfig=path, **flags)

    def test_by_kubectl(
        self, home: Home, api: ApiServer, provider: Provider, certificates: Certificates
    ) -> None:
        authority = certificates.address.certificate
        login = Login(self.connection(home, api, provider, authority))
        assert login.current().authorization == f"Bearer {provider.token}"
        assert login.current().authorization == f"Bearer {provider.token}"
        assert provider.refreshed == [SECRET], "asked once"
        kept = yaml.safe_load((home.path / "config").read_text())["users"][0]["user"]
        assert kept["auth-provider"]["config"]["refresh-token"] == "next-refresh"
        assert {asked.method for asked in api.asked} == {"GET"}

    def test_of_several_contexts_only_one_renews(
        self, home: Home, api: ApiServer, provider: Provider, certificates: Certificates
    ) -> None:
        where = self.connection(home, api, provider, certificates.address.certificate)
        logins = [Login(where) for _ in range(3)]
        threads = [threading.Thread(target=login.current) for login in logins]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {item.current().authorization for item in logins} == {f"Bearer {provider.token}"}
        assert provider.refreshed == [SECRET]

    def test_verification_is_never_off(
        self, home: Home, api: ApiServer, provider: Provider, certificates: Certificates
    ) -> None:
        authority = certificates.named.certificate
        where = self.connection(
            home, api, provider, authority, insecure_skip_tls_verify=True, server=api.url
        )
        with pytest.raises(
            ClusterError, match=r"kubectl did not renew it: .*certificate"
        ) as caught:
            authorization(where)
        assert provider.asked == []
        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "token"),
        [
            pytest.param(400, jwt(soon()), id="refused"),
            pytest.param(200, jwt(OLD), id="expired again"),
        ],
    )
    def test_a_failure_is_an_error(
        self,
        home: Home,
        api: ApiServer,
        provider: Provider,
        certificates: Certificates,
        status: int,
        token: str,
    ) -> None:
        provider.status, provider.token = status, token
        where = self.connection(home, api, provider, certificates.address.certificate)
        with pytest.raises(
            ClusterError, match='user "x" has expired and kubectl did not'
        ) as caught:
            authorization(where)
        assert SECRET not in str(caught.value)
        assert token not in str(caught.value)

    def test_the_kubectl_that_called_us_does_it(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It gets the flags that choose the cluster and the user, and no secret."""
        binary = Path(
            home.write("own-kubectl", f'#!/bin/sh\necho "$@" > {home.path}/seen\nexit 1\n')
        )
        binary.chmod(0o755)
        monkeypatch.setenv("KUBECTL_PATH", str(binary))
        user = entry(id_token=jwt(OLD), refresh_token=SECRET)
        path = home.write("config", config("x", user=user))
        flags = {"context": "x", "cluster": "x", "user": "x", "server": "https://y"}
        more = {"tls_server_name": "z", "insecure_skip_tls_verify": True, "as_user": SECRET}
        with pytest.raises(ClusterError, match="kubectl did not renew it; log in again"):
            authorization(home.resolve(kubeconfig=path, **flags, **more))
        seen = (home.path / "seen").read_text()
        assert seen == (
            f"get --raw /version --kubeconfig={path} --context=x --cluster=x --user=x "
            "--server=https://y --tls-server-name=z --insecure-skip-tls-verify\n"
        )

    def test_what_kubectl_says_shows_no_secret(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        binary = Path(
            home.write("own-kubectl", f"#!/bin/sh\necho 'no: {SECRET}\x1b' >&2\nexit 1\n")
        )
        binary.chmod(0o755)
        monkeypatch.setenv("KUBECTL_PATH", str(binary))
        home.kubeconfig(config("x", user=entry(id_token=jwt(OLD), refresh_token=SECRET)))
        with pytest.raises(ClusterError, match="did not renew it: no: …; log in again"):
            authorization(home.resolve())

    def test_a_kubectl_that_can_not_be_run(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KUBECTL_PATH", os.devnull)
        home.kubeconfig(config("x", user=entry(id_token=jwt(OLD), refresh_token=SECRET)))
        with pytest.raises(ClusterError, match="kubectl, which renews it, can't be run"):
            authorization(home.resolve())
