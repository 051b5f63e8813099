"""What threads that watch have to tell the one that judges."""

from __future__ import annotations

import threading
import time

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import NoAnswer


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
        self._told: set[str] = set()
        self._failing: set[object] = set()

    def changed(self) -> None:
        """Tell that something that is read has changed."""
        with self._something:
            self._changed = True
            self._something.notify()

    def note(self, text: str) -> None:
        """Tell the user something, once."""
        with self._something:
            if text not in self._told:
                self._told.add(text)
                self._notes.append(text)
                self._something.notify()

    def broke(self, who: object, error: ClusterError) -> None:
        """Tell that something fails: the user hears of the first that does, and of it once."""
        lead = "lost the connection" if isinstance(error, NoAnswer) else "nothing new"
        why = f"{lead}, trying again: {str(error).partition('; ')[0]}"
        with self._something:
            if not self.lost and who not in self._failing:
                self._notes.append(why)
                self._something.notify()
            self.lost = self.lost or why
            self._failing.add(who)

    def well(self, who: object) -> None:
        """Tell that it succeeds, by which the server is there for all."""
        if self.lost or who in self._failing:
            with self._something:
                self.lost = ""
                self._failing.discard(who)

    def heard(self) -> list[str]:
        """What the user is to be told of, by now."""
        with self._something:
            notes, self._notes = self._notes, []
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
                self._something.wait(max(until - time.monotonic(), 0))
            return self._changed
