"""The versioned document of ``coverage -o json`` and ``-o yaml``; see `document` for its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kubectl_ds.core.cover import Cover
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Blind, Group, Lack, Part, Report
from kubectl_ds.draw.document import (
    API_VERSION,
    ApiVersion,
    ClusterName,
    ReasonDocument,
    cluster_name,
    reason_document,
    states_document,
)


class GapDocument(Value, frozen=True):
    """A node on which a DaemonSet fails to deliver; the code is that of the deciding reason."""

    node: str
    state: State
    code: str | None


class CoverDocument(Value, frozen=True, kw_only=True):
    """How far one DaemonSet reaches.

    ``coverage`` is available of desired, and 1 where nothing is desired; ``reach`` is available of
    all nodes. What can't be told for want of nodes or pods is null, and no gap is listed. Where
    ``verified`` is false, its pods were not looked at. ``cluster`` is the name of its context
    where several clusters were asked for; so it is in all that follows.
    """

    cluster: ClusterName = msgspec.UNSET
    namespace: str
    name: str
    nodes: int | None
    desired: int | None
    available: int | None
    excluded: int
    coverage: float | None
    reach: float | None
    verified: bool
    states: dict[State, int]
    gaps: tuple[GapDocument, ...]


class PartDocument(Value, frozen=True, kw_only=True):
    """What one DaemonSet covers of a group of nodes."""

    cluster: ClusterName = msgspec.UNSET
    namespace: str
    name: str
    desired: int
    available: int | None
    excluded: int


class GroupDocument(Value, frozen=True, kw_only=True):
    """Nodes with the same value of a label; null where they have no such label."""

    cluster: ClusterName = msgspec.UNSET
    by: str
    value: str | None
    nodes: int
    daemon_sets: tuple[PartDocument, ...]


class LackDocument(Value, frozen=True, kw_only=True):
    """A DaemonSet that has no available pod on a node, and why."""

    cluster: ClusterName = msgspec.UNSET
    namespace: str
    name: str
    state: State
    reasons: tuple[ReasonDocument, ...]


class BlindDocument(Value, frozen=True, kw_only=True):
    """A node that lacks some of the DaemonSets asked for."""

    cluster: ClusterName = msgspec.UNSET
    node: str
    lacks: tuple[LackDocument, ...]


class CoverageReport(Value, frozen=True):
    """How far the DaemonSets of a fleet reach, the worst first.

    ``groups`` is there with ``--by``, ``blind`` with ``--blind``; else they are empty. Of several
    clusters ``notChecked`` has those, too, that could not be read.
    """

    api_version: ApiVersion
    kind: Literal["CoverageReport"]
    nodes: int | None
    daemon_sets: tuple[CoverDocument, ...]
    groups: tuple[GroupDocument, ...]
    blind: tuple[BlindDocument, ...]
    not_checked: tuple[Unread, ...]


def report_document(
    report: Report, groups: Iterable[Group] = (), blind: Sequence[Blind] = ()
) -> CoverageReport:
    """The document on a fleet, with the groups and the blind nodes where they were asked for."""
    return CoverageReport(
        api_version=API_VERSION,
        kind="CoverageReport",
        nodes=len(report.nodes) if report.knows_nodes else None,
        daemon_sets=tuple(map(_cover, report.covers)),
        groups=tuple(map(_group, groups)),
        blind=tuple(map(_blind, blind)),
        not_checked=(*report.not_checked, *report.lost),
    )


def _cover(cover: Cover) -> CoverDocument:
    return CoverDocument(
        cluster=cluster_name(cover.cluster),
        namespace=cover.daemon_set.namespace,
        name=cover.daemon_set.name,
        nodes=None if cover.is_unread("nodes") else cover.nodes,
        desired=None if cover.is_unread("nodes") else cover.desired,
        available=cover.available if cover.certain else None,
        excluded=cover.excluded,
        coverage=float(cover.coverage) if cover.certain else None,
        reach=float(cover.reach) if cover.certain else None,
        verified=cover.verified and cover.certain,
        states=states_document(_known(cover)),
        gaps=tuple(
            GapDocument(
                node=node,
                state=outcome.state,
                code=outcome.reasons[0].code if outcome.reasons else None,
            )
            for node, outcome in cover.gaps
            if cover.certain
        ),
    )


def _known(cover: Cover) -> Mapping[State, int]:
    """The states that can be told: without pods, not that one is missing."""
    missing = State.MISSING
    return {x: n for x, n in cover.states.items() if cover.certain or x is not missing}


def _group(group: Group) -> GroupDocument:
    return GroupDocument(
        cluster=cluster_name(group.cluster),
        by=group.by,
        value=group.value,
        nodes=len(group.nodes),
        daemon_sets=tuple(map(_part, group.parts)),
    )


def _part(part: Part) -> PartDocument:
    return PartDocument(
        cluster=cluster_name(part.cover.cluster),
        namespace=part.cover.daemon_set.namespace,
        name=part.cover.daemon_set.name,
        desired=part.desired,
        available=part.available if part.cover.certain else None,
        excluded=part.excluded,
    )


def _blind(item: Blind) -> BlindDocument:
    return BlindDocument(
        cluster=cluster_name(item.cluster), node=item.node, lacks=tuple(map(_lack, item.lacks))
    )


def _lack(lack: Lack) -> LackDocument:
    return LackDocument(
        cluster=cluster_name(lack.cover.cluster),
        namespace=lack.cover.daemon_set.namespace,
        name=lack.cover.daemon_set.name,
        state=lack.outcome.state,
        reasons=tuple(map(reason_document, lack.outcome.reasons)),
    )
