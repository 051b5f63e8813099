"""Why a pod that is bound to its node is not available.

Sources: ``pkg/kubelet/kubelet_pods.go``, ``pkg/kubelet/status/generate.go``; `setup` and
`containers` name what they read elsewhere in the kubelet.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from kubectl_ds.core.facts import ContainerFacts, MinReadyFacts, ReadinessGateFacts
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Event
from kubectl_ds.core.pods import ContainerStatus, Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.running.availability import ready_since
from kubectl_ds.core.running.containers import container_reason, waits_for_more
from kubectl_ds.core.running.events import about
from kubectl_ds.core.running.setup import hint, setup_reasons


def unready_reasons(
    pod: Pod, min_ready_seconds: int, now: datetime, events: Sequence[Event] = ()
) -> list[Reason]:
    """Every reason for which a bound, live pod is not available; at least one.

    Args:
        pod: the pod; its node is ready.
        min_ready_seconds: how long it must have been ready.
        now: to tell how long ago something was.
        events: the events about the pod, the newest first.
    """
    if pod.ready:
        return [_min_ready(pod, min_ready_seconds, now)]
    found = container_reasons(pod, events, now) + _gate_reasons(pod)
    return found or [_no_evidence(pod, events)]


def _min_ready(pod: Pod, min_ready_seconds: int, now: datetime) -> Reason:
    since = ready_since(pod)
    elapsed = int((now - since).total_seconds()) if since else None
    facts = MinReadyFacts(
        pod=pod.name,
        min_ready_seconds=min_ready_seconds,
        ready_since=since,
        seconds_left=None if elapsed is None else max(min_ready_seconds - elapsed, 0),
    )
    return Reason("MinReadySeconds", Source.COMPUTED, facts)


class _Held(NamedTuple):
    """A container that is not up; ``one_off`` is an init container that is to end by itself."""

    status: ContainerStatus
    init: bool
    one_off: bool


def container_reasons(
    pod: Pod, events: Sequence[Event] = (), now: datetime | None = None
) -> list[Reason]:
    """What keeps the containers from starting, and what they report.

    Of init containers those up to the first that is not done count. Where events tell what the
    pod waits for, containers that merely wait with it are left out.

    Args:
        pod: a bound pod.
        events: the events about it, the newest first.
        now: to tell how long ago a container ended; None where that is not asked.
    """
    setup = setup_reasons(pod, events)
    held = [item for item in _held(pod) if not setup or waits_for_more(item.status)]
    reasons = [container_reason(pod, *item, events, now) for item in held]
    telling = [reason for reason in reasons if reason.code != "PodInitializing"]
    first = [reason for reason, item in zip(reasons, held, strict=True) if item.init]
    return setup + (telling or first or reasons)


def _held(pod: Pod) -> Iterator[_Held]:
    sidecars = {item.name for item in pod.spec.init_containers or () if item.sidecar}
    for status in _open_init_statuses(pod, sidecars):
        yield _Held(status, init=True, one_off=status.name not in sidecars)
    for status in pod.status.container_statuses or ():
        if not status.ready:
            yield _Held(status, init=False, one_off=False)


def _open_init_statuses(pod: Pod, sidecars: Container[str]) -> Iterator[ContainerStatus]:
    for status in pod.status.init_container_statuses or ():
        ended = status.state.terminated
        if status.name in sidecars:
            if not status.ready:
                yield status
        elif ended is None or ended.exit_code != 0:
            yield status
            return


def _gate_reasons(pod: Pod) -> list[Reason]:
    reasons = []
    for gate in pod.spec.readiness_gates or ():
        met = condition(pod.status.conditions, gate.condition_type)
        if met is None or met.status != "True":
            status = met.status if met else None
            facts = ReadinessGateFacts(pod=pod.name, gate=gate.condition_type, status=status)
            reasons.append(Reason("ReadinessGate", Source.REPORTED, facts))
    return reasons


def _no_evidence(pod: Pod, events: Sequence[Event]) -> Reason:
    """No container says anything: the kubelet has not started, or only the condition lags."""
    started = bool(pod.status.container_statuses)
    facts = ContainerFacts(
        pod=pod.name,
        container="",
        init=False,
        image="",
        reason="",
        message="",
        restarts=0,
        exit_code=None,
        exit_reason="",
        by_node=started and _marked_by_node(pod),
        event="" if started else hint(pod, about(events, "")),
    )
    return Reason("NotReady" if started else "ContainerCreating", Source.REPORTED, facts)


def _marked_by_node(pod: Pod) -> bool:
    """Whether the pod is not ready only because its node was not.

    The node lifecycle controller sets Ready alone (``controller_utils.go``, MarkPodsNotReady); the
    kubelet never does that to a pod without readiness gates.
    """
    containers = condition(pod.status.conditions, "ContainersReady")
    return containers is not None and containers.status == "True" and not pod.spec.readiness_gates
