"""Kubernetes objects as frozen values, decoded straight from the API's JSON.

Only the fields that a rule reads are declared; msgspec skips the rest without building it.
A list or map that the API leaves out and one that it gives as ``null`` mean the same, as in Go:
read them through the ``or ()`` idiom or the properties below.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, field

from kubectl_ds.core import quantity
from kubectl_ds.core.quantity import Quantity

Time = Annotated[datetime, Meta(tz=True)]
Labels = dict[str, str]
Quantities = dict[str, Quantity]

DEFAULT_SCHEDULER = "default-scheduler"


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """Base of all values: immutable, compared by content, camelCase outside."""


class OwnerReference(Value, frozen=True):
    kind: str
    name: str
    uid: str
    controller: bool | None = None


class ManagedFieldsEntry(Value, frozen=True):
    time: Time | None = None


class ObjectMeta(Value, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: Labels | None = None
    annotations: Labels | None = None
    finalizers: tuple[str, ...] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    managed_fields: tuple[ManagedFieldsEntry, ...] | None = None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner reference with ``controller: true``, or None."""
        return next((ref for ref in self.owner_references or () if ref.controller), None)


class Condition(Value, frozen=True):
    type: str
    status: str = ""
    reason: str = ""
    message: str = ""
    last_heartbeat_time: Time | None = None
    last_transition_time: Time | None = None


def condition(conditions: tuple[Condition, ...] | None, kind: str) -> Condition | None:
    """The condition of that type, or None where the list has none."""
    return next((item for item in conditions or () if item.type == kind), None)


class Taint(Value, frozen=True):
    key: str
    effect: str
    value: str = ""
    time_added: Time | None = None


class Toleration(Value, frozen=True):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class NodeSpec(Value, frozen=True):
    taints: tuple[Taint, ...] | None = None
    unschedulable: bool | None = None


class NodeStatus(Value, frozen=True):
    conditions: tuple[Condition, ...] | None = None


class Node(Value, frozen=True):
    metadata: ObjectMeta
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def labels(self) -> Labels:
        return self.metadata.labels or {}

    @property
    def taints(self) -> tuple[Taint, ...]:
        return self.spec.taints or ()

    @property
    def ready(self) -> Condition | None:
        """The node's Ready condition, or None where nothing ever reported it."""
        return condition(self.status.conditions, "Ready")


class NodeSelectorRequirement(Value, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class NodeSelectorTerm(Value, frozen=True):
    match_expressions: tuple[NodeSelectorRequirement, ...] | None = None
    match_fields: tuple[NodeSelectorRequirement, ...] | None = None


class NodeSelector(Value, frozen=True):
    node_selector_terms: tuple[NodeSelectorTerm, ...] | None = None


class NodeAffinity(Value, frozen=True):
    required: NodeSelector | None = field(
        name="requiredDuringSchedulingIgnoredDuringExecution", default=None
    )


LabelSelectorRequirement = NodeSelectorRequirement  # the API gives both the same shape


class LabelSelector(Value, frozen=True):
    match_labels: Labels | None = None
    match_expressions: tuple[LabelSelectorRequirement, ...] | None = None


class PodAffinityTerm(Value, frozen=True):
    namespaces: tuple[str, ...] | None = None
    namespace_selector: LabelSelector | None = None


class WeightedPodAffinityTerm(Value, frozen=True):
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(Value, frozen=True):
    required: tuple[PodAffinityTerm, ...] | None = field(
        name="requiredDuringSchedulingIgnoredDuringExecution", default=None
    )
    preferred: tuple[WeightedPodAffinityTerm, ...] | None = field(
        name="preferredDuringSchedulingIgnoredDuringExecution", default=None
    )


class Affinity(Value, frozen=True):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class ResourceRequirements(Value, frozen=True):
    requests: Quantities | None = None
    limits: Quantities | None = None


class Container(Value, frozen=True):
    name: str = ""
    resources: ResourceRequirements | None = None
    restart_policy: str | None = None

    @property
    def sidecar(self) -> bool:
        """Whether an init container keeps running beside the others (KEP-753)."""
        return self.restart_policy == "Always"


class ReadinessGate(Value, frozen=True):
    condition_type: str


class SchedulingGate(Value, frozen=True):
    name: str


class PodSpec(Value, frozen=True):
    """What a template says; an existing pod is read as the smaller `BoundPodSpec`."""

    node_name: str = ""
    node_selector: Labels | None = None
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] | None = None
    host_network: bool = False
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    resources: ResourceRequirements | None = None
    overhead: Quantities | None = None
    priority_class_name: str = ""
    runtime_class_name: str | None = None
    active_deadline_seconds: int | None = None

    @property
    def required_terms(self) -> tuple[NodeSelectorTerm, ...] | None:
        """Terms of the required node affinity; None where there is no such affinity."""
        node_affinity = self.affinity.node_affinity if self.affinity else None
        if node_affinity is None or node_affinity.required is None:
            return None
        return node_affinity.required.node_selector_terms or ()


class PodTemplate(Value, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class RollingUpdate(Value, frozen=True):
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None


class UpdateStrategy(Value, frozen=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class DaemonSetSpec(Value, frozen=True):
    selector: LabelSelector = LabelSelector()
    template: Raw = Raw(b"{}")
    update_strategy: UpdateStrategy = UpdateStrategy()
    min_ready_seconds: int = 0


class DaemonSetStatus(Value, frozen=True):
    current_number_scheduled: int = 0
    desired_number_scheduled: int = 0
    number_available: int = 0
    number_misscheduled: int = 0
    number_ready: int = 0
    number_unavailable: int = 0
    observed_generation: int = 0
    updated_number_scheduled: int = 0
    collision_count: int | None = None


class DaemonSet(Value, frozen=True):
    metadata: ObjectMeta
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace

    @property
    def template(self) -> PodTemplate:
        """The pod template.

        Raises:
            msgspec.ValidationError: the template has a wrong shape; its path starts at the
                template.
        """
        return _template(bytes(self.spec.template))


@lru_cache(maxsize=1024)
def _template(document: bytes) -> PodTemplate:
    template: PodTemplate = decoder(PodTemplate).decode(document)
    return template


class ControllerRevision(Value, frozen=True):
    metadata: ObjectMeta
    revision: int = 0
    data: Raw = Raw(b"{}")


class ContainerStateWaiting(Value, frozen=True):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(Value, frozen=True):
    started_at: Time | None = None


class ContainerStateTerminated(Value, frozen=True):
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    started_at: Time | None = None
    finished_at: Time | None = None


class ContainerState(Value, frozen=True):
    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(Value, frozen=True):
    name: str
    image: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class InitContainer(Value, frozen=True):
    name: str = ""
    restart_policy: str | None = None


class BoundPodSpec(Value, frozen=True):
    """What an existing pod says of its placement and readiness."""

    node_name: str = ""
    node_selector: Labels | None = None
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] | None = None
    init_containers: tuple[InitContainer, ...] | None = None
    readiness_gates: tuple[ReadinessGate, ...] | None = None
    scheduling_gates: tuple[SchedulingGate, ...] | None = None
    scheduler_name: str = DEFAULT_SCHEDULER


class PodStatus(Value, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    nominated_node_name: str = ""
    conditions: tuple[Condition, ...] | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None
    start_time: Time | None = None


class Pod(Value, frozen=True):
    metadata: ObjectMeta
    spec: BoundPodSpec = BoundPodSpec()
    status: PodStatus = PodStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def labels(self) -> Labels:
        return self.metadata.labels or {}

    @property
    def terminating(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def terminal(self) -> bool:
        """Phase Failed or Succeeded; Unknown is not terminal."""
        return self.status.phase in ("Failed", "Succeeded")

    @property
    def live(self) -> bool:
        """Neither being deleted nor at its end."""
        return not self.terminating and not self.terminal

    @property
    def ready(self) -> bool:
        ready = condition(self.status.conditions, "Ready")
        return ready is not None and ready.status == "True"


class ObjectReference(Value, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class EventSeries(Value, frozen=True):
    count: int = 0
    last_observed_time: Time | None = None


class EventSource(Value, frozen=True):
    component: str = ""


class Event(Value, frozen=True):
    metadata: ObjectMeta
    involved_object: ObjectReference = ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: Time | None = None
    last_timestamp: Time | None = None
    event_time: Time | None = None
    series: EventSeries | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""

    @property
    def time(self) -> datetime | None:
        """When it last happened: the newest of all its times (semantics: events_cache.go)."""
        series = self.series.last_observed_time if self.series else None
        times = (
            series,
            self.last_timestamp,
            self.event_time,
            self.first_timestamp,
            self.metadata.creation_timestamp,
        )
        return max((time for time in times if time), default=None)


class ScopedResourceSelectorRequirement(Value, frozen=True):
    scope_name: str
    operator: str
    values: tuple[str, ...] | None = None


class ScopeSelector(Value, frozen=True):
    match_expressions: tuple[ScopedResourceSelectorRequirement, ...] | None = None


class ResourceQuotaSpec(Value, frozen=True):
    hard: Quantities | None = None
    scopes: tuple[str, ...] | None = None
    scope_selector: ScopeSelector | None = None


class ResourceQuotaStatus(Value, frozen=True):
    hard: Quantities | None = None
    used: Quantities | None = None


class ResourceQuota(Value, frozen=True):
    metadata: ObjectMeta
    spec: ResourceQuotaSpec = ResourceQuotaSpec()
    status: ResourceQuotaStatus = ResourceQuotaStatus()


class LimitRangeItem(Value, frozen=True):
    type: str = ""
    default: Quantities | None = None
    default_request: Quantities | None = None


class LimitRangeSpec(Value, frozen=True):
    limits: tuple[LimitRangeItem, ...] | None = None


class LimitRange(Value, frozen=True):
    metadata: ObjectMeta
    spec: LimitRangeSpec = LimitRangeSpec()


class NamespaceStatus(Value, frozen=True):
    phase: str = ""


class Namespace(Value, frozen=True):
    metadata: ObjectMeta
    status: NamespaceStatus = NamespaceStatus()


class Unread(Value, frozen=True):
    """Something that could not be read or judged, and why."""

    what: str
    why: str


class Cluster(Value, frozen=True):
    """All that was read: what the judge knows of a cluster, and what it does not.

    Attributes:
        now: the time to judge at: the API server's, or the newest in saved objects.
        unread: the kinds of which nothing is known, each with the reason. A kind that is not
            listed there is known whole, as far as the DaemonSets in question need it.
    """

    now: datetime
    daemon_sets: tuple[DaemonSet, ...] = ()
    nodes: tuple[Node, ...] = ()
    pods: tuple[Pod, ...] = ()
    revisions: tuple[ControllerRevision, ...] = ()
    events: tuple[Event, ...] = ()
    quotas: tuple[ResourceQuota, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    unread: tuple[Unread, ...] = ()


def _decode_custom(kind: type, value: Any) -> Any:
    if kind is Quantity:
        return quantity.parse(value)
    raise NotImplementedError(kind)


@cache
def decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    """The JSON decoder of one kind of value.

    Its ``decode`` raises ``msgspec.ValidationError`` with the path of the wrong field, and
    ``msgspec.DecodeError`` where the bytes are no JSON.
    """
    return msgspec.json.Decoder(kind, dec_hook=_decode_custom)
