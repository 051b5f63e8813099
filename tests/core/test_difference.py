"""Pods that were changed when they were created: semantics E.8, H.4 (e), J.23."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core import notation
from kubectl_ds.core.classes import RuntimeClass, Scheduling
from kubectl_ds.core.facts import PodDifferenceFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod, PodTemplate, Toleration
from kubectl_ds.core.taints import admitted_tolerations
from kubectl_ds.words.overview import finding_sentence
from tests.core.make import (
    OLD_HASH,
    cluster,
    daemon_set,
    namespace,
    node,
    pod,
    pod_spec,
    pod_template,
    template,
    toleration,
)

TAINT = "dedicated=db:NoSchedule"
TOLERATING = {"tolerations": [{"key": "dedicated", "operator": "Exists"}]}
SSD = {"nodeSelector": {"disk": "ssd"}}
PLAIN: dict[str, Any] = {}
KATA = RuntimeClass(
    metadata=ObjectMeta(name="kata"),
    scheduling=Scheduling(node_selector={"sandbox": "kata", "disk": "ssd"}),
)


def admitted(
    asked: PodTemplate,
    name: str = "a",
    *,
    lost: tuple[str, ...] = (),
    gained: tuple[str, ...] = (),
    runtime_class: str | None = None,
    selector: dict[str, str] | None = None,
    **more: Any,
) -> Pod:
    """A pod of the template that waits for a node; ``selector`` is added to its nodeSelector."""
    lose = [toleration(text) for text in lost]
    kept = [item for item in admitted_tolerations(asked) if item not in lose]
    spec = replace(
        pod_spec(name, bound=False),
        node_selector={**(asked.spec.node_selector or {}), **(selector or {})},
        tolerations=(*kept, *map(toleration, gained)),
        runtime_class_name=runtime_class,
    )
    return pod(f"agent-{name}", spec=spec, **more)


def found(spec: dict[str, Any], nodes: list[Node], pods: list[Pod], **more: Any) -> list[Any]:
    asked = daemon_set(pod_template=template(**spec))
    findings = explain(cluster([asked], nodes, pods, **more), asked).findings
    return [item for item in findings if item.code == "PodDiffersFromTemplate"]


def differing(spec: dict[str, Any], **more: Any) -> Pod:
    return admitted(pod_template(**spec), **more)


KEPT = "dedicated Exists -:-"
FOUND = [
    pytest.param(PLAIN, node(), {}, False, id="no difference"),
    pytest.param(PLAIN, node(), {"selector": {"sandbox": "kata"}}, True, id="another selector"),
    pytest.param(
        PLAIN,
        node(labels={"sandbox": "kata"}),
        {"selector": {"sandbox": "kata"}},
        False,
        id="another selector that the node meets",
    ),
    pytest.param(TOLERATING, node(taints=[TAINT]), {"lost": (KEPT,)}, True, id="lost toleration"),
    pytest.param(TOLERATING, node(), {"lost": (KEPT,)}, False, id="which nothing here asks for"),
    pytest.param(
        PLAIN, node(), {"gained": ("x Exists -:NoSchedule",)}, False, id="more tolerations"
    ),
    pytest.param(
        SSD, node(), {"selector": {"sandbox": "kata"}}, False, id="the template is refused, too"
    ),
    pytest.param(
        PLAIN,
        node(),
        {"selector": {"sandbox": "kata"}, "hash": OLD_HASH},
        False,
        id="of an older template",
    ),
    pytest.param(
        PLAIN,
        node(),
        {"selector": {"sandbox": "kata"}, "deleting": True},
        False,
        id="on its way out",
    ),
]


@pytest.mark.parametrize(("spec", "target", "more", "expected"), FOUND)
def test_pods_that_the_change_keeps_out(
    spec: dict[str, Any], target: Node, more: dict[str, Any], expected: bool
) -> None:
    assert bool(found(spec, [target], [differing(spec, **more)])) is expected


def test_a_bound_pod_is_where_it_should_be() -> None:
    bound = pod(spec=replace(pod_spec("a"), node_selector={"sandbox": "kata"}))
    assert found(PLAIN, [node()], [bound]) == []


# admission/runtimeclass (setScheduling) adds to nodeSelector and to tolerations.
CAUSES = [
    pytest.param({"sandbox": "kata"}, "kata", (KATA,), "kata", id="a part of it"),
    pytest.param({"sandbox": "kata", "disk": "ssd"}, "kata", (KATA,), "kata", id="all of it"),
    pytest.param({"sandbox": "runc"}, "kata", (KATA,), "", id="another value"),
    pytest.param({"sandbox": "kata", "x": "y"}, "kata", (KATA,), "", id="more than that"),
    pytest.param({"sandbox": "kata"}, None, (KATA,), "", id="the pod names none"),
    pytest.param({"sandbox": "kata"}, "kata", (), "", id="not read"),
    pytest.param(
        {"sandbox": "kata"}, "kata", (replace(KATA, scheduling=None),), "", id="it adds nothing"
    ),
]


@pytest.mark.parametrize(("selector", "named", "classes", "expected"), CAUSES)
def test_what_a_runtime_class_explains(
    selector: dict[str, str], named: str | None, classes: tuple[RuntimeClass, ...], expected: str
) -> None:
    changed = differing(PLAIN, selector=selector, runtime_class=named)
    (finding,) = found(PLAIN, [node()], [changed], runtime_classes=classes)
    assert finding.facts.runtime_class == expected
    assert finding.facts.node_selector == tuple(f"{k}={v}" for k, v in sorted(selector.items()))


# admission/podnodeselector (getNodeSelectorMap): the annotation is merged into nodeSelector.
ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector"
BY_NAMESPACE = [
    pytest.param({ANNOTATION: "x=y"}, {"x": "y"}, (), ANNOTATION, id="all of it"),
    pytest.param({ANNOTATION: "a=b, x = y"}, {"x": "y"}, (), ANNOTATION, id="a part of it"),
    pytest.param({ANNOTATION: "x=y"}, {"x": "z"}, (), "", id="another value"),
    pytest.param({ANNOTATION: "x=y"}, {"x": "y", "a": "b"}, (), "", id="more than that"),
    pytest.param({}, {"x": "y"}, (), "", id="no annotation"),
    pytest.param({ANNOTATION: "x=y"}, {"x": "y"}, (KEPT,), "", id="a lost toleration is not its"),
]


@pytest.mark.parametrize(("annotations", "selector", "lost", "expected"), BY_NAMESPACE)
def test_what_the_namespace_explains(
    annotations: dict[str, str], selector: dict[str, str], lost: tuple[str, ...], expected: str
) -> None:
    changed = differing(TOLERATING, selector=selector, lost=lost)
    here = [namespace(annotations=annotations)]
    (finding,) = found(TOLERATING, [node(taints=[TAINT])], [changed], namespaces=here)
    assert finding.facts.namespace_selector == expected
    assert (f"the namespace's {ANNOTATION} gives" in finding_sentence(finding)) is bool(expected)


def test_the_namespace_leaves_out_no_toleration() -> None:
    changed = differing(TOLERATING, selector={"x": "y"}, lost=(KEPT,))
    here = [namespace(annotations={ANNOTATION: "x=y"})]
    (finding,) = found(TOLERATING, [node()], [changed], namespaces=here)
    assert finding_sentence(finding).endswith(
        f"the namespace's {ANNOTATION} gives the pods nodeSelector x=y"
    )


def test_a_runtime_class_goes_before_the_namespace() -> None:
    changed = differing(PLAIN, selector={"sandbox": "kata"}, runtime_class="kata")
    here = [namespace(annotations={ANNOTATION: "sandbox=kata"})]
    (finding,) = found(PLAIN, [node()], [changed], runtime_classes=(KATA,), namespaces=here)
    assert (finding.facts.runtime_class, finding.facts.namespace_selector) == ("kata", "")


def test_a_lost_toleration_is_not_the_runtime_classes_doing() -> None:
    changed = differing(
        TOLERATING, lost=(KEPT,), selector={"sandbox": "kata"}, runtime_class="kata"
    )
    (finding,) = found(TOLERATING, [node(taints=[TAINT])], [changed], runtime_classes=(KATA,))
    assert finding.facts.runtime_class == ""


def test_nodes_with_the_same_difference_are_told_together() -> None:
    pods = [
        differing(PLAIN, name="a", selector={"x": "y"}),
        differing(PLAIN, name="b", selector={"x": "y"}, gained=("k Equal v:NoExecute",)),
        differing(PLAIN, name="c", selector={"x": "y"}),
    ]
    first, second = found(PLAIN, [node(name) for name in "abc"], pods)
    assert first.facts == PodDifferenceFacts(
        node_selector=("x=y",),
        missing_tolerations=(),
        extra_tolerations=(),
        runtime_class="",
        nodes=("a", "c"),
    )
    assert second.facts.nodes == ("b",)
    assert second.facts.extra_tolerations == ("k=v:NoExecute",)


def test_it_is_said_what_differs_and_where() -> None:
    changed = differing(PLAIN, selector={"sandbox": "kata"}, runtime_class="kata")
    (finding,) = found(PLAIN, [node()], [changed], runtime_classes=(KATA,))
    assert finding_sentence(finding) == (
        "the template would be let onto 1 node, a, and its pods are not: RuntimeClass kata gives "
        "the pods nodeSelector sandbox=kata"
    )
    (finding,) = found(TOLERATING, [node(taints=[TAINT])], [differing(TOLERATING, lost=(KEPT,))])
    assert finding_sentence(finding) == (
        "the template would be let onto 1 node, a, and its pods are not: a webhook or the like "
        "leaves out toleration dedicated op=Exists"
    )


def test_tolerations_are_written_as_kubectl_describes_them() -> None:
    forms = {
        Toleration(key="a", value="b", effect="NoSchedule"): "a=b:NoSchedule",
        Toleration(key="a", operator="Exists", effect="NoExecute", toleration_seconds=300): (
            "a:NoExecute op=Exists for 300s"
        ),
        Toleration(operator="Exists"): "op=Exists",
        Toleration(key="a", operator="Equal"): "a",
    }
    assert {item: notation.toleration(item) for item in forms} == forms
