"""No secret is ever printed, whatever goes wrong and however talkative we are asked to be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import EXEC, SECRET, encoded
from serve import ApiServer, Certificates, free_port, html, recorded, status

from kubectl_ds.main import main

NODES = "/api/v1/nodes"
# A plugin of which everything is secret but its name; argv[1] says what it does.
PLUGIN = f"""
import json, sys
if sys.argv[1] == "text":
    print("{SECRET}")
if sys.argv[1] == "fail":
    sys.exit(3)
if sys.argv[1] == "version":
    print(json.dumps({{"apiVersion": "v9", "kind": "ExecCredential", "status": {{"token": "{SECRET}"}}}}))
if sys.argv[1] == "odd":
    print(json.dumps({{"apiVersion": "{EXEC["apiVersion"]}", "kind": "ExecCredential",
                       "status": {{"token": "{SECRET}" + chr(10)}}}}))
if sys.argv[1] == "half":
    print(json.dumps({{"apiVersion": "{EXEC["apiVersion"]}", "kind": "ExecCredential",
                       "status": {{"token": "t", "clientKeyData": "{SECRET}"}}}}))
"""


def plugin(path: Path, what: str) -> dict[str, Any]:
    script = path / "plugin.py"
    script.write_text(PLUGIN)
    env = [{"name": "PLUGIN_SECRET", "value": SECRET}]
    arguments = [str(script), what, SECRET]
    return {"exec": {**EXEC, "command": sys.executable, "args": arguments, "env": env}}


def jwt_of(secret: str) -> dict[str, Any]:
    settings = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "c", "id-token": secret}
    more = {"refresh-token": secret, "client-secret": secret}
    return {"auth-provider": {"name": "oidc", "config": {**settings, **more}}}


USERS = {
    "token": {"token": SECRET},
    "odd token": {"token": f"{SECRET}\n"},
    "token that is no text": {"token": [SECRET]},
    "password": {"username": "jane", "password": SECRET},
    "password alone": {"password": SECRET},
    "token and password": {"token": SECRET, "username": "jane", "password": SECRET},
    "key that is no base64": {"client-certificate-data": "YQ==", "client-key-data": f"-{SECRET}"},
    "key that is no key": {
        "client-certificate-data": encoded(SECRET),
        "client-key-data": encoded(SECRET),
    },
    "key without a certificate": {"client-key-data": encoded(SECRET), "token": SECRET},
    "gcp": {"auth-provider": {"name": "gcp", "config": {"access-token": SECRET}}},
    "oidc that is no JWT": jwt_of(SECRET),
    "oidc of a wrong shape": {"auth-provider": {"name": "oidc", "config": [SECRET]}},
    "exec environment of a wrong shape": {"exec": {**EXEC, "env": [SECRET]}},
    "missing plugin": {"exec": {**EXEC, "command": "no-such", "args": [SECRET]}},
}


@pytest.fixture
def secure(certificates: Certificates) -> Iterator[ApiServer]:
    with ApiServer(recorded("quota_pods"), certificates.address) as api:
        yield api


class Told:
    """Runs ``explain`` with a kubeconfig and looks for the secret in what it prints."""

    def __init__(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capfd = capfd

    def __call__(self, api: ApiServer, user: Any, cluster: Any, *more: str) -> str:
        kubeconfig = api.kubeconfig(self.path / "config", user, cluster)
        return self.ended(main(["explain", "--kubeconfig", kubeconfig, *more]))

    def ended(self, code: int) -> str:
        out, err = self.capfd.readouterr()
        assert code in (0, 2, 3, 4, 5)
        for text in (SECRET, encoded(SECRET), encoded(f"jane:{SECRET}")):
            assert text not in out + err
        return err


@pytest.fixture
def told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Told:
    for name in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "KUBECTL_PATH"):
        monkeypatch.delenv(name, raising=False)
    return Told(tmp_path, capfd)


@pytest.mark.parametrize("more", [[], ["-v", "9"]], ids=["quiet", "talkative"])
class TestSecrets:
    @pytest.mark.parametrize("user", USERS.values(), ids=USERS)
    def test_of_users(
        self, told: Told, secure: ApiServer, certificates: Certificates, user: Any, more: list[str]
    ) -> None:
        trusted = {"certificate-authority": str(certificates.address.certificate)}
        told(secure, user, trusted, *more)

    @pytest.mark.parametrize("what", ["text", "fail", "version", "odd", "half"])
    def test_of_plugins(
        self, told: Told, secure: ApiServer, tmp_path: Path, what: str, more: list[str]
    ) -> None:
        said = told(secure, plugin(tmp_path, what), None, *more)
        assert "plugin" in said

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(status(401, "who are you?"), id="401"),
            pytest.param(status(403, "not you"), id="403"),
            pytest.param(status(404, "not here"), id="404"),
            pytest.param(status(500, "oh no"), id="500"),
            pytest.param(html(), id="HTML"),
            pytest.param(status(302, "", Location=f"https://u:{SECRET}@other/"), id="redirect"),
        ],
    )
    def test_of_answers(
        self,
        told: Told,
        secure: ApiServer,
        certificates: Certificates,
        answer: Any,
        more: list[str],
    ) -> None:
        for path in (
            NODES,
            "/apis/apps/v1/daemonsets",
            "/apis/apps/v1/namespaces/default/daemonsets",
        ):
            secure.always(path, answer)
        trusted = {"certificate-authority": str(certificates.address.certificate)}
        assert told(secure, {"token": SECRET}, trusted, *more)

    @pytest.mark.parametrize(
        "cluster",
        [
            pytest.param({}, id="not trusted"),
            pytest.param({"certificate-authority-data": f"-{SECRET}"}, id="no base64"),
            pytest.param({"certificate-authority-data": encoded(SECRET)}, id="no certificate"),
            pytest.param({"proxy-url": f"http://u:{SECRET}@127.0.0.1:1"}, id="dead proxy"),
            pytest.param({"proxy-url": f"socks5://u:{SECRET}@127.0.0.1:1"}, id="dead SOCKS proxy"),
            pytest.param({"proxy-url": f"http://u:{SECRET}@"}, id="no proxy"),
            pytest.param({"proxy-url": f"gopher://u:{SECRET}@x"}, id="another proxy"),
            pytest.param({"server": f"https://u:{SECRET}@127.0.0.1:1"}, id="login in the server"),
            pytest.param({"server": "https://127.0.0.1:1"}, id="nobody there"),
            pytest.param({"server": f"https://{SECRET}:x@y:z"}, id="no server"),
        ],
    )
    def test_of_clusters(
        self, told: Told, secure: ApiServer, cluster: Any, more: list[str]
    ) -> None:
        assert told(secure, {"token": SECRET}, cluster, *more)

    def test_of_flags(self, told: Told, secure: ApiServer, more: list[str]) -> None:
        user = {"token": "t"}
        assert told(secure, user, None, "--token", SECRET, *more)
        assert told(secure, user, None, f"--token={SECRET}\n", *more)
        assert told(secure, user, None, "--token", SECRET, "--nope", *more)
        assert told(secure, user, None, "--token", SECRET, "--context", "nope", *more)

    def test_of_the_environment(
        self, told: Told, secure: ApiServer, monkeypatch: pytest.MonkeyPatch, more: list[str]
    ) -> None:
        user = {"token": SECRET}
        elsewhere = {"server": "https://cluster.invalid"}
        for proxy in (f"http://u:{SECRET}@127.0.0.1:{free_port()}", f"gopher://u:{SECRET}@x"):
            monkeypatch.setenv("HTTPS_PROXY", proxy)
            assert told(secure, user, elsewhere, *more)

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(f"users: [{{token: '{SECRET}", id="quote"),
            pytest.param(f"a: *{SECRET}", id="alias"),
            pytest.param(f"users:\n\t- token: {SECRET}", id="tab"),
            pytest.param(f"users: [{{name: a, user: {{token: {{a: {SECRET}}}}}}}]", id="shape"),
            pytest.param(f"!!python/object:{SECRET} {{}}", id="tag"),
        ],
    )
    def test_of_damaged_files(self, told: Told, tmp_path: Path, text: str, more: list[str]) -> None:
        path = tmp_path / "config"
        path.write_text(text)
        assert told.ended(main(["explain", "--kubeconfig", str(path), *more]))
