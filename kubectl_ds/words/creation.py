"""Why no pod is created.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, choice, count

_FORBIDDEN = 'pods "…" is forbidden: '


def deleting(all_facts: Sequence[f.DeletionFacts]) -> str:
    facts = all_facts[0]
    lead = "the DaemonSet is being deleted, so no pod is created"
    return after(lead, _finalizers(facts.finalizers))


def namespace_terminating(all_facts: Sequence[f.DeletionFacts]) -> str:
    return f"namespace {all_facts[0].name} is being deleted and takes no new pods"


def _finalizers(names: Sequence[str]) -> str:
    return f"finalizers left: {', '.join(names)}" if names else ""


def lagging(all_facts: Sequence[f.LaggingFacts]) -> str:
    facts = all_facts[0]
    return (
        "the controller has not acted on the current spec: "
        f"generation {facts.generation}, observed {facts.observed_generation}"
    )


def quota(all_facts: Sequence[f.QuotaFacts]) -> str:
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


def refused(all_facts: Sequence[f.RefusedFacts]) -> str:
    facts = all_facts[0]
    if facts.last_seen is None and isinstance(facts, f.CreateFacts):
        return f"quota {facts.subject} will refuse the pod: {facts.message}"
    return after("creating the pod was refused", facts.message.removeprefix(_FORBIDDEN))


def create_failed(all_facts: Sequence[f.CreateFacts]) -> str:
    if all_facts[0].last_seen is None:
        return refused(all_facts)
    return after("creating the pod failed", all_facts[0].message.removeprefix(_FORBIDDEN))


def unknown(all_facts: Sequence[f.UnknownFacts]) -> str:
    if all_facts[0].pods_read:
        return "no pod was created, and nothing that was read tells why"
    return "no Pod was read at all, so whether one is here can't be told"


def just_added(all_facts: Sequence[f.JustAddedFacts]) -> str:
    since = choice(facts.created.strftime("%H:%M:%S UTC") for facts in all_facts)
    return f"the node was added at {since}; its pod is about to be created"
