"""The whole tool, asked of one DaemonSet, and what it answers, in a word each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Source, State
from kubectl_ds.core.verdict import Explanation, NodeVerdict
from kubectl_ds.words.overview import finding_sentence
from kubectl_ds.words.reasons import sentence
from tests.core import make
from tests.core.make import HASH, OLD_HASH, rolling_update

EVERYTHING = [{"operator": "Exists"}]
ROLLED = (make.revision(1, OLD_HASH), make.revision(2, HASH))
SURGE = rolling_update(0, 1)


def judged(
    given: DaemonSet, nodes: Iterable[Node], pods: Iterable[Pod] = (), **more: Any
) -> Explanation:
    """What the tool says; and that coverage says no other."""
    whole = make.cluster([given], nodes, pods, **more)
    found, cover = explain(whole, given), survey(Fleet(whole), given)
    assert dict(cover.states) == dict(found.states)
    assert (cover.nodes, cover.desired) == (found.summary.nodes, found.summary.desired)
    for verdict in found.nodes:
        assert cover.on(verdict.node).reasons == verdict.reasons
    return found


def on(found: Explanation, name: str) -> NodeVerdict:
    return next(verdict for verdict in found.nodes if verdict.node == name)


def codes(found: Explanation, name: str) -> list[str]:
    return [reason.code for reason in on(found, name).reasons]


def first(found: Explanation, name: str) -> tuple[State, str]:
    verdict = on(found, name)
    return verdict.state, verdict.reasons[0].code if verdict.reasons else ""


def said(found: Explanation, name: str) -> str:
    """The sentences of a node's row."""
    return "; ".join(sentence(item.code, [item.facts]) for item in on(found, name).reasons)


def findings(found: Explanation) -> Mapping[str, str]:
    return {finding.code: finding_sentence(finding) for finding in found.findings}


def affine(*terms: Any) -> dict[str, Any]:
    """A template's required node affinity, of terms as lists of expressions."""
    given = [{"matchExpressions": list(term)} if term else {} for term in terms]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": given}}
    return {"affinity": {"nodeAffinity": required}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def expected(found: Explanation, name: str = "n0") -> list[str]:
    """What is expected of the scheduler, that has not looked at the pod yet."""
    assert first(found, name) == (State.PENDING, "AwaitingScheduler")
    assert all(item.source is Source.PREDICTED for item in on(found, name).reasons[1:])
    return codes(found, name)[1:]
