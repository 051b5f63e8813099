"""Why an older pod is still there.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, count, listing

Sentence = Callable[[str, Sequence[f.Facts]], str]
"""What says a reason in words, by its code and the evidence of each node."""

_NEVER = "with maxSurge this can never succeed; use maxUnavailable"


def blocked(all_facts: Sequence[f.BlockedFacts]) -> str:
    facts = all_facts[0]
    where = f" on {count(facts.nodes, 'node')}" if facts.nodes else ""
    return f"not replaced while pods can't be created{where} ({facts.code})"


def surge_pending(sentence: Sentence) -> Callable[[Sequence[f.SurgeFacts]], str]:
    def words(all_facts: Sequence[f.SurgeFacts]) -> str:
        if all_facts[0].never:
            return f"{_never(all_facts, sentence)}: {_NEVER}"
        return after("the new pod is Pending", _trouble(all_facts, sentence))

    return words


def _never(all_facts: Sequence[f.SurgeFacts], sentence: Sentence) -> str:
    facts = all_facts[0].evidence
    if isinstance(facts, f.PortFacts) and len({item.holder for item in facts.ports}) == 1:
        ports = listing(str(item.port) for item in facts.ports)
        return f"the new pod needs host port {ports}, which the old pod holds"
    return after("the new pod has no place beside the old one", _trouble(all_facts, sentence))


def surge_not_ready(sentence: Sentence) -> Callable[[Sequence[f.SurgeFacts]], str]:
    return lambda all_facts: after("the new pod is not ready", _trouble(all_facts, sentence))


def _trouble(all_facts: Sequence[f.SurgeFacts], sentence: Sentence) -> str:
    evidence = [item.evidence for item in all_facts if item.evidence is not None]
    return sentence(all_facts[0].code, evidence) if evidence else ""


def budget(name: str) -> Callable[[Sequence[f.BudgetFacts]], str]:
    def words(all_facts: Sequence[f.BudgetFacts]) -> str:
        facts = all_facts[0]
        if facts.stalled_by:
            gone = listing(facts.stalled_by)
            return f"the rollout fails while an old pod is bound to {gone}, which no longer exists"
        if not facts.blockers:
            return f"{name} can't be read, so nothing is replaced"
        more = facts.used - len(facts.blockers)
        rest = [count(more, "other")] if more > 0 else []
        users = listing([*map(_blocker, facts.blockers), *rest])
        return after(f"{name} {facts.limit} is used up", users)

    return words


def _blocker(item: f.Blocker) -> str:
    return f"{item.node} ({item.state}{f', {item.code}' if item.code else ''})"


def next_in_line(all_facts: Sequence[f.BudgetFacts]) -> str:
    facts = all_facts[0]
    return f"replaced next or soon: the rollout uses {facts.used} of {facts.limit}"
