"""Claims, volumes and classes for tests, and pods that use them.

The claim is ``data``, the volume ``pv-1``, the class ``fast``; the pod ``agent-a`` waits for node
a, which is in zone eu-1b.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Condition, Value, decoder
from kubectl_ds.core.model import Cluster, Node, Unread
from kubectl_ds.core.pods import Pod, PodSpec
from kubectl_ds.core.scheduling.target import Refused, target_of
from kubectl_ds.core.scheduling.volume_binding import volume_binding, volume_capacity
from kubectl_ds.core.scheduling.volumes import volume_limits, volume_restrictions, volume_zone
from kubectl_ds.core.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from tests.core.make import NAMESPACE, NOW, cluster, node, pod, pod_spec

Kind = TypeVar("Kind", bound=Value)

ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"
BETA_ZONE = "failure-domain.beta.kubernetes.io/zone"
BETA_REGION = "failure-domain.beta.kubernetes.io/region"
BOUND = {"pv.kubernetes.io/bind-completed": "yes"}
CHOSEN = "volume.kubernetes.io/selected-node"
OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses"

NODE = node("a", labels={ZONE: "eu-1b"})


# Objects as the API has them: claim "data", volume "pv-1", class "fast"


def made(kind: type[Kind], document: Any) -> Kind:
    value: Kind = decoder(kind).decode(msgspec.json.encode(document))
    return value


def claim(
    name: str = "data",
    volume: str | None = None,
    *,
    size: str | None = "1Gi",
    meta: Any = None,
    phase: str = "",
    **spec: Any,
) -> PersistentVolumeClaim:
    """A claim, by default bound where it names a volume."""
    notes = {"annotations": BOUND} if volume else {}
    asked = {"resources": {"requests": {"storage": size}}} if size else {}
    document = {
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": f"uid-{name}", **notes, **(meta or {})},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": volume or "", **asked, **spec},
        "status": {"phase": phase or ("Bound" if volume else "Pending")},
    }  # fmt: skip
    return made(PersistentVolumeClaim, document)


def volume(
    name: str = "pv-1", *, meta: Any = None, phase: str = "Available", **spec: Any
) -> PersistentVolume:
    document = {
        "metadata": {"name": name, **(meta or {})},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            **spec,
        },
        "status": {"phase": phase},
    }
    return made(PersistentVolume, document)


def storage_class(
    provisioner: str = "csi.example.com", mode: str = "WaitForFirstConsumer", **more: Any
) -> StorageClass:
    document = {
        "metadata": {"name": "fast"},
        "provisioner": provisioner,
        "volumeBindingMode": mode,
        **more,
    }
    return made(StorageClass, document)


def only(key: str, *values: str) -> dict[str, Any]:
    """A volume's node affinity."""
    return affinity([{"key": key, "operator": "In", "values": list(values)}])


def affinity(*terms: list[dict[str, Any]], part: str = "matchExpressions") -> dict[str, Any]:
    return {"required": {"nodeSelectorTerms": [{part: expressions} for expressions in terms]}}


def topology(*terms: dict[str, list[str]]) -> list[dict[str, Any]]:
    """``allowedTopologies``."""
    return [
        {"matchLabelExpressions": [{"key": key, "values": names} for key, names in term.items()]}
        for term in terms
    ]


USE: dict[str, Any] = {"persistentVolumeClaim": {"claimName": "data"}}
OWN: dict[str, Any] = {"ephemeral": {"volumeClaimTemplate": {}}}


def waiting(*sources: dict[str, Any], message: str = "", **spec: Any) -> Pod:
    """The pending pod ``agent-a`` for node a, with volumes named v0, v1, …"""
    volumes = [{"name": f"v{place}", **source} for place, source in enumerate(sources)]
    asked = made(PodSpec, {"volumes": volumes, **spec})
    whole = replace(asked, affinity=pod_spec("a", bound=False).affinity)
    state = Condition(type="PodScheduled", status="False", reason="Unschedulable", message=message)
    return pod(spec=whole, bound=False, conditions=(state,) if message else ())


def holding(name: str = "user", on: str = "b", *, claim_name: str = "data", **more: Any) -> Pod:
    """A pod that uses the claim."""
    source = {"persistentVolumeClaim": {"claimName": claim_name}}
    spec = made(PodSpec, {"nodeName": on, "volumes": [{"name": "x", **source}]})
    return pod(name, spec=spec, **more)


def seen(*objects: Value, unread: str = "", **more: Any) -> Cluster:
    """What was read, sorted by kind; of the kinds in ``unread`` nothing is known."""
    kinds = (
        ("claims", PersistentVolumeClaim),
        ("volumes", PersistentVolume),
        ("storage_classes", StorageClass),
    )
    found = {field: tuple(x for x in objects if isinstance(x, kind)) for field, kind in kinds}
    return cluster(
        (),
        [NODE, node("b")],
        [item for item in objects if isinstance(item, Pod)],
        unread=tuple(Unread(what=kind, why="forbidden") for kind in unread.split()),
        **{**found, **more},
    )


# F.1: VolumeRestrictions, NodeVolumeLimits, VolumeBinding (in two parts), VolumeZone
OF_VOLUMES = (volume_restrictions, volume_limits, volume_binding, volume_capacity, volume_zone)


def answers(asked: Pod, around: Cluster, target: Node = NODE) -> list[Refused | Unread]:
    seen_of = target_of(asked, target, Fleet(around))
    return [answer for each in OF_VOLUMES for answer in each(asked, seen_of)]


MINE = {"ownerReferences": [{"kind": "Pod", "name": "agent-a", "uid": "uid-of-agent-a", "controller": True}]}  # fmt: skip
THEIRS = {"ownerReferences": [{"kind": "Pod", "name": "agent-a", "uid": "other", "controller": True}]}  # fmt: skip
GOING = {"deletionTimestamp": NOW.isoformat(), "annotations": BOUND}
WAITS = storage_class()
NOW_OR_NEVER = storage_class(mode="Immediate")
LOCAL = storage_class("kubernetes.io/no-provisioner")
UNSET = storage_class(mode="")
FAST = {"storageClassName": "fast"}
HELD = {"namespace": NAMESPACE, "name": "data"}
HERE, ELSEWHERE = only(ZONE, "eu-1b"), only(ZONE, "eu-1a")
ONE_POD = claim(volume="pv-1", accessModes=["ReadWriteOncePod"])
CSI = {"csi": {"driver": "csi.example.com"}}
