"""Which objects count, which are unknown, and which can't be decoded."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from saved_objects import a_list, bare, made, read, to_json

from kubectl_ds.core.model import Unread
from kubectl_ds.core.moment import EPOCH
from kubectl_ds.errors import InputError
from kubectl_ds.read.kinds import KINDS

# What is known

EVENTS = {"apiVersion": "v1", "kind": "EventList"}
KNOWN = {
    "an object": (to_json(made("Event", metadata={"namespace": "x"})), True),
    "an empty typed list": (a_list(kind="EventList"), True),
    "a typed list of null": (to_json({**EVENTS, "items": None}), True),
    "an empty YAML list": (b"apiVersion: v1\nitems: []\nkind: EventList\n", True),
    "an empty List": (a_list(), False),
    "a List of null": (to_json({**EVENTS, "kind": "List", "items": None}), False),
    "another kind's empty list": (a_list(kind="PodList"), False),
    "another group's kind": (to_json(made("Event", api_version="events.k8s.io/v1")), False),
    "another group's list": (a_list(kind="EventList", api_version="events.k8s.io/v1"), False),
    "a list without items": (to_json(EVENTS), False),
}


@pytest.mark.parametrize(("data", "known"), KNOWN.values(), ids=KNOWN)
def test_a_kind_without_objects_is_unknown_unless_an_empty_list_shows_it(
    data: bytes, known: bool
) -> None:
    unread = Unread(what="events", why="none in the input; there may be some")
    assert (unread not in read(data).cluster.unread) == known


def test_all_kinds_are_unknown_in_an_empty_list() -> None:
    cluster = read(a_list()).cluster
    assert [item.what for item in cluster.unread] == [kind.resource for kind in KINDS]
    assert cluster.now == EPOCH


OTHERS = {
    "another kind": made("Secret", "s", data={"a": 1}),
    "another group's Node": made("Node", "cluster", "config.openshift.io/v1", spec=5),
    "another version's DaemonSet": made("DaemonSet", "old", "apps/v1beta2", spec=5),
    "metadata of another shape": {"apiVersion": "example.com/v1", "kind": "Odd", "metadata": 5},
    "a kind that ends like a list": made("AllowList", "a", "example.com/v1", items=["10.0.0.1"]),
    "a list of another kind": {**EVENTS, "kind": "SecretList", "items": [{}, {"data": 5}]},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_kinds_are_read_past(other: Any) -> None:
    loaded = read(a_list(other, made("Node", "worker-1")))
    assert [node.name for node in loaded.cluster.nodes] == ["worker-1"]
    assert (loaded.cluster.daemon_sets, loaded.warnings) == ((), ())


DAY = "2026-11-21T00:00:00Z"
HAPPENED = {
    "in a wanted object": made("Node", metadata={"creationTimestamp": DAY}),
    "in another kind": made("Secret", metadata={"creationTimestamp": DAY}),
    "in another kind with odd items": made("Odd", metadata={"creationTimestamp": DAY}, items=[5]),
    "in a list of another kind": {
        "apiVersion": "v1",
        "kind": "SecretList",
        "items": [{"metadata": {"name": "s", "managedFields": [{"time": DAY}]}}],
    },
    "in a skipped object": made("Event", metadata={"creationTimestamp": DAY}, count="many"),
}


@pytest.mark.parametrize("item", HAPPENED.values(), ids=HAPPENED)
def test_now_is_the_newest_time_in_any_object(item: Any) -> None:
    older = made("Node", "older", metadata={"creationTimestamp": "2026-11-20T00:00:00Z"})
    assert read(a_list(item, older)).cluster.now == datetime(2026, 11, 21, tzinfo=timezone.utc)


# The same object twice


def _node(version: Any, uid: str) -> dict[str, Any]:
    return made("Node", metadata={"resourceVersion": version, "uid": uid})


TWICE = {
    "higher last": ("9", "10", "last"),
    "higher first": ("10", "9", "first"),
    "equal": ("9", "9", "last"),
    "leading zeros": ("010", "9", "first"),
    "longer than an int's text may be": ("1" * 5000, "9", "first"),
    "one is no number": ("10", "x9", "last"),
    "one has none": ("10", "", "last"),
    "digits of another script": ("10", "٩", "last"),
    "a sign": ("10", "+9", "last"),
}


@pytest.mark.parametrize(("first", "last", "winner"), TWICE.values(), ids=TWICE)
def test_of_the_same_object_twice_the_newer_counts(first: str, last: str, winner: str) -> None:
    nodes = read(a_list(_node(first, "first"), _node(last, "last"))).cluster.nodes
    assert [node.metadata.uid for node in nodes] == [winner]


def test_the_same_name_elsewhere_is_another_object() -> None:
    spaces = [made("Pod", metadata={"namespace": space}) for space in ("x", "y")]
    cluster = read(a_list(*spaces, made("Node"), made("Namespace"))).cluster
    assert (len(cluster.pods), len(cluster.nodes), len(cluster.namespaces)) == (2, 1, 1)


def test_without_a_namespace_it_is_default() -> None:
    cluster = read(a_list(made("Pod"), made("Node"))).cluster
    assert [pod.metadata.namespace for pod in cluster.pods] == ["default"]
    assert [node.metadata.namespace for node in cluster.nodes] == [""]


# Objects that can't be decoded


APPS = "apps/v1"
BROKEN_LABELS: dict[str, Any] = {"metadata": {"labels": {"a": 1}}}
ESSENTIAL = {
    "a node in a List": (
        a_list(made("Node"), made("Node", "worker-3", **BROKEN_LABELS)),
        "stdin: items[1].metadata.labels[a]: expected str, got int (Node worker-3)",
    ),
    "a node alone": (
        to_json(made("Node", "worker-3", **BROKEN_LABELS)),
        "stdin: metadata.labels[a]: expected str, got int (Node worker-3)",
    ),
    "a node in a typed list": (
        a_list({"metadata": {"name": "worker-3"}, "spec": 5}, kind="NodeList"),
        "stdin: items[0].spec: expected object, got int (Node worker-3)",
    ),
    "a node in a List in a List": (
        a_list({"apiVersion": "v1", "kind": "List", "items": [made("Node", "w", spec=5)]}),
        "stdin: items[0].items[0].spec: expected object, got int (Node w)",
    ),
    "a pod in the second document": (
        b"".join(map(to_json, (made("Node"), made("Pod", metadata={"namespace": "x"}, spec=5)))),
        "stdin: document 2: spec: expected object, got int (Pod x/a)",
    ),
    "a pod's time": (
        to_json(made("Pod", metadata={"creationTimestamp": "yesterday"})),
        "stdin: metadata.creationTimestamp: invalid RFC3339 encoded datetime (Pod a)",
    ),
    "no metadata": (
        to_json({"apiVersion": "v1", "kind": "Pod"}),
        "stdin: object missing required field metadata (Pod)",
    ),
    "no name": (
        a_list(made("Pod", "", metadata={"namespace": "x"})),
        "stdin: items[0].metadata.name: missing or empty (Pod x)",
    ),
    "a DaemonSet": (
        to_json(made("DaemonSet", "ds", APPS, metadata={"generation": "x"})),
        "stdin: metadata.generation: expected int, got str (DaemonSet ds)",
    ),
    "a huge generation": (
        to_json(made("DaemonSet", "ds", APPS, metadata={"generation": 1})).replace(
            b'"generation": 1', b'"generation": 1' + b"0" * 5000
        ),
        "stdin: metadata.generation: integer value out of range (DaemonSet ds)",
    ),
    "a template": (
        a_list(made("DaemonSet", "ds", APPS, spec={"template": {"spec": {"nodeName": 5}}})),
        "stdin: items[0].spec.template.spec.nodeName: expected str, got int (DaemonSet ds)",
    ),
    "a template's request": (
        to_json(
            made(
                "DaemonSet",
                "ds",
                APPS,
                spec={"template": {"spec": {"overhead": {"cpu": "a - at `$.b`"}}}},
            )
        ),
        "stdin: spec.template.spec.overhead[...]: 'a - at $.b' is not a quantity (DaemonSet ds)",
    ),
    "no template": (
        to_json(made("DaemonSet", "ds", APPS, spec={"template": None})),
        "stdin: spec.template: expected object, got null (DaemonSet ds)",
    ),
    "an item that is none": (
        a_list(5, kind="PodList"),
        "stdin: items[0]: expected object, got int (Pod)",
    ),
}


@pytest.mark.parametrize(("data", "message"), ESSENTIAL.values(), ids=ESSENTIAL)
def test_an_essential_object_that_can_not_be_decoded_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(data)
    assert str(raised.value) == message


SKIPPED = {
    "a quota": (
        made("ResourceQuota", "q", metadata={"namespace": "x"}, spec={"hard": {"cpu": "many"}}),
        "resourcequotas",
        "stdin: items[0].spec.hard[cpu]: 'many' is not a quantity (ResourceQuota x/q)",
    ),
    "an event": (
        made("Event", "e", count="x"),
        "events",
        "stdin: items[0].count: expected int | null, got str (Event e)",
    ),
    "no name": (
        made("Namespace", ""),
        "namespaces",
        "stdin: items[0].metadata.name: missing or empty (Namespace)",
    ),
}


@pytest.mark.parametrize(("item", "what", "why"), SKIPPED.values(), ids=SKIPPED)
def test_another_object_that_can_not_be_decoded_is_skipped(item: Any, what: str, why: str) -> None:
    loaded = read(a_list(item, made(item["kind"], "good", item["apiVersion"])))
    assert [unread.why for unread in loaded.cluster.unread if unread.what == what] == [why]
    assert loaded.warnings == (f"skipped: {why}",)
    field = next(kind.field for kind in KINDS if kind.resource == what)
    assert [found.metadata.name for found in getattr(loaded.cluster, field)] == ["good"]


def test_a_revision_whose_data_can_not_be_read_is_skipped() -> None:
    revision = made("ControllerRevision", "r", APPS, data={"spec": {"template": [5]}})
    loaded = read(to_json(revision).replace(b"5", b"1e999"))
    why = "stdin: data[...][...][0]: number out of range (ControllerRevision r)"
    assert loaded.warnings == (f"skipped: {why}",)
    assert loaded.cluster.revisions == ()


def test_many_skipped_objects_are_one_warning() -> None:
    events = [bare(made("Event", f"e{i}", count="x")) for i in range(3)]
    loaded = read(a_list(*events, kind="EventList"))
    why = "stdin: items[0].count: expected int | null, got str (Event e0), and 2 more events"
    assert loaded.warnings == (f"skipped: {why}",)
    assert Unread(what="events", why=why) in loaded.cluster.unread
