"""Pods that were changed on their way into the cluster, and now can't go where they are wanted.

The controller looks at the template, the scheduler at the pod as it was admitted: a RuntimeClass,
a webhook or the namespace's node selector may have come between.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kubectl_ds.core import notation
from kubectl_ds.core.case import Case
from kubectl_ds.core.facts import PodDifferenceFacts
from kubectl_ds.core.meta import Labels
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.node_selection import node_selector, taint_toleration
from kubectl_ds.core.scheduling.target import target_of
from kubectl_ds.core.taints import admitted_tolerations
from kubectl_ds.core.verdict import Finding

_NAMESPACE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"


def differences(case: Case) -> Iterator[Finding]:
    """One finding for each way in which pods differ from the template that would let them in."""
    nodes: dict[PodDifferenceFacts, list[str]] = {}
    for name, node in case.nodes.items():
        for pod in case.owned.by_node.get(name, ()):
            if not _is_in_question(case, name, pod):
                continue
            target = target_of(pod, node, case.fleet)
            untolerated = [*taint_toleration(pod, target)]
            if untolerated or [*node_selector(pod, target)]:
                difference = _difference(case, pod, explicable=not untolerated)
                nodes.setdefault(difference, []).append(name)
    for difference, names in nodes.items():
        facts = msgspec.structs.replace(difference, nodes=tuple(names))
        yield Finding(code="PodDiffersFromTemplate", facts=facts)


def _is_in_question(case: Case, node: str, pod: Pod) -> bool:
    waits = not pod.spec.node_name and pod.live
    return waits and node in case.wanted and case.updated(pod)


def _difference(case: Case, pod: Pod, explicable: bool) -> PodDifferenceFacts:
    """What differs; ``explicable``: whether what adds alone can explain it.

    That is a RuntimeClass, or the namespace's node selector.
    """
    template = case.daemon_set.template
    wanted, given = admitted_tolerations(template), pod.spec.tolerations or ()
    added = _added(pod.spec.node_selector, template.spec.node_selector)
    name = pod.spec.runtime_class_name or ""
    by_class = explicable and added <= _added(_selector_of(case, name), None)
    by_namespace = explicable and added <= _of_namespace(case)
    return PodDifferenceFacts(
        node_selector=tuple(f"{key}={value}" for key, value in sorted(added)),
        missing_tolerations=tuple(notation.toleration(x) for x in wanted if x not in given),
        extra_tolerations=tuple(notation.toleration(x) for x in given if x not in wanted),
        runtime_class=name if by_class else "",
        namespace_selector=_NAMESPACE_SELECTOR if by_namespace and not by_class else "",
    )


def _selector_of(case: Case, runtime_class: str) -> Labels | None:
    classes = case.fleet.cluster.runtime_classes
    found = next((item for item in classes if item.metadata.name == runtime_class), None)
    return found.scheduling.node_selector if found and found.scheduling else None


def _of_namespace(case: Case) -> set[tuple[str, str]]:
    """What PodNodeSelector admission adds, where it is enabled: an annotation ``a=b,c=d``."""
    annotations = (case.namespace.metadata.annotations if case.namespace else None) or {}
    pairs = (part.partition("=") for part in annotations.get(_NAMESPACE_SELECTOR, "").split(","))
    return {(key.strip(), value.strip()) for key, _, value in pairs}


def _added(given: Labels | None, wanted: Labels | None) -> set[tuple[str, str]]:
    return set((given or {}).items()) - set((wanted or {}).items())
