"""Why a pod that exists is not bound, not available, or not gone.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, choice, common, duration, listing, span

_LONGEST = 200
# What every failed pull says around its cause.
_WRAPPERS = re.compile(
    r'^Back-off pulling image "[^"]*":? ?|^Failed to pull image "[^"]*": |ErrImagePull: '
    r"|rpc error: code = \w+ desc = "
    r'|failed to (?:pull and unpack image|resolve reference) "[^"]*": '
)
_REJECTED = re.compile(r"^Pod was rejected: |Predicate \w+ failed: ")
_PROBED = re.compile(r"^\w+ probe (?:failed|errored(?: and resulted in \w+ state)?): ")
_VOLUME = re.compile(r'^.*?for volume "(?P<volume>[^"]+)" ?:? ?')


def _brief(texts: Iterable[str]) -> str:
    """The text that all have, on one line and without what is too long for a sentence."""
    text = " ".join(common(texts).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"


def _restarts(all_facts: Sequence[f.ContainerFacts]) -> str:
    numbers = [item.restarts for item in all_facts]
    return span(numbers, " restart" if set(numbers) == {1} else " restarts")


def _last(all_facts: Sequence[f.ContainerFacts]) -> str:
    """When it last ended, and how often it was started again."""
    ago = [item.finished_ago for item in all_facts if item.finished_ago is not None]
    ends = dict.fromkeys(duration(seconds) for seconds in (min(ago), max(ago))) if ago else ()
    last = f", last {' to '.join(ends)} ago" if ends else ""
    return f"{last}, {_restarts(all_facts)}"


def _container(facts: f.ContainerFacts) -> str:
    kind = "init container" if facts.init else "container"
    return f"{kind} {facts.container}" if facts.container else "pod"


def pull(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} can't pull image {choice(item.image for item in all_facts)}"
    told = (_WRAPPERS.sub("", item.message) or item.event for item in all_facts)
    return after(lead, _brief(_WRAPPERS.sub("", text) for text in told))


def crash(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    if facts.probe:
        lead = f"{_container(facts)} keeps being killed, its {facts.probe} probe fails"
        return after(f"{lead}{_last(all_facts)}", _probed(all_facts))
    lead = f"{_container(facts)} keeps ending{_exit(all_facts)}{_last(all_facts)}"
    return after(lead, _brief(item.exit_message for item in all_facts))


def out_of_memory(all_facts: Sequence[f.ContainerFacts]) -> str:
    return f"{_container(all_facts[0])} was killed for lack of memory{_last(all_facts)}"


def _exit(all_facts: Sequence[f.ContainerFacts]) -> str:
    ends = [(x.exit_code, x.exit_reason) for x in all_facts if x.exit_code is not None]
    if not ends:
        return ""
    meaning = common(_meaning(*end) for end in ends)
    codes = choice(str(code) for code, _ in sorted(ends))
    return f" with exit code {codes}{f' ({meaning})' if meaning else ''}"


_BY_REASON = {
    "OOMKilled": "killed for lack of memory",
    "ContainerStatusUnknown": "the kubelet did not see its end",
    "StartError": "it could not be started",
    "ContainerCannotRun": "it could not be started",
    "DeadlineExceeded": "it ran for longer than it may",
}
# Above 128 it is the number of the signal that ended it, as shells and runtimes have it.
_BY_CODE = {
    0: "a daemon that ends is started again",
    126: "its command can't be executed",
    127: "its command was not found",
    130: "interrupted, SIGINT",
    132: "an illegal instruction, SIGILL",
    134: "it aborted, SIGABRT",
    135: "a memory fault, SIGBUS",
    136: "a fault in arithmetic, SIGFPE",
    137: "killed, SIGKILL",
    139: "a memory fault, SIGSEGV",
    143: "asked to end, SIGTERM",
}


def _meaning(code: int, reason: str) -> str:
    return _BY_REASON.get(reason) or _BY_CODE.get(code, reason)


def creating(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    lead = f"{_container(facts)} is being created" if facts.container else "not started yet"
    return after(lead, _brief(item.message or item.event for item in all_facts))


def initializing(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    if facts.init:
        lead = f"{_container(facts)} has yet to finish"
        return after(lead, _brief(item.event for item in all_facts))
    return f"{_container(facts)} waits for init containers to finish"


def running(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    name, text = _container(facts), _probed(all_facts)
    if facts.by_node:
        return "all containers are ready; the pod is marked not ready because its node was not"
    if not facts.container:
        return "all containers are ready, the pod is not"
    if facts.probe == "liveness":
        return after(f"{name} was killed, its liveness probe failed{_last(all_facts)}", text)
    if facts.probe:
        state = "fails" if text else "has not passed yet"
        return after(f"{facts.probe} probe of {name} {state}", text)
    ended = f"; it has ended{_exit(all_facts)}" if _exit(all_facts) else ""
    return f"{name} runs but is not ready{ended}{_last(all_facts)}"


def _probed(all_facts: Sequence[f.ContainerFacts]) -> str:
    return _brief(_PROBED.sub("", item.event) for item in all_facts)


def waiting(all_facts: Sequence[f.ContainerFacts]) -> str:
    facts = all_facts[0]
    what = _WAITS.get(facts.reason, f"waits, {facts.reason}")
    return after(f"{_container(facts)} {what}", _brief(item.message for item in all_facts))


_WAITS = {
    "InvalidImageName": "has an image name that can't be read",
    "ErrImageNeverPull": "has an image that is not on the node and must not be pulled",
    "CreateContainerConfigError": "can't be configured",
    "CreateContainerError": "can't be created",
    "RunContainerError": "can't be started",
}


def volume(all_facts: Sequence[f.PodEventFacts]) -> str:
    facts = all_facts[0]
    names = choice(f'"{name}"' for name in map(_volume, all_facts) if name)
    done = _DONE.get(facts.reason, "mounted")
    lead = f"volume {names} can't be {done}" if names else f"the volumes can't be {done}"
    return after(lead, _brief(_VOLUME.sub("", item.message) for item in all_facts))


_DONE = {"FailedAttachVolume": "attached", "FailedMapVolume": "mapped"}


def _volume(facts: f.PodEventFacts) -> str:
    found = _VOLUME.match(facts.message)
    return facts.volume or (found["volume"] if found else "")


def sandbox(all_facts: Sequence[f.PodEventFacts]) -> str:
    told = (item.message.removeprefix("Failed to create pod sandbox: ") for item in all_facts)
    return after("the pod's sandbox can't be set up", _brief(_WRAPPERS.sub("", x) for x in told))


def network(all_facts: Sequence[f.PodEventFacts]) -> str:
    told = (item.message.removeprefix("network is not ready: ") for item in all_facts)
    return after("the node's network is not ready", _brief(told))


def gate(all_facts: Sequence[f.ReadinessGateFacts]) -> str:
    facts = all_facts[0]
    status = choice(item.status or "not reported" for item in all_facts)
    return f"readiness gate {facts.gate} is not met: {status}"


def min_ready(all_facts: Sequence[f.MinReadyFacts]) -> str:
    wanted = all_facts[0].min_ready_seconds
    left = [item.seconds_left for item in all_facts if item.seconds_left is not None]
    rest = f", {span(left)}s to go" if left else ""
    ahead = [seconds - wanted for seconds in left if seconds > wanted]
    clock = f"; the node's clock is {span(ahead)}s ahead" if ahead else ""
    return f"ready, but not yet for minReadySeconds {wanted}{rest}{clock}"


def ended(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    lead = f"pod {facts.phase.lower() or 'failed'}"
    text = after(after(lead, facts.reason), _brief(item.message for item in all_facts))
    return f"{text}{_again(all_facts)}"


def rejected(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    text = _LABELS if facts.reason in _BY_LABELS else _refusal(all_facts)
    return f"{after(f'the kubelet refused the pod, {facts.reason}', text)}{_again(all_facts)}"


_BY_LABELS = ("NodeAffinity", "MatchNodeSelector")
_LABELS = "the node's labels, as it knew them, did not match the pod's node selector or affinity"


def evicted(all_facts: Sequence[f.PodFailureFacts]) -> str:
    facts = all_facts[0]
    refused = all(item.message.startswith("Pod was rejected: ") for item in all_facts)
    lead = "the kubelet refused the pod" if refused else "the kubelet evicted the pod"
    still = f"; the node still has {listing(facts.pressure)}" if facts.pressure else ""
    return f"{after(lead, _refusal(all_facts))}{still}{_again(all_facts)}"


def _refusal(all_facts: Sequence[f.PodFailureFacts]) -> str:
    return _brief(_REJECTED.sub("", item.message) for item in all_facts)


def _again(all_facts: Sequence[f.PodFailureFacts]) -> str:
    """What the controller does about it, and how often it has."""
    if not all_facts[0].replaced:
        return ""
    if all_facts[0].phase == "Succeeded":
        return "; the controller creates another"
    rounds = [item.rounds for item in all_facts]
    times = "once" if set(rounds) == {1} else f"{span(rounds)} times"
    so_far = f" (at least {times} within the last hour)" if any(rounds) else ""
    return f"; the controller creates another after a back-off of up to 15 min{so_far}"


def stuck(all_facts: Sequence[f.TerminationFacts]) -> str:
    facts = all_facts[0]
    overdue = choice(duration(item.overdue_seconds) for item in all_facts)
    text = f"the old pod should have been gone for {overdue}: {_cause(facts)}{_by(facts)}"
    return after(text, _brief(item.event for item in all_facts))


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
    text = f"a new pod is created once the old one is gone{_by(facts)}"
    told = facts.overdue_seconds or facts.cause == "none"
    return text if told else f"{text}; {_cause(facts)}"


# pkg/apis/core/types.go, reasons of the condition DisruptionTarget.
_DISRUPTIONS = {
    "DeletionByTaintManager": "evicted for a NoExecute taint",
    "DeletionByPodGC": "deleted because its node is gone",
    "EvictionByEvictionAPI": "evicted on request, as a drain does",
    "PreemptionByScheduler": "evicted for a pod of higher priority",
    "TerminationByKubelet": "ended by the kubelet to save the node",
}


def _by(facts: f.TerminationFacts) -> str:
    text = _DISRUPTIONS.get(facts.disruption, facts.disruption)
    return f" ({text})" if text else ""
