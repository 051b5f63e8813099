"""What is still to be waited for, where ``kubectl rollout status`` would stop waiting."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.awaited import Awaited, awaited
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
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
SLACK = daemon_set(strategy=ON_DELETE)
PICKY = daemon_set(pod_template=template(nodeSelector={"disk": "ssd"}))
A, B = node("a"), node("b")
OLD = pod("old", "a", hash=OLD_HASH, created=ago(9000))
SICK = node("b", ready="False", taints=["node.kubernetes.io/not-ready:NoSchedule"])


def found(given: DaemonSet, nodes: list[Node], pods: list[Pod], *only: str) -> Awaited:
    revisions = revision(1, OLD_HASH), revision(2, HASH)
    return awaited(explain(cluster([given], nodes, pods, revisions=revisions), given), only)


UP = [pod("p", "a"), pod("q", "b")]

DONE = {
    "every pod is there": (PLAIN, [A, B], UP),
    "nodes are excluded": (PLAIN, [A, node("b", taints=["x:NoSchedule"])], UP[:1]),
    "older pods under OnDelete": (SLACK, [A, B], [OLD, UP[1]]),
}


@pytest.mark.parametrize(("given", "nodes", "pods"), DONE.values(), ids=DONE)
def test_done(given: DaemonSet, nodes: list[Node], pods: list[Pod]) -> None:
    assert found(given, nodes, pods).done


LACKS = {
    "a pod is missing": (PLAIN, [A, B], UP[:1], {"gaps": {State.MISSING: 1}}),
    "an older pod is available": (PLAIN, [A, B], [OLD, UP[1]], {"gaps": {State.OUTDATED: 1}}),
    "under OnDelete one is not available": (
        SLACK,
        [A],
        [pod("old", "a", hash=OLD_HASH, ready=False)],
        {"gaps": {State.UNREADY: 1}},
    ),
    "a node is not ready": (PLAIN, [A, SICK], UP, {"gaps": {State.UNREADY: 1}}),
    "no node is wanted": (PICKY, [A, B], [], {"idle": True, "gaps": {}}),
    "there is no node": (PLAIN, [], [], {"idle": True, "gaps": {}}),
    "the spec is not acted on": (
        daemon_set(generation=3, observed=2),
        [A, B],
        UP,
        {"generation": 3, "observed": 2},
    ),
    "it is being deleted": (daemon_set(deleted=NOW), [A, B], UP, {"deleting": True}),
}


@pytest.mark.parametrize(("given", "nodes", "pods", "lacks"), LACKS.values(), ids=LACKS)
def test_not_done(
    given: DaemonSet, nodes: list[Node], pods: list[Pod], lacks: dict[str, Any]
) -> None:
    item = found(given, nodes, pods)
    assert not item.done
    assert {name: getattr(item, name) for name in lacks} == lacks


def test_numbers_are_of_nodes() -> None:
    item = found(SLACK, [A, B, node("c"), node("d", taints=["x:NoSchedule"])], [OLD, UP[1]])
    assert (item.desired, item.available, item.older) == (3, 2, 1)


def test_a_node_that_was_asked_for_and_is_gone() -> None:
    item = found(PLAIN, [A], UP[:1], "a", "z")
    assert item.absent == ("z",)
    assert not item.done


def test_of_nodes_that_were_asked_for_some_may_be_excluded() -> None:
    item = found(PLAIN, [A, node("b", taints=["x:NoSchedule"])], UP[:1], "a", "b")
    assert item.nodes == ("a", "b")
    assert item.done


def test_none_of_the_nodes_that_were_asked_for_is_wanted() -> None:
    """As with a DaemonSet that wants none at all: nothing would ever be waited for."""
    item = found(PICKY, [A], [], "a")
    assert item.idle
    assert not item.done
