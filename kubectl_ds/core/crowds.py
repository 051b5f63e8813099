"""Pods that are plainly up, of which a fleet has a hundred thousand, kept in little space.

Of a pod that is bound, running and ready the rules read little more than its labels and its
node. Pods with the same labels and owner share one `Crowd`; each of them is one `Member`. A crowd
gives back for each member a pod that is the same to every rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from msgspec import Raw
from msgspec.structs import asdict, fields

from kubectl_ds.core.meta import (
    Condition,
    Labels,
    ObjectMeta,
    OwnerReference,
    Time,
    Value,
    decoder,
)
from kubectl_ds.core.pods import (
    DEFAULT_SCHEDULER,
    Affinity,
    Pod,
    PodAffinity,
    PodSpec,
    PodStatus,
    ReadinessGate,
    SchedulingGate,
)

_NULL = Raw(b"null")

RUNNING = "Running"
_READY = "Ready"
_CONTAINED = "ContainersReady"
_SCHEDULED = "PodScheduled"


# The fields of these stand in the order in which the API writes them, which decodes fastest.


class _Affinity(Value, frozen=True):
    """What `Affinity` has, with the parts undecoded that only placed the pod itself."""

    node_affinity: Raw = _NULL
    pod_affinity: Raw = _NULL
    pod_anti_affinity: PodAffinity | None = None


class _Spec(Value, frozen=True):
    """What `PodSpec` has, with the parts undecoded that are of no use once a pod is up."""

    volumes: Raw = _NULL
    init_containers: Raw = _NULL
    containers: Raw = _NULL
    node_selector: Labels | None = None
    service_account_name: str = ""
    node_name: str = ""
    host_network: bool = False
    affinity: _Affinity | None = None
    scheduler_name: str = DEFAULT_SCHEDULER
    tolerations: Raw = _NULL
    priority_class_name: str = ""
    priority: int | None = None
    readiness_gates: tuple[ReadinessGate, ...] | None = None
    runtime_class_name: str | None = None
    preemption_policy: str | None = None
    overhead: Raw = _NULL
    topology_spread_constraints: Raw = _NULL
    scheduling_gates: tuple[SchedulingGate, ...] | None = None
    resource_claims: Raw = _NULL
    resources: Raw = _NULL
    active_deadline_seconds: int | None = None


class _Meta(Value, frozen=True):
    """What `ObjectMeta` has, less what only the time of saved objects is told by.

    What pods of one owner have in common is left undecoded: it is enough to see that it is equal.
    """

    name: str = ""
    namespace: str = ""
    uid: str = ""
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    labels: Raw = _NULL
    owner_references: Raw = _NULL
    finalizers: tuple[str, ...] | None = None


class _Status(Value, frozen=True):
    """What `PodStatus` has, with what the containers say undecoded: ContainersReady sums it up."""

    phase: str = ""
    conditions: tuple[Condition, ...] | None = None
    message: str = ""
    reason: str = ""
    nominated_node_name: str = ""
    init_container_statuses: Raw = _NULL
    container_statuses: Raw = _NULL
    resources: Raw = _NULL
    allocated_resources: Raw = _NULL


class Sketch(Value, frozen=True):
    """A pod as it arrives, decoded as far as it takes to tell whether it is plainly up.

    It holds on to the page that it came in, so it is not to be kept.
    """

    metadata: _Meta
    spec: _Spec = _Spec()
    status: _Status = _Status()

    def whole(self) -> Pod:
        """The pod, for itself.

        Raises:
            msgspec.ValidationError: one of the undecoded parts has a wrong shape.
        """
        return Pod(
            metadata=ObjectMeta(**_decoded(self.metadata, ObjectMeta)),
            spec=PodSpec(**_decoded(self.spec, PodSpec)),
            status=PodStatus(**_decoded(self.status, PodStatus)),
        )


def _decoded(sketch: Value, kind: type[Value]) -> dict[str, Any]:
    """The fields of a part, those decoded that were left for later."""
    return {name: _whole(value, _types(kind)[name]) for name, value in asdict(sketch).items()}


def _whole(value: Any, kind: Any) -> Any:
    if isinstance(value, _Affinity):
        return Affinity(**_decoded(value, Affinity))
    return decoder(kind).decode(value) if isinstance(value, Raw) else value


@cache
def _types(kind: type[Value]) -> Mapping[str, Any]:
    return {field.name: field.type for field in fields(kind)}


class Member(Value, frozen=True):
    """What one pod of a crowd has for itself."""

    node: str
    name: str
    created: datetime | None
    ready_since: datetime | None


class _Kind(NamedTuple):
    """What all pods of a crowd share; see `Crowd`."""

    namespace: str
    labels: Labels | None
    owners: tuple[OwnerReference, ...] | None
    scheduler: str
    scheduled: bool

    @property
    def key(self) -> Any:
        labels = tuple((self.labels or {}).items())
        return labels, self._replace(labels=None)


class Crowd(Value, frozen=True):
    """Pods that are bound, running and ready, and differ in nothing but what a `Member` has.

    Attributes:
        namespace: their namespace.
        labels: their labels.
        owners: their owner references.
        scheduler: who bound them.
        scheduled: whether that left a PodScheduled condition.
        members: the pods.
    """

    namespace: str
    labels: Labels | None
    owners: tuple[OwnerReference, ...] | None
    scheduler: str
    scheduled: bool
    members: tuple[Member, ...] = ()

    @property
    def like(self) -> Pod:
        """A pod such as all of them are, with neither name nor node."""
        return self.pod(Member("", "", None, None))

    def pod(self, member: Member) -> Pod:
        """One of the pods, as far as the rules read a pod that is up."""
        ready = Condition(type=_READY, status="True", last_transition_time=member.ready_since)
        scheduled = (Condition(type=_SCHEDULED, status="True"),) if self.scheduled else ()
        return Pod(
            metadata=ObjectMeta(
                name=member.name,
                namespace=self.namespace,
                labels=self.labels,
                owner_references=self.owners,
                creation_timestamp=member.created,
            ),
            spec=PodSpec(node_name=member.node, scheduler_name=self.scheduler),
            status=PodStatus(phase=RUNNING, conditions=(ready, *scheduled)),
        )


class Gathered(NamedTuple):
    """Pods: those that are plainly up as crowds, the others whole."""

    crowds: tuple[Crowd, ...]
    others: tuple[Pod, ...]


class Gathering:
    """Sorts pods into crowds, as they are read."""

    def __init__(self) -> None:
        self._crowds: dict[Any, tuple[_Kind, dict[str, Member]]] = {}
        self._others: dict[tuple[str, str], Pod] = {}
        self._nodes: dict[str, str] = {}
        self._places: dict[tuple[str, str], dict[str, Member]] = {}
        self._last: tuple[tuple[Any, ...], dict[str, Member]] = ((), {})

    @property
    def nodes(self) -> Set[str]:
        """The nodes that its pods are bound to; empty for those that are not."""
        return self._nodes.keys() | {pod.spec.node_name for pod in self._others.values()}

    def add(self, pod: Sketch | Pod) -> None:
        """Take a pod."""
        ready, scheduled = _up(pod)
        if ready is None:
            whole = pod.whole() if isinstance(pod, Sketch) else pod
            self._others[whole.metadata.namespace, whole.name] = whole
            return
        meta, node = pod.metadata, pod.spec.node_name
        self._fellows(pod, scheduled)[meta.name] = Member(
            self._nodes.setdefault(node, node),
            meta.name,
            meta.creation_timestamp,
            ready.last_transition_time,
        )

    def _fellows(self, pod: Sketch | Pod, scheduled: bool) -> dict[str, Member]:
        """The crowd of a pod, which in a list is mostly like the one before."""
        meta, scheduler = pod.metadata, pod.spec.scheduler_name
        shared = meta.namespace, meta.labels, meta.owner_references, scheduler, scheduled
        if shared != self._last[0]:
            types = _types(ObjectMeta)
            labels = _whole(meta.labels, types["labels"])
            owners = _whole(meta.owner_references, types["owner_references"])
            kind = _Kind(meta.namespace, labels, owners, scheduler, scheduled)
            kept = tuple(x.copy() if isinstance(x, Raw) else x for x in shared)  # not their page
            self._last = kept, self._crowds.setdefault(kind.key, (kind, {}))[1]
        return self._last[1]

    def merge(self, other: Gathering) -> None:
        """Take all that another one has; a pod that both have counts once, whole if either has."""
        self._index()
        for key, (kind, members) in other._crowds.items():
            mine = self._crowds.setdefault(key, (kind, {}))[1]
            for name, member in members.items():
                place = kind.namespace, name
                self._drop(place)
                if place not in self._others:
                    self._places[place] = mine
                    mine[name] = member
        for place in other._others:
            self._drop(place)
        self._others |= other._others

    def _index(self) -> None:
        """Note where each pod is, unless that is known from an earlier merge."""
        if not self._places:
            for kind, members in self._crowds.values():
                self._places |= dict.fromkeys(((kind.namespace, x) for x in members), members)

    def _drop(self, place: tuple[str, str]) -> None:
        """Drop a pod that is up from its crowd: it was read again, and may be different by now."""
        self._places.pop(place, {}).pop(place[1], None)

    def gathered(self) -> Gathered:
        """All pods that were taken."""
        crowds = (
            Crowd(**kind._asdict(), members=tuple(members.values()))
            for kind, members in self._crowds.values()
            if members
        )
        return Gathered(tuple(crowds), tuple(self._others.values()))


def gathered(pods: Iterable[Pod]) -> Gathered:
    """Pods that were read whole, sorted."""
    gathering = Gathering()
    for pod in pods:
        gathering.add(pod)
    return gathering.gathered()


def _up(pod: Sketch | Pod) -> tuple[Condition | None, bool]:
    """The Ready condition of a pod that is plainly up, and whether it has a PodScheduled one.

    Plainly: no container says anything that a rule might tell, whatever becomes of the node, and
    the pod keeps no other one away from other nodes. The kubelet sets the phase to Running and
    ContainersReady to True only once all init containers are done (``pkg/kubelet/kubelet_pods.go``,
    getPhase; ``pkg/kubelet/status/generate.go``, GenerateContainersReadyCondition).
    """
    status = pod.status
    if status.phase != RUNNING or not pod.spec.node_name or pod.metadata.deletion_timestamp:
        return None, False
    if pod.spec.affinity and _keeps_away(pod.spec.affinity.pod_anti_affinity):
        return None, False
    ready, contained, scheduled = None, False, False
    for item in status.conditions or ():
        kind = item.type
        if kind == _READY:
            ready = item
        elif kind == _CONTAINED:
            contained = item.status == "True"
        elif kind == _SCHEDULED:
            scheduled = True
    up = ready is not None and ready.status == "True" and contained
    return ready if up else None, scheduled


def _keeps_away(rules: PodAffinity | None) -> bool:
    return bool(rules and rules.required)


class Settled(Value, frozen=True):
    """Nodes with exactly one pod, which is available and of the current revision.

    Attributes:
        members: for each such node what its pod has for itself.
        labels: for each such node the pod's labels.
    """

    members: dict[str, Member]
    labels: dict[str, Labels]


def settled(
    crowds: Sequence[Crowd],
    nodes: Set[str],
    updated: Callable[[Pod], bool],
    available: Callable[[Pod], bool],
) -> Settled:
    """Look for nodes of which there is no more to say than that they are covered.

    Args:
        crowds: pods of one DaemonSet that are plainly up.
        nodes: the nodes that may count: a pod is wanted there, they are ready, and there is no
            other pod than those in the crowds.
        updated: whether a pod is of the current revision.
        available: whether a pod is available.
    """
    candidates = nodes - _twice(crowds)
    found = Settled({}, {})
    for crowd in crowds:
        like = crowd.like
        if not (updated(like) and like.metadata.controller):  # orphans are told of by their names
            continue
        members = {item.node: item for item in crowd.members if item.node in candidates}
        if not available(like):  # then it takes a time of its own to tell
            members = {k: item for k, item in members.items() if available(crowd.pod(item))}
        found.members.update(members)
        found.labels.update(dict.fromkeys(members, like.labels))
    return found


def _twice(crowds: Sequence[Crowd]) -> set[str]:
    """Nodes that have more than one of the pods."""
    seen: set[str] = set()
    twice: set[str] = set()
    for crowd in crowds:
        nodes = {member.node for member in crowd.members}
        if len(nodes) < len(crowd.members):
            counts = Counter(member.node for member in crowd.members)
            twice.update(node for node, count in counts.items() if count > 1)
        twice |= seen & nodes
        seen |= nodes
    return twice
