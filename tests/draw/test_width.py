"""Lines that are cut to the width of a window."""

from __future__ import annotations

import pytest

from kubectl_ds.draw.width import cut

RED, PLAIN = "\x1b[31m", "\x1b[0m"

CUT = {
    "shorter": ("abc", 4, "abc"),
    "exactly as wide": ("abcd", 4, "abcd"),
    "wider": ("abcde", 4, "abc…"),
    "characters of two columns": ("日本語", 6, "日本語"),
    "one of two columns that would not fit": ("日本語", 4, "日…"),
    "a mark that takes no column": ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
    "colours take no column": (f"{RED}abcd{PLAIN}", 4, f"{RED}abcd{PLAIN}"),
    "a colour that is cut ends": (f"{RED}abcde{PLAIN} f", 4, f"{RED}abc…{PLAIN}"),
    "a colour that ended before": (f"{RED}a{PLAIN}bcde", 4, f"{RED}a{PLAIN}bc…{PLAIN}"),
    "no room": ("abc", 1, "…"),
    "empty": ("", 4, ""),
}


@pytest.mark.parametrize(("line", "width", "wanted"), CUT.values(), ids=CUT)
def test_cut(line: str, width: int, wanted: str) -> None:
    assert cut(line, width) == wanted
