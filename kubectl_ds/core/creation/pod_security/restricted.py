"""The rules of level restricted, which come on top of baseline's.

Each answers what the pod fails, or None, in the words of the Go function that it names.
"""

from __future__ import annotations

from typing import Any

from kubectl_ds.core.creation.pod_security import baseline
from kubectl_ds.core.creation.pod_security.naming import (
    containers,
    failed,
    named,
    quoted,
    setters,
    using,
)
from kubectl_ds.core.creation.pod_security.pod import Container, Pod
from kubectl_ds.core.facts import SecurityCheck

_VOLUME_TYPES = frozenset(
    (
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "fc",
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "gitRepo",
        "glusterfs",
        "hostPath",
        "iscsi",
        "nfs",
        "photonPersistentDisk",
        "portworxVolume",
        "quobyte",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
    )
)


def allow_privilege_escalation(pod: Pod) -> SecurityCheck | None:
    """Programs may not gain rights (``check_allowPrivilegeEscalation.go``)."""
    names = containers(pod, lambda one: one.context.allow_privilege_escalation is not False)
    if not names:
        return None
    detail = f"{named('container', names)} must set securityContext.allowPrivilegeEscalation=false"
    return failed("allowPrivilegeEscalation != false", detail)


def capabilities(pod: Pod) -> SecurityCheck | None:
    """All are dropped, one may be added back (``check_capabilities_restricted.go``)."""
    details = []
    if keeping := containers(pod, lambda one: "ALL" not in one.context.dropped):
        wanted = 'must set securityContext.capabilities.drop=["ALL"]'
        details.append(f"{named('container', keeping)} {wanted}")
    if adding := containers(pod, _forbidden):
        added = quoted(sorted({name for one in pod.containers for name in _forbidden(one)}))
        unwanted = f"must not include {added} in securityContext.capabilities.add"
        details.append(f"{named('container', adding)} {unwanted}")
    return failed("unrestricted capabilities", "; ".join(details)) if details else None


def _forbidden(container: Container) -> set[str]:
    return set(container.context.added) - {"NET_BIND_SERVICE"}


def volume_types(pod: Pod) -> SecurityCheck | None:
    """Only volumes that are the pod's own or are claimed (``check_restrictedVolumes.go``)."""
    bad = [volume for volume in pod.spec.volumes or () if _restricted(volume)]
    if not bad:
        return None
    kinds = sorted({kind for volume in bad for kind in _restricted(volume)})
    names = [volume.get("name", "") for volume in bad]
    detail = f"{using('volume', names)} {named('restricted volume type', kinds)}"
    return failed("restricted volume types", detail)


def _restricted(volume: dict[str, Any]) -> set[str]:
    return {kind for kind in _VOLUME_TYPES & set(volume) if volume[kind] is not None}


def run_as_non_root(pod: Pod) -> SecurityCheck | None:
    """The pod or each container says that it isn't root (``check_runAsNonRoot.go``)."""
    check = "runAsNonRoot != true"
    if who := setters(pod, lambda context: context.run_as_non_root is False):
        detail = f"{' and '.join(who)} must not set securityContext.runAsNonRoot=false"
        return failed(check, detail)
    silent = containers(pod, lambda one: one.context.run_as_non_root is None)
    if pod.context.run_as_non_root or not silent:
        return None
    detail = f"pod or {named('container', silent)} must set securityContext.runAsNonRoot=true"
    return failed(check, detail)


def run_as_user(pod: Pod) -> SecurityCheck | None:
    """Not by number either (``check_runAsUser.go``)."""
    who = setters(pod, lambda context: context.run_as_user == 0)
    return failed("runAsUser=0", f"{' and '.join(who)} must not set runAsUser=0") if who else None


def seccomp_profile(pod: Pod) -> SecurityCheck | None:
    """The pod or each container has a profile (``check_seccompProfile_restricted.go``)."""
    if off := baseline.seccomp_profile(pod):
        return off
    silent = containers(pod, lambda one: one.context.seccomp_profile is None)
    if pod.context.seccomp_profile or not silent:
        return None
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return failed("seccompProfile", f"pod or {named('container', silent)} {wanted}")
