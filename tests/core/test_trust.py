"""When the reported status alone is believed, and what it then tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest
from recorded import NAMES, cluster

from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.trust import trusted
from tests.core import make
from tests.core.make import NOW, OLD_HASH, daemon_set, node, pod

# Recordings of a controller that was halted, or had no cause to look again: see test_recorded.
HALTED = {"controller_not_reconciling", "misscheduled_controller_halted", "taint_added_later"}
# The controller counts a pod that is being deleted as available.
ENDING = {"stuck_terminating", "stuck_terminating_overdue"}

NODES = [node("a"), node("b"), node("c")]
TAINTED = [*NODES, node("d", taints=["x:NoSchedule"])]
SICK = [*NODES[:2], node("c", ready="False")]
SILENT = [*NODES[:2], node("c", ready=None)]
WELL = {
    "desired_number_scheduled": 3,
    "current_number_scheduled": 3,
    "updated_number_scheduled": 3,
    "number_ready": 3,
    "number_available": 3,
}
DARK = WELL | {"number_ready": 2, "number_available": 2, "number_unavailable": 1}


def told(nodes: list[Node], item: DaemonSet, **more: Any) -> Cover | None:
    """Without a single pod."""
    return trusted(Fleet(make.cluster([item], nodes, **more)), item)


def told_with(item: DaemonSet, *pods: Pod) -> Cover | None:
    """With node c not ready, and the pods there known."""
    return trusted(Fleet(make.cluster([item], SICK, pods)), item, frozenset("c"))


OFF = [
    pytest.param(field, wrong, id=f"{field}: {wrong}") for field in WELL for wrong in (0, 2, 4)
] + [pytest.param("number_misscheduled", 1, id="number_misscheduled: 1")]


@pytest.mark.parametrize(("field", "wrong"), OFF)
def test_a_number_that_does_not_fit(field: str, wrong: int) -> None:
    assert told(NODES, daemon_set(**WELL)) is not None
    assert told(NODES, daemon_set(**{**WELL, field: wrong})) is None


OPEN = [
    pytest.param(NODES, daemon_set(generation=2, observed=1, **WELL), id="not observed yet"),
    pytest.param(NODES, daemon_set(deleted=NOW, **WELL), id="being deleted"),
    pytest.param(NODES[:2], daemon_set(**WELL), id="a node fewer than it counts"),
    pytest.param([*NODES, node("d")], daemon_set(**WELL), id="a node more than it counts"),
    pytest.param([*NODES[:2], TAINTED[3]], daemon_set(**WELL), id="it counts an excluded node"),
    pytest.param(SICK, daemon_set(**WELL), id="it counts a node that is not ready"),
    pytest.param(NODES, daemon_set(**DARK), id="one is not ready, and its node is"),
    pytest.param(SICK, daemon_set(**DARK), id="a node that is not ready"),
    pytest.param(SILENT, daemon_set(**DARK), id="a node that never reported"),
    pytest.param([], daemon_set(**WELL), id="no node at all"),
]


@pytest.mark.parametrize(("nodes", "item"), OPEN)
def test_what_the_status_leaves_open(nodes: list[Node], item: DaemonSet) -> None:
    assert told(nodes, item) is None


def test_in_a_namespace_that_is_being_deleted_it_tells_nothing() -> None:
    ending = [make.namespace(phase="Terminating")]
    assert told(NODES, daemon_set(**WELL), namespaces=ending) is None


A, E, U = State.AVAILABLE, State.EXCLUDED, State.UNREADY
WHOLE = [
    pytest.param(NODES, daemon_set(**WELL), {A: 3}, 3, id="on all"),
    pytest.param(TAINTED, daemon_set(**WELL), {A: 3, E: 1}, 3, id="on all that it wants"),
    pytest.param(TAINTED[3:], daemon_set(), {E: 1}, 0, id="none wanted"),
]


@pytest.mark.parametrize(("nodes", "item", "states", "desired"), WHOLE)
def test_what_the_status_tells(
    nodes: list[Node], item: DaemonSet, states: dict[State, int], desired: int
) -> None:
    cover = told(nodes, item)
    assert cover is not None
    assert (cover.states, cover.nodes, cover.desired) == (states, len(nodes), desired)
    assert cover.available == states.get(A, 0)
    assert not cover.verified


UP = pod("agent-c", "c")
DOWN = pod("agent-c", "c", ready=False)
SEEN = [
    pytest.param(DARK, [DOWN], True, id="all that are available are elsewhere"),
    pytest.param(WELL, [UP], True, id="it is still counted as available"),
    pytest.param(DARK, [UP], False, id="one that is counted makes up for one elsewhere"),
    pytest.param(WELL, [DOWN], False, id="more are counted than there can be"),
    pytest.param(WELL, [], False, id="a pod is counted that is not there"),
    pytest.param(
        DARK | {"updated_number_scheduled": 2},
        [pod("agent-c", "c", ready=False, hash=OLD_HASH)],
        True,
        id="an older pod is there",
    ),
    pytest.param(
        DARK | {"updated_number_scheduled": 2}, [DOWN], False, id="an older pod is elsewhere"
    ),
]


@pytest.mark.parametrize(("status", "pods", "enough"), SEEN)
def test_with_the_pods_on_nodes_that_are_not_ready(
    status: dict[str, int], pods: list[Pod], enough: bool
) -> None:
    cover = told_with(daemon_set(**status), *pods)
    assert (cover is not None) == enough
    if cover:
        assert (cover.states, cover.available, cover.verified) == ({A: 2, U: 1}, 2, False)


def compared(name: str) -> Iterator[tuple[DaemonSet, tuple[Any, ...], tuple[Any, ...]]]:
    """DaemonSets of a recording that are trusted: what the status tells, and what the pods."""
    seen = cluster(name)
    whole = Fleet(seen)
    dark = whole.nodes.keys() - whole.ready
    pods = tuple(item for item in seen.pods if item.spec.node_name in dark)
    blind = Fleet(msgspec.structs.replace(seen, pods=pods))
    for item in seen.daemon_sets:
        cover = trusted(blind, item, dark)
        if cover is not None:
            yield item, numbers(cover, seen.nodes), numbers(survey(whole, item), seen.nodes)


def numbers(cover: Cover, nodes: Iterable[Node]) -> tuple[Any, ...]:
    states = {item.name: cover.on(item.name).state for item in nodes}
    return states, cover.states, cover.nodes, cover.desired, cover.available, cover.none_wanted


@pytest.mark.parametrize("name", [name for name in NAMES if name not in HALTED | ENDING])
def test_where_it_is_trusted_it_tells_what_the_pods_tell(name: str) -> None:
    for item, by_status, by_pods in compared(name):
        assert by_status == by_pods, item.name


@pytest.mark.parametrize("name", sorted(ENDING))
def test_a_pod_that_is_being_deleted_is_what_the_status_does_not_tell(name: str) -> None:
    ((_, (by_status, *_), (by_pods, *_)),) = compared(name)
    assert {by_pods[node] for node in by_pods if by_pods[node] is not by_status[node]} == {
        State.TERMINATING
    }


def test_many_recordings_are_trusted() -> None:
    assert sum(len(list(compared(name))) for name in NAMES) >= 50
