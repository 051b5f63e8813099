"""Why a pod that is bound to its node is not available."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import ContainerFacts, MinReadyFacts, ReadinessGateFacts
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
from kubectl_ds.core.reasons import REASONS, ROWS, Reason, Source, State, info
from kubectl_ds.core.running.unready import unready_reasons
from tests.core.make import NOW, ago, cluster, daemon_set, node, pod, pod_spec

NO_STATE = ContainerState()
RUNNING = ContainerState(running=ContainerStateRunning(started_at=ago(60)))


def waiting(reason: str, message: str = "") -> ContainerState:
    return ContainerState(waiting=ContainerStateWaiting(reason=reason, message=message))


def ended(reason: str = "Error", exit_code: int = 1) -> ContainerState:
    return ContainerState(
        terminated=ContainerStateTerminated(reason=reason, exit_code=exit_code, finished_at=ago(5))
    )


def status(
    state: ContainerState = NO_STATE,
    *,
    name: str = "agent",
    last: ContainerState = NO_STATE,
    ready: bool = False,
    **more: Any,
) -> ContainerStatus:
    return ContainerStatus(name=name, state=state, last_state=last, ready=ready, **more)


DONE = ended("Completed", 0)
OOM = ended("OOMKilled", 137)


def unready(
    *containers: ContainerStatus,
    init: tuple[ContainerStatus, ...] = (),
    sidecars: tuple[str, ...] = (),
    gates: tuple[str, ...] = (),
    conditions: tuple[Condition, ...] = (),
    **more: Any,
) -> Pod:
    """A bound pod that is not ready, with these container statuses."""
    spec = replace(
        pod_spec("a"),
        init_containers=tuple(
            Container(name=item.name, restart_policy="Always" if item.name in sidecars else None)
            for item in init
        ),
        readiness_gates=tuple(ReadinessGate(condition_type=gate) for gate in gates),
    )
    return pod(
        spec=spec,
        ready=False,
        conditions=conditions,
        container_statuses=containers or None,
        init_container_statuses=init or None,
        **more,
    )  # fmt: skip


def judged(given: Pod, min_ready_seconds: int = 0, events: tuple[Event, ...] = ()) -> list[Reason]:
    asked = daemon_set(min_ready_seconds=min_ready_seconds)
    (verdict,) = explain(cluster([asked], [node()], [given], events=events), asked).nodes
    assert verdict.state is State.UNREADY
    return list(verdict.reasons)


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


# pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go, container/sync_result.go,
# kubelet_pods.go (convertToAPIContainerStatuses): one waiting reason each. A code of its own is in
# the contract; "another waiting reason goes through under its own name".
WAITING = [
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "ContainerCreating",
    "PodInitializing",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "RestartingAllContainers",
    "SomethingOfTomorrow",
]


@pytest.mark.parametrize("reason", WAITING)
def test_every_waiting_reason_is_the_code(reason: str) -> None:
    (found,) = judged(unready(status(waiting(reason, "why"), image="example.com/agent:1")))
    assert (found.code, found.source) == (reason, Source.REPORTED)
    assert found.facts == ContainerFacts(
        pod="agent-a",
        container="agent",
        init=False,
        image="example.com/agent:1",
        reason=reason,
        message="why",
        restarts=0,
        exit_code=None,
        exit_reason="",
    )


# contract: OOMKilled stands for CrashLoopBackOff where the last exit was one; both also stand for
# a container that is seen between its end and its next start.
LOOP = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container")
ENDS = [
    pytest.param(status(LOOP, last=ended()), "CrashLoopBackOff", 1, "Error", id="error"),
    pytest.param(
        status(LOOP, last=DONE), "CrashLoopBackOff", 0, "Completed", id="ended without an error"
    ),
    pytest.param(status(LOOP, last=OOM), "OOMKilled", 137, "OOMKilled", id="out of memory"),
    pytest.param(
        status(LOOP, last=ended("Error", 137)), "CrashLoopBackOff", 137, "Error", id="killed"
    ),
    pytest.param(status(ended()), "CrashLoopBackOff", 1, "Error", id="between two starts"),
    pytest.param(
        status(DONE), "CrashLoopBackOff", 0, "Completed", id="between two starts, without an error"
    ),
    pytest.param(
        status(OOM), "OOMKilled", 137, "OOMKilled", id="out of memory, between two starts"
    ),
    pytest.param(
        status(ended(), last=OOM), "CrashLoopBackOff", 1, "Error", id="the end before counts no more"
    ),
    pytest.param(
        status(OOM, last=ended()), "OOMKilled", 137, "OOMKilled", id="nor does it hide the last"
    ),
    pytest.param(
        status(ended("ContainerStatusUnknown", 137)),
        "CrashLoopBackOff",
        137,
        "ContainerStatusUnknown",
        id="lost",
    ),
    pytest.param(
        status(ended("StartError", 128)), "CrashLoopBackOff", 128, "StartError", id="start error"
    ),
    pytest.param(
        status(waiting("ErrImagePull"), last=OOM),
        "ErrImagePull",
        137,
        "OOMKilled",
        id="another wait is that wait",
    ),
    pytest.param(
        status(RUNNING, last=OOM), "NotReady", 137, "OOMKilled", id="running again, not ready"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "exit_code", "exit_reason"), ENDS)
def test_how_a_container_ended(
    given: ContainerStatus, code: str, exit_code: int, exit_reason: str
) -> None:
    (reason,) = judged(unready(replace(given, restart_count=7)))
    assert reason.code == code
    facts: Any = reason.facts
    assert (facts.restarts, facts.exit_code, facts.exit_reason) == (7, exit_code, exit_reason)


# kuberuntime_manager.go (computeContainerActions): init containers run in order, a sidecar
# (restartPolicy Always) goes on; status/generate.go: sidecars count for readiness.
INITIALIZING = status(waiting("PodInitializing"))
INIT = [
    pytest.param(
        unready(INITIALIZING, init=(status(RUNNING, name="i"),)),
        [("PodInitializing", "i", True)],
        id="one is running",
    ),
    pytest.param(
        unready(INITIALIZING, init=(status(LOOP, name="i", last=ended()),)),
        [("CrashLoopBackOff", "i", True)],
        id="one ends again and again",
    ),
    pytest.param(
        unready(INITIALIZING, init=(status(LOOP, name="i", last=OOM),)),
        [("OOMKilled", "i", True)],
        id="one runs out of memory",
    ),
    pytest.param(
        unready(INITIALIZING, init=(status(ended(), name="i"),)),
        [("CrashLoopBackOff", "i", True)],
        id="one has just failed",
    ),
    pytest.param(
        unready(INITIALIZING, init=(status(waiting("ErrImagePull"), name="i"),)),
        [("ErrImagePull", "i", True)],
        id="the image of one can't be pulled",
    ),
    pytest.param(
        unready(
            INITIALIZING,
            init=(
                status(DONE, name="i1", ready=True),
                status(LOOP, name="i2", last=ended()),
                status(waiting("PodInitializing"), name="i3"),
            ),
        ),
        [("CrashLoopBackOff", "i2", True)],
        id="only the first that is not done",
    ),
    pytest.param(
        unready(
            status(LOOP, last=ended()),
            init=(status(DONE, name="i1", ready=True), status(DONE, name="i2", ready=True)),
        ),
        [("CrashLoopBackOff", "agent", False)],
        id="all are done",
    ),
    pytest.param(
        unready(
            INITIALIZING, init=(status(LOOP, name="s", last=ended()),), sidecars=("s",)
        ),
        [("CrashLoopBackOff", "s", True)],
        id="a sidecar that does not start",
    ),
    pytest.param(
        unready(
            INITIALIZING,
            init=(
                status(RUNNING, name="s", ready=True),
                status(RUNNING, name="i"),
            ),
            sidecars=("s",),
        ),
        [("PodInitializing", "i", True)],
        id="a sidecar that runs, and one after it",
    ),
    pytest.param(
        unready(
            status(RUNNING, ready=True),
            init=(status(RUNNING, name="s"),),
            sidecars=("s",),
        ),
        [("NotReady", "s", True)],
        id="only a sidecar is not ready",
    ),
    pytest.param(
        unready(
            status(LOOP, last=ended()),
            init=(status(LOOP, name="s", last=OOM),),
            sidecars=("s",),
        ),
        [("CrashLoopBackOff", "agent", False), ("OOMKilled", "s", True)],
        id="a sidecar and a container",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), INIT)
def test_init_containers_and_sidecars(given: Pod, expected: list[tuple[str, str, bool]]) -> None:
    found = [(reason.code, reason.facts) for reason in judged(given)]
    assert all(isinstance(facts, ContainerFacts) for _, facts in found)
    named: list[tuple[str, Any]] = list(found)
    assert [(code, facts.container, facts.init) for code, facts in named] == expected


# The containers of a started pod, each by itself.
CONTAINERS = [
    pytest.param(
        unready(status(RUNNING), status(RUNNING, name="b", ready=True)), ["NotReady"], id="one of two"
    ),
    pytest.param(
        unready(status(LOOP, last=ended()), status(waiting("ErrImagePull"), name="b")),
        ["ErrImagePull", "CrashLoopBackOff"],
        id="both, in the contract's order",
    ),
    pytest.param(
        unready(status(LOOP, last=ended()), status(RUNNING, name="b")),
        ["CrashLoopBackOff", "NotReady"],
        id="one fails, one is not ready",
    ),
    pytest.param(unready(status()), ["ContainerCreating"], id="no state"),
    pytest.param(unready(status(waiting(""))), ["ContainerCreating"], id="waits without a reason"),
    pytest.param(unready(), ["ContainerCreating"], id="no container status"),
    pytest.param(unready(phase="Pending"), ["ContainerCreating"], id="no container status yet"),
    pytest.param(
        unready(status(RUNNING, ready=True)), ["NotReady"], id="all ready, the pod's condition lags"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), CONTAINERS)
def test_containers(given: Pod, expected: list[str]) -> None:
    assert codes(judged(given)) == expected


def test_a_pod_without_container_statuses_names_no_container() -> None:
    (reason,) = judged(unready(phase="Pending"))
    facts: Any = reason.facts
    assert (facts.container, facts.init, facts.exit_code) == ("", False, None)


# status/generate.go (GeneratePodReadyCondition): every gate's condition must be there and True.
READY = status(RUNNING, ready=True)


def gate(kind: str, value: str) -> Condition:
    return Condition(type=kind, status=value)


GATES = [
    pytest.param(unready(READY, gates=("g",)), [("g", None)], id="no condition"),
    pytest.param(
        unready(READY, gates=("g",), conditions=(gate("g", "False"),)), [("g", "False")], id="false"
    ),
    pytest.param(
        unready(READY, gates=("g",), conditions=(gate("g", "Unknown"),)),
        [("g", "Unknown")],
        id="unknown",
    ),
    pytest.param(
        unready(READY, gates=("g", "h"), conditions=(gate("g", "True"),)),
        [("h", None)],
        id="one of two is met",
    ),
    pytest.param(unready(READY, gates=("g", "h")), [("g", None), ("h", None)], id="two are not"),
]


@pytest.mark.parametrize(("given", "expected"), GATES)
def test_readiness_gates(given: Pod, expected: list[tuple[str, str | None]]) -> None:
    reasons = judged(given)
    assert [reason.facts for reason in reasons] == [
        ReadinessGateFacts(pod="agent-a", gate=name, status=value) for name, value in expected
    ]
    assert set(codes(reasons)) == {"ReadinessGate"}


def test_a_gate_that_is_met_is_no_reason() -> None:
    given = unready(READY, gates=("g",), conditions=(gate("g", "True"),))
    assert codes(judged(given)) == ["NotReady"]


def test_a_failing_container_does_not_hide_a_gate() -> None:
    """contract: all reasons that hold are listed."""
    given = unready(status(LOOP, last=ended()), gates=("g",))
    assert codes(judged(given)) == ["CrashLoopBackOff", "ReadinessGate"]


# pkg/api/v1/pod/util.go (IsPodAvailable): Ready.lastTransitionTime + minReadySeconds <= now.
BOUNDARY = [
    pytest.param(0, 60, 60, id="just ready"),
    pytest.param(1, 60, 59, id="a second later"),
    pytest.param(59, 60, 1, id="a second before"),
    pytest.param(59.5, 60, 1, id="half a second before"),
]


@pytest.mark.parametrize(("ready_for", "wanted", "left"), BOUNDARY)
def test_min_ready_seconds(ready_for: float, wanted: int, left: int) -> None:
    (reason,) = judged(pod(ready_for=ready_for), wanted)
    assert (reason.code, reason.source) == ("MinReadySeconds", Source.COMPUTED)
    assert reason.facts == MinReadyFacts(
        pod="agent-a", min_ready_seconds=wanted, ready_since=ago(ready_for), seconds_left=left
    )


@pytest.mark.parametrize(
    ("ready_for", "wanted"),
    [
        pytest.param(60, 60, id="equality counts as available"),
        pytest.param(61, 60, id="later"),
        pytest.param(0, 0, id="nothing to wait for"),
        pytest.param(None, 0, id="nothing to wait for, no time known"),
    ],
)
def test_a_pod_that_has_been_ready_long_enough(ready_for: float | None, wanted: int) -> None:
    asked = daemon_set(min_ready_seconds=wanted)
    seen = cluster([asked], [node()], [pod(ready_for=ready_for)])
    (verdict,) = explain(seen, asked).nodes
    assert (verdict.state, verdict.reasons) == (State.AVAILABLE, ())


def test_a_ready_pod_of_which_the_time_is_not_known_is_not_available() -> None:
    (reason,) = judged(pod(ready_for=None), 60)
    facts: Any = reason.facts
    assert (reason.code, facts.ready_since, facts.seconds_left) == ("MinReadySeconds", None, None)


ALL = [row.values[0] for row in (*INIT, *CONTAINERS, *GATES)]


@pytest.mark.parametrize("given", [*ALL, pod(ready_for=1)], ids=lambda given: "")
def test_every_reason_has_the_registered_evidence(given: Pod) -> None:
    reasons = unready_reasons(given, 60, NOW)
    assert reasons
    for reason in reasons:
        assert type(reason.facts) is info(reason.code).facts
        assert reason.code in ROWS[State.UNREADY]


@pytest.mark.parametrize("reason", [item for item in WAITING if item not in REASONS])
def test_a_waiting_reason_of_no_entry_has_the_evidence_of_a_container(reason: str) -> None:
    assert info(reason).facts is ContainerFacts
    assert info(reason).meaning


def test_init_containers_after_the_first_open_one_say_nothing() -> None:
    """kubelet starts them one after another; the later ones have not begun."""
    given = unready(
        init=(
            status(waiting("CrashLoopBackOff"), name="first"),
            status(waiting("PodInitializing"), name="second"),
            status(waiting("ImagePullBackOff"), name="third"),
        ),
    )
    assert codes(judged(given)) == ["CrashLoopBackOff"]
