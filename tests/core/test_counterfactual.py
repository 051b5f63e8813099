"""What smaller request would let the pods onto all nodes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.cover import survey
from kubectl_ds.core.facts import FitsAll, RoomFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.lean import lean
from kubectl_ds.core.model import Cluster, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.quantity import parse
from kubectl_ds.core.reasons import State
from kubectl_ds.words.reasons import sentence
from tests.core.make import cluster, daemon_set, node, pod
from tests.core.rooms import there, waiting

ASKED = {"memory": "256Mi"}
UP = "up"  # a node on which the DaemonSet's pod is available


def small(name: str, **more: Any) -> Node:
    return node(name, allocatable={"cpu": "1", "memory": "1Gi", "pods": "9"}, **more)


def fleet(*taken: str, nodes: Sequence[Node] = (), pods: Sequence[Pod] = ()) -> Cluster:
    """Node 0, 1, …, each with what others take up of its memory, and the pod that waits for it."""
    names = [str(rank) for rank in range(len(taken))]
    waits = [
        pod(f"agent-{name}", name) if used == UP else waiting(ASKED, target=name, says="")
        for name, used in zip(names, taken, strict=True)
    ]
    others = [
        there(f"o{name}", {"memory": used}, name)
        for name, used in zip(names, taken, strict=True)
        if used != UP
    ]
    where = [*map(small, names), *nodes]
    return cluster([daemon_set()], where, [*waits, *others, *pods])


def fits(seen: Cluster) -> list[FitsAll | None]:
    """Of every node where a pod waits, by name."""
    return [facts.fits_all for facts in rooms(seen)]


def rooms(seen: Cluster) -> list[RoomFacts]:
    verdicts = explain(seen, seen.daemon_sets[0]).nodes
    reasons = [reason for verdict in verdicts for reason in verdict.reasons]
    return [reason.facts for reason in reasons if isinstance(reason.facts, RoomFacts)]


def known(request: str, nodes: int, desired: int) -> FitsAll:
    return FitsAll(request=request, nodes=nodes, desired=desired)


MISSING = small("m")
EXCLUDED = small("x", taints=["x:NoSchedule"])
CPU_TOO = there("cpu", {"cpu": "1"}, "0")
FLEETS = [
    pytest.param(fleet("900Mi"), [known("124Mi", 1, 1)], id="one node"),
    pytest.param(
        fleet("900Mi", "800Mi"), [known("124Mi", 2, 2)] * 2, id="the node with least room decides"
    ),
    pytest.param(fleet("900Mi", UP), [known("124Mi", 2, 2)], id="one runs already"),
    pytest.param(
        fleet("900Mi", nodes=[MISSING]), [known("124Mi", 1, 2)], id="another has another gap"
    ),
    pytest.param(fleet("900Mi", nodes=[EXCLUDED]), [known("124Mi", 1, 1)], id="one is not wanted"),
    pytest.param(fleet("900Mi", "1Gi"), [None, None], id="no room at all on one of them"),
    pytest.param(fleet("2Gi"), [None], id="overcommitted"),
    pytest.param(fleet("1000Mi", "1"), [known("24Mi", 1, 2)], id="another waits for no such thing"),
    pytest.param(
        fleet("900Mi", "800Mi", pods=[there(f"p{n}", target="0") for n in range(9)]),
        [None, None, known("224Mi", 1, 2)],
        id="a node that is short of two things does not count",
    ),
]


@pytest.mark.parametrize(("seen", "expected"), FLEETS)
def test_the_request_that_fits(seen: Cluster, expected: list[FitsAll | None]) -> None:
    assert fits(seen) == expected


def test_pods_are_not_asked_for_in_parts() -> None:
    item = daemon_set()
    where = node(allocatable={"pods": "1"})
    seen = cluster([item], [where], [waiting(says="Too many pods"), there("x")])
    assert fits(seen) == [None]


def test_what_fits_now_has_no_counterfactual() -> None:
    item = daemon_set()
    seen = cluster([item], [node()], [waiting(ASKED, says="Insufficient memory")])
    assert fits(seen) == [None]


def test_nor_has_what_is_not_known() -> None:
    item, pods = daemon_set(), [waiting(ASKED, says="Insufficient memory")]
    assert fits(cluster([item], [node()], pods, occupants_of=frozenset())) == [None]


TEXTS = [
    pytest.param(fleet("900Mi"), "a request of at most 124Mi fits", id="one node"),
    pytest.param(
        fleet("900Mi", "900Mi"), "a request of at most 124Mi fits both nodes", id="two nodes"
    ),
    pytest.param(
        fleet("900Mi", UP, UP, UP), "a request of at most 124Mi fits all 4 nodes", id="all"
    ),
    pytest.param(
        fleet("900Mi", UP, nodes=[MISSING]),
        "with a request of at most 124Mi it runs on 2 of 3 nodes",
        id="not all",
    ),
    pytest.param(
        fleet("943730048"), "a request of at most 123.9Mi fits", id="in words, rounded down"
    ),
]


@pytest.mark.parametrize(("seen", "text"), TEXTS)
def test_what_is_said_of_it(seen: Cluster, text: str) -> None:
    assert sentence("InsufficientMemory", rooms(seen)).split("; ")[-1] == text


TAKEN = st.lists(
    st.one_of(st.just(UP), st.integers(760, 1040).map("{}Mi".format)), min_size=1, max_size=4
)


@given(TAKEN, st.booleans())
def test_with_the_smaller_request_it_does_fit(taken: list[str], gap: bool) -> None:
    """And a byte more does not."""
    seen = fleet(*taken, nodes=[MISSING] if gap else ())
    found = {item for item in fits(seen) if item}
    assert len(found) <= 1
    for item in found:
        most = parse(item.request).value
        free = [parse(facts.free or "?").value for facts in rooms(seen)]
        assert min(free) == most > Fraction(0)
        states = [verdict.state for verdict in explain(seen, seen.daemon_sets[0]).nodes]
        available = states.count(State.AVAILABLE)
        assert (item.nodes, item.desired) == (available + len(free), len(taken) + gap)


@given(TAKEN, st.booleans())
def test_coverage_counts_the_same_nodes(taken: list[str], gap: bool) -> None:
    seen = fleet(*taken, nodes=[MISSING] if gap else ())
    item = seen.daemon_sets[0]
    cover = survey(Fleet(lean(seen)), item)
    for verdict in explain(seen, item).nodes:
        assert cover.on(verdict.node).reasons == verdict.reasons
