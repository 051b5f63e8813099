from __future__ import annotations

import msgspec
import pytest
from recorded import explained

from kubectl_ds.core.model import Unread
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.words.overview import (
    behind,
    finding_sentence,
    headline,
    relevant,
    unread_sentence,
    without_gap,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "control_plane_taint",
            "DaemonSet logging/fluentd: runs on 3 of 4 nodes, 1 excluded, no gap",
        ),
        ("quota_pods", "DaemonSet logging/fluentd: runs on 5 of 10 nodes, gaps: 5 Missing"),
        ("rollout_stuck", "DaemonSet default/agent: runs on 4 of 5 nodes, gaps: 1 Unready, 4 Outdated"),
        ("selects_nothing", "DaemonSet default/agent: no Pod was read; it should run on 0 of 3 nodes, 3 excluded, no node wanted"),
        ("soft_taint_only", "DaemonSet default/agent: runs on 1 of 1 node, no gap"),
        ("on_delete", "DaemonSet default/agent: runs on 3 of 3 nodes, no gap"),
    ],
)  # fmt: skip
def test_headline(name: str, text: str) -> None:
    assert headline(explained(name)) == text


def findings(answer: Explanation) -> dict[str, str]:
    return {finding.code: finding_sentence(finding) for finding in answer.findings}


def test_no_node_desired_says_what_excludes() -> None:
    text = findings(explained("selects_nothing"))["NoNodeDesired"]
    assert text == "it wants a pod on no node: NodeSelectorMismatch pool=none excludes 3 of 3 nodes"


def test_on_delete_says_how_many_are_old() -> None:
    text = findings(explained("on_delete"))["OnDelete"]
    assert "2 of 3 nodes still run revision c7877f88c, for 4s" in text


def test_a_stale_status_is_told_with_its_fields() -> None:
    assert "numberMisscheduled" in behind(explained("taint_added_later"))
    assert behind(explained("quota_pods")) == ""


def test_what_was_not_checked_is_one_sentence() -> None:
    unread = [
        Unread(what="events", why="forbidden"),
        Unread(what="quotas", why="forbidden"),
        Unread(what="RuntimeClass x", why="not read"),
    ]
    text = "Not checked: events, quotas (forbidden); RuntimeClass x (not read)."
    assert unread_sentence(unread) == text
    assert unread_sentence([]) == ""


def test_without_a_gap_it_does_not_matter_what_might_refuse_pods() -> None:
    unread = (Unread(what="events", why="x"), Unread(what="controllerrevisions", why="x"))
    fine = msgspec.structs.replace(explained("soft_taint_only"), not_checked=unread)
    broken = msgspec.structs.replace(explained("quota_pods"), not_checked=unread)
    assert [item.what for item in relevant(fine)] == ["controllerrevisions"]
    assert len(relevant(broken)) == 2


def test_daemon_sets_without_a_gap_in_one_line() -> None:
    text = without_gap([explained("soft_taint_only"), explained("selects_nothing")])
    assert (
        text
        == "No gap: default/agent; No node wanted: default/agent (NodeSelectorMismatch pool=none excludes 3 of 3 nodes)"
    )


def test_old_pods_that_nobody_replaces_are_told_where_there_is_no_gap() -> None:
    """Symptom 12: all pods ready for days, and the update silently not applied."""
    text = without_gap([explained("on_delete")])
    assert text == "No gap: default/agent (2 of 3 nodes run an older revision, under OnDelete)"


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("quota_pods", ["resourcequotas"]),
        ("insufficient_cpu", []),
        ("surge_stuck", ["resourcequotas"]),
    ],
)
def test_quotas_matter_where_a_pod_is_to_be_created(name: str, named: list[str]) -> None:
    unread = (Unread(what="resourcequotas", why="x"),)
    answer = msgspec.structs.replace(explained(name), not_checked=unread)
    assert [item.what for item in relevant(answer)] == named
