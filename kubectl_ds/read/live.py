"""A live API in, a ``core.model.Cluster`` out: what to ask for, and what a refusal means."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple

from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Cluster, DaemonSet, Unread
from kubectl_ds.core.pods import DEFAULT_SCHEDULER, LabelSelector
from kubectl_ds.core.scope import Scope
from kubectl_ds.errors import ClusterError, UsageError
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.transport import THREADS, Refusal, Transport
from kubectl_ds.read.ask import EXPIRED, Objects, Request, ask
from kubectl_ds.read.kinds import BY_FIELD, KINDS, Kind
from kubectl_ds.read.loaded import Loaded

MANY_NAMESPACES = 5
FEW_DAEMON_SETS = 4

_DAEMON_SETS = BY_FIELD["daemon_sets"]
_EVENTS = BY_FIELD["events"]
_NAMESPACES = BY_FIELD["namespaces"]
_PODS = BY_FIELD["pods"]
_OPERATORS = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})"}
_OPERATORS |= {"Exists": "{key}", "DoesNotExist": "!{key}"}


class _Read(NamedTuple):
    kind: Kind
    objects: tuple[Any, ...] = ()
    unread: tuple[Unread, ...] = ()


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
        daemon_sets, exist = _in_scope(transport, scope)
        if exist:
            reads = _in_parallel(transport, _requests(daemon_sets))
            reads += [_trace(transport, name) for name in _untraced(reads)]
        else:
            reads = [] if scope.names else _namespaces(transport, scope)
        now = transport.time or datetime.now(timezone.utc)
        cluster = _cluster(now, [_Read(_DAEMON_SETS, daemon_sets), *reads])
        return Loaded(cluster, transport.warnings)


def _in_scope(transport: Transport, scope: Scope) -> tuple[tuple[DaemonSet, ...], bool]:
    """The DaemonSets, and whether they are those of the scope and not others for their names."""
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
        raise _refused(request, refusal) from None


def _named(transport: Transport, namespace: str, name: str) -> DaemonSet | None:
    request = Request(_DAEMON_SETS, namespace, name)
    try:
        objects: tuple[DaemonSet, ...] = ask(transport, request).objects
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise _refused(request, refusal) from None
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


def _namespaces(transport: Transport, scope: Scope) -> list[_Read]:
    """The scope's one namespace; where that does not exist, all of them."""
    if not scope.namespace:
        return []
    try:
        found = ask(transport, Request(_NAMESPACES, name=scope.namespace))
    except Refusal as refusal:
        return [_read(transport, Request(_NAMESPACES))] if refusal.status == 404 else []
    return [_Read(_NAMESPACES, found.objects)]


def _requests(daemon_sets: Sequence[DaemonSet]) -> list[Request]:
    """What else to read: in the namespaces concerned, or in all of them where those are many."""
    namespaces = sorted({item.namespace for item in daemon_sets})
    places = namespaces if len(namespaces) <= MANY_NAMESPACES else [""]
    kinds = [kind for kind in KINDS if kind is not _DAEMON_SETS]
    requests = [
        request
        for kind in kinds
        for place in places
        for request in _requests_for(kind, place, daemon_sets)
    ]
    return list(dict.fromkeys(requests))


def _requests_for(kind: Kind, place: str, daemon_sets: Sequence[DaemonSet]) -> list[Request]:
    if kind is _NAMESPACES:
        return [Request(kind, name=place)]
    if kind is _EVENTS:
        return [Request(kind, place, fields=_event_fields(daemon_sets))]
    if kind is _PODS:
        here = [item for item in daemon_sets if item.namespace == place]
        return [Request(kind, place, labels=labels) for labels in _selectors(here)]
    return [Request(kind, place if kind.namespaced else "")]


def _event_fields(daemon_sets: Sequence[DaemonSet]) -> str:
    fields = "involvedObject.kind=DaemonSet"
    if len(daemon_sets) == 1:
        fields += f",involvedObject.name={daemon_sets[0].name}"
    return fields


def _selectors(daemon_sets: Sequence[DaemonSet]) -> list[str]:
    """Of the DaemonSets of one namespace; beyond a few, all its pods at once cost less."""
    if not 0 < len(daemon_sets) <= FEW_DAEMON_SETS:
        return [""]
    return [selector_text(item.spec.selector) for item in daemon_sets]


def selector_text(selector: LabelSelector) -> str:
    """A label selector as the API's ``labelSelector`` parameter takes it."""
    parts = [f"{key}={value}" for key, value in (selector.match_labels or {}).items()]
    for item in selector.match_expressions or ():
        values = ",".join(item.values or ())
        parts.append(_OPERATORS[item.operator].format(key=item.key, values=values))
    return ",".join(parts)


def _in_parallel(transport: Transport, requests: Sequence[Request]) -> list[_Read]:
    pool = ThreadPoolExecutor(THREADS)
    try:
        return list(pool.map(partial(_read, transport), requests))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # one failure is enough to stop


def _read(transport: Transport, request: Request) -> _Read:
    try:
        found = ask(transport, request)
    except Refusal as refusal:
        if request.kind.essential or refusal.status not in (403, 404, EXPIRED):
            raise _refused(request, refusal) from None
        return _Read(request.kind, unread=(_unread(request, refusal.status),))
    return _Read(request.kind, found.objects, _undecoded(request.kind, found))


def _untraced(reads: Iterable[_Read]) -> list[str]:
    """Schedulers, other than the default one, that left no mark on a pod which waits for them."""
    names = {
        pod.spec.scheduler_name
        for read in reads
        if read.kind is _PODS
        for pod in read.objects
        if not (pod.spec.node_name or condition(pod.status.conditions, "PodScheduled"))
    }
    return sorted(names - {DEFAULT_SCHEDULER})


def _trace(transport: Transport, scheduler: str) -> _Read:
    """Any event by which a scheduler shows that it is there."""
    request = Request(_EVENTS, fields=f"reportingComponent={scheduler}", any_one=True)
    try:
        return _Read(_EVENTS, ask(transport, request).objects)
    except Refusal as refusal:
        why = f"whether it runs can't be told: {refusal.words or refusal}"
        return _Read(_EVENTS, unread=(Unread(what=f"scheduler {scheduler}", why=why),))


def _undecoded(kind: Kind, found: Objects) -> tuple[Unread, ...]:
    if not found.problems:
        return ()
    more = f", and {len(found.problems) - 1} more" if len(found.problems) > 1 else ""
    return (Unread(what=kind.resource, why=f"can't be decoded: {found.problems[0]}{more}"),)


def _unread(request: Request, status: int) -> Unread:
    why = {
        403: f"forbidden: may not {request}",
        404: f"the server has none: can't {request}",
        EXPIRED: f"the list expired again and again: can't {request}",
    }
    return Unread(what=request.kind.resource, why=why[status])


def _refused(request: Request, refusal: Refusal) -> ClusterError:
    """The refusal as it is, but for a missing right: that names what is missing."""
    if refusal.status != 403:
        return refusal
    advice = "ask for that right, or choose another --context, --user or --as"
    if request.kind.namespaced and not request.namespace:
        advice = "name a namespace with -n, or " + advice
    words = f": {refusal.words}" if refusal.words else ""
    return ClusterError(f"may not {request}{words}; {advice}")


def _cluster(now: datetime, reads: Iterable[_Read]) -> Cluster:
    fields: dict[str, dict[tuple[str, str], Any]] = {kind.field: {} for kind in KINDS}
    unread: dict[Unread, None] = {}
    for read in reads:
        for item in read.objects:
            # Two selectors may match the same pod.
            fields[read.kind.field][item.metadata.namespace, item.metadata.name] = item
        unread |= dict.fromkeys(read.unread)
    objects: dict[str, Any] = {field: tuple(found.values()) for field, found in fields.items()}
    return Cluster(now=now, unread=tuple(unread), **objects)
