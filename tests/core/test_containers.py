"""What events tell of a container beyond its status: probes, kills, pulls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import ContainerFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Event
from kubectl_ds.core.pods import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
    ReadinessGate,
)
from kubectl_ds.core.running.events import newest_first
from kubectl_ds.core.running.unready import unready_reasons
from tests.core.make import NOW, ago, cluster, daemon_set, node, pod, pod_event, pod_spec


def running(since: float = 300, **more: Any) -> ContainerStatus:
    state = ContainerState(running=ContainerStateRunning(started_at=ago(since)))
    return ContainerStatus(name="agent", state=state, **more)


def ended(finished: float = 40, ran: float = 100, **more: Any) -> ContainerState:
    """A run of so many seconds that ended so many seconds ago."""
    times = {"started_at": ago(finished + ran), "finished_at": ago(finished)}
    return ContainerState(terminated=ContainerStateTerminated(exit_code=137, **times, **more))


def looping(last: ContainerState) -> ContainerStatus:
    state = ContainerState(waiting=ContainerStateWaiting(reason="CrashLoopBackOff"))
    return ContainerStatus(name="agent", state=state, last_state=last, restart_count=12)


def waiting(reason: str, message: str = "", last: ContainerState | None = None) -> ContainerStatus:
    state = ContainerState(waiting=ContainerStateWaiting(reason=reason, message=message))
    return ContainerStatus(name="agent", state=state, last_state=last or ContainerState())


def told(given: ContainerStatus, *events: Event, init: bool = False) -> ContainerFacts:
    """The evidence on the only container of a pod that is not ready."""
    statuses = {"init_container_statuses" if init else "container_statuses": (given,)}
    sidecar = Container(name="agent", restart_policy="Always")
    spec = replace(pod_spec("a"), init_containers=(sidecar,) if init else None)
    found = pod(spec=spec, ready=False, **statuses)
    (reason,) = unready_reasons(found, 0, NOW, newest_first(events))
    assert isinstance(reason.facts, ContainerFacts)
    return reason.facts


def about(reason: str, message: str, seconds_ago: float = 60, **more: Any) -> Event:
    return pod_event(reason, message, seconds_ago=seconds_ago, container="agent", **more)


# prober/prober.go: "%s probe failed: %s", "%s probe errored and resulted in %s state: %s".
FAILS = "{} probe failed: HTTP probe failed with statuscode: 503"
READINESS, STARTUP, LIVENESS = map(FAILS.format, ("Readiness", "Startup", "Liveness"))
# kuberuntime_manager.go (computePodActions).
KILLED = "Container agent failed {} probe, will be restarted"
BY_LIVENESS, BY_STARTUP = map(KILLED.format, ("liveness", "startup"))

PROBES = [
    pytest.param(running(), (), "", "", id="just not ready"),
    pytest.param(
        running(), (about("Unhealthy", READINESS),), "readiness", READINESS, id="readiness fails"
    ),
    pytest.param(
        running(started=True), (about("Unhealthy", READINESS),), "readiness", READINESS,
        id="readiness fails after startup",
    ),
    pytest.param(running(started=False), (), "startup", "", id="startup has not passed"),
    pytest.param(
        running(started=False), (about("Unhealthy", STARTUP),), "startup", STARTUP,
        id="startup fails",
    ),
    pytest.param(
        running(started=False), (about("Unhealthy", READINESS),), "startup", "",
        id="readiness is not tried before startup",
    ),
    pytest.param(
        running(30), (about("Unhealthy", READINESS),), "", "", id="that was the run before"
    ),
    pytest.param(
        running(60), (about("Unhealthy", READINESS),), "readiness", READINESS,
        id="in the second in which it was started",
    ),
    pytest.param(
        running(), (about("Unhealthy", READINESS), about("Unhealthy", "Readiness probe failed: x", 9)),
        "readiness", "Readiness probe failed: x", id="the newest text",
    ),
    pytest.param(
        running(), (about("ProbeWarning", "Readiness probe warning: x"),), "", "",
        id="a warning is a success",
    ),
    pytest.param(
        running(), (pod_event("Unhealthy", READINESS, container="other"),), "", "",
        id="another container's",
    ),
    pytest.param(
        running(), (about("Unhealthy", READINESS, init=True),), "", "", id="an init container's"
    ),
    pytest.param(
        running(30, last_state=ended()), (about("Killing", BY_LIVENESS, 70),), "liveness",
        BY_LIVENESS, id="runs again after a kill",
    ),
    pytest.param(
        running(30, last_state=ended()),
        (about("Killing", BY_LIVENESS, 70), about("Unhealthy", READINESS, 10)),
        "readiness", READINESS, id="what fails now counts more than that kill",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "events", "probe", "event"), PROBES)
def test_which_probe_fails(
    given: ContainerStatus, events: tuple[Event, ...], probe: str, event: str
) -> None:
    facts = told(given, *events)
    assert (facts.probe, facts.event) == (probe, event)
    assert facts.started is given.started


def test_a_sidecar_s_probe() -> None:
    facts = told(running(), about("Unhealthy", READINESS, init=True), init=True)
    assert (facts.init, facts.probe, facts.event) == (True, "readiness", READINESS)


# The last run began 140 s ago and ended 40 s ago.
KILLS = [
    pytest.param((), "", "", id="nobody says"),
    pytest.param((about("Killing", BY_LIVENESS),), "liveness", BY_LIVENESS, id="liveness"),
    pytest.param((about("Killing", BY_STARTUP),), "startup", BY_STARTUP, id="startup"),
    pytest.param(
        (about("Killing", BY_LIVENESS), about("Unhealthy", LIVENESS)), "liveness", LIVENESS,
        id="with what the probe saw",
    ),
    pytest.param(
        (about("Killing", BY_STARTUP), about("Unhealthy", STARTUP), about("Unhealthy", LIVENESS, 50)),
        "startup", STARTUP, id="of the probe that counts",
    ),
    pytest.param((about("Unhealthy", LIVENESS),), "", "", id="failed, but not so often"),
    pytest.param((about("Killing", "Stopping container agent"),), "", "", id="stopped otherwise"),
    pytest.param(
        (about("Killing", "Container agent definition changed, will be restarted"),), "", "",
        id="its definition changed",
    ),
    pytest.param((about("Killing", BY_LIVENESS, 141),), "", "", id="the run before"),
    pytest.param(
        (about("Killing", BY_LIVENESS, 140),), "liveness", BY_LIVENESS, id="in its first second"
    ),
    pytest.param(
        (about("Killing", BY_LIVENESS, 60), about("Unhealthy", LIVENESS, 200)), "liveness",
        BY_LIVENESS, id="what the probe saw in the run before",
    ),
    pytest.param(
        (pod_event("Killing", BY_LIVENESS, container="other"),), "", "", id="another container"
    ),
]  # fmt: skip


@pytest.mark.parametrize("given", [looping(ended()), ContainerStatus(name="agent", state=ended())],
    ids=["looping", "between two starts"])  # fmt: skip
@pytest.mark.parametrize(("events", "probe", "event"), KILLS)
def test_who_ended_it(
    events: tuple[Event, ...], probe: str, event: str, given: ContainerStatus
) -> None:
    facts = told(given, *events)
    assert (facts.probe, facts.event) == (probe, event)


# semantics G.3: state.terminated and lastState.terminated.
EXITS = [
    pytest.param(1, "Error", "", id="error"),
    pytest.param(0, "Completed", "", id="without an error"),
    pytest.param(128, "StartError", 'exec: "x": not found', id="start error"),
    pytest.param(127, "ContainerCannotRun", "no such file", id="can't run"),
    pytest.param(137, "ContainerStatusUnknown", "The container could not be located", id="lost"),
    pytest.param(137, "DeadlineExceeded", "", id="deadline"),
]


@pytest.mark.parametrize(("code", "reason", "message"), EXITS)
def test_how_it_ended_and_when(code: int, reason: str, message: str) -> None:
    end = ContainerStateTerminated(
        exit_code=code, reason=reason, message=message, finished_at=ago(95)
    )
    facts = told(looping(ContainerState(terminated=end)))
    assert (facts.exit_code, facts.exit_reason, facts.exit_message) == (code, reason, message)
    assert (facts.finished, facts.finished_ago, facts.restarts) == (ago(95), 95, 12)


# Kubelets up to 1.29 or so leave the cause out of the status; the event has it.
PULL = 'Failed to pull image "x": not found'
PULLS = [
    pytest.param(waiting("ImagePullBackOff"), (about("Failed", PULL),), PULL, id="back-off"),
    pytest.param(waiting("ErrImagePull"), (about("Failed", PULL),), PULL, id="failed"),
    pytest.param(
        waiting("ErrImagePull"), (about("Failed", "Error: ErrImagePull", 5), about("Failed", PULL)),
        PULL, id="the event that has the cause",
    ),
    pytest.param(
        waiting("ErrImagePull"), (pod_event("Failed", PULL, container="other"),), "",
        id="another container's",
    ),
    pytest.param(
        waiting("ErrImagePull", last=ended(30)), (about("Failed", PULL),), "", id="it ran since"
    ),
    pytest.param(waiting("CreateContainerError"), (about("Failed", PULL),), "", id="not a pull"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "events", "event"), PULLS)
def test_why_an_image_can_t_be_pulled(
    given: ContainerStatus, events: tuple[Event, ...], event: str
) -> None:
    assert told(given, *events).event == event


# controller_utils.go (MarkPodsNotReady) sets Ready alone; with gates the kubelet does so too.
def marked(containers_ready: str | None, gates: tuple[str, ...] = ()) -> Pod:
    state = Condition(type="ContainersReady", status=containers_ready or "")
    met = [Condition(type=gate, status="True") for gate in gates]
    spec = replace(
        pod_spec("a"), readiness_gates=tuple(ReadinessGate(condition_type=x) for x in gates)
    )
    conditions = (*([state] if containers_ready else []), *met)
    statuses = (running(ready=True),)
    return pod(spec=spec, ready=False, conditions=conditions, container_statuses=statuses)


MARKED = [
    pytest.param(marked("True"), True, id="all containers are ready"),
    pytest.param(marked("True", ("g",)), False, id="a gate, which is met"),
    pytest.param(marked("False"), False, id="the kubelet has not looked again"),
    pytest.param(marked(None), False, id="no such condition"),
]


@pytest.mark.parametrize(("given", "by_node"), MARKED)
def test_a_pod_that_was_marked_for_its_node(given: Pod, by_node: bool) -> None:
    (reason,) = unready_reasons(given, 0, NOW)
    facts: Any = reason.facts
    assert (reason.code, facts.container, facts.by_node) == ("NotReady", "", by_node)


@pytest.mark.parametrize("ready", ["False", "Unknown"])
def test_while_the_node_is_not_ready_only_that_is_told(ready: str) -> None:
    asked = daemon_set()
    (verdict,) = explain(cluster([asked], [node(ready=ready)], [marked("True")]), asked).nodes
    assert [reason.code for reason in verdict.reasons][1:] == []


MESSAGES = [READINESS, STARTUP, LIVENESS, BY_LIVENESS, BY_STARTUP, PULL]
EVENTS = st.lists(
    st.builds(
        lambda reason, message, seconds: about(reason, message, seconds),
        st.sampled_from(["Unhealthy", "Killing", "Failed", "BackOff", "Pulling"]),
        st.sampled_from(MESSAGES),
        st.integers(0, 300),
    ),
    max_size=5,
)
STATUSES = st.sampled_from(
    [running(), running(started=False), looping(ended()), waiting("ErrImagePull")]
)


@given(STATUSES, EVENTS)
def test_events_never_change_what_the_status_says(given: ContainerStatus, events: Any) -> None:
    """They add to it: with expired events the same reason comes out."""
    silent = replace(told(given), probe="", event="")
    assert replace(told(given, *events), probe="", event="") == silent
