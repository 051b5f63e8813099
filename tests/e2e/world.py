"""One situation in a disposable cluster: a namespace, nodes of its own, and what happens there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from tests.e2e.disposable import Api, Object
from tests.e2e.player import Player, stamp

_PATIENCE = 90.0  # seconds until what is expected must be there
_APPS = "apis/apps/v1"


class World:
    """Sets up a situation, waits for Kubernetes to act, and asks the program about it.

    Attributes:
        name: the namespace, which also begins the names of nodes and marks them as a label.
    """

    def __init__(self, api: Api, player: Player, kubeconfig: str, name: str) -> None:
        self.name = name
        self._api, self._player, self._kubeconfig = api, player, kubeconfig
        self._nodes: list[str] = []
        self._extra: list[str] = []

    # Setting up

    def namespace(self, **labels: str) -> None:
        """Create the namespace, and wait for its default ServiceAccount."""
        named = {key.replace("__", "/").replace("_", "-"): value for key, value in labels.items()}
        self.make("api/v1", "Namespace", "namespaces", self.name, {}, {"labels": named})
        account = f"/api/v1/namespaces/{self.name}/serviceaccounts/default"
        self.until(lambda: self._api("GET", account, may_fail=True) is not None)

    def node(
        self,
        name: str = "a",
        *,
        ready: str = "True",
        taints: tuple[str, ...] = (),
        labels: dict[str, str] | None = None,
        cordoned: bool = False,
        **allocatable: str,
    ) -> str:
        """Create a node, and play its kubelet where it is ready; gives its whole name."""
        full = f"{self.name}-{name}"
        marks = {"kubernetes.io/hostname": full, "scene": self.name, **(labels or {})}
        spec: Object = {"unschedulable": cordoned, "taints": [_taint(text) for text in taints]}
        self.make("api/v1", "Node", "nodes", full, {"spec": spec}, {"labels": marks})
        self._nodes.append(full)
        self._player.nodes.add(full)
        room = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
        room |= {key.replace("__", "/"): value for key, value in allocatable.items()}
        status = {"allocatable": room, "capacity": room, "conditions": [_ready(ready)]}
        self._api("PATCH", f"/api/v1/nodes/{full}/status", {"status": status})
        if ready != "True":  # pods are created there until the controllers have heard of its taints
            self.until(lambda: self._is_tainted(full))
            time.sleep(1)
        return full

    def _is_tainted(self, node: str) -> bool:
        taints = self._api("GET", f"/api/v1/nodes/{node}")["spec"].get("taints", ())
        keys = {f"node.kubernetes.io/{name}" for name in ("not-ready", "unreachable")}
        return any(taint["key"] in keys and taint["effect"] == "NoExecute" for taint in taints)

    def daemon_set(self, image: str = "ok", *, name: str = "agent", **fields: Any) -> None:
        """Create a DaemonSet for the world's nodes.

        Args:
            image: the tag by which the player knows what becomes of its container.
            name: its name.
            fields: ``container`` and ``pod`` add to the container and the pod's spec, ``selector``
                replaces the node selector, all others are fields of the DaemonSet's spec.
        """
        spec = self._spec(image, name, dict(fields))
        path = f"{_APPS}/namespaces/{self.name}"
        self.make(path, "DaemonSet", "daemonsets", name, {"spec": spec})

    def _spec(self, image: str, name: str, fields: dict[str, Any]) -> Object:
        container = {"name": "agent", "image": f"agent:{image}", **fields.pop("container", {})}
        selector = fields.pop("selector", {"scene": self.name})
        pod = {"containers": [container], "nodeSelector": selector, **fields.pop("pod", {})}
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": pod}
        return {"selector": {"matchLabels": labels}, "template": template, **fields}

    def pod(self, name: str, node: str, *, pod: Object | None = None, **container: Any) -> None:
        """Create a pod that is bound to a node from the start."""
        main = {"name": "app", "image": "app:ok", **container}
        spec = {"nodeName": node, "containers": [main], **(pod or {})}
        self.make(f"api/v1/namespaces/{self.name}", "Pod", "pods", name, {"spec": spec})

    def make(
        self,
        path: str,
        kind: str,
        resource: str,
        name: str,
        content: Object,
        metadata: Object | None = None,
    ) -> None:
        """Create an object; one outside the namespace is deleted at the end."""
        group, _, rest = path.partition("/namespaces/")
        version = "v1" if group == "api/v1" else group.removeprefix("apis/")
        head = {"apiVersion": version, "kind": kind}
        document = {**head, "metadata": {"name": name, **(metadata or {})}, **content}
        self._api("POST", f"/{path}/{resource}", document)
        if not rest and kind != "Namespace":
            self._extra.append(f"/{path}/{resource}/{name}")

    def patch(self, path: str, content: Object) -> None:
        """Change an object by a merge patch."""
        self._api("PATCH", f"/{path}", content)

    def patch_daemon_set(self, spec: Object, name: str = "agent") -> None:
        """Change the spec of a DaemonSet."""
        self.patch(f"{_APPS}/namespaces/{self.name}/daemonsets/{name}", {"spec": spec})

    def image(self, tag: str, name: str = "agent") -> None:
        """Change the image, which begins a rollout."""
        path = f"/{_APPS}/namespaces/{self.name}/daemonsets/{name}"
        containers = self._api("GET", path)["spec"]["template"]["spec"]["containers"]
        changed = [{**item, "image": f"agent:{tag}"} for item in containers]
        self.patch_daemon_set({"template": {"spec": {"containers": changed}}}, name)

    def pods(self) -> list[Object]:
        """The pods of the namespace."""
        items: list[Object] = self._api("GET", f"/api/v1/namespaces/{self.name}/pods")["items"]
        return items

    def delete_pod_on(self, node: str) -> None:
        """Ask for a pod to be deleted, with its grace period of 30 s."""
        pod = next(x["metadata"]["name"] for x in self.pods() if x["spec"].get("nodeName") == node)
        self._api("DELETE", f"/api/v1/namespaces/{self.name}/pods/{pod}")

    def hold(self, node: str) -> None:
        """Let the node's kubelet finish no deletion."""
        self._player.held.add(node)

    # Asking

    def explain(self, name: str = "agent", *more: str) -> Object:
        """What the program says of a DaemonSet."""
        command = self.command(name, *more)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        document: Object = json.loads(done.stdout)
        return document

    def command(self, name: str, *more: str) -> list[str]:
        """The command line that explains a DaemonSet as JSON."""
        command = [sys.executable, "-m", "kubectl_ds", "explain", name, "-n", self.name]
        return [*command, "-o", "json", "--kubeconfig", self._kubeconfig, *more]

    def verdicts(self, name: str = "agent") -> dict[str, tuple[str, ...]]:
        """For each node of this world, by its short name: the state, then all codes."""
        return {
            item["node"].removeprefix(f"{self.name}-"): (
                item["state"],
                *(reason["code"] for reason in item["reasons"]),
            )
            for item in self.explain(name)["nodes"]
            if item["node"].startswith(f"{self.name}-")
        }

    def expect(self, wanted: dict[str, tuple[str, ...]], name: str = "agent") -> None:
        """Wait until the nodes are in these states, with these codes first; fail if they do not."""
        found: dict[str, tuple[str, ...]] = {}

        def agrees() -> bool:
            nonlocal found
            found = self.verdicts(name)
            return found.keys() == wanted.keys() and all(
                found[node][: len(codes)] == codes for node, codes in wanted.items()
            )

        self.until(agrees, lambda: f"found {found}, wanted {wanted}")

    def until(self, holds: Any, tell: Any = lambda: "it did not come to be") -> None:
        """Wait until something holds."""
        end = time.monotonic() + _PATIENCE
        while not holds():
            assert time.monotonic() < end, tell()
            time.sleep(0.5)

    def settle(self, name: str = "agent", *, available: int) -> None:
        """Wait until so many nodes have an available pod."""
        path = f"/{_APPS}/namespaces/{self.name}/daemonsets/{name}"
        self.until(lambda: self._api("GET", path)["status"].get("numberAvailable", 0) == available)

    # Clearing away

    def clear(self) -> None:
        """Delete all that was made; finalizers of pods go first."""
        path = f"/{_APPS}/namespaces/{self.name}/daemonsets"
        self._api("DELETE", path, may_fail=True)
        self._player.held.difference_update(self._nodes)
        for pod in self.pods():
            name = f"/api/v1/namespaces/{self.name}/pods/{pod['metadata']['name']}"
            if pod["metadata"].get("finalizers"):
                self._api("PATCH", name, {"metadata": {"finalizers": None}}, may_fail=True)
            options = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0}
            self._api("DELETE", name, options, may_fail=True)
        for extra in self._extra:
            self._api("DELETE", extra, may_fail=True)
        for node in self._nodes:
            self._player.nodes.discard(node)
            lease = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{node}"
            self._api("DELETE", lease, may_fail=True)
        self._api("DELETE", f"/api/v1/namespaces/{self.name}", may_fail=True)


def _taint(text: str) -> Object:
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return {"key": key, "value": value, "effect": effect}


def _ready(status: str) -> Object:
    reasons = {"True": "KubeletReady", "False": "KubeletNotReady"}
    times = {"lastHeartbeatTime": stamp(), "lastTransitionTime": stamp()}
    reason = reasons.get(status, "NodeStatusUnknown")
    return {"type": "Ready", "status": status, "reason": reason, "message": "played", **times}
