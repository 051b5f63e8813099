"""Nodes that look alike, folded into one row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from kubectl_ds.core.facts import Facts, asked_of
from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import NodeVerdict

# How bad a state is: 0 is the worst.
SEVERITY = {state: rank for rank, state in enumerate(State)}
_DIGITS = re.compile(r"([0-9]+)")


class Cause(Value, frozen=True):
    """One reason shared by the nodes of a row, with each node's evidence."""

    code: str
    facts: tuple[Facts, ...]


class Row(Value, frozen=True):
    """Nodes in the same state for the same causes, of which the same was asked.

    ``keeps`` says of misscheduled pods whether the controller lets them stay.
    """

    state: State
    nodes: tuple[str, ...]
    causes: tuple[Cause, ...]
    keeps: bool


def fold(verdicts: Iterable[NodeVerdict]) -> list[Row]:
    """Fold verdicts into rows: the worst state first, then the row with most nodes."""
    groups: dict[Any, list[NodeVerdict]] = {}
    for verdict in sorted(verdicts, key=lambda item: natural(item.node)):
        groups.setdefault(_key(verdict), []).append(verdict)
    rows = [_row(group) for group in groups.values()]
    return sorted(rows, key=lambda row: (SEVERITY[row.state], -len(row.nodes)))


def worst_first(verdicts: Iterable[NodeVerdict]) -> list[NodeVerdict]:
    """Single verdicts in the same order."""
    return sorted(verdicts, key=lambda item: (SEVERITY[item.state], natural(item.node)))


def _key(verdict: NodeVerdict) -> tuple[Any, ...]:
    misplaced = verdict.state is State.MISSCHEDULED
    return (
        verdict.state,
        misplaced and verdict.keeps,
        tuple([(item.code, asked_of(item.facts)) for item in verdict.reasons]),
    )


def _row(group: Sequence[NodeVerdict]) -> Row:
    first = group[0]
    causes = (
        Cause(code=reason.code, facts=tuple(verdict.reasons[place].facts for verdict in group))
        for place, reason in enumerate(first.reasons)
    )
    return Row(
        state=first.state,
        nodes=tuple(verdict.node for verdict in group),
        causes=tuple(causes),
        keeps=first.keeps,
    )


def natural(name: str) -> list[Any]:
    """Sort key by which node-2 comes before node-10: text and numbers, by turns."""
    parts: list[Any] = _DIGITS.split(name)
    for place in range(1, len(parts), 2):
        digits = parts[place]
        parts[place] = int(digits), digits
    return parts
