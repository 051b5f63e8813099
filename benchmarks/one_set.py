"""A fleet with one DaemonSet, whole or with gaps, in the files that ``fleet`` describes.

Nodes and pods stand there as table rows too. Where a pod is pending, pods of others take all CPU;
where one is missing, a quota refuses it; where one crashes, an event says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import fleet
import tables
from fleet import READY, Object

NAME, NAMESPACE = "agent-00", fleet.NAMESPACES[0]
OTHERS = 10  # pods of others on each node for which a pod is pending
LATER = "2026-11-20T20:00:00Z"

_BUSY = (
    "0/{0} nodes are available: 1 Insufficient cpu, {1} node(s) didn't satisfy plugin(s) "
    "[NodeAffinity]. no new claims to deallocate, preemption: 0/{0} nodes are available: 1 No "
    "preemption victims found for incoming pod, {1} Preemption is not helpful for scheduling."
)


class Gaps(NamedTuple):
    """On how many nodes the pod is pending, missing, or crashing again and again."""

    pending: int = 0
    missing: int = 0
    crashing: int = 0


def write(directory: Path, nodes: int, gaps: Gaps = Gaps()) -> None:  # noqa: B008
    """Write a fleet of so many nodes, of which some have a gap."""
    directory.mkdir(parents=True, exist_ok=True)
    there = _where(nodes, gaps)
    daemon_set = _daemon_set(nodes, gaps)
    node_list = [fleet.new_node(number) for number in range(nodes)]
    pods = [*_own(daemon_set, nodes, there), *_others(daemon_set, there)]
    kinds: dict[str, Iterable[Object]] = {
        "nodes": node_list,
        "pods": pods,
        "daemonsets": [daemon_set],
        "controllerrevisions": fleet.revisions([daemon_set]),
        "namespaces": [fleet.namespace_named(NAMESPACE)],
        "serviceaccounts": [_named("ServiceAccount", "default")],
        "resourcequotas": [_quota(nodes - gaps.missing)] if gaps.missing else [],
        "events": _events(there, nodes - gaps.missing),
    }
    index = {name: fleet.write_items(directory / name, items) for name, items in kinds.items()}
    for name, items in (("nodes", node_list), ("pods", pods)):
        rows = name + tables.ROWS
        index[rows] = fleet.write_items(directory / rows, items, tables.row)
    (directory / "index.json").write_text(json.dumps(index))


def _where(nodes: int, gaps: Gaps) -> dict[int, str]:
    """The nodes that have a gap, spread over the fleet, and which one."""
    kinds = [name for name, count in gaps._asdict().items() for _ in range(count)]
    return {number * (nodes // len(kinds)): kind for number, kind in enumerate(kinds)}


def _daemon_set(nodes: int, gaps: Gaps) -> Object:
    daemon_set = fleet.new_daemon_set(0, nodes)
    existing, available = nodes - gaps.missing, nodes - sum(gaps)
    daemon_set["status"] |= {
        "currentNumberScheduled": existing,
        "updatedNumberScheduled": existing,
        "numberReady": available,
        "numberAvailable": available,
        "numberUnavailable": sum(gaps),
    }
    return daemon_set


def _own(daemon_set: Object, nodes: int, there: Mapping[int, str]) -> Iterator[Object]:
    """The DaemonSet's pods."""
    for number in range(nodes):
        gap = there.get(number)
        if gap == "missing":
            continue
        pod = fleet.new_pod(daemon_set, number, broken=gap == "crashing")
        if gap == "pending":
            del pod["spec"]["nodeName"]
            pod["status"] = {"phase": "Pending", "conditions": [_unschedulable(nodes)]}
        elif gap == "crashing":
            pod["status"] |= {"phase": "Running", "containerStatuses": [_crashing()]}
        yield pod


def _unschedulable(nodes: int) -> Object:
    message = _BUSY.format(nodes, nodes - 1)
    base = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return {**base, "message": message, "lastProbeTime": None, "lastTransitionTime": READY}


def _crashing() -> Object:
    message = f"back-off 5m0s restarting failed container={NAME} pod={NAME}"
    ended = {"exitCode": 1, "reason": "Error", "startedAt": READY, "finishedAt": LATER}
    status = {"name": NAME, "ready": False, "restartCount": 130, "lastState": {"terminated": ended}}
    return {**status, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": message}}}


def _others(daemon_set: Object, there: Mapping[int, str]) -> Iterator[Object]:
    """Pods that take all CPU where one is pending."""
    places = [node for node, gap in there.items() if gap == "pending" for _ in range(OTHERS)]
    for number, node in enumerate(places):
        pod = fleet.other_pod(daemon_set, number, node)
        pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "700m"
        yield pod


def _quota(pods: int) -> Object:
    hard = {"pods": str(pods)}
    quota = {**_named("ResourceQuota", "pods"), "spec": {"hard": hard}}
    return {**quota, "status": {"hard": hard, "used": hard}}


def _named(kind: str, name: str) -> Object:
    metadata = fleet.new_metadata(name, NAMESPACE, {})
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _events(there: Mapping[int, str], pods: int) -> Iterator[Object]:
    """One for all that are missing, and one for each that crashes."""
    if "missing" in there.values():
        words = f"exceeded quota: pods, requested: pods=1, used: pods={pods}, limited: pods={pods}"
        message = f'Error creating: pods "{NAME}-" is forbidden: {words}'
        yield _event("DaemonSet", NAME, "FailedCreate", message)
    for number, gap in there.items():
        if gap == "crashing":
            message = f"Back-off restarting failed container {NAME} in pod {NAME}-{number:05}"
            yield _event("Pod", f"{NAME}-{number:05}", "BackOff", message)


def _event(kind: str, name: str, reason: str, message: str) -> Object:
    uid = fleet.new_metadata(name, NAMESPACE, {})["uid"]
    about = {"kind": kind, "namespace": NAMESPACE, "name": name, "uid": uid}
    event = {**_named("Event", f"{name}.18a"), "involvedObject": about, "type": "Warning"}
    times = {"firstTimestamp": LATER, "lastTimestamp": LATER, "count": 1}
    return {**event, "reason": reason, "message": message, **times}
