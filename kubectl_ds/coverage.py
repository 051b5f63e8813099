"""The job of ``kubectl ds coverage``: read, judge, show, and say how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kubectl_ds.clusters import Answers, Found, Target, read_each
from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.lean import lean
from kubectl_ds.core.line import Line, shortfalls
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.needs import needs
from kubectl_ds.core.report import Report, joined, report
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.trust import trusted
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import InputError
from kubectl_ds.show_coverage import Asked, show
from kubectl_ds.source import Flags, check_left, is_saved, saved, scope_of, selected
from kubectl_ds.terminal import Progress, emit
from kubectl_ds.words import coverage as words
from kubectl_ds.words.clusters import about

if TYPE_CHECKING:
    from kubectl_ds.read.fleet import Reading

_Key = tuple[str, str]


class _Surveyed(NamedTuple):
    """One cluster, how far its DaemonSets reach, and what its server, or a file, warned of."""

    cluster: Cluster
    covers: list[Cover]
    warnings: tuple[str, ...]


def run(flags: Flags) -> int:
    """Show on stdout how far the DaemonSets reach that the command line asks for.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        0, or 1 where what the flags ask for does not hold.

    Raises:
        KubectlDsError: see `errors`.
    """
    line = Line(coverage=flags["least_coverage"], reach=flags["least_reach"])
    answers = _answers(flags, scope_of(flags))
    if not answers.found:
        return answers.ended(0)
    found = _report(answers)
    if line.drawn:
        _check_known([cover for cover in found.covers if not cover.certain])
    if flags["check"]:
        _check_known([cover for cover in found.covers if not cover.tells_gaps])
    scope = answers.found[0].scope
    show(Asked(found, flags, scope, line))
    short = shortfalls(found.covers, line)
    for shortfall in short:
        emit(visible(words.shortfall(shortfall)), err=True)
    return answers.ended(int(bool(short) or (flags["check"] and _has_gaps(found.covers, scope))))


def _answers(flags: Flags, scope: Scope) -> Answers[_Surveyed]:
    if is_saved(flags):
        loaded = saved(flags)
        fast = ("--fast has no effect on saved objects",) if flags["fast"] else ()
        result = _Surveyed(*_surveyed(loaded.cluster, scope), (*loaded.warnings, *fast))
        return Answers([Found("", scope, result)])
    progress = Progress()
    try:
        return read_each(flags, scope, partial(_read, flags["fast"], progress))
    finally:
        progress.done()


def _report(answers: Answers[_Surveyed]) -> Report:
    """The report on all clusters; says what the user should know of the reading."""
    parts = []
    for found in answers.found:
        cluster, covers, warnings = found.result
        for warning in warnings:
            emit(f"warning: {visible(about(found.cluster, warning))}", err=True)
        parts.append(report(cluster.now, cluster.nodes, covers, found.cluster))
    answers.tell_empty({cover.cluster for part in parts for cover in part.covers})
    return parts[0] if answers.lost is None else joined(parts, answers.lost)


def _surveyed(cluster: Cluster, scope: Scope) -> tuple[Cluster, list[Cover]]:
    """Saved objects, all of which are there from the start."""
    small = lean(cluster)
    fleet, daemon_sets = Fleet(small), selected(cluster, scope)
    return small, [survey(fleet, item) for item in daemon_sets]


def _read(fast: bool, progress: Progress, target: Target) -> _Surveyed:
    """A live cluster, of which each step reads what the one before left open."""
    from kubectl_ds.kube.transport import Transport
    from kubectl_ds.read.fleet import Reading

    with Transport(target.connection) as transport:
        reading = Reading(transport, target.scope, progress)
        reading.places(pods=not fast)
        daemon_sets = selected(reading.cluster, target.scope)
        covers = _by_status(reading, daemon_sets) if fast else {}
        rest = [item for item in daemon_sets if item.key not in covers]
        if fast:
            reading.pods(rest)
        covers |= _told(reading, rest)
        covers = _steady(reading, target.scope, covers)
        found = [covers[item.key] for item in daemon_sets if item.key in covers]
        return _Surveyed(reading.cluster, found, transport.warnings)


def _told(reading: Reading, daemon_sets: Sequence[DaemonSet]) -> dict[_Key, Cover]:
    """Those whose pods are read, with all that tells more of them."""
    covers = _by_pods(reading.cluster, daemon_sets)
    return covers | _explained(reading, list(covers.values()))


def _steady(reading: Reading, scope: Scope, covers: dict[_Key, Cover]) -> dict[_Key, Cover]:
    """The same, anew where a DaemonSet changed while it was read, without those that are gone."""
    from kubectl_ds.read.steady import RESTLESS

    moved, gone = reading.moved()
    check_left(scope, {name for _, name in covers.keys() - gone})
    if moved:
        reading.pods(moved)
        covers = covers | _told(reading, moved)
        for item in reading.moved()[0]:
            cover = covers[item.key]
            unread = (*cover.not_checked, RESTLESS)
            covers[item.key] = msgspec.structs.replace(cover, not_checked=unread)
    return {key: cover for key, cover in covers.items() if key not in gone}


def _explained(reading: Reading, covers: Sequence[Cover]) -> dict[_Key, Cover]:
    """Those of which causes, events or the server's version tell more, with these read."""
    refused = [cover.daemon_set for cover in covers if cover.open_to_causes]
    troubled = [cover.daemon_set for cover in covers if cover.open_to_events]
    pods = needs(Fleet(reading.cluster), troubled).troubled
    if refused:
        reading.causes(refused)
    told = reading.troubles(pods) if pods else False
    found = _by_pods(reading.cluster, [*refused, *(troubled if told else ())])
    latest = (found.get(cover.daemon_set.key, cover) for cover in covers)
    dependent = [cover.daemon_set for cover in latest if cover.open_to_version]
    known = bool(dependent) and reading.version()
    return found | (_by_pods(reading.cluster, dependent) if known else {})


def _by_status(reading: Reading, daemon_sets: Sequence[DaemonSet]) -> dict[_Key, Cover]:
    """Those of which the status tells enough, with the pods on nodes that are not ready."""
    fleet = Fleet(reading.cluster)
    dark = fleet.nodes.keys() - fleet.ready
    seen = reading.pods_on(dark)
    fleet = Fleet(reading.cluster)
    found = ((item.key, trusted(fleet, item, seen)) for item in daemon_sets)
    return {key: cover for key, cover in found if cover}


def _by_pods(cluster: Cluster, daemon_sets: Sequence[DaemonSet]) -> dict[_Key, Cover]:
    fleet = Fleet(cluster)
    return {item.key: survey(fleet, item) for item in daemon_sets}


def _has_gaps(covers: Sequence[Cover], scope: Scope) -> bool:
    """Whether there is a gap; that no node is wanted counts where the DaemonSet was named."""
    return any(cover.gaps or (scope.names and not cover.desired) for cover in covers)


def _check_known(unknown: Sequence[Cover]) -> None:
    """Refuse to say that a line is met, or not, where that can't be told."""
    if unknown:
        kind = "nodes" if unknown[0].is_unread("nodes") else "pods"
        raise InputError(
            f"how far {words.title(unknown[0])} reaches can't be told: there are no {kind} in the "
            "input; save them too, or leave out --check, --min and --min-reach"
        )
