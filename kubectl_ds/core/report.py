"""How far the DaemonSets of a fleet reach: all of them, by groups of nodes, and who is blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from kubectl_ds.core.cover import Cover, delivers, share
from kubectl_ds.core.fold import SEVERITY, natural
from kubectl_ds.core.groups import Label, Labelled, label_of
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Outcome

_MOST = Fraction(1, 2)


class Report(Value, frozen=True):
    """How far the DaemonSets of a fleet reach.

    Attributes:
        now: the time at which it was judged.
        nodes: the nodes that exist, in natural order of their names.
        covers: one for each DaemonSet, the worst first.
    """

    now: datetime
    nodes: tuple[Node, ...]
    covers: tuple[Cover, ...]

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
        return share(self.available, len(self.nodes) * len(self.covers), 0)

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
    """

    by: str
    value: str | None
    nodes: tuple[str, ...]
    parts: tuple[Part, ...]

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
    """A node that lacks some of a set of DaemonSets."""

    node: str
    lacks: tuple[Lack, ...]


class Alike(Value, frozen=True):
    """Nodes that are in the same state for each DaemonSet, in the report's order."""

    nodes: tuple[str, ...]
    states: tuple[State, ...]


def report(now: datetime, nodes: Iterable[Node], covers: Iterable[Cover]) -> Report:
    """Put together what was found of each DaemonSet, the worst first."""
    return Report(
        now=now,
        nodes=tuple(sorted(nodes, key=lambda node: natural(node.name))),
        covers=tuple(sorted(covers, key=_badness)),
    )


def _badness(cover: Cover) -> tuple[Fraction, bool, Fraction, str, str]:
    meta = cover.daemon_set.metadata
    fine = not cover.gaps and bool(cover.desired)
    return cover.coverage, fine, cover.reach, meta.namespace, meta.name


def groups(whole: Report, label: Label) -> list[Group]:
    """The fleet by a label: the group that is covered worst comes first."""
    members: dict[Labelled, list[str]] = {}
    for node in whole.nodes:
        members.setdefault(label_of(node, label), []).append(node.name)
    found = [
        Group(
            by=labelled.key,
            value=labelled.value,
            nodes=tuple(names),
            parts=tuple(_part(cover, names) for cover in whole.covers),
        )
        for labelled, names in members.items()
    ]
    return sorted(found, key=_group_badness)


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


def _group_badness(group: Group) -> tuple[Fraction, str, bool, str]:
    return group.reach, group.by, group.value is None, group.value or ""


def _gaps(cover: Cover, outcomes: Iterable[Outcome]) -> Mapping[State, int]:
    counts = Counter(outcome.state for outcome in outcomes)
    return {state: counts[state] for state in cover.gap_states if counts[state]}


def common(whole: Report) -> list[Cover]:
    """The DaemonSets that reach more than half the fleet, or should: most may be broken now."""
    return [cover for cover in whole.covers if share(cover.desired, cover.nodes, 0) > _MOST]


def blind(whole: Report, covers: Sequence[Cover]) -> list[Blind]:
    """The nodes that lack any of some DaemonSets: those that lack most come first."""
    found = []
    for node in whole.nodes:
        outcomes = ((cover, cover.others.get(node.name)) for cover in covers)
        lacks = tuple(
            Lack(cover=cover, outcome=outcome)
            for cover, outcome in outcomes
            if outcome and not delivers(outcome)
        )
        if lacks:
            found.append(Blind(node=node.name, lacks=lacks))
    return sorted(found, key=lambda item: -len(item.lacks))


def alike(whole: Report) -> list[Alike]:
    """The nodes folded into groups that look alike: the one in the worst state comes first."""
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
