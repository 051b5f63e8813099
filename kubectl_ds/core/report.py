"""How far the DaemonSets of a fleet reach: all of them, by groups of nodes, and who is blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import chain

from msgspec.structs import replace

from kubectl_ds.core.cover import Cover, delivers, share, within
from kubectl_ds.core.fold import SEVERITY, natural
from kubectl_ds.core.groups import Label, Labelled, label_of
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Outcome

_MOST = Fraction(1, 2)


class Site(Value, frozen=True):
    """The nodes of one cluster.

    Attributes:
        cluster: the cluster's name; empty where no other one was asked for.
        nodes: those that exist, in natural order of their names.
    """

    cluster: str
    nodes: tuple[Node, ...]


class Report(Value, frozen=True):
    """How far the DaemonSets of a fleet reach, be it of one cluster or of several.

    Attributes:
        now: the time at which it was judged; of several clusters the newest.
        sites: the clusters, in the order in which they were asked for.
        covers: one for each DaemonSet of each cluster, the worst first.
        lost: the clusters of which nothing could be read.
    """

    now: datetime
    sites: tuple[Site, ...]
    covers: tuple[Cover, ...]
    lost: tuple[Unread, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of all clusters; some may have the same name."""
        return tuple(chain.from_iterable(site.nodes for site in self.sites))

    @property
    def named(self) -> bool:
        """Whether several clusters were asked for, so that each row names its own."""
        return any(site.cluster for site in self.sites)

    @property
    def apart(self) -> Sequence[Report]:
        """The same for each cluster that has any DaemonSet."""
        if not self.named:
            return (self,)
        covers: dict[str, list[Cover]] = {}
        for cover in self.covers:
            covers.setdefault(cover.cluster, []).append(cover)
        return [
            replace(self, sites=(site,), covers=tuple(covers[site.cluster]))
            for site in self.sites
            if site.cluster in covers
        ]

    @property
    def places(self) -> int:
        """How many pods there could be, with each DaemonSet on each node of its cluster."""
        return sum(len(part.nodes) * len(part.covers) for part in self.apart)

    @property
    def not_checked(self) -> tuple[Unread, ...]:
        """What could not be taken into account for any of them, each once."""
        return tuple(dict.fromkeys(item for cover in self.covers for item in cover.not_checked))

    @property
    def desired(self) -> int:
        """How many pods are wanted in all."""
        return sum(cover.desired for cover in self.covers)

    @property
    def available(self) -> int:
        """How many of those are available."""
        return sum(cover.available for cover in self.covers)

    @property
    def coverage(self) -> Fraction:
        """The available share of the wanted pods; 1 where none is wanted."""
        return share(self.available, self.desired, 1)

    @property
    def reach(self) -> Fraction:
        """The available share of all pods that could be, with each DaemonSet on each node."""
        return share(self.available, self.places, 0)

    @property
    def certain(self) -> bool:
        """Whether enough was read for the numbers to be known."""
        return all(cover.certain for cover in self.covers)

    @property
    def knows_nodes(self) -> bool:
        """Whether the nodes were read; they are not where there is no DaemonSet."""
        return bool(self.nodes)


class Part(Value, frozen=True):
    """What one DaemonSet covers of a group of nodes; see `Cover` for the numbers."""

    cover: Cover
    desired: int
    available: int
    excluded: int
    gaps: Mapping[State, int]


class Group(Value, frozen=True):
    """Nodes with the same value of a label.

    Attributes:
        by: the label's key.
        value: its value; None where the nodes have no such label.
        nodes: their names.
        parts: what each DaemonSet covers of them, in the report's order.
        cluster: the cluster that they are in; empty where no other one was asked for.
    """

    by: str
    value: str | None
    nodes: tuple[str, ...]
    parts: tuple[Part, ...]
    cluster: str = ""

    @property
    def desired(self) -> int:
        """How many pods are wanted there in all."""
        return sum(part.desired for part in self.parts)

    @property
    def available(self) -> int:
        """How many of those are available."""
        return sum(part.available for part in self.parts)

    @property
    def certain(self) -> bool:
        """Whether enough was read for the numbers to be known."""
        return all(part.cover.certain for part in self.parts)

    @property
    def coverage(self) -> Fraction:
        """The available share of the wanted pods; 1 where none is wanted."""
        return share(self.available, self.desired, 1)

    @property
    def reach(self) -> Fraction:
        """The available share of all pods that could be, with each DaemonSet on each node."""
        return share(self.available, len(self.nodes) * len(self.parts), 0)


class Lack(Value, frozen=True):
    """A DaemonSet that has no available pod on a node, and why."""

    cover: Cover
    outcome: Outcome


class Blind(Value, frozen=True):
    """A node that lacks some of a set of DaemonSets; ``cluster`` as in `Group`."""

    node: str
    lacks: tuple[Lack, ...]
    cluster: str = ""


class Alike(Value, frozen=True):
    """Nodes that are in the same state for each DaemonSet, in the report's order."""

    nodes: tuple[str, ...]
    states: tuple[State, ...]


def report(
    now: datetime, nodes: Iterable[Node], covers: Iterable[Cover], cluster: str = ""
) -> Report:
    """Put together what was found of each DaemonSet, the worst first.

    Args:
        now: the time at which it was judged.
        nodes: the cluster's nodes.
        covers: how far each DaemonSet reaches.
        cluster: the cluster's name, where it is one of several.
    """
    ordered = tuple(sorted(nodes, key=lambda node: natural(node.name)))
    named = (within(cover, cluster) for cover in covers) if cluster else covers
    return Report(
        now=now,
        sites=(Site(cluster=cluster, nodes=ordered),),
        covers=tuple(sorted(named, key=_badness)),
    )


def joined(reports: Sequence[Report], lost: Iterable[Unread]) -> Report:
    """The report on several clusters.

    Args:
        reports: of each cluster that answered; at least one.
        lost: the clusters that did not.
    """
    return Report(
        now=max(part.now for part in reports),
        sites=tuple(site for part in reports for site in part.sites),
        covers=tuple(sorted((x for part in reports for x in part.covers), key=_badness)),
        lost=tuple(lost),
    )


def _badness(cover: Cover) -> tuple[Fraction, bool, Fraction, str, str, str]:
    meta = cover.daemon_set.metadata
    fine = not cover.gaps and bool(cover.desired)
    return cover.coverage, fine, cover.reach, meta.namespace, meta.name, cover.cluster


def groups(whole: Report, label: Label) -> list[Group]:
    """The fleet by a label: the group that is covered worst comes first.

    Nodes of two clusters are in two groups, whatever their labels.
    """
    found = [group for part in whole.apart for group in _groups(part, label)]
    return sorted(found, key=_group_badness)


def _groups(part: Report, label: Label) -> Iterator[Group]:
    members: dict[Labelled, list[str]] = {}
    for node in part.nodes:
        members.setdefault(label_of(node, label), []).append(node.name)
    for labelled, names in members.items():
        yield Group(
            by=labelled.key,
            value=labelled.value,
            nodes=tuple(names),
            parts=tuple(_part(cover, names) for cover in part.covers),
            cluster=part.sites[0].cluster,
        )


def _part(cover: Cover, names: Sequence[str]) -> Part:
    outcomes = [outcome for outcome in map(cover.others.get, names) if outcome]
    covered = len(names) - len(outcomes)
    return Part(
        cover=cover,
        desired=covered + sum(outcome.desired for outcome in outcomes),
        available=covered + sum(map(delivers, outcomes)),
        excluded=sum(outcome.state is State.EXCLUDED for outcome in outcomes),
        gaps=_gaps(cover, outcomes),
    )


def _group_badness(group: Group) -> tuple[Fraction, str, bool, str, str]:
    return group.reach, group.by, group.value is None, group.value or "", group.cluster


def _gaps(cover: Cover, outcomes: Iterable[Outcome]) -> Mapping[State, int]:
    counts = Counter(outcome.state for outcome in outcomes)
    return {state: counts[state] for state in cover.gap_states if counts[state]}


def common(whole: Report) -> list[Cover]:
    """The DaemonSets that reach more than half the fleet, or should: most may be broken now."""
    return [cover for cover in whole.covers if share(cover.desired, cover.nodes, 0) > _MOST]


def blind(whole: Report, covers: Sequence[Cover]) -> list[Blind]:
    """The nodes that lack any of some DaemonSets: those that lack most come first."""
    found = [
        Blind(node=node.name, lacks=lacks, cluster=site.cluster)
        for site in whole.sites
        for node, lacks in _lacking(site, [x for x in covers if x.cluster == site.cluster])
    ]
    return sorted(found, key=lambda item: -len(item.lacks))


def _lacking(site: Site, covers: Sequence[Cover]) -> Iterator[tuple[Node, tuple[Lack, ...]]]:
    for node in site.nodes:
        outcomes = ((cover, cover.others.get(node.name)) for cover in covers)
        lacks = tuple(
            Lack(cover=cover, outcome=outcome)
            for cover, outcome in outcomes
            if outcome and not delivers(outcome)
        )
        if lacks:
            yield node, lacks


def alike(whole: Report) -> list[Alike]:
    """The nodes of one cluster in groups that look alike: the one in the worst state comes first.

    Args:
        whole: the report on that cluster; see ``Report.apart``.
    """
    names = [node.name for node in whole.nodes]
    found: dict[tuple[State, ...], list[str]] = {}
    columns = [_states(cover, names) for cover in whole.covers]
    for name, *states in zip(names, *columns, strict=True):
        found.setdefault(tuple(states), []).append(name)
    rows = [Alike(nodes=tuple(nodes), states=states) for states, nodes in found.items()]
    return sorted(rows, key=lambda row: (*_weight(row.states), -len(row.nodes)))


def _states(cover: Cover, names: Iterable[str]) -> list[State]:
    return [cover.on(name).state for name in names]


def _weight(states: Sequence[State]) -> tuple[int, int]:
    """The worst state, then how often it occurs."""
    worst = min((SEVERITY[state] for state in states), default=len(SEVERITY))
    return worst, -sum(SEVERITY[state] == worst for state in states)
