"""Sentences on a DaemonSet as a whole: the headline, its findings, what was not checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core.fold import Row, fold, natural
from kubectl_ds.core.model import Unread
from kubectl_ds.core.not_modelled import ELSEWHERE, NOT_MODELLED
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation, Finding, Root, gaps, is_gap, tells_gaps
from kubectl_ds.words.phrases import after, choice, count, duration, in_cluster, listing
from kubectl_ds.words.reasons import sentence

_BY_SCHEDULER = frozenset((item.what, item.why) for item in (NOT_MODELLED, ELSEWHERE))
_BEHIND_CREATION = frozenset(("resourcequotas", "limitranges"))
_BEHIND_GAPS = _BEHIND_CREATION | {"events"}

_OLD = "run an older revision, under OnDelete"  # under any other strategy that is a gap


def headline(explanation: Explanation) -> str:
    """On how many nodes the DaemonSet runs, how many it excludes, and what kind of gaps it has."""
    parts = [_covered(explanation), _excluded(explanation), _gaps(explanation)]
    return f"DaemonSet {title(explanation)}: {', '.join(filter(None, parts))}"


def title(explanation: Explanation) -> str:
    """``namespace/name``, and of several clusters the one that it is in."""
    return _name(explanation) + in_cluster(explanation.cluster)


def _name(explanation: Explanation) -> str:
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
    """Which DaemonSets of a cluster have no gap, and which of these want no node at all."""
    idle = [_with_finding(item) for item in explanations if _wants_none(item)]
    fine = [_with_exclusions(item) for item in explanations if not _wants_none(item)]
    where = in_cluster(explanations[0].cluster)
    lines = [("No gap", fine), ("No node wanted", idle)]
    return "; ".join(f"{lead}{where}: {', '.join(group)}" for lead, group in lines if group)


def _wants_none(explanation: Explanation) -> bool:
    return any(finding.code == "NoNodeDesired" for finding in explanation.findings)


def _with_finding(explanation: Explanation) -> str:
    facts = next(x.facts for x in explanation.findings if isinstance(x.facts, f.NoNodeFacts))
    return f"{_name(explanation)} ({why_none(facts)})"


def _with_exclusions(explanation: Explanation) -> str:
    states = explanation.states
    numbers = ((states.get(State.EXCLUDED, 0), "excluded"), (states.get(State.OUTDATED, 0), _OLD))
    total = count(sum(states.values()), "node")
    texts = [f"{number} of {total} {what}" for number, what in numbers if number]
    return f"{_name(explanation)} ({', '.join(texts)})" if texts else _name(explanation)


def telling(explanation: Explanation) -> list[Finding]:
    """The findings, less those that a row of the table, or the rollout, tells alike."""
    rows = fold(gaps(explanation))
    return [item for item in explanation.findings if _adds(item, rows)]


def _adds(finding: Finding, rows: Sequence[Row]) -> bool:
    if isinstance(finding.facts, f.PodsVanishFacts):  # a failed pod's own row has the rounds
        failed = {name for row in rows if row.state is State.FAILED for name in row.nodes}
        return not finding.facts.nodes or not failed.issuperset(finding.facts.nodes)
    nodes = set(finding.root.nodes) if finding.root else set()
    return not nodes or sum(not nodes.isdisjoint(row.nodes) for row in rows) > 1


def finding_line(finding: Finding) -> str:
    """A finding with its code before it, and of several clusters the one that it is about."""
    return f"{finding.code}{in_cluster(finding.cluster)}: {finding_sentence(finding)}"


def finding_sentence(finding: Finding) -> str:
    """What a finding says, in one sentence."""
    if isinstance(finding.facts, f.SharedCauseFacts):
        return _shared_cause(finding.facts, finding.root)
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


def _shared_cause(facts: f.SharedCauseFacts, root: Root | None) -> str:
    cause = sentence(root.code, root.facts) if root else facts.code
    names = listing(sorted(root.nodes if root else facts.examples, key=natural))
    others = f" and {count(facts.other_causes, 'other cause')}" if facts.other_causes else ""
    waits = f"{count(facts.held, 'node')} {'waits' if facts.held == 1 else 'wait'} for it{others}"
    where = "; ".join(filter(None, (names, waits if facts.held else "")))
    return f"1 cause for {facts.nodes} of {count(facts.of, 'node')}: {cause} ({where})"


def _shared_node(facts: f.SharedNodeFacts) -> str:
    verb = "is" if len(facts.nodes) == 1 else "are"
    trouble = "not ready" if facts.code == "NodeNotReady" else "unreachable"
    number = count(len(facts.daemon_sets), "DaemonSet")
    which = listing(facts.daemon_sets)
    return f"{listing(facts.nodes)} {verb} {trouble}: explains gaps of {number} ({which})"


def _on_delete(facts: f.OnDeleteFacts) -> str:
    older = f"revision {choice(facts.revisions)}" if facts.revisions else "an older revision"
    known = facts.waiting_seconds is not None
    since = f", for {duration(facts.waiting_seconds or 0)}" if known else ""
    run = "runs" if facts.nodes == 1 == facts.desired else "run"
    return (
        f"strategy OnDelete: {facts.nodes} of {count(facts.desired, 'node')} still {run} "
        f"{older}{since}; it stays until somebody deletes the pods"
    )


def _duplicates(facts: f.DuplicateFacts) -> str:
    return f"node {facts.node} has {len(facts.pods)} live pods: {', '.join(facts.pods)}"


def _counted(facts: f.CountedFacts) -> str:
    return (
        f"kubectl's UP-TO-DATE, READY and AVAILABLE look at the oldest pod of a node alone, and on "
        f"{listing(facts.nodes)} that is an old one that is still ending: the new pod beside it is "
        "available"
    )


def _vanish(facts: f.PodsVanishFacts) -> str:
    where = f" on {listing(facts.nodes)}" if facts.nodes else ""
    causes = "; ".join(map(_vanish_cause, facts.causes))
    return f"{count(facts.pods, 'pod')} came and went within the last hour{where}: {causes}"


_VANISHED = {
    "FailedDaemonPod": "failed",
    "TaintManagerEviction": "evicted for a NoExecute taint",
}


def _vanish_cause(cause: f.VanishCause) -> str:
    plain = _VANISHED.get(cause.reason)
    if plain:
        return f"{cause.pods} {plain}"
    return after(f"{cause.pods} {cause.reason}", " ".join(cause.message.split()))


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


def _difference(facts: f.PodDifferenceFacts) -> str:
    number = count(len(facts.nodes), "node")
    changes = []
    if facts.node_selector:
        changes.append(f"gives the pods nodeSelector {' and '.join(facts.node_selector)}")
    if facts.missing_tolerations and not (facts.runtime_class or facts.namespace_selector):
        changes.append(f"leaves out toleration {' and '.join(facts.missing_tolerations)}")
    return (
        f"the template would be let onto {number}, {listing(facts.nodes)}, and its pods are not: "
        f"{_changer(facts)} {' and '.join(changes)}"
    )


def _changer(facts: f.PodDifferenceFacts) -> str:
    if facts.runtime_class:
        return f"RuntimeClass {facts.runtime_class}"
    if facts.namespace_selector:
        return f"the namespace's {facts.namespace_selector}"
    return "a webhook or the like"


def _eviction_loop(facts: f.EvictionLoopFacts) -> str:
    return (
        f"taint {facts.taint} on {listing(facts.nodes)} is tolerated for {facts.seconds}s only: "
        "then the pod is evicted, created anew, and so on without end"
    )


_FINDINGS: dict[str, Callable[[Any], str]] = {
    "NoNodeDesired": _no_node,
    "OnDelete": _on_delete,
    "SharedNode": _shared_node,
    "PodsVanish": _vanish,
    "DuplicatePods": _duplicates,
    "OldPodCounted": _counted,
    "PodDiffersFromTemplate": _difference,
    "EvictionLoop": _eviction_loop,
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
    """What was not checked and could change this answer.

    Without a gap nothing refuses a pod, and without a pod that is missing no quota does.
    """
    behind_it = _BEHIND_GAPS if not gaps(explanation) else _BEHIND_CREATION
    if explanation.states.get(State.MISSING) or explanation.rollout.max_surge:
        behind_it = frozenset()
    return [item for item in explanation.not_checked if item.what not in behind_it]


def unread_sentence(unread: Sequence[Unread]) -> str:
    """What was not checked, in one line; empty where nothing is missing.

    What only the scheduler itself can tell of any pod that waits is left to the documents.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for item in unread:
        if (item.what, item.why) not in _BY_SCHEDULER:
            places.setdefault((item.cluster, item.why), []).append(item.what)
    reasons: dict[tuple[str, str], list[str]] = {}
    for (cluster, why), whats in places.items():
        reasons.setdefault((", ".join(whats), why), []).append(cluster)
    parts = [f"{what}{_where(names)} ({why})" for (what, why), names in reasons.items()]
    return f"Not checked: {'; '.join(parts)}." if parts else ""


def _where(clusters: Sequence[str]) -> str:
    if len(clusters) == 1:
        return in_cluster(clusters[0])
    return f" in clusters {listing(clusters)}"
