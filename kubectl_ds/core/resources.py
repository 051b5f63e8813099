"""What one pod of a template requests once the API server has filled in its defaults.

Sources: ``pkg/apis/core/v1/defaults.go`` (SetDefaults_ResourceList, SetDefaults_Pod),
``plugin/pkg/admission/limitranger/admission.go``, component-helpers ``resource/helpers.go``
(PodRequests, PodLimits), ``pkg/apis/core/v1/helper/qos``.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from kubectl_ds.core.classes import LimitRange, LimitRangeItem
from kubectl_ds.core.meta import Quantities, Value
from kubectl_ds.core.pods import Container, PodSpec, ResourceRequirements
from kubectl_ds.core.quantity import Quantity, milli_value

_ZERO = Quantity(0)
_QOS = ("cpu", "memory")


class ContainerResources(Value, frozen=True):
    """One container's requests and limits after all defaults."""

    name: str
    requests: Quantities
    limits: Quantities
    init: bool
    sidecar: bool


class PodResources(Value, frozen=True):
    """A pod's requests and limits after all defaults.

    Attributes:
        requests: per resource, for the pod as a whole, with overhead.
        limits: likewise.
        containers: those of each container; init containers come last.
        pod_level: whether the template sets resources for the pod as a whole.
        best_effort: whether the pod's QoS class is BestEffort.
    """

    requests: Quantities
    limits: Quantities
    containers: tuple[ContainerResources, ...]
    pod_level: bool
    best_effort: bool


def pod_resources(spec: PodSpec, limit_ranges: Iterable[LimitRange]) -> PodResources:
    """Work out what a pod made from a template requests in a namespace with these LimitRanges.

    The whole pod's own resources are filled in from the containers first, LimitRanges act then.
    """
    main = [_defaulted(item, init=False) for item in spec.containers or ()]
    given = [*main, *(_defaulted(item, init=True) for item in spec.init_containers or ())]
    level = _pod_level(spec.resources, given)
    items = list(_container_items(limit_ranges))
    containers = tuple(_limited(container, items) for container in given)
    requests = {**_aggregate([(c, c.requests) for c in containers]), **(level.requests or {})}
    limits = {**_aggregate([(c, c.limits) for c in containers]), **(level.limits or {})}
    overhead = spec.overhead or {}
    return PodResources(
        requests=_plus(requests, overhead),
        limits=_plus(limits, {name: overhead[name] for name in overhead if limits.get(name)}),
        containers=containers,
        pod_level=bool(level.requests or level.limits),
        best_effort=_best_effort(level if spec.resources else None, containers),
    )


def _defaulted(container: Container, init: bool) -> ContainerResources:
    given = container.resources or ResourceRequirements()
    limits = _rounded(given.limits)
    return ContainerResources(
        name=container.name,
        requests={**limits, **_rounded(given.requests)},
        limits=limits,
        init=init,
        sidecar=init and container.sidecar,
    )


def _limited(container: ContainerResources, items: Iterable[LimitRangeItem]) -> ContainerResources:
    requests, limits = container.requests, container.limits
    for item in items:
        limits = {**_rounded(item.default), **limits}
        requests = {**_rounded(item.default_request), **requests}
    return msgspec.structs.replace(container, requests=requests, limits=limits)


def _container_items(limit_ranges: Iterable[LimitRange]) -> Iterable[LimitRangeItem]:
    for limit_range in limit_ranges:
        for item in limit_range.spec.limits or ():
            if item.type == "Container":
                yield item


def _rounded(quantities: Quantities | None) -> Quantities:
    """The API server rounds each amount up to thousandths."""
    return {
        name: Quantity(Fraction(milli_value(amount), 1000), amount.notation)
        for name, amount in (quantities or {}).items()
    }


def _aggregate(uses: list[tuple[ContainerResources, Quantities]]) -> Quantities:
    names = dict.fromkeys(name for _, amounts in uses for name in amounts)
    return {name: _highest(name, uses) for name in names}


def _highest(name: str, uses: list[tuple[ContainerResources, Quantities]]) -> Quantity:
    """All containers and sidecars together, or an init container beside the sidecars so far."""
    running, sidecars, peak = _ZERO, _ZERO, _ZERO
    for container, amounts in uses:
        amount = amounts.get(name, _ZERO)
        if not container.init:
            running = running + amount
        elif container.sidecar:
            sidecars = sidecars + amount
            peak = max(peak, sidecars)
        else:
            peak = max(peak, amount + sidecars)
    return max(running + sidecars, peak)


def _pod_level(
    resources: ResourceRequirements | None, containers: Iterable[ContainerResources]
) -> ResourceRequirements:
    """What is set for the pod as a whole, with its defaults (KEP-2837; defaultPodRequests)."""
    given = resources or ResourceRequirements()
    limits, requests = _supported(given.limits), _supported(given.requests)
    if limits or requests:
        used = _supported(_aggregate([(c, c.limits) for c in containers]))
        huge = {name: used[name] for name in used if name not in (*_QOS, *requests)}
        limits = {**huge, **limits}
    if limits:
        asked = _supported(_aggregate([(c, c.requests) for c in containers]))
        from_containers = {name: asked[name] for name in asked if name in _QOS}
        requests = {**limits, **from_containers, **requests}
    return ResourceRequirements(requests=requests, limits=limits)


def _supported(quantities: Quantities | None) -> Quantities:
    return {
        name: amount
        for name, amount in _rounded(quantities).items()
        if name in _QOS or name.startswith("hugepages-")
    }


def _plus(amounts: Quantities, more: Quantities) -> Quantities:
    names = dict.fromkeys((*amounts, *more))
    return {name: amounts.get(name, _ZERO) + more.get(name, _ZERO) for name in names}


def _best_effort(
    pod_level: ResourceRequirements | None, containers: Iterable[ContainerResources]
) -> bool:
    if pod_level is not None:
        amounts = [pod_level.requests or {}, pod_level.limits or {}]
    else:
        amounts = [item for c in containers for item in (c.requests, c.limits)]
    return not any(item.get(name, _ZERO) > _ZERO for item in amounts for name in _QOS)
