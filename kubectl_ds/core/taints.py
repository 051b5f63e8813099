"""Taints, tolerations, and the tolerations that the DaemonSet controller adds.

Sources: ``staging/src/k8s.io/api/core/v1/toleration.go`` (ToleratesTaint) and
``pkg/controller/daemon/util/daemonset_util.go`` (AddOrUpdateDaemonPodTolerations).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from kubectl_ds.core.model import Taint
from kubectl_ds.core.pods import PodTemplate, Toleration

NO_SCHEDULE = "NoSchedule"
NO_EXECUTE = "NoExecute"
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"

_ALWAYS = (
    (NOT_READY, NO_EXECUTE),
    (UNREACHABLE, NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", NO_SCHEDULE),
)
_HOST_NETWORK = (("node.kubernetes.io/network-unavailable", NO_SCHEDULE),)


class Eviction(NamedTuple):
    """That a taint makes a pod be deleted, so many seconds after it came under it."""

    seconds: int
    taint: Taint


def automatic_tolerations(template: PodTemplate) -> tuple[Toleration, ...]:
    """The tolerations that the controller adds to every pod of the template.

    ``not-ready:NoSchedule`` and ``unreachable:NoSchedule`` are not among them.
    """
    pairs = _ALWAYS + (_HOST_NETWORK if template.spec.host_network else ())
    return tuple(Toleration(key=key, operator="Exists", effect=effect) for key, effect in pairs)


def admitted_tolerations(template: PodTemplate) -> tuple[Toleration, ...]:
    """The tolerations of every pod of the template, in the order in which a pod has them.

    One that the controller adds takes the place of the template's own with the same key,
    operator, effect and value, whose ``tolerationSeconds`` are lost
    (``pkg/apis/core/v1/helper/helpers.go``, AddOrUpdateTolerationInPodSpec).
    """
    automatic = automatic_tolerations(template)
    given = [replace(item, toleration_seconds=None) for item in template.spec.tolerations or ()]
    kept = (
        plain if plain in automatic else item
        for plain, item in zip(given, template.spec.tolerations or (), strict=True)
    )
    return (*kept, *(item for item in automatic if item not in given))


def eviction(tolerations: Sequence[Toleration], taints: Iterable[Taint]) -> Eviction | None:
    """When taints make a pod that tolerates all of them be deleted; None for never.

    Of each NoExecute taint the first toleration counts that fits, of these the shortest.
    Source: ``pkg/controller/tainteviction/taint_eviction.go`` (processPodOnNode,
    getMinTolerationTime).
    """
    picked = (
        (first_toleration(tolerations, taint), taint)
        for taint in taints
        if taint.effect == NO_EXECUTE
    )
    found = [
        Eviction(max(toleration.toleration_seconds, 0), taint)
        for toleration, taint in picked
        if toleration is not None and toleration.toleration_seconds is not None
    ]
    return min(found, key=lambda item: item.seconds, default=None)


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether one toleration tolerates one taint.

    ``Lt`` and ``Gt`` never match: their feature gate (TaintTolerationComparisonOperators) is
    off by default in every version that has it.
    """
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    return toleration.operator == "Exists"


def first_toleration(tolerations: Iterable[Toleration], taint: Taint) -> Toleration | None:
    """The first toleration of the list that tolerates the taint, or None."""
    return next((item for item in tolerations if tolerates(item, taint)), None)


def of_node_health(taint: Taint) -> bool:
    """Whether it is the taint by which Kubernetes itself marks a node as not ready."""
    return taint.key in (NOT_READY, UNREACHABLE)
