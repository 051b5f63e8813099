"""What concerns a DaemonSet as a whole rather than one node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import CountedFacts, Exclusion, NoNodeFacts, Typo
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node, Unread
from kubectl_ds.core.pods import LabelSelector, Pod, PodSpec
from kubectl_ds.core.reasons import FINDINGS
from kubectl_ds.core.verdict import Explanation, Finding
from tests.core.make import (
    HASH,
    NOW,
    OLD_HASH,
    ON_DELETE,
    OTHER_UID,
    ago,
    cluster,
    daemon_set,
    namespace,
    node,
    pod,
    revision,
    rolling_update,
    template,
)

REVISIONS = revision(1, OLD_HASH), revision(2, HASH)
SURGING = daemon_set(strategy=rolling_update(0, 1))
SLACK = daemon_set(strategy=ON_DELETE)
DELETING = daemon_set(deleted=NOW, generation=2, observed=1)
BEHIND = daemon_set(generation=2, observed=1)
NOWHERE = daemon_set(pod_template=template(nodeSelector={"role": "storgae"}))


def old(name: str = "old", target: str = "a", **more: Any) -> Pod:
    return pod(name, target, hash=OLD_HASH, created=ago(9000), **more)


def new(name: str = "new", target: str = "a", **more: Any) -> Pod:
    return pod(name, target, created=ago(100), **more)


def judged(
    given: DaemonSet, nodes: Sequence[Node] = (), pods: Sequence[Pod] = (), **more: Any
) -> Explanation:
    return explain(cluster([given], nodes, pods, revisions=REVISIONS, **more), given)


def only(explanation: Explanation) -> Finding:
    (finding,) = explanation.findings
    return finding


# daemon_controller.go (syncDaemonSet, manage), update.go; the codes are the contract's.
LOST = pod("lost", spec=PodSpec(), phase="Pending")
FOUND = [
    pytest.param(daemon_set(), [node()], [new()], {}, set(), id="nothing"),
    pytest.param(DELETING, [node()], [new()], {}, {"DaemonSetDeleting"}, id="deleting"),
    pytest.param(BEHIND, [node()], [new()], {}, {"ControllerLagging"}, id="lagging"),
    pytest.param(
        daemon_set(),
        [node()],
        [new()],
        {"namespaces": [namespace(phase="Terminating")]},
        {"NamespaceTerminating"},
        id="namespace terminating",
    ),
    pytest.param(
        daemon_set(selects=LabelSelector()), [node()], [], {}, {"SelectsAllPods"}, id="selects all"
    ),
    pytest.param(
        daemon_set(selects=LabelSelector(match_labels={})),
        [node()],
        [],
        {},
        {"SelectsAllPods"},
        id="selects all, with an empty map",
    ),
    pytest.param(NOWHERE, [node()], [], {}, {"NoNodeDesired"}, id="no node"),
    pytest.param(NOWHERE, [node()], [new()], {}, {"NoNodeDesired"}, id="no node, a stray pod"),
    pytest.param(
        NOWHERE, [node(), node("b", labels={"role": "storgae"})], [], {}, set(), id="one node is enough"
    ),
    pytest.param(SLACK, [node()], [old()], {}, {"OnDelete"}, id="OnDelete, an old pod"),
    pytest.param(SLACK, [node()], [new()], {}, set(), id="OnDelete, no old pod"),
    pytest.param(daemon_set(), [node()], [old()], {}, set(), id="an old pod in a rolling update"),
    pytest.param(daemon_set(), [node()], [new(), LOST], {}, {"UnattributablePods"}, id="aimless"),
    pytest.param(daemon_set(), [node()], [new(owner=None)], {}, {"OrphanPods"}, id="orphan"),
    pytest.param(
        daemon_set(), [node()], [new(), new("x", owner=OTHER_UID)], {}, set(), id="not ours"
    ),
    pytest.param(
        daemon_set(), [node()], [new(), new("x", owner=None, deleting=True)], {}, set(),
        id="an orphan that is being deleted is not adopted",
    ),
]  # fmt: skip


# updateDaemonSetStatus looks at the first pod of each node alone.
COUNTED = [
    pytest.param([old(deleting=True), new()], True, id="an old one that ends"),
    pytest.param([old(deleting=True, ready=False), new()], True, id="which is not ready any more"),
    pytest.param(
        [pod("x", created=ago(9000), deleting=True), new()], False, id="of the current revision"
    ),
    pytest.param(
        [pod("x", created=ago(9000), deleting=True, ready=False), new()], True,
        id="of the current revision, not ready any more",
    ),
    pytest.param([old(), new()], False, id="the controller deletes it yet"),
    pytest.param([old(deleting=True), new(ready=False)], False, id="the new one is not available"),
    pytest.param([pod("x", hash=OLD_HASH, created=ago(1), deleting=True), new()], False, id="it is the younger one"),
]  # fmt: skip


@pytest.mark.parametrize(("pods", "found"), COUNTED)
def test_a_node_that_is_counted_by_its_old_pod(pods: list[Pod], found: bool) -> None:
    explanation = judged(SURGING, [node()], pods)
    findings = [item for item in explanation.findings if item.code == "OldPodCounted"]
    assert [item.facts for item in findings] == [CountedFacts(nodes=("a",))] * found
    assert not found or explanation.summary.updated * explanation.summary.ready == 0


@pytest.mark.parametrize(("given", "nodes", "pods", "around", "expected"), FOUND)
def test_what_is_found(
    given: DaemonSet,
    nodes: list[Node],
    pods: list[Pod],
    around: dict[str, Any],
    expected: set[str],
) -> None:
    findings = judged(given, nodes, pods, **around).findings
    assert {finding.code for finding in findings} == expected
    assert len(findings) == len(expected)
    for finding in findings:
        assert type(finding.facts) is FINDINGS[finding.code].facts


# podsShouldBeOnNode: without a surge all live pods but the first are deleted; with one the first
# of the current hash and the first of another stay.
DUPLICATES = [
    pytest.param(daemon_set(), [new("x"), new("y")], True, id="two"),
    pytest.param(daemon_set(), [old(), new()], True, id="an old one and a new one"),
    pytest.param(daemon_set(), [new(), new("x", bound=False)], True, id="one is not bound"),
    pytest.param(daemon_set(), [new(), new("x", deleting=True)], False, id="one is being deleted"),
    pytest.param(daemon_set(), [new(), new("x", phase="Failed")], False, id="one has failed"),
    pytest.param(daemon_set(), [new(), new("x", phase="Succeeded")], False, id="one has ended"),
    pytest.param(daemon_set(), [new(), new("x", target="b")], False, id="one on each node"),
    pytest.param(SURGING, [old(), new()], False, id="surge: an old one and a new one"),
    pytest.param(SURGING, [new("x"), new("y")], True, id="surge: two new ones"),
    pytest.param(SURGING, [old("x"), old("y")], True, id="surge: two old ones"),
    pytest.param(SURGING, [old("x"), old("y"), new()], True, id="surge: two old ones, a new one"),
]


@pytest.mark.parametrize(("given", "pods", "found"), DUPLICATES)
def test_duplicate_pods(given: DaemonSet, pods: list[Pod], found: bool) -> None:
    findings = judged(given, [node(), node("b")], pods).findings
    assert [finding.code for finding in findings] == ["DuplicatePods"] * found


# podByCreationTimestampAndPhase: bound pods first, then the oldest, then by name.
def test_the_duplicate_that_stays_comes_first() -> None:
    pods = [
        new("b"),
        pod("unbound", bound=False, created=ago(99999)),
        new("a"),
        pod("oldest", created=ago(9000)),
    ]
    facts: Any = only(judged(daemon_set(), [node()], pods)).facts
    assert (facts.node, facts.pods) == ("a", ("oldest", "a", "b", "unbound"))


def test_every_node_with_duplicates_is_named() -> None:
    pods = [new("b1", "b"), new("b2", "b"), new("c1", "c"), new("a1"), new("a2")]
    findings = judged(daemon_set(), [node(name) for name in "abc"], pods).findings
    facts: list[Any] = [finding.facts for finding in findings]
    assert [(item.node, item.pods) for item in facts] == [("a", ("a1", "a2")), ("b", ("b1", "b2"))]


def test_no_node_desired_tells_what_excludes_most_of_them() -> None:
    nodes = [
        node("a", labels={"role": "storage"}),
        node("b", labels={"role": "storage"}, taints=["dedicated=db:NoSchedule"]),
        node(
            "c", labels={"role": "front"}, taints=["dedicated=db:NoSchedule", "x:PreferNoSchedule"]
        ),
        node("d"),
    ]
    found = only(judged(NOWHERE, nodes))
    assert found.code == "NoNodeDesired"
    assert found.facts == NoNodeFacts(
        nodes=4,
        exclusions=(
            Exclusion(code="NodeSelectorMismatch", asked="role=storgae", nodes=4),
            Exclusion(code="UntoleratedTaint", asked="dedicated=db:NoSchedule", nodes=2),
        ),
        typos=(Typo(wanted="role=storgae", existing="role=storage", nodes=2),),
    )


def test_on_delete_counts_old_pods_among_the_desired() -> None:
    nodes = [node("a"), node("b"), node("c"), node("d", taints=["x:NoSchedule"])]
    pods = [old("a"), old("b", "b"), new("c", "c")]
    facts: Any = only(judged(SLACK, nodes, pods)).facts
    assert (facts.nodes, facts.desired) == (2, 3)


def test_on_delete_names_the_revisions_of_pods_that_stay() -> None:
    leaving = pod("leaving", hash="5c4b9f8d6", created=ago(99), deleting=True)
    facts: Any = only(judged(SLACK, [node()], [old(), leaving])).facts
    assert facts.revisions == (OLD_HASH,)


def test_aimless_pods_are_named() -> None:
    pods = [new(), LOST, pod("forlorn", spec=PodSpec(), phase="Pending")]
    facts: Any = only(judged(daemon_set(), [node()], pods)).facts
    assert facts.pods == ("forlorn", "lost")


def test_a_deletion_tells_what_holds_it_up() -> None:
    held = replace(DELETING, metadata=replace(DELETING.metadata, finalizers=("foreground",)))
    facts: Any = only(judged(held, [node()], [new()])).facts
    assert (facts.name, facts.deletion_timestamp) == ("agent", NOW)
    assert facts.finalizers == ("foreground",)


def test_a_lag_tells_both_generations() -> None:
    facts: Any = only(judged(BEHIND, [node()], [new()])).facts
    assert (facts.generation, facts.observed_generation) == (2, 1)


def test_what_stops_the_whole_daemon_set_comes_first() -> None:
    findings = judged(BEHIND, [node()], [new(), new("x"), LOST]).findings
    assert [finding.code for finding in findings] == [
        "ControllerLagging",
        "DuplicatePods",
        "UnattributablePods",
    ]


def test_no_node_is_wanted_where_there_is_none() -> None:
    given = daemon_set()
    assert [item.code for item in explain(cluster([given], []), given).findings] == [
        "NoNodeDesired"
    ]


def test_nodes_that_were_not_read_tell_nothing() -> None:
    given = daemon_set()
    unread = (Unread(what="nodes", why="none in the input"),)
    found = explain(cluster([given], [], [new()], unread=unread), given)
    assert (found.findings, found.nodes, found.status_behind) == ((), (), ())


def test_pods_that_were_not_read_tell_nothing_of_the_status() -> None:
    given = daemon_set(number_misscheduled=7)
    unread = (Unread(what="pods", why="none in the input"),)
    assert explain(cluster([given], [node()], unread=unread), given).status_behind == ()
    assert explain(cluster([given], [node()]), given).status_behind
