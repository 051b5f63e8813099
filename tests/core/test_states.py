"""Which state holds where several could: the contract's order, clause by clause."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import ContainerState, ContainerStateWaiting, ContainerStatus, Pod
from kubectl_ds.core.reasons import Source, State
from kubectl_ds.core.verdict import NodeVerdict, gaps, is_gap
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
    rolling_update,
    template,
)

REVISIONS = revision(1, OLD_HASH), revision(2, HASH)

PLAIN = daemon_set()
TENTH = daemon_set(strategy=rolling_update("10%"))
SURGING = daemon_set(strategy=rolling_update(0, 1))
SLOW = daemon_set(min_ready_seconds=60)
DELETING = daemon_set(deleted=NOW, generation=2, observed=1)
DELETING_SURGE = daemon_set(strategy=rolling_update(0, 1), deleted=NOW, generation=2, observed=1)
EVERYWHERE = daemon_set(pod_template=template(tolerations=[{"operator": "Exists"}]))
PICKY = daemon_set(pod_template=template(nodeSelector={"disk": "ssd"}))

HEALTHY = node()
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
TAINTED = node(taints=["dedicated=db:NoSchedule"])
EXECUTED = node(taints=["dedicated=db:NoExecute"])
SICK = node(ready="False", taints=[f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute"])
SILENT = node(ready="Unknown", taints=[f"{UNREACHABLE}:NoSchedule", f"{UNREACHABLE}:NoExecute"])
SICK_ONLY = node(ready="False")
NEW_NODE = node(ready=None)


def old(name: str = "old", **more: Any) -> Pod:
    return pod(name, hash=OLD_HASH, created=ago(9000), **more)


def new(name: str = "new", **more: Any) -> Pod:
    return pod(name, created=ago(100), **more)


def failed(name: str = "failed", **more: Any) -> Pod:
    return pod(name, phase="Failed", reason="Evicted", **more)


def waiting() -> Pod:
    state = ContainerState(waiting=ContainerStateWaiting(reason="ImagePullBackOff"))
    return new(ready=False, container_statuses=(ContainerStatus(name="agent", state=state),))


def leaving(name: str = "leaving", **more: Any) -> Pod:
    return pod(name, deleting=True, **more)


def stuck(name: str = "stuck", **more: Any) -> Pod:
    return pod(name, deleted=ago(600), **more)


def judged(given: DaemonSet, target: Node | None, pods: list[Pod]) -> NodeVerdict:
    nodes = [target] if target else []
    seen = cluster([given], nodes, pods, revisions=REVISIONS)
    (verdict,) = explain(seen, given).nodes
    return verdict


def codes(verdict: NodeVerdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


# 1. A live pod bound to a node whose Ready is not True: Unready.
NOT_READY_NODES = [
    pytest.param(PLAIN, SICK, [new()], False, ["NodeNotReady"], id="Ready is False"),
    pytest.param(PLAIN, SILENT, [new()], False, ["NodeUnreachable"], id="Ready is Unknown"),
    pytest.param(PLAIN, NEW_NODE, [new()], True, ["NodeUnreachable"], id="Ready is absent"),
    pytest.param(PLAIN, SICK_ONLY, [new()], True, ["NodeNotReady"], id="desired all the same"),
    pytest.param(EVERYWHERE, SICK, [new()], True, ["NodeNotReady"], id="tolerated"),
    pytest.param(
        PLAIN,
        node(ready="False", taints=["a:NoSchedule", f"{NOT_READY}:NoSchedule"]),
        [new()],
        False,
        ["NodeNotReady", "UntoleratedTaint"],
        id="any other mismatch follows",
    ),
    pytest.param(
        PICKY,
        SICK,
        [new()],
        False,
        ["NodeNotReady", "NodeSelectorMismatch"],
        id="so does one of labels",
    ),
    pytest.param(
        PLAIN, SICK_ONLY, [waiting()], True, ["NodeNotReady", "ImagePullBackOff"],
        id="what a kubelet that still reports says of containers follows",
    ),
    pytest.param(
        EVERYWHERE, SILENT, [waiting()], True, ["NodeUnreachable"],
        id="what one said that is silent now does not",
    ),
    pytest.param(PLAIN, NEW_NODE, [waiting()], True, ["NodeUnreachable"], id="nor one unheard of"),
    pytest.param(PLAIN, SICK_ONLY, [old()], True, ["NodeNotReady"], id="before Outdated"),
    pytest.param(
        PLAIN, SICK_ONLY, [new(), failed()], True, ["NodeNotReady"], id="before a failed one"
    ),
]  # fmt: skip

# 2. Not desired, live pod: Misscheduled. update.go (rollingUpdate): with a surge it deletes an old
# pod there if it is not available, or if more pods are available than are wanted.
STRAYS = [
    pytest.param(
        PLAIN,
        TAINTED,
        [new()],
        False,
        ["UntoleratedTaint", "NotReplaceable"],
        id="kept, and not to be replaced",
    ),
    pytest.param(PLAIN, EXECUTED, [new()], False, ["UntoleratedTaint"], id="to be deleted"),
    pytest.param(PICKY, HEALTHY, [new()], False, ["NodeSelectorMismatch"], id="available, though"),
    pytest.param(
        SURGING, TAINTED, [old(ready=False)], False, ["UntoleratedTaint", "NotReplaceable"],
        id="old and not available: a surge deletes it now",
    ),
    pytest.param(
        SURGING, TAINTED, [old()], False, ["UntoleratedTaint", "NotReplaceable"],
        id="old and available, more than are wanted: a surge deletes it now",
    ),
    pytest.param(
        daemon_set(strategy=ON_DELETE), TAINTED, [new()], False, ["UntoleratedTaint"],
        id="kept, OnDelete deletes none",
    ),
    pytest.param(
        DELETING, TAINTED, [old()], False, ["UntoleratedTaint"],
        id="a DaemonSet that is being deleted rolls nothing out",
    ),
    pytest.param(
        TENTH, TAINTED, [old()], False, ["UntoleratedTaint"],
        id="a tenth of no node is none: an available one is spared",
    ),
    pytest.param(
        TENTH, TAINTED, [old(ready=False)], False, ["UntoleratedTaint", "NotReplaceable"],
        id="and one that is not available is not",
    ),
    pytest.param(
        PLAIN,
        node(taints=["a:NoSchedule", "b:NoSchedule", "c:PreferNoSchedule"]),
        [new(ready=False)],
        False,
        ["UntoleratedTaint", "UntoleratedTaint", "NotReplaceable"],
        id="each taint, and not ready",
    ),
    pytest.param(
        PICKY, HEALTHY, [new(bound=False)], False, ["NodeSelectorMismatch"], id="not bound"
    ),
    pytest.param(
        PLAIN,
        SICK,
        [new(bound=False)],
        False,
        ["UntoleratedTaint", "NotReplaceable"],
        id="not bound, for a node that is not ready",
    ),
    pytest.param(
        PICKY, HEALTHY, [new(), failed()], False, ["NodeSelectorMismatch"], id="before Failed"
    ),
]  # fmt: skip

# 3. Desired, available pod of the current revision: Available; 4. of an older one: Outdated.
AVAILABLE = [
    pytest.param(PLAIN, HEALTHY, [new()], id="one pod"),
    pytest.param(SLOW, HEALTHY, [new(ready_for=60)], id="ready for long enough"),
    pytest.param(PLAIN, node(unschedulable=True), [new()], id="cordoned"),
    pytest.param(SURGING, HEALTHY, [old(), new()], id="the old pod of a surge still beside it"),
    pytest.param(PLAIN, HEALTHY, [new(), new("other", ready=False)], id="one of two"),
    pytest.param(PLAIN, HEALTHY, [old(ready=False), new()], id="the best, not the oldest"),
    pytest.param(PLAIN, HEALTHY, [new(), new("other", bound=False)], id="an unbound one beside"),
    pytest.param(PLAIN, HEALTHY, [failed(), new()], id="before Failed"),
    pytest.param(PLAIN, HEALTHY, [leaving(), new()], id="before Terminating"),
]
OUTDATED = [
    pytest.param(PLAIN, [old()], id="one pod"),
    pytest.param(SURGING, [old(), new(ready=False)], id="the new pod of a surge is not ready"),
    pytest.param(SURGING, [old(), new(bound=False)], id="the new pod of a surge is not bound"),
    pytest.param(
        daemon_set(strategy=rolling_update(0, 1), min_ready_seconds=600),
        [old(), new(ready_for=599)],
        id="the new pod of a surge is not available yet",
    ),
    pytest.param(daemon_set(strategy=ON_DELETE), [old()], id="OnDelete"),
    pytest.param(PLAIN, [old(), failed()], id="before Failed"),
    pytest.param(PLAIN, [old(), leaving()], id="before Terminating"),
]

# 5. Bound live pod: Unready; 6. unbound live pod: Pending.
UNREADY = [
    pytest.param(PLAIN, [new(ready=False)], ["ContainerCreating"], id="not ready"),
    pytest.param(SLOW, [new(ready_for=59)], ["MinReadySeconds"], id="ready, not for long"),
    pytest.param(PLAIN, [old(ready=False)], ["ContainerCreating"], id="old, and not ready"),
    pytest.param(PLAIN, [new(phase="Pending")], ["ContainerCreating"], id="starting"),
    pytest.param(
        PLAIN, [new(phase="Unknown", ready=False)], ["ContainerCreating"], id="phase Unknown"
    ),
    pytest.param(
        PLAIN, [new(bound=False), new("bound", ready=False)], ["ContainerCreating"],
        id="before Pending",
    ),
    pytest.param(
        PLAIN, [failed(), new(ready=False)], ["ContainerCreating"], id="before Failed"
    ),
]  # fmt: skip
PENDING = [
    pytest.param(PLAIN, HEALTHY, [new(bound=False)], id="one pod"),
    pytest.param(PLAIN, HEALTHY, [failed(), new(bound=False)], id="before Failed"),
    pytest.param(SURGING, HEALTHY, [leaving(), new(bound=False)], id="before Terminating"),
    pytest.param(EVERYWHERE, HEALTHY, [new(bound=False)], id="of a DaemonSet for every node"),
]

# 7. Failed or Succeeded pod: Failed; 8. only terminating pods: Terminating. Where none is desired
# the Excluded codes follow their own.
FAILED = [
    pytest.param(PLAIN, HEALTHY, [failed()], True, ["Evicted"], id="desired"),
    pytest.param(
        PLAIN, HEALTHY, [pod(phase="Succeeded")], True, ["PodFailed"], id="Succeeded counts as such"
    ),
    pytest.param(
        PLAIN, TAINTED, [failed()], False, ["Evicted", "UntoleratedTaint"], id="not desired"
    ),
    pytest.param(PLAIN, SICK, [failed()], False, ["Evicted", "NodeNotReady"], id="node not ready"),
    pytest.param(PLAIN, HEALTHY, [failed(), leaving()], True, ["Evicted"], id="before Terminating"),
    pytest.param(SURGING, HEALTHY, [failed(), leaving()], True, ["Evicted"], id="before Missing"),
]
WAITS, STUCK = "ReplacementWaitsForTermination", "StuckTerminating"
TERMINATING = [
    pytest.param(PLAIN, HEALTHY, [leaving()], True, [WAITS], id="desired"),
    pytest.param(PLAIN, HEALTHY, [stuck()], True, [STUCK, WAITS], id="overdue"),
    pytest.param(PLAIN, TAINTED, [leaving()], False, ["UntoleratedTaint"], id="not desired"),
    pytest.param(
        PLAIN, TAINTED, [stuck()], False, [STUCK, "UntoleratedTaint"], id="overdue, not desired"
    ),
    pytest.param(
        PICKY, HEALTHY, [stuck()], False, [STUCK, "NodeSelectorMismatch"],
        id="overdue, not desired by its labels",
    ),
    pytest.param(
        PLAIN, SICK, [stuck()], False, [STUCK, "NodeNotReady"], id="overdue, node not ready"
    ),
    pytest.param(
        SURGING, TAINTED, [leaving()], False, ["UntoleratedTaint"], id="surge, but not desired"
    ),
    pytest.param(DELETING, HEALTHY, [leaving()], True, ["DaemonSetDeleting"], id="all must go"),
    pytest.param(
        DELETING, HEALTHY, [stuck()], True, ["DaemonSetDeleting", STUCK], id="all must go, overdue"
    ),
]  # fmt: skip

# 9. None: Missing if desired, else Excluded. A surge does not wait for terminating pods; pods at
# their end that are being deleted are none (getNodesToDaemonPods).
MISSING = [
    pytest.param(PLAIN, [], ["Unknown"], id="no pod"),
    pytest.param(SURGING, [leaving()], ["Unknown"], id="surge, only terminating"),
    pytest.param(PLAIN, [failed(deleting=True)], ["Unknown"], id="a failed pod that is deleted"),
    pytest.param(DELETING, [], ["DaemonSetDeleting"], id="deleting"),
    pytest.param(
        DELETING_SURGE, [leaving()], ["DaemonSetDeleting"], id="deleting, surge, only terminating"
    ),
]
EXCLUDED = [
    pytest.param(PLAIN, TAINTED, ["UntoleratedTaint"], id="taint"),
    pytest.param(PICKY, HEALTHY, ["NodeSelectorMismatch"], id="label"),
    pytest.param(
        PICKY, TAINTED, ["NodeSelectorMismatch", "UntoleratedTaint"], id="label and taint"
    ),
    pytest.param(PLAIN, SICK, ["NodeNotReady"], id="only Kubernetes' own taint"),
    pytest.param(PLAIN, SILENT, ["NodeUnreachable"], id="the other one"),
    pytest.param(
        PLAIN,
        node(ready="True", taints=[f"{NOT_READY}:NoSchedule"]),
        ["NodeNotReady"],
        id="the taint decides, not the condition",
    ),
    pytest.param(
        PLAIN,
        node(ready="False", taints=[f"{NOT_READY}:NoSchedule", "a:NoSchedule"]),
        ["UntoleratedTaint", "UntoleratedTaint"],
        id="mixed with another",
    ),
    pytest.param(
        PLAIN,
        node(ready="False", taints=[f"{NOT_READY}:NoSchedule", "a:PreferNoSchedule"]),
        ["NodeNotReady"],
        id="beside one that excludes nothing",
    ),
    pytest.param(
        PICKY, SICK, ["NodeSelectorMismatch", "NodeNotReady"], id="label and node not ready"
    ),
]


@pytest.mark.parametrize(("given", "target", "pods", "desired", "expected"), NOT_READY_NODES)
def test_a_node_that_is_not_ready(
    given: DaemonSet, target: Node, pods: list[Pod], desired: bool, expected: list[str]
) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, verdict.desired) == (State.UNREADY, desired)
    containers = {"ContainerCreating", "NotReady"}
    assert [code for code in codes(verdict) if code not in containers] == expected


@pytest.mark.parametrize(("given", "target", "pods", "desired", "expected"), STRAYS)
def test_misscheduled(
    given: DaemonSet, target: Node, pods: list[Pod], desired: bool, expected: list[str]
) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, verdict.desired) == (State.MISSCHEDULED, desired)
    assert codes(verdict) == expected


@pytest.mark.parametrize(("given", "target", "pods"), AVAILABLE)
def test_available(given: DaemonSet, target: Node, pods: list[Pod]) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, verdict.desired, verdict.reasons) == (State.AVAILABLE, True, ())


@pytest.mark.parametrize(("given", "pods"), OUTDATED)
def test_outdated(given: DaemonSet, pods: list[Pod]) -> None:
    verdict = judged(given, HEALTHY, pods)
    assert (verdict.state, verdict.desired) == (State.OUTDATED, True)
    assert verdict.reasons


@pytest.mark.parametrize(("given", "pods", "expected"), UNREADY)
def test_unready(given: DaemonSet, pods: list[Pod], expected: list[str]) -> None:
    verdict = judged(given, HEALTHY, pods)
    assert (verdict.state, codes(verdict)) == (State.UNREADY, expected)


@pytest.mark.parametrize(("given", "target", "pods"), PENDING)
def test_pending(given: DaemonSet, target: Node, pods: list[Pod]) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, codes(verdict)) == (State.PENDING, ["AwaitingScheduler"])


@pytest.mark.parametrize(("given", "target", "pods", "desired", "expected"), FAILED)
def test_failed(
    given: DaemonSet, target: Node, pods: list[Pod], desired: bool, expected: list[str]
) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, verdict.desired) == (State.FAILED, desired)
    assert codes(verdict) == expected


@pytest.mark.parametrize(("given", "target", "pods", "desired", "expected"), TERMINATING)
def test_terminating(
    given: DaemonSet, target: Node, pods: list[Pod], desired: bool, expected: list[str]
) -> None:
    verdict = judged(given, target, pods)
    assert (verdict.state, verdict.desired) == (State.TERMINATING, desired)
    assert codes(verdict) == expected


@pytest.mark.parametrize(("given", "pods", "expected"), MISSING)
def test_missing(given: DaemonSet, pods: list[Pod], expected: list[str]) -> None:
    verdict = judged(given, HEALTHY, pods)
    assert (verdict.state, verdict.desired, codes(verdict)) == (State.MISSING, True, expected)


@pytest.mark.parametrize(("given", "target", "expected"), EXCLUDED)
def test_excluded(given: DaemonSet, target: Node, expected: list[str]) -> None:
    verdict = judged(given, target, [])
    assert (verdict.state, verdict.desired, codes(verdict)) == (State.EXCLUDED, False, expected)


# A node that pods still name but that no longer exists gets a row, and is not desired.
GONE = [
    pytest.param([new()], State.UNREADY, ["NodeUnreachable"], id="bound"),
    pytest.param([new(bound=False)], State.MISSCHEDULED, ["TargetNodeMissing"], id="not bound"),
    pytest.param([failed()], State.FAILED, ["Evicted", "NodeUnreachable"], id="failed"),
    pytest.param(
        [stuck()], State.TERMINATING, [STUCK, "NodeUnreachable"], id="terminating, overdue"
    ),
    pytest.param([leaving()], State.TERMINATING, ["NodeUnreachable"], id="terminating"),
]


@pytest.mark.parametrize("given", [PLAIN, SURGING], ids=["no surge", "surge"])
@pytest.mark.parametrize(("pods", "state", "expected"), GONE)
def test_a_node_that_is_gone(
    given: DaemonSet, pods: list[Pod], state: State, expected: list[str]
) -> None:
    seen = cluster([given], [node("b")], pods, revisions=REVISIONS)
    verdict = next(item for item in explain(seen, given).nodes if item.node == "a")
    assert (verdict.state, verdict.desired, verdict.keeps) == (state, False, False)
    assert codes(verdict) == expected
    assert not verdict.health.exists


def test_nodes_are_judged_by_name() -> None:
    seen = cluster([PLAIN], [node("c"), node("a")], [new("x", target="b")], revisions=REVISIONS)
    assert [verdict.node for verdict in explain(seen, PLAIN).nodes] == ["a", "b", "c"]


def test_a_node_that_no_pod_names_any_more_has_no_row() -> None:
    ended = failed(deleting=True)
    answer = explain(cluster([PLAIN], [node("b")], [ended], revisions=REVISIONS), PLAIN)
    assert [verdict.node for verdict in answer.nodes] == ["b"]


# Of several live pods the best one counts, and a finding tells of the rest.
def test_the_rest_of_several_pods_is_told() -> None:
    twins = [new(ready=False), old()]
    answer = explain(cluster([PLAIN], [HEALTHY], twins, revisions=REVISIONS), PLAIN)
    assert [verdict.state for verdict in answer.nodes] == [State.OUTDATED]
    assert [finding.code for finding in answer.findings] == ["DuplicatePods"]
    facts: Any = answer.findings[0].facts
    assert (facts.node, facts.pods) == ("a", ("old", "new"))


def test_the_health_of_a_node_that_reports_is_reported() -> None:
    assert judged(PLAIN, SICK, [new()]).reasons[0].source is Source.REPORTED
    assert judged(PLAIN, SICK, []).reasons[0].source is Source.COMPUTED


# update.go (rollingUpdate without a surge) never asks whether the node is wanted: what it finds
# old goes now, what is new goes with the next rollout.
@pytest.mark.parametrize(
    ("given", "due"),
    [pytest.param(old(), True, id="old"), pytest.param(new(), False, id="new")],
)
def test_a_stray_pod_is_not_replaced(given: Pod, due: bool) -> None:
    verdict = judged(PLAIN, TAINTED, [given])
    facts: Any = verdict.reasons[-1].facts
    assert verdict.reasons[-1].source is Source.PREDICTED
    assert (facts.pod, facts.due) == (given.name, due)


# contract: what is a gap.
GAPS = [
    (State.AVAILABLE, False),
    (State.EXCLUDED, False),
    (State.MISSING, True),
    (State.PENDING, True),
    (State.UNREADY, True),
    (State.FAILED, True),
    (State.TERMINATING, True),
    (State.MISSCHEDULED, True),
    (State.OUTDATED, True),
]


@pytest.mark.parametrize(("state", "gap"), [pytest.param(*row, id=row[0].value) for row in GAPS])
def test_gaps(state: State, gap: bool) -> None:
    assert is_gap(state, "RollingUpdate") is gap
    assert is_gap(state, "OnDelete") is (gap and state is not State.OUTDATED)


def test_an_old_pod_under_on_delete_is_no_gap() -> None:
    for given, names in ((PLAIN, ["a"]), (daemon_set(strategy=ON_DELETE), [])):
        answer = explain(cluster([given], [HEALTHY], [old()], revisions=REVISIONS), given)
        assert [verdict.node for verdict in gaps(answer)] == names


def test_all_states_are_tried() -> None:
    assert {state for state, _ in GAPS} == set(State)
