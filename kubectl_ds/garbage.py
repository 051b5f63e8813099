"""The garbage collector, kept out of the way of a process that reads, answers and ends."""

from __future__ import annotations

import gc

_LEFT: list[object] = []


def collect_no_garbage() -> None:
    """Keep the collector from walking a million small values, of which none is in a cycle.

    It stays off to the process's end: once it was on again, it would walk them all.
    """
    gc.disable()


def collect_garbage() -> None:
    """Let it do its work after all, for the process goes on and on."""
    gc.enable()


def leave_to_the_end(value: object) -> None:
    """Keep a value, where the collector is off: to free it takes time, and the end is near."""
    if not gc.isenabled():
        _LEFT.append(value)
