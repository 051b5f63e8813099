"""The status numbers, counted anew.

Source: ``pkg/controller/daemon/daemon_controller.go`` (updateDaemonSetStatus,
storeDaemonSetStatus).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.counting import count, status_behind
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Node
from kubectl_ds.core.placement import Placement
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.revision import Revision, runs
from kubectl_ds.core.running.availability import is_available
from kubectl_ds.core.verdict import Summary
from tests.core.make import (
    GENERATION,
    HASH,
    NOW,
    OLD_HASH,
    ago,
    cluster,
    daemon_set,
    node,
    pod,
    revision,
)

NOTHING = {"current": 0, "ready": 0, "available": 0, "updated": 0, "misscheduled": 0}
MIN_READY = 10


def counted(nodes: list[Node], pods: list[Pod], **fields: Any) -> Summary:
    owner = daemon_set(min_ready_seconds=MIN_READY, **fields)
    return explain(cluster([owner], nodes, pods), owner).summary


def on(name: str, **fields: Any) -> Pod:
    return pod(fields.pop("called", f"agent-{name}"), name, **fields)


# updateDaemonSetStatus, node by node: one wanted node "a" with these pods

WANTED = [
    pytest.param([], {}, id="no pod"),
    pytest.param(
        [on("a")], {"current": 1, "ready": 1, "available": 1, "updated": 1}, id="all well"
    ),
    pytest.param(
        [on("a", hash=OLD_HASH)], {"current": 1, "ready": 1, "available": 1}, id="an older one"
    ),
    pytest.param([on("a", ready=False)], {"current": 1, "updated": 1}, id="not ready"),
    pytest.param(
        [on("a", ready_for=5)],
        {"current": 1, "ready": 1, "updated": 1},
        id="within minReadySeconds",
    ),
    pytest.param(
        [on("a", ready_for=MIN_READY)],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="just available",
    ),
    pytest.param([on("a", bound=False)], {"current": 1, "updated": 1}, id="pending"),
    pytest.param([on("a", phase="Failed")], {"current": 1, "updated": 1}, id="failed"),
    pytest.param([on("a", phase="Succeeded")], {"current": 1, "updated": 1}, id="succeeded"),
    pytest.param([on("a", phase="Failed", deleting=True)], {}, id="failed, deleting: not there"),
    pytest.param([on("a", phase="Succeeded", deleting=True)], {}, id="succeeded, deleting"),
    pytest.param(
        [on("a", deleting=True)],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="deleting, still ready",
    ),
    pytest.param(
        [on("a", deleting=True, ready=False)],
        {"current": 1, "updated": 1},
        id="deleting, not ready",
    ),
    pytest.param(
        [on("a", called="x", created=ago(9), ready=False), on("a", called="y", created=ago(8))],
        {"current": 1, "updated": 1},
        id="two pods, the older counts",
    ),
    pytest.param(
        [
            on("a", called="new", created=ago(8)),
            on("a", called="old", created=ago(9), hash=OLD_HASH, ready=False),
        ],
        {"current": 1},
        id="the older counts, though the newer is well and current",
    ),
    pytest.param(
        [
            on("a", called="going", created=ago(9), deleting=True, ready=False),
            on("a", called="coming", created=ago(8)),
        ],
        {"current": 1, "updated": 1},
        id="the older counts, though deleting",
    ),
    pytest.param(
        [
            on("a", called="failed", created=ago(9), phase="Failed"),
            on("a", called="running", created=ago(8)),
        ],
        {"current": 1, "updated": 1},
        id="the older counts, though failed",
    ),
    pytest.param(
        [
            on("a", called="failed", created=ago(9), phase="Failed", deleting=True),
            on("a", called="running", created=ago(8)),
        ],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="failed and deleting does not count, so the newer does",
    ),
    pytest.param(
        [
            on("a", called="pending", created=ago(9), bound=False),
            on("a", called="running", created=ago(8)),
        ],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="the bound one counts, though younger",
    ),
    pytest.param(
        [
            on("a", called="b", created=ago(9), ready=False),
            on("a", called="a", created=ago(9)),
        ],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="equally old, the first name counts",
    ),
    pytest.param(
        [on("a", owner=None)],
        {"current": 1, "ready": 1, "available": 1, "updated": 1},
        id="an orphan that will be adopted",
    ),
    pytest.param([on("a", labels={"app": "x"})], {}, id="not ours"),
    pytest.param([pod("lost", None)], {}, id="a pod that names no node"),
]


@pytest.mark.parametrize(("pods", "expected"), WANTED)
def test_a_node_where_a_pod_is_wanted(pods: list[Pod], expected: dict[str, int]) -> None:
    assert counted([node("a")], pods) == Summary(
        **{"nodes": 1, "desired": 1, **NOTHING, **expected}
    )


# A node where none is wanted: whatever is there is misscheduled, once, and counts for nothing else

TAINTED = node("a", taints=["x:NoSchedule"])
TAINTED_Z = node("z", taints=["x:NoSchedule"])
UNWANTED = [
    pytest.param(TAINTED, [], 0, id="no pod"),
    pytest.param(TAINTED, [on("a")], 1, id="a pod that stays"),
    pytest.param(node("a", taints=["x:NoExecute"]), [on("a")], 1, id="a pod that goes"),
    pytest.param(
        node("a", ready="False", taints=["node.kubernetes.io/not-ready:NoSchedule"]),
        [on("a")],
        1,
        id="a pod on a node that is not ready",
    ),
    pytest.param(TAINTED, [on("a", called="x"), on("a", called="y")], 1, id="nodes, not pods"),
    pytest.param(TAINTED, [on("a", bound=False)], 1, id="pending"),
    pytest.param(TAINTED, [on("a", deleting=True)], 1, id="deleting"),
    pytest.param(TAINTED, [on("a", phase="Failed")], 1, id="failed"),
    pytest.param(TAINTED, [on("a", phase="Failed", deleting=True)], 0, id="failed, deleting"),
]


@pytest.mark.parametrize(("where", "pods", "expected"), UNWANTED)
def test_a_node_where_none_is_wanted(where: Node, pods: list[Pod], expected: int) -> None:
    assert counted([where], pods) == Summary(**{"nodes": 1, **NOTHING, "misscheduled": expected})


def test_a_node_that_no_longer_exists_does_not_count() -> None:
    assert counted([node("a")], [on("a"), on("gone")]) == Summary(
        nodes=1, desired=1, current=1, ready=1, available=1, updated=1, misscheduled=0
    )


def test_the_generation_makes_a_pod_of_another_hash_current() -> None:
    found = counted(
        [node("a")], [on("a", hash="x", generation=GENERATION)], template_generation="3"
    )
    assert found.updated == 1


def test_a_deleting_daemon_set_without_revisions_still_counts_by_the_generation() -> None:
    owner = daemon_set(template_generation="3", deleted=NOW)
    pods = [on("a", generation="3"), on("b", generation="2")]
    found = explain(cluster([owner], [node("a"), node("b")], pods, revisions=[]), owner).summary
    assert (found.current, found.updated) == (2, 1)


def test_until_the_new_revision_is_there_no_pod_is_current() -> None:
    owner = daemon_set(generation=2, observed=1, pod_template={"spec": {"hostPID": True}})
    read = cluster([owner], [node("a")], [on("a")], revisions=[revision(1)])
    assert explain(read, owner).summary.updated == 0


def test_the_numbers_of_a_fleet() -> None:
    nodes = [node(name) for name in "abcdef"] + [TAINTED_Z, node("y", taints=["x:NoExecute"])]
    pods = [
        on("a"),
        on("b", hash=OLD_HASH),
        on("c", ready=False),
        on("d", bound=False),
        on("e", ready_for=1),
        on("z"),
    ]
    assert counted(nodes, pods) == Summary(
        nodes=8, desired=6, current=5, ready=3, available=2, updated=4, misscheduled=1
    )


# storeDaemonSetStatus writes these; numberUnavailable is desired - available

REPORTED = {
    "desired_number_scheduled": 3,
    "current_number_scheduled": 3,
    "number_ready": 2,
    "number_available": 2,
    "number_unavailable": 1,
    "updated_number_scheduled": 1,
    "number_misscheduled": 0,
}
COUNTED = Summary(nodes=5, desired=3, current=3, ready=2, available=2, updated=1, misscheduled=0)


BEHIND = [
    pytest.param({}, {}, [], id="nothing"),
    pytest.param({"number_ready": 1}, {}, ["numberReady"], id="ready"),
    pytest.param({"current_number_scheduled": 2}, {}, ["currentNumberScheduled"], id="current"),
    pytest.param({"desired_number_scheduled": 4}, {}, ["desiredNumberScheduled"], id="desired"),
    pytest.param({"number_misscheduled": 1}, {}, ["numberMisscheduled"], id="misscheduled"),
    pytest.param({"updated_number_scheduled": 2}, {}, ["updatedNumberScheduled"], id="updated"),
    pytest.param({"number_available": 1}, {}, ["numberAvailable"], id="available"),
    pytest.param({"number_unavailable": 0}, {}, ["numberUnavailable"], id="unavailable"),
    pytest.param(
        {"number_available": 3, "number_unavailable": 0},
        {},
        ["numberAvailable", "numberUnavailable"],
        id="available and unavailable",
    ),
    pytest.param({}, {"generation": 2, "observed": 1}, ["observedGeneration"], id="generation"),
    pytest.param({}, {"generation": 1, "observed": 2}, [], id="a generation ahead is not behind"),
    pytest.param(
        {"number_ready": 0, "desired_number_scheduled": 0},
        {"generation": 2, "observed": 1},
        ["desiredNumberScheduled", "numberReady", "observedGeneration"],
        id="several",
    ),
]


@pytest.mark.parametrize(("status", "generations", "expected"), BEHIND)
def test_fields_that_are_behind(
    status: dict[str, int], generations: dict[str, int], expected: list[str]
) -> None:
    owner = daemon_set(**{**REPORTED, **status}, **generations)  # type: ignore[arg-type]
    assert sorted(status_behind(owner, COUNTED)) == expected


# The oracle: the controller's loop

HASHES = Revision(hash=HASH, generation="")
PODS = st.builds(
    lambda name, ready, ready_for, hash_, bound: on(
        "a", called=name, ready=ready, ready_for=ready_for, hash=hash_, bound=bound
    ),
    st.sampled_from(["x", "y", "z"]),
    st.booleans(),
    st.sampled_from([5, 10, 99]),
    st.sampled_from([HASH, OLD_HASH]),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.tuples(st.booleans(), st.lists(PODS, max_size=2).map(tuple)),
    )
)
def test_the_numbers_are_those_of_the_controllers_loop(
    fleet: dict[str, tuple[bool, tuple[Pod, ...]]],
) -> None:
    expected = dict.fromkeys(Summary.__struct_fields__, 0)
    for wanted, pods in fleet.values():
        expected["nodes"] += 1
        if not wanted:
            expected["misscheduled"] += bool(pods)
            continue
        expected["desired"] += 1
        if not pods:
            continue
        expected["current"] += 1
        first = pods[0]
        if first.ready:
            expected["ready"] += 1
            expected["available"] += is_available(first, MIN_READY, NOW)
        expected["updated"] += first.labels["controller-revision-hash"] == HASH
    found = count(
        {
            name: Placement(should_run=wanted, should_continue=True, checks=())
            for name, (wanted, _) in fleet.items()
        },
        {name: pods for name, (_, pods) in fleet.items() if pods} | {"gone": (on("gone"),)},
        updated=lambda item: runs(HASHES, item),
        available=lambda item: is_available(item, MIN_READY, NOW),
    )
    assert found == Summary(**expected)
