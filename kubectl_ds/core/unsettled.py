"""The state of a node of which there is more to say than that it is covered, and the reasons.

The order in which states are tried is the contract's: the first that fits holds, and of
several live pods the best one counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubectl_ds.core.case import Case
from kubectl_ds.core.creation.missing import absence
from kubectl_ds.core.facts import TargetFacts, UnknownFacts
from kubectl_ds.core.model import Node
from kubectl_ds.core.placement import (
    Placement,
    apart_from_health,
    exclusions,
    health_facts,
    health_reason,
    mismatches,
)
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason, Source, State, in_order
from kubectl_ds.core.running.ended import failure_reason, pressure, termination_reasons
from kubectl_ds.core.running.unready import container_reasons, unready_reasons
from kubectl_ds.core.running.vanished import Ended, ended_on
from kubectl_ds.core.scheduling.pending import pending_reasons
from kubectl_ds.core.verdict import Outcome


def outcome(case: Case, name: str, placement: Placement) -> Outcome:
    """Judge one node; what the rollout is about to do there is left for `judge` to add."""
    pods = case.owned.by_node.get(name, ())
    state = _state(case, name, placement, pods)
    return Outcome(
        state=state,
        desired=placement.should_run,
        keeps=placement.should_continue,
        reasons=in_order(state, _reasons(case, name, state, placement, pods)),
    )


def _state(case: Case, name: str, placement: Placement, pods: Sequence[Pod]) -> State:
    live = [pod for pod in pods if pod.live]
    if any(pod.spec.node_name for pod in live) and name not in case.fleet.ready:
        return State.UNREADY
    if live:
        return _live_state(case, live) if placement.should_run else State.MISSCHEDULED
    if any(not pod.terminating for pod in pods):
        return State.FAILED
    if pods and not (case.surge and placement.should_run):
        return State.TERMINATING
    return State.MISSING if placement.should_run else State.EXCLUDED


def _live_state(case: Case, live: Sequence[Pod]) -> State:
    available = [pod for pod in live if case.available(pod)]
    if any(case.updated(pod) for pod in available):
        return State.AVAILABLE
    if available:
        return State.OUTDATED
    return State.UNREADY if any(pod.spec.node_name for pod in live) else State.PENDING


def _reasons(
    case: Case, name: str, state: State, placement: Placement, pods: Sequence[Pod]
) -> list[Reason]:
    node = case.nodes.get(name)
    live = [pod for pod in pods if pod.live]
    if state is State.MISSING and node is not None:
        shared = (*case.halted, *case.refusals)
        return list(shared) or [absence(node, case.now, _unknown(case, node))]
    if state is State.EXCLUDED and node is not None:
        return exclusions(placement, node)
    if state is State.PENDING:
        return pending_reasons(live[0], node, case.schedulers, case.fleet)
    if state is State.UNREADY:
        return _unready(case, node, placement, live)
    if state is State.MISSCHEDULED:
        return _misscheduled(node, placement, live)
    if state in (State.FAILED, State.TERMINATING):
        return _ended(case, node, placement, pods, state)
    return []


def _unknown(case: Case, node: Node) -> UnknownFacts:
    before = _ended_before(case).get(node.name)
    return UnknownFacts(
        pods_read=case.knows("pods"),
        ended=before.pods if before else 0,
        cause=before.cause if before else None,
        pressure=pressure(node),
    )


def _unready(
    case: Case, node: Node | None, placement: Placement, live: Sequence[Pod]
) -> list[Reason]:
    pod = next(pod for pod in live if pod.spec.node_name)
    health = health_reason(health_facts(node))
    events = case.fleet.events("Pod", pod.metadata.uid)
    if health is None:
        return unready_reasons(pod, case.daemon_set.spec.min_ready_seconds, case.now, events)
    # What the containers last said is of use only while somebody reports on the node.
    heard = health.code == "NodeNotReady"
    reported = container_reasons(pod, events, case.now) if heard else []
    return [health, *apart_from_health(mismatches(placement)), *reported]


def _misscheduled(node: Node | None, placement: Placement, live: Sequence[Pod]) -> list[Reason]:
    if node is None:
        facts = TargetFacts(pod=live[0].name)
        return [Reason("TargetNodeMissing", Source.COMPUTED, facts)]
    return mismatches(placement)


def _not_wanted(placement: Placement, node: Node | None) -> list[Reason]:
    if node is not None:
        return exclusions(placement, node)
    return [Reason("NodeUnreachable", Source.COMPUTED, health_facts(None))]


def _ended(
    case: Case, node: Node | None, placement: Placement, pods: Sequence[Pod], state: State
) -> list[Reason]:
    excluded = [] if placement.should_run else _not_wanted(placement, node)
    ending = ("DaemonSetDeleting", "NamespaceTerminating")
    replaced = placement.should_run and not any(item.code in ending for item in case.halted)
    if state is State.FAILED:
        before = _ended_before(case).get(node.name) if node else None
        rounds = before.pods if before else 0
        ended = [failure_reason(x, node, rounds, replaced) for x in pods if not x.terminating]
    else:
        ended = [reason for pod in pods for reason in _terminating(case, node, pod, replaced)]
    return [*case.halted, *ended, *excluded]


def _ended_before(case: Case) -> Mapping[str, Ended]:
    """For each node the pods of the last hour that ended there and are gone."""

    def ended() -> Mapping[str, Ended]:
        events = case.fleet.cluster.events
        return ended_on(case.daemon_set, events, case.present, case.now) if events else {}

    return case.fleet.remembered(("ended", case.daemon_set.key), ended)


def _terminating(case: Case, node: Node | None, pod: Pod, replaced: bool) -> list[Reason]:
    events = case.fleet.events("Pod", pod.metadata.uid)
    return termination_reasons(pod, node, case.now, replaced, events)
