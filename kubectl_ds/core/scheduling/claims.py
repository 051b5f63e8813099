"""The PersistentVolumeClaims that a pod asks for, and which of them can't be used at all.

Source: ``pkg/scheduler/framework/plugins/volumebinding/volume_binding.go``, podHasPVCs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kubectl_ds.core.facts import VolumeFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod, Volume
from kubectl_ds.core.scheduling.target import Refused
from kubectl_ds.core.storage import PersistentVolumeClaim

CLAIMS = "persistentvolumeclaims"
VOLUMES = "persistentvolumes"
CLASSES = "storageclasses"


class Usable(NamedTuple):
    """A claim that exists and may be used by the pod.

    Attributes:
        pod_volume: the pod's volume that asks for it.
        ephemeral: whether it was made for the pod alone.
        claim: the claim.
    """

    pod_volume: str
    ephemeral: bool
    claim: PersistentVolumeClaim

    def refused(self, pod: Pod, code: str, problem: str, **more: Any) -> Refused:
        """A refusal for the claim's sake; ``more`` are further fields of the evidence."""
        meta, spec = self.claim.metadata, self.claim.spec
        facts = VolumeFacts(
            pod=pod.name,
            pod_volume=self.pod_volume,
            claim=f"{meta.namespace}/{meta.name}",
            volume=spec.volume_name,
            storage_class=self.claim.storage_class,
            problem=problem,
            **more,
        )
        return Refused(code, facts)


def usable(pod: Pod, fleet: Fleet) -> list[Usable]:
    """The pod's claims, each once, less those that `unusable` tells of."""
    found = (
        Usable(volume.name, volume.ephemeral is not None, claim)
        for name, volume in _asked(pod)
        if (claim := fleet.claims.get((pod.metadata.namespace, name)))
        and not _fault(pod, volume, claim)
    )
    return list(found)


def unusable(pod: Pod, fleet: Fleet) -> Iterator[Refused]:
    """A refusal for each claim that does not exist, is lost or going, or is not the pod's own."""
    for name, volume in _asked(pod):
        claim = fleet.claims.get((pod.metadata.namespace, name))
        problem = _fault(pod, volume, claim)
        if problem:
            facts = VolumeFacts(
                pod=pod.name,
                pod_volume=volume.name,
                claim=f"{pod.metadata.namespace}/{name}",
                volume=claim.spec.volume_name if claim else "",
                storage_class=claim.storage_class if claim else "",
                problem=problem,
            )
            yield Refused("VolumeMissing", facts)


def unread(pod: Pod, fleet: Fleet, *kinds: str) -> list[Unread]:
    """Of some kinds those that were not read; none where the pod has no claim."""
    asks = any(_asked(pod))
    there = fleet.cluster.unread_of(pod.metadata.namespace)
    return [item for item in there if asks and item.what in kinds]


def unless_unread(fleet: Fleet, kind: str, refused: Refused) -> list[Refused | Unread]:
    """The refusal; but that a kind was not read, where that is so."""
    unknown = [item for item in fleet.cluster.unread if item.what == kind]
    return [*unknown] or [refused]


def _asked(pod: Pod) -> Iterable[tuple[str, Volume]]:
    """The names of the claims, each with the first volume that asks for it."""
    found: dict[str, Volume] = {}
    for volume in pod.spec.volumes or ():
        if volume.persistent_volume_claim:
            found.setdefault(volume.persistent_volume_claim.claim_name, volume)
        elif volume.ephemeral:
            found.setdefault(f"{pod.name}-{volume.name}", volume)
    return found.items()


def _fault(pod: Pod, volume: Volume, claim: PersistentVolumeClaim | None) -> str:
    """What is wrong with a claim, by the first rule that the scheduler puts to it."""
    if claim is None:
        return "notCreated" if volume.ephemeral else "missing"
    if claim.status.phase == "Lost":
        return "lost"
    if claim.metadata.deletion_timestamp is not None:
        return "deleting"
    owner = claim.metadata.controller
    foreign = volume.ephemeral and (owner is None or owner.uid != pod.metadata.uid)
    return "foreign" if foreign else ""
