"""The verdict on one node, as far as it does not depend on other nodes."""

from __future__ import annotations

from kubectl_ds.core.case import Case
from kubectl_ds.core.crowds import RUNNING, Member
from kubectl_ds.core.meta import Labels
from kubectl_ds.core.placement import Placement
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.rollout.revision import HASH_LABEL
from kubectl_ds.core.verdict import NodeVerdict, Outcome, PodView

NOWHERE = Placement(should_run=False, should_continue=False, checks=())
COVERED = Outcome(state=State.AVAILABLE, desired=True, keeps=True, reasons=())


def verdict_on(case: Case, name: str) -> NodeVerdict:
    """Judge one node; what the rollout is about to do there is left for `judge` to add."""
    outcome = outcome_on(case, name)
    return NodeVerdict(
        node=name,
        state=outcome.state,
        desired=outcome.desired,
        keeps=outcome.keeps,
        health=case.fleet.health(name),
        reasons=outcome.reasons,
        pods=_views(case, name),
        checks=case.placements.get(name, NOWHERE).checks,
    )


def outcome_on(case: Case, name: str) -> Outcome:
    """The same without what led to it."""
    if name in case.settled:
        return COVERED
    from kubectl_ds.core.unsettled import outcome

    return outcome(case, name, case.placements.get(name, NOWHERE))


def _views(case: Case, node: str) -> tuple[PodView, ...]:
    member = case.up.members.get(node)
    if member:
        return (_view_of_member(member, case.up.labels[node]),)
    return tuple(_view(case, pod) for pod in case.owned.by_node.get(node, ()))


def _view_of_member(member: Member, labels: Labels) -> PodView:
    return PodView(
        name=member.name,
        phase=RUNNING,
        ready=True,
        available=True,
        updated=True,
        revision=labels.get(HASH_LABEL, ""),
        terminating=False,
        bound=True,
    )


def _view(case: Case, pod: Pod) -> PodView:
    return PodView(
        name=pod.name,
        phase=pod.status.phase,
        ready=pod.ready,
        available=case.available(pod),
        updated=case.updated(pod),
        revision=pod.labels.get(HASH_LABEL, ""),
        terminating=pod.terminating,
        bound=bool(pod.spec.node_name),
    )
