"""A synthetic fleet: nodes of about 15 kB and daemon pods of about 8 kB, written as items to serve.

Each kind is one file of JSON objects with commas between them, so that any run of them can be
sent as a page without being put together again; ``index.json`` says where each object ends.
One pod in a hundred is unready, one DaemonSet is halfway through a rollout, one leaves out a
tainted pool, one is for a single zone, and a few nodes are not ready. Pods of no DaemonSet fill up
what is lacking to one pod for each node and DaemonSet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

CREATED = "2026-11-20T08:00:00Z"
READY = "2026-11-20T08:01:00Z"
NODE_BYTES = 15_000
POD_BYTES = 8_000
ZONES = ("eu-1a", "eu-1b", "eu-1c")
POOLS = ("general", "general", "general", "general", "memory", "memory", "spot", "gpu")
NAMESPACES = ("kube-system", "logging", "monitoring", "security", "storage", "network")

Object = dict[str, Any]
Shown = Callable[[Object], Object]


def write(directory: Path, nodes: int, daemon_sets: int) -> None:
    """Write a fleet of so many nodes and DaemonSets into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    sets = [new_daemon_set(number, nodes) for number in range(daemon_sets)]
    index = {
        "nodes": write_items(directory / "nodes", _nodes(nodes)),
        "pods": write_items(directory / "pods", _pods(sets, nodes)),
        "daemonsets": write_items(directory / "daemonsets", sets),
        "controllerrevisions": write_items(directory / "controllerrevisions", revisions(sets)),
        "namespaces": write_items(directory / "namespaces", map(namespace_named, NAMESPACES)),
    }
    (directory / "index.json").write_text(json.dumps(index))


def write_items(path: Path, items: Iterable[Object], shown: Shown = dict) -> list[Any]:
    """Write objects, in the shape that is given.

    Returns for each namespace, name, ``app`` label, where it ends, and its node or, of an event,
    the object that it is about.
    """
    entries, end = [], 0
    with path.open("wb") as file:
        for item in items:
            body = json.dumps(shown(item), separators=(",", ":")).encode()
            file.write(body + b",")
            end += len(body) + 1
            meta = item["metadata"]
            app = meta.get("labels", {}).get("app", "")
            about = item.get("involvedObject", {}).get("name", "")
            node = item.get("spec", {}).get("nodeName", about)
            entries.append([meta.get("namespace", ""), meta["name"], app, end, node])
    return entries


def new_metadata(name: str, namespace: str, labels: Object, **more: Any) -> Object:
    uid = f"00000000-0000-4000-8000-{crc32(f'{namespace}/{name}'.encode()):012}"
    named = {"namespace": namespace} if namespace else {}
    base = {"name": name, **named, "uid": uid, "resourceVersion": "4711"}
    return {**base, "creationTimestamp": CREATED, "labels": labels, **more}


def _managed(bulk: int) -> list[Object]:
    """Field ownership, which nobody reads and which is a good part of every object."""
    fields = {f"f:field-{number:03}": {"f:type": {}, "f:status": {}} for number in range(bulk)}
    entry = {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": READY}
    return [{**entry, "fieldsType": "FieldsV1", "fieldsV1": {"f:status": fields}}]


def _padded(item: Object, size: int) -> Object:
    lacking = size - len(json.dumps(item, separators=(",", ":")))
    item["metadata"]["managedFields"] = _managed(max(lacking, 0) // 47)
    return item


def _nodes(nodes: int) -> Iterator[Object]:
    return (new_node(number, ready=number % 500 != 499) for number in range(nodes))


def new_node(number: int, ready: bool = True) -> Object:
    pool = POOLS[number % len(POOLS)]
    name = f"node-{number:04}"
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "arm64" if pool == "spot" else "amd64",
        "topology.kubernetes.io/zone": ZONES[number % len(ZONES)],
        "topology.kubernetes.io/region": "eu-1",
        "node.kubernetes.io/instance-type": f"{pool}.2xlarge",
        "eks.amazonaws.com/nodegroup": pool,
    }
    taints = [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}] if pool == "gpu" else []
    images = [
        {"names": [f"images.example.com/team/app-{n}@sha256:{n:064x}"], "sizeBytes": 10**8 + n}
        for n in range(50)
    ]
    status = {
        "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"},
        "allocatable": {"cpu": "7", "memory": "30Gi", "pods": "110", "ephemeral-storage": "90Gi"},
        "conditions": _node_conditions(ready),
        "images": images,
    }
    document = {"apiVersion": "v1", "kind": "Node", "metadata": new_metadata(name, "", labels)}
    return _padded({**document, "spec": {"taints": taints}, "status": status}, NODE_BYTES)


def _node_conditions(ready: bool) -> list[Object]:
    times = {"lastHeartbeatTime": READY, "lastTransitionTime": READY}
    calm = [
        {"type": kind, "status": "False", "reason": f"KubeletHasNo{kind}", "message": "", **times}
        for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")
    ]
    state = ("True", "KubeletReady") if ready else ("False", "KubeletNotReady")
    last = {"type": "Ready", "status": state[0], "reason": state[1], "message": "kubelet", **times}
    return [*calm, last]


def new_daemon_set(number: int, nodes: int) -> Object:
    """All but one tolerate every taint; one is for a single zone."""
    name = f"agent-{number:02}"
    spec: Object = {"containers": [_container(name)]}
    if number != 4:
        spec["tolerations"] = [{"operator": "Exists"}]
    if number == 9:
        spec["nodeSelector"] = {"topology.kubernetes.io/zone": ZONES[0]}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    metadata = new_metadata(name, NAMESPACES[number % len(NAMESPACES)], {"app": name}, generation=3)
    metadata["annotations"] = {"deprecated.daemonset.template.generation": "3"}
    daemon_set = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata}
    selector = {"matchLabels": {"app": name}}
    daemon_set["spec"] = {"selector": selector, "template": template, "updateStrategy": strategy}
    desired = sum(_wanted(daemon_set, node) for node in range(nodes))
    ready = desired - sum(_broken(number, n) for n in range(nodes) if _wanted(daemon_set, n))
    old = sum(_outdated(number, node) for node in range(nodes) if _wanted(daemon_set, node))
    daemon_set["status"] = {
        "currentNumberScheduled": desired,
        "desiredNumberScheduled": desired,
        "numberAvailable": ready,
        "numberUnavailable": desired - ready,
        "numberMisscheduled": 0,
        "numberReady": ready,
        "observedGeneration": 3,
        "updatedNumberScheduled": desired - old,
    }
    return daemon_set


def _wanted(daemon_set: Object, node: int) -> bool:
    spec = daemon_set["spec"]["template"]["spec"]
    if POOLS[node % len(POOLS)] == "gpu" and "tolerations" not in spec:
        return False
    return "nodeSelector" not in spec or node % len(ZONES) == 0


def _broken(daemon_set: int, node: int) -> bool:
    """Two DaemonSets in three are all well; of the others, three pods in a hundred are not."""
    return node % 500 == 499 or (daemon_set % 3 == 1 and (node + daemon_set) % 33 == 0)


def _outdated(daemon_set: int, node: int) -> bool:
    return daemon_set == 2 and node % 2 == 1


def _pods(sets: list[Object], nodes: int) -> Iterator[Object]:
    for number, daemon_set in enumerate(sets):
        for node in range(nodes):
            if _wanted(daemon_set, node):
                yield new_pod(daemon_set, node, _outdated(number, node), _broken(number, node))
    lacking = sum(not _wanted(item, node) for item in sets for node in range(nodes))
    yield from (other_pod(sets[0], number, number % nodes) for number in range(lacking))


def new_pod(daemon_set: Object, node: int, old: bool = False, broken: bool = False) -> Object:
    name, namespace = daemon_set["metadata"]["name"], daemon_set["metadata"]["namespace"]
    labels = {
        "app": name,
        "controller-revision-hash": "5d4c8b7f66" if old else "6f8b9c7d55",
        "pod-template-generation": "2" if old else "3",
    }
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": name, "controller": True}
    owner |= {"uid": daemon_set["metadata"]["uid"], "blockOwnerDeletion": True}
    metadata = new_metadata(f"{name}-{node:05}", namespace, labels, ownerReferences=[owner])
    spec = {
        "nodeName": f"node-{node:04}",
        "affinity": {"nodeAffinity": _aimed(f"node-{node:04}")},
        "containers": [_container(name)],
        "schedulerName": "default-scheduler",
        "tolerations": _tolerations(),
        "volumes": [{"name": f"host-{n}", "hostPath": {"path": f"/var/{n}"}} for n in range(12)],
    }
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    return _padded({**document, "status": _pod_status(name, broken)}, POD_BYTES)


def other_pod(daemon_set: Object, number: int, node: int) -> Object:
    """A pod of some application, which no DaemonSet owns."""
    pod = new_pod(daemon_set, node, broken=_broken(0, node))
    pod["metadata"] |= {"name": f"app-{number:05}", "namespace": "apps", "labels": {"app": "app"}}
    del pod["metadata"]["ownerReferences"]
    return pod


def _aimed(node: str) -> Object:
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    return {"requiredDuringSchedulingIgnoredDuringExecution": terms}


def _tolerations() -> list[Object]:
    effects = {
        "not-ready": "NoExecute",
        "unreachable": "NoExecute",
        "disk-pressure": "NoSchedule",
        "memory-pressure": "NoSchedule",
        "pid-pressure": "NoSchedule",
        "unschedulable": "NoSchedule",
    }
    return [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
        for key, effect in effects.items()
    ]


def _container(name: str) -> Object:
    mounts = [{"name": f"host-{n}", "mountPath": f"/host/{n}"} for n in range(12)]
    env = [{"name": f"SETTING_{n}", "value": f"value of setting {n}"} for n in range(15)]
    resources = {"requests": {"cpu": "50m", "memory": "64Mi"}}
    image = f"images.example.com/agents/{name}:v3"
    base = {"name": name, "image": image, "resources": resources}
    return {**base, "volumeMounts": mounts, "env": env}


def _pod_status(name: str, broken: bool) -> Object:
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    failing = ("Ready", "ContainersReady") if broken else ()
    conditions = [
        {
            "type": kind,
            "status": "False" if kind in failing else "True",
            "lastProbeTime": None,
            "lastTransitionTime": READY,
        }
        for kind in kinds
    ]
    message = f'Back-off pulling image "images.example.com/agents/{name}:v3"'
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    state = waiting if broken else {"running": {"startedAt": READY}}
    container = {"name": name, "ready": not broken, "restartCount": 0, "state": state}
    container |= {"image": f"images.example.com/agents/{name}:v3", "lastState": {}}
    base = {"phase": "Pending" if broken else "Running", "startTime": CREATED}
    return {**base, "conditions": conditions, "containerStatuses": [container]}


def revisions(sets: list[Object]) -> Iterator[Object]:
    for daemon_set in sets:
        meta = daemon_set["metadata"]
        owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": meta["name"]}
        owner |= {"uid": meta["uid"], "controller": True}
        template = {**daemon_set["spec"]["template"], "$patch": "replace"}
        labels = {"app": meta["name"], "controller-revision-hash": "6f8b9c7d55"}
        name = f"{meta['name']}-6f8b9c7d55"
        metadata = new_metadata(name, meta["namespace"], labels, ownerReferences=[owner])
        document = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata}
        yield {**document, "revision": 3, "data": {"spec": {"template": template}}}


def namespace_named(name: str) -> Object:
    document = {"apiVersion": "v1", "kind": "Namespace", "metadata": new_metadata(name, "", {})}
    return {**document, "status": {"phase": "Active"}}
