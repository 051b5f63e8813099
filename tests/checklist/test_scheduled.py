"""J19 to J26: what the scheduler sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.classes import Overhead, RuntimeClass, Scheduling
from kubectl_ds.core.meta import Condition, ObjectMeta
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Source, State
from kubectl_ds.core.verdict import Explanation
from tests.checklist.asked import codes, expected, findings, first, judged, on, said
from tests.core.make import (
    OTHER_UID,
    ROOMY,
    amounts,
    container,
    daemon_set,
    node,
    owner_of,
    pod,
    pod_event,
    quota,
    template,
)
from tests.core.make_waiting import asking, pending, spec, stranger, unseen


def mirror(requests: Mapping[str, str]) -> Pod:
    made = stranger("static-n0", "n0", requests)
    owner = owner_of("uid-of-n0", name="n0", kind="Node")
    marks = {"kubernetes.io/config.mirror": "x"}
    meta = replace(made.metadata, owner_references=(owner,), annotations=marks)
    return replace(made, metadata=meta)


ONE_CPU = {**ROOMY, "cpu": "1"}
ROOM = [
    pytest.param([stranger("x", "n0", {"cpu": "2"})], "0", ONE_CPU, [], id="0 of too little"),
    pytest.param(
        [stranger("x", "n0", {"cpu": "2"})], "1m", ONE_CPU, ["InsufficientCPU"], id="1m of it"
    ),
    pytest.param(
        [stranger("x", "n0", {"cpu": "1"}, deleting=True)], "1m", ONE_CPU, ["InsufficientCPU"],
        id="a pod that ends holds its room",
    ),
    pytest.param(
        [stranger("x", "n0", {"cpu": "1"}, phase="Succeeded")], "1", ONE_CPU, [], id="not Succeeded"
    ),
    pytest.param(
        [stranger("x", "n0", {"cpu": "1"}, phase="Failed")], "1", ONE_CPU, [], id="nor Failed"
    ),
    pytest.param([mirror({"cpu": "1"})], "1m", ONE_CPU, ["InsufficientCPU"], id="a mirror pod"),
    pytest.param([], "1", ONE_CPU, [], id="an empty node"),
    pytest.param([], "0", {"cpu": "1"}, ["TooManyPods"], id="no allocatable pods"),
]  # fmt: skip


@pytest.mark.parametrize(("others", "cpu", "allocatable", "refusals"), ROOM)
def test_j19_whose_room_it_is(
    others: list[Pod], cpu: str, allocatable: dict[str, str], refusals: list[str]
) -> None:
    body = asking({"cpu": cpu})
    found = judged(
        daemon_set(pod_template=template(**body)),
        [node("n0", allocatable=allocatable)],
        [*others, unseen("n0", **body)],
    )
    assert expected(found) == refusals


def part(name: str, cpu: str, sidecar: bool = False) -> dict[str, Any]:
    return {
        **container({"cpu": cpu}, name=name),
        **({"restartPolicy": "Always"} if sidecar else {}),
    }


SIDECARS = {
    "containers": [part("agent", "200m")],
    "initContainers": [
        part("proxy", "100m", sidecar=True), part("setup", "300m"), part("log", "50m", sidecar=True)
    ],
}  # fmt: skip
SANDBOX = RuntimeClass(
    metadata=ObjectMeta(name="sandbox"), overhead=Overhead(pod_fixed=amounts({"cpu": "50m"}))
)
SUMS = [
    pytest.param({}, {}, "400m", "399m", id="max(200+150, max(100, 400, 150))"),
    pytest.param(
        {"runtimeClassName": "sandbox"}, {"overhead": {"cpu": "50m"}}, "450m", "449m",
        id="and the overhead",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "given", "whole", "less"), SUMS)
def test_j20_what_sidecars_and_init_containers_request_together(
    asked: dict[str, str], given: dict[str, Any], whole: str, less: str
) -> None:
    daemons = daemon_set(pod_template=template(**SIDECARS, **asked))
    waits = unseen("n0", **SIDECARS, **asked, **given)

    def on_a_node_of(cpu: str, *others: Pod, pods: Sequence[Pod] = (waits,)) -> Explanation:
        there = [node("n0", allocatable={**ROOMY, "cpu": cpu})]
        return judged(daemons, there, [*others, *pods], runtime_classes=[SANDBOX])

    assert expected(on_a_node_of(whole)) == []
    short = on_a_node_of(less)
    assert expected(short) == ["InsufficientCPU"]
    facts: Any = on(short, "n0").reasons[1].facts
    assert facts.requested == whole
    there = pod("twin", "n0", owner=OTHER_UID, spec=spec("n0", True, **SIDECARS, **given))
    crowded = on_a_node_of("1", there, stranger("x", "n0", {"cpu": "1"}))
    used: Any = on(crowded, "n0").reasons[1].facts
    assert used.used == {"400m": "1400m", "450m": "1450m"}[whole]


@pytest.mark.parametrize(("asked", "given", "whole", "less"), SUMS)
def test_j20_a_quota_counts_the_same(
    asked: dict[str, str], given: dict[str, Any], whole: str, less: str
) -> None:
    daemons = daemon_set(pod_template=template(**SIDECARS, **asked))

    def under(limit: str) -> Explanation:
        quotas = [quota({"requests.cpu": limit})]
        return judged(daemons, [node("n0")], quotas=quotas, runtime_classes=[SANDBOX])

    assert codes(under(whole), "n0") == ["Unknown"]
    assert codes(under(less), "n0") == ["QuotaExceeded"]
    assert f"a pod needs {whole}" in said(under(less), "n0")


def with_port(kind: str = "containers", port: int = 9100, **changes: Any) -> dict[str, Any]:
    """A spec of which one container has a host port."""
    ported = {"name": "ported", "ports": [{"containerPort": 80, "hostPort": port, **changes}]}
    if kind == "containers":
        return {"containers": [ported]}
    sidecar = {"restartPolicy": "Always"} if kind == "sidecars" else {}
    return {"containers": [{"name": "agent"}], "initContainers": [{**ported, **sidecar}]}


TAKEN = ["HostPortConflict"]
PORTS = [
    pytest.param(with_port(), with_port(hostIP="10.0.0.1"), TAKEN, id="all and one"),
    pytest.param(
        with_port(hostIP="10.0.0.1"), with_port(hostIP="0.0.0.0"), TAKEN, id="one and 0.0.0.0"
    ),
    pytest.param(
        with_port(hostIP="10.0.0.1"), with_port(hostIP="10.0.0.2"), [], id="two addresses"
    ),
    pytest.param(
        with_port(hostIP="::"), with_port(hostIP="10.0.0.1"), [], id=":: is one like any other"
    ),
    pytest.param(with_port(protocol="TCP"), with_port(protocol="UDP"), [], id="TCP and UDP"),
    pytest.param(with_port(), with_port(protocol="TCP"), TAKEN, id="TCP where none is named"),
    pytest.param(with_port(), with_port(port=9101), [], id="two ports"),
    pytest.param(with_port("init"), with_port(), [], id="an init container asks"),
    pytest.param(with_port(), with_port("init"), [], id="an init container holds"),
    pytest.param(with_port("sidecars"), with_port(), TAKEN, id="a sidecar asks"),
    pytest.param(with_port(), with_port("sidecars"), TAKEN, id="a sidecar holds"),
]


@pytest.mark.parametrize(("asked", "held", "refusals"), PORTS)
def test_j21_which_host_ports_conflict(
    asked: dict[str, Any], held: dict[str, Any], refusals: list[str]
) -> None:
    holder = pod("holder", "n0", owner=OTHER_UID, spec=spec("n0", bound=True, **held))
    found = judged(daemon_set(), [node("n0")], [holder, unseen("n0", **asked)])
    assert expected(found) == refusals
    assert not refusals or "held by kube-system/holder" in said(found, "n0")


def spread(**changes: Any) -> dict[str, Any]:
    usual = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "agent"}},
    }
    return {"topologySpreadConstraints": [{**usual, **changes}]}


SPREADS = [
    pytest.param(spread(), 3, {"zone": "a"}, [], id="the node is compared with itself"),
    pytest.param(spread(minDomains=1), 3, {"zone": "a"}, [], id="minDomains 1"),
    pytest.param(spread(minDomains=2), 0, {"zone": "a"}, [], id="minDomains 2, none there"),
    pytest.param(spread(minDomains=2), 1, {"zone": "a"}, ["TopologySpread"], id="and one there"),
    pytest.param(spread(), 0, {}, ["TopologySpread"], id="no label"),
    pytest.param(
        spread(nodeAffinityPolicy="Ignore"), 1, {"zone": "a"}, ["TopologySpread"],
        id="all nodes count",
    ),
    pytest.param(
        spread(whenUnsatisfiable="ScheduleAnyway", minDomains=2), 1, {"zone": "a"}, [], id="soft"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "number", "labels", "refusals"), SPREADS)
def test_j22_a_spread_of_daemon_pods(
    fields: dict[str, Any], number: int, labels: dict[str, str], refusals: list[str]
) -> None:
    there = [pod(f"twin-{place}", "n0", owner=OTHER_UID) for place in range(number)]
    nodes = [node("n0", labels=labels), node("n1", labels={"zone": "b"})]
    found = judged(daemon_set(), nodes, [*there, unseen("n0", **fields)])
    assert expected(found) == refusals


def test_j23_a_runtime_class_that_selects_other_nodes() -> None:
    selected = {"runtime": "gvisor"}
    gvisor = RuntimeClass(
        metadata=ObjectMeta(name="gvisor"), scheduling=Scheduling(node_selector=selected)
    )
    message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    waits = pending("n0", message, nodeSelector=selected, runtimeClassName="gvisor")
    found = judged(
        daemon_set(pod_template=template(runtimeClassName="gvisor")),
        [node("n0")],
        [waits],
        runtime_classes=[gvisor],
    )
    assert (found.summary.desired, found.summary.current) == (1, 1)
    assert codes(found, "n0") == ["NodeSelectorMismatch"]
    assert on(found, "n0").reasons[0].source is Source.REPORTED
    assert "runtime=gvisor" in said(found, "n0")
    assert "RuntimeClass gvisor" in findings(found)["PodDiffersFromTemplate"]


def test_j24_the_condition_is_newer_than_the_words_of_the_event() -> None:
    """The event keeps the first failure's words while its count and its time go on."""
    ports = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    body = with_port()
    holder = pod("holder", "n0", owner=OTHER_UID, spec=spec("n0", bound=True, **body))
    first_words = "0/1 nodes are available: 1 Insufficient cpu."
    told = pod_event(
        "FailedScheduling", first_words, seconds_ago=1, of="agent-n0", component="default-scheduler"
    )
    waits = pending("n0", ports, **body)
    found = judged(daemon_set(), [node("n0")], [holder, waits], events=[told])
    assert codes(found, "n0") == ["HostPortConflict"]
    assert "kube-system/holder" in said(found, "n0")


@pytest.mark.parametrize(("operator", "value"), [("Gt", "3"), ("Lt", "9")])
def test_j25_comparing_tolerations_tolerate_nothing_where_they_are_not_enabled(
    operator: str, value: str
) -> None:
    comparing = {"key": "sla", "operator": operator, "value": value, "effect": "NoSchedule"}
    given = daemon_set(pod_template=template(tolerations=[comparing]))
    found = judged(given, [node("n0", taints=["sla=5:NoSchedule"])])
    assert first(found, "n0") == (State.EXCLUDED, "UntoleratedTaint")
    assert found.is_unread("toleration operators Lt and Gt")


def scheduled_by(name: str, on: str, **fields: Any) -> Pod:
    told = Condition(type="PodScheduled", status="True")
    body = spec(on, bound=True, schedulerName=name)
    return pod(f"by-{name}", on, owner=OTHER_UID, spec=body, conditions=(told,))


@pytest.mark.parametrize(
    ("scheduler", "others", "code"),
    [
        ("batch", [], "SchedulerAbsent"),
        ("batch", [scheduled_by("batch", "n1")], "AwaitingScheduler"),
        ("default-scheduler", [], "AwaitingScheduler"),
    ],
    ids=["no trace of it", "it works elsewhere", "the default one"],
)
def test_j26_a_scheduler_of_which_there_is_no_trace(
    scheduler: str, others: list[Pod], code: str
) -> None:
    waits = unseen("n0", schedulerName=scheduler)
    found = judged(daemon_set(), [node("n0"), node("n1")], [*others, waits])
    assert first(found, "n0") == (State.PENDING, code)
    assert scheduler in said(found, "n0")
