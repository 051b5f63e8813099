"""Host ports that another pod on the node holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import PortFacts, PortHolder
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Source
from kubectl_ds.core.scheduling.ports import host_ports
from kubectl_ds.core.scheduling.target import Refused, Target
from kubectl_ds.words.reasons import sentence
from tests.core.make import cluster, daemon_set, node, pod
from tests.core.rooms import target, there, waiting

Given = dict[str, Any]


def a_port(text: str) -> Given:
    """``[address:]port[/protocol]``; an IPv6 address in brackets."""
    rest, _, protocol = text.partition("/")
    address, _, number = rest.rpartition(":")
    given_: Given = {"containerPort": 1, "hostPort": int(number)}
    extra = {"hostIP": address.strip("[]"), "protocol": protocol}
    return given_ | {key: value for key, value in extra.items() if value}


def opening(*ports: str, name: str = "c", **more: Any) -> Given:
    return {"name": name, "ports": [a_port(text) for text in ports], **more}


def main(*ports: str) -> Given:
    """Fields of a spec with one container."""
    return {"containers": [opening(*ports)]}


def refusals(pod: Pod, seen: Target) -> list[Refused | Unread]:
    return list(host_ports(pod, seen))


# k8s.io/kube-scheduler/framework (HostPortInfo.CheckConflict, sanitize).
CONFLICTS = [
    pytest.param("80", "80", True, id="the same"),
    pytest.param("80", "81", False, id="another port"),
    pytest.param("80/TCP", "80", True, id="TCP by default"),
    pytest.param("80/TCP", "80/UDP", False, id="J.21: TCP and UDP"),
    pytest.param("0.0.0.0:80", "10.0.0.1:80", True, id="J.21: every address and one"),
    pytest.param("80", "10.0.0.1:80", True, id="no address is every address"),
    pytest.param("10.0.0.1:80", "10.0.0.2:80", False, id="two addresses"),
    pytest.param("10.0.0.1:80", "10.0.0.1:80", True, id="the same address"),
    pytest.param("[::]:80", "10.0.0.1:80", False, id="J.21: :: is an address like any other"),
    pytest.param("[::]:80", "[::1]:80", False, id=":: and another IPv6 address"),
    pytest.param("[::]:80", "[::]:80", True, id=":: and itself"),
    pytest.param("[::]:80", "80", True, id=":: and every address"),
    pytest.param("0", "0", False, id="no host port"),
]


@pytest.mark.parametrize(("asked", "held", "conflict"), CONFLICTS)
def test_which_ports_conflict(asked: str, held: str, conflict: bool) -> None:
    for one, other in ((asked, held), (held, asked)):
        pod = waiting(**main(one))
        assert bool(refusals(pod, target(pod, [there("x", **main(other))]))) is conflict


# pkg/scheduler/util/utils.go (GetHostPorts).
ORDINARY = {"containers": [opening()], "initContainers": [opening("80")]}
SIDECAR = {"containers": [opening()], "initContainers": [opening("80", restartPolicy="Always")]}
HOLDERS = [
    pytest.param(there("x", **main("80")), True, id="a container"),
    pytest.param(there("x", **SIDECAR), True, id="a sidecar"),
    pytest.param(there("x", **ORDINARY), False, id="J.21: not an init container that ends"),
    pytest.param(there("x", deleting=True, **main("80")), True, id="a pod that is not gone yet"),
    pytest.param(there("x", phase="Succeeded", **main("80")), False, id="one at its end"),
    pytest.param(there("x", target="b", **main("80")), False, id="one on another node"),
    pytest.param(
        replace(waiting(nominated="a", **main("80")), metadata=there("x").metadata),
        True,
        id="one for which room is made there",
    ),
]


@pytest.mark.parametrize(("other", "holds"), HOLDERS)
def test_who_holds_a_port(other: Pod, holds: bool) -> None:
    pod = waiting(**main("80"))
    assert bool(refusals(pod, target(pod, [other]))) is holds


def test_an_init_container_of_the_pod_itself_asks_for_none() -> None:
    pod = waiting(**ORDINARY)
    assert not refusals(pod, target(pod, [there("x", **main("80"))]))


def test_each_port_is_told_with_pod_and_container() -> None:
    pod = waiting(**main("80", "10.0.0.1:53/UDP", "9"))
    others = [
        there("x", containers=[opening("80", name="web"), opening("53/UDP", name="dns")]),
        there("y", **main("10.0.0.2:9")),
    ]
    (refused,) = refusals(pod, target(pod, others))
    assert isinstance(refused, Refused)
    assert refused.code == "HostPortConflict"
    facts = refused.facts
    assert isinstance(facts, PortFacts)
    assert [(x.host_ip, x.port, x.protocol, x.holder, x.container) for x in facts.ports] == [
        ("0.0.0.0", 80, "TCP", "default/x", "web"),
        ("10.0.0.1", 53, "UDP", "default/x", "dns"),
        ("0.0.0.0", 9, "TCP", "default/y", "c"),
    ]
    assert sentence("HostPortConflict", [facts]) == (
        "host ports 80/TCP, 10.0.0.1:53/UDP and 9/TCP are held by default/x or default/y"
    )


# Where not all pods there were read.
def test_without_the_pods_there_nothing_is_told_of_ports() -> None:
    other = there("x", **main("80"))
    pod = waiting(**main("80"))
    (item,) = refusals(pod, target(pod, [other], occupants_of=frozenset()))
    assert isinstance(item, Unread)
    without = waiting()
    assert not refusals(without, target(without, [other], occupants_of=frozenset()))


# semantics H.4 (b)
BUSY = "node(s) didn't have free ports for the requested pod ports"


FAR = pod("far", "z", namespace="else", owner=None, labels={})


def told(waits: Pod, *others: Pod, **more: Any) -> tuple[Source, PortFacts, str]:
    item = daemon_set()
    around = cluster([item], [node()], [waits, *others], **more)
    verdict = next(x for x in explain(around, item).nodes if x.node == "a")
    (reason,) = verdict.reasons
    assert reason.code == "HostPortConflict"
    assert isinstance(reason.facts, PortFacts)
    return reason.source, reason.facts, sentence(reason.code, [reason.facts])


def test_a_port_that_is_free_by_now() -> None:
    source, facts, text = told(waiting(says=BUSY, **main("80")), FAR)
    assert (source, facts.text, facts.fits) == (Source.REPORTED, BUSY, True)
    nobody = PortHolder(port=80, protocol="TCP", host_ip="0.0.0.0", holder="", container="")
    assert facts.ports == (nobody,)
    assert text == (
        "host port 80/TCP: by the pods that were read it is free now, so it should be scheduled "
        "within 5 minutes, unless there are pods that were not among those read"
    )


def test_a_port_of_which_the_holder_was_not_read() -> None:
    _, facts, text = told(waiting(says=BUSY, **main("80")), occupants_of=frozenset())
    assert not facts.fits
    assert text == "host port 80/TCP is held by another pod"


def test_a_report_of_ports_that_the_pod_does_not_show() -> None:
    assert told(waiting(says=BUSY))[2] == f"scheduler: {BUSY}"


PORTS = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "0.0.0.0:", "10.0.0.1:", "[::]:"]),
        st.integers(1, 3),
        st.sampled_from(["", "/TCP", "/UDP"]),
    ),
    max_size=3,
)


@given(PORTS, PORTS)
def test_a_conflict_is_one_for_both(one: list[str], other: list[str]) -> None:
    def refused(asked: list[str], held: list[str]) -> bool:
        pod = waiting(**main(*asked))
        return bool(refusals(pod, target(pod, [there("x", **main(*held))])))

    assert refused(one, other) is refused(other, one)
    assert refused(one, one) is bool(one)


def test_that_it_is_free_is_not_claimed_where_pods_of_one_namespace_were_saved() -> None:
    _, facts, text = told(waiting(says=BUSY, **main("80")))
    assert not facts.fits
    assert "free now" not in text
