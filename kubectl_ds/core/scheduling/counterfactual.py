"""What smaller request would let the pods onto all nodes that have too little of a resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from msgspec.structs import replace

from kubectl_ds.core.facts import FitsAll, RoomFacts
from kubectl_ds.core.quantity import parse
from kubectl_ds.core.reasons import Reason, State
from kubectl_ds.core.scheduling.usage import PODS, written
from kubectl_ds.core.verdict import Outcome

_DELIVERED = (State.AVAILABLE, State.OUTDATED)

Judged = TypeVar("Judged", bound=Outcome)


def with_fits_all(verdicts: Sequence[Judged], covered: int = 0) -> list[Judged]:
    """The same verdicts with the request that fits wherever nothing but one resource is short.

    Args:
        verdicts: on all nodes of a DaemonSet that are not known to be covered.
        covered: how many more nodes there are, with an available pod that is wanted.
    """
    found = {resource: _fits(resource, verdicts, covered) for resource in _short(verdicts)}
    return [_told(verdict, found) for verdict in verdicts] if found else list(verdicts)


def _short(verdicts: Iterable[Outcome]) -> set[str]:
    return {facts.resource for facts in map(_only_room, verdicts) if facts}


def _only_room(verdict: Outcome) -> RoomFacts | None:
    """What is short where a wanted pod waits for room alone, and for one resource."""
    alone = verdict.desired and verdict.state is State.PENDING and len(verdict.reasons) == 1
    facts = verdict.reasons[0].facts if alone else None
    waits = isinstance(facts, RoomFacts) and facts.resource != PODS and facts.free is not None
    return facts if isinstance(facts, RoomFacts) and waits and not facts.fits else None


def _fits(resource: str, verdicts: Sequence[Outcome], covered: int) -> FitsAll | None:
    waiting = [facts for facts in map(_only_room, verdicts) if facts]
    free = [_free(facts) for facts in waiting if facts.resource == resource]
    if min(free) <= 0:
        return None
    wanted = [verdict for verdict in verdicts if verdict.desired]
    running = sum(verdict.state in _DELIVERED for verdict in wanted)
    return FitsAll(
        request=written(resource, min(free)),
        nodes=covered + running + len(free),
        desired=covered + len(wanted),
    )


def _free(facts: RoomFacts) -> Fraction:
    return parse(facts.free or "0").value


def _told(verdict: Judged, found: dict[str, FitsAll | None]) -> Judged:
    facts = _only_room(verdict)
    if facts is None or found[facts.resource] is None:
        return verdict
    (reason,) = verdict.reasons
    told = replace(facts, fits_all=found[facts.resource])
    return replace(verdict, reasons=(Reason(reason.code, reason.source, told),))
