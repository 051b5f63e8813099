"""One node's whole story: every rule that was put to it, passed or not, in words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core import notation
from kubectl_ds.core.placement import Check
from kubectl_ds.core.pods import Toleration
from kubectl_ds.core.reasons import MEANINGS, State
from kubectl_ds.core.taints import NO_EXECUTE, NO_SCHEDULE
from kubectl_ds.core.verdict import NodeVerdict, PodView
from kubectl_ds.words.phrases import after
from kubectl_ds.words.reasons import sentence

_TELL_ITS_FATE = frozenset(("NotReplaceable", "TargetNodeMissing"))


def check_sentence(check: Check) -> str:
    """What a rule asked of the node, and what the node has."""
    if not check.passed:
        return sentence(check.code, [check.facts])
    if isinstance(check.facts, f.TaintFacts):
        return _tolerated(check.facts, check)
    return _PASSED[type(check.facts)](check.facts)


def _tolerated(facts: f.TaintFacts, check: Check) -> str:
    text = f"taint {notation.taint(facts.key, facts.value, facts.effect)}"
    if facts.effect not in (NO_SCHEDULE, NO_EXECUTE):
        return f"{text} keeps no daemon pod away"
    by = _toleration(check.toleration) if check.toleration else ""
    origin = "added by the controller" if check.automatic else "in the template"
    return f"{text} tolerated by {by} ({origin})"


def _toleration(toleration: Toleration) -> str:
    key = toleration.key or "any key"
    effect = f":{toleration.effect}" if toleration.effect else ""
    if toleration.operator == "Exists":
        return f"{key}{effect} Exists" if toleration.key else f"{key}{effect}"
    return f"{key}={toleration.value}{effect}"


_PASSED: dict[type[f.Facts], Callable[[Any], str]] = {
    f.NodeNameFacts: lambda facts: f"the template's nodeName is {facts.wanted}, this node",
    f.NodeSelectorFacts: lambda facts: f"nodeSelector {facts.key}={facts.wanted}, node has it",
    f.NodeAffinityFacts: lambda facts: f"node affinity {notation.terms(facts.terms)} matches",
    f.NamespaceSelectorFacts: lambda facts: f"the namespace wants {facts.selector}, node has it",
}


def health_sentence(facts: f.NodeHealthFacts) -> str:
    """Whether the node is ready, in its own words."""
    if not facts.exists:
        return "no longer exists"
    cordoned = ", cordoned (which keeps no daemon pod away)" if facts.cordoned else ""
    if facts.status == "True":
        return f"ready{cordoned}"
    lead = "not ready" if facts.status == "False" else "unreachable"
    since = f" since {facts.since:%Y-%m-%d %H:%M:%S} UTC" if facts.since else ""
    return after(f"{lead}{since}{cordoned}", facts.message or facts.reason)


def decision(verdict: NodeVerdict) -> str:
    """What follows from the rules: whether the controller wants or keeps a pod here."""
    if verdict.desired:
        return "a pod is wanted here"
    if verdict.keeps:
        return "no pod is created here; an existing one is left alone"
    return "no pod is created here; an existing one is deleted"


def fate(state: State, keeps: bool, codes: Collection[str]) -> list[str]:
    """What the controller does with a pod where none is wanted, unless a reason tells it."""
    if state is not State.MISSCHEDULED or not _TELL_ITS_FATE.isdisjoint(codes):
        return []
    return ["the pod keeps running" if keeps else "the controller deletes the pod"]


def pod_sentence(pod: PodView) -> str:
    """One pod of the DaemonSet on the node."""
    traits = [
        pod.phase or "phase unknown",
        "bound" if pod.bound else "not bound",
        "available" if pod.available else "ready" if pod.ready else "not ready",
        f"{'current' if pod.updated else 'older'} revision {pod.revision}".rstrip(),
    ]
    if pod.terminating:
        traits.append("being deleted")
    return f"{pod.name}: {', '.join(traits)}"


def meaning(state: State) -> str:
    """What a state stands for."""
    return MEANINGS[state]
