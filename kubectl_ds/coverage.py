"""The job of ``kubectl ds coverage``: read, judge, show, and say how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.fleet import Fleet, lean
from kubectl_ds.core.line import Line, shortfalls
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.needs import needs
from kubectl_ds.core.report import Report, report
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.trust import trusted
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import InputError
from kubectl_ds.garbage import no_garbage
from kubectl_ds.kube.connection import Connection
from kubectl_ds.show_coverage import Asked, show
from kubectl_ds.source import Flags, is_saved, live, saved, scope_of, selected
from kubectl_ds.terminal import Progress, emit
from kubectl_ds.words import coverage as words

if TYPE_CHECKING:
    from kubectl_ds.read.fleet import Reading

_Key = tuple[str, str]


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
    with no_garbage():
        found, scope = _report(flags, scope_of(flags))
    if line.drawn:
        _check_known([cover for cover in found.covers if not cover.certain])
    if flags["check"]:
        _check_known([cover for cover in found.covers if not cover.tells_gaps])
    show(Asked(found, flags, scope, line))
    short = shortfalls(found.covers, line)
    for shortfall in short:
        emit(visible(words.shortfall(shortfall)), err=True)
    return int(bool(short) or (flags["check"] and _has_gaps(found.covers, scope)))


def _report(flags: Flags, scope: Scope) -> tuple[Report, Scope]:
    if is_saved(flags):
        loaded = saved(flags)
        cluster, covers = _surveyed(loaded.cluster, scope)
        fast = ("--fast has no effect on saved objects",) if flags["fast"] else ()
        warnings = (*loaded.warnings, *fast)
    else:
        connection, scope = live(flags, scope)
        cluster, covers, warnings = _read(connection, scope, flags["fast"])
    for warning in warnings:
        emit(f"warning: {visible(warning)}", err=True)
    return report(cluster.now, cluster.nodes, covers), scope


def _surveyed(cluster: Cluster, scope: Scope) -> tuple[Cluster, list[Cover]]:
    """Saved objects, all of which are there from the start."""
    small = lean(cluster)
    fleet, daemon_sets = Fleet(small), selected(cluster, scope)
    return small, [survey(fleet, item) for item in daemon_sets]


def _read(
    connection: Connection, scope: Scope, fast: bool
) -> tuple[Cluster, list[Cover], tuple[str, ...]]:
    """A live cluster, of which each step reads what the one before left open."""
    from kubectl_ds.kube.transport import Transport
    from kubectl_ds.read.fleet import Reading

    progress = Progress()
    try:
        with Transport(connection) as transport:
            reading = Reading(transport, scope, progress)
            reading.places(pods=not fast)
            daemon_sets = selected(reading.cluster, scope)
            covers = _by_status(reading, daemon_sets) if fast else {}
            rest = [item for item in daemon_sets if item.key not in covers]
            if fast:
                reading.pods(rest)
            covers |= _by_pods(reading.cluster, rest)
            covers |= _explained(reading, [covers[item.key] for item in rest])
            return reading.cluster, [covers[item.key] for item in daemon_sets], transport.warnings
    finally:
        progress.done()


def _explained(reading: Reading, covers: Sequence[Cover]) -> dict[_Key, Cover]:
    """Those of which causes and events tell more, with these read."""
    refused = [cover.daemon_set for cover in covers if cover.open_to_causes]
    troubled = [cover.daemon_set for cover in covers if cover.open_to_events]
    pods = needs(Fleet(reading.cluster), troubled).troubled
    if refused:
        reading.causes(refused)
    told = reading.troubles(pods) if pods else False
    return _by_pods(reading.cluster, [*refused, *(troubled if told else ())])


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
            f"how far {words.name(unknown[0])} reaches can't be told: there are no {kind} in the "
            "input; save them too, or leave out --check, --min and --min-reach"
        )
