"""All that would refuse one more pod, and how it is merged with what was reported."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.creation.predicted import Prediction, predict
from kubectl_ds.core.creation.refusal import Refusal, security_checks
from kubectl_ds.core.creation.refused import refused
from kubectl_ds.core.facts import LimitFacts, QuotaFacts, SecurityCheck, SecurityFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import Cluster, Namespace, Unread
from kubectl_ds.core.reasons import ROWS, Source, State
from kubectl_ds.words.reasons import sentence
from tests.core.make import (
    NAMESPACE,
    ago,
    cluster,
    container,
    daemon_set,
    event,
    limit_range,
    namespace,
    node,
    quota,
    template,
)
from tests.core.test_admission_classes import HIGH, KATA, SYSTEM, account

FORBIDDEN = 'pods "…" is forbidden: '
ENFORCE = "pod-security.kubernetes.io/enforce"
BASELINE = namespace(labels={ENFORCE: "baseline"})


def judged(spec: dict[str, Any], space: Namespace | None = None, **around: Any) -> Prediction:
    """What is predicted for a DaemonSet with these fields in its template's spec."""
    given = daemon_set(pod_template=template(**spec))
    return predict(cluster([given], **around), given, space)


def codes(prediction: Prediction) -> list[str]:
    return [reason.code for reason in prediction.reasons]


def only(prediction: Prediction) -> Any:
    (reason,) = prediction.reasons
    return reason.facts


# contract: all reasons that hold are listed, in the table's order, whatever the API server's.
def test_everything_that_holds_is_predicted_in_the_registrys_order() -> None:
    found = judged(
        {
            "hostNetwork": True,
            "serviceAccountName": "gone",
            "priorityClassName": "gold",
            "runtimeClassName": "kata",
            "overhead": {"cpu": "1"},
            "containers": [container({"cpu": "3"})],
        },
        BASELINE,
        quotas=(
            quota({"pods": "1"}, {}, name="uncounted"),
            quota({"requests.memory": "1Gi"}, name="vague"),
            quota({"pods": "1"}, {"pods": "1"}, name="full"),
        ),
        limit_ranges=(limit_range({"cpu": "2"}, max={"cpu": "1"}),),
        service_accounts=(account("default"),),
        priority_classes=(SYSTEM,),
        runtime_classes=(KATA,),
    )
    assert codes(found) == [
        "QuotaExceeded",
        "QuotaRequiresResources",
        "LimitRangeViolation",
        "PodSecurityViolation",
        "ServiceAccountMissing",
        "PriorityClassMissing",
        "RuntimeClassConflict",
        "InvalidPodSpec",
        "CreateFailed",
    ]
    assert codes(found) == sorted(codes(found), key=ROWS[State.MISSING].index)
    assert {reason.source for reason in found.reasons} == {Source.PREDICTED}


def test_where_nothing_was_read_nothing_is_predicted() -> None:
    kinds = ("resourcequotas", "limitranges", "namespaces", "serviceaccounts", "priorityclasses")
    unread = tuple(Unread(what=kind, why="") for kind in (*kinds, "runtimeclasses"))
    found = judged({"serviceAccountName": "x", "runtimeClassName": "y"}, None, unread=unread)
    assert found.reasons == ()
    assert found.judged == frozenset()


# E.1: RuntimeClass and LimitRanger act before the quota is asked.
def test_a_quota_counts_the_overhead_of_the_runtime_class() -> None:
    full = quota({"requests.cpu": "300m"})
    spec = {"containers": [container({"cpu": "100m"})], "runtimeClassName": "kata"}
    facts = only(judged(spec, quotas=(full,), runtime_classes=(KATA,)))
    assert [use.requested for use in facts.resources] == ["350m"]
    assert codes(judged({**spec, "runtimeClassName": None}, quotas=(full,))) == []


def test_a_limit_range_does_not_count_it() -> None:
    spec = {"containers": [container(limits={"cpu": "1"})], "runtimeClassName": "kata"}
    limits = limit_range(kind="Pod", max={"cpu": "1"})
    assert codes(judged(spec, limit_ranges=(limits,), runtime_classes=(KATA,))) == []


def by_class(operator: str, *values: str) -> Any:
    scope = {"scopeName": "PriorityClass", "operator": operator, "values": values}
    return quota({"pods": "0"}, expressions=(scope,))


# evaluator/core/pods.go (podMatchesScopeFunc): {PriorityClass: name}, or no label at all.
SCOPED = [
    pytest.param((SYSTEM,), by_class("Exists"), False, id="Exists: none"),
    pytest.param((SYSTEM,), by_class("In", "high"), False, id="In: none"),
    pytest.param((SYSTEM,), by_class("NotIn", "high"), True, id="NotIn: none"),
    pytest.param((SYSTEM,), by_class("DoesNotExist"), True, id="DoesNotExist: none"),
    pytest.param((SYSTEM, HIGH), by_class("Exists"), True, id="Exists: the default"),
    pytest.param((SYSTEM, HIGH), by_class("In", "high"), True, id="In: the default"),
    pytest.param((SYSTEM, HIGH), by_class("NotIn", "high"), False, id="NotIn: the default"),
    pytest.param((SYSTEM, HIGH), by_class("DoesNotExist"), False, id="DoesNotExist: the default"),
]


@pytest.mark.parametrize(("classes", "scoped", "refuses"), SCOPED)
def test_a_quota_by_priority_class_is_judged_where_these_were_read(
    classes: tuple[Any, ...], scoped: Any, refuses: bool
) -> None:
    found = judged({}, quotas=(scoped,), priority_classes=classes)
    assert bool(found.reasons) is refuses
    assert found.unread == ()
    assert found.open == frozenset()


def test_where_they_were_not_read_the_quota_is_left_open() -> None:
    found = judged({}, quotas=(by_class("Exists"),))
    assert (found.reasons, found.open) == ((), {"q"})
    assert [item.what for item in found.unread] == ["ResourceQuota q"]


# E.4: a quota counts by its status; what the spec says in the meantime is told.
@pytest.mark.parametrize(("hard", "recalculated"), [({"pods": "9"}, True), ({"pods": "2"}, False)])
def test_a_quota_that_was_raised_counts_by_its_status(
    hard: dict[str, str], recalculated: bool
) -> None:
    raised = quota({"pods": "2"}, {"pods": "2"}, spec_hard=hard)
    facts = only(judged({}, quotas=(raised,)))
    assert facts.recalculated is recalculated
    assert facts.message == (
        f"{FORBIDDEN}exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    )


def test_each_limit_range_refuses_by_itself() -> None:
    ranges = [limit_range({"cpu": "2"}, max={"cpu": size}, name=f"max{size}") for size in "134"]
    found = judged({}, limit_ranges=tuple(ranges))
    facts = only(found)
    assert (facts.limit_range, len(facts.violations)) == ("max1", 1)
    text = "maximum cpu usage per Container is 1, but limit is 2"
    assert facts.message == f"{FORBIDDEN}{text}"


# resourcequota/controller.go (CheckRequest): all that the quota tracks is named, not only what lacks.
def test_a_quota_without_its_whole_usage_admits_nothing() -> None:
    counting = quota({"pods": "5", "limits.cpu": "1", "services": "1"}, {"limits.cpu": "0"})
    facts = only(judged({"containers": [container(limits={"cpu": "1"})]}, quotas=(counting,)))
    text = "status unknown for quota: q, resources: limits.cpu,pods"
    assert (facts.subject, facts.message) == ("q", FORBIDDEN + text)


# limitranger/admission.go (Admit): of several LimitRanges the one that the lister gives first fills
# in what a container lacks, and it gives them in no order.
SMALL, BIG = (limit_range({"cpu": size}, name=name) for size, name in (("1", "a"), ("4", "b")))


def test_what_only_one_order_of_limit_ranges_refuses_is_left_open() -> None:
    tight = limit_range(kind="Pod", max={"cpu": "2"}, name="c")
    full = quota({"limits.cpu": "3"})
    for ranges in ((SMALL, BIG, tight), (tight, BIG, SMALL)):
        found = judged({}, limit_ranges=ranges, quotas=(full,))
        assert found.reasons == ()
        assert not {"LimitRangeViolation", "QuotaExceeded"} & found.judged
        assert "QuotaRequiresResources" in found.judged
        assert found.room == {}
        assert [item.what for item in found.unread] == ["LimitRanges a, b, c"]


def test_what_every_order_of_limit_ranges_refuses_is_predicted() -> None:
    tight = limit_range(kind="Pod", max={"cpu": "500m"}, name="c")
    for ranges in ((SMALL, BIG, tight), (tight, BIG, SMALL)):
        found = judged({}, limit_ranges=ranges, quotas=(quota({"pods": "7"}),))
        assert only(found).limit_range == "c"
        assert "LimitRangeViolation" in found.judged
        assert found.room == {"q": 7}
        assert [item.what for item in found.unread] == ["LimitRanges a, b, c"]


def test_an_order_that_changes_nothing_is_not_told() -> None:
    found = judged({}, limit_ranges=(SMALL, BIG), quotas=(quota({"pods": "0"}),))
    assert (codes(found), found.unread) == (["QuotaExceeded"], ())


def test_orders_that_refuse_by_different_limit_ranges_leave_both_open() -> None:
    low = limit_range({"cpu": "1"}, max={"cpu": "1"}, name="low")
    high = limit_range({"cpu": "4"}, {"cpu": "4"}, min={"cpu": "4"}, name="high")
    found = judged({}, limit_ranges=(low, high))
    assert (found.reasons, len(found.unread)) == ((), 1)


def test_pod_security_in_the_words_of_the_server() -> None:
    facts = only(judged({"hostNetwork": True}, BASELINE))
    assert (facts.namespace, facts.level) == (NAMESPACE, "baseline:latest")
    text = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
    assert facts.message == f"{FORBIDDEN}{text}"


def test_objects_of_another_namespace_refuse_nothing() -> None:
    found = judged(
        {},
        quotas=(quota({"pods": "0"}, namespace="other"),),
        limit_ranges=(limit_range({"cpu": "2"}, max={"cpu": "1"}, namespace="other"),),
    )
    assert found.reasons == ()


# What was reported, and what is computed of the same: the report comes first, with the computed
# evidence; where it would pass by now, it says so.
def told(code: str, subject: str = "", text: str = "") -> Refusal:
    return Refusal(
        code=code, subject=subject, message=FORBIDDEN + text, namespace=NAMESPACE, last_seen=ago(9)
    )


TOO_MUCH = "maximum cpu usage per Container is 1, but limit is 2"
BY_RANGE = told("LimitRangeViolation", text=TOO_MUCH)
TIGHT = limit_range({"cpu": "2"}, max={"cpu": "1"}, name="tight")
HOST = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
BY_LEVEL = told("PodSecurityViolation", "baseline:latest", HOST)
BY_ACCOUNT = told("ServiceAccountMissing", "kube-system/agent-sa")
SAS = {"service_accounts": (account("default"),)}
BY_QUOTA = told("QuotaExceeded", "q")
BOTH = (limit_range({"cpu": "2"}, max={"cpu": "3"}, min={"cpu": "3"}, name="other"), TIGHT)

MERGED = [
    pytest.param(BY_RANGE, {}, None, {"limit_ranges": (TIGHT,)}, False, id="LimitRange"),
    pytest.param(BY_RANGE, {}, None, {"limit_ranges": ()}, True, id="LimitRange: it passes now"),
    pytest.param(BY_LEVEL, {"hostNetwork": True}, BASELINE, {}, False, id="PodSecurity"),
    pytest.param(BY_LEVEL, {}, BASELINE, {}, True, id="PodSecurity: it passes now"),
    pytest.param(
        BY_LEVEL,
        {"hostNetwork": True},
        namespace(labels={ENFORCE: "privileged"}),
        {},
        True,
        id="PodSecurity: the level was lowered",
    ),
    pytest.param(
        BY_LEVEL, {"hostNetwork": True}, namespace(), {}, False,
        id="PodSecurity: by the server's configuration",
    ),
    pytest.param(BY_LEVEL, {}, None, {}, False, id="PodSecurity: the namespace was not read"),
    pytest.param(
        BY_ACCOUNT, {"serviceAccountName": "agent-sa"}, None, SAS, False, id="ServiceAccount"
    ),
    pytest.param(
        BY_ACCOUNT, {"serviceAccountName": "agent-sa"}, None,
        {"service_accounts": (account("agent-sa"),)}, True, id="ServiceAccount: it exists now",
    ),
    pytest.param(BY_ACCOUNT, {}, None, SAS, True, id="ServiceAccount: it is no longer named"),
    pytest.param(BY_ACCOUNT, {}, None, {}, False, id="ServiceAccount: none was read"),
    pytest.param(BY_QUOTA, {}, None, {"quotas": (quota({"pods": "0"}),)}, False, id="quota"),
    pytest.param(
        BY_QUOTA, {}, None, {"quotas": (quota({"pods": "5"}),)}, True, id="quota: room now"
    ),
    pytest.param(BY_QUOTA, {}, None, {"quotas": ()}, True, id="quota: deleted"),
    pytest.param(
        BY_QUOTA, {}, None, {"quotas": (quota({"pods": "5"}, namespace="else"),)}, False,
        id="quota: only those of another namespace were saved",
    ),
    pytest.param(
        BY_QUOTA, {}, None,
        {"quotas": (quota({"pods": "5"}, namespace="else"),), "occupants_of": frozenset()}, True,
        id="quota: deleted from a live cluster",
    ),
    pytest.param(
        BY_QUOTA, {}, None, {"quotas": (quota({"pods": "5"}, {}),)}, False,
        id="quota: not counted yet",
    ),
    pytest.param(
        BY_QUOTA, {}, None, {"quotas": (by_class("Exists"),)}, False,
        id="quota: whether it applies is not known",
    ),
    pytest.param(
        BY_QUOTA, {"runtimeClassName": "kata"}, None,
        {"unread": (Unread(what="runtimeclasses", why=""),)}, False,
        id="quota: the overhead is not known",
    ),
    pytest.param(told("WebhookDenied", "w"), {}, None, {}, False, id="webhook: can't be computed"),
    pytest.param(told("InvalidPodSpec"), {}, None, {}, False, id="invalid: can't be computed"),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "spec", "space", "around", "gone"), MERGED)
def test_what_was_reported_may_pass_by_now(
    refusal: Refusal, spec: dict[str, Any], space: Namespace | None, around: Any, gone: bool
) -> None:
    first, *others = refused(refusal, judged(spec, space, **around))
    assert (first.code, first.source) == (refusal.code, Source.REPORTED)
    assert first.facts.gone is gone  # type: ignore[attr-defined]
    assert refusal.code not in [reason.code for reason in others]


def first(refusal: Refusal, prediction: Prediction) -> Any:
    return refused(refusal, prediction)[0].facts


def test_a_report_gets_the_computed_evidence() -> None:
    facts = first(BY_RANGE, judged({}, limit_ranges=(TIGHT,)))
    assert isinstance(facts, LimitFacts)
    assert (facts.limit_range, facts.last_seen) == ("tight", ago(9))
    assert [(use.container, use.actual) for use in facts.violations] == [("agent", "2")]


def test_of_two_limit_ranges_the_one_in_the_same_words_was_reported() -> None:
    prediction = judged({}, limit_ranges=BOTH)
    assert first(BY_RANGE, prediction).limit_range == "tight"
    rest = refused(BY_RANGE, prediction)[1:]
    assert [(x.code, x.source) for x in rest] == [("LimitRangeViolation", Source.PREDICTED)]


def test_another_level_now_is_another_reason() -> None:
    restricted = told("PodSecurityViolation", "restricted:latest", HOST)
    reported, now = refused(restricted, judged({"hostNetwork": True}, BASELINE))
    assert isinstance(reported.facts, SecurityFacts)
    assert isinstance(now.facts, SecurityFacts)
    assert (reported.facts.level, reported.facts.gone) == ("restricted:latest", True)
    assert (now.facts.level, now.source) == ("baseline:latest", Source.PREDICTED)


def test_a_conflict_gets_the_name_of_the_class() -> None:
    text = "the integer value of priority (7) must not be provided in pod spec"
    spec = {"priority": 7, "priorityClassName": SYSTEM.metadata.name}
    facts = first(told("PriorityConflict", text=text), judged(spec, priority_classes=(SYSTEM,)))
    assert facts.subject == "system-node-critical"


def test_a_failure_of_any_kind_is_not_that_of_a_quota() -> None:
    uncounted = judged({}, quotas=(quota({"pods": "5"}, {}),))
    found = refused(told("CreateFailed", text="etcdserver: request timed out"), uncounted)
    assert [(x.code, x.source.value) for x in found] == [
        ("CreateFailed", "reported"),
        ("CreateFailed", "predicted"),
    ]
    same = refused(told("CreateFailed", "q"), uncounted)
    assert [x.source for x in same] == [Source.REPORTED]


def test_a_reported_level_shows_its_checks_without_the_namespace() -> None:
    facts = first(BY_LEVEL, Prediction())
    assert facts.violations == (SecurityCheck(check="host namespaces", detail="hostNetwork=true"),)
    assert facts.namespace == NAMESPACE


# policy/checks.go (AggregateCheckResult.ForbiddenDetail): ``check (detail), check (detail)``.
CHECKS = [
    pytest.param("privileged (a)", [("privileged", "a")], id="one"),
    pytest.param(
        "host namespaces (hostNetwork=true, hostPID=true), hostPort (container uses 80)",
        [("host namespaces", "hostNetwork=true, hostPID=true"), ("hostPort", "container uses 80")],
        id="a comma in a detail",
    ),
    pytest.param("a (b (c) d), e (f)", [("a", "b (c) d"), ("e", "f")], id="trap: brackets inside"),
    pytest.param("hostProcess, privileged (a)", [("hostProcess", ""), ("privileged", "a")],
                 id="no detail"),
    pytest.param("privileged (container a mu", [("privileged", "container a mu")], id="cut off"),
]  # fmt: skip


@pytest.mark.parametrize(("listed", "found"), CHECKS)
def test_the_checks_of_an_answer(listed: str, found: list[tuple[str, str]]) -> None:
    text = f'{FORBIDDEN}violates PodSecurity "baseline:latest": {listed}'
    assert [(item.check, item.detail) for item in security_checks(text)] == found


# The whole way.
def missing(seen: Cluster) -> list[tuple[str, Source]]:
    (verdict,) = explain(seen, seen.daemon_sets[0]).nodes
    return [(reason.code, reason.source) for reason in verdict.reasons]


def test_the_namespace_and_its_objects_are_asked() -> None:
    given = daemon_set(pod_template=template(hostPID=True, serviceAccountName="gone"))
    said = event("FailedCreate", "Error creating: etcdserver: request timed out")
    around: dict[str, Any] = {"namespaces": [BASELINE], "service_accounts": (account("default"),)}
    assert missing(cluster([given], [node()], events=[said], **around)) == [
        ("CreateFailed", Source.REPORTED),
        ("PodSecurityViolation", Source.PREDICTED),
        ("ServiceAccountMissing", Source.PREDICTED),
    ]


def test_no_event_tells_of_a_namespace_that_is_being_deleted() -> None:
    closing = Namespace(metadata=ObjectMeta(name=NAMESPACE, deletion_timestamp=ago(60)))
    found = missing(cluster([daemon_set()], [node()], namespaces=[closing]))
    assert found == [("NamespaceTerminating", Source.COMPUTED)]


def test_room_for_some_pods_is_told() -> None:
    room = judged({}, quotas=(quota({"pods": "5"}, {"pods": "2"}),))
    facts = first(BY_QUOTA, room)
    assert isinstance(facts, QuotaFacts)
    assert (facts.pods_that_fit, facts.gone) == (3, True)


# A quota may have room for some of the pods that are missing: the others will be refused.
ROOM = [
    pytest.param("8", 2, None, id="room for all of them"),
    pytest.param("9", 2, 1, id="for one of two"),
    pytest.param("10", 2, 0, id="for none"),
    pytest.param("9", 1, None, id="for the only one"),
]


@pytest.mark.parametrize(("used", "missing", "fit"), ROOM)
def test_a_quota_with_room_for_some(used: str, missing: int, fit: int | None) -> None:
    tight = quota({"pods": "10"}, {"pods": used}, name="gold")
    given = daemon_set()
    nodes = [node(f"n{number}") for number in range(missing)]
    verdicts = explain(cluster([given], nodes, quotas=(tight,)), given).nodes
    reasons = [reason for verdict in verdicts for reason in verdict.reasons]
    if fit is None:
        assert {reason.code for reason in reasons} == {"Unknown"}
        return
    assert {(reason.code, reason.source) for reason in reasons} == {
        ("QuotaExceeded", Source.PREDICTED)
    }
    facts: Any = reasons[0].facts
    assert (facts.pods_that_fit, facts.missing) == (fit, missing)
    text = sentence("QuotaExceeded", [facts])
    assert ("room for 1 of the 2 pods that are missing" in text) is (fit == 1)
