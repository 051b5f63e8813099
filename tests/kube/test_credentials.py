"""Rules of client-go ``plugin/pkg/client/auth/exec`` and ``transport``."""

from __future__ import annotations

import base64
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import EXEC, SECRET, Home, authorization, config, encoded

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import credentials
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.credentials import Login
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
            pytest.param({"username": "u"}, "Basic dTo=", id="no password"),
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
        for user in ({"as": "jane"}, {"password": SECRET}):
            home.kubeconfig(config("x", user=user))
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

    @pytest.mark.parametrize(
        "token", [f"{SECRET}\n", f"{SECRET}\nx: y", f"{SECRET}\x7f", f"{SECRET}ü"]
    )
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
        self.script = Path(home.write("plugin.py", text))
        arguments = [str(self.script), "get-token"]
        entry = {**EXEC, "command": sys.executable, "args": arguments, **settings}
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

    def test_may_speak_yaml(self, home: Home) -> None:
        lines = "kind: ExecCredential", f"apiVersion: {EXEC['apiVersion']}", "status: {token: t}"
        Plugin(home, f"print({chr(10).join(lines)!r})")
        assert authorization(home.resolve()) == "Bearer t"

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

    def test_can_not_be_told_of_an_authority_that_is_gone(self, home: Home) -> None:
        path = Path(home.write("ca", "pem"))
        entry = {**EXEC, "command": sys.executable, "provideClusterInfo": True}
        home.kubeconfig(
            config("x", user={"exec": entry}, cluster={"certificate-authority": str(path)})
        )
        found = home.resolve()
        path.unlink()
        with pytest.raises(ClusterError, match=r"can't read the certificate-authority .*/ca: No"):
            credentials.obtain(found)

    def test_not_one_that_only_the_working_directory_has(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Source: Go's os/exec, ErrDot."""
        Path(home.write("here/login", "#!/bin/sh\n")).chmod(0o755)
        monkeypatch.chdir(home.path / "here")
        monkeypatch.setenv("PATH", ".")
        home.kubeconfig(config("x", user={"exec": EXEC}))
        with pytest.raises(ClusterError, match='"login" was found in the working directory alone'):
            credentials.obtain(home.resolve())

    def test_not_one_that_the_user_does_not_let_kubectl_run(self, home: Home) -> None:
        plugin = Plugin(home, _printed({"token": "t"}))
        kuberc = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"
        home.write(".kube/kuberc", f"{kuberc}credentialPluginPolicy: DenyAll\n")
        with pytest.raises(ClusterError, match="is not allowed by the credentialPluginPolicy"):
            credentials.obtain(home.resolve())
        assert not plugin.seen.exists()

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


def _counting(home: Home, status: str) -> str:
    """A plugin's answer with a token of its own each time; ``status`` is more of it, in JSON."""
    count = home.write("count", "0")
    return f"""n = int(open("{count}").read()) + 1
open("{count}", "w").write(str(n))
print('{{"kind": "ExecCredential", "apiVersion": "{EXEC["apiVersion"]}",'
      '"status": {{"token": "t%d"{status}}}}}' % n)"""


def _expiring(when: str) -> str:
    return f', "expirationTimestamp": "{when}"'


class TestLogin:
    """Rules of exec.go, getCreds and maybeRefreshCreds, and token_source.go."""

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            pytest.param("", "t1 t1", id="never expires"),
            pytest.param(_expiring("2100-01-01T00:00:00Z"), "t1 t1", id="not yet"),
            pytest.param(_expiring("2020-01-01T02:00:00+02:00"), "t1 t2", id="expired"),
            pytest.param(', "expirationTimestamp": null', "t1 t1", id="null"),
        ],
    )
    def test_a_plugin_runs_again_where_its_answer_expired(
        self, home: Home, status: str, expected: str
    ) -> None:
        Plugin(home, _counting(home, status))
        login = Login(home.resolve())
        shown = [login.current().authorization for _ in range(2)]
        assert " ".join(shown) == " ".join(f"Bearer {token}" for token in expected.split())

    @pytest.mark.parametrize("when", ["tomorrow", "2100-01-01T00:00:00", "4102444800"])
    def test_an_odd_moment_is_refused(self, home: Home, when: str) -> None:
        Plugin(home, _counting(home, _expiring(when)))
        with pytest.raises(ClusterError, match="printed no credentials"):
            Login(home.resolve()).current()

    def test_a_plugin_runs_again_after_a_401(self, home: Home) -> None:
        Plugin(home, _counting(home, ""))
        login = Login(home.resolve())
        first = login.current()
        second = login.renewed(first)
        assert second is not None
        assert second.authorization == "Bearer t2"
        assert login.renewed(first) == second, "the first ones are not those in use any more"
        assert login.current() == second

    def test_threads_share_one_run(self, home: Home) -> None:
        Plugin(home, _counting(home, ""))
        login = Login(home.resolve())
        with ThreadPoolExecutor(4) as threads:
            shown = list(threads.map(lambda _: login.current(), range(4)))
            anew = list(threads.map(login.renewed, shown))
        assert {item.authorization for item in shown} == {"Bearer t1"}
        assert {item.authorization for item in anew if item} == {"Bearer t2"}

    def test_the_same_again_is_nothing_new(self, home: Home) -> None:
        Plugin(home, _printed({"token": "t"}))
        login = Login(home.resolve())
        assert login.renewed(login.current()) is None

    def test_a_failure_to_renew_is_an_error(self, home: Home) -> None:
        plugin = Plugin(home, _counting(home, ""))
        login = Login(home.resolve())
        shown = login.current()
        plugin.script.write_text("raise SystemExit(1)")
        with pytest.raises(ClusterError, match="failed with exit code 1"):
            login.renewed(shown)

    def test_threads_share_one_failure(self, home: Home) -> None:
        """Of many that watch, each would have the user log in again."""
        plugin = Plugin(home, _counting(home, ""))
        clock = [0.0]
        login = Login(home.resolve(), now=lambda: clock[0])
        shown = login.current()
        counting, failing = plugin.script.read_text(), "raise SystemExit(1)"
        plugin.script.write_text(f"{counting}\n{failing}")
        with ThreadPoolExecutor(4) as threads:
            tries = [threads.submit(login.renewed, shown) for _ in range(4)]
        assert {str(each.exception()) for each in tries} == {str(tries[0].exception())}
        assert "failed with exit code 1" in str(tries[0].exception())
        plugin.script.write_text(counting)
        clock[0] = 60.0
        renewed = login.renewed(shown)
        assert renewed is not None
        assert renewed.authorization == "Bearer t3", "the second failed, and there were no others"

    @pytest.mark.parametrize(
        "user",
        [
            pytest.param({"token": "t"}, id="token"),
            pytest.param({"username": "u", "password": "p"}, id="password"),
            pytest.param({"token": "t", "exec": EXEC}, id="a token before the plugin"),
        ],
    )
    def test_what_is_written_down_can_not_be_renewed(
        self, home: Home, user: dict[str, Any]
    ) -> None:
        home.kubeconfig(config("x", user=user))
        login = Login(home.resolve())
        assert login.renewed(login.current()) is None

    @pytest.mark.parametrize(
        ("later", "expected"),
        [pytest.param(45, "Bearer one", id="kept"), pytest.param(55, "Bearer two", id="read anew")],
    )
    def test_a_token_file_is_read_each_minute(
        self, home: Home, later: float, expected: str
    ) -> None:
        home.kubeconfig(config("x", user={"tokenFile": home.write("token", "one")}))
        login = Login(home.resolve(), now=lambda: time.time() + later)
        assert login.current().authorization == "Bearer one"
        home.write("token", "two\n")
        assert login.current().authorization == expected

    @pytest.mark.parametrize("token", ["", "t"])
    def test_a_token_file_that_is_gone_counts_as_it_was(self, home: Home, token: str) -> None:
        path = home.write("token", "one")
        home.kubeconfig(config("x", user={"tokenFile": path, "token": token}))
        login = Login(home.resolve(), now=lambda: time.time() + 55)
        shown = login.current()
        Path(path).unlink()
        assert login.current() == shown
        assert login.renewed(shown) is None

    def test_a_token_file_is_read_after_a_401(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"tokenFile": home.write("token", "one")}))
        login = Login(home.resolve())
        shown = login.current()
        assert login.renewed(shown) is None
        home.write("token", "two")
        anew = login.renewed(shown)
        assert anew is not None
        assert anew.authorization == "Bearer two"


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
