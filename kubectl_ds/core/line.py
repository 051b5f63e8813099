"""Lines that a fleet must not fall below, and who falls short."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from kubectl_ds.core.cover import Cover
from kubectl_ds.core.meta import Value


class Line(Value, frozen=True):
    """The least shares asked for, of 0 to 1; None where none is."""

    coverage: Fraction | None = None
    reach: Fraction | None = None

    @property
    def drawn(self) -> bool:
        """Whether any share is asked for."""
        return self.coverage is not None or self.reach is not None


class Shortfall(Value, frozen=True):
    """A DaemonSet below a line.

    Attributes:
        cover: how far it reaches.
        what: which share is too small.
        least: the share asked for.
    """

    cover: Cover
    what: Literal["coverage", "reach"]
    least: Fraction


def shortfalls(covers: Iterable[Cover], line: Line) -> list[Shortfall]:
    """The DaemonSets below the line, in their order."""
    found = []
    for cover in covers:
        if line.coverage is not None and cover.coverage < line.coverage:
            found.append(Shortfall(cover=cover, what="coverage", least=line.coverage))
        if line.reach is not None and cover.reach < line.reach:
            found.append(Shortfall(cover=cover, what="reach", least=line.reach))
    return found
