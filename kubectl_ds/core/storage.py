"""Objects of storage, as far as the scheduler's volume filters read them."""

from __future__ import annotations

from kubectl_ds.core.meta import ObjectMeta, Value
from kubectl_ds.core.pods import NodeSelector


class PersistentVolumeClaimSpec(Value, frozen=True):
    access_modes: tuple[str, ...] | None = None
    storage_class_name: str | None = None
    volume_name: str = ""


class PersistentVolumeClaimStatus(Value, frozen=True):
    phase: str = ""


class PersistentVolumeClaim(Value, frozen=True):
    metadata: ObjectMeta
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()


class VolumeNodeAffinity(Value, frozen=True):
    required: NodeSelector | None = None


class PersistentVolumeSpec(Value, frozen=True):
    node_affinity: VolumeNodeAffinity | None = None
    storage_class_name: str = ""


class PersistentVolume(Value, frozen=True):
    metadata: ObjectMeta
    spec: PersistentVolumeSpec = PersistentVolumeSpec()


class TopologyExpression(Value, frozen=True):
    key: str = ""
    values: tuple[str, ...] | None = None


class TopologyTerm(Value, frozen=True):
    match_label_expressions: tuple[TopologyExpression, ...] | None = None


class StorageClass(Value, frozen=True):
    metadata: ObjectMeta
    provisioner: str = ""
    volume_binding_mode: str = ""
    allowed_topologies: tuple[TopologyTerm, ...] | None = None
