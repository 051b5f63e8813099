"""All filters, in the scheduler's order.

Source: ``pkg/scheduler/apis/config/v1/default_plugins.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.affinity import (
    existing_anti_affinity,
    pod_affinity,
    pod_anti_affinity,
)
from kubectl_ds.core.scheduling.devices import dynamic_resources
from kubectl_ds.core.scheduling.fit import fit
from kubectl_ds.core.scheduling.node_selection import node_selector, taint_toleration
from kubectl_ds.core.scheduling.ports import host_ports
from kubectl_ds.core.scheduling.spread import topology_spread
from kubectl_ds.core.scheduling.target import Filter, Refused, Target
from kubectl_ds.core.scheduling.volume_binding import volume_binding, volume_capacity
from kubectl_ds.core.scheduling.volumes import volume_limits, volume_restrictions, volume_zone

FILTERS: tuple[Filter, ...] = (
    taint_toleration,
    node_selector,
    host_ports,
    fit,
    volume_restrictions,
    volume_limits,
    volume_binding,
    volume_capacity,
    volume_zone,
    topology_spread,
    pod_affinity,
    pod_anti_affinity,
    existing_anti_affinity,
    dynamic_resources,
)


def filtered(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Every refusal of every filter, where the scheduler stops at the first filter that refuses."""
    for each in FILTERS:
        yield from each(pod, target)
