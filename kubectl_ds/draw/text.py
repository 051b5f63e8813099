"""Pieces of a screen: filled lines, lists of names, columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Container, Sequence

from tabulate import tabulate

from kubectl_ds.draw.visible import visible

INDENT = 2
ENDLESS = 1 << 20  # columns of a screen on which nothing is wrapped or left out
_COUNTED = re.compile(r"(gaps:|[0-9]) (?=[0-9A-Z])")


def wrapped(text: str, width: int) -> str:
    """A sentence in lines of at most ``width`` columns; ``3 Missing`` stays together."""
    kept = _COUNTED.sub("\\1\xa0", visible(text))
    filled = textwrap.fill(kept, width, subsequent_indent="  ", break_on_hyphens=False)
    return filled.replace("\xa0", " ")


def some_names(names: Sequence[str], width: int) -> str:
    """As many names as fit, and an ellipsis where some are left out."""
    text, shown = "", 0
    for name in map(visible, names):
        longer = f"{text} {name}".strip()
        room = width if shown == len(names) - 1 else width - 2
        if len(longer) > room:
            break
        text, shown = longer, shown + 1
    if not shown:
        return visible(names[0])[: width - 1] + "…"
    return text if shown == len(names) else f"{text} …"


def shortened(text: str, width: int) -> str:
    """Words that are wider than the column without what comes before their last slash."""
    return " ".join(
        f"…/{word.rpartition('/')[2]}" if len(word) > width and "/" in word else word
        for word in text.split(" ")
    )


def grid(
    rows: Sequence[Sequence[str]],
    headers: Sequence[str],
    count_width: int = 0,
    right: Container[int] = (),
) -> str:
    """Columns with their titles above; a cell may have several lines.

    Args:
        rows: the cells, made visible already.
        headers: the titles; none for rows alone.
        count_width: where not 0, the first column holds numbers and is indented.
        right: other columns that are aligned to the right.
    """
    # Titles go in as a row: tabulate widens each column by two where it takes them as headers.
    lines = [headers, *rows] if headers and rows else rows
    columns = len(rows[0]) if rows else 0
    align = [
        "right" if (count_width and not column) or column in right else "left"
        for column in range(columns)
    ]
    text = tabulate(lines, tablefmt="plain", colalign=align, disable_numparse=True)
    indent = " " * INDENT if count_width else ""
    return "\n".join(f"{indent}{line}".rstrip() for line in text.splitlines())
