"""Write the manual of all codes as a page of the documentation.

Usage: python tools/reasons.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from kubectl_ds.draw.manual_markdown import book
from kubectl_ds.manual.pages import chapters

FILE = Path(__file__).parent.parent / "docs" / "reasons.md"


def text() -> str:
    """The page as the repository holds it."""
    return book(chapters())


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else FILE).write_text(text(), encoding="utf-8")
