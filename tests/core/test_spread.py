"""Topology spread constraints, put to a daemon pod.

The rules are those of ``pkg/scheduler/framework/plugins/podtopologyspread`` (semantics F.8).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import LabelSelector, Pod, TopologySpreadConstraint
from kubectl_ds.core.scheduling.spread import topology_spread
from kubectl_ds.core.scheduling.target import Refused, target_of
from tests.core.make import (
    LABELS,
    cluster,
    node,
    pod,
    pod_spec,
    requirement,
    selector,
)

ZONE = "zone"
A1, A2 = node("a1", labels={ZONE: "a"}), node("a2", labels={ZONE: "a"})
B1, C1 = node("b1", labels={ZONE: "b"}), node("c1", labels={ZONE: "c"})
BARE = node("bare")
TAINTED = node("t1", labels={ZONE: "t"}, taints=["k=v:NoSchedule"])
OWN = selector(LABELS)


def constraint(**changes: Any) -> TopologySpreadConstraint:
    usual = {
        "topology_key": ZONE,
        "when_unsatisfiable": "DoNotSchedule",
        "label_selector": OWN,
        "node_affinity_policy": "Ignore",
    }
    return TopologySpreadConstraint(**{**usual, **changes})


HONOR = {"node_affinity_policy": None}


def pending(*constraints: TopologySpreadConstraint, target: str = "a1", **spec: Any) -> Pod:
    given = replace(pod_spec(target, bound=False), topology_spread_constraints=constraints, **spec)
    return pod("new", spec=given, labels={**LABELS, "rev": "2"}, hash="")


def there(number: int, on: str, **more: Any) -> list[Pod]:
    return [pod(f"{on}-{place}", on, **more) for place in range(number)]


def answers(
    waiting: Pod,
    pods: Iterable[Pod] = (),
    nodes: Iterable[Node] = (A1, A2, B1),
    read: frozenset[str] | None = None,
) -> list[Refused | Unread]:
    nodes = tuple(nodes)
    fleet = Fleet(cluster(nodes=nodes, pods=[waiting, *pods], occupants_of=read))
    return list(topology_spread(waiting, target_of(waiting, nodes[0], fleet)))


def skews(found: Iterable[Refused | Unread]) -> list[int | None]:
    """The skews that are too large; None for a label that is missing."""
    facts = [item.facts for item in found if isinstance(item, Refused)]
    return [item.skew for item in facts if isinstance(item, TermFacts)]


ONE = constraint()
PASS: list[int | None] = []
RULES = [
    pytest.param([ONE], there(1, "a1"), [2], id="one more than in the emptiest domain"),
    pytest.param([ONE], [], PASS, id="the first pod"),
    pytest.param([ONE], [*there(1, "a1"), *there(1, "b1")], PASS, id="as many elsewhere"),
    pytest.param([ONE], there(1, "a2"), [2], id="the domain counts and not the node"),
    pytest.param([constraint(max_skew=2)], there(1, "a1"), PASS, id="maxSkew reached"),
    pytest.param([constraint(max_skew=2)], there(2, "a1"), [3], id="maxSkew exceeded"),
    pytest.param(
        [constraint(when_unsatisfiable="ScheduleAnyway")], there(5, "a1"), PASS, id="a wish alone"
    ),
    pytest.param(
        [constraint(**HONOR)], there(9, "a1"), PASS, id="Honor, the default: only the target counts"
    ),
    pytest.param([constraint(node_affinity_policy="Honor")], there(9, "a1"), PASS, id="Honor"),
    pytest.param(
        [constraint(**HONOR, min_domains=2)], [], PASS, id="minDomains 2 and nobody there"
    ),
    pytest.param(
        [constraint(**HONOR, min_domains=2)], there(1, "a1"), [2], id="minDomains 2: least is 0"
    ),
    pytest.param(
        [constraint(**HONOR, min_domains=2)], there(1, "a2"), PASS, id="the same, on another node"
    ),
    pytest.param([constraint(**HONOR, min_domains=1)], there(3, "a1"), PASS, id="minDomains 1"),
    pytest.param(
        [constraint(min_domains=3)],
        [*there(1, "a1"), *there(1, "b1")],
        [2],
        id="fewer domains than minDomains",
    ),
    pytest.param(
        [constraint(min_domains=2)],
        [*there(1, "a1"), *there(1, "b1")],
        PASS,
        id="as many domains as minDomains",
    ),
    pytest.param([ONE], there(3, "a1", deleting=True), PASS, id="terminating pods do not count"),
    pytest.param([ONE], there(3, "a1", phase="Failed"), PASS, id="pods at their end do not count"),
    pytest.param(
        [ONE], there(3, "a1", namespace="other"), PASS, id="nor those of other namespaces"
    ),
    pytest.param(
        [ONE], there(3, "a1", labels={"app": "web"}), PASS, id="nor those of other labels"
    ),
    pytest.param([ONE], there(3, "gone"), PASS, id="nor those on nodes that are gone"),
    pytest.param(
        [constraint(label_selector=LabelSelector())], there(3, "a1"), PASS, id="empty selector"
    ),
    pytest.param([constraint(label_selector=None)], there(3, "a1"), PASS, id="no selector"),
    pytest.param(
        [constraint(label_selector=selector({"app": "web"}))],
        there(1, "a1", labels={"app": "web"}),
        PASS,
        id="the pod itself does not match",
    ),
    pytest.param(
        [constraint(match_label_keys=("rev",))],
        there(3, "a1", labels={**LABELS, "rev": "1"}),
        PASS,
        id="matchLabelKeys: others have another value",
    ),
    pytest.param(
        [constraint(match_label_keys=("rev",))],
        there(1, "a1", labels={**LABELS, "rev": "2"}),
        [2],
        id="matchLabelKeys: the same value",
    ),
    pytest.param(
        [
            constraint(
                match_label_keys=("rev",),
                label_selector=selector(LABELS, requirement("rev", "In", "2")),
            )
        ],
        there(1, "a1", labels={**LABELS, "rev": "2"}),
        [2],
        id="matchLabelKeys: merged by the API already",
    ),
    pytest.param(
        [constraint(match_label_keys=("absent",))],
        there(1, "a1"),
        [2],
        id="matchLabelKeys: the pod has no such label",
    ),
    pytest.param(
        [constraint(match_label_keys=("rev",), label_selector=None)],
        there(1, "a1", labels={**LABELS, "rev": "2"}),
        PASS,
        id="matchLabelKeys without a selector",
    ),
    pytest.param([ONE, constraint(max_skew=2)], there(2, "a1"), [3, 3], id="all that fail"),
]


@pytest.mark.parametrize(("constraints", "pods", "expected"), RULES)
def test_a_constraint(
    constraints: list[TopologySpreadConstraint], pods: list[Pod], expected: list[int | None]
) -> None:
    assert skews(answers(pending(*constraints), pods)) == expected


# Which nodes count: those with the labels of all constraints; by policy those without a taint
# that the pod does not tolerate.
RACK = constraint(topology_key="rack")
NODES = [
    pytest.param([BARE, A1], [ONE], [], [None], id="the target has no such label"),
    pytest.param([BARE], [constraint(**HONOR)], [], [None], id="Honor, and no such label"),
    pytest.param([A1, BARE], [ONE], there(1, "a1"), [], id="a node without it is no domain"),
    pytest.param([A1, TAINTED], [ONE], there(1, "a1"), [2], id="a tainted node counts by default"),
    pytest.param(
        [A1, TAINTED],
        [constraint(node_taints_policy="Honor")],
        there(1, "a1"),
        [],
        id="by policy it does not",
    ),
    pytest.param(
        [A1, node("r", labels={ZONE: "b"})],
        [ONE, RACK],
        there(1, "a1"),
        [None],
        id="one without the label of another constraint does not count",
    ),
]


@pytest.mark.parametrize(("nodes", "constraints", "pods", "expected"), NODES)
def test_which_nodes_count(
    nodes: list[Node],
    constraints: list[TopologySpreadConstraint],
    pods: list[Pod],
    expected: list[int | None],
) -> None:
    waiting = pending(*constraints, target=nodes[0].name)
    assert skews(answers(waiting, pods, nodes)) == expected


def test_a_node_that_the_selector_excludes_does_not_count() -> None:
    """Honor stands for nodeSelector too (matchNodeInclusionPolicies)."""
    rule = constraint(**HONOR, min_domains=2)
    assert skews(answers(pending(rule, node_selector={ZONE: "a"}), there(1, "a1"))) == [2]
    assert skews(answers(pending(rule, node_selector={ZONE: "b"}), there(1, "a1"))) == []


def test_label_keys_are_told_once() -> None:
    stored = selector(LABELS, requirement("rev", "In", "2"))
    rule = constraint(match_label_keys=("rev",), label_selector=stored)
    (found,) = answers(pending(rule), there(1, "a1", labels={**LABELS, "rev": "2"}))
    assert isinstance(found, Refused)
    assert isinstance(found.facts, TermFacts)
    assert found.facts.selector == "app=agent,rev in (2)"


def test_a_pod_for_which_room_is_made_counts() -> None:
    """The filters must pass with and without those that are nominated (addGENominatedPods)."""
    rival = pod("rival", "a1", bound=False, nominated_node_name="a1")
    assert skews(answers(pending(ONE), [rival])) == [2]
    assert skews(answers(pending(ONE, priority=1), [rival])) == []


def test_both_sides_are_evidence() -> None:
    (found,) = answers(pending(constraint(min_domains=3)), there(1, "a1"))
    assert found == Refused(
        "TopologySpread",
        TermFacts(
            pod="new",
            topology_key=ZONE,
            domain="a",
            selector="app=agent",
            max_skew=1,
            min_domains=3,
            domains=2,
            skew=2,
        ),
    )


# What can't be told is said; what holds whatever was not read is told.
UNREAD = [
    pytest.param(ONE, there(1, "a1"), {"a1", "a2"}, "unread", id="the emptiest domain"),
    pytest.param(ONE, [], {"b1"}, "unread", id="its own domain"),
    pytest.param(ONE, [], {"a1", "a2"}, "passes", id="no fewer than none elsewhere"),
    pytest.param(ONE, there(1, "a1"), {"a1", "b1"}, "refused", id="too many of those that were read"),
    pytest.param(constraint(**HONOR), [], set(), "passes", id="Honor: compared with itself"),
    pytest.param(constraint(**HONOR, min_domains=2), [], {"b1"}, "unread", id="minDomains"),
    pytest.param(
        constraint(**HONOR, min_domains=2), there(1, "a1"), set(), "refused", id="minDomains, one seen"
    ),
    pytest.param(constraint(label_selector=None), [], set(), "passes", id="nothing is counted"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "pods", "read", "expected"), UNREAD)
def test_pods_that_were_not_read(
    rule: TopologySpreadConstraint, pods: list[Pod], read: set[str], expected: str
) -> None:
    found = answers(pending(rule), pods, read=frozenset(read))
    kinds = {Refused: "refused", Unread: "unread"}
    assert [kinds[type(item)] for item in found] == ([] if expected == "passes" else [expected])


# Laws.
NUMBERS = st.tuples(*[st.integers(0, 3)] * 4)
FOUR = (A1, A2, B1, C1)
CONSTRAINTS = st.builds(
    constraint,
    max_skew=st.integers(1, 3),
    min_domains=st.none() | st.integers(1, 4),
    node_affinity_policy=st.sampled_from(["Ignore", "Honor"]),
)


def spread_out(numbers: Iterable[int]) -> list[Pod]:
    places = zip(FOUR, numbers, strict=True)
    return [item for place, number in places for item in there(number, place.name)]


@given(CONSTRAINTS, NUMBERS)
def test_the_skew_is_what_the_scheduler_works_out(
    rule: TopologySpreadConstraint, numbers: tuple[int, ...]
) -> None:
    """matchNum + selfMatchNum - minMatchNum <= maxSkew (filtering.go, Filter, minMatchNum)."""
    zones = {"a": numbers[0] + numbers[1], "b": numbers[2], "c": numbers[3]}
    if rule.node_affinity_policy == "Honor":
        zones = {"a": numbers[0]}
    least = min(zones.values()) if len(zones) >= (rule.min_domains or 1) else 0
    skew = zones["a"] + 1 - least
    expected = [skew] if skew > rule.max_skew else []
    assert skews(answers(pending(rule), spread_out(numbers), FOUR)) == expected


@given(
    CONSTRAINTS,
    NUMBERS,
    st.frozensets(st.sampled_from([item.name for item in FOUR])),
    st.sets(st.integers(0, 11)),
)
def test_reading_less_never_turns_the_answer_round(
    rule: TopologySpreadConstraint,
    numbers: tuple[int, ...],
    read: frozenset[str],
    lost: set[int],
) -> None:
    pods = spread_out(numbers)
    whole = answers(pending(rule), pods, FOUR)
    kept = [x for place, x in enumerate(pods) if x.spec.node_name in read or place not in lost]
    for item in answers(pending(rule), kept, FOUR, read) or [None]:
        assert isinstance(item, Unread) or bool(item) is bool(whole)
