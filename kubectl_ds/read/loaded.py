"""What reading gives, from saved objects and from a live API alike."""

from __future__ import annotations

from typing import NamedTuple

from kubectl_ds.core.model import Cluster


class Loaded(NamedTuple):
    """What was read.

    Attributes:
        cluster: the objects, and what could not be read.
        warnings: what the user should know of the reading, one line each for stderr.
    """

    cluster: Cluster
    warnings: tuple[str, ...]
