"""Pods of a whole fleet, page by page, each reduced as it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from kubectl_ds.core.crowds import Gathering, Sketch
from kubectl_ds.core.meta import decoder
from kubectl_ds.kube.transport import Refusal, Transport
from kubectl_ds.read.answers import refused
from kubectl_ds.read.ask import (
    Page,
    Request,
    from_the_start,
    next_token,
    one_by_one,
    pages,
    raw_page,
)

Progress = Callable[[int], None]


def gather(transport: Transport, request: Request, progress: Progress) -> Gathering:
    """Read a list of pods, and keep of those that are plainly up no more than the rules ask.

    Args:
        transport: the server.
        request: the list.
        progress: told of how many more pods were read; may be called by several threads.

    Raises:
        ClusterError: the server can't be reached, or refused.
    """
    try:
        return from_the_start(partial(_read, transport, request, progress))
    except Refusal as refusal:
        raise refused(request, refusal) from None


def gather_on(transport: Transport, node: str, requests: Iterable[Request]) -> Gathering | None:
    """Read lists of the pods on one node.

    Returns:
        None where the server refuses them, or lists pods of other nodes too: then the first page
        is enough to know.

    Raises:
        ClusterError: no answer, or one that is not of a Kubernetes API.
    """
    gathering = Gathering()
    try:
        for request in requests:
            for _ in pages(transport, request, partial(_take, gathering)):
                if gathering.nodes - {node}:
                    return None
    except Refusal:
        return None
    return gathering


def _read(transport: Transport, request: Request, progress: Progress) -> Gathering:
    gathering = Gathering()
    for count in pages(transport, request, partial(_take, gathering)):
        progress(count)
    return gathering


def _take(gathering: Gathering, body: bytes, request: Request) -> tuple[int, str]:
    """Add the pods of a page; says how many it has, and how to ask for the next one."""
    try:
        page = decoder(Page[Sketch]).decode(body)
        for sketch in page.items or ():
            gathering.add(sketch)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _take_whole(gathering, body, request)
    return len(page.items or ()), next_token(page, request)


def _take_whole(gathering: Gathering, body: bytes, request: Request) -> tuple[int, str]:
    """The same for a page with something odd in it, which is then told as ``ask`` tells it."""
    page = raw_page(body, request)
    pods = one_by_one(page.items or (), request).objects
    for pod in pods:
        gathering.add(pod)
    return len(pods), next_token(page, request)
