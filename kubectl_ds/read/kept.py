"""The objects of one list, kept as its watch tells of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from msgspec import structs

from kubectl_ds.core.model import ControllerRevision, Node
from kubectl_ds.read.answers import Read
from kubectl_ds.read.kinds import Kind


class Kept:
    """Objects of one kind; one thread may change them while another one reads them."""

    def __init__(self, kind: Kind) -> None:
        self._lock = threading.Lock()
        self._read = Read(kind)
        self._objects: dict[tuple[str, str], Any] = {}

    @property
    def whole(self) -> bool:
        """Whether every object could be read and decoded."""
        return not (self._read.unread or self._read.refused)

    def read(self) -> Read:
        """What is there by now."""
        with self._lock:
            return self._read._replace(objects=tuple(self._objects.values()))

    def replace(self, found: Read) -> bool:
        """Take a list in place of what was there; says whether anything that counts differs."""
        fresh = {_key(item): item for item in _bare(found.objects)}
        read = found._replace(objects=(), version="")
        with self._lock:
            changed = (fresh, read) != (self._objects, self._read)
            # What is equal stays the same object, which is quick to compare from then on.
            kept = {key: item for key, item in self._objects.items() if fresh.get(key) == item}
            self._objects, self._read = {**fresh, **kept}, read
        return changed

    def put(self, item: Any) -> bool:
        """Take an object, new or changed; says whether anything that counts differs."""
        (item,) = _bare([item])
        key = _key(item)
        with self._lock:
            if self._objects.get(key) == item:
                return False
            self._objects[key] = item
        return True

    def drop(self, item: Any) -> bool:
        """Forget an object; says whether it was there."""
        with self._lock:
            return self._objects.pop(_key(item), None) is not None


def _key(item: Any) -> tuple[str, str]:
    return item.metadata.namespace, item.metadata.name


def _bare(items: Iterable[Any]) -> Iterable[Any]:
    """Objects without what changes all the time and no rule reads."""
    for item in items:
        metadata = structs.replace(item.metadata, resource_version="")
        if not isinstance(item, ControllerRevision):  # theirs tell when one was taken up again
            metadata = structs.replace(metadata, managed_fields=None)
        bare = structs.replace(item, metadata=metadata)
        yield _without_heartbeats(bare) if isinstance(item, Node) else bare


def _without_heartbeats(node: Node) -> Node:
    conditions = tuple(
        structs.replace(item, last_heartbeat_time=None) for item in node.status.conditions or ()
    )
    return structs.replace(node, status=structs.replace(node.status, conditions=conditions))
