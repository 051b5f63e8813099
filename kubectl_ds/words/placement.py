"""Why a node is left out, or a pod is where none is wanted.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.core import notation
from kubectl_ds.words.phrases import after, choice, common

_ABSENT = "no such label"
_EMPTY = '""'


def node_name(all_facts: Sequence[f.NodeNameFacts]) -> str:
    return f"the template's nodeName is {all_facts[0].wanted}"


def node_selector(all_facts: Sequence[f.NodeSelectorFacts]) -> str:
    facts = all_facts[0]
    if facts.message:
        return f"scheduler: {facts.message}; by now the node's labels do not show it"
    actual = _values(item.actual for item in all_facts)
    return f"nodeSelector wants {facts.key}={facts.wanted or _EMPTY}, {_has(all_facts, actual)}"


def _values(values: Iterable[str | None]) -> str:
    """Label values in quotes; that some have no such label comes last."""
    ordered = sorted(values, key=lambda value: (value is None, value or ""))
    return choice(_ABSENT if value is None else f'"{value}"' for value in ordered)


def _has(all_facts: Sequence[f.Facts], what: str) -> str:
    return f"node has {what}" if len(all_facts) == 1 else f"nodes have {what}"


def affinity(all_facts: Sequence[f.NodeAffinityFacts]) -> str:
    if not all_facts[0].failed:
        return f"node affinity wants {notation.terms(all_facts[0].terms)}"
    lead = "node affinity wants" if len(all_facts[0].terms) == 1 else "no affinity term matches:"
    return f"{lead} {sides([facts.failed for facts in all_facts])}"


def sides(failed: Sequence[Sequence[f.AffinityFailure]]) -> str:
    """What expressions want that do not hold, each with what the nodes have.

    Args:
        failed: the same expressions for each node.
    """
    parts = (
        f"{notation.requirement(item.key, item.operator, item.values)}, "
        f"{_side([each[place] for each in failed])}"
        for place, item in enumerate(failed[0])
    )
    return "; ".join(parts)


def _side(group: Sequence[f.AffinityFailure]) -> str:
    problem = group[0].problem
    if problem:
        return f"which matches no node ({problem})"
    return f"node has {_values(item.actual for item in group)}"


def namespace_selector(all_facts: Sequence[f.NamespaceSelectorFacts]) -> str:
    facts = all_facts[0]
    parts = [
        f"{first.key}, node has {_values(each.failed[place].actual for each in all_facts)}"
        for place, first in enumerate(facts.failed)
    ]
    return f"the namespace's {facts.annotation} wants {facts.selector}: {'; '.join(parts)}"


def taint(all_facts: Sequence[f.TaintFacts]) -> str:
    facts = all_facts[0]
    if facts.message:
        return f"scheduler: {facts.message}; by now the node's taints do not show it"
    near = f"; toleration {facts.near} does not match it" if facts.near else ""
    if len({item.value for item in all_facts}) > 1:
        values = choice(item.value for item in all_facts)
        return f"taint {facts.key}:{facts.effect} not tolerated, with value {values}{near}"
    return f"taint {notation.taint(facts.key, facts.value, facts.effect)} not tolerated{near}"


def not_ready(all_facts: Sequence[f.NodeHealthFacts]) -> str:
    return _health("node is not ready", all_facts)


def unreachable(all_facts: Sequence[f.NodeHealthFacts]) -> str:
    if not all_facts[0].exists:
        return "the node no longer exists; its pod is removed within about a minute"
    return _health("node is unreachable", all_facts)


def _health(lead: str, all_facts: Sequence[f.NodeHealthFacts]) -> str:
    if all(facts.status == "True" for facts in all_facts):
        return f"node is ready, but still bears the taint {choice(all_facts[0].taints)}"
    texts = common(item.message for item in all_facts) or choice(item.reason for item in all_facts)
    return after(lead, texts)


def not_replaceable(all_facts: Sequence[f.NotReplaceableFacts]) -> str:
    if all_facts[0].due:
        return "the rollout removes the pod and creates no replacement"
    return "the pod keeps running; the next rollout removes it and creates no replacement"
