"""The pods that a pod competes with for room on a node, and how they rank.

Sources: ``pkg/scheduler/framework/runtime/framework.go`` (addGENominatedPods),
component-helpers ``scheduling/corev1/helpers.go`` (PodPriority).
"""

from __future__ import annotations

from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.target import Target


def rivals(pod: Pod, target: Target) -> tuple[Pod, ...]:
    """The pods there, and those of no lower priority for which room is being made there.

    The scheduler asks that the pod fits with the latter and without them; of room and ports less
    is left with them. Where not all pods there were read, there are none to tell of.
    """
    if target.pods is None:
        return ()
    return target.pods + expected(pod, target)


def expected(pod: Pod, target: Target) -> tuple[Pod, ...]:
    """The pods that come first where room is being made."""
    return tuple(item for item in target.nominated if priority(item) >= priority(pod))


def priority(pod: Pod) -> int:
    """A pod's priority; 0 where it has none."""
    return pod.spec.priority or 0


def full_name(pod: Pod) -> str:
    """``namespace/name``."""
    return f"{pod.metadata.namespace}/{pod.name}"
