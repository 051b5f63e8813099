from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from samples import sample

from kubectl_ds.core import facts as f
from kubectl_ds.core.pods import NodeSelectorRequirement, NodeSelectorTerm
from kubectl_ds.core.reasons import FINDINGS, OTHER_WAITING, REASONS
from kubectl_ds.core.verdict import Finding
from kubectl_ds.words.overview import finding_sentence
from kubectl_ds.words.reasons import sentence


@pytest.mark.parametrize("code", [*REASONS, "SomeNewWaitingReason"])
def test_every_code_has_a_sentence(code: str) -> None:
    facts = sample(REASONS.get(code, OTHER_WAITING).facts)
    for group in ([facts], [facts, facts]):
        text = sentence(code, group)
        assert text
        assert text == " ".join(text.split())
        assert not text.endswith((".", ":", ";", " "))
        assert "None" not in text
        assert "Facts(" not in text


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_has_a_sentence(code: str) -> None:
    text = finding_sentence(Finding(code=code, facts=sample(FINDINGS[code].facts)))
    assert text
    assert "None" not in text


def selector(actual: str | None) -> f.NodeSelectorFacts:
    return f.NodeSelectorFacts(key="disk", wanted="ssd", actual=actual)


def affinity(*failed: tuple[str, str, tuple[str, ...], str | None], terms: int = 1) -> Any:
    requirement = NodeSelectorRequirement(key="zone", operator="In", values=("a", "b"))
    term = NodeSelectorTerm(match_expressions=(requirement,))
    failures = (
        f.AffinityFailure(term=0, key=k, operator=o, values=v, actual=a, problem=None)
        for k, o, v, a in failed
    )
    return f.NodeAffinityFacts(terms=(term,) * terms, failed=tuple(failures))


def taint(key: str, value: str, effect: str) -> f.TaintFacts:
    return f.TaintFacts(key=key, value=value, effect=effect)


def quota(fits: int | None, *uses: tuple[str, str, str, str]) -> f.QuotaFacts:
    resources = tuple(f.QuotaUse(resource=r, requested=q, used=u, hard=h) for r, q, u, h in uses)
    seen = datetime(2026, 11, 21, 8, 0, tzinfo=timezone.utc)
    return f.QuotaFacts(quota="cap", resources=resources, pods_that_fit=fits, last_seen=seen)


PLAIN = {"finished_ago": None, "exit_message": "", "probe": "", "event": ""}
ZONE = ("zone", "In", ("a", "b"))


@pytest.mark.parametrize(
    ("code", "evidence", "text"),
    [
        pytest.param(
            "NodeSelectorMismatch", [selector("hdd")],
            "nodeSelector wants disk=ssd, node has \"hdd\"", id="selector-other-value",
        ),
        pytest.param(
            "NodeSelectorMismatch", [selector(None)],
            "nodeSelector wants disk=ssd, node has no such label", id="selector-no-label",
        ),
        pytest.param(
            "NodeSelectorMismatch", [selector("")],
            'nodeSelector wants disk=ssd, node has ""', id="selector-empty-value",
        ),
        pytest.param(
            "NodeSelectorMismatch", [selector("hdd"), selector(None), selector("hdd")],
            "nodeSelector wants disk=ssd, nodes have \"hdd\" or no such label", id="selector-range",
        ),
        pytest.param(
            "NodeSelectorMismatch", [selector(x) for x in "abcde"],
            "nodeSelector wants disk=ssd, nodes have \"a\", \"b\", \"c\" or 2 others", id="selector-many",
        ),
        pytest.param(
            "NodeAffinityMismatch", [affinity((*ZONE, "c"))],
            "node affinity wants zone In (a, b), node has \"c\"", id="affinity-one-term",
        ),
        pytest.param(
            "NodeAffinityMismatch", [affinity((*ZONE, "c")), affinity((*ZONE, None))],
            "node affinity wants zone In (a, b), node has \"c\" or no such label", id="affinity-range",
        ),
        pytest.param(
            "NodeAffinityMismatch",
            [affinity((*ZONE, "c"), ("gpu", "Exists", (), None), terms=2)],
            "no affinity term matches: zone In (a, b), node has \"c\"; "
            "gpu Exists, node has no such label",
            id="affinity-two-terms",
        ),
        pytest.param(
            "NodeAffinityMismatch", [f.NodeAffinityFacts(terms=(), failed=())],
            "node affinity wants nothing (no terms match no node)", id="affinity-no-terms",
        ),
        pytest.param(
            "UntoleratedTaint", [taint("dedicated", "gpu", "NoSchedule")],
            "taint dedicated=gpu:NoSchedule not tolerated", id="taint",
        ),
        pytest.param(
            "UntoleratedTaint", [taint("spot", "", "NoExecute")],
            "taint spot:NoExecute not tolerated", id="taint-without-value",
        ),
        pytest.param(
            "QuotaExceeded", [quota(0, ("pods", "1", "5", "5"), ("requests.cpu", "200m", "1", "1"))],
            "quota cap is used up: pods 5 of 5 used, a pod needs 1; "
            "requests.cpu 1 of 1 used, a pod needs 200m",
            id="quota",
        ),
        pytest.param(
            "QuotaExceeded", [quota(2, ("pods", "1", "5", "5"))],
            "quota cap refused a pod at 08:00:00 UTC: pods 5 of 5 used, a pod needs 1; "
            "by now 2 pods would fit, and a retry may take up to 17 min",
            id="quota-has-room-by-now",
        ),
        pytest.param(
            "MinReadySeconds",
            [
                sample(f.MinReadyFacts, min_ready_seconds=600, seconds_left=left)
                for left in (590, 7)
            ],
            "ready, but not yet for minReadySeconds 600, 7 to 590s to go", id="min-ready",
        ),
        pytest.param(
            "MinReadySeconds",
            [
                sample(f.MinReadyFacts, min_ready_seconds=600, seconds_left=left)
                for left in (600, 660, 610)
            ],
            "ready, but not yet for minReadySeconds 600, 600 to 660s to go; the node's clock is "
            "10 to 60s ahead",
            id="min-ready-since-a-time-to-come",
        ),
        pytest.param(
            "CrashLoopBackOff",
            [
                sample(f.ContainerFacts, container="agent", init=False, exit_code=code, restarts=n, **PLAIN)
                for code, n in ((1, 3), (137, 9))
            ],
            "container agent keeps ending with exit code 1 or 137, 3 to 9 restarts", id="crash",
        ),
        pytest.param(
            "CrashLoopBackOff",
            [sample(f.ContainerFacts, container="x", init=True, exit_code=None, restarts=1, **PLAIN)],
            "init container x keeps ending, 1 restart", id="crash-init-one-restart",
        ),
        pytest.param(
            "StuckTerminating",
            [
                sample(
                    f.TerminationFacts, overdue_seconds=7200, cause="finalizer",
                    finalizers=("example.com/hold",), event="", disruption="",
                )
            ],
            "the old pod should have been gone for 2h: finalizer example.com/hold holds it",
            id="stuck-finalizer",
        ),
    ],
)  # fmt: skip
def test_sentence(code: str, evidence: list[f.Facts], text: str) -> None:
    assert sentence(code, evidence) == text
