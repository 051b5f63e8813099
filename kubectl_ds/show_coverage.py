"""A report to the terminal, in the form that the flags ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kubectl_ds.core.cover import Cover
from kubectl_ds.core.groups import label
from kubectl_ds.core.line import Line
from kubectl_ds.core.report import Blind, Group, Report, alike, blind, common, groups
from kubectl_ds.core.scope import Scope
from kubectl_ds.draw.clusters import tabbed
from kubectl_ds.draw.theme import Paint, plain
from kubectl_ds.draw.visible import visible
from kubectl_ds.source import Flags
from kubectl_ds.terminal import columns, emit, paint
from kubectl_ds.words import coverage as words
from kubectl_ds.words.clusters import none_found


@dataclass(frozen=True)
class Asked:
    """What to show, and what was asked for.

    Attributes:
        report: how far the DaemonSets reach.
        flags: the command's options, by their click names.
        scope: the DaemonSets asked about.
        line: the shares that none of them may fall below.
    """

    report: Report
    flags: Flags
    scope: Scope
    line: Line

    @property
    def needed(self) -> Sequence[Cover]:
        """Without which a node is blind: those named, else those that most nodes have."""
        return self.report.covers if self.scope.names else common(self.report)

    @cached_property
    def blind(self) -> Sequence[Blind]:
        """The blind nodes, if they were asked for and can be told."""
        wanted = self.flags["blind"] and self.report.certain
        return blind(self.report, self.needed) if wanted else ()

    @property
    def blind_headline(self) -> str:
        """How many nodes are blind, and for what."""
        named, known = bool(self.scope.names), self.report.certain
        return words.blind_headline(len(self.blind), self.needed, named, known)

    @cached_property
    def groups(self) -> list[tuple[str, list[Group]]]:
        """The groups for each ``--by``, with its name."""
        return [(name, groups(self.report, label(name))) for name in self.flags["by"]]


def show(asked: Asked) -> None:
    """Write a report as the flags ask for.

    Raises:
        OutputError: the output can't be written.
    """
    output, scope = asked.flags["output"], asked.scope
    if not asked.report.covers and output in ("table", "wide", "name", "markdown"):
        emit(none_found(scope, asked.report.named), err=True)
        return
    for flag in _without_effect(asked.flags):
        emit(f"warning: {flag} has no effect on -o {output}", err=True)
    if asked.flags["blind"] and not asked.report.certain:
        emit(f"warning: {asked.blind_headline}", err=True)
    for name, found in asked.groups:
        if found and all(group.value is None for group in found):
            emit(f"warning: {visible(words.no_such_label(name))}", err=True)
    text = _FORMS[output](asked).rstrip("\n")
    if text:
        emit(text)


def _without_effect(flags: Flags) -> list[str]:
    """The flags that ask for something that the format can't show."""
    return [f"--{name}" for name in _VIEWS if flags[name] and flags["output"] not in _VIEWS[name]]


def _screens(asked: Asked) -> str:
    return "\n\n".join(filter(None, _views(asked)))


def _views(asked: Asked) -> Iterator[str]:
    """What was asked to be seen of the report: by default all DaemonSets in one table."""
    from kubectl_ds.draw import fleet
    from kubectl_ds.draw.text import ENDLESS

    report, flags = asked.report, asked.flags
    width = ENDLESS if flags["output"] == "wide" else columns()
    colour, headers = paint(flags["color"]), not flags["no_headers"]
    special = flags["matrix"] or flags["blind"] or flags["by"]
    if not special:
        draw = fleet.wide if flags["output"] == "wide" else fleet.screen
        yield draw(report, width, colour, headers)
    for name, found in asked.groups:
        yield fleet.by(found, name, width, headers)
    if flags["matrix"]:
        yield _matrix(asked, width, colour)
    if flags["blind"]:
        yield fleet.blind(asked.blind, asked.blind_headline, width, colour, headers)
    if headers:
        yield fleet.bottom(report, width)


def _matrix(asked: Asked, width: int, colour: Paint) -> str:
    """One matrix for each cluster: no node has anything to do with another one's DaemonSets."""
    if not asked.report.certain:
        return "What is on which node can't be told from what was read."
    parts = asked.report.apart
    return "\n\n".join(_matrix_of(part, asked.flags, width, colour) for part in parts)


def _matrix_of(part: Report, flags: Flags, width: int, colour: Paint) -> str:
    from kubectl_ds.draw.clusters import before
    from kubectl_ds.draw.matrix import matrix

    headers, cluster = not flags["no_headers"], part.sites[0].cluster
    text = matrix(part, alike(part), width, colour, headers)
    if not headers:
        return before(cluster, text)
    return f"Cluster {visible(cluster)}\n{text}" if cluster else text


def _names(asked: Asked) -> str:
    """Names as kubectl prints them; of several clusters each after its cluster and a tab."""
    if asked.flags["blind"]:
        pairs = [(item.cluster, f"node/{visible(item.node)}") for item in asked.blind]
    else:
        covers = asked.report.covers
        pairs = [(x.cluster, f"daemonset.apps/{visible(x.daemon_set.name)}") for x in covers]
    return "\n".join(tabbed(cluster, name) for cluster, name in pairs)


def _markdown(asked: Asked) -> str:
    from kubectl_ds.draw import markdown

    parts = [markdown.coverage(asked.report)]
    parts += [markdown.by(found) for _, found in asked.groups]
    if asked.flags["blind"]:
        parts.append(markdown.blind(asked.blind, asked.blind_headline))
    if asked.flags["matrix"]:
        parts.append(markdown.screen(_matrix(asked, columns(), plain)))
    return "\n\n".join(part.rstrip("\n") for part in parts)


def _html(asked: Asked) -> str:
    from kubectl_ds.draw.page import coverage_page

    return coverage_page(asked.report, asked.needed)


def _junit(asked: Asked) -> str:
    from kubectl_ds.draw.junit import junit

    gaps = asked.flags["check"] or not asked.line.drawn
    named = bool(asked.scope.names)
    return junit(asked.report, words.failures(asked.report.covers, asked.line, gaps, named))


def _openmetrics(asked: Asked) -> str:
    from kubectl_ds.draw.openmetrics import openmetrics

    return openmetrics(asked.report)


def _json(asked: Asked) -> str:
    from kubectl_ds.draw.document import as_json, as_yaml
    from kubectl_ds.draw.report_document import report_document

    found = [group for _, each in asked.groups for group in each]
    document = report_document(asked.report, found, asked.blind)
    return as_json(document) if asked.flags["output"] == "json" else as_yaml(document)


# Which formats show what each flag asks for.
_VIEWS = {
    "by": ("table", "wide", "json", "yaml", "markdown"),
    "matrix": ("table", "wide", "markdown"),
    "blind": ("table", "wide", "json", "yaml", "name", "markdown"),
}
_FORMS: dict[str, Callable[[Asked], str]] = {
    "table": _screens,
    "wide": _screens,
    "json": _json,
    "yaml": _json,
    "name": _names,
    "markdown": _markdown,
    "html": _html,
    "junit": _junit,
    "openmetrics": _openmetrics,
}
