"""Whether a new pod can ever be bound to a node as long as the old one is there.

Source: ``pkg/controller/daemon/update.go`` (rollingUpdate): with maxSurge the old pod stays until
the new one is available, so what the old pod holds is never given up.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core.facts import Facts, PortFacts, TermFacts, VolumeFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason
from kubectl_ds.core.scheduling.filters import filtered
from kubectl_ds.core.scheduling.target import Refused, target_of


def in_the_way(old: Pod, new: Pod, node: Node, fleet: Fleet, waits: Sequence[Reason]) -> bool:
    """Whether it is the old pod itself that keeps the new one away.

    It is where it is named as the holder of what the new pod needs, and where a node with no other
    pod than the old one refuses the new one, and an empty node does not.

    Args:
        old: the pod of the older revision.
        new: the pod beside it, not bound.
        node: the node of both.
        fleet: what surrounds them.
        waits: why the new pod is not bound, the deciding reason first.
    """
    name = f"{old.metadata.namespace}/{old.name}"
    first = next(iter(waits), None)
    if first is None:
        return False
    return name in _holders(first.facts) or first.code in _codes(new, node, fleet, (old,)) - _codes(
        new, node, fleet, ()
    )


def _holders(facts: Facts) -> set[str]:
    if isinstance(facts, PortFacts):
        return {item.holder for item in facts.ports}
    return {facts.holder} if isinstance(facts, (TermFacts, VolumeFacts)) else set()


def _codes(new: Pod, node: Node, fleet: Fleet, pods: tuple[Pod, ...]) -> set[str]:
    target = target_of(new, node, fleet)._replace(pods=pods, nominated=())
    return {item.code for item in filtered(new, target) if isinstance(item, Refused)}
