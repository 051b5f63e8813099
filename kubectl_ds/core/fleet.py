"""A cluster prepared for the judge: what several DaemonSets ask of it, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.facts import NodeHealthFacts
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Cluster, DaemonSet, Event, Namespace, Node
from kubectl_ds.core.node_index import NodeIndex
from kubectl_ds.core.ownership import Owned, claims, owned_pods
from kubectl_ds.core.placement import Placement, Rules, health_facts
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.running.events import newest_first
from kubectl_ds.core.storage import PersistentVolume, PersistentVolumeClaim, StorageClass

UNSEEN = "scheduler "  # and its name: one for whose traces we may not look

_Place = tuple[str, str]
Result = TypeVar("Result")


class Fleet:
    """The nodes and pods of a cluster, indexed.

    Attributes:
        cluster: all that was read.
    """

    def __init__(self, cluster: Cluster, index: NodeIndex | None = None) -> None:
        """Get ready.

        Args:
            cluster: all that was read.
            index: its nodes, where they were indexed before.
        """
        self.cluster = cluster
        self._index = index or NodeIndex(cluster.nodes)
        self._remembered: dict[Hashable, Any] = {}

    def with_more(self, cluster: Cluster) -> Fleet:
        """The same nodes, and all that was read by then."""
        return Fleet(cluster, self._index)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by name."""
        return self._index.by_name

    def health(self, node: str) -> NodeHealthFacts:
        """What is known of a node's health; it may exist no longer."""
        return self._index.health.get(node) or health_facts(None)

    @property
    def ready(self) -> frozenset[str]:
        """Names of the nodes that report to be ready."""
        return self._index.ready

    @cached_property
    def namespaces(self) -> Mapping[str, Namespace]:
        """The namespaces by name."""
        return {item.metadata.name: item for item in self.cluster.namespaces}

    @cached_property
    def schedulers(self) -> frozenset[str]:
        """Those that left a trace, and those for whose traces we may not look."""
        return frozenset(_schedulers(self.cluster))

    def events(self, kind: str, uid: str) -> Sequence[Event]:
        """The events about one object, the newest first."""
        return newest_first(self._events.get((kind, uid), ()))

    @cached_property
    def _events(self) -> Mapping[tuple[str, str], list[Event]]:
        found: dict[tuple[str, str], list[Event]] = {}
        for event in self.cluster.events:
            subject = event.involved_object
            if subject.uid:
                found.setdefault((subject.kind, subject.uid), []).append(event)
        return found

    def placements(self, rules: Rules) -> dict[str, Placement]:
        """The controller's decision on every node; nodes that are alike share one value."""
        return self._index.placements(rules)

    def occupants(self, node: str) -> Sequence[Pod] | None:
        """The pods that take up room on a node; None where not all of them were read."""
        whole = self.cluster.occupants_of
        unread = any(item.what == "pods" for item in self.cluster.unread)
        if unread or (whole is not None and node not in whole):
            return None
        return self.bound.get(node, ())

    @cached_property
    def in_part(self) -> bool:
        """Whether pods of other namespaces may be missing: all that were saved are of one."""
        cluster = self.cluster
        places = {pod.metadata.namespace for pod in cluster.pods}
        places |= {crowd.namespace for crowd in cluster.crowds}
        return cluster.occupants_of is None and len(places) == 1

    def nominated(self, node: str) -> Sequence[Pod]:
        """The pods that wait for others to be evicted from a node."""
        return self._nominated.get(node, ())

    @cached_property
    def bound(self) -> Mapping[str, Sequence[Pod]]:
        """The pods that take up room, by node; not all of them where ``occupants`` is None."""
        found: dict[str, list[Pod]] = {}
        for pod in self.cluster.pods:
            if pod.spec.node_name and not pod.terminal:
                found.setdefault(pod.spec.node_name, []).append(pod)
        return found

    @cached_property
    def _nominated(self) -> Mapping[str, list[Pod]]:
        found: dict[str, list[Pod]] = {}
        for pod in self.cluster.pods:
            if pod.status.nominated_node_name and not pod.spec.node_name and not pod.terminal:
                found.setdefault(pod.status.nominated_node_name, []).append(pod)
        return found

    @cached_property
    def claims(self) -> Mapping[tuple[str, str], PersistentVolumeClaim]:
        """The PersistentVolumeClaims by namespace and name."""
        return {(x.metadata.namespace, x.metadata.name): x for x in self.cluster.claims}

    @cached_property
    def volumes(self) -> Mapping[str, PersistentVolume]:
        """The PersistentVolumes by name."""
        return {item.name: item for item in self.cluster.volumes}

    @cached_property
    def volumes_of_class(self) -> Mapping[str, Sequence[PersistentVolume]]:
        """The PersistentVolumes by the name of their StorageClass."""
        found: dict[str, list[PersistentVolume]] = {}
        for volume in self.cluster.volumes:
            found.setdefault(volume.storage_class, []).append(volume)
        return found

    @cached_property
    def storage_classes(self) -> Mapping[str, StorageClass]:
        """The StorageClasses by name."""
        return {item.metadata.name: item for item in self.cluster.storage_classes}

    @cached_property
    def claim_users(self) -> Mapping[tuple[str, str], Pod]:
        """For each PersistentVolumeClaim a pod that uses it on a node, as far as pods were read."""
        return {
            (pod.metadata.namespace, volume.persistent_volume_claim.claim_name): pod
            for pod in self.cluster.pods
            if pod.spec.node_name in self.nodes and not pod.terminal
            for volume in pod.spec.volumes or ()
            if volume.persistent_volume_claim
        }

    def remembered(self, key: Hashable, work_out: Callable[[], Result]) -> Result:
        """What was worked out for the key before, else what is worked out now.

        For what holds for all pods of one template and is dear to find.
        """
        if key not in self._remembered:
            self._remembered[key] = work_out()
        return cast("Result", self._remembered[key])

    def crowds(self, daemon_set: DaemonSet) -> Sequence[Crowd]:
        """The crowds that belong to a DaemonSet."""
        near = _near(daemon_set, self._crowds)
        return [crowd for crowd in near if claims(daemon_set, crowd.like)]

    def owned(self, daemon_set: DaemonSet, crowded: Iterable[Pod] = ()) -> Owned:
        """The DaemonSet's pods by node: of those in its crowds only the ones that are handed in."""
        return owned_pods(daemon_set, _near(daemon_set, self._pods), crowded)

    @cached_property
    def _crowds(self) -> Mapping[_Place, list[Crowd]]:
        return _by_owner((crowd.like, crowd) for crowd in self.cluster.crowds)

    @cached_property
    def _pods(self) -> Mapping[_Place, list[Pod]]:
        return _by_owner((pod, pod) for pod in self.cluster.pods)


def _by_owner(pairs: Iterable[tuple[Pod, Any]]) -> dict[_Place, list[Any]]:
    """Things by namespace and the uid of their pod's controller, empty where it has none."""
    found: dict[_Place, list[Any]] = {}
    for pod, item in pairs:
        owner = pod.metadata.controller
        place = pod.metadata.namespace, owner.uid if owner else ""
        found.setdefault(place, []).append(item)
    return found


def _near(daemon_set: DaemonSet, items: Mapping[_Place, list[Any]]) -> list[Any]:
    """What may belong to a DaemonSet: its own, and what no controller owns.

    A DaemonSet that was saved without its uid may own anything in its namespace.
    """
    namespace, uid = daemon_set.namespace, daemon_set.metadata.uid
    if uid:
        return items.get((namespace, uid), []) + items.get((namespace, ""), [])
    return [item for place, group in items.items() if place[0] == namespace for item in group]


def _schedulers(cluster: Cluster) -> Iterator[str]:
    yield from (item.what.removeprefix(UNSEEN) for item in cluster.unread)
    for event in cluster.events:
        yield from (event.reporting_component, event.source.component)
    known = ""
    for pod in (*cluster.pods, *(crowd.like for crowd in cluster.crowds)):
        name = pod.spec.scheduler_name
        if name != known and condition(pod.status.conditions, "PodScheduled"):
            yield name
            known = name
