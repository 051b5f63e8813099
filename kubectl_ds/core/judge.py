"""The judge: what was read of a cluster in, the whole answer on one DaemonSet out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kubectl_ds.core import counting, rollout
from kubectl_ds.core.case import Case, build
from kubectl_ds.core.facts import Blocker
from kubectl_ds.core.findings import findings
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.nodes import verdict_on
from kubectl_ds.core.outdated import Course, outdated_reasons
from kubectl_ds.core.reasons import State, in_order
from kubectl_ds.core.unknowns import not_checked
from kubectl_ds.core.verdict import Explanation, NodeVerdict, Rollout, Summary


def explain(cluster: Cluster, daemon_set: DaemonSet) -> Explanation:
    """Say for every node why the DaemonSet's pod is, or is not, there.

    Args:
        cluster: what was read; what it lacks is told in the answer.
        daemon_set: one of the cluster's DaemonSets.
    """
    case = build(cluster, daemon_set)
    names = sorted({*case.nodes, *case.owned.by_node})
    verdicts = [verdict_on(case, name) for name in names]
    course = _course(case, verdicts)
    verdicts = [_with_rollout(case, verdict, course) for verdict in verdicts]
    if course.budget.max_surge:
        # A surging node's own reason is known only now, and others name it as their blocker.
        course = _course(case, verdicts)
        verdicts = [_with_rollout(case, verdict, course) for verdict in verdicts]
    summary = counting.count(case.placements, case.owned.by_node, case.updated, case.available)
    return Explanation(
        daemon_set=daemon_set,
        now=cluster.now,
        summary=summary,
        status_behind=counting.status_behind(daemon_set, summary),
        rollout=_rollout(course, verdicts, summary),
        findings=tuple(findings(case, verdicts)),
        not_checked=tuple(not_checked(cluster, case)),
        nodes=tuple(verdicts),
    )


def _course(case: Case, verdicts: Sequence[NodeVerdict]) -> Course:
    desired = [name for name, placement in case.placements.items() if placement.should_run]
    budget = rollout.budget(
        case.daemon_set, desired, case.owned.by_node, case.updated, case.available
    )
    by_name = {verdict.node: verdict for verdict in verdicts}
    gone = rollout.stalls(case.owned.by_node, case.nodes, case.updated)
    stalled = gone if budget.max_surge else ()
    return Course(
        strategy=case.daemon_set.spec.update_strategy.type,
        revision=case.revision.hash,
        halted=case.halted,
        refusals=case.refusals,
        missing=sum(verdict.state is State.MISSING for verdict in verdicts),
        budget=budget,
        blockers=tuple(_blockers((*budget.used_by, *stalled), by_name)),
        stalled_by=stalled,
    )


def _blockers(names: Iterable[str], verdicts: Mapping[str, NodeVerdict]) -> Iterable[Blocker]:
    for name in names:
        verdict = verdicts[name]
        code = verdict.reasons[0].code if verdict.reasons else None
        yield Blocker(node=name, state=verdict.state.value, code=code)


def _with_rollout(case: Case, verdict: NodeVerdict, course: Course) -> NodeVerdict:
    if verdict.state is not State.OUTDATED:
        return verdict
    live = [pod for pod in case.owned.by_node[verdict.node] if pod.live]
    old = next(pod for pod in live if case.available(pod))
    new = next((pod for pod in live if case.updated(pod)), None)
    reasons = in_order(outdated_reasons(old, new, course))
    return msgspec.structs.replace(verdict, reasons=reasons)


def _rollout(course: Course, verdicts: Sequence[NodeVerdict], summary: Summary) -> Rollout:
    budget = course.budget
    wanted = [verdict for verdict in verdicts if verdict.desired]
    return Rollout(
        strategy=course.strategy,
        revision=course.revision,
        updated=summary.updated,
        max_unavailable=budget.max_unavailable,
        unavailable=len(budget.unavailable),
        max_surge=budget.max_surge,
        surging=len(budget.surging),
        blockers=course.blockers,
        complete=bool(wanted)
        and not course.halted
        and all(verdict.state is State.AVAILABLE for verdict in wanted),
    )
