"""Nodes and pods as the rows of a table, in which an API server gives them to ``kubectl get``.

Source of the columns: Kubernetes ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from typing import Any

ROWS = ".rows"  # after a resource's name: its objects as rows

Object = dict[str, Any]

_COLUMNS = {
    "nodes": {"Name": 0, "Status": 0, "Roles": 0, "Age": 0, "Version": 0, "Internal-IP": 1}
    | {"External-IP": 1, "OS-Image": 1, "Kernel-Version": 1, "Container-Runtime": 1},
    "pods": {"Name": 0, "Ready": 0, "Status": 0, "Restarts": 0, "Age": 0, "IP": 1, "Node": 1}
    | {"Nominated Node": 1, "Readiness Gates": 1},
}


def has(resource: str) -> bool:
    return resource in _COLUMNS


def columns(resource: str) -> list[Object]:
    return [
        {"name": name, "type": "string", "format": "", "description": name, "priority": priority}
        for name, priority in _COLUMNS[resource].items()
    ]


def row(item: Object) -> Object:
    """The row of a node or a pod; an object in a row has metadata and nothing else."""
    cells = _node_cells(item) if item["kind"] == "Node" else _pod_cells(item)
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {"cells": cells, "object": {**partial, "metadata": item["metadata"]}}


def _node_cells(node: Object) -> list[str]:
    ready = node["status"]["conditions"][-1]["status"] == "True"
    shown = [node["metadata"]["name"], "Ready" if ready else "NotReady", "<none>", "31h", "v1.36.1"]
    return [*shown, "10.0.0.1", "<none>", "Linux", "6.12.0", "containerd://2.1.0"]


def _pod_cells(pod: Object) -> list[str]:
    containers = pod["status"].get("containerStatuses", ())
    ready = sum(item["ready"] for item in containers)
    restarts = str(sum(item["restartCount"] for item in containers))
    shown = [pod["metadata"]["name"], f"{ready}/1", pod["status"]["phase"], restarts, "31h"]
    return [*shown, "10.1.0.1", pod["spec"].get("nodeName", "<none>"), "<none>", "<none>"]
