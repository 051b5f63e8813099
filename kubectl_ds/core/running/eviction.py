"""Nodes on which pods are deleted for a taint and created anew, again and again.

The DaemonSet controller takes a taint as tolerated whatever the toleration's
``tolerationSeconds``; taint eviction deletes the pod once they are over.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core import notation
from kubectl_ds.core.case import Case
from kubectl_ds.core.facts import EvictionLoopFacts
from kubectl_ds.core.taints import admitted_tolerations, eviction
from kubectl_ds.core.verdict import Finding


def eviction_loops(case: Case) -> Iterator[Finding]:
    """One finding for each taint, and each time for which the template tolerates it."""
    tolerations = admitted_tolerations(case.daemon_set.template)
    if all(item.toleration_seconds is None for item in tolerations):
        return
    nodes: dict[tuple[str, int], list[str]] = {}
    for name, node in case.nodes.items():
        found = eviction(tolerations, node.taints)
        if found and name in case.wanted:
            taint = notation.taint(found.taint.key, found.taint.value, found.taint.effect)
            nodes.setdefault((taint, found.seconds), []).append(name)
    for (taint, seconds), names in sorted(nodes.items()):
        facts = EvictionLoopFacts(taint=taint, seconds=seconds, nodes=tuple(names))
        yield Finding(code="EvictionLoop", facts=facts)
