"""By which label a node is grouped."""

from __future__ import annotations

import pytest

from kubectl_ds.core.groups import SHORT_NAMES, Label, label, label_of
from tests.core.make import node

ZONE, OLD_ZONE = "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"
KARPENTER, GKE = "karpenter.sh/nodepool", "cloud.google.com/gke-nodepool"

NAMES = [
    pytest.param("zone", ZONE, id="zone"),
    pytest.param("region", "topology.kubernetes.io/region", id="region"),
    pytest.param("pool", KARPENTER, id="pool"),
    pytest.param("os", "kubernetes.io/os", id="os"),
    pytest.param("arch", "kubernetes.io/arch", id="arch"),
    pytest.param("instance-type", "node.kubernetes.io/instance-type", id="instance type"),
]


@pytest.mark.parametrize(("name", "first"), NAMES)
def test_a_short_name_stands_for_several_labels(name: str, first: str) -> None:
    found = label(name)
    assert (found.name, found.keys[0]) == (name, first)
    assert len(set(found.keys)) == len(found.keys) >= 2


def test_all_short_names_are_tried() -> None:
    assert {row.values[0] for row in NAMES} == set(SHORT_NAMES)


@pytest.mark.parametrize("name", ["team", "example.com/zone", "Zone", ZONE, ""])
def test_any_other_name_is_the_label_itself(name: str) -> None:
    assert label(name) == Label(name, (name,))


FOUND = [
    pytest.param("zone", {ZONE: "a"}, (ZONE, "a"), id="the first"),
    pytest.param("zone", {OLD_ZONE: "a"}, (OLD_ZONE, "a"), id="what came before it"),
    pytest.param("zone", {OLD_ZONE: "b", ZONE: "a"}, (ZONE, "a"), id="both: the first counts"),
    pytest.param("zone", {OLD_ZONE: "b", ZONE: ""}, (ZONE, ""), id="an empty value is a value"),
    pytest.param("pool", {GKE: "x", "pool": "y"}, (GKE, "x"), id="a vendor's before a plain one"),
    pytest.param("pool", {"pool": "y"}, ("pool", "y"), id="the short name itself is a label"),
    pytest.param("zone", {"zone": "a"}, ("zone", None), id="here it is none"),
    pytest.param("zone", {}, ("zone", None), id="no label"),
    pytest.param(ZONE, {OLD_ZONE: "a"}, (ZONE, None), id="a key stands for itself alone"),
    pytest.param("team", {"team": "a"}, ("team", "a"), id="any key"),
]


@pytest.mark.parametrize(("name", "labels", "expected"), FOUND)
def test_the_label_that_counts(
    name: str, labels: dict[str, str], expected: tuple[str, str | None]
) -> None:
    assert label_of(node(labels=labels), label(name)) == expected
