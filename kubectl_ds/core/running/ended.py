"""Pods at their end: failed, succeeded, or being deleted.

Sources: ``pkg/kubelet/kubelet.go`` (rejectPod), ``pkg/kubelet/lifecycle/predicate.go``,
``pkg/kubelet/eviction``, ``pkg/kubelet/nodeshutdown``, ``pkg/registry/core/pod/strategy.go``
(CheckGracefulDelete).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from kubectl_ds.core.facts import PodFailureFacts, TerminationFacts
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Event, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.running.events import newest, seen

_GRACE = timedelta(seconds=5)
_REJECTED = "Pod was rejected: "
# status.reason of a pod that the kubelet refuses, and the reason of its event.
REJECTIONS = re.compile(
    r"OutOf.+|NodeAffinity|NodeName|NodePorts|TaintToleration|AppArmor|SysctlForbidden"
    r"|TopologyAffinityError|SMTAlignmentError|UnexpectedAdmissionError|EmptyPodSharedPoolError"
    r"|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|SupplementalGroupsPolicyNotSupported"
    r"|PodLevelResourcesNotSupported|PodFeatureUnsupported|InitContainerRestartPolicyForbidden"
    r"|InvalidNodeInfo|UnknownReason|UnexpectedPredicateFailureType"
    r"|VolumeAttachmentLimitExceeded|MatchNodeSelector"
)
_SHUTDOWN = "Pod was terminated in response to imminent node shutdown."
_STUCK = ("FailedKillPod", "FailedPreStopHook", "ExceededGracePeriod", "FailedUnMount")


def failure_reason(
    pod: Pod, node: Node | None = None, rounds: int = 0, replaced: bool = True
) -> Reason:
    """Why a pod is in phase Failed or Succeeded, by what the kubelet reported.

    Args:
        pod: the pod.
        node: where it is bound; None where that no longer exists.
        rounds: how many others ended on the node before, as far as events tell.
        replaced: whether the controller creates another pod there.
    """
    status = pod.status
    facts = PodFailureFacts(
        pod=pod.name,
        phase=status.phase,
        reason=status.reason,
        message=status.message,
        rounds=rounds,
        replaced=replaced,
        pressure=pressure(node),
    )
    return Reason(_failure_code(pod), Source.REPORTED, facts)


def pressure(node: Node | None) -> tuple[str, ...]:
    """The conditions by which a node says that it runs short of something."""
    conditions = (node.status.conditions or ()) if node else ()
    pressing = (item for item in conditions if item.type.endswith("Pressure"))
    return tuple(item.type for item in pressing if item.status == "True")


def _failure_code(pod: Pod) -> str:
    reason, message = pod.status.reason, pod.status.message
    if reason == "Evicted":
        return "Evicted"
    if reason == "NodeShutdown" or (reason == "Terminated" and message.startswith(_SHUTDOWN)):
        return "NodeShutdown"
    if message.startswith(_REJECTED) or REJECTIONS.fullmatch(reason):
        return "KubeletRejected"
    return "PodFailed"


def termination_reasons(
    pod: Pod, node: Node | None, now: datetime, replaced: bool, events: Sequence[Event] = ()
) -> list[Reason]:
    """What a terminating pod holds up, and why it is still there.

    Args:
        pod: a pod with a deletionTimestamp.
        node: where it is bound; None where that no longer exists.
        now: to tell whether it is overdue.
        replaced: whether a new pod waits for it to be gone.
        events: the events about the pod, the newest first.
    """
    due = pod.metadata.deletion_timestamp or now
    overdue = now - due > _GRACE
    facts = TerminationFacts(
        pod=pod.name,
        deletion_timestamp=due,
        overdue_seconds=int((now - due).total_seconds()) if overdue else 0,
        finalizers=pod.metadata.finalizers or (),
        cause=_cause(pod, node) if overdue or pod.metadata.finalizers else "none",
        event=_trouble(pod, due, events),
        disruption=_disruption(pod),
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


def _trouble(pod: Pod, due: datetime, events: Sequence[Event]) -> str:
    """What went wrong since the deletion was asked for: the grace period before it is due.

    Nothing sets reason NodeLost any more; pods of old clusters still have it.
    """
    grace = timedelta(seconds=pod.metadata.deletion_grace_period_seconds or 0)
    event = newest((item for item in events if due - seen(item) <= grace), _STUCK, None)
    lost = pod.status.message if pod.status.reason == "NodeLost" else ""
    return event.message if event else lost


def _disruption(pod: Pod) -> str:
    target = condition(pod.status.conditions, "DisruptionTarget")
    return target.reason if target is not None and target.status == "True" else ""
