"""Pods at their end: failed, succeeded, or being deleted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kubectl_ds.core.facts import PodFailureFacts, TerminationFacts
from kubectl_ds.core.model import Node
from kubectl_ds.core.reasons import ROWS, Reason, Source, State
from kubectl_ds.core.running.ended import failure_reason, termination_reasons
from tests.core.make import NOW, ago, node, pod

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
    pytest.param("NodeLost", "", "PodFailed", id="lost with its node"),
    pytest.param("Terminated", "", "PodFailed", id="ended for another reason"),
    pytest.param("", "", "PodFailed", id="no reason"),
    pytest.param("", "Evicted", "PodFailed", id="only the message says so"),
]


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
