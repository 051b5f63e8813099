"""What is asked of a live cluster, and what becomes of its answers."""

from __future__ import annotations

import copy
from datetime import datetime, timezone

import pytest
import reading
from msgspec import structs
from saved_objects import a_list, all_pods, comparable, read
from serve import (
    DATE,
    NODES,
    Answer,
    ApiServer,
    Asked,
    Object,
    connection,
    recorded,
    status,
    told,
)

from kubectl_ds.core.labels import selector_text
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.pods import LabelSelector, LabelSelectorRequirement
from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import ClusterError, UsageError
from kubectl_ds.kube.connection import Connection
from kubectl_ds.read.loaded import Loaded

APPS = "/apis/apps/v1/namespaces/default"
EVENTS = "/api/v1/events"
PODS = "/api/v1/pods"  # of all namespaces: where one waits, those on its node
CORE = "/api/v1/namespaces/default"
DAEMON_SETS = f"{APPS}/daemonsets"
NOW = datetime(2026, 11, 21, 8, tzinfo=timezone.utc)


def load(
    api: ApiServer, *names: str, namespace: str | None = "default", labels: str = ""
) -> Loaded:
    return reading.load(connection(api), Scope(namespace=namespace, names=names, selector=labels))


def asked(api: ApiServer, resource: str) -> list[Asked]:
    return [item for item in api.asked if item.path.endswith(f"/{resource}")]


def concerning(objects: list[Object], namespace: str, name: str) -> list[Object]:
    """The objects that matter for one DaemonSet."""
    (own,) = [item for item in objects if _is(item, "DaemonSet", namespace, name)]
    labels = own["spec"]["selector"]["matchLabels"]

    def matters(item: Object) -> bool:
        kind, metadata = item["kind"], item["metadata"]
        if kind in ("Node", "DaemonSet"):
            return kind == "Node" or item is own
        if kind == "Namespace":
            return bool(metadata["name"] == namespace)
        if metadata.get("namespace") != namespace:
            return False
        if kind == "Event":
            about = item["involvedObject"]
            return (about["kind"], about["name"]) == ("DaemonSet", name)
        return kind != "Pod" or labels.items() <= (metadata.get("labels") or {}).items()

    return [item for item in objects if matters(item)]


def first_read(cluster: Cluster) -> Cluster:
    """The cluster less what a closer look added; see test_closer."""
    (own,) = cluster.daemon_sets
    labels = own.spec.selector.match_labels or {}
    closer = dict.fromkeys(("priority_classes", "runtime_classes", "service_accounts"), ())
    return structs.replace(
        cluster,
        pods=tuple(x for x in cluster.pods if labels.items() <= x.labels.items()),
        events=tuple(x for x in cluster.events if x.involved_object.kind == "DaemonSet"),
        occupants_of=None,
        unread=told(cluster),
        unread_in={},
        **closer,
    )


def _is(item: Object, kind: str, namespace: str, name: str) -> bool:
    metadata = item["metadata"]
    return (item["kind"], metadata.get("namespace"), metadata["name"]) == (kind, namespace, name)


def spread(objects: list[Object], namespaces: int) -> list[Object]:
    """The same objects, with the DaemonSets spread over so many namespaces."""
    objects = copy.deepcopy(objects)
    daemon_sets = [item for item in objects if item["kind"] == "DaemonSet"]
    for number, item in enumerate(daemon_sets):
        item["metadata"]["namespace"] = f"n{number % namespaces}"
    return objects


class TestOneDaemonSet:
    @pytest.mark.parametrize(
        ("recording", "namespace", "name"),
        [
            ("seed1", "default", "d01"),
            ("seed5", "default", "d07"),
            ("quota_cpu", "mon", "exporter"),
            ("limit_range_max", "lr", "agent"),
            ("rollout_stuck", "default", "agent"),
        ],
    )
    def test_is_read_as_from_a_file(self, recording: str, namespace: str, name: str) -> None:
        objects = recorded(recording)
        with ApiServer(objects) as api:
            cluster, warnings = load(api, name, namespace=namespace)
        saved = read(a_list(*concerning(objects, namespace, name))).cluster
        expected = structs.replace(saved, now=NOW, unread=())
        assert comparable(first_read(cluster)) == comparable(expected)
        assert len(cluster.nodes) > 0
        assert warnings == ()

    def test_asks_for_no_more_than_it_needs(self, api: ApiServer) -> None:
        load(api, "d01")
        assert {item.method for item in api.asked} == {"GET"}
        assert {item.path: item.query for item in api.asked} == {
            f"{DAEMON_SETS}/d01": {},
            NODES: {"limit": "500"},
            f"{CORE}/pods": {"limit": "500", "labelSelector": "app=d01"},
            f"{APPS}/controllerrevisions": {"limit": "500"},
            f"{CORE}/events": {
                "limit": "500",
                "fieldSelector": "involvedObject.kind=DaemonSet,involvedObject.name=d01",
            },
            f"{CORE}/resourcequotas": {"limit": "500"},
            f"{CORE}/limitranges": {"limit": "500"},
            CORE: {},
        }
        assert [item.path for item in api.asked].count(f"{DAEMON_SETS}/d01") == 2  # first and last
        assert len(api.asked) == 9

    def test_now_is_the_servers_clock(self, api: ApiServer) -> None:
        assert load(api, "d01").cluster.now == NOW
        assert DATE.startswith("Sat, 21 Nov 2026 08")

    def test_now_is_ours_where_the_server_has_none(self, api: ApiServer) -> None:
        api.answer("/apis/apps/v1/daemonsets", Answer(headers={"Date": "?"}))
        now = load(api, namespace=None, labels="app=none").cluster.now
        age = datetime.now(timezone.utc) - now
        assert abs(age.total_seconds()) < 60

    def test_hands_on_the_servers_warnings(self, api: ApiServer) -> None:
        api.answer(NODES, Answer(warnings=("v1 is old",)))
        assert load(api, "d01").warnings == ("v1 is old",)

    @pytest.mark.parametrize(
        ("selector", "text"),
        [
            (LabelSelector(), ""),
            (LabelSelector(match_labels={"a": "b", "c/d": ""}), "a=b,c/d="),
            (
                LabelSelector(
                    match_labels={"a": "b"},
                    match_expressions=(
                        LabelSelectorRequirement("c", "In", ("d", "e")),
                        LabelSelectorRequirement("f", "NotIn", ("g",)),
                        LabelSelectorRequirement("h", "Exists"),
                        LabelSelectorRequirement("i", "DoesNotExist"),
                    ),
                ),
                "a=b,c in (d,e),f notin (g),h,!i",
            ),
        ],
    )
    def test_selector(self, selector: LabelSelector, text: str) -> None:
        assert selector_text(selector) == text


class TestSeveralDaemonSets:
    def test_a_few_names(self, api: ApiServer) -> None:
        cluster = load(api, "d01", "d02", "d01").cluster
        assert [item.name for item in cluster.daemon_sets] == ["d01", "d02"]
        selectors = [item.query.get("labelSelector") for item in asked(api, "pods")]
        assert sorted(filter(None, selectors)) == ["app=d01", "app=d02"]
        assert {"d01", "d02"} <= {item.labels.get("app") for item in all_pods(cluster)}
        assert len(asked(api, "nodes")) == 1
        assert asked(api, "events")[0].query["fieldSelector"] == "involvedObject.kind=DaemonSet"

    def test_a_pod_of_two_selectors_counts_once(self) -> None:
        objects = recorded("seed1")
        any_app = {"key": "app", "operator": "Exists"}
        for item in objects:
            if item["kind"] == "DaemonSet":
                item["spec"]["selector"] = {"matchExpressions": [any_app]}
        with ApiServer(objects) as api:
            pods = load(api, "d01", "d02").cluster.pods
        assert len(pods) == len({item.metadata.uid for item in pods}) > 0

    def test_pods_of_nobody_else(self, api: ApiServer) -> None:
        cluster = load(api).cluster
        assert len(cluster.daemon_sets) == 12
        lists = [item.query for item in asked(api, "pods")]
        own = [query["labelSelector"] for query in lists if "labelSelector" in query]
        assert sorted(own) == [f"app=d{number:02}" for number in range(12)]
        assert sum("fieldSelector" in query for query in lists) == len(lists) - 12
        assert len(all_pods(cluster)) == 91

    def test_few_namespaces_are_read_one_by_one(self) -> None:
        with ApiServer(spread(recorded("seed1"), 5)) as api:
            load(api, namespace=None)
        assert asked(api, "daemonsets")[0].path == "/apis/apps/v1/daemonsets"
        namespaces = {f"/api/v1/namespaces/n{number}" for number in range(5)}
        assert {item.path for item in asked(api, "events")} == {f"{n}/events" for n in namespaces}
        assert namespaces <= set(api.paths)
        assert len(asked(api, "pods")) == 12

    def test_many_namespaces_are_read_at_once(self) -> None:
        with ApiServer(spread(recorded("seed1"), 6)) as api:
            cluster = load(api, namespace=None).cluster
        resources = ["nodes", "events", "resourcequotas", "limitranges", "namespaces"]
        core = [f"/api/v1/{resource}" for resource in resources]
        apps = [f"/apis/apps/v1/{resource}" for resource in ("daemonsets", "controllerrevisions")]
        lists = [item.path for item in api.asked if "limit" in item.query]
        whole = [path for path in lists if "/namespaces/" not in path]
        assert sorted({*whole} - {PODS}) == sorted({*core, *apps})
        assert asked(api, "events")[0].path == EVENTS
        assert len(cluster.namespaces) == 14


class TestSelector:
    def test_is_passed_on(self, api: ApiServer) -> None:
        objects = [item for item in api.objects if item["kind"] == "DaemonSet"]
        objects[3]["metadata"]["labels"] = {"tier": "system"}
        cluster = load(api, labels="tier in (system, other)").cluster
        assert [item.name for item in cluster.daemon_sets] == ["d03"]
        assert api.asked[0].query["labelSelector"] == "tier in (system, other)"

    def test_that_the_server_can_not_parse(self, api: ApiServer) -> None:
        with pytest.raises(UsageError, match=r'the selector "a b": .* expected: in, notin'):
            load(api, labels="a b")

    def test_that_selects_none(self, api: ApiServer) -> None:
        cluster = load(api, labels="app=none").cluster
        assert (cluster.daemon_sets, cluster.nodes, cluster.unread) == ((), (), ())
        assert [item.metadata.name for item in cluster.namespaces] == ["default"]
        assert api.paths == [DAEMON_SETS, CORE]


class TestNoSuchNamespace:
    def test_those_that_exist_are_offered(self, api: ApiServer) -> None:
        cluster = load(api, namespace="defualt").cluster
        assert cluster.daemon_sets == ()
        assert "default" in {item.metadata.name for item in cluster.namespaces}
        paths = ["/apis/apps/v1/namespaces/defualt/daemonsets", "/api/v1/namespaces/defualt"]
        assert api.paths == [*paths, "/api/v1/namespaces"]

    @pytest.mark.parametrize("path", ["/api/v1/namespaces/x", "/api/v1/namespaces"])
    def test_where_we_may_not_know(self, api: ApiServer, path: str) -> None:
        api.always(path, status(403, "no"))
        assert load(api, namespace="x").cluster.namespaces == ()

    def test_in_all_of_them_there_is_nothing_to_ask(self) -> None:
        with ApiServer([]) as api:
            assert load(api, namespace=None).cluster.namespaces == ()
        assert api.paths == ["/apis/apps/v1/daemonsets"]


class TestNoSuchDaemonSet:
    def test_all_are_offered_and_nothing_else_is_read(self, api: ApiServer) -> None:
        cluster = load(api, "d01", "d1").cluster
        assert len(cluster.daemon_sets) == 12
        assert cluster.nodes == ()
        assert api.paths == [f"{DAEMON_SETS}/d01", f"{DAEMON_SETS}/d1", "/apis/apps/v1/daemonsets"]

    def test_one_that_came_too_late_is_not(self, api: ApiServer) -> None:
        """It would look as if it had no nodes."""
        api.answer(f"{DAEMON_SETS}/d02", status(404, "not found"))
        names = {item.name for item in load(api, "d01", "d02").cluster.daemon_sets}
        assert (len(names), "d01" in names, "d02" in names) == (11, True, False)

    def test_those_of_the_namespace_where_no_more_is_allowed(self, api: ApiServer) -> None:
        api.always("/apis/apps/v1/daemonsets", status(403, "no"))
        assert len(load(api, "d1").cluster.daemon_sets) == 12
        api.always(DAEMON_SETS, status(403, "no"))
        assert load(api, "d1").cluster.daemon_sets == ()

    @pytest.mark.parametrize("name", ["..", ".", "a/b", "a%2Fb"])
    def test_a_name_that_is_none(self, api: ApiServer, name: str) -> None:
        with pytest.raises(UsageError, match="is no name of a Kubernetes object"):
            load(api, name)
        assert api.asked == []

    def test_a_name_needs_a_namespace(self, api: ApiServer) -> None:
        with pytest.raises(UsageError, match="use -n NAMESPACE"):
            load(api, "d01", namespace=None)


class TestForbidden:
    @pytest.mark.parametrize(
        ("path", "what", "why"),
        [
            (f"{CORE}/events", "events", "forbidden: may not list events in namespace default"),
            (
                f"{CORE}/limitranges",
                "limitranges",
                "forbidden: may not list limitranges in namespace default",
            ),
            (CORE, "namespaces", "forbidden: may not get Namespace default"),
        ],
    )
    def test_goes_on_without(self, api: ApiServer, path: str, what: str, why: str) -> None:
        api.always(path, status(403, "no"))
        cluster = load(api, "d01").cluster
        (unread,) = told(cluster)
        assert unread.what == what
        assert unread.why == why
        assert len(cluster.nodes) == 12

    def test_says_once_in_which_namespaces(self) -> None:
        with ApiServer(spread(recorded("seed1"), 3)) as api:
            for namespace in ("n0", "n1"):
                api.always(f"/api/v1/namespaces/{namespace}/resourcequotas", status(403, "no"))
                api.always(f"/api/v1/namespaces/{namespace}", status(403, "no"))
            api.always("/api/v1/namespaces/n2/resourcequotas", status(404, "no"))
            cluster = load(api, namespace=None).cluster
        quotas = "forbidden: may not list resourcequotas in namespaces n0, n1"
        names = "forbidden: may not get namespaces n0, n1"
        assert {place: [x.why for x in items] for place, items in cluster.unread_in.items()} == {
            "n0": [quotas, names],
            "n1": [quotas, names],
            "n2": [
                "the server has none: can't list resourcequotas in namespace n2",
                "the server has none: can't get Namespace n2",
            ],
        }
        assert len(told(cluster)) == 4

    def test_a_kind_that_the_server_lacks(self, api: ApiServer) -> None:
        api.always(f"{CORE}/resourcequotas", Answer(404, b"404 page not found"))
        (unread,) = told(load(api, "d01").cluster)
        assert unread.why.startswith("the server has none: can't list resourcequotas in namespace")

    @pytest.mark.parametrize(
        ("path", "namespace", "message"),
        [
            (
                f"{DAEMON_SETS}/d01",
                "default",
                "may not get DaemonSet d01 in namespace default: no;",
            ),
            (NODES, "default", "may not list nodes: no; ask for that right, or choose another --c"),
            (f"{CORE}/pods", "default", "may not list pods in namespace default: no; ask for"),
            (
                "/apis/apps/v1/daemonsets",
                None,
                "may not list daemonsets in all namespaces: no; name a namespace with -n, or ask",
            ),
        ],
    )
    def test_what_is_essential(
        self, api: ApiServer, path: str, namespace: str | None, message: str
    ) -> None:
        api.always(path, status(403, "no"))
        names = ("d01",) if namespace else ()
        with pytest.raises(ClusterError, match=f"^{message}"):
            load(api, *names, namespace=namespace)

    @pytest.mark.parametrize("path", [f"{DAEMON_SETS}/d01", NODES, f"{CORE}/events"])
    def test_unknown_to_the_server(self, api: ApiServer, path: str) -> None:
        api.always(path, status(401, "Unauthorized"))
        with pytest.raises(ClusterError, match='does not accept the user "tester"'):
            load(api, "d01")


class TestUnreachable:
    def test_is_said_once(self) -> None:
        with ApiServer([]) as api:
            where = connection(api)
        with pytest.raises(ClusterError, match="connection refused"):
            reading.load(where, Scope(namespace="default"))

    def test_a_slow_list_fails_alone(self, api: ApiServer) -> None:
        api.always(NODES, Answer(delay=1))
        where = Connection(server=api.url, request_timeout=0.2)
        with pytest.raises(ClusterError, match="no answer within 200ms"):
            reading.load(where, Scope(namespace="default", names=("d01",)))
