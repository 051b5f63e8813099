"""The nodes of a cluster, and what several DaemonSets ask of them alone, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cached_property
from typing import Any

from kubectl_ds.core.facts import NodeHealthFacts
from kubectl_ds.core.model import Node
from kubectl_ds.core.placement import Placement, Rules, health_facts, is_ready, label_keys, place


class NodeIndex:
    """Nodes, indexed.

    Attributes:
        by_name: every node by name.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.by_name: Mapping[str, Node] = {node.name: node for node in nodes}

    @cached_property
    def health(self) -> Mapping[str, NodeHealthFacts]:
        """What is known of each node's health, by its name."""
        return {name: health_facts(node) for name, node in self.by_name.items()}

    @cached_property
    def ready(self) -> frozenset[str]:
        """Names of the nodes that report to be ready."""
        return frozenset(name for name, facts in self.health.items() if is_ready(facts))

    def placements(self, rules: Rules) -> dict[str, Placement]:
        """The controller's decision on every node; nodes that are alike share one value."""
        keys = label_keys(rules)
        if keys is None:
            return {name: place(rules, node) for name, node in self.by_name.items()}
        known: dict[Any, Placement] = {}
        found = {}
        for name, kind in self._kinds(keys):
            placement = known.get(kind)
            if placement is None:
                placement = known[kind] = place(rules, self.by_name[name])
            found[name] = placement
        return found

    def _kinds(self, keys: Set[str]) -> Iterable[tuple[str, Any]]:
        """For each node what places pods there: its taints, and the labels that are looked at."""
        if not keys:
            return self._taints.items()
        return (
            (name, (taints, *map(self.by_name[name].labels.get, keys)))
            for name, taints in self._taints.items()
        )

    @cached_property
    def _taints(self) -> Mapping[str, int]:
        """For each node a number that stands for its taints: they are slow to compare."""
        numbers: dict[Any, int] = {(): 0}
        return {
            name: numbers.setdefault(node.taints, len(numbers))
            for name, node in self.by_name.items()
        }
