"""The tables of ``coverage``: one row a DaemonSet, one row a group of nodes, the blind nodes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kubectl_ds.core.cover import Cover, Hole, holes
from kubectl_ds.core.facts import asked_of
from kubectl_ds.core.reasons import NODE_TROUBLE, Reason, State
from kubectl_ds.core.report import Blind, Group, Lack, Report
from kubectl_ds.draw.clusters import TITLE, shown
from kubectl_ds.draw.text import ENDLESS, INDENT, grid, shortened, some_names, wrapped
from kubectl_ds.draw.theme import Paint
from kubectl_ds.draw.visible import visible
from kubectl_ds.words import coverage as words
from kubectl_ds.words.overview import unread_sentence
from kubectl_ds.words.phrases import count, listing
from kubectl_ds.words.reasons import sentence

_TITLES = ("NODES", "DESIRED", "AVAILABLE", "COVERAGE", "REACH")
_WIDE_STATES = [state for state in State if state is not State.AVAILABLE]
_UNKNOWN = "<unknown>"
_NOTHING = "-"  # nothing is wanted, so nothing is lacking
_GAP = 2
_BAR = 8
_BARS_FROM = 76  # columns: a narrower screen has no room for bars and the number of nodes
_WITH_BARS = 50  # columns of the numbers with both
_NOTES_MIN = 56
_NOTES = 5
_BLIND_ROWS = 15


class _Line(NamedTuple):
    """A row: its name, its numbers, and what there is to say."""

    name: str
    cells: Sequence[str]
    notes: Sequence[str]


class _Names(NamedTuple):
    """The first column: its title, a name for each row, and whether there is room for bars."""

    title: str
    names: Sequence[str]
    roomy: bool


def screen(report: Report, width: int, paint: Paint, headers: bool = True) -> str:
    """One row a DaemonSet, the worst first, in lines of at most ``width`` columns."""
    mark = {cover.key: "" if cover.verified else "~" for cover in report.covers}
    pairs = [(x.cluster, mark[x.key] + visible(words.name(x))) for x in report.covers]
    first = _names("DAEMONSET", pairs, width, headers)
    lines = [
        _cover(cover, name, first.roomy, paint)
        for cover, name in zip(report.covers, first.names, strict=True)
    ]
    return _table(first, "NOT COVERED", lines, width, headers)


def wide(report: Report, _: int, paint: Paint, headers: bool = True) -> str:
    """The same in one line each, never cut or wrapped, with the number of nodes in each state."""
    rows = [_wide(cover, paint) for cover in report.covers]
    states = [state.value.upper() for state in _WIDE_STATES]
    titles = ["NAMESPACE", "NAME", *_TITLES, *states, "NOT COVERED"]
    if report.named:
        titles.insert(0, TITLE)
    return grid(rows, titles if headers else ())


def by(groups: Sequence[Group], name: str, width: int, headers: bool = True) -> str:
    """One row a group of nodes, the one that is reached worst first.

    Args:
        groups: the groups, as ``core.report.groups`` gives them.
        name: what they are groups of, as the user gave it.
        width: columns of the screen.
        headers: whether to show the titles.
    """
    pairs = [(group.cluster, visible(words.label(group))) for group in groups]
    first = _names(f"BY {visible(name).upper()}", pairs, width, headers)
    lines = [
        _group(group, shown, first.roomy, width)
        for group, shown in zip(groups, first.names, strict=True)
    ]
    return _table(first, "LACKING", lines, width, headers)


def _names(title: str, pairs: Sequence[tuple[str, str]], width: int, headers: bool) -> _Names:
    """The first column, of rows that are each in a cluster; empty where there is but one.

    Several clusters stand in a column before it; rows alone have their whole names.
    """
    if not any(cluster for cluster, _ in pairs):
        return _Names(title, [name for _, name in pairs], width >= _BARS_FROM)
    room = width - _WITH_BARS - _GAP - max(len(name) for _, name in pairs)
    known = shown({cluster for cluster, _ in pairs}, room if headers else ENDLESS)
    size = max(len(TITLE) * headers, *map(len, known.values()))
    names = [f"{known[cluster]:{size}}{'':{_GAP}}{name}" for cluster, name in pairs]
    return _Names(f"{TITLE:{size}}{'':{_GAP}}{title}", names, size <= room)


def blind(
    nodes: Sequence[Blind], headline: str, width: int, paint: Paint, headers: bool = True
) -> str:
    """The nodes that lack some of the DaemonSets asked for; those of the same lacks share a row.

    Args:
        nodes: the nodes.
        headline: what there is to say of all of them.
        width: columns of the screen.
        paint: how to colour.
        headers: whether to show the headline.
    """
    rows = _folded(nodes)
    few = rows if width >= ENDLESS else rows[:_BLIND_ROWS]
    known = _clusters(nodes, width // 3 if headers else ENDLESS)
    lines = [line for row in few for line in _blind(row, known, width, paint)]
    if len(rows) > len(few):
        left = sum(len(row) for row in rows[len(few) :])
        more = f"… and {count(len(rows) - len(few), 'more group')} of {count(left, 'node')}"
        lines.append(wrapped(f"{more}; -o wide has them", width))
    lead = [wrapped(headline, width), ""] if headers else []
    return "\n".join([*lead, *lines]).rstrip("\n")


def _cover(cover: Cover, name: str, roomy: bool, paint: Paint) -> _Line:
    cells = _numbers(cover.nodes, cover, roomy)
    found = holes(cover)
    notes = [_painted(row, paint) for row in found[:_NOTES]]
    if len(found) > _NOTES:
        notes.append(f"… {count(len(found) - _NOTES, 'more reason')}; -o wide has them")
    if cover.none_wanted:
        notes.insert(0, visible(words.none_wanted(cover)))
    return _Line(name, cells, notes)


def _painted(row: Hole, paint: Paint) -> str:
    state = row.state.value
    text = visible(words.hole(row))
    return f"{text.removesuffix(f'({state})')}({paint(state, row.state)})"


def _numbers(nodes: int, of: Cover | Group, roomy: bool) -> list[str]:
    """The cells of ``_TITLES``, with a bar or, where there is no room for one, without nodes."""
    cells = _plain_numbers(nodes, of)
    if not roomy:
        return cells[1:]
    if of.certain:
        bar = _bar(of.coverage) if of.desired else " " * _BAR
        cells[3] = f"{bar} {cells[3]:>4}"
    return cells


def _plain_numbers(nodes: int, of: Cover | Group) -> list[str]:
    if not of.certain:
        known = [str(nodes), str(of.desired)] if nodes else [_UNKNOWN, _UNKNOWN]
        return [*known, _UNKNOWN, _UNKNOWN, _UNKNOWN]
    coverage = words.percent(of.coverage) if of.desired else _NOTHING
    return [str(nodes), str(of.desired), str(of.available), coverage, words.percent(of.reach)]


def _bar(share: Fraction) -> str:
    filled = int(share * _BAR)
    return "█" * filled + "░" * (_BAR - filled)


def _wide(cover: Cover, paint: Paint) -> list[str]:
    states = [str(cover.states.get(state, 0)) for state in _WIDE_STATES]
    notes = [words.none_wanted(cover)] if cover.none_wanted else []
    return [
        *([visible(cover.cluster)] if cover.cluster else ()),
        visible(cover.daemon_set.namespace),
        ("" if cover.verified else "~") + visible(cover.daemon_set.name),
        *_plain_numbers(cover.nodes, cover),
        *states,
        "; ".join([*map(visible, notes), *(_painted(row, paint) for row in holes(cover))]),
    ]


def _group(group: Group, name: str, roomy: bool, width: int) -> _Line:
    notes = words.lacking(group)
    if len(notes) > _NOTES and width < ENDLESS:
        notes = [*notes[:_NOTES], f"… {len(notes) - _NOTES} more; -o wide has them"]
    return _Line(name, _numbers(len(group.nodes), group, roomy), list(map(visible, notes)))


def _table(names: _Names, last: str, lines: Sequence[_Line], width: int, headers: bool) -> str:
    """Notes beside their row where there is room, else below it."""
    titles = [names.title, *(_TITLES if names.roomy else _TITLES[1:])]
    cells = [[line.name, *line.cells] for line in lines]
    measured = [titles, *cells] if headers else cells
    sizes = [max(len(row[place]) for row in measured) for place in range(len(titles))]
    numbers = sum(sizes[1:]) + _GAP * (len(sizes) - 1)
    room = width - sizes[0] - numbers - _GAP
    if room >= _NOTES_MIN:
        rows = [[line.name, *line.cells, "\n".join(_filled(line.notes, room))] for line in lines]
        return grid(rows, [*titles, last] if headers else (), right=range(1, len(titles)))
    first = min(sizes[0], max(width - numbers, INDENT))
    head = [_Line(titles[0], titles[1:], ())] if headers else []
    return "\n".join(
        text for line in (*head, *lines) for text in _stacked(line, first, sizes, width)
    )


def _right(cells: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """Numbers stand one below the other."""
    return [cell.rjust(size) for cell, size in zip(cells, sizes[1:], strict=True)]


def _stacked(line: _Line, first: int, sizes: Sequence[int], width: int) -> Iterable[str]:
    numbers = "".join(" " * _GAP + cell for cell in _right(line.cells, sizes))
    if len(line.name) > first:
        yield line.name
        yield f"{'':{first}}{numbers}".rstrip()
    else:
        yield f"{line.name:{first}}{numbers}".rstrip()
    for text in _filled(line.notes, width - 2 * INDENT):
        yield " " * 2 * INDENT + text


def _filled(notes: Iterable[str], width: int) -> list[str]:
    return [
        part
        for note in notes
        for part in textwrap.wrap(
            shortened(note, width), width, subsequent_indent="  ", break_on_hyphens=False
        )
    ]


def bottom(report: Report, width: int) -> str:
    """What holds for the fleet, and what was not looked at."""
    notes = [
        words.fleet(report),
        words.behind(report.covers),
        words.unverified(report.covers),
        unread_sentence(report.not_checked),
    ]
    return "\n\n".join(wrapped(note, width) for note in notes if note)


def _folded(nodes: Iterable[Blind]) -> list[list[Blind]]:
    groups: dict[object, list[Blind]] = {}
    for item in nodes:
        groups.setdefault(tuple(map(_key, item.lacks)), []).append(item)
    return sorted(groups.values(), key=lambda group: (-len(group[0].lacks), -len(group)))


def _key(lack: Lack) -> object:
    causes = tuple((item.code, asked_of(item.facts)) for item in lack.outcome.reasons)
    return id(lack.cover), lack.outcome.state, causes


def _clusters(nodes: Iterable[Blind], room: int) -> Mapping[str, str]:
    """What stands before the rows of each cluster."""
    known = shown({item.cluster for item in nodes if item.cluster}, room)
    size = max(map(len, known.values()), default=-_GAP) + _GAP
    return {"": "", **{name: f"{text:{size}}" for name, text in known.items()}}


def _blind(
    group: Sequence[Blind], clusters: Mapping[str, str], width: int, paint: Paint
) -> Iterable[str]:
    lead = f"{clusters[group[0].cluster]}{len(group)}  "
    yield lead + some_names([item.node for item in group], max(width - len(lead), INDENT))
    for (state, why), names in _lacks(group).items():
        told = f": {why}" if why else ""
        text = visible(f"{listing(names)}: {state.value}{told}")
        filled = "\n".join(_filled([text], width - 2 * INDENT))
        painted = filled.replace(f": {state.value}", f": {paint(state.value, state)}", 1)
        yield from (" " * 2 * INDENT + part for part in painted.splitlines())
    yield ""


def _lacks(group: Sequence[Blind]) -> dict[tuple[State, str], list[str]]:
    """The DaemonSets that a group of nodes lacks, by what is there instead and why."""
    found: dict[tuple[State, str], list[str]] = {}
    for place, lack in enumerate(group[0].lacks):
        why = "; ".join(_causes([item.lacks[place].outcome.reasons for item in group]))
        found.setdefault((lack.outcome.state, why), []).append(words.name(lack.cover))
    return found


def _causes(evidence: Sequence[Sequence[Reason]]) -> list[str]:
    """The reasons that all nodes of a row share, each with the evidence of all of them.

    Where the node itself is the trouble, what else there is follows from it.
    """
    first = evidence[0][:1] if evidence[0] and evidence[0][0].code in NODE_TROUBLE else evidence[0]
    return [
        sentence(reason.code, [reasons[place].facts for reasons in evidence])
        for place, reason in enumerate(first)
    ]
