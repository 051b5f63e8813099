"""What concerns a DaemonSet as a whole rather than one node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kubectl_ds.core import notation
from kubectl_ds.core.case import Case
from kubectl_ds.core.facts import (
    CountedFacts,
    DuplicateFacts,
    Exclusion,
    NoFacts,
    NoNodeFacts,
    OnDeleteFacts,
    PodsFacts,
)
from kubectl_ds.core.placement import mismatches
from kubectl_ds.core.pods import LabelSelector, Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.rollout.budget import ON_DELETE
from kubectl_ds.core.rollout.revision import has_hash
from kubectl_ds.core.roots import shared_causes
from kubectl_ds.core.running.eviction import eviction_loops
from kubectl_ds.core.typos import typos
from kubectl_ds.core.verdict import Finding, NodeVerdict, PodView, Root

_UNCOVERED = (State.MISSING, State.FAILED, State.PENDING)


def findings(
    case: Case, verdicts: Sequence[NodeVerdict], roots: Iterable[Root]
) -> Iterator[Finding]:
    """Everything worth telling of the DaemonSet as a whole.

    What stops it as a whole comes first, then what explains most nodes.

    Args:
        case: the DaemonSet.
        verdicts: on all nodes, with their reasons.
        roots: what explains the gaps.
    """
    yield from _stopping(case, verdicts)
    others = (*_others(case, verdicts), *shared_causes(roots, len(verdicts)))
    yield from sorted(others, key=lambda finding: -_explained(finding))


def _explained(finding: Finding) -> int:
    """How many nodes a finding tells of: evidence has their number, or their names."""
    nodes: int | Sequence[str] = getattr(finding.facts, "nodes", ())
    return nodes if isinstance(nodes, int) else len(nodes)


def _stopping(case: Case, verdicts: Sequence[NodeVerdict]) -> Iterator[Finding]:
    yield from (Finding(code=reason.code, facts=reason.facts) for reason in case.halted)
    if case.daemon_set.spec.selector in (LabelSelector(), LabelSelector(match_labels={})):
        yield Finding(code="SelectsAllPods", facts=NoFacts())
    if case.knows("nodes") and not any(verdict.desired for verdict in verdicts):
        yield Finding(code="NoNodeDesired", facts=no_node(case))


def _others(case: Case, verdicts: Sequence[NodeVerdict]) -> Iterator[Finding]:
    yield from _on_delete(case, verdicts)
    yield from _vanished(case, verdicts)
    yield from _differences(case)
    yield from eviction_loops(case)
    yield from _duplicates(case)
    yield from _counted(verdicts)
    if case.owned.unattributable:
        facts = PodsFacts(pods=case.owned.unattributable)
        yield Finding(code="UnattributablePods", facts=facts)
    if case.owned.orphans:
        yield Finding(code="OrphanPods", facts=PodsFacts(pods=case.owned.orphans))


def no_node(case: Case) -> NoNodeFacts:
    """What excludes the nodes of a DaemonSet that wants none, and what may be a typing error."""
    counts = Counter(
        (reason.code, notation.wanted(reason.facts))
        for placement in case.placements.values()
        for reason in mismatches(placement)
    )
    exclusions = (
        Exclusion(code=code, asked=asked, nodes=nodes)
        for (code, asked), nodes in counts.most_common()
    )
    return NoNodeFacts(
        nodes=len(case.nodes),
        exclusions=tuple(exclusions),
        typos=tuple(typos(case.daemon_set.template, case.nodes.values())),
    )


def _on_delete(case: Case, verdicts: Sequence[NodeVerdict]) -> Iterator[Finding]:
    if case.daemon_set.spec.update_strategy.type != ON_DELETE:
        return
    old = [
        pod.revision
        for verdict in verdicts
        if verdict.state is State.OUTDATED
        for pod in verdict.pods
        if not (pod.updated or pod.terminating)
    ]
    nodes = sum(verdict.state is State.OUTDATED for verdict in verdicts)
    since = case.revision.since
    if nodes:
        facts = OnDeleteFacts(
            nodes=nodes,
            desired=sum(verdict.desired for verdict in verdicts),
            revisions=tuple(sorted({revision for revision in old if revision})),
            waiting_seconds=int((case.now - since).total_seconds()) if since else None,
        )
        yield Finding(code="OnDelete", facts=facts)


def _vanished(case: Case, verdicts: Sequence[NodeVerdict]) -> Iterator[Finding]:
    uncovered = {verdict.node for verdict in verdicts if verdict.state in _UNCOVERED}
    if not uncovered or not case.knows("pods"):
        return
    from kubectl_ds.core.running.vanished import vanished

    events = case.fleet.cluster.events
    facts = vanished(case.daemon_set, events, case.present, uncovered, case.now)
    if facts:
        yield Finding(code="PodsVanish", facts=facts)


def _differences(case: Case) -> Iterator[Finding]:
    pods = (pod for group in case.owned.by_node.values() for pod in group)
    if all(pod.spec.node_name for pod in pods):
        return
    from kubectl_ds.core.scheduling.difference import differences

    yield from differences(case)


def _duplicates(case: Case) -> Iterator[Finding]:
    several = {node: pods for node, pods in case.owned.by_node.items() if len(pods) > 1}
    for node, pods in sorted(several.items()):
        live = [pod for pod in pods if pod.live]
        if _too_many(case, live):
            names = tuple(pod.name for pod in live)
            yield Finding(code="DuplicatePods", facts=DuplicateFacts(node=node, pods=names))


def _counted(verdicts: Sequence[NodeVerdict]) -> Iterator[Finding]:
    """The status looks at the first pod of a node alone (updateDaemonSetStatus)."""
    nodes = tuple(
        verdict.node
        for verdict in verdicts
        if verdict.state is State.AVAILABLE and verdict.pods and _lags(verdict.pods[0])
    )
    if nodes:
        yield Finding(code="OldPodCounted", facts=CountedFacts(nodes=nodes))


def _lags(pod: PodView) -> bool:
    return pod.terminating and not (pod.updated and pod.available)


def _too_many(case: Case, live: Sequence[Pod]) -> bool:
    """More than one pod; with a surge, more than one of the current and one of an older hash."""
    if not case.surge:
        return len(live) > 1
    new = sum(has_hash(case.revision, pod) for pod in live)
    return new > 1 or len(live) - new > 1
