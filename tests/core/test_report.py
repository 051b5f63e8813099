"""The fleet as a whole: the order of its DaemonSets, its groups, what looks alike, who is blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.cover import COVERED, Cover
from kubectl_ds.core.groups import label
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Report, alike, blind, common, groups, report
from kubectl_ds.core.verdict import Outcome
from tests.core.make import NOW, ON_DELETE, daemon_set, node

A, E, OLD = State.AVAILABLE, State.EXCLUDED, State.OUTDATED
DESIRED = (A, OLD, State.MISSING, State.PENDING, State.UNREADY, State.FAILED, State.TERMINATING)
GONE = (State.MISSCHEDULED, State.UNREADY, State.FAILED, State.TERMINATING)


def outcome(state: State, exists: bool = True) -> Outcome:
    wanted = exists and state in DESIRED
    return COVERED if state is A else Outcome(state=state, desired=wanted, keeps=wanted, reasons=())


def cover(
    found: Mapping[str, State] | Sequence[State],
    name: str = "agent",
    *,
    gone: Mapping[str, State] | None = None,
    **more: Any,
) -> Cover:
    """A DaemonSet by its state on each node; on nodes 0, 1, … where they have no names."""
    on = found if isinstance(found, Mapping) else {str(i): s for i, s in enumerate(found)}
    all_states = [*on.values(), *(gone or {}).values()]
    others = {node: outcome(state) for node, state in on.items() if state is not A}
    others |= {node: outcome(state, exists=False) for node, state in (gone or {}).items()}
    return Cover(
        daemon_set=daemon_set(name, **more),
        nodes=len(on),
        desired=sum(state in DESIRED for state in on.values()),
        available=sum(state in (A, OLD) for state in on.values()),
        states=Counter(all_states),
        others=others,
        none_wanted=None,
        not_checked=(),
    )


def whole(*covers: Cover, nodes: Sequence[Node] | None = None) -> Report:
    """A fleet of nodes 0, 1, … as many as the covers have, unless they are given."""
    named = [node(str(rank)) for rank in range(covers[0].nodes)]
    return report(NOW, named if nodes is None else nodes, covers)


def in_zones(*zones: str | None) -> list[Node]:
    """Nodes 0, 1, … with these values of the label "zone"."""
    labels = [{} if zone is None else {"topology.kubernetes.io/zone": zone} for zone in zones]
    return [node(str(rank), labels=own) for rank, own in enumerate(labels)]


# Laws, on fleets of any kind.

LABELS = st.dictionaries(st.sampled_from(["pool", "nodepool", "team"]), st.sampled_from("abc"))


@st.composite
def fleets(draw: st.DrawFn) -> Report:
    nodes = [node(f"n{rank}", labels=own) for rank, own in enumerate(draw(st.lists(LABELS)))]
    covers = [
        cover(
            {item.name: draw(st.sampled_from(State)) for item in nodes},
            f"ds{rank}",
            gone=draw(st.dictionaries(st.sampled_from(["g0", "g1"]), st.sampled_from(GONE))),
        )
        for rank in range(draw(st.integers(0, 4)))
    ]
    return report(NOW, nodes, covers)


@settings(max_examples=60)
@given(fleets(), st.sampled_from(["pool", "team", "kubernetes.io/os"]))
def test_groups_add_up_to_the_whole(fleet: Report, name: str) -> None:
    found = groups(fleet, label(name))
    names = [name for group in found for name in group.nodes]
    assert sorted(names) == sorted(item.name for item in fleet.nodes)
    assert len({(group.by, group.value) for group in found}) == len(found)
    for rank, item in enumerate(fleet.covers if found else ()):
        parts = [group.parts[rank] for group in found]
        assert all(part.cover is item for part in parts)
        assert sum(part.desired for part in parts) == item.desired
        assert sum(part.available for part in parts) == item.available
        assert sum(part.excluded for part in parts) == item.excluded
    assert sum(group.desired for group in found) == fleet.desired
    assert sum(group.available for group in found) == fleet.available


@settings(max_examples=60)
@given(fleets())
def test_nodes_that_look_alike_are_in_one_row(fleet: Report) -> None:
    rows = alike(fleet)
    assert sorted(name for row in rows for name in row.nodes) == sorted(
        item.name for item in fleet.nodes
    )
    assert len({row.states for row in rows}) == len(rows)
    for row in rows:
        for name in row.nodes:
            assert row.states == tuple(item.on(name).state for item in fleet.covers)


@settings(max_examples=60)
@given(fleets())
def test_a_node_is_blind_by_each_daemon_set_that_is_not_available_there(fleet: Report) -> None:
    found = {item.node: [lack.cover for lack in item.lacks] for item in blind(fleet, fleet.covers)}
    assert found == {
        item.name: lacking
        for item in fleet.nodes
        if (lacking := [each for each in fleet.covers if each.on(item.name).state not in (A, OLD)])
    }


# The order of DaemonSets.

ORDER = [
    pytest.param(
        cover([A, OLD, State.MISSING], "z"), cover([A, A, A], "a"), id="less of what it wants first"
    ),
    pytest.param(
        cover([A, State.MISSING, E, E], "z"), cover([A, A, State.PENDING, A], "a"),
        id="the share counts, not how bad or how many",
    ),
    pytest.param(
        cover([A, A, A], "z", gone={"g": State.UNREADY}), cover([A, E, E], "a"),
        id="full coverage, but a gap: before less reach",
    ),
    pytest.param(cover([A, OLD], "z"), cover([A, A], "a"), id="outdated is such a gap"),
    pytest.param(
        cover([A, A], "a"), cover([A, OLD], "z", strategy=ON_DELETE), id="and none under OnDelete"
    ),
    pytest.param(cover([A, E, E], "z"), cover([A, A, E], "a"), id="less of the fleet first"),
    pytest.param(cover([E, E], "z"), cover([A, E], "a"), id="it wants none"),
    pytest.param(
        cover([A], "z", namespace="a"), cover([A], "a", namespace="b"), id="then by namespace"
    ),
    pytest.param(cover([A], "a"), cover([A], "b"), id="then by name"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), ORDER)
def test_the_worst_daemon_set_comes_first(first: Cover, second: Cover) -> None:
    assert whole(first, second).covers == (first, second)
    assert whole(second, first).covers == (first, second)


def test_nodes_are_in_natural_order() -> None:
    nodes = [node(name) for name in ("n10", "n9", "n1")]
    assert [item.name for item in report(NOW, nodes, ()).nodes] == ["n1", "n9", "n10"]


def test_sums_of_the_whole() -> None:
    fleet = whole(cover([A, OLD, E, State.FAILED]), cover([A, A, E, E], gone={"g": State.FAILED}))
    assert (fleet.desired, fleet.available) == (5, 4)
    assert (fleet.coverage, fleet.reach) == (Fraction(4, 5), Fraction(4, 8))
    (group,) = groups(fleet, label("zone"))
    assert (group.coverage, group.reach) == (fleet.coverage, fleet.reach)


def test_shares_of_nothing() -> None:
    fleet = whole(cover([E, E]))
    assert (fleet.coverage, fleet.reach) == (1, 0)
    assert (report(NOW, (), ()).coverage, report(NOW, (), ()).reach) == (1, 0)


def test_what_was_not_checked_is_told_once() -> None:
    def blinded(*kinds: str) -> Cover:
        unread = tuple(Unread(what=kind, why="forbidden") for kind in kinds)
        return msgspec.structs.replace(cover([A]), not_checked=unread)

    fleet = whole(blinded("events", "quotas"), blinded("quotas", "pods"))
    assert fleet.certain
    assert not whole(blinded("events"), blinded("nodes")).certain
    assert sorted(item.what for item in fleet.not_checked) == ["events", "pods", "quotas"]


# Groups.

GROUPS = [
    pytest.param([A, E], "ab", ["b", "a"], id="one with none comes first"),
    pytest.param([A, A, A, E], "aabb", ["b", "a"], id="then the smaller share"),
    pytest.param([E, A, A, A], "abbb", ["a", "b"], id="whatever its size"),
    pytest.param([A, A], "ba", ["a", "b"], id="then by value"),
    pytest.param([E, A], [None, "a"], [None, "a"], id="but not if it is worse"),
    pytest.param([OLD, State.PENDING], "ab", ["b", "a"], id="an outdated pod covers"),
]


@pytest.mark.parametrize(("found", "zones", "expected"), GROUPS)
def test_the_worst_group_comes_first(
    found: list[State], zones: Sequence[str | None], expected: list[str | None]
) -> None:
    fleet = whole(cover(found), nodes=in_zones(*zones))
    assert [group.value for group in groups(fleet, label("zone"))] == expected


def test_of_equals_those_without_the_label_come_last() -> None:
    nodes = [node("0"), node("1", labels={"team": "x"})]
    found = groups(whole(cover([A, A]), nodes=nodes), label("team"))
    assert [(group.by, group.value) for group in found] == [("team", "x"), ("team", None)]


def test_a_group_says_by_which_label() -> None:
    found = groups(whole(cover([A, A]), nodes=in_zones("a", None)), label("zone"))
    assert [(group.by, group.value, group.nodes) for group in found] == [
        ("topology.kubernetes.io/zone", "a", ("0",)),
        ("zone", None, ("1",)),
    ]


def test_a_node_that_is_gone_is_in_no_group_and_not_blind() -> None:
    item = cover([A], gone={"gone": State.UNREADY})
    fleet = whole(item, nodes=in_zones("a"))
    assert [group.nodes for group in groups(fleet, label("zone"))] == [("0",)]
    assert [row.nodes for row in alike(fleet)] == [("0",)]
    assert blind(fleet, [item]) == []


# Rows of nodes that look alike: the worst state first, then where it is found more often, then
# the row with most nodes.
M, P = State.MISSING, State.PENDING
ALIKE = [
    pytest.param([[A, M]], [("1",), ("0",)], id="the worst state"),
    pytest.param([[M, P], [A, P]], [("0",), ("1",)], id="once is enough"),
    pytest.param([[P, P], [A, P]], [("1",), ("0",)], id="the more often"),
    pytest.param([[A, E, A], [A, A, A]], [("1",), ("0", "2")], id="excluded before available"),
    pytest.param([[P, A, A], [A, P, P]], [("1", "2"), ("0",)], id="most nodes"),
]


@pytest.mark.parametrize(("columns", "expected"), ALIKE)
def test_the_row_in_the_worst_state_comes_first(
    columns: list[list[State]], expected: list[tuple[str, ...]]
) -> None:
    fleet = whole(*(cover(column, f"ds{rank}") for rank, column in enumerate(columns)))
    assert [row.nodes for row in alike(fleet)] == expected


def test_without_a_daemon_set_all_nodes_look_alike() -> None:
    fleet = report(NOW, [node("a"), node("b")], ())
    assert [(row.nodes, row.states) for row in alike(fleet)] == [(("a", "b"), ())]


# Blind nodes.

BLIND = [
    pytest.param(A, False, id="available"),
    pytest.param(OLD, False, id="outdated"),
    *(
        pytest.param(state, True, id=state.value)
        for state in State
        if state not in (A, OLD)
    ),
]  # fmt: skip


@pytest.mark.parametrize(("state", "expected"), BLIND)
def test_who_is_blind(state: State, expected: bool) -> None:
    item = cover([state, A])
    found = blind(whole(item), [item])
    assert [each.node for each in found] == (["0"] if expected else [])
    assert [lack.outcome.state for each in found for lack in each.lacks] == [state] * expected


def test_those_that_lack_most_come_first() -> None:
    log, scan = cover([P, M, A, E], "log"), cover([A, E, A, A], "scan")
    found = blind(whole(log, scan), [log, scan])
    assert [(item.node, len(item.lacks)) for item in found] == [("1", 2), ("0", 1), ("3", 1)]


def test_only_what_was_asked_for_is_lacked() -> None:
    log, scan = cover([P, A], "log"), cover([A, E], "scan")
    assert [item.node for item in blind(whole(log, scan), [scan])] == ["1"]


COMMON = [
    pytest.param([A, A, A, E], True, id="three of four"),
    pytest.param([A, A, E, E], False, id="exactly half"),
    pytest.param([A, OLD, OLD, M], True, id="outdated ones count"),
    pytest.param([A, A, P, M], True, id="wanted on more, but not there"),
    pytest.param([M, M, M, M], True, id="wanted on all, and nowhere"),
    pytest.param([M, M, E, E], False, id="wanted on half, and nowhere"),
    pytest.param([A, E, E, E], False, id="all that it wants, but few"),
    pytest.param([A], True, id="the only node"),
]


@pytest.mark.parametrize(("found", "expected"), COMMON)
def test_what_most_of_the_fleet_has(found: list[State], expected: bool) -> None:
    item = cover(found)
    assert common(whole(item)) == ([item] if expected else [])
