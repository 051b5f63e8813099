"""Why a pod that exists is not bound, not available, or not gone.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, choice, common, duration, span

# What every failed pull says around its cause.
_WRAPPERS = re.compile(
    r'^Back-off pulling image "[^"]*":? ?|rpc error: code = \w+ desc = '
    r'|failed to (?:pull and unpack image|resolve reference) "[^"]*": '
)
_REJECTED = "Pod was rejected: "


def _restarts(all_facts: Sequence[f.ContainerFacts]) -> str:
    numbers = [item.restarts for item in all_facts]
    return span(numbers, " restart" if set(numbers) == {1} else " restarts")


def _container(facts: f.ContainerFacts) -> str:
    kind = "init container" if facts.init else "container"
    return f"{kind} {facts.container}" if facts.container else "pod"


def pull(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} can't pull image {choice(item.image for item in all_facts)}"
    return after(lead, _WRAPPERS.sub("", common(item.message for item in all_facts)))


def crash(all_facts: Sequence[f.ContainerFacts]) -> str:
    return f"{_container(all_facts[0])} keeps ending{_exit(all_facts)}"


def out_of_memory(all_facts: Sequence[f.ContainerFacts]) -> str:
    return f"{_container(all_facts[0])} was killed for lack of memory, {_restarts(all_facts)}"


def _exit(all_facts: Sequence[f.ContainerFacts]) -> str:
    codes = [item.exit_code for item in all_facts if item.exit_code is not None]
    last = f" with exit code {span(codes)}" if codes else ""
    return f"{last}, {_restarts(all_facts)}"


def creating(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} is being created" if facts.container else "not started yet"
    return after(lead, common(item.message for item in all_facts))


def initializing(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    if facts.init:
        return f"{_container(facts)} has yet to finish"
    return f"{_container(facts)} waits for init containers to finish"


def running(all_facts: Sequence[f.ContainerFacts]) -> str:
    if not all_facts[0].container:
        return "all containers are ready, the pod is not"
    return f"{_container(all_facts[0])} runs but is not ready, {_restarts(all_facts)}"


def waiting(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} waits, {facts.reason}"
    return after(lead, common(item.message for item in all_facts))


def gate(all_facts: Sequence[f.ReadinessGateFacts]) -> str:
    facts = all_facts[0]
    status = choice(item.status or "not reported" for item in all_facts)
    return f"readiness gate {facts.gate} is not met: {status}"


def min_ready(all_facts: Sequence[f.MinReadyFacts]) -> str:
    left = [item.seconds_left for item in all_facts if item.seconds_left is not None]
    rest = f", {span(left)}s to go" if left else ""
    return f"ready, but not yet for minReadySeconds {all_facts[0].min_ready_seconds}{rest}"


def ended(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    lead = f"pod {facts.phase.lower() or 'failed'}"
    return after(after(lead, facts.reason), common(item.message for item in all_facts))


def rejected(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    message = common(item.message for item in all_facts).removeprefix(_REJECTED)
    return after(f"the kubelet refused the pod, {facts.reason}", message)


def evicted(all_facts: Sequence[f.PodFailureFacts]) -> str:
    message = common(item.message for item in all_facts)
    refused = message.startswith(_REJECTED)
    lead = "the kubelet refused the pod" if refused else "the kubelet evicted the pod"
    return after(lead, message.removeprefix(_REJECTED))


def stuck(all_facts: Sequence[f.TerminationFacts]) -> str:
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


def waits(all_facts: Sequence[f.TerminationFacts]) -> str:
    facts = all_facts[0]
    text = "a new pod is created once the old one is gone"
    told = facts.overdue_seconds or facts.cause == "none"
    return text if told else f"{text}; {_cause(facts)}"


def pod_event(all_facts: Sequence[f.PodEventFacts]) -> str:
    facts = all_facts[0]
    return after(f"the kubelet says {facts.reason}", common(item.message for item in all_facts))
