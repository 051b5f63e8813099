"""All that explains a few DaemonSets, kept up to date: one list and one watch for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read.answers import Read, read_in_time
from kubectl_ds.read.ask import Request
from kubectl_ds.read.closer import completed
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.news import News
from kubectl_ds.read.recent import Clock, Recent
from kubectl_ds.read.requests import around
from kubectl_ds.read.watched import Watched

_DAEMON_SETS = BY_FIELD["daemon_sets"]


class Watching:
    """A live cluster that is watched until the ``with`` block ends.

    Attributes:
        news: what the threads that watch have to tell.
    """

    def __init__(self, transport: Transport, namespace: str, names: Sequence[str]) -> None:
        """Get ready; nothing is sent yet.

        Args:
            transport: the server; closing it is what ends the threads, so that comes next.
            namespace: where the DaemonSets are.
            names: which ones.
        """
        self.news = News()
        self._transport = transport
        self._clock = Clock(transport)
        self._recent = Recent(transport)
        self._named = [Request(_DAEMON_SETS, namespace, name) for name in names]
        self._lists: dict[Request, Watched] = {}
        self._begun = False

    def __enter__(self) -> Watching:
        self._follow(self._named)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._follow([])

    @property
    def unread(self) -> tuple[str, ...]:
        """The kinds of which there is no first answer yet."""
        waiting = [each for each in self._lists.values() if not each.there]
        return tuple(dict.fromkeys(each.request.kind.resource for each in waiting))

    def daemon_sets(self) -> tuple[DaemonSet, ...] | None:
        """Those of the DaemonSets that exist, in the order named; None before that is known.

        Raises:
            ClusterError: there was no first answer.
        """
        lists = [self._lists[request] for request in self._named]
        if not all(each.there for each in lists):
            return None
        return tuple(item for each in lists for item in each.read().objects)

    def cluster(self, daemon_sets: tuple[DaemonSet, ...]) -> Cluster | None:
        """What explains DaemonSets by now; None before all of it was read once, or where what is
        read on demand can't be read at the moment.

        Raises:
            ClusterError: there was no first answer.
        """
        wanted = around(daemon_sets)
        self._follow([*self._named, *wanted])
        lists = [self._lists[request] for request in wanted]
        if not all(each.there for each in lists):
            return None
        reads: list[Read] = [each.read() for each in lists]
        self._begun = True
        self._recent.forget()
        try:
            found = completed(
                self._recent, self._clock.now, daemon_sets, reads, reader=read_in_time
            )
        except ClusterError as error:
            self.news.broke(self, error)
            return None
        self.news.well(self)
        return found.cluster

    def _follow(self, wanted: Sequence[Request]) -> None:
        """Watch these lists and no others: a DaemonSet made anew may have another selector."""
        for request in [each for each in self._lists if each not in wanted]:
            self._lists.pop(request).stop()
        for request in wanted:
            if request not in self._lists:
                self._lists[request] = Watched(self._transport, request, self.news, self._begun)
                self._lists[request].start()
