"""A cluster in less space: what a waiting pod may meet is kept whole."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet, lean
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.pods import Pod
from tests.core.make import cluster, daemon_set, node, pod
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
    pytest.param(None, APART_FAR, False, id="nobody waits who could be kept away"),
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
