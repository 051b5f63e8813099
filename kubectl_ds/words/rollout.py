"""Why an older pod is still there.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.core.scheduling.report import texts_for_target
from kubectl_ds.words.phrases import after, choice, common, count, listing


def blocked(all_facts: Sequence[f.BlockedFacts]) -> str:
    facts = all_facts[0]
    where = f" on {count(facts.nodes, 'node')}" if facts.nodes else ""
    return f"not replaced while pods can't be created{where} ({facts.code})"


def surge_pending(all_facts: Sequence[f.SurgeFacts]) -> str:
    texts = {"; ".join(texts_for_target(item.message)) for item in all_facts}
    return after("the new pod is Pending", common(texts))


def surge_not_ready(all_facts: Sequence[f.SurgeFacts]) -> str:
    codes = choice(item.code for item in all_facts if item.code)
    lead = f"the new pod is not ready ({codes})" if codes else "the new pod is not ready"
    return after(lead, common(item.message for item in all_facts))


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
