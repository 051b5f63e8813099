"""When a pod counts as available.

Source: ``pkg/api/v1/pod/util.go``, IsPodAvailable.
"""

from __future__ import annotations

from datetime import datetime

from kubectl_ds.core.meta import condition
from kubectl_ds.core.pods import Pod


def ready_since(pod: Pod) -> datetime | None:
    """When the pod last became ready; None where it is not ready, or no time is known."""
    ready = condition(pod.status.conditions, "Ready")
    return ready.last_transition_time if ready is not None and ready.status == "True" else None


def is_available(pod: Pod, min_ready_seconds: int, now: datetime) -> bool:
    """Whether the pod has been ready for at least ``minReadySeconds``.

    A pod that is being deleted may still be available.
    """
    if not pod.ready:
        return False
    if min_ready_seconds <= 0:
        return True
    since = ready_since(pod)
    return since is not None and (now - since).total_seconds() >= min_ready_seconds
