"""What the scheduler says of a node, taken apart.

Sources: ``pkg/scheduler/framework/types.go`` (FitError.Error) and the plugins under
``pkg/scheduler/framework/plugins`` that word each refusal.
"""

from __future__ import annotations

import re

_HEAD = re.compile(r"^0/[0-9]+ nodes are available: ")
_TAIL = re.compile(r"(?:^|\. )(?:no new claims|still not sch|preemption: |not found$)|\.$")
_NEXT_ENTRY = re.compile(r", (?=[0-9]+ )")
_ENTRY = re.compile(r"^(?P<count>[0-9]+) (?P<text>.+)$", re.DOTALL)
_OTHER_NODES = re.compile(
    r"didn't satisfy plugin\(s\) \[[^]]*\bNodeAffinity\b[^]]*\](?! simultaneously)"
    r"|filtered out by the prefilter"
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
    ("waiting for ephemeral volume controller", "VolumeMissing"),
    ("(pod is not owner)", "VolumeMissing"),
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
_CLAIM_MISSING = re.compile(r'^persistentvolume(?:claim)? "[^"]*" (?:not found|is being deleted)')


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


def tells_only_of_others(message: str) -> bool:
    """Whether the scheduler looked at other nodes alone: it does not know the one in question."""
    return not texts_for_target(message) and _OTHER_NODES.search(message) is not None


def code_for(text: str) -> tuple[str, str]:
    """(code, resource) for one refusal; Unschedulable where the text is not known."""
    short = _SHORT.match(text)
    if short:
        return _RESOURCES.get(short["resource"], "InsufficientResource"), short["resource"]
    if _CLAIM_MISSING.match(text):
        return "VolumeMissing", ""
    return next((code for part, code in _TEXTS if part in text), "Unschedulable"), ""
