"""Kubeconfigs as kubectl itself reads them: ``kubectl config view --raw --minify --flatten``.

What it printed is in ``tests/data/config_view``; UPDATE_CONFIG_VIEWS=1 writes it anew, with the
kubectl on PATH, to be read before a commit. What kubectl refuses is ``null`` there.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from kubeconfigs import Home
from programs import kubectl_minor, program

from kubectl_ds.errors import KubectlDsError
from kubectl_ds.kube.connection import Connection

VIEWS = Path(__file__).parent.parent / "data" / "config_view"

ONE = """\
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: one, cluster: {server: "https://one.example"}}]
users: [{name: one, user: {token: t1}}]
contexts: [{name: one, context: {cluster: one, user: one, namespace: apps}}]
"""
TWO = ONE.replace("one", "two").replace("t1", "t2").replace("apps", "logs")
BOTH = """\
current-context: one
clusters:
- {name: one, cluster: {server: "https://one.example"}}
- {name: two, cluster: {server: "https://two.example"}}
users:
- {name: one, user: {token: t1}}
- {name: two, user: {token: t2}}
contexts:
- {name: one, context: {cluster: one, user: one}}
- {name: two, context: {cluster: two, user: two, namespace: logs}}
- {name: mixed, context: {cluster: one, user: two}}
- {name: no-cluster, context: {cluster: gone, user: one}}
- {name: no-user, context: {cluster: one, user: gone}}
"""


def with_cluster(more: str) -> str:
    return ONE.replace('server: "https://one.example"', f'server: "https://one.example", {more}')


def with_user(fields: str) -> str:
    return ONE.replace("token: t1", fields)


def named(name: str) -> str:
    """A kubeconfig in which a name stands as it is written."""
    return ONE.replace("one,", f"{name},").replace("context: one", f"context: {name}")


class Case(NamedTuple):
    """A configuration.

    Attributes:
        files: kubeconfigs and what they name, by their paths in the home directory; of those
            whose name starts with ``config`` KUBECONFIG is made, in order.
        listed: KUBECONFIG instead, for paths in the home directory.
        context: the flag.
        since: the minor version of kubectl from which on it reads it so.
    """

    files: dict[str, str | bytes]
    listed: str | None = None
    context: str | None = None
    since: int = 0


PEM = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"
DATA = base64.b64encode(PEM.encode()).decode()
JSON = """{
\t"current-context": "one",
\t"clusters": [{"name": "one", "cluster": {"server": "https://one.example"}}],
\t"users": [{"name": "one", "user": {"token": "t1"}}],
\t"contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}]
}"""
EXEC = "apiVersion: client.authentication.k8s.io/v1beta1, command: {command}"

CASES = {
    "one-file": Case({"config": ONE}),
    "home": Case({".kube/config": ONE}, listed=""),
    "first-current-context-wins": Case({"config1": ONE, "config2": TWO}),
    "empty-current-context": Case(
        {"config1": ONE.replace("current-context: one", 'current-context: ""'), "config2": TWO}
    ),
    "null-current-context": Case(
        {"config1": ONE.replace("current-context: one", "current-context: ~"), "config2": TWO}
    ),
    "current-context-of-another-file": Case(
        {"config1": "current-context: two", "config2": ONE, "config3": TWO}
    ),
    "three-files-for-one-context": Case(
        {
            "config1": "current-context: one\n" + re.findall("clusters.*\n", ONE)[0],
            "config2": re.findall("users.*\n", ONE)[0],
            "config3": re.findall("contexts.*\n", ONE)[0],
        }
    ),
    "first-entry-wins-whole": Case(
        {
            "config1": ONE,
            "config2": with_cluster("tls-server-name: other").replace("t1", "t2, as: jane"),
        }
    ),
    "entries-of-second-file": Case({"config1": ONE, "config2": TWO}, context="two"),
    "empty-file": Case({"config1": "", "config2": ONE}),
    "comment-only": Case({"config1": "# nothing\n", "config2": ONE}),
    "empty-document": Case({"config1": "---\n", "config2": ONE}),
    "missing-file": Case({"config": ONE}, listed="gone:config"),
    "empty-and-repeated-entries": Case({"config": ONE}, listed=":config::config:"),
    "all-missing": Case({}, listed="gone1:gone2"),
    "damaged-second-file": Case({"config1": ONE, "config2": "clusters: {"}),
    "context-flag": Case({"config": BOTH}, context="two"),
    "mixed-context": Case({"config": BOTH}, context="mixed"),
    "unknown-context": Case({"config": BOTH}, context="three"),
    "dangling-cluster": Case({"config": BOTH}, context="no-cluster"),
    "dangling-user": Case({"config": BOTH}, context="no-user"),
    "no-current-context": Case({"config": BOTH.replace("current-context: one\n", "")}),
    "ca-file": Case({"config": with_cluster("certificate-authority: pki/ca.crt"), "pki/ca.crt": PEM}),
    "ca-data": Case({"config": with_cluster(f"certificate-authority-data: {DATA}")}),
    "ca-data-wrapped": Case(
        {"config": with_cluster(f'certificate-authority-data: "{DATA[:20]}\\n{DATA[20:]}"')}
    ),
    "ca-data-damaged": Case({"config": with_cluster("certificate-authority-data: 'Y Q=='")}),
    "ca-of-a-file-elsewhere": Case(
        {
            "deep/config": with_cluster("certificate-authority: ../pki/./ca.crt"),
            "pki/ca.crt": PEM,
        },
        listed="deep/config",
    ),
    "insecure": Case({"config": with_cluster("insecure-skip-tls-verify: true")}),
    "insecure-yes": Case({"config": with_cluster("insecure-skip-tls-verify: yes")}),
    "insecure-text": Case({"config": with_cluster('insecure-skip-tls-verify: "true"')}),
    "tls-server-name": Case({"config": with_cluster("tls-server-name: api.internal")}),
    "proxy-url": Case({"config": with_cluster('proxy-url: "socks5://proxy:1080"')}),
    "disable-compression": Case({"config": with_cluster("disable-compression: true")}, since=26),
    "extensions": Case(
        {"config": with_cluster("extensions: [{name: e, extension: {a: 1, b: [x]}}]")}
    ),
    "unknown-fields": Case({"config": with_cluster("colour: red") + "more: {a: 1}\n"}),
    "client-certificate-files": Case(
        {
            "deep/config": with_user("client-certificate: c.crt, client-key: keys/c.key"),
            "deep/c.crt": "CRT",
            "deep/keys/c.key": "KEY",
        },
        listed="deep/config",
    ),
    "client-certificate-data": Case(
        {"config": with_user("client-certificate-data: Q1JU, client-key-data: S0VZ")}
    ),
    "token-file": Case({"deep/config": with_user("tokenFile: token")}, listed="deep/config"),
    "token-and-token-file": Case({"config": with_user("token: t1, tokenFile: /t")}),
    "password": Case({"config": with_user("username: joe, password: secret")}),
    "impersonation": Case(
        {
            "config": with_user(
                "token: t, as: jane, as-groups: [a, b], as-user-extra: {scope: [a, b]}"
            )
        }
    ),
    "impersonated-uid": Case({"config": with_user("token: t, as: jane, as-uid: '42'")}, since=23),
    "exec": Case(
        {
            "config": with_user(
                f"exec: {{{EXEC.format(command='login')}, args: [a], env: [{{name: A, value: b}}], "
                "installHint: get it, provideClusterInfo: true, interactiveMode: Never}"
            )
        },
        since=22,
    ),
    "exec-relative-command": Case(
        {"deep/config": with_user(f"exec: {{{EXEC.format(command='./bin/login')}}}")},
        listed="deep/config",
        since=22,
    ),
    "exec-bare-command": Case(
        {"config": with_user(f"exec: {{{EXEC.format(command='login')}}}")}, since=22
    ),
    "namespace-default": Case({"config": ONE.replace("apps", "default")}),
    "namespace-empty": Case({"config": ONE.replace("namespace: apps", 'namespace: ""')}),
    "namespace-null": Case({"config": ONE.replace("namespace: apps", "namespace: null")}),
    "json-with-tabs": Case({"config": JSON}),
    "crlf": Case({"config": ONE.replace("\n", "\r\n")}),
    "byte-order-mark": Case({"config": "\ufeff" + ONE}),
    "tab-indentation": Case({"config": ONE + "preferences:\n\tcolors: true\n"}),
    "several-documents": Case({"config": ONE + "---\nkind: Pod\ncurrent-context: two\n"}),
    "anchors": Case(
        {
            "config": ONE.replace("{server:", "&cluster {server:")
            + "more: &more {namespace: merged}\n"
            + "x: [*cluster]\n"
        }
    ),
    "merge-before": Case(
        {"config": "m: &m {namespace: merged}\n" + ONE.replace("cluster: one, u", "<<: *m, cluster: one, u")}
    ),
    "merge-after": Case(
        {"config": "m: &m {namespace: merged}\n" + ONE.replace("namespace: apps", "namespace: apps, <<: *m")}
    ),
    "repeated-key": Case({"config": ONE + "current-context: gone\ncurrent-context: one\n"}),
    "date-as-name": Case({"config": named("2026-01-01")}),
    "base-60-as-name": Case({"config": named("1:30")}),
    "number-as-name": Case({"config": named("12")}),
    "underscored-number-as-name": Case({"config": named("1_2")}),
    "exponent-as-name": Case({"config": named("1e3")}),
    "truth-as-name": Case({"config": named("y")}),
    "no-as-name": Case({"config": named("no")}),
    "quoted-number-as-name": Case({"config": named("'12'")}),
    "number-as-token": Case({"config": with_user("token: 1234")}),
    "equals-sign": Case({"config": with_user("token: =")}),
    "null-lists": Case({"config1": "clusters: null\nusers:\ncontexts: ~\n", "config2": ONE}),
    "mapping-for-a-list": Case({"config1": ONE, "config2": "clusters: {}"}),
    "duplicate-cluster": Case({"config": ONE.replace("clusters: [", "clusters: [{name: one}, ")}),
    "duplicate-user": Case({"config": ONE.replace("users: [", "users: [{name: one}, ")}),
    "unlisted-entry-damaged": Case({"config": ONE.replace("users: [", "users: [{name: x, user: {token: [1]}}, ")}),
    "another-kind": Case({"config": ONE.replace("kind: Config", "kind: Pod")}),
    "another-version": Case({"config": ONE.replace("apiVersion: v1", "apiVersion: v2")}),
    "kind-left-out": Case({"config": ONE.replace("kind: Config\n", "")}),
    "oidc": Case({"config": with_user(
        "auth-provider: {name: oidc, config: {idp-issuer-url: 'https://i', client-id: k, "
        "id-token: a.b.c, refresh-token: r}}")}),
}  # fmt: skip


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> tuple[str, Case]:
    name: str = request.param
    return name, CASES[name]


def environ(case: Case, home: Home) -> dict[str, str]:
    """Write a case's files; the environment that leads to them."""
    for name, content in case.files.items():
        path = Path(home.write(name, ""))
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    own = [name for name in case.files if name.startswith("config")]
    listed = own if case.listed is None else case.listed.split(":")
    paths = [str(home.path / name) if name else "" for name in listed]
    return {"KUBECONFIG": os.pathsep.join(paths)}


def kubectl_view(case: Case, home: Home) -> Any:
    """What kubectl prints, with the home directory as ``/home``; None where it refuses."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(home.path), **environ(case, home)}
    command = [program("kubectl"), "config", "view", "--raw", "--minify", "--flatten", "-o", "json"]
    command += ["--context", case.context] if case.context else []
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    view = json.loads(done.stdout.replace(str(home.path), "/home"))
    view.pop("preferences", None)  # only older versions print them where there are none
    return view


def golden(name: str) -> Any:
    return json.loads((VIEWS / f"{name}.json").read_text(encoding="utf-8"))


def entry(view: Any, kind: str) -> Any:
    """What the one entry of a kind says, less what is empty."""
    found = ((view.get(f"{kind}s") or [{}])[0].get(kind)) or {}
    return {key: value for key, value in found.items() if value}


def own_cluster(connection: Connection) -> dict[str, Any]:
    cluster = filled(connection.cluster)
    return inlined(cluster, "certificate-authority") | {"server": connection.server}


def own_user(connection: Connection) -> dict[str, Any]:
    user = inlined(inlined(filled(connection.user), "client-certificate"), "client-key")
    if "exec" in user:
        user["exec"] = {"interactiveMode": "IfAvailable"} | user["exec"]
    user.get("auth-provider", {}).pop("kubeconfig", None)
    return user


def filled(value: Any) -> Any:
    """A value as JSON has it, less what is not there."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if not isinstance(value, dict):
        return value
    return {key: filled(item) for key, item in value.items() if item not in (None, ())}


def inlined(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """A file's content instead of its path; the same base64 however it was wrapped."""
    path, data = entry.pop(name, None), entry.get(f"{name}-data", "")
    content = Path(path).read_bytes() if path else base64.b64decode(data)
    return entry | ({f"{name}-data": base64.b64encode(content).decode()} if content else {})


def expected_user(view: Any, case: Case) -> dict[str, Any]:
    """The user as kubectl uses it; what it prints of these two paths is as they are written."""
    user = entry(view, "user")
    base = f"/home/{os.path.dirname(case.listed or '')}"
    if "tokenFile" in user:
        user["tokenFile"] = os.path.join(base, user["tokenFile"])
    if "exec" in user:
        user["exec"] = {k: v for k, v in user["exec"].items() if v not in (None, False)}
        if "/" in user["exec"]["command"]:
            user["exec"]["command"] = os.path.normpath(f"{base}/{user['exec']['command']}")
    return user


def test_resolve_agrees_with_kubectl(case: tuple[str, Case], home: Home) -> None:
    name, settings = case
    view, variables = golden(name), environ(settings, home)
    if view is None:
        with pytest.raises(KubectlDsError):
            home.resolve(variables, context=settings.context)
        return
    found = home.resolve(variables, context=settings.context)
    assert found.context == view["current-context"]
    own = json.loads(
        json.dumps([own_cluster(found), own_user(found)]).replace(str(home.path), "/home")
    )
    assert own == [entry(view, "cluster"), expected_user(view, settings)]
    assert found.namespace == entry(view, "context").get("namespace", "default")
    assert found.proxy == entry(view, "cluster").get("proxy-url", "")


def test_kubectl_still_says_so(case: tuple[str, Case], home: Home) -> None:
    name, settings = case
    path = VIEWS / f"{name}.json"
    if os.environ.get("UPDATE_CONFIG_VIEWS"):
        path.write_text(json.dumps(kubectl_view(settings, home), indent=1) + "\n", encoding="utf-8")
    if kubectl_minor() < settings.since:
        pytest.skip(f"only kubectl 1.{settings.since} reads it so")
    assert kubectl_view(settings, home) == golden(name)


def test_there_is_no_golden_without_a_case() -> None:
    assert {path.stem for path in VIEWS.glob("*.json")} == set(CASES)
