"""Whom kubectl itself asks with the same flags, and as whom: over the wire, to the letter."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import Home
from programs import kubectl_minor, program
from serve import Answer, ApiServer, Certificates

from kubectl_ds.errors import KubectlDsError
from kubectl_ds.kube.transport import Transport

PATH = "/readyz"  # no other request than the one asked for
OK = Answer(200, b"{}", {"Content-Type": "application/json"})
Seen = set[tuple[str, str, tuple[tuple[str, str], ...]]]

ROWS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "context": {"context": "b"},
    "unknown context": {"context": "z"},
    "cluster": {"cluster": "b"},
    "unknown cluster": {"cluster": "z"},
    "user": {"user": "b"},
    "unknown user": {"user": "z"},
    "context, cluster and user": {"context": "b", "cluster": "a", "user": "password"},
    "token": {"token": "flag"},
    "token beside a password": {"token": "flag", "user": "password"},
    "token of a user who impersonates": {"token": "flag", "user": "acting"},
    "token in place of a plugin": {"token": "flag", "user": "plugin"},
    "plugin": {"user": "plugin"},
    "plugin that fails": {"user": "failing"},
    "plugin for a certificate": {"user": "unfit"},
    "password": {"user": "password"},
    "password without a name": {"user": "nameless"},
    "nobody": {"user": "nobody"},
    "two ways to log in": {"user": "twofold"},
    "token file": {"user": "file"},
    "token file without a token": {"user": "empty"},
    "token and token file": {"user": "both"},
    "as": {"as_user": "jane"},
    "as, with more": {"as_user": "jane", "as_groups": ("g", "h"), "as_uid": "7"},
    "as, of a user who acts": {"as_user": "joe", "user": "acting"},
    "groups of a user who acts": {"as_groups": ("x",), "user": "acting"},
    "groups alone": {"as_groups": ("x",)},
    "uid alone": {"as_uid": "7"},
    "acting": {"user": "acting"},
    "acting without a name": {"user": "acting-groups"},
    "server": {"server": "SERVER-B"},
    "server with a slash": {"server": "SERVER-B/"},
    "server and an unknown cluster": {"server": "SERVER-B", "cluster": "z"},
    "authority": {"certificate_authority": "CA", "cluster": "untrusted"},
    "untrusted": {"cluster": "untrusted"},
    "skipped verification": {"insecure_skip_tls_verify": True, "cluster": "untrusted"},
    "skipped verification and an authority": {
        "insecure_skip_tls_verify": True,
        "certificate_authority": "CA",
    },
    "name of another server": {"tls_server_name": "other"},
    "name of this server": {"tls_server_name": "127.0.0.1", "cluster": "misnamed"},
    "misnamed": {"cluster": "misnamed"},
    "misnamed, by its address": {"cluster": "misnamed", "server": "SERVER-B"},
    "no encryption": {"cluster": "plain"},
    "no encryption, acting": {"cluster": "plain", "user": "acting"},
    "missing authority": {"certificate_authority": "/gone"},
    "missing certificate": {"client_certificate": "/gone", "client_key": "/gone"},
    "certificate without a key": {"client_certificate": "CA"},
}

# From which minor version on kubectl has the flag, or refuses the row.
SINCE = {
    "as, with more": 23,
    "uid alone": 23,
    "groups alone": 23,
    "acting without a name": 23,
}


class Both:
    """Two servers that show certificates and one that does not, and a kubeconfig of them."""

    def __init__(self, home: Home, servers: dict[str, ApiServer], authority: str) -> None:
        self.home = home
        self.servers = servers
        self.authority = authority
        trusted = {"certificate-authority": authority}
        a, b, plain = (servers[name].url for name in ("a", "b", "plain"))
        clusters: dict[str, Any] = {
            "a": {"server": a, **trusted},
            "b": {"server": b, **trusted},
            "untrusted": {"server": b},
            "misnamed": {"server": b, "tls-server-name": "other", **trusted},
            "plain": {"server": plain},
        }
        named = [{"name": name, "cluster": item} for name, item in clusters.items()]
        users = [{"name": name, "user": item} for name, item in self.users().items()]
        contexts = [{"name": x, "context": {"cluster": x, "user": x}} for x in ("a", "b")]
        document = {"current-context": "a", "clusters": named, "users": users}
        home.kubeconfig({"kind": "Config", **document, "contexts": contexts})

    def users(self) -> dict[str, Any]:
        acting = {"token": "t", "as": "anna", "as-groups": ["dev"], "as-user-extra": {"k": ["v"]}}
        version = "client.authentication.k8s.io/v1beta1"
        answer = f'{{"kind":"ExecCredential","apiVersion":"{version}","status":'

        def plugin(name: str, text: str) -> dict[str, Any]:
            path = Path(self.home.write(f".kube/{name}", f"#!/bin/sh\n{text}\n"))
            path.chmod(0o755)
            return {"exec": {"apiVersion": version, "command": f"./{name}"}}

        return {
            "a": {"token": "token-a"},
            "b": {"token": "token-b"},
            "nobody": {},
            "password": {"username": "jane", "password": "pw"},
            "nameless": {"password": "pw"},
            "twofold": {"token": "t", "username": "jane"},
            "file": {"tokenFile": os.path.basename(self.home.write(".kube/token", " file\n"))},
            "empty": {"tokenFile": os.path.basename(self.home.write(".kube/empty", "\n"))},
            "both": {"token": "t", "tokenFile": "token"},
            "acting": acting,
            "acting-groups": {"token": "t", "as-groups": ["dev"]},
            "plugin": plugin("login", f'echo \'{answer}{{"token":"plugged"}}}}\''),
            "failing": plugin("fail", "exit 1"),
            "unfit": plugin("unfit", f'echo \'{answer}{{"clientKeyData":"k"}}}}\''),
        }

    def flags(self, row: dict[str, Any]) -> dict[str, Any]:
        known = {"SERVER-B": self.servers["b"].url, "CA": self.authority}
        known["SERVER-B/"] = known["SERVER-B"] + "/"
        return {key: known.get(v, v) if isinstance(v, str) else v for key, v in row.items()}

    def seen(self) -> Seen:
        """What came in since the last time: which server, whose authorization, acting as whom."""
        found = set()
        for name, server in self.servers.items():
            for asked in (item for item in server.asked if item.path == PATH):
                headers = ((key.lower(), value) for key, value in asked.headers)
                acting = tuple(sorted(h for h in headers if h[0].startswith("impersonate-")))
                found.add((name, "".join(asked.header("Authorization")), acting))
            server.asked.clear()
        return found

    def kubectl(self, row: dict[str, Any]) -> Seen:
        spelled = {"as_user": "as", "as_groups": "as-group"}
        arguments = []
        for key, value in self.flags(row).items():
            flag = spelled.get(key, key.replace("_", "-"))
            values = value if isinstance(value, tuple) else (str(value).lower(),)
            if isinstance(value, str):
                values = (value,)
            arguments += [f"--{flag}={item}" for item in values]
        subprocess.run(
            [program("kubectl"), "get", "--raw", PATH, *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home.path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return self.seen()

    def ours(self, row: dict[str, Any]) -> Seen:
        try:
            with Transport(self.home.resolve(**self.flags(row))) as transport:
                transport.get(PATH)
        except KubectlDsError:
            pass
        return self.seen()


@pytest.fixture
def both(home: Home, certificates: Certificates) -> Iterator[Both]:
    tls = certificates.address
    with ApiServer([], tls) as a, ApiServer([], tls) as b, ApiServer([]) as plain:
        for server in (a, b, plain):
            server.always(PATH, OK)
        yield Both(home, {"a": a, "b": b, "plain": plain}, str(tls.certificate))


@pytest.mark.parametrize("name", ROWS)
def test_the_same_server_as_the_same_user(both: Both, name: str) -> None:
    if kubectl_minor() < SINCE.get(name, 0):
        pytest.skip(f"only kubectl 1.{SINCE[name]} does so")
    row = ROWS[name]
    assert both.ours(row) == both.kubectl(row)


def test_what_the_table_says_is_seen(both: Both) -> None:
    """So that nothing above is equal because nothing was sent."""
    assert both.kubectl({}) == {("a", "Bearer token-a", ())}
    acting = ("extra-k", "v"), ("group", "x"), ("user", "anna")
    headers = tuple((f"impersonate-{name}", value) for name, value in acting)
    row = {"user": "acting", "as_groups": ("x",), "cluster": "b"}
    assert both.ours(row) == {("b", "Bearer t", headers)}


def test_a_token_flag_beats_a_token_file(both: Both) -> None:
    """On purpose: kubectl lets the file win, and is somebody else than the flag says."""
    row = {"user": "file", "token": "flag"}
    assert both.kubectl(row) == {("a", "Bearer file", ())}
    assert both.ours(row) == {("a", "Bearer flag", ())}
