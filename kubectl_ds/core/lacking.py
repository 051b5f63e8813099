"""Which pods of a DaemonSet are lacking, and which of them wait for their node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubectl_ds.core.case import Case
from kubectl_ds.core.pods import Pod


def lacks(case: Case) -> bool:
    """Whether the controller has a pod to create: on an empty node, or beside an old pod."""
    pods, open_ = case.owned.by_node, case.wanted - case.settled
    return any(name not in pods or (case.surge and _is_old(case, pods[name])) for name in open_)


def _is_old(case: Case, pods: Sequence[Pod]) -> bool:
    return not any(pod.live and case.updated(pod) for pod in pods)


def unsettled(case: Case) -> Iterator[Pod]:
    """The pods on nodes of which there is more to say than that they are covered."""
    for name, pods in case.owned.by_node.items():
        if name not in case.settled:
            yield from pods


def waiting(case: Case) -> Iterator[Pod]:
    """The live pods without a node; one that scheduling gates hold back waits for nothing there."""
    for pod in unsettled(case):
        if pod.live and not pod.spec.node_name and not pod.spec.scheduling_gates:
            yield pod
