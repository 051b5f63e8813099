"""Reports on several clusters: what is put together, and what stays apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.groups import label
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.report import Report, alike, blind, groups, joined, report
from tests.core import make

FORBIDDEN = Unread(what="events", why="forbidden")
LOST = Unread(what="everything", why="gone", cluster="z")
NAMES = "abcd"


def cluster(*pods: make.Pod) -> Cluster:
    nodes = [make.node(name, labels={"pool": "x"}) for name in NAMES]
    return make.cluster([make.daemon_set()], nodes, pods)


def up(names: str) -> Cluster:
    return cluster(*(make.pod(f"agent-{name}", name) for name in names))


def covers(seen: Cluster) -> list[Cover]:
    return [survey(Fleet(seen), item) for item in seen.daemon_sets]


def of(name: str, seen: Cluster) -> Report:
    return report(seen.now, seen.nodes, covers(seen), name)


WHOLE = joined([of("all", up("abcd")), of("few", up("a")), of("most", up("abc"))], [LOST])


def test_the_worst_comes_first_whatever_its_cluster() -> None:
    assert [cover.cluster for cover in WHOLE.covers] == ["few", "most", "all"]


def test_clusters_stay_in_the_order_asked_for() -> None:
    assert [site.cluster for site in WHOLE.sites] == ["all", "few", "most"]
    assert [part.sites[0].cluster for part in WHOLE.apart] == ["all", "few", "most"]


def test_the_numbers_are_those_of_all_clusters() -> None:
    assert (len(WHOLE.nodes), WHOLE.places, WHOLE.desired, WHOLE.available) == (12, 12, 12, 8)
    assert WHOLE.coverage == WHOLE.reach == pytest.approx(8 / 12)
    assert WHOLE.lost == (LOST,)


def test_the_newest_time_counts() -> None:
    later = of("b", up("a"))
    moment = make.NOW + timedelta(hours=1)
    other = report(moment, later.nodes, later.covers, "b")
    assert joined([of("a", up("a")), other], []).now == moment
    assert joined([other, of("a", up("a"))], []).now == moment


def test_a_cluster_without_daemon_sets_has_no_part() -> None:
    none = report(make.NOW, (), (), "none")
    whole = joined([none, of("few", up("a"))], [])
    assert [part.sites[0].cluster for part in whole.apart] == ["few"]
    assert whole.places == 4


def test_nodes_of_two_clusters_are_in_two_groups() -> None:
    found = groups(WHOLE, label("pool"))
    assert [(x.cluster, x.value, len(x.nodes), x.available) for x in found] == [
        ("few", "x", 4, 1),
        ("most", "x", 4, 3),
        ("all", "x", 4, 4),
    ]
    assert [[part.cover.cluster for part in x.parts] for x in found] == [["few"], ["most"], ["all"]]


def test_a_node_is_blind_in_its_own_cluster_alone() -> None:
    found = blind(WHOLE, WHOLE.covers)
    assert [(item.cluster, item.node) for item in found] == [
        ("few", "b"), ("few", "c"), ("few", "d"), ("most", "d"),
    ]  # fmt: skip


def test_nodes_look_alike_within_a_cluster() -> None:
    rows = {part.sites[0].cluster: alike(part) for part in WHOLE.apart}
    assert {name: [row.nodes for row in found] for name, found in rows.items()} == {
        "all": [("a", "b", "c", "d")],
        "few": [("b", "c", "d"), ("a",)],
        "most": [("d",), ("a", "b", "c")],
    }


def test_what_is_not_checked_names_its_cluster() -> None:
    seen = up("a")
    unread = make.cluster(seen.daemon_sets, seen.nodes, seen.pods, unread=[FORBIDDEN])
    whole = joined([of("a", unread), of("b", unread)], [LOST])
    of_events = [item.cluster for item in whole.not_checked if item.what == "events"]
    assert of_events == ["a", "b"]
    assert {item.cluster for item in whole.not_checked} == {"a", "b"}


def test_one_cluster_has_no_name() -> None:
    one = report(make.NOW, up("a").nodes, covers(up("a")))
    assert not one.named
    assert one.apart == (one,)
