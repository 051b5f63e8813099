"""The one registry of what may leave the program: states, reason codes, finding codes.

The order of the registry is the order in which reasons are listed. The JSON Schema and the
documents are generated from it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kubectl_ds.core import facts as f
from kubectl_ds.core.model import Value


class State(str, Enum):
    """What is there for one DaemonSet on one node; declared worst first."""

    MISSING = "Missing"
    FAILED = "Failed"
    PENDING = "Pending"
    UNREADY = "Unready"
    TERMINATING = "Terminating"
    MISSCHEDULED = "Misscheduled"
    OUTDATED = "Outdated"
    EXCLUDED = "Excluded"
    AVAILABLE = "Available"


MEANINGS: dict[State, str] = {
    State.MISSING: "a pod is wanted and none exists",
    State.FAILED: "the pod has failed; the controller replaces it after a back-off",
    State.PENDING: "a pod exists for the node and is not bound to it yet",
    State.UNREADY: "a bound pod exists and is not available, or its node is not ready",
    State.TERMINATING: "only terminating pods are left; the replacement waits for them",
    State.MISSCHEDULED: "a live pod is where none is wanted",
    State.OUTDATED: "an available pod of an older revision is there",
    State.EXCLUDED: "no pod is wanted and none is there",
    State.AVAILABLE: "an available pod of the current revision is there",
}


class Source(str, Enum):
    """Where a reason comes from, in the order in which reasons are listed."""

    REPORTED = "reported"
    COMPUTED = "computed"
    PREDICTED = "predicted"


class Reason(Value, frozen=True):
    """Why a node is in its state: a code and the evidence behind it."""

    code: str
    source: Source
    facts: f.Facts


class Info(NamedTuple):
    """What a code means, which states it explains, and the shape of its evidence."""

    states: tuple[State, ...]
    facts: type[f.Facts]
    meaning: str


_EXCLUDED = (State.EXCLUDED, State.MISSCHEDULED)
_MISSING = (State.MISSING,)
_PENDING = (State.PENDING,)
_UNREADY = (State.UNREADY,)
_OUTDATED = (State.OUTDATED,)
_PENDING_TOO = (*_EXCLUDED, State.PENDING)
_HEALTH = (State.EXCLUDED, State.UNREADY)

WHOLE_DAEMON_SET = ("DaemonSetDeleting", "NamespaceTerminating", "ControllerLagging")

REASONS: dict[str, Info] = {
    "DaemonSetDeleting": Info(
        (State.MISSING, State.TERMINATING, State.OUTDATED),
        f.DeletionFacts,
        "the DaemonSet is being deleted, so its controller neither creates nor replaces pods",
    ),
    "NamespaceTerminating": Info(
        _MISSING, f.DeletionFacts, "the namespace is being deleted and takes no new pods"
    ),
    "ControllerLagging": Info(
        (State.MISSING, State.OUTDATED),
        f.LaggingFacts,
        "the DaemonSet controller has not acted on the current spec yet",
    ),
    "NodeNameMismatch": Info(_EXCLUDED, f.NodeNameFacts, "the template names another node"),
    "NodeSelectorMismatch": Info(
        _PENDING_TOO, f.NodeSelectorFacts, "a nodeSelector label is absent or has another value"
    ),
    "NodeAffinityMismatch": Info(
        _EXCLUDED, f.NodeAffinityFacts, "no term of the required node affinity matches the node"
    ),
    "NamespaceNodeSelectorMismatch": Info(
        _EXCLUDED,
        f.NamespaceSelectorFacts,
        "the namespace's node selector does not match the node (OpenShift)",
    ),
    "UntoleratedTaint": Info(
        _PENDING_TOO, f.TaintFacts, "the node has a taint that the pod does not tolerate"
    ),
    "NodeNotReady": Info(_HEALTH, f.NodeHealthFacts, "the node is not ready"),
    "NodeUnreachable": Info(_HEALTH, f.NodeHealthFacts, "the node's kubelet does not report"),
    "NotReplaceable": Info(
        (State.MISSCHEDULED,),
        f.NotReplaceableFacts,
        "a rollout deletes the pod here and creates none in its place",
    ),
    "QuotaExceeded": Info(_MISSING, f.QuotaFacts, "one more pod would exceed a ResourceQuota"),
    "QuotaRequiresResources": Info(
        _MISSING, f.CreateFacts, "a ResourceQuota wants requests or limits that a container lacks"
    ),
    "LimitRangeViolation": Info(_MISSING, f.CreateFacts, "a LimitRange refuses the pod"),
    "PodSecurityViolation": Info(
        _MISSING, f.CreateFacts, "the namespace's Pod Security level refuses the pod"
    ),
    "WebhookDenied": Info(_MISSING, f.CreateFacts, "an admission webhook refuses the pod"),
    "WebhookUnavailable": Info(
        _MISSING, f.CreateFacts, "an admission webhook that must answer can't be called"
    ),
    "AdmissionPolicyDenied": Info(
        _MISSING, f.CreateFacts, "a ValidatingAdmissionPolicy refuses the pod"
    ),
    "ServiceAccountMissing": Info(
        _MISSING, f.CreateFacts, "the pod's ServiceAccount does not exist"
    ),
    "PriorityClassMissing": Info(_MISSING, f.CreateFacts, "the pod's PriorityClass does not exist"),
    "PriorityConflict": Info(
        _MISSING, f.CreateFacts, "the pod sets a priority that differs from its PriorityClass"
    ),
    "RuntimeClassMissing": Info(_MISSING, f.CreateFacts, "the pod's RuntimeClass does not exist"),
    "RuntimeClassConflict": Info(
        _MISSING, f.CreateFacts, "the pod contradicts its RuntimeClass's overhead or nodeSelector"
    ),
    "SecurityContextConstraintDenied": Info(
        _MISSING, f.CreateFacts, "no SecurityContextConstraint admits the pod (OpenShift)"
    ),
    "InvalidPodSpec": Info(_MISSING, f.CreateFacts, "the pod made from the template is invalid"),
    "ControllerForbidden": Info(
        _MISSING, f.CreateFacts, "the DaemonSet controller may not create pods here"
    ),
    "CreateFailed": Info(_MISSING, f.CreateFacts, "creating the pod failed in another way"),
    "JustAdded": Info(
        _MISSING, f.JustAddedFacts, "the node is seconds old; its pod is about to be created"
    ),
    "Unknown": Info(_MISSING, f.NoFacts, "nothing that was read tells why there is no pod"),
    "SchedulingGated": Info(
        _PENDING, f.SchedulingFacts, "scheduling gates hold the pod back on purpose"
    ),
    "SchedulerAbsent": Info(
        _PENDING, f.SchedulingFacts, "the pod asks for a scheduler of which there is no trace"
    ),
    "AwaitingScheduler": Info(
        _PENDING, f.SchedulingFacts, "the scheduler has not looked at the pod yet"
    ),
    "SchedulerError": Info(_PENDING, f.SchedulingFacts, "the scheduler failed with an error"),
    "WaitingForPreemption": Info(
        _PENDING, f.SchedulingFacts, "room is being made for the pod by evicting others"
    ),
    "HostPortConflict": Info(_PENDING, f.SchedulerFacts, "another pod holds a host port there"),
    "TooManyPods": Info(_PENDING, f.SchedulerFacts, "the node takes no more pods"),
    "InsufficientCPU": Info(_PENDING, f.SchedulerFacts, "the node has too little CPU left"),
    "InsufficientMemory": Info(_PENDING, f.SchedulerFacts, "the node has too little memory left"),
    "InsufficientEphemeralStorage": Info(
        _PENDING, f.SchedulerFacts, "the node has too little ephemeral storage left"
    ),
    "InsufficientResource": Info(
        _PENDING, f.SchedulerFacts, "the node has too little of a named resource"
    ),
    "VolumeMissing": Info(_PENDING, f.SchedulerFacts, "a volume claim of the pod does not exist"),
    "VolumeUnbound": Info(_PENDING, f.SchedulerFacts, "a volume claim of the pod is not bound"),
    "VolumeInUse": Info(_PENDING, f.SchedulerFacts, "a volume of the pod is in use elsewhere"),
    "VolumeLimit": Info(_PENDING, f.SchedulerFacts, "the node can't attach more volumes"),
    "VolumeNodeAffinity": Info(
        _PENDING, f.SchedulerFacts, "a volume of the pod belongs to other nodes"
    ),
    "VolumeZone": Info(_PENDING, f.SchedulerFacts, "a volume of the pod is in another zone"),
    "VolumeNoCapacity": Info(
        _PENDING, f.SchedulerFacts, "there is not enough storage for a new volume"
    ),
    "TopologySpread": Info(_PENDING, f.SchedulerFacts, "a topology spread constraint forbids it"),
    "PodAffinity": Info(_PENDING, f.SchedulerFacts, "the pod must be near pods that are not there"),
    "PodAntiAffinity": Info(
        _PENDING, f.SchedulerFacts, "the pod, or one that is there, keeps its distance"
    ),
    "ResourceClaim": Info(_PENDING, f.SchedulerFacts, "a resource claim can't be met there"),
    "NodeFeature": Info(_PENDING, f.SchedulerFacts, "the node lacks a feature that the pod needs"),
    "TargetNodeMissing": Info(
        (State.PENDING, State.MISSCHEDULED),
        f.TargetFacts,
        "the node that the pod is aimed at no longer exists",
    ),
    "Unschedulable": Info(_PENDING, f.SchedulerFacts, "the scheduler refuses in other words"),
    "ImagePullBackOff": Info(_UNREADY, f.ContainerFacts, "pulling the image fails again and again"),
    "ErrImagePull": Info(_UNREADY, f.ContainerFacts, "pulling the image failed"),
    "InvalidImageName": Info(_UNREADY, f.ContainerFacts, "the image's name can't be read"),
    "ErrImageNeverPull": Info(
        _UNREADY, f.ContainerFacts, "the image is not on the node and must not be pulled"
    ),
    "CrashLoopBackOff": Info(_UNREADY, f.ContainerFacts, "the container ends again and again"),
    "OOMKilled": Info(_UNREADY, f.ContainerFacts, "the container was killed for lack of memory"),
    "CreateContainerConfigError": Info(
        _UNREADY, f.ContainerFacts, "the container's configuration can't be put together"
    ),
    "CreateContainerError": Info(
        _UNREADY, f.ContainerFacts, "the runtime can't create the container"
    ),
    "RunContainerError": Info(_UNREADY, f.ContainerFacts, "the runtime can't start the container"),
    "ContainerCreating": Info(
        _UNREADY, f.ContainerFacts, "the kubelet is at it, and nothing tells yet what it waits for"
    ),
    "PodInitializing": Info(_UNREADY, f.ContainerFacts, "an init container has yet to finish"),
    "NotReady": Info(_UNREADY, f.ContainerFacts, "the container runs and is not ready"),
    "ReadinessGate": Info(_UNREADY, f.ReadinessGateFacts, "a readiness gate is not met"),
    "MinReadySeconds": Info(
        _UNREADY, f.MinReadyFacts, "the pod is ready, for less than minReadySeconds"
    ),
    "Evicted": Info((State.FAILED,), f.PodFailureFacts, "the kubelet evicted the pod"),
    "NodeShutdown": Info((State.FAILED,), f.PodFailureFacts, "the node was shutting down"),
    "KubeletRejected": Info((State.FAILED,), f.PodFailureFacts, "the kubelet refused the pod"),
    "PodFailed": Info((State.FAILED,), f.PodFailureFacts, "the pod ended"),
    "StuckTerminating": Info(
        (State.TERMINATING,), f.TerminationFacts, "the pod should have been gone by now"
    ),
    "ReplacementWaitsForTermination": Info(
        (State.TERMINATING,), f.TerminationFacts, "the new pod is created once the old one is gone"
    ),
    "OnDelete": Info(
        _OUTDATED, f.OldPodFacts, "strategy OnDelete: the pod stays until somebody deletes it"
    ),
    "BlockedByCreateFailure": Info(
        _OUTDATED, f.BlockedFacts, "no pod is replaced while pods can't be created elsewhere"
    ),
    "SurgePodPending": Info(_OUTDATED, f.SurgeFacts, "the new pod is not bound to the node yet"),
    "SurgePodNotReady": Info(_OUTDATED, f.SurgeFacts, "the new pod is not ready"),
    "SurgePodMinReady": Info(
        _OUTDATED, f.SurgeFacts, "the new pod is ready, for less than minReadySeconds"
    ),
    "WaitingForSurgeBudget": Info(_OUTDATED, f.BudgetFacts, "maxSurge is used up by other nodes"),
    "WaitingForBudget": Info(_OUTDATED, f.BudgetFacts, "maxUnavailable is used up by other nodes"),
    "NextInLine": Info(
        _OUTDATED, f.BudgetFacts, "the rollout has room and replaces this pod, or one like it, next"
    ),
}

OTHER_WAITING = Info(_UNREADY, f.ContainerFacts, "the container waits, for the reason in the code")

FINDINGS: dict[str, Info] = {
    "NoNodeDesired": Info((), f.NoNodeFacts, "the DaemonSet wants a pod on no node at all"),
    "DaemonSetDeleting": Info((), f.DeletionFacts, REASONS["DaemonSetDeleting"].meaning),
    "NamespaceTerminating": Info((), f.DeletionFacts, REASONS["NamespaceTerminating"].meaning),
    "ControllerLagging": Info((), f.LaggingFacts, REASONS["ControllerLagging"].meaning),
    "SelectsAllPods": Info(
        (), f.NoFacts, "an empty selector: the controller refuses to manage the DaemonSet"
    ),
    "OnDelete": Info((), f.OnDeleteFacts, "pods of an older revision stay until they are deleted"),
    "DuplicatePods": Info((), f.DuplicateFacts, "a node runs more pods of the DaemonSet than one"),
    "UnattributablePods": Info(
        (), f.PodsFacts, "pods that name no node, so the controller can't count them"
    ),
    "OrphanPods": Info((), f.PodsFacts, "pods without an owner that the controller will adopt"),
}

_RANK = {code: rank for rank, code in enumerate(REASONS)}
_SOURCES = tuple(Source)


def info(code: str) -> Info:
    """The registry's entry; a waiting reason of no entry goes through under its own name."""
    return REASONS.get(code, OTHER_WAITING)


def in_order(reasons: list[Reason]) -> tuple[Reason, ...]:
    """What stops the whole DaemonSet first, then by source, then in the registry's order."""
    return tuple(sorted(reasons, key=_rank))


def _rank(reason: Reason) -> tuple[bool, int, int]:
    return (
        reason.code not in WHOLE_DAEMON_SET,
        _SOURCES.index(reason.source),
        _RANK.get(reason.code, _RANK["RunContainerError"]),
    )
