"""What all values are made of: their base, times, metadata, conditions, and the decoder."""

from __future__ import annotations

from datetime import datetime
from threading import RLock
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kubectl_ds.core import quantity
from kubectl_ds.core.quantity import Quantity

Time = Annotated[datetime, Meta(tz=True)]
Labels = dict[str, str]
Quantities = dict[str, Quantity]


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """Base of all values: immutable, compared by content, camelCase outside."""


class OwnerReference(Value, frozen=True):
    kind: str
    name: str
    uid: str
    controller: bool | None = None


class ManagedFieldsEntry(Value, frozen=True):
    time: Time | None = None


class ObjectMeta(Value, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: Labels | None = None
    annotations: Labels | None = None
    finalizers: tuple[str, ...] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    managed_fields: tuple[ManagedFieldsEntry, ...] | None = None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner reference with ``controller: true``, or None."""
        for reference in self.owner_references or ():
            if reference.controller:
                return reference
        return None


class Condition(Value, frozen=True):
    type: str
    status: str = ""
    reason: str = ""
    message: str = ""
    last_heartbeat_time: Time | None = None
    last_transition_time: Time | None = None


def condition(conditions: tuple[Condition, ...] | None, kind: str) -> Condition | None:
    """The condition of that type, or None where the list has none."""
    for item in conditions or ():  # asked of every pod and node: a generator takes twice as long
        if item.type == kind:
            return item
    return None


def _decode_custom(kind: type, value: Any) -> Any:
    if kind is Quantity:
        return quantity.parse(value)
    raise NotImplementedError(kind)


def decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    """The JSON decoder of one kind of value; any thread may ask for it.

    Its ``decode`` raises ``msgspec.ValidationError`` with the path of the wrong field, and
    ``msgspec.DecodeError`` where the bytes are no JSON.
    """
    known = _decoders.get(kind)
    if known is None:
        with _learning:  # msgspec crashes where two threads have it learn the same types
            known = _decoders[kind] = msgspec.json.Decoder(kind, dec_hook=_decode_custom)
    return known


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_learning = RLock()
