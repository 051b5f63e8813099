"""All filters, in the scheduler's order.

Source: ``pkg/scheduler/apis/config/v1/default_plugins.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.node_selection import node_selector, taint_toleration
from kubectl_ds.core.scheduling.target import Filter, Refused, Target

FILTERS: tuple[Filter, ...] = (taint_toleration, node_selector)


def filtered(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Every refusal of every filter, where the scheduler stops at the first filter that refuses."""
    for each in FILTERS:
        yield from each(pod, target)
