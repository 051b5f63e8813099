"""Why a pod that is bound to its node is not available.

Sources: ``pkg/kubelet/kubelet_pods.go``, ``pkg/kubelet/status/generate.go`` and the waiting
reasons of ``pkg/kubelet/images``, ``pkg/kubelet/kuberuntime``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime

from kubectl_ds.core.facts import ContainerFacts, MinReadyFacts, ReadinessGateFacts
from kubectl_ds.core.meta import condition
from kubectl_ds.core.pods import ContainerStatus, Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.running.availability import ready_since

_NOT_STARTED = ContainerStatus(name="")


def unready_reasons(pod: Pod, min_ready_seconds: int, now: datetime) -> list[Reason]:
    """Every reason for which a bound, live pod is not available; at least one."""
    if pod.ready:
        return [_min_ready(pod, min_ready_seconds, now)]
    return container_reasons(pod) + _gate_reasons(pod) or [_no_evidence(pod)]


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


def container_reasons(pod: Pod) -> list[Reason]:
    """What the containers report: init containers up to the first that is not done, the others."""
    sidecars = {
        item.name for item in pod.spec.init_containers or () if item.restart_policy == "Always"
    }
    init = [
        _container(_trouble_code(status, status.name not in sidecars), pod, status, init=True)
        for status in _open_init_statuses(pod, sidecars)
    ]
    main = [
        _container(_trouble_code(status, one_off=False), pod, status, init=False)
        for status in pod.status.container_statuses or ()
        if not status.ready
    ]
    telling = [reason for reason in init + main if reason.code != "PodInitializing"]
    return telling or init or main


def _open_init_statuses(pod: Pod, sidecars: Container[str]) -> Iterable[ContainerStatus]:
    for status in pod.status.init_container_statuses or ():
        ended = status.state.terminated
        if status.name in sidecars:
            if not status.ready:
                yield status
        elif ended is None or ended.exit_code != 0:
            yield status
            return


def _trouble_code(status: ContainerStatus, one_off: bool) -> str:
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


def _container(code: str, pod: Pod, status: ContainerStatus, init: bool) -> Reason:
    state = status.state
    ended = state.terminated or status.last_state.terminated
    current = state.waiting or state.terminated
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
    )
    return Reason(code, Source.REPORTED, facts)


def _gate_reasons(pod: Pod) -> list[Reason]:
    reasons = []
    for gate in pod.spec.readiness_gates or ():
        met = condition(pod.status.conditions, gate.condition_type)
        if met is None or met.status != "True":
            status = met.status if met else None
            facts = ReadinessGateFacts(pod=pod.name, gate=gate.condition_type, status=status)
            reasons.append(Reason("ReadinessGate", Source.REPORTED, facts))
    return reasons


def _no_evidence(pod: Pod) -> Reason:
    """No container says anything: the kubelet has not started, or only the condition lags."""
    statuses = pod.status.container_statuses or ()
    code = "NotReady" if statuses else "ContainerCreating"
    return _container(code, pod, _NOT_STARTED, init=False)
