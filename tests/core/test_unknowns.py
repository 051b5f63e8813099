"""What an answer could not take into account: it is said, never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import DaemonSet, Unread
from kubectl_ds.core.not_modelled import NOT_MODELLED
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation
from tests.core.make import cluster, daemon_set, namespace, node, pod, pod_spec, quota, template
from tests.core.make_waiting import spec as waiting_spec

RUNTIMES = Unread(what="runtimeclasses", why="forbidden")
FAR = pod("far", "z", namespace="else", owner=None, labels={})
VOLCANO = Unread(what="scheduler volcano", why="forbidden")
OTHERS = Unread(what="other pods on the nodes that pods wait for", why="forbidden")
ODD = pod(bound=False, spec=structs.replace(pod_spec("a", bound=False), scheduler_name="volcano"))
VOLUMES = [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]
CLAIMING = daemon_set(pod_template=template(volumes=VOLUMES))
CLAIMS = pod(bound=False, spec=waiting_spec("a", volumes=VOLUMES))
EVENTS = Unread(what="events", why="forbidden")
OPENSHIFT = namespace(annotations={"openshift.io/sa.scc.uid-range": "1000/1000"})


def judged(given: DaemonSet, **around: Any) -> Explanation:
    found = explain(cluster([given], [node()], **around), given)
    assert (NOT_MODELLED in found.not_checked) is (State.PENDING in found.states)
    rest = tuple(item for item in found.not_checked if item != NOT_MODELLED)
    return structs.replace(found, not_checked=rest)


def named(explanation: Explanation) -> list[str]:
    return [item.what for item in explanation.not_checked]


def tolerating(operator: str) -> DaemonSet:
    given = {"key": "load", "operator": operator, "value": "5", "effect": "NoSchedule"}
    return daemon_set(pod_template=template(tolerations=[given]))


# Each row: a DaemonSet, what surrounds it, and what must be named (in any words around it).
UNKNOWN = [
    pytest.param(daemon_set(), {}, [], id="nothing"),
    pytest.param(daemon_set(), {"unread": (EVENTS,)}, ["events"], id="a kind that was not read"),
    pytest.param(tolerating("Lt"), {}, ["Lt"], id="Lt: an alpha feature since 1.35"),
    pytest.param(tolerating("Gt"), {}, ["Gt"], id="Gt: an alpha feature since 1.35"),
    pytest.param(tolerating("Equal"), {}, [], id="an operator that always was"),
    pytest.param(
        daemon_set(pod_template=template(runtimeClassName="kata")),
        {"unread": (RUNTIMES,), "pods": [pod(bound=False), FAR]},
        ["runtimeclasses"],
        id="a RuntimeClass may add overhead, selector and tolerations",
    ),
    pytest.param(
        daemon_set(),
        {"unread": (VOLCANO,), "pods": [ODD, FAR]},
        ["volcano"],
        id="a scheduler whose traces may not be looked for",
    ),
    pytest.param(
        daemon_set(),
        {"unread": (VOLCANO,), "pods": [pod(bound=False), FAR]},
        [],
        id="a scheduler that pods of other DaemonSets wait for",
    ),
    pytest.param(
        daemon_set(),
        {"unread": (OTHERS,), "pods": [pod(bound=False), FAR]},
        ["other pods"],
        id="other pods where a pod waits",
    ),
    pytest.param(
        daemon_set(),
        {"unread": (OTHERS,)},
        [],
        id="other pods where those of other DaemonSets wait",
    ),
    pytest.param(
        daemon_set(), {"namespaces": [OPENSHIFT]}, ["node selector"], id="OpenShift's default"
    ),
    pytest.param(
        daemon_set(),
        {"namespaces": [namespace(annotations={"openshift.io/node-selector": "a=b"})]},
        [],
        id="OpenShift, with a selector of the namespace",
    ),
    pytest.param(
        daemon_set(),
        {"namespaces": [namespace(annotations={"openshift.io/node-selector": ""})]},
        [],
        id="OpenShift, with an empty selector of the namespace",
    ),
    pytest.param(
        daemon_set(),
        {"quotas": [quota({"pods": "1"}, name="gold", scopes=["PriorityClass"])]},
        ["gold"],
        id="a quota for a PriorityClass that may be the default one",
    ),
    pytest.param(
        daemon_set(pod_template=template(priorityClassName="silver")),
        {"quotas": [quota({"pods": "1"}, name="gold", scopes=["PriorityClass"])]},
        [],
        id="a quota for a PriorityClass, and the pod has one",
    ),
    pytest.param(
        daemon_set(),
        {"quotas": [quota({"pods": "1"}, name="gold", namespace="x", scopes=["PriorityClass"])]},
        [],
        id="a quota of another namespace",
    ),
]


@pytest.mark.parametrize(("given", "around", "expected"), UNKNOWN)
def test_what_could_not_be_judged_is_said(
    given: DaemonSet, around: dict[str, Any], expected: list[str]
) -> None:
    found = judged(given, **{"pods": [pod()], **around}).not_checked
    assert len(found) == len(expected)
    for item, word in zip(found, expected, strict=True):
        assert word in item.what
        assert item.why


@pytest.mark.parametrize(
    ("kind", "given", "around"),
    [
        pytest.param("events", daemon_set(), {"pods": [pod()]}, id="events"),
        pytest.param("resourcequotas", daemon_set(), {}, id="quotas, and a pod is missing"),
        pytest.param("serviceaccounts", daemon_set(), {}, id="accounts, and a pod is missing"),
        pytest.param(
            "persistentvolumeclaims", CLAIMING, {"pods": [CLAIMS]}, id="a pod has a claim"
        ),
    ],
)
def test_what_one_namespace_lacks_is_said_of_its_daemon_sets_alone(
    kind: str, given: DaemonSet, around: dict[str, Any]
) -> None:
    item = Unread(what=kind, why="forbidden")
    own = judged(given, unread_in={given.namespace: (item,)}, **around)
    others = judged(given, unread_in={"else": (item,)}, **around)
    assert (kind in named(own), kind in named(others)) == (True, False)
    everywhere = judged(given, unread=(item,), **around)
    assert own == everywhere


def test_everything_is_said() -> None:
    asked = template(
        runtimeClassName="kata", tolerations=[{"key": "load", "operator": "Lt", "value": "5"}]
    )
    explanation = judged(
        daemon_set(pod_template=asked),
        unread=(
            EVENTS,
            Unread(what="resourcequotas", why="forbidden"),
            RUNTIMES,
        ),
        namespaces=[OPENSHIFT],
        quotas=[quota({"pods": "1"}, name="gold", scopes=["PriorityClass"])],
        pods=[pod(bound=False), FAR],
    )
    assert len(explanation.not_checked) == 6
    assert named(explanation)[:2] == ["events", "resourcequotas"]


def test_without_an_event_most_refusals_can_not_be_known() -> None:
    (item,) = judged(daemon_set()).not_checked
    assert "webhooks" in item.what
    assert "FailedCreate" in item.why


def test_a_quota_that_can_not_be_judged_predicts_nothing() -> None:
    full = quota({"pods": "1"}, {"pods": "1"}, scopes=["PriorityClass"])
    (verdict,) = judged(daemon_set(), quotas=[full]).nodes
    assert verdict.state is State.MISSING
    assert [reason.code for reason in verdict.reasons] == ["Unknown"]


def test_another_quota_is_judged_all_the_same() -> None:
    unclear = quota({"pods": "1"}, {"pods": "1"}, name="gold", scopes=["PriorityClass"])
    full = quota({"pods": "1"}, {"pods": "1"}, name="all")
    (verdict,) = judged(daemon_set(), quotas=[unclear, full]).nodes
    assert [reason.code for reason in verdict.reasons] == ["QuotaExceeded"]


SHORT = Condition(
    type="PodScheduled",
    status="False",
    reason="Unschedulable",
    message="0/1 nodes are available: 1 Insufficient cpu.",
)
WAITS = pod(bound=False, conditions=(SHORT,))


@pytest.mark.parametrize(
    ("pods", "named"),
    [
        pytest.param([WAITS], True, id="all of one namespace, and one waits for room"),
        pytest.param([WAITS, FAR], False, id="of two"),
        pytest.param([pod(bound=False)], False, id="it waits for something else"),
        pytest.param([pod()], False, id="none waits"),
    ],
)
def test_that_pods_of_other_namespaces_may_be_missing(pods: list[Pod], named: bool) -> None:
    found = [item.what for item in judged(daemon_set(), pods=pods).not_checked]
    assert ("pods of other namespaces" in found) is named
