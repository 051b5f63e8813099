"""Room and ports on recorded clusters, worked out without the scheduler's words.

Each row was seen with a message of a real scheduler. It stops at its first filter that refuses,
and its words are of its last attempt: pods bound since may have filled the node further.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from recorded import NAMES, RECORDED, cluster

from kubectl_ds.core.facts import PortFacts, RoomFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition, condition
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import REASONS, State
from kubectl_ds.core.verdict import NodeVerdict

OURS = frozenset(code for code, info in REASONS.items() if info.facts in (RoomFacts, PortFacts))


class Row(NamedTuple):
    """What was seen of a DaemonSet on a node: the codes of room and ports."""

    daemon_set: tuple[str, str]
    node: str
    codes: frozenset[str]


def rows(name: str) -> list[Row]:
    document: dict[str, Any] = json.loads((RECORDED / f"{name}.expected.json").read_bytes())
    return [
        Row((key.split("/")[0], key.split("/")[1]), node, codes)
        for key, nodes in document["daemonSets"].items()
        for node, seen in nodes.items()
        if (codes := OURS & {*seen.get("reason", ()), *seen.get("reasons", ())})
    ]


CONCERNED = [name for name in NAMES if rows(name)]


@cache
def silent(name: str) -> Cluster:
    """The recording without events, and without the words on pods that wait."""
    seen = cluster(name)
    return replace(seen, events=(), pods=tuple(map(_silent, seen.pods)))


def _silent(pod: Pod) -> Pod:
    if pod.spec.node_name:
        return pod
    said = pod.status.conditions or ()
    kept = tuple(replace(x, message="") if x.type == "PodScheduled" else x for x in said)
    return replace(pod, status=replace(pod.status, conditions=kept))


def found(seen: Cluster, row: Row) -> NodeVerdict:
    (item,) = (x for x in seen.daemon_sets if x.key == row.daemon_set)
    (verdict,) = (x for x in explain(seen, item).nodes if x.node == row.node)
    return verdict


def ours(verdict: NodeVerdict) -> set[str]:
    return {reason.code for reason in verdict.reasons} & OURS


@pytest.mark.parametrize("name", CONCERNED)
def test_what_the_scheduler_said_is_found_without_its_words(name: str) -> None:
    for row in rows(name):
        verdict = found(silent(name), row)
        assert verdict.state is State.PENDING
        assert row.codes <= ours(verdict), row


@pytest.mark.parametrize("name", CONCERNED)
def test_what_is_found_besides_is_of_a_later_filter_or_of_later_pods(name: str) -> None:
    for row in rows(name):
        if "HostPortConflict" not in row.codes:
            before = replace(silent(name), pods=tuple(_there_before(silent(name), row)))
            assert ours(found(before, row)) <= row.codes, row


def _there_before(seen: Cluster, row: Row) -> Iterator[Pod]:
    """The pods without those bound there since the row's pod was refused first, by the second."""
    (waits,) = (x for x in found(seen, row).pods if not x.bound)
    pod = next(x for x in seen.pods if x.name == waits.name)
    refused = condition(pod.status.conditions, "PodScheduled")
    assert refused is not None
    for item in seen.pods:
        bound = condition(item.status.conditions, "PodScheduled")
        later = bound is not None and item.spec.node_name == row.node and _since(bound, refused)
        if not later:
            yield item


def _since(bound: Condition, refused: Condition) -> bool:
    times = bound.last_transition_time, refused.last_transition_time
    return times[0] is not None and times[1] is not None and times[0] >= times[1]


def test_there_are_rows() -> None:
    assert sum(len(rows(name)) for name in CONCERNED) >= 200
