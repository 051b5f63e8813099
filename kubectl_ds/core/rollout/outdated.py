"""Why an older pod is still there, and what a rolling update is about to do.

Source: ``pkg/controller/daemon/update.go`` (rollingUpdate); the numbers are in `budget`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core.facts import (
    BlockedFacts,
    Blocker,
    BudgetFacts,
    ContainerFacts,
    Facts,
    NotReplaceableFacts,
    OldPodFacts,
    RefusedFacts,
    SurgeFacts,
)
from kubectl_ds.core.meta import Value, condition
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.rollout.budget import ON_DELETE, ROLLING_UPDATE, Budget
from kubectl_ds.core.rollout.revision import HASH_LABEL

_BLOCKERS = 3


class Course(Value, frozen=True):
    """What the reasons of all outdated nodes share.

    Attributes:
        strategy: RollingUpdate or OnDelete.
        revision: hash of the current revision; empty where it is not known.
        halted: what keeps the controller from acting at all.
        refusals: what refuses the DaemonSet's pods.
        missing: how many nodes lack a pod.
        budget: what the rolling update may do.
        blockers: the nodes that count against the budget, with their own state.
        surge: whether the strategy lets a new pod run beside the old one.
        surplus: how many more nodes have an available pod than want one.
        stalled_by: nodes that are gone and whose pods fail the rollout as a whole.
    """

    strategy: str
    revision: str
    halted: tuple[Reason, ...]
    refusals: tuple[Reason, ...]
    missing: int
    budget: Budget
    blockers: tuple[Blocker, ...]
    surge: bool
    surplus: int
    stalled_by: tuple[str, ...]

    @property
    def deleting(self) -> bool:
        """Whether the DaemonSet itself is being deleted."""
        return any(reason.code == "DaemonSetDeleting" for reason in self.halted)

    @property
    def blocked(self) -> bool:
        """Whether a pod that can't be created keeps the controller from replacing any.

        It updates only after it has created what is missing; with a surge, replacing a pod is
        creating one.
        """
        return bool(self.refusals) and bool(self.missing or self.surge)

    @property
    def full(self) -> bool:
        """Whether the limit in force leaves no room for a candidate."""
        return bool(self.stalled_by) or not self.budget.room

    @property
    def names(self) -> frozenset[str]:
        """The nodes that use up the budget, or stall the rollout."""
        return frozenset((*self.budget.used_by, *self.stalled_by))


def outdated_reasons(
    old: Pod, new: Pod | None, course: Course, waits: Sequence[Reason] = (), never: bool = False
) -> list[Reason]:
    """Why the old pod is still there.

    Args:
        old: the available pod of an older revision.
        new: a live pod of the current revision beside it, if there is one.
        course: what all outdated nodes share.
        waits: why that new pod is not bound, or not ready.
        never: whether it is the old pod itself that is in the new one's way.
    """
    reasons = list(course.halted)
    if course.strategy == ON_DELETE:
        return [*reasons, _reason("OnDelete", _old_facts(old, course))]
    if reasons:
        return reasons
    if course.blocked and (course.missing or new is None):
        reasons.append(_blocked(course))
    if new is not None and course.budget.max_surge:
        return [*reasons, _surge(new, waits, never)]
    if course.full:
        code = "WaitingForSurgeBudget" if course.budget.max_surge else "WaitingForBudget"
        reasons.append(_reason(code, _budget_facts(old, course)))
    return reasons or [_reason("NextInLine", _budget_facts(old, course))]


def replacement_reasons(pod: Pod, available: bool, updated: bool, course: Course) -> list[Reason]:
    """What a rolling update does to a pod that is kept where none is wanted.

    It deletes what it finds old and creates nothing there. A surging one spares an old pod as
    long as it is available and not one too many, and a limit of no node at all spares it, too.
    """
    if course.strategy != ROLLING_UPDATE or course.deleting:
        return []
    if available and not course.budget.limit:
        return []
    if course.surge and (updated or (available and course.surplus <= 0)):
        return []
    facts = NotReplaceableFacts(pod=pod.name, due=not updated)
    return [Reason("NotReplaceable", Source.PREDICTED, facts)]


def _budget_facts(old: Pod, course: Course) -> BudgetFacts:
    budget = course.budget
    return BudgetFacts(
        limit=budget.limit,
        used=len(budget.used_by),
        blockers=course.blockers[:_BLOCKERS],
        stalled_by=course.stalled_by[:_BLOCKERS],
        pod=old.name,
    )


def _old_facts(old: Pod, course: Course) -> OldPodFacts:
    return OldPodFacts(
        pod=old.name, revision=old.labels.get(HASH_LABEL, ""), current_revision=course.revision
    )


def _blocked(course: Course) -> Reason:
    refusal = course.refusals[0]
    facts = refusal.facts
    message = facts.message if isinstance(facts, RefusedFacts) else ""
    blocked = BlockedFacts(code=refusal.code, nodes=course.missing, message=message)
    return Reason("BlockedByCreateFailure", refusal.source, blocked)


def _surge(new: Pod, waits: Sequence[Reason], never: bool) -> Reason:
    if new.ready and new.spec.node_name:
        return _reason("SurgePodMinReady", SurgeFacts(pod=new.name, code="", message=""))
    first = next(iter(waits), None)
    facts = SurgeFacts(
        pod=new.name,
        code=first.code if first else "",
        message=_message(new, first),
        evidence=first.facts if first else None,
        never=never,
    )
    return _reason("SurgePodNotReady" if new.spec.node_name else "SurgePodPending", facts)


def _message(new: Pod, first: Reason | None) -> str:
    if first and isinstance(first.facts, ContainerFacts):
        return first.facts.message
    scheduled = condition(new.status.conditions, "PodScheduled")
    return scheduled.message if scheduled and not new.spec.node_name else ""


def _reason(code: str, facts: Facts) -> Reason:
    return Reason(code, Source.COMPUTED, facts)
