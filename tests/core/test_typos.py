"""Likely typing errors: what no node has, and what looks much like it."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.facts import Typo
from kubectl_ds.core.model import Node
from kubectl_ds.core.typos import typos
from tests.core.make import node, pod_template

OS = "kubernetes.io/os"
ARCH = "kubernetes.io/arch"
FLEET = [
    node("a", labels={OS: "linux", ARCH: "amd64", "disktype": "ssd"}),
    node("b", labels={OS: "linux", ARCH: "amd64", "disktype": "hdd"}),
    node("c", labels={OS: "windows", ARCH: "amd64", "gpu": ""}),
]


def affinity(*expressions: tuple[Any, ...]) -> dict[str, Any]:
    terms = [
        {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}
        for key, operator, *values in expressions
    ]
    selected = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"affinity": {"nodeAffinity": selected}}


def selects(**labels: str) -> dict[str, Any]:
    return {"nodeSelector": labels}


FOUND = [
    pytest.param(
        {"nodeSelector": {OS: "linx"}}, [(f"{OS}=linx", f"{OS}=linux", 2)], id="a letter missing"
    ),
    pytest.param(
        {"nodeSelector": {OS: "Linux"}}, [(f"{OS}=Linux", f"{OS}=linux", 2)], id="another case"
    ),
    pytest.param(
        {"nodeSelector": {OS: "window"}}, [(f"{OS}=window", f"{OS}=windows", 1)], id="a singular"
    ),
    pytest.param(selects(disktyp="ssd"), [("disktyp", "disktype", 2)], id="a key"),
    pytest.param(selects(diskType="ssd"), [("diskType", "disktype", 2)], id="a key in camel case"),
    pytest.param(
        {"nodeSelector": {"kubernetes.io/so": "linux"}},
        [("kubernetes.io/so", OS, 3)],
        id="letters turned round in a key",
    ),
    pytest.param(
        affinity((OS, "In", "linnux")), [(f"{OS}=linnux", f"{OS}=linux", 2)], id="affinity, In"
    ),
    pytest.param(
        affinity(("disk-type", "Exists")), [("disk-type", "disktype", 2)], id="affinity, Exists"
    ),
    pytest.param(
        affinity((OS, "In", "linux"), ("disktypes", "In", "ssd")),
        [("disktypes", "disktype", 2)],
        id="affinity, the second term",
    ),
    pytest.param(
        {"nodeSelector": {OS: "linuxx", "disktpe": "ssd"}},
        [("disktpe", "disktype", 2), (f"{OS}=linuxx", f"{OS}=linux", 2)],
        id="two of them",
    ),
    pytest.param(
        selects(disktpe="ssd") | affinity(("disktpe", "In", "ssd")),
        [("disktpe", "disktype", 2)],
        id="the same twice is told once",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), FOUND)
def test_likely_typing_errors(spec: dict[str, Any], expected: list[tuple[str, str, int]]) -> None:
    found = typos(pod_template(**spec), FLEET)
    assert sorted(found, key=lambda item: item.wanted) == [
        Typo(wanted=wanted, existing=existing, nodes=nodes) for wanted, existing, nodes in expected
    ]


NONE = [
    pytest.param({}, FLEET, id="nothing asked"),
    pytest.param({"nodeSelector": {OS: "linux"}}, FLEET, id="a label that some have"),
    pytest.param(selects(gpu=""), FLEET, id="an empty value that some have"),
    pytest.param(selects(accelerator="a100"), FLEET, id="a label like none"),
    pytest.param({"nodeSelector": {OS: "plan9"}}, FLEET, id="a value like none"),
    pytest.param(affinity(("disktpe", "NotIn", "ssd")), FLEET, id="what is to be avoided, NotIn"),
    pytest.param(affinity(("disktpe", "DoesNotExist")), FLEET, id="what is to be absent"),
    pytest.param(affinity(("disktype", "Exists")), FLEET, id="a key that some have"),
    pytest.param(
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchFields": [{"key": "metadata.name", "operator": "In"}]}
                        ]
                    }
                }
            }
        },
        FLEET,
        id="a term of fields",
    ),
    pytest.param(selects(disktyp="ssd"), [], id="no nodes"),
    pytest.param(selects(disktyp="ssd"), [node("a")], id="no labels"),
    pytest.param(
        selects(disktype="sd"), [node("a", labels={"other": "ssd"})], id="a value of another key"
    ),
    pytest.param({"nodeSelector": {ARCH: "arm64"}}, FLEET, id="another well-known architecture"),
    pytest.param(selects(zone="eu-1c"), [node("a", labels={"zone": "eu-1a"})], id="the next zone"),
    pytest.param(
        selects(pool="gpu-2"), [node("a", labels={"pool": "gpu-1"})], id="the next in a row"
    ),
    pytest.param(
        selects(pool="gpu-10"), [node("a", labels={"pool": "gpu-9"})], id="more digits in a row"
    ),
]


@pytest.mark.parametrize(("spec", "fleet"), NONE)
def test_no_typing_errors(spec: dict[str, Any], fleet: list[Node]) -> None:
    assert typos(pod_template(**spec), fleet) == []
