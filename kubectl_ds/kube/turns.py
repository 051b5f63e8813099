"""Whose turn it is on the terminal: ours, or that of one credential plugin after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

# Each is told True when its line has to be away, and False when it may be back.
holders: set[Callable[[bool], object]] = set()

# Of several contexts that log in at once one at a time may ask something on the terminal.
_terminal = Lock()


@contextmanager
def plugin() -> Iterator[None]:
    """While a plugin may ask something: no other one does, and we write nothing of our own."""
    with _terminal, _held():
        yield


def say(text: str) -> None:
    """Write a line of our own on stderr; its text is fit for a terminal."""
    with _held(), suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"note: {text}\n")
            sys.stderr.flush()


@contextmanager
def _held() -> Iterator[None]:
    told = tuple(holders)
    for hold in told:
        hold(True)
    try:
        yield
    finally:
        for hold in told:
            hold(False)
