"""What of two answers is worth telling to somebody who watches."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.changes import MANY, Changes, changes
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation
from tests.core.make import (
    HASH,
    NOW,
    OLD_HASH,
    ON_DELETE,
    ago,
    cluster,
    daemon_set,
    node,
    pod,
    revision,
    template,
)

PLAIN = daemon_set()
PICKY = daemon_set(pod_template=template(nodeSelector={"disk": "ssd"}))
REVISIONS = revision(1, OLD_HASH), revision(2, HASH)
NAMES = "abcdef"


def judged(
    nodes: list[Node], pods: list[Pod], given: DaemonSet = PLAIN, **more: Any
) -> Explanation:
    return explain(cluster([given], nodes, pods, **more), given)


def up(name: str, **more: Any) -> Pod:
    return pod(f"agent-{name}", name, **more)


def old(name: str, **more: Any) -> Pod:
    return pod(f"old-{name}", name, hash=OLD_HASH, created=ago(9000), **more)


def told(what: Changes) -> list[tuple[str, State | None, State | None, str]]:
    """The moves of single nodes."""
    return [
        ("".join(x.nodes), x.before, x.after, x.reasons[0].code if x.reasons else "")
        for x in what.moves
    ]


WHOLE = judged([node(x) for x in "ab"], [up(x) for x in "ab"])
SICK = node("b", ready="False", taints=["node.kubernetes.io/not-ready:NoSchedule"])

MOVES = {
    "nothing": (WHOLE, WHOLE, []),
    "a pod that is no longer ready": (
        WHOLE,
        judged([node(x) for x in "ab"], [up("a"), up("b", ready=False)]),
        [("b", State.AVAILABLE, State.UNREADY, "ContainerCreating")],
    ),
    "a pod that is back": (
        judged([node(x) for x in "ab"], [up("a")]),
        WHOLE,
        [("b", State.MISSING, State.AVAILABLE, "")],
    ),
    "a node that joins": (
        judged([node("a")], [up("a")]),
        judged([node("a"), node("b")], [up("a")]),
        [("b", None, State.MISSING, "Unknown")],
    ),
    "a node that leaves": (
        WHOLE,
        judged([node("a")], [up("a")]),
        [("b", State.AVAILABLE, None, "")],
    ),
    "another reason in the same state": (
        judged([node("b")], [up("b", ready=False)]),
        judged([SICK], [up("b", ready=False)]),
        [("b", State.UNREADY, State.UNREADY, "NodeNotReady")],
    ),
    "another taint in place of one": (
        judged([node("b", taints=["x:NoSchedule"])], []),
        judged([node("b", taints=["y:NoSchedule"])], []),
        [("b", State.EXCLUDED, State.EXCLUDED, "UntoleratedTaint")],
    ),
    "another value of a label that is wrong either way": (
        judged([node("b", labels={"disk": "hdd"})], [], PICKY),
        judged([node("b", labels={"disk": "nvme"})], [], PICKY),
        [],
    ),
    "another pod, as good as the one before": (
        WHOLE,
        judged([node(x) for x in "ab"], [up("a"), pod("agent-z", "b")]),
        [],
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), MOVES.values(), ids=MOVES)
def test_moves(before: Explanation, after: Explanation, expected: object) -> None:
    assert told(changes(before, after)) == expected
    assert bool(changes(before, after)) == bool(expected)


def test_that_only_time_passes_is_no_change() -> None:
    slow = daemon_set(min_ready_seconds=60)
    first = judged([node()], [pod(ready_for=10)], slow)
    later = judged([node()], [pod(ready_for=30)], slow)
    assert first.nodes != later.nodes  # fewer seconds are left
    assert not changes(first, later)


@pytest.mark.parametrize(("count", "lines"), [(MANY - 1, MANY - 1), (MANY, 1)])
def test_many_that_go_the_same_way_are_told_together(count: int, lines: int) -> None:
    nodes = [node(x) for x in NAMES]
    some = NAMES[:count]
    after = judged(nodes, [up(x, ready=x not in some) for x in NAMES])
    moves = changes(judged(nodes, [up(x) for x in NAMES]), after).moves
    assert len(moves) == lines
    assert sorted("".join(move.nodes) for move in moves) == ([some] if lines == 1 else [*some])
    assert all(len(move.reasons) == len(move.nodes) for move in moves)


def test_those_that_differ_in_where_they_were_are_not() -> None:
    nodes = [node(x) for x in "abcd"]
    before = judged(nodes, [up(x, ready=x in "ab") for x in "abcd"])
    after = judged(nodes, [])
    assert len(changes(before, after).moves) == 4


def test_nodes_come_in_natural_order() -> None:
    names = ["n10", "n9", "n1", "n2"]
    nodes = [node(x) for x in names]
    moves = changes(judged(nodes, []), judged(nodes, [up(x) for x in names])).moves
    assert [move.nodes for move in moves] == [("n1", "n2", "n9", "n10")]


def test_a_turn_in_a_rollout_is_no_change_of_its_own() -> None:
    """Who waits for budget now, and who is next, differs at every step for all that are left."""
    nodes = [node(x) for x in "abc"]
    before = judged(nodes, [old(x) for x in "abc"], revisions=REVISIONS)
    after = judged(nodes, [up("a", ready=False), old("b"), old("c")], revisions=REVISIONS)
    codes = {item.nodes[2].reasons[0].code for item in (before, after)}
    assert codes == {"NextInLine", "WaitingForBudget"}
    assert [name for name, *_ in told(changes(before, after))] == ["a"]


def test_how_far_a_rollout_is() -> None:
    nodes = [node(x) for x in "abc"]
    before = judged(nodes, [old(x) for x in "abc"], revisions=REVISIONS)
    after = judged(nodes, [up("a"), old("b"), old("c")], revisions=REVISIONS)
    rollout = changes(before, after).rollout
    assert rollout is not None
    assert (rollout.updated, rollout.desired) == (1, 3)
    assert changes(after, after).rollout is None


def test_a_pod_that_comes_without_a_rollout_is_no_step_of_one() -> None:
    nodes = [node(x) for x in "ab"]
    before = judged(nodes, [up("a")], revisions=REVISIONS)
    after = judged(nodes, [up("a"), up("b")], revisions=REVISIONS)
    assert before.rollout.updated < after.rollout.updated
    assert changes(before, after).rollout is None


def test_the_last_step_is_one() -> None:
    nodes = [node(x) for x in "ab"]
    before = judged(nodes, [up("a"), old("b")], revisions=REVISIONS)
    after = judged(nodes, [up("a"), up("b")], revisions=REVISIONS)
    rollout = changes(before, after).rollout
    assert rollout is not None
    assert (rollout.updated, rollout.desired) == (2, 2)


def test_what_puts_nodes_together_is_left_to_the_moves() -> None:
    nodes = [node(x) for x in NAMES]
    before = judged(nodes, [up(x) for x in NAMES])
    after = judged(nodes, [up(x, ready=x not in "abc") for x in NAMES])
    assert "SharedCause" in [x.code for x in after.findings]
    assert changes(before, after).appeared == ()


def test_a_new_revision_begins_a_rollout() -> None:
    nodes = [node(x) for x in "ab"]
    before = judged(nodes, [old(x) for x in "ab"], revisions=REVISIONS[:1])
    after = judged(nodes, [old(x) for x in "ab"], revisions=REVISIONS)
    rollout = changes(before, after).rollout
    assert rollout is not None
    assert (rollout.updated, rollout.desired) == (0, 2)


def test_findings_that_appear_and_vanish() -> None:
    slack = daemon_set(strategy=ON_DELETE)
    nodes = [node(x) for x in "ab"]
    before = judged(nodes, [up(x) for x in "ab"], slack, revisions=REVISIONS)
    after = judged(nodes, [up("a"), old("b")], slack, revisions=REVISIONS)
    assert [x.code for x in changes(before, after).appeared] == ["OnDelete"]
    assert [x.code for x in changes(after, before).vanished] == ["OnDelete"]


def test_a_finding_on_one_node_more_is_not_new() -> None:
    slack = daemon_set(strategy=ON_DELETE)
    nodes = [node(x) for x in "ab"]
    before = judged(nodes, [up("a"), old("b")], slack, revisions=REVISIONS)
    after = judged(nodes, [old("a"), old("b")], slack, revisions=REVISIONS)
    found = changes(before, after)
    assert (found.appeared, found.vanished) == ((), ())


def test_the_same_finding_on_another_node_is() -> None:
    nodes = [node(x) for x in "ab"]
    twice = [[up(x) for x in "ab"] + [pod("more", name)] for name in "ab"]
    first, second = (judged(nodes, pods) for pods in twice)
    found = changes(first, second)
    assert [x.code for x in (*found.appeared, *found.vanished)] == ["DuplicatePods"] * 2


def test_answers_on_two_of_one_name_are_compared_like_any() -> None:
    anew = daemon_set(uid="another", deleted=None)
    after = judged([node(x) for x in "ab"], [], anew)
    assert [name for name, *_ in told(changes(WHOLE, after))] == ["a", "b"]
    assert after.now == NOW
