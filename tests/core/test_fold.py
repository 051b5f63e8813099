"""Rows of nodes: what was asked must be equal, a node's own values may differ."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.facts import (
    AffinityFailure,
    ContainerFacts,
    Facts,
    NodeAffinityFacts,
    NodeHealthFacts,
    NodeNameFacts,
    NodeSelectorFacts,
    NoFacts,
    OldPodFacts,
    RoomFacts,
    TaintFacts,
)
from kubectl_ds.core.fold import Row, fold, natural, worst_first
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.verdict import NodeVerdict
from tests.core.make import NOW, ago, requirement, term

HEALTH = NodeHealthFacts(exists=True, status="True", reason="", message="", since=None)


def verdict(
    node: str, state: State, *reasons: tuple[str, Facts], keeps: bool = True
) -> NodeVerdict:
    return NodeVerdict(
        node=node,
        state=state,
        desired=state not in (State.EXCLUDED, State.MISSCHEDULED),
        keeps=keeps,
        health=HEALTH,
        reasons=tuple(
            Reason(code=code, source=Source.COMPUTED, facts=facts) for code, facts in reasons
        ),
    )


def available(*nodes: str) -> list[NodeVerdict]:
    return [verdict(node, State.AVAILABLE) for node in nodes]


def nodes_of(rows: list[Row]) -> list[tuple[str, ...]]:
    return [row.nodes for row in rows]


def taint(key: str = "k", value: str = "", added: datetime | None = None) -> TaintFacts:
    return TaintFacts(key=key, value=value, effect="NoSchedule", time_added=added)


def selected(wanted: str = "ssd", actual: str | None = None) -> NodeSelectorFacts:
    return NodeSelectorFacts(key="disk", wanted=wanted, actual=actual)


def affinity(wanted: str = "a", actual: str | None = None) -> NodeAffinityFacts:
    failure = AffinityFailure(
        term=0, key="zone", operator="In", values=(wanted,), actual=actual, problem=None
    )
    terms = (term(requirement("zone", "In", wanted)),)
    return NodeAffinityFacts(terms=terms, failed=(failure,))


def health(status: str = "False", since: datetime | None = None) -> NodeHealthFacts:
    return NodeHealthFacts(exists=True, status=status, reason="", message="", since=since)


def short(resource: str = "memory", pod: str = "p", message: str = "") -> RoomFacts:
    return RoomFacts(pod=pod, text=f"Insufficient {resource}", resource=resource, message=message)


def crashing(pod: str = "p", reason: str = "Error", restarts: int = 1) -> ContainerFacts:
    return ContainerFacts(
        pod=pod,
        container="agent",
        init=False,
        image="example.com/agent:1",
        reason=reason,
        message="",
        restarts=restarts,
        exit_code=restarts,
        exit_reason="",
    )


# Two nodes in one state with one reason each: are they one row?

PAIRS = [
    pytest.param(("X", NoFacts()), ("X", NoFacts()), True, id="no evidence"),
    pytest.param(("X", NoFacts()), ("Y", NoFacts()), False, id="another code"),
    pytest.param(("X", taint()), ("X", taint()), True, id="the same taint"),
    pytest.param(("X", taint("k")), ("X", taint("l")), False, id="another taint"),
    pytest.param(("X", taint("k", "1")), ("X", taint("k", "2")), False, id="another taint's value"),
    pytest.param(
        ("X", taint(added=NOW)), ("X", taint(added=ago(9))), True, id="tainted at another time"
    ),
    pytest.param(("X", selected()), ("X", selected(actual="hdd")), True, id="another own label"),
    pytest.param(("X", selected("ssd")), ("X", selected("hdd")), False, id="another label wanted"),
    pytest.param(
        ("X", NodeNameFacts(wanted="a")), ("X", NodeNameFacts(wanted="b")), False, id="node name"
    ),
    pytest.param(("X", affinity()), ("X", affinity(actual="b")), True, id="another own zone"),
    pytest.param(("X", affinity("a")), ("X", affinity("b")), False, id="another zone wanted"),
    pytest.param(
        ("X", health("False")), ("X", health("False", NOW)), True, id="since another time"
    ),
    pytest.param(("X", health("True")), ("X", health("False")), False, id="a node that is ready"),
    pytest.param(
        ("X", taint("k", "1790000001")),
        ("X", taint("k", "1790000002")),
        True,
        id="times in a taint",
    ),
    pytest.param(("X", short()), ("X", short(pod="q", message="m")), True, id="another pod"),
    pytest.param(("X", short()), ("X", short("cpu")), False, id="another resource"),
    pytest.param(("X", crashing()), ("X", crashing("q", restarts=9)), True, id="other restarts"),
    pytest.param(("X", crashing()), ("X", crashing(reason="Oops")), True, id="another end"),
    pytest.param(
        ("X", OldPodFacts(pod="p", revision="1", current_revision="3")),
        ("X", OldPodFacts(pod="q", revision="2", current_revision="3")),
        True,
        id="other old revisions",
    ),
    pytest.param(("X", taint("k")), ("X", NoFacts()), False, id="another kind of evidence"),
]


@pytest.mark.parametrize(("left", "right", "expected"), PAIRS)
def test_what_shares_a_row(
    left: tuple[str, Facts], right: tuple[str, Facts], expected: bool
) -> None:
    rows = fold([verdict("a", State.EXCLUDED, left), verdict("b", State.EXCLUDED, right)])
    assert nodes_of(rows) == ([("a", "b")] if expected else [("a",), ("b",)])


APART = [
    pytest.param(
        verdict("a", State.EXCLUDED, ("X", taint())),
        verdict("b", State.MISSCHEDULED, ("X", taint())),
        id="another state",
    ),
    pytest.param(
        verdict("a", State.EXCLUDED, ("X", taint())),
        verdict("b", State.EXCLUDED, ("X", taint()), ("Y", selected())),
        id="one reason more",
    ),
    pytest.param(
        verdict("a", State.EXCLUDED, ("X", taint()), ("Y", selected())),
        verdict("b", State.EXCLUDED, ("Y", selected()), ("X", taint())),
        id="another reason decides",
    ),
    pytest.param(
        verdict("a", State.EXCLUDED), verdict("b", State.EXCLUDED, ("X", taint())), id="no reason"
    ),
]


@pytest.mark.parametrize(("left", "right"), APART)
def test_what_never_shares_a_row(left: NodeVerdict, right: NodeVerdict) -> None:
    assert sorted(nodes_of(fold([left, right]))) == [("a",), ("b",)]


KEPT = [
    pytest.param(State.MISSCHEDULED, True, [("a",), ("b",)], id="misscheduled, one goes"),
    pytest.param(State.MISSCHEDULED, False, [("a", "b")], id="misscheduled, both go"),
    pytest.param(State.EXCLUDED, True, [("a", "b")], id="where no pod is, nothing goes"),
]


@pytest.mark.parametrize(("state", "keeps", "expected"), KEPT)
def test_pods_that_stay_and_pods_that_go_share_no_row(
    state: State, keeps: bool, expected: list[tuple[str, ...]]
) -> None:
    cause = ("X", taint())
    rows = fold([verdict("a", state, cause, keeps=keeps), verdict("b", state, cause, keeps=False)])
    assert nodes_of(rows) == expected
    if state is State.MISSCHEDULED:
        assert [row.keeps for row in rows] == [keeps, False][-len(rows) :]


def test_a_row_keeps_each_nodes_evidence_in_the_order_of_its_nodes() -> None:
    rows = fold(
        [
            verdict("n10", State.EXCLUDED, ("X", selected(actual="ten")), ("Y", taint(added=NOW))),
            verdict("n9", State.EXCLUDED, ("X", selected(actual="nine")), ("Y", taint())),
        ]
    )
    (row,) = rows
    assert row.nodes == ("n9", "n10")
    assert row.state is State.EXCLUDED
    first, second = row.causes
    assert (first.code, first.facts) == ("X", (selected(actual="nine"), selected(actual="ten")))
    assert (second.code, second.facts) == ("Y", (taint(), taint(added=NOW)))


# The order: gaps before what is well; the larger row first; then by name


def test_the_worst_state_comes_first() -> None:
    verdicts = [verdict(f"n{rank}", state) for rank, state in enumerate(reversed(State))]
    states = [row.state for row in fold(verdicts)]
    assert [item.state for item in worst_first(verdicts)] == states
    assert states[0] is State.MISSING
    assert states[-2:] == [State.EXCLUDED, State.AVAILABLE]
    assert len(states) == len(State)


def test_of_rows_in_one_state_the_larger_comes_first_and_then_the_first_name() -> None:
    rows = fold(
        [
            verdict("b", State.MISSING, ("X", taint("1"))),
            verdict("a", State.MISSING, ("X", taint("2"))),
            verdict("c", State.MISSING, ("X", taint("3"))),
            verdict("d", State.MISSING, ("X", taint("3"))),
            *available("e", "f", "g"),
        ]
    )
    assert nodes_of(rows) == [("c", "d"), ("a",), ("b",), ("e", "f", "g")]


def test_nothing_folds_to_nothing() -> None:
    assert fold([]) == []
    assert worst_first([]) == []


# Numbers in names count as numbers

ORDERED = [
    pytest.param(["node-1", "node-2", "node-10"], id="numbers at the end"),
    pytest.param(["a-9-b", "a-10-a"], id="numbers inside"),
    pytest.param(["1a", "2a", "10a"], id="numbers at the beginning"),
    pytest.param(["a", "a1", "a1b", "a2", "b"], id="prefixes"),
    pytest.param(["ip-10-0-9-1", "ip-10-0-10-1"], id="addresses"),
    pytest.param(["n-999999999999999999", "n-1000000000000000000"], id="18 and 19 digits"),
    pytest.param(["n-1000000000000000001", "n-1000000000000000002"], id="the 19th digit"),
    pytest.param(["n" + "9" * 30, "n1" + "0" * 30], id="30 and 31 digits"),
    pytest.param(["a.b", "a.c"], id="no numbers"),
]


@pytest.mark.parametrize("expected", ORDERED)
def test_names_in_natural_order(expected: list[str]) -> None:
    for order in permutations(expected):
        assert sorted(order, key=natural) == expected
    assert nodes_of(fold(available(*expected[::-1]))) == [tuple(expected)]
    found = worst_first(available(*expected[::-1]))
    assert [item.node for item in found] == expected


def test_signs_that_look_like_digits_are_none() -> None:
    assert sorted(["a²", "a٣", "a10", "a9"], key=natural)[:2] == ["a9", "a10"]


PART = st.text("ab-.", min_size=1, max_size=3)
NUMBER = st.text("0123456789", min_size=1, max_size=25).map(int)


@settings(max_examples=200, deadline=None)
@given(PART, NUMBER, NUMBER, st.one_of(st.just(""), PART))
def test_names_that_differ_in_a_number_are_in_its_order(
    before: str, left: int, right: int, after: str
) -> None:
    less = natural(f"{before}{left}{after}") < natural(f"{before}{right}{after}")
    assert less is (left < right)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab-.019", max_size=6), max_size=6, unique=True))
def test_natural_order_tells_all_names_apart(names: list[str]) -> None:
    assert len({tuple(natural(name)) for name in names}) == len(names)


VERDICTS = st.lists(
    st.tuples(
        st.sampled_from(list(State)), st.sampled_from(["x", "y"]), st.sampled_from([None, NOW])
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(VERDICTS)
def test_every_node_is_in_exactly_one_row(shapes: list[tuple[State, str, datetime | None]]) -> None:
    verdicts = [
        verdict(f"n{rank}", state, ("X", taint(key, added=added)))
        for rank, (state, key, added) in enumerate(shapes)
    ]
    rows = fold(verdicts)
    assert sorted(name for row in rows for name in row.nodes) == sorted(
        item.node for item in verdicts
    )
    assert len(rows) == len({(state, key) for state, key, _ in shapes})
    assert all(len(cause.facts) == len(row.nodes) for row in rows for cause in row.causes)
