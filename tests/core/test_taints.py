"""Taints and tolerations.

Sources: ``staging/src/k8s.io/api/core/v1/toleration.go`` (ToleratesTaint),
``pkg/controller/daemon/util/daemonset_util.go`` (AddOrUpdateDaemonPodTolerations).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.model import Taint
from kubectl_ds.core.placement import taint_checks
from kubectl_ds.core.pods import Toleration
from kubectl_ds.core.taints import (
    automatic_tolerations,
    first_toleration,
    of_node_health,
    tolerates,
)
from tests.core.make import node, pod_template, taint, toleration

OFTEN = settings(max_examples=400, deadline=None)

# ToleratesTaint: effect, then key, then operator. A toleration is written "key operator
# value:effect" with "-" for an empty part.

MATRIX = [
    ("k Equal v:NoSchedule", "k=v:NoSchedule", True),
    ("k - v:NoSchedule", "k=v:NoSchedule", True),
    ("k Equal v:NoSchedule", "k=w:NoSchedule", False),
    ("k - v:NoSchedule", "k=w:NoSchedule", False),
    ("k Equal v:NoSchedule", "k:NoSchedule", False),
    ("k Equal -:NoSchedule", "k:NoSchedule", True),
    ("k - -:NoSchedule", "k:NoSchedule", True),
    ("k Equal -:NoSchedule", "k=v:NoSchedule", False),
    ("k - -:NoSchedule", "k=v:NoSchedule", False),
    ("k Equal v:NoSchedule", "k=V:NoSchedule", False),
    ("k Equal v:NoSchedule", "K=v:NoSchedule", False),
    ("k Equal v:NoSchedule", "l=v:NoSchedule", False),
    ("k Equal v:NoSchedule", "k=v:NoExecute", False),
    ("k Equal v:NoExecute", "k=v:NoSchedule", False),
    ("k Equal v:PreferNoSchedule", "k=v:NoSchedule", False),
    # an empty effect is every effect
    ("k Equal v:-", "k=v:NoSchedule", True),
    ("k Equal v:-", "k=v:NoExecute", True),
    ("k Equal v:-", "k=v:PreferNoSchedule", True),
    ("k Equal v:-", "k=w:NoSchedule", False),
    ("k Equal v:-", "l=v:NoSchedule", False),
    # Exists does not look at the value, be there one or not
    ("k Exists -:NoSchedule", "k=v:NoSchedule", True),
    ("k Exists -:NoSchedule", "k:NoSchedule", True),
    ("k Exists w:NoSchedule", "k=v:NoSchedule", True),
    ("k Exists -:NoSchedule", "l=v:NoSchedule", False),
    ("k Exists -:NoSchedule", "k=v:NoExecute", False),
    ("k Exists -:-", "k=v:NoExecute", True),
    # an empty key is every key, whatever the operator (the API demands Exists, the matcher not)
    ("- Exists -:-", "k=v:NoSchedule", True),
    ("- Exists -:-", "k=v:NoExecute", True),
    ("- Exists -:NoSchedule", "k=v:NoSchedule", True),
    ("- Exists -:NoSchedule", "k=v:NoExecute", False),
    ("- Exists -:NoExecute", "k=v:NoSchedule", False),
    ("- Equal v:-", "k=v:NoSchedule", True),
    ("- Equal v:-", "k=w:NoSchedule", False),
    ("- - -:-", "k:NoSchedule", True),
    ("- - -:-", "k=v:NoSchedule", False),
    # TaintTolerationComparisonOperators is off by default
    ("k Lt 10:NoSchedule", "k=5:NoSchedule", False),
    ("k Lt 5:NoSchedule", "k=10:NoSchedule", False),
    ("k Gt 5:NoSchedule", "k=10:NoSchedule", False),
    ("k Gt 10:NoSchedule", "k=5:NoSchedule", False),
    ("k Lt 5:NoSchedule", "k=5:NoSchedule", False),
    ("k Gt 5:NoSchedule", "k=5:NoSchedule", False),
    ("- Lt 10:-", "k=5:NoSchedule", False),
    # any other operator tolerates nothing
    ("k In v:NoSchedule", "k=v:NoSchedule", False),
    ("k NotEqual w:NoSchedule", "k=v:NoSchedule", False),
    ("k exists -:NoSchedule", "k:NoSchedule", False),
    ("k equal v:NoSchedule", "k=v:NoSchedule", False),
    ("k DoesNotExist -:-", "k=v:NoSchedule", False),
]


@pytest.mark.parametrize(
    ("tolerating", "tainted", "expected"),
    [pytest.param(*row, id=f"{row[0]} on {row[1]}") for row in MATRIX],
)
def test_one_toleration_and_one_taint(tolerating: str, tainted: str, expected: bool) -> None:
    assert tolerates(toleration(tolerating), taint(tainted)) is expected


@pytest.mark.parametrize("seconds", [None, 0, -1, 300])
def test_seconds_do_not_matter_to_matching(seconds: int | None) -> None:
    assert tolerates(toleration("k Exists -:NoExecute", seconds), taint("k:NoExecute"))


# AddOrUpdateDaemonPodTolerations

ALWAYS = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
]
NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, ALWAYS, id="pod network"),
        pytest.param({"hostNetwork": False}, ALWAYS, id="pod network, said"),
        pytest.param({"hostNetwork": True}, [*ALWAYS, NETWORK], id="host network"),
        pytest.param({"hostPID": True}, ALWAYS, id="host PID"),
        pytest.param({"tolerations": [{"operator": "Exists"}]}, ALWAYS, id="its own besides"),
    ],
)
def test_tolerations_that_the_controller_adds(
    spec: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    found = automatic_tolerations(pod_template(**spec))
    assert list(found) == [
        Toleration(key=key, operator="Exists", effect=effect) for key, effect in expected
    ]


# What they mean for the taints that Kubernetes itself sets (node_lifecycle_controller.go)

OWN_TAINTS = [
    pytest.param("node.kubernetes.io/not-ready:NoExecute", True, True, id="not ready, evicting"),
    pytest.param("node.kubernetes.io/not-ready:NoSchedule", False, False, id="not ready"),
    pytest.param("node.kubernetes.io/unreachable:NoExecute", True, True, id="gone, evicting"),
    pytest.param("node.kubernetes.io/unreachable:NoSchedule", False, False, id="gone"),
    pytest.param("node.kubernetes.io/disk-pressure:NoSchedule", True, True, id="disk pressure"),
    pytest.param("node.kubernetes.io/disk-pressure:NoExecute", False, False, id="and evicting"),
    pytest.param("node.kubernetes.io/memory-pressure:NoSchedule", True, True, id="memory"),
    pytest.param("node.kubernetes.io/pid-pressure:NoSchedule", True, True, id="PIDs"),
    pytest.param("node.kubernetes.io/unschedulable:NoSchedule", True, True, id="cordoned"),
    pytest.param("node.kubernetes.io/unschedulable=x:NoSchedule", True, True, id="with a value"),
    pytest.param("node.kubernetes.io/network-unavailable:NoSchedule", False, True, id="network"),
    pytest.param(
        "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        False,
        False,
        id="out of service",
    ),
    pytest.param(
        "node.cloudprovider.kubernetes.io/uninitialized=true:NoSchedule", False, False, id="cloud"
    ),
]


@pytest.mark.parametrize(("tainted", "on_pod_network", "on_host_network"), OWN_TAINTS)
def test_taints_of_kubernetes_itself(
    tainted: str, on_pod_network: bool, on_host_network: bool
) -> None:
    for host_network, expected in ((False, on_pod_network), (True, on_host_network)):
        added = automatic_tolerations(pod_template(hostNetwork=host_network))
        assert any(tolerates(item, taint(tainted)) for item in added) is expected


# FindMatchingUntoleratedTaint, over getFilteredTaints in the order of node.spec.taints

LISTS = [
    pytest.param([], [], [], id="no taints"),
    pytest.param(["a:NoSchedule"], [], ["a:NoSchedule"], id="no tolerations"),
    pytest.param(["a:PreferNoSchedule"], [], [], id="a preference"),
    pytest.param(["a:Other"], [], [], id="an effect of which nobody knows"),
    pytest.param(["a:"], [], [], id="no effect"),
    pytest.param(
        ["b:NoExecute", "a:NoSchedule", "c:PreferNoSchedule"],
        [],
        ["b:NoExecute", "a:NoSchedule"],
        id="all of them in the node's order",
    ),
    pytest.param(
        ["a:NoSchedule", "b:NoSchedule", "c:NoExecute"],
        ["b Exists -:-"],
        ["a:NoSchedule", "c:NoExecute"],
        id="one tolerated",
    ),
    pytest.param(
        ["a:NoSchedule", "a:NoExecute"],
        ["a Exists -:NoExecute"],
        ["a:NoSchedule"],
        id="the same key, one effect tolerated",
    ),
    pytest.param(
        ["a=1:NoSchedule", "b=2:NoExecute"],
        ["b Equal 2:-", "a Equal 1:-"],
        [],
        id="each by another toleration",
    ),
    pytest.param(["a=1:NoSchedule", "b:NoExecute"], ["- Exists -:-"], [], id="everything"),
]


def untolerated(taints: Iterable[Taint], tolerations: Sequence[Toleration]) -> list[Taint]:
    """The taints of a node that keep a new pod away."""
    found = list(taints)
    checks = taint_checks(node(taints=found), tolerations, len(tolerations))
    return [item for item, check in zip(found, checks, strict=True) if not check.passed]


@pytest.mark.parametrize(("taints", "tolerations", "expected"), LISTS)
def test_untolerated_taints(taints: list[str], tolerations: list[str], expected: list[str]) -> None:
    found = untolerated(map(taint, taints), [toleration(item) for item in tolerations])
    assert found == [taint(item) for item in expected]


def test_the_first_toleration_of_the_list_is_told() -> None:
    items = [toleration(text) for text in ("l Exists -:-", "k Equal v:-", "- Exists -:-")]
    assert first_toleration(items, taint("k=v:NoSchedule")) is items[1]
    assert first_toleration(items, taint("k=w:NoSchedule")) is items[2]
    assert first_toleration(items[:2], taint("k=w:NoSchedule")) is None


@pytest.mark.parametrize(
    ("tainted", "expected"),
    [
        pytest.param("node.kubernetes.io/not-ready:NoSchedule", True, id="not ready"),
        pytest.param("node.kubernetes.io/unreachable:NoExecute", True, id="unreachable"),
        pytest.param("node.kubernetes.io/unschedulable:NoSchedule", False, id="cordoned"),
        pytest.param("node.kubernetes.io/disk-pressure:NoSchedule", False, id="pressure"),
        pytest.param("example.com/not-ready:NoSchedule", False, id="somebody else's"),
        pytest.param("node.kubernetes.io/not-ready.x:NoSchedule", False, id="a longer name"),
    ],
)
def test_taints_of_the_nodes_health(tainted: str, expected: bool) -> None:
    assert of_node_health(taint(tainted)) is expected


# The oracle: the rule as a decision table over (effect, key, operator), by what a toleration
# leaves out.

KEYS = st.sampled_from(["", "k", "l"])
TEXTS = st.sampled_from(["", "v", "w", "5", "10"])
EFFECTS = st.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule"])
TOLERATIONS = st.builds(
    Toleration,
    key=KEYS,
    operator=st.sampled_from(["", "Equal", "Exists", "Lt", "Gt", "In"]),
    value=TEXTS,
    effect=st.one_of(st.just(""), EFFECTS),
    toleration_seconds=st.sampled_from([None, 0, 60]),
)
TAINTS = st.builds(Taint, key=st.sampled_from(["k", "l"]), effect=EFFECTS, value=TEXTS)


def oracle(tolerating: Toleration, tainted: Taint) -> bool:
    covers_effect = tolerating.effect in ("", tainted.effect)
    covers_key = tolerating.key in ("", tainted.key)
    by_operator = {
        "": tolerating.value == tainted.value,
        "Equal": tolerating.value == tainted.value,
        "Exists": True,
    }
    return covers_effect and covers_key and by_operator.get(tolerating.operator, False)


@OFTEN
@given(TOLERATIONS, TAINTS)
def test_tolerating_is_covering_effect_key_and_value(
    tolerating: Toleration, tainted: Taint
) -> None:
    assert tolerates(tolerating, tainted) is oracle(tolerating, tainted)


@OFTEN
@given(st.lists(TAINTS, max_size=4), st.lists(TOLERATIONS, max_size=3))
def test_untolerated_is_tolerated_by_none(
    taints: list[Taint], tolerations: list[Toleration]
) -> None:
    expected = [
        item
        for item in taints
        if item.effect != "PreferNoSchedule" and not any(oracle(t, item) for t in tolerations)
    ]
    assert untolerated(taints, tolerations) == expected
