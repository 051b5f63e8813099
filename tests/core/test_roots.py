"""Roots, not symptoms: one cause for many nodes is one finding."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import ContainerState, ContainerStateWaiting, ContainerStatus, Pod
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.verdict import Explanation, Root, gaps, within
from tests.core.make import (
    OLD_HASH,
    OTHER_UID,
    ago,
    cluster,
    daemon_set,
    event,
    node,
    owner_of,
    pod,
    quota,
    revision,
    rolling_update,
    template,
)

REVISIONS = revision(1, OLD_HASH), revision(2)
ROLLING = daemon_set(strategy=rolling_update(1))
SURGING = daemon_set(strategy=rolling_update(0, 1))
EVERYWHERE = template(tolerations=[{"operator": "Exists"}])
REFUSED = event("FailedCreate", 'Error creating: admission webhook "w" denied the request: no')


def old(target: str, **more: Any) -> Pod:
    return pod(f"old-{target}", target, hash=OLD_HASH, created=ago(9000), **more)


def new(target: str, **more: Any) -> Pod:
    return pod(f"new-{target}", target, created=ago(100), **more)


def waiting(target: str, reason: str, container: str = "agent") -> Pod:
    """A new pod whose container does not start."""
    state = ContainerState(waiting=ContainerStateWaiting(reason=reason))
    status = ContainerStatus(name=container, image="x:1", state=state)
    return new(target, ready=False, container_statuses=(status,))


def judged(given: DaemonSet, nodes: str | list[Node], pods: list[Pod], **more: Any) -> Explanation:
    named = [node(name) for name in nodes] if isinstance(nodes, str) else nodes
    return explain(cluster([given], named, pods, revisions=REVISIONS, **more), given)


def found(explanation: Explanation) -> list[Root]:
    return [item.root for item in explanation.findings if item.root is not None]


def told(root: Root) -> tuple[str, str, str, int]:
    """Code, nodes that have it themselves, nodes that wait for it, and for how many others."""
    return root.code, "".join(root.nodes), "".join(root.held), root.others


DEAD = [node(name, ready="Unknown") for name in "ab"]
SICK = [node(name, ready="False") for name in "ab"]
ROOTS = [
    # DaemonSet, nodes, pods, around, the shared causes in order
    pytest.param(ROLLING, "ab", [new("a"), new("b")], {}, [], id="all is well"),
    pytest.param(ROLLING, "ab", [waiting("a", "X"), new("b")], {}, [], id="one node is no crowd"),
    pytest.param(
        ROLLING, "abc", [waiting("a", "X"), waiting("b", "X"), new("c")], {},
        [("X", "ab", "", 0)], id="two nodes with one reason",
    ),
    pytest.param(
        ROLLING, "ab", [waiting("a", "X"), waiting("b", "Y")], {}, [], id="two with two reasons"
    ),
    pytest.param(
        ROLLING, "ab", [waiting("a", "X"), waiting("b", "X", "other")], {}, [],
        id="the same reason of another container",
    ),
    pytest.param(
        ROLLING, "ab", [waiting("a", "ErrImagePull"), waiting("b", "ImagePullBackOff")], {},
        [("ErrImagePull", "ab", "", 0)], id="a failing pull is told in two ways by turns",
    ),
    pytest.param(
        ROLLING, "abcd", [waiting("a", "X"), old("b"), old("c"), old("d")], {},
        [("X", "a", "bcd", 0)], id="nodes held by one that takes the budget",
    ),
    pytest.param(
        ROLLING, "abcd", [waiting("a", "X"), waiting("b", "Y"), old("c"), old("d")], {},
        [("X", "a", "cd", 1), ("Y", "b", "cd", 1)], id="held by two causes: each is told",
    ),
    pytest.param(
        ROLLING, "abcdef", [waiting("a", "X"), waiting("b", "Y"), waiting("c", "Y"), old("d"), old("f")],
        {"events": [REFUSED]}, [("WebhookDenied", "e", "df", 0), ("Y", "bc", "", 0)],
        id="while pods can't be created the budget is not even looked at",
    ),
    pytest.param(
        SURGING, "abc", [old("a"), old("b"), new("b", ready=False), old("c")], {},
        [("SurgePodNotReady", "b", "ac", 0)], id="held by a surge",
    ),
    pytest.param(
        SURGING, "ab", [old("a"), old("b")], {"events": [REFUSED]},
        [("WebhookDenied", "", "ab", 0)], id="a surge that is refused: no node lacks a pod",
    ),
    pytest.param(
        ROLLING, "abc", [], {"quotas": [quota({"pods": "0"})]},
        [("QuotaExceeded", "abc", "", 0)], id="refused everywhere",
    ),
    pytest.param(
        daemon_set(strategy=rolling_update(2)), "ab", [old("a"), old("b")], {}, [],
        id="progress is no cause",
    ),
    pytest.param(
        daemon_set(generation=2, observed=1), "ab", [old("a"), old("b")], {}, [],
        id="what stops the whole has its own finding",
    ),
    pytest.param(
        daemon_set(pod_template=EVERYWHERE), DEAD, [new("a"), new("b", deleted=ago(900))], {},
        [("NodeUnreachable", "ab", "", 0)], id="a pod that can't end for its dead node",
    ),
    pytest.param(
        daemon_set(pod_template=EVERYWHERE), SICK, [new("a"), new("b", deleted=ago(900))], {},
        [("NodeNotReady", "ab", "", 0)], id="or for one that is not ready",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), new("a", bound=False), old("b"), new("b", bound=False)], {},
        [("WaitingForBudget", "ab", "", 0)], id="two nodes wait for each other, for nothing else",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), new("a", bound=False), old("b"), new("b")], {}, [],
        id="two pods on a node wait for themselves",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "nodes", "pods", "around", "expected"), ROOTS)
def test_shared_causes(
    given: DaemonSet,
    nodes: str | list[Node],
    pods: list[Pod],
    around: dict[str, Any],
    expected: list[tuple[str, str, str, int]],
) -> None:
    assert [told(root) for root in found(judged(given, nodes, pods, **around))] == expected


def test_what_a_shared_cause_shows() -> None:
    names = [f"n{number}" for number in range(1, 13)]
    pods = [waiting(name, "X") for name in names[:7]] + [old(name) for name in names[7:11]]
    pods.append(new("n12"))
    (finding,) = judged(ROLLING, [node(name) for name in names], pods).findings
    facts: Any = finding.facts
    assert (facts.code, facts.nodes, facts.of, facts.held) == ("X", 11, 12, 4)
    assert facts.states == {"Unready": 7, "Outdated": 4}
    assert facts.examples == ("n1", "n2", "n3", "n4", "n5")


def test_the_cause_of_most_nodes_comes_first_and_what_stops_all_before_it() -> None:
    lagging = daemon_set(generation=2, observed=1)
    pods = [waiting(name, "Y" if name in "ab" else "Z") for name in "abcde"]
    twice = [new("f"), pod("second", "f")]
    explanation = judged(lagging, "abcdef", [*pods, *twice])
    assert [(item.code, item.root and item.root.code) for item in explanation.findings] == [
        ("ControllerLagging", None),
        ("SharedCause", "Z"),
        ("SharedCause", "Y"),
        ("DuplicatePods", None),
    ]


@settings(max_examples=200, deadline=None)
@examples(
    st.lists(
        st.sampled_from(["new", "old", "X", "Y", "none", "ending", "both", "unbound"]),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([rolling_update(1), rolling_update("50%"), rolling_update(0, 1)]),
    st.booleans(),
)
def test_every_gap_has_a_root_of_its_own_or_waits(
    kinds: list[str], strategy: Any, refused: bool
) -> None:
    """No node is explained twice by one cause, and none that is fine is explained."""
    pods = [item for number, kind in enumerate(kinds) for item in _pods(kind, f"n{number}")]
    nodes = [node(f"n{number}") for number in range(len(kinds))]
    around = {"events": [REFUSED]} if refused else {}
    explanation = judged(daemon_set(strategy=strategy), nodes, pods, **around)
    unwell = {verdict.node for verdict in gaps(explanation)}
    owners: list[str] = []
    for root in found(explanation):
        explained = [*root.nodes, *root.held]
        assert len(set(explained)) == len(explained) == root.explained > 1
        assert set(explained) <= unwell
        assert sum(root.states.values()) == root.explained
        owners += root.nodes
    assert len(set(owners)) == len(owners)


def _pods(kind: str, target: str) -> list[Pod]:
    made = {
        "new": [new(target)],
        "old": [old(target)],
        "none": [],
        "ending": [old(target, deleting=True)],
        "both": [old(target), new(target, ready=False)],
        "unbound": [new(target, bound=False)],
    }
    return made.get(kind) or ([waiting(target, kind)] if kind in "XY" else [])


# One node's own trouble, over several DaemonSets.

OTHER = daemon_set("other", uid=OTHER_UID, pod_template=EVERYWHERE)
FIRST = daemon_set(pod_template=EVERYWHERE)


def theirs(target: str) -> Pod:
    made = pod(f"other-{target}", target)
    return replace(made, metadata=replace(made.metadata, owner_references=(owner_of(OTHER_UID),)))


def both(nodes: list[Node], pods: list[Pod]) -> list[Explanation]:
    whole = cluster([FIRST, OTHER], nodes, pods)
    return [explain(whole, FIRST), explain(whole, OTHER)]


def test_a_dead_node_of_several_daemon_sets_is_one_finding() -> None:
    nodes = [node("a"), node("b", ready="False"), node("c", ready="False")]
    pods = [made(name) for name in "abc" for made in (new, theirs)]
    (finding,) = shared_nodes(both(nodes, pods))
    facts: Any = finding.facts
    assert (facts.code, facts.nodes) == ("NodeNotReady", ("b", "c"))
    assert facts.daemon_sets == ("kube-system/agent", "kube-system/other")
    assert facts.since == ago(3600)


def test_nodes_in_other_conditions_are_findings_of_their_own() -> None:
    nodes = [node("a", ready="False"), node("b", ready="Unknown"), node("c", ready="Unknown")]
    pods = [made(name) for name in "abc" for made in (new, theirs)]
    found = [finding.facts for finding in shared_nodes(both(nodes, pods))]
    facts: list[Any] = found
    assert [(item.code, item.nodes) for item in facts] == [
        ("NodeUnreachable", ("b", "c")),
        ("NodeNotReady", ("a",)),
    ]


NOT_SHARED = [
    pytest.param([node("a", ready="False")], [new("a")], id="one DaemonSet alone has a gap there"),
    pytest.param(
        [node("a")], [waiting("a", "X"), theirs("a")], id="the node is well, one pod is not"
    ),
    pytest.param([node("a")], [], id="both lack a pod on a node that is well"),
    pytest.param([node("a")], [new("a"), theirs("a")], id="all is well"),
]


@pytest.mark.parametrize(("nodes", "pods"), NOT_SHARED)
def test_what_is_not_shared(nodes: list[Node], pods: list[Pod]) -> None:
    assert shared_nodes(both(nodes, pods)) == ()


def test_a_node_is_shared_within_its_cluster_alone() -> None:
    dark = [node("a", ready="False")]
    first, other = both(dark, [new("a"), theirs("a")])
    assert shared_nodes([within(first, "p"), within(other, "q")]) == ()
    of_q = both(
        [*dark, node("b", ready="False")], [made(x) for x in "ab" for made in (new, theirs)]
    )
    clusters = {"p": [first, other], "q": of_q}
    answers = [within(item, name) for name, items in clusters.items() for item in items]
    found: list[Any] = [(item.cluster, item.facts) for item in shared_nodes(answers)]
    assert [(name, facts.nodes) for name, facts in found] == [("q", ("a", "b")), ("p", ("a",))]
