from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec
import pytest
from golden import assert_screen
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_classic
from test_demo import cluster, explained

from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Report, report
from kubectl_ds.draw.openmetrics import openmetrics
from kubectl_ds.draw.visible import visible

FAMILIES = [
    "kubectl_ds_nodes",
    "kubectl_ds_desired_nodes",
    "kubectl_ds_available_nodes",
    "kubectl_ds_coverage_ratio",
    "kubectl_ds_reach_ratio",
    "kubectl_ds_verified",
]


def whole(seen: Cluster) -> Report:
    fleet = Fleet(seen)
    return report(seen.now, seen.nodes, [survey(fleet, item) for item in seen.daemon_sets])


@cache
def demo() -> Report:
    return whole(cluster())


def renamed(name: str) -> Report:
    """One DaemonSet of that name, in a namespace of that name."""
    cover = demo().covers[0]
    metadata = msgspec.structs.replace(cover.daemon_set.metadata, namespace=name, name=name)
    daemon_set = msgspec.structs.replace(cover.daemon_set, metadata=metadata)
    cover = msgspec.structs.replace(cover, daemon_set=daemon_set)
    return msgspec.structs.replace(demo(), covers=(cover,))


def parsed(seen: Report) -> list[Metric]:
    """The families, which both formats must read alike."""
    text = openmetrics(seen) + "\n"
    families = list(parse_openmetrics(text))
    assert samples(families) == samples(parse_classic(text))
    return families


def samples(families: Iterable[Metric]) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for family in families:
        for sample in family.samples:
            assert sample.timestamp is None
            labels = sample.labels
            key = sample.name, f"{labels['namespace']}/{labels['daemonset']}"
            found[(*key, labels.get("state", ""))] = sample.value
    return found


def test_screen() -> None:
    assert_screen("coverage_openmetrics", openmetrics(demo()) + "\n")


def test_every_family_is_a_gauge_with_help() -> None:
    families = parsed(demo())
    assert [family.name for family in families] == FAMILIES
    assert {family.type for family in families} == {"gauge"}
    assert all(family.documentation for family in families)


@pytest.mark.parametrize("name", ["gpu/dcgm-exporter", "logging/fluentd", "security/falco"])
def test_numbers_are_those_of_the_explanation(name: str) -> None:
    answer = explained()[name]
    found = samples(parsed(demo()))
    for state in State:
        number = sum(verdict.state is state for verdict in answer.nodes)
        assert found["kubectl_ds_nodes", name, state.value] == number
    summary = answer.summary
    assert found["kubectl_ds_desired_nodes", name, ""] == summary.desired
    assert found["kubectl_ds_available_nodes", name, ""] == summary.available
    assert found["kubectl_ds_coverage_ratio", name, ""] == summary.available / summary.desired
    assert found["kubectl_ds_reach_ratio", name, ""] == summary.available / summary.nodes


def test_all_states_have_a_sample_so_that_none_vanishes() -> None:
    found = samples(parsed(demo()))
    assert len(found) == len(explained()) * (len(State) + 5)
    assert found["kubectl_ds_nodes", "logging/fluentd", "Missing"] == 0


def test_it_ends_with_the_mark_of_openmetrics() -> None:
    assert openmetrics(demo()).splitlines()[-1] == "# EOF"


def test_a_fleet_without_daemon_sets_has_families_alone() -> None:
    assert samples(parsed(msgspec.structs.replace(demo(), covers=()))) == {}


def test_without_nodes_there_is_no_number() -> None:
    unread = (Unread(what="nodes", why="forbidden"),)
    assert samples(parsed(whole(msgspec.structs.replace(cluster(), nodes=(), unread=unread)))) == {}


def test_quotes_and_backslashes_are_escaped_and_line_breaks_are_spaces() -> None:
    text = openmetrics(renamed('a"b\\c\nd'))
    assert r'kubectl_ds_desired_nodes{namespace="a\"b\\c d",daemonset="a\"b\\c d"} 3' in text


@given(st.text() | st.text('\\"\n{},=# n'))
def test_any_name_comes_back_as_it_is_shown(name: str) -> None:
    names = {key[1] for key in samples(parsed(renamed(name)))}
    assert names == {f"{visible(name)}/{visible(name)}"}
