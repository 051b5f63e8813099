"""A line cut to the width of a terminal."""

from __future__ import annotations

import re
import unicodedata

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_PLAIN = "\x1b[0m"


def cut(line: str, width: int) -> str:
    """The line, or as much of it as fits before an ellipsis.

    Args:
        line: the text, made visible already; its colours take no room.
        width: how many columns there are.
    """
    pieces = _COLOUR.split(line)
    if sum(_columns(piece) for piece in pieces[::2]) <= width:
        return line
    kept, room = "", width - 1
    for text, colour in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        fitting = _fitting(text, room)
        kept, room = kept + fitting, room - _columns(fitting)
        if fitting != text:
            break
        kept += colour
    return f"{kept}…{_PLAIN if len(pieces) > 1 else ''}"


def _fitting(text: str, room: int) -> str:
    for index, character in enumerate(text):
        room -= _columns(character)
        if room < 0:
            return text[:index]
    return text


def _columns(text: str) -> int:
    """How many columns a terminal takes for it (Unicode UAX 11, of ambiguous width one)."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
