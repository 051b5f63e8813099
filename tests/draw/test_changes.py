"""The lines of ``--watch`` where its output only grows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from kubectl_ds.core.changes import Changes, Move, Step, changes
from kubectl_ds.core.judge import explain
from kubectl_ds.core.reasons import State
from kubectl_ds.draw.changes import lines, stamp
from kubectl_ds.draw.height import fitted
from tests.core.make import cluster, daemon_set, node, pod

WHEN = datetime(2026, 1, 1, 12, 0, 5, 999, tzinfo=timezone.utc)
GIVEN = daemon_set()


def moved(*nodes: str, before: State | None, after: State | None) -> Changes:
    return Changes(moves=(Move(nodes=nodes, before=before, after=after, reasons=()),))


LINES = {
    "a node": (moved("a", before=State.PENDING, after=State.AVAILABLE), "a  Pending → Available"),
    "a new node": (moved("a", before=None, after=State.EXCLUDED), "a  none → Excluded"),
    "a node that is gone": (
        moved("a", before=State.MISSING, after=None),
        "a  Missing → none  the node is gone",
    ),
    "several": (
        moved("a", "b", "c", "d", "e", before=State.AVAILABLE, after=State.OUTDATED),
        "5 nodes (a, b, c and 2 others)  Available → Outdated",
    ),
    "a rollout": (
        Changes(rollout=Step(updated=3, desired=7)),
        "Rollout: 3 of 7 nodes updated",
    ),
    "text that would act on a terminal": (
        moved("a\x1b[2J", before=None, after=State.MISSING),
        "a\\x1b[2J  none → Missing",
    ),
}


@pytest.mark.parametrize(("what", "line"), LINES.values(), ids=LINES)
def test_line(what: Changes, line: str) -> None:
    assert lines(WHEN, what) == [f"2026-01-01T12:00:05Z  {line}"]


def test_several_daemon_sets_are_named() -> None:
    what = moved("a", before=State.PENDING, after=State.AVAILABLE)
    assert lines(WHEN, what, "ns/agent") == [
        "2026-01-01T12:00:05Z  ns/agent  a  Pending → Available"
    ]


def test_why() -> None:
    before = explain(cluster([GIVEN], [node()], [pod()]), GIVEN)
    after = explain(cluster([GIVEN], [node()], [pod(ready=False)]), GIVEN)
    (line,) = lines(WHEN, changes(before, after))
    way, _, why = line.rpartition("  ")
    assert way == "2026-01-01T12:00:05Z  a  Available → Unready"
    assert why == "ContainerCreating: not started yet"


def test_findings() -> None:
    one = explain(cluster([GIVEN], [node()], [pod()]), GIVEN)
    two = explain(cluster([GIVEN], [node()], [pod(), pod("more")]), GIVEN)
    told = "DuplicatePods: node a has 2 live pods: agent-a, more"
    assert lines(WHEN, changes(one, two)) == [f"2026-01-01T12:00:05Z  {told}"]
    assert lines(WHEN, changes(two, one)) == [f"2026-01-01T12:00:05Z  no longer: {told}"]


def test_times_are_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert stamp(datetime(2026, 1, 1, 1, 30, tzinfo=east)) == "2025-12-31T23:30:00Z"


FITTED = {
    "fits": ("a\nb\nc", 3, ["a", "b", "c"]),
    "one too many": ("a\nb\nc\nd", 3, ["a", "b", "… 2 more lines; make the window taller"]),
    "room for one": ("a\nb", 1, ["… 2 more lines; make the window taller"]),
    "no room": ("a\nb", 0, ["… 2 more lines; make the window taller"]),
    "empty": ("", 3, []),
}


@pytest.mark.parametrize(("text", "height", "shown"), FITTED.values(), ids=FITTED)
def test_fitted(text: str, height: int, shown: list[str]) -> None:
    assert fitted(text, height) == shown
