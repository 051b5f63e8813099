"""Which words tell which reason: by its code, or else by its evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core.reasons import info
from kubectl_ds.words import creation, placement, pods, rollout, room, scheduling, volumes
from kubectl_ds.words.reasons import sentence

Words = Callable[[Sequence[Any]], str]


def words_of(code: str) -> Words:
    """What makes a sentence of the evidence of a reason; see ``reasons.sentence``."""
    return _BY_CODE.get(code) or _BY_FACTS[info(code).facts]


def _fixed(text: str) -> Words:
    return lambda _: text


_BY_CODE: dict[str, Words] = {
    "DaemonSetDeleting": creation.deleting,
    "NamespaceTerminating": creation.namespace_terminating,
    "NodeNotReady": placement.not_ready,
    "NodeUnreachable": placement.unreachable,
    "QuotaRequiresResources": creation.requires,
    "WebhookDenied": creation.denied,
    "WebhookUnavailable": creation.unavailable,
    "AdmissionPolicyDenied": creation.policy_denied,
    "ServiceAccountMissing": creation.missing("ServiceAccount"),
    "PriorityClassMissing": creation.missing("PriorityClass"),
    "PriorityConflict": creation.priority_conflict,
    "RuntimeClassMissing": creation.missing("RuntimeClass"),
    "RuntimeClassConflict": creation.runtime_conflict,
    "SecurityContextConstraintDenied": creation.no_constraint,
    "InvalidPodSpec": creation.invalid,
    "ControllerForbidden": creation.controller_forbidden,
    "SchedulingGated": scheduling.gated,
    "SchedulerAbsent": scheduling.no_scheduler,
    "AwaitingScheduler": scheduling.awaiting,
    "SchedulerError": scheduling.scheduler_error,
    "WaitingForPreemption": room.preempting,
    "ImagePullBackOff": pods.pull,
    "ErrImagePull": pods.pull,
    "CrashLoopBackOff": pods.crash,
    "OOMKilled": pods.out_of_memory,
    "VolumeMount": pods.volume,
    "SandboxCreate": pods.sandbox,
    "NetworkNotReady": pods.network,
    "ContainerCreating": pods.creating,
    "PodInitializing": pods.initializing,
    "NotReady": pods.running,
    "Evicted": pods.evicted,
    "KubeletRejected": pods.rejected,
    "StuckTerminating": pods.stuck,
    "ReplacementWaitsForTermination": pods.waits,
    "SurgePodPending": rollout.surge_pending(sentence),
    "SurgePodNotReady": rollout.surge_not_ready(sentence),
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
    f.CreateFacts: creation.create_failed,
    f.JustAddedFacts: creation.just_added,
    f.UnknownFacts: creation.unknown,
    f.LimitFacts: creation.limits,
    f.SecurityFacts: creation.security,
    f.SchedulerFacts: scheduling.told,
    f.RoomFacts: room.room,
    f.PortFacts: room.port,
    f.VolumeFacts: volumes.volume,
    f.TermFacts: scheduling.term,
    f.TargetFacts: scheduling.target,
    f.ContainerFacts: pods.waiting,
    f.ReadinessGateFacts: pods.gate,
    f.MinReadyFacts: pods.min_ready,
    f.PodFailureFacts: pods.ended,
    f.OldPodFacts: _fixed("strategy OnDelete: the old pod stays until somebody deletes it"),
    f.BlockedFacts: rollout.blocked,
}
