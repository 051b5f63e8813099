"""Pods at their end: failed, succeeded, or being deleted.

Sources: ``pkg/kubelet/kubelet.go`` (rejectPod), ``pkg/kubelet/lifecycle/predicate.go``,
``pkg/kubelet/eviction``, ``pkg/kubelet/nodeshutdown``, ``pkg/registry/core/pod/strategy.go``
(CheckGracefulDelete).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kubectl_ds.core.facts import PodFailureFacts, TerminationFacts
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason, Source

_GRACE = timedelta(seconds=5)
_REJECTED = "Pod was rejected: "
_REJECTIONS = re.compile(
    r"OutOf.+|NodeAffinity|NodeName|NodePorts|TaintToleration|AppArmor|SysctlForbidden"
    r"|TopologyAffinityError|SMTAlignmentError|UnexpectedAdmissionError|EmptyPodSharedPoolError"
    r"|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|SupplementalGroupsPolicyNotSupported"
    r"|PodLevelResourcesNotSupported|PodFeatureUnsupported|InitContainerRestartPolicyForbidden"
    r"|InvalidNodeInfo|UnknownReason|UnexpectedPredicateFailureType"
    r"|VolumeAttachmentLimitExceeded|MatchNodeSelector"
)
_SHUTDOWN = "Pod was terminated in response to imminent node shutdown."


def failure_reason(pod: Pod) -> Reason:
    """Why a pod is in phase Failed or Succeeded, by what the kubelet reported."""
    status = pod.status
    facts = PodFailureFacts(
        pod=pod.name, phase=status.phase, reason=status.reason, message=status.message
    )
    return Reason(_failure_code(pod), Source.REPORTED, facts)


def _failure_code(pod: Pod) -> str:
    reason, message = pod.status.reason, pod.status.message
    if reason == "Evicted":
        return "Evicted"
    if reason == "NodeShutdown" or (reason == "Terminated" and message.startswith(_SHUTDOWN)):
        return "NodeShutdown"
    if message.startswith(_REJECTED) or _REJECTIONS.fullmatch(reason):
        return "KubeletRejected"
    return "PodFailed"


def termination_reasons(pod: Pod, node: Node | None, now: datetime, replaced: bool) -> list[Reason]:
    """What a terminating pod holds up, and why it is still there.

    Args:
        pod: a pod with a deletionTimestamp.
        node: where it is bound; None where that no longer exists.
        now: to tell whether it is overdue.
        replaced: whether a new pod waits for it to be gone.
    """
    due = pod.metadata.deletion_timestamp or now
    overdue = now - due > _GRACE
    facts = TerminationFacts(
        pod=pod.name,
        deletion_timestamp=due,
        overdue_seconds=int((now - due).total_seconds()) if overdue else 0,
        finalizers=pod.metadata.finalizers or (),
        cause=_cause(pod, node) if overdue or pod.metadata.finalizers else "none",
    )
    codes = [code for code, holds in _codes(overdue, replaced) if holds]
    return [Reason(code, Source.COMPUTED, facts) for code in codes]


def _codes(overdue: bool, replaced: bool) -> tuple[tuple[str, bool], ...]:
    return ("StuckTerminating", overdue), ("ReplacementWaitsForTermination", replaced)


def _cause(pod: Pod, node: Node | None) -> str:
    if pod.metadata.finalizers:
        return "finalizer"
    if node is None:
        return "nodeGone"
    ready = node.ready
    return "kubelet" if ready is not None and ready.status == "True" else "nodeNotReady"
