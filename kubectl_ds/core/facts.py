"""What stands behind a reason: typed evidence, one class for codes that need the same keys.

Each field says what it is, its unit, and which side it comes from. ``asked`` is what was asked
of the node, or is the same on every node with that cause; ``own`` is the node's own value.
Nodes are folded into one row where all that was asked is equal.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kubectl_ds.core.meta import Time, Value
from kubectl_ds.core.pods import NodeSelectorTerm


def asked(description: str, unit: str | None = None, stamps: bool = False) -> Meta:
    """Mark a field whose value must be equal for two nodes to share a row.

    Where it may hold a time in digits (``stamps``), all such times count as equal.
    """
    return _meta(description, unit, own=False, stamps=stamps)


def own(description: str, unit: str | None = None) -> Meta:
    """Mark a field whose value may differ between nodes of one row."""
    return _meta(description, unit, own=True)


def _meta(description: str, unit: str | None, own: bool, stamps: bool = False) -> Meta:
    schema: dict[str, Any] = {"x-unit": unit} if unit else {}
    return Meta(
        description=description, extra_json_schema=schema, extra={"own": own, "stamps": stamps}
    )


class Facts(Value, frozen=True):
    """Base of all evidence."""


class UnknownFacts(Facts, frozen=True):
    pods_read: Annotated[bool, asked("whether any pod was read; without, none can be missed")]


class NoFacts(Facts, frozen=True):
    """A reason that nothing but its code stands behind."""


class NodeNameFacts(Facts, frozen=True):
    wanted: Annotated[str, asked("the template's spec.nodeName")]


class NodeSelectorFacts(Facts, frozen=True):
    key: Annotated[str, asked("the label's key in nodeSelector")]
    wanted: Annotated[str, asked("the value that nodeSelector wants")]
    actual: Annotated[str | None, own("the node's value; null where it has no such label")]
    message: Annotated[str, asked("the scheduler's words, where labels no longer show it")] = ""


class AffinityFailure(Value, frozen=True):
    term: Annotated[int, asked("the term's position among nodeSelectorTerms, from 0")]
    key: Annotated[str, asked("the label's or field's key")]
    operator: Annotated[str, asked("the expression's operator")]
    values: Annotated[tuple[str, ...], asked("the expression's values")]
    actual: Annotated[str | None, own("the node's value; null where it has no such label")]
    problem: Annotated[str | None, asked("why Kubernetes can't parse the expression, or null")]


class NamespaceSelectorFacts(Facts, frozen=True):
    annotation: Annotated[str, asked("the namespace's annotation that holds the selector")]
    selector: Annotated[str, asked("the namespace's node selector")]
    failed: Annotated[tuple[AffinityFailure, ...], asked("each requirement that does not hold")]


class NodeAffinityFacts(Facts, frozen=True):
    terms: Annotated[
        tuple[NodeSelectorTerm, ...], asked("the template's required terms; one must match whole")
    ]
    failed: Annotated[tuple[AffinityFailure, ...], asked("each expression that does not hold")]


class TaintFacts(Facts, frozen=True):
    key: Annotated[str, asked("the taint's key")]
    value: Annotated[str, asked("the taint's value, empty where it has none", stamps=True)]
    effect: Annotated[str, asked("NoSchedule or NoExecute")]
    time_added: Annotated[Time | None, own("when a NoExecute taint was added")] = None
    message: Annotated[str, asked("the scheduler's words, where taints no longer show it")] = ""


class NodeHealthFacts(Facts, frozen=True):
    exists: Annotated[bool, asked("whether there still is a Node object")]
    status: Annotated[str | None, asked("status of the node's Ready condition")]
    reason: Annotated[str, own("the condition's reason")]
    message: Annotated[str, own("the condition's message")]
    since: Annotated[Time | None, own("when the condition last changed its status")]
    taints: Annotated[tuple[str, ...], own("the node's not-ready and unreachable taints")] = ()
    cordoned: Annotated[bool, own("spec.unschedulable, which keeps no daemon pod away")] = False


class DeletionFacts(Facts, frozen=True):
    name: Annotated[str, asked("the object that is being deleted")]
    deletion_timestamp: Annotated[Time | None, asked("when it was to be gone")]
    finalizers: Annotated[tuple[str, ...], asked("what must finish before it is gone")]


class LaggingFacts(Facts, frozen=True):
    generation: Annotated[int, asked("metadata.generation: the spec that was asked for")]
    observed_generation: Annotated[int, asked("status.observedGeneration: the spec acted upon")]


class CreateFacts(Facts, frozen=True):
    subject: Annotated[str, asked("what refused: the quota, webhook, policy or class; or empty")]
    message: Annotated[str, asked("what the API server answered, from the newest FailedCreate")]
    last_seen: Annotated[Time | None, asked("when that event last happened")]
    count: Annotated[int, asked("how often, as far as the event counts")]


class QuotaUse(Value, frozen=True):
    resource: Annotated[str, asked("the quota's key, such as requests.cpu")]
    requested: Annotated[str, asked("what one pod uses", "quantity")]
    used: Annotated[str, asked("status.used", "quantity")]
    hard: Annotated[str, asked("status.hard", "quantity")]


class QuotaFacts(Facts, frozen=True):
    quota: Annotated[str, asked("the ResourceQuota's name")]
    resources: Annotated[tuple[QuotaUse, ...], asked("the keys that one more pod would exceed")]
    pods_that_fit: Annotated[
        int | None,
        asked("how many more pods the quota admits now; null where it can't be computed", "pods"),
    ]
    message: Annotated[str, asked("what the API server answered, or empty")] = ""
    last_seen: Annotated[Time | None, asked("when the event last happened")] = None
    count: Annotated[int, asked("how often, as far as the event counts")] = 0


class JustAddedFacts(Facts, frozen=True):
    created: Annotated[Time, own("the node's creationTimestamp")]


class SchedulerFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pending pod")]
    text: Annotated[str, asked("the scheduler's words for this node")]
    resource: Annotated[str, asked("the resource that is short, or empty")]
    message: Annotated[str, own("the scheduler's whole message")]


class SchedulingFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pending pod")]
    scheduler: Annotated[str, asked("spec.schedulerName")]
    gates: Annotated[tuple[str, ...], asked("spec.schedulingGates")] = ()
    nominated_node: Annotated[str, own("status.nominatedNodeName, or empty")] = ""
    message: Annotated[str, own("message of the PodScheduled condition, or empty")] = ""


class TargetFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that is aimed at the node")]


class ContainerFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    container: Annotated[str, asked("the container; empty where none has a status yet")]
    init: Annotated[bool, asked("whether it is an init container")]
    image: Annotated[str, own("the container's image")]
    reason: Annotated[str, own("reason of the waiting or terminated state")]
    message: Annotated[str, own("message of that state")]
    restarts: Annotated[int, own("how often the container was restarted", "restarts")]
    exit_code: Annotated[int | None, own("exit code of the last end, null where it never ended")]
    exit_reason: Annotated[str, own("reason of the last end, such as Error or OOMKilled")]


class ReadinessGateFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    gate: Annotated[str, asked("the condition that the gate waits for")]
    status: Annotated[str | None, own("the condition's status; null where nothing reported it")]


class MinReadyFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    min_ready_seconds: Annotated[int, asked("the DaemonSet's minReadySeconds", "seconds")]
    ready_since: Annotated[Time | None, own("when the pod became ready")]
    seconds_left: Annotated[int | None, own("until it counts as available", "seconds")]


class PodFailureFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    phase: Annotated[str, asked("Failed or Succeeded")]
    reason: Annotated[str, asked("status.reason")]
    message: Annotated[str, own("status.message")]


class TerminationFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that is being deleted")]
    deletion_timestamp: Annotated[Time, own("when it was to be gone")]
    overdue_seconds: Annotated[int, own("how long past that it is; 0 where it is not", "seconds")]
    finalizers: Annotated[tuple[str, ...], asked("finalizers that hold the pod")]
    cause: Annotated[str, asked("finalizer, nodeGone, nodeNotReady, kubelet, or none")]


class Blocker(Value, frozen=True):
    node: Annotated[str, asked("a node that uses up the rollout's budget")]
    state: Annotated[str, asked("that node's state")]
    code: Annotated[str | None, asked("its first reason; null where it has none")]


class BudgetFacts(Facts, frozen=True):
    limit: Annotated[int, asked("maxUnavailable or maxSurge, percentages resolved", "nodes")]
    used: Annotated[int, asked("how many nodes count against it", "nodes")]
    blockers: Annotated[
        tuple[Blocker, ...], asked("the first three of those nodes; rollout.blockers has all")
    ]
    stalled_by: Annotated[
        tuple[str, ...], asked("nodes that are gone and whose pods fail the rollout as a whole")
    ]
    pod: Annotated[str, own("the pod of the older revision")]


class OldPodFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod of the older revision")]
    revision: Annotated[str, own("its controller-revision-hash")]
    current_revision: Annotated[str, asked("the DaemonSet's, empty where unknown")]


class BlockedFacts(Facts, frozen=True):
    code: Annotated[str, asked("why pods can't be created elsewhere")]
    nodes: Annotated[int, asked("how many nodes lack any pod; 0 for new ones beside old", "nodes")]
    message: Annotated[str, asked("what the API server answered")]


class SurgeFacts(Facts, frozen=True):
    pod: Annotated[str, own("the new pod beside the old one")]
    code: Annotated[str, own("why it is not ready, as a reason's code; or empty")]
    message: Annotated[str, own("the scheduler's or the kubelet's words, or empty")]


class NotReplaceableFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that a rollout deletes")]
    due: Annotated[bool, asked("whether the pod is of an older revision, so that it goes now")]


class Exclusion(Value, frozen=True):
    code: Annotated[str, asked("why nodes are excluded")]
    asked: Annotated[str, asked("what was asked of them")]
    nodes: Annotated[int, asked("how many", "nodes")]


class Typo(Value, frozen=True):
    wanted: Annotated[str, asked("what the template asks for, which no node has")]
    existing: Annotated[str, asked("what looks alike and exists")]
    nodes: Annotated[int, asked("on how many nodes", "nodes")]


class NoNodeFacts(Facts, frozen=True):
    nodes: Annotated[int, asked("how many nodes there are", "nodes")]
    exclusions: Annotated[tuple[Exclusion, ...], asked("what excludes most nodes, most first")]
    typos: Annotated[tuple[Typo, ...], asked("likely typing errors")]


class PodsFacts(Facts, frozen=True):
    pods: Annotated[tuple[str, ...], asked("the pods in question")]


class DuplicateFacts(Facts, frozen=True):
    node: Annotated[str, asked("the node with more than one live pod")]
    pods: Annotated[tuple[str, ...], asked("all of them, the one that stays first")]


class OnDeleteFacts(Facts, frozen=True):
    nodes: Annotated[int, asked("how many nodes still run an older revision", "nodes")]
    desired: Annotated[int, asked("of how many", "nodes")]


def asked_of(facts: Value) -> tuple[Any, ...]:
    """The part of the evidence by which nodes are folded into one row."""
    return tuple(
        _asked(getattr(facts, name), stamps) for name, stamps in _asked_fields(type(facts))
    )


def _asked(value: Any, stamps: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_asked(item, stamps) for item in value)
    if isinstance(value, Value):
        return asked_of(value)
    return _STAMP.sub("#", value) if stamps else value


_STAMP = re.compile(r"[0-9]{8,}")


@cache
def _asked_fields(kind: type[Value]) -> tuple[tuple[str, bool], ...]:
    """The fields that are not the node's own, and whether each may hold a time in digits."""
    fields = getattr(msgspec.inspect.type_info(kind), "fields", ())
    marks = [(item.name, _extra(item.type)) for item in fields]
    return tuple((name, bool(extra.get("stamps"))) for name, extra in marks if not extra.get("own"))


def _extra(kind: msgspec.inspect.Type) -> dict[str, bool]:
    return (kind.extra or {}) if isinstance(kind, msgspec.inspect.Metadata) else {}
