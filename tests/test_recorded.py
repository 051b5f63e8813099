"""Clusters recorded from real control planes: what was seen there is what must come out.

Each recording has a file beside it that says for every DaemonSet and node which states may be
told (``state``), which reason may come first (``reason``), which must be listed (``reasons``), and
the status that the DaemonSet controller wrote.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs
from recorded import NAMES, RECORDED, cluster, explained

from kubectl_ds.core.cover import survey
from kubectl_ds.core.facts import FilterFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.pods import PodStatus
from kubectl_ds.core.reasons import FINDINGS, State, info
from kubectl_ds.core.verdict import Explanation

# The controller was halted, or had no cause to look again after a NoSchedule taint was added
# (syncNodeUpdate): its status is that of before.
BEHIND = {"misscheduled_controller_halted", "taint_added_later"}


def expected(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RECORDED / f"{name}.expected.json").read_bytes())
    return document


def keyed(daemon_set: DaemonSet) -> str:
    return f"{daemon_set.namespace}/{daemon_set.name}"


def judged(name: str) -> Iterator[tuple[str, Explanation]]:
    """Every DaemonSet of a recording with the answer on it."""
    for daemon_set in cluster(name).daemon_sets:
        yield keyed(daemon_set), explained(name, daemon_set.name)


@pytest.mark.parametrize("name", NAMES)
def test_states_and_reasons(name: str) -> None:
    answers = dict(judged(name))
    for key, nodes in expected(name)["daemonSets"].items():
        verdicts = {verdict.node: verdict for verdict in answers[key].nodes}
        for node, wanted in nodes.items():
            verdict = verdicts[node]
            codes = [reason.code for reason in verdict.reasons]
            first = codes[0] if codes else None
            told = (key, node, verdict.state.value, codes)
            assert verdict.state.value in wanted["state"], told
            assert first in wanted.get("reason", [first]), told
            assert set(wanted.get("reasons", ())) <= set(codes), told


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BEHIND])
def test_the_numbers_are_those_of_the_controller(name: str) -> None:
    answers = dict(judged(name))
    for key, status in expected(name)["status"].items():
        if not _lagging(answers[key].daemon_set):
            counted = numbers(answers[key])
            assert counted == {field: status.get(field, 0) for field in counted}, key
            assert answers[key].status_behind == ()


def numbers(answer: Explanation) -> dict[str, int]:
    summary = answer.summary
    return {
        "currentNumberScheduled": summary.current,
        "desiredNumberScheduled": summary.desired,
        "numberAvailable": summary.available,
        "numberMisscheduled": summary.misscheduled,
        "numberReady": summary.ready,
        "numberUnavailable": summary.desired - summary.available,
        "updatedNumberScheduled": summary.updated,
    }


def _lagging(daemon_set: DaemonSet) -> bool:
    return daemon_set.status.observed_generation != daemon_set.metadata.generation


@pytest.mark.parametrize("name", sorted(BEHIND))
def test_a_status_that_is_behind_is_told(name: str) -> None:
    for _, answer in judged(name):
        assert {"desiredNumberScheduled", "numberMisscheduled"} <= set(answer.status_behind)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_holds_together(name: str) -> None:
    for key, answer in judged(name):
        assert sum(answer.states.values()) == len(answer.nodes), key
        assert sum(verdict.desired for verdict in answer.nodes) == answer.summary.desired, key
        for verdict in answer.nodes:
            available = verdict.state is State.AVAILABLE
            assert bool(verdict.reasons) is not available, (key, verdict.node)
            for reason in verdict.reasons:
                assert type(reason.facts) is info(reason.code).facts, (key, verdict.node)
        for finding in answer.findings:
            assert type(finding.facts) is FINDINGS[finding.code].facts, key


def test_there_is_something_to_judge() -> None:
    rows = [
        wanted
        for name in NAMES
        for nodes in expected(name)["daemonSets"].values()
        for wanted in nodes.values()
    ]
    assert len(NAMES) >= 52
    assert len(rows) >= 1500
    assert all(wanted["state"] for wanted in rows)
    assert sum("reason" in wanted or "reasons" in wanted for wanted in rows) >= 200
    states = {state for wanted in rows for state in wanted["state"]}
    assert states == {state.value for state in State}


def test_most_recordings_have_numbers_to_compare() -> None:
    compared = [
        key
        for name in NAMES
        if name not in BEHIND
        for key, answer in judged(name)
        if key in expected(name)["status"] and not _lagging(answer.daemon_set)
    ]
    assert len(compared) >= 52


# What nothing but an event, or an object of a kind that was not recorded, tells: the recording,
# the code, and what must be named instead among what was not checked.
UNTOLD = {
    "admission_policy": ("AdmissionPolicyDenied", "webhooks"),
    "missing_service_account": ("ServiceAccountMissing", "serviceaccounts"),
    "missing_pvc": ("VolumeMissing", "persistentvolumeclaims"),
}


def silent(whole: Cluster) -> Cluster:
    """The cluster an hour later: no event is left, and the scheduler's messages are blank."""
    pods = tuple(structs.replace(pod, status=_blank(pod.status)) for pod in whole.pods)
    return structs.replace(whole, events=(), pods=pods)


def _blank(status: PodStatus) -> PodStatus:
    conditions = (
        structs.replace(item, message="") if item.type == "PodScheduled" else item
        for item in status.conditions or ()
    )
    return structs.replace(status, conditions=tuple(conditions))


@pytest.mark.parametrize("name", NAMES)
def test_what_can_be_computed_is_found_without_events_and_messages(name: str) -> None:
    later = silent(cluster(name))
    answers = {keyed(item): explain(later, item) for item in later.daemon_sets}
    for key, nodes in expected(name)["daemonSets"].items():
        verdicts = {verdict.node: verdict for verdict in answers[key].nodes}
        for node, wanted in nodes.items():
            verdict = verdicts[node]
            codes = {reason.code for reason in verdict.reasons}
            told = (key, node, verdict.state.value, codes)
            assert verdict.state.value in wanted["state"], told
            code, instead = UNTOLD.get(name, ("", ""))
            if code in wanted.get("reason", ()):
                assert any(instead in item.what for item in answers[key].not_checked), told
            else:
                assert codes & set(wanted.get("reason", codes)) or not codes, told
                assert set(wanted.get("reasons", ())) <= codes, told


@pytest.mark.parametrize("name", NAMES)
def test_what_is_computed_is_what_was_reported(name: str) -> None:
    """Where the scheduler refuses, our own filters refuse too, unless they can't be told."""
    for _, answer in judged(name):
        for verdict in answer.nodes:
            for reason in verdict.reasons:
                if isinstance(reason.facts, FilterFacts):
                    told = (verdict.node, reason.code, reason.facts)
                    assert not reason.facts.fits, told


RUNNING = [
    "container_failures",
    "kubelet_rejects",
    "min_ready_seconds",
    "stuck_terminating",
    "stuck_terminating_overdue",
]


@pytest.mark.parametrize("name", RUNNING)
def test_what_the_kubelet_reports_needs_no_event(name: str) -> None:
    """Events about pods add to what stands in their status; they do not carry it."""
    later = structs.replace(cluster(name), events=())
    for daemon_set in later.daemon_sets:
        for verdict in explain(later, daemon_set).nodes:
            row = expected(name)["daemonSets"][keyed(daemon_set)][verdict.node]
            first = verdict.reasons[0].code if verdict.reasons else None
            assert verdict.state.value in row["state"]
            assert first in row.get("reason", [first])


def test_the_back_off_loop_is_counted_by_the_controller_s_events() -> None:
    answer = explained("kubelet_rejects")
    (verdict,) = (item for item in answer.nodes if item.state is State.FAILED)
    assert getattr(verdict.reasons[0].facts, "rounds", None) == 4
    assert "PodsVanish" in [finding.code for finding in answer.findings]


@pytest.mark.parametrize("name", NAMES)
def test_coverage_is_that_of_the_states_seen(name: str) -> None:
    fleet = Fleet(cluster(name))
    covers = {keyed(item): survey(fleet, item) for item in cluster(name).daemon_sets}
    for key, nodes in expected(name)["daemonSets"].items():
        if nodes:  # of one recording only the status was kept
            seen = Counter(State(state) for wanted in nodes.values() for state in wanted["state"])
            cover = covers[key]
            assert cover.states == seen, key
            assert cover.available == seen[State.AVAILABLE] + seen[State.OUTDATED], key
            assert cover.excluded == seen[State.EXCLUDED], key


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BEHIND])
def test_coverage_wants_as_many_nodes_as_the_controller(name: str) -> None:
    fleet, reported = Fleet(cluster(name)), expected(name)["status"]
    for item in cluster(name).daemon_sets:
        if keyed(item) in reported and not _lagging(item):
            wanted = reported[keyed(item)].get("desiredNumberScheduled", 0)
            assert survey(fleet, item).desired == wanted, keyed(item)
