"""Our models against the official client's, which are generated from the API's own description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from kubernetes.client import models
from msgspec import inspect

from kubectl_ds.core.pods import PodTemplate
from kubectl_ds.read.kinds import KINDS

# Where the client knows no better: a quantity is text to it, an int or text an object.
SCALARS = {
    inspect.StrType: {"str", "object", "datetime"},
    inspect.IntType: {"int", "object"},
    inspect.BoolType: {"bool"},
    inspect.DateTimeType: {"datetime"},
}
# One class serves all conditions; of those only a node's have a heartbeat.
SHARED = {"V1Pod.status.conditions[].lastHeartbeatTime is not in V1PodCondition"}


def pairs() -> Iterator[tuple[str, type[Any]]]:
    """The client's name of each model that is decoded by itself, and ours."""
    version = {"Event": "CoreV1"}
    yield from ((f"{version.get(kind.kind, 'V1')}{kind.kind}", kind.model) for kind in KINDS)
    yield "V1PodTemplateSpec", PodTemplate


def differences(name: str, ours: type[Any], path: str) -> Iterator[str]:
    """Fields of ours that the client does not know, or knows as something else."""
    theirs = getattr(models, name)
    types = {theirs.attribute_map[key]: kind for key, kind in theirs.openapi_types.items()}
    for field in inspect.type_info(ours).fields:  # type: ignore[attr-defined]
        where = f"{path}.{field.encode_name}"
        if field.encode_name not in types:
            yield f"{where} is not in {name}"
        else:
            yield from compared(field.type, types[field.encode_name], where)


def compared(ours: inspect.Type, theirs: str, path: str) -> Iterator[str]:
    if isinstance(ours, inspect.UnionType):
        for each in ours.types:
            if not isinstance(each, inspect.NoneType):
                yield from compared(each, theirs, path)
    elif isinstance(ours, inspect.StructType):
        yield from differences(theirs, ours.cls, path)
    elif isinstance(ours, (inspect.VarTupleType, inspect.ListType)):
        yield from compared(ours.item_type, inner("List", theirs, path), f"{path}[]")
    elif isinstance(ours, inspect.DictType):
        yield from compared(ours.value_type, inner("Dict", theirs, path), f"{path}{{}}")
    elif type(ours) in SCALARS and theirs not in SCALARS[type(ours)]:
        yield f"{path} is {theirs}, not {type(ours).__name__}"


def inner(shape: str, theirs: str, path: str) -> str:
    match = re.fullmatch(rf"{shape}\[(?:str, )?(.*)\]", theirs)
    assert match, f"{path} is {theirs}, not a {shape}"
    return match[1]


@pytest.mark.parametrize(
    ("name", "ours"), list(pairs()), ids=lambda item: getattr(item, "__name__", item)
)
def test_every_field_is_one_of_the_api(name: str, ours: type[Any]) -> None:
    assert set(differences(name, ours, name)) <= SHARED


def test_a_wrong_name_is_found() -> None:
    class Wrong(msgspec.Struct, rename="camel"):
        node_nam: str = ""
        containers: int = 0

    assert list(differences("V1PodSpec", Wrong, "spec")) == [
        "spec.nodeNam is not in V1PodSpec",
        "spec.containers is List[V1Container], not IntType",
    ]
