"""How far a rolling update has got, when it last made a step, and whether it is stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import ManagedFieldsEntry
from kubectl_ds.core.model import ControllerRevision, DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.verdict import Rollout
from tests.core.make import (
    HASH,
    NOW,
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
)

HOUR = 3600
ROLLING = daemon_set(strategy=rolling_update(1))
TWO = daemon_set(strategy=rolling_update(2))
SURGING = daemon_set(strategy=rolling_update(0, 1))
PATIENT = daemon_set(strategy=rolling_update(1), min_ready_seconds=2 * HOUR)
REFUSED = event("FailedCreate", 'Error creating: admission webhook "w" denied the request: no')


def made(
    number: int, label: str, seconds: float | None, updated: float | None = None
) -> ControllerRevision:
    """A revision, created and, where told, updated so many seconds ago."""
    made = revision(number, label)
    fields = None if updated is None else (ManagedFieldsEntry(time=ago(updated)),)
    created = None if seconds is None else ago(seconds)
    metadata = replace(made.metadata, creation_timestamp=created, managed_fields=fields)
    return replace(made, metadata=metadata)


REVISIONS = made(1, OLD_HASH, 90 * HOUR), made(2, HASH, 4 * HOUR)


def old(target: str, **more: Any) -> Pod:
    return pod(f"old-{target}", target, hash=OLD_HASH, created=ago(80 * HOUR), **more)


def new(target: str, age: float = 3 * HOUR, **more: Any) -> Pod:
    return pod(f"new-{target}", target, created=ago(age), **more)


def deleting(target: str, due: float, **more: Any) -> Pod:
    """An older pod that was to be gone so many seconds ago, after a grace period of 30 s."""
    return old(target, deleted=NOW - timedelta(seconds=due), **more)


def judged(given: DaemonSet, nodes: str | list[Node], pods: list[Pod], **more: Any) -> Rollout:
    named = [node(name) for name in nodes] if isinstance(nodes, str) else nodes
    around = {"revisions": REVISIONS, **more}
    return explain(cluster([given], named, pods, **around), given).rollout


DRAINED = node("z", taints=["dedicated=db:NoSchedule"])

# rollingUpdate: candidates are available old pods alone on their node, also where no pod is wanted
# any more; maxUnavailable - numUnavailable of them are deleted. Old pods that are not available
# are deleted (or get a new pod beside them) without regard to the limit, and still count.
COURSES = [
    # DaemonSet, nodes, pods, (candidates, can replace now, replaced anyway)
    pytest.param(ROLLING, "abc", [old("a"), old("b"), new("c")], (2, 1, ()), id="room for one"),
    pytest.param(TWO, "abc", [old("a"), old("b"), new("c")], (2, 2, ()), id="room for both"),
    pytest.param(TWO, "ab", [old("a"), new("b")], (1, 1, ()), id="more room than candidates"),
    pytest.param(
        ROLLING, "ab", [old("a"), new("b", ready=False)], (1, 0, ()), id="the place is taken"
    ),
    pytest.param(
        TWO, "abc", [old("a"), old("b"), new("c", ready=False)], (2, 1, ()), id="one of two taken"
    ),
    pytest.param(
        ROLLING, "abcd", [old("a"), new("b", ready=False), new("c", ready=False)], (1, 0, ()),
        id="more than the limit is taken",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", ready=False)], (1, 0, ("b",)),
        id="an old pod that is not ready goes anyway, and counts",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", bound=False)], (1, 0, ("b",)), id="an old Pending one"
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", phase="Failed")], (1, 0, ("b",)), id="an old Failed one"
    ),
    pytest.param(
        ROLLING, [node("a"), DRAINED], [old("a"), old("z")], (2, 1, ()),
        id="an old pod where none is wanted is a candidate",
    ),
    pytest.param(
        ROLLING, [node("a"), DRAINED], [old("a"), old("z", ready=False)], (1, 0, ("z",)),
        id="a dead one there uses the budget",
    ),
    pytest.param(
        PATIENT, "ab", [old("a", ready_for=HOUR), new("b", ready_for=9 * HOUR)], (0, 0, ("a",)),
        id="ready for less than minReadySeconds is not available",
    ),
    pytest.param(SURGING, "abc", [old("a"), old("b"), new("c")], (2, 1, ()), id="surge: room"),
    pytest.param(
        SURGING, "ab", [old("a"), old("b"), new("b", ready=False)], (1, 0, ()),
        id="surge: the place is taken",
    ),
    pytest.param(
        SURGING, "ab", [old("a"), old("b", ready=False)], (1, 1, ("b",)),
        id="surge: an old pod that is not ready does not count",
    ),
    pytest.param(
        SURGING, [node("a"), DRAINED], [old("a"), old("z")], (1, 1, ()),
        id="surge: a spared pod is no candidate",
    ),
    pytest.param(daemon_set(strategy=ON_DELETE), "a", [old("a")], (0, 0, ()), id="OnDelete"),
    pytest.param(
        daemon_set(strategy=rolling_update("x")), "ab", [old("a"), old("b", ready=False)],
        (1, 0, ()), id="an invalid limit: nothing happens at all",
    ),
    pytest.param(
        daemon_set(generation=2, observed=1), "ab", [old("a"), old("b", ready=False)],
        (1, 0, ()), id="the controller lags",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "nodes", "pods", "expected"), COURSES)
def test_who_is_next(
    given: DaemonSet,
    nodes: str | list[Node],
    pods: list[Pod],
    expected: tuple[int, int, tuple[str, ...]],
) -> None:
    found = judged(given, nodes, pods)
    assert (found.candidates, found.can_replace_now, found.replaced_anyway) == expected


def test_nobody_is_next_while_a_pod_can_not_be_created() -> None:
    """The rolling update is skipped as a whole, for the old pod that is not ready, too."""
    pods = [old("a"), old("b", ready=False)]
    found = judged(daemon_set(strategy=rolling_update(3)), "abc", pods, events=[REFUSED])
    assert (found.candidates, found.can_replace_now, found.replaced_anyway) == (1, 0, ())


STEPS = [
    pytest.param([old("a")], REVISIONS, 4 * HOUR, id="none yet: when the revision was made"),
    pytest.param([old("a"), new("b")], REVISIONS, 3 * HOUR, id="the newest current pod"),
    pytest.param(
        [old("a"), new("b"), new("c", 600)], REVISIONS, 600, id="of two current pods the newest"
    ),
    pytest.param(
        [old("a"), new("b"), new("c", 5, phase="Failed")], REVISIONS, 3 * HOUR,
        id="a failed pod is made anew again and again",
    ),
    pytest.param(
        [old("a"), deleting("b", HOUR)], REVISIONS, HOUR + 30,
        id="a deletion, when it was asked for",
    ),
    pytest.param(
        [old("a"), new("b")], (made(1, HASH, None),), 3 * HOUR, id="a revision without its time"
    ),
    pytest.param(
        [old("a")], (made(2, OLD_HASH, 9 * HOUR), made(3, HASH, 90 * HOUR)), None,
        id="an older template was taken up again, who knows when",
    ),
    pytest.param(
        [old("a"), new("b")], (made(2, OLD_HASH, 9 * HOUR), made(3, HASH, 90 * HOUR)), None,
        id="its pods may be of the first time",
    ),
    pytest.param(
        [old("a")], (made(2, OLD_HASH, 9 * HOUR), made(3, HASH, 90 * HOUR, updated=HOUR)), HOUR,
        id="its managed fields tell when",
    ),
    pytest.param(
        [old("a")], (made(2, OLD_HASH, 9 * HOUR), made(3, HASH, 90 * HOUR, updated=90 * HOUR)),
        None, id="unless they are as old as itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pods", "revisions", "seconds"), STEPS)
def test_the_last_step(
    pods: list[Pod], revisions: tuple[ControllerRevision, ...], seconds: float | None
) -> None:
    found = judged(ROLLING, "abc", pods, revisions=revisions)
    assert found.since == (None if seconds is None else ago(seconds))


BROKEN = new("b", ready=False)
STUCK = [
    pytest.param(ROLLING, "ab", [old("a"), BROKEN], {}, True, id="a new pod does not get ready"),
    pytest.param(
        ROLLING, "ab", [old("a"), new("b", 599, ready=False)], {}, False, id="for 599 s"
    ),
    pytest.param(ROLLING, "ab", [old("a"), new("b", 600, ready=False)], {}, True, id="for 600 s"),
    pytest.param(TWO, "ab", [old("a"), BROKEN], {}, False, id="there is room"),
    pytest.param(ROLLING, "ab", [new("a"), BROKEN], {}, False, id="no pod is old"),
    pytest.param(
        ROLLING, "ab", [old("a"), old("b", ready=False)], {}, False,
        id="the old pod that is not ready goes by itself",
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), deleting("b", HOUR)], {}, True, id="an old pod does not end"
    ),
    pytest.param(
        ROLLING, "ab", [old("a"), replace(deleting("b", -60), metadata=replace(
            deleting("b", -60).metadata, deletion_grace_period_seconds=2 * HOUR))], {}, False,
        id="an old pod is still within a long grace period",
    ),
    pytest.param(
        PATIENT, "ab", [old("a", ready_for=9 * HOUR), new("b", ready_for=HOUR)], {}, False,
        id="minReadySeconds runs out by itself",
    ),
    pytest.param(
        ROLLING, "abc", [old("a"), BROKEN, new("c", ready=False)], {}, True,
        id="the limit is exceeded",
    ),
    pytest.param(
        TWO, "abc", [old("a"), BROKEN, deleting("c", -5)], {}, False,
        id="one of two that are in the way ends by itself",
    ),
    pytest.param(
        ROLLING, "abc", [old("a"), BROKEN, deleting("c", -5)], {}, False, id="a deletion is a step"
    ),
    pytest.param(ROLLING, "ab", [old("a")], {"events": [REFUSED]}, True, id="pods are refused"),
    pytest.param(
        SURGING, "ab", [old("a"), old("b"), new("b", bound=False)], {}, True,
        id="surge: the new pod waits for a node",
    ),
    pytest.param(
        SURGING, "a", [old("a"), old("gone")], {}, True, id="surge: an old pod on a deleted node"
    ),
    pytest.param(
        daemon_set(strategy=ON_DELETE), "ab", [old("a"), BROKEN], {}, False, id="OnDelete"
    ),
    pytest.param(
        daemon_set(generation=2, observed=1), "ab", [old("a"), BROKEN], {}, False,
        id="the controller lags, which is told by itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "nodes", "pods", "around", "stuck"), STUCK)
def test_what_is_stuck(
    given: DaemonSet, nodes: str, pods: list[Pod], around: dict[str, Any], stuck: bool
) -> None:
    assert judged(given, nodes, pods, **around).stuck is stuck


def test_nothing_is_stuck_for_a_time_that_is_not_known() -> None:
    reused = made(2, OLD_HASH, 9 * HOUR), made(3, HASH, 90 * HOUR)
    assert not judged(ROLLING, "ab", [old("a"), BROKEN], revisions=reused).stuck


def test_what_uses_up_the_budget_is_told_where_nothing_is_outdated() -> None:
    whole = cluster([ROLLING], [node("a"), node("b")], [new("a"), new("b", ready=False)])
    (blocker,) = explain(whole, ROLLING).rollout.blockers
    assert (blocker.node, blocker.state, blocker.code) == ("b", "Unready", "ContainerCreating")
