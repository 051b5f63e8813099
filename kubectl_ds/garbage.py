"""The garbage collector, kept out of the way."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Keep the collector from walking a million small values, of which none is in a cycle."""
    atexit.register(gc.freeze)  # nor is what is left walked when the process ends
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()  # or the next collection walks all that was made meanwhile
            gc.enable()
