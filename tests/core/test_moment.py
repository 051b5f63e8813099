"""The newest time in one object."""

from datetime import datetime, timezone
from typing import Any

import msgspec
import pytest

from kubectl_ds.core.meta import Value, decoder
from kubectl_ds.core.model import DaemonSet, Event, Namespace, Node
from kubectl_ds.core.moment import EPOCH, newest
from kubectl_ds.core.pods import Pod

CREATED = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T00:00:42Z"
ZERO = "0001-01-01T00:00:00Z"
CREATION = datetime(2026, 1, 1, tzinfo=timezone.utc)


def made(**fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a", "creationTimestamp": CREATED, **fields}}


def status(**fields: Any) -> dict[str, Any]:
    return {**made(), "status": fields}


def ready(**fields: Any) -> dict[str, Any]:
    return status(conditions=[{"type": "Ready", **fields}])


def tainted(time: str) -> dict[str, Any]:
    taint = {"key": "k", "effect": "NoExecute", "timeAdded": time}
    return {**made(), "spec": {"taints": [taint]}}


def container(**states: Any) -> dict[str, Any]:
    return status(containerStatuses=[{"name": "c", **states}])


def init_container(**states: Any) -> dict[str, Any]:
    return status(initContainerStatuses=[{"name": "c", **states}])


def deleted(time: str, grace: int | None) -> dict[str, Any]:
    return made(deletionTimestamp=time, deletionGracePeriodSeconds=grace)


LAST = {
    "last written to": (Namespace, made(managedFields=[{"time": LATER}, {"time": CREATED}, {}])),
    "another time zone": (Namespace, made(managedFields=[{"time": "2026-01-01T02:00:42+02:00"}])),
    "a DaemonSet": (DaemonSet, made(managedFields=[{"time": LATER}])),
    "deleted, before the grace period": (Pod, deleted("2026-01-01T00:01:12Z", 30)),
    "deleted without a grace period": (Pod, deleted(LATER, None)),
    "a node's transition": (Node, ready(lastTransitionTime=LATER)),
    "a node's heartbeat": (Node, ready(lastHeartbeatTime=LATER)),
    "a taint": (Node, tainted(LATER)),
    "a pod's start": (Pod, status(startTime=LATER)),
    "a pod's transition": (Pod, ready(lastTransitionTime=LATER)),
    "a container's start": (Pod, container(state={"running": {"startedAt": LATER}})),
    "an ended container's start": (Pod, container(state={"terminated": {"startedAt": LATER}})),
    "a container's end": (Pod, container(state={"terminated": {"finishedAt": LATER}})),
    "a container's last end": (Pod, container(lastState={"terminated": {"finishedAt": LATER}})),
    "an init container's end": (Pod, init_container(state={"terminated": {"finishedAt": LATER}})),
    "an event": (Event, {**made(), "lastTimestamp": LATER}),
    "a repeated event": (Event, {**made(), "series": {"lastObservedTime": LATER}}),
}


@pytest.mark.parametrize(("kind", "fields"), LAST.values(), ids=LAST)
def test_what_happened_after_the_creation_counts(kind: type[Value], fields: dict[str, Any]) -> None:
    later = datetime(2026, 1, 1, 0, 0, 42, tzinfo=timezone.utc)
    assert newest(decoder(kind).decode(msgspec.json.encode(fields))) == later


NONE = {
    "no time at all": (Namespace, {"metadata": {}}, EPOCH),
    "only the zero time": (Namespace, made(creationTimestamp=ZERO), EPOCH),
    "only created": (Namespace, made(), CREATION),
    "deleted before year 1": (Pod, deleted(ZERO, 30), CREATION),
    "an endless grace period": (Pod, deleted(LATER, 10**18), CREATION),
    "a time zone before year 1": (
        Namespace,
        made(managedFields=[{"time": "0001-01-01T00:00:00+14:00"}]),
        CREATION,
    ),
    "a waiting container": (Pod, container(state={"waiting": {"reason": "x"}}), CREATION),
}


@pytest.mark.parametrize(("kind", "fields", "expected"), NONE.values(), ids=NONE)
def test_times_that_can_not_be_do_not_count(
    kind: type[Value], fields: dict[str, Any], expected: datetime
) -> None:
    assert newest(decoder(kind).decode(msgspec.json.encode(fields))) == expected
