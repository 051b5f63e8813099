"""Objects that a pod template names, and LimitRanges: what admission fills in or refuses by."""

from __future__ import annotations

from kubectl_ds.core.meta import Labels, ObjectMeta, Quantities, Value
from kubectl_ds.core.pods import Toleration


class PriorityClass(Value, frozen=True):
    metadata: ObjectMeta
    value: int = 0
    global_default: bool = False
    preemption_policy: str | None = None


class Overhead(Value, frozen=True):
    pod_fixed: Quantities | None = None


class Scheduling(Value, frozen=True):
    node_selector: Labels | None = None
    tolerations: tuple[Toleration, ...] | None = None


class RuntimeClass(Value, frozen=True):
    metadata: ObjectMeta
    overhead: Overhead | None = None
    scheduling: Scheduling | None = None


class ServiceAccount(Value, frozen=True):
    metadata: ObjectMeta


class LimitRangeItem(Value, frozen=True):
    type: str = ""
    default: Quantities | None = None
    default_request: Quantities | None = None
    min: Quantities | None = None
    max: Quantities | None = None
    max_limit_request_ratio: Quantities | None = None


class LimitRangeSpec(Value, frozen=True):
    limits: tuple[LimitRangeItem, ...] | None = None


class LimitRange(Value, frozen=True):
    metadata: ObjectMeta
    spec: LimitRangeSpec = LimitRangeSpec()
