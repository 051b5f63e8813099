"""The one registry of what may leave the program: states, reason codes, finding codes.

`ROWS` has the codes of each state in the order in which they are listed, `REASONS` what each of
them means. The JSON Schema is generated from it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kubectl_ds.core import facts as f
from kubectl_ds.core.meta import Value


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


class Reason(Value, frozen=True, kw_only=False):
    """Why a node is in its state: a code and the evidence behind it."""

    code: str
    source: Source
    facts: f.Facts


class Info(NamedTuple):
    """What a code means, and the shape of its evidence."""

    facts: type[f.Facts]
    meaning: str


WHOLE_DAEMON_SET = ("DaemonSetDeleting", "NamespaceTerminating", "ControllerLagging")

_PLACEMENT = (
    "NodeNameMismatch",
    "NodeSelectorMismatch",
    "NodeAffinityMismatch",
    "NamespaceNodeSelectorMismatch",
    "UntoleratedTaint",
)
NODE_TROUBLE = ("NodeNotReady", "NodeUnreachable")
_EXCLUDED = (*_PLACEMENT, *NODE_TROUBLE)

# The codes that explain a state, in the order in which they are listed.
ROWS: dict[State, tuple[str, ...]] = {
    State.EXCLUDED: _EXCLUDED,
    State.MISSCHEDULED: (*_PLACEMENT, "TargetNodeMissing", "NotReplaceable"),
    State.MISSING: (
        *WHOLE_DAEMON_SET,
        "QuotaExceeded",
        "QuotaRequiresResources",
        "LimitRangeViolation",
        "PodSecurityViolation",
        "WebhookDenied",
        "WebhookUnavailable",
        "AdmissionPolicyDenied",
        "ServiceAccountMissing",
        "PriorityClassMissing",
        "PriorityConflict",
        "RuntimeClassMissing",
        "RuntimeClassConflict",
        "SecurityContextConstraintDenied",
        "InvalidPodSpec",
        "ControllerForbidden",
        "CreateFailed",
        "JustAdded",
        "Unknown",
    ),
    State.PENDING: (
        "SchedulingGated",
        "SchedulerAbsent",
        "AwaitingScheduler",
        "SchedulerError",
        "WaitingForPreemption",
        "UntoleratedTaint",
        "NodeSelectorMismatch",
        "HostPortConflict",
        "TooManyPods",
        "InsufficientCPU",
        "InsufficientMemory",
        "InsufficientEphemeralStorage",
        "InsufficientResource",
        "VolumeMissing",
        "VolumeUnbound",
        "VolumeInUse",
        "VolumeLimit",
        "VolumeNodeAffinity",
        "VolumeZone",
        "VolumeNoCapacity",
        "TopologySpread",
        "PodAffinity",
        "PodAntiAffinity",
        "ResourceClaim",
        "NodeFeature",
        "TargetNodeMissing",
        "Unschedulable",
    ),
    State.UNREADY: (
        "NodeNotReady",
        "NodeUnreachable",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CrashLoopBackOff",
        "OOMKilled",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "VolumeMount",
        "SandboxCreate",
        "NetworkNotReady",
        "ContainerCreating",
        "PodInitializing",
        "NotReady",
        "ReadinessGate",
        "MinReadySeconds",
        *_PLACEMENT,
    ),
    State.FAILED: (
        *WHOLE_DAEMON_SET,
        "Evicted",
        "NodeShutdown",
        "KubeletRejected",
        "PodFailed",
        *_EXCLUDED,
    ),
    State.TERMINATING: (
        *WHOLE_DAEMON_SET,
        "StuckTerminating",
        "ReplacementWaitsForTermination",
        *_EXCLUDED,
    ),
    State.OUTDATED: (
        *WHOLE_DAEMON_SET,
        "OnDelete",
        "BlockedByCreateFailure",
        "SurgePodPending",
        "SurgePodNotReady",
        "SurgePodMinReady",
        "WaitingForSurgeBudget",
        "WaitingForBudget",
        "NextInLine",
    ),
    State.AVAILABLE: (),
}

REASONS: dict[str, Info] = {
    "DaemonSetDeleting": Info(
        f.DeletionFacts,
        "the DaemonSet is being deleted, so its controller neither creates nor replaces pods",
    ),
    "NamespaceTerminating": Info(
        f.DeletionFacts, "the namespace is being deleted and takes no new pods"
    ),
    "ControllerLagging": Info(
        f.LaggingFacts,
        "the DaemonSet controller has not acted on the current spec yet",
    ),
    "NodeNameMismatch": Info(f.NodeNameFacts, "the template names another node"),
    "NodeSelectorMismatch": Info(
        f.NodeSelectorFacts, "a nodeSelector label is absent or has another value"
    ),
    "NodeAffinityMismatch": Info(
        f.NodeAffinityFacts, "no term of the required node affinity matches the node"
    ),
    "NamespaceNodeSelectorMismatch": Info(
        f.NamespaceSelectorFacts,
        "the namespace's node selector does not match the node (OpenShift)",
    ),
    "UntoleratedTaint": Info(f.TaintFacts, "the node has a taint that the pod does not tolerate"),
    "NodeNotReady": Info(f.NodeHealthFacts, "the node is not ready"),
    "NodeUnreachable": Info(f.NodeHealthFacts, "the node's kubelet does not report"),
    "NotReplaceable": Info(
        f.NotReplaceableFacts,
        "a rollout deletes the pod here and creates none in its place",
    ),
    "QuotaExceeded": Info(f.QuotaFacts, "one more pod would exceed a ResourceQuota"),
    "QuotaRequiresResources": Info(
        f.CreateFacts, "a ResourceQuota wants requests or limits that a container lacks"
    ),
    "LimitRangeViolation": Info(f.LimitFacts, "a LimitRange refuses the pod"),
    "PodSecurityViolation": Info(
        f.SecurityFacts, "the namespace's Pod Security level refuses the pod"
    ),
    "WebhookDenied": Info(f.CreateFacts, "an admission webhook refuses the pod"),
    "WebhookUnavailable": Info(
        f.CreateFacts, "an admission webhook that must answer can't be called"
    ),
    "AdmissionPolicyDenied": Info(f.CreateFacts, "a ValidatingAdmissionPolicy refuses the pod"),
    "ServiceAccountMissing": Info(f.CreateFacts, "the pod's ServiceAccount does not exist"),
    "PriorityClassMissing": Info(f.CreateFacts, "the pod's PriorityClass does not exist"),
    "PriorityConflict": Info(
        f.CreateFacts, "the pod sets a priority that differs from its PriorityClass"
    ),
    "RuntimeClassMissing": Info(f.CreateFacts, "the pod's RuntimeClass does not exist"),
    "RuntimeClassConflict": Info(
        f.CreateFacts, "the pod contradicts its RuntimeClass's overhead or nodeSelector"
    ),
    "SecurityContextConstraintDenied": Info(
        f.CreateFacts, "no SecurityContextConstraint admits the pod (OpenShift)"
    ),
    "InvalidPodSpec": Info(f.CreateFacts, "the pod made from the template is invalid"),
    "ControllerForbidden": Info(f.CreateFacts, "the DaemonSet controller may not create pods here"),
    "CreateFailed": Info(f.CreateFacts, "creating the pod failed in another way"),
    "JustAdded": Info(f.JustAddedFacts, "the node is seconds old; its pod is about to be created"),
    "Unknown": Info(f.UnknownFacts, "nothing that was read tells why there is no pod"),
    "SchedulingGated": Info(f.SchedulingFacts, "scheduling gates hold the pod back on purpose"),
    "SchedulerAbsent": Info(
        f.SchedulingFacts, "the pod asks for a scheduler of which there is no trace"
    ),
    "AwaitingScheduler": Info(f.SchedulingFacts, "the scheduler has not looked at the pod yet"),
    "SchedulerError": Info(f.SchedulingFacts, "the scheduler failed with an error"),
    "WaitingForPreemption": Info(
        f.SchedulingFacts, "room is being made for the pod by evicting others"
    ),
    "HostPortConflict": Info(f.PortFacts, "another pod holds a host port there"),
    "TooManyPods": Info(f.RoomFacts, "the node takes no more pods"),
    "InsufficientCPU": Info(f.RoomFacts, "the node has too little CPU left"),
    "InsufficientMemory": Info(f.RoomFacts, "the node has too little memory left"),
    "InsufficientEphemeralStorage": Info(
        f.RoomFacts, "the node has too little ephemeral storage left"
    ),
    "InsufficientResource": Info(f.RoomFacts, "the node has too little of a named resource"),
    "VolumeMissing": Info(f.VolumeFacts, "a volume claim of the pod does not exist"),
    "VolumeUnbound": Info(f.VolumeFacts, "a volume claim of the pod is not bound"),
    "VolumeInUse": Info(f.VolumeFacts, "a volume of the pod is in use elsewhere"),
    "VolumeLimit": Info(f.VolumeFacts, "the node can't attach more volumes"),
    "VolumeNodeAffinity": Info(f.VolumeFacts, "a volume of the pod belongs to other nodes"),
    "VolumeZone": Info(f.VolumeFacts, "a volume of the pod is in another zone"),
    "VolumeNoCapacity": Info(f.VolumeFacts, "there is not enough storage for a new volume"),
    "TopologySpread": Info(f.TermFacts, "a topology spread constraint forbids it"),
    "PodAffinity": Info(f.TermFacts, "the pod must be near pods that are not there"),
    "PodAntiAffinity": Info(f.TermFacts, "the pod, or one that is there, keeps its distance"),
    "ResourceClaim": Info(f.SchedulerFacts, "a resource claim can't be met there"),
    "NodeFeature": Info(f.SchedulerFacts, "the node lacks a feature that the pod needs"),
    "TargetNodeMissing": Info(
        f.TargetFacts,
        "the node that the pod is aimed at no longer exists",
    ),
    "Unschedulable": Info(f.SchedulerFacts, "the scheduler refuses in other words"),
    "ImagePullBackOff": Info(f.ContainerFacts, "pulling the image fails again and again"),
    "ErrImagePull": Info(f.ContainerFacts, "pulling the image failed"),
    "InvalidImageName": Info(f.ContainerFacts, "the image's name can't be read"),
    "ErrImageNeverPull": Info(
        f.ContainerFacts, "the image is not on the node and must not be pulled"
    ),
    "CrashLoopBackOff": Info(f.ContainerFacts, "the container ends again and again"),
    "OOMKilled": Info(f.ContainerFacts, "the container was killed for lack of memory"),
    "CreateContainerConfigError": Info(
        f.ContainerFacts, "the container's configuration can't be put together"
    ),
    "CreateContainerError": Info(f.ContainerFacts, "the runtime can't create the container"),
    "RunContainerError": Info(f.ContainerFacts, "the runtime can't start the container"),
    "VolumeMount": Info(f.PodEventFacts, "a volume of the pod can't be mounted or attached"),
    "SandboxCreate": Info(f.PodEventFacts, "the pod's sandbox or its network can't be set up"),
    "NetworkNotReady": Info(f.PodEventFacts, "the node's network is not ready"),
    "ContainerCreating": Info(
        f.ContainerFacts, "the kubelet is at it, and nothing tells yet what it waits for"
    ),
    "PodInitializing": Info(f.ContainerFacts, "an init container has yet to finish"),
    "NotReady": Info(f.ContainerFacts, "the container runs and is not ready"),
    "ReadinessGate": Info(f.ReadinessGateFacts, "a readiness gate is not met"),
    "MinReadySeconds": Info(f.MinReadyFacts, "the pod is ready, for less than minReadySeconds"),
    "Evicted": Info(f.PodFailureFacts, "the kubelet evicted the pod"),
    "NodeShutdown": Info(f.PodFailureFacts, "the node was shutting down"),
    "KubeletRejected": Info(f.PodFailureFacts, "the kubelet refused the pod"),
    "PodFailed": Info(f.PodFailureFacts, "the pod ended"),
    "StuckTerminating": Info(f.TerminationFacts, "the pod should have been gone by now"),
    "ReplacementWaitsForTermination": Info(
        f.TerminationFacts, "the new pod is created once the old one is gone"
    ),
    "OnDelete": Info(f.OldPodFacts, "strategy OnDelete: the pod stays until somebody deletes it"),
    "BlockedByCreateFailure": Info(
        f.BlockedFacts, "no pod is replaced while pods can't be created elsewhere"
    ),
    "SurgePodPending": Info(f.SurgeFacts, "the new pod is not bound to the node yet"),
    "SurgePodNotReady": Info(f.SurgeFacts, "the new pod is not ready"),
    "SurgePodMinReady": Info(f.SurgeFacts, "the new pod is ready, for less than minReadySeconds"),
    "WaitingForSurgeBudget": Info(f.BudgetFacts, "maxSurge is used up by other nodes"),
    "WaitingForBudget": Info(f.BudgetFacts, "maxUnavailable is used up by other nodes"),
    "NextInLine": Info(
        f.BudgetFacts, "the rollout has room and replaces this pod, or one like it, next"
    ),
}

OTHER_WAITING = Info(f.ContainerFacts, "the container waits, for the reason in the code")

FINDINGS: dict[str, Info] = {
    "NoNodeDesired": Info(f.NoNodeFacts, "the DaemonSet wants a pod on no node at all"),
    "DaemonSetDeleting": Info(f.DeletionFacts, REASONS["DaemonSetDeleting"].meaning),
    "NamespaceTerminating": Info(f.DeletionFacts, REASONS["NamespaceTerminating"].meaning),
    "ControllerLagging": Info(f.LaggingFacts, REASONS["ControllerLagging"].meaning),
    "SelectsAllPods": Info(
        f.NoFacts, "an empty selector: the controller refuses to manage the DaemonSet"
    ),
    "SharedCause": Info(f.SharedCauseFacts, "one cause explains several nodes"),
    "SharedNode": Info(
        f.SharedNodeFacts, "nodes that are not ready leave several DaemonSets without their pod"
    ),
    "OnDelete": Info(f.OnDeleteFacts, "pods of an older revision stay until they are deleted"),
    "PodsVanish": Info(f.PodsVanishFacts, "pods are made and gone again within seconds"),
    "DuplicatePods": Info(f.DuplicateFacts, "a node runs more pods of the DaemonSet than one"),
    "OldPodCounted": Info(
        f.CountedFacts,
        "the status counts a node by an old pod that is not gone yet, not by the new one",
    ),
    "PodDiffersFromTemplate": Info(
        f.PodDifferenceFacts,
        "pods were changed when they were created, and can't go where the template could",
    ),
    "EvictionLoop": Info(
        f.EvictionLoopFacts,
        "a taint is tolerated for a time only, so pods are evicted and created anew without end",
    ),
    "UnattributablePods": Info(
        f.PodsFacts, "pods that name no node, so the controller can't count them"
    ),
    "OrphanPods": Info(f.PodsFacts, "pods without an owner that the controller will adopt"),
}

_SOURCES = tuple(Source)


def info(code: str) -> Info:
    """The registry's entry; a waiting reason of no entry goes through under its own name."""
    return REASONS.get(code, OTHER_WAITING)


def in_order(state: State, reasons: list[Reason]) -> tuple[Reason, ...]:
    """What stops the whole DaemonSet first, then by source, then in the order of the state's row.

    A waiting reason of no entry comes behind those that the row has for containers.
    """
    row = ROWS[state]
    unknown = row.index("ContainerCreating") if state is State.UNREADY else len(row)

    def rank(reason: Reason) -> tuple[bool, int, float]:
        place = row.index(reason.code) if reason.code in row else unknown - 0.5
        return reason.code not in WHOLE_DAEMON_SET, _SOURCES.index(reason.source), place

    return tuple(sorted(reasons, key=rank))
