"""How far a rolling update has got, and whether it will get any further by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from kubectl_ds.core.case import Case
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.rollout.outdated import Course
from kubectl_ds.core.verdict import NodeVerdict, Rollout, Summary

# DaemonSets have no deadline: that of Deployments (progressDeadlineSeconds, 600 by default).
_PATIENCE = timedelta(seconds=600)
# What is over at a known time, with no one's help.
_PASSING = frozenset(("JustAdded", "MinReadySeconds", "SurgePodMinReady"))


def progress(
    case: Case, course: Course, verdicts: Sequence[NodeVerdict], summary: Summary
) -> Rollout:
    """Put together what is known of the rollout.

    Args:
        case: the DaemonSet.
        course: what its outdated nodes share.
        verdicts: on all nodes, with their reasons.
        summary: the numbers counted anew.
    """
    budget = course.budget
    wanted = [verdict for verdict in verdicts if verdict.desired]
    since = last_step(case)
    return Rollout(
        strategy=course.strategy,
        revision=course.revision,
        updated=summary.updated,
        outdated=len(budget.outdated),
        max_unavailable=budget.max_unavailable,
        unavailable=len(budget.unavailable),
        max_surge=budget.max_surge,
        surging=len(budget.surging),
        blockers=course.blockers,
        candidates=len(budget.candidates),
        can_replace_now=_can_replace(course),
        replaced_anyway=() if _is_held(course) else budget.anyway,
        since=since,
        stuck=since is not None and case.now - since >= _PATIENCE and is_held_up(course, verdicts),
        complete=bool(wanted)
        and not course.halted
        and all(verdict.state is State.AVAILABLE for verdict in wanted),
    )


def last_step(case: Case) -> datetime | None:
    """When the rollout last made a step, or began; None where that can't be told.

    A pod that has failed is no step: the controller makes such pods anew again and again. Where
    an older template was taken up again at an unknown time, its pods may be of the first time.
    """
    revision = case.revision
    if revision.reused and revision.since is None:
        return None
    steps = (_step(case, pod) for group in case.owned.by_node.values() for pod in group)
    made = (member.created for member in case.up.members.values())
    return max((time for time in (revision.since, *steps, *made) if time), default=None)


def _step(case: Case, pod: Pod) -> datetime | None:
    meta = pod.metadata
    if case.updated(pod):
        return None if pod.terminal else meta.creation_timestamp
    if meta.deletion_timestamp is None:
        return None
    return meta.deletion_timestamp - timedelta(seconds=meta.deletion_grace_period_seconds or 0)


def is_held_up(course: Course, verdicts: Iterable[NodeVerdict]) -> bool:
    """Whether the rollout is due, and nothing that takes only time brings it forward."""
    if course.halted or not course.budget.outdated:
        return False
    if course.blocked or course.stalled_by:
        return True
    passing = sum(map(_passes, _blockers(course, verdicts)))
    used = len(course.budget.used_by) - passing
    return not course.budget.anyway and used >= course.budget.limit


def _blockers(course: Course, verdicts: Iterable[NodeVerdict]) -> Iterator[NodeVerdict]:
    names = course.names
    return (verdict for verdict in verdicts if verdict.node in names)


def _passes(verdict: NodeVerdict) -> bool:
    """Whether the node no longer counts in a while: its pod ends, or has been ready for long."""
    code = verdict.reasons[0].code if verdict.reasons else ""
    ending = verdict.state is State.TERMINATING and code != "StuckTerminating"
    return ending or code in _PASSING


def _is_held(course: Course) -> bool:
    """Whether the controller does not get as far as to look at the budget."""
    return bool(course.halted or course.blocked or course.stalled_by)


def _can_replace(course: Course) -> int:
    if _is_held(course):
        return 0
    return min(len(course.budget.candidates), course.budget.room)
