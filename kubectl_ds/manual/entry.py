"""What the manual says of one code beyond what the registry knows."""

from __future__ import annotations

from datetime import datetime, timezone

from kubectl_ds.core.facts import Facts
from kubectl_ds.core.meta import Value

# When the examples happen.
NIGHT = datetime(2026, 3, 14, 3, 7, 12, tzinfo=timezone.utc)


class Entry(Value, frozen=True):
    """A code's own text; its meaning and the shape of its evidence stand in the registry.

    Attributes:
        how: how Kubernetes decides it, in one to three sentences.
        source: the component that decides, and the file of its source.
        look: what to look at next: commands that only read, with placeholders in capitals, and
            hints in plain sentences.
        example: evidence of which the tool's own sentence is made.
    """

    how: str
    source: str
    look: tuple[str, ...]
    example: Facts
