"""How far a rollout has got, what takes up its budget and why, and who is next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.core.facts import asked_of
from kubectl_ds.core.fold import natural
from kubectl_ds.core.reasons import WHOLE_DAEMON_SET, Reason, State
from kubectl_ds.core.roots import root_of
from kubectl_ds.core.verdict import Explanation, NodeVerdict
from kubectl_ds.words.phrases import after, count, duration, listing
from kubectl_ds.words.reasons import sentence

_MOST_CAUSES = 3
_ALONE, _AMONG = 140, 70  # characters of a cause that is told alone, or beside others


def rollout_text(explanation: Explanation) -> str:
    """A rolling update in two or three sentences; empty where none is due.

    Empty, too, where a finding says that the controller does not act at all.
    """
    if not _is_due(explanation):
        return ""
    parts = [f"Rollout: {_lead(explanation)}", _hold(explanation), *_next(explanation)]
    return " ".join(map(_stopped, parts))


def _stopped(text: str) -> str:
    """With a full stop, unless it has one, or was cut short."""
    return text if text.endswith((".", "…")) else f"{text}."


def _is_due(explanation: Explanation) -> bool:
    rollout = explanation.rollout
    halted = any(item.code in WHOLE_DAEMON_SET for item in explanation.findings)
    return rollout.strategy == "RollingUpdate" and bool(rollout.outdated) and not halted


def _lead(explanation: Explanation) -> str:
    rollout, desired = explanation.rollout, explanation.summary.desired
    lead = f"{rollout.updated} of {count(desired, 'node')} updated"
    if not rollout.stuck or rollout.since is None:
        return lead
    return f"{lead}, stuck for {duration(int((explanation.now - rollout.since).total_seconds()))}"


def _hold(explanation: Explanation) -> str:
    """What keeps it from going on, or how much of its budget is taken."""
    reasons = [reason for verdict in explanation.nodes for reason in verdict.reasons]
    blocked = [reason.facts for reason in reasons if isinstance(reason.facts, f.BlockedFacts)]
    if blocked:
        return f"Nothing is replaced while pods can't be created: {_refusal(explanation, blocked)}"
    waits = [facts for facts in map(_facts, reasons) if isinstance(facts, f.BudgetFacts)]
    gone = next((facts.stalled_by for facts in waits if facts.stalled_by), ())
    if gone:
        return f"It fails while an old pod is bound to {listing(gone)}, which no longer exists"
    return _budget(explanation)


def _facts(reason: Reason) -> f.Facts:
    return reason.facts


def _refusal(explanation: Explanation, blocked: Sequence[f.BlockedFacts]) -> str:
    missing = (item for item in explanation.nodes if item.state is State.MISSING)
    reason = next((item.reasons[0] for item in missing if item.reasons), None)
    if reason is not None:
        return sentence(reason.code, [reason.facts])
    return blocked[0].message or blocked[0].code


def _budget(explanation: Explanation) -> str:
    rollout = explanation.rollout
    used = rollout.surging if rollout.max_surge else rollout.unavailable
    size = rollout.max_surge or rollout.max_unavailable
    limit = _limit(explanation)
    if not size:
        return f"{limit.split()[0]} can't be read, so nothing is replaced"
    if not used:
        return f"{limit} is free"
    return f"{_taken(limit, size, used)} {_users(explanation)}"


def _limit(explanation: Explanation) -> str:
    """The limit in force, and what it is made of where it is a percentage."""
    rollout, update = explanation.rollout, explanation.daemon_set.spec.update_strategy
    surge = rollout.max_surge > 0
    raw = update.rolling_update
    asked = (raw.max_surge if surge else raw.max_unavailable) if raw else None
    name = f"maxSurge {rollout.max_surge}" if surge else f"maxUnavailable {rollout.max_unavailable}"
    if not isinstance(asked, str):
        return name
    return f"{name} ({asked} of {explanation.summary.desired})"


def _taken(limit: str, size: int, used: int) -> str:
    if used > size:
        return f"{limit} is used up by {used} nodes:"
    if used < size:
        return f"{used} of {size} places in {limit} {'is' if used == 1 else 'are'} taken by"
    if size == 1:
        return f"The one place in {limit} is taken by"
    return f"{'Both' if size == 2 else f'All {size}'} places in {limit} are taken by"


def _users(explanation: Explanation) -> str:
    """The nodes that use up the budget, those with one cause together."""
    verdicts = {verdict.node: verdict for verdict in explanation.nodes}
    names = [blocker.node for blocker in explanation.rollout.blockers]
    groups: dict[object, list[NodeVerdict]] = {}
    for verdict in (verdicts[name] for name in names if name in verdicts):
        groups.setdefault(_key(verdict), []).append(verdict)
    ordered = sorted(groups.values(), key=lambda group: -len(group))
    unseen = [name for name in names if name not in verdicts]
    if len(ordered) == 1 and not unseen:
        return after(_names(ordered[0]), _cause(ordered[0], _ALONE))
    texts = [f"{_names(group)} ({_cause(group, _AMONG)})" for group in ordered[:_MOST_CAUSES]]
    rest = sum(map(len, ordered[_MOST_CAUSES:])) + len(unseen)
    return "; ".join([*texts, *([count(rest, "other node" if texts else "node")] if rest else [])])


def _key(verdict: NodeVerdict) -> object:
    reason = root_of(verdict)
    return verdict.desired, reason and (reason.code, asked_of(reason.facts))


def _names(verdicts: Sequence[NodeVerdict]) -> str:
    names = listing(sorted((verdict.node for verdict in verdicts), key=natural))
    return names if verdicts[0].desired else f"{names}, counted though no pod is wanted there"


def _cause(verdicts: Sequence[NodeVerdict], most: int) -> str:
    """Why the nodes have no available pod, cut to so many characters: their row tells it whole."""
    reasons = [reason for reason in map(root_of, verdicts) if reason]
    if not reasons:
        return count(len(verdicts[0].pods), "pod")
    text = sentence(reasons[0].code, [reason.facts for reason in reasons])
    return textwrap.shorten(text, most, placeholder=" …")


def _next(explanation: Explanation) -> Iterable[str]:
    rollout = explanation.rollout
    if rollout.replaced_anyway:
        yield _anyway(rollout.replaced_anyway, surge=rollout.max_surge > 0)
    older = f"{count(rollout.candidates, 'node')} with an available older pod"
    if rollout.can_replace_now:
        yield f"Next: {rollout.can_replace_now} of {older}; which of them can't be told"
    elif rollout.candidates:
        yield f"Waiting: {older}"


def _anyway(names: Sequence[str], surge: bool) -> str:
    does = "gets a new one beside it" if surge else "is deleted"
    return f"The older pod on {listing(names)} is not available: it {does} whatever the budget"
