"""How far a rolling update may go: the limits, and the nodes that count against them.

Sources: ``pkg/controller/daemon/update.go`` (rollingUpdate, updatedDesiredNodeCounts,
findUpdatedPodsOnNode), ``pkg/controller/daemon/util/daemonset_util.go`` (UnavailableCount,
SurgeCount, AllowsSurge), apimachinery ``pkg/util/intstr/intstr.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.model import DaemonSet, UpdateStrategy
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.budget import (
    Budget,
    allows_surge,
    budget,
    limits,
    scaled,
    stalls,
    surplus,
)
from kubectl_ds.core.running.availability import is_available
from tests.core.make import HASH, NOW, OLD_HASH, ON_DELETE, daemon_set, pod, rolling_update

MIN_READY = 10
SHORT, LONG = 5, 3600


def count(
    strategy: UpdateStrategy,
    desired: Iterable[str],
    pods: Mapping[str, Iterable[Pod]],
) -> Budget:
    """The budget where a pod is available after MIN_READY seconds."""
    return budget(
        daemon_set(strategy=strategy),
        desired,
        {node: tuple(items) for node, items in pods.items()},
        updated=is_new,
        available=is_there,
    )


def is_new(item: Pod) -> bool:
    return item.labels["controller-revision-hash"] == HASH


def is_there(item: Pod) -> bool:
    return is_available(item, MIN_READY, NOW)


# GetScaledValueFromIntOrPercent, always rounded up

SCALED = [
    pytest.param(0, 10, 0, id="zero"),
    pytest.param(1, 10, 1, id="a number"),
    pytest.param(20, 10, 20, id="a number is not capped"),
    pytest.param("10%", 3, 1, id="10% of 3"),
    pytest.param("34%", 3, 2, id="34% of 3"),
    pytest.param("33%", 3, 1, id="33% of 3"),
    pytest.param("10%", 0, 0, id="10% of none"),
    pytest.param("100%", 0, 0, id="all of none"),
    pytest.param("0%", 10, 0, id="0%"),
    pytest.param("1%", 1, 1, id="1% of 1"),
    pytest.param("1%", 100, 1, id="1% of 100"),
    pytest.param("1%", 101, 2, id="1% of 101"),
    pytest.param("10%", 10, 1, id="10% of 10, exactly"),
    pytest.param("10%", 11, 2, id="10% of 11"),
    pytest.param("50%", 5, 3, id="half of 5"),
    pytest.param("100%", 7, 7, id="all of 7"),
    pytest.param("150%", 2, 3, id="more than all"),
    pytest.param("29%", 100, 29, id="29% of 100 is no fraction more"),
    pytest.param("+10%", 10, 1, id="a plus"),
    pytest.param("010%", 10, 1, id="a leading zero"),
    pytest.param("5", 10, None, id="a number in a text"),
    pytest.param("", 10, None, id="an empty text"),
    pytest.param("%", 10, None, id="a percent sign"),
    pytest.param("10 %", 10, None, id="a space"),
    pytest.param(" 10%", 10, None, id="a space before"),
    pytest.param("10%\n", 10, None, id="a newline after"),
    pytest.param("10%%", 10, None, id="two percent signs"),
    pytest.param("1.5%", 10, None, id="a fraction"),
    pytest.param("1e1%", 10, None, id="an exponent"),
    pytest.param("1_0%", 10, None, id="an underscore"),
    pytest.param("ten%", 10, None, id="a word"),
    pytest.param("٣%", 10, None, id="an arabic digit"),
    pytest.param("--1%", 10, None, id="two signs"),
    pytest.param(f"{2**63}%", 10, None, id="beyond 64 bits"),
    pytest.param(None, 10, None, id="absent"),
]


@pytest.mark.parametrize(("value", "nodes", "expected"), SCALED)
def test_numbers_and_percentages(value: int | str | None, nodes: int, expected: int | None) -> None:
    assert scaled(value, nodes) == expected


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 100), st.integers(0, 10_000))
def test_percentages_are_rounded_up(percent: int, nodes: int) -> None:
    assert scaled(f"{percent}%", nodes) == ceil(Fraction(percent, 100) * nodes)


# updatedDesiredNodeCounts: (maxUnavailable, maxSurge), and 1 where both are 0 and a node is wanted

LIMITS = [
    pytest.param(rolling_update(1, 0), 10, (1, 0), id="the API's defaults"),
    pytest.param(rolling_update(3, 0), 10, (3, 0), id="a number"),
    pytest.param(rolling_update("10%", 0), 25, (3, 0), id="a percentage, rounded up"),
    pytest.param(rolling_update("1%", 0), 10, (1, 0), id="a small percentage"),
    pytest.param(rolling_update(0, 2), 10, (0, 2), id="a surge"),
    pytest.param(rolling_update(0, "10%"), 25, (0, 3), id="a surge in percent, rounded up"),
    pytest.param(rolling_update("0%", "100%"), 7, (0, 7), id="all at once"),
    pytest.param(rolling_update(2, None), 10, (2, 0), id="no maxSurge is 0"),
    pytest.param(rolling_update(0, 0), 10, (1, 0), id="neither: 1"),
    pytest.param(rolling_update("0%", "0%"), 10, (1, 0), id="neither, in percent: 1"),
    pytest.param(rolling_update(0, None), 10, (1, 0), id="no unavailability, no surge: 1"),
    pytest.param(rolling_update(0, 0), 0, (0, 0), id="neither, and no node is wanted"),
    pytest.param(rolling_update("10%", 0), 0, (0, 0), id="a percentage of none"),
    pytest.param(rolling_update(0, "10%"), 0, (0, 0), id="a surge of none"),
    pytest.param(rolling_update(1, 0), 0, (1, 0), id="a number, and no node is wanted"),
    pytest.param(UpdateStrategy(type="RollingUpdate"), 10, (1, 0), id="no rollingUpdate: 1"),
    pytest.param(UpdateStrategy(type="RollingUpdate"), 0, (0, 0), id="no rollingUpdate, no node"),
    pytest.param(rolling_update(0, 0), 1, (1, 0), id="neither, and one node is wanted: 1"),
    pytest.param(rolling_update(0, 1), 1, (0, 1), id="a surge, and one node is wanted"),
    pytest.param(ON_DELETE, 10, (0, 0), id="OnDelete"),
    pytest.param(
        UpdateStrategy(type="OnDelete", rolling_update=rolling_update(3, 0).rolling_update),
        10,
        (0, 0),
        id="OnDelete with what was left of a rolling update",
    ),
]


@pytest.mark.parametrize(("strategy", "nodes", "expected"), LIMITS)
def test_limits(strategy: UpdateStrategy, nodes: int, expected: tuple[int, int]) -> None:
    assert limits(daemon_set(strategy=strategy), nodes) == expected


# An invalid value is an error of the whole rolling update (UnavailableCount, SurgeCount): it makes
# no progress, so there is no room.

WRONG = [
    pytest.param(rolling_update("many", 0), id="maxUnavailable"),
    pytest.param(rolling_update(None, 0), id="no maxUnavailable"),
    pytest.param(rolling_update("5", 0), id="a number in a text"),
    pytest.param(rolling_update(0, "many"), id="maxSurge"),
    pytest.param(rolling_update(1, "many"), id="maxSurge beside a valid maxUnavailable"),
]


@pytest.mark.parametrize("strategy", WRONG)
def test_an_invalid_value_leaves_no_room(strategy: UpdateStrategy) -> None:
    assert limits(daemon_set(strategy=strategy), 10) == (0, 0)


# AllowsSurge: maxSurge of one node, whatever maxUnavailable says

SURGES = [
    pytest.param(daemon_set(strategy=rolling_update(1, 0)), False, id="no surge"),
    pytest.param(daemon_set(strategy=rolling_update(0, 1)), True, id="a number"),
    pytest.param(daemon_set(strategy=rolling_update(0, "1%")), True, id="1% of one node"),
    pytest.param(daemon_set(strategy=rolling_update(0, "0%")), False, id="0%"),
    pytest.param(daemon_set(strategy=rolling_update(1, None)), False, id="absent"),
    pytest.param(daemon_set(strategy=rolling_update(0, "many")), False, id="invalid"),
    pytest.param(daemon_set(strategy=UpdateStrategy()), False, id="no rollingUpdate"),
    pytest.param(daemon_set(strategy=ON_DELETE), False, id="OnDelete"),
    pytest.param(
        daemon_set(
            strategy=UpdateStrategy(
                type="OnDelete", rolling_update=rolling_update(0, 1).rolling_update
            )
        ),
        False,
        id="OnDelete with what was left of a surge",
    ),
    pytest.param(
        daemon_set(strategy=rolling_update("many", 1)), True, id="an invalid maxUnavailable"
    ),
]


@pytest.mark.parametrize(("owner", "expected"), SURGES)
def test_whether_a_strategy_surges(owner: DaemonSet, expected: bool) -> None:
    assert allows_surge(owner) is expected


# rollingUpdate with maxSurge == 0: which entries of the node map are unavailable


def new(name: str = "new", ready_for: float = LONG, **fields: object) -> Pod:
    return pod(name, hash=HASH, ready_for=ready_for, **fields)  # type: ignore[arg-type]


def old(name: str = "old", ready_for: float = LONG, **fields: object) -> Pod:
    return pod(name, hash=OLD_HASH, ready_for=ready_for, **fields)  # type: ignore[arg-type]


ENTRIES = [
    # pods, counted as unavailable, counted as surging
    pytest.param([], True, False, id="no pod"),
    pytest.param([new()], False, False, id="only new, available"),
    pytest.param([new(ready=False)], True, False, id="only new, not ready"),
    pytest.param([new(ready_for=SHORT)], True, False, id="only new, within minReadySeconds"),
    pytest.param([new(ready_for=MIN_READY)], False, False, id="only new, just available"),
    pytest.param([new(bound=False)], True, False, id="only new, pending"),
    pytest.param([new(phase="Failed")], True, False, id="only new, failed"),
    pytest.param([old()], False, False, id="only old, available"),
    pytest.param([old(ready=False)], True, False, id="only old, not ready"),
    pytest.param([old(ready_for=SHORT)], True, False, id="only old, within minReadySeconds"),
    pytest.param([old(phase="Failed")], True, False, id="only old, failed"),
    pytest.param([old(), new()], True, False, id="old and new, both available"),
    pytest.param([old(), new(ready=False)], True, True, id="old and new, the new not ready"),
    pytest.param(
        [old(), new(ready_for=SHORT)], True, True, id="old and new, the new within minReadySeconds"
    ),
    pytest.param([old(), new(bound=False)], True, True, id="old and new, the new pending"),
    pytest.param([old(ready=False), new()], True, False, id="old and new, the old not ready"),
    pytest.param(
        [old(ready=False), new(ready=False)], True, True, id="old and new, neither is ready"
    ),
    pytest.param([new(), new("new-2")], True, True, id="two new"),
    pytest.param([old(), old("old-2")], True, True, id="two old"),
    pytest.param([old(), old("old-2"), new()], True, True, id="two old and a new"),
    pytest.param([old(), new(), new("new-2")], True, True, id="an old and two new"),
    pytest.param([old(deleting=True)], True, False, id="only an old one, deleting"),
    pytest.param([new(deleting=True)], True, False, id="only a new one, deleting"),
    pytest.param([old(deleting=True), new()], False, False, id="the old deleting, the new there"),
    pytest.param(
        [old(deleting=True), new(ready=False)],
        True,
        False,
        id="the old deleting, the new not ready",
    ),
    pytest.param([old(), new(deleting=True)], False, False, id="the new deleting, the old there"),
    pytest.param([old(), old("old-2", deleting=True)], False, False, id="one of two old deleting"),
]


@pytest.mark.parametrize("wanted", [True, False], ids=["desired", "not desired"])
@pytest.mark.parametrize(("pods", "unavailable", "surging"), ENTRIES)
def test_what_a_node_counts_without_a_surge(
    pods: list[Pod], unavailable: bool, surging: bool, wanted: bool
) -> None:
    desired = ["a", "other"] if wanted or not pods else ["other"]
    found = count(rolling_update(1, 0), desired, {"a": pods, "other": [new()]})
    assert found.unavailable == (("a",) if unavailable else ())
    assert found.surging == ()


@pytest.mark.parametrize("wanted", [True, False], ids=["desired", "not desired"])
@pytest.mark.parametrize(("pods", "unavailable", "surging"), ENTRIES)
def test_what_a_node_counts_with_a_surge(
    pods: list[Pod], unavailable: bool, surging: bool, wanted: bool
) -> None:
    desired = ["a", "other"] if wanted or not pods else ["other"]
    found = count(rolling_update(0, 1), desired, {"a": pods, "other": [new()]})
    assert found.surging == (("a",) if surging else ())
    assert found.unavailable == ()


# Nodes where no pod is wanted are no part of the base of percentages, yet a pod there counts


def test_dead_nodes_are_outside_the_base_and_use_up_the_budget() -> None:
    desired = [f"n{i}" for i in range(10)]
    pods = {name: [old(name)] for name in desired}
    pods |= {"dead-1": [old("dead-1", ready=False)], "dead-2": [new("dead-2", deleting=True)]}
    found = count(rolling_update("10%", 0), desired, pods)
    assert found.max_unavailable == 1
    assert found.unavailable == ("dead-1", "dead-2")
    assert (found.limit, found.used_by) == (1, ("dead-1", "dead-2"))


def test_a_wanted_node_without_a_pod_counts_though_the_map_has_no_entry() -> None:
    found = count(rolling_update(1, 0), ["a", "b"], {"a": [new()]})
    assert found.unavailable == ("b",)


def test_an_unwanted_node_without_a_pod_does_not_count() -> None:
    found = count(rolling_update(1, 0), ["a"], {"a": [new()]})
    assert found.unavailable == ()


def test_a_surge_of_no_node_at_all_counts_as_no_surge() -> None:
    found = count(rolling_update(0, "10%"), [], {"dead": [old(ready=False)]})
    assert (found.max_unavailable, found.max_surge) == (0, 0)
    assert (found.unavailable, found.surging) == (("dead",), ())


def test_the_limit_in_force() -> None:
    pods = {"a": [old(), new(ready=False)], "b": [old()]}
    surge = count(rolling_update(0, 2), ["a", "b"], pods)
    assert (surge.limit, surge.used_by) == (2, ("a",))
    plain = count(rolling_update(1, 0), ["a", "b"], pods)
    assert (plain.limit, plain.used_by) == (1, ("a",))


# rollingUpdate with a surge: numAvailable over all entries, of old and new the old one counts, and
# an entry with excess pods does not; minus the desired nodes

SURPLUS = [
    pytest.param(0, {}, 0, id="nothing"),
    pytest.param(3, {}, -3, id="none of three"),
    pytest.param(1, {"a": [new()]}, 0, id="a new one"),
    pytest.param(1, {"a": [old()]}, 0, id="an old one"),
    pytest.param(0, {"a": [old()]}, 1, id="an old one where none is wanted"),
    pytest.param(1, {"a": [new(ready=False)]}, -1, id="not ready"),
    pytest.param(1, {"a": [new(ready_for=SHORT)]}, -1, id="within minReadySeconds"),
    pytest.param(1, {"a": [old(), new()]}, 0, id="old and new count once"),
    pytest.param(1, {"a": [old(), new(ready=False)]}, 0, id="the old one counts"),
    pytest.param(1, {"a": [new(), old(ready=False)]}, -1, id="the old one counts, not the new"),
    pytest.param(1, {"a": [new(), new("new-2")]}, -1, id="two new: excess"),
    pytest.param(1, {"a": [old(), old("old-2"), new()]}, -1, id="two old and a new: excess"),
    pytest.param(1, {"a": [new(), new("new-2", deleting=True)]}, 0, id="one of two deleting"),
    pytest.param(1, {"a": [old(deleting=True)]}, -1, id="deleting"),
    pytest.param(1, {"a": [new()], "b": [old()], "c": [old()]}, 2, id="two too many"),
]


@pytest.mark.parametrize(("desired", "pods", "expected"), SURPLUS)
def test_available_pods_beyond_the_wanted_nodes(
    desired: int, pods: dict[str, list[Pod]], expected: int
) -> None:
    given = {node: tuple(items) for node, items in pods.items()}
    assert surplus(desired, given, is_new, is_there) == expected


# rollingUpdate with a surge: nodeLister.Get of each node with an old pod alone; an error ends it

STALLS = [
    pytest.param({"gone": [old()]}, ["gone"], id="an old pod"),
    pytest.param({"gone": [old(ready=False)]}, ["gone"], id="an old pod, not ready"),
    pytest.param({"gone": [old(bound=False)]}, ["gone"], id="an old pod, not bound"),
    pytest.param({"gone": [new()]}, [], id="a new pod"),
    pytest.param({"gone": [old(), new()]}, [], id="both"),
    pytest.param({"gone": [old(), old("old-2")]}, [], id="two old pods: excess"),
    pytest.param({"gone": [old(deleting=True)]}, [], id="an old pod, deleting"),
    pytest.param({"gone": [old(), new(deleting=True)]}, ["gone"], id="the new one deleting"),
    pytest.param({"a": [old()]}, [], id="the node is there"),
    pytest.param({"z": [old()], "a": [old()], "y": [old()]}, ["y", "z"], id="two nodes, in order"),
]


@pytest.mark.parametrize(("pods", "expected"), STALLS)
def test_nodes_that_are_gone_stall_a_surge(pods: dict[str, list[Pod]], expected: list[str]) -> None:
    given = {node: tuple(items) for node, items in pods.items()}
    assert list(stalls(given, {"a", "b"}, is_new)) == expected


# The oracle: the two loops of rollingUpdate, read off with their early exits

POD = st.builds(
    lambda hash_, ready, ready_for, deleting: pod(
        "p", hash=hash_, ready=ready, ready_for=ready_for, deleting=deleting
    ),
    st.sampled_from([HASH, OLD_HASH]),
    st.booleans(),
    st.sampled_from([0, MIN_READY - 1, MIN_READY, LONG]),
    st.booleans(),
)
NODES = ["a", "b", "c", "d"]


def oracle(pods: list[Pod], surge: bool) -> bool:
    kept = [item for item in pods if not item.terminating]
    marks = [is_new(item) for item in kept]
    available = [is_there(item) for item in kept]
    if marks.count(True) > 1 or marks.count(False) > 1:
        return True
    if len(kept) == 2:
        return not available[marks.index(True)] if surge else True
    if surge:
        return False
    return not kept or not available[0]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NODES), st.lists(POD, min_size=1, max_size=3)),
    st.lists(st.sampled_from(NODES), min_size=1, unique=True),
    st.booleans(),
)
def test_the_nodes_that_count_are_those_of_the_controllers_loop(
    pods: dict[str, list[Pod]], desired: list[str], surge: bool
) -> None:
    strategy = rolling_update(0, 1) if surge else rolling_update(1, 0)
    entries = {node: pods.get(node, []) for node in {*pods, *desired}}
    expected = sorted(node for node, items in entries.items() if oracle(items, surge))
    assert list(count(strategy, desired, pods).used_by) == expected
