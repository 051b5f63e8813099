"""What is read of a live cluster to explain DaemonSets, all together."""

from __future__ import annotations

from kubectl_ds.core.lean import without
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import NotFound
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read.each import each
from kubectl_ds.read.kinds import KINDS
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.read.scope import listed
from kubectl_ds.source import selected


def load(where: Connection, scope: Scope) -> Loaded:
    """The clusters that explain each DaemonSet of a scope, as one."""
    with Transport(where) as transport:
        return read_all(transport, scope)


def read_all(transport: Transport, scope: Scope) -> Loaded:
    """The same from a server that is in use already."""
    there = listed(transport, scope)
    try:
        daemon_sets = selected(there, scope)
    except NotFound:
        daemon_sets = []
    found = each(transport, daemon_sets, lambda fleet, _: fleet.cluster, lambda _: None)
    return Loaded(_joined(found) if found else there, transport.warnings)


def _joined(clusters: list[Cluster]) -> Cluster:
    first, *_ = clusters
    objects = {
        kind.field: {
            (item.metadata.namespace, item.metadata.name): item
            for cluster in clusters
            for item in getattr(cluster, kind.field)
        }
        for kind in KINDS
    }
    pods = objects["pods"].values()
    return Cluster(
        now=first.now,
        crowds=tuple(crowd for x in clusters for crowd in without(x.crowds, pods)),
        unread=tuple(dict.fromkeys(note for cluster in clusters for note in cluster.unread)),
        unread_in=first.unread_in,
        occupants_of=first.occupants_of,
        version=first.version,
        **{field: tuple(items.values()) for field, items in objects.items()},
    )
