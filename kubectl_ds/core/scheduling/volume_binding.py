"""The filter VolumeBinding: whether the pod's claims have volumes that the node can use.

Sources: ``pkg/scheduler/framework/plugins/volumebinding/binder.go`` (GetPodVolumeClaims,
FindPodVolumes), component-helpers ``storage/volume/pv_helpers.go`` (FindMatchingVolume).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kubectl_ds.core import notation
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.labels import Failure, affinity_failures, selector_matches
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.placement import evidence_of
from kubectl_ds.core.pods import NodeSelectorRequirement, NodeSelectorTerm, Pod
from kubectl_ds.core.scheduling.claims import (
    CLAIMS,
    CLASSES,
    VOLUMES,
    Usable,
    unless_unread,
    unread,
    unusable,
    usable,
)
from kubectl_ds.core.scheduling.target import Refused, Target
from kubectl_ds.core.storage import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    TopologyTerm,
)

_FILESYSTEM = "Filesystem"
_STAND_IN = Unread(
    what="node affinity of in-tree volumes",
    why="where a CSI driver stands in for the disk, other labels count; CSINode, which tells, is "
    "not read",
)
_CAPACITY = Unread(
    what="csistoragecapacities",
    why="not read: that there is no room for a new volume is told by the scheduler alone",
)


def volume_binding(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each claim that has no volume, or one that belongs to other nodes."""
    fleet = target.fleet
    unknown = unread(pod, fleet, CLAIMS)
    yield from unknown
    if unknown:
        return
    yield from unusable(pod, fleet)
    asked = usable(pod, fleet)
    for each in asked:
        yield from (_of_bound if each.claim.bound else _of_unbound)(pod, each, target)
    for each in _without_volume(asked, target):
        yield from _of_new(pod, each, target)


def volume_capacity(pod: Pod, target: Target) -> Iterator[Unread]:
    """VolumeBinding's last question: whether there is room for the volumes to be made.

    Nothing that tells was read, so it is left open for a claim with a size and no volume yet.
    """
    fleet = target.fleet
    yield from unread(pod, fleet, CLAIMS)
    asked = usable(pod, fleet)
    if any(_is_of_unknown_class(each.claim, fleet) for each in asked):
        yield from unread(pod, fleet, CLASSES)
    new = (each for each in _without_volume(asked, target) if not [*_of_new(pod, each, target)])
    if any(each.claim.storage for each in new):
        yield _CAPACITY


def _of_bound(pod: Pod, each: Usable, target: Target) -> Iterable[Refused | Unread]:
    """Whether the claim's volume exists and may be used on the node."""
    volume = target.fleet.volumes.get(each.claim.spec.volume_name)
    if volume is None:
        missing = each.refused(pod, "VolumeMissing", "volumeMissing")
        return unless_unread(target.fleet, VOLUMES, missing)
    if volume.spec.in_tree:
        return [_STAND_IN]
    failures = _failures(volume, target.node)
    if failures is None:
        return []
    sides = _sides(_terms(volume) or (), failures)
    return [each.refused(pod, "VolumeNodeAffinity", "nodeAffinity", **sides)]


def _sides(terms: Sequence[NodeSelectorTerm], failures: Sequence[Failure]) -> dict[str, Any]:
    return {"wanted": notation.terms(terms), "failed": evidence_of(failures)}


def _of_unbound(pod: Pod, each: Usable, target: Target) -> Iterable[Refused | Unread]:
    """Whether the claim should have a volume by now: it must, unless its class waits for pods."""
    claim, fleet = each.claim, target.fleet
    if claim.spec.volume_name:
        return [each.refused(pod, "VolumeUnbound", "pending")]
    if _is_of_unknown_class(claim, fleet):
        missing = each.refused(pod, "VolumeUnbound", "classMissing")
        return unless_unread(fleet, CLASSES, missing)
    waits = _waits(claim, fleet)
    return [] if waits else [each.refused(pod, "VolumeUnbound", "unbound")]


def _is_of_unknown_class(claim: PersistentVolumeClaim, fleet: Fleet) -> bool:
    name = "" if claim.spec.volume_name else claim.storage_class
    return bool(name) and name not in fleet.storage_classes


def _waits(claim: PersistentVolumeClaim, fleet: Fleet) -> bool:
    """Whether the scheduler is to find a volume for the claim, or have one made."""
    storage_class = fleet.storage_classes.get(claim.storage_class)
    return not claim.spec.volume_name and storage_class is not None and storage_class.waits


def _without_volume(asked: Iterable[Usable], target: Target) -> list[Usable]:
    """The claims that the scheduler is to find a volume for, and there is none to bind."""
    waiting = [each for each in asked if _waits(each.claim, target.fleet)]
    free = (each.claim for each in waiting if each.claim.selected_node is None)
    matched = _matched(free, target)
    return [each for each in waiting if each.claim.metadata.name not in matched]


def _of_new(pod: Pod, each: Usable, target: Target) -> Iterable[Refused | Unread]:
    """Whether a volume can be made for the claim on the node."""
    chosen = each.claim.selected_node
    if chosen not in (None, target.node.name):
        return [each.refused(pod, "VolumeUnbound", "selectedNode", selected_node=chosen)]
    refused = _not_made(pod, each, target)
    if refused is None:
        return []
    # A volume that is there already would do, too, as long as none was ordered.
    return [refused] if chosen else unless_unread(target.fleet, VOLUMES, refused)


def _not_made(pod: Pod, each: Usable, target: Target) -> Refused | None:
    storage_class = target.fleet.storage_classes[each.claim.storage_class]
    if not storage_class.provisions:
        return each.refused(pod, "VolumeUnbound", "noProvisioner")
    terms = _topologies(storage_class)
    failures = affinity_failures(terms, target.node.labels, "") if terms else None
    if failures is None:
        return None
    return each.refused(pod, "VolumeUnbound", "topology", **_sides(terms, failures))


def _topologies(storage_class: StorageClass) -> list[NodeSelectorTerm]:
    """``allowedTopologies`` as terms of a node selector (``MatchTopologySelectorTerms``)."""
    return [_term(term) for term in storage_class.allowed_topologies or ()]


def _term(term: TopologyTerm) -> NodeSelectorTerm:
    expressions = (
        NodeSelectorRequirement(key=item.key, operator="In", values=item.values)
        for item in term.match_label_expressions or ()
    )
    return NodeSelectorTerm(match_expressions=tuple(expressions))


def _terms(volume: PersistentVolume) -> Sequence[NodeSelectorTerm] | None:
    affinity = volume.spec.node_affinity
    required = affinity.required if affinity else None
    return None if required is None else required.node_selector_terms or ()


def _failures(volume: PersistentVolume, node: Node) -> list[Failure] | None:
    """What keeps a volume from the node; the node's name is not shown to it."""
    terms = _terms(volume)
    return None if terms is None else affinity_failures(terms, node.labels, "")


def _matched(claims: Iterable[PersistentVolumeClaim], target: Target) -> set[str]:
    """The names of the claims for which there is a volume; the smallest claim chooses first."""
    found: set[str] = set()
    taken: set[str] = set()
    for claim in sorted(claims, key=lambda claim: claim.storage):
        volume = _match(claim, target, taken)
        if volume is not None:
            taken.add(volume.name)
            found.add(claim.metadata.name)
    return found


def _match(
    claim: PersistentVolumeClaim, target: Target, taken: set[str]
) -> PersistentVolume | None:
    """The volume that is reserved for the claim, else the smallest that suits."""
    meta, fleet = claim.metadata, target.fleet
    key = "volumes to bind", meta.namespace, meta.name  # on every node the same ones
    offered = fleet.remembered(key, lambda: _offered(claim, fleet))
    free = [volume for volume in offered if volume.name not in taken]
    reserved = next((volume for volume in free if volume.spec.claim_ref), None)
    candidates = free if reserved is None else [reserved]
    return next((x for x in candidates if _failures(x, target.node) is None), None)


def _offered(claim: PersistentVolumeClaim, fleet: Fleet) -> list[PersistentVolume]:
    """The volumes that the claim may get on some node, the smallest first."""
    found = (
        volume
        for volume in fleet.volumes_of_class.get(claim.storage_class, ())
        if _may_be_bound(claim, volume) and (volume.spec.claim_ref or _suits(claim, volume))
    )
    return sorted(found, key=lambda volume: volume.storage)


def _may_be_bound(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """What must hold of a reserved volume, too."""
    wanted, offered = claim.spec, volume.spec
    return (
        (offered.claim_ref is None or _is_reserved(claim, volume))
        and volume.storage >= claim.storage
        and (wanted.volume_mode or _FILESYSTEM) == (offered.volume_mode or _FILESYSTEM)
        and (wanted.volume_attributes_class_name or "")
        == (offered.volume_attributes_class_name or "")
        and volume.metadata.deletion_timestamp is None
    )


def _is_reserved(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """Whether the volume names the claim (``IsVolumeBoundToClaim``)."""
    held, meta = volume.spec.claim_ref, claim.metadata
    return (
        held is not None
        and (held.namespace, held.name) == (meta.namespace, meta.name)
        and held.uid in ("", meta.uid)
    )


def _suits(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """What must hold of a volume that is not reserved."""
    selector = claim.spec.selector
    return (
        volume.status.phase == "Available"
        and (selector is None or selector_matches(selector, volume.labels))
        and set(claim.spec.access_modes or ()) <= set(volume.spec.access_modes or ())
    )
