"""Several clusters in one kubeconfig, each served over real HTTP."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from commands import Ended, Run
from serve import Object

from kubectl_ds.main import main

GKE = "gke_my-project-123_europe-west1_prod-a"
EKS = "arn:aws:eks:eu-central-1:123456789012:cluster/prod"


def kubeconfig(path: Path, servers: Mapping[str, str], **contexts: Any) -> str:
    """Write a kubeconfig with a context, a cluster and a user for each server.

    Args:
        path: where to write it.
        servers: URLs by the name of the context; the first is the current one.
        contexts: of some of them what else the context says.
    """
    document = {
        "current-context": next(iter(servers)),
        "clusters": [{"name": x, "cluster": {"server": url}} for x, url in servers.items()],
        "users": [{"name": name, "user": {"token": f"of-{name}"}} for name in servers],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, **contexts.get(name, {})}}
            for name in servers
        ],
    }
    path.write_text(json.dumps(document))
    return str(path)


class Several(Run):
    """Runs one of the commands on several clusters.

    Attributes:
        servers: the URLs by context.
        contexts: what else some of the contexts say.
    """

    def __init__(
        self, command: str, capsys: pytest.CaptureFixture[str], path: Path, **servers: str
    ) -> None:
        super().__init__(command, capsys)
        self.path = path
        self.servers: dict[str, str] = servers
        self.contexts: dict[str, Any] = {}

    def all(self, *arguments: str) -> Ended:
        """The command with each of the contexts, in their order."""
        flags = [flag for name in self.servers for flag in ("--context", name)]
        return self(*arguments, *flags)

    def __call__(self, *arguments: str) -> Ended:
        config = kubeconfig(self.path, self.servers, **self.contexts)
        code = main([self.command, *arguments, "--kubeconfig", config])
        return Ended(code, *self.capsys.readouterr())

    def documents(self, *arguments: str) -> Any:
        """What ``-o json`` prints for all of the contexts."""
        return json.loads(self.all(*arguments, "-o", "json").out)


def complete(objects: list[Object]) -> list[Object]:
    """The same, with a copy of a pod on each node that has none."""
    found = copy.deepcopy(objects)
    pods = [item for item in found if item["kind"] == "Pod"]
    taken = {item["spec"]["nodeName"] for item in pods}
    nodes = [item["metadata"]["name"] for item in found if item["kind"] == "Node"]
    for node in nodes:
        if node not in taken:
            pod = copy.deepcopy(pods[0])
            pod["metadata"] |= {"name": f"fluentd-{node}", "uid": f"uid-{node}"}
            pod["spec"]["nodeName"] = node
            found.append(pod)
    return found


def without(objects: list[Object], kind: str) -> list[Object]:
    """The same without the objects of a kind."""
    return [item for item in objects if item["kind"] != kind]
