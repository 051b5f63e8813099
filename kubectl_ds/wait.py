"""The job of ``kubectl ds explain --wait``: what ``kubectl rollout status`` should have been."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence

import click

from kubectl_ds.core.awaited import awaited
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.draw.visible import visible
from kubectl_ds.draw.width import cut
from kubectl_ds.explain import check_nodes, narrowed
from kubectl_ds.follow import Answer, Follower, followed, warn
from kubectl_ds.show import show
from kubectl_ds.source import Flags
from kubectl_ds.terminal import columns, emit
from kubectl_ds.words.awaited import lack, progress, standing, unread
from kubectl_ds.words.overview import title
from kubectl_ds.words.phrases import duration

_DEFAULT = 600.0  # seconds
_TICK = 0.2
_ROOM = 2  # columns, in which the terminal shows ^C


def run(flags: Flags) -> int:
    """Wait until no gap is left, and show what there is then, or when the time is up.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        0 where no gap is left, 1 where the time is up.

    Raises:
        KubectlDsError: see `errors`; that the connection is lost for a while is no error.
    """
    seconds = _DEFAULT if flags["timeout"] is None else flags["timeout"]
    with followed(flags, "--wait") as follower:
        waiting = _Waiting(follower, flags)
        try:
            newest, done = waiting.until(time.monotonic() + (seconds or math.inf))
        finally:
            waiting.line.clear()
        waiting.ended(newest, "" if done else duration(int(seconds)))
    return int(not done)


class _Waiting:
    """Progress on stderr, and one answer on stdout at the end.

    Attributes:
        line: where the progress is shown.
    """

    def __init__(self, follower: Follower, flags: Flags) -> None:
        self.line = _Line()
        self._follower = follower
        self._flags = flags
        self._nodes: Sequence[str] = flags["nodes"]

    def until(self, end: float) -> tuple[Sequence[Explanation], bool]:
        """The last answers, and whether they have no gap: once they have none, or at a given time.

        Args:
            end: the time, by the monotonic clock.
        """
        seen: Answer | None = None
        newest: Sequence[Explanation] = ()
        for answer in self._follower.answers(_TICK, end):
            self._warn()
            if answer and answer is not seen:
                if seen is None:
                    check_nodes(answer.explanations, self._nodes)
                seen, newest = answer, self._narrowed(answer.explanations)
                fresh = self._follower.fresh(end) if self._is_done(newest) else None
                newest = self._narrowed(fresh) if fresh else newest
                if fresh and self._is_done(newest):
                    return newest, True
                self.line.texts = self._standing(newest)
                self.line.short = self._short(newest)
            self.line.show()
            if time.monotonic() >= end:
                break
        return newest, False

    def ended(self, found: Sequence[Explanation], late: str) -> None:
        """Show what there is; after how long, where that is too late."""
        if found:
            show(found, self._flags, self._follower.scope)
        if late:
            lacks = [(title(x), awaited(x, self._nodes)) for x in found]
            left = [f"{name} still {lack(item)}" for name, item in lacks if not item.done]
            unsure = "that no gap is left could not be made sure"
            what = "; ".join(left) or (unsure if found else self._unread())
            emit(f"error: after {late} {visible(what)}", err=True)
        else:
            self.line.last(self._standing(found))

    def _unread(self) -> str:
        return unread(self._follower.lost, self._follower.unread)

    def _warn(self) -> None:
        told = self._follower.told()
        if told:
            self.line.clear()
            warn(told)

    def _standing(self, found: Sequence[Explanation]) -> list[str]:
        return [f"{title(item)} {standing(awaited(item, self._nodes))}" for item in found]

    def _short(self, found: Sequence[Explanation]) -> str:
        if len(found) == 1:
            return self._standing(found)[0]
        return progress([(title(item), awaited(item, self._nodes)) for item in found])

    def _is_done(self, found: Sequence[Explanation]) -> bool:
        return all(awaited(item, self._nodes).done for item in found)

    def _narrowed(self, found: Sequence[Explanation]) -> Sequence[Explanation]:
        return narrowed(found, self._nodes)


class _Line:
    """The progress: one line in place on a terminal, else a line for each change.

    Attributes:
        texts: what there is to show, for each DaemonSet.
        short: the same for all of them, for a line that may be cut.
    """

    def __init__(self) -> None:
        self.texts: Sequence[str] = ()
        self.short = "reading"
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._shown: Sequence[str] = ()
        self._began = time.monotonic()

    def show(self) -> None:
        """Tell how far it is."""
        if self._terminal:
            span = duration(int(time.monotonic() - self._began))
            line = cut(visible(f"{span}: {self.short}"), columns() - _ROOM)
            if [line] != self._shown:
                click.echo(f"\r{line}\x1b[K", err=True, nl=False, color=True)
            self._shown = [line]
        else:
            self.last(self.texts)

    def last(self, texts: Sequence[str]) -> None:
        """Tell it on lines of their own, as far as that was not done yet."""
        for text in texts:
            if text not in self._shown:
                emit(visible(text), err=True)
        self._shown = texts

    def clear(self) -> None:
        """Take away the line in place."""
        if self._terminal and self._shown:
            click.echo("\r\x1b[K", err=True, nl=False, color=True)
            self._shown = ()
