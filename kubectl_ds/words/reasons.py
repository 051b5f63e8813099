"""One sentence for each reason code, with both sides of the comparison.

Each function gets the evidence of all nodes that share the reason: what was asked is equal for
all of them, what each node has may differ and is told as a choice or a range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kubectl_ds.core import facts as f
from kubectl_ds.core import notation
from kubectl_ds.core.pending import texts_for_target
from kubectl_ds.core.reasons import info
from kubectl_ds.words.phrases import after, choice, common, count, duration, listing, span

Words = Callable[[Sequence[Any]], str]

_ABSENT = "no such label"
_EMPTY = '""'
# What every failed pull says around its cause.
_WRAPPERS = re.compile(
    r'^Back-off pulling image "[^"]*":? ?|rpc error: code = \w+ desc = '
    r'|failed to (?:pull and unpack image|resolve reference) "[^"]*": '
)
_REJECTED = "Pod was rejected: "
_FORBIDDEN = 'pods "…" is forbidden: '


def sentence(code: str, evidence: Sequence[f.Facts]) -> str:
    """Say why, for one node or for several that share the reason.

    Args:
        code: a reason's code.
        evidence: the facts of each node concerned; at least one.
    """
    words = _BY_CODE.get(code) or _BY_FACTS[info(code).facts]
    return words(evidence)


def _fixed(text: str) -> Words:
    return lambda _: text


def _restarts(all_facts: Sequence[f.ContainerFacts]) -> str:
    numbers = [item.restarts for item in all_facts]
    return span(numbers, " restart" if set(numbers) == {1} else " restarts")


def _deleting(all_facts: Sequence[f.DeletionFacts]) -> str:
    facts = all_facts[0]
    lead = "the DaemonSet is being deleted, so no pod is created"
    return after(lead, _finalizers(facts.finalizers))


def _namespace_terminating(all_facts: Sequence[f.DeletionFacts]) -> str:
    return f"namespace {all_facts[0].name} is being deleted and takes no new pods"


def _finalizers(names: Sequence[str]) -> str:
    return f"finalizers left: {', '.join(names)}" if names else ""


def _lagging(all_facts: Sequence[f.LaggingFacts]) -> str:
    facts = all_facts[0]
    return (
        "the controller has not acted on the current spec: "
        f"generation {facts.generation}, observed {facts.observed_generation}"
    )


def _node_name(all_facts: Sequence[f.NodeNameFacts]) -> str:
    return f"the template's nodeName is {all_facts[0].wanted}"


def _node_selector(all_facts: Sequence[f.NodeSelectorFacts]) -> str:
    facts = all_facts[0]
    if facts.message:
        return f"scheduler: {facts.message}; by now the node's labels do not show it"
    actual = _values(item.actual for item in all_facts)
    return f"nodeSelector wants {facts.key}={facts.wanted or _EMPTY}, {_has(all_facts, actual)}"


def _values(values: Iterable[str | None]) -> str:
    """Label values in quotes; that some have no such label comes last."""
    ordered = sorted(values, key=lambda value: value is None)
    return choice(_ABSENT if value is None else f'"{value}"' for value in ordered)


def _has(all_facts: Sequence[f.Facts], what: str) -> str:
    return f"node has {what}" if len(all_facts) == 1 else f"nodes have {what}"


def _affinity(all_facts: Sequence[f.NodeAffinityFacts]) -> str:
    first = all_facts[0].failed
    if not first:
        return f"node affinity wants {notation.terms(all_facts[0].terms)}"
    parts = [
        f"{notation.requirement(item.key, item.operator, item.values)}, "
        f"{_side([facts.failed[place] for facts in all_facts])}"
        for place, item in enumerate(first)
    ]
    lead = "node affinity wants" if len(all_facts[0].terms) == 1 else "no affinity term matches:"
    return f"{lead} {'; '.join(parts)}"


def _side(group: Sequence[f.AffinityFailure]) -> str:
    problem = group[0].problem
    if problem:
        return f"which matches no node ({problem})"
    return f"node has {_values(item.actual for item in group)}"


def _namespace_selector(all_facts: Sequence[f.NamespaceSelectorFacts]) -> str:
    facts = all_facts[0]
    parts = [
        f"{first.key}, node has {_values(each.failed[place].actual for each in all_facts)}"
        for place, first in enumerate(facts.failed)
    ]
    return f"the namespace's {facts.annotation} wants {facts.selector}: {'; '.join(parts)}"


def _taint(all_facts: Sequence[f.TaintFacts]) -> str:
    facts = all_facts[0]
    if facts.message:
        return f"scheduler: {facts.message}; by now the node's taints do not show it"
    if len({item.value for item in all_facts}) > 1:
        values = choice(item.value for item in all_facts)
        return f"taint {facts.key}:{facts.effect} not tolerated, with value {values}"
    return f"taint {notation.taint(facts.key, facts.value, facts.effect)} not tolerated"


def _not_ready(all_facts: Sequence[f.NodeHealthFacts]) -> str:
    if all(facts.status == "True" for facts in all_facts):
        return f"node is ready, but still bears the taint {choice(all_facts[0].taints)}"
    return _health("node is not ready", all_facts)


def _unreachable(all_facts: Sequence[f.NodeHealthFacts]) -> str:
    if not all_facts[0].exists:
        return "the node no longer exists; its pod is removed within about a minute"
    if all(facts.status == "True" for facts in all_facts):
        return f"node is ready, but still bears the taint {choice(all_facts[0].taints)}"
    return _health("node is unreachable", all_facts)


def _health(lead: str, all_facts: Sequence[f.NodeHealthFacts]) -> str:
    texts = common(item.message for item in all_facts) or choice(item.reason for item in all_facts)
    return after(lead, texts)


def _not_replaceable(all_facts: Sequence[f.NotReplaceableFacts]) -> str:
    if all_facts[0].due:
        return "the rollout removes the pod and creates no replacement"
    return "the pod keeps running; the next rollout removes it and creates no replacement"


def _quota(all_facts: Sequence[f.QuotaFacts]) -> str:
    facts = all_facts[0]
    uses = "; ".join(
        f"{item.resource} {item.used} of {item.hard} used, a pod needs {item.requested}"
        for item in facts.resources
    )
    if facts.last_seen is None:
        return after(f"quota {facts.quota} would refuse a pod", uses)
    if facts.pods_that_fit:
        then = f"quota {facts.quota} refused a pod at {facts.last_seen:%H:%M:%S} UTC"
        room = f"by now {count(facts.pods_that_fit, 'pod')} would fit"
        return f"{after(then, uses)}; {room}, and a retry may take 17 min"
    return after(f"quota {facts.quota} is used up", uses)


def _refused(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    if facts.last_seen is None:
        return f"quota {facts.subject} will refuse the pod: {facts.message}"
    return after("creating the pod was refused", facts.message.removeprefix(_FORBIDDEN))


def _create_failed(all_facts: Sequence[f.CreateFacts]) -> str:
    if all_facts[0].last_seen is None:
        return _refused(all_facts)
    return after("creating the pod failed", all_facts[0].message.removeprefix(_FORBIDDEN))


def _unknown(all_facts: Sequence[f.UnknownFacts]) -> str:
    if all_facts[0].pods_read:
        return "no pod was created, and nothing that was read tells why"
    return "no Pod was read at all, so whether one is here can't be told"


def _just_added(all_facts: Sequence[f.JustAddedFacts]) -> str:
    since = choice(facts.created.strftime("%H:%M:%S UTC") for facts in all_facts)
    return f"the node was added at {since}; its pod is about to be created"


def _gated(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("held back by scheduling gates", ", ".join(all_facts[0].gates))


def _no_scheduler(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"the pod asks for scheduler {all_facts[0].scheduler}, of which there is no trace"


def _awaiting(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"{all_facts[0].scheduler} has not looked at the pod yet"


def _scheduler_error(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("scheduler error", common(item.message for item in all_facts))


def _scheduler(all_facts: Sequence[f.SchedulerFacts]) -> str:
    return f"scheduler: {all_facts[0].text}"


def _container(facts: f.ContainerFacts) -> str:
    kind = "init container" if facts.init else "container"
    return f"{kind} {facts.container}" if facts.container else "pod"


def _pull(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} can't pull image {choice(item.image for item in all_facts)}"
    return after(lead, _WRAPPERS.sub("", common(item.message for item in all_facts)))


def _crash(all_facts: Sequence[f.ContainerFacts]) -> str:
    return f"{_container(all_facts[0])} keeps ending{_exit(all_facts)}"


def _out_of_memory(all_facts: Sequence[f.ContainerFacts]) -> str:
    return f"{_container(all_facts[0])} was killed for lack of memory, {_restarts(all_facts)}"


def _exit(all_facts: Sequence[f.ContainerFacts]) -> str:
    codes = [item.exit_code for item in all_facts if item.exit_code is not None]
    last = f" with exit code {span(codes)}" if codes else ""
    return f"{last}, {_restarts(all_facts)}"


def _creating(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} is being created" if facts.container else "not started yet"
    return after(lead, common(item.message for item in all_facts))


def _initializing(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    if facts.init:
        return f"{_container(facts)} has yet to finish"
    return f"{_container(facts)} waits for init containers to finish"


def _running(all_facts: Sequence[f.ContainerFacts]) -> str:
    if not all_facts[0].container:
        return "all containers are ready, the pod is not"
    return f"{_container(all_facts[0])} runs but is not ready, {_restarts(all_facts)}"


def _waiting(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} waits, {facts.reason}"
    return after(lead, common(item.message for item in all_facts))


def _gate(all_facts: Sequence[f.ReadinessGateFacts]) -> str:
    facts = all_facts[0]
    status = choice(item.status or "not reported" for item in all_facts)
    return f"readiness gate {facts.gate} is not met: {status}"


def _min_ready(all_facts: Sequence[f.MinReadyFacts]) -> str:
    left = [item.seconds_left for item in all_facts if item.seconds_left is not None]
    rest = f", {span(left)}s to go" if left else ""
    return f"ready, but not yet for minReadySeconds {all_facts[0].min_ready_seconds}{rest}"


def _ended(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    lead = f"pod {facts.phase.lower() or 'failed'}"
    return after(after(lead, facts.reason), common(item.message for item in all_facts))


def _rejected(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    message = common(item.message for item in all_facts).removeprefix(_REJECTED)
    return after(f"the kubelet refused the pod, {facts.reason}", message)


def _evicted(all_facts: Sequence[f.PodFailureFacts]) -> str:
    message = common(item.message for item in all_facts)
    refused = message.startswith(_REJECTED)
    lead = "the kubelet refused the pod" if refused else "the kubelet evicted the pod"
    return after(lead, message.removeprefix(_REJECTED))


def _stuck(all_facts: Sequence[f.TerminationFacts]) -> str:
    facts = all_facts[0]
    overdue = choice(duration(item.overdue_seconds) for item in all_facts)
    return f"the old pod should have been gone for {overdue}: {_cause(facts)}"


_CAUSES = {
    "nodeGone": "its node no longer exists",
    "nodeNotReady": "its node is not ready or unreachable",
    "kubelet": "the kubelet has not finished it",
    "none": "it is still ending",
}


def _cause(facts: f.TerminationFacts) -> str:
    if facts.cause == "finalizer":
        return f"finalizer {', '.join(facts.finalizers)} holds it"
    return _CAUSES[facts.cause]


def _waits(all_facts: Sequence[f.TerminationFacts]) -> str:
    facts = all_facts[0]
    text = "a new pod is created once the old one is gone"
    told = facts.overdue_seconds or facts.cause == "none"
    return text if told else f"{text}; {_cause(facts)}"


def _blocked(all_facts: Sequence[f.BlockedFacts]) -> str:
    facts = all_facts[0]
    where = f" on {count(facts.nodes, 'node')}" if facts.nodes else ""
    return f"not replaced while pods can't be created{where} ({facts.code})"


def _surge_pending(all_facts: Sequence[f.SurgeFacts]) -> str:
    texts = {"; ".join(texts_for_target(item.message)) for item in all_facts}
    return after("the new pod is Pending", common(texts))


def _surge_not_ready(all_facts: Sequence[f.SurgeFacts]) -> str:
    return after("the new pod is not ready", common(item.message for item in all_facts))


def _budget(name: str) -> Words:
    def words(all_facts: Sequence[f.BudgetFacts]) -> str:
        facts = all_facts[0]
        if facts.stalled_by:
            gone = listing(facts.stalled_by)
            return f"the rollout fails while an old pod is bound to {gone}, which no longer exists"
        if not facts.blockers:
            return f"{name} can't be read, so nothing is replaced"
        more = facts.used - len(facts.blockers)
        rest = [count(more, "other")] if more > 0 else []
        users = listing([*map(_blocker, facts.blockers), *rest])
        return after(f"{name} {facts.limit} is used up", users)

    return words


def _blocker(item: f.Blocker) -> str:
    return f"{item.node} ({item.state}{f', {item.code}' if item.code else ''})"


def _next(all_facts: Sequence[f.BudgetFacts]) -> str:
    facts = all_facts[0]
    return f"replaced next or soon: the rollout uses {facts.used} of {facts.limit}"


_BY_CODE: dict[str, Words] = {
    "DaemonSetDeleting": _deleting,
    "NamespaceTerminating": _namespace_terminating,
    "NodeNotReady": _not_ready,
    "NodeUnreachable": _unreachable,
    "CreateFailed": _create_failed,
    "SchedulingGated": _gated,
    "SchedulerAbsent": _no_scheduler,
    "AwaitingScheduler": _awaiting,
    "SchedulerError": _scheduler_error,
    "WaitingForPreemption": _fixed("other pods are being evicted to make room"),
    "ImagePullBackOff": _pull,
    "ErrImagePull": _pull,
    "CrashLoopBackOff": _crash,
    "OOMKilled": _out_of_memory,
    "ContainerCreating": _creating,
    "PodInitializing": _initializing,
    "NotReady": _running,
    "Evicted": _evicted,
    "KubeletRejected": _rejected,
    "StuckTerminating": _stuck,
    "ReplacementWaitsForTermination": _waits,
    "SurgePodPending": _surge_pending,
    "SurgePodNotReady": _surge_not_ready,
    "SurgePodMinReady": _fixed("the new pod is ready, but not yet for minReadySeconds"),
    "WaitingForSurgeBudget": _budget("maxSurge"),
    "WaitingForBudget": _budget("maxUnavailable"),
    "NextInLine": _next,
}
_BY_FACTS: dict[type[f.Facts], Words] = {
    f.LaggingFacts: _lagging,
    f.NodeNameFacts: _node_name,
    f.NodeSelectorFacts: _node_selector,
    f.NodeAffinityFacts: _affinity,
    f.NamespaceSelectorFacts: _namespace_selector,
    f.TaintFacts: _taint,
    f.NotReplaceableFacts: _not_replaceable,
    f.QuotaFacts: _quota,
    f.CreateFacts: _refused,
    f.JustAddedFacts: _just_added,
    f.UnknownFacts: _unknown,
    f.SchedulerFacts: _scheduler,
    f.TargetFacts: _fixed(
        "the node that the pod is made for no longer exists; the controller deletes the pod"
    ),
    f.ContainerFacts: _waiting,
    f.ReadinessGateFacts: _gate,
    f.MinReadyFacts: _min_ready,
    f.PodFailureFacts: _ended,
    f.OldPodFacts: _fixed("strategy OnDelete: the old pod stays until somebody deletes it"),
    f.BlockedFacts: _blocked,
}
