"""The table of ``explain``: folded into a screen, or (wide) a row for each node."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from kubectl_ds.core.fold import Row, fold, natural, worst_first
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation, NodeVerdict, by_cluster
from kubectl_ds.draw.clusters import TITLE, before
from kubectl_ds.draw.text import INDENT, grid, shortened, some_names, wrapped
from kubectl_ds.draw.theme import Paint
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.course import rollout_text
from kubectl_ds.words.overview import (
    behind,
    finding_line,
    headline,
    relevant,
    telling,
    unread_sentence,
)
from kubectl_ds.words.phrases import count, in_cluster
from kubectl_ds.words.reasons import sentence
from kubectl_ds.words.story import fate, health_sentence

_TITLES = ("", "NODES", "STATE", "WHY")
_WIDE_TITLES = ("NODE", "STATE", "DESIRED", "POD", "REVISION", "WHY")
_GAP = 2
_REASON_LINES = 5
_MAX_CAUSES = 16
_NOT_WORTH_CUTTING = 2
_NAMES_SHARE = 0.25
_NAMES_MIN = 12
_WHY_MIN = 32


def screen(explanation: Explanation, width: int, paint: Paint, headers: bool = True) -> str:
    """The whole answer on one DaemonSet, folded, in lines of at most ``width`` columns.

    Without headers each line begins with the cluster, where that is one of several.
    """
    rows = _without_domain(fold(explanation.nodes), explanation.nodes)
    shown, left_out = _most_telling(rows)
    body = _folded(shown, width, paint, headers)
    if left_out:
        body += f"\n{wrapped(_left_out(left_out), width)}"
    if not headers:
        return before(explanation.cluster, body)
    return "\n".join(_framed(explanation, body, width))


def wide(explanation: Explanation, width: int, paint: Paint, headers: bool = True) -> str:
    """The same with a line for each node, never cut or wrapped."""
    cluster = _cluster(explanation)
    rows = [[*cluster, *_wide_row(x, paint)] for x in worst_first(explanation.nodes)]
    titles = (TITLE, *_WIDE_TITLES) if cluster else _WIDE_TITLES
    body = grid(rows, titles if headers else ())
    return "\n".join(_framed(explanation, body, width)) if headers else body


def wide_rows(explanations: Iterable[Explanation], paint: Paint) -> str:
    """Lines alone, for several DaemonSets: each begins with namespace and name.

    Before these comes the cluster, where there are several.
    """
    rows = [
        [
            *_cluster(item),
            visible(item.daemon_set.namespace),
            visible(item.daemon_set.name),
            *_wide_row(verdict, paint),
        ]
        for item in explanations
        for verdict in worst_first(item.nodes)
    ]
    return grid(rows, ())


def _cluster(explanation: Explanation) -> list[str]:
    """The cell of a column that is there where there are several clusters."""
    return [visible(explanation.cluster)] if explanation.cluster else []


def across(explanations: Sequence[Explanation], width: int, paint: Paint, headers: bool) -> str:
    """One node, or a few, across several DaemonSets: a row for each of them."""
    return "\n\n".join(
        _across(cluster, name, pairs, width, paint, headers)
        for cluster, answers in by_cluster(explanations).items()
        for name, pairs in _by_node(answers).items()
    )


def _by_node(explanations: Iterable[Explanation]) -> dict[str, list[tuple[str, NodeVerdict]]]:
    """The DaemonSets of one cluster, each with its verdict, by node."""
    pairs = [(item, verdict) for item in explanations for verdict in item.nodes]
    ordered = sorted({verdict.node for _, verdict in pairs}, key=natural)
    found: dict[str, list[tuple[str, NodeVerdict]]] = {node: [] for node in ordered}
    for item, verdict in pairs:
        found[verdict.node].append(("/".join(item.daemon_set.key), verdict))
    return found


def _across(
    cluster: str,
    node: str,
    pairs: Sequence[tuple[str, NodeVerdict]],
    width: int,
    paint: Paint,
    headers: bool,
) -> str:
    ordered = worst_first(verdict for _, verdict in pairs)
    names = {id(verdict): visible(name) for name, verdict in pairs}
    longest = max(map(len, names.values())) + max(len(item.state.value) for item in ordered)
    why_width = max(width - longest - 2 * _GAP, _WHY_MIN)
    cells = [
        [
            names[id(verdict)],
            paint(verdict.state.value, verdict.state),
            "\n".join(_why(fold([verdict])[0], why_width)),
        ]
        for verdict in ordered
    ]
    if not headers:
        return before(cluster, grid(cells, ()))
    lead = f"Node {node}{in_cluster(cluster)}: {health_sentence(ordered[0].health)}"
    return "\n".join([wrapped(lead, width), "", grid(cells, ("DAEMONSET", "STATE", "WHY"))])


def _framed(explanation: Explanation, body: str, width: int) -> Iterable[str]:
    yield wrapped(headline(explanation), width)
    for finding in telling(explanation):
        yield wrapped(finding_line(finding), width)
    rollout = rollout_text(explanation)
    if rollout:
        yield wrapped(rollout, width)
    if body:
        yield ""
        yield body
    notes = [behind(explanation), unread_sentence(relevant(explanation))]
    for note in filter(None, notes):
        yield ""
        yield wrapped(note, width)


def _most_telling(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """What fits a screen: the worst rows and, always, the healthy one; and what is left out."""
    healthy = [row for row in rows if row.state is State.AVAILABLE]
    others = [row for row in rows if row.state is not State.AVAILABLE]
    causes = accumulate(max(len(row.causes), 1) for row in others)
    fitting = sum(total <= _MAX_CAUSES for total in causes)
    if len(others) - fitting <= _NOT_WORTH_CUTTING:
        return list(rows), []
    return [*others[:fitting], *healthy], others[fitting:]


def _left_out(rows: Sequence[Row]) -> str:
    nodes = sum(len(row.nodes) for row in rows)
    groups = count(len(rows), "more group")
    return f"… and {groups} of {count(nodes, 'node')}; -o wide has a line for each node"


def _without_domain(rows: Sequence[Row], verdicts: Sequence[NodeVerdict]) -> Sequence[Row]:
    """Cloud nodes are named like hosts: a domain that all nodes share tells nothing."""
    domains = {verdict.node.partition(".")[2] for verdict in verdicts}
    if len(domains) > 1 or len(verdicts) < 2:
        return rows
    return [
        msgspec.structs.replace(row, nodes=tuple(name.partition(".")[0] for name in row.nodes))
        for row in rows
    ]


def _folded(rows: Sequence[Row], width: int, paint: Paint, headers: bool) -> str:
    if not rows:
        return ""
    count_width = max(len(str(len(row.nodes))) for row in rows) + INDENT
    state_width = max(len("STATE"), *(len(row.state.value) for row in rows))
    names_width = _names_width(rows, width)
    left = [
        [str(len(row.nodes)), some_names(row.nodes, names_width), paint(row.state.value, row.state)]
        for row in rows
    ]
    why_width = width - count_width - names_width - state_width - 3 * _GAP
    if why_width < _WHY_MIN:
        return _stacked(rows, left, width, headers)
    cells = [[*cell, "\n".join(_why(row, why_width))] for cell, row in zip(left, rows, strict=True)]
    return grid(cells, _TITLES if headers else (), count_width)


def _stacked(rows: Sequence[Row], left: Sequence[Sequence[str]], width: int, headers: bool) -> str:
    """For a narrow terminal: the reasons below their row instead of beside it."""
    titles, *lines = grid(left, _TITLES[:3], INDENT).splitlines()
    indent = " " * 2 * INDENT
    text = [titles] if headers else []
    for line, row in zip(lines, rows, strict=True):
        text.append(line)
        text += [indent + why for why in _why(row, width - len(indent))]
    return "\n".join(text)


def _names_width(rows: Iterable[Row], width: int) -> int:
    most = max(int(width * _NAMES_SHARE), _NAMES_MIN)
    # With the blanks between them, one name more than there are columns is too wide anyway.
    longest = max(len(" ".join(map(visible, row.nodes[: most + 1]))) for row in rows)
    return max(min(longest, most), len("NODES"))


def _why(row: Row, width: int) -> list[str]:
    lines: list[str] = []
    for cause in row.causes:
        text = shortened(visible(sentence(cause.code, cause.facts)), width)
        lines += textwrap.wrap(
            text, width, max_lines=_REASON_LINES, placeholder=" …", break_on_hyphens=False
        )
    codes = [cause.code for cause in row.causes]
    return lines + fate(row.state, row.keeps, codes)


def _wide_row(verdict: NodeVerdict, paint: Paint) -> list[str]:
    pod = verdict.pods[0] if verdict.pods else None
    texts = [sentence(reason.code, [reason.facts]) for reason in verdict.reasons]
    texts += fate(verdict.state, verdict.keeps, [reason.code for reason in verdict.reasons])
    return [
        visible(verdict.node),
        paint(verdict.state.value, verdict.state),
        "yes" if verdict.desired else "no",
        visible(pod.name) if pod else "<none>",
        visible(pod.revision) if pod and pod.revision else "<none>",
        visible("; ".join(texts)),
    ]
