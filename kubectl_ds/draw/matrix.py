"""The matrix: groups of nodes that look alike against DaemonSets, a glyph and a letter a cell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Alike, Report
from kubectl_ds.draw.text import ENDLESS, some_names, wrapped
from kubectl_ds.draw.theme import GLYPHS, LETTERS, Paint
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.coverage import name
from kubectl_ds.words.phrases import count

_CELL = 3  # a glyph, a letter, a space
_NAMES_MIN = 16
_NAMES_SHARE = 0.4
_NAMES_MAX = 44
_ROWS = 40


def matrix(
    report: Report, rows: Sequence[Alike], width: int, paint: Paint, headers: bool = True
) -> str:
    """Draw the matrix; DaemonSets that find no room beside the others get another one below.

    Args:
        report: the DaemonSets, in the order of the columns.
        rows: the groups of nodes, as ``core.report.alike`` gives them.
        width: columns of the screen.
        paint: how to colour.
        headers: whether to name the columns and explain the letters.
    """
    names = [visible(name(cover)) for cover in report.covers]
    shown = rows if width >= ENDLESS else rows[:_ROWS]
    left = _left(names, rows, width)
    across = max((width - left - 2) // _CELL, 1)
    parts = [
        _part(names[start : start + across], shown, start, left, paint, headers)
        for start in range(0, len(names), across)
    ]
    states = {state for row in rows for state in row.states}
    notes = [_left_out(rows[len(shown) :], width), legend(states, width)] if headers else []
    return "\n\n".join([*parts, *filter(None, notes)])


def legend(shown: Iterable[State], width: int) -> str:
    """What the letters mean, of the states that occur."""
    states = set(shown)
    items = (f"{GLYPHS[x]}{LETTERS[x]}\xa0{x.value}" for x in State if x in states)
    return textwrap.fill("  ".join(items), width).replace("\xa0", " ")


def _left(names: Sequence[str], rows: Sequence[Alike], width: int) -> int:
    """The width of the nodes' column, which holds the DaemonSets' names above it too."""
    wanted = max([len(text) + 2 for text in names] + [len(_nodes(row, _NAMES_MAX)) for row in rows])
    return max(min(wanted, int(width * _NAMES_SHARE), _NAMES_MAX), _NAMES_MIN)


def _nodes(row: Alike, width: int) -> str:
    lead = f"{len(row.nodes)}  "
    return lead + some_names(row.nodes, max(width - len(lead), 2))


def _part(
    names: Sequence[str],
    rows: Sequence[Alike],
    start: int,
    left: int,
    paint: Paint,
    headers: bool,
) -> str:
    lines = [_stair(names, place, left) for place in range(len(names))] if headers else []
    for row in rows:
        states = row.states[start : start + len(names)]
        lines.append(f"{_nodes(row, left):{left}}  {' '.join(_cell(x, paint) for x in states)}")
    return "\n".join(line.rstrip() for line in lines)


def _stair(names: Sequence[str], place: int, left: int) -> str:
    """A column's name, with a line down to it past those that begin above."""
    text = names[place]
    if len(text) > left:
        text = "…" + text[1 - left :]
    return f"{text:>{left}}  {'│  ' * place}┐"


def _cell(state: State, paint: Paint) -> str:
    return paint(GLYPHS[state] + LETTERS[state], state)


def _left_out(hidden: Sequence[Alike], width: int) -> str:
    if not hidden:
        return ""
    nodes = sum(len(row.nodes) for row in hidden)
    return wrapped(
        f"… and {count(len(hidden), 'more group')} of {count(nodes, 'node')}; -o wide has them",
        width,
    )
