"""Kubernetes objects for tests, in a word each: what a test does not name is healthy and usual.

The DaemonSet is ``kube-system/agent``; a pod belongs to it, runs its current revision, and has
been ready on node ``a`` for an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.meta import Condition, ObjectMeta, OwnerReference, Quantities, decoder
from kubectl_ds.core.model import (
    Cluster,
    ControllerRevision,
    DaemonSet,
    DaemonSetSpec,
    DaemonSetStatus,
    Event,
    EventSeries,
    EventSource,
    Namespace,
    NamespaceStatus,
    Node,
    NodeSpec,
    NodeStatus,
    ObjectReference,
    ResourceQuota,
    RollingUpdate,
    Taint,
    UpdateStrategy,
)
from kubectl_ds.core.pods import (
    Affinity,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodSpec,
    PodStatus,
    PodTemplate,
    Toleration,
)
from kubectl_ds.core.quantity import parse

NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
NAMESPACE = "kube-system"
NAME = "agent"
UID = "11111111-1111-1111-1111-111111111111"
OTHER_UID = "22222222-2222-2222-2222-222222222222"
LABELS = {"app": "agent"}
HASH = "7d5c8f6b9"
OLD_HASH = "6b9f8d5c4"
GENERATION = "3"
HASH_LABEL = "controller-revision-hash"
GENERATION_LABEL = "pod-template-generation"
GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"


def ago(seconds: float) -> datetime:
    """So many seconds before NOW."""
    return NOW - timedelta(seconds=seconds)


# Nodes

ROOMY = {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "100Gi", "pods": "110"}


def amounts(given: Mapping[str, str]) -> Quantities:
    """Quantities, by resource."""
    return {name: parse(text) for name, text in given.items()}


def taint(text: str) -> Taint:
    """A taint from kubectl's notation, ``key=value:effect`` or ``key:effect``."""
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return Taint(key=key, value=value, effect=effect)


def node(
    name: str = "a",
    *,
    labels: Mapping[str, str] | None = None,
    taints: Iterable[str | Taint] = (),
    ready: str | None = "True",
    unschedulable: bool | None = None,
    created: datetime = NOW - timedelta(days=30),
    allocatable: Mapping[str, str] | None = ROOMY,
) -> Node:
    """A node; ``ready`` is the status of its Ready condition, None for no such condition.

    ``allocatable`` is what it has for pods, by default enough.
    """
    condition = Condition(type="Ready", status=ready or "", last_transition_time=ago(3600))
    return Node(
        metadata=ObjectMeta(name=name, labels=dict(labels or {}), creation_timestamp=created),
        spec=NodeSpec(
            taints=tuple(taint(item) if isinstance(item, str) else item for item in taints),
            unschedulable=unschedulable,
        ),
        status=NodeStatus(
            allocatable=None if allocatable is None else amounts(allocatable),
            conditions=(condition,) if ready is not None else None,
        ),
    )


# Node selectors


def requirement(key: str, operator: str, *values: str) -> NodeSelectorRequirement:
    """``key In (a, b)``; without values the list is left out, as the API does."""
    return NodeSelectorRequirement(key=key, operator=operator, values=values or None)


def term(*expressions: NodeSelectorRequirement) -> NodeSelectorTerm:
    """A term of expressions on labels."""
    return NodeSelectorTerm(match_expressions=expressions)


def field_term(*fields: NodeSelectorRequirement) -> NodeSelectorTerm:
    """A term of expressions on fields."""
    return NodeSelectorTerm(match_fields=fields)


def affinity(*terms: NodeSelectorTerm) -> Affinity:
    """A required node affinity; no terms at all is legal here, unlike in the API."""
    return Affinity(node_affinity=NodeAffinity(required=NodeSelector(node_selector_terms=terms)))


def toleration(text: str, seconds: int | None = None) -> Toleration:
    """``key operator value:effect`` with ``-`` for an empty part, as ``- Exists -:NoExecute``."""
    left, _, effect = text.rpartition(":")
    parts = ["" if part == "-" else part for part in (*left.split(), effect)]
    key, operator, value, effect = parts
    return Toleration(
        key=key, operator=operator, value=value, effect=effect, toleration_seconds=seconds
    )


# Pods


def owner_of(uid: str = UID, *, name: str = NAME, kind: str = "DaemonSet") -> OwnerReference:
    """The owner reference of a controller."""
    return OwnerReference(kind=kind, name=name, uid=uid, controller=True)


def pod(
    name: str = "agent-a",
    target: str | None = "a",
    *,
    bound: bool = True,
    phase: str = "",
    ready: bool | None = None,
    ready_for: float | None = 3600,
    labels: Mapping[str, str] | None = None,
    hash: str = HASH,  # noqa: A002
    generation: str = "",
    owner: str | None = UID,
    namespace: str = NAMESPACE,
    created: datetime | None = NOW - timedelta(hours=2),
    deleting: bool = False,
    deleted: datetime | None = None,
    finalizers: tuple[str, ...] = (),
    conditions: tuple[Condition, ...] = (),
    spec: PodSpec | None = None,
    **status: Any,
) -> Pod:
    """A pod of the DaemonSet.

    Args:
        name: the pod's name.
        target: the node it is for; None where it names none.
        bound: whether it is bound there, or only made for it (``metadata.name`` affinity).
        phase: by default Running where it is bound, else Pending.
        ready: whether its Ready condition is True; by default where it runs.
        ready_for: since how many seconds the Ready condition is what it is; None for no time.
        labels: those that the selector looks at; by default the DaemonSet's.
        hash: its controller-revision-hash; empty for none.
        generation: its pod-template-generation; empty for none.
        owner: UID of its controller, None for an orphan.
        namespace: its namespace.
        created: its creationTimestamp.
        deleting: whether it is being deleted, its grace period just begun.
        deleted: the deletionTimestamp itself.
        finalizers: its finalizers.
        conditions: conditions beside Ready.
        spec: the whole spec in place of the one made from target and bound.
        status: fields of its status.
    """
    phase = phase or ("Running" if bound and target else "Pending")
    running = phase == "Running" if ready is None else ready
    since = None if ready_for is None else ago(ready_for)
    state = Condition(type="Ready", status=str(running), last_transition_time=since)
    marks = {HASH_LABEL: hash, GENERATION_LABEL: generation}
    return Pod(
        metadata=ObjectMeta(
            name=name,
            namespace=namespace,
            uid=f"uid-of-{name}",
            labels={
                **(LABELS if labels is None else labels),
                **{key: value for key, value in marks.items() if value},
            },
            owner_references=None if owner is None else (owner_of(owner),),
            creation_timestamp=created,
            deletion_timestamp=deleted or (NOW + timedelta(seconds=20) if deleting else None),
            deletion_grace_period_seconds=30 if deleting or deleted else None,
            finalizers=finalizers or None,
        ),
        spec=spec or pod_spec(target, bound=bound),
        status=PodStatus(phase=phase, conditions=(state, *conditions), **status),
    )


def pod_spec(target: str | None, *, bound: bool = True) -> PodSpec:
    """What the controller writes into a pod for a node, and the scheduler when it binds it."""
    if target is None:
        return PodSpec()
    aim = affinity(field_term(requirement("metadata.name", "In", target)))
    return PodSpec(node_name=target if bound else "", affinity=aim)


# The DaemonSet


def template(**spec: Any) -> dict[str, Any]:
    """A pod template as the API has it, with fields of its spec: ``nodeSelector={…}``."""
    containers = [{"name": "agent", "image": "example.com/agent:1"}]
    return {"metadata": {"labels": dict(LABELS)}, "spec": {"containers": containers, **spec}}


def pod_template(**spec: Any) -> PodTemplate:
    """The same, decoded."""
    made: PodTemplate = decoder(PodTemplate).decode(msgspec.json.encode(template(**spec)))
    return made


def rolling_update(
    max_unavailable: int | str | None = 1, max_surge: int | str | None = 0
) -> UpdateStrategy:
    """Strategy RollingUpdate; the defaults are those that the API server fills in."""
    update = RollingUpdate(max_unavailable=max_unavailable, max_surge=max_surge)
    return UpdateStrategy(type="RollingUpdate", rolling_update=update)


ON_DELETE = UpdateStrategy(type="OnDelete")


def selector(
    match_labels: Mapping[str, str] | None = None, *expressions: LabelSelectorRequirement
) -> LabelSelector:
    """A label selector."""
    return LabelSelector(
        match_labels=dict(match_labels) if match_labels is not None else None,
        match_expressions=expressions or None,
    )


def daemon_set(
    name: str = NAME,
    *,
    namespace: str = NAMESPACE,
    uid: str = UID,
    pod_template: Mapping[str, Any] | None = None,
    strategy: UpdateStrategy | None = None,
    min_ready_seconds: int = 0,
    selects: LabelSelector | None = None,
    labels: Mapping[str, str] | None = None,
    generation: int = 1,
    observed: int | None = None,
    template_generation: str | None = None,
    deleted: datetime | None = None,
    **status: int,
) -> DaemonSet:
    """A DaemonSet that the controller has observed.

    Args:
        name: its name.
        namespace: its namespace.
        uid: its UID.
        pod_template: the template as the API has it (see ``template``).
        strategy: its update strategy.
        min_ready_seconds: when a ready pod counts as available.
        selects: its label selector.
        labels: its own labels.
        generation: metadata.generation.
        observed: status.observedGeneration, by default the same.
        template_generation: the annotation of that name, None for none.
        deleted: its deletionTimestamp.
        status: fields of its status.
    """
    annotations = {GENERATION_ANNOTATION: template_generation} if template_generation else None
    document = msgspec.json.encode(template() if pod_template is None else pod_template)
    return DaemonSet(
        metadata=ObjectMeta(
            name=name,
            namespace=namespace,
            uid=uid,
            generation=generation,
            labels=dict(labels) if labels else None,
            annotations=annotations,
            creation_timestamp=NOW - timedelta(days=20),
            deletion_timestamp=deleted,
        ),
        spec=DaemonSetSpec(
            selector=selector(LABELS) if selects is None else selects,
            template=msgspec.Raw(document),
            update_strategy=strategy or rolling_update(),
            min_ready_seconds=min_ready_seconds,
        ),
        status=DaemonSetStatus(
            observed_generation=generation if observed is None else observed, **status
        ),
    )


def revision(
    number: int = 1,
    hash: str | None = HASH,  # noqa: A002
    *,
    pod_template: Mapping[str, Any] | None = None,
    owner: str | None = UID,
    name: str = "",
    labels: Mapping[str, str] | None = None,
) -> ControllerRevision:
    """A revision of the DaemonSet, with the template that ``daemon_set`` has by default."""
    held = {**(template() if pod_template is None else pod_template), "$patch": "replace"}
    marks = {} if hash is None else {HASH_LABEL: hash}
    return ControllerRevision(
        metadata=ObjectMeta(
            name=name or f"{NAME}-{hash}",
            namespace=NAMESPACE,
            labels={**(LABELS if labels is None else labels), **marks},
            owner_references=None if owner is None else (owner_of(owner),),
        ),
        revision=number,
        data=msgspec.Raw(msgspec.json.encode({"spec": {"template": held}})),
    )


# What surrounds it


def event(
    reason: str,
    message: str = "",
    *,
    seconds_ago: float = 60,
    kind: str = "DaemonSet",
    name: str = NAME,
    uid: str = UID,
    namespace: str = NAMESPACE,
    type: str = "Warning",  # noqa: A002
    component: str = "daemonset-controller",
    count: int | None = 1,
    series: EventSeries | None = None,
) -> Event:
    """An event, by default one of the controller about the DaemonSet."""
    return Event(
        metadata=ObjectMeta(name=f"{name}.{reason}.{seconds_ago}", namespace=namespace),
        involved_object=ObjectReference(kind=kind, namespace=namespace, name=name, uid=uid),
        type=type,
        reason=reason,
        message=message,
        count=count,
        first_timestamp=ago(seconds_ago),
        last_timestamp=ago(seconds_ago),
        series=series,
        source=EventSource(component=component),
    )


def pod_event(
    reason: str,
    message: str = "",
    *,
    seconds_ago: float = 60,
    of: str = "agent-a",
    container: str = "",
    init: bool = False,
    component: str = "kubelet",
    host: str = "a",
    count: int | None = 1,
) -> Event:
    """An event of the kubelet about a pod, or about one of its containers."""
    path = f"spec.{'initContainers' if init else 'containers'}{{{container}}}" if container else ""
    made = event(
        reason,
        message,
        seconds_ago=seconds_ago,
        kind="Pod",
        name=of,
        uid=f"uid-of-{of}",
        component=component,
        count=count,
    )
    return msgspec.structs.replace(
        made,
        involved_object=msgspec.structs.replace(made.involved_object, field_path=path),
        source=EventSource(component=component, host=host),
    )


def namespace(
    name: str = NAMESPACE,
    *,
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    phase: str = "Active",
) -> Namespace:
    """A namespace."""
    return Namespace(
        metadata=ObjectMeta(
            name=name,
            annotations=dict(annotations) if annotations else None,
            labels=dict(labels) if labels else None,
        ),
        status=NamespaceStatus(phase=phase),
    )


def cluster(
    daemon_sets: Iterable[DaemonSet] = (),
    nodes: Iterable[Node] = (),
    pods: Iterable[Pod] = (),
    *,
    revisions: Iterable[ControllerRevision] | None = None,
    **more: Any,
) -> Cluster:
    """All that was read at NOW; by default with the DaemonSet's one current revision."""
    return Cluster(
        now=NOW,
        daemon_sets=tuple(daemon_sets),
        nodes=tuple(nodes),
        pods=tuple(pods),
        revisions=(revision(),) if revisions is None else tuple(revisions),
        namespaces=tuple(more.pop("namespaces", (namespace(),))),
        **more,
    )


# What admission asks


def container(
    requests: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
    name: str = "agent",
) -> dict[str, Any]:
    """A container of a template as the API has it."""
    return {"name": name, "resources": {"requests": requests, "limits": limits}}


def quota(
    hard: Mapping[str, str],
    used: Mapping[str, str] | None = None,
    *,
    name: str = "q",
    namespace: str = NAMESPACE,
    spec_hard: Mapping[str, str] | None = None,
    scopes: Iterable[str] = (),
    expressions: Iterable[Mapping[str, Any]] = (),
) -> ResourceQuota:
    """A ResourceQuota; ``hard`` is its status, of which by default nothing is used."""
    document = {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "hard": spec_hard or hard,
            "scopes": list(scopes),
            "scopeSelector": {"matchExpressions": list(expressions)},
        },
        "status": {"hard": hard, "used": dict.fromkeys(hard, "0") if used is None else used},
    }
    made: ResourceQuota = decoder(ResourceQuota).decode(msgspec.json.encode(document))
    return made


def limit_range(
    default: Mapping[str, str] | None = None,
    request: Mapping[str, str] | None = None,
    *,
    kind: str = "Container",
    namespace: str = NAMESPACE,
    name: str = "range",
    **bounds: Mapping[str, str],
) -> LimitRange:
    """A LimitRange with default limits and requests, and bounds: min, max, maxLimitRequestRatio."""
    item = {"type": kind, "default": default, "defaultRequest": request, **bounds}
    document = {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"limits": [item]},
    }
    made: LimitRange = decoder(LimitRange).decode(msgspec.json.encode(document))
    return made
