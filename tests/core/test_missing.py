"""Why no pod exists where one is wanted."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.creation.missing import absence, halted
from kubectl_ds.core.creation.predicted import Prediction, quota_reasons
from kubectl_ds.core.creation.quota import QuotaCheck
from kubectl_ds.core.creation.refusal import Refusal
from kubectl_ds.core.creation.refused import refused
from kubectl_ds.core.facts import CreateFacts, JustAddedFacts, QuotaFacts, QuotaUse, UnknownFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import decoder
from kubectl_ds.core.model import DaemonSet, Event, Namespace, Unread
from kubectl_ds.core.reasons import REASONS, ROWS, Reason, Source, State
from kubectl_ds.core.verdict import NodeVerdict
from tests.core.make import (
    NOW,
    ago,
    cluster,
    daemon_set,
    event,
    limit_range,
    namespace,
    node,
    quota,
)

# daemon_controller.go (syncDaemonSet): a DaemonSet that is being deleted is left alone, one whose
# spec was not seen yet is behind; deleting raises the generation, too. In a namespace that is
# being terminated nothing can be created (lifecycle/admission.go), and no event tells of it.
GONE = daemon_set(deleted=NOW, generation=2, observed=1)
BEHIND = daemon_set(generation=2, observed=1)
CLOSING = namespace(phase="Terminating")
HALTED = [
    pytest.param(daemon_set(), namespace(), [], id="nothing"),
    pytest.param(daemon_set(), None, [], id="nothing, and the namespace is not known"),
    pytest.param(GONE, namespace(), ["DaemonSetDeleting"], id="deleting is not lagging"),
    pytest.param(BEHIND, namespace(), ["ControllerLagging"], id="behind"),
    pytest.param(
        daemon_set(generation=1, observed=0), None, ["ControllerLagging"], id="never seen"
    ),
    pytest.param(daemon_set(generation=1, observed=2), None, [], id="observed more than there is"),
    pytest.param(daemon_set(), CLOSING, ["NamespaceTerminating"], id="namespace terminating"),
    pytest.param(GONE, CLOSING, ["DaemonSetDeleting", "NamespaceTerminating"], id="deleting in it"),
    pytest.param(BEHIND, CLOSING, ["NamespaceTerminating", "ControllerLagging"], id="behind in it"),
]


@pytest.mark.parametrize(("given", "around", "codes"), HALTED)
def test_what_stops_the_whole_daemon_set(
    given: DaemonSet, around: Namespace | None, codes: list[str]
) -> None:
    assert {reason.code for reason in halted(given, around)} == set(codes)
    spaces = [around] if around else []
    verdict = only(explain(cluster([given], [node()], namespaces=spaces), given).nodes)
    stopping = [reason.code for reason in verdict.reasons if reason.code != "Unknown"]
    assert stopping == codes
    assert all(reason.source is Source.COMPUTED for reason in verdict.reasons)


def test_a_namespace_that_is_marked_for_deletion_is_terminating() -> None:
    document = b'{"metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"}}'
    around = decoder(Namespace).decode(document)
    assert [reason.code for reason in halted(daemon_set(), around)] == ["NamespaceTerminating"]


def only(verdicts: tuple[NodeVerdict, ...]) -> NodeVerdict:
    (verdict,) = verdicts
    return verdict


# contract: where report and computation agree, the reason is reported, with the computed numbers
# as evidence; every other one that holds is listed, too.
USE = QuotaUse(resource="pods", requested="1", used="5", hard="5")
TOLD = Refusal(
    code="QuotaExceeded",
    subject="q",
    message="exceeded quota: q",
    resources=(("pods", "1", "4", "4"),),
    last_seen=ago(60),
    count=7,
)
FULL = QuotaCheck(quota="q", exceeded=(USE,), pods_that_fit=0, unspecified=())
ROOM = QuotaCheck(quota="q", exceeded=(), pods_that_fit=3, unspecified=())
VAGUE = QuotaCheck(
    quota="q", exceeded=(), pods_that_fit=3, unspecified=(("requests.cpu", ("a", "b")),)
)
BOTH = QuotaCheck(
    quota="q", exceeded=(USE,), pods_that_fit=0, unspecified=(("requests.cpu", ("a", "b")),)
)
OTHER = QuotaCheck(quota="other", exceeded=(USE,), pods_that_fit=0, unspecified=())
REQUIRES = Refusal(code="QuotaRequiresResources", subject="q", message="must specify requests.cpu")
DENIED = Refusal(code="WebhookDenied", subject="w", message="no")

REPORTED, PREDICTED = Source.REPORTED, Source.PREDICTED
MERGED = [
    pytest.param(None, [], [], id="nothing"),
    pytest.param(None, [ROOM], [], id="room left"),
    pytest.param(TOLD, [], [("QuotaExceeded", REPORTED)], id="only reported"),
    pytest.param(None, [FULL], [("QuotaExceeded", PREDICTED)], id="only predicted"),
    pytest.param(TOLD, [FULL], [("QuotaExceeded", REPORTED)], id="both, of the same quota"),
    pytest.param(TOLD, [ROOM], [("QuotaExceeded", REPORTED)], id="reported, and there is room now"),
    pytest.param(
        TOLD,
        [FULL, OTHER],
        [("QuotaExceeded", REPORTED), ("QuotaExceeded", PREDICTED)],
        id="another quota besides",
    ),
    pytest.param(
        DENIED,
        [FULL],
        [("WebhookDenied", REPORTED), ("QuotaExceeded", PREDICTED)],
        id="reported something else",
    ),
    pytest.param(None, [VAGUE], [("QuotaRequiresResources", PREDICTED)], id="unspecified"),
    pytest.param(
        REQUIRES, [VAGUE], [("QuotaRequiresResources", REPORTED)], id="unspecified, and reported"
    ),
    pytest.param(
        None,
        [BOTH],
        [("QuotaExceeded", PREDICTED), ("QuotaRequiresResources", PREDICTED)],
        id="two failures of one quota",
    ),
    pytest.param(
        REQUIRES,
        [BOTH],
        [("QuotaRequiresResources", REPORTED), ("QuotaExceeded", PREDICTED)],
        id="of which one was reported",
    ),
    pytest.param(
        TOLD,
        [BOTH],
        [("QuotaExceeded", REPORTED), ("QuotaRequiresResources", PREDICTED)],
        id="of which the other was reported",
    ),
]


def predicted(*checks: QuotaCheck) -> Prediction:
    """What quotas, all of which were read, would refuse."""
    return Prediction(
        reasons=tuple(quota_reasons(checks)),
        judged=frozenset({"QuotaExceeded", "QuotaRequiresResources"}),
        room={check.quota: check.pods_that_fit for check in checks},
    )


@pytest.mark.parametrize(("refusal", "checks", "expected"), MERGED)
def test_reports_and_predictions_are_merged(
    refusal: Refusal | None, checks: list[QuotaCheck], expected: list[tuple[str, Source]]
) -> None:
    found = [(reason.code, reason.source) for reason in refused(refusal, predicted(*checks))]
    assert sorted(found) == sorted(expected)


def facts_of(reasons: list[Reason]) -> Any:
    (reason,) = reasons
    return reason.facts


def test_a_reported_quota_shows_the_computed_numbers() -> None:
    facts = facts_of(refused(TOLD, predicted(FULL)))
    assert facts == QuotaFacts(
        quota="q",
        resources=(USE,),
        pods_that_fit=0,
        message="exceeded quota: q",
        last_seen=ago(60),
        count=7,
    )


def test_a_report_that_is_out_of_date_shows_its_own_numbers_and_the_room() -> None:
    facts = facts_of(refused(TOLD, predicted(ROOM)))
    assert facts.resources == (QuotaUse(resource="pods", requested="1", used="4", hard="4"),)
    assert facts.pods_that_fit == 3
    assert facts.gone


def test_a_reported_quota_that_was_not_read_leaves_the_room_open() -> None:
    facts = facts_of(refused(TOLD, Prediction()))
    assert facts.resources == (QuotaUse(resource="pods", requested="1", used="4", hard="4"),)
    assert facts.pods_that_fit is None
    assert not facts.gone


def test_a_predicted_quota_has_no_event_behind_it() -> None:
    facts = facts_of(refused(None, predicted(FULL)))
    assert (facts.resources, facts.last_seen, facts.gone) == ((USE,), None, False)
    assert facts.message == (
        'pods "…" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5'
    )


def test_what_must_be_specified_is_worded_like_the_api_server_does() -> None:
    vague = QuotaCheck(
        quota="q",
        exceeded=(),
        pods_that_fit=3,
        unspecified=(("limits.cpu", ("a",)), ("requests.cpu", ("a", "b"))),
    )
    facts = facts_of(refused(None, predicted(vague)))
    assert facts == CreateFacts(
        subject="q",
        message='pods "…" is forbidden: failed quota: q: '
        "must specify limits.cpu for: a; requests.cpu for: a,b",
        last_seen=None,
        count=0,
    )


OF_ITS_OWN = ("DaemonSetDeleting", "ControllerLagging", "JustAdded", "Unknown")
ADMISSION = [code for code in ROWS[State.MISSING] if code not in OF_ITS_OWN]


@pytest.mark.parametrize("code", ADMISSION)
def test_the_evidence_of_a_report_is_the_registered_one(code: str) -> None:
    facts = facts_of(refused(Refusal(code=code, subject="s", message="m"), Prediction()))
    assert type(facts) is REASONS[code].facts


# contract: JustAdded; semantics: a node that appeared less than 30 s ago.
YOUNG = [
    pytest.param(0, "JustAdded", id="now"),
    pytest.param(29, "JustAdded", id="29 s old"),
    pytest.param(30, "Unknown", id="30 s old"),
    pytest.param(3600, "Unknown", id="an hour old"),
]


@pytest.mark.parametrize(("seconds", "code"), YOUNG)
def test_a_young_node_is_not_unknown_yet(seconds: float, code: str) -> None:
    reason = absence(node(created=ago(seconds)), NOW, UnknownFacts(pods_read=True))
    assert (reason.code, reason.source) == (code, Source.COMPUTED)
    if code == "JustAdded":
        assert reason.facts == JustAddedFacts(created=ago(seconds))


def test_where_no_pods_were_read_a_young_node_may_have_its_own() -> None:
    given = daemon_set()
    unread = (Unread(what="pods", why="none in the input"),)
    young = node(created=ago(5))
    (verdict,) = explain(cluster([given], [young], unread=unread), given).nodes
    assert [reason.facts for reason in verdict.reasons] == [UnknownFacts(pods_read=False)]


# The whole way, and the order: what stops all, then reported, computed, predicted.
FORBIDDEN = 'Error creating: pods "agent-x7x2p" is forbidden: '
TOO_MANY = "exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5"
TIGHT = quota({"pods": "5"}, {"pods": "5"})
WEBHOOK = 'Error creating: admission webhook "w" denied the request: no'

ORDERS = [
    pytest.param(daemon_set(), [], [], ["Unknown"], id="nothing is known"),
    pytest.param(
        daemon_set(), [event("FailedCreate", FORBIDDEN + TOO_MANY)], [TIGHT], ["QuotaExceeded"],
        id="reported and computed",
    ),
    pytest.param(
        daemon_set(), [event("FailedCreate", WEBHOOK)], [TIGHT],
        ["WebhookDenied", "QuotaExceeded"],
        id="reported before predicted",
    ),
    pytest.param(
        BEHIND, [event("FailedCreate", WEBHOOK)], [TIGHT],
        ["ControllerLagging", "WebhookDenied", "QuotaExceeded"],
        id="what stops all comes first",
    ),
    pytest.param(
        daemon_set(),
        [event("FailedCreate", WEBHOOK), event("SuccessfulCreate", "", seconds_ago=10)],
        [],
        ["Unknown"],
        id="a failure before the last success",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "events", "quotas", "codes"), ORDERS)
def test_the_order_of_reasons(
    given: DaemonSet, events: list[Event], quotas: list[Any], codes: list[str]
) -> None:
    seen = cluster([given], [node()], events=events, quotas=quotas)
    verdict = only(explain(seen, given).nodes)
    assert verdict.state is State.MISSING
    assert [reason.code for reason in verdict.reasons] == codes


def test_a_quota_of_another_namespace_refuses_nothing() -> None:
    elsewhere = quota({"pods": "5"}, {"pods": "5"}, namespace="other")
    seen = cluster([daemon_set()], [node()], quotas=[elsewhere])
    verdict = only(explain(seen, daemon_set()).nodes)
    assert [reason.code for reason in verdict.reasons] == ["Unknown"]


def test_a_prediction_counts_limit_range_defaults() -> None:
    cpu = quota({"requests.cpu": "1"}, {"requests.cpu": "1"})
    given = daemon_set()
    limits = limit_range(request={"cpu": "100m"})
    with_defaults = cluster([given], [node()], quotas=[cpu], limit_ranges=[limits])
    verdict = only(explain(with_defaults, given).nodes)
    assert [(r.code, r.source) for r in verdict.reasons] == [("QuotaExceeded", PREDICTED)]
    without = cluster([given], [node()], quotas=[cpu])
    verdict = only(explain(without, given).nodes)
    assert [r.code for r in verdict.reasons] == ["QuotaRequiresResources"]
