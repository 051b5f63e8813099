"""Which DaemonSets of a live cluster are asked about; where there are none, why."""

from __future__ import annotations

from collections.abc import Container

from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import UsageError
from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read.answers import Read, cluster, now, read, refused
from kubectl_ds.read.ask import Request, ask
from kubectl_ds.read.kinds import BY_FIELD

_DAEMON_SETS = BY_FIELD["daemon_sets"]
_NAMESPACES = BY_FIELD["namespaces"]


def listed(transport: Transport, scope: Scope) -> Cluster:
    """A cluster that holds the DaemonSets of a scope and nothing else.

    Args:
        transport: the server.
        scope: the DaemonSets asked about; names need a namespace.

    Returns:
        Where there are none, what it takes to say so: for a name that does not exist the
        DaemonSets that can be listed, for a namespace without any the namespace, and if that does
        not exist those that do.

    Raises:
        ClusterError: the server can't be reached, or refused.
        UsageError: the server can't parse the selector, or a name is none.
    """
    daemon_sets, exist = in_scope(transport, scope)
    reads = [Read(_DAEMON_SETS, daemon_sets), *([] if exist else instead(transport, scope))]
    return cluster(now(transport), reads)


def in_scope(transport: Transport, scope: Scope) -> tuple[tuple[DaemonSet, ...], bool]:
    """The DaemonSets, and whether they are those of the scope and not others for their names.

    Raises:
        ClusterError, UsageError: see ``listed``.
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
