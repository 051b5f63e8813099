"""Whether the controller wants a pod on a node, whether it keeps one, and every reason why not.

Source: ``pkg/controller/daemon/daemon_controller.go`` (NodeShouldRunDaemonPod, predicates).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.facts import (
    NamespaceSelectorFacts,
    NodeAffinityFacts,
    NodeHealthFacts,
    NodeNameFacts,
    NodeSelectorFacts,
    TaintFacts,
)
from kubectl_ds.core.model import Namespace, Node
from kubectl_ds.core.placement import (
    Placement,
    apart_from_health,
    exclusions,
    health_facts,
    health_reason,
    is_openshift,
    mismatches,
    place,
    rules_of,
)
from kubectl_ds.core.pods import Toleration
from kubectl_ds.core.reasons import Source
from tests.core.make import ago, namespace, node, pod_template, taint

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
EVERYTHING = [{"operator": "Exists"}]

RUN = (True, True)
KEEP = (False, True)
GO = (False, False)


def placed(
    where: Node, spec: Mapping[str, Any] | None = None, within: Namespace | None = None
) -> Placement:
    return place(rules_of(pod_template(**(spec or {})), within), where)


def decision(placement: Placement) -> tuple[bool, bool]:
    return placement.should_run, placement.should_continue


def codes(placement: Placement) -> list[str]:
    return [reason.code for reason in mismatches(placement)]


def required(*terms: Mapping[str, Any]) -> dict[str, Any]:
    """A template's required node affinity with these terms."""
    selected = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"affinity": {"nodeAffinity": selected}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def term(*expressions: Mapping[str, Any]) -> dict[str, Any]:
    return {"matchExpressions": expressions}


SSD = {"nodeSelector": {"disk": "ssd"}}
SSD_AFFINITY = required(term(expression("disk", "In", "ssd")))

# NodeShouldRunDaemonPod: every way out of it, alone and together. A mismatch of name, selector or
# affinity decides before the taints; an untolerated NoExecute decides over NoSchedule.

DECISIONS = [
    pytest.param(node(), {}, RUN, id="nothing asked"),
    pytest.param(node(), {"nodeName": "a"}, RUN, id="this node named"),
    pytest.param(node(), {"nodeName": "b"}, GO, id="another node named"),
    pytest.param(node(), {"nodeName": ""}, RUN, id="an empty node name"),
    pytest.param(node(), {"nodeName": "A"}, GO, id="the name in another case"),
    pytest.param(node(labels={"disk": "ssd"}), SSD, RUN, id="selector met"),
    pytest.param(node(labels={"disk": "hdd"}), SSD, GO, id="selector, another value"),
    pytest.param(node(), SSD, GO, id="selector, no label"),
    pytest.param(node(), {"nodeSelector": {}}, RUN, id="an empty selector"),
    pytest.param(node(), {"nodeSelector": None}, RUN, id="selector null"),
    pytest.param(
        node(labels={"role": ""}), {"nodeSelector": {"role": ""}}, RUN, id="selector wants empty"
    ),
    pytest.param(
        node(), {"nodeSelector": {"role": ""}}, GO, id="selector wants empty, label absent"
    ),
    pytest.param(
        node(labels={"role": "x"}), {"nodeSelector": {"role": ""}}, GO, id="wants empty, has more"
    ),
    pytest.param(
        node(labels={"a": "1"}), {"nodeSelector": {"a": "1", "b": "2"}}, GO, id="selector, one of 2"
    ),
    pytest.param(
        node(labels={"a b": "c d"}), {"nodeSelector": {"a b": "c d"}}, RUN, id="no syntax check"
    ),
    pytest.param(node(labels={"disk": "ssd"}), SSD_AFFINITY, RUN, id="affinity met"),
    pytest.param(node(), SSD_AFFINITY, GO, id="affinity not met"),
    pytest.param(node(), required(), GO, id="affinity without terms"),
    pytest.param(node(), required({}), GO, id="affinity with an empty term"),
    pytest.param(
        node(labels={"n": "5"}), required(term(expression("n", "Gt", "-1"))), GO, id="parse error"
    ),
    pytest.param(
        node(labels={"disk": "ssd"}),
        required(term(expression("n", "Gt", "-1")), term(expression("disk", "Exists"))),
        RUN,
        id="parse error in another term",
    ),
    pytest.param(
        node(), required({"matchFields": [expression("metadata.name", "In", "a")]}), RUN, id="field"
    ),
    pytest.param(
        node(),
        required({"matchFields": [expression("metadata.name", "NotIn", "a")]}),
        GO,
        id="field not met",
    ),
    pytest.param(
        node(labels={"disk": "ssd"}),
        SSD | required(term(expression("zone", "Exists"))),
        GO,
        id="selector met, affinity not",
    ),
    pytest.param(
        node(labels={"zone": ""}),
        SSD | required(term(expression("zone", "Exists"))),
        GO,
        id="affinity met, selector not",
    ),
    pytest.param(node(), {"affinity": {}}, RUN, id="an empty affinity"),
    pytest.param(node(), {"affinity": {"nodeAffinity": {}}}, RUN, id="an empty node affinity"),
    pytest.param(
        node(),
        {
            "affinity": {
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": term(expression("disk", "In", "ssd"))}
                    ]
                },
                "podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {"topologyKey": "zone", "labelSelector": {}}
                    ]
                },
            },
            "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
            ],
        },
        RUN,
        id="preferences, pod affinity and spread do not count",
    ),
    pytest.param(node(taints=["x:NoSchedule"]), {}, KEEP, id="NoSchedule"),
    pytest.param(node(taints=["x:NoExecute"]), {}, GO, id="NoExecute"),
    pytest.param(node(taints=["x:PreferNoSchedule"]), {}, RUN, id="PreferNoSchedule"),
    pytest.param(node(taints=["x:NoSchedule", "y:NoSchedule"]), {}, KEEP, id="two NoSchedule"),
    pytest.param(node(taints=["x:NoSchedule", "y:NoExecute"]), {}, GO, id="both effects"),
    pytest.param(node(taints=["y:NoExecute", "x:NoSchedule"]), {}, GO, id="both, turned round"),
    pytest.param(
        node(taints=["x:NoSchedule", "y:NoExecute"]),
        {"tolerations": [{"key": "y", "operator": "Exists", "effect": "NoExecute"}]},
        KEEP,
        id="both effects, NoExecute tolerated",
    ),
    pytest.param(
        node(taints=["x:NoSchedule", "y:NoExecute"]),
        {"tolerations": [{"key": "x", "operator": "Exists", "effect": "NoSchedule"}]},
        GO,
        id="both effects, NoSchedule tolerated",
    ),
    pytest.param(
        node(taints=["x:NoSchedule", "y:NoExecute"]), {"tolerations": EVERYTHING}, RUN, id="blanket"
    ),
    pytest.param(
        node(taints=["x:NoSchedule", "y:PreferNoSchedule"]), {}, KEEP, id="NoSchedule, preference"
    ),
    pytest.param(node(taints=["x:NoSchedule"]), {"nodeName": "b"}, GO, id="name and NoSchedule"),
    pytest.param(node(taints=["x:NoSchedule"]), {"nodeName": "a"}, KEEP, id="named, NoSchedule"),
    pytest.param(node(taints=["x:NoSchedule"]), SSD, GO, id="selector and NoSchedule"),
    pytest.param(node(taints=["x:NoSchedule"]), SSD_AFFINITY, GO, id="affinity and NoSchedule"),
    pytest.param(node(taints=["x:NoExecute"]), SSD, GO, id="selector and NoExecute"),
    pytest.param(node(taints=["x:PreferNoSchedule"]), SSD, GO, id="selector and a preference"),
    pytest.param(
        node(taints=["x:NoExecute"]),
        {"tolerations": [{"key": "x", "operator": "Exists", "tolerationSeconds": 0}]},
        RUN,
        id="tolerated for no time at all",
    ),
    pytest.param(
        node(taints=["x:NoExecute"]),
        {
            "tolerations": [
                {"key": "x", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}
            ]
        },
        RUN,
        id="tolerated for a minute",
    ),
    pytest.param(
        node(taints=["x=5:NoSchedule"]),
        {"tolerations": [{"key": "x", "operator": "Lt", "value": "9"}]},
        KEEP,
        id="a comparing toleration does not tolerate",
    ),
    pytest.param(
        node(unschedulable=True, taints=["node.kubernetes.io/unschedulable:NoSchedule"]),
        {},
        RUN,
        id="cordoned",
    ),
    pytest.param(node(unschedulable=True), {}, RUN, id="unschedulable, no taint yet"),
    pytest.param(node(ready="False"), {}, RUN, id="not ready, no taint yet"),
    pytest.param(node(ready=None), {}, RUN, id="no conditions"),
    pytest.param(node(taints=[f"{NOT_READY}:NoSchedule"]), {}, KEEP, id="not ready"),
    pytest.param(
        node(taints=[f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute"]),
        {},
        KEEP,
        id="not ready for longer",
    ),
    pytest.param(node(taints=[f"{NOT_READY}:NoExecute"]), {}, RUN, id="only the evicting taint"),
    pytest.param(
        node(taints=[f"{UNREACHABLE}:NoSchedule", f"{UNREACHABLE}:NoExecute"]),
        {},
        KEEP,
        id="unreachable",
    ),
    pytest.param(
        node(taints=[f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute"]),
        {"tolerations": EVERYTHING},
        RUN,
        id="not ready, everything tolerated",
    ),
    pytest.param(
        node(taints=["node.kubernetes.io/network-unavailable:NoSchedule"]), {}, KEEP, id="network"
    ),
    pytest.param(
        node(taints=["node.kubernetes.io/network-unavailable:NoSchedule"]),
        {"hostNetwork": True},
        RUN,
        id="network, host network",
    ),
    pytest.param(
        node(taints=["node.kubernetes.io/disk-pressure:NoSchedule"]), {}, RUN, id="disk pressure"
    ),
]


@pytest.mark.parametrize(("where", "spec", "expected"), DECISIONS)
def test_decisions(where: Node, spec: dict[str, Any], expected: tuple[bool, bool]) -> None:
    placement = placed(where, spec)
    assert decision(placement) == expected
    assert bool(codes(placement)) is not expected[0]


# All mismatches at once: one for each taint and each key of the nodeSelector, one for the affinity


def test_every_mismatch_is_told_at_once() -> None:
    where = node(
        "a",
        labels={"disk": "hdd", "cpu": "4"},
        taints=[
            taint("x=1:NoSchedule"),
            "y:PreferNoSchedule",
            "node.kubernetes.io/unschedulable:NoSchedule",
            "z:NoExecute",
        ],
    )
    spec = {
        "nodeName": "b",
        "nodeSelector": {"disk": "ssd", "cpu": "4", "zone": "1"},
        **required(
            term(expression("cpu", "Gt", "8")),
            term(expression("disk", "In", "hdd", "ssd"), {"key": "arch", "operator": "Exists"}),
        ),
    }
    reasons = mismatches(placed(where, spec))
    assert {reason.source for reason in reasons} == {Source.COMPUTED}
    told = [(reason.code, reason.facts) for reason in reasons]
    assert told[0] == ("NodeNameMismatch", NodeNameFacts(wanted="b"))
    assert told[1:3] == [
        ("NodeSelectorMismatch", NodeSelectorFacts(key="disk", wanted="ssd", actual="hdd")),
        ("NodeSelectorMismatch", NodeSelectorFacts(key="zone", wanted="1", actual=None)),
    ]
    code, affinity_facts = told[3]
    assert code == "NodeAffinityMismatch"
    assert isinstance(affinity_facts, NodeAffinityFacts)
    assert len(affinity_facts.terms) == 2
    assert [
        (item.term, item.key, item.operator, item.values, item.actual, item.problem)
        for item in affinity_facts.failed
    ] == [
        (0, "cpu", "Gt", ("8",), "4", None),
        (1, "arch", "Exists", (), None, None),
    ]
    assert told[4:] == [
        ("UntoleratedTaint", TaintFacts(key="x", value="1", effect="NoSchedule")),
        ("UntoleratedTaint", TaintFacts(key="z", value="", effect="NoExecute")),
    ]


def test_an_expression_that_can_not_be_parsed_is_told_as_such() -> None:
    placement = placed(node(labels={"n": "5"}), required(term(expression("n", "Gt", "-1"))))
    (reason,) = mismatches(placement)
    assert isinstance(reason.facts, NodeAffinityFacts)
    (failed,) = reason.facts.failed
    assert (failed.key, failed.actual) == ("n", "5")
    assert failed.problem


def test_a_taint_that_passes_names_the_toleration_and_whose_it_is() -> None:
    own = {"key": "x", "operator": "Exists"}
    where = node(taints=["x:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule", "y:Prefer"])
    tolerated, cordoned, other = placed(where, {"tolerations": [own]}).checks
    assert (tolerated.toleration, tolerated.automatic) == (
        Toleration(key="x", operator="Exists"),
        False,
    )
    assert cordoned.toleration == Toleration(
        key="node.kubernetes.io/unschedulable", operator="Exists", effect="NoSchedule"
    )
    assert cordoned.automatic
    assert (other.passed, other.toleration, other.automatic) == (True, None, False)


NEAR = [
    pytest.param([], "", id="none"),
    pytest.param([{"key": "y", "operator": "Exists"}], "", id="of another key"),
    pytest.param([{"key": "x", "value": "2"}], "x=2", id="of another value"),
    pytest.param(
        [{"key": "y"}, {"key": "x", "operator": "Exists", "effect": "NoExecute"}, {"key": "x"}],
        "x:NoExecute op=Exists",
        id="of another effect, the first one",
    ),
    pytest.param([{"key": "x"}, {"key": "x", "operator": "Exists"}], "", id="another one fits"),
]


@pytest.mark.parametrize(("tolerations", "near"), NEAR)
def test_a_toleration_that_misses_the_taint_is_named(
    tolerations: list[dict[str, str]], near: str
) -> None:
    (check,) = placed(node(taints=["x=1:NoSchedule"]), {"tolerations": tolerations}).checks
    assert isinstance(check.facts, TaintFacts)
    assert check.facts.near == near


def test_what_the_controller_tolerates_by_itself_is_not_what_misses() -> None:
    (check,) = placed(node(taints=[f"{NOT_READY}:NoSchedule"]), {}).checks
    assert isinstance(check.facts, TaintFacts)
    assert (check.passed, check.facts.near) == (False, "")


def test_a_rule_that_needs_no_toleration_names_none() -> None:
    (check,) = placed(node(labels={"disk": "ssd"}), SSD).checks
    assert (check.passed, check.toleration, check.automatic) == (True, None, False)


def test_a_toleration_of_the_template_is_not_called_automatic_though_equal_to_one() -> None:
    own = {"key": NOT_READY, "operator": "Exists", "effect": "NoExecute"}
    (check,) = placed(node(taints=[f"{NOT_READY}:NoExecute"]), {"tolerations": [own]}).checks
    assert check.passed
    assert not check.automatic


# OpenShift's pkg/controller/daemon/patch_nodeselector.go: nodeShouldRunDaemonPod,
# nodeSelectorMatches. Only where the namespace bears OpenShift's annotations.

OWN = "openshift.io/node-selector"
UPSTREAM = "scheduler.alpha.kubernetes.io/node-selector"
IS_OPENSHIFT = {"openshift.io/sa.scc.mcs": "s0:c1,c0"}
NAMESPACES = [
    pytest.param({OWN: "disk=ssd"}, {"disk": "ssd"}, RUN, id="met"),
    pytest.param({OWN: "disk=ssd"}, {"disk": "hdd"}, GO, id="not met"),
    pytest.param({OWN: "disk=ssd"}, {}, GO, id="not met, no label"),
    pytest.param({OWN: ""}, {}, RUN, id="empty matches all"),
    pytest.param({OWN: "disk=ssd,zone in (a,b)"}, {"disk": "ssd", "zone": "c"}, GO, id="two"),
    pytest.param({OWN: "disk!=ssd"}, {}, RUN, id="not equal, absent"),
    pytest.param({OWN: "disk"}, {"disk": ""}, RUN, id="exists"),
    pytest.param({OWN: "cores>4"}, {"cores": "8"}, RUN, id="greater, met"),
    pytest.param({OWN: "cores>4"}, {"cores": "2"}, GO, id="greater, not met"),
    pytest.param({OWN: "disk=ssd,"}, {}, RUN, id="what can't be parsed is ignored"),
    pytest.param(
        IS_OPENSHIFT | {UPSTREAM: "disk=ssd"}, {"disk": "hdd"}, GO, id="upstream's annotation"
    ),
    pytest.param(
        {OWN: "disk=hdd", UPSTREAM: "disk=ssd"}, {"disk": "hdd"}, GO, id="upstream's goes first"
    ),
    pytest.param(
        {OWN: "disk=hdd", UPSTREAM: "disk=ssd"}, {"disk": "ssd"}, RUN, id="and it alone counts"
    ),
    pytest.param(
        {OWN: "disk=hdd", UPSTREAM: ""}, {"disk": "ssd"}, RUN, id="upstream's, empty, goes first"
    ),
    pytest.param({UPSTREAM: "disk=ssd"}, {}, RUN, id="upstream's, and no OpenShift"),
    pytest.param(IS_OPENSHIFT, {}, RUN, id="OpenShift without a selector"),
    pytest.param({"example.com/node-selector": "disk=ssd"}, {}, RUN, id="another annotation"),
    pytest.param(None, {}, RUN, id="no annotations"),
]


@pytest.mark.parametrize(("annotations", "labels", "expected"), NAMESPACES)
def test_node_selector_of_an_openshift_namespace(
    annotations: dict[str, str] | None, labels: dict[str, str], expected: tuple[bool, bool]
) -> None:
    placement = placed(node(labels=labels), within=namespace(annotations=annotations))
    assert decision(placement) == expected
    assert codes(placement) == ([] if expected == RUN else ["NamespaceNodeSelectorMismatch"])


def test_a_namespace_that_is_not_known_excludes_nothing() -> None:
    assert decision(placed(node(), within=None)) == RUN
    assert not is_openshift(None)


BESIDE = [
    pytest.param(node(taints=["x:NoSchedule"]), {}, KEEP, ["UntoleratedTaint"], id="NoSchedule"),
    pytest.param(node(taints=["x:NoExecute"]), {}, GO, ["UntoleratedTaint"], id="NoExecute"),
    pytest.param(node(), SSD, GO, ["NodeSelectorMismatch"], id="selector"),
]


@pytest.mark.parametrize(("where", "spec", "expected", "others"), BESIDE)
def test_the_namespace_is_asked_only_where_the_rest_lets_the_pod_run(
    where: Node, spec: dict[str, Any], expected: tuple[bool, bool], others: list[str]
) -> None:
    placement = placed(where, spec, namespace(annotations={OWN: "zone=a"}))
    assert decision(placement) == expected
    assert codes(placement) == [*others, "NamespaceNodeSelectorMismatch"]


def test_what_the_namespace_asked_is_told() -> None:
    within = namespace(annotations={OWN: "disk=ssd,zone"})
    (reason,) = mismatches(placed(node(labels={"disk": "hdd"}), within=within))
    assert isinstance(reason.facts, NamespaceSelectorFacts)
    assert (reason.facts.annotation, reason.facts.selector) == (OWN, "disk=ssd,zone")
    assert [(item.key, item.actual) for item in reason.facts.failed] == [
        ("disk", "hdd"),
        ("zone", None),
    ]


# The reasons of an excluded node: NodeNotReady and NodeUnreachable stand in for untolerated taints
# where each of these is Kubernetes' own; mixed with others each is an UntoleratedTaint.

EXCLUSIONS = [
    pytest.param([f"{NOT_READY}:NoSchedule"], {}, ["NodeNotReady"], id="not ready"),
    pytest.param([f"{UNREACHABLE}:NoSchedule"], {}, ["NodeUnreachable"], id="unreachable"),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute"],
        {},
        ["NodeNotReady"],
        id="not ready, and evicting",
    ),
    pytest.param(
        [f"{UNREACHABLE}:NoSchedule", f"{NOT_READY}:NoExecute"],
        {},
        ["NodeUnreachable"],
        id="the untolerated taint decides, not the tolerated one",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", f"{UNREACHABLE}:NoSchedule"],
        {},
        ["NodeNotReady", "NodeUnreachable"],
        id="both",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", "x:NoSchedule"],
        {},
        ["UntoleratedTaint", "UntoleratedTaint"],
        id="mixed with another",
    ),
    pytest.param(
        ["x:NoExecute", f"{UNREACHABLE}:NoSchedule"],
        {},
        ["UntoleratedTaint", "UntoleratedTaint"],
        id="mixed with an evicting one",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", "x:PreferNoSchedule"],
        {},
        ["NodeNotReady"],
        id="beside a preference",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule"],
        {},
        ["NodeNotReady"],
        id="beside a tolerated taint",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule", "x:NoSchedule"],
        {"tolerations": [{"key": "x", "operator": "Exists"}]},
        ["NodeNotReady"],
        id="beside one that the template tolerates",
    ),
    pytest.param(
        [f"{NOT_READY}:NoSchedule"],
        SSD,
        ["NodeSelectorMismatch", "NodeNotReady"],
        id="with a selector",
    ),
    pytest.param(["x:NoSchedule"], {}, ["UntoleratedTaint"], id="another taint alone"),
    pytest.param([], SSD, ["NodeSelectorMismatch"], id="no taint"),
]


@pytest.mark.parametrize(("taints", "spec", "expected"), EXCLUSIONS)
def test_exclusions(taints: list[str], spec: dict[str, Any], expected: list[str]) -> None:
    where = node(taints=taints, ready="Unknown")
    reasons = exclusions(placed(where, spec), where)
    assert [reason.code for reason in reasons] == expected


def test_the_nodes_health_stands_behind_the_reason() -> None:
    where = node(ready="False", taints=[f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute", "x:y"])
    (reason,) = exclusions(placed(where), where)
    assert reason.facts == NodeHealthFacts(
        exists=True,
        status="False",
        reason="",
        message="",
        since=ago(3600),
        taints=(f"{NOT_READY}:NoSchedule", f"{NOT_READY}:NoExecute"),
    )


def test_a_ready_node_may_still_bear_the_taint_and_the_taint_decides() -> None:
    where = node(ready="True", taints=[f"{UNREACHABLE}:NoSchedule"])
    (reason,) = exclusions(placed(where), where)
    assert reason.code == "NodeUnreachable"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param(node(ready="True"), None, id="ready"),
        pytest.param(node(ready="False"), "NodeNotReady", id="not ready"),
        pytest.param(node(ready="Unknown"), "NodeUnreachable", id="unknown"),
        pytest.param(node(ready=None), "NodeUnreachable", id="never reported"),
        pytest.param(None, "NodeUnreachable", id="the node is gone"),
    ],
)
def test_health_of_a_node_with_a_pod(where: Node | None, expected: str | None) -> None:
    reason = health_reason(health_facts(where))
    assert (reason.code if reason else None) == expected


@pytest.mark.parametrize(
    ("where", "exists"),
    [pytest.param(node(ready=None), True, id="no condition"), pytest.param(None, False, id="gone")],
)
def test_of_a_node_that_never_reported_nothing_is_told(where: Node | None, exists: bool) -> None:
    assert health_facts(where) == NodeHealthFacts(
        exists=exists, status=None, reason="", message="", since=None
    )


def test_what_the_nodes_health_does_not_explain_is_left() -> None:
    where = node(taints=[f"{NOT_READY}:NoSchedule", "x:NoSchedule", f"{UNREACHABLE}:NoExecute"])
    left = apart_from_health(mismatches(placed(where, SSD)))
    assert [(reason.code, getattr(reason.facts, "key", "")) for reason in left] == [
        ("NodeSelectorMismatch", "disk"),
        ("UntoleratedTaint", "x"),
    ]


# The oracle: the rule's table, cell by cell

TAINTS = st.lists(
    st.sampled_from(
        [
            "x:NoSchedule",
            "y:NoExecute",
            "z:PreferNoSchedule",
            f"{NOT_READY}:NoSchedule",
            f"{NOT_READY}:NoExecute",
            f"{UNREACHABLE}:NoExecute",
            "node.kubernetes.io/unschedulable:NoSchedule",
        ]
    ),
    unique=True,
    max_size=4,
)
TOLERATED = st.sampled_from([(), ("x",), ("y",), ("x", "y"), (NOT_READY,), ("",)])
AUTOMATIC = {
    f"{NOT_READY}:NoExecute",
    f"{UNREACHABLE}:NoExecute",
    "node.kubernetes.io/unschedulable:NoSchedule",
}


@settings(max_examples=300, deadline=None)
@given(
    TAINTS,
    TOLERATED,
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([{}, {"disk": "ssd"}, {"disk": "hdd"}]),
    st.booleans(),
)
def test_the_decision_is_that_of_the_table(
    taints: list[str], tolerated: tuple[str, ...], name: str, labels: dict[str, str], asks: bool
) -> None:
    spec = {
        "nodeName": name,
        "tolerations": [{"key": key, "operator": "Exists"} for key in tolerated],
        **(SSD if asks else {}),
    }
    left = [
        item
        for item in taints
        if item not in AUTOMATIC and not {"", item.partition(":")[0]} & set(tolerated)
    ]
    other_node = name == "b" or (asks and labels.get("disk") != "ssd")
    if other_node or any(item.endswith(":NoExecute") for item in left):
        expected = GO
    elif any(item.endswith(":NoSchedule") for item in left):
        expected = KEEP
    else:
        expected = RUN
    assert decision(placed(node("a", labels=labels, taints=taints), spec)) == expected
