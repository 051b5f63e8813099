"""Which pods are the DaemonSet's, which node each is for, and which of several counts.

Sources: ``pkg/controller/controller_ref_manager.go`` (ClaimObject),
``pkg/controller/daemon/util/daemonset_util.go`` (GetTargetNodeName),
``pkg/controller/daemon/daemon_controller.go`` (getNodesToDaemonPods,
podByCreationTimestampAndPhase).
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.meta import OwnerReference
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.ownership import Owned, owned_pods, target_node
from kubectl_ds.core.pods import Affinity, NodeAffinity, NodeSelectorTerm, Pod, PodSpec
from tests.core.make import (
    NOW,
    OTHER_UID,
    UID,
    affinity,
    ago,
    daemon_set,
    field_term,
    pod,
    requirement,
    selector,
    term,
)

OTHERS = {"app": "other"}
DELETING = daemon_set(deleted=NOW)


def names(owned: Owned, node: str = "a") -> list[str]:
    return [item.name for item in owned.by_node.get(node, ())]


# ClaimObject: controllerRef × selector × deletion

CLAIMS = [
    pytest.param(daemon_set(), {}, True, id="ours"),
    pytest.param(daemon_set(), {"deleting": True}, True, id="ours, the pod deleting"),
    pytest.param(DELETING, {}, True, id="ours, the DaemonSet deleting"),
    pytest.param(daemon_set(), {"labels": OTHERS}, False, id="ours by name only: released"),
    pytest.param(daemon_set(), {"labels": {}}, False, id="ours without labels: released"),
    pytest.param(DELETING, {"labels": OTHERS}, False, id="not even released while deleting"),
    pytest.param(daemon_set(), {"owner": OTHER_UID}, False, id="of an older one of the name"),
    pytest.param(daemon_set(), {"owner": OTHER_UID, "labels": OTHERS}, False, id="somebody else's"),
    pytest.param(daemon_set(), {"owner": None}, True, id="an orphan: adopted"),
    pytest.param(daemon_set(), {"owner": None, "labels": OTHERS}, False, id="a stray"),
    pytest.param(
        daemon_set(), {"owner": None, "deleting": True}, False, id="an orphan, the pod deleting"
    ),
    pytest.param(DELETING, {"owner": None}, False, id="an orphan, the DaemonSet deleting"),
    pytest.param(daemon_set(), {"namespace": "default"}, False, id="in another namespace"),
    pytest.param(
        daemon_set(), {"owner": None, "namespace": "default"}, False, id="an orphan elsewhere"
    ),
    pytest.param(
        daemon_set(), {"labels": {"app": "agent", "more": "x"}}, True, id="ours, more labels"
    ),
    pytest.param(daemon_set(), {"phase": "Failed"}, True, id="ours, failed"),
    pytest.param(daemon_set(uid=OTHER_UID), {}, False, id="the DaemonSet was made anew"),
]


@pytest.mark.parametrize(("owner", "fields", "expected"), CLAIMS)
def test_claims(owner: DaemonSet, fields: dict[str, Any], expected: bool) -> None:
    owned = owned_pods(owner, [pod("p", **fields)])
    assert names(owned) == (["p"] if expected else [])


def test_expressions_of_the_selector_count() -> None:
    owner = daemon_set(selects=selector({"app": "agent"}, requirement("tier", "NotIn", "canary")))
    canary = pod("canary", labels={"app": "agent", "tier": "canary"})
    assert names(owned_pods(owner, [canary, pod("plain")])) == ["plain"]


def test_only_the_controlling_owner_counts() -> None:
    mine = pod("p", owner=None)
    reference = OwnerReference(kind="DaemonSet", name="agent", uid=UID, controller=False)
    other = OwnerReference(kind="ReplicaSet", name="x", uid=OTHER_UID, controller=True)
    not_controlled = replace(mine, metadata=replace(mine.metadata, owner_references=(reference,)))
    controlled = replace(mine, metadata=replace(mine.metadata, owner_references=(reference, other)))
    assert owned_pods(daemon_set(), [not_controlled]).orphans == ("p",)
    assert names(owned_pods(daemon_set(), [controlled])) == []


def test_orphans_that_will_be_adopted_are_told() -> None:
    pods = [pod("b", owner=None), pod("a", owner=None), pod("c"), pod("d", owner=None, labels={})]
    assert owned_pods(daemon_set(), pods).orphans == ("a", "b")


# getNodesToDaemonPods: pods at their end that are being deleted are out, all others are in

TERMINALS = [
    pytest.param("Running", False, True, id="running"),
    pytest.param("Running", True, True, id="running, deleting"),
    pytest.param("Pending", True, True, id="pending, deleting"),
    pytest.param("Unknown", True, True, id="unknown, deleting: not terminal"),
    pytest.param("Failed", False, True, id="failed"),
    pytest.param("Failed", True, False, id="failed, deleting"),
    pytest.param("Succeeded", False, True, id="succeeded"),
    pytest.param("Succeeded", True, False, id="succeeded, deleting"),
]


@pytest.mark.parametrize(("phase", "deleting", "expected"), TERMINALS)
def test_pods_at_their_end(phase: str, deleting: bool, expected: bool) -> None:
    owned = owned_pods(daemon_set(), [pod("p", phase=phase, deleting=deleting)])
    assert names(owned) == (["p"] if expected else [])
    assert owned.unattributable == ()


# GetTargetNodeName. The first requirement of any term on metadata.name with In decides.

NAME = "metadata.name"


def aimed(*terms: NodeSelectorTerm) -> PodSpec:
    return PodSpec(affinity=affinity(*terms))


AT_A = field_term(requirement(NAME, "In", "a"))
TARGETS = [
    pytest.param(PodSpec(node_name="a"), "a", id="bound"),
    pytest.param(
        PodSpec(node_name="b", affinity=affinity(AT_A)), "b", id="bound elsewhere than aimed"
    ),
    pytest.param(aimed(AT_A), "a", id="aimed"),
    pytest.param(aimed(term(requirement("k", "Exists")), AT_A), "a", id="aimed in the second term"),
    pytest.param(
        aimed(AT_A, field_term(requirement(NAME, "In", "b"))), "a", id="two terms, the first"
    ),
    pytest.param(
        aimed(field_term(requirement(NAME, "NotIn", "b"), requirement(NAME, "In", "a"))),
        "a",
        id="after NotIn",
    ),
    pytest.param(
        aimed(field_term(requirement("metadata.uid", "In", "b"), requirement(NAME, "In", "a"))),
        "a",
        id="after another field",
    ),
    pytest.param(aimed(field_term(requirement(NAME, "In", "a", "b"))), None, id="two values"),
    pytest.param(aimed(field_term(requirement(NAME, "In"))), None, id="no value"),
    pytest.param(
        aimed(field_term(requirement(NAME, "In", "a", "b")), AT_A),
        None,
        id="two values first, one value later",
    ),
    pytest.param(
        aimed(field_term(requirement(NAME, "In")), AT_A), None, id="no value first, one later"
    ),
    pytest.param(aimed(field_term(requirement(NAME, "NotIn", "a"))), None, id="NotIn"),
    pytest.param(aimed(term(requirement(NAME, "In", "a"))), None, id="a label of that name"),
    pytest.param(aimed(), None, id="no terms"),
    pytest.param(aimed(NodeSelectorTerm()), None, id="an empty term"),
    pytest.param(PodSpec(affinity=Affinity()), None, id="no node affinity"),
    pytest.param(
        PodSpec(affinity=Affinity(node_affinity=NodeAffinity())), None, id="none required"
    ),
    pytest.param(PodSpec(), None, id="no affinity"),
    pytest.param(PodSpec(node_selector={"kubernetes.io/hostname": "a"}), None, id="selector"),
]


@pytest.mark.parametrize(("spec", "expected"), TARGETS)
def test_target_nodes(spec: PodSpec, expected: str | None) -> None:
    assert target_node(spec) == expected


def test_an_owned_pod_without_a_target_is_told_and_not_counted() -> None:
    pods = [pod("lost-b", None), pod("lost-a", None), pod("stray", None, labels=OTHERS)]
    owned = owned_pods(daemon_set(), [*pods, pod("found")])
    assert owned.unattributable == ("lost-a", "lost-b")
    assert owned.by_node.keys() == {"a"}


def test_pods_go_to_their_target_be_it_there_or_not() -> None:
    pods = [pod("bound", "a"), pod("aimed", "b", bound=False), pod("gone", "no-such-node")]
    owned = owned_pods(daemon_set(), pods)
    found = {node: [item.name for item in group] for node, group in owned.by_node.items()}
    assert found == {"a": ["bound"], "b": ["aimed"], "no-such-node": ["gone"]}


# podByCreationTimestampAndPhase: bound first, then the oldest, then by name; the phase does not
# count, nor does deletion. A time that is not there is Go's zero time, before all others.

ORDERS = [
    pytest.param([pod("x", created=ago(20)), pod("b", created=ago(10))], id="the older first"),
    pytest.param(
        [pod("new", created=ago(1)), pod("old", created=ago(99), bound=False)],
        id="a bound one before an older one that is not",
    ),
    pytest.param(
        [pod("a", created=ago(5)), pod("b", created=ago(5)), pod("c", created=ago(5))],
        id="by name where equally old",
    ),
    pytest.param([pod("a-10", created=ago(5)), pod("a-2", created=ago(5))], id="names as texts"),
    pytest.param(
        [
            pod("failed", created=ago(9), phase="Failed"),
            pod("running", created=ago(8)),
        ],
        id="the phase does not count",
    ),
    pytest.param(
        [pod("going", created=ago(9), deleting=True), pod("coming", created=ago(8))],
        id="deletion does not count",
    ),
    pytest.param(
        [
            pod("old", created=ago(99), bound=False),
            pod("new", created=ago(1), bound=False),
        ],
        id="neither bound",
    ),
    pytest.param([pod("b", created=None), pod("a", created=ago(9))], id="no time at all"),
]


@pytest.mark.parametrize("expected", ORDERS)
def test_which_of_several_pods_counts(expected: list[Pod]) -> None:
    for order in permutations(expected):
        assert names(owned_pods(daemon_set(), order)) == [item.name for item in expected]
