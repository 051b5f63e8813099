"""The status numbers of a DaemonSet, counted anew and compared with those reported.

Source: ``pkg/controller/daemon/daemon_controller.go``, updateDaemonSetStatus.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.placement import Placement
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.budget import Test
from kubectl_ds.core.verdict import Summary


def count(
    placements: Mapping[str, Placement],
    pods: Mapping[str, tuple[Pod, ...]],
    updated: Test,
    available: Test,
    settled: Set[str] = frozenset(),
) -> Summary:
    """Count over all nodes that exist; of several pods only the first one counts.

    Args:
        placements: for each existing node whether a pod is wanted there.
        pods: the DaemonSet's pods by node, in Kubernetes' order.
        updated: whether a pod is of the current revision.
        available: whether a pod is available.
        settled: wanted nodes known to have one pod, which is current and available.
    """
    wanted = [node for node, placement in placements.items() if placement.should_run]
    first = [pods[node][0] for node in wanted if node not in settled and pods.get(node)]
    strays = (n for n, place in placements.items() if pods.get(n) and not place.should_run)
    return Summary(
        nodes=len(placements),
        desired=len(wanted),
        current=len(settled) + len(first),
        ready=len(settled) + sum(pod.ready for pod in first),
        available=len(settled) + sum(available(pod) for pod in first),
        updated=len(settled) + sum(updated(pod) for pod in first),
        misscheduled=len(list(strays)),
    )


def status_behind(daemon_set: DaemonSet, summary: Summary) -> tuple[str, ...]:
    """Names of the status fields that differ from the numbers counted anew."""
    status = daemon_set.status
    seen = max(daemon_set.metadata.generation, status.observed_generation)
    pairs = {
        "currentNumberScheduled": (status.current_number_scheduled, summary.current),
        "desiredNumberScheduled": (status.desired_number_scheduled, summary.desired),
        "numberAvailable": (status.number_available, summary.available),
        "numberMisscheduled": (status.number_misscheduled, summary.misscheduled),
        "numberReady": (status.number_ready, summary.ready),
        "observedGeneration": (status.observed_generation, seen),
        "numberUnavailable": (status.number_unavailable, summary.desired - summary.available),
        "updatedNumberScheduled": (status.updated_number_scheduled, summary.updated),
    }
    return tuple(field for field, (reported, counted) in pairs.items() if reported != counted)
