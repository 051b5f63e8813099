"""Pods that are plainly up, of which a fleet has a hundred thousand, kept in little space.

Of a pod that is bound, running and ready the rules read little more than its labels and its
node. Pods with the same labels and owner share one `Crowd`; each of them is one `Member`. A crowd
gives back for each member a pod that is the same to every rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from kubectl_ds.core.meta import Condition, Labels, ObjectMeta, OwnerReference, Time, Value
from kubectl_ds.core.pods import DEFAULT_SCHEDULER, BoundPodSpec, Pod, PodStatus

_RUNNING = "Running"
_READY = "Ready"
_SCHEDULED = "PodScheduled"


class _Meta(Value, frozen=True):
    name: str = ""
    namespace: str = ""
    labels: Labels | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None


class _Spec(Value, frozen=True):
    node_name: str = ""
    scheduler_name: str = DEFAULT_SCHEDULER


class _Condition(Value, frozen=True):
    type: str
    status: str = ""
    last_transition_time: Time | None = None


class _Container(Value, frozen=True):
    ready: bool = False


class _Status(Value, frozen=True):
    phase: str = ""
    conditions: tuple[_Condition, ...] | None = None
    container_statuses: tuple[_Container, ...] | None = None
    init_container_statuses: tuple[_Container, ...] | None = None


class Sketch(Value, frozen=True):
    """As much of a pod as tells whether it is plainly up; a page of these decodes fast."""

    metadata: _Meta
    spec: _Spec = _Spec()
    status: _Status = _Status()


class Member(NamedTuple):
    """What one pod of a crowd has for itself."""

    node: str
    name: str
    created: datetime | None
    ready_since: datetime | None


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
    labels: Labels
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
            spec=BoundPodSpec(node_name=member.node, scheduler_name=self.scheduler),
            status=PodStatus(phase=_RUNNING, conditions=(ready, *scheduled)),
        )

    def pods(self) -> Iterator[Pod]:
        """All of them."""
        return map(self.pod, self.members)


class Gathered(NamedTuple):
    """Pods: those that are plainly up as crowds, the others whole."""

    crowds: tuple[Crowd, ...]
    others: tuple[Pod, ...]


class Gathering:
    """Sorts pods into crowds, as they are read."""

    def __init__(self) -> None:
        self._crowds: dict[Any, tuple[Labels, dict[str, Member]]] = {}
        self._others: dict[tuple[str, str], Pod] = {}
        self._names: dict[str, str] = {}
        self._times: dict[datetime | None, datetime | None] = {}

    def add(self, pod: Sketch | Pod) -> bool:
        """Take a pod if it is plainly up.

        Returns:
            Whether it was taken; if not, it has to come whole, through ``add_whole``.
        """
        ready = _since_when_up(pod)
        if ready is None:
            return False
        meta, spec = pod.metadata, pod.spec
        labels = meta.labels or {}
        scheduled = any(item.type == _SCHEDULED for item in pod.status.conditions or ())
        owners = meta.owner_references
        key = meta.namespace, tuple(labels.items()), owners, spec.scheduler_name, scheduled
        crowd = self._crowds.get(key)
        if crowd is None:
            crowd = self._crowds[key] = (labels, {})
        since, created = ready.last_transition_time, meta.creation_timestamp
        crowd[1][meta.name] = Member(
            self._names.setdefault(spec.node_name, spec.node_name),
            meta.name,
            self._times.setdefault(created, created),
            self._times.setdefault(since, since),
        )
        return True

    def add_whole(self, pod: Pod) -> None:
        """Take a pod of which more than its sketch is needed."""
        self._others[pod.metadata.namespace, pod.name] = pod

    def merge(self, other: Gathering) -> None:
        """Take all that another one has; a pod that both have counts once."""
        for key, (labels, members) in other._crowds.items():
            if key in self._crowds:
                self._crowds[key][1].update(members)
            else:
                self._crowds[key] = labels, members
        self._others |= other._others

    def __len__(self) -> int:
        return len(self._others) + sum(len(members) for _, members in self._crowds.values())

    def gathered(self) -> Gathered:
        """All pods that were taken."""
        for namespace, name in self._others:
            for key, (_, members) in self._crowds.items():
                if key[0] == namespace:
                    members.pop(name, None)  # it changed between two lists
        crowds = (
            Crowd(
                namespace=key[0],
                labels=labels,
                owners=key[2],
                scheduler=key[3],
                scheduled=key[4],
                members=tuple(members.values()),
            )
            for key, (labels, members) in self._crowds.items()
            if members
        )
        return Gathered(tuple(crowds), tuple(self._others.values()))


def gathered(pods: Iterable[Pod]) -> Gathered:
    """The same for pods that were read whole."""
    gathering = Gathering()
    for pod in pods:
        if not gathering.add(pod):
            gathering.add_whole(pod)
    return gathering.gathered()


def _since_when_up(pod: Sketch | Pod) -> Any:
    """The Ready condition of a pod that is plainly up, else None.

    Plainly: no container says anything that a rule might tell, whatever becomes of its node.
    """
    status, meta = pod.status, pod.metadata
    if status.phase != _RUNNING or not pod.spec.node_name or meta.deletion_timestamp is not None:
        return None
    for containers in (status.container_statuses, status.init_container_statuses):
        for container in containers or ():
            if not container.ready:
                return None
    for condition in status.conditions or ():
        if condition.type == _READY:
            return condition if condition.status == "True" else None
    return None


def settled(
    crowds: Sequence[Crowd],
    nodes: Set[str],
    updated: Callable[[Pod], bool],
    available: Callable[[Pod], bool],
) -> dict[str, tuple[Pod, ...]]:
    """Nodes with exactly one pod, which is available and of the current revision.

    Args:
        crowds: all pods of one DaemonSet that are plainly up.
        nodes: the nodes that may count: a pod is wanted there, they are ready, and there is no
            other pod than those in the crowds.
        updated: whether a pod is of the current revision.
        available: whether a pod is available.

    Returns:
        For each such node its pod, or one like it: with other name and times.
    """
    candidates = nodes - _twice(crowds)
    found: dict[str, tuple[Pod, ...]] = {}
    for crowd in crowds:
        like = crowd.like
        if updated(like):
            up = (item for item in crowd.members if item.node in candidates)
            if not available(like):  # it takes its own time to tell, or it is none of them
                up = (item for item in up if available(crowd.pod(item)))
            found |= dict.fromkeys((item.node for item in up), (like,))
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
