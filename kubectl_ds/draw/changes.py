"""What changed, one line each, for a stream that only grows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from kubectl_ds.core.changes import Changes
from kubectl_ds.draw.visible import visible
from kubectl_ds.words import changes as words
from kubectl_ds.words.overview import finding_line


def stamp(when: datetime) -> str:
    """A time in UTC to the second, as Kubernetes writes it (RFC 3339)."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def lines(when: datetime, what: Changes, title: str = "") -> list[str]:
    """A line for each change.

    Args:
        when: the time of the newer answer.
        what: the changes.
        title: the DaemonSet, where several are watched.
    """
    lead = [stamp(when), *([title] if title else [])]
    return ["  ".join(map(visible, filter(None, [*lead, *parts]))) for parts in _parts(what)]


def _parts(what: Changes) -> Iterator[tuple[str, ...]]:
    for move in what.moves:
        yield words.who(move), words.way(move), words.why(move)
    for finding in what.appeared:
        yield (finding_line(finding),)
    for finding in what.vanished:
        yield (words.no_longer(finding),)
    if what.rollout:
        yield (words.step(what.rollout),)
