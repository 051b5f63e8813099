"""The registry of codes, against the contract's tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec
import pytest
from msgspec.inspect import Metadata, StructType, Type, type_info

from kubectl_ds.core import facts
from kubectl_ds.core.facts import Facts, NoFacts, QuotaFacts, asked_of
from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import (
    FINDINGS,
    MEANINGS,
    REASONS,
    ROWS,
    WHOLE_DAEMON_SET,
    Reason,
    Source,
    State,
    in_order,
)

# The contract's table "Reasons", in its order.
PLACEMENT = """
    NodeNameMismatch NodeSelectorMismatch NodeAffinityMismatch NamespaceNodeSelectorMismatch
    UntoleratedTaint
"""
EXCLUDED = f"{PLACEMENT} NodeNotReady NodeUnreachable"
TABLE = {
    State.EXCLUDED: EXCLUDED,
    State.MISSCHEDULED: f"{PLACEMENT} NotReplaceable",
    State.MISSING: """
        DaemonSetDeleting NamespaceTerminating ControllerLagging QuotaExceeded
        QuotaRequiresResources LimitRangeViolation PodSecurityViolation WebhookDenied
        WebhookUnavailable AdmissionPolicyDenied ServiceAccountMissing PriorityClassMissing
        PriorityConflict RuntimeClassMissing RuntimeClassConflict SecurityContextConstraintDenied
        InvalidPodSpec ControllerForbidden CreateFailed JustAdded Unknown
    """,
    State.PENDING: """
        SchedulingGated SchedulerAbsent AwaitingScheduler SchedulerError WaitingForPreemption
        UntoleratedTaint NodeSelectorMismatch HostPortConflict TooManyPods InsufficientCPU
        InsufficientMemory InsufficientEphemeralStorage InsufficientResource VolumeMissing
        VolumeUnbound VolumeInUse VolumeLimit VolumeNodeAffinity VolumeZone VolumeNoCapacity
        TopologySpread PodAffinity PodAntiAffinity ResourceClaim NodeFeature TargetNodeMissing
        Unschedulable
    """,
    State.UNREADY: """
        NodeNotReady NodeUnreachable ImagePullBackOff ErrImagePull InvalidImageName
        ErrImageNeverPull CrashLoopBackOff OOMKilled CreateContainerConfigError
        CreateContainerError RunContainerError VolumeMount SandboxCreate NetworkNotReady
        ContainerCreating PodInitializing NotReady ReadinessGate MinReadySeconds
    """,
    State.FAILED: "Evicted NodeShutdown KubeletRejected PodFailed",
    State.TERMINATING: "DaemonSetDeleting StuckTerminating ReplacementWaitsForTermination",
    State.OUTDATED: """
        ControllerLagging OnDelete BlockedByCreateFailure SurgePodPending SurgePodNotReady
        SurgePodMinReady WaitingForSurgeBudget WaitingForBudget NextInLine
    """,
    State.AVAILABLE: "",
}
# What the contract's rules add to a row: "any other mismatch follows as a reason", "carry the
# Excluded codes after their own", what stops the whole DaemonSet comes first; and a pod aimed at a
# node that no longer exists is a live pod where none is desired.
HALTED = "DaemonSetDeleting NamespaceTerminating ControllerLagging"
FIRST = dict.fromkeys((State.OUTDATED, State.FAILED, State.TERMINATING), HALTED)
LAST = {State.UNREADY: PLACEMENT, State.FAILED: EXCLUDED, State.TERMINATING: EXCLUDED}
ANYWHERE = {State.MISSCHEDULED: "TargetNodeMissing"}
STATES = pytest.mark.parametrize("state", State, ids=lambda state: state.value)


def row(state: State) -> list[str]:
    """The codes that may explain a state, in the order of the contract."""
    codes = " ".join([FIRST.get(state, ""), TABLE[state], LAST.get(state, "")]).split()
    return list(dict.fromkeys(codes))


@STATES
def test_the_registry_covers_the_codes_of_each_state(state: State) -> None:
    wanted, found = {*row(state), *ANYWHERE.get(state, "").split()}, set(ROWS[state])
    assert (wanted - found, found - wanted) == (set(), set())


@STATES
def test_the_registry_is_in_the_order_of_the_contract(state: State) -> None:
    common = [code for code in row(state) if code in ROWS[state]]
    assert [code for code in ROWS[state] if code in common] == common
    assert len(set(ROWS[state])) == len(ROWS[state])


def test_every_code_of_a_row_is_registered_and_the_other_way_round() -> None:
    assert {code for codes in ROWS.values() for code in codes} == set(REASONS)


def test_the_states_are_those_of_the_contract() -> None:
    assert {state.value for state in State} == {
        "Available", "Excluded", "Missing", "Pending", "Unready", "Failed", "Terminating",
        "Outdated", "Misscheduled",
    }  # fmt: skip
    assert set(MEANINGS) == set(State)
    assert all(MEANINGS.values())


def test_the_sources_are_those_of_the_contract() -> None:
    assert [source.value for source in Source] == ["reported", "computed", "predicted"]


@pytest.mark.parametrize("code", [*REASONS, *FINDINGS])
def test_every_code_has_a_meaning_and_evidence(code: str) -> None:
    for registry in (REASONS, FINDINGS):
        if code in registry:
            assert registry[code].meaning
            assert issubclass(registry[code].facts, Facts)
    assert code.isidentifier()
    assert code[0].isupper()


@pytest.mark.parametrize("code", ["NoNodeDesired", "DuplicatePods", "OnDelete"])
def test_the_findings_that_the_contract_names(code: str) -> None:
    assert code in FINDINGS


def test_no_two_codes_mean_the_same() -> None:
    meanings = [info.meaning for info in REASONS.values()]
    assert len(set(meanings)) == len(meanings)


# The order: what stops the whole DaemonSet, then reported, computed, predicted, each in the
# table's order.
def reason(code: str, source: Source = Source.COMPUTED) -> Reason:
    return Reason(code=code, source=source, facts=NoFacts())


REPORTED, COMPUTED, PREDICTED = Source
ORDERS = [
    pytest.param(
        State.MISSING,
        [reason("DaemonSetDeleting"), reason("NamespaceTerminating"), reason("ControllerLagging")],
        id="what stops all, among itself",
    ),
    pytest.param(
        State.MISSING,
        [reason("ControllerLagging", PREDICTED), reason("QuotaExceeded", REPORTED)],
        id="what stops all, whatever its source",
    ),
    pytest.param(
        State.OUTDATED,
        [
            reason("DaemonSetDeleting", COMPUTED),
            reason("BlockedByCreateFailure", REPORTED),
            reason("OnDelete", COMPUTED),
        ],
        id="what stops all, of an outdated pod, too",
    ),
    pytest.param(
        State.MISSING,
        [
            reason("CreateFailed", REPORTED),
            reason("JustAdded", COMPUTED),
            reason("QuotaExceeded", PREDICTED),
        ],
        id="by source",
    ),
    pytest.param(
        State.MISSING,
        [
            reason("QuotaExceeded", REPORTED),
            reason("LimitRangeViolation", REPORTED),
            reason("QuotaExceeded", PREDICTED),
            reason("QuotaRequiresResources", PREDICTED),
        ],
        id="within a source by the table",
    ),
    pytest.param(
        State.MISSCHEDULED,
        [
            reason("NodeNameMismatch"),
            reason("NodeSelectorMismatch"),
            reason("NodeAffinityMismatch"),
            reason("NamespaceNodeSelectorMismatch"),
            reason("UntoleratedTaint"),
            reason("NotReplaceable"),
        ],
        id="Misscheduled",
    ),
    pytest.param(
        State.TERMINATING,
        [
            reason("DaemonSetDeleting"),
            reason("StuckTerminating"),
            reason("NodeSelectorMismatch"),
            reason("UntoleratedTaint"),
        ],
        id="Terminating: the Excluded codes after its own",
    ),
    pytest.param(
        State.FAILED,
        [reason("Evicted", REPORTED), reason("NodeSelectorMismatch"), reason("NodeNotReady")],
        id="Failed: the Excluded codes after its own",
    ),
    pytest.param(
        State.PENDING,
        [
            reason("WaitingForPreemption", REPORTED),
            reason("UntoleratedTaint", REPORTED),
            reason("NodeSelectorMismatch", REPORTED),
            reason("TooManyPods", REPORTED),
            reason("InsufficientCPU", REPORTED),
        ],
        id="Pending: taints before the node selector",
    ),
    pytest.param(
        State.UNREADY,
        [
            reason("NodeNotReady", REPORTED),
            reason("ImagePullBackOff", REPORTED),
            reason("CrashLoopBackOff", REPORTED),
            reason("UntoleratedTaint", COMPUTED),
        ],
        id="Unready: the node first, other mismatches last",
    ),
    pytest.param(
        State.UNREADY,
        [reason("SomethingOfTomorrow", REPORTED), reason("MinReadySeconds")],
        id="a waiting reason of no entry, by its source",
    ),
]


@pytest.mark.parametrize(("state", "reasons"), ORDERS)
def test_reasons_are_put_in_order(state: State, reasons: list[Reason]) -> None:
    assert in_order(state, reasons) == tuple(reasons)
    assert in_order(state, reasons[::-1]) == tuple(reasons)


def test_equal_reasons_keep_their_order() -> None:
    """Each taint is a reason of its own, in the node's order."""
    taints = [
        Reason(
            code="UntoleratedTaint",
            source=COMPUTED,
            facts=facts.TaintFacts(key=key, value="", effect="NoSchedule"),
        )
        for key in ("z", "a", "m")
    ]
    assert in_order(State.EXCLUDED, taints) == tuple(taints)


@STATES
def test_any_two_codes_of_a_state_have_an_order(state: State) -> None:
    for one, other in product(ROWS[state], ROWS[state]):
        pair = [reason(one), reason(other)]
        ordered = [item.code for item in in_order(state, pair)]
        assert sorted(ordered) == sorted((one, other))
        assert [item.code for item in in_order(state, pair[::-1])] == ordered


def test_what_stops_the_whole_daemon_set() -> None:
    assert WHOLE_DAEMON_SET == ("DaemonSetDeleting", "NamespaceTerminating", "ControllerLagging")


# The evidence: from its descriptions the JSON Schema is made.
def evidence() -> Iterator[type[Value]]:
    """Every class of evidence, and those inside them that are declared beside them."""
    for kind in vars(facts).values():
        if isinstance(kind, type) and issubclass(kind, Value) and _is_facts(kind):
            yield kind


def _is_facts(kind: type[Value]) -> bool:
    return kind.__module__.startswith(facts.__name__)


EVIDENCE = list(evidence())


def test_there_is_evidence_to_look_at() -> None:
    assert len(EVIDENCE) > 40


def inner(kind: Type) -> Iterator[Type]:
    """A field's type with all types inside it."""
    yield kind
    for name in ("type", "item_type", "item_types", "types"):
        found = getattr(kind, name, ())
        for item in found if isinstance(found, tuple) else (found,):
            yield from inner(item)


@pytest.mark.parametrize("kind", EVIDENCE, ids=lambda kind: kind.__name__)
def test_every_field_of_the_evidence_is_described(kind: type[Value]) -> None:
    info = type_info(kind)
    assert isinstance(info, StructType)
    for field in info.fields:
        assert isinstance(field.type, Metadata), field.name
        assert (field.type.extra_json_schema or {}).get("description"), field.name
        assert isinstance((field.type.extra or {}).get("own"), bool), field.name


@pytest.mark.parametrize("kind", EVIDENCE, ids=lambda kind: kind.__name__)
def test_the_evidence_has_a_schema(kind: type[Value]) -> None:
    schema = msgspec.json.schema(kind)
    properties: dict[str, Any] = schema["$defs"][kind.__name__]["properties"]
    assert all(field.get("description") for field in properties.values())


@pytest.mark.parametrize("kind", EVIDENCE, ids=lambda kind: kind.__name__)
def test_all_evidence_is_used(kind: type[Value]) -> None:
    top = {info.facts for info in (*REASONS.values(), *FINDINGS.values())}
    fields = [field.type for known in top for field in _fields(known)]
    nested = {item.cls for field in fields for item in inner(field) if isinstance(item, StructType)}
    assert any(issubclass(used, kind) for used in {*top, *nested})


def _fields(kind: type[Value]) -> tuple[msgspec.inspect.Field, ...]:
    info = type_info(kind)
    assert isinstance(info, StructType)
    return info.fields


def test_nodes_share_a_row_where_all_that_was_asked_is_equal() -> None:
    def health(status: str, message: str) -> Facts:
        return facts.NodeHealthFacts(
            exists=True, status=status, reason="r", message=message, since=None
        )

    assert asked_of(health("False", "a")) == asked_of(health("False", "b"))
    assert asked_of(health("False", "a")) != asked_of(health("True", "a"))
    quotas = [QuotaFacts(quota=name, resources=(), pods_that_fit=0) for name in ("a", "b", "a")]
    assert asked_of(quotas[0]) == asked_of(quotas[2]) != asked_of(quotas[1])
