"""One sentence for each reason code, with both sides of the comparison.

Each function gets the evidence of all nodes that share the reason: what was asked is equal for
all of them, what each node has may differ and is told as a choice or a range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core.reasons import info
from kubectl_ds.words import creation, placement, pods, rollout, scheduling

Words = Callable[[Sequence[Any]], str]


def sentence(code: str, evidence: Sequence[f.Facts]) -> str:
    """Say why, for one node or for several that share the reason.

    Args:
        code: a reason's code.
        evidence: the facts of each node concerned; at least one.
    """
    words = _BY_CODE.get(code) or _BY_FACTS[info(code).facts]
    return words(evidence)


def _fixed(text: str) -> Words:
    return lambda _: text


_BY_CODE: dict[str, Words] = {
    "DaemonSetDeleting": creation.deleting,
    "NamespaceTerminating": creation.namespace_terminating,
    "NodeNotReady": placement.not_ready,
    "NodeUnreachable": placement.unreachable,
    "CreateFailed": creation.create_failed,
    "SchedulingGated": scheduling.gated,
    "SchedulerAbsent": scheduling.no_scheduler,
    "AwaitingScheduler": scheduling.awaiting,
    "SchedulerError": scheduling.scheduler_error,
    "WaitingForPreemption": _fixed("other pods are being evicted to make room"),
    "ImagePullBackOff": pods.pull,
    "ErrImagePull": pods.pull,
    "CrashLoopBackOff": pods.crash,
    "OOMKilled": pods.out_of_memory,
    "ContainerCreating": pods.creating,
    "PodInitializing": pods.initializing,
    "NotReady": pods.running,
    "Evicted": pods.evicted,
    "KubeletRejected": pods.rejected,
    "StuckTerminating": pods.stuck,
    "ReplacementWaitsForTermination": pods.waits,
    "SurgePodPending": rollout.surge_pending,
    "SurgePodNotReady": rollout.surge_not_ready,
    "SurgePodMinReady": _fixed("the new pod is ready, but not yet for minReadySeconds"),
    "WaitingForSurgeBudget": rollout.budget("maxSurge"),
    "WaitingForBudget": rollout.budget("maxUnavailable"),
    "NextInLine": rollout.next_in_line,
}

_BY_FACTS: dict[type[f.Facts], Words] = {
    f.LaggingFacts: creation.lagging,
    f.NodeNameFacts: placement.node_name,
    f.NodeSelectorFacts: placement.node_selector,
    f.NodeAffinityFacts: placement.affinity,
    f.NamespaceSelectorFacts: placement.namespace_selector,
    f.TaintFacts: placement.taint,
    f.NotReplaceableFacts: placement.not_replaceable,
    f.QuotaFacts: creation.quota,
    f.CreateFacts: creation.refused,
    f.JustAddedFacts: creation.just_added,
    f.UnknownFacts: creation.unknown,
    f.LimitFacts: creation.refused,
    f.SecurityFacts: creation.refused,
    f.SchedulerFacts: scheduling.told,
    f.RoomFacts: scheduling.room,
    f.PortFacts: scheduling.port,
    f.VolumeFacts: scheduling.volume,
    f.TermFacts: scheduling.term,
    f.PodEventFacts: pods.pod_event,
    f.TargetFacts: _fixed(
        "the node that the pod is made for no longer exists; the controller deletes the pod"
    ),
    f.ContainerFacts: pods.waiting,
    f.ReadinessGateFacts: pods.gate,
    f.MinReadyFacts: pods.min_ready,
    f.PodFailureFacts: pods.ended,
    f.OldPodFacts: _fixed("strategy OnDelete: the old pod stays until somebody deletes it"),
    f.BlockedFacts: rollout.blocked,
}
