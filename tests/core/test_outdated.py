"""Why an available pod of an older revision is still there."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import ContainerState, ContainerStateWaiting, ContainerStatus, Pod
from kubectl_ds.core.reasons import ROWS, Source, State
from kubectl_ds.core.verdict import Explanation, NodeVerdict
from tests.core.make import (
    HASH,
    NOW,
    OLD_HASH,
    ON_DELETE,
    ago,
    cluster,
    daemon_set,
    event,
    namespace,
    node,
    pod,
    quota,
    revision,
    rolling_update,
)

REVISIONS = revision(1, OLD_HASH), revision(2, HASH)


def old(target: str, **more: Any) -> Pod:
    return pod(f"old-{target}", target, hash=OLD_HASH, created=ago(9000), **more)


def new(target: str, **more: Any) -> Pod:
    return pod(f"new-{target}", target, created=ago(100), **more)


def judged(given: DaemonSet, nodes: str | list[Node], pods: list[Pod], **more: Any) -> Explanation:
    """The answer on a DaemonSet in the middle of a rollout; nodes by their one-letter names."""
    named = [node(name) for name in nodes] if isinstance(nodes, str) else nodes
    return explain(cluster([given], named, pods, revisions=REVISIONS, **more), given)


def on(explanation: Explanation, name: str) -> NodeVerdict:
    return next(verdict for verdict in explanation.nodes if verdict.node == name)


def codes(verdict: NodeVerdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


ROLLING = daemon_set(strategy=rolling_update(1))
TWO = daemon_set(strategy=rolling_update(2))
HALF = daemon_set(strategy=rolling_update("50%"))
SURGING = daemon_set(strategy=rolling_update(0, 1))
QUICK = daemon_set(strategy=rolling_update(0, 2))
DELETING = daemon_set(strategy=rolling_update(1), deleted=NOW, generation=2, observed=1)
BEHIND = daemon_set(strategy=rolling_update(1), generation=2, observed=1)
WAITING = daemon_set(strategy=rolling_update(1), min_ready_seconds=60)
WAITING_LONG = daemon_set(strategy=rolling_update(0, 1), min_ready_seconds=600)

# update.go (rollingUpdate), maxSurge 0: what counts against maxUnavailable, by map entry.
BUDGET = [
    pytest.param(ROLLING, "a", [old("a")], "NextInLine", id="nothing else goes on"),
    pytest.param(ROLLING, "ab", [old("a"), new("b")], "NextInLine", id="the others are done"),
    pytest.param(ROLLING, "ab", [old("a"), old("b")], "NextInLine", id="one of two is next"),
    pytest.param(
        ROLLING, "ab", [old("a"), new("b", ready=False)], "WaitingForBudget", id="new, not ready"
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), new("b", bound=False)], "WaitingForBudget", id="new, not bound"
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", ready=False)], "WaitingForBudget", id="old, not ready"
    ),
    pytest.param(ROLLING, "ab", [old("a")], "WaitingForBudget", id="no pod"),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", deleting=True)], "WaitingForBudget", id="terminating"
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), new("b", phase="Failed")], "WaitingForBudget", id="failed"
    ),
    pytest.param(
        WAITING,
        "ab",
        [old("a"), new("b", ready_for=59)],
        "WaitingForBudget",
        id="ready, not available",
    ),
    pytest.param(
        WAITING, "ab", [old("a"), new("b", ready_for=60)], "NextInLine", id="available just now"
    ),
    pytest.param(
        TWO, "abc", [old("a"), new("b", ready=False), new("c")], "NextInLine", id="one of two used"
    ),
    pytest.param(
        TWO, "abc", [old("a"), new("b", ready=False)], "WaitingForBudget", id="two of two used"
    ),
    pytest.param(
        HALF,
        "abc",
        [old("a"), new("b", ready=False), new("c")],
        "NextInLine",
        id="half of three is two",
    ),
    pytest.param(
        ROLLING,
        [node("a"), node("b", taints=["k:NoSchedule"])],
        [old("a"), new("b", ready=False)],
        "WaitingForBudget",
        id="a pod that is not wanted counts, too",
    ),
    pytest.param(
        ROLLING,
        [node("a"), node("b", taints=["k:NoSchedule"])],
        [old("a")],
        "NextInLine",
        id="a node that is excluded does not",
    ),
    pytest.param(
        ROLLING,
        "a",
        [old("a"), new("gone", deleting=True)],
        "WaitingForBudget",
        id="a terminating pod of a node that is gone counts",
    ),
]

# The same with maxSurge: what counts are pairs of an old pod and a new one not available yet.
SURGE_BUDGET = [
    pytest.param(SURGING, "a", [old("a")], "NextInLine", id="nothing else goes on"),
    pytest.param(
        SURGING,
        "ab",
        [old("a"), old("b"), new("b", ready=False)],
        "WaitingForSurgeBudget",
        id="another node surges",
    ),
    pytest.param(
        QUICK,
        "ab",
        [old("a"), old("b"), new("b", ready=False)],
        "NextInLine",
        id="another node surges, of two that may",
    ),
    pytest.param(
        SURGING, "ab", [old("a"), old("b"), new("b")], "NextInLine", id="the new pod is available"
    ),
    pytest.param(
        SURGING, "ab", [old("a"), new("b", ready=False)], "NextInLine", id="no old pod beside it"
    ),
    pytest.param(SURGING, "ab", [old("a")], "NextInLine", id="a node without a pod"),
    pytest.param(
        SURGING,
        "ab",
        [old("a"), new("b", ready=False), new("b", bound=False)],
        "WaitingForSurgeBudget",
        id="two new pods of one node",
    ),
]


@pytest.mark.parametrize(("given", "nodes", "pods", "code"), [*BUDGET, *SURGE_BUDGET])
def test_the_budget(given: DaemonSet, nodes: Any, pods: list[Pod], code: str) -> None:
    verdict = on(judged(given, nodes, pods), "a")
    assert verdict.state is State.OUTDATED
    assert codes(verdict) == [code]
    assert verdict.reasons[0].source is Source.COMPUTED


def test_the_budget_names_who_uses_it_and_why() -> None:
    pods = [old("a"), new("b", bound=False), new("c", phase="Failed"), old("d", deleting=True)]
    facts: Any = on(judged(TWO, "abcde", pods), "a").reasons[0].facts
    assert (facts.limit, facts.used, facts.pod) == (2, 4, "old-a")
    assert [(item.node, item.state, item.code) for item in facts.blockers] == [
        ("b", "Pending", "AwaitingScheduler"),
        ("c", "Failed", "PodFailed"),
        ("d", "Terminating", "ReplacementWaitsForTermination"),
    ]
    rollout = judged(TWO, "abcde", pods).rollout
    assert [item.node for item in rollout.blockers] == ["b", "c", "d", "e"]


def test_a_surging_node_is_named_with_its_own_reason() -> None:
    pods = [old("a"), old("b"), new("b", bound=False)]
    explanation = judged(SURGING, "ab", pods)
    facts: Any = on(explanation, "a").reasons[0].facts
    assert [(item.node, item.state, item.code) for item in facts.blockers] == [
        ("b", "Outdated", "SurgePodPending")
    ]


# rollingUpdate with a surge looks up the node of every old pod, and fails as a whole where there
# is none any more.
GONE = [
    pytest.param([old("gone")], ["gone"], id="an old pod"),
    pytest.param([old("gone", ready=False)], ["gone"], id="an old pod that is not available"),
    pytest.param([new("gone")], [], id="a new pod"),
    pytest.param([old("gone", deleting=True)], [], id="a terminating pod"),
    pytest.param([old("gone"), new("gone")], [], id="a pair"),
]


@pytest.mark.parametrize(("pods", "named"), GONE)
def test_a_pod_of_a_node_that_is_gone_stalls_a_surge(pods: list[Pod], named: list[str]) -> None:
    verdict = on(judged(SURGING, "a", [old("a"), *pods]), "a")
    assert codes(verdict) == ["WaitingForSurgeBudget" if named else "NextInLine"]
    facts: Any = verdict.reasons[0].facts
    assert list(facts.stalled_by) == named


def test_a_pod_of_a_node_that_is_gone_stalls_nothing_else() -> None:
    """Without a surge no node is looked up: the stray is one more pod to delete."""
    verdict = on(judged(ROLLING, "a", [old("a"), old("gone")]), "a")
    assert codes(verdict) == ["NextInLine"]


# contract: the codes of a surge; update.go (rollingUpdate), maxSurge > 0.
UNBOUND = Condition(type="PodScheduled", status="False", reason="Unschedulable", message="no room")
SURGE = [
    pytest.param(SURGING, new("a", bound=False, conditions=(UNBOUND,)), "SurgePodPending", "no room",
                 id="not bound"),
    pytest.param(SURGING, new("a", bound=False), "SurgePodPending", "", id="not looked at"),
    pytest.param(SURGING, new("a", ready=False), "SurgePodNotReady", "", id="not ready"),
    pytest.param(
        SURGING,
        new(
            "a",
            ready=False,
            container_statuses=(
                ContainerStatus(
                    name="c",
                    state=ContainerState(
                        waiting=ContainerStateWaiting(reason="ErrImagePull", message="no such tag")
                    ),
                ),
            ),
        ),
        "SurgePodNotReady",
        "no such tag",
        id="not ready, the kubelet says why",
    ),
    pytest.param(
        SURGING,
        new(
            "a",
            ready=False,
            container_statuses=(
                ContainerStatus(
                    name="c",
                    state=ContainerState(
                        waiting=ContainerStateWaiting(reason="ErrImagePull", message="no such tag")
                    ),
                ),
                ContainerStatus(
                    name="d",
                    state=ContainerState(waiting=ContainerStateWaiting(reason="PodInitializing")),
                ),
                ContainerStatus(name="e"),
            ),
        ),
        "SurgePodNotReady",
        "no such tag",
        id="not ready, of several containers",
    ),
    pytest.param(
        WAITING_LONG, new("a", ready_for=599), "SurgePodMinReady", "", id="ready, not for long"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "surging", "code", "message"), SURGE)
def test_a_surge_on_the_node_itself(
    given: DaemonSet, surging: Pod, code: str, message: str
) -> None:
    verdict = on(judged(given, "a", [old("a"), surging]), "a")
    assert verdict.state is State.OUTDATED
    assert codes(verdict) == [code]
    facts: Any = verdict.reasons[0].facts
    assert (facts.pod, facts.message) == (surging.name, message)


def test_there_is_no_surge_without_a_surge_strategy() -> None:
    """A second pod is one too many then, which counts against maxUnavailable."""
    verdict = on(judged(ROLLING, "a", [old("a"), new("a", bound=False)]), "a")
    assert verdict.state is State.OUTDATED
    assert codes(verdict) == ["WaitingForBudget"]


# update.go (rollingUpdate runs only after manage() without an error): one failed create anywhere
# stops the rollout everywhere.
REFUSED = event("FailedCreate", 'Error creating: admission webhook "w" denied the request: no')


def test_a_failed_create_elsewhere_blocks_the_rollout() -> None:
    explanation = judged(TWO, "abcd", [old("a"), new("b"), old("c")], events=[REFUSED])
    (reason,) = on(explanation, "a").reasons
    assert (reason.code, reason.source) == ("BlockedByCreateFailure", Source.REPORTED)
    facts: Any = reason.facts
    assert (facts.code, facts.nodes) == ("WebhookDenied", 1)
    assert "denied" in facts.message


def test_it_also_uses_up_the_budget() -> None:
    explanation = judged(ROLLING, "ab", [old("a")], events=[REFUSED])
    assert set(codes(on(explanation, "a"))) == {"BlockedByCreateFailure", "WaitingForBudget"}
    assert codes(on(explanation, "a"))[0] == "BlockedByCreateFailure"


def test_a_predicted_refusal_blocks_as_a_prediction() -> None:
    full = quota({"pods": "1"}, {"pods": "1"})
    explanation = judged(TWO, "ab", [old("a")], quotas=[full])
    (reason,) = on(explanation, "a").reasons
    assert (reason.code, reason.source) == ("BlockedByCreateFailure", Source.PREDICTED)


NOT_BLOCKED = [
    pytest.param("a", [REFUSED], id="no node lacks a pod"),
    pytest.param("ab", [], id="no create failed"),
    pytest.param(
        "ab",
        [REFUSED, event("SuccessfulCreate", "Created pod: agent-b", seconds_ago=1)],
        id="a pod was created since",
    ),
]


@pytest.mark.parametrize(("nodes", "events"), NOT_BLOCKED)
def test_what_does_not_block_it(nodes: str, events: list[Any]) -> None:
    explanation = judged(TWO, nodes, [old("a")], events=events)
    assert codes(on(explanation, "a")) == ["NextInLine"]


# update.go: OnDelete deletes nothing; daemon_controller.go (syncDaemonSet): what stops all.
STOPPED = [
    pytest.param(daemon_set(strategy=ON_DELETE), {}, ["OnDelete"], id="OnDelete"),
    pytest.param(BEHIND, {}, ["ControllerLagging"], id="lagging"),
    pytest.param(DELETING, {}, ["DaemonSetDeleting"], id="deleting"),
    pytest.param(
        daemon_set(strategy=ON_DELETE, generation=2, observed=1),
        {},
        ["ControllerLagging", "OnDelete"],
        id="OnDelete, and lagging",
    ),
]


@pytest.mark.parametrize(("given", "around", "expected"), STOPPED)
def test_what_stops_the_rollout(
    given: DaemonSet, around: dict[str, Any], expected: list[str]
) -> None:
    verdict = on(judged(given, "ab", [old("a"), new("b", ready=False)], **around), "a")
    assert codes(verdict) == expected


def test_on_delete_names_both_revisions() -> None:
    explanation = judged(daemon_set(strategy=ON_DELETE), "a", [old("a")])
    facts: Any = on(explanation, "a").reasons[0].facts
    assert (facts.pod, facts.revision, facts.current_revision) == ("old-a", OLD_HASH, HASH)


def test_on_delete_has_no_budget() -> None:
    rollout = judged(daemon_set(strategy=ON_DELETE), "ab", [old("a")]).rollout
    assert (rollout.max_unavailable, rollout.max_surge, rollout.complete) == (0, 0, False)


def test_what_is_said_in_a_namespace_that_is_terminating_explains_an_outdated_pod() -> None:
    explanation = judged(ROLLING, "a", [old("a")], namespaces=[namespace(phase="Terminating")])
    reasons = on(explanation, "a").reasons
    assert reasons
    assert {item.code for item in reasons} <= set(ROWS[State.OUTDATED])


# contract: rollout.complete; a rollout is over once every wanted pod is new and available.
COMPLETE = [
    pytest.param(ROLLING, "ab", [new("a"), new("b")], True, id="all new and available"),
    pytest.param(ROLLING, "ab", [new("a"), old("b")], False, id="one is old"),
    pytest.param(ROLLING, "ab", [new("a")], False, id="one is missing"),
    pytest.param(ROLLING, "ab", [new("a"), new("b", ready=False)], False, id="one is not ready"),
    pytest.param(
        daemon_set(generation=2, observed=1), "a", [new("a")], False, id="a newer spec is not seen"
    ),
]


@pytest.mark.parametrize(("given", "nodes", "pods", "complete"), COMPLETE)
def test_when_a_rollout_is_complete(
    given: DaemonSet, nodes: str, pods: list[Pod], complete: bool
) -> None:
    assert judged(given, nodes, pods).rollout.complete is complete


def test_where_the_new_pod_is_there_already_no_refusal_matters() -> None:
    pods = [old("a"), new("a", ready=False), old("b")]
    found = judged(QUICK, "ab", pods, events=[REFUSED])
    assert codes(on(found, "a")) == ["SurgePodNotReady"]
    assert codes(on(found, "b")) == ["BlockedByCreateFailure"]


def test_a_refused_surge_is_not_next_in_line() -> None:
    """No node lacks a pod, yet the new one beside the old one can't be created."""
    surging = daemon_set(strategy=rolling_update(0, 1))
    (reason,) = on(judged(surging, "ab", [old("a"), old("b")], events=[REFUSED]), "a").reasons
    assert (reason.code, reason.source) == ("BlockedByCreateFailure", Source.REPORTED)
    facts: Any = reason.facts
    assert (facts.code, facts.nodes) == ("WebhookDenied", 0)
