"""JSON documents in, a ``Cluster`` out: which object is of which kind, and which one counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, UnsetType, structs

from kubectl_ds.core import moment
from kubectl_ds.core.meta import ObjectMeta, Value, decoder
from kubectl_ds.core.model import Cluster, ControllerRevision, DaemonSet, Unread
from kubectl_ds.errors import InputError
from kubectl_ds.read.documents import Document
from kubectl_ds.read.kinds import KINDS, Kind, object_title
from kubectl_ds.read.paths import named_path

_NOT_DECODED = (msgspec.MsgspecError, ValueError, RecursionError)
_WANTED = {(kind.api_version, kind.kind): kind for kind in KINDS}
_WANTED_LISTS = {(kind.api_version, f"{kind.kind}List"): kind for kind in KINDS}


class _Head(Value, frozen=True):
    kind: str = ""
    api_version: str = ""
    items: Raw | UnsetType = msgspec.UNSET

    @property
    def of_kubernetes(self) -> bool:
        return bool(self.kind and self.api_version)


class _Other(Value, frozen=True):
    """An object of a kind that no rule reads; its times still say when things happened."""

    metadata: ObjectMeta = ObjectMeta()


class _OtherList(Value, frozen=True):
    items: tuple[_Other, ...] | None = None


class _Page(Value, frozen=True):
    continue_: str = msgspec.field(name="continue", default="")


class _Paged(Value, frozen=True):
    metadata: _Page = _Page()


class _Problem(NamedTuple):
    path: str
    text: str


class _Place(NamedTuple):
    """Where something stands: the file, and the path in it."""

    file: str
    path: str = ""

    def inside(self, path: str) -> _Place:
        return _Place(self.file, _below(self.path, path))

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


def _below(parent: str, path: str) -> str:
    dot = "." if parent and path and not path.startswith("[") else ""
    return f"{parent}{dot}{path}"


class Objects:
    """The objects that were read so far, of all files."""

    def __init__(self) -> None:
        self._found: dict[Kind, dict[tuple[str, str], Any]] = {kind: {} for kind in KINDS}
        self._listed: set[Kind] = set()
        self._skipped: dict[Kind, list[str]] = {}
        self._now = moment.EPOCH

    def add(self, document: Document, where: str) -> bool:
        """Take the objects of one document.

        Args:
            document: a well-formed JSON value: an object, a List or a typed list.
            where: what errors begin with: the file, and the document in it.

        Returns:
            Whether the document is of Kubernetes at all; if not, nothing was taken.

        Raises:
            InputError: a list is damaged, or a DaemonSet, Node or Pod can't be decoded.
        """
        head = _head(document)
        if head.api_version and not head.kind and head.items is not msgspec.UNSET:
            raise InputError(f"{where}: a list without its kind: the file is cut off or damaged")
        if not head.of_kubernetes:
            return False
        try:
            self._take(head, document, _Place(where))
        except RecursionError as error:
            raise InputError(f"{where} is nested too deeply to be Kubernetes objects") from error
        return True

    def cluster(self) -> Cluster:
        """All objects, with ``unread`` saying of which kinds there are none or not all."""
        fields: dict[str, Any] = {
            kind.field: tuple(found.values()) for kind, found in self._found.items()
        }
        return Cluster(now=self._now, unread=tuple(self._unread()), **fields)

    def warnings(self) -> tuple[str, ...]:
        """One line for each kind of which objects were skipped."""
        return tuple(f"skipped: {self._problems(kind)}" for kind in self._skipped)

    def _unread(self) -> Iterator[Unread]:
        for kind, found in self._found.items():
            if kind in self._skipped:
                yield Unread(what=kind.resource, why=self._problems(kind))
            elif not found and kind not in self._listed:
                yield Unread(what=kind.resource, why="none in the input; there may be some")

    def _problems(self, kind: Kind) -> str:
        first, *more = self._skipped[kind]
        return f"{first}, and {len(more)} more {kind.resource}" if more else first

    def _take(self, head: _Head, document: Document | Raw, place: _Place) -> None:
        wanted = head.api_version, head.kind
        if head.kind == "List":
            self._take_list(head, place)
        elif wanted in _WANTED:
            self._take_object(_WANTED[wanted], document, place)
        elif wanted in _WANTED_LISTS and head.items is not msgspec.UNSET:
            self._take_typed_list(_WANTED_LISTS[wanted], head, document, place)
        else:
            self._take_other(document)

    def _take_list(self, head: _Head, place: _Place) -> None:
        for item, item_place in _items(head, place):
            item_head = _head(item)
            if not item_head.of_kubernetes:
                raise InputError(f"{item_place}: no Kubernetes object: no apiVersion or no kind")
            self._take(item_head, item, item_place)

    def _take_typed_list(
        self, kind: Kind, head: _Head, document: Document | Raw, place: _Place
    ) -> None:
        """The items are of the list's kind; most servers leave theirs out."""
        self._listed.add(kind)
        if _is_part(document):
            where = place.inside("metadata.continue")
            self._skip(kind, f"{where}: one page of a list; save all {kind.resource}")
        for item, item_place in _items(head, place):
            self._take_object(kind, item, item_place)

    def _take_object(self, kind: Kind, document: Document | Raw, place: _Place) -> None:
        found = _decode(kind, document)
        if isinstance(found, _Problem):
            where = place.inside(found.path)
            self._skip(kind, f"{where}: {found.text} ({object_title(kind, document)})")
            self._take_other(document)
            return
        self._happened(found)
        key = found.metadata.namespace, found.metadata.name
        older = self._found[kind].get(key)
        if older is None or _supersedes(found.metadata, older.metadata):
            self._found[kind][key] = found

    def _skip(self, kind: Kind, problem: str) -> None:
        if kind.essential:
            raise InputError(problem)
        self._skipped.setdefault(kind, []).append(problem)

    def _take_other(self, document: Document | Raw) -> None:
        with suppress(*_NOT_DECODED):
            self._happened(decoder(_Other).decode(document))
        with suppress(*_NOT_DECODED):
            for item in decoder(_OtherList).decode(document).items or ():
                self._happened(item)

    def _happened(self, item: moment.Object) -> None:
        self._now = max(self._now, moment.newest(item))


def _head(document: Document | Raw) -> _Head:
    try:
        head: _Head = decoder(_Head).decode(document)
    except _NOT_DECODED:
        return _Head()
    return head


def _is_part(document: Document | Raw) -> bool:
    """Whether a list is one page of several, as the API gives it to who asks for a limit."""
    try:
        return bool(decoder(_Paged).decode(document).metadata.continue_)
    except _NOT_DECODED:
        return False


def _items(head: _Head, place: _Place) -> Iterator[tuple[Raw, _Place]]:
    if head.items is msgspec.UNSET:
        return
    try:
        items = msgspec.json.decode(head.items, type=tuple[Raw, ...] | None)
    except _NOT_DECODED as error:
        raise InputError(f"{place.inside('items')}: {_problem(error).text}") from error
    for index, item in enumerate(items or ()):
        yield item, place.inside(f"items[{index}]")


def _decode(kind: Kind, document: Document | Raw) -> Any | _Problem:
    """The object with its namespace, or what is wrong with it."""
    try:
        found = decoder(kind.model).decode(document)
    except _NOT_DECODED as error:
        problem = _problem(error)
        return problem._replace(path=named_path(document, problem.path, problem.text))
    if not found.metadata.name:
        return _Problem("metadata.name", "missing or empty")
    return _inner_problem(found) or _with_namespace(kind, found)


def _inner_problem(found: Any) -> _Problem | None:
    """What is wrong in the parts that the model leaves for later."""
    try:
        if isinstance(found, DaemonSet):
            path = "spec.template"
            _ = found.template
        elif isinstance(found, ControllerRevision):
            path = "data"
            msgspec.json.decode(found.data)
    except _NOT_DECODED as error:
        inner = _problem(error)
        raw = found.spec.template if isinstance(found, DaemonSet) else found.data
        inner_path = named_path(raw, inner.path, inner.text)
        return _Problem(_below(path, inner_path), inner.text)
    return None


def _with_namespace(kind: Kind, found: Any) -> Any:
    """The object as applied: kubectl puts one that names no namespace into ``default``."""
    if not kind.namespaced or found.metadata.namespace:
        return found
    metadata = structs.replace(found.metadata, namespace="default")
    return structs.replace(found, metadata=metadata)


def _supersedes(newer: ObjectMeta, older: ObjectMeta) -> bool:
    """Whether the one read last counts: unless the other's resourceVersion is higher."""
    versions = newer.resource_version, older.resource_version
    if not all(version.isascii() and version.isdecimal() for version in versions):
        return True
    last, first = (version.lstrip("0") for version in versions)
    return (len(last), last) >= (len(first), first)


def _problem(error: Exception) -> _Problem:
    """Where and what, of msgspec's ``Expected `str`, got `int` - at `$.metadata.name```."""
    text, found, path = str(error).rpartition(" - at `$")
    text = (text if found else path).replace("`", "")
    lowered = text[:1].lower() + text[1:] if text[1:2].islower() else text
    return _Problem(path.strip("`.") if found else "", lowered)
