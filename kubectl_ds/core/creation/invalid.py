"""Whether a pod is valid with what the API server fills in for pods only.

The template was valid without. Source: ``pkg/apis/core/validation/validation.go``
(validateResourceRequirements, validatePodResourceConsistency, checkHostPortConflicts); it takes
resources in no order, we sort them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from kubectl_ds.core.meta import Quantities
from kubectl_ds.core.pods import Container, PodSpec
from kubectl_ds.core.quantity import Quantity, parse
from kubectl_ds.core.resources import PodResources

_ZERO = Quantity(0)
_HUGE_PAGES = "hugepages-"
_QOS = {"cpu", "memory"}


def invalid(spec: PodSpec, resources: PodResources) -> list[str]:
    """What makes a pod invalid, in the words of the API server.

    Args:
        spec: the pod's.
        resources: what it requests after all defaults.
    """
    texts: list[str] = []
    for group, init in (("containers", False), ("initContainers", True)):
        members = [item for item in resources.containers if item.init is init]
        for place, item in enumerate(members):
            texts += _faults(f"spec.{group}[{place}].resources", item.requests, item.limits)
    texts += _port_conflicts("spec.containers", spec.containers or (), spec.host_network)
    for container in spec.init_containers or ():
        texts += _port_conflicts("spec.initContainers", (container,), spec.host_network)
    return [*texts, *_invalid_pod(resources)] if resources.pod_level else texts


def _port_conflicts(
    path: str, containers: Iterable[Container], host_network: bool
) -> Iterator[str]:
    """The host's ports that are taken twice.

    On the host's network each port is one of the host's (``defaults.go``, SetDefaults_Pod). Of
    init containers each is looked at by itself, as if it were the first.
    """
    taken = set()
    for place, container in enumerate(containers):
        for number, port in enumerate(container.ports or ()):
            host_port = port.host_port or (port.container_port if host_network else 0)
            name = f"{port.protocol or 'TCP'}/{port.host_ip}/{host_port}"
            if host_port and name in taken:
                yield f'{path}[{place}].ports[{number}].hostPort: Duplicate value: "{name}"'
            taken.add(name)


def _faults(path: str, requests: Quantities, limits: Quantities) -> Iterator[str]:
    """What is wrong with the requests and limits of a container, or of the whole pod."""
    yield from _bad_amounts(f"{path}.limits", limits)
    yield from _bad_amounts(f"{path}.requests", requests)
    yield from _inconsistent(path, requests, limits)
    names = {*requests, *limits}
    if not names & _QOS and any(name.startswith(_HUGE_PAGES) for name in names):
        yield f"{path}: Forbidden: HugePages require cpu or memory"


def _bad_amounts(path: str, amounts: Quantities) -> Iterator[str]:
    for name, amount in sorted(amounts.items()):
        head = f'{path}[{name}]: Invalid value: "{amount}"'
        if amount < _ZERO:
            yield f"{head}: must be greater than or equal to 0"
        if not _is_native(name) and amount.value.denominator != 1:
            yield f"{head}: must be an integer"
        if name.startswith(_HUGE_PAGES) and not _fills_pages(name, amount):
            yield f"{head}: {amount} is not positive integer multiple of {name}"


def _fills_pages(name: str, amount: Quantity) -> bool:
    """Whether it is a multiple of the size in the name (``IsHugePageResourceValueDivisible``)."""
    try:
        size = parse(name.removeprefix(_HUGE_PAGES)).value
    except ValueError:
        return False
    return size > 0 and size.denominator == 1 and ceil(amount.value) % size == 0


def _inconsistent(path: str, requests: Quantities, limits: Quantities) -> Iterator[str]:
    for name, request in sorted(requests.items()):
        limit = limits.get(name)
        value = f'{path}.requests: Invalid value: "{request}": must be'
        if limit is None and not _overcommits(name):
            text = "Limit must be set for non overcommitable resources"
            yield f"{path}.limits: Required value: {text}"
        elif limit is not None and request != limit and not _overcommits(name):
            yield f"{value} equal to {name} limit of {limit}"
        elif limit is not None and request > limit:
            yield f"{value} less than or equal to {name} limit of {limit}"


def _overcommits(name: str) -> bool:
    """Whether a limit may be higher than the request (``helper.IsOvercommitAllowed``)."""
    return _is_native(name) and not name.startswith(_HUGE_PAGES)


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _invalid_pod(resources: PodResources) -> Iterator[str]:
    level, together = resources.level, resources.together
    requests, limits = level.requests or {}, level.limits or {}
    huge = {name: amount for name, amount in limits.items() if name.startswith(_HUGE_PAGES)}
    yield from _faults("spec.resources", requests, limits)
    yield from _too_small("requests", requests, together.requests or {})
    yield from _too_small("limits", huge, together.limits or {})
    main = [item for item in resources.containers if not item.init]
    for place, item in enumerate(main):
        for name, amount in sorted(limits.items()):
            limit = item.limits.get(name, _ZERO)
            if limit > amount:
                path = f"spec.resources.containers[{place}][{name}].limits"
                must = f"must be less than or equal to pod limits of {amount}"
                yield f'{path}: Invalid value: "{limit}": {must}'


def _too_small(side: str, level: Quantities, together: Quantities) -> Iterator[str]:
    """What is set for the whole pod, and is less than its containers add up to."""
    for name, amount in sorted(level.items()):
        needed = together.get(name, _ZERO)
        if needed > amount:
            must = f"must be greater than or equal to aggregate container {side} of {needed}"
            yield f'spec.resources.{side}[{name}]: Invalid value: "{amount}": {must}'
