"""Evidence on why a pod is not bound.

Where a filter of the scheduler refuses the pod, ``text`` has the scheduler's own words for this
node (empty where only we computed it) and ``message`` the whole of them; ``fits`` says that by the
objects that were read the filter passes by now.
"""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.facts.placement import AffinityFailure
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
    candidates: Annotated[tuple[str, ...], own("the first five of those, by namespace/name")] = ()
    found_none: Annotated[bool, asked("whether the scheduler says that it found none to evict")] = (
        False
    )


class FitsAll(Value, frozen=True):
    request: Annotated[str, own("the highest request that fits wherever the pod waits", "quantity")]
    nodes: Annotated[int, own("on how many nodes the DaemonSet would run then", "nodes")]
    desired: Annotated[int, own("on how many nodes it is wanted", "nodes")]


class RoomFacts(FilterFacts, frozen=True, kw_only=True):
    resource: Annotated[str, asked("the resource that is short; pods, where it is their number")]
    requested: Annotated[str | None, asked("what the pod requests", "quantity")] = None
    defaulted: Annotated[
        bool, asked("whether a LimitRange gave a container that request, and not the template")
    ] = False
    allocatable: Annotated[str | None, own("what the node has in all", "quantity")] = None
    used: Annotated[
        str | None, own("what its pods request already; null where not all were read", "quantity")
    ] = None
    free: Annotated[str | None, own("what is left, less than 0 if overcommitted", "quantity")] = (
        None
    )
    pods: Annotated[int | None, own("how many pods are there", "pods")] = None
    nominated: Annotated[
        int, own("how many more count, for which others are being evicted there", "pods")
    ] = 0
    largest: Annotated[tuple[Consumer, ...], own("the five that request most, most first")] = ()
    preemption: Annotated[Preemption | None, own("whether evicting others would help")] = None
    fits_all: Annotated[FitsAll | None, own("what request would fit everywhere")] = None


class PortHolder(Value, frozen=True):
    port: Annotated[int, asked("the host port")]
    protocol: Annotated[str, asked("its protocol")]
    host_ip: Annotated[str, asked("the address that the pod wants it on; 0.0.0.0 for all")]
    holder: Annotated[str, own("namespace/name of the pod that holds it; empty where unknown")]
    container: Annotated[str, own("that pod's container; empty where unknown")]


class PortFacts(FilterFacts, frozen=True, kw_only=True):
    ports: Annotated[
        tuple[PortHolder, ...],
        asked("each host port that is held, or that was asked for where the holder is unknown"),
    ] = ()


class VolumeFacts(FilterFacts, frozen=True, kw_only=True):
    pod_volume: Annotated[str, asked("the pod's volume that is at fault, or empty")] = ""
    claim: Annotated[
        str, own("namespace/name of its PersistentVolumeClaim; empty where none is named")
    ] = ""
    volume: Annotated[str, own("the PersistentVolume that the claim names, or empty")] = ""
    storage_class: Annotated[str, asked("the claim's StorageClass, or empty")] = ""
    problem: Annotated[
        str,
        asked(
            "missing, notCreated, foreign, deleting, lost, volumeMissing, unbound, classMissing, "
            "pending, selectedNode, noProvisioner, topology, nodeAffinity, zone or inUse; empty "
            "where only the scheduler tells"
        ),
    ] = ""
    wanted: Annotated[str, asked("what the volume or class asks of a node's labels, or empty")] = ""
    failed: Annotated[
        tuple[AffinityFailure, ...], asked("each expression of that which does not hold")
    ] = ()
    selected_node: Annotated[str, own("the node that a volume is being made for, or empty")] = ""
    holder: Annotated[str, own("namespace/name of the pod that uses the claim, or empty")] = ""


class TermFacts(FilterFacts, frozen=True, kw_only=True):
    topology_key: Annotated[str, asked("the topologyKey of the rule, or empty")] = ""
    domain: Annotated[str | None, own("the node's value of it; null where it has none")] = None
    unlabelled: Annotated[bool, asked("whether the node lacks the label, which refuses it")] = False
    selector: Annotated[str, asked("the pods that the rule is about, as a label selector")] = ""
    namespaces: Annotated[
        str, asked("the namespaces of those pods; empty for that of the pod with the rule")
    ] = ""
    holder: Annotated[str, own("namespace/name of the pod that is in the way, or empty")] = ""
    existing: Annotated[bool, asked("whether the rule is that of a pod already there")] = False
    max_skew: Annotated[int | None, asked("maxSkew of a spread constraint", "pods")] = None
    min_domains: Annotated[int | None, asked("its minDomains, or null", "domains")] = None
    domains: Annotated[int | None, own("how many domains it counts", "domains")] = None
    skew: Annotated[int | None, own("what it would be with the pod there", "pods")] = None


class SchedulingFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pending pod")]
    scheduler: Annotated[str, asked("spec.schedulerName")]
    gates: Annotated[tuple[str, ...], asked("spec.schedulingGates")] = ()
    nominated_node: Annotated[str, own("status.nominatedNodeName, or empty")] = ""
    victims: Annotated[
        tuple[str, ...] | None,
        own("pods that are being evicted for it; null where not all pods there were read"),
    ] = ()
    message: Annotated[str, own("message of the PodScheduled condition, or empty")] = ""


class TargetFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that is aimed at the node")]
    exists: Annotated[
        bool, asked("whether there is such a node, and only the scheduler does not know it yet")
    ] = False
