"""Kubernetes objects as frozen values, decoded straight from the API's JSON.

Only the fields that a rule reads are declared; msgspec skips the rest without building it.
A list or map that the API leaves out and one that it gives as ``null`` mean the same, as in Go:
read them through the ``or ()`` idiom or the properties. `meta` has what all values share, `pods`
the pods and their templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from msgspec import Raw

from kubectl_ds.core.classes import LimitRange, PriorityClass, RuntimeClass, ServiceAccount
from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.meta import (
    Condition,
    Labels,
    ObjectMeta,
    Quantities,
    Time,
    Value,
    condition,
    decoder,
)
from kubectl_ds.core.pods import LabelSelector, Pod, PodTemplate
from kubectl_ds.core.storage import PersistentVolume, PersistentVolumeClaim, StorageClass


class Taint(Value, frozen=True):
    key: str
    effect: str
    value: str = ""
    time_added: Time | None = None


class NodeSpec(Value, frozen=True):
    taints: tuple[Taint, ...] | None = None
    unschedulable: bool | None = None


class NodeStatus(Value, frozen=True):
    allocatable: Quantities | None = None
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
    def key(self) -> tuple[str, str]:
        """Its namespace and name, by which it is known."""
        return self.namespace, self.name

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


class ObjectReference(Value, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class EventSeries(Value, frozen=True):
    count: int = 0
    last_observed_time: Time | None = None


class EventSource(Value, frozen=True):
    component: str = ""
    host: str = ""


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
        """When it last happened: the newest of its times (client-go ``events_cache.go``)."""
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


class NamespaceStatus(Value, frozen=True):
    phase: str = ""


class Namespace(Value, frozen=True):
    metadata: ObjectMeta
    status: NamespaceStatus = NamespaceStatus()


class Unread(Value, frozen=True, omit_defaults=True):
    """Something that could not be read or judged, and why; ``cluster`` is which of several."""

    what: str
    why: str
    cluster: str = ""


Version = tuple[int, int]
"""A version of Kubernetes: (1, 36)."""


class Cluster(Value, frozen=True):
    """All that was read: what the judge knows of a cluster, and what it does not.

    Attributes:
        now: the time to judge at: the API server's, or the newest in saved objects.
        unread: the kinds of which nothing is known, each with the reason. A kind that is not
            listed there is known whole, as far as the DaemonSets in question need it.
        unread_in: the same by namespace, for kinds of which that holds of one namespace alone.
        crowds: the pods that are plainly up, where they were gathered; ``pods`` has the others.
        occupants_of: the nodes whose pods were all read, whoever owns them; None for every node.
        version: the server's version; None where it is not known.
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
    priority_classes: tuple[PriorityClass, ...] = ()
    runtime_classes: tuple[RuntimeClass, ...] = ()
    service_accounts: tuple[ServiceAccount, ...] = ()
    claims: tuple[PersistentVolumeClaim, ...] = ()
    volumes: tuple[PersistentVolume, ...] = ()
    storage_classes: tuple[StorageClass, ...] = ()
    unread: tuple[Unread, ...] = ()
    unread_in: Mapping[str, tuple[Unread, ...]] = {}
    crowds: tuple[Crowd, ...] = ()
    occupants_of: frozenset[str] | None = None
    version: Version | None = None

    def unread_of(self, namespace: str) -> tuple[Unread, ...]:
        """What is unread for the DaemonSets of a namespace."""
        return (*self.unread, *self.unread_in.get(namespace, ()))

    def knows(self, kind: str, namespace: str) -> bool:
        """Whether a kind was read, by its plural name, as far as a namespace is concerned."""
        return all(item.what != kind for item in self.unread_of(namespace))
