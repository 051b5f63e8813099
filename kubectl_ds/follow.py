"""A cluster that is watched, as answers one after another, for ``--watch`` and ``--wait``."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import msgspec

from kubectl_ds.core.judge import explain_each, explain_in
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import ClusterError, NotFound, UsageError
from kubectl_ds.garbage import collect_garbage
from kubectl_ds.kube.patience import in_time
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read.each import each
from kubectl_ds.read.news import AGAIN
from kubectl_ds.read.scope import listed
from kubectl_ds.read.watching import Watching
from kubectl_ds.source import Flags, is_saved, live, scope_of, selected
from kubectl_ds.terminal import emit
from kubectl_ds.words.errors import deleted

_SHORTEST = 1.0  # seconds from one answer to the next
_LONGEST = 10.0
_SHARE = 3  # a pause is at least so many times as long as judging took
_GRACE = 5.0  # in which a DaemonSet that was deleted may be made anew

Result = TypeVar("Result")


class Answer(NamedTuple):
    """What is known of the DaemonSets at one time.

    Attributes:
        cluster: what was read.
        explanations: the answers, in the order in which the DaemonSets were named.
    """

    cluster: Cluster
    explanations: Sequence[Explanation]

    def is_of(self, cluster: Cluster) -> bool:
        """Whether no object of it differs, so that only time has passed."""
        return msgspec.structs.replace(cluster, now=self.cluster.now) == self.cluster


class Follower:
    """Gives answers on DaemonSets as their cluster changes.

    Attributes:
        scope: the DaemonSets.
    """

    def __init__(self, transport: Transport, watching: Watching, scope: Scope) -> None:
        self.scope = scope
        self._transport = transport
        self._watching = watching
        self._warned = 0
        self._gone: float | None = None

    @property
    def lost(self) -> str:
        """Why there is nothing new at the moment; empty where there would be."""
        return self._watching.news.lost

    @property
    def polled(self) -> str:
        """What may not be watched and is listed every few seconds; empty where there is none."""
        return self._watching.news.polled

    @property
    def unread(self) -> tuple[str, ...]:
        """The kinds of which there is no first answer yet."""
        return self._watching.unread

    def told(self) -> list[str]:
        """What the user is to know of the watching, and was not told yet."""
        warnings = self._transport.warnings[self._warned :]
        self._warned += len(warnings)
        return [*warnings, *self._watching.news.heard()]

    def answers(self, tick: float, end: float = math.inf) -> Iterator[Answer | None]:
        """The newest answer, when there is another one and at least every so many seconds.

        None before there is a first one. It is judged again when something changed, and at times
        without, for verdicts depend on time; so often that most of the time goes by idly.

        Args:
            tick: the seconds.
            end: the time of the monotonic clock from which on no request is waited for.

        Raises:
            NotFound: a DaemonSet was deleted, and not made anew.
            ClusterError: the cluster can't be read at all.
        """
        news, newest = self._watching.news, None
        earliest = latest = 0.0
        while True:
            began = time.monotonic()
            changed = began >= earliest and news.taken()
            if changed or began >= latest:
                answer = _until(end, self._judged)
                newest = answer or newest
                took = time.monotonic() - began
                earliest = began + max(_SHORTEST, took * (_SHARE + 1)) if newest else began
                latest = max(earliest, began + (_LONGEST if answer else _SHORTEST))
            yield newest
            self._rest(earliest, latest, tick)

    def fresh(self, end: float) -> Sequence[Explanation] | None:
        """Answers from objects that are all read now; None where they can't be had.

        Watches of two kinds tell of what happened at the same time one after the other, so that
        for a moment what they add up to may never have been.

        Args:
            end: see ``answers``.
        """
        return _until(end, self._read)

    def _read(self) -> Sequence[Explanation] | None:
        try:
            daemon_sets = selected(listed(self._transport, self.scope), self.scope)
            found = each(self._transport, daemon_sets, explain_in, _quiet)
        except NotFound:
            return None
        except ClusterError as error:
            self._watching.news.broke(self, error)
            return None
        return found if len(found) == len(daemon_sets) else None

    def _rest(self, earliest: float, latest: float, tick: float) -> None:
        now = time.monotonic()
        if now < earliest:
            time.sleep(min(earliest - now, tick))
        else:
            self._watching.news.wait(min(latest, now + tick))

    def _judged(self) -> Answer | None:
        """An answer to what is there by now; None where not all of it is."""
        daemon_sets = self._watching.daemon_sets()
        if daemon_sets is None or self._lacks(daemon_sets):
            return None
        cluster = self._watching.cluster(daemon_sets)
        return None if cluster is None else Answer(cluster, explain_each(cluster, daemon_sets))

    def _lacks(self, daemon_sets: Sequence[DaemonSet]) -> bool:
        """Whether a DaemonSet is gone, of which there may soon be another."""
        there = {item.name for item in daemon_sets}
        lacking = [name for name in self.scope.names if name not in there]
        if not lacking:
            self._gone = None
            return False
        now = time.monotonic()
        self._gone = now if self._gone is None else self._gone
        if now - self._gone >= _GRACE:
            raise NotFound(deleted(lacking, self.scope.namespace or ""))
        return True


def _until(end: float, do: Callable[[], Result | None]) -> Result | None:
    """What something brings; None where it has not done so at a time of the monotonic clock."""
    seconds = None if end == math.inf else max(end - time.monotonic(), 0)
    try:
        return in_time(do, seconds, lambda _: None)
    except TimeoutError:
        return None


def _quiet(_: int) -> None:
    """Nothing is told of how many pods were read."""


def warn(texts: Iterable[str]) -> None:
    """Tell on stderr what the user is to know, a line each; all but good news is a warning."""
    for text in texts:
        emit(text if text == AGAIN else f"warning: {visible(text)}", err=True)


@contextmanager
def followed(flags: Flags, what: str) -> Iterator[Follower]:
    """Watch the DaemonSets that the command line names, until the ``with`` block ends.

    Args:
        flags: the command's options, by their click names.
        what: the flag that asks for it.

    Raises:
        UsageError: no DaemonSet is named, or no live cluster is asked about.
        NotFound: there is none of a name.
        ClusterError: the cluster can't be reached, or refused an essential request.
    """
    scope = scope_of(flags)
    if is_saved(flags):
        raise UsageError(f"{what} needs a live cluster; leave out --from and --demo")
    if not scope.names:
        raise UsageError(f"{what} needs a DaemonSet's name: kubectl ds explain NAME {what}")
    connection, scope = live(flags, scope)
    scope = msgspec.structs.replace(scope, names=tuple(dict.fromkeys(scope.names)))
    collect_garbage()
    with Transport(connection) as transport:
        selected(listed(transport, scope), scope)
        with Watching(transport, scope.namespace or "", scope.names) as watching:
            yield Follower(transport, watching, scope)
