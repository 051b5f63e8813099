"""What pods take up on a node, counted as the scheduler counts it.

Sources: component-helpers ``resource/helpers.go`` (PodRequests, determineEffectiveRequests),
``pkg/scheduler/framework/types.go`` (CalculateResource, Resource.Add),
``pkg/scheduler/framework/plugins/noderesources/fit.go`` (computePodResourceRequest).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import ceil

from kubectl_ds.core.meta import Quantities, condition
from kubectl_ds.core.pods import Container, Pod, PodSpec, ResourceRequirements
from kubectl_ds.core.quantity import BINARY_SI, DECIMAL_SI, Quantity
from kubectl_ds.core.resources import ContainerResources, aggregate, is_pod_level, plus

PODS = "pods"

_PLAIN = ("cpu", "memory", "ephemeral-storage")
_FAMILIES = ("hugepages-", "attachable-volumes-")
_MILLI = Fraction(1, 1000)
_ZERO = Quantity(0)


def requests(pod: Pod) -> Quantities:
    """What a pod that is not bound yet asks of its node, by its spec alone.

    Returns:
        Per resource that the scheduler counts, in its units; one of `PODS` among them.
    """
    return _counted(_total(pod.spec, _by_spec, _level(pod.spec)))


def uses(pod: Pod) -> Quantities:
    """What a pod takes up on its node: while it is resized in place, the most of old and new."""
    states = (*(pod.status.container_statuses or ()), *(pod.status.init_container_statuses or ()))
    known = {state.name: state for state in states if state.resources is not None}

    def current(container: Container) -> Quantities:
        state = known.get(container.name)
        if state is None:
            return _by_spec(container)
        return _resized(pod, _by_spec(container), state.resources, state.allocated_resources)

    return _counted(_total(pod.spec, current, _current_level(pod)))


def in_bytes(resource: str) -> bool:
    """Whether a resource is counted in bytes."""
    return resource in ("memory", "ephemeral-storage") or resource.startswith("hugepages-")


def amount(resource: str, given: Quantities | None) -> Quantity:
    """How much of a resource a list has, in the scheduler's units; a missing one counts as 0."""
    found = (given or {}).get(resource, _ZERO)
    return Quantity(_rounded_up(found.value, resource == "cpu"), found.notation)


@lru_cache(maxsize=4096)  # a fleet has few distinct requests
def _rounded_up(value: Fraction, milli: bool) -> Fraction:
    step = _MILLI if milli else Fraction(1)
    return ceil(value / step) * step


def written(resource: str, value: Fraction) -> str:
    """An amount that was worked out, exactly and in the notation that suits the resource."""
    return str(Quantity(value, BINARY_SI if in_bytes(resource) else DECIMAL_SI))


def _counted(total: Quantities) -> Quantities:
    counted = {name: amount(name, total) for name in total if _is_counted(name)}
    return {**counted, PODS: Quantity(1)}


def _is_counted(name: str) -> bool:
    """Whether the scheduler looks at a resource of that name (IsScalarResourceName)."""
    return name in _PLAIN or "/" in name or name.startswith(_FAMILIES)


def _total(
    spec: PodSpec, requests_of: Callable[[Container], Quantities], level: Quantities
) -> Quantities:
    main = (_part(item, requests_of(item), init=False) for item in spec.containers or ())
    init = (
        _part(item, requests_of(item) if item.sidecar else _by_spec(item), init=True)
        for item in spec.init_containers or ()
    )
    containers = aggregate([(part, part.requests) for part in (*main, *init)])
    return plus({**containers, **level}, spec.overhead or {})


def _part(container: Container, amounts: Quantities, init: bool) -> ContainerResources:
    return ContainerResources(
        name=container.name,
        requests=amounts,
        limits={},
        init=init,
        sidecar=init and container.sidecar,
    )


def _by_spec(container: Container) -> Quantities:
    return (container.resources.requests if container.resources else None) or {}


def _level(spec: PodSpec) -> Quantities:
    """What is requested for the pod as a whole, and replaces the containers' sum."""
    given = (spec.resources.requests if spec.resources else None) or {}
    return {name: given[name] for name in given if is_pod_level(name)}


def _current_level(pod: Pod) -> Quantities:
    level, status = _level(pod.spec), pod.status
    if status.resources is None:
        return level
    resized = _resized(pod, level, status.resources, status.allocated_resources)
    return {name: resized.get(name, _ZERO) for name in level}


def _resized(
    pod: Pod,
    spec: Quantities,
    actual: ResourceRequirements | None,
    allocated: Quantities | None,
) -> Quantities:
    """The most of what is asked for, in force and granted; an infeasible wish does not count."""
    pending = condition(pod.status.conditions, "PodResizePending")
    infeasible = pending is not None and pending.reason == "Infeasible"
    lists = [(actual.requests if actual else None) or {}, allocated or {}]
    lists += [] if infeasible else [spec]
    names = dict.fromkeys(name for each in lists for name in each)
    return {name: max(each.get(name, _ZERO) for each in lists) for name in names}
