"""Which DaemonSets are asked about, and which the user may have meant."""

from __future__ import annotations

import pytest

from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.scope import Scope, nearest, select
from tests.core.make import daemon_set


def made(path: str, **labels: str) -> DaemonSet:
    namespace, _, name = path.partition("/")
    return daemon_set(name, namespace=namespace, labels=labels)


FLEET = [
    made("monitoring/node-exporter", app="exporter", tier="node"),
    made("kube-system/kube-proxy", app="proxy"),
    made("kube-system/cilium", app="cilium", tier="node"),
    made("default/cilium"),
    made("monitoring/fluent-bit", app="logs"),
]


def paths(found: list[DaemonSet]) -> list[str]:
    return [f"{item.namespace}/{item.name}" for item in found]


SELECTED = [
    pytest.param(
        Scope(),
        [
            "default/cilium",
            "kube-system/cilium",
            "kube-system/kube-proxy",
            "monitoring/fluent-bit",
            "monitoring/node-exporter",
        ],
        id="all, by namespace and name",
    ),
    pytest.param(
        Scope(namespace="kube-system"),
        ["kube-system/cilium", "kube-system/kube-proxy"],
        id="a namespace",
    ),
    pytest.param(Scope(namespace="kube"), [], id="a namespace is not a prefix"),
    pytest.param(Scope(namespace=""), [], id="no namespace is of that name"),
    pytest.param(
        Scope(names=("cilium",)), ["default/cilium", "kube-system/cilium"], id="a name anywhere"
    ),
    pytest.param(
        Scope(namespace="default", names=("cilium",)), ["default/cilium"], id="a name somewhere"
    ),
    pytest.param(
        Scope(namespace="default", names=("kube-proxy",)), [], id="a name that is elsewhere"
    ),
    pytest.param(
        Scope(namespace="kube-system", names=("kube-proxy", "cilium", "nothing")),
        ["kube-system/cilium", "kube-system/kube-proxy"],
        id="several names, one of which is not there",
    ),
    pytest.param(Scope(names=("Cilium",)), [], id="a name in another case"),
    pytest.param(Scope(names=("kube",)), [], id="a name is not a prefix"),
    pytest.param(
        Scope(selector="tier=node"),
        ["kube-system/cilium", "monitoring/node-exporter"],
        id="a label",
    ),
    pytest.param(
        Scope(selector="!tier"),
        ["default/cilium", "kube-system/kube-proxy", "monitoring/fluent-bit"],
        id="an absent label, where there are no labels too",
    ),
    pytest.param(
        Scope(selector="app in (proxy,logs),tier!=node"),
        ["kube-system/kube-proxy", "monitoring/fluent-bit"],
        id="two requirements",
    ),
    pytest.param(
        Scope(namespace="monitoring", selector="tier=node"),
        ["monitoring/node-exporter"],
        id="a label in a namespace",
    ),
    pytest.param(
        Scope(names=("cilium",), selector="tier"), ["kube-system/cilium"], id="a name and a label"
    ),
]


@pytest.mark.parametrize(("scope", "expected"), SELECTED)
def test_selection(scope: Scope, expected: list[str]) -> None:
    assert paths(select(FLEET, scope)) == expected
    assert paths(select(iter(FLEET[::-1]), scope)) == expected


@pytest.mark.parametrize("selector", ["a=b=c", "a,", "a in b", "-a"])
def test_a_selector_that_can_not_be_read(selector: str) -> None:
    with pytest.raises(ValueError, match=r"selector|label"):
        select(FLEET, Scope(selector=selector))


NEAREST = [
    pytest.param("cilium", "monitoring", ["default/cilium", "kube-system/cilium"], id="elsewhere"),
    pytest.param("kube-prox", "kube-system", ["kube-system/kube-proxy"], id="a letter missing"),
    pytest.param("kube-proxi", "default", ["kube-system/kube-proxy"], id="a letter wrong"),
    pytest.param("kubeproxy", "kube-system", ["kube-system/kube-proxy"], id="a hyphen missing"),
    pytest.param(
        "cillium", "kube-system", ["kube-system/cilium", "default/cilium"], id="here first"
    ),
    pytest.param("cillium", "default", ["default/cilium", "kube-system/cilium"], id="or there"),
    pytest.param("fluentbit", None, ["monitoring/fluent-bit"], id="in all namespaces"),
    pytest.param("prometheus", "monitoring", [], id="nothing like it"),
    pytest.param("", "monitoring", [], id="no name"),
]


@pytest.mark.parametrize(("name", "namespace", "expected"), NEAREST)
def test_what_the_user_may_have_meant(
    name: str, namespace: str | None, expected: list[str]
) -> None:
    found = nearest(name, Scope(namespace=namespace, names=(name,)), FLEET)
    assert sorted(paths(found)) == sorted(expected)
    assert paths(found)[:1] == expected[:1] or name == "cilium"


def test_the_same_name_elsewhere_goes_before_a_name_alike_here() -> None:
    fleet = [made("here/agents"), made("there/agent")]
    found = nearest("agent", Scope(namespace="here", names=("agent",)), fleet)
    assert paths(found) == ["there/agent", "here/agents"]


def test_no_more_than_three_are_suggested() -> None:
    fleet = [made(f"n{number}/agent") for number in range(9)]
    found = nearest("agent", Scope(namespace="x"), fleet)
    assert len(found) == 3
    assert len(set(paths(found))) == 3


def test_nothing_is_near_where_nothing_is() -> None:
    assert nearest("agent", Scope(), []) == []
