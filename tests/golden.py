"""Golden screens: the whole text of a screen in a file, to be looked at by a person."""

from __future__ import annotations

import os
from pathlib import Path

SCREENS = Path(__file__).parent / "data" / "screens"


def assert_screen(name: str, text: str) -> None:
    """Compare a screen with its file; UPDATE_SCREENS=1 writes it, to be read before a commit."""
    path = SCREENS / f"{name}.txt"
    if os.environ.get("UPDATE_SCREENS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
