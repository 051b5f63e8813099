"""Sentences on a DaemonSet as a whole: the headline, its findings, what was not checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core.model import Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation, Finding, gaps
from kubectl_ds.words.phrases import count, listing
from kubectl_ds.words.reasons import sentence

_BEHIND_GAPS = frozenset(("events", "resourcequotas", "limitranges"))


def headline(explanation: Explanation) -> str:
    """On how many nodes the DaemonSet runs, how many it excludes, and what kind of gaps it has."""
    running = sum(bool(verdict.pods) and _runs(verdict.state) for verdict in explanation.nodes)
    excluded = explanation.count(State.EXCLUDED)
    covered = f"runs on {running} of {count(len(explanation.nodes), 'node')}"
    left_out = f", {excluded} excluded" if excluded else ""
    daemon_set = explanation.daemon_set
    name = f"DaemonSet {daemon_set.namespace}/{daemon_set.name}"
    return f"{name}: {covered}{left_out}, {_gaps(explanation)}"


def _runs(state: State) -> bool:
    return state in (State.AVAILABLE, State.OUTDATED)


def _gaps(explanation: Explanation) -> str:
    found = gaps(explanation)
    if any(finding.code == "NoNodeDesired" for finding in explanation.findings):
        return "no node wanted"
    kinds = [(state, sum(item.state is state for item in found)) for state in State]
    text = ", ".join(f"{number} {state.value}" for state, number in kinds if number)
    return f"gaps: {text}" if text else "no gap"


def without_gap(explanations: Sequence[Explanation]) -> str:
    """Which DaemonSets have no gap, and which of these want no node at all."""
    names = [(x, f"{x.daemon_set.namespace}/{x.daemon_set.name}") for x in explanations]
    idle = [name for item, name in names if not item.summary.desired]
    fine = [name for item, name in names if item.summary.desired]
    lines = [("No gap", fine), ("No node wanted", idle)]
    return "; ".join(f"{lead}: {', '.join(group)}" for lead, group in lines if group)


def finding_sentence(finding: Finding) -> str:
    """What a finding says, in one sentence."""
    words = _FINDINGS.get(finding.code)
    return words(finding.facts) if words else sentence(finding.code, [finding.facts])


def _no_node(facts: f.NoNodeFacts) -> str:
    text = f"wants a pod on none of {count(facts.nodes, 'node')}"
    if facts.exclusions:
        worst = facts.exclusions[0]
        text += f": {worst.code} {worst.asked} excludes {worst.nodes}"
    for typo in facts.typos:
        text += f"; no node has {typo.wanted}, {count(typo.nodes, 'node')} have {typo.existing}"
    return text


def _on_delete(facts: f.OnDeleteFacts) -> str:
    return (
        f"strategy OnDelete: {facts.nodes} of {count(facts.desired, 'node')} still run an older "
        "revision until their pods are deleted"
    )


def _duplicates(facts: f.DuplicateFacts) -> str:
    return f"node {facts.node} has {len(facts.pods)} live pods: {', '.join(facts.pods)}"


def _unattributable(facts: f.PodsFacts) -> str:
    return (
        f"{count(len(facts.pods), 'pod')} of it name no node, so the controller does not count "
        f"them and creates others: {listing(facts.pods)}; a webhook may have changed their affinity"
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
