"""A request on its way, and its time."""

from __future__ import annotations

import math
import time
from typing import NamedTuple


class Asked(NamedTuple):
    """A request.

    Attributes:
        target: its path and query.
        began: when it was sent, by the monotonic clock.
        limit: the seconds that it may take; 0 for any.
    """

    target: str
    began: float
    limit: float

    def passed(self) -> float:
        """Seconds since it was sent."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """Seconds until its time is over."""
        return max((self.limit or math.inf) - self.passed(), 0)

    def waited(self) -> float:
        """The seconds after which we gave up now: the limit, or the full seconds until now."""
        passed = self.passed()
        return self.limit if 0 < self.limit <= passed else int(passed) or passed
