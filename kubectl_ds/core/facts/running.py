"""Evidence on why a bound pod is not available, or not gone."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.meta import Time, Value


class ContainerFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    container: Annotated[str, asked("the container; empty where none has a status yet")]
    init: Annotated[bool, asked("whether it is an init container")]
    image: Annotated[str, own("the container's image")]
    reason: Annotated[str, own("reason of the waiting or terminated state")]
    message: Annotated[str, own("message of that state")]
    restarts: Annotated[int, own("how often the container was restarted", "restarts")]
    exit_code: Annotated[int | None, own("exit code of the last end, null where it never ended")]
    exit_reason: Annotated[str, own("reason of the last end, such as Error or OOMKilled")]
    exit_message: Annotated[str, own("termination message of the last end")] = ""
    finished: Annotated[Time | None, own("when it last ended")] = None
    finished_ago: Annotated[int | None, own("how long ago that was", "seconds")] = None
    started: Annotated[
        bool | None,
        asked("false while it runs and its startup probe has not passed; null where it doesn't"),
    ] = None
    probe: Annotated[
        str,
        asked("the probe that has not passed or that ended it: startup, readiness, liveness"),
    ] = ""
    by_node: Annotated[
        bool, asked("whether the pod was marked not ready only because its node was not")
    ] = False
    event: Annotated[str, own("the newest event that tells more of it, or empty")] = ""


class PodEventFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    reason: Annotated[str, asked("the event's reason")]
    message: Annotated[str, own("the event's message")]
    count: Annotated[int, own("how often, as far as the event counts")]
    last_seen: Annotated[Time | None, own("when it last happened")]
    volume: Annotated[str, asked("the pod's volume that it names, or empty")] = ""


class ReadinessGateFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    gate: Annotated[str, asked("the condition that the gate waits for")]
    status: Annotated[str | None, own("the condition's status; null where nothing reported it")]


class MinReadyFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    min_ready_seconds: Annotated[int, asked("the DaemonSet's minReadySeconds", "seconds")]
    ready_since: Annotated[Time | None, own("when the pod became ready")]
    seconds_left: Annotated[int | None, own("until it counts as available", "seconds")]


class PodFailureFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod")]
    phase: Annotated[str, asked("Failed or Succeeded")]
    reason: Annotated[str, asked("status.reason")]
    message: Annotated[str, own("status.message")]
    rounds: Annotated[
        int, own("how often the controller already replaced a failed pod there, by its events")
    ] = 0
    replaced: Annotated[bool, asked("whether the controller creates another one")] = True
    pressure: Annotated[
        tuple[str, ...], asked("the node's pressure conditions that are True now")
    ] = ()


class TerminationFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that is being deleted")]
    deletion_timestamp: Annotated[Time, own("when it was to be gone")]
    overdue_seconds: Annotated[int, own("how long past that it is; 0 where it is not", "seconds")]
    finalizers: Annotated[tuple[str, ...], asked("finalizers that hold the pod")]
    cause: Annotated[str, asked("finalizer, nodeGone, nodeNotReady, kubelet, or none")]
    event: Annotated[str, own("the newest event that tells why it is not gone, or empty")] = ""
    disruption: Annotated[
        str, asked("reason of the DisruptionTarget condition: who deletes it; or empty")
    ] = ""


class VanishCause(Value, frozen=True):
    reason: Annotated[str, asked("reason of the event that tells of their end")]
    pods: Annotated[int, asked("how many pods ended so", "pods")]
    message: Annotated[str, asked("the newest of these events")]
