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


def plain(text: str, _: State) -> str:
    """No colour at all."""
    return text


def coloured(text: str, state: State) -> str:
    """The text in the state's colour."""
    return click.style(text, fg=_COLOURS[state])
