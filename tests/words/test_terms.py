"""Sentences on spread constraints, affinity and anti-affinity."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.words.reasons import sentence

ZONE = "topology.kubernetes.io/zone"


def term(domain: str | None = "eu-1a", **more: Any) -> TermFacts:
    usual = {"pod": "agent-a", "topology_key": ZONE, "selector": "app=web"}
    return TermFacts(**{**usual, "domain": domain, "unlabelled": domain is None, **more})


def spread(domain: str | None = "eu-1a", **more: Any) -> TermFacts:
    return term(domain, **{"max_skew": 1, "domains": 3, "skew": 2, **more})


def words(text: str, **more: Any) -> TermFacts:
    return TermFacts(pod="agent-a", text=text, **more)


NEAR = "node(s) didn't match pod affinity rules"
SENTENCES = [
    pytest.param(
        "PodAffinity",
        [term()],
        f"affinity wants a pod with app=web in {ZONE} eu-1a, and none is there",
        id="affinity",
    ),
    pytest.param(
        "PodAffinity",
        [term(), term("eu-1b")],
        f"affinity wants a pod with app=web in {ZONE} eu-1a or eu-1b, and none is there",
        id="affinity, several domains",
    ),
    pytest.param(
        "PodAffinity",
        [term(namespaces="shop, web")],
        f"affinity wants a pod with app=web (namespaces: shop, web) in {ZONE} eu-1a, and none is "
        "there",
        id="affinity, other namespaces",
    ),
    pytest.param(
        "PodAffinity",
        [term(None)],
        f"the node has no label {ZONE}, which the affinity to pods with app=web needs",
        id="affinity, no label",
    ),
    pytest.param(
        "PodAffinity",
        [term(selector="")],
        f"affinity wants a pod with any labels in {ZONE} eu-1a, and none is there",
        id="affinity, empty selector",
    ),
    pytest.param(
        "PodAffinity",
        [term(selector="no selector")],
        f"affinity wants a pod with no selector in {ZONE} eu-1a, and none is there",
        id="affinity, no selector",
    ),
    pytest.param("PodAffinity", [words(NEAR)], f"scheduler: {NEAR}", id="told alone"),
    pytest.param(
        "PodAffinity",
        [words(NEAR, fits=True)],
        f"scheduler: {NEAR}; by what was read, nothing is in the way any more",
        id="told, and no longer so",
    ),
    pytest.param(
        "PodAntiAffinity",
        [term(holder="shop/web-1")],
        f"pod anti-affinity: shop/web-1 matches app=web within {ZONE} eu-1a",
        id="anti-affinity",
    ),
    pytest.param(
        "PodAntiAffinity",
        [term(holder="shop/web-1", existing=True)],
        f"shop/web-1 keeps pods with app=web away from {ZONE} eu-1a",
        id="anti-affinity of a pod there",
    ),
    pytest.param(
        "TopologySpread",
        [spread(None, domains=None, skew=None), spread(None, domains=None, skew=None)],
        f"the nodes have no label {ZONE}, which the spread constraint needs",
        id="spread, no label",
    ),
    pytest.param(
        "TopologySpread",
        [spread(), spread("eu-1b", skew=4)],
        f"the spread of pods with app=web may differ by 1, and with one more in {ZONE} eu-1a or "
        "eu-1b it would differ by 2 to 4",
        id="spread",
    ),
    pytest.param(
        "TopologySpread",
        [spread(min_domains=5)],
        f"the spread of pods with app=web may differ by 1, and with one more in {ZONE} eu-1a it "
        "would differ by 2 (minDomains is 5, 3 counted)",
        id="spread, too few domains",
    ),
    pytest.param(
        "TopologySpread",
        [spread(min_domains=3)],
        f"the spread of pods with app=web may differ by 1, and with one more in {ZONE} eu-1a it "
        "would differ by 2",
        id="spread, domains enough",
    ),
]


@pytest.mark.parametrize(("code", "evidence", "text"), SENTENCES)
def test_both_sides_are_told(code: str, evidence: list[TermFacts], text: str) -> None:
    assert sentence(code, evidence) == text
