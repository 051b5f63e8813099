"""A cluster in less space: what a waiting pod may meet is kept whole."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kubectl_ds.core.cover import survey
from kubectl_ds.core.crowds import gathered
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.lean import are_likely_to_meet, lean, may_meet, without
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.pods import Pod
from tests.core.make import (
    OTHER_UID,
    cluster,
    daemon_set,
    node,
    pod,
    pod_event,
    rolling_update,
    template,
)
from tests.core.rooms import there, waiting

UP: Any = {"conditions": (Condition(type="ContainersReady", status="True"),)}
ZONE = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "agent"}}}
APART = {
    "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [ZONE]},
}
SPREAD = [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]
CLAIM = [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]
HERE, FAR = there("here", **UP), there("far", target="b", **UP)
APART_FAR = there("far", target="b", affinity=APART, **UP)

KEPT = [
    pytest.param(None, FAR, False, id="nobody waits"),
    pytest.param(None, APART_FAR, True, id="one that would keep others away"),
    pytest.param(waiting(), HERE, True, id="on the node that a pod waits for"),
    pytest.param(waiting(), FAR, False, id="on another node"),
    pytest.param(waiting(), APART_FAR, True, id="one that keeps others away, wherever it is"),
    pytest.param(waiting(affinity=APART), FAR, True, id="the waiting pod has an anti-affinity"),
    pytest.param(waiting(topologySpreadConstraints=SPREAD), FAR, True, id="it is to be spread"),
    pytest.param(waiting(volumes=CLAIM), FAR, True, id="it has a claim that others may use"),
]


@pytest.mark.parametrize(("waits", "other", "kept"), KEPT)
def test_who_is_kept_whole(waits: Pod | None, other: Pod, kept: bool) -> None:
    pods = [other, *([waits] if waits else [])]
    small = lean(cluster([daemon_set()], [node(), node("b")], pods))
    assert (other in small.pods) is kept
    assert sum(len(crowd.members) for crowd in small.crowds) == (0 if kept else 1)


def test_the_numbers_are_the_same_in_less_space() -> None:
    item = daemon_set()
    where = [node(name, allocatable={"cpu": "1", "pods": "9"}) for name in "ab"]
    others = [there(f"o{name}", {"cpu": "700m"}, name, **UP) for name in "ab"]
    pods = [waiting({"cpu": "500m"}), pod("agent-b", "b", **UP), *others]
    seen = cluster([item], where, pods)
    (verdict,) = (x for x in explain(seen, item).nodes if x.node == "a")
    assert verdict.reasons
    assert survey(Fleet(lean(seen)), item).on("a").reasons == verdict.reasons


MET = [
    pytest.param([], [HERE, FAR], False, id="nobody waits"),
    pytest.param([waiting()], [HERE], True, id="one on the node that a pod waits for"),
    pytest.param([waiting()], [FAR], False, id="one on another node"),
    pytest.param([waiting()], [], False, id="nobody to meet"),
    pytest.param([waiting(affinity=APART)], [FAR], True, id="the waiting pod looks around"),
    pytest.param([waiting(affinity=APART)], [], False, id="it looks around, and nobody is there"),
]


@pytest.mark.parametrize(("others", "up", "met"), MET)
def test_whether_a_waiting_pod_may_meet_one(others: list[Pod], up: list[Pod], met: bool) -> None:
    assert may_meet(others, gathered(up).crowds) is met


LIKELY = [
    pytest.param(daemon_set(), False, id="pods that mind nobody else"),
    pytest.param(
        daemon_set(strategy=rolling_update(max_surge=1)), True, id="a new pod beside the old"
    ),
    pytest.param(
        daemon_set(pod_template=template(affinity=APART)), True, id="pods that keep apart"
    ),
    pytest.param(
        daemon_set(pod_template=template(volumes=CLAIM)), True, id="pods that share a volume"
    ),
]


@pytest.mark.parametrize(("item", "likely"), LIKELY)
def test_whether_pods_are_likely_to_meet(item: DaemonSet, likely: bool) -> None:
    assert are_likely_to_meet(item) is likely


def test_pods_that_are_there_for_themselves_leave_their_crowd() -> None:
    (crowd,) = without(gathered([HERE, FAR]).crowds, [FAR])
    assert [member.name for member in crowd.members] == ["here"]
    elsewhere = msgspec.structs.replace(
        FAR, metadata=msgspec.structs.replace(FAR.metadata, namespace="else")
    )
    assert without(gathered([HERE, FAR]).crowds, [elsewhere]) == gathered([HERE, FAR]).crowds


def test_another_owner_s_pods_that_are_up_have_not_vanished() -> None:
    """They are named as the DaemonSet's own would be."""
    others = [pod(f"agent-{end}", "b", owner=OTHER_UID, **UP) for end in ("bcdfg", "hjklm")]
    events = [
        pod_event("TaintManagerEviction", "Marking for deletion", of=x.name, host="")
        for x in others
    ]
    nodes, pods = [node(), node("b")], [*others, pod("agent-npqrs", "b", **UP)]
    seen = cluster([daemon_set()], nodes, pods, events=events)
    assert lean(seen).crowds
    for each in (seen, lean(seen)):
        assert [item.code for item in explain(each, daemon_set()).findings] == []
