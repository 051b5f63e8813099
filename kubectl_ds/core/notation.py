"""Kubernetes' own short notations, as kubectl prints and takes them."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core.facts import (
    CreateFacts,
    Facts,
    NamespaceSelectorFacts,
    NodeAffinityFacts,
    NodeHealthFacts,
    NodeNameFacts,
    NodeSelectorFacts,
    QuotaFacts,
    SecurityFacts,
    TaintFacts,
)
from kubectl_ds.core.pods import NodeSelectorTerm, Toleration


def taint(key: str, value: str, effect: str) -> str:
    """``key=value:effect``, or ``key:effect`` where the taint has no value."""
    return f"{key}={value}:{effect}" if value else f"{key}:{effect}"


def toleration(given: Toleration) -> str:
    """As ``kubectl describe`` has it: ``key=value:effect op=Exists for 300s``."""
    text = given.key + (f"={given.value}" if given.value else "")
    text += f":{given.effect}" if given.effect else ""
    text += f" op={given.operator}" if given.operator not in ("", "Equal") else ""
    seconds = given.toleration_seconds
    return (text + (f" for {seconds}s" if seconds is not None else "")).strip()


def requirement(key: str, operator: str, values: Sequence[str]) -> str:
    """``key In (a, b)``, ``key Gt 4``, ``key Exists``."""
    if operator in ("Gt", "Lt") and len(values) == 1:
        return f"{key} {operator} {values[0]}"
    listed = ", ".join(value or '""' for value in values)
    return f"{key} {operator} ({listed})" if values else f"{key} {operator}"


def term(selector_term: NodeSelectorTerm) -> str:
    """All expressions of a term, which must all hold."""
    items = (*(selector_term.match_expressions or ()), *(selector_term.match_fields or ()))
    texts = (requirement(item.key, item.operator, item.values or ()) for item in items)
    return " and ".join(texts) or "nothing (an empty term matches no node)"


def terms(selector_terms: Sequence[NodeSelectorTerm]) -> str:
    """All terms, of which one must hold."""
    return ", or ".join(map(term, selector_terms)) or "nothing (no terms match no node)"


def wanted(facts: Facts) -> str:
    """What a placement rule asks of a node; empty for evidence of another kind."""
    if isinstance(facts, NodeNameFacts):
        return facts.wanted
    if isinstance(facts, NodeSelectorFacts):
        return f"{facts.key}={facts.wanted}"
    if isinstance(facts, NodeAffinityFacts):
        return terms(facts.terms)
    if isinstance(facts, NamespaceSelectorFacts):
        return facts.selector
    return taint(facts.key, facts.value, facts.effect) if isinstance(facts, TaintFacts) else ""


def subject(facts: Facts) -> str:
    """What a reason is about: what a rule asks of the node, or the name of what refuses the pod."""
    if isinstance(facts, QuotaFacts):
        return facts.quota
    if isinstance(facts, NodeHealthFacts) and not facts.exists:
        return "of a deleted node"
    if isinstance(facts, SecurityFacts):
        return facts.level
    return facts.subject if isinstance(facts, CreateFacts) else wanted(facts)
