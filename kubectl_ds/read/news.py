"""What threads that watch have to tell the one that judges."""

from __future__ import annotations

import math
import threading
import time

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import NoAnswer

POLL_SECONDS = 10.0  # from one list to the next of what may not be watched
AGAIN = "connected again"

_NAMED = 2  # kinds, where there are more than one more
_GATHERED = 1.0  # seconds in which more kinds of which the same is to be told may follow


class News:
    """Told by any thread, heard by one.

    Attributes:
        lost: why the server can't be watched at the moment; empty where it can.
    """

    def __init__(self) -> None:
        self.lost = ""
        self._something = threading.Condition()
        self._changed = False
        self._notes: list[str] = []
        self._failing: set[object] = set()
        self._told_lost = False
        self._polled: dict[str, None] = {}
        self._ripe = math.inf  # when to tell of those, by the monotonic clock

    @property
    def polled(self) -> str:
        """What is listed again and again, for it may not be watched; empty where all may be."""
        if not self._polled:
            return ""
        *most, last = sorted(self._polled)
        if len(most) > _NAMED:
            most, last = most[:_NAMED], f"{len(most) + 1 - _NAMED} others"
        kinds = f"{', '.join(most)} and {last}" if most else last
        return f"may not watch {kinds}: listing them every {POLL_SECONDS:.0f} seconds"

    def changed(self) -> None:
        """Tell that something that is read has changed."""
        with self._something:
            self._changed = True
            self._something.notify()

    def may_not_watch(self, what: str) -> None:
        """Tell of a kind that may not be watched; of all of them the user hears at once."""
        with self._something:
            if what not in self._polled:
                self._polled = {**self._polled, what: None}
                self._ripe = time.monotonic() + _GATHERED
                self._something.notify()

    def broke(self, who: object, error: ClusterError) -> None:
        """Tell that something fails: the user hears of the first that does, and of it once."""
        lead = "lost the connection" if isinstance(error, NoAnswer) else "nothing new"
        why = f"{lead}, trying again: {str(error).partition('; ')[0]}"
        with self._something:
            if not self.lost and who not in self._failing:
                self._notes.append(why)
                self._told_lost = isinstance(error, NoAnswer)
                self._something.notify()
            self.lost = self.lost or why
            self._failing.add(who)

    def well(self, who: object) -> None:
        """Tell that it succeeds, by which the server is there for all."""
        if self.lost or who in self._failing:
            with self._something:
                self.lost = ""
                if self._told_lost:
                    self._notes.append(AGAIN)
                    self._told_lost = False
                    self._something.notify()
                self._failing.discard(who)

    def heard(self) -> list[str]:
        """What the user is to be told of, by now."""
        with self._something:
            notes, self._notes = self._notes, []
            if time.monotonic() >= self._ripe:
                self._ripe = math.inf
                notes.append(f"{self.polled} instead")
        return notes

    def taken(self) -> bool:
        """Whether anything has changed since this was asked last."""
        with self._something:
            changed, self._changed = self._changed, False
        return changed

    def wait(self, until: float) -> bool:
        """Wait for a change, or a note, until a time of the monotonic clock.

        Returns:
            Whether anything has changed.
        """
        with self._something:
            if not (self._changed or self._notes):
                self._something.wait(max(min(until, self._ripe) - time.monotonic(), 0))
            return self._changed
