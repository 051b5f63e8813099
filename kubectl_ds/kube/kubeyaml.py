"""YAML as kubectl understands it: YAML 1.1, less dates and base 60, read by go-yaml's rules.

Source: ``sigs.k8s.io/yaml`` and its ``goyaml.v2``: resolve.go (which plain words are text) and
decode.go (what ``<<`` merges into).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

_TAG = "tag:yaml.org,2002:"
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), "null"),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), "bool"),
    **dict.fromkeys(("on", "On", "ON", "off", "Off", "OFF", "n", "N"), "bool"),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE"), "bool"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), "float"),
    **{sign + inf: "float" for sign in ("", "+", "-") for inf in (".inf", ".Inf", ".INF")},
    "<<": "merge",
}
_TRUE = {word for word in _WORDS if word[:1] in "yYtT" or word[:2] in ("on", "On", "ON")} - {""}
_LATER_MARK = re.compile(b"[\r\n]\xef\xbb\xbf")
_INTEGER = re.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def load(data: bytes) -> Any:
    """The first document of a YAML file; None where there is none.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: it is not valid.
    """
    return next(load_all(data), None)


def load_all(data: bytes) -> Iterator[Any]:
    """The documents of a YAML file, each as it is come upon.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: it is not valid.
    """
    import yaml

    if _LATER_MARK.search(data):
        raise ValueError("a byte order mark in the middle")  # go-yaml takes it for text
    yield from yaml.load_all(data, Loader=_loader())


@cache
def _loader() -> Any:
    """PyYAML's loader, the fast one if it is there, with go-yaml's rules."""
    import yaml

    class KubeLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is yaml.ScalarNode and implicit[0]:
                return _TAG + _kind(value)
            return super().resolve(kind, value, implicit)

        def flatten_mapping(self, node: Any) -> None:
            node.value = [pair for item in node.value for pair in self._merged(*item)]

        def _merged(self, key: Any, value: Any) -> list[Any]:
            """The pairs that one pair stands for: those of a merge stay where it is."""
            if key.tag != _TAG + "merge":
                return [(_textual(key), value)]
            # Of several mappings the first one wins, as of several pairs the last one.
            mappings = value.value[::-1] if isinstance(value, yaml.SequenceNode) else [value]
            for mapping in mappings:
                if not isinstance(mapping, yaml.MappingNode):
                    raise yaml.constructor.ConstructorError(problem_mark=value.start_mark)
                self.flatten_mapping(mapping)
            return [pair for mapping in mappings for pair in mapping.value]

    KubeLoader.add_constructor(_TAG + "int", lambda _, node: _number(node.value))
    KubeLoader.add_constructor(_TAG + "float", lambda _, node: _number(node.value))
    KubeLoader.add_constructor(_TAG + "bool", lambda _, node: node.value in _TRUE)
    return KubeLoader


def _textual(key: Any) -> Any:
    """A key as JSON has it: text, even if it looks like a number or a truth."""
    kind = key.tag.removeprefix(_TAG)
    if kind in ("bool", "int", "float"):
        value = str(key.value in _TRUE).lower() if kind == "bool" else str(_number(key.value))
        key.tag, key.value = _TAG + "str", value
    return key


def _kind(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    plain = word.replace("_", "")
    numeric = word[0] != "_" and (_INTEGER.fullmatch(plain) or _NUMBER.fullmatch(plain))
    return "float" if numeric else "str"


def _number(word: str) -> int | float:
    plain = word.replace("_", "")
    integer = _INTEGER.fullmatch(plain)
    if integer is None:
        if not _NUMBER.fullmatch(plain):
            raise ValueError("an infinite number")  # which JSON, the step between, has not
        return float(plain)
    sign, *digits = integer.groups()
    bases = zip(digits, (16, 2, 8, 10), strict=True)
    value = next(int(digit, base) for digit, base in bases if digit is not None)
    return -value if sign == "-" else value
