"""Pods that come and go within seconds, as only events tell."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import PodsVanishFacts, VanishCause
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Event, Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.words.reasons import sentence
from tests.core.make import OTHER_UID, cluster, daemon_set, event, node, pod, pod_event

PRESSED = "The node had condition: [DiskPressure]. "
CPU = "Node didn't have enough resource: cpu, requested: 500, used: 1500, capacity: 1930"


def refused(name: str, reason: str = "OutOfcpu", message: str = CPU, **more: Any) -> Event:
    return pod_event(reason, message, of=name, **more)


def failed(name: str, on: str = "a", **more: Any) -> Event:
    message = f"Found failed daemon pod kube-system/{name} on node {on}, will try to kill it"
    return event("FailedDaemonPod", message, **more)


def evicted(name: str, word: str = "Marking for deletion", **more: Any) -> Event:
    message = f"{word} Pod kube-system/{name}"
    component = "taint-eviction-controller"
    more = {"component": component, "host": "", **more}
    return pod_event("TaintManagerEviction", message, of=name, **more)


def found(*events: Event, pods: tuple[Pod, ...] = (), **more: Any) -> PodsVanishFacts | None:
    """What is found of a DaemonSet that lacks a pod on node a, and has one on node b."""
    asked = more.pop("asked", daemon_set())
    given = (*pods, pod("agent-b", "b"))
    seen = cluster([asked], [node("a"), node("b")], given, events=events, **more)
    facts = [x.facts for x in explain(seen, asked).findings if x.code == "PodsVanish"]
    assert all(isinstance(item, PodsVanishFacts) for item in facts)
    return next(iter(facts), None)  # type: ignore[arg-type]


ONE, TWO, THREE = "agent-bcdfg", "agent-hjklm", "agent-npqrs"


def cause(reason: str, pods: int, message: str = CPU) -> VanishCause:
    return VanishCause(reason=reason, pods=pods, message=message)


# semantics G.1 (reasons of refusals), A.11 (FailedDaemonPod), C.3 (TaintManagerEviction).
TOLD = [
    pytest.param((refused(ONE), refused(TWO)), 2, ("a",), ["OutOfcpu"], id="refused"),
    pytest.param((failed(ONE), failed(TWO)), 2, ("a",), ["FailedDaemonPod"], id="failed"),
    pytest.param(
        (refused(ONE), failed(ONE), failed(TWO), refused(TWO)), 2, ("a",), ["OutOfcpu"],
        id="what the kubelet says counts more, each pod once",
    ),
    pytest.param((evicted(ONE), evicted(TWO)), 2, (), ["TaintManagerEviction"], id="a taint"),
    pytest.param(
        (evicted(ONE), failed(ONE), evicted(TWO)), 2, ("a",), ["TaintManagerEviction"],
        id="the node from the other event",
    ),
    pytest.param(
        (refused(ONE), refused(TWO, "NodeAffinity"), refused(THREE, "NodeAffinity")), 3, ("a",),
        ["NodeAffinity", "OutOfcpu"], id="the most frequent reason first",
    ),
    pytest.param(
        (refused(ONE, "Evicted"), refused(TWO, "NodeShutdown")), 2, ("a",),
        ["Evicted", "NodeShutdown"], id="pressure and shutdown",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("events", "pods", "nodes", "reasons"), TOLD)
def test_what_is_left_of_pods_that_are_gone(
    events: tuple[Event, ...], pods: int, nodes: tuple[str, ...], reasons: list[str]
) -> None:
    facts = found(*events)
    assert facts is not None
    assert (facts.pods, facts.nodes) == (pods, nodes)
    assert [item.reason for item in facts.causes] == reasons
    assert sum(item.pods for item in facts.causes) == pods


# rand.SafeEncodeString has an alphabet of its own, without vowels.
NOTHING = [
    pytest.param((), id="no event"),
    pytest.param((refused(ONE),), id="one pod is no loop"),
    pytest.param((refused(ONE), refused(ONE, "NodeAffinity"), failed(ONE)), id="the same pod"),
    pytest.param((refused(ONE), refused("agent-aeiou")), id="no generated name"),
    pytest.param((refused(ONE), refused("agent-bcdfgh")), id="too long a name"),
    pytest.param((refused(ONE), refused("agent-7d5c8f6b9-bcdfg")), id="of a Deployment"),
    pytest.param((refused(ONE), refused("other-bcdfg")), id="of another DaemonSet"),
    pytest.param((refused(ONE), refused(TWO, host="b")), id="where a pod runs by now"),
    pytest.param((failed(ONE), failed(TWO, "b")), id="failed where a pod runs by now"),
    pytest.param((refused(ONE), refused(TWO, seconds_ago=3601)), id="more than an hour ago"),
    pytest.param((refused(ONE), refused(TWO, seconds_ago=-5)), id="after the time of reading"),
    pytest.param(
        (failed(ONE), failed(TWO, uid=OTHER_UID)), id="of a DaemonSet of that name before"
    ),
    pytest.param(
        (evicted(ONE), evicted(TWO, "Cancelling deletion of")), id="not evicted after all"
    ),
    pytest.param((refused(ONE), refused(TWO, "FailedMount")), id="no end"),
    pytest.param((refused(ONE), refused(TWO, "Killing")), id="an ordinary end"),
]


@pytest.mark.parametrize("events", NOTHING)
def test_what_says_nothing_of_a_loop(events: tuple[Event, ...]) -> None:
    assert found(*events) is None


def test_a_pod_that_exists_has_not_vanished() -> None:
    there = pod(TWO, phase="Failed", reason="OutOfcpu")
    assert found(refused(ONE), refused(TWO), pods=(there,)) is None
    assert found(refused(ONE), refused(THREE), refused(TWO), pods=(there,)) is not None


def test_the_newest_message_of_a_reason_is_told() -> None:
    facts = found(
        refused(ONE, seconds_ago=90), refused(TWO, message="newer", seconds_ago=30), failed(THREE)
    )
    assert facts is not None
    assert facts.causes[0] == cause("OutOfcpu", 2, "newer")


def test_a_daemon_set_that_is_covered_lost_nothing() -> None:
    assert found(refused(ONE), refused(TWO), pods=(pod("agent-a", "a"),)) is None


def test_where_no_pods_were_read_none_has_vanished() -> None:
    unread = (Unread(what="pods", why="none in the input"),)
    assert found(refused(ONE), refused(TWO), unread=unread) is None


def test_a_long_name_is_cut_in_the_names_of_its_pods() -> None:
    """SimpleNameGenerator: the base has at most 58 characters."""
    name = "a" * 63
    asked = daemon_set(name)
    base = "a" * 58
    assert found(refused(f"{base}bcdfg"), refused(f"{base}hjklm"), asked=asked) is not None
    assert found(refused(f"{name}-bcdfg"), refused(f"{name}-hjklm"), asked=asked) is None


def test_another_namespace_s_pods_are_not_ours() -> None:
    foreign = [
        replace(item, involved_object=replace(item.involved_object, namespace="other"))
        for item in (refused(ONE), refused(TWO))
    ]
    assert found(*foreign) is None


# Between two rounds no pod is there at all: then its node's own row says what became of the last.
def test_a_node_between_two_pods_says_what_ends_them() -> None:
    pressing = Condition(type="DiskPressure", status="True")
    there = node("a")
    status = replace(there.status, conditions=(*(there.status.conditions or ()), pressing))
    events = [
        refused(f"agent-bcdf{end}", "Evicted", PRESSED, seconds_ago=60 * place)
        for place, end in enumerate("456")
    ]
    given = daemon_set()
    around = cluster([given], [replace(there, status=status)], events=tuple(events))
    (verdict,) = explain(around, given).nodes
    (reason,) = verdict.reasons
    assert (verdict.state, reason.code) == (State.MISSING, "Unknown")
    facts: Any = reason.facts
    assert (facts.ended, facts.cause.reason, facts.pressure) == (3, "Evicted", ("DiskPressure",))
    text = sentence(reason.code, [facts])
    assert "at least 3 pods came and went here" in text
    assert "the node has DiskPressure" in text
    assert not any("webhooks" in item.what for item in explain(around, given).not_checked)
