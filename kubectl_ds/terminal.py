"""The process's own output: text, its width and colour, and a sign of life while it works."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING

import click

from kubectl_ds.draw.theme import Paint, coloured, plain
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import OutputError

if TYPE_CHECKING:
    import logging

_NARROWEST = 40
_EVERY_REQUEST = 6  # klog's level for it
_PATIENCE = 1.0  # seconds before anything is said of the progress
_PAUSE = 0.2


def emit(text: str, err: bool = False) -> None:
    """Write a text and a line break.

    Raises:
        OutputError: the disk is full, or the like.
        BrokenPipeError: the reader went away.
    """
    try:
        click.echo(text, err=err, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output can't be written: {error.strerror}") from error


def tell(level: int) -> None:
    """Tell on stderr what is tried again, and from level 6 on of every request, as kubectl."""
    import logging

    log = logging.getLogger("kubectl_ds")
    log.setLevel(logging.INFO if level < _EVERY_REQUEST else logging.DEBUG)
    log.handlers = [_lines_on_stderr()]


def _lines_on_stderr() -> logging.Handler:
    import logging

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            click.echo(f"{record.levelname.lower()}: {visible(record.getMessage())}", err=True)

    return Lines()


def columns() -> int:
    """The width of the screen; 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST)


def paint(choice: str) -> Paint:
    """How to colour, for ``--color`` of ``auto``, ``always`` or ``never``."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    wanted = choice == "always" or (choice == "auto" and terminal and "NO_COLOR" not in os.environ)
    return coloured if wanted else plain


class Progress:
    """One line on stderr that counts what was read; silent where that is quick, or no terminal."""

    def __init__(self) -> None:
        from kubectl_ds.kube import turns

        self._count = 0
        self._shown = False
        self._held = 0
        self._next = time.monotonic() + _PATIENCE
        self._lock = threading.Lock()
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._holders = turns.holders
        self._holders.add(self._hold)

    def __call__(self, more: int) -> None:
        """Tell of more objects; any thread may."""
        with self._lock:
            self._count += more
            if self._terminal and not self._held and time.monotonic() >= self._next:
                self._next = time.monotonic() + _PAUSE
                self._shown = True
                click.echo(f"\rreading pods: {self._count:,}", err=True, nl=False)

    def done(self) -> None:
        """Take the line away; nothing is told any more."""
        self._holders.discard(self._hold)
        with self._lock:
            self._terminal = False
            self._clear()

    def _hold(self, held: bool) -> None:
        """Keep the line away while something else is written to the terminal."""
        with self._lock:
            self._held += 1 if held else -1
            self._clear()

    def _clear(self) -> None:
        if self._shown:
            self._shown = False
            click.echo("\r\x1b[K", err=True, nl=False, color=True)
