"""What keeps a bound pod's containers from being started, as only events tell."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import PodEventFacts
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
    Volume,
)
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.running.events import newest_first
from kubectl_ds.core.running.setup import progress, setup_reasons
from kubectl_ds.core.running.unready import unready_reasons
from tests.core.make import NOW, ago, cluster, daemon_set, node, pod, pod_event, pod_spec


def status(
    name: str = "agent", last: ContainerState | None = None, **state: Any
) -> ContainerStatus:
    now = ContainerState(**state)
    return ContainerStatus(name=name, state=now, last_state=last or ContainerState())


def waiting(reason: str = "ContainerCreating", **more: Any) -> ContainerStatus:
    return status(waiting=ContainerStateWaiting(reason=reason), **more)


def ended(seconds_ago: float, code: int = 1) -> ContainerState:
    return ContainerState(
        terminated=ContainerStateTerminated(
            exit_code=code, started_at=ago(seconds_ago + 30), finished_at=ago(seconds_ago)
        )
    )


def creating(
    *statuses: ContainerStatus,
    init: tuple[ContainerStatus, ...] = (),
    conditions: tuple[Condition, ...] = (),
    **spec: Any,
) -> Pod:
    """A bound pod of which nothing was started; its volume is ``config``."""
    names = tuple(Container(name=item.name) for item in init)
    made = replace(
        pod_spec("a"), volumes=(Volume(name="config"),), init_containers=names or None, **spec
    )
    return pod(
        spec=made,
        phase="Pending",
        conditions=conditions,
        container_statuses=statuses or (waiting(),),
        init_container_statuses=init or None,
    )


def judged(pod: Pod, *events: Event) -> list[Reason]:
    asked = daemon_set()
    (verdict,) = explain(cluster([asked], [node()], [pod], events=events), asked).nodes
    assert verdict.state is State.UNREADY
    return list(verdict.reasons)


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


SETUP = 'MountVolume.SetUp failed for volume "config" : '
NO_SECRET = f'{SETUP}secret "agent" not found'
LATE = (
    "Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[], "
    "failed to process volumes=[]: timed out waiting for the condition"
)
MULTI = 'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) agent-b'
CNI = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network"
NETWORK = (
    "network is not ready: container runtime network not ready: NetworkReady=false "
    "reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
)
CLAIMS = 'Failed to prepare dynamic resources: claim "gpu" is not allocated'
CGROUP = "unable to ensure pod container exists: no space left on device"

# semantics G.4: the event's reason, an example of its message, and the code of the contract.
TOLD = [
    pytest.param("FailedMount", NO_SECRET, "VolumeMount", id="no secret"),
    pytest.param(
        "FailedMount", f'{SETUP}configmap "agent" not found', "VolumeMount", id="no configmap"
    ),
    pytest.param(
        "FailedMount", f"{SETUP}references non-existent secret key: k", "VolumeMount", id="no key"
    ),
    pytest.param(
        "FailedMount", f'{SETUP}object "ns"/"x" not registered', "VolumeMount", id="not registered"
    ),
    pytest.param(
        "FailedMount",
        f"{SETUP}hostPath type check failed: /p is not a directory",
        "VolumeMount",
        id="host path",
    ),
    pytest.param("FailedMount", LATE, "VolumeMount", id="timed out"),
    pytest.param("FailedAttachVolume", MULTI, "VolumeMount", id="attached elsewhere"),
    pytest.param(
        "FailedMapVolume", 'MapVolume.SetUpDevice failed for volume "pv-1" : x', "VolumeMount",
        id="block device",
    ),
    pytest.param("FailedCreatePodSandBox", CNI, "SandboxCreate", id="sandbox"),
    pytest.param("FailedCreatePodContainer", CGROUP, "SandboxCreate", id="control group"),
    pytest.param("NetworkNotReady", NETWORK, "NetworkNotReady", id="network"),
]  # fmt: skip


@pytest.mark.parametrize("given", [creating(), creating(waiting("PodInitializing")),
    creating(waiting("")), creating(status()), creating(waiting("PodInitializing"),
    init=(waiting("PodInitializing", name="i"),))],
    ids=["creating", "initializing", "no reason", "no state", "init container"])  # fmt: skip
@pytest.mark.parametrize(("reason", "message", "code"), TOLD)
def test_the_event_stands_in_place_of_the_bare_wait(
    reason: str, message: str, code: str, given: Pod
) -> None:
    (found,) = judged(given, pod_event(reason, message, count=7))
    assert (found.code, found.source) == (code, Source.REPORTED)
    assert found.facts == PodEventFacts(
        pod="agent-a",
        reason=reason,
        message=message,
        count=7,
        last_seen=ago(60),
        volume="config" if 'volume "config"' in message else "",
    )


def test_a_pod_without_any_container_status() -> None:
    given = replace(creating(), status=replace(creating().status, container_statuses=None))
    assert codes(judged(given, pod_event("FailedMount", NO_SECRET))) == ["VolumeMount"]


# kubelet.go (SyncPod) lets pods of the host's network start without it.
@pytest.mark.parametrize(
    ("host_network", "expected"),
    [
        pytest.param(False, ["NetworkNotReady"], id="a network of its own"),
        pytest.param(True, ["ContainerCreating"], id="the host's"),
    ],
)
def test_network_not_ready(host_network: bool, expected: list[str]) -> None:
    given = creating(host_network=host_network)
    assert codes(judged(given, pod_event("NetworkNotReady", NETWORK))) == expected


# Reasons that tell of no failure, and DRA, for which the contract has no code: evidence only.
HINTS = [
    pytest.param("Pulling", 'Pulling image "example.com/agent:1"', id="pull"),
    pytest.param("FailedPrepareDynamicResources", CLAIMS, id="claims"),
    pytest.param("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.",
        id="sandbox changed"),
    pytest.param("VolumePermissionChangeInProgress", "Setting volume ownership for x",
        id="volume permissions"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "message"), HINTS)
def test_what_the_kubelet_is_at(reason: str, message: str) -> None:
    (found,) = judged(creating(), pod_event(reason, message))
    facts: Any = found.facts
    assert (found.code, facts.container, facts.event) == ("ContainerCreating", "agent", message)


def test_the_newest_of_what_it_is_at() -> None:
    pulling = pod_event("Pulling", "now", container="agent", seconds_ago=5)
    (found,) = judged(creating(), pod_event("SandboxChanged", "before", seconds_ago=90), pulling)
    facts: Any = found.facts
    assert facts.event == "now"


def test_another_container_s_pull_says_nothing() -> None:
    (found,) = judged(creating(), pod_event("Pulling", "other", container="other"))
    facts: Any = found.facts
    assert facts.event == ""


def test_another_pod_s_event_says_nothing() -> None:
    found = judged(creating(), pod_event("FailedMount", NO_SECRET, of="agent-z"))
    assert codes(found) == ["ContainerCreating"]


# An event stays for an hour, also when it is over. It is not blamed where the pod got further.
def sandbox(value: str, since: float | None) -> Condition:
    moment = None if since is None else ago(since)
    return Condition(type="PodReadyToStartContainers", status=value, last_transition_time=moment)


RUNS = status(running=ContainerStateRunning(started_at=ago(300)))


def test_a_container_that_runs_is_not_being_created() -> None:
    changed = pod_event("SandboxChanged", "Pod sandbox changed", seconds_ago=60)
    (found,) = judged(creating(waiting("PodInitializing"), init=(RUNS,)), changed)
    facts: Any = found.facts
    assert (found.code, facts.init, facts.event) == ("PodInitializing", True, "")


OVER = [
    pytest.param(creating(RUNS), 60, False, id="the container runs"),
    pytest.param(creating(waiting(), RUNS), 60, False, id="one of two runs"),
    pytest.param(
        creating(waiting("PodInitializing"), init=(RUNS,)), 60, False, id="an init container runs"
    ),
    pytest.param(creating(waiting(last=ended(30))), 60, False, id="it ran since"),
    pytest.param(creating(waiting(last=ended(60))), 60, False, id="it ended in that second"),
    pytest.param(creating(waiting(last=ended(90))), 60, True, id="it ended before"),
    pytest.param(
        creating(status(terminated=ended(90).terminated)), 60, True, id="ended, not started again"
    ),
    pytest.param(
        creating(waiting("PodInitializing"), init=(status("i", terminated=ended(30, 0).terminated),)),
        60, False, id="an init container is done since",
    ),
    pytest.param(
        creating(conditions=(sandbox("True", 30),)), 60, False, id="the sandbox is ready since"
    ),
    pytest.param(
        creating(conditions=(sandbox("True", 90),)), 60, True, id="the sandbox was ready before"
    ),
    pytest.param(
        creating(conditions=(sandbox("False", 30),)), 60, True, id="the sandbox is not ready"
    ),
    pytest.param(creating(conditions=(sandbox("True", None),)), 60, True, id="nobody knows when"),
]  # fmt: skip


@pytest.mark.parametrize("reason", ["FailedMount", "FailedCreatePodSandBox", "NetworkNotReady"])
@pytest.mark.parametrize(("given", "seconds_ago", "blamed"), OVER)
def test_an_event_of_before_is_not_blamed(
    given: Pod, seconds_ago: float, blamed: bool, reason: str
) -> None:
    found = setup_reasons(given, [pod_event(reason, "x", seconds_ago=seconds_ago)])
    assert bool(found) is blamed


# kubelet.go (SyncPod): network, control group, volumes, then kuberuntime_manager.go (SyncPod):
# resource claims, sandbox, images. What came later shows that the earlier is done; volumes are
# mounted beside all that (volumemanager), so theirs show nothing.
STEPS = [
    ("NetworkNotReady", "FailedCreatePodContainer", True),
    ("NetworkNotReady", "FailedMount", False),
    ("NetworkNotReady", "FailedPrepareDynamicResources", True),
    ("NetworkNotReady", "FailedCreatePodSandBox", True),
    ("NetworkNotReady", "Pulling", True),
    ("FailedCreatePodContainer", "NetworkNotReady", False),
    ("FailedCreatePodContainer", "FailedCreatePodSandBox", True),
    ("FailedMount", "FailedCreatePodContainer", False),
    ("FailedMount", "NetworkNotReady", False),
    ("FailedMount", "FailedPrepareDynamicResources", True),
    ("FailedMount", "FailedCreatePodSandBox", True),
    ("FailedMount", "Pulling", True),
    ("FailedMount", "Started", True),
    ("FailedAttachVolume", "FailedMount", False),
    ("FailedAttachVolume", "FailedCreatePodSandBox", True),
    ("FailedMapVolume", "Pulled", True),
    ("FailedCreatePodSandBox", "FailedMount", False),
    ("FailedCreatePodSandBox", "Pulling", True),
    ("FailedCreatePodSandBox", "Created", True),
    ("FailedMount", "SandboxChanged", False),
    ("FailedMount", "Scheduled", False),
]


@pytest.mark.parametrize("gap", [0, 30], ids=["same second", "later"])
@pytest.mark.parametrize(("before", "after", "over"), STEPS)
def test_a_later_step_shows_that_the_earlier_is_done(
    before: str, after: str, over: bool, gap: int
) -> None:
    events = [
        pod_event(after, 'for volume "y"', seconds_ago=60),
        pod_event(before, 'for volume "x"', seconds_ago=60 + gap),
    ]
    told = {reason.facts.reason for reason in setup_reasons(creating(), events)}  # type: ignore[attr-defined]
    assert (before not in told) is over


@pytest.mark.parametrize(("before", "after", "_"), STEPS)
def test_a_step_that_fails_anew_is_told(before: str, after: str, _: bool) -> None:
    events = [pod_event(before, "x", seconds_ago=30), pod_event(after, "y", seconds_ago=60)]
    told = {reason.facts.reason for reason in setup_reasons(creating(), events)}  # type: ignore[attr-defined]
    assert before in told


ATTACHED = 'AttachVolume.Attach succeeded for volume "{}"'
ATTACHMENTS = [
    pytest.param("pv-1", 30, [], id="attached since"),
    pytest.param("pv-1", 90, ["VolumeMount"], id="attached before"),
    pytest.param("pv-2", 30, ["VolumeMount"], id="another one was attached"),
]


@pytest.mark.parametrize(("volume", "seconds_ago", "expected"), ATTACHMENTS)
def test_a_volume_that_is_attached_by_now(
    volume: str, seconds_ago: float, expected: list[str]
) -> None:
    done = pod_event(
        "SuccessfulAttachVolume",
        ATTACHED.format(volume),
        seconds_ago=seconds_ago,
        component="attachdetach-controller",
    )
    events = newest_first([pod_event("FailedAttachVolume", MULTI), done])
    assert codes(setup_reasons(creating(), events)) == expected


def test_each_volume_is_told_once_by_its_newest_event() -> None:
    other = NO_SECRET.replace("config", "tls")
    found = judged(
        creating(),
        pod_event("FailedMount", f"{SETUP}older", seconds_ago=90),
        pod_event("FailedMount", NO_SECRET, seconds_ago=60),
        pod_event("FailedMount", other, seconds_ago=70),
        pod_event("FailedMount", LATE, seconds_ago=10),
    )
    facts: list[Any] = [reason.facts for reason in found]
    assert codes(found) == ["VolumeMount", "VolumeMount"]
    assert {item.message for item in facts} == {NO_SECRET, other}


def test_the_contract_s_order_of_codes() -> None:
    """Both may be current: volumes are tried while the network is not ready."""
    found = judged(
        creating(),
        pod_event("NetworkNotReady", NETWORK, seconds_ago=5),
        pod_event("FailedMount", NO_SECRET, seconds_ago=50),
    )
    assert codes(found) == ["VolumeMount", "NetworkNotReady"]


def test_a_wait_that_the_kubelet_names_is_kept() -> None:
    """contract: all reasons that hold are listed; a crash loop goes on beside a lost secret."""
    loop = waiting("CrashLoopBackOff", last=ended(90))
    found = judged(creating(loop), pod_event("FailedMount", NO_SECRET))
    assert codes(found) == ["CrashLoopBackOff", "VolumeMount"]


def test_containers_that_ended_before_a_reboot_do_not_end_again_and_again() -> None:
    given = creating(status(terminated=ended(90, 255).terminated))
    assert codes(judged(given, pod_event("FailedCreatePodSandBox", CNI))) == ["SandboxCreate"]


def test_on_a_node_that_is_not_ready_events_follow_the_node() -> None:
    asked = daemon_set()
    events = (pod_event("NetworkNotReady", NETWORK),)
    seen = cluster([asked], [node(ready="False")], [creating()], events=events)
    (verdict,) = explain(seen, asked).nodes
    assert codes(list(verdict.reasons)) == ["NodeNotReady", "NetworkNotReady"]


EVENTS = st.lists(
    st.builds(
        lambda reason, seconds, volume: pod_event(
            reason, f'x failed for volume "{volume}" : y', seconds_ago=seconds
        ),
        st.sampled_from(sorted({name for step in STEPS for name in step[:2]})),
        st.integers(0, 300),
        st.sampled_from(["config", "tls"]),
    ),
    max_size=6,
)
PODS = st.sampled_from([row.values[0] for row in OVER])


@given(PODS, EVENTS)
@settings(deadline=None)
def test_nothing_is_blamed_that_is_older_than_the_pod_s_progress(pod: Any, events: Any) -> None:
    moment = progress(pod)
    for reason in setup_reasons(pod, newest_first(events)):
        facts: Any = reason.facts
        assert moment is None or facts.last_seen > moment


@given(st.lists(EVENTS.filter(bool).map(lambda items: items[0]), max_size=4))
@settings(deadline=None)
def test_the_order_in_which_events_were_read_does_not_matter(events: Any) -> None:
    distinct = {event.time: event for event in events}.values()
    told = {tuple(judged(creating(), *order)) for order in permutations(distinct)}
    assert len(told) == 1


@given(PODS, EVENTS)
@settings(deadline=None)
def test_there_is_always_a_reason(pod: Any, events: Any) -> None:
    assert unready_reasons(pod, 0, NOW, newest_first(events))
