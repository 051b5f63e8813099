"""What an answer could not take into account, and why."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set

from kubectl_ds.core.case import Case
from kubectl_ds.core.facts import PortFacts, RoomFacts, TermFacts, UnknownFacts
from kubectl_ds.core.fleet import UNSEEN
from kubectl_ds.core.lacking import waiting
from kubectl_ds.core.model import Unread
from kubectl_ds.core.needs import OTHERS, REFUSALS, has_claims, has_priority, is_scoped
from kubectl_ds.core.not_modelled import NOT_MODELLED
from kubectl_ds.core.placement import is_openshift
from kubectl_ds.core.reasons import WHOLE_DAEMON_SET, Reason, Source, State
from kubectl_ds.core.verdict import Outcome
from kubectl_ds.core.versions import by_version

_COMPARISONS = "Lt", "Gt"
_BY_PODS = (RoomFacts, PortFacts, TermFacts)  # evidence that other pods on the node make
_OTHER_PODS = Unread(
    what="pods of other namespaces",
    why="none was read; there may be some on the nodes that pods wait for",
)
_ENOUGH = 20  # pods of one DaemonSet, whose filters all depend on the same
_OF_VOLUMES = ("persistentvolumeclaims", "persistentvolumes", "storageclasses")


def not_checked(case: Case, outcomes: Mapping[str, Outcome]) -> Iterator[Unread]:
    """Everything unread or not modelled that the answer on this DaemonSet might depend on.

    Args:
        case: the DaemonSet.
        outcomes: the outcome on each node, of those at least that are not covered.
    """
    states = {outcome.state for outcome in outcomes.values()}
    for item in case.unread:
        if _matters(item.what, case, states, outcomes.values()):
            yield item
    yield from _of_refusals(case, outcomes.values())
    yield from _unjudged(case, outcomes)
    yield from by_version(case)
    yield from _of_operators(case)
    if not case.revision.known:
        yield Unread(
            what="the current revision",
            why="no ControllerRevision and no template generation tell it; every pod counts as "
            "current",
        )
    if is_openshift(case.namespace) and not case.namespace_selector:
        yield Unread(
            what="the cluster's default node selector",
            why="OpenShift applies it to this namespace, and it is not among the objects read",
        )


def _of_refusals(case: Case, outcomes: Iterable[Outcome]) -> Iterator[Unread]:
    if any(_tells_nothing(reason) for outcome in outcomes for reason in outcome.reasons):
        yield Unread(
            what="admission webhooks, admission policies, server configuration",
            why="that they refuse pods is told by FailedCreate events alone, and "
            + ("none is there" if case.knows("events") else "events were not read"),
        )


def _of_operators(case: Case) -> Iterator[Unread]:
    tolerations = case.daemon_set.template.spec.tolerations or ()
    if any(item.operator in _COMPARISONS for item in tolerations):
        yield Unread(
            what="toleration operators Lt and Gt",
            why="whether the cluster enables them can't be read; taken as disabled, the default",
        )


def _goes_by_pods(outcome: Outcome) -> bool:
    return any(isinstance(reason.facts, _BY_PODS) for reason in outcome.reasons)


def _tells_nothing(reason: Reason) -> bool:
    return isinstance(reason.facts, UnknownFacts) and not reason.facts.ended


def _unjudged(case: Case, outcomes: Mapping[str, Outcome]) -> Iterator[Unread]:
    """What the scheduler's filters could not be judged by, where a pod waits."""
    waiting = [name for name, outcome in outcomes.items() if outcome.state is State.PENDING]
    if waiting:
        found = dict.fromkeys(_of_filters(case, waiting[:_ENOUGH]))
        yield from (item for item in found if item not in case.unread)
        yield NOT_MODELLED
    if case.fleet.in_part and any(map(_goes_by_pods, outcomes.values())):
        yield _OTHER_PODS


def _of_filters(case: Case, waiting: Iterable[str]) -> Iterator[Unread]:
    from kubectl_ds.core.scheduling.pending import unjudged

    for name in waiting:
        for pod in case.owned.by_node[name]:
            if name in case.nodes and pod.live:
                yield from unjudged(pod, case.nodes[name], case.fleet)


def _matters(kind: str, case: Case, states: Set[State], outcomes: Iterable[Outcome]) -> bool:
    """Whether the answer may depend on a kind, for those that only some DaemonSets depend on."""
    spec = case.daemon_set.template.spec
    if kind == OTHERS:
        return any(waiting(case))
    if kind.startswith(UNSEEN):
        return any(f"{UNSEEN}{pod.spec.scheduler_name}" == kind for pod in waiting(case))
    if kind == "runtimeclasses":
        return bool(spec.runtime_class_name) and bool(states & {State.MISSING, State.PENDING})
    if kind == "priorityclasses" and not (has_priority(spec) or is_scoped(case)):
        return False
    if kind in REFUSALS:
        return any(_depends(outcome, REFUSALS[kind]) for outcome in outcomes)
    if kind in _OF_VOLUMES:
        return State.PENDING in states and _claims(case)
    return True


def _claims(case: Case) -> bool:
    pods = (pod for pods in case.owned.by_node.values() for pod in pods)
    return any(not pod.spec.node_name and has_claims(pod.spec) for pod in pods)


def _depends(outcome: Outcome, codes: Container[str]) -> bool:
    """Whether a pod is missing, and nobody reported why, or reported one of some codes."""
    first = next(iter(outcome.reasons), None)
    told = first is not None and (first.source is Source.REPORTED or first.code in WHOLE_DAEMON_SET)
    named = first is not None and first.code in codes
    return outcome.state is State.MISSING and (named or not told)
