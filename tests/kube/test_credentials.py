"""Rules of client-go ``plugin/pkg/client/auth/exec`` and ``transport``."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pytest
from kubeconfigs import EXEC, SECRET, Home, authorization, config, encoded

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import credentials
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.kubeconfig import Flags


class TestCredentials:
    @pytest.mark.parametrize(
        ("user", "expected"),
        [
            pytest.param({"token": "t"}, "Bearer t", id="token"),
            pytest.param({"tokenFile": "file"}, "Bearer from-file", id="tokenFile, trimmed"),
            pytest.param({"token": "t", "tokenFile": "file"}, "Bearer from-file", id="both"),
            pytest.param({"token": "t", "tokenFile": "gone"}, "Bearer t", id="file unreadable"),
            pytest.param({"token": "t", "exec": EXEC}, "Bearer t", id="token before plugin"),
            pytest.param(
                {"username": "u", "password": "p:ü"},
                "Basic " + base64.b64encode("u:p:ü".encode()).decode(),
                id="password",
            ),
        ],
    )
    def testauthorization(self, home: Home, user: dict[str, Any], expected: str) -> None:
        home.write(".kube/file", "  from-file\n\n")
        home.kubeconfig(config("x", user=user))
        assert authorization(home.resolve()) == expected

    def test_nobody_is_anonymous(self, home: Home) -> None:
        """Source: client_config.go: where nothing identifies the user, kubectl prompts."""
        home.kubeconfig(config("x", user={"as": "jane"}))
        with pytest.raises(ClusterError, match='the user "x" has no token, certificate or'):
            authorization(home.resolve())
        with pytest.raises(ClusterError, match="no user to be for https://y; use --user"):
            authorization(Connection(server="https://y"))

    def test_none_without_tls(self, home: Home) -> None:
        """As kubectl: "only try to read the auth information if we are secure"."""
        home.kubeconfig(config("x", user={"token": SECRET}, cluster={"server": "http://x"}))
        assert authorization(home.resolve()) == ""

    @pytest.mark.parametrize(
        ("name", "content"), [("gone", ""), ("fi\0le", ""), ("file", ""), ("file", " \n")]
    )
    def test_a_token_file_without_a_token(self, home: Home, name: str, content: str) -> None:
        home.write(".kube/file", content)
        home.kubeconfig(config("x", user={"tokenFile": name}))
        with pytest.raises(ClusterError, match=r'the token file .* of the user "x" is empty or'):
            authorization(home.resolve())

    @pytest.mark.parametrize("token", [f"{SECRET}\nx: y", f"{SECRET}\x7f", f"{SECRET}ü"])
    def test_a_token_that_no_header_can_hold(self, home: Home, token: str) -> None:
        home.kubeconfig(config("x", user={"token": token}))
        with pytest.raises(ClusterError, match="odd character") as caught:
            authorization(home.resolve())
        assert SECRET not in str(caught.value)

    def test_base64_may_be_wrapped(self, home: Home) -> None:
        data = base64.encodebytes(b"c" * 100).decode()
        user = {"client-certificate-data": data, "client-key-data": data}
        home.kubeconfig(config("x", user=user))
        shown = credentials.obtain(home.resolve())
        assert (shown.certificate, shown.key) == (b"c" * 100, b"c" * 100)


PLUGIN = """
import json, os, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
json.dump({"info": info, "argv": sys.argv[1:], "own": os.environ.get("OWN")}, open("SEEN", "w"))
print("note", file=sys.stderr)
ANSWER
"""


class Plugin:
    """A credential plugin in Python."""

    def __init__(self, home: Home, answer: str, **settings: Any) -> None:
        self.seen = home.path / "seen"
        text = PLUGIN.replace("SEEN", str(self.seen)).replace("ANSWER", answer)
        script = home.write("plugin.py", text)
        entry = {**EXEC, "command": sys.executable, "args": [script, "get-token"], **settings}
        home.kubeconfig(
            config(
                "x",
                user={"exec": entry},
                cluster={
                    "certificate-authority-data": encoded("pem"),
                    "extensions": [
                        {"name": "client.authentication.k8s.io/exec", "extension": {"a": 1}},
                        {"name": "other", "extension": {"b": 2}},
                    ],
                },
            )
        )


def _printed(status: dict[str, Any] | None, version: str = EXEC["apiVersion"]) -> str:
    document = {"kind": "ExecCredential", "apiVersion": version, "status": status}
    return f"print({json.dumps(json.dumps(document))})"


class TestPlugin:
    def test_gives_a_token(self, home: Home, capfd: pytest.CaptureFixture[str]) -> None:
        plugin = Plugin(home, _printed({"token": SECRET}), env=[{"name": "OWN", "value": "set"}])
        assert authorization(home.resolve()) == f"Bearer {SECRET}"
        seen = json.loads(plugin.seen.read_text())
        assert (seen["argv"], seen["own"]) == (["get-token"], "set")
        assert seen["info"] == {
            "kind": "ExecCredential",
            "apiVersion": EXEC["apiVersion"],
            "spec": {"interactive": False},
        }
        assert capfd.readouterr() == ("", "note\n")

    def test_gives_a_certificate_and_a_token(self, home: Home) -> None:
        pair = {"clientCertificateData": "CRT", "clientKeyData": "KEY"}
        Plugin(home, _printed({"token": "t", **pair}))
        shown = credentials.obtain(home.resolve())
        assert (shown.authorization, shown.certificate, shown.key) == ("Bearer t", b"CRT", b"KEY")

    def test_may_be_told_of_the_cluster(self, home: Home) -> None:
        plugin = Plugin(home, _printed({"token": "t"}), provideClusterInfo=True)
        credentials.obtain(home.resolve(tls_server_name="other"))
        assert json.loads(plugin.seen.read_text())["info"]["spec"]["cluster"] == {
            "server": "https://x.example",
            "tls-server-name": "other",
            "certificate-authority-data": encoded("pem"),
            "config": {"a": 1},
        }

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            pytest.param("sys.exit(3)", "failed with exit code 3; run: acme login", id="exit"),
            pytest.param("print('{')", "printed no credentials", id="no JSON"),
            pytest.param("pass", "printed no credentials", id="nothing"),
            pytest.param(_printed(None), "gave no token and no certificate", id="no status"),
            pytest.param(_printed({"token": ""}), "gave no token", id="empty token"),
            pytest.param(_printed({"clientKeyData": SECRET}), "only a key", id="half a pair"),
            pytest.param(_printed({"token": f"{SECRET}\n"}), "odd character", id="odd token"),
            pytest.param(_printed({"token": "t"}, "v9"), "did not answer in", id="version"),
        ],
    )
    def test_never_goes_on_without(self, home: Home, answer: str, message: str) -> None:
        Plugin(home, answer, installHint="run:\n  acme login\x1b")
        with pytest.raises(ClusterError, match=message) as caught:
            credentials.obtain(home.resolve())
        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            pytest.param(
                {"command": "no-such-plugin"}, '"no-such-plugin" is not installed; run:', id="gone"
            ),
            pytest.param({"command": "/etc"}, '"/etc" is not installed', id="no program"),
            pytest.param({"interactiveMode": "Always"}, "needs a terminal", id="no terminal"),
        ],
    )
    def test_that_can_not_run(self, home: Home, settings: dict[str, Any], message: str) -> None:
        Plugin(home, _printed({"token": "t"}), installHint="run: acme login", **settings)
        with pytest.raises(ClusterError, match=message):
            credentials.obtain(home.resolve())


class TestSecrets:
    def test_no_repr_shows_one(self, home: Home) -> None:
        user = {"username": "u", "password": SECRET, "client-key-data": encoded(SECRET)}
        home.kubeconfig(config("x", user=user, cluster={"proxy-url": f"http://u:{SECRET}@p"}))
        found = home.resolve()
        flags = Flags(token=SECRET)
        for value in (found, found.user, found.cluster, flags, credentials.obtain(found)):
            assert SECRET not in repr(value) + str(value)
            assert encoded(SECRET) not in repr(value)
        assert "https://x.example" in repr(found)
