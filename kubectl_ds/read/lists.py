"""Lists of several namespaces: of all at once, or where that is forbidden, of each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from kubectl_ds.read.answers import Read, Reader, in_parallel, read
from kubectl_ds.read.ask import Request, Server
from kubectl_ds.read.requests import MANY_NAMESPACES

MOST_NAMESPACES = 50  # that are asked for one by one, at most

Lists = Callable[[int], Sequence[Request]]
"""Makes the requests, given of how many namespaces each is still to be asked for by itself."""


def read_lists(transport: Server, lists: Lists, reader: Reader = read) -> list[Read]:
    """Send requests; of a kind that is not essential, a refusal is an answer too.

    Args:
        transport: the server.
        lists: what to ask for.
        reader: reads the answer to one of them.

    Raises:
        ClusterError: no answer, or an essential request was refused.
    """
    found = in_parallel(partial(reader, transport), lists(MANY_NAMESPACES))
    return in_each(transport, found, lists, reader)


def in_each(
    transport: Server, found: Iterable[Read], lists: Lists, reader: Reader = read
) -> list[Read]:
    """The same answers; in place of those kinds that may be listed in some namespaces alone, these.

    Args:
        transport: the server.
        found: the answers to what ``lists`` asks for at first.
        lists: what was asked for.
        reader: reads the answer to one request.

    Raises:
        ClusterError: see ``read_lists``.
    """
    found = list(found)
    closed = {each.kind for each in found if each.refused and _is_wide(*each.refused)}
    narrow = [item for item in lists(MOST_NAMESPACES) if item.kind in closed and item.place]
    again = in_parallel(partial(reader, transport), narrow)
    opened = {each.kind for each in again if not each.refused}
    kept = [each for each in found if each.kind not in opened]
    return [*kept, *(each for each in again if each.kind in opened)]


def _is_wide(request: Request, status: int) -> bool:
    """Whether what was refused is a right to all namespaces at once."""
    return status == 403 and not request.place and request.in_namespaces
