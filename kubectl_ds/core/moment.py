"""When something last happened in saved objects: their "now"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Protocol

from kubectl_ds.core.meta import Condition, ObjectMeta
from kubectl_ds.core.model import Event, Node
from kubectl_ds.core.pods import ContainerState, Pod

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Object(Protocol):
    """Any Kubernetes object."""

    @property
    def metadata(self) -> ObjectMeta: ...


def newest(item: Object) -> datetime:
    """The newest time at which something happened in one object.

    Returns:
        That time; ``EPOCH`` where the object has no time, or none after it (Kubernetes' zero time
        is in year 1).
    """
    return max(time for time in (EPOCH, *_in_metadata(item.metadata), *_in(item)) if time)


def _in(item: Object) -> Iterator[datetime | None]:
    if isinstance(item, Node):
        yield from _in_conditions(item.status.conditions)
        yield from (taint.time_added for taint in item.taints)
    elif isinstance(item, Pod):
        yield item.status.start_time
        yield from _in_conditions(item.status.conditions)
        yield from _in_containers(item)
    elif isinstance(item, Event):
        yield item.time


def _in_metadata(metadata: ObjectMeta) -> Iterator[datetime | None]:
    yield metadata.creation_timestamp
    yield from (entry.time for entry in metadata.managed_fields or ())
    if metadata.deletion_timestamp:
        yield _deleted(metadata.deletion_timestamp, metadata.deletion_grace_period_seconds or 0)


def _deleted(deadline: datetime, grace: int) -> datetime | None:
    """When the deletion was asked for: the timestamp is when its grace period ends."""
    try:
        return deadline - timedelta(seconds=grace)
    except OverflowError:
        return None


def _in_conditions(conditions: tuple[Condition, ...] | None) -> Iterator[datetime | None]:
    for condition in conditions or ():
        yield condition.last_transition_time
        yield condition.last_heartbeat_time


def _in_containers(pod: Pod) -> Iterator[datetime | None]:
    for statuses in (pod.status.init_container_statuses, pod.status.container_statuses):
        for status in statuses or ():
            yield from _in_state(status.state)
            yield from _in_state(status.last_state)


def _in_state(state: ContainerState) -> Iterator[datetime | None]:
    if state.running:
        yield state.running.started_at
    if state.terminated:
        yield state.terminated.started_at
        yield state.terminated.finished_at
