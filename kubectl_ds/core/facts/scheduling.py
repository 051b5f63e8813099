"""Evidence on why a pod is not bound.

Where a filter of the scheduler refuses the pod, ``text`` has the scheduler's own words for this
node (empty where only we computed it) and ``message`` the whole of them; ``fits`` says that by the
objects that were read the filter passes by now.
"""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.meta import Value


class FilterFacts(Facts, frozen=True):
    """What the evidence of all filters has in common."""

    pod: Annotated[str, own("the pending pod")]
    text: Annotated[str, asked("the scheduler's words for this node, or empty")] = ""
    message: Annotated[str, own("the scheduler's whole message, or empty")] = ""
    fits: Annotated[bool, asked("whether by what was read the node would take the pod now")] = False


class SchedulerFacts(FilterFacts, frozen=True):
    """A refusal that only the scheduler's words tell."""


class Consumer(Value, frozen=True):
    pod: Annotated[str, own("namespace/name of a pod on the node")]
    request: Annotated[str, own("what it requests", "quantity")]
    priority: Annotated[int, own("its priority")]


class Preemption(Value, frozen=True):
    policy: Annotated[str, asked("the pod's preemptionPolicy")]
    priority: Annotated[int, asked("the pod's priority")]
    lower: Annotated[int, own("how many pods there have a lower priority", "pods")]
    helps: Annotated[bool, asked("whether evicting all of those would make room")]


class FitsAll(Value, frozen=True):
    request: Annotated[str, own("the highest request that fits wherever the pod waits", "quantity")]
    nodes: Annotated[int, own("on how many nodes each pod could run then", "nodes")]


class RoomFacts(FilterFacts, frozen=True, kw_only=True):
    resource: Annotated[str, asked("the resource that is short; pods, where it is their number")]
    requested: Annotated[str | None, asked("what the pod requests", "quantity")] = None
    allocatable: Annotated[str | None, own("what the node has in all", "quantity")] = None
    used: Annotated[
        str | None, own("what its pods request already; null where not all were read", "quantity")
    ] = None
    free: Annotated[str | None, own("what is left, less than 0 if overcommitted", "quantity")] = (
        None
    )
    pods: Annotated[int | None, own("how many pods are there", "pods")] = None
    largest: Annotated[tuple[Consumer, ...], own("the five that request most, most first")] = ()
    preemption: Annotated[Preemption | None, own("whether evicting others would help")] = None
    fits_all: Annotated[FitsAll | None, own("what request would fit everywhere")] = None


class PortHolder(Value, frozen=True):
    port: Annotated[int, asked("the host port")]
    protocol: Annotated[str, asked("its protocol")]
    host_ip: Annotated[str, asked("the address that the pod wants it on; 0.0.0.0 for all")]
    holder: Annotated[str, own("namespace/name of the pod that holds it")]
    container: Annotated[str, own("that pod's container")]


class PortFacts(FilterFacts, frozen=True, kw_only=True):
    ports: Annotated[tuple[PortHolder, ...], asked("each host port that is held")] = ()


class VolumeFacts(FilterFacts, frozen=True, kw_only=True):
    claim: Annotated[str, asked("the PersistentVolumeClaim; empty where none is named")] = ""
    volume: Annotated[str, own("the PersistentVolume it is bound to, or empty")] = ""
    storage_class: Annotated[str, asked("the claim's StorageClass, or empty")] = ""
    problem: Annotated[
        str,
        asked(
            "missing, deleting, lost, unbound, pending, selectedNode, noProvisioner, topology, "
            "volumeMissing, nodeAffinity, zone or inUse; empty where only the scheduler tells"
        ),
    ] = ""
    wanted: Annotated[str, own("what the volume or class asks of a node's labels, or empty")] = ""
    actual: Annotated[str | None, own("the node's side of it; null where there is none")] = None
    holder: Annotated[str, own("namespace/name of the pod that uses the claim, or empty")] = ""


class TermFacts(FilterFacts, frozen=True, kw_only=True):
    topology_key: Annotated[str, asked("the term's topologyKey, or empty")] = ""
    domain: Annotated[str | None, own("the node's value of it; null where it has none")] = None
    selector: Annotated[str, asked("the pods that the term is about, as a label selector")] = ""
    holder: Annotated[str, own("namespace/name of the pod that keeps its distance, or empty")] = ""
    existing: Annotated[bool, asked("whether the term is that of a pod already there")] = False
    max_skew: Annotated[int | None, asked("maxSkew of a spread constraint", "pods")] = None
    skew: Annotated[int | None, own("what it would be with the pod there", "pods")] = None


class SchedulingFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pending pod")]
    scheduler: Annotated[str, asked("spec.schedulerName")]
    gates: Annotated[tuple[str, ...], asked("spec.schedulingGates")] = ()
    nominated_node: Annotated[str, own("status.nominatedNodeName, or empty")] = ""
    victims: Annotated[tuple[str, ...], own("pods that are being evicted for it")] = ()
    message: Annotated[str, own("message of the PodScheduled condition, or empty")] = ""


class TargetFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that is aimed at the node")]
