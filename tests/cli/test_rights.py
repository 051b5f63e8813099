"""What each right is needed for: docs/rbac.yaml is enough, no rule of it is idle, and a missing one
costs no more than it must."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from asking import Asking, Situation, of, said, states
from following import followed
from rights import RBAC, Right, asked_right, granted, restrict
from serve import ApiServer
from situations import SITUATIONS

from kubectl_ds.read.kinds import KINDS
from tools import rbac

CLUSTER = "ClusterRole/kubectl-ds"
INSIDE = ("Role/kubectl-ds", "ClusterRole/kubectl-ds-nodes")
OUTSIDE = "ClusterRole/kubectl-ds-optional"
COMMANDS = ("explain", "coverage")
VERSION, WHAT = Right("get", "", "/version"), "the server's version"
ESSENTIAL = [kind.resource for kind in KINDS if kind.essential]
OPTIONAL = [kind.resource for kind in KINDS if not kind.essential]


EMPTY = (None, "", [])


def told(document: Any) -> set[str]:
    """The reasons and findings with their sources and the names of what is behind them."""
    found = {"rollout revision"} if document["rollout"]["revision"] else set()
    for each in (
        *document["findings"],
        *(x for node in document["nodes"] for x in node["reasons"]),
    ):
        code = each["code"]
        found.add(f"{code} {each.get('source', 'finding')}")
        found |= {f"{code}.{key}" for key, value in each["evidence"].items() if value not in EMPTY}
    return found


def change(before: set[str], after: set[str]) -> set[str]:
    """What was told before and is not after; of a code that is gone, the code alone."""
    codes = {item.split(" ")[0].split(".")[0] for item in after}
    return {x for x in before - after if "." not in x or x.split(".")[0] in codes}


def without(resource: str) -> set[Right]:
    return {right for right in granted(CLUSTER) if right.resource != resource}


UNKNOWN = {"Unknown computed"}
COSTS = [
    ("a quota refused pods", "events", {"QuotaExceeded reported", "QuotaExceeded.lastSeen"}, {"QuotaExceeded predicted"}),
    ("a quota refused pods", "resourcequotas", {"QuotaExceeded.podsThatFit"}, set()),
    ("a quota refused pods", "limitranges", set(), set()),
    ("a quota refused pods", "namespaces", set(), set()),
    ("a quota would refuse pods", "resourcequotas", {"QuotaExceeded predicted"}, UNKNOWN),
    ("a limit would refuse pods", "limitranges", {"LimitRangeViolation predicted"}, UNKNOWN),
    ("Pod Security would refuse pods", "namespaces", {"PodSecurityViolation predicted"}, UNKNOWN),
    ("there is no such account", "serviceaccounts", {"ServiceAccountMissing predicted"}, UNKNOWN),
    ("there is no such priority", "priorityclasses", {"PriorityClassMissing predicted"}, UNKNOWN),
    ("there is no such priority", "serviceaccounts", set(), set()),
    ("there is no such runtime", "runtimeclasses", {"RuntimeClassMissing predicted"}, UNKNOWN),
    ("pods were rejected", "events", {"PodsVanish finding"}, set()),
    ("a volume can't be mounted", "events", {"VolumeMount reported"}, {"ContainerCreating reported"}),
    ("there is no such scheduler", "events", {"SchedulerAbsent computed"}, {"AwaitingScheduler computed"}),
    ("there is no such claim", "persistentvolumeclaims", {f"VolumeMissing.{x}" for x in ("claim", "podVolume", "problem")}, set()),
    ("a volume is elsewhere", "persistentvolumeclaims", {"VolumeNodeAffinity computed"}, set()),
    ("a volume is elsewhere", "persistentvolumes", {"VolumeNodeAffinity computed"}, set()),
    ("a volume is elsewhere", "storageclasses", set(), set()),
    ("a volume is not to be had", "persistentvolumes", {"VolumeUnbound computed"}, set()),
    ("a volume is not to be had", "storageclasses", {"VolumeUnbound computed"}, set()),
    ("an older revision stays", "controllerrevisions", {"OnDelete.currentRevision", "OnDelete.waitingSeconds", "rollout revision"}, set()),
    ("all is well", "controllerrevisions", {"rollout revision"}, set()),
    ("all is well", "namespaces", set(), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "resource", "lost", "instead"), COSTS, ids=[f"{x[0]}: {x[1]}" for x in COSTS]
)
def test_a_missing_right_costs_what_it_must(
    asking: Asking, name: str, resource: str, lost: set[str], instead: set[str]
) -> None:
    given = SITUATIONS[name]()
    whole = asking.json("explain", given, granted(CLUSTER))
    less = asking.json("explain", given, without(resource))
    assert states(less) == states(whole)
    assert change(told(whole), told(less)) == lost
    sources = {item for item in change(told(less), told(whole)) if " " in item}
    assert sources == instead
    assert resource not in said(whole)
    assert said(less)[resource].startswith("forbidden: may not ")


@pytest.mark.parametrize("code", [429, 500, 504])
@pytest.mark.parametrize(("name", "resource"), [row[:2] for row in COSTS if row[2]])
def test_what_a_server_fails_to_answer_costs_as_much_as_a_missing_right(
    asking: Asking, name: str, resource: str, code: int
) -> None:
    given = SITUATIONS[name]()
    forbidden = asking.json("explain", given, without(resource))
    asking.failing = (resource, code)
    failed = asking.json("explain", given, granted(CLUSTER))
    assert (states(failed), told(failed)) == (states(forbidden), told(forbidden))
    assert said(failed).keys() == said(forbidden).keys()
    assert said(failed)[resource].startswith(f"the server failed with {code}: can't ")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("resource", ESSENTIAL)
def test_without_what_is_essential_there_is_no_answer(
    asking: Asking, command: str, resource: str
) -> None:
    asking.failing = (resource, 500)
    code, out, err = asking(command, SITUATIONS["all is well"](), granted(CLUSTER))
    assert (code, out) == (4, "")
    assert "answered 500" in err


def test_every_optional_right_is_missed_somewhere() -> None:
    assert {row[1] for row in COSTS if row[2]} == set(OPTIONAL)


@pytest.mark.parametrize(
    ("name", "resource"),
    [("missing_service_account", "serviceaccounts"), ("missing_priority_class", "priorityclasses")],
)
def test_whether_what_was_missing_is_there_by_now_is_left_open(
    asking: Asking, name: str, resource: str
) -> None:
    less = asking.json("explain", of(name), without(resource))
    assert resource in said(less)


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_optional_right_changes_no_state_and_is_told(
    asking: Asking, command: str, name: str
) -> None:
    given = SITUATIONS[name]()
    whole = asking.json(command, given, granted(CLUSTER))
    asked = {right.resource for right in asking.needed}
    for resource in asked.intersection(OPTIONAL):
        less = asking.json(command, given, without(resource))
        assert states(less) == states(whole)
        right = "get Namespace " if resource == "namespaces" else f"list {resource} "
        refusals = [why for why in said(less).values() if "may not" in why]
        assert refusals
        assert all(f"may not {right}" in f"{why} " for why in refusals)


@pytest.mark.parametrize("command", COMMANDS)
def test_where_nothing_depends_on_a_right_nothing_is_said(asking: Asking, command: str) -> None:
    few = {right for right in granted(CLUSTER) if right.resource in ESSENTIAL}
    code, out, err = asking(command, SITUATIONS["all is well"](), few)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == (
        "Not checked: controllerrevisions (forbidden: may not list controllerrevisions in namespace "
        "default); namespaces (forbidden: may not get Namespace default)."
    )


DENIED = {
    "daemonsets": "may not get DaemonSet agent in namespace default",
    "nodes": "may not list nodes",
    "pods": "may not list pods in namespace default",
}


@pytest.mark.parametrize("resource", ESSENTIAL)
@pytest.mark.parametrize("name", ["all is well", "a pod does not fit", "there is no such claim"])
@pytest.mark.parametrize("command", COMMANDS)
def test_without_an_essential_right_it_ends_with_4(
    asking: Asking, command: str, name: str, resource: str
) -> None:
    code, out, err = asking(command, SITUATIONS[name](), without(resource))
    assert (code, out, len(err.splitlines())) == (4, "", 1)
    assert err.startswith(f"error: {DENIED[resource]}: {resource} is forbidden: ")
    assert "; ask for that right, or choose another --context, --user or --as" in err


def test_what_may_be_read_in_one_namespace_is_enough_for_it(asking: Asking) -> None:
    given = SITUATIONS["a quota refused pods"]()
    inside = granted(*INSIDE, namespace="logging")
    assert asking("explain", given, inside) == asking("explain", given, granted(CLUSTER))
    assert asking("coverage", given, inside) == asking("coverage", given, granted(CLUSTER))
    code, _, err = asking("explain", Situation(given.objects, ("-A",)), inside)
    assert code == 4
    assert "may not list daemonsets in all namespaces" in err
    assert "name a namespace with -n" in err


BEYOND = [
    ("a pod does not fit", "other pods on the nodes that pods wait for", "pods in all namespaces"),
    ("there is no such scheduler", "scheduler volcano", "events in all namespaces"),
    ("there is no such priority", "priorityclasses", "priorityclasses"),
    ("there is no such runtime", "runtimeclasses", "runtimeclasses"),
    ("a volume is elsewhere", "persistentvolumes", "persistentvolumes"),
    ("a volume is not to be had", "storageclasses", "storageclasses"),
]


@pytest.mark.parametrize(("name", "what", "right"), BEYOND, ids=[row[0] for row in BEYOND])
def test_what_lies_outside_the_namespace_is_told(
    asking: Asking, name: str, what: str, right: str
) -> None:
    given = SITUATIONS[name]()
    inside = granted(*INSIDE, namespace="default")
    whole = asking.json("explain", given, granted(CLUSTER))
    less = asking.json("explain", given, inside)
    assert states(less) == states(whole)
    assert f"may not list {right}" in said(less)[what]
    assert what in asking("explain", given, inside).out.partition("Not checked: ")[2]
    assert asking.json("explain", given, inside | granted(OUTSIDE)) == whole


def sweep() -> Situation:
    """DaemonSets in more namespaces than are asked for one by one."""
    objects, _ = of("cordoned")
    spread = copy.deepcopy(objects)
    for number in range(6):
        for item in copy.deepcopy(objects):
            if item["kind"] == "DaemonSet":
                item["metadata"] |= {"namespace": f"n{number}", "uid": f"u{number}"}
                spread.append(item)
    return Situation(spread, ("-A",))


def test_the_roles_grant_what_is_asked_for_and_no_more(asking: Asking) -> None:
    for make in SITUATIONS.values():
        given = make()
        for command in COMMANDS:
            assert asking(command, given, granted(CLUSTER)).err == ""
    named = {right._replace(namespace="") for right in asking.needed}
    assert VERSION in named
    asking.needed.clear()
    for command in COMMANDS:
        assert asking(command, sweep(), granted(CLUSTER), "--check").code == 1
        of_one = Situation(sweep().objects, ("-n", "default"))
        assert asking(command, of_one, granted(CLUSTER)).code == 0
    swept = {right._replace(namespace="") for right in asking.needed}
    assert named | swept == at_once(granted(CLUSTER))
    beyond = named | {Right("list", "apps", "daemonsets")}
    assert at_once(granted(*INSIDE, OUTSIDE)) == beyond


def at_once(rights: set[Right]) -> set[Right]:
    """Those of some rights that an answer needs which is given once."""
    return {right for right in rights if right.verb != "watch"}


FLAVOURS = [((CLUSTER,), ""), (INSIDE, "logging")]


@pytest.mark.parametrize("may_watch", [True, False])
@pytest.mark.parametrize(("roles", "namespace"), FLAVOURS, ids=["cluster", "namespace"])
def test_what_is_watched_is_granted_and_no_more(
    tmp_path: Path, roles: tuple[str, ...], namespace: str, may_watch: bool
) -> None:
    given = SITUATIONS["a quota refused pods"]()
    rights = granted(*roles, namespace=namespace)
    expected = {right.resource for right in rights if right.verb == "watch"}
    with ApiServer(given.objects) as api:
        restrict(api, rights if may_watch else at_once(rights))

        def watched() -> set[str]:
            asked = map(asked_right, tuple(api.asked))
            return {right.resource for right in asked if right.verb == "watch"}

        def done(_: str, err: str) -> bool:
            return expected <= watched() and (may_watch or "may not watch" in err)

        out, err = followed(api, tmp_path, given.scope, done)
        assert watched() == expected
    assert "pods 5 of" in out
    assert err.count("may not watch") == int(not may_watch)
    assert "Not checked" not in out


def test_the_servers_version_is_read_where_a_rule_depends_on_it(asking: Asking) -> None:
    given = SITUATIONS["a rule differs between versions"]()
    for command in COMMANDS:
        whole = asking.json(command, given, granted(CLUSTER))
        assert [item.path for item in asking.asked].count("/version") == 1
        assert WHAT not in said(whole)
        less = asking.json(command, given, granted(CLUSTER) - {VERSION})
        assert states(less) == states(whole)
        assert said(less)[WHAT].startswith("not known; Pod Security's latest rules are taken as of")
        asking(command, SITUATIONS["all is well"](), granted(CLUSTER))
        assert "/version" not in [item.path for item in asking.asked]


def test_the_file_is_up_to_date() -> None:
    assert RBAC.read_text(encoding="utf-8") == rbac.text(), "run make generate"
