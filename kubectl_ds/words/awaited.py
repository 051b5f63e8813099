"""What is still lacking, for who waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubectl_ds.core.awaited import Awaited
from kubectl_ds.core.reasons import State
from kubectl_ds.words.phrases import count, listing


def lack(item: Awaited) -> str:
    """What is to be waited for, to come after the DaemonSet's name; ``has no gap`` for nothing."""
    return " and ".join(_lacks(item)) or f"has no gap{_where(item)}"


def _where(item: Awaited) -> str:
    """`` on node a``, to come after what only counts there; empty where all nodes are meant."""
    if not item.nodes:
        return ""
    return f" on {'node' if len(item.nodes) == 1 else 'nodes'} {listing(item.nodes)}"


def _lacks(item: Awaited) -> Iterator[str]:
    if item.deleting:
        yield "is being deleted"
    if item.generation:
        yield (
            f"waits for its controller to act on generation {item.generation} "
            f"(it is at {item.observed})"
        )
    if item.idle:
        yield f"wants no pod{_where(item)}" if item.nodes else "wants a pod on no node"
    if item.absent:
        yield f"has no node {listing(item.absent)} to run on"
    if item.gaps:
        ordered = sorted(item.gaps.items(), key=lambda pair: list(State).index(pair[0]))
        states = ", ".join(f"{number} {state.value}" for state, number in ordered)
        yield f"has {count(sum(item.gaps.values()), 'gap')} ({states}){_where(item)}"


def unread(lost: str, kinds: Sequence[str]) -> str:
    """That there is no answer at all, and what to do; to come after how long was waited.

    Args:
        lost: why the server can't be reached; empty where it can.
        kinds: what was not read yet; none where only the reasons of gaps were not.
    """
    lacking = lost or f"nothing is known yet of {listing(kinds) or 'what is behind the gaps'}"
    step = "raise --timeout, or check the network or VPN"
    return f"the cluster had not answered: {lacking}; {step}"


def progress(items: Sequence[tuple[str, Awaited]]) -> str:
    """How many DaemonSets, each given with its name, lack nothing, and what the others lack."""
    left = [f"{name} {lack(item)}" for name, item in items if not item.done]
    return "; ".join([f"{len(items) - len(left)} of {len(items)} done", *left])


def standing(item: Awaited) -> str:
    """What is lacking, and how much is there."""
    older = ""
    if item.older:
        verb = "runs" if item.older == 1 else "run"
        older = f", {item.older} of them still {verb} an older revision"
    there = f"{item.available} of {count(item.desired, 'node')} available"
    return f"{lack(item)}; {there}{older}"
