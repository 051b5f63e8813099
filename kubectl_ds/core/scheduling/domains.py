"""Where the pods are that a term of an inter-pod affinity is about.

A domain is a label of nodes together with one value of it. Source:
``pkg/scheduler/framework/plugins/interpodaffinity/filtering.go`` and, for what a term matches,
``staging/src/k8s.io/kube-scheduler/framework/types.go`` (AffinityTerm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.labels import selector_matches, selector_text, selects
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import LabelSelector, Pod, PodAffinityTerm

Domain = tuple[str, str]

_UNREAD_PODS = "not all pods on the nodes of that domain were read"


class Matches(NamedTuple):
    """In which domains pods are that match.

    Attributes:
        found: for each domain that has one, such pods.
        unsure: domains of which it can't be told whether they have one, and why.
    """

    found: Mapping[Domain, Sequence[Pod]]
    unsure: Mapping[Domain, str]


def matches(terms: Sequence[PodAffinityTerm], namespace: str, fleet: Fleet) -> Matches:
    """Look for pods that match all of some terms.

    Those that are being deleted count, those at their end do not, and neither do pods on nodes
    that no longer exist.

    Args:
        terms: required terms of a pod, all with the label that makes their domains.
        namespace: the namespace of the pod that has the terms.
        fleet: the cluster.
    """
    key = "matches", namespace, msgspec.json.encode(terms)
    return fleet.remembered(key, lambda: _matches(terms, namespace, fleet))


def _matches(terms: Sequence[PodAffinityTerm], namespace: str, fleet: Fleet) -> Matches:
    found: dict[Domain, list[Pod]] = {}
    unsure: dict[Domain, str] = {}
    keys = {term.topology_key for term in terms}
    for node in fleet.nodes.values():
        domains = [(key, node.labels[key]) for key in keys if key in node.labels]
        for pod in fleet.bound.get(node.name, ()) if domains else ():
            answer = match(terms, namespace, pod, fleet)
            for domain in domains if answer else ():
                found.setdefault(domain, []).append(pod)
            if answer is None:
                unsure |= dict.fromkeys(domains, unread_namespace(pod.metadata.namespace))
        if fleet.occupants(node.name) is None:
            unsure |= dict.fromkeys(domains, _UNREAD_PODS)
    return Matches(found, unsure)


def match(terms: Sequence[PodAffinityTerm], namespace: str, pod: Pod, fleet: Fleet) -> bool | None:
    """Whether a pod matches all of some terms; None where that can't be told.

    Args:
        terms: the terms, as the API stores them: with matchLabelKeys merged into the selector.
        namespace: the namespace of the pod that has the terms.
        pod: the one that they may be about.
        fleet: the cluster, for the labels of namespaces.
    """
    if not all(selects(term.label_selector, pod.labels) for term in terms):
        return False
    answers = {_is_about(term, namespace, pod.metadata.namespace, fleet) for term in terms}
    return False if False in answers else None if None in answers else True


def _is_about(term: PodAffinityTerm, own: str, namespace: str, fleet: Fleet) -> bool | None:
    """Whether a term is about pods of a namespace."""
    selector = term.namespace_selector
    names = term.namespaces or ((own,) if selector is None else ())
    if namespace in names or _is_empty(selector):
        return True
    if selector is None:
        return False
    known = fleet.namespaces.get(namespace)
    return selector_matches(selector, known.metadata.labels or {}) if known else None


def _is_empty(selector: LabelSelector | None) -> bool:
    return selector is not None and not (selector.match_labels or selector.match_expressions)


def unread_namespace(name: str) -> str:
    """Why it can't be told whether a term is about a namespace."""
    return f"the labels of namespace {name} were not read"


def domain_of(term: PodAffinityTerm, node: Node) -> Domain | None:
    """A node's domain for a term; None where the node has no such label."""
    value = node.labels.get(term.topology_key)
    return None if value is None else (term.topology_key, value)


def selector_of(term: PodAffinityTerm) -> str:
    """Which pods a term is about, as a label selector."""
    selector = term.label_selector
    return "no selector" if selector is None else selector_text(selector)


def namespaces_of(term: PodAffinityTerm) -> str:
    """The namespaces that a term names or selects; empty where it means the pod's own."""
    names = ", ".join(term.namespaces or ())
    if term.namespace_selector is None:
        return names
    if _is_empty(term.namespace_selector):
        return "all"
    labels = f"with labels {selector_text(term.namespace_selector)}"
    return f"{names} and those {labels}" if names else f"those {labels}"
