"""What each right is needed for: docs/rbac.yaml is enough, no rule of it is idle, and a missing one
costs no more than it must."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from commands import Ended, Run
from rights import RBAC, Right, asked_right, granted, restrict
from serve import ApiServer, Object, recorded

from kubectl_ds.read.kinds import KINDS
from tools import rbac

CLUSTER = "ClusterRole/kubectl-ds"
INSIDE = ("Role/kubectl-ds", "ClusterRole/kubectl-ds-nodes")
OUTSIDE = "ClusterRole/kubectl-ds-optional"
COMMANDS = ("explain", "coverage")
ESSENTIAL = [kind.resource for kind in KINDS if kind.essential]
OPTIONAL = [kind.resource for kind in KINDS if not kind.essential]


class Situation(NamedTuple):
    """Objects, and the arguments that name the DaemonSet that is asked about."""

    objects: list[Object]
    scope: tuple[str, ...]


class Asking:
    """Runs commands with some rights and no others."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys = capsys
        self.folder = folder
        self.needed: set[Right] = set()

    def __call__(self, command: str, given: Situation, rights: set[Right], *more: str) -> Ended:
        with ApiServer(given.objects) as api:
            restrict(api, rights)
            kubeconfig = api.kubeconfig(self.folder / "config")
            run = Run(command, self.capsys, "--kubeconfig", kubeconfig)
            ended = run(*given.scope, *more)
        self.needed |= {asked_right(item) for item in api.asked}
        return ended

    def json(self, command: str, given: Situation, rights: set[Right]) -> Any:
        """The document, once it is there and nothing was said on stderr."""
        code, out, err = self(command, given, rights, "-o", "json")
        assert (code, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def asking(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Asking:
    monkeypatch.setenv("COLUMNS", "200")
    return Asking(capsys, tmp_path)


def of(name: str) -> Situation:
    """A recording, and its first DaemonSet."""
    objects = copy.deepcopy(recorded(name))
    meta = next(item for item in objects if item["kind"] == "DaemonSet")["metadata"]
    return Situation(objects, (meta["name"], "-n", meta["namespace"]))


def new(version: str, kind: str, name: str, namespace: str = "", **parts: Any) -> Object:
    meta = {"name": name, "uid": f"{kind}/{name}"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": meta, **parts}


def silent(name: str, **spec: Any) -> Situation:
    """A recording of missing pods without the events that tell why; and its template's spec."""
    objects, scope = of(name)
    kept = [item for item in objects if item["kind"] not in ("Event", "Pod")]
    (daemon_set, *_) = [item for item in kept if item["kind"] == "DaemonSet"]
    daemon_set["spec"]["template"]["spec"] |= spec
    account = new("v1", "ServiceAccount", "default", namespace=scope[2])
    return Situation([*kept, account], scope)


def claiming(claim: Object, *more: Object) -> Situation:
    """A pod that waits and has a claim, of which its scheduler has not said anything."""
    objects, scope = of("insufficient_cpu")
    waiting = [x for x in objects if x["kind"] == "Pod" and not x["spec"].get("nodeName")]
    templates = [x["spec"]["template"] for x in objects if x["kind"] == "DaemonSet"]
    for item in (*waiting, *templates):
        source = {"claimName": claim["metadata"]["name"]}
        item["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": source}]
    return Situation([*objects, claim, *more], scope)


def claim(**spec: Any) -> Object:
    made = new("v1", "PersistentVolumeClaim", "data", "default", spec=spec)
    if "volumeName" in spec:
        made["metadata"]["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}
        made["status"] = {"phase": "Bound"}
    return made


def elsewhere() -> Situation:
    """The claim's volume is on another node than the pod waits for."""
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["here"]}]}
    spec = {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}}
    return claiming(claim(volumeName="v"), new("v1", "PersistentVolume", "v", spec=spec))


def unbound() -> Situation:
    """The claim is bound to nothing, and nobody makes it a volume once a pod is there."""
    kind = "kubernetes.io/no-provisioner"
    late = {"provisioner": kind, "volumeBindingMode": "WaitForFirstConsumer"}
    return claiming(
        claim(storageClassName="local"), new("storage.k8s.io/v1", "StorageClass", "local", **late)
    )


def mounting() -> Situation:
    """A pod whose volume can't be mounted, which nothing but an event tells."""
    objects, scope = of("container_failures")
    (pod, *others) = [item for item in objects if item["kind"] == "Pod"]
    kept = [item for item in objects if item not in others and item["kind"] != "Event"]
    for each in pod["status"]["containerStatuses"]:
        each["state"] = {"waiting": {"reason": "ContainerCreating"}}
        each.pop("lastState", None)
    meta = pod["metadata"]
    about = {"kind": "Pod", "name": meta["name"], "namespace": scope[2], "uid": meta["uid"]}
    event = new("v1", "Event", "e", scope[2], involvedObject=about, reason="FailedMount")
    event |= {"type": "Warning", "lastTimestamp": "2026-11-21T07:59:00Z"}
    text = 'MountVolume.SetUp failed for volume "c" : configmap "c" not found'
    return Situation([*kept, event | {"message": text}], scope)


SITUATIONS: dict[str, Callable[[], Situation]] = {
    "a quota refused pods": lambda: of("quota_pods"),
    "a quota would refuse pods": lambda: silent("quota_pods"),
    "a limit would refuse pods": lambda: silent("limit_range_max"),
    "Pod Security would refuse pods": lambda: silent("pod_security"),
    "there is no such account": lambda: silent("missing_service_account"),
    "there is no such priority": lambda: silent("missing_priority_class"),
    "there is no such runtime": lambda: silent("cordoned", runtimeClassName="kata"),
    "pods were rejected": lambda: of("kubelet_rejects"),
    "a volume can't be mounted": mounting,
    "there is no such scheduler": lambda: of("no_such_scheduler"),
    "a pod does not fit": lambda: of("insufficient_cpu"),
    "there is no such claim": lambda: of("missing_pvc"),
    "a volume is elsewhere": elsewhere,
    "a volume is not to be had": unbound,
    "an older revision stays": lambda: of("on_delete"),
    "all is well": lambda: of("cordoned"),
}


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


def states(document: Any) -> Any:
    """Whether each node is covered, as each of the commands tells it."""
    if "daemonSets" in document:
        (row,) = document["daemonSets"]
        return row["states"], row["coverage"], {(gap["node"], gap["state"]) for gap in row["gaps"]}
    return {(node["node"], node["state"], node["desired"]) for node in document["nodes"]}


def without(resource: str) -> set[Right]:
    return {right for right in granted(CLUSTER) if right.resource != resource}


def said(document: Any) -> dict[str, str]:
    return {item["what"]: item["why"] for item in document["notChecked"]}


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
    asking.needed.clear()
    for command in COMMANDS:
        assert asking(command, sweep(), granted(CLUSTER), "--check").code == 1
        of_one = Situation(sweep().objects, ("-n", "default"))
        assert asking(command, of_one, granted(CLUSTER)).code == 0
    swept = {right._replace(namespace="") for right in asking.needed}
    assert named | swept == granted(CLUSTER)
    beyond = named | {Right("list", "apps", "daemonsets")}
    assert granted(*INSIDE, OUTSIDE) == beyond


def test_the_file_is_up_to_date() -> None:
    assert RBAC.read_text(encoding="utf-8") == rbac.text(), "run make generate"
