"""Whether evicting others makes room for a pod, and who is being evicted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.facts import RoomFacts, SchedulingFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.fit import room
from kubectl_ds.core.scheduling.target import target_of
from kubectl_ds.words.reasons import sentence
from tests.core.make import LABELS, NAMESPACE, cluster, daemon_set, node
from tests.core.make_storage import USE, claim, holding, volume
from tests.core.rooms import target, there, waiting

ONE_CPU = {"cpu": "1", "memory": "1Gi", "pods": "3"}
SMALL = node(allocatable=ONE_CPU)
TAINTED = node(allocatable=ONE_CPU, taints=["x:NoSchedule"])
LABELLED = node(allocatable=ONE_CPU, labels={"host": "a"})
ANY_POD = {"topologyKey": "host", "labelSelector": {}, "namespaceSelector": {}}
FULL = "needs 600m CPU, 200m free of 1 (80% requested)"
NOTHING = f"{FULL}; evicting nothing helps: "


def busy(name: str, cpu: str, priority: int | None = None, **more: Any) -> Pod:
    return there(name, {"cpu": cpu}, priority=priority, **more)


def port() -> dict[str, Any]:
    """Fields of a spec whose container holds a host port."""
    resources = {"requests": {"cpu": "400m"}}
    ports = [{"containerPort": 1, "hostPort": 80}]
    return {"containers": [{"name": "c", "resources": resources, "ports": ports}]}


def asks(**more: Any) -> Pod:
    return waiting({"cpu": "600m"}, **more)


def asks_port() -> Pod:
    ports = [{"containerPort": 1, "hostPort": 80}]
    container = {"name": "c", "resources": {"requests": {"cpu": "600m"}}, "ports": ports}
    return waiting(priority=5, containers=[container])


def bears(rule: str) -> dict[str, Any]:
    """A spec's required affinity or anti-affinity to any pod on the same host."""
    return {"affinity": {rule: {"requiredDuringSchedulingIgnoredDuringExecution": [ANY_POD]}}}


def spreads(**more: Any) -> dict[str, Any]:
    rule = {"topologyKey": "host", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
    return {"topologySpreadConstraints": [{**rule, "labelSelector": {}, **more}]}


NEAR, APART = bears("podAffinity"), bears("podAntiAffinity")

# defaultpreemption/default_preemption.go (SelectVictimsOnNode, PodEligibleToPreemptOthers).
CASES = [
    pytest.param(asks(priority=5), [busy("x", "800m", 4)], SMALL, 1, True, id="one of lower priority"),
    pytest.param(asks(priority=5), [busy("x", "800m", 5)], SMALL, 0, False, id="equal priority"),
    pytest.param(asks(), [busy("x", "800m")], SMALL, 0, False, id="no priority is 0"),
    pytest.param(asks(priority=1), [busy("x", "800m")], SMALL, 1, True, id="none is lower than 1"),
    pytest.param(asks(), [busy("x", "800m", -1)], SMALL, 1, True, id="below 0 is lower than none"),
    pytest.param(
        asks(priority=5), [busy("x", "300m", 4), busy("y", "500m", 5)], SMALL, 1, False,
        id="the one of lower priority is too small",
    ),
    pytest.param(
        asks(priority=5), [busy("x", "400m", 4), busy("y", "400m", 3)], SMALL, 2, True,
        id="several together",
    ),
    pytest.param(
        asks(priority=5, preemptionPolicy="Never"), [busy("x", "800m", 4)], SMALL, 1, False,
        id="preemptionPolicy Never",
    ),
    pytest.param(
        waiting({"cpu": "1100m"}, priority=5), [busy("x", "800m", 4)], SMALL, 1, False,
        id="the node is too small",
    ),
    pytest.param(
        waiting({"cpu": "600m", "memory": "2Gi"}, priority=5), [busy("x", "800m", 4)], SMALL, 1,
        False, id="the node is too small in another way",
    ),
    pytest.param(
        asks(priority=5), [busy("x", "800m", 4)], TAINTED, 1, False, id="an untolerated taint stays"
    ),
    pytest.param(
        asks_port(), [busy("x", "800m", 4), there("y", priority=5, **port())], SMALL, 1, False,
        id="a host port stays taken",
    ),
    pytest.param(
        asks_port(), [busy("x", "400m", 4), there("y", priority=4, **port())], SMALL, 2, True,
        id="a host port comes free, too",
    ),
    pytest.param(
        asks(priority=5, **APART), [busy("x", "800m", 4)], LABELLED, 1, True,
        id="the one to keep away from goes",
    ),
    pytest.param(
        asks(priority=5, **APART), [busy("x", "800m", 4), busy("y", "0", 5)], LABELLED, 1, False,
        id="one to keep away from stays",
    ),
    pytest.param(
        asks(priority=5), [busy("x", "800m", 4, **APART)], LABELLED, 1, True,
        id="the one that keeps others away goes",
    ),
    pytest.param(
        asks(priority=5), [busy("x", "800m", 4), busy("y", "0", 5, **APART)], LABELLED, 1, False,
        id="one that keeps others away stays",
    ),
    pytest.param(
        asks(priority=5, **NEAR), [busy("x", "800m", 4), busy("y", "0", 5)], LABELLED, 1, True,
        id="one to be near stays",
    ),
    pytest.param(
        asks(priority=5, **NEAR), [busy("x", "800m", 4), busy("y", "0", 5)], SMALL, 1, False,
        id="the label of an affinity stays missing",
    ),
    pytest.param(
        asks(priority=5, **spreads()), [busy("x", "800m", 4)], SMALL, 1, False,
        id="the label of a spread constraint stays missing",
    ),
    pytest.param(
        asks(priority=5, **spreads()), [busy("x", "800m", 4)], LABELLED, 1, True,
        id="a spread constraint is kept",
    ),
    pytest.param(
        asks(priority=5, volumes=[{"name": "v", **USE}]), [busy("x", "800m", 4)], SMALL, 1, False,
        id="a claim stays missing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pod", "others", "on", "lower", "helps"), CASES)
def test_what_evicting_would_bring(
    pod: Pod, others: list[Pod], on: Node, lower: int, helps: bool
) -> None:
    found = room(pod, target(pod, others, on), "cpu").preemption
    assert found is not None
    assert (found.lower, found.helps) == (lower, helps)
    assert found.priority == (pod.spec.priority or 0)


# volumerestrictions/volume_restrictions.go (RemovePod): a claim for one pod comes free with it.
@pytest.mark.parametrize(
    ("holder", "on", "helps"),
    [
        pytest.param(4, "a", True, id="its holder goes"),
        pytest.param(5, "a", False, id="its holder stays"),
        pytest.param(4, "b", False, id="its holder is elsewhere"),
    ],
)
def test_a_claim_for_one_pod(holder: int, on: str, helps: bool) -> None:
    pod = asks(priority=5, volumes=[{"name": "v", **USE}])
    user = holding(on=on)
    user = msgspec.structs.replace(user, spec=msgspec.structs.replace(user.spec, priority=holder))
    seen = cluster(
        (), [SMALL, node("b")], [pod, busy("x", "800m", 4), user],
        claims=(claim(volume="pv-1", accessModes=["ReadWriteOncePod"]),), volumes=(volume(),),
    )  # fmt: skip
    found = room(pod, target_of(pod, SMALL, Fleet(seen)), "cpu").preemption
    assert found is not None
    assert found.helps is helps


# podtopologyspread/filtering.go (RemovePod): what is evicted is no longer counted.
@pytest.mark.parametrize(
    ("kin", "helps"), [pytest.param(4, True, id="it goes"), pytest.param(5, False, id="it stays")]
)
def test_one_that_a_spread_constraint_counts(kin: int, helps: bool) -> None:
    pod = asks(priority=5, **spreads(minDomains=2, labelSelector={"matchLabels": LABELS}))
    other = busy("x", "100m", kin)
    meta = msgspec.structs.replace(other.metadata, namespace=NAMESPACE, labels=LABELS)
    others = [busy("y", "700m", 4), msgspec.structs.replace(other, metadata=meta)]
    found = room(pod, target(pod, others, LABELLED), "cpu").preemption
    assert found is not None
    assert found.helps is helps


def test_one_to_be_near_that_goes() -> None:
    """The first of its kind is let in, but a pod that is not of that kind waits for another."""
    kind = {**ANY_POD, "labelSelector": {"matchLabels": {"app": "cache"}}}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [kind]}}
    pod = asks(priority=5, affinity=near)
    cache = msgspec.structs.replace(busy("x", "800m", 4).metadata, labels={"app": "cache"})
    goes = msgspec.structs.replace(busy("x", "800m", 4), metadata=cache)
    found = room(pod, target(pod, [goes], LABELLED), "cpu").preemption
    assert found is not None
    assert not found.helps


def test_places_for_pods_are_made_as_well() -> None:
    pod = waiting(priority=5)
    others = [there(name, priority=priority) for name, priority in (("x", 4), ("y", 5), ("z", 5))]
    found = room(pod, target(pod, others, SMALL), "pods").preemption
    assert found is not None
    assert (found.lower, found.helps, found.policy) == (1, True, "PreemptLowerPriority")


def test_one_that_fits_evicts_nobody() -> None:
    pod = asks(priority=5)
    assert room(pod, target(pod, [busy("x", "100m", 4)], SMALL), "cpu").preemption is None


def facts(pod: Pod, *others: Pod, on: Node = SMALL) -> RoomFacts:
    return room(pod, target(pod, others, on), "cpu")


TEXTS = [
    pytest.param(
        [facts(asks(), busy("x", "800m"))],
        f"{NOTHING}no pod there has a lower priority",
        id="nobody is lower",
    ),
    pytest.param(
        [facts(asks(priority=5, preemptionPolicy="Never"), busy("x", "800m", 4))],
        f"{NOTHING}the pod's preemptionPolicy is Never",
        id="it evicts nobody",
    ),
    pytest.param(
        [facts(asks(priority=5), busy("x", "300m", 4), busy("y", "500m", 5))],
        f"{NOTHING}without the 1 pod of lower priority there it would not be let in either",
        id="not enough",
    ),
    pytest.param(
        [facts(asks(priority=5), busy("x", "800m", 4))],
        f"{FULL}; evicting pods of lower priority makes room (default/x)",
        id="it helps",
    ),
    pytest.param(
        [facts(asks(priority=5), busy("x", "800m", 4)), facts(asks(priority=5), busy("y", "800m", 5))],
        f"{FULL}; evicting pods of lower priority makes room on 1 of 2 nodes (default/x)",
        id="it helps on some nodes",
    ),
    pytest.param(
        [facts(waiting({"cpu": "1100m"}, priority=5), busy("x", "800m", 4))],
        "needs 1100m CPU, the node has 1 in all",
        id="the node is too small for anything to help",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("evidence", "text"), TEXTS)
def test_what_is_said_of_it(evidence: list[RoomFacts], text: str) -> None:
    assert sentence("InsufficientCPU", evidence) == text


# default_preemption.go (podTerminatingByPreemption)
PREEMPTED = Condition(type="DisruptionTarget", status="True", reason="PreemptionByScheduler")
EVICTED = Condition(type="DisruptionTarget", status="True", reason="EvictionByEvictionAPI")
VICTIMS = [
    pytest.param(busy("x", "800m", deleting=True, conditions=(PREEMPTED,)), True, id="preempted"),
    pytest.param(busy("x", "800m", conditions=(PREEMPTED,)), False, id="not being deleted"),
    pytest.param(
        busy("x", "800m", deleting=True, conditions=(EVICTED,)), False, id="evicted by others"
    ),
    pytest.param(busy("x", "800m", deleting=True), False, id="deleted for another reason"),
    pytest.param(
        busy("x", "800m", 5, deleting=True, conditions=(PREEMPTED,)), False, id="of equal priority"
    ),
]  # fmt: skip


def nominated(*others: Pod, **more: Any) -> tuple[SchedulingFacts, str]:
    item, pod = daemon_set(), asks(priority=5, nominated="a", says="Insufficient cpu")
    (verdict,) = explain(cluster([item], [SMALL], [pod, *others], **more), item).nodes
    first = verdict.reasons[0]
    assert first.code == "WaitingForPreemption"
    assert isinstance(first.facts, SchedulingFacts)
    return first.facts, sentence(first.code, [first.facts])


@pytest.mark.parametrize(("other", "victim"), VICTIMS)
def test_who_is_a_victim(other: Pod, victim: bool) -> None:
    assert nominated(other)[0].victims == (("default/x",) if victim else ())


def test_the_victims_are_named() -> None:
    others = [busy(name, "400m", deleting=True, conditions=(PREEMPTED,)) for name in ("x", "y")]
    assert nominated(*others[:1])[1] == (
        "room is being made by evicting default/x; the pod waits until it is gone"
    )
    assert nominated(*others)[1] == (
        "room is being made by evicting default/x, default/y; the pod waits until these 2 pods "
        "are gone"
    )
    assert nominated()[1] == (
        "room was made by evicting others, which are gone; the scheduler tries again"
    )
    assert nominated(*others, occupants_of=frozenset())[1] == (
        "other pods are being evicted to make room"
    )


LOADS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=4)


@given(LOADS, st.integers(0, 3), st.integers(1, 12))
def test_a_higher_priority_never_helps_less(
    others: list[tuple[int, int]], priority: int, asked: int
) -> None:
    """And what helps is to evict somebody."""
    there_ = [busy(f"o{rank}", f"{100 * cpu}m", p) for rank, (cpu, p) in enumerate(others)]

    def helps(rank: int) -> bool:
        pod = waiting({"cpu": f"{100 * asked}m"}, priority=rank)
        found = room(pod, target(pod, there_, SMALL), "cpu").preemption
        assert found is None or not found.helps or found.lower
        return found is None or found.helps

    assert helps(priority) <= helps(priority + 1)


def test_that_the_scheduler_found_none_is_told_beside_it() -> None:
    """Both views are shown where they differ: the pod may have come after the scheduler looked."""
    waiting_pod = asks(priority=5)
    said = msgspec.structs.replace(
        waiting_pod.status,
        conditions=(
            Condition(
                type="PodScheduled",
                status="False",
                reason="Unschedulable",
                message="0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are "
                "available: 1 No preemption victims found for incoming pod.",
            ),
        ),
    )
    evidence = facts(msgspec.structs.replace(waiting_pod, status=said), busy("x", "800m", 4))
    text = sentence("InsufficientCPU", [evidence])
    assert text.endswith("makes room (default/x), though the scheduler found none to evict")
