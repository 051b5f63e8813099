"""What changed, in the words of one line each."""

from __future__ import annotations

from kubectl_ds.core.changes import Move, Step
from kubectl_ds.core.verdict import Finding
from kubectl_ds.words.overview import finding_line
from kubectl_ds.words.phrases import count, listing
from kubectl_ds.words.reasons import sentence

_NOWHERE = "none"


def who(move: Move) -> str:
    """The node, or how many there are and the first of them."""
    if len(move.nodes) == 1:
        return move.nodes[0]
    return f"{count(len(move.nodes), 'node')} ({listing(move.nodes)})"


def way(move: Move) -> str:
    """``Pending → Available``; a node that is new, or gone, has no state on that side."""
    before, after = (state.value if state else _NOWHERE for state in (move.before, move.after))
    return f"{before} → {after}"


def why(move: Move) -> str:
    """The deciding reason with its code before it; empty where there is none."""
    if not move.after:
        return "the node is gone"
    if not move.reasons:
        return ""
    code = move.reasons[0].code
    return f"{code}: {sentence(code, [reason.facts for reason in move.reasons])}"


def step(rollout: Step) -> str:
    """How far a rollout has got."""
    return f"Rollout: {rollout.updated} of {count(rollout.desired, 'node')} updated"


def no_longer(finding: Finding) -> str:
    """That a finding has gone."""
    return f"no longer: {finding_line(finding)}"
