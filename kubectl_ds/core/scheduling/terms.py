"""What the scheduler says of spread and affinity, beside what is worked out of them."""

from __future__ import annotations

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.affinity import (
    existing_anti_affinity,
    pod_affinity,
    pod_anti_affinity,
)
from kubectl_ds.core.scheduling.report import code_for
from kubectl_ds.core.scheduling.spread import topology_spread
from kubectl_ds.core.scheduling.target import Filter, Target

_EXISTING = "existing pods"
_UNLABELLED = "missing required label"
_FILTERS: dict[str, Filter] = {
    "TopologySpread": topology_spread,
    "PodAffinity": pod_affinity,
    "PodAntiAffinity": pod_anti_affinity,
}


def tells_of(text: str, facts: TermFacts) -> bool:
    """Whether the scheduler's words are about one rule of those that share a code."""
    if facts.max_skew is not None:
        return facts.unlabelled == (_UNLABELLED in text)
    return facts.existing == (_EXISTING in text)


def lapsed(pod: Pod, target: Target, text: str) -> TermFacts:
    """The evidence where the scheduler tells of a rule that nothing which was read breaks."""
    existing = _EXISTING in text
    rule = existing_anti_affinity if existing else _FILTERS[code_for(text)[0]]
    return TermFacts(pod=pod.name, existing=existing, fits=not list(rule(pod, target)))
