"""Likely typing errors: a label that no node has, and one much like it that some have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from kubectl_ds.core.facts import Typo
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import PodTemplate

_ALIKE = 0.8


def typos(template: PodTemplate, nodes: Collection[Node]) -> list[Typo]:
    """Find labels that the template wants, that no node has, and that look misspelt.

    Args:
        template: its nodeSelector, and the In and Exists expressions of its node affinity.
        nodes: every node of the cluster.
    """
    keys = Counter(key for node in nodes for key in node.labels)
    pairs = Counter(item for node in nodes for item in node.labels.items())
    found = (_typo(key, value, keys, pairs) for key, value in sorted(_wanted(template)))
    return [typo for typo in found if typo]


def _wanted(template: PodTemplate) -> set[tuple[str, str]]:
    """(key, value) pairs; an empty value where any will do."""
    pairs = set((template.spec.node_selector or {}).items())
    for term in template.spec.required_terms or ():
        for item in term.match_expressions or ():
            if item.operator in ("In", "Exists"):
                pairs.update((item.key, value) for value in item.values or ("",))
    return pairs


def _typo(key: str, value: str, keys: Counter[str], pairs: Counter[tuple[str, str]]) -> Typo | None:
    if key not in keys:
        like = _alike(key, keys)
        return _describe(key, like, keys[like]) if like else None
    if not value or (key, value) in pairs:
        return None
    like = _alike(value, (have for name, have in pairs if name == key))
    if like is None or _is_another(value, like):
        return None
    return _describe(f"{key}={value}", f"{key}={like}", pairs[key, like])


_TAIL = re.compile(r"[0-9]+$|[A-Za-z]$")
_ARCHITECTURES = frozenset(("386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x"))


def _is_another(wanted: str, like: str) -> bool:
    """Whether both are right and differ on purpose: pool-1 and pool-2, eu-1a and eu-1b."""
    same_series = _TAIL.sub("", wanted) == _TAIL.sub("", like)
    return same_series or wanted in _ARCHITECTURES


def _alike(text: str, candidates: Iterable[str]) -> str | None:
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    matches = get_close_matches(text.casefold(), by_folded, n=1, cutoff=_ALIKE)
    return by_folded[matches[0]] if matches else None


def _describe(wanted: str, existing: str, nodes: int) -> Typo:
    return Typo(wanted=wanted, existing=existing, nodes=nodes)
