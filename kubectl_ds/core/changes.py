"""What differs between two answers on one DaemonSet, as far as somebody who watches cares."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from kubectl_ds.core import facts as f
from kubectl_ds.core.fold import natural
from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import Reason, State
from kubectl_ds.core.verdict import Explanation, Finding, NodeVerdict

MANY = 4

# Which of these an outdated node has depends on the others, and says no more than: it waits.
_TURNS = frozenset(("WaitingForBudget", "WaitingForSurgeBudget", "NextInLine"))
# Of these a node may have one in place of another; the evidence of others counts something.
_PLACEMENT = (
    f.NodeNameFacts,
    f.NodeSelectorFacts,
    f.NodeAffinityFacts,
    f.NamespaceSelectorFacts,
    f.TaintFacts,
)


class Move(Value, frozen=True):
    """Nodes that went the same way for the same reason.

    Attributes:
        nodes: the nodes, in natural order.
        before: the state in which they were; None where they were not there.
        after: the state in which they are; None where they are no longer there.
        reasons: why, the deciding reason of each of them; none where there is nothing to say.
    """

    nodes: tuple[str, ...]
    before: State | None
    after: State | None
    reasons: tuple[Reason, ...]


class Step(Value, frozen=True):
    """How far a rollout has got: so many of so many nodes."""

    updated: int
    desired: int


class Changes(Value, frozen=True):
    """What differs between two answers.

    Attributes:
        moves: the nodes whose state or deciding reason differs; many that are alike together.
        appeared: the findings that are new; none that puts together what the moves tell.
        vanished: the findings that no longer hold.
        rollout: how far the rollout is, where there is one and that differs.
    """

    moves: tuple[Move, ...] = ()
    appeared: tuple[Finding, ...] = ()
    vanished: tuple[Finding, ...] = ()
    rollout: Step | None = None

    def __bool__(self) -> bool:
        return bool(self.moves or self.appeared or self.vanished or self.rollout)


class _Went(NamedTuple):
    node: str
    before: State | None
    after: State | None
    reason: Reason | None


def changes(before: Explanation, after: Explanation) -> Changes:
    """Compare two answers on one DaemonSet, or on two of the same name."""
    return Changes(
        moves=tuple(_moves(_went(before.nodes, after.nodes))),
        appeared=tuple(_lacking(after.findings, before.findings)),
        vanished=tuple(_lacking(before.findings, after.findings)),
        rollout=_step(before, after),
    )


def _went(before: Iterable[NodeVerdict], after: Iterable[NodeVerdict]) -> Iterator[_Went]:
    old = {verdict.node: verdict for verdict in before}
    new = {verdict.node: verdict for verdict in after}
    for name in sorted({*old, *new}, key=natural):
        was, now = old.get(name), new.get(name)
        if was is now or (was and now and _mark(was) == _mark(now)):
            continue
        reason = now.reasons[0] if now and now.reasons else None
        states = was.state if was else None, now.state if now else None
        yield _Went(name, *states, reason)


def _mark(verdict: NodeVerdict) -> Hashable:
    """What of a verdict is worth telling when it differs: no numbers and no times."""
    if not verdict.reasons:
        return verdict.state
    reason = verdict.reasons[0]
    code = "turn" if reason.code in _TURNS else reason.code
    asked = f.asked_of(reason.facts) if isinstance(reason.facts, _PLACEMENT) else ()
    return verdict.state, code, asked


def _moves(went: Iterable[_Went]) -> Iterator[Move]:
    groups: dict[Hashable, list[_Went]] = {}
    for each in went:
        why = each.reason and (each.reason.code, f.asked_of(each.reason.facts))
        groups.setdefault((each.before, each.after, why), []).append(each)
    for group in groups.values():
        parts = [group] if len(group) >= MANY else [[each] for each in group]
        yield from map(_move, parts)


def _move(group: Sequence[_Went]) -> Move:
    return Move(
        nodes=tuple(each.node for each in group),
        before=group[0].before,
        after=group[0].after,
        reasons=tuple(each.reason for each in group if each.reason),
    )


def _lacking(findings: Iterable[Finding], others: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that are not among others, but for those that the moves tell node by node."""
    known = {_subject(finding) for finding in others}
    return (item for item in findings if not item.root and _subject(item) not in known)


def _subject(finding: Finding) -> Hashable:
    """What a finding is about: not how many nodes, or since when."""
    return finding.code, *(getattr(finding.facts, name, "") for name in ("node", "taint"))


def _step(before: Explanation, after: Explanation) -> Step | None:
    old, new = before.rollout, after.rollout
    if (old.revision, old.updated) == (new.revision, new.updated):
        return None
    if old.revision == new.revision and not (old.outdated or new.outdated):
        return None  # pods come and go without any rollout, too
    return Step(updated=new.updated, desired=after.summary.desired)
