"""What explains each DaemonSet of a live cluster, and in which form its own pods are read."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from msgspec import structs
from recorded import NAMES, cluster
from serve import ApiServer, Object, connection, recorded

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read.each import each
from kubectl_ds.read.scope import listed

OWN = "/api/v1/namespaces/default/pods"
TEMPLATE = ("spec", "template", "spec")
ELSEWHERE = "missing_pvc"  # a server knows that there is no claim, saved objects may lack it


def clusters(api: ApiServer) -> list[Cluster]:
    """What explains each of the server's DaemonSets."""
    with Transport(connection(api)) as transport:
        daemon_sets = listed(transport, Scope()).daemon_sets
        return each(transport, daemon_sets, lambda fleet, _: fleet.cluster, lambda _: None)


@pytest.mark.parametrize("name", [name for name in NAMES if name != ELSEWHERE])
def test_the_answer_is_that_on_the_same_objects_saved(name: str) -> None:
    with ApiServer(recorded(name)) as api:
        found = [structs.replace(item, now=cluster(name).now) for item in clusters(api)]
    for item in found:
        (daemon_set,) = item.daemon_sets
        assert told(explain(item, daemon_set)) == told(explain(cluster(name), daemon_set))


def told(explanation: Explanation) -> Explanation:
    """All but what was not read, which a server and a file differ in."""
    return structs.replace(explanation, not_checked=())


def changed(objects: list[Object], kind: str, path: tuple[str, ...], more: Any) -> list[Object]:
    """The same objects, with something more in a part of those of one kind."""
    objects = copy.deepcopy(objects)
    for item in objects:
        if item["kind"] == kind:
            part = item
            for step in path:
                part = part.setdefault(step, {})
            part.update(more)
    return objects


APART = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {}}
        ]
    }
}
SPREAD = {
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    ]
}
SURGE = {
    "updateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }
}
WAITING = recorded("insufficient_cpu")
READ = [
    pytest.param(recorded("cordoned"), 1, True, id="all is well"),
    pytest.param(WAITING, 1, True, id="a pod waits, and minds nobody on other nodes"),
    pytest.param(
        changed(WAITING, "DaemonSet", TEMPLATE, SPREAD), 1, False, id="the template has them spread"
    ),
    pytest.param(changed(WAITING, "DaemonSet", ("spec",), SURGE), 1, False, id="pods may surge"),
    pytest.param(
        changed(WAITING, "Pod", ("spec",), SPREAD), 2, False, id="something else has them spread"
    ),
    pytest.param(
        changed(WAITING, "Pod", ("spec", "affinity"), APART),
        1,
        False,
        id="something else keeps all of them apart",
    ),
]


@pytest.mark.parametrize(("objects", "times", "in_crowds"), READ)
def test_pods_that_are_up_are_read_in_crowds_where_no_waiting_one_may_meet_them(
    objects: list[Object], times: int, in_crowds: bool
) -> None:
    with ApiServer(objects) as api:
        (found,) = clusters(api)
    assert bool(found.crowds) is in_crowds
    assert api.paths.count(OWN) == times
