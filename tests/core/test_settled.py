"""Nodes of which no more is to be said than that they are covered: spared, and judged alike."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core import counting
from kubectl_ds.core.case import Case, build
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain, judged, names
from kubectl_ds.core.lean import lean
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.outdated import Course
from kubectl_ds.core.verdict import NodeVerdict, Summary
from tests.core.make import (
    HASH,
    NOW,
    OLD_HASH,
    ON_DELETE,
    UID,
    cluster,
    daemon_set,
    node,
    pod,
    revision,
    rolling_update,
)

TAINT = "dedicated=gpu:NoSchedule"
PATIENT = daemon_set(min_ready_seconds=600)


def case(item: DaemonSet, nodes: Sequence[Node], pods: Sequence[Pod]) -> Case:
    return build(Fleet(cluster([item], nodes, pods, revisions=[revision()])), item)


SETTLED = [
    pytest.param(daemon_set(), node(), [pod()], True, id="its pod is current and available"),
    pytest.param(daemon_set(), node(), [], False, id="there is no pod"),
    pytest.param(daemon_set(), node(), [pod(ready=False)], False, id="the pod is not ready"),
    pytest.param(PATIENT, node(), [pod(ready_for=599)], False, id="not for long enough"),
    pytest.param(PATIENT, node(), [pod(ready_for=600)], True, id="just long enough"),
    pytest.param(daemon_set(), node(), [pod(hash=OLD_HASH)], False, id="of an older revision"),
    pytest.param(daemon_set(), node(), [pod(deleting=True)], False, id="being deleted"),
    pytest.param(daemon_set(), node(), [pod(), pod("second")], False, id="two pods"),
    pytest.param(
        daemon_set(), node(), [pod(), pod("old", deleting=True)], False, id="one that goes"
    ),
    pytest.param(daemon_set(), node(ready="False"), [pod()], False, id="the node is not ready"),
    pytest.param(daemon_set(), node(ready="Unknown"), [pod()], False, id="the node is unreachable"),
    pytest.param(daemon_set(), node(ready=None), [pod()], False, id="nothing reported the node"),
    pytest.param(daemon_set(), node(taints=[TAINT]), [pod()], False, id="no pod is wanted"),
    pytest.param(daemon_set(), node("b"), [pod()], False, id="the node is gone"),
]


@pytest.mark.parametrize(("item", "where", "pods", "settled"), SETTLED)
def test_which_nodes_are_settled(
    item: DaemonSet, where: Node, pods: list[Pod], settled: bool
) -> None:
    assert case(item, [where], pods).settled == ({"a"} if settled else set())


NODES = st.lists(
    st.builds(
        node,
        st.sampled_from("abcde"),
        ready=st.sampled_from(["True", "True", "True", "False", "Unknown", None]),
        taints=st.sampled_from([(), (), (), (TAINT,)]),
    ),
    max_size=5,
    unique_by=lambda item: item.name,
)
UP = (Condition(type="ContainersReady", status="True"),)
PODS = st.lists(
    st.builds(
        pod,
        st.uuids().map(str),
        st.sampled_from("abcdef"),
        bound=st.sampled_from([True, True, True, False]),
        phase=st.sampled_from(["", "", "", "Failed", "Succeeded"]),
        ready_for=st.sampled_from([10, 3600, None]),
        hash=st.sampled_from([HASH, HASH, OLD_HASH]),
        deleting=st.sampled_from([False, False, False, True]),
        owner=st.sampled_from([UID, UID, UID, None]),
        conditions=st.sampled_from([UP, UP, ()]),
    ),
    max_size=9,
)
STRATEGIES = st.one_of(
    st.just(ON_DELETE),
    st.builds(rolling_update, st.sampled_from([0, 1, 2, "30%"]), st.sampled_from([0, 1, "50%"])),
)
DAEMON_SETS = st.builds(
    daemon_set,
    strategy=STRATEGIES,
    min_ready_seconds=st.sampled_from([0, 0, 60]),
    deleted=st.sampled_from([None, None, NOW]),
)


@settings(max_examples=400, deadline=None)
@given(DAEMON_SETS, NODES, PODS)
def test_that_nodes_are_settled_changes_no_answer(
    item: DaemonSet, nodes: list[Node], pods: list[Pod]
) -> None:
    spared = case(item, nodes, pods)
    assert answer(spared) == answer(replace(spared, settled=frozenset()))


def answer(given: Case) -> tuple[list[NodeVerdict], Course, Summary]:
    verdicts, course = judged(given, names(given))
    tests = given.updated, given.available
    summary = counting.count(given.placements, given.owned.by_node, *tests, given.settled)
    return verdicts, course, summary


@settings(max_examples=400, deadline=None)
@given(DAEMON_SETS, NODES, PODS)
def test_that_pods_are_in_crowds_changes_no_answer(
    item: DaemonSet, nodes: list[Node], pods: list[Pod]
) -> None:
    whole = cluster([item], nodes, pods, revisions=[revision()])
    assert explain(lean(whole), item) == explain(whole, item)
