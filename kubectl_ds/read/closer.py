"""A closer look at where pods are missing, wait or are in trouble, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kubectl_ds.core.model import Unread
from kubectl_ds.core.needs import Needs
from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read.answers import Read, denied, in_parallel, read
from kubectl_ds.read.ask import Request, ask
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.requests import nominated, occupants, of_classes, of_events, of_volumes

MANY_NODES = 100

_PODS = BY_FIELD["pods"]
_OTHERS = "other pods on the nodes that pods wait for"


def closer(transport: Transport, open_questions: Needs) -> list[Read]:
    """Read what may refuse pods, what volumes they wait for, and the events about them.

    Raises:
        ClusterError: the server can't be reached.
    """
    requests = [
        *of_classes(open_questions.classes),
        *of_volumes(open_questions.claiming),
        *of_events(open_questions.troubled),
    ]
    return in_parallel(partial(read, transport), requests)


def neighbours(transport: Transport, nodes: Sequence[str]) -> tuple[list[Read], frozenset[str]]:
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
        return [Read(_PODS, unread=(Unread(what=_OTHERS, why=why),))], frozenset()
    left = len(nodes) - len(few)
    why = f"read for {len(few)} nodes, for {left} more the scheduler's words stand alone"
    unread = (Unread(what=_OTHERS, why=why),) if left else ()
    return [*(Read(_PODS, pods) for pods in found), Read(_PODS, unread=unread)], frozenset(few)


def _pods(transport: Transport, request: Request) -> tuple[Any, ...]:
    return ask(transport, request).objects
