"""The filter PodTopologySpread, for constraints with ``whenUnsatisfiable: DoNotSchedule``.

Source: ``pkg/scheduler/framework/plugins/podtopologyspread/{filtering,common}.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

import msgspec

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.labels import selector_text, selects
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.placement import selector_checks, taint_checks
from kubectl_ds.core.pods import LabelSelectorRequirement, Pod, TopologySpreadConstraint
from kubectl_ds.core.scheduling.rivals import expected
from kubectl_ds.core.scheduling.target import Refused, Target


class _Counts(NamedTuple):
    """How many pods match in each domain that counts.

    Attributes:
        seen: of the pods that were read.
        dark: the domains with nodes of which not all pods were read.
    """

    seen: Mapping[str, int]
    dark: Set[str]


def topology_spread(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each constraint that one more pod on the node would break, or whose label it lacks.

    A daemon pod's node affinity names one node, so with ``nodeAffinityPolicy: Honor``, the
    default, no other node counts. Pods of other namespaces and those that are being deleted do
    not count either.
    """
    constraints = [
        _with_label_keys(item, pod)
        for item in pod.spec.topology_spread_constraints or ()
        if item.when_unsatisfiable == "DoNotSchedule"
    ]
    keys = {item.topology_key for item in constraints}
    for constraint in constraints:
        domain = target.node.labels.get(constraint.topology_key)
        if domain is None:
            yield Refused("TopologySpread", _facts(pod, constraint))
        else:
            yield from _judged(pod, constraint, domain, _counts(pod, target, constraint, keys))


def _with_label_keys(constraint: TopologySpreadConstraint, pod: Pod) -> TopologySpreadConstraint:
    """The constraint with its matchLabelKeys in the selector.

    From 1.34 on the API puts them there when the pod is created, before that the scheduler does.
    """
    selector = constraint.label_selector
    if selector is None:
        return constraint
    known = selector.match_expressions or ()
    more = (
        LabelSelectorRequirement(key=key, operator="In", values=(pod.labels[key],))
        for key in constraint.match_label_keys or ()
        if key in pod.labels
    )
    expressions = (*known, *(item for item in more if item not in known))
    merged = msgspec.structs.replace(selector, match_expressions=expressions)
    return msgspec.structs.replace(constraint, label_selector=merged)


def _judged(
    pod: Pod, constraint: TopologySpreadConstraint, domain: str, counts: _Counts
) -> Iterator[Refused | Unread]:
    """What was read may show that the constraint is broken, that it is kept, or neither."""
    seen, dark = counts
    enough = len(seen) >= (constraint.min_domains or 1)
    if enough and seen.keys() == {domain}:
        return  # the domain is compared with itself
    own = seen.get(domain, 0) + selects(constraint.label_selector, pod.labels)
    sure = [number for name, number in seen.items() if name not in dark]
    least = own - (min(sure, default=own) if enough else 0)
    most = own - (min(seen.values()) if enough else 0)
    if least > constraint.max_skew:
        yield Refused("TopologySpread", _facts(pod, constraint, domain, len(seen), least))
    elif domain in dark or most > constraint.max_skew:
        yield Unread(
            what=f"the spread of pods {_selector(constraint)} over {constraint.topology_key}",
            why="not all pods on the nodes that count were read",
        )


def _counts(
    pod: Pod, target: Target, constraint: TopologySpreadConstraint, keys: Set[str]
) -> _Counts:
    """The pods that match: those expected on the node among them, those evicted there not."""
    counts = _of_nodes(pod, target, constraint, keys)
    domain = target.node.labels[constraint.topology_key]
    if domain not in counts.seen:
        return counts
    more = sum(_matches(item, constraint, pod) for item in expected(pod, target))
    more -= _evicted(pod, target, constraint, keys)
    return counts._replace(seen={**counts.seen, domain: counts.seen[domain] + more})


def _evicted(pod: Pod, target: Target, constraint: TopologySpreadConstraint, keys: Set[str]) -> int:
    """How many of the pods that are counted on the node are taken to be evicted."""
    if not (keys <= target.node.labels.keys() and _is_open(pod, target.node, constraint)):
        return 0
    there = target.fleet.bound.get(target.node.name, ())
    leaving = (item for item in there if not target.stays(item))
    return sum(_counts_as_one(item, constraint, pod) for item in leaving)


def _of_nodes(
    pod: Pod, target: Target, constraint: TopologySpreadConstraint, keys: Set[str]
) -> _Counts:
    if constraint.node_affinity_policy != "Ignore":
        checks = selector_checks(pod.spec.node_selector, target.node)
        nodes = [target.node] if all(check.passed for check in checks) else []
        return _counted(pod, target.fleet, nodes, constraint, keys)
    shared = constraint, pod.metadata.namespace, pod.spec.tolerations, sorted(keys)
    everywhere = target.fleet.nodes.values()
    return target.fleet.remembered(
        ("spread", msgspec.json.encode(shared)),
        lambda: _counted(pod, target.fleet, everywhere, constraint, keys),
    )


def _counted(
    pod: Pod,
    fleet: Fleet,
    nodes: Iterable[Node],
    constraint: TopologySpreadConstraint,
    keys: Set[str],
) -> _Counts:
    seen: dict[str, int] = {}
    dark: set[str] = set()
    for node in nodes:
        if keys <= node.labels.keys() and _is_open(pod, node, constraint):
            domain = node.labels[constraint.topology_key]
            there = fleet.bound.get(node.name, ())
            number = sum(_counts_as_one(item, constraint, pod) for item in there)
            seen[domain] = seen.get(domain, 0) + number
            if fleet.occupants(node.name) is None and not _is_empty(constraint):
                dark.add(domain)
    return _Counts(seen, dark)


def _is_open(pod: Pod, node: Node, constraint: TopologySpreadConstraint) -> bool:
    """Whether the constraint counts a node in view of its taints."""
    tolerations = pod.spec.tolerations or ()
    return constraint.node_taints_policy != "Honor" or all(
        check.passed for check in taint_checks(node, tolerations, len(tolerations))
    )


def _counts_as_one(other: Pod, constraint: TopologySpreadConstraint, pod: Pod) -> bool:
    return not other.terminating and _matches(other, constraint, pod)


def _matches(other: Pod, constraint: TopologySpreadConstraint, pod: Pod) -> bool:
    if _is_empty(constraint) or other.metadata.namespace != pod.metadata.namespace:
        return False
    return selects(constraint.label_selector, other.labels)


def _is_empty(constraint: TopologySpreadConstraint) -> bool:
    """Whether the selector is none, or one that asks nothing: then no pod counts."""
    selector = constraint.label_selector
    return selector is None or not (selector.match_labels or selector.match_expressions)


def _facts(
    pod: Pod,
    constraint: TopologySpreadConstraint,
    domain: str | None = None,
    domains: int | None = None,
    skew: int | None = None,
) -> TermFacts:
    return TermFacts(
        pod=pod.name,
        topology_key=constraint.topology_key,
        domain=domain,
        unlabelled=domain is None,
        selector=_selector(constraint),
        max_skew=constraint.max_skew,
        min_domains=constraint.min_domains,
        domains=domains,
        skew=skew,
    )


def _selector(constraint: TopologySpreadConstraint) -> str:
    return selector_text(constraint.label_selector) if constraint.label_selector else "no selector"
