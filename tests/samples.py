"""A value of any evidence class, made from its types, so that no class is left out of a test."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, TypeVar

import msgspec

from kubectl_ds.core.facts import ContainerFacts, Facts

Kind = TypeVar("Kind", bound=Facts)


def sample(kind: type[Kind], **changes: Any) -> Kind:
    """Evidence of that class with every field filled in; ``changes`` override fields."""
    built: Kind = _build(msgspec.inspect.type_info(kind), kind.__name__)
    return msgspec.structs.replace(built, **changes)


def _build(kind: Any, name: str) -> Any:
    if isinstance(kind, msgspec.inspect.Metadata):
        quantity = (kind.extra_json_schema or {}).get("x-unit") == "quantity"
        return "3" if quantity else _build(kind.type, name)
    if isinstance(kind, msgspec.inspect.UnionType):
        return _build(kind.types[0], name)
    if isinstance(kind, msgspec.inspect.StructType) and kind.cls is Facts:
        return sample(ContainerFacts)  # evidence of any class: what a code of no entry has
    if isinstance(kind, msgspec.inspect.StructType):
        return kind.cls(**{item.name: _build(item.type, item.name) for item in kind.fields})
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return (_build(kind.item_type, name),)
    if isinstance(kind, msgspec.inspect.BoolType):
        return True
    if isinstance(kind, msgspec.inspect.IntType):
        return 3
    if isinstance(kind, msgspec.inspect.DateTimeType):
        return datetime(2026, 11, 21, 8, 0, tzinfo=timezone.utc)
    return {"cause": "kubelet", "status": "False", "operator": "In"}.get(name, f"a-{name}")
