"""Recorded refusals, found again without the events that told of them.

Events last an hour; the objects that refused the pods are still there.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from recorded import cluster

from kubectl_ds.core.classes import ServiceAccount
from kubectl_ds.core.facts import RefusedFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.reasons import Reason, Source, State

REFUSALS = {
    "limit_range_max": "LimitRangeViolation",
    "limit_range_ratio": "LimitRangeViolation",
    "missing_priority_class": "PriorityClassMissing",
    "missing_service_account": "ServiceAccountMissing",
    "pod_security": "PodSecurityViolation",
    "pod_security_baseline": "PodSecurityViolation",
    "quota_best_effort": "QuotaExceeded",
    "quota_cpu": "QuotaExceeded",
    "quota_must_specify": "QuotaRequiresResources",
    "quota_pods": "QuotaExceeded",
    "rollout_blocked_by_quota": "QuotaExceeded",
}


def recorded(name: str) -> Cluster:
    """The recording, with the ServiceAccount of every namespace: no accounts were recorded."""
    seen = cluster(name)
    accounts = tuple(
        ServiceAccount(metadata=ObjectMeta(name="default", namespace=space.metadata.name))
        for space in seen.namespaces
    )
    unread = tuple(item for item in seen.unread if item.what != "serviceaccounts")
    return msgspec.structs.replace(seen, service_accounts=accounts, unread=unread)


def refusals(seen: Cluster) -> Iterator[tuple[str, Reason]]:
    """Every reason on a node without a pod, by the DaemonSet's name."""
    for daemon_set in seen.daemon_sets:
        for verdict in explain(seen, daemon_set).nodes:
            if verdict.state is State.MISSING:
                yield from ((daemon_set.name, reason) for reason in verdict.reasons)


@pytest.mark.parametrize(("name", "code"), REFUSALS.items())
def test_the_cause_is_found_without_its_event(name: str, code: str) -> None:
    silent = msgspec.structs.replace(recorded(name), events=())
    found = {(reason.code, reason.source) for _, reason in refusals(silent)}
    assert found == {(code, Source.PREDICTED)}


@pytest.mark.parametrize(("name", "code"), REFUSALS.items())
def test_the_server_used_the_words_that_we_predict(name: str, code: str) -> None:
    """A real API server's answer is the yardstick of our own wording."""
    seen = recorded(name)
    silent = msgspec.structs.replace(seen, events=())
    predicted = {(owner, message(reason)) for owner, reason in refusals(silent)}
    reported = {(owner, message(reason)) for owner, reason in refusals(seen)}
    assert predicted == reported
    for _, reason in refusals(seen):
        assert (reason.code, reason.source) == (code, Source.REPORTED)
        assert isinstance(reason.facts, RefusedFacts)
        assert not reason.facts.gone


def message(reason: Reason) -> str:
    assert isinstance(reason.facts, RefusedFacts)
    return reason.facts.message
