"""Colour by state. The word is always there; colour only helps the eye."""

from __future__ import annotations

from collections.abc import Callable

import click

from kubectl_ds.core.reasons import State

Paint = Callable[[str, State], str]

_COLOURS = {
    State.MISSING: "red",
    State.FAILED: "red",
    State.PENDING: "red",
    State.UNREADY: "red",
    State.TERMINATING: "yellow",
    State.MISSCHEDULED: "yellow",
    State.OUTDATED: "yellow",
    State.EXCLUDED: "cyan",
    State.AVAILABLE: "green",
}

# A cell of a matrix: both tell states apart without any colour.
LETTERS = {
    State.MISSING: "M",
    State.FAILED: "F",
    State.PENDING: "P",
    State.UNREADY: "U",
    State.TERMINATING: "T",
    State.MISSCHEDULED: "S",
    State.OUTDATED: "O",
    State.EXCLUDED: "E",
    State.AVAILABLE: "A",
}
GLYPHS = {
    State.MISSING: "✗",
    State.FAILED: "✗",
    State.PENDING: "✗",
    State.UNREADY: "✗",
    State.TERMINATING: "!",
    State.MISSCHEDULED: "!",
    State.OUTDATED: "!",
    State.EXCLUDED: "·",
    State.AVAILABLE: "✓",
}


def plain(text: str, _: State) -> str:
    """No colour at all."""
    return text


def coloured(text: str, state: State) -> str:
    """The text in the state's colour."""
    return click.style(text, fg=_COLOURS[state])
