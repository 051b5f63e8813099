"""The keys of evidence, by the types and descriptions that its classes carry."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.inspect import (
    BoolType,
    DateTimeType,
    DictType,
    IntType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from kubectl_ds.core.meta import Value

_PLAIN: dict[type[Type], str] = {
    BoolType: "boolean",
    DateTimeType: "time",
    IntType: "integer",
    StrType: "string",
}


class EvidenceKey(Value, frozen=True):
    """One key of the evidence.

    Attributes:
        key: its name in the documents, with those that it stands in: ``resources[].used``.
        type: what its value is.
        unit: what the value is counted in; empty where it is no number.
        meaning: what it tells.
    """

    key: str
    type: str
    unit: str
    meaning: str


def evidence_keys(kind: type[Value]) -> Iterator[EvidenceKey]:
    """The keys of a class of evidence, each before those inside it."""
    struct = type_info(kind)
    assert isinstance(struct, StructType)  # noqa: S101 - every Value is one
    return _keys(struct, "")


def _keys(struct: StructType, lead: str) -> Iterator[EvidenceKey]:
    for field in struct.fields:
        assert isinstance(field.type, Metadata)  # noqa: S101 - a test holds every field to it
        schema = field.type.extra_json_schema or {}
        name = f"{lead}{field.encode_name}"
        yield EvidenceKey(
            key=name,
            type=_name(field.type.type),
            unit=schema.get("x-unit", ""),
            meaning=schema["description"],
        )
        inner, mark = _inside(field.type.type)
        if inner is not None:
            yield from _keys(inner, f"{name}{mark}.")


def _name(kind: Type) -> str:
    if isinstance(kind, UnionType):
        return " or ".join(_name(item) for item in kind.types if not _is_null(item)) + " or null"
    if isinstance(kind, VarTupleType):
        return f"list of {_name(kind.item_type)}s"
    if isinstance(kind, DictType):
        return f"map of {_name(kind.value_type)}s"
    if isinstance(kind, StructType):
        return "object" if _described(kind) or not kind.fields else kind.cls.__name__
    return _PLAIN[type(kind)]


def _is_null(kind: Type) -> bool:
    return isinstance(kind, NoneType)


def _inside(kind: Type) -> tuple[StructType | None, str]:
    """The type whose keys stand inside a value, and the mark for one item of a list."""
    if isinstance(kind, UnionType):
        return _inside(next(item for item in kind.types if not _is_null(item)))
    if isinstance(kind, VarTupleType):
        return _inside(kind.item_type)[0], "[]"
    return (kind, "") if isinstance(kind, StructType) and _described(kind) else (None, "")


def _described(kind: StructType) -> bool:
    """Whether the class is one of ours; the Kubernetes API describes its own."""
    return bool(kind.fields) and all(isinstance(field.type, Metadata) for field in kind.fields)
