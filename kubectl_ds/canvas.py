"""A terminal's alternate screen, painted anew in place and left as it was found."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any

from kubectl_ds.draw.width import cut

# Of xterm, which all of today's terminals follow: the alternate screen, the cursor, line wrapping.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_HOME, _TO_LINE_END, _TO_END = "\x1b[H", "\x1b[K", "\x1b[J"

_DEADLY = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_EVERY = 1.0  # seconds from one painting to the next, whatever others write on the screen


class Canvas:
    """The alternate screen for as long as the ``with`` block lasts, however it ends."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._frame = ""
        self._painted = 0.0

    def __enter__(self) -> Canvas:
        for number in _DEADLY:
            self._handle(number, self._killed)
        self._handle(signal.SIGTSTP, self._stopped)
        self._handle(signal.SIGCONT, self._continued)
        _write(_ENTER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _write(_LEAVE)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines, as they are now."""
        columns, lines = shutil.get_terminal_size((80, 24))
        return columns, lines

    def paint(self, lines: Sequence[str]) -> None:
        """Show these lines, at least one, and nothing else; what is wider than the screen is cut.

        Each is cleared before it is written: after one that fills its line, the cursor still
        stands on the last character.
        """
        width = self.size[0]
        *body, last = (cut(line, width) for line in lines)
        above = "".join(f"{_TO_LINE_END}{line}\r\n" for line in body)
        self._frame = f"{_HOME}{above}{_TO_END}{last}"
        self._paint()

    def refresh(self) -> None:
        """Paint the same again, once a second: a credential plugin may have written over it."""
        if time.monotonic() - self._painted >= _EVERY:
            self._paint()

    def _paint(self) -> None:
        self._painted = time.monotonic()
        _write(self._frame)

    def _handle(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        """Handle a signal, unless who started us wants it to be ignored."""
        if signal.getsignal(number) != signal.SIG_IGN:
            self._before[number] = signal.signal(number, handler)

    def _killed(self, number: int, _: FrameType | None) -> None:
        """Give the screen back before the signal does what it does."""
        _write(_LEAVE)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _stopped(self, number: int, _: FrameType | None) -> None:
        """Give the screen back for as long as we are stopped."""
        self._killed(number, None)
        signal.signal(number, self._stopped)
        self._continued()

    def _continued(self, *_: object) -> None:
        """Take the screen again, also from who stopped us without asking."""
        _write(_ENTER + self._frame)


def _write(text: str) -> None:
    """Write past the buffer of stdout, which a signal may find in use."""
    rest = text.encode(sys.stdout.encoding, "replace")
    while rest:
        rest = rest[os.write(sys.stdout.fileno(), rest) :]
