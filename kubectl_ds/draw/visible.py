"""Text from a cluster is untrusted: what a terminal would act upon is made visible instead."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_UNSAFE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JSON_UNSAFE = (
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)


def visible(text: str) -> str:
    """One line without control, format or bidi characters; each of those as ``\\x1b``, ``\\u202e``.

    Line breaks and tabs become spaces.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in " ".join(text.split()))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def visible_json(document: str) -> str:
    """The same JSON, with every character that a terminal may act upon as an escape of JSON's."""
    return re.sub(_JSON_UNSAFE, _escaped, document)


def _escaped(match: re.Match[str]) -> str:
    units: Any = match[0].encode("utf-16-be")
    pairs = (units[index : index + 2].hex() for index in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs)
