"""J01 to J07: where pods are wanted, and where they are kept."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.words.course import rollout_text
from tests.checklist.asked import (
    EVERYTHING,
    ROLLED,
    affine,
    codes,
    expression,
    findings,
    first,
    judged,
    on,
    said,
)
from tests.core.make import OLD_HASH, daemon_set, node, pod, rolling_update, template
from tests.core.make_waiting import asking, pending

SICK = [
    pytest.param("False", "node.kubernetes.io/not-ready", "NodeNotReady", id="not ready"),
    pytest.param("Unknown", "node.kubernetes.io/unreachable", "NodeUnreachable", id="unreachable"),
]


def sick_node(status: str, key: str) -> Node:
    return node("sick", ready=status, taints=[f"{key}:NoSchedule", f"{key}:NoExecute"])


def half_rolled(sick: Node, tolerations: list[dict[str, str]]) -> Explanation:
    """Two nodes with an old pod and a sick one with a new pod; maxUnavailable is 34%."""
    given = daemon_set(
        strategy=rolling_update("34%"), pod_template=template(tolerations=tolerations)
    )
    pods = [
        pod("old-0", "n0", hash=OLD_HASH),
        pod("old-1", "n1", hash=OLD_HASH),
        pod("new", "sick", ready=False),
    ]
    return judged(given, [node("n0"), node("n1"), sick], pods, revisions=ROLLED)


@pytest.mark.parametrize(("status", "key", "code"), SICK)
def test_j01_a_node_that_is_not_ready_is_not_desired_and_takes_of_the_budget(
    status: str, key: str, code: str
) -> None:
    found = half_rolled(sick_node(status, key), [])
    verdict = on(found, "sick")
    assert (verdict.desired, verdict.keeps) == (False, True)
    assert first(found, "sick") == (State.UNREADY, code)
    assert (found.summary.nodes, found.summary.desired, found.summary.misscheduled) == (3, 2, 1)
    assert (found.summary.current, found.summary.updated) == (2, 0)
    assert found.rollout.max_unavailable == 1  # 34% of 2; of all 3 it were 2
    assert (found.rollout.unavailable, found.rollout.can_replace_now) == (1, 0)
    assert [blocker.node for blocker in found.rollout.blockers] == ["sick"]
    assert first(found, "n0") == (State.OUTDATED, "WaitingForBudget")
    assert "sick, counted though no pod is wanted there: node is" in rollout_text(found)


@pytest.mark.parametrize(("status", "key", "code"), SICK)
def test_j01_a_node_that_is_not_ready_and_has_no_pod_lacks_none(
    status: str, key: str, code: str
) -> None:
    found = judged(daemon_set(), [sick_node(status, key)])
    assert first(found, "sick") == (State.EXCLUDED, code)
    assert found.summary == replace(found.summary, desired=0, misscheduled=0)


@pytest.mark.parametrize(("status", "key", "code"), SICK)
def test_j02_a_node_that_is_not_ready_is_desired_where_everything_is_tolerated(
    status: str, key: str, code: str
) -> None:
    found = half_rolled(sick_node(status, key), EVERYTHING)
    assert on(found, "sick").desired
    assert first(found, "sick") == (State.UNREADY, code)
    assert (found.summary.desired, found.summary.misscheduled) == (3, 0)
    assert (found.summary.current, found.summary.updated) == (3, 1)
    assert found.rollout.max_unavailable == 2
    assert (found.rollout.unavailable, found.rollout.can_replace_now) == (1, 1)
    without = judged(
        daemon_set(pod_template=template(tolerations=EVERYTHING)), [sick_node(status, key)]
    )
    assert on(without, "sick").state is State.MISSING


UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
CORDONED = [
    pytest.param([], State.MISSING, id="no pod"),
    pytest.param([pod("agent-n0", "n0")], State.AVAILABLE, id="a pod"),
    pytest.param(
        [pod("agent-n0", "n0", hash=OLD_HASH)], State.OUTDATED, id="a pod of an older revision"
    ),
    pytest.param(
        [
            pending(
                "n0",
                "0/1 nodes are available: 1 Insufficient cpu.",
                tolerations=[{"key": UNSCHEDULABLE, "operator": "Exists", "effect": "NoSchedule"}],
                **asking({"cpu": "5"}),
            )
        ],
        State.PENDING,
        id="a pod that waits",
    ),
]


@pytest.mark.parametrize(("pods", "state"), CORDONED)
def test_j03_a_cordon_changes_nothing(pods: list[Pod], state: State) -> None:
    cordoned = node("n0", unschedulable=True, taints=[f"{UNSCHEDULABLE}:NoSchedule"])
    found, open_ = (
        judged(daemon_set(), [it], pods, revisions=ROLLED) for it in (cordoned, node("n0"))
    )
    assert on(found, "n0").desired
    assert on(found, "n0").state is state
    assert codes(found, "n0") == codes(open_, "n0")
    assert (found.summary, found.rollout) == (open_.summary, open_.rollout)


LATE = node("late", taints=["dedicated=db:NoSchedule"])


def test_j04_a_taint_that_came_later_keeps_the_pod_until_a_rollout_removes_it_for_good() -> None:
    pods = [pod("old-0", "n0", hash=OLD_HASH), pod("old-late", "late", hash=OLD_HASH)]
    found = judged(daemon_set(), [node("n0"), LATE], pods, revisions=ROLLED)
    verdict = on(found, "late")
    assert (verdict.state, verdict.desired, verdict.keeps) == (State.MISSCHEDULED, False, True)
    assert codes(found, "late") == ["UntoleratedTaint", "NotReplaceable"]
    assert "the rollout removes the pod and creates no replacement" in said(found, "late")
    assert (found.summary.desired, found.summary.misscheduled) == (1, 1)
    assert (found.rollout.candidates, found.rollout.can_replace_now) == (2, 1)


def test_j04_a_taint_that_came_later_and_a_pod_of_the_current_revision() -> None:
    found = judged(daemon_set(), [LATE], [pod("agent-late", "late")])
    assert on(found, "late").state is State.MISSCHEDULED
    assert "the pod keeps running; the next rollout removes it" in said(found, "late")


def test_j04_a_taint_that_came_later_and_no_pod() -> None:
    assert first(judged(daemon_set(), [LATE]), "late") == (State.EXCLUDED, "UntoleratedTaint")


FOR_A_MINUTE = {
    "key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoExecute",
    "tolerationSeconds": 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("pods", "state"),
    [([], State.MISSING), ([pod("agent-n0", "n0")], State.AVAILABLE)],
    ids=["evicted", "created anew"],
)
def test_j05_a_taint_tolerated_for_a_minute_is_tolerated_and_evicts_again_and_again(
    pods: list[Pod], state: State
) -> None:
    given = daemon_set(pod_template=template(tolerations=[FOR_A_MINUTE]))
    found = judged(given, [node("n0", taints=["dedicated=gpu:NoExecute"])], pods)
    assert (on(found, "n0").desired, on(found, "n0").state) == (True, state)
    told = findings(found)["EvictionLoop"]
    assert "taint dedicated=gpu:NoExecute on n0 is tolerated for 60s only" in told
    assert "without end" in told


@pytest.mark.parametrize(
    ("key", "looping"),
    [("dedicated", True), ("node.kubernetes.io/not-ready", False)],
    ids=["a taint of ours", "one that the controller tolerates for ever itself"],
)
def test_j05_only_the_template_s_own_tolerations_end(key: str, looping: bool) -> None:
    own = [{"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}]
    given = daemon_set(pod_template=template(tolerations=own))
    found = judged(given, [node("n0", taints=[f"{key}:NoExecute"])], [pod("agent-n0", "n0")])
    assert ("EvictionLoop" in findings(found)) is looping


@pytest.mark.parametrize("host_network", [False, True])
def test_j06_a_network_that_is_unavailable_matters_to_pods_off_the_host_network(
    host_network: bool,
) -> None:
    given = daemon_set(pod_template=template(hostNetwork=host_network))
    dark = node("n0", taints=["node.kubernetes.io/network-unavailable:NoSchedule"])
    verdict = on(judged(given, [dark], [pod("agent-n0", "n0")]), "n0")
    assert (verdict.desired, verdict.keeps) == (host_network, True)
    assert verdict.state is (State.AVAILABLE if host_network else State.MISSCHEDULED)
    bare = judged(given, [dark])
    assert on(bare, "n0").state is (State.MISSING if host_network else State.EXCLUDED)


SELECTED = [
    pytest.param(affine([expression("k", "NotIn", "x")]), {}, True, id="NotIn, no label"),
    pytest.param(affine([expression("k", "NotIn", "x")]), {"k": "x"}, False, id="NotIn, the value"),
    pytest.param({"nodeSelector": {"k": ""}}, {}, False, id='"" and no label'),
    pytest.param({"nodeSelector": {"k": ""}}, {"k": ""}, True, id='"" and an empty label'),
    pytest.param({"nodeSelector": {"k": ""}}, {"k": "v"}, False, id='"" and a value'),
    pytest.param(affine(()), {}, False, id="an empty term matches nothing"),
    pytest.param(
        affine((), [expression("k", "Exists")]), {"k": "v"}, True, id="an empty term is skipped"
    ),
    pytest.param(affine(), {}, False, id="no terms at all match nothing"),
    pytest.param(affine([expression("k", "Gt", "5")]), {"k": "6"}, True, id="Gt, greater"),
    pytest.param(affine([expression("k", "Gt", "5")]), {"k": "5"}, False, id="Gt, equal"),
    pytest.param(affine([expression("k", "Gt", "5")]), {"k": "six"}, False, id="Gt, no integer"),
    pytest.param(affine([expression("k", "Gt", "-1")]), {"k": "5"}, False, id="Gt -1, no label value"),
    pytest.param(
        affine([expression("k", "Gt", "-1")], [expression("k", "Exists")]), {"k": "5"}, True,
        id="Gt -1 spoils its own term only",
    ),
    pytest.param(affine([expression("k", "Lt", "5")]), {"k": "1_000"}, False, id="Lt, underscore"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "labels", "matches"), SELECTED)
def test_j07_selectors_at_their_edges(
    fields: dict[str, Any], labels: dict[str, str], matches: bool
) -> None:
    given = daemon_set(pod_template=template(**fields))
    found = judged(given, [node("n0", labels=labels)])
    code = "NodeSelectorMismatch" if "nodeSelector" in fields else "NodeAffinityMismatch"
    assert on(found, "n0").desired is matches
    assert (on(found, "n0").state is State.MISSING) is matches
    assert matches or codes(found, "n0") == [code]
