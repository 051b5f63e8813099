from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest
from golden import assert_screen
from hypothesis import given
from hypothesis import strategies as st
from test_demo import GAPS, cluster, explained

from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.report import Report, report
from kubectl_ds.draw.junit import junit
from kubectl_ds.draw.visible import visible

FAILURES = {
    ("", "gpu", "dcgm-exporter"): "coverage 33% (1 of 3) is below 90%",
    ("", "security", "falco"): "coverage 72% (8 of 11) is below 90%",
}
# What the schema of Jenkins allows, and in which order the children of a test case come.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {
        "name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp",
        "hostname", "id", "package",
    },
    "testcase": {"name", "assertions", "time", "classname", "status"},
    "failure": {"type", "message"},
    "system-out": set(),
}  # fmt: skip
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase", "system-out", "system-err"],
    "testcase": ["skipped", "error", "failure", "system-out", "system-err"],
    "failure": [],
    "system-out": [],
}


def whole(seen: Cluster) -> Report:
    fleet = Fleet(seen)
    return report(seen.now, seen.nodes, [survey(fleet, item) for item in seen.daemon_sets])


@cache
def demo() -> Report:
    return whole(cluster())


def changed(**fields: object) -> Report:
    """The demo with its first DaemonSet alone, changed."""
    cover: Cover = msgspec.structs.replace(demo().covers[0], **fields)
    return msgspec.structs.replace(demo(), covers=(cover,))


def renamed(namespace: str, name: str) -> Report:
    old = demo().covers[0].daemon_set
    metadata = msgspec.structs.replace(old.metadata, namespace=namespace, name=name)
    return changed(daemon_set=msgspec.structs.replace(old, metadata=metadata))


def parsed(seen: Report, failures: Mapping[tuple[str, str, str], str]) -> Element:
    """The document, in the order and with the attributes that the schema knows."""
    root = fromstring(junit(seen, failures))
    for element in root.iter():
        assert set(element.keys()) <= ATTRIBUTES[element.tag]
        order = [CHILDREN[element.tag].index(child.tag) for child in element]
        assert order == sorted(order)
    assert {"name", "tests"} <= set(root[0].keys())
    return root


def cases(root: Element) -> dict[str, Element]:
    return {
        f"{item.get('classname')}/{item.get('name')}": item for item in root[0].iter("testcase")
    }


def lines(element: Element | None) -> list[str]:
    assert element is not None
    return (element.text or "").split("\n")


def test_screen() -> None:
    assert_screen("coverage_junit", junit(demo(), FAILURES) + "\n")


def test_a_case_for_each_daemon_set() -> None:
    root = parsed(demo(), FAILURES)
    assert sorted(cases(root)) == sorted(explained())
    for element in (root, root[0]):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == (
            "5", "2", "0",
        )  # fmt: skip
    assert {element.get("time") for element in root.iter() if element.get("time")} == {"0"}


def test_only_those_that_fail_have_a_failure_with_its_message() -> None:
    found = cases(parsed(demo(), FAILURES))
    messages = {
        name: failure.get("message")
        for name, item in found.items()
        for failure in item.iter("failure")
    }
    assert messages == {"/".join(key[1:]): text for key, text in FAILURES.items()}
    assert all(
        item.find("system-out") is not None for name, item in found.items() if name not in messages
    )


def test_a_failure_for_another_daemon_set_counts_for_none() -> None:
    root = parsed(demo(), {("", "gpu", "other"): "no"})
    assert root.get("failures") == "0"
    assert list(root.iter("failure")) == []


@pytest.mark.parametrize("key", FAILURES)
def test_a_failure_names_every_node_with_a_gap_and_its_reason(key: tuple[str, ...]) -> None:
    name = "/".join(key[1:])
    _, *told = lines(cases(parsed(demo(), FAILURES))[name].find("failure"))
    for node, (state, code) in GAPS[name].items():
        row = next(line for line in told if f"({state})" in line and node in line)
        assert row.split()[1] == code
    gaps = [line for line in told if "(Excluded)" not in line]
    assert told[: len(gaps)] == gaps
    assert sum(int(line.split()[0]) for line in gaps) == len(GAPS[name])


def test_the_numbers_come_first() -> None:
    first = lines(cases(parsed(demo(), FAILURES))["security/falco"].find("failure"))[0]
    summary = explained()["security/falco"].summary
    share, reach = (summary.available * 100 // whole for whole in (summary.desired, summary.nodes))
    assert first == (
        f"{summary.available} of {summary.desired} wanted pods available, coverage {share}%; "
        f"on {summary.available} of {summary.nodes} nodes, reach {reach}%"
    )


def test_a_case_that_passes_lists_what_is_excluded() -> None:
    told = lines(cases(parsed(demo(), {}))["logging/fluentd"].find("system-out"))
    assert told[1] == (
        "4 UntoleratedTaint dedicated=gpu:NoSchedule (Excluded): gpu-0, gpu-1, gpu-2, gpu-3"
    )
    assert sum(int(line.split()[0]) for line in told[1:]) == 9


def test_of_many_nodes_some_are_named_and_the_rest_is_counted() -> None:
    outcome = demo().covers[0].others["gpu-1"]
    seen = changed(others={f"node-{index}": outcome for index in range(100)})
    told = lines(cases(parsed(seen, {}))["gpu/dcgm-exporter"].find("system-out"))[1]
    first = ", ".join(f"node-{index}" for index in range(20))
    assert told == f"100 CrashLoopBackOff (Unready): {first} and 80 more"


def test_the_time_is_utc_without_a_zone() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    root = parsed(msgspec.structs.replace(demo(), now=noon), {})
    assert root[0].get("timestamp") == "2026-01-01T10:00:00"


def test_what_is_not_verified_or_not_checked_is_told() -> None:
    unread = (Unread(what="resourcequotas", why="forbidden"),)
    root = parsed(changed(verified=False, not_checked=unread), {})
    assert "Not verified (~): 1 DaemonSet" in "\n".join(lines(root[0][0].find("system-out")))
    assert lines(root[0].find("system-out")) == ["Not checked: resourcequotas (forbidden)."]


def test_without_nodes_nothing_is_said_to_be_covered() -> None:
    unread = (Unread(what="nodes", why="forbidden"),)
    root = parsed(whole(msgspec.structs.replace(cluster(), nodes=(), unread=unread)), {})
    for item in cases(root).values():
        assert lines(item.find("system-out")) == ["too little was read to tell how far it reaches"]


@given(st.text(), st.text(), st.text())
def test_any_text_survives_as_it_is_shown(namespace: str, name: str, message: str) -> None:
    case = parsed(renamed(namespace, name), {("", namespace, name): message})[0][0]
    assert (case.get("classname"), case.get("name")) == (visible(namespace), visible(name))
    assert case[0].get("message") == visible(message)


def test_no_character_is_left_that_xml_forbids() -> None:
    for start in range(0, sys.maxunicode + 1, 0x8000):
        text = "".join(map(chr, range(start, start + 0x8000)))
        case = parsed(renamed(text, "x"), {("", text, "x"): text})[0][0]
        assert case.get("classname") == case[0].get("message") == visible(text)
