"""Why an older pod is still there, and what a rolling update is about to do.

Source: ``pkg/controller/daemon/update.go`` (rollingUpdate); the budget itself is in `rollout`.
"""

from __future__ import annotations

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
from kubectl_ds.core.running.unready import container_reasons

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


def outdated_reasons(old: Pod, new: Pod | None, course: Course) -> list[Reason]:
    """Why the old pod is still there.

    Args:
        old: the available pod of an older revision.
        new: a live pod of the current revision beside it, if there is one.
        course: what all outdated nodes share.
    """
    reasons = list(course.halted)
    if course.strategy == ON_DELETE:
        return [*reasons, _reason("OnDelete", _old_facts(old, course))]
    if reasons:
        return reasons
    if course.refusals and (course.missing or (course.surge and new is None)):
        reasons.append(_blocked(course))
    if new is not None and course.budget.max_surge:
        return [*reasons, _surge(new)]
    if course.stalled_by or len(course.budget.used_by) >= course.budget.limit:
        code = "WaitingForSurgeBudget" if course.budget.max_surge else "WaitingForBudget"
        reasons.append(_reason(code, _budget_facts(old, course)))
    return reasons or [_reason("NextInLine", _budget_facts(old, course))]


def replacement_reasons(pod: Pod, available: bool, updated: bool, course: Course) -> list[Reason]:
    """What a rolling update does to a pod that is kept where none is wanted.

    It deletes what it finds old and creates nothing there. A surging one spares an old pod as
    long as it is available and not one too many.
    """
    if course.strategy != ROLLING_UPDATE or course.deleting:
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


def _surge(new: Pod) -> Reason:
    if not new.spec.node_name:
        scheduled = condition(new.status.conditions, "PodScheduled")
        message = scheduled.message if scheduled else ""
        return _reason("SurgePodPending", SurgeFacts(pod=new.name, code="", message=message))
    if new.ready:
        return _reason("SurgePodMinReady", SurgeFacts(pod=new.name, code="", message=""))
    trouble = next(iter(container_reasons(new)), None)
    facts = trouble.facts if trouble else None
    message = facts.message if isinstance(facts, ContainerFacts) else ""
    code = trouble.code if trouble else ""
    return _reason("SurgePodNotReady", SurgeFacts(pod=new.name, code=code, message=message))


def _reason(code: str, facts: Facts) -> Reason:
    return Reason(code, Source.COMPUTED, facts)
