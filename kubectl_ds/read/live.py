"""A live API in, a ``core.model.Cluster`` out: all that explains a few DaemonSets."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime, timezone
from functools import partial

from kubectl_ds.core.fleet import Fleet, lean
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.needs import needs
from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import UsageError
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read.answers import (
    Read,
    cluster,
    in_parallel,
    read,
    refused,
    trace,
    unasked,
    untraced,
)
from kubectl_ds.read.ask import Request, ask
from kubectl_ds.read.closer import closer, neighbours
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.read.requests import ON_DEMAND, around

_DAEMON_SETS = BY_FIELD["daemon_sets"]
_NAMESPACES = BY_FIELD["namespaces"]
_PODS = BY_FIELD["pods"]


def load(connection: Connection, scope: Scope) -> Loaded:
    """Read from a live cluster what explains the DaemonSets of a scope.

    Args:
        connection: the cluster, from ``kubeconfig.resolve``.
        scope: the DaemonSets asked about; names need a namespace.

    Returns:
        The cluster, and what its API server warned of. Where there is nothing to explain, the
        cluster holds no more than it takes to say so: for a name that does not exist the
        DaemonSets that can be listed, for a namespace without any the namespace, and if that does
        not exist those that do.

    Raises:
        ClusterError: the server can't be reached, or refused an essential request.
        UsageError: the server can't parse the selector, or a name is none.
    """
    with Transport(connection) as transport:
        daemon_sets, exist = in_scope(transport, scope)
        if exist:
            requests = around(daemon_sets)
            reads = in_parallel(partial(read, transport), requests)
            pods = (pod for each in reads if each.kind is _PODS for pod in each.objects)
            reads += [trace(transport, name) for name in untraced(pods)]
            all_pods = Request(_PODS) in requests
            found = _completed(transport, daemon_sets, reads, all_pods)
            return Loaded(found, transport.warnings)
        reads = [Read(_DAEMON_SETS, daemon_sets), *instead(transport, scope)]
        return Loaded(cluster(_now(transport), reads), transport.warnings)


def _now(transport: Transport) -> datetime:
    return transport.time or datetime.now(timezone.utc)


def _completed(
    transport: Transport,
    daemon_sets: tuple[DaemonSet, ...],
    reads: Sequence[Read],
    all_pods: bool,
) -> Cluster:
    """The cluster with what only pods that are missing, waiting or in trouble make it read.

    Args:
        transport: the server.
        daemon_sets: those asked about.
        reads: what was read of what surrounds them.
        all_pods: whether these hold the pods of the whole cluster.
    """
    first = [Read(_DAEMON_SETS, daemon_sets), *reads]
    found = cluster(_now(transport), first)
    open_questions = needs(Fleet(lean(found)), daemon_sets)
    more = closer(transport, open_questions)
    nodes = frozenset(node.name for node in found.nodes)
    there, whole = ([], nodes) if all_pods else neighbours(transport, open_questions.nodes)
    left = Read(_DAEMON_SETS, unread=unasked(ON_DEMAND, more))
    return cluster(_now(transport), [*first, *more, *there, left], occupants_of=whole)


def in_scope(transport: Transport, scope: Scope) -> tuple[tuple[DaemonSet, ...], bool]:
    """The DaemonSets, and whether they are those of the scope and not others for their names.

    Raises:
        ClusterError, UsageError: see ``load``.
    """
    if not scope.names:
        found = _listed(transport, scope)
        return found, bool(found)
    if not scope.namespace:
        raise UsageError("a DaemonSet can't be found by name in all namespaces; use -n NAMESPACE")
    named = {name: _named(transport, scope.namespace, name) for name in scope.names}
    missing = {(scope.namespace, name) for name, item in named.items() if item is None}
    if missing:
        return _others(transport, scope.namespace, missing), False
    return tuple(item for item in named.values() if item is not None), True


def _listed(transport: Transport, scope: Scope) -> tuple[DaemonSet, ...]:
    request = Request(_DAEMON_SETS, scope.namespace or "", labels=scope.selector)
    try:
        return ask(transport, request).objects
    except Refusal as refusal:
        if refusal.status == 400 and scope.selector:
            raise UsageError(f'the selector "{scope.selector}": {refusal.words}') from None
        raise refused(request, refusal) from None


def _named(transport: Transport, namespace: str, name: str) -> DaemonSet | None:
    request = Request(_DAEMON_SETS, namespace, name)
    try:
        objects: tuple[DaemonSet, ...] = ask(transport, request).objects
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise refused(request, refusal) from None
    return objects[0]


def _others(
    transport: Transport, namespace: str, missing: Container[tuple[str, str]]
) -> tuple[DaemonSet, ...]:
    """All DaemonSets that may be listed, less those created since they were missed."""
    for place in ("", namespace):
        try:
            listed: tuple[DaemonSet, ...] = ask(transport, Request(_DAEMON_SETS, place)).objects
        except Refusal:
            continue
        return tuple(item for item in listed if (item.namespace, item.name) not in missing)
    return ()


def instead(transport: Transport, scope: Scope) -> list[Read]:
    """What tells why there is nothing: the scope's namespace; if it does not exist, all of them."""
    if scope.names or not scope.namespace:
        return []
    try:
        found = ask(transport, Request(_NAMESPACES, name=scope.namespace))
    except Refusal as refusal:
        return [read(transport, Request(_NAMESPACES))] if refusal.status == 404 else []
    return [Read(_NAMESPACES, found.objects)]
