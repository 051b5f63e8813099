"""A cluster prepared for the judge: what several DaemonSets ask of it, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Cluster, DaemonSet, Namespace, Node
from kubectl_ds.core.ownership import Owned, claims, owned_pods
from kubectl_ds.core.placement import Placement, Rules, health_reason, label_keys, place
from kubectl_ds.core.pods import Pod

_Place = tuple[str, str]


class Fleet:
    """The nodes and pods of a cluster, indexed.

    Attributes:
        cluster: all that was read.
        nodes: every node by name.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.nodes: Mapping[str, Node] = {node.name: node for node in cluster.nodes}

    @cached_property
    def namespaces(self) -> Mapping[str, Namespace]:
        """The namespaces by name."""
        return {item.metadata.name: item for item in self.cluster.namespaces}

    @cached_property
    def ready(self) -> frozenset[str]:
        """Names of the nodes that report to be ready."""
        return frozenset(name for name, node in self.nodes.items() if health_reason(node) is None)

    @cached_property
    def schedulers(self) -> frozenset[str]:
        """Those that left a trace, and those for whose traces we may not look."""
        return frozenset(_schedulers(self.cluster))

    def placements(self, rules: Rules) -> dict[str, Placement]:
        """The controller's decision on every node; nodes that are alike share one value."""
        keys = label_keys(rules)
        if keys is None:
            return {name: place(rules, node) for name, node in self.nodes.items()}
        known: dict[Any, Placement] = {}
        found = {}
        for name, kind in self._kinds(keys):
            placement = known.get(kind)
            if placement is None:
                placement = known[kind] = place(rules, self.nodes[name])
            found[name] = placement
        return found

    def _kinds(self, keys: Set[str]) -> Iterable[tuple[str, Any]]:
        """For each node what places pods there: its taints, and the labels that are looked at."""
        if not keys:
            return self._taints.items()
        return (
            (name, (taints, *map(self.nodes[name].labels.get, keys)))
            for name, taints in self._taints.items()
        )

    @cached_property
    def _taints(self) -> Mapping[str, int]:
        """For each node a number that stands for its taints: they are slow to compare."""
        numbers: dict[Any, int] = {(): 0}
        return {
            name: numbers.setdefault(node.taints, len(numbers)) for name, node in self.nodes.items()
        }

    def occupants(self, node: str) -> Sequence[Pod] | None:
        """The pods that take up room on a node; None where not all of them were read."""
        whole = self.cluster.occupants_of
        if not self.cluster.knows("pods") or (whole is not None and node not in whole):
            return None
        return self._occupants.get(node, ())

    def nominated(self, node: str) -> Sequence[Pod]:
        """The pods that wait for others to be evicted from a node."""
        return self._nominated.get(node, ())

    @cached_property
    def _occupants(self) -> Mapping[str, list[Pod]]:
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

    def crowds(self, daemon_set: DaemonSet) -> Sequence[Crowd]:
        """The crowds that belong to a DaemonSet."""
        near = _near(daemon_set, self._crowds)
        return [crowd for crowd in near if claims(daemon_set, crowd.like)]

    def owned(self, daemon_set: DaemonSet, crowded: Iterable[Pod]) -> Owned:
        """The DaemonSet's pods by node: of those in crowds only the ones that are handed in."""
        return owned_pods(daemon_set, [*crowded, *_near(daemon_set, self._pods)])

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
    yield from (item.what.removeprefix("scheduler ") for item in cluster.unread)
    for event in cluster.events:
        yield from (event.reporting_component, event.source.component)
    for pod in (*cluster.pods, *(crowd.like for crowd in cluster.crowds)):
        if condition(pod.status.conditions, "PodScheduled"):
            yield pod.spec.scheduler_name
