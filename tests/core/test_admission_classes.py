"""What a pod's ServiceAccount, PriorityClass and RuntimeClass refuse, and what they add to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kubectl_ds.core.classes import PriorityClass, RuntimeClass, ServiceAccount
from kubectl_ds.core.creation.classes import admitted, classes_of, lacks
from kubectl_ds.core.meta import ObjectMeta, decoder
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.pods import Toleration
from kubectl_ds.core.quantity import parse
from tests.core.make import NAMESPACE, cluster, pod_template

Spec = dict[str, Any]


def account(name: str, namespace: str = NAMESPACE) -> ServiceAccount:
    return ServiceAccount(metadata=ObjectMeta(name=name, namespace=namespace))


def priority(name: str, value: int, **more: Any) -> PriorityClass:
    return PriorityClass(metadata=ObjectMeta(name=name), value=value, **more)


def runtime(name: str, **more: Any) -> RuntimeClass:
    document = msgspec.json.encode({"metadata": {"name": name}, "handler": name, **more})
    made: RuntimeClass = decoder(RuntimeClass).decode(document)
    return made


GOLD = priority("gold", 100, preemption_policy="Never")
SYSTEM = priority("system-node-critical", 2000001000, preemption_policy="PreemptLowerPriority")
OVERHEAD = {"podFixed": {"cpu": "250m", "memory": "120Mi"}}
ARM = {"nodeSelector": {"arch": "arm64"}, "tolerations": [{"key": "vm", "operator": "Exists"}]}
KATA = runtime("kata", overhead=OVERHEAD, scheduling=ARM)
PLAIN = runtime("plain")


def around(*more: PriorityClass, unread: tuple[str, ...] = (), **fields: Any) -> Cluster:
    """A cluster with a default ServiceAccount, the system's PriorityClass, gold and kata."""
    found: dict[str, Any] = {
        "service_accounts": (account("default"), account("agent-sa")),
        "priority_classes": (SYSTEM, GOLD, *more),
        "runtime_classes": (KATA, PLAIN),
        **fields,
    }
    return cluster(unread=tuple(Unread(what=kind, why="") for kind in unread), **found)


def refused(seen: Cluster, **spec: Any) -> list[tuple[str, str, str]]:
    template = pod_template(**spec).spec
    found = lacks(template, classes_of(seen, NAMESPACE), NAMESPACE)
    return [(lack.code, lack.subject, lack.message) for lack in found]


PROVIDED = "must not be provided in pod spec; priority admission controller computed"
GIVEN = "from the given PriorityClass name"
OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
NO_OVERHEAD = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"

# serviceaccount/admission.go (Admit), priority/admission.go (admitPod), runtimeclass/admission.go
# (prepareObjects, setOverhead, setScheduling, validateOverhead).
LACKS = [
    pytest.param({}, [], id="nothing named"),
    pytest.param({"serviceAccountName": "agent-sa"}, [], id="the account is there"),
    pytest.param(
        {"serviceAccountName": "gone"},
        [
            (
                "ServiceAccountMissing",
                "kube-system/gone",
                "error looking up service account kube-system/gone: "
                'serviceaccount "gone" not found',
            )
        ],
        id="the account is missing",
    ),
    pytest.param({"priorityClassName": "gold"}, [], id="the PriorityClass is there"),
    pytest.param(
        {"priorityClassName": "high"},
        [("PriorityClassMissing", "high", "no PriorityClass with name high was found")],
        id="the PriorityClass is missing",
    ),
    pytest.param(
        {"priorityClassName": "high", "priority": 7},
        [("PriorityClassMissing", "high", "no PriorityClass with name high was found")],
        id="with nothing to differ from",
    ),
    pytest.param({"priorityClassName": "gold", "priority": 100}, [], id="the class's own priority"),
    pytest.param(
        {"priorityClassName": "gold", "priority": 7},
        [
            (
                "PriorityConflict",
                "gold",
                f"the integer value of priority (7) {PROVIDED} 100 {GIVEN}",
            )
        ],
        id="another priority",
    ),
    pytest.param({"priority": 0}, [], id="no class and priority zero"),
    pytest.param(
        {"priority": 7},
        [("PriorityConflict", "", f"the integer value of priority (7) {PROVIDED} 0 {GIVEN}")],
        id="no class and a priority",
    ),
    pytest.param(
        {"priorityClassName": "gold", "preemptionPolicy": "PreemptLowerPriority"},
        [
            (
                "PriorityConflict",
                "gold",
                "the string value of PreemptionPolicy (PreemptLowerPriority) "
                f"{PROVIDED} Never {GIVEN}",
            )
        ],
        id="another preemption policy",
    ),
    pytest.param(
        {"preemptionPolicy": "PreemptLowerPriority"}, [], id="no class and the usual policy"
    ),
    pytest.param({"runtimeClassName": "kata"}, [], id="the RuntimeClass is there"),
    pytest.param(
        {"runtimeClassName": "gvisor"},
        [("RuntimeClassMissing", "gvisor", 'pod rejected: RuntimeClass "gvisor" not found')],
        id="the RuntimeClass is missing",
    ),
    pytest.param(
        {"runtimeClassName": "kata", "overhead": {"memory": "0.1171875Gi", "cpu": "0.25"}},
        [],
        id="the same overhead in other words",
    ),
    pytest.param(
        {"runtimeClassName": "kata", "overhead": {"cpu": "250m"}},
        [("RuntimeClassConflict", "kata", OTHER_OVERHEAD)],
        id="another overhead",
    ),
    pytest.param(
        {"runtimeClassName": "plain", "overhead": {"cpu": "250m"}},
        [("RuntimeClassConflict", "plain", NO_OVERHEAD)],
        id="an overhead that the class has not",
    ),
    pytest.param(
        {"overhead": {"cpu": "250m"}},
        [("RuntimeClassConflict", "", NO_OVERHEAD)],
        id="an overhead without a class",
    ),
    pytest.param(
        {"runtimeClassName": "kata", "nodeSelector": {"arch": "arm64", "disk": "ssd"}},
        [],
        id="the same node selector",
    ),
    pytest.param(
        {"runtimeClassName": "kata", "nodeSelector": {"arch": "amd64"}},
        [
            (
                "RuntimeClassConflict",
                "kata",
                "conflict: runtimeClass.scheduling.nodeSelector[arch] = arm64; "
                "pod.spec.nodeSelector[arch] = amd64",
            )
        ],
        id="another node selector",
    ),
]


@pytest.mark.parametrize(("spec", "found"), LACKS)
def test_what_is_missing_or_contradicted(spec: Spec, found: list[tuple[str, str, str]]) -> None:
    assert refused(around(), **spec) == found


def test_a_pod_without_an_account_needs_the_default_one() -> None:
    seen = around(service_accounts=(account("agent-sa"), account("default", "other")))
    ((code, subject, _),) = refused(seen)
    assert (code, subject) == ("ServiceAccountMissing", "kube-system/default")


# What was not read refuses nothing. Every namespace has some account, every cluster the system's
# PriorityClasses: where none is there, none was read.
EVERYTHING: Spec = {
    "serviceAccountName": "gone", "priorityClassName": "high", "runtimeClassName": "gvisor",
}  # fmt: skip
UNREAD = [
    pytest.param(around(), {"S", "P", "R"}, id="all read"),
    pytest.param(around(unread=("serviceaccounts",)), {"P", "R"}, id="accounts forbidden"),
    pytest.param(around(unread=("priorityclasses",)), {"S", "R"}, id="PriorityClasses forbidden"),
    pytest.param(around(unread=("runtimeclasses",)), {"S", "P"}, id="RuntimeClasses forbidden"),
    pytest.param(around(service_accounts=()), {"P", "R"}, id="no account at all"),
    pytest.param(
        around(service_accounts=(account("default", "other"),)),
        {"P", "R"},
        id="accounts of another namespace alone",
    ),
    pytest.param(around(priority_classes=()), {"S", "R"}, id="no PriorityClass at all"),
    pytest.param(around(runtime_classes=()), {"S", "P", "R"}, id="no RuntimeClass at all"),
]


@pytest.mark.parametrize(("seen", "initials"), UNREAD)
def test_what_was_not_read_is_not_missing(seen: Cluster, initials: set[str]) -> None:
    assert {code[0] for code, _, _ in refused(seen, **EVERYTHING)} == initials


# getDefaultPriorityClass: of several by mistake the one with the lowest value.
LOW, HIGH = priority("low", 1, global_default=True), priority("high", 9, global_default=True)
DEFAULTS = [
    pytest.param(around(), "", id="no default"),
    pytest.param(around(HIGH), "high", id="a default"),
    pytest.param(around(HIGH, LOW), "low", id="the lowest of two"),
    pytest.param(around(HIGH, unread=("priorityclasses",)), "", id="not read"),
]


@pytest.mark.parametrize(("seen", "name"), DEFAULTS)
def test_the_default_priority_class(seen: Cluster, name: str) -> None:
    classes = classes_of(seen, NAMESPACE)
    assert admitted(pod_template().spec, classes).priority_class_name == name
    named = pod_template(priorityClassName="gold").spec
    assert admitted(named, classes).priority_class_name == "gold"


def test_a_priority_must_be_that_of_the_default_class() -> None:
    assert not refused(around(HIGH), priority=9)
    assert [code for code, _, _ in refused(around(HIGH), priority=0)] == ["PriorityConflict"]


def test_what_a_runtime_class_adds() -> None:
    own = {"key": "own", "operator": "Exists"}
    spec = pod_template(
        runtimeClassName="kata", nodeSelector={"disk": "ssd"}, tolerations=[own]
    ).spec
    pod = admitted(spec, classes_of(around(), NAMESPACE))
    assert pod.overhead == {"cpu": parse("250m"), "memory": parse("120Mi")}
    assert pod.node_selector == {"disk": "ssd", "arch": "arm64"}
    assert pod.tolerations == tuple(Toleration(key=x, operator="Exists") for x in ("own", "vm"))


@pytest.mark.parametrize("name", ["plain", "gvisor", None])
def test_without_one_that_is_there_nothing_is_added(name: str | None) -> None:
    spec = pod_template(runtimeClassName=name, nodeSelector={"disk": "ssd"}).spec
    pod = admitted(spec, classes_of(around(), NAMESPACE))
    assert (pod.overhead, pod.node_selector) == (None, {"disk": "ssd"})
    assert not pod.tolerations
