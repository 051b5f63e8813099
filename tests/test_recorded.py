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

import msgspec
import pytest
from recorded import NAMES, RECORDED, cluster, explained

from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.reasons import FINDINGS, Source, State, info
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


QUOTAS = [
    "quota_best_effort",
    "quota_cpu",
    "quota_must_specify",
    "quota_pods",
    "rollout_blocked_by_quota",
]


@pytest.mark.parametrize("name", QUOTAS)
def test_a_quota_is_found_without_its_expired_event(name: str) -> None:
    """Events last an hour; the quota's own numbers tell the same, as a prediction."""
    silent = msgspec.structs.replace(cluster(name), events=())
    wanted = expected(name)["daemonSets"]
    rows = 0
    for daemon_set in silent.daemon_sets:
        for verdict in explain(silent, daemon_set).nodes:
            row = wanted.get(keyed(daemon_set), {}).get(verdict.node, {})
            if row.get("reason"):
                rows += 1
                predicted = [x.code for x in verdict.reasons if x.source is Source.PREDICTED]
                assert predicted == row["reason"]
    assert rows


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
