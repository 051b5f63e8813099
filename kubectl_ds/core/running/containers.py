"""What holds up one container of a bound pod.

Sources: ``pkg/kubelet/kubelet_pods.go`` (convertToAPIContainerStatuses), the waiting reasons of
``pkg/kubelet/images`` and ``pkg/kubelet/kuberuntime``, and ``pkg/kubelet/prober/prober.go``,
``kuberuntime_manager.go`` (computePodActions) for the events about probes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from kubectl_ds.core.facts import ContainerFacts
from kubectl_ds.core.model import Event
from kubectl_ds.core.pods import ContainerStateTerminated, ContainerStatus, Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.running.events import about, container_path, newest
from kubectl_ds.core.running.setup import hint

_CREATING = ("ContainerCreating", "PodInitializing")
_PULLS = ("ImagePullBackOff", "ErrImagePull")
_KILLED = re.compile(r"failed (?P<probe>liveness|startup) probe")


def trouble_code(status: ContainerStatus, one_off: bool) -> str:
    """What holds one container up; ``one_off`` is an init container that is to end by itself."""
    state = status.state
    if state.waiting is not None:
        looping = state.waiting.reason == "CrashLoopBackOff"
        out_of_memory = looping and _last_exit_reason(status) == "OOMKilled"
        return "OOMKilled" if out_of_memory else state.waiting.reason or "ContainerCreating"
    if state.terminated is not None:
        return "OOMKilled" if state.terminated.reason == "OOMKilled" else "CrashLoopBackOff"
    if state.running is None:
        return "ContainerCreating"
    return "PodInitializing" if one_off else "NotReady"


def _last_exit_reason(status: ContainerStatus) -> str:
    ended = status.last_state.terminated
    return ended.reason if ended else ""


def waits_for_more(status: ContainerStatus) -> bool:
    """Whether the container waits for something that the kubelet names."""
    waiting = status.state.waiting
    return waiting is not None and waiting.reason not in ("", *_CREATING)


def container_reason(
    pod: Pod,
    status: ContainerStatus,
    init: bool,
    one_off: bool,
    events: Sequence[Event],
    now: datetime | None,
) -> Reason:
    """Why one container is not up.

    Args:
        pod: its pod.
        status: what the kubelet reports of it.
        init: whether it is an init container.
        one_off: whether it is one that is to end by itself.
        events: the events about the pod, the newest first.
        now: to tell how long ago it ended; None where that is not asked.
    """
    code = trouble_code(status, one_off)
    state = status.state
    ended = state.terminated or status.last_state.terminated
    current = state.waiting or state.terminated
    finished = ended.finished_at if ended else None
    probe, event = _told(code, pod, status, init, events)
    facts = ContainerFacts(
        pod=pod.name,
        container=status.name,
        init=init,
        image=status.image,
        reason=current.reason if current else "",
        message=current.message if current else "",
        restarts=status.restart_count,
        exit_code=ended.exit_code if ended else None,
        exit_reason=ended.reason if ended else "",
        exit_message=ended.message if ended else "",
        finished=finished,
        finished_ago=int((now - finished).total_seconds()) if now and finished else None,
        started=status.started if state.running else None,
        probe=probe,
        event=event,
    )
    return Reason(code, Source.REPORTED, facts)


def _told(
    code: str, pod: Pod, status: ContainerStatus, init: bool, events: Sequence[Event]
) -> tuple[str, str]:
    """The probe that fails and the event that tells more, both maybe empty."""
    path = container_path(status.name, init)
    own = about(events, path)
    if code == "CrashLoopBackOff":
        return _killed(status.state.terminated or status.last_state.terminated, own)
    if code == "NotReady":
        return _unready(status, own)
    if code in _PULLS:
        return "", _pull(status, own)
    if code in _CREATING and status.state.running is None:
        return "", hint(pod, about(events, "", path))
    return "", ""


def _killed(ended: ContainerStateTerminated | None, events: Sequence[Event]) -> tuple[str, str]:
    """Whether the kubelet ended the last run because of a probe: it said so since that began."""
    killing = newest(events, ("Killing",), ended.started_at) if ended else None
    found = _KILLED.search(killing.message) if killing else None
    if ended is None or killing is None or found is None:
        return "", ""
    return found["probe"], _unhealthy(events, found["probe"], ended.started_at) or killing.message


def _unready(status: ContainerStatus, events: Sequence[Event]) -> tuple[str, str]:
    """The probe that has not passed since the container was started, or that ended its last run.

    ``started`` is false only until a startup probe has passed; before that the kubelet does not
    try the others (``prober/worker.go``, doProbe).
    """
    running = status.state.running
    since = running.started_at if running else None
    if status.started is False:
        return "startup", _unhealthy(events, "startup", since)
    text = _unhealthy(events, "readiness", since)
    return ("readiness", text) if text else _killed(status.last_state.terminated, events)


def _unhealthy(events: Sequence[Event], probe: str, since: datetime | None) -> str:
    lead = f"{probe.capitalize()} probe "
    told = [event for event in events if event.message.startswith(lead)]
    event = newest(told, ("Unhealthy",), since)
    return event.message if event else ""


def _pull(status: ContainerStatus, events: Sequence[Event]) -> str:
    """Why pulling failed, since the container last ended."""
    ended = status.last_state.terminated
    told = [event for event in events if event.message.startswith("Failed to pull image ")]
    event = newest(told, ("Failed",), ended.finished_at if ended else None)
    return event.message if event else ""
