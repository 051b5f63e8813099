"""The table of ``explain``: folded into a screen, or (wide) a row for each node."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from tabulate import tabulate

from kubectl_ds.core.fold import Row, fold, worst_first
from kubectl_ds.core.verdict import Explanation, NodeVerdict
from kubectl_ds.draw.theme import Paint
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.overview import behind, finding_sentence, headline, unread_sentence
from kubectl_ds.words.reasons import sentence

_GAP = 2
_INDENT = 2
_REASON_LINES = 4
_NAMES_SHARE = 0.3
_NAMES_MIN = 12


def screen(explanation: Explanation, width: int, paint: Paint, headers: bool = True) -> str:
    """The whole answer on one DaemonSet, folded, in lines of at most ``width`` columns."""
    body = _folded(fold(explanation.nodes), width, paint, headers)
    return "\n".join(_framed(explanation, body, width)) if headers else body


def wide(explanation: Explanation, width: int, paint: Paint, headers: bool = True) -> str:
    """The same with a line for each node, never cut or wrapped."""
    rows = [_wide_row(verdict, paint) for verdict in worst_first(explanation.nodes)]
    titles = ["NODE", "STATE", "DESIRED", "POD", "REVISION", "WHY"]
    body = _grid(rows, titles if headers else [])
    return "\n".join(_framed(explanation, body, width)) if headers else body


def _framed(explanation: Explanation, body: str, width: int) -> Iterable[str]:
    yield from _wrap(headline(explanation), width)
    for finding in explanation.findings:
        yield from _wrap(f"{finding.code}: {finding_sentence(finding)}", width)
    if body:
        yield ""
        yield body
    notes = [behind(explanation), unread_sentence(explanation.not_checked)]
    for note in filter(None, notes):
        yield ""
        yield from _wrap(note, width)


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(visible(text), width, subsequent_indent="  ", break_on_hyphens=False)


def _folded(rows: Sequence[Row], width: int, paint: Paint, headers: bool) -> str:
    if not rows:
        return ""
    count_width = max(len(str(len(row.nodes))) for row in rows) + _INDENT
    state_width = max(5, *(len(row.state.value) for row in rows))
    names_width = _names_width(rows, width)
    why_width = max(width - count_width - names_width - state_width - 3 * _GAP, 16)
    cells = [
        [
            str(len(row.nodes)),
            _names(row.nodes, names_width),
            paint(row.state.value, row.state),
            _why(row, why_width),
        ]
        for row in rows
    ]
    return _grid(cells, ["", "NODES", "STATE", "WHY"] if headers else [], count_width)


def _names_width(rows: Iterable[Row], width: int) -> int:
    longest = max(len(" ".join(map(visible, row.nodes))) for row in rows)
    return min(longest, max(int(width * _NAMES_SHARE), _NAMES_MIN))


def _names(names: Sequence[str], width: int) -> str:
    """As many names as fit, and an ellipsis where some are left out."""
    text, shown = "", 0
    for name in map(visible, names):
        longer = f"{text} {name}".strip()
        room = width if shown == len(names) - 1 else width - 2
        if len(longer) > room:
            break
        text, shown = longer, shown + 1
    if not shown:
        return visible(names[0])[: width - 1] + "…"
    return text if shown == len(names) else f"{text} …"


def _why(row: Row, width: int) -> str:
    lines: list[str] = []
    for cause in row.causes:
        text = visible(sentence(cause.code, cause.facts))
        lines += textwrap.wrap(
            text, width, max_lines=_REASON_LINES, placeholder=" …", break_on_hyphens=False
        )
    return "\n".join(lines)


def _wide_row(verdict: NodeVerdict, paint: Paint) -> list[str]:
    pod = verdict.pods[0] if verdict.pods else None
    why = "; ".join(sentence(reason.code, [reason.facts]) for reason in verdict.reasons)
    return [
        visible(verdict.node),
        paint(verdict.state.value, verdict.state),
        "yes" if verdict.desired else "no",
        visible(pod.name) if pod else "<none>",
        visible(pod.revision) if pod and pod.revision else "<none>",
        visible(why),
    ]


def _grid(rows: Sequence[Sequence[str]], headers: Sequence[str], count_width: int = 0) -> str:
    columns = len(rows[0]) if rows else 0
    align = ["right" if count_width and not column else "left" for column in range(columns)]
    text = tabulate(
        rows,
        headers=list(headers),
        tablefmt="plain",
        colalign=align if rows else None,
        disable_numparse=True,
    )
    indent = " " * _INDENT if count_width else ""
    return "\n".join(f"{indent}{line}".rstrip() for line in text.splitlines())
