"""What stands behind a reason: typed evidence, one class for codes that need the same keys.

Each field says what it is, its unit, and which side it comes from. ``asked`` is what was asked
of the node, or is the same on every node with that cause; ``own`` is the node's own value.
Nodes are folded into one row where all that was asked is equal.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
from msgspec import Meta

from kubectl_ds.core.meta import Value


def asked(description: str, unit: str | None = None, stamps: bool = False) -> Meta:
    """Mark a field whose value must be equal for two nodes to share a row.

    Where it may hold a time in digits (``stamps``), all such times count as equal.
    """
    return _meta(description, unit, own=False, stamps=stamps)


def own(description: str, unit: str | None = None) -> Meta:
    """Mark a field whose value may differ between nodes of one row."""
    return _meta(description, unit, own=True)


def _meta(description: str, unit: str | None, own: bool, stamps: bool = False) -> Meta:
    schema: dict[str, Any] = {"x-unit": unit} if unit else {}
    return Meta(
        description=description, extra_json_schema=schema, extra={"own": own, "stamps": stamps}
    )


class Facts(Value, frozen=True):
    """Base of all evidence."""


class NoFacts(Facts, frozen=True):
    """A reason that nothing but its code stands behind."""


def asked_of(facts: Value) -> tuple[Any, ...]:
    """The part of the evidence by which nodes are folded into one row."""
    return tuple(
        _asked(getattr(facts, name), stamps) for name, stamps in _asked_fields(type(facts))
    )


def _asked(value: Any, stamps: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_asked(item, stamps) for item in value)
    if isinstance(value, Value):
        return asked_of(value)
    return _STAMP.sub("#", value) if stamps else value


_STAMP = re.compile(r"[0-9]{8,}")


@cache
def _asked_fields(kind: type[Value]) -> tuple[tuple[str, bool], ...]:
    """The fields that are not the node's own, and whether each may hold a time in digits."""
    fields = getattr(msgspec.inspect.type_info(kind), "fields", ())
    marks = [(item.name, _extra(item.type)) for item in fields]
    return tuple((name, bool(extra.get("stamps"))) for name, extra in marks if not extra.get("own"))


def _extra(kind: msgspec.inspect.Type) -> dict[str, bool]:
    return (kind.extra or {}) if isinstance(kind, msgspec.inspect.Metadata) else {}
