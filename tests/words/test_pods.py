"""Sentences on pods that are not up, or not gone."""

from __future__ import annotations

from typing import Any

import pytest
from samples import sample

from kubectl_ds.core import facts as f
from kubectl_ds.core.verdict import Finding
from kubectl_ds.words.overview import finding_sentence
from kubectl_ds.words.reasons import sentence


def container(**changes: Any) -> f.ContainerFacts:
    plain: dict[str, Any] = {
        "container": "agent", "init": False, "image": "example.com/agent:1", "reason": "",
        "message": "", "restarts": 12, "exit_code": None, "exit_reason": "", "exit_message": "",
        "finished": None, "finished_ago": None, "started": None, "probe": "", "by_node": False,
        "event": "",
    }  # fmt: skip
    return sample(f.ContainerFacts, **{**plain, **changes})


def crashed(code: int = 1, reason: str = "Error", **changes: Any) -> f.ContainerFacts:
    return container(exit_code=code, exit_reason=reason, finished_ago=180, **changes)


def told(reason: str, message: str, volume: str = "") -> f.PodEventFacts:
    return sample(f.PodEventFacts, reason=reason, message=message, volume=volume)


def failed(**changes: Any) -> f.PodFailureFacts:
    plain: dict[str, Any] = {"phase": "Failed", "reason": "", "message": "", "rounds": 0}
    return sample(f.PodFailureFacts, **{**plain, "replaced": True, "pressure": (), **changes})


def ending(**changes: Any) -> f.TerminationFacts:
    plain: dict[str, Any] = {"overdue_seconds": 600, "finalizers": (), "cause": "kubelet"}
    return sample(f.TerminationFacts, **{**plain, "event": "", "disruption": "", **changes})


ENDS = "container agent keeps ending with exit code"
KILLED = "container agent keeps being killed, its liveness probe fails"
LIVENESS = "Liveness probe failed: HTTP probe failed with statuscode: 500"
CRASHES = [
    pytest.param([crashed()], f"{ENDS} 1 (Error), last 3m ago, 12 restarts", id="error"),
    pytest.param(
        [crashed(exit_message="panic: no\n  key\n")],
        f"{ENDS} 1 (Error), last 3m ago, 12 restarts: panic: no key", id="with its last words",
    ),
    pytest.param(
        [crashed(0, "Completed")],
        f"{ENDS} 0 (a daemon that ends is started again), last 3m ago, 12 restarts", id="no error",
    ),
    pytest.param(
        [crashed(137)], f"{ENDS} 137 (killed, SIGKILL), last 3m ago, 12 restarts", id="killed"
    ),
    pytest.param(
        [crashed(139)], f"{ENDS} 139 (a memory fault, SIGSEGV), last 3m ago, 12 restarts",
        id="segmentation fault",
    ),
    pytest.param(
        [crashed(143)], f"{ENDS} 143 (asked to end, SIGTERM), last 3m ago, 12 restarts",
        id="terminated",
    ),
    pytest.param(
        [crashed(126)], f"{ENDS} 126 (its command can't be executed), last 3m ago, 12 restarts",
        id="not executable",
    ),
    pytest.param(
        [crashed(127)], f"{ENDS} 127 (its command was not found), last 3m ago, 12 restarts",
        id="not found",
    ),
    pytest.param(
        [crashed(128, "StartError", exit_message='exec: "x": not found')],
        f'{ENDS} 128 (it could not be started), last 3m ago, 12 restarts: exec: "x": not found',
        id="start error",
    ),
    pytest.param(
        [crashed(127, "ContainerCannotRun")],
        f"{ENDS} 127 (it could not be started), last 3m ago, 12 restarts", id="can't run",
    ),
    pytest.param(
        [crashed(137, "ContainerStatusUnknown")],
        f"{ENDS} 137 (the kubelet did not see its end), last 3m ago, 12 restarts", id="lost",
    ),
    pytest.param(
        [crashed(137, "DeadlineExceeded")],
        f"{ENDS} 137 (it ran for longer than it may), last 3m ago, 12 restarts", id="deadline",
    ),
    pytest.param([crashed(42, "")], f"{ENDS} 42, last 3m ago, 12 restarts", id="a number only"),
    pytest.param(
        [crashed(), crashed(139, restarts=3)], f"{ENDS} 1 or 139, last 3m ago, 3 to 12 restarts",
        id="different codes are no range and have no common meaning",
    ),
    pytest.param(
        [crashed(), container(exit_code=1, exit_reason="Error", finished_ago=9000)],
        f"{ENDS} 1 (Error), last 3m to 2h ago, 12 restarts", id="different times",
    ),
    pytest.param(
        [crashed(exit_message="a"), crashed(exit_message="b")],
        f"{ENDS} 1 (Error), last 3m ago, 12 restarts", id="different words",
    ),
    pytest.param(
        [crashed(137, probe="liveness", event=LIVENESS)],
        f"{KILLED}, last 3m ago, 12 restarts: HTTP probe failed with statuscode: 500",
        id="killed for its probe",
    ),
    pytest.param(
        [crashed(137, probe="liveness", event=LIVENESS), crashed(137, probe="liveness", event="x")],
        f"{KILLED}, last 3m ago, 12 restarts", id="probes that saw different things",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("evidence", "text"), CRASHES)
def test_crashes(evidence: list[f.Facts], text: str) -> None:
    assert sentence("CrashLoopBackOff", evidence) == text


READINESS = "Readiness probe failed: HTTP probe failed with statuscode: 503"
ERRORED = "Readiness probe errored and resulted in unknown state: no such file"
UNREADY = [
    pytest.param(container(), "container agent runs but is not ready, 12 restarts", id="nothing"),
    pytest.param(
        crashed(137, "OOMKilled"),
        "container agent runs but is not ready; it has ended with exit code 137 (killed for lack of "
        "memory), last 3m ago, 12 restarts",
        id="started again",
    ),
    pytest.param(
        container(probe="readiness", event=READINESS),
        "readiness probe of container agent fails: HTTP probe failed with statuscode: 503",
        id="readiness",
    ),
    pytest.param(
        container(probe="readiness", event=ERRORED),
        "readiness probe of container agent fails: no such file", id="a probe that can't be run",
    ),
    pytest.param(
        container(probe="startup", started=False),
        "startup probe of container agent has not passed yet", id="startup",
    ),
    pytest.param(
        container(probe="startup", started=False, event="Startup probe failed: refused"),
        "startup probe of container agent fails: refused", id="startup fails",
    ),
    pytest.param(
        container(probe="liveness", event=LIVENESS, finished_ago=30),
        "container agent was killed, its liveness probe failed, last 30s ago, 12 restarts: "
        "HTTP probe failed with statuscode: 500",
        id="killed before",
    ),
    pytest.param(
        container(container="", by_node=True),
        "all containers are ready; the pod is marked not ready because its node was not",
        id="marked",
    ),
    pytest.param(container(container=""), "all containers are ready, the pod is not", id="lag"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "text"), UNREADY)
def test_not_ready(facts: f.Facts, text: str) -> None:
    assert sentence("NotReady", [facts]) == text


PULL = "container agent can't pull image example.com/agent:1"
OTHERS = [
    pytest.param(
        "ErrImagePull", container(event='Failed to pull image "x": rpc error: code = NotFound desc = gone'),
        f"{PULL}: gone", id="pull: the event",
    ),
    pytest.param(
        "ImagePullBackOff",
        container(message='Back-off pulling image "x"', event='Failed to pull image "x": gone'),
        f"{PULL}: gone", id="pull: a status without the cause",
    ),
    pytest.param(
        "ImagePullBackOff", container(message='Back-off pulling image "x": ErrImagePull: gone'),
        f"{PULL}: gone", id="pull: the status",
    ),
    pytest.param("ImagePullBackOff", container(), PULL, id="pull: nothing"),
    pytest.param(
        "OOMKilled", crashed(137, "OOMKilled"),
        "container agent was killed for lack of memory, last 3m ago, 12 restarts", id="out of memory",
    ),
    pytest.param(
        "ContainerCreating", container(event='Pulling image "x"'),
        'container agent is being created: Pulling image "x"', id="creating",
    ),
    pytest.param(
        "CreateContainerError", container(reason="CreateContainerError", message="x" * 300),
        f"container agent can't be created: {'x' * 200}…", id="a long text is cut",
    ),
    pytest.param(
        "CreateContainerConfigError",
        container(reason="CreateContainerConfigError", message='configmap "agent" not found'),
        'container agent can\'t be configured: configmap "agent" not found', id="configuration",
    ),
    pytest.param(
        "RunContainerError", container(reason="RunContainerError", message="permission denied"),
        "container agent can't be started: permission denied", id="start",
    ),
    pytest.param(
        "InvalidImageName", container(reason="InvalidImageName", message="bad"),
        "container agent has an image name that can't be read: bad", id="image name",
    ),
    pytest.param(
        "ErrImageNeverPull", container(reason="ErrImageNeverPull"),
        "container agent has an image that is not on the node and must not be pulled",
        id="image not there",
    ),
    pytest.param(
        "SomethingOfTomorrow", container(reason="SomethingOfTomorrow", message="why"),
        "container agent waits, SomethingOfTomorrow: why", id="any other wait",
    ),
    pytest.param(
        "VolumeMount",
        told("FailedMount", 'MountVolume.SetUp failed for volume "config" : configmap "agent" not found', "config"),
        'volume "config" can\'t be mounted: configmap "agent" not found', id="mount",
    ),
    pytest.param(
        "VolumeMount",
        told("FailedAttachVolume", 'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) x'),
        'volume "pv-1" can\'t be attached: Volume is already used by pod(s) x', id="attach",
    ),
    pytest.param(
        "VolumeMount",
        told("FailedMapVolume", 'MapVolume.SetUpDevice failed for volume "pv-1" : no device'),
        'volume "pv-1" can\'t be mapped: no device', id="map",
    ),
    pytest.param(
        "VolumeMount", told("FailedMount", "Unable to attach or mount volumes: timed out"),
        "the volumes can't be mounted: Unable to attach or mount volumes: timed out", id="any volume",
    ),
    pytest.param(
        "SandboxCreate",
        told("FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = no IP left"),
        "the pod's sandbox can't be set up: no IP left", id="sandbox",
    ),
    pytest.param(
        "NetworkNotReady", told("NetworkNotReady", "network is not ready: cni plugin not initialized"),
        "the node's network is not ready: cni plugin not initialized", id="network",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "text"), OTHERS)
def test_others(code: str, facts: f.Facts, text: str) -> None:
    assert sentence(code, [facts]) == text


def test_volumes_of_several_nodes() -> None:
    lead = 'AttachVolume.Attach failed for volume "{}" : timed out'
    evidence = [told("FailedAttachVolume", lead.format(name)) for name in ("pv-1", "pv-2")]
    assert sentence("VolumeMount", evidence) == (
        'volume "pv-1" or "pv-2" can\'t be attached: timed out'
    )


AGAIN = "; the controller creates another after a back-off of up to 15 min"
CPU = "Node didn't have enough resource: cpu, requested: 500, used: 1500, capacity: 1930"
PRESSED = "Pod was rejected: The node had condition: [DiskPressure]. "
FAILURES = [
    pytest.param(
        "KubeletRejected", [failed(reason="OutOfcpu", message=f"Pod was rejected: {CPU}", rounds=4)],
        f"the kubelet refused the pod, OutOfcpu: {CPU}{AGAIN} (at least 4 times within the last hour)", id="refused",
    ),
    pytest.param(
        "KubeletRejected",
        [failed(reason="NodePorts", message="Pod was rejected: Predicate NodePorts failed: no free port", rounds=1)],
        f"the kubelet refused the pod, NodePorts: no free port{AGAIN} (at least once within the last hour)", id="refused once",
    ),
    pytest.param(
        "KubeletRejected", [failed(reason="NodeAffinity", message="Predicate NodeAffinity failed: x")],
        "the kubelet refused the pod, NodeAffinity: the node's labels, as it knew them, did not "
        f"match the pod's node selector or affinity{AGAIN}",
        id="relabelled",
    ),
    pytest.param(
        "KubeletRejected", [failed(reason="OutOfcpu", replaced=False, rounds=4)],
        "the kubelet refused the pod, OutOfcpu", id="no other follows",
    ),
    pytest.param(
        "KubeletRejected",
        [failed(reason="OutOfcpu", rounds=number) for number in (0, 4)],
        f"the kubelet refused the pod, OutOfcpu{AGAIN} (at least 0 to 4 times within the last hour)", id="several nodes",
    ),
    pytest.param(
        "Evicted", [failed(message=PRESSED, pressure=("DiskPressure",), rounds=2)],
        "the kubelet refused the pod: The node had condition: [DiskPressure]; "
        f"the node still has DiskPressure{AGAIN} (at least 2 times within the last hour)",
        id="disk pressure",
    ),
    pytest.param(
        "Evicted", [failed(message="The node was low on resource: memory.")],
        f"the kubelet evicted the pod: The node was low on resource: memory{AGAIN}", id="evicted",
    ),
    pytest.param("PodFailed", [failed(reason="X", message="y")], f"pod failed: X: y{AGAIN}", id="failed"),
    pytest.param(
        "PodFailed", [failed(phase="Succeeded")], "pod succeeded; the controller creates another",
        id="succeeded",
    ),
    pytest.param(
        "StuckTerminating", [ending()],
        "the old pod should have been gone for 10m: the kubelet has not finished it", id="stuck",
    ),
    pytest.param(
        "StuckTerminating", [ending(event="error killing pod: x")],
        "the old pod should have been gone for 10m: the kubelet has not finished it: "
        "error killing pod: x",
        id="stuck, with its cause",
    ),
    pytest.param(
        "StuckTerminating", [ending(cause="nodeNotReady", disruption="DeletionByTaintManager")],
        "the old pod should have been gone for 10m: its node is not ready or unreachable "
        "(evicted for a NoExecute taint)",
        id="stuck, evicted",
    ),
    pytest.param(
        "ReplacementWaitsForTermination",
        [ending(overdue_seconds=0, cause="none", disruption="SomethingOfTomorrow")],
        "a new pod is created once the old one is gone (SomethingOfTomorrow)", id="waits",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "evidence", "text"), FAILURES)
def test_ends(code: str, evidence: list[f.Facts], text: str) -> None:
    assert sentence(code, evidence) == text


def cause(reason: str, pods: int, message: str = CPU) -> f.VanishCause:
    return f.VanishCause(reason=reason, pods=pods, message=message)


VANISHED = [
    pytest.param(
        ("a", "b"), (cause("OutOfcpu", 4), cause("FailedDaemonPod", 1)),
        f"5 pods came and went within the last hour on a and b: 4 OutOfcpu: {CPU}; 1 failed",
        id="refused",
    ),
    pytest.param(
        (), (cause("TaintManagerEviction", 5, "Marking for deletion Pod ns/x"),),
        "5 pods came and went within the last hour: 5 evicted for a NoExecute taint",
        id="a taint, on nodes that are not known",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "causes", "text"), VANISHED)
def test_pods_that_vanish(
    nodes: tuple[str, ...], causes: tuple[f.VanishCause, ...], text: str
) -> None:
    facts = f.PodsVanishFacts(pods=5, nodes=nodes, causes=causes)
    assert finding_sentence(Finding(code="PodsVanish", facts=facts)) == text
