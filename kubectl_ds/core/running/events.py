"""Events about pods, and those of the controller that name pods.

An event tells what happened, not what is: it stays for an hour, also when its cause is gone. So
each reader says since when an event must have been seen to count. Times have whole seconds.

Sources: ``pkg/kubelet/events/event.go``, ``pkg/controller/daemon/daemon_controller.go``
(podsShouldBeOnNode), ``pkg/controller/tainteviction/taint_eviction.go``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from kubectl_ds.core.model import Event

_NEVER = datetime.min.replace(tzinfo=timezone.utc)
_FAILED = r"Found failed daemon pod [^/ ]+/(?P<pod>\S+) on node (?P<node>\S+), will try"


def seen(event: Event) -> datetime:
    """When it last happened; before all times where it has none."""
    return event.time or _NEVER


def newest_first(events: Iterable[Event]) -> Sequence[Event]:
    """Events by the time at which they last happened."""
    return sorted(events, key=seen, reverse=True)


def newest(
    events: Iterable[Event], reasons: Container[str], since: datetime | None
) -> Event | None:
    """The first event with one of the reasons that is not older than a time; None for any time.

    Args:
        events: the newest first.
        reasons: reasons of events.
        since: when what is asked about began.
    """
    told = (event for event in events if event.reason in reasons)
    return next((event for event in told if since is None or seen(event) >= since), None)


def container_path(name: str, init: bool) -> str:
    """How events name one container of the pod."""
    return f"spec.{'initContainers' if init else 'containers'}{{{name}}}"


def about(events: Iterable[Event], *paths: str) -> list[Event]:
    """The events about certain parts of the pod; the empty path is the pod alone."""
    return [event for event in events if event.involved_object.field_path in paths]


def times(event: Event) -> int:
    """How often it happened, as far as it counts."""
    return event.series.count if event.series else event.count or 1


class FailedPod(NamedTuple):
    """A failed pod that the controller was about to delete, and its node."""

    pod: str
    node: str
    event: Event


def failed_pods(events: Iterable[Event]) -> Iterator[FailedPod]:
    """The pods that events about the DaemonSet name as failed.

    Of similar events that the recorder put together only the newest pod is named. What else they
    count may have been on other nodes, so they stand for one pod.
    """
    for event in events:
        found = re.search(_FAILED, event.message) if event.reason == "FailedDaemonPod" else None
        if found:
            yield FailedPod(found["pod"], found["node"], event)
