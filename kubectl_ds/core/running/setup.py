"""What holds a bound pod up before its containers start: network, volumes, sandbox.

The kubelet tells it in events alone; the containers are just ``ContainerCreating``. Sources:
``pkg/kubelet/kubelet.go`` (SyncPod) and ``pkg/kubelet/kuberuntime/kuberuntime_manager.go``
(SyncPod) for the order of steps, ``pkg/volume/util/operationexecutor`` for the volumes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from kubectl_ds.core.facts import PodEventFacts
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Event
from kubectl_ds.core.pods import ContainerState, ContainerStatus, Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.running.events import newest, seen, times

_NETWORK, _CLAIMS, _SANDBOX = (
    "NetworkNotReady",
    "FailedPrepareDynamicResources",
    "FailedCreatePodSandBox",
)
_VOLUMES = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_CODES = {
    _NETWORK: "NetworkNotReady",
    "FailedCreatePodContainer": "SandboxCreate",
    _SANDBOX: "SandboxCreate",
    **dict.fromkeys(_VOLUMES, "VolumeMount"),
}
# The steps of a start. An event of one shows that those before are done.
_STEPS = {
    _NETWORK: 0,
    "FailedCreatePodContainer": 1,
    **dict.fromkeys(_VOLUMES, 2),
    _CLAIMS: 3,
    _SANDBOX: 4,
    **dict.fromkeys(("Pulling", "Pulled", "Created", "Started"), 5),
}
_HINTS = ("Pulling", _CLAIMS, "VolumePermissionChangeInProgress", "SandboxChanged")
_NAMED = re.compile(r'for volume "(?P<volume>[^"]+)"')


def setup_reasons(pod: Pod, events: Sequence[Event]) -> list[Reason]:
    """What keeps any container from being started, by the pod's events; maybe nothing.

    Where a container runs, all of this is done. Of the events those count that are newer than
    anything the containers did, and than any event of a later step; of several on one volume the
    newest.

    Args:
        pod: a bound pod that is not ready.
        events: the events about it, the newest first.
    """
    if any(status.state.running for status in _statuses(pod)):
        return []
    after = progress(pod)
    failures = [item for item in events if item.reason in _CODES and _later(item, after)]
    alive = [item for item in failures if not _overcome(item, events) and not _exempt(item, pod)]
    return [Reason(_CODES[item.reason], Source.REPORTED, _facts(pod, item)) for item in _one(alive)]


def progress(pod: Pod) -> datetime | None:
    """When the pod last got further: a container started or ended, or its sandbox was ready."""
    sandbox = condition(pod.status.conditions, "PodReadyToStartContainers")
    times = [moment for status in _statuses(pod) for moment in _moments(status)]
    if sandbox is not None and sandbox.status == "True":
        times.append(sandbox.last_transition_time)
    return max((moment for moment in times if moment), default=None)


def hint(pod: Pod, events: Iterable[Event]) -> str:
    """What the kubelet is at, by the newest event since the pod got further; maybe empty.

    Args:
        pod: a bound pod of which a container is being created.
        events: those about the container, or about the pod alone, the newest first.
    """
    event = newest(events, _HINTS, progress(pod))
    return event.message if event else ""


def _statuses(pod: Pod) -> Iterator[ContainerStatus]:
    yield from pod.status.init_container_statuses or ()
    yield from pod.status.container_statuses or ()


def _moments(status: ContainerStatus) -> Iterator[datetime | None]:
    states: tuple[ContainerState, ...] = status.state, status.last_state
    for state in states:
        if state.running:
            yield state.running.started_at
        if state.terminated:
            yield from (state.terminated.started_at, state.terminated.finished_at)


def _later(event: Event, after: datetime | None) -> bool:
    return after is None or seen(event) > after


def _overcome(event: Event, events: Iterable[Event]) -> bool:
    """Whether a later step was reached since; volumes are mounted beside the steps, and any time.

    Within one second the later step came last: only a new start would begin at the first one.
    """
    step = _STEPS[event.reason]
    if event.reason == "FailedAttachVolume" and _attached(event, events):
        return True
    return any(
        _STEPS.get(later.reason, 0) > step
        and later.reason not in _VOLUMES
        and seen(later) >= seen(event)
        for later in events
    )


def _attached(event: Event, events: Iterable[Event]) -> bool:
    later = newest(events, ("SuccessfulAttachVolume",), seen(event))
    return later is not None and _volume(later) == _volume(event)


def _exempt(event: Event, pod: Pod) -> bool:
    return event.reason == _NETWORK and pod.spec.host_network


def _one(events: Iterable[Event]) -> list[Event]:
    """The newest event for each code and volume.

    That the kubelet waits for volumes says less than why one of them can't be mounted.
    """
    kept: dict[tuple[str, str], Event] = {}
    for event in events:
        kept.setdefault((_CODES[event.reason], _volume(event)), event)
    named = any(volume for _, volume in kept)
    vague = ("VolumeMount", "")
    return [event for key, event in kept.items() if key != vague or not named]


def _volume(event: Event) -> str:
    found = _NAMED.search(event.message)
    return found["volume"] if found else ""


def _facts(pod: Pod, event: Event) -> PodEventFacts:
    # The pod's own name of a volume is the same on every node, that of what was bound to it is not.
    names = {volume.name for volume in pod.spec.volumes or ()}
    volume = _volume(event)
    return PodEventFacts(
        pod=pod.name,
        reason=event.reason,
        message=event.message,
        count=times(event),
        last_seen=event.time,
        volume=volume if volume in names else "",
    )
