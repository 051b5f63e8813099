"""What the reported status alone can tell: that a DaemonSet is on every node that it wants.

The status counts pods that are being deleted as available, so a row that stands on it is not
verified (``pkg/controller/daemon/daemon_controller.go``, updateDaemonSetStatus).
"""

from __future__ import annotations

from kubectl_ds.core.case import Case, build
from kubectl_ds.core.cover import Cover, unverified
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import DaemonSet, DaemonSetStatus
from kubectl_ds.core.placement import health_reason
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Outcome


def trusted(fleet: Fleet, daemon_set: DaemonSet) -> Cover | None:
    """How far a DaemonSet reaches, where its status accounts for all nodes that it wants.

    Args:
        fleet: the cluster, prepared; no pod of the DaemonSet needs to be known.
        daemon_set: one of its DaemonSets.

    Returns:
        None where the status, against our own count of the nodes that the DaemonSet wants, leaves
        open which of those that are ready is not covered; then its pods have to be looked at.
    """
    case = build(fleet, daemon_set)
    wanted = {name for name, placement in case.placements.items() if placement.should_run}
    bright = wanted & fleet.ready
    if case.halted or not _accounts_for(daemon_set.status, len(wanted), len(bright)):
        return None
    return unverified(case, bright, {name: _dark(case, name) for name in wanted - bright})


def _accounts_for(status: DaemonSetStatus, wanted: int, ready: int) -> bool:
    """Whether each wanted node has a current pod, and as many are available as nodes are ready."""
    placed = {
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.updated_number_scheduled,
    }
    working = {status.number_ready, status.number_available}
    return placed == {wanted} and working == {ready} and not status.number_misscheduled


def _dark(case: Case, name: str) -> Outcome:
    """A wanted node that is not ready: whatever its pod says, nobody reports on it."""
    health = health_reason(case.nodes[name])
    return Outcome(
        state=State.UNREADY,
        desired=True,
        keeps=case.placements[name].should_continue,
        reasons=(health,) if health else (),
    )
