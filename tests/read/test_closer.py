"""What is read beyond the DaemonSets' own pods: only where one is missing, waits or is in trouble."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import reading
from serve import Answer, ApiServer, Object, connection, recorded, status

from kubectl_ds.core.scope import Scope
from kubectl_ds.read.closer import MANY_NODES
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.read.requests import FEW_PODS

CORE = "/api/v1"
PODS = f"{CORE}/pods"
EVENTS = f"{CORE}/namespaces/default/events"
TAKES_ROOM = "status.phase!=Succeeded,status.phase!=Failed"


def load(objects: list[Object], name: str = "agent", namespace: str = "default") -> Any:
    """What was read, and all (path, field selector) that were asked for on a closer look."""
    with ApiServer(objects) as api:
        found = reading.load(connection(api), Scope(namespace=namespace, names=(name,)))
    return found, closer(api)


def closer(api: ApiServer) -> list[tuple[str, str]]:
    asked = [(item.path, item.query.get("fieldSelector", "")) for item in api.asked]
    return sorted(asked[8:-1])  # the first eight and the last are test_live's


def occupants(node: str) -> tuple[str, str]:
    return PODS, f"spec.nodeName={node},{TAKES_ROOM}"


NOMINATED = (PODS, "status.nominatedNodeName!=")


def test_where_all_is_well_nothing_more_is_read() -> None:
    found, asked = load(recorded("cordoned"))
    assert asked == []
    assert found.cluster.occupants_of == frozenset()


def test_where_a_pod_waits_all_pods_of_its_node_are_read() -> None:
    found, asked = load(recorded("insufficient_cpu"))
    assert asked == sorted([occupants("full"), NOMINATED])
    assert found.cluster.occupants_of == {"full"}
    assert {pod.spec.node_name for pod in found.cluster.pods} >= {"full"}


def test_pods_of_other_namespaces_come_along() -> None:
    objects = copy.deepcopy(recorded("insufficient_cpu"))
    (other, *_) = [
        item
        for item in objects
        if item["kind"] == "Pod"
        and item["spec"].get("nodeName") == "full"
        and item["metadata"].get("labels", {}).get("app") != "agent"
    ]
    other["metadata"]["namespace"] = "else"
    found, _ = load(objects)
    assert "else" in {pod.metadata.namespace for pod in found.cluster.pods}


def test_who_may_not_see_other_pods_is_told() -> None:
    with ApiServer(recorded("insufficient_cpu")) as api:
        api.always(PODS, status(403, "pods is forbidden"))
        found = reading.load(connection(api), Scope(namespace="default", names=("agent",)))
    assert found.cluster.occupants_of == frozenset()
    (unread,) = [item for item in found.cluster.unread if "other pods" in item.what]
    assert "may not list pods in all namespaces" in unread.why
    assert found.cluster.knows("pods", "default")


def many_waiting(number: int) -> list[Object]:
    """The one pod that waits, and the node that it waits for, so many times."""
    objects = copy.deepcopy(recorded("insufficient_cpu"))
    node = next(x for x in objects if x["kind"] == "Node" and x["metadata"]["name"] == "full")
    pod = next(x for x in objects if x["kind"] == "Pod" and not x["spec"].get("nodeName"))
    for place in range(number):
        more_node, more_pod = copy.deepcopy(node), copy.deepcopy(pod)
        more_node["metadata"] |= {"name": f"n{place}", "uid": f"n{place}"}
        more_pod["metadata"] |= {"name": f"p{place}", "uid": f"p{place}"}
        affinity = more_pod["spec"]["affinity"]["nodeAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        term["matchFields"][0]["values"] = [f"n{place}"]
        objects += [more_node, more_pod]
    return objects


def test_of_many_nodes_the_first_are_looked_at() -> None:
    found, asked = load(many_waiting(MANY_NODES + 6))
    assert len(asked) == MANY_NODES + 1
    assert len(found.cluster.occupants_of) == MANY_NODES
    (unread,) = [item for item in found.cluster.unread if "other pods" in item.what]
    assert "7 more" in unread.why


def test_the_events_of_a_few_pods_in_trouble_are_read_one_by_one() -> None:
    found, asked = load(recorded("container_failures"))
    troubled = [
        pod.name
        for pod in found.cluster.pods
        if pod.spec.node_name and not (pod.live and pod.ready)
    ]
    assert 1 < len(troubled) <= FEW_PODS
    assert asked == sorted(
        (EVENTS, f"involvedObject.kind=Pod,involvedObject.name={name}") for name in troubled
    )


def test_the_events_of_many_pods_are_one_list() -> None:
    objects = copy.deepcopy(recorded("container_failures"))
    pods = [item for item in objects if item["kind"] == "Pod"]
    for number in range(FEW_PODS):
        pod, node = copy.deepcopy(pods[0]), f"n{number}"
        pod["metadata"] |= {"name": f"p{number}", "uid": f"p{number}"}
        pod["spec"]["nodeName"] = node
        pod["status"]["phase"] = "Failed"
        own = copy.deepcopy(next(item for item in objects if item["kind"] == "Node"))
        own["metadata"] |= {"name": node, "uid": node}
        objects += [pod, own]
    _, asked = load(objects)
    assert asked == [(EVENTS, "involvedObject.kind=Pod,type=Warning")]


ACCOUNTS = (f"{CORE}/namespaces/default/serviceaccounts", "")
PRIORITIES = ("/apis/scheduling.k8s.io/v1/priorityclasses", "")
RUNTIMES = ("/apis/node.k8s.io/v1/runtimeclasses", "")


def lacking(message: str, **spec: Any) -> list[Object]:
    """A DaemonSet without any pod, an event that tells why (or none), and its template's spec."""
    objects = copy.deepcopy(recorded("cordoned"))
    (daemon_set,) = [item for item in objects if item["kind"] == "DaemonSet"]
    daemon_set["spec"]["template"]["spec"] |= spec
    kept = [item for item in objects if item["kind"] not in ("Pod", "Event")]
    about = {key: daemon_set["metadata"][key] for key in ("name", "namespace", "uid")}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "default"},
        "involvedObject": {"kind": "DaemonSet", **about},
        "reason": "FailedCreate",
        "message": f"Error creating: {message}",
        "lastTimestamp": "2026-11-21T07:59:00Z",
    }
    return [*kept, event] if message else kept


NO_ACCOUNT = 'pods "agent-" is forbidden: error looking up service account default/x: serviceaccount "x" not found'
CLASSES = [
    pytest.param("", {}, [ACCOUNTS], id="nothing reported: the account may be missing"),
    pytest.param(NO_ACCOUNT, {}, [ACCOUNTS], id="reported: whether it is there by now"),
    pytest.param('pods "agent-x" is forbidden: violates PodSecurity "baseline:latest": privileged', {}, [], id="another cause is reported"),
    pytest.param("", {"priorityClassName": "high"}, [ACCOUNTS, PRIORITIES], id="a class is named"),
    pytest.param("", {"priority": 5}, [ACCOUNTS, PRIORITIES], id="a priority without a class"),
    pytest.param("", {"runtimeClassName": "kata"}, [ACCOUNTS, RUNTIMES], id="a runtime is named"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "spec", "expected"), CLASSES)
def test_where_a_pod_is_missing(
    message: str, spec: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    _, asked = load(lacking(message, **spec))
    assert asked == sorted(expected)


def claiming() -> list[Object]:
    objects = copy.deepcopy(recorded("insufficient_cpu"))
    for item in objects:
        for spec in _pod_specs(item):
            spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return objects


def _pod_specs(item: Object) -> list[dict[str, Any]]:
    """The spec of a pod, or of a DaemonSet's template."""
    if item["kind"] == "DaemonSet":
        return [item["spec"]["template"]["spec"]]
    return [item["spec"]] if item["kind"] == "Pod" else []


def test_what_a_volume_depends_on_is_read_where_a_pod_waits() -> None:
    _, asked = load(claiming())
    assert asked == sorted(
        [
            occupants("full"),
            NOMINATED,
            (f"{CORE}/namespaces/default/persistentvolumeclaims", ""),
            (f"{CORE}/persistentvolumes", ""),
            ("/apis/storage.k8s.io/v1/storageclasses", ""),
        ]
    )


def test_a_missing_right_to_them_is_told() -> None:
    with ApiServer(claiming()) as api:
        api.always(f"{CORE}/persistentvolumes", status(403, "forbidden"))
        found: Loaded = reading.load(connection(api), Scope(namespace="default", names=("agent",)))
    assert not found.cluster.knows("persistentvolumes", "default")
    assert found.cluster.knows("persistentvolumeclaims", "default")


def test_a_slow_server_is_asked_no_more_than_once_for_each() -> None:
    with ApiServer(recorded("insufficient_cpu")) as api:
        api.answer(PODS, Answer(delay=0.2))
        reading.load(connection(api), Scope(namespace="default", names=("agent",)))
    assert len(closer(api)) == 2


def test_pods_that_are_held_back_on_purpose_wait_for_nothing_on_their_nodes() -> None:
    objects = copy.deepcopy(recorded("insufficient_cpu"))
    for item in objects:
        if item["kind"] == "Pod" and not item["spec"].get("nodeName"):
            item["spec"]["schedulingGates"] = [{"name": "example.com/wait"}]
    assert load(objects)[1] == []


def test_what_several_daemon_sets_depend_on_is_asked_for_once() -> None:
    objects = copy.deepcopy(recorded("insufficient_cpu"))
    own = [item for item in objects if item["kind"] in ("DaemonSet", "ControllerRevision", "Pod")]
    for item in copy.deepcopy([item for item in own if "agent" in item["metadata"]["name"]]):
        item["metadata"] |= {"namespace": "other", "uid": f"other-{item['metadata']['uid']}"}
        for owner in item["metadata"].get("ownerReferences", ()):
            owner["uid"] = f"other-{owner['uid']}"
        objects.append(item)
    with ApiServer(objects) as api:
        found = reading.load(connection(api), Scope())
    asked = [(item.path, item.query.get("fieldSelector", "")) for item in api.asked]
    assert {item.namespace for item in found.cluster.daemon_sets} == {"default", "other"}
    assert asked.count(occupants("full")) == asked.count(NOMINATED) == 1
    assert [path for path, _ in asked].count("/api/v1/nodes") == 1
