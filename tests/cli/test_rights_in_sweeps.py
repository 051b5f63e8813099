"""Rights that differ between the namespaces of a sweep: each costs its own namespace alone."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from asking import Asking, Situation, said, states
from rights import Right, granted
from serve import Object
from situations import SITUATIONS

from kubectl_ds.read.kinds import KINDS
from kubectl_ds.read.lists import MOST_NAMESPACES
from kubectl_ds.read.requests import MANY_NAMESPACES

CLUSTER = "ClusterRole/kubectl-ds"
NODES = "ClusterRole/kubectl-ds-nodes"
ROLE = "Role/kubectl-ds"
FEW, MANY = 3, MANY_NAMESPACES + 2  # asked for one by one, and first all at once


def spread(name: str, namespaces: int) -> Situation:
    """A situation in each of so many namespaces, n0, n1, and so on; they share the nodes."""
    objects, scope = SITUATIONS[name]()
    old = scope[2]
    (uid,) = [item["metadata"]["uid"] for item in objects if item["kind"] == "DaemonSet"]
    found = [item for item in objects if not item["metadata"].get("namespace")]
    for number in range(namespaces):
        found += [_moved(item, old, uid, f"n{number}") for item in objects if _is_of(item, old)]
    return Situation(found, ("-A", "--all"))


def _is_of(item: Object, namespace: str) -> bool:
    meta = item["metadata"]
    return namespace in (meta.get("namespace"), item["kind"] == "Namespace" and meta["name"])


def _moved(item: Object, old: str, uid: str, new: str) -> Object:
    item = copy.deepcopy(item)
    item["metadata"]["name" if item["kind"] == "Namespace" else "namespace"] = new
    text = json.dumps(item).replace(f'"{old}"', f'"{new}"').replace(uid, f"{uid}-{new}")
    moved: Object = json.loads(text)
    return moved


def in_each(namespaces: int) -> set[Right]:
    """What a Role in each namespace grants, with the nodes and the list of all DaemonSets."""
    roles = (granted(ROLE, namespace=f"n{number}") for number in range(namespaces))
    return {Right("list", "apps", "daemonsets")}.union(granted(NODES), *roles)


def by_namespace(document: Any) -> dict[str, Any]:
    return {item["daemonSet"]["namespace"]: item for item in document["items"]}


# A kind of which n0 has no right, and a situation in which an answer depends on it.
LACKS = [
    ("a quota refused pods", "events"),
    ("a quota would refuse pods", "resourcequotas"),
    ("a limit would refuse pods", "limitranges"),
    ("Pod Security would refuse pods", "namespaces"),
    ("there is no such account", "serviceaccounts"),
    ("there is no such claim", "persistentvolumeclaims"),
    ("an older revision stays", "controllerrevisions"),
]
IDS = [resource for _, resource in LACKS]


def less(rights: set[Right], resource: str, namespace: str) -> set[Right]:
    return {x for x in rights if (x.resource, x.namespace) != (resource, namespace)}


@pytest.mark.parametrize("namespaces", [FEW, MANY])
@pytest.mark.parametrize(("name", "resource"), LACKS, ids=IDS)
def test_a_right_that_one_namespace_lacks(
    asking: Asking, name: str, resource: str, namespaces: int
) -> None:
    given, rights = spread(name, namespaces), in_each(namespaces)
    before = by_namespace(asking.json("explain", given, rights))
    after = by_namespace(asking.json("explain", given, less(rights, resource, "n0")))
    poor = after.pop("n0")
    rich = before.pop("n0")
    assert after == before
    assert len(after) == namespaces - 1
    assert states(poor) == states(rich)
    right = "get Namespace n0" if resource == "namespaces" else f"list {resource} in namespace n0"
    assert said(poor)[resource] == f"forbidden: may not {right}"
    assert resource not in said(rich)


@pytest.mark.parametrize("namespaces", [FEW, MANY])
@pytest.mark.parametrize(("name", "resource"), LACKS[:5], ids=IDS[:5])
def test_the_same_in_coverage(asking: Asking, name: str, resource: str, namespaces: int) -> None:
    given, rights = spread(name, namespaces), in_each(namespaces)
    given = Situation(given.objects, ("-A",))

    def rows(document: Any) -> dict[str, Any]:
        return {row["namespace"]: row for row in document["daemonSets"]}

    whole = asking.json("coverage", given, rights)
    poorer = asking.json("coverage", given, less(rights, resource, "n0"))
    before, after = rows(whole), rows(poorer)
    assert before["n0"]["states"] == after.pop("n0")["states"]
    assert after == {place: row for place, row in before.items() if place != "n0"}
    assert resource not in said(whole)
    assert said(poorer)[resource].endswith(" n0")


@pytest.mark.parametrize(
    "name", [name for name, resource in LACKS if resource != "persistentvolumeclaims"]
)
def test_where_only_each_namespace_may_be_read_the_answer_is_the_same(
    asking: Asking, name: str
) -> None:
    given = spread(name, MANY)
    whole = asking.json("explain", given, granted(CLUSTER))
    asking.needed.clear()
    assert asking.json("explain", given, in_each(MANY)) == whole
    assert {right.resource for right in asking.needed if right.namespace == "n3"} >= {
        "pods", "events", "controllerrevisions", "resourcequotas", "limitranges", "namespaces",
    }  # fmt: skip
    others = [item for item in asking.asked if not item.path.endswith("/daemonsets")]
    assert len(others) == len({(item.path, *item.query.items()) for item in others})
    coverage = Situation(given.objects, ("-A",))
    assert asking("coverage", coverage, in_each(MANY)) == asking(
        "coverage", coverage, granted(CLUSTER)
    )


def test_a_role_is_enough_for_all_daemon_sets_of_its_namespace(asking: Asking) -> None:
    given = Situation(spread("a quota would refuse pods", FEW).objects, ("-n", "n1"))
    inside = granted(ROLE, NODES, namespace="n1")
    for command in ("explain", "coverage"):
        for more in ((), ("-o", "json")):
            whole = asking(command, given, granted(CLUSTER), *more)
            assert asking(command, given, inside, *more) == whole
            assert (whole.code, whole.err) == (0, "")


def test_a_kind_that_no_namespace_grants_is_told_once(asking: Asking) -> None:
    given = spread("a quota would refuse pods", MANY)
    rights = {right for right in in_each(MANY) if right.resource != "resourcequotas"}
    for item in by_namespace(asking.json("explain", given, rights)).values():
        words = "forbidden: may not list resourcequotas in all namespaces"
        assert said(item)["resourcequotas"] == words
    out = asking("explain", given, rights).out
    assert out.count("resourcequotas") == 2  # its name, and that it may not be listed


def test_of_many_namespaces_some_are_named(asking: Asking) -> None:
    rights = in_each(MANY)
    for number in range(MANY - 1):
        rights = less(rights, "resourcequotas", f"n{number}")
    found = by_namespace(asking.json("explain", spread("a quota would refuse pods", MANY), rights))
    words = "forbidden: may not list resourcequotas in namespaces n0, n1, n2, n3, n4 and 1 more"
    assert said(found["n5"])["resourcequotas"] == words
    assert "resourcequotas" not in said(found["n6"])


@pytest.mark.parametrize("namespaces", [FEW, MANY])
@pytest.mark.parametrize("command", ["explain", "coverage"])
def test_pods_are_essential_in_each_namespace(
    asking: Asking, command: str, namespaces: int
) -> None:
    given = Situation(spread("all is well", namespaces).objects, ("-A",))
    assert asking(command, given, in_each(namespaces)).code == 0
    code, out, err = asking(command, given, less(in_each(namespaces), "pods", "n1"))
    assert (code, out, len(err.splitlines())) == (4, "", 1)
    assert err.startswith("error: may not list pods in namespace n1: ")


def test_of_too_many_namespaces_none_is_asked_for_by_itself(asking: Asking) -> None:
    given = spread("all is well", MOST_NAMESPACES + 1)
    found = by_namespace(asking.json("explain", given, in_each(MOST_NAMESPACES + 1)))
    assert said(found["n7"])["events"] == "forbidden: may not list events in all namespaces"
    optional = {kind.resource for kind in KINDS if not kind.essential}
    one_by_one = [item.path for item in asking.asked if "/namespaces/" in item.path]
    assert not {path.rpartition("/")[2] for path in one_by_one} & optional
