"""J14 to J17 and J28: revisions, rollouts, and what keeps the controller from acting."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.model import Event
from kubectl_ds.core.reasons import State
from kubectl_ds.words.course import rollout_text
from tests.checklist.asked import ROLLED, codes, findings, first, judged, on, said
from tests.core import make
from tests.core.make import (
    HASH,
    OLD_HASH,
    ago,
    daemon_set,
    event,
    namespace,
    node,
    pod,
    rolling_update,
    template,
)


def test_j14_another_hash_with_the_same_template_generation_is_up_to_date() -> None:
    """As after an upgrade of the control plane to 1.34, which writes templates otherwise."""
    given = daemon_set(template_generation="7")
    pods = [
        pod("agent-n0", "n0", hash=OLD_HASH, generation="7"),
        pod("agent-n1", "n1", hash=OLD_HASH, generation="6"),
    ]
    found = judged(given, [node("n0"), node("n1")], pods, revisions=ROLLED)
    assert first(found, "n0") == (State.AVAILABLE, "")
    assert on(found, "n1").state is State.OUTDATED
    assert found.summary.updated == 1
    alone = judged(given, [node("n0")], pods[:1], revisions=ROLLED)
    assert (alone.rollout.complete, rollout_text(alone)) == (True, "")


OTHER_TEMPLATE = template(hostNetwork=True)
BACK = [
    pytest.param(
        {}, (make.revision(3, OLD_HASH), make.revision(2, HASH, pod_template=OTHER_TEMPLATE)),
        id="numbered anew",
    ),
    pytest.param(
        {"generation": 4, "observed": 3},
        (make.revision(1, OLD_HASH), make.revision(2, HASH, pod_template=OTHER_TEMPLATE)),
        id="before the controller saw it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("generations", "revisions"), BACK)
def test_j15_going_back_to_an_older_template_makes_its_revision_the_newest(
    generations: dict[str, int], revisions: Any
) -> None:
    pods = [pod("agent-n0", "n0", hash=OLD_HASH), pod("agent-n1", "n1", hash=HASH)]
    found = judged(daemon_set(**generations), [node("n0"), node("n1")], pods, revisions=revisions)
    assert found.rollout.revision == OLD_HASH
    assert [verdict.state for verdict in found.nodes] == [State.AVAILABLE, State.OUTDATED]
    assert found.summary.updated == 1


@pytest.mark.parametrize(
    ("asked", "number", "limit"),
    [
        ("10%", 3, 1), ("34%", 3, 2), ("33%", 3, 1), ("100%", 3, 3), ("0%", 3, 1), (0, 3, 1),
        ("10%", 0, 0), ("100%", 0, 0),
    ],
)  # fmt: skip
def test_j16_percentages_are_rounded_up_and_of_desired_nodes(
    asked: int | str, number: int, limit: int
) -> None:
    given = daemon_set(
        strategy=rolling_update(asked), pod_template=template(nodeSelector={"role": "db"})
    )
    wanted = [node(f"n{place}", labels={"role": "db"}) for place in range(number)]
    pods = [pod(f"agent-{it.name}", it.name, hash=OLD_HASH) for it in wanted]
    found = judged(given, [*wanted, node("x"), node("y")], pods, revisions=ROLLED)
    assert found.rollout.max_unavailable == limit
    assert found.rollout.can_replace_now == limit


@pytest.mark.parametrize(("asked", "number", "limit"), [("10%", 3, 1), ("34%", 3, 2)])
def test_j16_a_surge_is_rounded_up_too(asked: str, number: int, limit: int) -> None:
    wanted = [node(f"n{place}") for place in range(number)]
    pods = [pod(f"agent-{it.name}", it.name, hash=OLD_HASH) for it in wanted]
    given = daemon_set(strategy=rolling_update(0, asked))
    found = judged(given, wanted, pods, revisions=ROLLED)
    assert (found.rollout.max_surge, found.rollout.can_replace_now) == (limit, limit)


REFUSED = event(
    "FailedCreate",
    'Error creating: pods "agent-x7x2p" is forbidden: exceeded quota: small, requested: pods=1, '
    "used: pods=2, limited: pods=2",
)
CREATED = event("SuccessfulCreate", "Created pod: agent-new", seconds_ago=5, type="Normal")


@pytest.mark.parametrize(
    ("events", "blocked"),
    [([REFUSED], True), ([REFUSED, CREATED], False)],
    ids=["refused", "created since"],
)
def test_j17_a_pod_refused_elsewhere_holds_all_others(events: list[Event], blocked: bool) -> None:
    pods = [pod(f"old-{place}", f"n{place}", hash=OLD_HASH) for place in range(2)]
    found = judged(
        daemon_set(strategy=rolling_update("100%")),
        [node("n0"), node("n1"), node("n2")],
        pods,
        events=events,
        revisions=ROLLED,
    )
    assert found.rollout.max_unavailable - found.rollout.unavailable == 2  # room there would be
    code = "BlockedByCreateFailure" if blocked else "NextInLine"
    assert first(found, "n0") == (State.OUTDATED, code)
    assert found.rollout.can_replace_now == (0 if blocked else 2)
    text = "Nothing is replaced while pods can't be created: quota small"
    assert (text in rollout_text(found)) is blocked


HALTED = [
    pytest.param(
        {"generation": 3, "observed": 2}, {}, "ControllerLagging", "generation 3, observed 2",
        id="the controller has not seen the spec",
    ),
    pytest.param(
        {"generation": 3, "observed": 2, "deleted": ago(5)}, {}, "DaemonSetDeleting",
        "is being deleted", id="deleting raises the generation too",
    ),
    pytest.param(
        {}, {"phase": "Terminating"}, "NamespaceTerminating",
        "namespace kube-system is being deleted", id="a namespace being deleted, without any event",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("own", "around", "code", "text"), HALTED)
def test_j28_what_keeps_the_controller_from_acting(
    own: dict[str, Any], around: dict[str, Any], code: str, text: str
) -> None:
    found = judged(
        daemon_set(**own),
        [node("n0"), node("n1")],
        [pod("old-1", "n1", hash=OLD_HASH)],
        namespaces=[namespace(**around)],
        revisions=ROLLED,
    )
    assert (on(found, "n0").state, codes(found, "n0")) == (State.MISSING, [code])
    assert first(found, "n1") == (State.OUTDATED, code)
    assert text in said(found, "n0")
    assert list(findings(found)) == [code]
    assert (found.rollout.can_replace_now, rollout_text(found)) == (0, "")
