"""Why a pod that exists is not bound to its node yet: what the scheduler says of that node.

Sources: ``pkg/scheduler/framework/types.go`` (FitError.Error) and the plugins under
``pkg/scheduler/framework/plugins`` that word each refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from kubectl_ds.core.facts import (
    Facts,
    NodeSelectorFacts,
    SchedulerFacts,
    SchedulingFacts,
    TaintFacts,
    TargetFacts,
)
from kubectl_ds.core.meta import Condition, condition
from kubectl_ds.core.model import Node
from kubectl_ds.core.placement import Check, selector_checks, taint_checks
from kubectl_ds.core.pods import DEFAULT_SCHEDULER, Pod
from kubectl_ds.core.reasons import Reason, Source

_HEAD = re.compile(r"^0/[0-9]+ nodes are available: ")
_TAIL = re.compile(r"(?:^|\. )(?:no new claims|still not sch|preemption: |not found$)|\.$")
_NEXT_ENTRY = re.compile(r", (?=[0-9]+ )")
_ENTRY = re.compile(r"^(?P<count>[0-9]+) (?P<text>.+)$", re.DOTALL)
_OTHER_NODES = re.compile(
    r"didn't satisfy plugin\(s\) \[NodeAffinity\]|filtered out by the prefilter"
)
_SHORT = re.compile(r"^Insufficient (?P<resource>\S+)$")
_RESOURCES = {
    "cpu": "InsufficientCPU",
    "memory": "InsufficientMemory",
    "ephemeral-storage": "InsufficientEphemeralStorage",
}

# What a text holds decides; the first row that fits. The wording of some changed between 1.30
# and 1.36, so each row names the part that all versions share.
_TEXTS: tuple[tuple[str, str], ...] = (
    ("Too many pods", "TooManyPods"),
    ("didn't have free ports", "HostPortConflict"),
    ("untolerated taint", "UntoleratedTaint"),
    ("node(s) were unschedulable", "UntoleratedTaint"),
    ("didn't match Pod's node affinity/selector", "NodeSelectorMismatch"),
    ("already in-use by another pod", "VolumeInUse"),
    ("had no available disk", "VolumeInUse"),
    ("exceed max volume count", "VolumeLimit"),
    ("unbound immediate PersistentVolumeClaims", "VolumeUnbound"),
    ("waiting for ephemeral volume controller", "VolumeUnbound"),
    ("didn't find available persistent volumes to bind", "VolumeUnbound"),
    ("bound to non-existent p", "VolumeMissing"),
    ("bound to non-existent PersistentVolume", "VolumeMissing"),
    ("didn't match PersistentVolume's node affinity", "VolumeNodeAffinity"),
    ("volume node affinity conflict", "VolumeNodeAffinity"),
    ("did not have enough free storage", "VolumeNoCapacity"),
    ("had no available volume zone", "VolumeZone"),
    ("didn't match pod topology spread constraints", "TopologySpread"),
    ("anti-affinity rules", "PodAntiAffinity"),
    ("didn't match pod affinity rules", "PodAffinity"),
    ("allocate all claims", "ResourceClaim"),
    ("cannot fit resource", "ResourceClaim"),
    ("resourceclaim", "ResourceClaim"),
    ("resource claim", "ResourceClaim"),
    ("device class", "ResourceClaim"),
    ("didn't match Pod's required features", "NodeFeature"),
)
_CLAIM_MISSING = re.compile(r'^persistentvolumeclaim "[^"]*" (?:not found|is being deleted)')


def texts_for_target(message: str) -> list[str]:
    """What a scheduler's message says of the one node that a daemon pod may go to.

    Args:
        message: as in the PodScheduled condition: "0/5 nodes are available: 1 …, 4 …. …".

    Returns:
        One text for each refusal; empty where the message only tells of other nodes.
    """
    body = _HEAD.sub("", message)
    tail = _TAIL.search(body)
    body = body[: tail.start()] if tail else body
    entries = _NEXT_ENTRY.split(body)
    texts = [match["text"] if (match := _ENTRY.match(entry)) else entry for entry in entries]
    return [text for text in texts if text and not _OTHER_NODES.search(text)]


def code_for(text: str) -> tuple[str, str]:
    """(code, resource) for one refusal; Unschedulable where the text is not known."""
    short = _SHORT.match(text)
    if short:
        return _RESOURCES.get(short["resource"], "InsufficientResource"), short["resource"]
    if _CLAIM_MISSING.match(text):
        return "VolumeMissing", ""
    return next((code for part, code in _TEXTS if part in text), "Unschedulable"), ""


def pending_reasons(pod: Pod, node: Node | None, schedulers: Collection[str]) -> list[Reason]:
    """Why the pod is not bound.

    Args:
        pod: a live pod without a node.
        node: the one it is made for; None where that no longer exists.
        schedulers: the names of schedulers of which there is a trace.
    """
    if node is None:
        return [Reason("TargetNodeMissing", Source.COMPUTED, TargetFacts(pod=pod.name))]
    scheduled = condition(pod.status.conditions, "PodScheduled")
    if pod.spec.scheduling_gates or (scheduled and scheduled.reason == "SchedulingGated"):
        return [_scheduling("SchedulingGated", pod, scheduled)]
    if scheduled is None or not scheduled.reason:
        return [_not_looked_at(pod, schedulers)]
    if scheduled.reason == "SchedulerError":
        return [_scheduling("SchedulerError", pod, scheduled)]
    return _nominated(pod, scheduled) + _refusals(pod, node, scheduled.message)


def _not_looked_at(pod: Pod, schedulers: Collection[str]) -> Reason:
    name = pod.spec.scheduler_name
    known = name == DEFAULT_SCHEDULER or name in schedulers
    code = "AwaitingScheduler" if known else "SchedulerAbsent"
    return Reason(code, Source.COMPUTED, _scheduling_facts(pod, None))


def _nominated(pod: Pod, scheduled: Condition) -> list[Reason]:
    if not pod.status.nominated_node_name:
        return []
    return [_scheduling("WaitingForPreemption", pod, scheduled)]


def _scheduling(code: str, pod: Pod, scheduled: Condition | None) -> Reason:
    return Reason(code, Source.REPORTED, _scheduling_facts(pod, scheduled))


def _scheduling_facts(pod: Pod, scheduled: Condition | None) -> SchedulingFacts:
    return SchedulingFacts(
        pod=pod.name,
        scheduler=pod.spec.scheduler_name,
        gates=tuple(gate.name for gate in pod.spec.scheduling_gates or ()),
        nominated_node=pod.status.nominated_node_name,
        message=scheduled.message if scheduled else "",
    )


def _refusals(pod: Pod, node: Node, message: str) -> list[Reason]:
    texts = texts_for_target(message)
    if not texts and _OTHER_NODES.search(message):
        return [Reason("TargetNodeMissing", Source.REPORTED, TargetFacts(pod=pod.name))]
    return [reason for text in texts or [message] for reason in _refusal(pod, node, text, message)]


def _refusal(pod: Pod, node: Node, text: str, message: str) -> list[Reason]:
    code, resource = code_for(text)
    if code in _NOT_SHOWN:
        shown = _compared(code, pod, node)
        return shown or [Reason(code, Source.REPORTED, _NOT_SHOWN[code](text))]
    facts = SchedulerFacts(pod=pod.name, text=text, resource=resource, message=message)
    return [Reason(code, Source.REPORTED, facts)]


# The scheduler's word stands where the objects, read later, no longer show what it saw.
_NOT_SHOWN: dict[str, Callable[[str], Facts]] = {
    "UntoleratedTaint": lambda text: TaintFacts(key="", value="", effect="", message=text),
    "NodeSelectorMismatch": lambda text: NodeSelectorFacts(
        key="", wanted="", actual=None, message=text
    ),
}


def _compared(code: str, pod: Pod, node: Node) -> list[Reason]:
    """The same refusal worked out from pod and node, so that both sides can be shown."""
    tolerations = pod.spec.tolerations or ()
    checks: list[Check] = [
        *selector_checks(pod.spec.node_selector, node),
        *taint_checks(node, tolerations, len(tolerations)),
    ]
    failed = [check for check in checks if check.code == code and not check.passed]
    return [Reason(code, Source.REPORTED, check.facts) for check in failed]
