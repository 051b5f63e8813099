"""A live API in, for each of some DaemonSets all that explains it, one after the other.

What surrounds them is read once; of their pods no more are held than those of a few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from msgspec import structs

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.lean import are_likely_to_meet, may_meet
from kubectl_ds.core.model import DaemonSet, Unread
from kubectl_ds.kube.patience import begun
from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read import steady
from kubectl_ds.read.answers import Read, in_parallel, now, read
from kubectl_ds.read.ask import Request, ask
from kubectl_ds.read.closer import completed
from kubectl_ds.read.gather import Progress, gather
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.lists import read_lists
from kubectl_ds.read.recent import Recent
from kubectl_ds.read.requests import SURROUNDINGS, around, of_pods

AT_ONCE = 3  # DaemonSets whose pods are held

_DAEMON_SETS = BY_FIELD["daemon_sets"]
_OTHERS = tuple(kind for kind in SURROUNDINGS if kind.field != "pods")

Result = TypeVar("Result")


def each(
    transport: Transport,
    daemon_sets: Sequence[DaemonSet],
    use: Callable[[Fleet, DaemonSet], Result],
    progress: Progress,
) -> list[Result]:
    """Read what explains DaemonSets.

    Lists follow each other, so each DaemonSet is read again at the end: where it wants something
    else by then, so is everything about it, once.

    Args:
        transport: the server.
        daemon_sets: the DaemonSets.
        use: makes something of a cluster, prepared for the judge, and the DaemonSet that it
            explains; by several threads.
        progress: told of how many more pods were read; by several threads.

    Returns:
        What was made, in their order; nothing of one that was deleted meanwhile.

    Raises:
        ClusterError: the server can't be reached, or refused an essential request.
    """
    reading = _Reading(transport, daemon_sets, progress)

    def one(daemon_set: DaemonSet) -> list[Result]:
        found = reading.steadily(daemon_set)
        return [use(found, found.cluster.daemon_sets[0])] if found else []

    return [result for found in in_parallel(one, daemon_sets, AT_ONCE) for result in found]


class _Reading:
    """What surrounds some DaemonSets, which is read in the background."""

    def __init__(
        self, transport: Transport, daemon_sets: Sequence[DaemonSet], progress: Progress
    ) -> None:
        self._transport = transport
        self._progress = progress
        self._recent = Recent(transport)  # what several of them ask for, they ask for once
        self._shared = begun(partial(self._around, daemon_sets))

    def steadily(self, daemon_set: DaemonSet) -> Fleet | None:
        """What explains a DaemonSet; None where it is gone by then."""
        shared = self._shared.result
        for _ in range(steady.TIMES):
            found = self._once(daemon_set, shared)
            before, newest = daemon_set, self._newest(daemon_set)
            if newest is None:
                return None
            if isinstance(newest, Refusal):
                return _noted(found, steady.unsure(newest))
            daemon_set = newest
            if not steady.moved(before, daemon_set):
                return _with(found, daemon_sets=(daemon_set,))
            shared = partial(self._around, (daemon_set,))
        return _noted(found, steady.RESTLESS)

    def _around(self, daemon_sets: Sequence[DaemonSet]) -> list[Read]:
        return read_lists(self._transport, lambda many: around(daemon_sets, _OTHERS, many))

    def _once(self, daemon_set: DaemonSet, shared: Callable[[], list[Read]]) -> Fleet:
        crowds, pods = self._pods(daemon_set)
        reads = [*shared(), pods]
        self._recent.forget()
        reads += in_parallel(partial(read, self._recent), steady.newcomers(reads, crowds))
        return completed(self._recent, self._now, (daemon_set,), reads, crowds)

    def _pods(self, daemon_set: DaemonSet) -> tuple[Sequence[Crowd], Read]:
        """The DaemonSet's own pods, whole where more of them is read than of a crowd."""
        (request,) = of_pods((daemon_set,))
        if not are_likely_to_meet(daemon_set):
            crowds, others = gather(self._transport, request, self._progress).gathered()
            if not may_meet(others, crowds):
                return crowds, Read(request.kind, others)
        found = read(self._transport, request)
        self._progress(len(found.objects))
        return (), found

    def _newest(self, daemon_set: DaemonSet) -> DaemonSet | Refusal | None:
        try:
            found = ask(self._transport, Request(_DAEMON_SETS, *daemon_set.key))
        except Refusal as refusal:
            return None if refusal.status == 404 else refusal
        newest: DaemonSet = found.objects[0]
        return newest

    def _now(self) -> datetime:
        return now(self._transport)


def _noted(fleet: Fleet, note: Unread) -> Fleet:
    return _with(fleet, unread=(*fleet.cluster.unread, note))


def _with(fleet: Fleet, **fields: Any) -> Fleet:
    return fleet.with_more(structs.replace(fleet.cluster, **fields))
