"""Which pods belong to a DaemonSet, and which node each of them is for.

Sources: ``pkg/controller/controller_ref_manager.go`` (ClaimObject),
``pkg/controller/daemon/util/daemonset_util.go`` (GetTargetNodeName),
``pkg/controller/daemon/daemon_controller.go`` (getNodesToDaemonPods).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone

from kubectl_ds.core.labels import selector_matches
from kubectl_ds.core.meta import OwnerReference, Value
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.pods import NodeSelectorRequirement, Pod, PodSpec

_ZERO_TIME = datetime.min.replace(tzinfo=timezone.utc)


class Owned(Value, frozen=True):
    """The pods of one DaemonSet.

    Attributes:
        by_node: for each node the pods that are for it, the one that Kubernetes counts first.
        orphans: those of them without an owner, which the controller will adopt.
        unattributable: owned pods that name no node; the controller does not see them.
    """

    by_node: Mapping[str, tuple[Pod, ...]]
    orphans: tuple[str, ...]
    unattributable: tuple[str, ...]


def owned_pods(daemon_set: DaemonSet, pods: Iterable[Pod], up: Iterable[Pod] = ()) -> Owned:
    """Claim pods as the controller does, and group them by their node.

    Pods at their end (Failed, Succeeded) that are being deleted are left out: the controller
    no longer counts them.

    Args:
        daemon_set: the DaemonSet.
        pods: pods of any owner.
        up: more of them, bound and running, that are known to be claimed.
    """
    by_node: dict[str, list[Pod]] = {}
    orphans, unattributable = [], []
    for pod in up:
        by_node.setdefault(pod.spec.node_name, []).append(pod)
        if pod.metadata.controller is None:
            orphans.append(pod.name)
    for pod in pods:
        owner = pod.metadata.controller
        if not _claims(daemon_set, pod, owner):
            continue
        if owner is None:
            orphans.append(pod.name)
        if pod.terminating and pod.terminal:
            continue
        node = target_node(pod.spec)
        if node is None:
            unattributable.append(pod.name)
        else:
            by_node.setdefault(node, []).append(pod)
    return Owned(
        by_node={node: _in_order(group) for node, group in by_node.items()},
        orphans=tuple(sorted(orphans)),
        unattributable=tuple(sorted(unattributable)),
    )


def _in_order(pods: list[Pod]) -> tuple[Pod, ...]:
    """The pods on one node by seniority; nearly always there is but one."""
    return tuple(sorted(pods, key=seniority) if len(pods) > 1 else pods)


def claims(daemon_set: DaemonSet, pod: Pod) -> bool:
    """Whether the controller counts the pod as the DaemonSet's, or will adopt it."""
    return _claims(daemon_set, pod, pod.metadata.controller)


def _claims(daemon_set: DaemonSet, pod: Pod, owner: OwnerReference | None) -> bool:
    if pod.metadata.namespace != daemon_set.namespace:
        return False
    if owner is not None and not is_owner(daemon_set, owner):
        return False
    if not selector_matches(daemon_set.spec.selector, pod.labels):
        return False
    deleting = daemon_set.metadata.deletion_timestamp is not None
    return owner is not None or not (deleting or pod.terminating)


def is_owner(daemon_set: DaemonSet, owner: OwnerReference) -> bool:
    """Whether an owner reference means the DaemonSet: by its uid.

    An object that was saved without its uid is known by kind and name.
    """
    if daemon_set.metadata.uid:
        return owner.uid == daemon_set.metadata.uid
    return (owner.kind, owner.name) == ("DaemonSet", daemon_set.name)


def seniority(pod: Pod) -> tuple[bool, datetime, str]:
    """Order of pods on one node: bound ones first, then the oldest, then by name.

    Source: ``podByCreationTimestampAndPhase``.
    """
    created = pod.metadata.creation_timestamp or _ZERO_TIME
    return not pod.spec.node_name, created, pod.name


def target_node(spec: PodSpec) -> str | None:
    """The node that a pod is bound to or made for; None where it names none.

    A pending daemon pod names its node in the required node affinity, by ``metadata.name``.
    """
    if spec.node_name:
        return spec.node_name
    requirement = next(_name_requirements(spec), None)
    values = requirement.values or () if requirement else ()
    return values[0] if len(values) == 1 else None


def _name_requirements(spec: PodSpec) -> Iterator[NodeSelectorRequirement]:
    node_affinity = spec.affinity.node_affinity if spec.affinity else None
    required = node_affinity.required if node_affinity else None
    for term in (required.node_selector_terms if required else None) or ():
        for requirement in term.match_fields or ():
            if requirement.key == "metadata.name" and requirement.operator == "In":
                yield requirement
