"""The filter InterPodAffinity: pods that must be near others, and pods that keep their distance.

Source: ``pkg/scheduler/framework/plugins/interpodaffinity/filtering.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Unread
from kubectl_ds.core.not_modelled import ELSEWHERE
from kubectl_ds.core.pods import Pod, PodAffinityTerm
from kubectl_ds.core.scheduling.domains import (
    Domain,
    Matches,
    domain_of,
    match,
    matches,
    namespaces_of,
    selector_of,
    unread_namespace,
)
from kubectl_ds.core.scheduling.rivals import expected, full_name
from kubectl_ds.core.scheduling.target import Refused, Target

Holders = Mapping[Domain, Sequence[tuple[PodAffinityTerm, Sequence[Pod]]]]


def pod_affinity(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each term of the pod's required affinity that the node does not meet (satisfyPodAffinity).

    The node must have every topologyKey, and in each of those domains there must be a pod that
    matches all terms at once. Where no pod anywhere does, one that matches its own terms passes.
    """
    terms = _near(pod)
    if not terms:
        return
    found = matches(terms, pod.metadata.namespace, target.fleet)
    first = _is_first(pod, terms, found, target)
    for term in terms:
        domain = domain_of(term, target.node)
        if domain is None:
            yield Refused("PodAffinity", _facts(pod, term, target))
        elif target.one_of(found.found.get(domain, ())) or first:
            continue
        elif domain in found.unsure or first is None:
            why = found.unsure.get(domain) or next(iter(found.unsure.values()), "")
            yield _unread("affinity", term, why or unread_namespace(pod.metadata.namespace))
        else:
            yield Refused("PodAffinity", _facts(pod, term, target))


def _is_first(
    pod: Pod, terms: Sequence[PodAffinityTerm], found: Matches, target: Target
) -> bool | None:
    """Whether the pod is the first of its kind; None where that can't be told."""
    of_its_kind = match(terms, pod.metadata.namespace, pod, target.fleet)
    if of_its_kind is False or any(map(target.one_of, found.found.values())):
        return False
    return None if of_its_kind is None or found.unsure else True


def pod_anti_affinity(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each term of the pod's required anti-affinity that a pod there matches.

    Source: satisfyPodAntiAffinity.
    """
    for term in _apart(pod):
        domain = domain_of(term, target.node)
        if domain is None:
            continue
        found = matches([term], pod.metadata.namespace, target.fleet)
        ahead = {
            match([term], pod.metadata.namespace, item, target.fleet): item
            for item in expected(pod, target)
        }
        holder = target.one_of(found.found.get(domain, ())) or ahead.get(True)
        if holder:
            yield Refused("PodAntiAffinity", _facts(pod, term, target, holder))
        elif domain in found.unsure:
            yield _unread("anti-affinity", term, found.unsure[domain])
        elif None in ahead:
            yield _unread("anti-affinity", term, unread_namespace(ahead[None].metadata.namespace))


def existing_anti_affinity(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each required anti-affinity by which pods that are there keep the pod away.

    Of pods of one namespace with the same term one is named. Source:
    satisfyExistingPodsAntiAffinity.
    """
    for holder, term in _keeping_away(pod, target):
        answer = match([term], holder.metadata.namespace, pod, target.fleet)
        if answer:
            facts = _facts(pod, term, target, holder, existing=True)
            yield Refused("PodAntiAffinity", facts)
        elif answer is None:
            yield Unread(
                what=f"the anti-affinity of pod {full_name(holder)}",
                why=unread_namespace(pod.metadata.namespace),
            )
    if target.fleet.remembered("dark", lambda: _is_dark(target.fleet)):
        yield ELSEWHERE


def _keeping_away(pod: Pod, target: Target) -> Iterator[tuple[Pod, PodAffinityTerm]]:
    """The pods with a required anti-affinity within a domain of the node, and its terms."""
    holders = target.fleet.remembered("holders", lambda: _holders(target.fleet))
    for domain in target.node.labels.items():
        for term, pods in holders.get(domain, ()):
            holder = target.one_of(pods)
            if holder:
                yield holder, term
    for item in expected(pod, target):
        yield from ((item, term) for term in _apart(item) if domain_of(term, target.node))


def _holders(fleet: Fleet) -> Holders:
    """For each domain the terms, each with its pods of one namespace."""
    found: dict[Domain, dict[tuple[str, bytes], tuple[PodAffinityTerm, list[Pod]]]] = {}
    for node in fleet.nodes.values():
        for pod in fleet.bound.get(node.name, ()):
            for term in _apart(pod):
                domain = domain_of(term, node)
                if domain is not None:
                    rule = pod.metadata.namespace, msgspec.json.encode(term)
                    found.setdefault(domain, {}).setdefault(rule, (term, []))[1].append(pod)
    return {domain: tuple(rules.values()) for domain, rules in found.items()}


def _is_dark(fleet: Fleet) -> bool:
    return any(fleet.occupants(name) is None for name in fleet.nodes)


def _near(pod: Pod) -> tuple[PodAffinityTerm, ...]:
    rules = pod.spec.affinity.pod_affinity if pod.spec.affinity else None
    return (rules.required if rules else None) or ()


def _apart(pod: Pod) -> tuple[PodAffinityTerm, ...]:
    rules = pod.spec.affinity.pod_anti_affinity if pod.spec.affinity else None
    return (rules.required if rules else None) or ()


def _facts(
    pod: Pod,
    term: PodAffinityTerm,
    target: Target,
    holder: Pod | None = None,
    existing: bool = False,
) -> TermFacts:
    domain = target.node.labels.get(term.topology_key)
    return TermFacts(
        pod=pod.name,
        topology_key=term.topology_key,
        domain=domain,
        unlabelled=domain is None,
        selector=selector_of(term),
        namespaces=namespaces_of(term),
        holder=full_name(holder) if holder else "",
        existing=existing,
    )


def _unread(rule: str, term: PodAffinityTerm, why: str) -> Unread:
    return Unread(what=f"{rule} to pods {selector_of(term)} within {term.topology_key}", why=why)
