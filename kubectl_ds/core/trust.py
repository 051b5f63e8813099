"""What the reported status alone can tell: that a DaemonSet is on every node that it wants.

The status counts pods that are being deleted as available, so a row that stands on it is not
verified (``pkg/controller/daemon/daemon_controller.go``, updateDaemonSetStatus).
"""

from __future__ import annotations

from collections.abc import Iterable, Set

import msgspec

from kubectl_ds.core.case import Case, build
from kubectl_ds.core.cover import Cover, cover_of
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State

_UNEXPLAINED = (State.MISSING, State.OUTDATED, State.MISSCHEDULED)


def trusted(fleet: Fleet, daemon_set: DaemonSet, seen: Set[str] = frozenset()) -> Cover | None:
    """How far a DaemonSet reaches, where its status accounts for all nodes that it wants.

    Args:
        fleet: the cluster, prepared.
        daemon_set: one of its DaemonSets.
        seen: nodes whose pods are known: of those that the DaemonSet wants, all that are not
            ready have to be among them, for what is to be told of these is not in a status.

    Returns:
        None where the status does not say that all is well with exactly the nodes that the
        DaemonSet wants by our own count, less those that were seen; then its pods have to be
        looked at.
    """
    case = build(fleet, daemon_set)
    bright = case.wanted & fleet.ready
    dark = case.wanted - bright
    if case.halted or not dark <= seen or not _accounts_for(case, len(bright), dark):
        return None
    cover = msgspec.structs.replace(cover_of(case, bright), verified=False)
    return None if any(state in cover.states for state in _UNEXPLAINED) else cover


def _accounts_for(case: Case, bright: int, dark: Set[str]) -> bool:
    """Whether each number is that of the dark nodes, and one more for each of the others."""
    status = case.daemon_set.status
    pods = list(_first(case, dark))
    counts = {
        status.desired_number_scheduled - len(dark),
        status.current_number_scheduled - len(pods),
        status.updated_number_scheduled - sum(map(case.updated, pods)),
        status.number_ready - sum(pod.ready for pod in pods),
        status.number_available - sum(map(case.available, pods)),
    }
    return counts == {bright} and not status.number_misscheduled


def _first(case: Case, nodes: Iterable[str]) -> Iterable[Pod]:
    """The pod that the controller counts on each of the nodes that have one."""
    found = (case.owned.by_node.get(name) for name in nodes)
    return (pods[0] for pods in found if pods)
