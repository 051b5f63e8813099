"""A screen cut to the height of a terminal."""

from __future__ import annotations

from kubectl_ds.words.phrases import count


def fitted(text: str, height: int) -> list[str]:
    """The lines of a text, at most so many; where some are left out, the last says how many."""
    lines = text.splitlines()
    if len(lines) <= height:
        return lines
    left = len(lines) - max(height - 1, 0)
    rest = f"… {count(left, 'more line')}; make the window taller"
    return [*lines[: max(height - 1, 0)], rest]
