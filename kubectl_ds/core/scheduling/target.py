"""What a filter of the scheduler gets to see, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kubectl_ds.core.facts import Facts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import Pod


class Target(NamedTuple):
    """The one node that a daemon pod may go to.

    Attributes:
        node: the node.
        pods: the pods that take up room there, less the pod in question: bound to it and neither
            Succeeded nor Failed, those being deleted among them
            (``pkg/scheduler/framework/types.go``, NodeInfo); None where not all of them were read.
        nominated: pods for which room is being made there.
        fleet: all else that was read.
        evicting: below which priority the pods on the node are taken to be evicted; None where
            all of them stay.
    """

    node: Node
    pods: tuple[Pod, ...] | None
    nominated: tuple[Pod, ...]
    fleet: Fleet
    evicting: int | None = None

    def stays(self, pod: Pod) -> bool:
        """Whether a pod, on whatever node, is not one of those that are taken to be evicted."""
        here = pod.spec.node_name == self.node.name
        return self.evicting is None or not here or (pod.spec.priority or 0) >= self.evicting

    def one_of(self, pods: Iterable[Pod]) -> Pod | None:
        """The first of some pods that stays."""
        return next(filter(self.stays, pods), None)


class Refused(NamedTuple):
    """That a filter does not let the pod onto the node: a reason's code, and both sides of it."""

    code: str
    facts: Facts


Filter = Callable[[Pod, Target], Iterable[Refused | Unread]]
"""Puts a pod to a node: every refusal, and what could not be judged; nothing where it passes."""


def target_of(pod: Pod, node: Node, fleet: Fleet) -> Target:
    """Collect what the filters look at."""
    pods = fleet.occupants(node.name)
    return Target(
        node=node,
        pods=None if pods is None else tuple(item for item in pods if item is not pod),
        nominated=tuple(item for item in fleet.nominated(node.name) if item is not pod),
        fleet=fleet,
    )
