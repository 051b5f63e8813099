"""A live API in, in the steps that coverage of a fleet needs, and nothing that it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from datetime import datetime, timezone
from functools import partial

import msgspec

from kubectl_ds.core.crowds import Gathering
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.needs import needs
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scope import Scope
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read import steady
from kubectl_ds.read.answers import (
    Read,
    cluster,
    in_parallel,
    read,
    trace,
    unasked,
    unread,
    untraced,
)
from kubectl_ds.read.ask import Request
from kubectl_ds.read.gather import Progress, gather, gather_on
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.lists import Lists, in_each, read_lists
from kubectl_ds.read.requests import (
    MANY_NAMESPACES,
    ON_DEMAND,
    around,
    of_classes,
    of_events,
    of_pods,
    on_nodes,
)
from kubectl_ds.read.scope import in_scope, instead
from kubectl_ds.read.version import server_version

_FEW_NODES = 30
_LEFT = "not asked for: coverage reads none, kubectl ds explain does"
_DAEMON_SETS = BY_FIELD["daemon_sets"]
_PLACES = [BY_FIELD[field] for field in ("nodes", "revisions", "namespaces")]
_CAUSES = [BY_FIELD[field] for field in ("events", "quotas", "limit_ranges")]


class Reading:
    """A live cluster that is being read.

    Attributes:
        cluster: what was read so far.
    """

    def __init__(self, transport: Transport, scope: Scope, progress: Progress) -> None:
        """Get ready; nothing is sent yet.

        Args:
            transport: the server.
            scope: the DaemonSets asked about.
            progress: told of how many more pods were read; may be called by several threads.
        """
        self._transport = transport
        self._scope = scope
        self._progress = progress
        self._answered: list[Read] = []
        self.cluster = Cluster(now=datetime.now(timezone.utc), occupants_of=frozenset())

    def places(self, pods: bool) -> None:
        """Read the DaemonSets, the nodes, and what places pods on them.

        Args:
            pods: whether to read the DaemonSets' pods at the same time.

        Raises:
            ClusterError, UsageError: see ``scope.listed``.
        """
        daemon_sets, exist = in_scope(self._transport, self._scope)
        if not exist:
            self._placed(daemon_sets, instead(self._transport, self._scope))
            return
        lists = partial(around, daemon_sets, _PLACES)
        wanted = of_pods(daemon_sets) if pods else []
        found = in_parallel(self._ask, [*lists(MANY_NAMESPACES), *wanted])
        reads = [each for each in found if isinstance(each, Read)]
        self._placed(daemon_sets, in_each(self._transport, reads, lists))
        self._gathered(each for each in found if isinstance(each, Gathering))

    def _placed(self, daemon_sets: Sequence[DaemonSet], reads: Sequence[Read]) -> None:
        now = self._transport.time or self.cluster.now
        first = Read(_DAEMON_SETS, tuple(daemon_sets))
        self.cluster = cluster(now, [first, *reads], occupants_of=frozenset())
        self._note(reads)

    def moved(self) -> tuple[list[DaemonSet], Set[steady.Key]]:
        """Read the DaemonSets again, for lists follow each other.

        Returns:
            Those that want something else by now, as they are now, and the keys of those that are
            gone.

        Raises:
            ClusterError: the server can't be reached, or refused.
        """
        listed, _ = in_scope(self._transport, self._scope)
        now, old = {item.key: item for item in listed}, self.cluster.daemon_sets
        moved = {x.key: now[x.key] for x in old if x.key in now and steady.moved(x, now[x.key])}
        newest = tuple(moved.get(item.key, item) for item in old)
        self.cluster = msgspec.structs.replace(self.cluster, daemon_sets=newest)
        return list(moved.values()), {item.key for item in old} - now.keys()

    def pods(self, daemon_sets: Iterable[DaemonSet]) -> None:
        """Read the pods of some DaemonSets, in place of those that were read before.

        Raises:
            ClusterError: the server can't be reached, or refused.
        """
        self._gathered(in_parallel(self._gather, of_pods(daemon_sets)))

    def pods_on(self, nodes: Collection[str]) -> Set[str]:
        """Read the pods on a few nodes.

        Returns:
            The nodes; none of them where they are many, or the server can't tell them apart.

        Raises:
            ClusterError: the server can't be reached.
        """
        if len(nodes) > _FEW_NODES:
            return frozenset()
        lists = on_nodes(self.cluster.daemon_sets, nodes)
        found = in_parallel(lambda item: gather_on(self._transport, *item), lists.items())
        gatherings = [each for each in found if each is not None]
        if len(gatherings) < len(lists):
            return frozenset()
        self._gathered(gatherings)
        return frozenset(lists)

    def causes(self, daemon_sets: Sequence[DaemonSet]) -> None:
        """Read what may refuse the pods of some DaemonSets.

        Raises:
            ClusterError: the server can't be reached.
        """
        more = self._more(partial(around, daemon_sets, _CAUSES))
        self.cluster = msgspec.structs.replace(
            self.cluster,
            events=self.cluster.events + more.events,
            quotas=more.quotas,
            limit_ranges=more.limit_ranges,
        )
        self._classes(needs(Fleet(self.cluster), daemon_sets).classes)

    def _classes(self, classes: Sequence[tuple[str, str]]) -> None:
        more = self._more(partial(of_classes, classes))
        self.cluster = msgspec.structs.replace(
            self.cluster,
            priority_classes=more.priority_classes,
            runtime_classes=more.runtime_classes,
            service_accounts=more.service_accounts,
        )

    def version(self) -> bool:
        """Read the server's version; says whether it is known by now.

        Raises:
            ClusterError: the server can't be reached.
        """
        found = server_version(self._transport)
        self.cluster = msgspec.structs.replace(self.cluster, version=found)
        return found is not None

    def troubles(self, pods: Sequence[Pod]) -> bool:
        """Read the events about some pods; says whether there is anything new.

        Raises:
            ClusterError: the server can't be reached.
        """
        before = self.cluster.unread, self.cluster.unread_in
        more = self._more(lambda _: of_events(pods))
        events = self.cluster.events + more.events
        self.cluster = msgspec.structs.replace(self.cluster, events=events)
        return bool(more.events) or (self.cluster.unread, self.cluster.unread_in) != before

    def _more(self, lists: Lists) -> Cluster:
        reads = read_lists(self._transport, lists)
        self._note(reads)
        return cluster(self.cluster.now, reads)

    def _note(self, reads: Iterable[Read]) -> None:
        """Keep what is unread by now, which is all that is kept of some answers."""
        self._answered += (each._replace(objects=()) for each in reads)
        left = unread(self._answered)
        everywhere = (*left.pop(""), *unasked(ON_DEMAND, self._answered, _LEFT))
        self.cluster = msgspec.structs.replace(self.cluster, unread=everywhere, unread_in=left)

    def _ask(self, request: Request) -> Read | Gathering:
        if request.kind.field == "pods":
            return self._gather(request)
        return read(self._transport, request)

    def _gather(self, request: Request) -> Gathering:
        return gather(self._transport, request, self._progress)

    def _gathered(self, gatherings: Iterable[Gathering]) -> None:
        whole = Gathering()
        for each in gatherings:
            whole.merge(each)
        crowds, others = whole.gathered()
        traces = [trace(self._transport, name) for name in untraced(others)]
        events = cluster(self.cluster.now, traces).events
        self._note(traces)
        self.cluster = msgspec.structs.replace(
            self.cluster, crowds=crowds, pods=others, events=events
        )
