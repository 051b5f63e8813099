"""Roots, not symptoms: what many nodes have in common, told once with their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kubectl_ds.core.facts import SharedCauseFacts, SharedNodeFacts, TerminationFacts, asked_of
from kubectl_ds.core.fold import natural
from kubectl_ds.core.reasons import NODE_TROUBLE, WHOLE_DAEMON_SET, Reason, Source
from kubectl_ds.core.rollout.outdated import Course
from kubectl_ds.core.verdict import (
    Explanation,
    Finding,
    NodeVerdict,
    Root,
    by_cluster,
    gaps,
    is_gap,
)

_OF_BUDGET = ("WaitingForBudget", "WaitingForSurgeBudget")
_OF_REFUSAL = "BlockedByCreateFailure"
# Progress is no trouble, and what stops the whole DaemonSet has a finding of its own.
_NO_ROOT = frozenset(("NextInLine", *WHOLE_DAEMON_SET))
# Of one and the same failing pull the kubelet tells in both ways by turns.
_SAME = {"ErrImagePull": "ImagePullBackOff"}
_OF_NODE = ("nodeNotReady", "nodeGone")
_EXAMPLES = 5


class _Link(NamedTuple):
    """That a node has a cause itself, or waits for it and for some others."""

    node: NodeVerdict
    reason: Reason
    waits: bool
    others: int


def roots(verdicts: Sequence[NodeVerdict], course: Course) -> tuple[Root, ...]:
    """What explains the gaps; the cause that explains most nodes comes first.

    A node that only waits for the rollout is explained by what holds the rollout up: by each of
    the causes, where there are several.

    Args:
        verdicts: on all nodes of a DaemonSet, with their reasons.
        course: what its outdated nodes share.
    """
    groups: dict[Hashable, list[_Link]] = {}
    for link in _links(verdicts, course):
        groups.setdefault(_key(link.reason), []).append(link)
    return tuple(sorted(map(_root, groups.values()), key=lambda root: -root.explained))


def root_of(verdict: NodeVerdict) -> Reason | None:
    """The deciding reason; where it only follows from the node's health, that."""
    first = next(iter(verdict.reasons), None)
    facts = first.facts if first else None
    if not isinstance(facts, TerminationFacts) or facts.cause not in _OF_NODE:
        return first
    code = "NodeNotReady" if verdict.health.status == "False" else "NodeUnreachable"
    return Reason(code, Source.COMPUTED, verdict.health)


def _links(verdicts: Sequence[NodeVerdict], course: Course) -> Iterator[_Link]:
    waited_for = _waited_for(verdicts, course)
    for verdict in verdicts:
        own = root_of(verdict)
        if own is None or not is_gap(verdict.state, course.strategy) or own.code in _NO_ROOT:
            continue
        causes = waited_for.get(own.code, ())
        if not causes:
            yield _Link(verdict, own, waits=False, others=0)
        for cause in causes:
            yield _Link(verdict, cause, waits=True, others=len(causes) - 1)


def _waited_for(verdicts: Iterable[NodeVerdict], course: Course) -> Mapping[str, Sequence[Reason]]:
    """By the code that says that a node waits: for what."""
    names = course.names
    blockers = (verdict for verdict in verdicts if verdict.node in names)
    reasons = [reason for reason in map(root_of, blockers) if reason]
    causes = {_key(reason): reason for reason in reasons if not _waits(reason)}
    found = dict.fromkeys(_OF_BUDGET, tuple(causes.values()))
    return {**found, _OF_REFUSAL: course.refusals[:1]}


def _waits(reason: Reason) -> bool:
    return reason.code in _NO_ROOT or reason.code in (*_OF_BUDGET, _OF_REFUSAL)


def _key(reason: Reason) -> Hashable:
    return _SAME.get(reason.code, reason.code), asked_of(reason.facts)


def _root(links: Sequence[_Link]) -> Root:
    own = [link for link in links if not link.waits]
    return Root(
        code=links[0].reason.code,
        facts=tuple(link.reason.facts for link in own) or (links[0].reason.facts,),
        nodes=tuple(link.node.node for link in own),
        held=tuple(link.node.node for link in links if link.waits),
        others=max(link.others for link in links),
        states=Counter(link.node.state for link in links),
    )


def shared_causes(found: Iterable[Root], nodes: int) -> Iterator[Finding]:
    """A finding for each cause that explains at least two nodes.

    Args:
        found: what explains the gaps.
        nodes: how many nodes were judged.
    """
    for root in found:
        if root.explained > 1:
            facts = SharedCauseFacts(
                code=root.code,
                nodes=root.explained,
                of=nodes,
                states={state.value: number for state, number in root.states.items()},
                examples=tuple(sorted(root.nodes, key=natural)[:_EXAMPLES]),
                held=len(root.held),
                other_causes=root.others,
            )
            yield Finding(code="SharedCause", facts=facts, root=root)


def shared_nodes(explanations: Iterable[Explanation]) -> tuple[Finding, ...]:
    """Nodes whose own trouble leaves two DaemonSets or more without an available pod.

    Args:
        explanations: the answers on several DaemonSets, maybe of several clusters.

    Returns:
        A finding for all nodes in the same condition that the same DaemonSets lack; the one that
        explains most gaps comes first.
    """
    found = [
        (facts, cluster)
        for cluster, answers in by_cluster(explanations).items()
        for facts in _shared_nodes(answers)
    ]
    ordered = sorted(found, key=lambda item: -len(item[0].nodes) * len(item[0].daemon_sets))
    return tuple(Finding(code="SharedNode", facts=facts, cluster=name) for facts, name in ordered)


def _shared_nodes(explanations: Iterable[Explanation]) -> Iterator[SharedNodeFacts]:
    """The evidence of the same in one cluster, in whatever order."""
    troubles: dict[tuple[str, str], list[NodeVerdict]] = {}
    lacking: dict[tuple[str, str], list[str]] = {}
    for explanation in explanations:
        for verdict in gaps(explanation):
            reason = root_of(verdict)
            if reason and reason.code in NODE_TROUBLE:
                place = verdict.node, reason.code
                troubles.setdefault(place, []).append(verdict)
                lacking.setdefault(place, []).append("/".join(explanation.daemon_set.key))
    groups: dict[tuple[str, tuple[str, ...]], list[NodeVerdict]] = {}
    for place, titles in lacking.items():
        if len(titles) > 1:
            groups.setdefault((place[1], tuple(titles)), []).append(troubles[place][0])
    for (code, daemon_sets), nodes in groups.items():
        yield _shared_node(code, daemon_sets, nodes)


def _shared_node(
    code: str, daemon_sets: tuple[str, ...], verdicts: Iterable[NodeVerdict]
) -> SharedNodeFacts:
    ordered = sorted(verdicts, key=lambda verdict: natural(verdict.node))
    times = (verdict.health.since for verdict in ordered)
    return SharedNodeFacts(
        code=code,
        nodes=tuple(verdict.node for verdict in ordered),
        daemon_sets=daemon_sets,
        since=min((time for time in times if time), default=None),
    )
