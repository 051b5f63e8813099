"""J08 to J13, J27, J29 and J30: pods that are there, after a fashion."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Node
from kubectl_ds.core.reasons import State
from tests.checklist.asked import ROLLED, SURGE, codes, findings, first, judged, on, said
from tests.core import make
from tests.core.make import (
    OLD_HASH,
    ON_DELETE,
    OTHER_UID,
    ago,
    daemon_set,
    event,
    node,
    pod,
    pod_event,
    pod_spec,
    rolling_update,
)
from tests.core.make_waiting import unseen


@pytest.mark.parametrize(
    ("strategy", "state"),
    [(rolling_update(), State.TERMINATING), (ON_DELETE, State.TERMINATING), (SURGE, State.MISSING)],
    ids=["maxUnavailable", "OnDelete", "maxSurge"],
)
def test_j08_only_a_surge_does_not_wait_for_a_pod_that_still_ends(
    strategy: Any, state: State
) -> None:
    given = daemon_set(strategy=strategy)
    found = judged(given, [node("n0")], [pod("agent-n0", "n0", deleting=True)])
    assert on(found, "n0").state is state
    waits = "ReplacementWaitsForTermination" in codes(found, "n0")
    assert waits is (state is State.TERMINATING)
    assert not waits or "a new pod is created once the old one is gone" in said(found, "n0")
    assert (found.summary.current, found.summary.ready) == (1, 1)  # it counts until it is gone


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_j09_a_pod_at_its_end_that_a_finalizer_holds_is_as_good_as_gone(phase: str) -> None:
    held = pod("agent-n0", "n0", phase=phase, deleted=ago(600), finalizers=("example.com/audit",))
    found = judged(daemon_set(), [node("n0")], [held])
    assert (on(found, "n0").state, on(found, "n0").pods) == (State.MISSING, ())
    assert found.summary.current == 0


def test_j10_a_failed_pod_is_counted_and_replaced_only_after_a_back_off() -> None:
    failed = pod("agent-n0", "n0", phase="Failed", reason="OutOfcpu", message="Pod was rejected: x")
    found = judged(daemon_set(), [node("n0")], [failed])
    assert on(found, "n0").state is State.FAILED
    assert (found.summary.current, found.summary.ready) == (1, 0)
    assert "creates another after a back-off of up to 15 min" in said(found, "n0")
    assert found.rollout.unavailable == 1


OTHERS = [
    pytest.param({"owner": None}, {}, State.AVAILABLE, id="an orphan is adopted"),
    pytest.param({"owner": None, "deleting": True}, {}, State.MISSING, id="not one being deleted"),
    pytest.param(
        {"owner": None}, {"deleted": ago(5)}, State.MISSING, id="nor by a DaemonSet being deleted"
    ),
    pytest.param(
        {"owner": None, "labels": {"app": "x"}}, {}, State.MISSING, id="nor one of other labels"
    ),
    pytest.param(
        {"labels": {"app": "changed"}}, {}, State.MISSING, id="with other labels it is released"
    ),
    pytest.param(
        {"owner": OTHER_UID}, {}, State.MISSING, id="one of an older DaemonSet of the same name"
    ),
    pytest.param({"namespace": "shop"}, {}, State.MISSING, id="another namespace"),
]


@pytest.mark.parametrize(("changes", "own", "state"), OTHERS)
def test_j11_whose_pod_it_is(changes: dict[str, Any], own: dict[str, Any], state: State) -> None:
    found = judged(daemon_set(**own), [node("n0")], [pod("agent-n0", "n0", **changes)])
    assert on(found, "n0").state is state
    assert found.summary.current == (state is State.AVAILABLE)
    assert ("OrphanPods" in findings(found)) is (state is State.AVAILABLE)


def test_j12_a_pod_aimed_at_a_node_that_was_deleted() -> None:
    pods = [pod("agent-n0", "n0"), unseen("gone")]
    found = judged(daemon_set(), [node("n0")], pods)
    assert first(found, "gone") == (State.MISSCHEDULED, "TargetNodeMissing")
    assert not on(found, "gone").desired
    assert "no longer exists; the controller deletes the pod" in said(found, "gone")
    assert (found.summary.nodes, found.summary.desired) == (1, 1)
    assert (found.summary.current, found.summary.misscheduled) == (1, 0)


@pytest.mark.parametrize("ready", [True, False])
def test_j13_of_two_live_pods_the_scheduled_one_counts_though_it_is_younger(ready: bool) -> None:
    pods = [
        pod("early", "n0", bound=False, created=ago(7200)),
        pod("late", "n0", hash=OLD_HASH, created=ago(60), ready=ready),
    ]
    found = judged(daemon_set(), [node("n0")], pods, revisions=ROLLED)
    assert [view.name for view in on(found, "n0").pods] == ["late", "early"]
    assert (found.summary.ready, found.summary.updated) == (ready, 0)
    assert on(found, "n0").state is (State.OUTDATED if ready else State.UNREADY)
    assert "n0 has 2 live pods: late, early" in findings(found)["DuplicatePods"]


def under_pressure() -> Node:
    given = node("n0", taints=["node.kubernetes.io/disk-pressure:NoSchedule"])
    pressing = Condition(type="DiskPressure", status="True")
    conditions = (*(given.status.conditions or ()), pressing)
    return replace(given, status=replace(given.status, conditions=conditions))


GONE = [
    event(
        "FailedDaemonPod",
        f"Found failed daemon pod kube-system/agent-{name} on node n0, will try to kill it",
        seconds_ago=seconds,
    )
    for name, seconds in (("bbbbb", 300), ("ccccc", 200))
]
EVICTED = [
    pod_event("Evicted", "The node had condition: [DiskPressure]. ", of=f"agent-{name}", host="n0")
    for name in ("bbbbb", "ccccc")
]


def test_j27_a_node_under_disk_pressure_is_given_pods_that_its_kubelet_rejects() -> None:
    message = "Pod was rejected: The node had condition: [DiskPressure]. "
    failed = pod("agent-ddddd", "n0", phase="Failed", reason="Evicted", message=message)
    found = judged(daemon_set(), [under_pressure()], [failed], events=[*GONE, *EVICTED])
    assert on(found, "n0").desired
    assert first(found, "n0") == (State.FAILED, "Evicted")
    text = said(found, "n0")
    assert "the kubelet refused the pod: The node had condition: [DiskPressure]" in text
    assert "creates another after a back-off of up to 15 min" in text
    assert "2 times" in text


def test_j27_between_two_of_them_events_tell_what_becomes_of_the_pods() -> None:
    found = judged(daemon_set(), [under_pressure()], events=[*GONE, *EVICTED])
    assert (on(found, "n0").desired, on(found, "n0").state) == (True, State.MISSING)
    told = findings(found)["PodsVanish"]
    assert "2 pods came and went within the last hour on n0" in told
    assert "DiskPressure" in told


@pytest.mark.parametrize(
    ("ready_for", "state"),
    [(600, State.AVAILABLE), (599, State.UNREADY), (601, State.AVAILABLE), (None, State.UNREADY)],
)
def test_j29_ready_for_exactly_min_ready_seconds_is_available(
    ready_for: float | None, state: State
) -> None:
    given = daemon_set(min_ready_seconds=600)
    found = judged(given, [node("n0")], [pod("agent-n0", "n0", ready_for=ready_for)])
    assert on(found, "n0").state is state
    available = state is State.AVAILABLE
    assert (found.summary.ready, found.summary.available) == (1, available)
    assert available or codes(found, "n0") == ["MinReadySeconds"]
    assert ready_for != 599 or "1s" in said(found, "n0")


def aimed(*terms: Any) -> Any:
    """The spec of a pod that is not bound, with this node affinity."""
    return replace(pod_spec(None), affinity=make.affinity(*terms))


NAMELESS = [
    pytest.param(pod_spec(None), id="no affinity"),
    pytest.param(aimed(make.term(make.requirement("pool", "In", "db"))), id="labels only"),
    pytest.param(
        aimed(make.field_term(make.requirement("metadata.name", "In", "n0", "n1"))), id="two nodes"
    ),
    pytest.param(
        aimed(
            make.field_term(make.requirement("metadata.name", "In", "n0", "n1")),
            make.field_term(make.requirement("metadata.name", "In", "n0")),
        ),
        id="two nodes in the first term",
    ),
]


@pytest.mark.parametrize("body", NAMELESS)
def test_j30_pods_without_a_node_are_not_counted_and_multiply(body: Any) -> None:
    lost = [pod(f"agent-{place}", None, spec=body) for place in range(3)]
    found = judged(daemon_set(), [node("n0")], lost)
    assert on(found, "n0").state is State.MISSING
    assert (found.summary.desired, found.summary.current) == (1, 0)
    told = findings(found)["UnattributablePods"]
    assert "3 pods without a target node" in told
    assert "creates anew" in told
    assert all(item.name in told for item in lost)
