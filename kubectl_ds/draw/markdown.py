"""Answers in GitHub's Markdown, for a pull request or the notes on an incident.

What comes from a cluster is shown as it is: nothing in it makes a tag, a link or a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timezone

from kubectl_ds.core.cover import Cover, holes
from kubectl_ds.core.fold import Row, fold
from kubectl_ds.core.model import Unread
from kubectl_ds.core.notation import subject
from kubectl_ds.core.report import Blind, Group, Lack, Report
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.verdict import Explanation, Finding
from kubectl_ds.draw.visible import visible
from kubectl_ds.words import coverage as words
from kubectl_ds.words.course import rollout_text
from kubectl_ds.words.overview import (
    behind,
    finding_line,
    headline,
    relevant,
    telling,
    unread_sentence,
)
from kubectl_ds.words.phrases import count, first_names
from kubectl_ds.words.reasons import sentence
from kubectl_ds.words.story import fate

_NUMBERS = ("Nodes", "Desired", "Available", "Coverage", "Reach")
_RIGHT = range(1, len(_NUMBERS) + 1)
_CLUSTER = "Cluster"
_UNKNOWN = "unknown"
_NOTHING = "-"  # nothing is wanted, so nothing is lacking
# GitHub looks for mentions, references, emoji and mail addresses in the text that is left when
# Markdown is done, where a backslash no longer helps: a comment parts what it looks for.
_PART = "<!-- -->"
_LITERAL = str.maketrans(
    {character: f"\\{character}" for character in "\\`*_[]~"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "<span>$</span>"}
    | {"@": f"@{_PART}", "#": f"\\#{_PART}"}
)
_LINKED = re.compile(
    r":(?=//)|www(?=\.)|\bgh-(?=[0-9])|:(?=[a-z+-][\w\\+-]*:)", re.ASCII | re.IGNORECASE
)
_LIST_MARK = re.compile(r"^([0-9]*)([-+.)])")


def coverage(report: Report) -> str:
    """How far each DaemonSet of a fleet reaches: a row for each, and the fleet below."""
    rows = [_cover_row(cover) for cover in report.covers]
    return blocks(
        escape(_summary(report)),
        _numbered(("DaemonSet", *_NUMBERS, "Not covered"), rows, report.named),
        escape(words.fleet(report)),
        escape(words.behind(report.covers)),
        escape(words.unverified(report.covers)),
        escape(unread_sentence((*report.not_checked, *report.lost))),
    )


def by(groups: Sequence[Group]) -> str:
    """The fleet by a label: a row for each group of nodes, titled by the labels that count."""
    labelled = [group for group in groups if group.value is not None]
    keys = dict.fromkeys(group.by for group in labelled or groups)
    rows = [_group_row(group) for group in groups]
    titles = (escape(f"By {', '.join(keys)}"), *_NUMBERS, "Lacking")
    return _numbered(titles, rows, any(group.cluster for group in groups))


def _numbered(titles: Sequence[str], rows: Sequence[Sequence[str]], named: bool) -> str:
    """A table with ``_NUMBERS``; of several clusters the rows begin with one of them."""
    if not named:
        return table(titles, rows, _RIGHT)
    return table((_CLUSTER, *titles), rows, [place + 1 for place in _RIGHT])


def blind(items: Sequence[Blind], headline: str) -> str:
    """The nodes that lack some of the DaemonSets asked for: those of equal lacks share a row."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for item in items:
        alike.setdefault((item.cluster, tuple(map(_lack, item.lacks))), []).append(item.node)
    folded = sorted(alike.items(), key=lambda item: (-len(item[0][1]), -len(item[1])))
    rows = [(*_cluster(name), _names(nodes), _lines(lacks)) for (name, lacks), nodes in folded]
    titles = ("Nodes", "Lacking")
    named = any(item.cluster for item in items)
    return blocks(escape(headline), table((_CLUSTER, *titles) if named else titles, rows))


def _cluster(name: str) -> Sequence[str]:
    """The first cell of a row, where there are several clusters."""
    return (escape(name),) if name else ()


def screen(text: str) -> str:
    """A screen as it is: an indented block, in which nothing is Markdown."""
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def explanations(items: Sequence[Explanation], lost: Sequence[Unread] = ()) -> str:
    """Why each DaemonSet's pod is, or is not, on each node; what was not checked comes last.

    Args:
        items: the answers.
        lost: the clusters of which nothing could be read.
    """
    unread = dict.fromkeys([*(each for item in items for each in relevant(item)), *lost])
    shared = _findings(shared_nodes(items))
    return blocks(shared, *map(_explanation, items), escape(unread_sentence(list(unread))))


def escape(text: str) -> str:
    """A text as Markdown that shows it as it is, on one line, in a paragraph or in a cell."""
    literal = visible(text).strip().translate(_LITERAL)
    return _LIST_MARK.sub(r"\1\\\2", _LINKED.sub(rf"\g<0>{_PART}", literal))


def _summary(report: Report) -> str:
    known = [cover for cover in report.covers if cover.certain]
    lacking = sum(bool(cover.gaps) for cover in known)
    unknown = len(report.covers) - len(known)
    parts = [f"{lacking} of {count(len(known), 'DaemonSet')} with gaps"] if known else []
    parts += [f"too little was read to tell of {count(unknown, 'DaemonSet')}"] if unknown else []
    moment = f"{report.now.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    where = f" in {words.clusters(report)}" if report.named else ""
    return f"DaemonSet coverage{where} at {moment}: {', '.join(parts)}."


def _cover_row(cover: Cover) -> Sequence[str]:
    mark = "" if cover.verified else "~"
    numbers = _numbers(cover.nodes, cover)
    notes = [words.none_wanted(cover), *map(words.hole, holes(cover))]
    return (
        *_cluster(cover.cluster),
        escape(mark + words.name(cover)),
        *numbers,
        _lines(filter(None, notes)),
    )


def _group_row(group: Group) -> Sequence[str]:
    return (
        *_cluster(group.cluster),
        escape(words.label(group)),
        *_numbers(len(group.nodes), group),
        _lines(words.lacking(group)),
    )


def _numbers(nodes: int, of: Cover | Group) -> Sequence[str]:
    """The cells that ``_NUMBERS`` names."""
    if not of.certain:
        known = (str(nodes), str(of.desired)) if nodes else (_UNKNOWN, _UNKNOWN)
        return (*known, _UNKNOWN, _UNKNOWN, _UNKNOWN)
    coverage = escape(words.percent(of.coverage)) if of.desired else _NOTHING
    reach = escape(words.percent(of.reach))
    return (str(nodes), str(of.desired), str(of.available), coverage, reach)


def _lack(lack: Lack) -> str:
    first = next(iter(lack.outcome.reasons), None)
    why = [first.code, subject(first.facts)] if first else []
    state = f"({lack.outcome.state.value})"
    return " ".join(filter(None, [f"{words.name(lack.cover)}:", *why, state]))


def _explanation(item: Explanation) -> str:
    rows = [(_names(row.nodes), row.state.value, _lines(_why(row))) for row in fold(item.nodes)]
    return blocks(
        f"## {escape(headline(item))}",
        _findings(telling(item)),
        escape(rollout_text(item)),
        table(("Nodes", "State", "Why"), rows),
        escape(behind(item)),
    )


def _findings(findings: Iterable[Finding]) -> str:
    return "\n".join(f"- {escape(finding_line(item))}" for item in findings)


def _why(row: Row) -> list[str]:
    codes = [cause.code for cause in row.causes]
    texts = [sentence(cause.code, cause.facts) for cause in row.causes]
    return texts + fate(row.state, row.keeps, codes)


def _names(names: Sequence[str]) -> str:
    """``2: node-1, node-2``; of many names the first ones, and how many more there are."""
    return escape(f"{len(names)}: {first_names(names)}")


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(map(escape, texts))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table of cells that are Markdown already; empty where there is no row.

    Args:
        titles: one for each column.
        rows: their cells.
        right: the columns of numbers.
    """
    if not rows:
        return ""
    rule = ["---:" if place in right else "---" for place in range(len(titles))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, rule, *rows))


def blocks(*texts: str) -> str:
    """Paragraphs, tables and lists, one below the other; what is empty is left out."""
    return "\n\n".join(filter(None, texts))
