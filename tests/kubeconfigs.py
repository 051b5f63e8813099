"""Kubeconfigs for tests, in a home directory of their own."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kubectl_ds.kube import credentials
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.kubeconfig import Flags, resolve

SECRET = "s3cr3t-t0k3n"
EXEC = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "login"}


def config(
    *names: str,
    current: str | None = None,
    user: dict[str, Any] | None = None,
    cluster: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A kubeconfig in which context, cluster and user of each name go together."""
    return {
        "current-context": names[0] if current is None else current,
        "clusters": [
            {"name": n, "cluster": {"server": f"https://{n}.example", **(cluster or {})}}
            for n in names
        ],
        "users": [{"name": n, "user": user or {}} for n in names],
        "contexts": [
            {"name": n, "context": {"cluster": n, "user": n, **(context or {})}} for n in names
        ],
    }


class Home:
    """A home directory with kubeconfigs in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: dict[str, Any] | str) -> str:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def kubeconfig(self, content: dict[str, Any] | str) -> None:
        self.write(".kube/config", content)

    def environ(self, *paths: str) -> dict[str, str]:
        return {"KUBECONFIG": os.pathsep.join(paths)}

    def resolve(self, environ: dict[str, str] | None = None, **flags: Any) -> Connection:
        return resolve(Flags(**flags), environ or {}, self.path, self.path / "serviceaccount")

    def pod(self, **environ: str) -> dict[str, str]:
        """The environment of a pod with a service account."""
        self.write("serviceaccount/token", f"{SECRET}\n")
        self.write("serviceaccount/ca.crt", "")
        self.write("serviceaccount/namespace", "monitoring\n")
        return {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", **environ}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home directory without a kubeconfig."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBERC", raising=False)
    return Home(tmp_path)


def encoded(text: str) -> str:
    """The text in base64."""
    return base64.b64encode(text.encode()).decode()


def authorization(connection: Connection) -> str:
    """The header that a connection's user shows."""
    return credentials.obtain(connection).authorization
