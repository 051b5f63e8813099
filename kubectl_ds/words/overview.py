"""Sentences on a DaemonSet as a whole: the headline, its findings, what was not checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core.model import Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation, Finding, gaps, is_gap, tells_gaps
from kubectl_ds.words.phrases import count, listing
from kubectl_ds.words.reasons import sentence

_BEHIND_GAPS = frozenset(("events", "resourcequotas", "limitranges"))


def headline(explanation: Explanation) -> str:
    """On how many nodes the DaemonSet runs, how many it excludes, and what kind of gaps it has."""
    parts = [_covered(explanation), _excluded(explanation), _gaps(explanation)]
    return f"DaemonSet {title(explanation)}: {', '.join(filter(None, parts))}"


def title(explanation: Explanation) -> str:
    """``namespace/name``."""
    return f"{explanation.daemon_set.namespace}/{explanation.daemon_set.name}"


def _covered(explanation: Explanation) -> str:
    total = count(sum(explanation.states.values()), "node")
    if explanation.is_unread("nodes"):
        return "no Node was read, so where it should run can't be told"
    if explanation.is_unread("pods"):
        return f"no Pod was read; it should run on {explanation.summary.desired} of {total}"
    running = sum(explanation.states.get(state, 0) for state in (State.AVAILABLE, State.OUTDATED))
    return f"runs on {running} of {total}"


def _excluded(explanation: Explanation) -> str:
    excluded = explanation.states.get(State.EXCLUDED, 0)
    return f"{excluded} excluded" if excluded else ""


def _gaps(explanation: Explanation) -> str:
    if _wants_none(explanation):
        return "no node wanted"
    if not is_certain(explanation):
        return ""
    if explanation.is_unread("pods") and explanation.states.get(State.MISSING):
        return "some of its pods are refused"
    strategy = explanation.rollout.strategy
    kinds = [item for item in explanation.states.items() if is_gap(item[0], strategy)]
    ordered = sorted(kinds, key=lambda item: list(State).index(item[0]))
    text = ", ".join(f"{number} {state.value}" for state, number in ordered)
    return f"gaps: {text}" if text else "no gap"


def is_certain(explanation: Explanation) -> bool:
    """Whether enough was read to speak of gaps at all."""
    return tells_gaps(explanation.not_checked, explanation.nodes)


def without_gap(explanations: Sequence[Explanation]) -> str:
    """Which DaemonSets have no gap, and which of these want no node at all."""
    idle = [_with_finding(item) for item in explanations if _wants_none(item)]
    fine = [_with_exclusions(item) for item in explanations if not _wants_none(item)]
    lines = [("No gap", fine), ("No node wanted", idle)]
    return "; ".join(f"{lead}: {', '.join(group)}" for lead, group in lines if group)


def _wants_none(explanation: Explanation) -> bool:
    return any(finding.code == "NoNodeDesired" for finding in explanation.findings)


def _with_finding(explanation: Explanation) -> str:
    facts = next(x.facts for x in explanation.findings if isinstance(x.facts, f.NoNodeFacts))
    return f"{title(explanation)} ({why_none(facts)})"


def _with_exclusions(explanation: Explanation) -> str:
    excluded = explanation.states.get(State.EXCLUDED, 0)
    if not excluded:
        return title(explanation)
    total = count(sum(explanation.states.values()), "node")
    return f"{title(explanation)} ({excluded} of {total} excluded)"


def finding_sentence(finding: Finding) -> str:
    """What a finding says, in one sentence."""
    words = _FINDINGS.get(finding.code)
    return words(finding.facts) if words else sentence(finding.code, [finding.facts])


def _no_node(facts: f.NoNodeFacts) -> str:
    return f"it wants a pod on no node: {why_none(facts)}"


def why_none(facts: f.NoNodeFacts) -> str:
    """What excludes most nodes, or what looks like a typing error."""
    if facts.typos:
        return "; ".join(map(_typo, facts.typos))
    if not facts.exclusions:
        return "there is no node"
    worst = facts.exclusions[0]
    return f"{worst.code} {worst.asked} excludes {worst.nodes} of {count(facts.nodes, 'node')}"


def _typo(typo: f.Typo) -> str:
    have = "node has" if typo.nodes == 1 else "nodes have"
    return f"no node has {typo.wanted}, {typo.nodes} {have} {typo.existing}"


def _on_delete(facts: f.OnDeleteFacts) -> str:
    return (
        f"strategy OnDelete: {facts.nodes} of {count(facts.desired, 'node')} still run an older "
        "revision until their pods are deleted"
    )


def _duplicates(facts: f.DuplicateFacts) -> str:
    return f"node {facts.node} has {len(facts.pods)} live pods: {', '.join(facts.pods)}"


def _unattributable(facts: f.PodsFacts) -> str:
    return (
        f"{count(len(facts.pods), 'pod')} without a target node, which the controller does not "
        f"count and creates anew: {listing(facts.pods)}; a webhook may have changed the affinity"
    )


def _orphans(facts: f.PodsFacts) -> str:
    number = count(len(facts.pods), "pod")
    return (
        f"{number} without an owner match its selector and will be adopted: {listing(facts.pods)}"
    )


def _selects_all(_: f.NoFacts) -> str:
    return "its selector is empty, so the controller does nothing for it"


_FINDINGS: dict[str, Callable[[Any], str]] = {
    "NoNodeDesired": _no_node,
    "OnDelete": _on_delete,
    "DuplicatePods": _duplicates,
    "UnattributablePods": _unattributable,
    "OrphanPods": _orphans,
    "SelectsAllPods": _selects_all,
}


def behind(explanation: Explanation) -> str:
    """Which fields of the reported status differ from the numbers counted anew; maybe empty."""
    fields = [item for item in explanation.status_behind if item != "observedGeneration"]
    if not fields:
        return ""
    return (
        f"The reported status is behind in {', '.join(fields)}; the numbers here are counted anew."
    )


def rollout_sentence(explanation: Explanation) -> str:
    """How far the current revision has got, and what holds it up."""
    rollout = explanation.rollout
    revision = f" to revision {rollout.revision}" if rollout.revision else ""
    desired = explanation.summary.desired
    parts = [f"{rollout.updated} of {count(desired, 'pod')} updated{revision}"]
    if rollout.max_surge:
        parts.append(f"{rollout.surging} surging, maxSurge {rollout.max_surge}")
    elif rollout.max_unavailable:
        limit = f"maxUnavailable {rollout.max_unavailable}"
        parts.append(f"{rollout.unavailable} unavailable, {limit}")
    if rollout.blockers and rollout.updated < desired:
        parts.append(f"held up by {listing(map(_blocker, rollout.blockers))}")
    return f"Rollout ({rollout.strategy}): {'; '.join(parts)}."


def _blocker(item: f.Blocker) -> str:
    return f"{item.node} ({', '.join(filter(None, (item.state, item.code)))})"


def relevant(explanation: Explanation) -> list[Unread]:
    """What was not checked and could change this answer: without a gap, nothing refuses a pod."""
    if gaps(explanation):
        return list(explanation.not_checked)
    return [item for item in explanation.not_checked if item.what not in _BEHIND_GAPS]


def unread_sentence(unread: Sequence[Unread]) -> str:
    """What was not checked, in one line; empty where nothing is missing."""
    reasons: dict[str, list[str]] = {}
    for item in unread:
        reasons.setdefault(item.why, []).append(item.what)
    parts = [f"{', '.join(whats)} ({why})" for why, whats in reasons.items()]
    return f"Not checked: {'; '.join(parts)}." if parts else ""
