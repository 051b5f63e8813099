"""What a node has too little of for one more pod.

Source: ``pkg/scheduler/framework/plugins/noderesources/fit.go`` (fitsRequest).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from kubectl_ds.core.meta import Quantities
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.rivals import rivals
from kubectl_ds.core.scheduling.target import Target
from kubectl_ds.core.scheduling.usage import amount, uses


class Load(NamedTuple):
    """A pod on a node, or about to come there, with what it takes up of each resource."""

    pod: Pod
    amounts: Quantities


def loads(pod: Pod, target: Target) -> list[Load]:
    """What the pods take up that a pod competes with; nothing where not all of them were read."""
    return [Load(other, uses(other)) for other in rivals(pod, target)]


def shortages(asked: Quantities, node: Node, taken: Iterable[Load]) -> list[str]:
    """The resources of which more is asked than is free, the number of pods among them.

    A pod that asks for none of a resource is never refused for it, however little is left.

    Args:
        asked: what a pod requests, see ``usage.requests``.
        node: the node.
        taken: what others take up there.
    """
    taken = list(taken)
    return [
        name
        for name, wanted in asked.items()
        if wanted and wanted.value > size(node, name) - total(name, taken)
    ]


def size(node: Node, resource: str) -> Fraction:
    """How much of a resource the node has for pods; none of what it does not list."""
    return amount(resource, node.status.allocatable).value


def total(resource: str, taken: Iterable[Load]) -> Fraction:
    """How much of a resource several pods take up together."""
    lists = (load.amounts for load in taken)
    return sum((each[resource].value for each in lists if resource in each), Fraction(0))
