"""What is still lacking, for who waits."""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.awaited import Awaited
from kubectl_ds.core.reasons import State
from kubectl_ds.words.phrases import count, listing


def lack(item: Awaited) -> str:
    """What is to be waited for, to come after the DaemonSet's name; ``has no gap`` for nothing."""
    return " and ".join(_lacks(item)) or "has no gap"


def _lacks(item: Awaited) -> Iterator[str]:
    if item.deleting:
        yield "is being deleted"
    if item.generation:
        yield (
            f"waits for its controller to act on generation {item.generation} "
            f"(it is at {item.observed})"
        )
    if item.idle:
        yield "wants a pod on no node"
    if item.absent:
        yield f"has no node {listing(item.absent)} to run on"
    if item.gaps:
        ordered = sorted(item.gaps.items(), key=lambda pair: list(State).index(pair[0]))
        states = ", ".join(f"{number} {state.value}" for state, number in ordered)
        yield f"has {count(sum(item.gaps.values()), 'gap')} ({states})"


def standing(item: Awaited) -> str:
    """What is lacking, and how much is there."""
    older = ""
    if item.older:
        verb = "runs" if item.older == 1 else "run"
        older = f", {item.older} of them still {verb} an older revision"
    there = f"{item.available} of {count(item.desired, 'node')} available"
    return f"{lack(item)}; {there}{older}"
