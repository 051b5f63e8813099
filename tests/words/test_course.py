"""The paragraph on a rollout: how far, what takes up its budget and why, who is next."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core import facts as f
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import ContainerState, ContainerStateWaiting, ContainerStatus, Pod
from kubectl_ds.core.verdict import Explanation, Finding
from kubectl_ds.words.course import rollout_text
from kubectl_ds.words.overview import finding_sentence, telling
from tests.core.make import (
    OLD_HASH,
    ON_DELETE,
    ago,
    cluster,
    daemon_set,
    event,
    node,
    pod,
    revision,
    rolling_update,
    template,
)

REVISIONS = revision(1, OLD_HASH), revision(2)
ROLLING = daemon_set(strategy=rolling_update(1))
TWO = daemon_set(strategy=rolling_update(2))
SURGING = daemon_set(strategy=rolling_update(0, 1))
REFUSED = event("FailedCreate", 'Error creating: admission webhook "w" denied the request: no')
DRAINED = node("z", taints=["dedicated=db:NoSchedule"])


def old(target: str, **more: Any) -> Pod:
    return pod(f"old-{target}", target, hash=OLD_HASH, created=ago(90000), **more)


def new(target: str, age: float = 100, **more: Any) -> Pod:
    return pod(f"new-{target}", target, created=ago(age), **more)


def judged(given: DaemonSet, nodes: str | list[Node], pods: list[Pod], **more: Any) -> Explanation:
    named = [node(name) for name in nodes] if isinstance(nodes, str) else nodes
    return explain(cluster([given], named, pods, revisions=REVISIONS, **more), given)


def ending(target: str) -> Pod:
    return old(target, deleting=True)


TEXTS = [
    # DaemonSet, nodes, pods, what the text must say
    pytest.param(
        ROLLING, "abc", [old("a"), old("b"), new("c")],
        "Rollout: 1 of 3 nodes updated. maxUnavailable 1 is free. Next: 1 of 2 nodes with an "
        "available older pod; which of them can't be told.", id="there is room",
    ),
    pytest.param(
        ROLLING, "abc", [old("a"), ending("b"), new("c")],
        "Rollout: 1 of 3 nodes updated. The one place in maxUnavailable 1 is taken by b: a new "
        "pod is created once the old one is gone. Waiting: 1 node with an available older pod.",
        id="the one place",
    ),
    pytest.param(
        TWO, "abc", [old("a"), ending("b"), new("c")],
        "1 of 2 places in maxUnavailable 2 is taken by b: a new pod is created once the old one "
        "is gone. Next: 1 of 1 node with an available older pod", id="one of two places",
    ),
    pytest.param(
        TWO, "abc", [old("a"), ending("b"), ending("c")],
        "Both places in maxUnavailable 2 are taken by b and c: a new pod", id="both places",
    ),
    pytest.param(
        daemon_set(strategy=rolling_update(3)), "abcd", [old("a"), *map(ending, "bcd")],
        "All 3 places in maxUnavailable 3 are taken by b, c and d: a new pod", id="all places",
    ),
    pytest.param(
        ROLLING, "abcd", [old("a"), *map(ending, "bcd")],
        "maxUnavailable 1 is used up by 3 nodes: b, c and d: a new pod", id="more than all",
    ),
    pytest.param(
        daemon_set(strategy=rolling_update("34%")), "abc", [old("a"), ending("b"), ending("c")],
        "Both places in maxUnavailable 2 (34% of 3) are taken", id="a percentage, rounded up",
    ),
    pytest.param(
        TWO, "abc", [old("a"), ending("b")],
        "taken by b (a new pod is created once the old one is gone); c (", id="two causes",
    ),
    pytest.param(
        ROLLING, [node("a"), DRAINED], [old("a"), ending("z")],
        "taken by z, counted though no pod is wanted there: ", id="a node that is not wanted",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", ready=False)],
        "The older pod on b is not available: it is deleted whatever the budget. Waiting: 1 node",
        id="an old pod that is not available",
    ),
    pytest.param(
        SURGING, "ab", [old("a"), old("b", ready=False)],
        "maxSurge 1 is free. The older pod on b is not available: it gets a new one beside it "
        "whatever the budget. Next: 1 of 1 node", id="the same with a surge",
    ),
    pytest.param(
        SURGING, "ab", [old("a"), old("b"), new("b", ready=False)],
        "The one place in maxSurge 1 is taken by b: the new pod is not ready", id="a surge",
    ),
    pytest.param(
        SURGING, "a", [old("a"), old("gone")],
        "It fails while an old pod is bound to gone, which no longer exists. Waiting: 1 node",
        id="a surge that a deleted node fails",
    ),
    pytest.param(
        daemon_set(strategy=rolling_update("x")), "a", [old("a")],
        "maxUnavailable can't be read, so nothing is replaced", id="an invalid limit",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "nodes", "pods", "text"), TEXTS)
def test_what_a_rollout_says(
    given: DaemonSet, nodes: str | list[Node], pods: list[Pod], text: str
) -> None:
    assert text in rollout_text(judged(given, nodes, pods))


def test_pods_that_can_not_be_created_are_why_nothing_is_replaced() -> None:
    text = rollout_text(judged(TWO, "ab", [old("a")], events=[REFUSED]))
    assert "Nothing is replaced while pods can't be created: " in text
    assert "webhook w" in text
    assert "Next" not in text


SILENT = [
    pytest.param(ROLLING, "ab", [new("a"), new("b")], id="complete"),
    pytest.param(ROLLING, "ab", [new("a"), new("b", ready=False)], id="no pod is old"),
    pytest.param(ROLLING, "ab", [new("a")], id="a pod is missing, none is old"),
    pytest.param(daemon_set(strategy=ON_DELETE), "a", [old("a")], id="OnDelete has a finding"),
    pytest.param(daemon_set(generation=2, observed=1), "a", [old("a")], id="so has a lag"),
]


@pytest.mark.parametrize(("given", "nodes", "pods"), SILENT)
def test_where_no_rollout_is_due_nothing_is_said(
    given: DaemonSet, nodes: str, pods: list[Pod]
) -> None:
    assert rollout_text(judged(given, nodes, pods)) == ""


def test_a_cause_that_is_cut_short_gets_no_full_stop() -> None:
    state = ContainerState(waiting=ContainerStateWaiting(reason="Broken", message="so much " * 30))
    status = ContainerStatus(name="agent", state=state)
    waiting = new("b", ready=False, container_statuses=(status,))
    text = rollout_text(judged(ROLLING, "ab", [old("a"), waiting]))
    assert "taken by b: container agent waits, Broken: so much so much" in text
    assert " … Waiting: 1 node" in text


def test_an_answer_cut_down_to_a_node_still_counts_the_others() -> None:
    whole = judged(ROLLING, "ab", [old("a"), ending("b")])
    cut = replace(whole, nodes=tuple(item for item in whole.nodes if item.node == "a"))
    assert "The one place in maxUnavailable 1 is taken by 1 node." in rollout_text(cut)


def test_a_shared_cause_says_how_many_it_explains() -> None:
    pods = [new("a", ready=False), old("b"), old("c")]
    (finding,) = judged(ROLLING, "abc", pods).findings
    text = finding_sentence(finding)
    assert text.startswith("1 cause for 3 of 3 nodes: ")
    assert text.endswith("(a; 2 nodes wait for it)")


def test_it_says_that_others_must_be_cured_too() -> None:
    pods = [new("a", ready=False), new("b", bound=False), old("c")]
    texts = list(map(finding_sentence, judged(ROLLING, "abc", pods).findings))
    assert [text.rpartition("(")[2] for text in texts] == [
        "a; 1 node waits for it and 1 other cause)",
        "b; 1 node waits for it and 1 other cause)",
    ]


# On the screen a row says what its nodes have in common, and the rollout what they wait for.


def test_a_shared_cause_of_one_row_is_not_said_twice() -> None:
    pods = [new("a", ready=False), new("b", ready=False), old("c")]
    explanation = judged(ROLLING, "abc", pods)
    assert [item.code for item in explanation.findings] == ["SharedCause"]
    assert telling(explanation) == []


def test_a_shared_cause_of_several_rows_is_said() -> None:
    tolerant = daemon_set(pod_template=template(tolerations=[{"operator": "Exists"}]))
    dead = [node(name, ready="Unknown") for name in "ab"]
    explanation = judged(tolerant, dead, [new("a"), new("b", deleted=ago(900))])
    assert len({verdict.state for verdict in explanation.nodes}) == 2
    assert [item.code for item in telling(explanation)] == ["SharedCause"]


@pytest.mark.parametrize(
    ("phase", "nodes", "shown"),
    [
        pytest.param("Failed", ("a",), [], id="the row of the failed pod has the rounds"),
        pytest.param("Failed", ("a", "b"), ["PodsVanish"], id="on another node too"),
        pytest.param("Failed", (), ["PodsVanish"], id="nobody knows where"),
        pytest.param("Pending", ("a",), ["PodsVanish"], id="the pod that is there now waits"),
    ],
)
def test_pods_that_vanish_are_told_where_no_row_does(
    phase: str, nodes: tuple[str, ...], shown: list[str]
) -> None:
    explanation = judged(ROLLING, "ab", [pod("p", "a", phase=phase, ready=False), new("b")])
    facts = f.PodsVanishFacts(pods=3, nodes=nodes, causes=())
    found = replace(explanation, findings=(Finding(code="PodsVanish", facts=facts),))
    assert [item.code for item in telling(found)] == shown
