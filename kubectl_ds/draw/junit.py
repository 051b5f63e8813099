"""The report as JUnit XML, which build servers show: a test case for each DaemonSet.

Elements and attributes are those that the schema of Jenkins knows, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timezone
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kubectl_ds.core.cover import Cover, Hole, holes
from kubectl_ds.core.report import Report
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.coverage import hole, none_wanted, percent, unverified
from kubectl_ds.words.overview import unread_sentence
from kubectl_ds.words.phrases import count, first_names

_NAME = "DaemonSet coverage"


def junit(report: Report, failures: Mapping[tuple[str, str], str]) -> str:
    """The test results of a fleet.

    Args:
        report: how far its DaemonSets reach.
        failures: why a DaemonSet fails, by its namespace and name; the others pass.
    """
    failed = sum(cover.daemon_set.key in failures for cover in report.covers)
    counts = {"tests": str(len(report.covers)), "failures": str(failed), "errors": "0"}
    root = Element("testsuites", {"name": _NAME, **counts, "time": "0"})
    suite = SubElement(root, "testsuite", {"name": _NAME, **counts, "skipped": "0", "time": "0"})
    suite.set("timestamp", f"{report.now.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}")
    for cover in report.covers:
        _case(suite, cover, failures.get(cover.daemon_set.key))
    if report.not_checked:
        SubElement(suite, "system-out").text = visible(unread_sentence(report.not_checked))
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _case(suite: Element, cover: Cover, failure: str | None) -> None:
    namespace, name = map(visible, cover.daemon_set.key)
    case = SubElement(suite, "testcase", {"name": name, "time": "0", "classname": namespace})
    if failure is None:
        told = SubElement(case, "system-out")
    else:
        told = SubElement(case, "failure", {"type": "coverage", "message": visible(failure)})
    told.text = "\n".join(map(visible, _lines(cover)))


def _lines(cover: Cover) -> Sequence[str]:
    """The numbers, then what is not covered, gaps first."""
    notes = filter(None, (_numbers(cover), none_wanted(cover), unverified([cover])))
    return [*notes, *map(_hole, holes(cover))]


def _numbers(cover: Cover) -> str:
    if not cover.certain:
        return "too little was read to tell how far it reaches"
    coverage = percent(cover.coverage) if cover.desired else "-"
    return (
        f"{cover.available} of {cover.desired} wanted pods available, coverage {coverage}; "
        f"on {cover.available} of {count(cover.nodes, 'node')}, reach {percent(cover.reach)}"
    )


def _hole(row: Hole) -> str:
    return f"{hole(row)}: {first_names(row.nodes)}"
