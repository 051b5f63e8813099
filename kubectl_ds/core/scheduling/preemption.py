"""Whether evicting other pods makes room for a pod, and which ones are being evicted.

Source: ``pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go``
(SelectVictimsOnNode, PodEligibleToPreemptOthers, podTerminatingByPreemption).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core.facts import Preemption
from kubectl_ds.core.meta import condition
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.affinity import (
    existing_anti_affinity,
    pod_affinity,
    pod_anti_affinity,
)
from kubectl_ds.core.scheduling.node_selection import node_selector, taint_toleration
from kubectl_ds.core.scheduling.ports import holders
from kubectl_ds.core.scheduling.rivals import full_name, priority
from kubectl_ds.core.scheduling.shortage import Load, shortages
from kubectl_ds.core.scheduling.spread import topology_spread
from kubectl_ds.core.scheduling.target import Filter, Refused, Target
from kubectl_ds.core.scheduling.usage import requests
from kubectl_ds.core.scheduling.volume_binding import volume_binding
from kubectl_ds.core.scheduling.volumes import volume_restrictions, volume_zone

_BY_DEFAULT = "PreemptLowerPriority"
_NEVER = "Never"
_FIRST = 5
_FOUND_NONE = "No preemption victims found"
_AFTER_ROOM: tuple[Filter, ...] = (
    volume_restrictions,
    volume_binding,
    volume_zone,
    topology_spread,
    pod_affinity,
    pod_anti_affinity,
    existing_anti_affinity,
)


def preemption(pod: Pod, target: Target, taken: Sequence[Load]) -> Preemption | None:
    """What evicting all pods of a lower priority would bring; None where not all were read.

    That such a pod is a daemon pod, static or critical protects it no more than a
    PodDisruptionBudget does: only its priority counts.

    Args:
        pod: the pod that waits.
        target: its node.
        taken: what the pods take up there that it competes with.
    """
    if target.pods is None:
        return None
    policy = pod.spec.preemption_policy or _BY_DEFAULT
    kept = tuple(item for item in target.pods if priority(item) >= priority(pod))
    lower = sorted(full_name(item) for item in target.pods if priority(item) < priority(pod))
    load = [item for item in taken if priority(item.pod) >= priority(pod)]
    left = target._replace(pods=kept, evicting=priority(pod))
    may = policy != _NEVER and bool(lower)
    return Preemption(
        policy=policy,
        priority=priority(pod),
        lower=len(lower),
        helps=may and _has_room(pod, left, load) and _passes_later(pod, left),
        candidates=tuple(lower[:_FIRST]),
        found_none=_FOUND_NONE in _message(pod),
    )


def _message(pod: Pod) -> str:
    scheduled = condition(pod.status.conditions, "PodScheduled")
    return scheduled.message if scheduled else ""


def victims(pod: Pod, there: Iterable[Pod]) -> tuple[str, ...]:
    """The pods that the scheduler evicts in a pod's favour and that are not gone yet."""
    return tuple(
        full_name(item) for item in there if priority(item) < priority(pod) and _is_preempted(item)
    )


def _has_room(pod: Pod, target: Target, taken: Sequence[Load]) -> bool:
    """Whether the node would take the pod, by the filters up to the one for resources."""
    refused = (
        any(taint_toleration(pod, target))
        or any(node_selector(pod, target))
        or any(holders(pod, target))
        or shortages(requests(pod), target.node, taken)
    )
    return not refused


def _passes_later(pod: Pod, target: Target) -> bool:
    """Whether the filters after that would take it, too; what they leave open counts as passed."""
    answers = (answer for each in _AFTER_ROOM for answer in each(pod, target))
    return not any(isinstance(answer, Refused) for answer in answers)


def _is_preempted(pod: Pod) -> bool:
    disruption = condition(pod.status.conditions, "DisruptionTarget")
    return (
        pod.terminating
        and disruption is not None
        and disruption.status == "True"
        and disruption.reason == "PreemptionByScheduler"
    )
