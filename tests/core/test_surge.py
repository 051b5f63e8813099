"""Whether a new pod can ever stand beside the old one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition, decoder
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod, PodSpec
from tests.core.make import (
    LABELS,
    OLD_HASH,
    cluster,
    daemon_set,
    node,
    pod,
    revision,
    rolling_update,
)

REVISIONS = revision(1, OLD_HASH), revision(2)
SURGING = daemon_set(strategy=rolling_update(0, 1))
TWO_CPUS = {"cpu": "2", "memory": "8Gi", "pods": "110"}


def spec(bound: bool, **fields: Any) -> PodSpec:
    terms = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}]
    aim = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    affinity = {"nodeAffinity": aim, **fields.pop("affinity", {})}
    document = {"affinity": affinity, "nodeName": "a" if bound else "", **fields}
    made: PodSpec = decoder(PodSpec).decode(msgspec.json.encode(document))
    return made


def container(cpu: str = "0", port: int = 0) -> dict[str, Any]:
    ports = [{"containerPort": port, "hostPort": port, "protocol": "TCP"}] if port else []
    return {"name": "agent", "resources": {"requests": {"cpu": cpu}}, "ports": ports}


def apart() -> dict[str, Any]:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": LABELS}}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def waiting(text: str, **fields: Any) -> Pod:
    message = f"0/1 nodes are available: 1 {text}."
    told = Condition(type="PodScheduled", status="False", reason="Unschedulable", message=message)
    return pod("new", "a", bound=False, spec=spec(bound=False, **fields), conditions=(told,))


def old(**fields: Any) -> Pod:
    return pod("old", "a", hash=OLD_HASH, spec=spec(bound=True, **fields))


def stranger(**fields: Any) -> Pod:
    body = spec(bound=True, **fields)
    return pod("other", "a", owner=None, labels={"app": "x"}, namespace="shop", spec=body)


def host(**more: Any) -> Node:
    return node("a", labels={"kubernetes.io/hostname": "a"}, **more)


PORT = "node(s) didn't have free ports for the requested pod ports"
CPU = "Insufficient cpu"
APART = "node(s) didn't match pod anti-affinity rules"
# update.go (rollingUpdate): the old pod is deleted only once the new one is available.
CASES = [
    pytest.param(
        host(), [old(containers=[container(port=80)]), waiting(PORT, containers=[container(port=80)])],
        "HostPortConflict", True, id="the old pod holds the port",
    ),
    pytest.param(
        host(),
        [
            old(containers=[container()]),
            stranger(containers=[container(port=80)]),
            waiting(PORT, containers=[container(port=80)]),
        ],
        "HostPortConflict", False, id="somebody else holds it",
    ),
    pytest.param(
        host(allocatable=TWO_CPUS),
        [
            old(containers=[container("1500m")]),
            waiting(CPU, containers=[container("1500m")]),
        ],
        "InsufficientCPU", True, id="both do not fit even an empty node",
    ),
    pytest.param(
        host(allocatable=TWO_CPUS),
        [
            old(containers=[container("500m")]),
            stranger(containers=[container("1200m")]),
            waiting(CPU, containers=[container("500m")]),
        ],
        "InsufficientCPU", False, id="both would fit, were it not for another pod",
    ),
    pytest.param(
        host(allocatable=TWO_CPUS),
        [old(containers=[container("100m")]), waiting(CPU, containers=[container("3")])],
        "InsufficientCPU", False, id="the new one alone is too big: not for the old one's sake",
    ),
    pytest.param(
        host(), [old(affinity=apart()), waiting(APART, affinity=apart())],
        "PodAntiAffinity", True, id="they keep apart from each other",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("on", "pods", "code", "never"), CASES)
def test_whether_the_old_pod_is_in_the_way(
    on: Node, pods: list[Pod], code: str, never: bool
) -> None:
    whole = cluster([SURGING], [on], pods, revisions=REVISIONS)
    (verdict,) = explain(whole, SURGING).nodes
    (reason,) = verdict.reasons
    facts: Any = reason.facts
    assert (reason.code, facts.code, facts.never) == ("SurgePodPending", code, never)
    assert facts.evidence is not None
