"""Pending: what the scheduler's filters on volumes refuse the pod's one node for."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import Entry

_POD = "agent-x7k2p"
_PLUGINS = "scheduler: pkg/scheduler/framework/plugins"
_BINDING = f"{_PLUGINS}/volumebinding/binder.go"
_CLAIMS = "kubectl get pvc -n NAMESPACE"
_CLAIM = "kubectl describe pvc CLAIM -n NAMESPACE"
_VOLUME = "kubectl describe pv VOLUME"
_SHARED = (
    "All pods of a DaemonSet share a claim that its template names; a generic ephemeral volume "
    "gives each pod its own."
)

_ZONE = "topology.kubernetes.io/zone"
_FAILED = (
    f.AffinityFailure(
        term=0, key=_ZONE, operator="In", values=("eu-1a",), actual="eu-1c", problem=None
    ),
)

ENTRIES = {
    "VolumeMissing": Entry(
        how="A PersistentVolumeClaim of the pod does not exist or is being deleted, or the "
        "PersistentVolume that it was bound to is gone (phase Lost).",
        source=f"{_PLUGINS}/volumebinding/volume_binding.go (PreFilter)",
        look=(
            _CLAIMS,
            "kubectl get pv",
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text='persistentvolumeclaim "buffer" not found',
            pod_volume="buffer",
            claim="logging/buffer",
            problem="missing",
        ),
    ),
    "VolumeUnbound": Entry(
        how="A claim of a class with binding mode Immediate must be bound before the scheduler "
        "looks at any node. With WaitForFirstConsumer this node needs a volume that fits, or a "
        "provisioner that may make one there.",
        source=_BINDING,
        look=(
            _CLAIM,
            "kubectl get storageclasses",
            "kubectl get pv",
            "The claim's events are those of its provisioner.",
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text="pod has unbound immediate PersistentVolumeClaims",
            pod_volume="buffer",
            claim="logging/buffer",
            storage_class="fast",
            problem="unbound",
        ),
    ),
    "VolumeInUse": Entry(
        how="A claim with access mode ReadWriteOncePod serves one pod in the whole cluster, so of "
        "a DaemonSet only one node gets it. A disk that the pod names itself (GCE, AWS, iSCSI, "
        "RBD) is refused where a pod on the node has it already, unless both only read.",
        source=f"{_PLUGINS}/volumerestrictions/volume_restrictions.go",
        look=(
            _CLAIM,
            '"Used By" names the pods.',
            _SHARED,
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text="node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access "
            "mode already in-use by another pod",
            pod_volume="buffer",
            claim="logging/buffer",
            problem="inUse",
            holder="logging/agent-4zq8v",
        ),
    ),
    "VolumeLimit": Entry(
        how="For each CSI driver the CSINode object says how many volumes can be attached to the "
        "node. Those of its pods and those still attached count.",
        source=f"{_PLUGINS}/nodevolumelimits/csi.go",
        look=(
            "kubectl get csinode NODE -o yaml",
            "kubectl get volumeattachments",
        ),
        example=f.VolumeFacts(pod=_POD, text="node(s) exceed max volume count"),
    ),
    "VolumeNodeAffinity": Entry(
        how="The PersistentVolume that the claim is bound to can be used on certain nodes alone, "
        "by its spec.nodeAffinity: a local disk on its node, a cloud's disk in its zone.",
        source=_BINDING,
        look=(
            _CLAIM,
            _VOLUME,
            "kubectl get node NODE --show-labels",
            _SHARED,
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text="node(s) didn't match PersistentVolume's node affinity",
            pod_volume="buffer",
            claim="logging/buffer",
            volume="pvc-3d0f",
            problem="nodeAffinity",
            wanted=f"{_ZONE} In (eu-1a)",
            failed=_FAILED,
        ),
    ),
    "VolumeZone": Entry(
        how="The PersistentVolume has a label of a zone or region, and the node's label of the "
        "same key is not among its values.",
        source=f"{_PLUGINS}/volumezone/volume_zone.go",
        look=(
            _CLAIM,
            _VOLUME,
            f"kubectl get nodes -L {_ZONE}",
            _SHARED,
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text="node(s) had no available volume zone",
            pod_volume="buffer",
            claim="logging/buffer",
            volume="pvc-3d0f",
            problem="zone",
            wanted=f"{_ZONE} In (eu-1a)",
            failed=_FAILED,
        ),
    ),
    "VolumeNoCapacity": Entry(
        how="The CSI driver reports its capacity (CSIDriver.spec.storageCapacity), and no "
        "CSIStorageCapacity that reaches this node has enough for the volume that is to be made.",
        source=_BINDING,
        look=(
            _CLAIM,
            "kubectl get csistoragecapacities -A",
        ),
        example=f.VolumeFacts(
            pod=_POD,
            text="node(s) did not have enough free storage",
            pod_volume="buffer",
            claim="logging/buffer",
            storage_class="local-lvm",
        ),
    ),
}
