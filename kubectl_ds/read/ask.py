"""What can be asked of an API server, and the objects that it answers with.

Lists follow kubectl: no resourceVersion (the most recent state), pages of 500, each decoded as it
arrives, read to the end even where a page is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Raw

from kubectl_ds.core.meta import Value, decoder
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.errors import ClusterError, UsageError
from kubectl_ds.kube.connection import one_line
from kubectl_ds.kube.transport import Refusal
from kubectl_ds.read.kinds import Kind, object_title

PAGE = 500
RESTARTS = 3
EXPIRED = 410

_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Item = TypeVar("Item")
Result = TypeVar("Result")


class Server(Protocol):
    """What answers to GET: a ``Transport``, or what stands before one."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """See ``Transport.get``."""


class Request(NamedTuple):
    """One object to get, or one list: of all namespaces where it names none.

    Attributes:
        kind: of which kind.
        namespace: in which namespace; empty for all of them, and where the kind has none.
        name: which object; empty for a list.
        labels: the label selector of a list.
        fields: the field selector of a list.
        any_one: whether one item is enough, if there is any.
    """

    kind: Kind
    namespace: str = ""
    name: str = ""
    labels: str = ""
    fields: str = ""
    any_one: bool = False

    @property
    def place(self) -> str:
        """The namespace that it is about, of which a Namespace's own name is one; maybe empty."""
        return self.name if self.kind.resource == "namespaces" else self.namespace

    @property
    def in_namespaces(self) -> bool:
        """Whether the right to it can be had in one namespace alone."""
        return self.kind.namespaced or self.kind.resource == "namespaces"

    @property
    def path(self) -> str:
        version = self.kind.api_version
        parts = ["/apis" if "/" in version else "/api", version]
        if self.namespace:
            parts += ["namespaces", _segment(self.namespace)]
        parts.append(self.kind.resource)
        return "/".join([*parts, _segment(self.name)] if self.name else parts)

    @property
    def query(self) -> dict[str, str]:
        if self.name:
            return {}
        selectors = {"labelSelector": self.labels, "fieldSelector": self.fields}
        limit = 1 if self.any_one else PAGE
        return {"limit": str(limit)} | {key: value for key, value in selectors.items() if value}

    def __str__(self) -> str:
        """What it does, to come after "may not"."""
        what = f"get {self.kind.kind} {self.name}" if self.name else f"list {self.kind.resource}"
        if self.namespace:
            return f"{what} in namespace {self.namespace}"
        return f"{what} in all namespaces" if self.kind.namespaced else what


class Objects(NamedTuple):
    """The objects of an answer.

    Attributes:
        objects: those that could be decoded.
        problems: of each that could not, its name and why.
        version: the resourceVersion of a list, from which a watch goes on.
    """

    objects: tuple[Any, ...]
    problems: tuple[str, ...] = ()
    version: str = ""


class _ListMeta(Value, frozen=True):
    continue_: str = msgspec.field(name="continue", default="")
    resource_version: str = ""


class Page(Value, Generic[Item], frozen=True):
    """One page of a list."""

    kind: str = ""
    metadata: _ListMeta = _ListMeta()
    items: tuple[Item, ...] | None = None


class _Head(Value, frozen=True):
    kind: str = ""


def ask(transport: Server, request: Request) -> Objects:
    """Send a request, or as many as its list has pages.

    A list that expires while it is read begins again, ``RESTARTS`` times at most.

    Raises:
        Refusal: the server answered with another status than success.
        ClusterError: no answer, one that is not of a Kubernetes API, or one with an object of an
            essential kind that can't be decoded.
        UsageError: a name that can't be one.
    """
    if request.name:
        return _one(transport.get(request.path), request)
    return from_the_start(lambda: _joined(pages(transport, request, _page)))


def from_the_start(read: Callable[[], Result]) -> Result:
    """Read a list; where it expires meanwhile, begin again, ``RESTARTS`` times at most."""
    for _ in range(RESTARTS):
        try:
            return read()
        except Refusal as refusal:
            if refusal.status != EXPIRED:
                raise
    return read()


def _joined(found: Iterator[Objects]) -> Objects:
    objects: list[Any] = []
    problems: list[str] = []
    version = ""
    for page in found:
        objects += page.objects
        problems += page.problems
        version = version or page.version
    return Objects(tuple(objects), tuple(problems), version)


def pages(
    transport: Server, request: Request, read: Callable[[bytes, Request], tuple[Result, str]]
) -> Iterator[Result]:
    """The pages of a list, one after the other.

    Args:
        transport: the server.
        request: the list.
        read: makes of a body what is wanted, and the token that asks for the next page.

    Raises:
        Refusal: the server answered with another status than success.
        ClusterError: no answer, or a list that never ends.
    """
    query, seen = request.query, {""}
    token = None
    while token != "":
        page, token = read(transport.get(request.path, query), request)
        yield page
        if request.any_one:
            return
        if token in seen - {""}:
            raise ClusterError(f"the server's list of {request.kind.resource} has no end")
        seen.add(token)
        query = {**query, "continue": token}


def _page(body: bytes, request: Request) -> tuple[Objects, str]:
    """The objects of one page, and the token that asks for the next one."""
    model: Any = request.kind.model
    try:
        page = decoder(Page[model]).decode(body)
        objects = Objects(tuple(map(_whole, page.items or ())))
    except msgspec.ValidationError:
        page = raw_page(body, request)
        objects = one_by_one(page.items or (), request)
    except _NOT_JSON as error:
        raise _unreadable(request, error) from error
    token = next_token(page, request)
    return objects._replace(version=page.metadata.resource_version), token


def next_token(page: Page[Any], request: Request) -> str:
    """The token that asks for the next page; empty on the last one.

    Raises:
        ClusterError: it is no page of the list that was asked for.
    """
    _check_kind(page.kind, f"{request.kind.kind}List", request)
    return page.metadata.continue_


def _one(body: bytes, request: Request) -> Objects:
    _check_kind(_decode(body, _Head, request).kind, request.kind.kind, request)
    return one_by_one((Raw(body),), request)


def raw_page(body: bytes, request: Request) -> Page[Raw]:
    """A page with its objects undecoded.

    Raises:
        ClusterError: it is no page at all.
    """
    page: Page[Raw] = _decode(body, Page[Raw], request)
    return page


def one_by_one(items: Iterable[Raw], request: Request) -> Objects:
    """Decode objects each by itself, so that a bad one does not spoil the others.

    Raises:
        ClusterError: one of an essential kind can't be decoded.
    """
    objects: list[Any] = []
    problems: list[str] = []
    for item in items:
        try:
            objects.append(_whole(decoder(request.kind.model).decode(item)))
        except _NOT_JSON as error:
            problem = f"{object_title(request.kind, item)}: {one_line(str(error))}"
            if request.kind.essential:
                raise _unreadable(request, problem) from error
            problems.append(problem)
    return Objects(tuple(objects), tuple(problems))


def _whole(item: Any) -> Any:
    """The same object, once the part that its model leaves for later is known to be good."""
    if isinstance(item, DaemonSet):
        _ = item.template
    return item


def _decode(body: bytes, model: Any, request: Request) -> Any:
    try:
        return decoder(model).decode(body)
    except _NOT_JSON as error:
        raise _unreadable(request, error) from error


def _check_kind(kind: str, wanted: str, request: Request) -> None:
    if kind != wanted:
        raise _unreadable(request, f"it is no {wanted}")


def _unreadable(request: Request, problem: Exception | str) -> ClusterError:
    return ClusterError(
        f"can't read the server's answer to GET {request.path}: {one_line(str(problem))}; "
        "is this the API of a cluster, with nothing in between?"
    )


def _segment(name: str) -> str:
    """A name in a path; no object has any other (apimachinery ``api/validation/path``)."""
    if name in (".", "..") or "/" in name or "%" in name:
        raise UsageError(f'"{one_line(name)}" is no name of a Kubernetes object')
    return quote(name, safe="")
