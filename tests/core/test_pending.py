"""Why a pod is not bound to its node yet."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import NodeSelectorFacts, RoomFacts, TaintFacts, TargetFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Event, Node
from kubectl_ds.core.pods import Pod, SchedulingGate
from kubectl_ds.core.reasons import REASONS, Reason, Source, State
from kubectl_ds.core.scheduling.pending import pending_reasons
from kubectl_ds.core.scheduling.report import code_for, texts_for_target
from kubectl_ds.words.reasons import sentence
from tests.core.make import cluster, daemon_set, event, node, pod, pod_spec, toleration

DRA = " no new claims to deallocate, preemption:"  # since 1.34, with DynamicResources
OLD = " preemption:"
OTHERS = "4 node(s) didn't satisfy plugin(s) [NodeAffinity]"
UNHELPFUL = "0/5 nodes are available: 5 Preemption is not helpful for scheduling."
NO_VICTIM = (
    "0/5 nodes are available: 1 No preemption victims found for incoming pod, "
    "4 Preemption is not helpful for scheduling."
)
HEAD = "0/5 nodes are available:"

# pkg/scheduler/framework/types.go (FitError.Error): "0/N nodes are available:", then either the
# PreFilter's words or "count reason" entries sorted as text, ".", then the PostFilters' words.
MESSAGES = [
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, {OTHERS}.{DRA} {NO_VICTIM}", ["Insufficient cpu"], id="1.36"
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, {OTHERS}.{OLD} {NO_VICTIM}",
        ["Insufficient cpu"],
        id="without DRA, as until 1.33",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, 4 node is filtered out by the prefilter result.{OLD} "
        f"{NO_VICTIM}",
        ["Insufficient cpu"],
        id="older words for the other nodes",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu.{OLD} 0/5 nodes are available: 1 No preemption victims found "
        "for incoming pod.",
        ["Insufficient cpu"],
        id="no words for the other nodes",
    ),
    pytest.param(
        "0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 No preemption victims found for incoming pod.",
        ["Too many pods"],
        id="a cluster of one node",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, {OTHERS}.{DRA} "
        f"{UNHELPFUL}",
        ["Insufficient cpu", "Insufficient memory", "Too many pods"],
        id="several reasons of one plugin",
    ),
    pytest.param(
        "0/120 nodes are available: 1 Insufficient nvidia.com/gpu, 119 node(s) didn't satisfy "
        "plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/120 nodes are "
        "available: 120 Preemption is not helpful for scheduling.",
        ["Insufficient nvidia.com/gpu"],
        id="more than a hundred nodes",
    ),
    pytest.param(
        f"{HEAD} {OTHERS[0]} node(s) didn't satisfy plugin(s) [NodeAffinity], "
        f"1 node(s) had untolerated taint(s).{DRA} {UNHELPFUL}",
        ["node(s) had untolerated taint(s)"],
        id="the target last",
    ),
    pytest.param(
        f"{HEAD} 1 node(s) had untolerated taint {{dedicated: db}}, {OTHERS}.{OLD} {UNHELPFUL}",
        ["node(s) had untolerated taint {dedicated: db}"],
        id="a named taint, as until 1.34",
    ),
    pytest.param(
        f"{HEAD} 1 node(s) had untolerated taint {{a.b/c: }}, {OTHERS}.{OLD} {UNHELPFUL}",
        ["node(s) had untolerated taint {a.b/c: }"],
        id="a named taint without a value",
    ),
    pytest.param(
        f"{HEAD} 1 node(s) didn't find available persistent volumes to bind, 1 node(s) did not "
        f"have enough free storage, {OTHERS}.{DRA} {UNHELPFUL}",
        [
            "node(s) didn't find available persistent volumes to bind",
            "node(s) did not have enough free storage",
        ],
        id="two reasons of volumes",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, {OTHERS}. no new claims to deallocate, preemption: not "
        "eligible due to preemptionPolicy=Never.",
        ["Insufficient cpu"],
        id="may not preempt",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, {OTHERS}.{OLD} not eligible due to a terminating pod on the "
        "nominated node.",
        ["Insufficient cpu"],
        id="has preempted already",
    ),
    pytest.param(
        f"{HEAD} 1 Insufficient cpu, {OTHERS}.", ["Insufficient cpu"], id="nominated: no tail"
    ),
    # schedule_one.go (evaluateNominatedNode): what the nominated node refuses joins the plugins
    pytest.param(
        f"{HEAD} 1 Too many pods, 4 node(s) didn't satisfy plugin(s) "
        "[NodeAffinity NodeResourcesFit].",
        ["Too many pods"],
        id="nominated: the plugin that refuses stands beside NodeAffinity",
    ),
    pytest.param(
        f"{HEAD} 1 node(s) didn't match pod affinity rules, 4 node(s) didn't satisfy plugin(s) "
        f"[InterPodAffinity NodeAffinity].{DRA} {UNHELPFUL}",
        ["node(s) didn't match pod affinity rules"],
        id="nominated: the plugin that refuses comes first",
    ),
    pytest.param(
        f"{HEAD} node(s) didn't satisfy plugin(s) [NodeAffinity Racks] simultaneously.{DRA} "
        f"{UNHELPFUL}",
        ["node(s) didn't satisfy plugin(s) [NodeAffinity Racks] simultaneously"],
        id="no node suits two plugins: of the target, too",
    ),
    pytest.param(
        f"{HEAD} 1 cannot allocate all claims, {OTHERS}. still not schedulable, preemption: "
        f"{UNHELPFUL}",
        ["cannot allocate all claims"],
        id="DynamicResources' own tail",
    ),
    pytest.param(
        "0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
        ["cannot allocate all claims"],
        id="DynamicResources' own tail, in a cluster of one node",
    ),
    pytest.param(
        f"{HEAD} pod has unbound immediate PersistentVolumeClaims. not found",
        ["pod has unbound immediate PersistentVolumeClaims"],
        id="PreFilter, 1.34 and later",
    ),
    pytest.param(
        f"{HEAD} pod has unbound immediate PersistentVolumeClaims.{OLD} {UNHELPFUL}",
        ["pod has unbound immediate PersistentVolumeClaims"],
        id="PreFilter, until 1.33",
    ),
    pytest.param(
        f'{HEAD} persistentvolumeclaim "data" not found. not found',
        ['persistentvolumeclaim "data" not found'],
        id="PreFilter not found, 1.34 and later",
    ),
    pytest.param(
        f'{HEAD} persistentvolumeclaim "data" not found.{OLD} {UNHELPFUL}',
        ['persistentvolumeclaim "data" not found'],
        id="PreFilter not found, until 1.33",
    ),
    pytest.param(
        f'{HEAD} persistentvolumeclaim "data" not found.',
        ['persistentvolumeclaim "data" not found'],
        id="PreFilter not found, no tail",
    ),
    pytest.param(
        "no nodes available to schedule pods",
        ["no nodes available to schedule pods"],
        id="no nodes at all",
    ),
    pytest.param(
        f"{HEAD} 5 node(s) didn't satisfy plugin(s) [NodeAffinity].{DRA} {UNHELPFUL}",
        [],
        id="target gone",
    ),
    pytest.param(
        f"{HEAD} 5 node is filtered out by the prefilter result.{OLD} {UNHELPFUL}",
        [],
        id="target gone, older words",
    ),
    pytest.param(f"{HEAD}{OLD} {UNHELPFUL}", [], id="target gone, no words"),
    pytest.param("", [], id="no message"),
]


@pytest.mark.parametrize(("message", "texts"), MESSAGES)
def test_what_a_message_says_of_the_target(message: str, texts: list[str]) -> None:
    assert texts_for_target(message) == texts


# The plugins under pkg/scheduler/framework/plugins, by their words in 1.30 to 1.36; the codes are
# the contract's.
TEXTS = [
    ("node(s) were unschedulable", "UntoleratedTaint", ""),
    ("node(s) had untolerated taint(s)", "UntoleratedTaint", ""),
    ("node(s) had untolerated taint {node.kubernetes.io/unreachable: }", "UntoleratedTaint", ""),
    ("node(s) had untolerated taint {dedicated: gpu}", "UntoleratedTaint", ""),
    ("node(s) didn't match Pod's node affinity/selector", "NodeSelectorMismatch", ""),
    ("node(s) didn't match the requested node name", "Unschedulable", ""),
    ("node(s) didn't match scheduler-enforced node affinity", "Unschedulable", ""),
    ("pod affinity terms conflict", "Unschedulable", ""),
    ("node(s) didn't have free ports for the requested pod ports", "HostPortConflict", ""),
    ("Too many pods", "TooManyPods", ""),
    ("Insufficient cpu", "InsufficientCPU", "cpu"),
    ("Insufficient memory", "InsufficientMemory", "memory"),
    ("Insufficient ephemeral-storage", "InsufficientEphemeralStorage", "ephemeral-storage"),
    ("Insufficient nvidia.com/gpu", "InsufficientResource", "nvidia.com/gpu"),
    ("Insufficient hugepages-2Mi", "InsufficientResource", "hugepages-2Mi"),
    ("node(s) had no available disk", "VolumeInUse", ""),
    (
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
        "already in-use by another pod",
        "VolumeInUse",
        "",
    ),
    ('persistentvolumeclaim "data" not found', "VolumeMissing", ""),
    ("node(s) exceed max volume count", "VolumeLimit", ""),
    ("pod has unbound immediate PersistentVolumeClaims", "VolumeUnbound", ""),
    ("node(s) didn't find available persistent volumes to bind", "VolumeUnbound", ""),
    ("node(s) didn't match PersistentVolume's node affinity", "VolumeNodeAffinity", ""),
    ("node(s) had volume node affinity conflict", "VolumeNodeAffinity", ""),
    ("node(s) did not have enough free storage", "VolumeNoCapacity", ""),
    ("node(s) had no available volume zone", "VolumeZone", ""),
    ("node(s) didn't match pod topology spread constraints", "TopologySpread", ""),
    (
        "node(s) didn't match pod topology spread constraints (missing required label)",
        "TopologySpread",
        "",
    ),
    ("node(s) didn't match pod affinity rules", "PodAffinity", ""),
    ("node(s) didn't match pod anti-affinity rules", "PodAntiAffinity", ""),
    ("node(s) didn't satisfy existing pods anti-affinity rules", "PodAntiAffinity", ""),
    ("cannot allocate all claims", "ResourceClaim", ""),
    ("resourceclaim not available on the node", "ResourceClaim", ""),
    ("resourceclaim in use", "ResourceClaim", ""),
    ('resourceclaim "gpu" is being deleted', "ResourceClaim", ""),
    ("request gpu: device class fast does not exist", "ResourceClaim", ""),
    ("cannot fit resource", "ResourceClaim", ""),
    ("resource claim default/gpu is in the process of being allocated", "ResourceClaim", ""),
    ("node(s) didn't match Pod's required features", "NodeFeature", ""),
    ("no nodes available to schedule pods", "Unschedulable", ""),
    ("the extender of a company says no", "Unschedulable", ""),
    ("Insufficient patience of the extender", "Unschedulable", ""),
]


@pytest.mark.parametrize(
    ("text", "code", "resource"), [pytest.param(*row, id=row[0]) for row in TEXTS]
)
def test_the_code_of_a_text(text: str, code: str, resource: str) -> None:
    assert code_for(text) == (code, resource)


# Claims or volumes that are at fault in the two ways for which there is a code each.
LOST = [
    'persistentvolumeclaim "data" bound to non-existent persistentvolume "pv-1"',
    "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
    'persistentvolumeclaim "data" is being deleted',
    'waiting for ephemeral volume controller to create the persistentvolumeclaim "agent-a-data"',
]


@pytest.mark.parametrize("text", LOST)
def test_claims_that_are_not_there_as_they_should(text: str) -> None:
    assert code_for(text)[0] in ("VolumeMissing", "VolumeUnbound")


# The reasons of a pod


def unbound(
    message: str = "",
    *,
    reason: str = "Unschedulable",
    scheduled: bool = True,
    gates: tuple[str, ...] = (),
    scheduler: str = "default-scheduler",
    node_selector: dict[str, str] | None = None,
    tolerations: tuple[str, ...] = (),
    **more: Any,
) -> Pod:
    """A pending pod for node a; with ``scheduled=False`` no scheduler has looked at it."""
    state = Condition(type="PodScheduled", status="False", reason=reason, message=message)
    spec = replace(
        pod_spec("a", bound=False),
        scheduling_gates=tuple(SchedulingGate(name=name) for name in gates) or None,
        scheduler_name=scheduler,
        node_selector=node_selector,
        tolerations=tuple(toleration(text) for text in tolerations),
    )
    return pod(spec=spec, bound=False, conditions=(state,) if scheduled else (), **more)


def judged(given: Pod, target: Node, *events: Event, others: tuple[Pod, ...] = ()) -> list[Reason]:
    asked = daemon_set()
    seen = cluster([asked], [target], [given, *others], events=events)
    (verdict,) = (item for item in explain(seen, asked).nodes if item.node == "a")
    assert verdict.state is State.PENDING
    return list(verdict.reasons)


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


FULL = f"{HEAD} 1 Insufficient cpu, {OTHERS}."
GATED = "Scheduling is blocked due to non-empty scheduling gates"
STATES = [
    pytest.param(
        unbound(GATED, reason="SchedulingGated", gates=("example.com/wait",)),
        ["SchedulingGated"],
        id="gated",
    ),
    pytest.param(
        unbound(GATED, reason="SchedulingGated"), ["SchedulingGated"], id="gated until just now"
    ),
    pytest.param(
        unbound(scheduled=False, gates=("g",), scheduler="other"),
        ["SchedulingGated"],
        id="gated, before any scheduler",
    ),
    pytest.param(unbound(scheduled=False), ["AwaitingScheduler"], id="not looked at"),
    pytest.param(
        unbound(scheduled=False, scheduler="other"), ["SchedulerAbsent"], id="no such scheduler"
    ),
    pytest.param(
        unbound("binding volumes: timed out", reason="SchedulerError"),
        ["SchedulerError"],
        id="error",
    ),
    pytest.param(unbound(FULL), ["InsufficientCPU"], id="refused"),
    pytest.param(
        unbound(FULL, scheduler="other"), ["InsufficientCPU"], id="refused by another scheduler"
    ),
    pytest.param(
        unbound(FULL, nominated_node_name="a"),
        ["WaitingForPreemption", "InsufficientCPU"],
        id="nominated",
    ),
    pytest.param(
        unbound(f"{HEAD} 1 Insufficient memory, 1 Too many pods, {OTHERS}."),
        ["TooManyPods", "InsufficientMemory"],
        id="several, in the contract's order",
    ),
    pytest.param(unbound("something new"), ["Unschedulable"], id="unknown words"),
    pytest.param(unbound(""), ["Unschedulable"], id="no words"),
    pytest.param(
        unbound(f"{HEAD} 5 node(s) didn't satisfy plugin(s) [NodeAffinity].{DRA} {UNHELPFUL}"),
        ["TargetNodeMissing"],
        id="the scheduler does not know the node",
    ),
]


@pytest.mark.parametrize(("given", "expected"), STATES)
def test_what_a_pod_waits_for(given: Pod, expected: list[str]) -> None:
    assert codes(judged(given, node())) == expected


# contract: SchedulerAbsent needs another name, no PodScheduled condition, and no trace of it.
OTHER = unbound(scheduled=False, scheduler="other")
TRACES = [
    pytest.param([], (), "SchedulerAbsent", id="none"),
    pytest.param(
        [event("Scheduled", kind="Pod", uid="x", component="other")],
        (),
        "AwaitingScheduler",
        id="an event of its own",
    ),
    pytest.param(
        [event("Scheduled", kind="Pod", uid="x", component="another")],
        (),
        "SchedulerAbsent",
        id="an event of another one",
    ),
    pytest.param(
        [replace(event("FailedScheduling", component=""), reporting_component="other")],
        (),
        "AwaitingScheduler",
        id="an event in the newer form",
    ),
    pytest.param(
        [],
        (
            pod(
                "theirs",
                spec=replace(pod_spec("b", bound=False), scheduler_name="other"),
                owner="x",
                conditions=(Condition(type="PodScheduled", status="False", reason="Unschedulable"),),
            ),
        ),
        "AwaitingScheduler",
        id="a pod that it has refused",
    ),
    pytest.param(
        [],
        (
            pod(
                "theirs",
                spec=replace(pod_spec("b"), scheduler_name="other"),
                owner="x",
                conditions=(Condition(type="PodScheduled", status="True"),),
            ),
        ),
        "AwaitingScheduler",
        id="a pod that it has bound",
    ),
    pytest.param(
        [],
        (pod("theirs", spec=replace(pod_spec("b", bound=False), scheduler_name="other"), owner="x"),),
        "SchedulerAbsent",
        id="a pod that waits for it, too",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("events", "others", "code"), TRACES)
def test_traces_of_a_scheduler(events: list[Event], others: tuple[Pod, ...], code: str) -> None:
    assert codes(judged(OTHER, node(), *events, others=others)) == [code]


# NodeUnschedulable, TaintToleration, NodeAffinity: the pod's own tolerations and selector count,
# not the template's, and both sides of the comparison are shown.
def message(text: str) -> str:
    return f"{HEAD} 1 {text}, {OTHERS}.{DRA} {UNHELPFUL}"


TAINTED = message("node(s) had untolerated taint(s)")


DISK = "node.kubernetes.io/disk-pressure:NoSchedule"
PID = "node.kubernetes.io/pid-pressure:NoSchedule"


def test_a_taint_that_only_the_pod_does_not_tolerate() -> None:
    given = unbound(TAINTED, tolerations=("node.kubernetes.io/pid-pressure Exists -:NoSchedule",))
    (reason,) = judged(given, node(taints=[PID, DISK]))
    assert (reason.code, reason.source) == ("UntoleratedTaint", Source.REPORTED)
    assert isinstance(reason.facts, TaintFacts)
    assert reason.facts.key == "node.kubernetes.io/disk-pressure"


def test_each_taint_is_a_reason() -> None:
    reasons = judged(unbound(TAINTED), node(taints=[DISK, PID, "c=1:PreferNoSchedule"]))
    assert codes(reasons) == ["UntoleratedTaint"] * 2


def test_a_cordon_whose_toleration_was_lost() -> None:
    cordoned = node(taints=["node.kubernetes.io/unschedulable:NoSchedule"], unschedulable=True)
    (reason,) = judged(unbound(message("node(s) were unschedulable")), cordoned)
    assert reason.code == "UntoleratedTaint"
    assert isinstance(reason.facts, TaintFacts)
    assert reason.facts.key == "node.kubernetes.io/unschedulable"


def test_a_selector_that_only_the_pod_has() -> None:
    selecting = unbound(
        message("node(s) didn't match Pod's node affinity/selector"),
        node_selector={"arch": "arm64", "disk": "ssd"},
    )
    (reason,) = judged(selecting, node(labels={"arch": "amd64", "disk": "ssd"}))
    assert (reason.code, reason.source) == ("NodeSelectorMismatch", Source.REPORTED)
    assert reason.facts == NodeSelectorFacts(key="arch", wanted="arm64", actual="amd64")


# semantics H.4 (b): what the scheduler says stays said, even where the node looks fine by now.
STALE = [
    pytest.param(TAINTED, "UntoleratedTaint", id="taint"),
    pytest.param(
        message("node(s) had untolerated taint {dedicated: db}"), "UntoleratedTaint", id="old words"
    ),
    pytest.param(message("node(s) were unschedulable"), "UntoleratedTaint", id="cordon"),
    pytest.param(
        message("node(s) didn't match Pod's node affinity/selector"),
        "NodeSelectorMismatch",
        id="selector",
    ),
]


@pytest.mark.parametrize(("text", "code"), STALE)
def test_a_refusal_that_no_longer_holds_keeps_its_code(text: str, code: str) -> None:
    assert codes(judged(unbound(text), node())) == [code]


def test_preemption_comes_before_what_the_scheduler_refused() -> None:
    """The contract's order within the state."""
    given = unbound(TAINTED, nominated_node_name="a")
    assert codes(judged(given, node(taints=[DISK]))) == ["WaitingForPreemption", "UntoleratedTaint"]


def test_the_evidence_holds_the_words_and_the_whole_message() -> None:
    text = f"{HEAD} 1 Insufficient nvidia.com/gpu, {OTHERS}.{DRA} {UNHELPFUL}"
    (reason,) = judged(unbound(text), node())
    assert isinstance(reason.facts, RoomFacts)
    assert (reason.facts.pod, reason.facts.resource) == ("agent-a", "nvidia.com/gpu")
    assert (reason.facts.text, reason.facts.message) == ("Insufficient nvidia.com/gpu", text)


def test_gates_are_named() -> None:
    given = unbound(GATED, reason="SchedulingGated", gates=("example.com/a", "example.com/b"))
    (reason,) = judged(given, node())
    facts: Any = reason.facts
    assert facts.gates == ("example.com/a", "example.com/b")


def test_a_node_that_is_gone_says_it_all() -> None:
    (reason,) = pending_reasons(unbound(FULL), None, (), Fleet(cluster()))
    assert (reason.code, reason.source) == ("TargetNodeMissing", Source.COMPUTED)
    assert reason.facts == TargetFacts(pod="agent-a")


def test_the_condition_counts_and_not_an_older_event() -> None:
    """client-go tools/events keeps the first note of a series while its count rises."""
    stale = event("FailedScheduling", message("Too many pods"), kind="Pod", uid="uid-of-agent-a")
    assert codes(judged(unbound(FULL), node(), stale)) == ["InsufficientCPU"]


@pytest.mark.parametrize(("given", "expected"), STATES)
def test_every_reason_has_the_registered_evidence(given: Pod, expected: list[str]) -> None:
    for reason in judged(given, node()):
        assert type(reason.facts) is REASONS[reason.code].facts


def test_a_node_that_the_scheduler_does_not_know_yet_is_not_said_to_be_gone() -> None:
    (reason, *computed) = judged(unbound(f"{HEAD} 5 {OTHERS[2:]}.{DRA} {UNHELPFUL}"), node())
    assert (reason.code, reason.source) == ("TargetNodeMissing", Source.REPORTED)
    assert reason.facts == TargetFacts(pod="agent-a", exists=True)
    assert "does not know the node" in sentence(reason.code, [reason.facts])
    assert computed == []


def test_what_its_filters_refuse_is_told_beside_that() -> None:
    message = f"{HEAD} 5 {OTHERS[2:]}.{DRA} {UNHELPFUL}"
    found = judged(unbound(message), node(taints=[DISK]))
    assert codes(found) == ["TargetNodeMissing", "UntoleratedTaint"]
    assert found[1].source is Source.COMPUTED
