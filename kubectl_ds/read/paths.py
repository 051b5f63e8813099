"""The place of a wrong value, down to its key in a map."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_ANY_KEY = "[...]"
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_GOT = re.compile(r"got (\w+)$")
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float,),
    "bool": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
    "str": (str,),
}


def named_path(document: msgspec.Raw | bytes | str, path: str, problem: str) -> str:
    """The path with the key in place of msgspec's ``[...]``, where the problem tells which.

    Args:
        document: the JSON that could not be decoded.
        path: as msgspec gives it, without ``$.``: ``metadata.labels[...]``.
        problem: what is wrong: ``expected str, got int``, or a sentence that quotes the value.
    """
    before, mark, after = path.partition(_ANY_KEY)
    if not mark or after:
        return path
    try:
        inside = _walk(msgspec.json.decode(document), before)
    except (msgspec.DecodeError, KeyError, IndexError, TypeError, RecursionError):
        return path
    items = inside.items() if isinstance(inside, dict) else ()
    key = next((key for key, value in items if _is_meant(value, problem)), None)
    return path if key is None else f"{before}[{key}]"


def _walk(value: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        value = value[name] if name else value[int(index)]
    return value


def _is_meant(value: Any, problem: str) -> bool:
    got = _GOT.search(problem)
    if got is None:
        return problem.startswith(f"{value!r} ")
    kinds = _TYPES.get(got[1], ())
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
