"""YAML text in, plain JSON values out; import it only when there is YAML to read.

The values are built straight from the parser's events: PyYAML's own constructors would read
``yes``, ``12:30`` and dates as YAML 1.1 does, and take five times as long.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

Value = Any  # None, bool, int, float, str, or a list or dict of these
Event = Any  # of what its events hold, PyYAML's stubs know too little

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED_INTEGER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def documents(text: bytes) -> Iterator[Value]:
    """Read a YAML stream, one value for each document.

    Scalars are typed as YAML 1.2 and Kubernetes do: only ``null``, ``true``, ``false`` and
    numbers are anything but text.

    Args:
        text: UTF-8 without a byte order mark.

    Raises:
        ValueError: not YAML, or YAML that Kubernetes never writes: anchors, aliases, tags,
            a key twice, a key that is no scalar. The message says where.
        RecursionError: nested too deeply.
    """
    events = yaml.parse(text, Loader=_LOADER)
    try:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield _value(next(events), events)
    except yaml.YAMLError as error:
        raise ValueError(_problem(error)) from error


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())


def _value(event: Event, events: Iterator[Event]) -> Value:
    if event.anchor or isinstance(event, yaml.AliasEvent) or event.tag:
        raise _refused(event, "a YAML anchor, alias or tag, which kubectl never prints")
    if isinstance(event, yaml.ScalarEvent):
        return _plain(event.value) if event.implicit[0] else event.value
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events)
    return _sequence(events)


def _refused(event: Event, problem: str) -> ValueError:
    return ValueError(f"line {event.start_mark.line + 1}: {problem}")


def _sequence(events: Iterator[Event]) -> list[Value]:
    result = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        result.append(_value(event, events))
    return result


def _mapping(events: Iterator[Event]) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _key(event)
        if key in result:
            raise _refused(event, f"the key {key} is there twice")
        result[key] = _value(next(events), events)
    return result


def _key(event: Event) -> str:
    """The key's own text: JSON has no others, so ``1:`` and ``true:`` are text too."""
    if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
        raise _refused(event, "a key must be plain text")
    text: str = event.value
    return text


def _plain(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED_INTEGER.fullmatch(text):
        return int(text, 0)
    return _finite(text) if _FLOAT.fullmatch(text) else text


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is out of range")
    return number
