"""Objects that change while they are read: nothing is told that was true at no moment."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest
import reading
from serve import NODES, Answer, ApiServer, Object, connection, recorded, status

from kubectl_ds.core.model import Cluster
from kubectl_ds.core.scope import Scope
from kubectl_ds.main import main

OWN = "/apis/apps/v1/namespaces/default/daemonsets/d01"
PODS = "/api/v1/namespaces/default/pods"


def load(api: ApiServer, *names: str) -> Cluster:
    return reading.load(connection(api), Scope(namespace="default", names=names)).cluster


def like(name: str, change: Callable[[Object], object]) -> Answer:
    """A DaemonSet of the recording, changed."""
    (found,) = [
        copy.deepcopy(item)
        for item in recorded("seed1")
        if (item["kind"], item["metadata"]["name"]) == ("DaemonSet", name)
    ]
    change(found)
    return Answer(body=json.dumps(found).encode(), headers={"Content-Type": "application/json"})


def asked(api: ApiServer, path: str) -> int:
    return sum(item.path == path for item in api.asked)


def generation(number: int) -> Callable[[Object], object]:
    return lambda item: item["metadata"].update(generation=number)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(generation(9), id="another spec"),
        pytest.param(lambda item: item["metadata"].update(uid="new"), id="made anew"),
        pytest.param(
            lambda item: item["metadata"].update(deletionTimestamp="2026-11-21T07:00:00Z"),
            id="being deleted",
        ),
    ],
)
def test_all_is_read_again_where_the_daemon_set_changed(
    api: ApiServer, change: Callable[[Object], object]
) -> None:
    api.answer(OWN, Answer(), like("d01", change), like("d01", change))
    cluster = load(api, "d01")
    assert (asked(api, OWN), asked(api, NODES), asked(api, PODS)) == (3, 2, 2)
    assert cluster.daemon_sets[0].metadata == _metadata(change)
    assert not [item for item in cluster.unread if "one moment" in item.what]


def _metadata(change: Callable[[Object], object]) -> object:
    from kubectl_ds.core.meta import decoder
    from kubectl_ds.core.model import DaemonSet

    return decoder(DaemonSet).decode(like("d01", change).body or b"").metadata


def test_a_new_status_is_taken_and_nothing_is_read_again(api: ApiServer) -> None:
    api.answer(OWN, Answer(), like("d01", lambda item: item["status"].update(numberReady=77)))
    cluster = load(api, "d01")
    assert (asked(api, OWN), asked(api, NODES)) == (2, 1)
    assert cluster.daemon_sets[0].status.number_ready == 77


def test_one_that_never_stands_still_is_said(api: ApiServer) -> None:
    api.answer(OWN, *(like("d01", generation(number)) for number in range(5, 10)))
    cluster = load(api, "d01")
    assert (asked(api, OWN), asked(api, NODES)) == (3, 2)
    (note,) = [item for item in cluster.unread if "one moment" in item.what]
    assert note.why == "the DaemonSet changed each of the 2 times"
    assert cluster.daemon_sets[0].metadata.generation == 6  # the one that the pods were read for


def test_one_that_goes_meanwhile_is_not_there(api: ApiServer) -> None:
    api.answer(OWN, Answer(), status(404, "not found"))
    assert load(api, "d01").nodes == ()
    assert main(["explain", "d01", "-s", api.url]) == 0
    api.answer(OWN, Answer(), status(404, "not found"))
    assert main(["explain", "d01", "-s", api.url]) == 3


def test_in_a_sweep_one_that_goes_is_left_out(
    api: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer(OWN, status(404, "not found"))
    assert main(["explain", "--all", "-s", api.url, "-o", "name"]) == 0
    names = capsys.readouterr().out.split()
    assert "daemonset.apps/d00" in names
    assert "daemonset.apps/d01" not in names


def test_where_it_may_not_be_read_again_that_is_said(api: ApiServer) -> None:
    api.answer(OWN, Answer(), status(403, "not allowed"))
    (note,) = [item for item in load(api, "d01").unread if "one moment" in item.what]
    assert note.why == "can't get the DaemonSet again: not allowed"


class TestNodes:
    """A pod may be bound to a node that came after the nodes were listed."""

    def test_a_new_one_is_asked_for(self) -> None:
        objects = recorded("seed1")
        with ApiServer(objects) as api:
            name = self._without_one(api, objects)
            cluster = load(api)
        assert name in {node.name for node in cluster.nodes}
        first, more = [item for item in api.asked if item.path == NODES]
        assert "fieldSelector" not in first.query
        assert more.query["fieldSelector"] == f"metadata.name={name}"

    def test_one_that_is_gone_stays_gone(self) -> None:
        objects = recorded("seed1")
        name = self._name(objects)
        left = [item for item in objects if item["metadata"]["name"] != name]
        with ApiServer(left) as api:
            cluster = load(api)
        assert name not in {node.name for node in cluster.nodes}
        assert asked(api, NODES) == 2

    def _name(self, objects: list[Object]) -> str:
        bound = {
            x["spec"]["nodeName"] for x in objects if x["kind"] == "Pod" and "nodeName" in x["spec"]
        }
        return min(bound)

    def _without_one(self, api: ApiServer, objects: list[Object]) -> str:
        name = self._name(objects)
        nodes = [x for x in objects if x["kind"] == "Node" and x["metadata"]["name"] != name]
        early = json.dumps({"kind": "NodeList", "metadata": {}, "items": nodes}).encode()
        api.answer(NODES, Answer(body=early, headers={"Content-Type": "application/json"}))
        return name
