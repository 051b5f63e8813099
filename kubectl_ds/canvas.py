"""A terminal's alternate screen, painted anew in place and left as it was found."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any

import click

# Of xterm, which all of today's terminals follow: the alternate screen, the cursor, line wrapping.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_HOME, _TO_LINE_END, _TO_END = "\x1b[H", "\x1b[K", "\x1b[J"


class Canvas:
    """The alternate screen for as long as the ``with`` block lasts, however it ends."""

    def __enter__(self) -> Canvas:
        self._before: Any = signal.signal(signal.SIGTERM, self._killed)
        _write(_ENTER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _write(_LEAVE)
        signal.signal(signal.SIGTERM, self._before)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines, as they are now."""
        columns, lines = shutil.get_terminal_size((80, 24))
        return columns, lines

    def paint(self, lines: Sequence[str]) -> None:
        """Show these lines and nothing else; what is wider than the screen is cut there."""
        body = f"{_TO_LINE_END}\r\n".join(lines)
        _write(f"{_HOME}{body}{_TO_LINE_END}{_TO_END}")

    def _killed(self, number: int, _: FrameType | None) -> None:
        """Give the screen back before the signal does what it does."""
        os.write(sys.stdout.fileno(), _LEAVE.encode())
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _write(text: str) -> None:
    click.echo(text, nl=False, color=True)
    sys.stdout.flush()
