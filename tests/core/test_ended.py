"""Pods at their end: failed, succeeded, or being deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import PodFailureFacts, TerminationFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Event, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import ROWS, Reason, Source, State
from kubectl_ds.core.running.ended import failure_reason, termination_reasons
from tests.core.make import (
    NOW,
    OTHER_UID,
    ago,
    cluster,
    daemon_set,
    event,
    namespace,
    node,
    pod,
    pod_event,
)

# pkg/kubelet/kubelet.go (rejectPod): phase Failed, the reason, "Pod was rejected: " + message.
REJECTED = "Pod was rejected: "
FAILURES = [
    pytest.param(
        "Evicted",
        f"{REJECTED}The node had condition: [DiskPressure]. ",
        "Evicted",
        id="refused under pressure",
    ),
    pytest.param(
        "Evicted",
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ",
        "Evicted",
        id="evicted under pressure",
    ),
    pytest.param(
        "NodeShutdown",
        f"{REJECTED}Pod was rejected as the node is shutting down.",
        "NodeShutdown",
        id="refused while the node shuts down",
    ),
    pytest.param(
        "Terminated",
        "Pod was terminated in response to imminent node shutdown.",
        "NodeShutdown",
        id="ended as the node shuts down",
    ),
    *(
        pytest.param(reason, f"{REJECTED}why", "KubeletRejected", id=f"refused: {reason}")
        for reason in (
            "OutOfpods",
            "OutOfcpu",
            "OutOfmemory",
            "OutOfephemeral-storage",
            "OutOfnvidia.com/gpu",
            "NodeAffinity",
            "NodeName",
            "NodePorts",
            "TaintToleration",
            "SysctlForbidden",
            "TopologyAffinityError",
            "SMTAlignmentError",
            "UnexpectedAdmissionError",
            "EmptyPodSharedPoolError",
            "PodOSNotSupported",
            "PodOSSelectorNodeLabelDoesNotMatch",
            "SupplementalGroupsPolicyNotSupported",
            "PodLevelResourcesNotSupported",
            "PodFeatureUnsupported",
            "InitContainerRestartPolicyForbidden",
            "InvalidNodeInfo",
            "UnknownReason",
            "UnexpectedPredicateFailureType",
            "AppArmor",
            "MatchNodeSelector",
            "SomethingOfTomorrow",
        )
    ),
    pytest.param(
        "VolumeAttachmentLimitExceeded",
        "Node has reached its volume attachment limit, rejecting pod. unmounted volumes=[data]",
        "KubeletRejected",
        id="refused while mounting",
    ),
    pytest.param(
        "OutOfcpu",
        "Node didn't have enough resource: cpu, requested: 500, used: 1500, capacity: 1930",
        "KubeletRejected",
        id="refused by an older kubelet",
    ),
    pytest.param(
        "Preempting",
        "Preempted in order to admit critical pod",
        "PodFailed",
        id="made room for a critical pod",
    ),
    pytest.param(
        "DeadlineExceeded", "Pod was active on the node longer than the specified deadline",
        "PodFailed", id="ran for longer than it may",
    ),
    pytest.param("NodeLost", "", "PodFailed", id="lost with its node"),
    pytest.param("Terminated", "", "PodFailed", id="ended for another reason"),
    pytest.param("", "", "PodFailed", id="no reason"),
    pytest.param("", "Evicted", "PodFailed", id="only the message says so"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "message", "code"), FAILURES)
def test_why_a_pod_failed(reason: str, message: str, code: str) -> None:
    found = failure_reason(pod(phase="Failed", reason=reason, message=message))
    assert (found.code, found.source) == (code, Source.REPORTED)
    assert found.facts == PodFailureFacts(
        pod="agent-a", phase="Failed", reason=reason, message=message
    )
    assert code in ROWS[State.FAILED]


def test_a_pod_that_succeeded_has_ended_as_well() -> None:
    found = failure_reason(pod(phase="Succeeded"))
    assert found.code == "PodFailed"
    assert found.facts == PodFailureFacts(pod="agent-a", phase="Succeeded", reason="", message="")


# pkg/registry/core/pod/strategy.go (CheckGracefulDelete), registry/rest/delete.go: the
# deletionTimestamp already holds the grace period. Overdue means past it, and a few seconds more.
STUCK, WAITS = "StuckTerminating", "ReplacementWaitsForTermination"
DUE = [
    pytest.param(NOW + timedelta(seconds=30), True, [WAITS], 0, id="in its grace period"),
    pytest.param(NOW, True, [WAITS], 0, id="its grace period ends now"),
    pytest.param(ago(2), True, [WAITS], 0, id="late by no more than a kubelet may be"),
    pytest.param(ago(15), True, [STUCK, WAITS], 15, id="late"),
    pytest.param(ago(600), True, [STUCK, WAITS], 600, id="overdue"),
    pytest.param(ago(600), False, [STUCK], 600, id="overdue, and nothing waits for it"),
    pytest.param(NOW, False, [], 0, id="due, and nothing waits for it"),
]


@pytest.mark.parametrize(("deleted", "replaced", "codes", "overdue"), DUE)
def test_what_a_terminating_pod_holds_up(
    deleted: datetime, replaced: bool, codes: list[str], overdue: int
) -> None:
    reasons = termination_reasons(pod(deleted=deleted), node(), NOW, replaced)
    assert [reason.code for reason in reasons] == codes
    for reason in reasons:
        assert reason.source is Source.COMPUTED
        assert isinstance(reason.facts, TerminationFacts)
        assert reason.facts.deletion_timestamp == deleted
        assert reason.facts.overdue_seconds == overdue


# semantics G.7: the causes, in this order.
HELD = ("example.com/hold",)
CAUSES = [
    pytest.param(HELD, None, "finalizer", id="a finalizer, and its node is gone"),
    pytest.param(HELD, node(ready="False"), "finalizer", id="a finalizer, on a dead node"),
    pytest.param(HELD, node(), "finalizer", id="a finalizer"),
    pytest.param((), None, "nodeGone", id="its node is gone"),
    pytest.param((), node(ready="False"), "nodeNotReady", id="its node is not ready"),
    pytest.param((), node(ready="Unknown"), "nodeNotReady", id="its node does not report"),
    pytest.param((), node(ready=None), "nodeNotReady", id="its node never reported"),
    pytest.param((), node(), "kubelet", id="the kubelet"),
]


@pytest.mark.parametrize(("finalizers", "target", "cause"), CAUSES)
def test_why_a_pod_is_still_there(
    finalizers: tuple[str, ...], target: Node | None, cause: str
) -> None:
    given = pod(deleted=ago(600), finalizers=finalizers)
    (reason,) = termination_reasons(given, target, NOW, replaced=False)
    assert isinstance(reason.facts, TerminationFacts)
    assert (reason.facts.cause, reason.facts.finalizers) == (cause, finalizers)


def test_a_pod_in_its_grace_period_needs_no_cause() -> None:
    (reason,) = termination_reasons(pod(deleting=True), node(ready="False"), NOW, replaced=True)
    assert cause_of(reason) == "none"


def test_a_finalizer_holds_a_pod_in_its_grace_period_already() -> None:
    given = pod(deleting=True, finalizers=HELD)
    (reason,) = termination_reasons(given, node(), NOW, replaced=True)
    assert cause_of(reason) == "finalizer"


def cause_of(reason: Reason) -> str:
    assert isinstance(reason.facts, TerminationFacts)
    return reason.facts.cause


# semantics A.8, A.11: the controller names the pod and the node just before it deletes a failed
# pod; events last an hour, and of similar ones only the newest is named.
def failed(name: str, on: str = "a", combined: bool = False, **more: Any) -> Event:
    message = f"Found failed daemon pod kube-system/{name} on node {on}, will try to kill it"
    lead = "(combined from similar events): " if combined else ""
    return event("FailedDaemonPod", f"{lead}{message}", **more)


FAILED = pod(phase="Failed", reason="OutOfcpu", message=f"{REJECTED}why")
ROUNDS = [
    pytest.param((), 0, id="the first"),
    pytest.param((failed("x"), failed("y")), 2, id="two before it"),
    pytest.param((failed("x"), failed("x", seconds_ago=5)), 1, id="one, of which two events tell"),
    pytest.param((failed("x", count=3),), 1, id="one whose deletion was tried again"),
    pytest.param((failed("x", combined=True, count=40),), 1, id="many, on whatever nodes"),
    pytest.param((failed("agent-a"), failed("x")), 1, id="its own deletion is under way"),
    pytest.param((failed("x", "b"),), 0, id="on another node"),
    pytest.param((failed("x", uid=OTHER_UID),), 0, id="of a DaemonSet of that name before"),
    pytest.param((event("SuccessfulDelete", "Deleted pod: x"),), 0, id="an ordinary deletion"),
    pytest.param((event("FailedDaemonPod", "in other words"),), 0, id="in other words"),
]


def judged(given: Pod, *events: Event, **more: Any) -> list[Reason]:
    asked = more.pop("asked", daemon_set())
    nodes = [more.pop("target", node())]
    (verdict,) = explain(cluster([asked], nodes, [given], events=events, **more), asked).nodes
    return list(verdict.reasons)


@pytest.mark.parametrize(("events", "rounds"), ROUNDS)
def test_how_often_a_failed_pod_was_replaced_before(events: tuple[Event, ...], rounds: int) -> None:
    (reason,) = judged(FAILED, *events)
    assert isinstance(reason.facts, PodFailureFacts)
    assert (reason.code, reason.facts.rounds) == ("KubeletRejected", rounds)


TERMINATING = {"namespaces": [namespace(phase="Terminating")]}
REPLACED = [
    pytest.param({}, True, id="wanted"),
    pytest.param({"target": node(taints=["x:NoSchedule"])}, False, id="no longer wanted"),
    pytest.param({"asked": daemon_set(deleted=NOW)}, False, id="the DaemonSet is being deleted"),
    pytest.param(TERMINATING, False, id="the namespace is being deleted"),
    pytest.param({"asked": daemon_set(generation=2, observed=1)}, True, id="as soon as it acts"),
]


@pytest.mark.parametrize(("around", "replaced"), REPLACED)
def test_whether_another_pod_follows(around: dict[str, Any], replaced: bool) -> None:
    found = [reason.facts for reason in judged(FAILED, **around)]
    assert [x.replaced for x in found if isinstance(x, PodFailureFacts)] == [replaced]


def pressed(**conditions: str) -> Node:
    given = node()
    more = tuple(Condition(type=kind, status=value) for kind, value in conditions.items())
    ready = given.status.conditions or ()
    return replace(given, status=replace(given.status, conditions=(*ready, *more)))


# semantics J.27: the taint of disk pressure is tolerated, so a pod is created; the kubelet refuses
# it as long as the condition holds (``eviction_manager.go``, Admit).
PRESSURES = [
    pytest.param(pressed(DiskPressure="True"), ("DiskPressure",), id="it goes on"),
    pytest.param(pressed(DiskPressure="False"), (), id="it is over"),
    pytest.param(pressed(DiskPressure="Unknown"), (), id="nobody knows"),
    pytest.param(
        pressed(MemoryPressure="True", DiskPressure="False", PIDPressure="True"),
        ("MemoryPressure", "PIDPressure"), id="others",
    ),
    pytest.param(pressed(NetworkUnavailable="True"), (), id="no pressure"),
    pytest.param(replace(node(), status=replace(node().status, conditions=None)), (), id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "pressure"), PRESSURES)
def test_whether_the_pressure_goes_on(target: Node, pressure: tuple[str, ...]) -> None:
    message = f"{REJECTED}The node had condition: [DiskPressure]. "
    found = failure_reason(pod(phase="Failed", reason="Evicted", message=message), target)
    assert isinstance(found.facts, PodFailureFacts)
    assert (found.code, found.facts.pressure) == ("Evicted", pressure)


def test_the_loop_under_disk_pressure() -> None:
    given = pod(phase="Failed", reason="Evicted", message=REJECTED)
    taints = ["node.kubernetes.io/disk-pressure:NoSchedule"]
    target = replace(pressed(DiskPressure="True"), spec=node(taints=taints).spec)
    (reason,) = judged(given, failed("x"), failed("y"), target=target)
    facts: Any = reason.facts
    assert (reason.code, facts.rounds, facts.replaced) == ("Evicted", 2, True)
    assert facts.pressure == ("DiskPressure",)


# Events that tell what goes wrong at the end, from when the deletion was asked for: a pod that was
# due 600 s ago, with 30 s of grace, was deleted 630 s ago.
OUTCOME = [
    pytest.param((), "", id="nothing"),
    pytest.param((pod_event("FailedKillPod", "error killing pod: x"),), "error killing pod: x",
        id="it can't be killed"),
    pytest.param((pod_event("FailedPreStopHook", "PreStopHook failed", container="agent"),),
        "PreStopHook failed", id="its hook fails"),
    pytest.param((pod_event("FailedKillPod", "x", seconds_ago=630),), "x", id="at once"),
    pytest.param((pod_event("FailedKillPod", "x", seconds_ago=631),), "", id="before that"),
    pytest.param((pod_event("FailedKillPod", "x", of="other"),), "", id="another pod"),
    pytest.param((pod_event("Killing", "Stopping container agent"),), "", id="as it should be"),
    pytest.param(
        (pod_event("FailedKillPod", "old", seconds_ago=90), pod_event("FailedKillPod", "new")),
        "new", id="the newest",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("events", "text"), OUTCOME)
def test_what_goes_wrong_at_the_end(events: tuple[Event, ...], text: str) -> None:
    reasons = judged(pod(deleted=ago(600)), *events)
    assert [reason.code for reason in reasons] == [STUCK, WAITS]
    facts: list[Any] = [reason.facts for reason in reasons]
    assert [(item.cause, item.event) for item in facts] == [("kubelet", text)] * 2


def test_node_lost_is_accepted_from_old_clusters() -> None:
    """Nothing sets it since 1.36; its message names the node."""
    given = pod(deleted=ago(600), reason="NodeLost", message="Node a is unresponsive")
    (reason,) = termination_reasons(given, node(ready="Unknown"), NOW, replaced=False)
    assert isinstance(reason.facts, TerminationFacts)
    assert (reason.facts.cause, reason.facts.event) == ("nodeNotReady", "Node a is unresponsive")


# pkg/apis/core/types.go: reasons of the condition DisruptionTarget.
WHO = [
    pytest.param("DeletionByTaintManager", "True", "DeletionByTaintManager", id="taint"),
    pytest.param("DeletionByPodGC", "True", "DeletionByPodGC", id="pod garbage collector"),
    pytest.param("EvictionByEvictionAPI", "True", "EvictionByEvictionAPI", id="eviction"),
    pytest.param("PreemptionByScheduler", "True", "PreemptionByScheduler", id="preemption"),
    pytest.param("DeletionByTaintManager", "False", "", id="called off"),
]


@pytest.mark.parametrize(("reason", "value", "told"), WHO)
def test_who_deletes_it(reason: str, value: str, told: str) -> None:
    mark = Condition(type="DisruptionTarget", status=value, reason=reason)
    given = pod(deleting=True, conditions=(mark,))
    (found,) = termination_reasons(given, node(), NOW, replaced=True)
    assert isinstance(found.facts, TerminationFacts)
    assert found.facts.disruption == told


def test_times_at_the_edge_are_no_trouble() -> None:
    """Go's zero time is in year 1; nothing is before it."""
    given = pod(deleted=datetime.min.replace(tzinfo=NOW.tzinfo))
    events = [pod_event("FailedKillPod", "x")]
    (reason,) = termination_reasons(given, node(), NOW, False, events)
    assert reason.code == STUCK
