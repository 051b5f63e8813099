"""The judge: what was read of a cluster in, the whole answer on one DaemonSet out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from kubectl_ds.core import counting
from kubectl_ds.core.case import Case, build
from kubectl_ds.core.facts import Blocker
from kubectl_ds.core.findings import findings
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.nodes import verdict_on
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason, State, in_order
from kubectl_ds.core.rollout import budget as budgets
from kubectl_ds.core.rollout.outdated import Course, outdated_reasons, replacement_reasons
from kubectl_ds.core.rollout.progress import progress
from kubectl_ds.core.roots import roots
from kubectl_ds.core.unknowns import not_checked
from kubectl_ds.core.verdict import Explanation, NodeVerdict

# The states with reasons that only the whole rollout tells.
IN_COURSE = (State.OUTDATED, State.MISSCHEDULED)


def explain(cluster: Cluster, daemon_set: DaemonSet) -> Explanation:
    """Say for every node why the DaemonSet's pod is, or is not, there.

    Args:
        cluster: what was read; what it lacks is told in the answer.
        daemon_set: one of the cluster's DaemonSets.
    """
    return explain_in(Fleet(cluster), daemon_set)


def explain_each(cluster: Cluster, daemon_sets: Iterable[DaemonSet]) -> list[Explanation]:
    """The same for several DaemonSets of a cluster, which is worked out once."""
    fleet = Fleet(cluster)
    return [explain_in(fleet, item) for item in daemon_sets]


def explain_in(fleet: Fleet, daemon_set: DaemonSet) -> Explanation:
    """The same for one of several DaemonSets, which share what is worked out of the cluster."""
    case = build(fleet, daemon_set)
    verdicts, course = judged(case, names(case))
    states = Counter(verdict.state for verdict in verdicts)
    if State.PENDING in states:
        from kubectl_ds.core.scheduling.counterfactual import with_fits_all

        verdicts = with_fits_all(verdicts)
    uncovered = {item.node: item for item in verdicts if item.state is not State.AVAILABLE}
    counted = case.knows("nodes") and case.knows("pods")
    tests = case.updated, case.available
    summary = counting.count(case.placements, case.owned.by_node, *tests, case.settled)
    return Explanation(
        daemon_set=daemon_set,
        now=case.now,
        summary=summary,
        status_behind=counting.status_behind(daemon_set, summary) if counted else (),
        rollout=progress(case, course, verdicts, summary),
        findings=tuple(findings(case, verdicts, roots(verdicts, course))),
        not_checked=tuple(not_checked(case, uncovered)),
        states=states,
        nodes=tuple(verdicts),
    )


def names(case: Case) -> list[str]:
    """The nodes to judge: those that exist, and those that pods still name.

    Which nodes are gone can't be told where none was read: then no node is judged at all.
    """
    return sorted({*case.nodes, *case.owned.by_node}) if case.knows("nodes") else []


def judged(case: Case, nodes: Iterable[str]) -> tuple[list[NodeVerdict], Course]:
    """The verdicts on some nodes, and the course of the rollout.

    Args:
        case: the DaemonSet.
        nodes: their names; among them all that are neither settled nor excluded.
    """
    return in_course(case, [verdict_on(case, name) for name in nodes])


def in_course(case: Case, alone: Sequence[NodeVerdict]) -> tuple[list[NodeVerdict], Course]:
    """The same, from verdicts on each node by itself."""
    verdicts, course = list(alone), _course(case, alone)
    if not any(verdict.state in IN_COURSE for verdict in alone):
        return verdicts, _with_blockers(course, verdicts)
    for _ in range(2):  # a node that surges gets its reason first, then others name it as blocker
        course = _with_blockers(course, verdicts)
        verdicts = [_with_rollout(case, verdict, course) for verdict in alone]
    return verdicts, course


def _course(case: Case, verdicts: Sequence[NodeVerdict]) -> Course:
    pods = {name: x for name, x in case.owned.by_node.items() if name not in case.settled}
    tests = case.updated, case.available
    budget = budgets.budget(case.daemon_set, case.wanted, pods, *tests, case.settled)
    return Course(
        strategy=case.daemon_set.spec.update_strategy.type,
        revision=case.revision.hash,
        halted=case.halted,
        refusals=case.refusals,
        missing=sum(verdict.state is State.MISSING for verdict in verdicts),
        budget=budget,
        blockers=(),
        surge=case.surge,
        surplus=budgets.surplus(len(case.wanted) - len(case.settled), pods, *tests),
        stalled_by=budgets.stalls(pods, case.nodes, case.updated) if budget.max_surge else (),
    )


def _with_blockers(course: Course, verdicts: Iterable[NodeVerdict]) -> Course:
    """The course with what is known of the nodes that use up its budget, or stall it."""
    names = course.names
    blockers = (_blocker(verdict) for verdict in verdicts if verdict.node in names)
    return msgspec.structs.replace(course, blockers=tuple(blockers))


def _blocker(verdict: NodeVerdict) -> Blocker:
    code = verdict.reasons[0].code if verdict.reasons else None
    return Blocker(node=verdict.node, state=verdict.state.value, code=code)


def _with_rollout(case: Case, verdict: NodeVerdict, course: Course) -> NodeVerdict:
    """The verdict with the reasons that the rollout gives."""
    if verdict.state not in IN_COURSE:
        return verdict
    live = [pod for pod in case.owned.by_node[verdict.node] if pod.live]
    if verdict.state is State.OUTDATED:
        more = _outdated(case, verdict.node, live, course)
    else:
        pod, kept = live[0], verdict.keeps
        available, updated = case.available(pod), case.updated(pod)
        more = replacement_reasons(pod, available, updated, course) if kept else []
    reasons = in_order(verdict.state, [*verdict.reasons, *more])
    return msgspec.structs.replace(verdict, reasons=reasons)


def _outdated(case: Case, name: str, live: Sequence[Pod], course: Course) -> list[Reason]:
    from kubectl_ds.core.rollout.surge import in_the_way
    from kubectl_ds.core.running.unready import container_reasons
    from kubectl_ds.core.scheduling.pending import pending_reasons

    old = next(pod for pod in live if case.available(pod))
    new = next((pod for pod in live if case.updated(pod)), None)
    node = case.nodes.get(name)
    if node is None or new is None or not course.budget.max_surge:
        return outdated_reasons(old, new, course)
    if new.spec.node_name:
        events = case.fleet.events("Pod", new.metadata.uid)
        return outdated_reasons(old, new, course, container_reasons(new, events, case.now))
    waits = pending_reasons(new, node, case.schedulers, case.fleet)
    never = in_the_way(old, new, node, case.fleet, waits)
    return outdated_reasons(old, new, course, waits, never)
