"""Pages, and answers that can't be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import reading
from serve import NODES, Answer, ApiServer, Asked, connection, html, status, told

from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import ClusterError
from kubectl_ds.read import ask
from kubectl_ds.read.loaded import Loaded

APPS = "/apis/apps/v1/namespaces/default"
CORE = "/api/v1/namespaces/default"
DAEMON_SETS = f"{APPS}/daemonsets"


def load(api: ApiServer, *names: str) -> Loaded:
    return reading.load(connection(api), Scope(namespace="default", names=names))


def asked(api: ApiServer, resource: str) -> list[Asked]:
    return [item for item in api.asked if item.path.endswith(f"/{resource}")]


def _list(kind: str, items: list[Any] | None, token: str = "") -> Answer:
    document = {"kind": kind, "metadata": {"continue": token}, "items": items}
    return Answer(body=json.dumps(document).encode())


class TestPages:
    @pytest.mark.parametrize("size", [1, 5, 12])
    def test_are_read_to_the_end(self, api: ApiServer, size: int) -> None:
        api.page = size
        cluster = load(api, "d01").cluster
        assert len({item.name for item in cluster.nodes}) == len(cluster.nodes) == 12
        tokens = [item.query.get("continue") for item in asked(api, "nodes")]
        assert tokens == [None, *map(str, range(size, 12, size))]

    def test_an_empty_page_is_not_the_end(self, api: ApiServer) -> None:
        api.answer(NODES, _list("NodeList", items=None, token="0"))
        assert len(load(api, "d01").cluster.nodes) == 12

    def test_an_expired_list_begins_again(self, api: ApiServer) -> None:
        api.page = 5
        expired = status(410, "The provided continue parameter is too old")
        api.answer(NODES, Answer(), expired, Answer(), Answer(), expired)
        assert len(load(api, "d01").cluster.nodes) == 12
        tokens = [item.query.get("continue") for item in asked(api, "nodes")]
        assert tokens == [None, "5", None, "5", "10", None, "5", "10"]

    def test_but_not_for_ever(self, api: ApiServer) -> None:
        api.always(NODES, status(410, "too old"))
        with pytest.raises(ClusterError, match="answered 410 to GET /api/v1/nodes: too old"):
            load(api, "d01")
        assert len(asked(api, "nodes")) == 1 + ask.RESTARTS

    def test_a_kind_that_always_expires_is_left_out(self, api: ApiServer) -> None:
        api.always(f"{CORE}/events", status(410, "too old"))
        (unread,) = told(load(api, "d01").cluster)
        assert unread.why.startswith("the list expired again and again")

    def test_that_never_end(self, api: ApiServer) -> None:
        api.always(NODES, _list("NodeList", items=[], token="again"))
        with pytest.raises(ClusterError, match="the server's list of nodes has no end"):
            load(api, "d01")


class TestDamaged:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            pytest.param(html(), "answered with text/html, which no Kubernetes", id="page"),
            pytest.param(html(500), "answered 500 to GET", id="failing page"),
            pytest.param(Answer(body=b'{"kind":"NodeList","ite'), "truncated", id="truncated"),
            pytest.param(Answer(body=b"<html>"), "JSON is malformed", id="no JSON"),
            pytest.param(Answer(body=b""), "truncated", id="empty"),
            pytest.param(Answer(body=b"null"), "got `null`", id="null"),
            pytest.param(Answer(body=b"[]"), "got `array`", id="array"),
            pytest.param(Answer(body=b'{"kind":"\xff"}'), "can't decode byte", id="not UTF-8"),
            pytest.param(Answer(body=b'{"a":' + b"[" * 100_000), "recursion depth", id="deep"),
            pytest.param(Answer(body=b'{"login":"please"}'), "it is no NodeList", id="other JSON"),
            pytest.param(Answer(body=b'{"kind":"PodList"}'), "it is no NodeList", id="other list"),
            pytest.param(Answer(cut=1000), "cut short or damaged", id="cut"),
            pytest.param(Answer(drop=True), "without response", id="dropped"),
        ],
    )
    def test_is_one_line(self, api: ApiServer, answer: Answer, message: str) -> None:
        api.always(NODES, answer)
        with pytest.raises(ClusterError, match=message) as caught:
            load(api, "d01")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("path", "items", "message"),
        [
            (
                NODES,
                [{"metadata": {"name": "w00"}}, {"metadata": {"name": "w01", "labels": []}}],
                r"GET /api/v1/nodes: Node w01: Expected `object.*` - at `\$.metadata.labels`",
            ),
            (
                DAEMON_SETS,
                [{"metadata": {"namespace": "x", "name": "y"}, "spec": {"template": {"spec": 1}}}],
                r"DaemonSet x/y: Expected `object`, got `int` - at `\$.spec`",
            ),
            (NODES, [{"metadata": 7}], r"Node: Expected `object`, got `int` - at `\$.metadata`"),
        ],
    )
    def test_object_that_is_essential(
        self, api: ApiServer, path: str, items: list[Any], message: str
    ) -> None:
        kind = "NodeList" if path == NODES else "DaemonSetList"
        api.always(path, _list(kind, items))
        with pytest.raises(ClusterError, match=message):
            load(api)

    def test_daemon_set_by_name(self, api: ApiServer) -> None:
        api.always(f"{DAEMON_SETS}/x", Answer(body=b'{"kind":"DaemonSet","metadata":3}'))
        with pytest.raises(ClusterError, match=f"answer to GET {DAEMON_SETS}/x: "):
            load(api, "x")

    def test_other_objects_are_left_out(self, api: ApiServer) -> None:
        path = f"{CORE}/resourcequotas"
        items = [
            {"metadata": {"name": "a"}, "spec": {"hard": {"cpu": "one"}}},
            {"metadata": {"name": "b"}, "spec": {"hard": {"cpu": "1"}}},
            {"metadata": 5},
        ]
        api.always(path, _list("ResourceQuotaList", items))
        cluster = load(api, "d01").cluster
        assert [item.metadata.name for item in cluster.quotas] == ["b"]
        (unread,) = told(cluster)
        assert unread.what == "resourcequotas"
        assert unread.why.startswith("can't be decoded: ResourceQuota a: ")
        assert unread.why.endswith("`$.spec.hard[...]`, and 1 more")
