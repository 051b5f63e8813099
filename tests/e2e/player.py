"""A player of kubelets: what runs on the suite's own nodes is what the image's tag says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tests.e2e.disposable import Api, Object

_BEATS = 8.0  # seconds; Kubernetes gives a node up after 40 or 50


def stamp() -> str:
    """Now, as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Player(threading.Thread):
    """Runs the pods that are bound to nodes of its own, and ends those that are deleted.

    Attributes:
        nodes: the nodes whose kubelets it plays; one that is left out is silent.
        held: nodes on which no deletion is finished.
    """

    def __init__(self, api: Api) -> None:
        super().__init__(daemon=True)
        self._api = api
        self._played: dict[str, str] = {}
        self._beaten = 0.0
        self._over = threading.Event()
        self.nodes: set[str] = set()
        self.held: set[str] = set()

    def run(self) -> None:
        while not self._over.wait(0.3):
            self._beat()
            for pod in self._api("GET", "/api/v1/pods")["items"]:
                if pod["spec"].get("nodeName") in self.nodes:
                    self._play(pod)

    def stop(self) -> None:
        """End, and wait for it."""
        self._over.set()
        self.join()

    def _beat(self) -> None:
        """Renew the leases by which Kubernetes knows that kubelets live."""
        if time.monotonic() - self._beaten < _BEATS:
            return
        self._beaten = time.monotonic()
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        for node in sorted(self.nodes):
            spec = {"holderIdentity": node, "leaseDurationSeconds": 40, "renewTime": moment}
            lease: Object = {"spec": spec}
            if self._api("PATCH", f"{leases}/{node}", lease, may_fail=True) is None:
                named = {"metadata": {"name": node, "namespace": "kube-node-lease"}, **lease}
                head = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
                self._api("POST", leases, {**head, **named}, may_fail=True)

    def _play(self, pod: Object) -> None:
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if metadata.get("deletionTimestamp"):
            if pod["spec"]["nodeName"] not in self.held:
                options = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0}
                self._api("DELETE", path, options, may_fail=True)
            return
        tag = pod["spec"]["containers"][0]["image"].rpartition(":")[2]
        if self._played.get(metadata["uid"]) != tag:
            self._played[metadata["uid"]] = tag
            status = _status(pod, tag)
            self._api("PATCH", f"{path}/status", {"status": status}, may_fail=True)


def _status(pod: Object, tag: str) -> Object:
    if tag in _FAILED:
        return {"phase": "Failed", "startTime": stamp(), **_FAILED[tag]}
    phase, state = _STATES.get(tag, _STATES["ok"])
    ready = tag not in _STATES or tag == "ok"
    statuses = [{**_container(item, ready), **state()} for item in pod["spec"]["containers"]]
    return {
        "phase": phase,
        "startTime": stamp(),
        "conditions": _conditions(ready),
        "containerStatuses": statuses,
    }


def _container(container: Object, ready: bool) -> Object:
    common = {"name": container["name"], "image": container["image"], "imageID": ""}
    return {**common, "ready": ready, "started": ready, "restartCount": 0, "lastState": {}}


def _conditions(ready: bool) -> list[Object]:
    states = {"Initialized": True, "Ready": ready, "ContainersReady": ready, "PodScheduled": True}
    return [
        {"type": kind, "status": str(state), "lastTransitionTime": stamp()}
        for kind, state in states.items()
    ]


def _running() -> Object:
    return {"state": {"running": {"startedAt": stamp()}}}


def _waiting(reason: str, message: str = "") -> Callable[[], Object]:
    return lambda: {"state": {"waiting": {"reason": reason, "message": message}}}


def _looping(code: int, reason: str) -> Callable[[], Object]:
    def state() -> Object:
        ended: dict[str, Any] = {"exitCode": code, "reason": reason}
        times = {"startedAt": stamp(), "finishedAt": stamp()}
        last = {"lastState": {"terminated": {**ended, **times}}, "restartCount": 7}
        return {
            **_waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container")(),
            **last,
        }

    return state


_STATES: dict[str, tuple[str, Callable[[], Object]]] = {
    "ok": ("Running", _running),
    "notready": ("Running", _running),
    "crash": ("Running", _looping(1, "Error")),
    "oom": ("Running", _looping(137, "OOMKilled")),
    "missing": ("Pending", _waiting("ImagePullBackOff", "Back-off pulling image: not found")),
    "config": ("Pending", _waiting("CreateContainerConfigError", 'configmap "x" not found')),
    "creating": ("Pending", _waiting("ContainerCreating")),
}
_FAILED: dict[str, Object] = {
    "reject": {
        "reason": "OutOfcpu",
        "message": "Pod was rejected: Node didn't have enough resource: cpu, requested: 100, "
        "used: 4000, capacity: 4000",
    },
    "evicted": {"reason": "Evicted", "message": "The node was low on resource: memory. "},
}
