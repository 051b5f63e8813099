"""The report as JUnit XML, which build servers show: a test case for each DaemonSet.

Elements and attributes are those that the schema of Jenkins knows, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timezone
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kubectl_ds.core.cover import Cover, Hole, holes
from kubectl_ds.core.model import Unread
from kubectl_ds.core.report import Report
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.coverage import hole, none_wanted, percent, unverified
from kubectl_ds.words.overview import unread_sentence
from kubectl_ds.words.phrases import count, first_names, in_cluster

_NAME = "DaemonSet coverage"
_COUNTS = ("tests", "failures", "errors")


def junit(report: Report, failures: Mapping[tuple[str, str, str], str]) -> str:
    """The test results of a fleet; each of several clusters is a suite of its own.

    Args:
        report: how far its DaemonSets reach.
        failures: why a DaemonSet fails, by ``Cover.key``; the others pass.
    """
    suites = [_suite(part, failures) for part in report.apart]
    suites += map(_lost, report.lost)
    counts = {key: str(sum(int(x.get(key, "0")) for x in suites)) for key in _COUNTS}
    root = Element("testsuites", {"name": _NAME, **counts, "time": "0"})
    root.extend(suites)
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _suite(part: Report, failures: Mapping[tuple[str, str, str], str]) -> Element:
    """The suite of one cluster."""
    failed = sum(cover.key in failures for cover in part.covers)
    suite = _empty(part.sites[0].cluster, tests=len(part.covers), failures=failed)
    suite.set("timestamp", f"{part.now.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}")
    for cover in part.covers:
        _case(suite, cover, failures.get(cover.key))
    if part.not_checked:
        SubElement(suite, "system-out").text = visible(unread_sentence(part.not_checked))
    return suite


def _lost(cluster: Unread) -> Element:
    """The suite of a cluster that could not be read, with that as its one error."""
    suite = _empty(cluster.cluster, tests=1, errors=1)
    named = {"name": visible(cluster.cluster), "time": "0", "classname": visible(cluster.cluster)}
    case = SubElement(suite, "testcase", named)
    SubElement(case, "error", {"type": "cluster", "message": visible(cluster.why)})
    return suite


def _empty(cluster: str, tests: int, failures: int = 0, errors: int = 0) -> Element:
    counts = dict(zip(_COUNTS, map(str, (tests, failures, errors)), strict=True))
    name = visible(_NAME + in_cluster(cluster))
    return Element("testsuite", {"name": name, **counts, "skipped": "0", "time": "0"})


def _case(suite: Element, cover: Cover, failure: str | None) -> None:
    cluster, namespace, name = map(visible, cover.key)
    place = f"{cluster}/{namespace}" if cluster else namespace
    case = SubElement(suite, "testcase", {"name": name, "time": "0", "classname": place})
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
