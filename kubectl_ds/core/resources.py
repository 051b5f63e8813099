"""What one pod of a template requests once the API server has filled in its defaults.

Sources: ``pkg/apis/core/v1/defaults.go`` (SetDefaults_ResourceList, SetDefaults_Pod),
``plugin/pkg/admission/limitranger/admission.go``, component-helpers ``resource/helpers.go``
(PodRequests, PodLimits), ``pkg/apis/core/v1/helper/qos``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        together: what the containers add up to, without overhead.
        level: what is set for the pod as a whole; it counts in place of what they add up to.
        best_effort: whether the pod's QoS class is BestEffort.
    """

    requests: Quantities
    limits: Quantities
    containers: tuple[ContainerResources, ...]
    together: ResourceRequirements
    level: ResourceRequirements
    best_effort: bool

    @property
    def pod_level(self) -> bool:
        """Whether the template sets resources for the pod as a whole."""
        return bool(self.level.requests or self.level.limits)


def pod_resources(spec: PodSpec, limit_ranges: Iterable[LimitRange]) -> PodResources:
    """Work out what a pod made from a template requests in a namespace with these LimitRanges.

    The whole pod's own resources are filled in from the containers first, LimitRanges act then.
    """
    main = [_defaulted(item, init=False) for item in spec.containers or ()]
    given = [*main, *(_defaulted(item, init=True) for item in spec.init_containers or ())]
    level = _pod_level(spec.resources, given)
    items = list(_container_items(limit_ranges))
    containers = tuple(_limited(container, items) for container in given)
    together = _together(containers)
    requests = {**(together.requests or {}), **(level.requests or {})}
    limits = {**(together.limits or {}), **(level.limits or {})}
    overhead = rounded(spec.overhead)
    return PodResources(
        requests=plus(requests, overhead),
        limits=plus(limits, {name: overhead[name] for name in overhead if limits.get(name)}),
        containers=containers,
        together=together,
        level=level,
        best_effort=_best_effort(level if spec.resources else None, containers),
    )


def _defaulted(container: Container, init: bool) -> ContainerResources:
    given = container.resources or ResourceRequirements()
    limits = rounded(given.limits)
    return ContainerResources(
        name=container.name,
        requests={**limits, **rounded(given.requests)},
        limits=limits,
        init=init,
        sidecar=init and container.sidecar,
    )


def _limited(container: ContainerResources, items: Iterable[LimitRangeItem]) -> ContainerResources:
    """Fill in what a container lacks, from items with their own defaults filled in.

    An object of the API has them (SetDefaults_LimitRangeItem), a saved manifest need not.
    """
    requests, limits = container.requests, container.limits
    for item in items:
        default = {**rounded(item.max), **rounded(item.default)}
        default_request = {**rounded(item.min), **default, **rounded(item.default_request)}
        limits = {**default, **limits}
        requests = {**default_request, **requests}
    return msgspec.structs.replace(container, requests=requests, limits=limits)


def _container_items(limit_ranges: Iterable[LimitRange]) -> Iterable[LimitRangeItem]:
    for limit_range in limit_ranges:
        for item in limit_range.spec.limits or ():
            if item.type == "Container":
                yield item


def rounded(quantities: Quantities | None) -> Quantities:
    """The API server rounds each amount up to thousandths."""
    return {
        name: Quantity(Fraction(milli_value(amount), 1000), amount.notation)
        for name, amount in (quantities or {}).items()
    }


def _together(containers: Sequence[ContainerResources]) -> ResourceRequirements:
    return ResourceRequirements(
        requests=aggregate([(c, c.requests) for c in containers]),
        limits=aggregate([(c, c.limits) for c in containers]),
    )


def aggregate(uses: list[tuple[ContainerResources, Quantities]]) -> Quantities:
    """What a pod's containers need at once, of each resource (AggregateContainerRequests).

    Args:
        uses: every container with what it needs by itself, init containers in their order.
    """
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
        used = _supported(aggregate([(c, c.limits) for c in containers]))
        huge = {name: used[name] for name in used if name not in (*_QOS, *requests)}
        limits = {**huge, **limits}
    if limits:
        asked = _supported(aggregate([(c, c.requests) for c in containers]))
        from_containers = {name: asked[name] for name in asked if name in _QOS}
        requests = {**limits, **from_containers, **requests}
    return ResourceRequirements(requests=requests, limits=limits)


def _supported(quantities: Quantities | None) -> Quantities:
    return {name: amount for name, amount in rounded(quantities).items() if is_pod_level(name)}


def is_pod_level(name: str) -> bool:
    """Whether a resource can be set for a pod as a whole (IsSupportedPodLevelResource)."""
    return name in _QOS or name.startswith("hugepages-")


def plus(amounts: Quantities, more: Quantities) -> Quantities:
    """Two lists added up."""
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
