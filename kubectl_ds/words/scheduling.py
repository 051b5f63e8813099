"""Why a pod is not bound to its node.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, choice, common, span


def gated(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("held back by scheduling gates", ", ".join(all_facts[0].gates))


def no_scheduler(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"the pod asks for scheduler {all_facts[0].scheduler}, of which there is no trace"


def awaiting(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"{all_facts[0].scheduler} has not looked at the pod yet"


def scheduler_error(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("scheduler error", common(item.message for item in all_facts))


def target(all_facts: Sequence[f.TargetFacts]) -> str:
    if all_facts[0].exists:
        return "the scheduler does not know the node: it looked at other nodes only"
    return "the node that the pod is made for no longer exists; the controller deletes the pod"


def told(all_facts: Sequence[f.FilterFacts]) -> str:
    return f"scheduler: {all_facts[0].text}"


def term(all_facts: Sequence[f.TermFacts]) -> str:
    facts = all_facts[0]
    if not facts.topology_key:
        passes = "; by what was read, nothing is in the way any more" if facts.fits else ""
        return f"scheduler: {facts.text}{passes}"
    if facts.max_skew is not None:
        return _spread(all_facts)
    if not facts.holder:
        return _lonely(all_facts)
    holders, place = choice(item.holder for item in all_facts), _place(all_facts)
    if facts.existing:
        return f"{holders} keeps pods with {_selected(facts)} away from {place}"
    return f"pod anti-affinity: {holders} matches {_selected(facts)} within {place}"


def _spread(all_facts: Sequence[f.TermFacts]) -> str:
    facts = all_facts[0]
    if facts.unlabelled:
        return f"{_unlabelled(all_facts)}, which the spread constraint needs"
    skew = span([item.skew or 0 for item in all_facts])
    counted = span([item.domains or 0 for item in all_facts])
    few = f" (minDomains is {facts.min_domains}, {counted} counted)" if _few(all_facts) else ""
    return (
        f"the spread of pods with {_selected(facts)} may differ by {facts.max_skew}, and with one "
        f"more in {_place(all_facts)} it would differ by {skew}{few}"
    )


def _few(all_facts: Sequence[f.TermFacts]) -> bool:
    return all((item.domains or 0) < (item.min_domains or 1) for item in all_facts)


def _unlabelled(all_facts: Sequence[f.TermFacts]) -> str:
    who = "the node has" if len(all_facts) == 1 else "the nodes have"
    return f"{who} no label {all_facts[0].topology_key}"


def _lonely(all_facts: Sequence[f.TermFacts]) -> str:
    facts = all_facts[0]
    if facts.unlabelled:
        return f"{_unlabelled(all_facts)}, which the affinity to pods with {_selected(facts)} needs"
    return f"affinity wants a pod with {_selected(facts)} in {_place(all_facts)}, and none is there"


def _selected(facts: f.TermFacts) -> str:
    """The pods that a rule is about, and their namespaces where it names any."""
    selector = facts.selector or "any labels"
    return f"{selector} (namespaces: {facts.namespaces})" if facts.namespaces else selector


def _place(all_facts: Sequence[f.TermFacts]) -> str:
    return f"{all_facts[0].topology_key} {choice(item.domain or '' for item in all_facts)}"
