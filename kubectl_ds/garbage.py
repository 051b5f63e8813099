"""The garbage collector, kept out of the way."""

from __future__ import annotations

import gc


def collect_no_garbage() -> None:
    """Keep the collector from walking a million small values, of which none is in a cycle.

    It stays off to the process's end: once it was on again, it would walk them all.
    """
    gc.disable()
