"""Situations in which each of the rights to read is needed, as a server's objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asking import Situation, of
from serve import Object


def new(version: str, kind: str, name: str, namespace: str = "", **parts: Any) -> Object:
    meta = {"name": name, "uid": f"{kind}/{name}"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": meta, **parts}


def silent(name: str, **spec: Any) -> Situation:
    """A recording of missing pods without the events that tell why; and its template's spec."""
    objects, scope = of(name)
    kept = [item for item in objects if item["kind"] not in ("Event", "Pod")]
    (daemon_set, *_) = [item for item in kept if item["kind"] == "DaemonSet"]
    daemon_set["spec"]["template"]["spec"] |= spec
    account = new("v1", "ServiceAccount", "default", namespace=scope[2])
    return Situation([*kept, account], scope)


def claiming(claim: Object, *more: Object) -> Situation:
    """A pod that waits and has a claim, of which its scheduler has not said anything."""
    objects, scope = of("insufficient_cpu")
    waiting = [x for x in objects if x["kind"] == "Pod" and not x["spec"].get("nodeName")]
    templates = [x["spec"]["template"] for x in objects if x["kind"] == "DaemonSet"]
    for item in (*waiting, *templates):
        source = {"claimName": claim["metadata"]["name"]}
        item["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": source}]
    return Situation([*objects, claim, *more], scope)


def claim(**spec: Any) -> Object:
    made = new("v1", "PersistentVolumeClaim", "data", "default", spec=spec)
    if "volumeName" in spec:
        made["metadata"]["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}
        made["status"] = {"phase": "Bound"}
    return made


def elsewhere() -> Situation:
    """The claim's volume is on another node than the pod waits for."""
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["here"]}]}
    spec = {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}}
    return claiming(claim(volumeName="v"), new("v1", "PersistentVolume", "v", spec=spec))


def unbound() -> Situation:
    """The claim is bound to nothing, and nobody makes it a volume once a pod is there."""
    kind = "kubernetes.io/no-provisioner"
    late = {"provisioner": kind, "volumeBindingMode": "WaitForFirstConsumer"}
    return claiming(
        claim(storageClassName="local"), new("storage.k8s.io/v1", "StorageClass", "local", **late)
    )


def mounting() -> Situation:
    """A pod whose volume can't be mounted, which nothing but an event tells."""
    objects, scope = of("container_failures")
    (pod, *others) = [item for item in objects if item["kind"] == "Pod"]
    kept = [item for item in objects if item not in others and item["kind"] != "Event"]
    for each in pod["status"]["containerStatuses"]:
        each["state"] = {"waiting": {"reason": "ContainerCreating"}}
        each.pop("lastState", None)
    meta = pod["metadata"]
    about = {"kind": "Pod", "name": meta["name"], "namespace": scope[2], "uid": meta["uid"]}
    event = new("v1", "Event", "e", scope[2], involvedObject=about, reason="FailedMount")
    event |= {"type": "Warning", "lastTimestamp": "2026-11-21T07:59:00Z"}
    text = 'MountVolume.SetUp failed for volume "c" : configmap "c" not found'
    return Situation([*kept, event | {"message": text}], scope)


def probing() -> Situation:
    """A probe that names a host, which Pod Security refuses since 1.34."""
    container = {"name": "c", "livenessProbe": {"httpGet": {"host": "x", "port": 80}}}
    objects, scope = silent("pod_security", containers=[container], hostNetwork=False, volumes=[])
    for item in objects:
        if item["kind"] == "Namespace" and item["metadata"]["name"] == scope[2]:
            item["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"
    return Situation(objects, scope)


SITUATIONS: dict[str, Callable[[], Situation]] = {
    "a quota refused pods": lambda: of("quota_pods"),
    "a quota would refuse pods": lambda: silent("quota_pods"),
    "a limit would refuse pods": lambda: silent("limit_range_max"),
    "Pod Security would refuse pods": lambda: silent("pod_security"),
    "there is no such account": lambda: silent("missing_service_account"),
    "there is no such priority": lambda: silent("missing_priority_class"),
    "there is no such runtime": lambda: silent("cordoned", runtimeClassName="kata"),
    "pods were rejected": lambda: of("kubelet_rejects"),
    "a volume can't be mounted": mounting,
    "there is no such scheduler": lambda: of("no_such_scheduler"),
    "a pod does not fit": lambda: of("insufficient_cpu"),
    "there is no such claim": lambda: of("missing_pvc"),
    "a volume is elsewhere": elsewhere,
    "a volume is not to be had": unbound,
    "a rule differs between versions": probing,
    "an older revision stays": lambda: of("on_delete"),
    "all is well": lambda: of("cordoned"),
}
