"""What the reported status alone can tell: that a DaemonSet is on every node that it wants.

The status counts pods that are being deleted as available, so a row that stands on it is not
verified (``pkg/controller/daemon/daemon_controller.go``, updateDaemonSetStatus).
"""

from __future__ import annotations

from kubectl_ds.core.case import build
from kubectl_ds.core.cover import Cover, unverified
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import DaemonSet, DaemonSetStatus


def trusted(fleet: Fleet, daemon_set: DaemonSet) -> Cover | None:
    """How far a DaemonSet reaches, where its status accounts for all nodes that it wants.

    Args:
        fleet: the cluster, prepared; no pod of the DaemonSet needs to be known.
        daemon_set: one of its DaemonSets.

    Returns:
        None where the status does not say that all is well with exactly the nodes that the
        DaemonSet wants by our own count, or one of these is not ready: what a status says of its
        pod is not what is to be told. Then the pods have to be looked at.
    """
    case = build(fleet, daemon_set)
    wanted = {name for name, placement in case.placements.items() if placement.should_run}
    if case.halted or not wanted <= fleet.ready:
        return None
    return unverified(case, wanted) if _all_well(daemon_set.status, len(wanted)) else None


def _all_well(status: DaemonSetStatus, desired: int) -> bool:
    counts = {
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.updated_number_scheduled,
        status.number_ready,
        status.number_available,
    }
    return counts == {desired} and not status.number_misscheduled
