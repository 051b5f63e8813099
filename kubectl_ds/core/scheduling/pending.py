"""Why a pod that exists is not bound to its node yet.

What the scheduler reports and what its filters, worked out anew, say of the node are told
together: the scheduler stops at the first filter that refuses, and its word may be of before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from kubectl_ds.core.facts import (
    Facts,
    FilterFacts,
    NodeSelectorFacts,
    PortFacts,
    RoomFacts,
    SchedulerFacts,
    SchedulingFacts,
    TaintFacts,
    TargetFacts,
    TermFacts,
    VolumeFacts,
)
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Condition, condition
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import DEFAULT_SCHEDULER, Pod
from kubectl_ds.core.reasons import REASONS, Reason, Source
from kubectl_ds.core.scheduling.filters import filtered
from kubectl_ds.core.scheduling.fit import room
from kubectl_ds.core.scheduling.ports import freed_ports
from kubectl_ds.core.scheduling.preemption import victims
from kubectl_ds.core.scheduling.report import code_for, tells_only_of_others, texts_for_target
from kubectl_ds.core.scheduling.target import Refused, Target, target_of
from kubectl_ds.core.scheduling.terms import lapsed, tells_of
from kubectl_ds.core.scheduling.usage import PODS
from kubectl_ds.core.scheduling.volumes import freed_volumes


def pending_reasons(
    pod: Pod, node: Node | None, schedulers: Collection[str], fleet: Fleet
) -> list[Reason]:
    """Why the pod is not bound.

    Args:
        pod: a live pod without a node.
        node: the one it is made for; None where that no longer exists.
        schedulers: the names of schedulers of which there is a trace.
        fleet: what surrounds it.
    """
    if node is None:
        return [Reason("TargetNodeMissing", Source.COMPUTED, TargetFacts(pod=pod.name))]
    scheduled = condition(pod.status.conditions, "PodScheduled")
    if pod.spec.scheduling_gates or (scheduled and scheduled.reason == "SchedulingGated"):
        return [_scheduling("SchedulingGated", pod, scheduled)]
    target = target_of(pod, node, fleet)
    refusals = [item for item in filtered(pod, target) if isinstance(item, Refused)]
    expected = [Reason(item.code, Source.PREDICTED, item.facts) for item in refusals]
    if scheduled is None or not scheduled.reason:
        return [_not_looked_at(pod, schedulers), *expected]
    if scheduled.reason == "SchedulerError":
        return [_scheduling("SchedulerError", pod, scheduled), *expected]
    nominated = _nominated(pod, scheduled, fleet)
    if tells_only_of_others(scheduled.message):
        facts = TargetFacts(pod=pod.name, exists=True)
        computed = [Reason(item.code, Source.COMPUTED, item.facts) for item in refusals]
        return [*nominated, Reason("TargetNodeMissing", Source.REPORTED, facts), *computed]
    return nominated + list(_merged(pod, target, scheduled.message, refusals))


def unjudged(pod: Pod, node: Node, fleet: Fleet) -> list[Unread]:
    """What could not be judged of a pod that waits for a node."""
    found = (item for item in judged(pod, node, fleet) if isinstance(item, Unread))
    return list(dict.fromkeys(found))


def judged(pod: Pod, node: Node, fleet: Fleet) -> list[Refused | Unread]:
    """Every filter's answer on the node."""
    return list(filtered(pod, target_of(pod, node, fleet)))


def _not_looked_at(pod: Pod, schedulers: Collection[str]) -> Reason:
    name = pod.spec.scheduler_name
    known = name == DEFAULT_SCHEDULER or name in schedulers
    code = "AwaitingScheduler" if known else "SchedulerAbsent"
    return Reason(code, Source.COMPUTED, _scheduling_facts(pod, None))


def _nominated(pod: Pod, scheduled: Condition, fleet: Fleet) -> list[Reason]:
    name = pod.status.nominated_node_name
    if not name:
        return []
    there = fleet.occupants(name)
    facts = msgspec.structs.replace(
        _scheduling_facts(pod, scheduled),
        victims=None if there is None else victims(pod, there),
    )
    return [Reason("WaitingForPreemption", Source.REPORTED, facts)]


def _scheduling(code: str, pod: Pod, scheduled: Condition | None) -> Reason:
    return Reason(code, Source.REPORTED, _scheduling_facts(pod, scheduled))


def _scheduling_facts(pod: Pod, scheduled: Condition | None) -> SchedulingFacts:
    return SchedulingFacts(
        pod=pod.name,
        scheduler=pod.spec.scheduler_name,
        gates=tuple(gate.name for gate in pod.spec.scheduling_gates or ()),
        nominated_node=pod.status.nominated_node_name,
        message=scheduled.message if scheduled else "",
    )


def _merged(
    pod: Pod, target: Target, message: str, refusals: Sequence[Refused]
) -> Iterator[Reason]:
    """What is reported, with the computed numbers where both agree; then what is only computed."""
    told = texts_for_target(message)
    for text in told:
        code, _ = code_for(text)
        agreeing = [item for item in refusals if _is(item, text)]
        for item in agreeing or [Refused(code, _no_longer(pod, target, text))]:
            yield Reason(code, Source.REPORTED, _quoting(item.facts, pod, text, message))
    others = [item for item in refusals if not any(_is(item, text) for text in told)]
    yield from (Reason(item.code, Source.COMPUTED, item.facts) for item in others)
    if not told and not others:
        facts = SchedulerFacts(pod=pod.name, text=message, message=message)
        yield Reason("Unschedulable", Source.REPORTED, facts)


def _is(refused: Refused, text: str) -> bool:
    """Whether the scheduler's words are about what was computed."""
    (code, resource), facts = code_for(text), refused.facts
    if isinstance(facts, RoomFacts):
        return refused.code == code and facts.resource == (resource or PODS)
    return refused.code == code and (not isinstance(facts, TermFacts) or tells_of(text, facts))


def _quoting(facts: Facts, pod: Pod, text: str, message: str) -> Facts:
    """The evidence with the scheduler's words added where it has a place for them."""
    if isinstance(facts, FilterFacts):
        return msgspec.structs.replace(facts, pod=pod.name, text=text, message=message)
    if isinstance(facts, (TaintFacts, NodeSelectorFacts)) and not facts.key:
        return msgspec.structs.replace(facts, message=text)
    return facts


def _no_longer(pod: Pod, target: Target, text: str) -> Facts:
    """Evidence where the scheduler refuses what we let pass.

    That the pod fits by now is not claimed where pods of other namespaces may not have been saved.
    """
    if not target.fleet.in_part:
        return _of_words(pod, target, text)
    facts = _of_words(pod, target._replace(pods=None), text)
    if isinstance(facts, TermFacts) and code_for(text)[0] != "TopologySpread":
        return msgspec.structs.replace(facts, fits=False)
    return facts


def _of_words(pod: Pod, target: Target, text: str) -> Facts:
    """Evidence where only the scheduler's words tell: the objects, read later, do not show it."""
    code, resource = code_for(text)
    kind = REASONS[code].facts
    if kind is TaintFacts:
        return TaintFacts(key="", value="", effect="")
    if kind is NodeSelectorFacts:
        return NodeSelectorFacts(key="", wanted="", actual=None)
    if kind is RoomFacts:
        return room(pod, target, resource or PODS)
    if kind is PortFacts:
        return freed_ports(pod, target)
    if kind is TermFacts:
        return lapsed(pod, target, text)
    if kind is VolumeFacts:
        return freed_volumes(pod, target, code)
    return SchedulerFacts(pod="")
