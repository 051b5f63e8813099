"""The filters on volumes beside VolumeBinding, and what all of them let pass by now.

Sources: ``pkg/scheduler/framework/plugins/{volumerestrictions,nodevolumelimits,volumezone}``.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core import notation
from kubectl_ds.core.facts import AffinityFailure, VolumeFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import NodeSelectorRequirement, NodeSelectorTerm, Pod, Volume
from kubectl_ds.core.scheduling.claims import CLAIMS, CLASSES, VOLUMES, Usable, unread, usable
from kubectl_ds.core.scheduling.target import Filter, Refused, Target
from kubectl_ds.core.scheduling.volume_binding import volume_binding, volume_capacity
from kubectl_ds.core.storage import PersistentVolume

_ONE_POD = "ReadWriteOncePod"
_BETA = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
}
_ZONES = (*_BETA, *_BETA.values())
_SHARED_DISKS = Unread(
    what="disks that pods name themselves",
    why="whether another pod on the node has the same disk is not modelled",
)
_LIMITS = Unread(
    what="csinodes",
    why="not read: that a node can't attach more volumes is told by the scheduler alone",
)


def volume_restrictions(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each claim for one pod at a time that another pod uses, on whatever node."""
    fleet = target.fleet
    if any(_is_disk(volume) for volume in pod.spec.volumes or ()):
        yield _SHARED_DISKS
    yield from unread(pod, fleet, CLAIMS)
    for each in usable(pod, fleet):
        if not each.ephemeral and _ONE_POD in (each.claim.spec.access_modes or ()):
            yield from _of_use(pod, each, target)


def _is_disk(volume: Volume) -> bool:
    """Whether the volume is a disk that only one pod on a node may write to."""
    disks = volume.gce_persistent_disk, volume.aws_elastic_block_store, volume.iscsi, volume.rbd
    return any(disks)


def _of_use(pod: Pod, each: Usable, target: Target) -> Iterator[Refused | Unread]:
    meta, cluster = each.claim.metadata, target.fleet.cluster
    holder = target.fleet.claim_users.get((meta.namespace, meta.name))
    if holder is not None and target.stays(holder):
        name = f"{holder.metadata.namespace}/{holder.name}"
        yield each.refused(pod, "VolumeInUse", "inUse", holder=name)
    elif cluster.occupants_of is not None or cluster.crowds:
        yield Unread(
            what=f"pods that use PersistentVolumeClaim {meta.namespace}/{meta.name}",
            why="not all pods of the namespace were read",
        )


def volume_limits(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """NodeVolumeLimits: how many volumes a driver may attach was not read.

    So it is left open for a pod with a volume that a driver attaches.
    """
    fleet = target.fleet
    yield from unread(pod, fleet, CLAIMS)
    disks = any(volume.in_tree for volume in pod.spec.volumes or ())
    if disks or any(_may_be_attached(pod, each, fleet) for each in usable(pod, fleet)):
        yield _LIMITS


def _may_be_attached(pod: Pod, each: Usable, fleet: Fleet) -> bool:
    """Whether a CSI driver attaches the claim's volume, by what is known of it."""
    name = each.claim.spec.volume_name
    volume = fleet.volumes.get(name)
    if volume is not None:
        return volume.spec.csi is not None or volume.spec.in_tree
    if name and unread(pod, fleet, VOLUMES):
        return True
    storage_class = fleet.storage_classes.get(each.claim.storage_class)
    if storage_class is not None:
        return storage_class.provisions
    return bool(each.claim.storage_class and unread(pod, fleet, CLASSES))


def volume_zone(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Each volume whose zone or region labels do not have the node's zone or region."""
    fleet, node = target.fleet, target.node
    if not any(key in node.labels for key in _ZONES):
        return  # a cluster without zones
    yield from unread(pod, fleet, CLAIMS)
    named = [x for x in usable(pod, fleet) if x.claim.spec.volume_name and not x.ephemeral]
    if named:
        yield from unread(pod, fleet, VOLUMES)
    for each in named:
        volume = fleet.volumes.get(each.claim.spec.volume_name)
        failed = _other_zones(volume, node) if volume else ()
        if failed:
            wanted = notation.term(_term(failed))
            yield each.refused(pod, "VolumeZone", "zone", wanted=wanted, failed=failed)


def _other_zones(volume: PersistentVolume, node: Node) -> tuple[AffinityFailure, ...]:
    failures = (
        AffinityFailure(term=0, key=key, operator="In", values=zones, actual=actual, problem=None)
        for key in _ZONES
        if (zones := _zones(volume.labels.get(key, "")))
        and (actual := node.labels.get(key, node.labels.get(_BETA.get(key, key)))) not in zones
    )
    return tuple(failures)


def _zones(value: str) -> tuple[str, ...]:
    """The names in a label such as ``a__b``; none where one is empty: then the label is ignored."""
    names = tuple(value.split("__"))
    return names if all(names) else ()


def _term(failed: tuple[AffinityFailure, ...]) -> NodeSelectorTerm:
    expressions = (
        NodeSelectorRequirement(key=item.key, operator=item.operator, values=item.values)
        for item in failed
    )
    return NodeSelectorTerm(match_expressions=tuple(expressions))


def freed_volumes(pod: Pod, target: Target, code: str) -> VolumeFacts:
    """Evidence for a code that only the scheduler tells: whether the filter passes by now.

    It is said to do so where it refuses nothing and leaves nothing open.
    """
    return VolumeFacts(pod=pod.name, fits=not any(_BY_CODE[code](pod, target)))


_BY_CODE: dict[str, Filter] = {
    "VolumeMissing": volume_binding,
    "VolumeUnbound": volume_binding,
    "VolumeInUse": volume_restrictions,
    "VolumeLimit": volume_limits,
    "VolumeNodeAffinity": volume_binding,
    "VolumeZone": volume_zone,
    "VolumeNoCapacity": volume_capacity,
}
