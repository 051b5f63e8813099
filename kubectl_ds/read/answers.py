"""What the answers of an API server amount to: objects, and what is unread for want of a right."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple, TypeVar

from kubectl_ds.core.fleet import UNSEEN
from kubectl_ds.core.meta import condition
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.pods import DEFAULT_SCHEDULER, Pod
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.patience import fulfil
from kubectl_ds.kube.transport import THREADS, Refusal, Transport
from kubectl_ds.read.ask import EXPIRED, Objects, Request, Server, ask
from kubectl_ds.read.kinds import BY_FIELD, KINDS, Kind

_EVENTS = BY_FIELD["events"]
_NAMED = 5  # namespaces that a sentence names

UNASKED = "not asked for: nothing that was read seemed to depend on them"

Item = TypeVar("Item")
Result = TypeVar("Result")
Reader = Callable[[Server, Request], "Read"]


class Read(NamedTuple):
    """What was read of a kind.

    Attributes:
        kind: the kind.
        objects: its objects.
        unread: what could not be read of it.
        place: the namespace that was asked for; empty for all, and for the cluster as a whole.
        refused: the request, where the server refused it, and the status of the refusal.
        version: the resourceVersion of a list, from which a watch goes on.
    """

    kind: Kind
    objects: tuple[Any, ...] = ()
    unread: tuple[Unread, ...] = ()
    place: str = ""
    refused: tuple[Request, int] | None = None
    version: str = ""


def now(transport: Transport) -> datetime:
    """The server's time; ours where it has told none."""
    return transport.time or datetime.now(timezone.utc)


def in_parallel(
    do: Callable[[Item], Result], items: Iterable[Item], threads: int = THREADS
) -> list[Result]:
    """Do the same with each item, several at once; the results in the items' order.

    Raises:
        Exception: the first that one of them raised; those not begun yet are left.
    """
    tasks: deque[tuple[Future[Result], Item]] = deque((Future(), item) for item in items)
    futures = [future for future, _ in tasks]
    for _ in range(min(threads, len(futures))):
        # The process need not wait for its end, as it would for a ThreadPoolExecutor's.
        threading.Thread(target=_work, args=(do, tasks), name="reader", daemon=True).start()
    try:
        return [future.result() for future in futures]
    finally:
        tasks.clear()  # one failure is enough to stop


def _work(do: Callable[[Item], Result], tasks: deque[tuple[Future[Result], Item]]) -> None:
    with suppress(IndexError):
        while True:
            future, item = tasks.popleft()
            fulfil(future, partial(do, item))


def read(transport: Server, request: Request) -> Read:
    """Send a request; of a kind that is not essential, a refusal is an answer too.

    So is it that the server fails: events are often kept apart, and are the first to be lost.

    Raises:
        ClusterError: no answer, or an essential request was refused.
    """
    return _read(transport, request, _is_refused_or_failed)


def read_in_time(transport: Server, request: Request) -> Read:
    """The same for those who can wait: that the server fails is an error, and may be over soon.

    Raises:
        ClusterError: no answer, or an essential request was refused.
    """
    return _read(transport, request, _is_refused)


def _is_refused(status: int) -> bool:
    return status in (403, 404, EXPIRED)


def _is_refused_or_failed(status: int) -> bool:
    return _is_refused(status) or status == 429 or status >= 500


def _read(transport: Server, request: Request, is_an_answer: Callable[[int], bool]) -> Read:
    place = request.place
    try:
        found = ask(transport, request)
    except Refusal as refusal:
        if request.kind.essential or not is_an_answer(refusal.status):
            raise refused(request, refusal) from None
        return Read(request.kind, place=place, refused=(request, refusal.status))
    problems = _undecoded(request.kind, found)
    return Read(request.kind, found.objects, problems, place, version=found.version)


def untraced(pods: Iterable[Pod]) -> list[str]:
    """Schedulers, other than the default one, that left no mark on a pod which waits for them."""
    names = {
        pod.spec.scheduler_name
        for pod in pods
        if not (pod.spec.node_name or condition(pod.status.conditions, "PodScheduled"))
    }
    return sorted(names - {DEFAULT_SCHEDULER})


def trace(transport: Server, scheduler: str) -> Read:
    """Any event by which a scheduler shows that it is there."""
    request = Request(_EVENTS, fields=f"reportingComponent={scheduler}", any_one=True)
    try:
        return Read(_EVENTS, ask(transport, request).objects)
    except Refusal as refusal:
        why = f"whether it runs can't be told: {denied(request, refusal)}"
        return Read(_EVENTS, unread=(Unread(what=UNSEEN + scheduler, why=why),))


def denied(request: Request, refusal: Refusal) -> str:
    """Why a request brought nothing: the right that is missing, and the server's own words."""
    verb = "may not" if refusal.status == 403 else "can't"
    return f"{verb} {request}: {refusal.words or refusal}"


def _undecoded(kind: Kind, found: Objects) -> tuple[Unread, ...]:
    if not found.problems:
        return ()
    more = f", and {len(found.problems) - 1} more" if len(found.problems) > 1 else ""
    return (Unread(what=kind.resource, why=f"can't be decoded: {found.problems[0]}{more}"),)


def unread(reads: Iterable[Read]) -> dict[str, tuple[Unread, ...]]:
    """What could not be read, by the namespace concerned; under "" what concerns all of them.

    A kind that is refused in several namespaces is told in the same words of each.
    """
    found: dict[str, dict[Unread, None]] = {"": {}}
    refusals: dict[tuple[Kind, int], list[Request]] = {}
    for each in reads:
        found.setdefault(each.place, {}).update(dict.fromkeys(each.unread))
        if each.refused:
            request, status = each.refused
            refusals.setdefault((request.kind, status), []).append(request)
    for (_, status), requests in refusals.items():
        told = _unread(status, requests)
        for request in requests:
            found.setdefault(request.place, {})[told] = None
    everywhere = found[""].keys()
    own = {place: tuple(x for x in items if x not in everywhere) for place, items in found.items()}
    return {**own, "": tuple(everywhere)}


def _unread(status: int, requests: Sequence[Request]) -> Unread:
    what = _together(requests)
    why = {
        403: f"forbidden: may not {what}",
        404: f"the server has none: can't {what}",
        EXPIRED: f"the list expired again and again: can't {what}",
    }
    failed = f"the server failed with {status}: can't {what}"
    return Unread(what=requests[0].kind.resource, why=why.get(status, failed))


def _together(requests: Sequence[Request]) -> str:
    """What requests of one kind do, in the words of one."""
    places = {request.place: request for request in requests}
    first = places.get("") or requests[0]
    if len(places) == 1 or "" in places:
        return str(first)
    named = sorted(places)[:_NAMED]
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    names = ", ".join(named) + more
    if first.name:
        return f"get {first.kind.resource} {names}"
    return f"list {first.kind.resource} in namespaces {names}"


def unasked(
    kinds: Iterable[Kind], reads: Iterable[Read] = (), why: str = UNASKED
) -> tuple[Unread, ...]:
    """Of some kinds those that were not asked for, so that nothing is known of them."""
    asked = {each.kind for each in reads}
    left = (kind.resource for kind in kinds if kind not in asked)
    return tuple(Unread(what=name, why=why) for name in left)


def refused(request: Request, refusal: Refusal) -> ClusterError:
    """The refusal as it is, but for a missing right: that names what is missing."""
    if refusal.status != 403:
        return refusal
    advice = "ask for that right, or choose another --context, --user or --as"
    if request.kind.namespaced and not request.namespace:
        advice = "name a namespace with -n, or " + advice
    words = f": {refusal.words}" if refusal.words else ""
    return ClusterError(f"may not {request}{words}; {advice}")


def cluster(moment: datetime, reads: Iterable[Read], **more: Any) -> Cluster:
    """All that was read; ``more`` goes in as it is."""
    fields: dict[str, list[tuple[Any, ...]]] = {kind.field: [] for kind in KINDS}
    reads = list(reads)
    for each in reads:
        if each.objects:
            fields[each.kind.field].append(each.objects)
    objects: dict[str, Any] = {field: _merged(found) for field, found in fields.items()}
    left = unread(reads)
    everywhere = left.pop("")
    return Cluster(now=moment, unread=everywhere, unread_in=left, **{**objects, **more})


def _merged(lists: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The objects of several lists: two selectors may match the same pod."""
    if len(lists) == 1:
        return lists[0]
    found = {(x.metadata.namespace, x.metadata.name): x for objects in lists for x in objects}
    return tuple(found.values())
