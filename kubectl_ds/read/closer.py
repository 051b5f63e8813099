"""A closer look at where pods are missing, wait or are in trouble, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.lean import without
from kubectl_ds.core.model import DaemonSet, Unread
from kubectl_ds.core.needs import OTHERS, Needs, needs
from kubectl_ds.kube.transport import Refusal
from kubectl_ds.read.answers import (
    Read,
    Reader,
    cluster,
    denied,
    in_parallel,
    read,
    trace,
    unasked,
    untraced,
)
from kubectl_ds.read.ask import Request, Server, ask
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.lists import read_lists
from kubectl_ds.read.requests import (
    ON_DEMAND,
    nominated,
    occupants,
    of_classes,
    of_events,
    of_volumes,
)
from kubectl_ds.read.version import server_version

MANY_NODES = 100

_DAEMON_SETS = BY_FIELD["daemon_sets"]
_PODS = BY_FIELD["pods"]


def completed(
    transport: Server,
    now: Callable[[], datetime],
    daemon_sets: tuple[DaemonSet, ...],
    around_them: Sequence[Read],
    crowds: Sequence[Crowd] = (),
    reader: Reader = read,
) -> Fleet:
    """The cluster with what only pods that are missing, waiting or in trouble make it read.

    Args:
        transport: the server.
        now: tells the server's time.
        daemon_sets: those asked about.
        around_them: the answers to ``requests.around``.
        crowds: pods of theirs that are not among these answers, for they are plainly up.
        reader: reads the answer to one request.

    Raises:
        ClusterError: the server can't be reached.
    """
    pods = [pod for each in around_them if each.kind is _PODS for pod in each.objects]
    traces = [trace(transport, name) for name in untraced(pods)]
    first = [Read(_DAEMON_SETS, daemon_sets), *around_them, *traces]
    found = cluster(now(), first, crowds=tuple(crowds))
    fleet = Fleet(found)
    open_questions = needs(fleet, daemon_sets)
    more = closer(transport, open_questions, reader)
    there, whole = neighbours(transport, open_questions.nodes)
    left = Read(_DAEMON_SETS, unread=unasked(ON_DEMAND, more))
    complete = cluster(
        now(),
        [*first, *more, *there, left],
        crowds=without(crowds, [pod for each in there for pod in each.objects]),
        occupants_of=whole,
        version=server_version(transport) if open_questions.version else None,
    )
    return fleet.with_more(complete)


def closer(transport: Server, open_questions: Needs, reader: Reader = read) -> list[Read]:
    """Read what may refuse pods, what volumes they wait for, and the events about them.

    Raises:
        ClusterError: the server can't be reached.
    """
    others = of_volumes(open_questions.claiming), of_events(open_questions.troubled)
    return read_lists(
        transport,
        lambda many: [*of_classes(open_questions.classes, many), *chain.from_iterable(others)],
        reader,
    )


def neighbours(transport: Server, nodes: Sequence[str]) -> tuple[list[Read], frozenset[str]]:
    """Read the pods of all owners on a few nodes.

    Returns:
        What was read, and of which nodes it is all that is there: of none where the server does
        not let us see the pods of all namespaces.

    Raises:
        ClusterError: the server can't be reached.
    """
    few = nodes[:MANY_NODES]
    if not few:
        return [], frozenset()
    requests = [*map(occupants, few), nominated()]
    try:
        found = in_parallel(partial(_pods, transport), requests)
    except Refusal as refusal:
        why = denied(requests[0], refusal)
        return [Read(_PODS, unread=(Unread(what=OTHERS, why=why),))], frozenset()
    left = len(nodes) - len(few)
    why = f"read for {len(few)} nodes, for {left} more the scheduler's words stand alone"
    unread = (Unread(what=OTHERS, why=why),) if left else ()
    return [*(Read(_PODS, pods) for pods in found), Read(_PODS, unread=unread)], frozenset(few)


def _pods(transport: Server, request: Request) -> tuple[Any, ...]:
    return ask(transport, request).objects
