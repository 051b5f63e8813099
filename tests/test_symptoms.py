"""Twenty symptoms from the field, each told by its true cause.

Each is a small cluster made after a report that people filed; what must come out is the cause
that they found in the end, in a sentence that names the things concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.classes import LimitRange, PriorityClass
from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.groups import label
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import Cluster, ControllerRevision, DaemonSet, Node
from kubectl_ds.core.pods import (
    ContainerState,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
)
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import groups, report
from kubectl_ds.core.verdict import Explanation, gaps
from kubectl_ds.draw.table import screen
from kubectl_ds.draw.text import ENDLESS
from kubectl_ds.draw.theme import plain
from tests.core import make
from tests.core.make import (
    HASH,
    NAMESPACE,
    OLD_HASH,
    ON_DELETE,
    OTHER_UID,
    ago,
    daemon_set,
    event,
    namespace,
    node,
    pod,
    quota,
    rolling_update,
    template,
)
from tests.core.make_waiting import asking, pending, spec, stranger

HOUR, DAY = 3600, 86400
# What the scheduler says of the nodes that a daemon pod is not made for.
NOT_MEANT = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
NO_VICTIM = "preemption: 0/5 nodes are available: 1 No preemption victims found for incoming pod."
FULL = "Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110"
TOLERANT = [{"operator": "Exists"}]
UNREACHABLE = (
    "node.kubernetes.io/unreachable:NoSchedule",
    "node.kubernetes.io/unreachable:NoExecute",
)


def nodes(number: int, **more: Any) -> list[Node]:
    return [node(f"n{place}", **more) for place in range(number)]


def pods(over: Iterable[Node], **more: Any) -> list[Pod]:
    return [pod(f"agent-{item.name}", item.name, **more) for item in over]


def waiting(target: str, reason: str, message: str, **more: Any) -> Pod:
    state = ContainerState(waiting=ContainerStateWaiting(reason=reason, message=message))
    status = ContainerStatus(name="agent", image="example.com/agent:2", state=state)
    return pod(f"agent-{target}", target, ready=False, container_statuses=(status,), **more)


def revisions(age: float) -> tuple[ControllerRevision, ...]:
    """An old revision, and the current one of that age."""
    return tuple(
        replace(item, metadata=replace(item.metadata, creation_timestamp=ago(seconds)))
        for item, seconds in ((make.revision(1, OLD_HASH), 90 * DAY), (make.revision(2), age))
    )


def judged(given: DaemonSet, *around: Any, **more: Any) -> Explanation:
    return explain(make.cluster([given], *around, **more), given)


def told(explanation: Explanation) -> str:
    """The whole screen, each thing on one line."""
    return screen(explanation, ENDLESS, plain)


def first(explanation: Explanation, name: str) -> tuple[State, str]:
    verdict = next(item for item in explanation.nodes if item.node == name)
    return verdict.state, verdict.reasons[0].code


def test_01_a_quota_of_no_pods_and_a_status_that_says_nothing_is_desired() -> None:
    """kubernetes/kubernetes#100683: DESIRED 0; the controller gave up before it counted."""
    given = daemon_set(desired_number_scheduled=0)
    found = judged(given, nodes(3), quotas=[quota({"pods": "0"}, name="none")])
    assert found.summary.desired == 3
    assert found.states == {State.MISSING: 3}
    assert first(found, "n0") == (State.MISSING, "QuotaExceeded")
    text = told(found)
    assert "runs on 0 of 3 nodes, gaps: 3 Missing" in text
    assert "quota none would refuse a pod: pods 0 of 0 used, a pod needs 1" in text
    assert "desiredNumberScheduled" in found.status_behind


def test_02_a_priority_class_that_needs_a_quota_of_its_own() -> None:
    """openebs-archive/cstor-operators#196: admission limited to scopes that a quota must match."""
    message = (
        "Error creating: insufficient quota to match these scopes: [{PriorityClass In "
        "[system-node-critical system-cluster-critical]}]"
    )
    given = daemon_set(pod_template=template(priorityClassName="system-node-critical"))
    found = judged(given, nodes(2), events=[event("FailedCreate", message)])
    assert first(found, "n0") == (State.MISSING, "CreateFailed")
    assert "PriorityClass In (system-node-critical, system-cluster-critical)" in told(found)
    assert "only where a ResourceQuota of the namespace has that scope" in told(found)


def test_03_taints_that_nothing_tolerates_leave_neither_pod_nor_event() -> None:
    """kubernetes/kubernetes#72017: 8 nodes, and the DaemonSet wants 3."""
    tainted = [
        node(f"t{place}", taints=["node-role.kubernetes.io/master:NoSchedule"])
        for place in range(5)
    ]
    plain_ones = nodes(3)
    found = judged(daemon_set(), [*plain_ones, *tainted], pods(plain_ones))
    assert (found.summary.desired, found.states[State.EXCLUDED]) == (3, 5)
    assert first(found, "t0") == (State.EXCLUDED, "UntoleratedTaint")
    assert "runs on 3 of 8 nodes, 5 excluded, no gap" in told(found)
    assert "taint node-role.kubernetes.io/master:NoSchedule not tolerated" in told(found)


def test_04_a_toleration_that_never_reached_the_template() -> None:
    """DataDog/helm-charts#207: set under the wrong key of the values: the live object lacks it."""
    given = daemon_set(pod_template=template(tolerations=[]))
    found = judged(given, [node("a", taints=["dedicated=gpu:NoSchedule"])])
    assert first(found, "a") == (State.EXCLUDED, "UntoleratedTaint")
    (check,) = found.nodes[0].checks
    assert (check.passed, check.toleration) == (False, None)
    assert told(found).endswith("1  a      Excluded  taint dedicated=gpu:NoSchedule not tolerated")


MISSES = [
    pytest.param(
        {"operator": "Equals", "value": "gpu"}, "=gpu:NoSchedule op=Equals", id="operator"
    ),
    pytest.param({"value": "GPU"}, "=GPU:NoSchedule", id="value"),
    pytest.param(
        {"operator": "Exists", "effect": "NoExecute"}, ":NoExecute op=Exists", id="effect"
    ),
]


@pytest.mark.parametrize(("wrong", "shown"), MISSES)
def test_04_a_toleration_that_is_meant_for_the_taint_and_misses_it(
    wrong: dict[str, str], shown: str
) -> None:
    meant = {"key": "dedicated", "effect": "NoSchedule", **wrong}
    given = daemon_set(pod_template=template(tolerations=[meant]))
    found = judged(given, [node("a", taints=["dedicated=gpu:NoSchedule"])])
    assert first(found, "a") == (State.EXCLUDED, "UntoleratedTaint")
    assert (
        f"taint dedicated=gpu:NoSchedule not tolerated; toleration dedicated{shown} does not match"
    ) in told(found)


def test_05_an_affinity_to_a_label_that_no_node_has() -> None:
    """NVIDIA/nvkind#4: `describe` shows no node selector, and not the affinity."""
    expression = {"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]}
    required = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    found = judged(daemon_set(pod_template=template(affinity=affinity)), nodes(2))
    assert found.summary.desired == 0
    assert [item.code for item in found.findings] == ["NoNodeDesired"]
    assert first(found, "n0") == (State.EXCLUDED, "NodeAffinityMismatch")
    text = told(found)
    assert "NodeAffinityMismatch nvidia.com/gpu.present In (true) excludes 2 of 2 nodes" in text
    assert "node affinity wants nvidia.com/gpu.present In (true), node has no such label" in text


def test_06_the_one_node_that_counts_and_its_arithmetic() -> None:
    """devantler-tech/platform#1701: of "5 didn't satisfy NodeAffinity" none has any part in it."""
    small = node("n0", allocatable={"cpu": "4", "memory": "7783Mi", "pods": "110"})
    message = (
        "0/6 nodes are available: 1 Insufficient memory, 5 node(s) didn't satisfy plugin(s) "
        "[NodeAffinity]. preemption: 0/6 nodes are available: 1 No preemption victims found for "
        "incoming pod, 5 Preemption is not helpful for scheduling."
    )
    body = asking({"memory": "256Mi"})
    rest = [node(f"n{place}") for place in range(1, 6)]
    waits = pending("n0", message, **body)
    around = [*pods(rest), stranger("shop-1", "n0", {"memory": "7624Mi"}), waits]
    found = judged(daemon_set(pod_template=template(**body)), [small, *rest], around)
    assert first(found, "n0") == (State.PENDING, "InsufficientMemory")
    assert len(found.nodes[0].reasons) == 1
    text = told(found)
    assert "needs 256Mi, 159Mi free of 7.6Gi (97% requested)" in text
    assert "a request of at most 159Mi fits all 6 nodes" in text
    assert "NodeAffinity" not in text


@pytest.mark.parametrize(("other", "helps"), [(0, False), (-1, True)], ids=["equal", "lower"])
def test_07_a_node_that_pods_of_equal_priority_filled_first(other: int, helps: bool) -> None:
    """kubernetes/kubernetes#140984: preemption evicts only what has a lower priority."""
    full = node("n0", allocatable={"cpu": "4", "memory": "8Gi", "pods": "110"})
    message = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available."
    body = asking({"cpu": "500m"})
    around = [
        stranger("shop-1", "n0", {"cpu": "3800m"}, priority=other),
        pending("n0", message, priority=0, **body),
    ]
    found = judged(daemon_set(pod_template=template(**body)), [full], around)
    assert first(found, "n0") == (State.PENDING, "InsufficientCPU")
    facts: Any = found.nodes[0].reasons[0].facts
    assert facts.preemption is not None
    assert (facts.preemption.lower, facts.preemption.helps) == (int(helps), helps)
    text = told(found)
    assert ("evicting nothing helps: no pod there has a lower priority" in text) is not helps
    assert ("evicting pods of lower priority makes room" in text) is helps


def test_08_a_pending_pod_is_told_under_the_node_that_it_is_made_for() -> None:
    """kubernetes/kubernetes#93934: `kubectl get pods -o wide` shows <none>."""
    message = f"0/3 nodes are available: 1 Insufficient cpu, 2 {NOT_MEANT}. {NO_VICTIM}"
    rest, body = nodes(2), asking({"cpu": "3"})
    around = [
        *pods(rest),
        stranger("shop-1", "lost", {"cpu": "2"}),
        pending("lost", message, **body),
    ]
    found = judged(daemon_set(), [*rest, node("lost")], around)
    assert [verdict.node for verdict in gaps(found)] == ["lost"]
    assert found.states[State.PENDING] == 1
    text = told(found)
    assert "1  lost   Pending    needs 3 CPU, 2 free of 4" in text
    assert "NodeAffinity" not in text


def test_09_a_surge_whose_port_the_old_pod_holds() -> None:
    """kubernetes/kubernetes#106417: "didn't have free ports", for ever."""
    ports = {"ports": [{"containerPort": 9100, "hostPort": 9100, "protocol": "TCP"}]}
    body = asking({}, **ports)
    message = (
        "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    )
    around = [
        pod("old-0", "n0", hash=OLD_HASH, spec=spec("n0", bound=True, **body)),
        pod("old-1", "n1", hash=OLD_HASH, spec=spec("n1", bound=True, **body)),
        pending("n0", message, **body),
    ]
    given = daemon_set(strategy=rolling_update(0, 1), pod_template=template(**body))
    found = judged(given, nodes(2), around, revisions=revisions(3 * HOUR))
    assert first(found, "n0") == (State.OUTDATED, "SurgePodPending")
    assert (
        "the new pod needs host port 9100, which the old pod holds: with maxSurge this can never "
        "succeed; use maxUnavailable"
    ) in told(found)
    assert "0 of 2 nodes updated, stuck for 2h" in told(found)


def test_10_dead_nodes_that_eat_the_budget_of_all_others() -> None:
    """kubernetes/test-infra#31706: three dead nodes, 161 others, and no update at all."""
    dead = [node(f"dead-{place}", ready="Unknown", taints=UNREACHABLE) for place in range(3)]
    alive = nodes(161)
    around = [
        *pods(alive, hash=OLD_HASH),
        *pods(dead, hash=OLD_HASH, ready=False, deleted=ago(3 * HOUR)),
    ]
    found = judged(daemon_set(), [*alive, *dead], around, revisions=revisions(4 * HOUR))
    text = told(found)
    assert found.rollout.stuck
    assert "0 of 161 nodes updated, stuck for 3h" in text
    assert "maxUnavailable 1 is used up by 3 nodes: dead-0, dead-1 and dead-2" in text
    assert "unreachable" in text
    (finding,) = found.findings
    assert finding.root is not None
    assert (finding.root.code, finding.root.explained) == ("NodeUnreachable", 164)


def test_11_a_dead_node_that_is_tolerated_and_so_still_desired() -> None:
    """zero-day-ai/setec#328: 3 of 4, and it was never the image."""
    given = daemon_set(pod_template=template(tolerations=TOLERANT))
    dead = node("n3", ready="Unknown", taints=UNREACHABLE)
    alive = nodes(3)
    pulling = waiting("n3", "ImagePullBackOff", "Back-off pulling image")
    found = judged(given, [*alive, dead], [*pods(alive), pulling])
    assert (found.summary.desired, found.summary.available) == (4, 3)
    assert first(found, "n3") == (State.UNREADY, "NodeUnreachable")
    assert "node is unreachable" in told(found)
    assert "image" not in told(found)


def test_12_on_delete_and_nobody_deleted() -> None:
    """devantler-tech/platform#2963: 9/9 Ready, and the update not applied for ten days."""
    given = daemon_set(strategy=ON_DELETE)
    around = pods(nodes(9), hash=OLD_HASH)
    found = judged(given, nodes(9), around, revisions=revisions(10 * DAY))
    assert gaps(found) == []
    assert (
        f"strategy OnDelete: 9 of 9 nodes still run revision {OLD_HASH}, for 10d; it stays until "
        "somebody deletes the pods"
    ) in told(found)


def test_13_ready_for_less_than_min_ready_seconds() -> None:
    """kubernetes/kubernetes#77203: all pods Ready, AVAILABLE short."""
    given = daemon_set(min_ready_seconds=600)
    around = [pod("agent-n0", "n0"), pod("agent-n1", "n1", ready_for=100)]
    found = judged(given, nodes(2), around)
    assert (found.summary.ready, found.summary.available) == (2, 1)
    assert first(found, "n1") == (State.UNREADY, "MinReadySeconds")
    assert "ready, but not yet for minReadySeconds 600, 500s to go" in told(found)
    assert "clock" not in told(found)


def test_13_ready_since_a_time_to_come() -> None:
    """The kubelet's clock runs ahead of the API server's: the wait lasts so much longer."""
    found = judged(
        daemon_set(min_ready_seconds=600), nodes(1), [pod("agent-n0", "n0", ready_for=-120)]
    )
    assert first(found, "n0") == (State.UNREADY, "MinReadySeconds")
    assert "720s to go; the node's clock is 120s ahead" in told(found)


def test_13_ready_for_long_enough_and_not_counted_again() -> None:
    """The controller has not looked since: the status alone is short, nothing else is."""
    given = daemon_set(
        min_ready_seconds=600, desired_number_scheduled=1, current_number_scheduled=1,
        number_ready=1, updated_number_scheduled=1, number_unavailable=1,
    )  # fmt: skip
    found = judged(given, nodes(1), [pod("agent-n0", "n0", ready_for=601)])
    assert found.states == {State.AVAILABLE: 1}
    assert "status is behind in numberAvailable, numberUnavailable;" in told(found)


def test_14_an_old_pod_that_still_ends_beside_the_new_one() -> None:
    """kubernetes/kubernetes#122527: UP-TO-DATE looks at the oldest pod of a node alone."""
    old = pod("old", "n0", hash=OLD_HASH, created=ago(DAY), deleting=True)
    given = daemon_set(strategy=rolling_update(0, 1))
    found = judged(given, nodes(1), [old, pod("new", "n0")], revisions=revisions(HOUR))
    assert found.summary.updated == 0
    assert found.states == {State.AVAILABLE: 1}
    assert found.rollout.complete
    assert "Rollout" not in told(found)
    (finding,) = found.findings
    assert finding.code == "OldPodCounted"
    assert "on n0 that is an old one that is still ending" in told(found)


def test_15_a_status_that_still_counts_a_taint_that_is_gone() -> None:
    """kubernetes/kubernetes#132459: misscheduled on a healthy node; counted anew it is none."""
    given = daemon_set(
        number_misscheduled=1, desired_number_scheduled=2, current_number_scheduled=2,
        number_available=2, number_ready=2, updated_number_scheduled=2,
    )  # fmt: skip
    found = judged(given, nodes(2), pods(nodes(2)))
    assert found.summary.misscheduled == 0
    assert found.states == {State.AVAILABLE: 2}
    assert found.status_behind == ("numberMisscheduled",)
    assert "The reported status is behind in numberMisscheduled; the numbers here" in told(found)


def test_16_a_taint_that_came_after_the_pod() -> None:
    """kubernetes/kubernetes#21714: the pod goes on, and by right."""
    leaving = node("n1", taints=["ToBeDeletedByClusterAutoscaler=1690000000:NoSchedule"])
    found = judged(daemon_set(), [node("n0"), leaving], pods(nodes(2)))
    assert first(found, "n1") == (State.MISSCHEDULED, "UntoleratedTaint")
    text = told(found)
    assert "taint ToBeDeletedByClusterAutoscaler=1690000000:NoSchedule not tolerated" in text
    assert "the pod keeps running" in text
    assert (found.summary.desired, found.summary.misscheduled) == (1, 1)


def test_17_pods_that_vanish_for_the_project_s_node_selector() -> None:
    """openshift/origin#19678: OpenShift's namespace selector keeps the controller off."""
    picky = namespace(annotations={"openshift.io/node-selector": "role=compute"})
    found = judged(daemon_set(), nodes(1), namespaces=[picky])
    assert first(found, "n0") == (State.EXCLUDED, "NamespaceNodeSelectorMismatch")
    assert "the namespace's openshift.io/node-selector wants role=compute" in told(found)


def test_17_pods_that_the_namespace_s_node_selector_keeps_out() -> None:
    """kubernetes/kubernetes#51884: upstream only admission knows it, and the pods wait for ever."""
    picky = namespace(annotations={"scheduler.alpha.kubernetes.io/node-selector": "role=compute"})
    message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    found = judged(
        daemon_set(),
        nodes(1),
        [pending("n0", message, nodeSelector={"role": "compute"})],
        namespaces=[picky],
    )
    assert first(found, "n0") == (State.PENDING, "NodeSelectorMismatch")
    assert (
        "the namespace's scheduler.alpha.kubernetes.io/node-selector gives the pods nodeSelector "
        "role=compute\n"
    ) in told(found)


def test_17_pods_that_vanish_since_the_kubelet_rejects_each() -> None:
    """kubernetes/kubernetes#61886: a Failed pod is deleted and made anew, again and again."""
    around = [
        pod(
            "agent-n0",
            "n0",
            phase="Failed",
            reason="OutOfpods",
            message=f"Pod was rejected: {FULL}",
        )
    ]
    found = judged(daemon_set(), nodes(1), around)
    assert first(found, "n0") == (State.FAILED, "KubeletRejected")
    assert f"the kubelet refused the pod, OutOfpods: {FULL}" in told(found)
    assert "the controller creates another after a back-off" in told(found)


def test_17_pods_that_are_gone_when_one_looks() -> None:
    """Between two of them there is no pod at all: events of pods that were are what is left."""
    gone = [
        make.pod_event("OutOfpods", FULL, of=f"agent-{name}", host="n0")
        for name in ("bbbbb", "ccccc")
    ]
    found = judged(daemon_set(), nodes(1), events=gone)
    assert found.states == {State.MISSING: 1}
    assert f"2 pods came and went within the last hour on n0: 2 OutOfpods: {FULL}" in told(found)


REFUSED = [
    pytest.param(
        'pods "agent-x" is forbidden: violates PodSecurity "restricted:latest": host namespaces '
        "(hostNetwork=true)",
        "PodSecurityViolation", "restricted:latest", id="Pod Security",
    ),
    pytest.param(
        'pods "agent-x" is forbidden: no PriorityClass with name agents was found',
        "PriorityClassMissing", "agents", id="PriorityClass",
    ),
    pytest.param(
        'Internal error occurred: failed calling webhook "pods.example.com": failed to call '
        'webhook: Post "https://hook.shop.svc:443/mutate?timeout=10s": context deadline exceeded',
        "WebhookUnavailable", "pods.example.com", id="webhook",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "name"), REFUSED)
def test_18_desired_five_and_current_none(answer: str, code: str, name: str) -> None:
    """grafana/agent#3373, openshift/hypershift#443, kubernetes/kubernetes#92699."""
    told_of = [event("FailedCreate", f"Error creating: {answer}")]
    found = judged(daemon_set(), nodes(5), events=told_of)
    assert found.states == {State.MISSING: 5}
    assert first(found, "n0") == (State.MISSING, code)
    assert name in told(found)
    (finding,) = found.findings
    assert finding.root is not None
    assert (finding.root.code, finding.root.explained) == (code, 5)


def test_18_a_priority_class_that_is_missing_when_its_event_has_expired() -> None:
    given = daemon_set(pod_template=template(priorityClassName="agents"))
    standard = PriorityClass(metadata=ObjectMeta(name="system-node-critical"))
    found = judged(given, nodes(5), priority_classes=(standard,))
    assert first(found, "n0") == (State.MISSING, "PriorityClassMissing")
    assert "agents" in told(found)


TOO_MANY = f"0/5 nodes are available: 1 Too many pods, 4 {NOT_MEANT}. {NO_VICTIM}"
NO_PLATFORM = (
    'Back-off pulling image "example.com/agent:2": ErrImagePull: rpc error: code = NotFound desc = '
    'failed to pull and unpack image "example.com/agent:2": no match for platform in manifest'
)
OTHER_OS = "The container operating system does not match the host operating system."


def creating(target: str) -> Pod:
    return waiting(target, "ContainerCreating", "")


CLASSES = [
    pytest.param(
        "eks.amazonaws.com/compute-type", "fargate", lambda name: pending(name, TOO_MANY),
        "TooManyPods", "the node takes 1 pod, and 1 is there", id="Fargate",
    ),
    pytest.param(
        "kubernetes.io/arch", "arm64",
        lambda name: waiting(name, "ImagePullBackOff", NO_PLATFORM),
        "ImagePullBackOff", "no match for platform in manifest", id="arm64",
    ),
    pytest.param(
        "kubernetes.io/os", "windows", creating, "SandboxCreate",
        "The container operating system does not match the host operating system", id="Windows",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "made", "code", "cause"), CLASSES)
def test_19_nodes_of_a_class_that_can_not_run_it(
    key: str, value: str, made: Callable[[str], Pod], code: str, cause: str
) -> None:
    """aws-efs-csi-driver#328, kubernetes/kubernetes#94366, ROCm/k8s-device-plugin#34."""
    size = {"cpu": "4", "memory": "8Gi", "pods": "1"}
    others = [node(f"x{place}", labels={key: value}, allocatable=size) for place in range(3)]
    holders = [stranger(f"shop-{item.name}", item.name, {}) for item in others]
    fine = nodes(2, labels={key: "usual"})
    events = [
        make.pod_event(
            "FailedCreatePodSandBox", f"Failed to create pod sandbox: {OTHER_OS}",
            of=f"agent-{item.name}",
        )
        for item in others
        if code == "SandboxCreate"
    ]  # fmt: skip
    around = [*pods(fine), *holders, *(made(item.name) for item in others)]
    given = daemon_set()
    whole = make.cluster([given], [*fine, *others], around, events=events)
    found = explain(whole, given)
    assert first(found, "x0")[1] == code
    assert cause in told(found)
    (finding,) = found.findings
    assert finding.root is not None
    assert (finding.root.code, finding.root.nodes) == (code, ("x0", "x1", "x2"))
    by_class = groups(report(whole.now, whole.nodes, [survey(Fleet(whole), given)]), label(key))
    numbers = [(group.value, group.available, group.desired) for group in by_class]
    assert numbers == [(value, 0, 3), ("usual", 2, 2)]


def test_20_pods_that_failed_when_a_node_came_back_with_other_labels() -> None:
    """kubernetes/kubernetes#99708: the kubelet admits again, by the labels of that moment."""
    message = (
        "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node "
        "affinity/selector"
    )
    around = [pod("agent-n0", "n0", phase="Failed", reason="NodeAffinity", message=message)]
    found = judged(daemon_set(), nodes(1), around)
    assert first(found, "n0") == (State.FAILED, "KubeletRejected")
    assert (
        "the kubelet refused the pod, NodeAffinity: the node's labels, as it knew them, did not "
        "match the pod's node selector or affinity"
    ) in told(found)


# And some more.


def test_more_requests_that_only_a_limit_range_gives() -> None:
    """aws/karpenter-provider-aws#3199: the template asks for nothing, its pods for 2Gi."""
    body = asking({"memory": "2Gi"})
    message = "0/1 nodes are available: 1 Insufficient memory."
    full = node("n0", allocatable={"cpu": "4", "memory": "2Gi", "pods": "110"})
    waits = pending("n0", message, **body)
    note = {
        "kubernetes.io/limit-ranger": "LimitRanger plugin set: memory request for container agent"
    }
    noted = replace(waits, metadata=replace(waits.metadata, annotations=note))
    around = [stranger("shop-1", "n0", {"memory": "1Gi"}), noted]
    ranges: tuple[LimitRange, ...] = (make.limit_range(request={"memory": "2Gi"}),)
    found = judged(daemon_set(), [full], around, limit_ranges=ranges)
    assert first(found, "n0") == (State.PENDING, "InsufficientMemory")
    assert (
        "needs 2Gi (a LimitRange's default, not in the template), 1Gi free of 2Gi (50% requested)"
    ) in told(found)


def test_more_a_pending_pod_whose_node_is_gone() -> None:
    """kubernetes/kubernetes#71349"""
    found = judged(daemon_set(), nodes(1), [*pods(nodes(1)), pending("gone", "0/1 nodes.")])
    assert first(found, "gone") == (State.MISSCHEDULED, "TargetNodeMissing")
    assert "the node that the pod is made for no longer exists" in told(found)


def test_more_an_old_pod_that_a_surge_spares_where_none_is_wanted() -> None:
    """kubernetes/kubernetes#118823: it stays as long as it is not one too many."""
    leaving = node("n1", taints=["dedicated=db:NoSchedule"])
    around = [pod("agent-n0", "n0", bound=False), pod("old", "n1", hash=OLD_HASH)]
    given = daemon_set(strategy=rolling_update(0, 1))
    found = judged(given, [node("n0"), leaving], around, revisions=revisions(HOUR))
    verdict = next(item for item in found.nodes if item.node == "n1")
    assert [reason.code for reason in verdict.reasons] == ["UntoleratedTaint"]
    assert "the pod keeps running" in told(found)
    assert found.rollout.outdated == 0


def test_more_two_daemon_sets_with_one_selector_do_not_take_each_other_s_pods() -> None:
    """kubernetes/website#53565: the owner's uid decides."""
    twin = daemon_set("twin", uid=OTHER_UID)
    both = [pod("agent-n0", "n0"), pod("twin-n0", "n0", owner=OTHER_UID)]
    whole: Cluster = make.cluster([daemon_set(), twin], nodes(1), both)
    found = [explain(whole, item) for item in whole.daemon_sets]
    assert [[view.name for view in item.nodes[0].pods] for item in found] == [
        ["agent-n0"],
        ["twin-n0"],
    ]
    assert [item.states for item in found] == [{State.AVAILABLE: 1}] * 2


def test_more_a_rollout_by_scheduling_gates() -> None:
    """reddit/progressivedaemonset holds its pods back on purpose."""
    gated = pending("n0", "", "SchedulingGated", schedulingGates=[{"name": "example.com/wave-2"}])
    found = judged(daemon_set(), nodes(1), [gated])
    assert first(found, "n0") == (State.PENDING, "SchedulingGated")
    assert "held back by scheduling gates: example.com/wave-2" in told(found)


def test_more_one_bad_image_holds_all_others() -> None:
    """One finding with a number, not forty lines; and how long it has stood still."""
    rest = nodes(28)
    updated = [node(f"u{place}") for place in range(11)]
    bad = waiting("worker-7", "ImagePullBackOff", "not found", created=ago(3 * HOUR))
    around = [*pods(rest, hash=OLD_HASH), *pods(updated, created=ago(4 * HOUR)), bad]
    given = [*rest, *updated, node("worker-7")]
    found = judged(daemon_set(), given, around, revisions=revisions(5 * HOUR))
    text = told(found)
    assert (
        "Rollout: 12 of 40 nodes updated, stuck for 3h. The one place in maxUnavailable 1 is taken "
        "by worker-7: container agent can't pull image example.com/agent:2: not found. "
        "Waiting: 28 nodes with an available older pod."
    ) in text
    assert "SharedCause" not in text  # the lines above say it
    (finding,) = found.findings
    assert finding.root is not None
    assert (len(finding.root.nodes), len(finding.root.held)) == (1, 28)
    assert found.rollout.revision == HASH
    assert NAMESPACE in text
