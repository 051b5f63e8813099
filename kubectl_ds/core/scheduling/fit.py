"""The filter NodeResourcesFit: what the pod asks for, and what the node has left.

Source: ``pkg/scheduler/framework/plugins/noderesources/fit.go`` (Filter, fitsRequest,
shouldDelegateResourceToDRA).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from kubectl_ds.core.facts import Consumer, RoomFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.quantity import Quantity
from kubectl_ds.core.reasons import REASONS
from kubectl_ds.core.scheduling.preemption import preemption
from kubectl_ds.core.scheduling.report import code_for, texts_for_target
from kubectl_ds.core.scheduling.rivals import expected, full_name, priority
from kubectl_ds.core.scheduling.shortage import Load, loads, shortages, size, total
from kubectl_ds.core.scheduling.target import Refused, Target
from kubectl_ds.core.scheduling.usage import PODS, requests, written

DEVICES_SINCE = (1, 36)  # gate DRAExtendedResource, ``pkg/features/kube_features.go``
_LARGEST = 5
_LIMIT_RANGER = "kubernetes.io/limit-ranger"
_NONE = Quantity(0)


def fit(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Every resource that is short; where not all pods were read, what the node's size refuses."""
    taken, said = loads(pod, target), _said(pod)
    for resource in shortages(requests(pod), target.node, taken):
        text = _text(resource)
        elsewhere = _may_be_elsewhere(resource, target.node) and _knows_devices(target.fleet)
        if elsewhere and text not in said and _has_let_through(said):
            continue
        if elsewhere and text not in said:
            why = f"a device of a DeviceClass may stand for {resource}"
            yield Unread(what="DeviceClasses", why=why)
        yield Refused(code_for(text)[0], _room(pod, target, resource, taken))
    if target.pods is None:
        yield Unread(what="room on the node", why="not all pods there were read")


def room(pod: Pod, target: Target, resource: str) -> RoomFacts:
    """What a pod asks of a resource and what is left of it, whether it fits or not.

    Args:
        pod: the pod that waits.
        target: its node.
        resource: the resource; ``pods`` for their number.
    """
    return _room(pod, target, resource, loads(pod, target))


def _room(pod: Pod, target: Target, resource: str, taken: Sequence[Load]) -> RoomFacts:
    asked = requests(pod).get(resource, _NONE)
    whole = size(target.node, resource)
    facts = RoomFacts(
        pod=pod.name,
        resource=resource,
        requested=str(asked),
        defaulted=_is_defaulted(pod, resource),
        allocatable=written(resource, whole),
    )
    if target.pods is None:
        return facts
    used = total(resource, taken)
    fits = bool(asked) and asked.value <= whole - used
    return replace(
        facts,
        used=written(resource, used),
        free=written(resource, whole - used),
        pods=len(target.pods),
        nominated=len(expected(pod, target)),
        largest=_largest(resource, taken),
        preemption=None if fits else preemption(pod, target, taken),
        fits=fits,
    )


def _is_defaulted(pod: Pod, resource: str) -> bool:
    """Whether admission filled the request in, by its note: ``cpu, memory request for …; …``.

    Source: ``plugin/pkg/admission/limitranger/admission.go`` (mergeContainerResources).
    """
    note = (pod.metadata.annotations or {}).get(_LIMIT_RANGER, "").partition("set: ")[2]
    lists = (part.partition(" request for ") for part in note.split("; "))
    return any(container and resource in names.split(", ") for names, _, container in lists)


def _largest(resource: str, taken: Sequence[Load]) -> tuple[Consumer, ...]:
    """The pods that take up most; every pod counts as one of their number."""
    if resource == PODS:
        return ()
    found = [load for load in taken if load.amounts.get(resource)]
    found.sort(key=lambda load: (-load.amounts[resource].value, full_name(load.pod)))
    return tuple(
        Consumer(
            pod=full_name(load.pod),
            request=str(load.amounts[resource]),
            priority=priority(load.pod),
        )
        for load in found[:_LARGEST]
    )


def _text(resource: str) -> str:
    """The scheduler's words for want of a resource."""
    return "Too many pods" if resource == PODS else f"Insufficient {resource}"


def _said(pod: Pod) -> list[str]:
    scheduled = condition(pod.status.conditions, "PodScheduled")
    return texts_for_target(scheduled.message) if scheduled else []


def _may_be_elsewhere(resource: str, node: Node) -> bool:
    """Whether dynamic resource allocation may provide what the node itself has none of."""
    return "/" in resource and size(node, resource) <= 0


def _knows_devices(fleet: Fleet) -> bool:
    version = fleet.cluster.version
    return version is None or version >= DEVICES_SINCE


def asks_for_devices(pod: Pod, node: Node) -> bool:
    """Whether the pod may fit on the node for the sake of a DeviceClass alone, where there is one.

    The scheduler's own word that it does not fit ends that question.
    """
    asked = {name for name, wanted in requests(pod).items() if wanted}
    open_to_it = {_text(name) for name in asked if _may_be_elsewhere(name, node)}
    return not open_to_it <= set(_said(pod))


def _has_let_through(said: Collection[str]) -> bool:
    """Whether the scheduler tells what else is short, or of a filter that comes later."""
    codes = [code_for(text)[0] for text in said]
    return any(code == "ResourceClaim" or REASONS[code].facts is RoomFacts for code in codes)
