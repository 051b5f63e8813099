"""Whether evicting other pods makes room for a pod, and which ones are being evicted.

Source: ``pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go``
(SelectVictimsOnNode, PodEligibleToPreemptOthers, podTerminatingByPreemption).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core.facts import Preemption
from kubectl_ds.core.meta import condition
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.node_selection import node_selector, taint_toleration
from kubectl_ds.core.scheduling.ports import holders
from kubectl_ds.core.scheduling.rivals import full_name, priority
from kubectl_ds.core.scheduling.shortage import Load, shortages
from kubectl_ds.core.scheduling.target import Target
from kubectl_ds.core.scheduling.usage import requests

_BY_DEFAULT = "PreemptLowerPriority"
_NEVER = "Never"


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
    lower = len(target.pods) - len(kept)
    load = [item for item in taken if priority(item.pod) >= priority(pod)]
    return Preemption(
        policy=policy,
        priority=priority(pod),
        lower=lower,
        helps=policy != _NEVER and lower > 0 and _passes(pod, target._replace(pods=kept), load),
    )


def victims(pod: Pod, there: Iterable[Pod]) -> tuple[str, ...]:
    """The pods that the scheduler evicts in a pod's favour and that are not gone yet."""
    return tuple(
        full_name(item) for item in there if priority(item) < priority(pod) and _is_preempted(item)
    )


def _passes(pod: Pod, target: Target, taken: Sequence[Load]) -> bool:
    """Whether the node would take the pod, by the filters up to the one for resources."""
    refused = (
        any(taint_toleration(pod, target))
        or any(node_selector(pod, target))
        or any(holders(pod, target))
        or shortages(requests(pod), target.node, taken)
    )
    return not refused


def _is_preempted(pod: Pod) -> bool:
    disruption = condition(pod.status.conditions, "DisruptionTarget")
    return (
        pod.terminating
        and disruption is not None
        and disruption.status == "True"
        and disruption.reason == "PreemptionByScheduler"
    )
