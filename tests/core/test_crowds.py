"""Pods that are plainly up: which they are, who shares a crowd, and that no rule misses anything."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import msgspec
import pytest
from recorded import NAMES, RECORDED, cluster
from saved_objects import timeless

from kubectl_ds.core.crowds import Gathering, Sketch, gathered, settled
from kubectl_ds.core.meta import Condition, condition, decoder
from kubectl_ds.core.ownership import claims, seniority, target_node
from kubectl_ds.core.pods import (
    Affinity,
    ContainerState,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
    WeightedPodAffinityTerm,
)
from kubectl_ds.core.rollout.revision import HASH_LABEL
from kubectl_ds.core.running.availability import is_available, ready_since
from kubectl_ds.core.running.unready import container_reasons
from tests.core.make import HASH, LABELS, NOW, OLD_HASH, OTHER_UID, ago, pod


def ready(status: str) -> Condition:
    return Condition(type="Ready", status=status)


def contained(status: str) -> Condition:
    return Condition(type="ContainersReady", status=status)


CONTAINED = contained("True")
SCHEDULED = Condition(type="PodScheduled", status="True")


def up(name: str = "agent-a", target: str = "a", **more: Any) -> Pod:
    """A pod that is plainly up."""
    return pod(name, target, **{"conditions": (CONTAINED, SCHEDULED), **more})


def showing(*conditions: Condition) -> Pod:
    """The same with these conditions and no others."""
    status = msgspec.structs.replace(up().status, conditions=conditions or None)
    return msgspec.structs.replace(up(), status=status)


RESTARTED = ContainerStatus(
    name="agent",
    ready=True,
    restart_count=9,
    last_state=ContainerState(terminated=ContainerStateTerminated(reason="OOMKilled")),
)

APART = Affinity(pod_anti_affinity=PodAffinity(required=(PodAffinityTerm(topology_key="zone"),)))
PREFERS = Affinity(pod_anti_affinity=PodAffinity(preferred=(WeightedPodAffinityTerm(),)))

UP = [
    pytest.param(up(), id="bound, running, ready"),
    pytest.param(showing(ready("True"), CONTAINED), id="no more than that"),
    pytest.param(up(ready_for=0), id="ready since just now"),
    pytest.param(up(ready_for=None), id="nobody knows since when"),
    pytest.param(up(hash=OLD_HASH), id="of an older revision"),
    pytest.param(up(owner=None), id="without an owner"),
    pytest.param(up(conditions=(CONTAINED,)), id="without PodScheduled"),
    pytest.param(up(container_statuses=(RESTARTED,)), id="ready again after restarts"),
    pytest.param(up(finalizers=("example.com/wait",)), id="with a finalizer"),
    pytest.param(up(spec=PodSpec(node_name="a", affinity=PREFERS)), id="would rather be alone"),
]
# One thing each that is otherwise than in a pod that is up.
WHOLE = [
    pytest.param(up(phase="Pending", ready=True), id="phase Pending"),
    pytest.param(up(phase="Unknown", ready=True), id="phase Unknown"),
    pytest.param(up(phase="Failed", ready=True), id="phase Failed"),
    pytest.param(up(phase="Succeeded", ready=True), id="phase Succeeded"),
    pytest.param(up(phase="Running", ready=True, bound=False), id="not bound"),
    pytest.param(up(spec=PodSpec()), id="names no node at all"),
    pytest.param(up(deleting=True), id="being deleted"),
    pytest.param(up(deleted=ago(600)), id="its deletion overdue"),
    pytest.param(showing(ready("False"), CONTAINED), id="Ready is False"),
    pytest.param(showing(ready("Unknown"), CONTAINED), id="Ready is Unknown"),
    pytest.param(showing(CONTAINED, SCHEDULED), id="no Ready"),
    pytest.param(showing(ready("True"), contained("False")), id="ContainersReady is False"),
    pytest.param(showing(ready("True"), contained("Unknown")), id="ContainersReady is Unknown"),
    pytest.param(showing(ready("True"), SCHEDULED), id="no ContainersReady"),
    pytest.param(showing(), id="no conditions"),
    pytest.param(up(spec=PodSpec(node_name="a", affinity=APART)), id="keeps others away"),
]


@pytest.mark.parametrize("given", UP)
def test_plainly_up(given: Pod) -> None:
    crowds, others = gathered([given])
    assert [len(crowd.members) for crowd in crowds] == [1]
    assert others == ()


@pytest.mark.parametrize("given", WHOLE)
def test_what_is_not_plainly_up_is_kept_whole(given: Pod) -> None:
    assert gathered([given]) == ((), (given,))


# Who shares a crowd: pods that differ in nothing but what a member has.
PAIRS = [
    pytest.param(up("q", "b", ready_for=9, created=NOW), True, id="name, node and times"),
    pytest.param(up("q", labels=LABELS | {"x": "y"}), False, id="a label more"),
    pytest.param(up("q", hash=OLD_HASH), False, id="another revision"),
    pytest.param(up("q", owner=OTHER_UID), False, id="another owner"),
    pytest.param(up("q", owner=None), False, id="no owner"),
    pytest.param(up("q", namespace="else"), False, id="another namespace"),
    pytest.param(up("q", conditions=(CONTAINED,)), False, id="no PodScheduled"),
    pytest.param(
        up("q", spec=PodSpec(node_name="a", scheduler_name="mine")), False, id="scheduler"
    ),
]


@pytest.mark.parametrize(("other", "shared"), PAIRS)
def test_who_shares_a_crowd(other: Pod, shared: bool) -> None:
    """Whatever order they come in."""
    for pods in ([up("p"), other, up("r")], [other, up("p"), up("r")], [up("p"), up("r"), other]):
        sizes = sorted(len(crowd.members) for crowd in gathered(pods).crowds)
        assert sizes == ([3] if shared else [1, 2])


def names(gathering: Gathering) -> tuple[list[str], list[str]]:
    """Those of the pods in crowds, and of the others."""
    crowds, others = gathering.gathered()
    members = [member.name for crowd in crowds for member in crowd.members]
    return sorted(members), sorted(item.name for item in others)


def having(*pods: Pod) -> Gathering:
    gathering = Gathering()
    for item in pods:
        gathering.add(item)
    return gathering


MERGED = [
    pytest.param([up("p")], [up("q")], ["p", "q"], [], id="two pods of a crowd"),
    pytest.param([up("p")], [up("q", hash=OLD_HASH)], ["p", "q"], [], id="of two crowds"),
    pytest.param([up("p")], [up("p")], ["p"], [], id="the same pod"),
    pytest.param([up("p")], [up("p", namespace="else")], ["p", "p"], [], id="namesakes"),
    pytest.param([pod("p")], [pod("p")], [], ["p"], id="the same pod, whole"),
    pytest.param([up("p")], [up("p", deleting=True)], [], ["p"], id="up, then deleted"),
    pytest.param([pod("p", ready=False)], [up("p")], [], ["p"], id="not ready, then up"),
    pytest.param(
        [up("p")], [up("p", deleting=True, namespace="else")], ["p"], ["p"],
        id="a namesake that is deleted",
    ),
    pytest.param(
        [up("p")], [up("p", labels=LABELS | {"x": "y"})], ["p"], [], id="labelled in between"
    ),
    pytest.param([], [up("p"), pod("q")], ["p"], ["q"], id="nothing before"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "members", "others"), MERGED)
def test_a_pod_of_two_lists_counts_once(
    left: list[Pod], right: list[Pod], members: list[str], others: list[str]
) -> None:
    gathering = having(*left)
    gathering.merge(having(*right))
    assert names(gathering) == (members, others)


# What arrives, on recorded pods.


@cache
def documents() -> list[bytes]:
    """Every recorded pod."""
    found = (msgspec.json.decode((RECORDED / f"{name}.json").read_bytes()) for name in NAMES)
    pods = (item for listed in found for item in listed["items"] if item["kind"] == "Pod")
    return [msgspec.json.encode(item) for item in pods]


def test_there_are_pods_of_either_kind() -> None:
    crowds, others = gathered(item for name in NAMES for item in cluster(name).pods)
    assert len(documents()) >= 500
    assert len(crowds) >= 50
    assert len(others) >= 100


def test_a_sketch_is_the_whole_pod() -> None:
    for document in documents():
        whole: Pod = decoder(Pod).decode(document)
        assert decoder(Sketch).decode(document).whole() == timeless(whole)


def test_sketches_are_sorted_as_pods_are() -> None:
    for document in documents():
        sketched, whole = Gathering(), Gathering()
        sketched.add(decoder(Sketch).decode(document))
        whole.add(decoder(Pod).decode(document))
        assert sketched.gathered().crowds == whole.gathered().crowds


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        pytest.param({}, {"containerStatuses": [{"ready": "yes"}]}, id="a container's status"),
        pytest.param({"labels": {"app": 1}}, {}, id="a label"),
        pytest.param({"ownerReferences": [{}]}, {}, id="an owner"),
    ],
)
def test_a_part_of_a_wrong_shape_is_told_when_it_is_decoded(
    meta: dict[str, Any], status: dict[str, Any]
) -> None:
    document = {"metadata": {"name": "p", **meta}, "status": status}
    sketch = decoder(Sketch).decode(msgspec.json.encode(document))
    with pytest.raises(msgspec.ValidationError):
        sketch.whole()


def up_as_read(**meta: Any) -> bytes:
    """A pod that is plainly up, as it arrives."""
    conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
    document = {
        "metadata": {"name": "p", **meta},
        "spec": {"nodeName": "a"},
        "status": {"phase": "Running", "conditions": conditions},
    }
    return msgspec.json.encode(document)


@pytest.mark.parametrize("part", [{"labels": {"app": 1}}, {"ownerReferences": [{}]}], ids=str)
def test_so_it_is_of_a_pod_that_is_plainly_up(part: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        Gathering().add(decoder(Sketch).decode(up_as_read(**part)))


def test_the_page_that_a_pod_came_in_is_not_kept() -> None:
    page = up_as_read(labels={"app": "agent"})
    before = sys.getrefcount(page)
    gathering = Gathering()
    gathering.add(decoder(Sketch).decode(page))
    assert gathering.gathered().crowds
    assert sys.getrefcount(page) == before


def read_by_rules(given: Pod) -> tuple[Any, ...]:
    """All that a rule asks of a pod that is up, whatever becomes of its node."""
    scheduled = condition(given.status.conditions, "PodScheduled")
    return (
        given.name,
        given.metadata.namespace,
        given.labels,
        given.metadata.controller,
        seniority(given),
        target_node(given.spec),
        given.spec.scheduler_name,
        scheduled is not None,
        (given.ready, given.live, given.terminal, given.terminating),
        ready_since(given),
        container_reasons(given),
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_member_is_the_same_to_every_rule(name: str) -> None:
    seen = cluster(name)
    crowds, others = gathered(seen.pods)
    again = {
        (item.metadata.namespace, item.name): item
        for item in (*others, *(item for crowd in crowds for item in map(crowd.pod, crowd.members)))
    }
    assert len(again) == len(seen.pods)
    for item in seen.pods:
        other = again[item.metadata.namespace, item.name]
        assert read_by_rules(other) == read_by_rules(item)
        for daemon_set in seen.daemon_sets:
            assert claims(daemon_set, other) is claims(daemon_set, item)


# Settled: exactly one pod on a candidate, available and of the current revision.
SETTLED = [
    pytest.param([up()], 0, ["a"], id="one pod"),
    pytest.param([up(), up("q", "b")], 0, ["a", "b"], id="two nodes"),
    pytest.param([up(), up("q", "z")], 0, ["a"], id="a node that is no candidate"),
    pytest.param([up(), up("q")], 0, [], id="two pods on a node"),
    pytest.param([up(), up("q", hash=OLD_HASH)], 0, [], id="two, one of them older"),
    pytest.param([up(), up("q"), up("r", "b")], 0, ["b"], id="two on another node"),
    pytest.param([up(hash=OLD_HASH)], 0, [], id="an older revision"),
    pytest.param([up(ready_for=60)], 60, ["a"], id="minReadySeconds just over"),
    pytest.param([up(ready_for=59)], 60, [], id="minReadySeconds not over yet"),
    pytest.param([up(ready_for=None)], 60, [], id="minReadySeconds, but since when?"),
    pytest.param([up(ready_for=59), up("q", "b")], 60, ["b"], id="only one of two is due"),
    pytest.param([], 0, [], id="no pod"),
    pytest.param([up(owner=None)], 0, [], id="an orphan"),
    pytest.param([up(), up("q", owner=None)], 0, [], id="two, one of them an orphan"),
]


@pytest.mark.parametrize(("pods", "min_ready", "expected"), SETTLED)
def test_settled(pods: list[Pod], min_ready: int, expected: list[str]) -> None:
    def updated(item: Pod) -> bool:
        return item.labels.get(HASH_LABEL) == HASH

    def available(item: Pod) -> bool:
        return is_available(item, min_ready, NOW)

    found = settled(gathered(pods).crowds, {"a", "b"}, updated, available)
    assert sorted(found.members) == sorted(found.labels) == expected
    assert all(node == member.node for node, member in found.members.items())
    assert all(labels[HASH_LABEL] == HASH for labels in found.labels.values())
