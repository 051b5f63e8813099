"""Objects of storage, as far as the scheduler's volume filters read them."""

from __future__ import annotations

from kubectl_ds.core.meta import Labels, ObjectMeta, Quantities, Value
from kubectl_ds.core.pods import (
    InTreeSource,
    LabelSelector,
    NodeSelector,
    ResourceRequirements,
    VolumeSource,
)
from kubectl_ds.core.quantity import Quantity

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_BOUND = "pv.kubernetes.io/bind-completed"
_SELECTED_NODE = "volume.kubernetes.io/selected-node"
_NO_PROVISIONER = "kubernetes.io/no-provisioner"


def _storage_class(meta: ObjectMeta, name: str | None) -> str:
    """The annotation that came before the field still counts more (``GetPersistent…Class``)."""
    return (meta.annotations or {}).get(_BETA_CLASS, name or "")


def _storage(amounts: Quantities | None) -> Quantity:
    return (amounts or {}).get("storage", Quantity(0))


class PersistentVolumeClaimSpec(Value, frozen=True):
    access_modes: tuple[str, ...] | None = None
    resources: ResourceRequirements | None = None
    selector: LabelSelector | None = None
    storage_class_name: str | None = None
    volume_name: str = ""
    volume_mode: str | None = None
    volume_attributes_class_name: str | None = None


class PersistentVolumeClaimStatus(Value, frozen=True):
    phase: str = ""


class PersistentVolumeClaim(Value, frozen=True):
    """A claim.

    What the properties say is as in component-helpers ``storage/volume``: helpers.go and
    pv_helpers.go.
    """

    metadata: ObjectMeta
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()

    @property
    def storage_class(self) -> str:
        """The name of its StorageClass; empty for none."""
        return _storage_class(self.metadata, self.spec.storage_class_name)

    @property
    def bound(self) -> bool:
        """Whether it has a volume for good, and does not just name one."""
        return bool(self.spec.volume_name) and _BOUND in (self.metadata.annotations or {})

    @property
    def selected_node(self) -> str | None:
        """The node that a volume is being made for; None where none was chosen yet."""
        return (self.metadata.annotations or {}).get(_SELECTED_NODE)

    @property
    def storage(self) -> Quantity:
        """How many bytes it asks for."""
        return _storage(self.spec.resources.requests if self.spec.resources else None)


class VolumeNodeAffinity(Value, frozen=True):
    required: NodeSelector | None = None


class ClaimReference(Value, frozen=True):
    namespace: str = ""
    name: str = ""
    uid: str = ""


class PersistentVolumeSpec(InTreeSource, frozen=True):
    access_modes: tuple[str, ...] | None = None
    capacity: Quantities | None = None
    claim_ref: ClaimReference | None = None
    csi: VolumeSource | None = None
    node_affinity: VolumeNodeAffinity | None = None
    storage_class_name: str = ""
    volume_mode: str | None = None
    volume_attributes_class_name: str | None = None


class PersistentVolumeStatus(Value, frozen=True):
    phase: str = ""


class PersistentVolume(Value, frozen=True):
    metadata: ObjectMeta
    spec: PersistentVolumeSpec = PersistentVolumeSpec()
    status: PersistentVolumeStatus = PersistentVolumeStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def labels(self) -> Labels:
        return self.metadata.labels or {}

    @property
    def storage_class(self) -> str:
        """The name of its StorageClass; empty for none."""
        return _storage_class(self.metadata, self.spec.storage_class_name)

    @property
    def storage(self) -> Quantity:
        """How many bytes it has."""
        return _storage(self.spec.capacity)


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

    @property
    def provisions(self) -> bool:
        """Whether volumes are made for it."""
        return self.provisioner not in ("", _NO_PROVISIONER)

    @property
    def waits(self) -> bool:
        """Whether a claim gets its volume only once a pod that uses it is placed."""
        return self.volume_binding_mode == "WaitForFirstConsumer"
