"""Why no pod is created.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.core.quantity import Quantity, parse
from kubectl_ds.words.phrases import after, choice, count, listing, span

_FORBIDDEN = 'pods "…" is forbidden: '
_AGAIN = "a retry may take up to 17 min"
_RETRY = f"and {_AGAIN}"
_SHOWN = 3
_AT_MOST = "at most {} allowed"
_BOUNDS = {
    "min": "at least {} required",
    "maxLimitRequestRatio": "needed for a limit of at most {} times the request",
}
_LACKING = re.compile(r"(\S+) for: ([^;]+)")
_PRIORITY = re.compile(
    r"value of (?P<what>\S+) \((?P<given>[^)]*)\) must not .* computed (?P<computed>\S+)"
)
_PRIORITY_FIELDS = {"PreemptionPolicy": "preemptionPolicy"}
_RUNTIME_SELECTOR = re.compile(
    r"nodeSelector\[(?P<key>[^]]+)\] = (?P<wanted>[^;]*); pod.* = (?P<given>.*)"
)
_GO_LIST = re.compile(r"\[([^]]*)\]")

# Failures without a code of their own, by what their text begins with.
_KNOWN = (
    ("status unknown for quota", "quota {} is not counted yet, and admits no pod until it is"),
    (
        "insufficient quota to match these scopes",
        "the cluster admits pods of {} only where a ResourceQuota of the namespace has that scope, "
        "and none has",
    ),
    (
        "insufficient quota to consume",
        "the cluster admits pods that use {} only where a ResourceQuota of the namespace limits "
        "it, and none does",
    ),
    (
        "Operation cannot be fulfilled on resourcequotas",
        "quota {} was changed by others at the same moment; the controller tries again by itself",
    ),
    (
        "Internal error occurred: resource quota evaluation timed out",
        "the namespace's quotas were not evaluated in time; the controller tries again by itself",
    ),
)


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
    uses = "; ".join(map(_use, facts.resources))
    name = f"quota {facts.quota}"
    room = facts.pods_that_fit or 0
    if 0 < room < facts.missing:
        lead = f"{name} has room for {room} of the {count(facts.missing, 'pod')} that are missing"
        return after(lead, uses) + (f"; {_AGAIN}" if facts.last_seen else "")
    if facts.last_seen is None:
        return after(f"{name} would refuse a pod", uses) + _uncounted(facts)
    if facts.gone or facts.pods_that_fit:
        fit = count(facts.pods_that_fit, "pod") if facts.pods_that_fit else "a pod"
        return f"{after(_refuses(name, facts, gone=True), uses)}; by now {fit} would fit, {_RETRY}"
    short = "leaves too little" if any(map(_left, facts.resources)) else "is used up"
    return after(f"{name} {short}", uses) + _uncounted(facts)


def _uncounted(facts: f.QuotaFacts) -> str:
    return "; spec.hard was changed, and that does not count yet" if facts.recalculated else ""


def _use(item: f.QuotaUse) -> str:
    left = _left(item)
    rest = f" {left} of {item.hard} left" if left else f" {item.used} of {item.hard} used"
    return f"{item.resource}{rest if item.hard else ''}, a pod needs {item.requested}"


def _left(item: f.QuotaUse) -> Quantity | None:
    """What is left of a quota, if anything; an event that was cut off may not tell."""
    try:
        hard, used = parse(item.hard), parse(item.used)
    except ValueError:
        return None
    return Quantity(hard.value - used.value, hard.notation) if hard > used else None


def _refuses(who: str, facts: f.RefusedFacts, gone: bool = False) -> str:
    if gone or facts.gone:
        return f"{who} refused a pod{_at(facts)}"
    return f"{who} {'would refuse' if facts.last_seen is None else 'refuses'} the pod"


def _at(facts: f.RefusedFacts) -> str:
    return f" at {facts.last_seen:%H:%M:%S} UTC" if facts.last_seen else ""


def _passes(facts: f.RefusedFacts) -> str:
    return f"; by now that would pass, {_RETRY}" if facts.gone else ""


def _said(facts: f.RefusedFacts) -> str:
    return facts.message.removeprefix(_FORBIDDEN)


def _first(texts: Iterable[str]) -> str:
    """The first of several texts with commas in them, and how many more there are."""
    listed = list(dict.fromkeys(texts))
    more = [f"and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    return "; ".join([*listed[:_SHOWN], *more])


def limits(all_facts: Sequence[f.LimitFacts]) -> str:
    facts = all_facts[0]
    who = f"LimitRange {facts.limit_range}" if facts.limit_range else "a LimitRange"
    broken = _first(map(_broken, facts.violations)) or _said(facts)
    return after(_refuses(who, facts), broken) + _passes(facts)


def _broken(use: f.LimitUse) -> str:
    who = f"container {use.container}" if use.container else "the whole pod"
    if use.side == "ratio":
        times = (use.actual or "").rstrip("0").rstrip(".")
        ratio = f"{times} times its request, at most {use.bound} times allowed"
        return f"{who} limits {use.resource} to {ratio}"
    if use.actual is None:
        has = f"has no {use.resource} {use.side}"
    elif use.side == "limit":
        has = f"has a {use.resource} limit of {use.actual}"
    else:
        has = f"requests {use.actual} {use.resource}"
    return f"{who} {has}, {_BOUNDS.get(use.rule, _AT_MOST).format(use.bound)}"


def security(all_facts: Sequence[f.SecurityFacts]) -> str:
    facts = all_facts[0]
    place = f" of namespace {facts.namespace}" if facts.namespace else ""
    checks = (f"{x.check} ({x.detail})" if x.detail else x.check for x in facts.violations)
    broken = ", ".join(checks) or _said(facts)
    return after(_refuses(f"PodSecurity {facts.level}{place}", facts), broken) + _passes(facts)


def requires(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    _, _, text = facts.message.partition("must specify ")
    lacking: dict[str, list[str]] = {}
    for key, names in _LACKING.findall(text):
        lacking.setdefault(names, []).append(key)
    told = "; ".join(
        f"{listing(keys)} missing for container{'s' * (',' in names)} {listing(names.split(','))}"
        for names, keys in lacking.items()
    )
    lead = _refuses(f"quota {facts.subject}", facts)
    return after(lead, told or (text and f"{text} missing")) + _passes(facts)


def missing(kind: str) -> Callable[[Sequence[f.CreateFacts]], str]:
    def words(all_facts: Sequence[f.CreateFacts]) -> str:
        facts = all_facts[0]
        if facts.gone:
            return f"{kind} {facts.subject} did not exist{_at(facts)}{_passes(facts)}"
        return f"{kind} {facts.subject} does not exist{_so(facts)}"

    return words


def _so(facts: f.RefusedFacts) -> str:
    return ", so the pod would be refused" if facts.last_seen is None else _passes(facts)


def priority_conflict(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    match = _PRIORITY.search(facts.message)
    if match is None:
        return create_failed(all_facts)
    own = f"{_PRIORITY_FIELDS.get(match['what'], match['what'])} {match['given']}"
    of = f"PriorityClass {facts.subject}" if facts.subject else "the pod's PriorityClass, or none,"
    return f"the template sets {own}, and {of} means {match['computed']}{_so(facts)}"


def runtime_conflict(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    name = f"RuntimeClass {facts.subject}" if facts.subject else "the pod's RuntimeClass"
    match = _RUNTIME_SELECTOR.search(facts.message)
    if match:
        key, own = match["key"], match["given"]
        return f"{name} wants {key}={match['wanted']}, the template wants {key}={own}{_so(facts)}"
    if "without corresponding" in facts.message:
        return f"the template sets an overhead, and no RuntimeClass of the pod does{_so(facts)}"
    return f"the template's overhead is not that of {name}{_so(facts)}"


def denied(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    _, _, text = facts.message.partition("denied the request")
    lead, text = f"admission webhook {facts.subject} denied the pod", " ".join(text.split())
    if not text.startswith(":"):
        return f"{lead} {text}".rstrip()
    return after(lead, text.removeprefix(":"))


def unavailable(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    _, _, text = facts.message.partition(f'"{facts.subject}": ')
    lead = f"admission webhook {facts.subject} must be asked about each pod and can't be called"
    return after(lead, text.removeprefix("failed to call webhook: "))


def policy_denied(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    _, _, text = facts.message.partition("denied request: ")
    kind = "ValidatingAdmissionPolicy"
    lead = kind if kind in facts.message else "admission policy"
    return after(f"{lead} {facts.subject} denied the pod", text)


def no_constraint(all_facts: Sequence[f.CreateFacts]) -> str:
    _, _, text = all_facts[0].message.partition("constraint: ")
    return after("no SecurityContextConstraint admits the pod", text)


def invalid(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    _, _, text = facts.message.partition(" is invalid: ")
    if facts.last_seen is None:
        return after("with what the API server fills in, the pod would be invalid", text)
    return after("the pod made from the template is invalid", text)


def controller_forbidden(all_facts: Sequence[f.CreateFacts]) -> str:
    text = all_facts[0].message.removeprefix("pods is forbidden: ")
    return after("the DaemonSet controller may not create pods here", text)


def create_failed(all_facts: Sequence[f.CreateFacts]) -> str:
    facts = all_facts[0]
    text = _said(facts)
    known = next((words for start, words in _KNOWN if text.startswith(start)), None)
    if known:
        return known.format(_plain(facts.subject))
    return after("creating the pod failed", text)


def _plain(subject: str) -> str:
    """A list in Go's notation, ``{PriorityClass In [a b]}``, with commas."""
    text = subject.strip("{}").replace("} {", ", ")
    return _GO_LIST.sub(lambda match: f"({', '.join(match[1].split())})", text)


def unknown(all_facts: Sequence[f.UnknownFacts]) -> str:
    if all(item.cause for item in all_facts):
        return _between_two(all_facts)
    if all_facts[0].pods_read:
        return "no pod is here, and nothing that was read tells why"
    return "no Pod was read at all, so whether one is here can't be told"


def _between_two(all_facts: Sequence[f.UnknownFacts]) -> str:
    """Of a node where pods come and go: the last one is gone, the next one is not there yet."""
    cause = next(item.cause for item in all_facts if item.cause)
    number = span([item.ended for item in all_facts])
    pods = "1 pod" if number == "1" else f"{number} pods"
    pressing = listing(name for item in all_facts for name in item.pressure)
    still = f"; the node has {pressing}" if pressing else ""
    lead = f"between two pods: at least {pods} came and went here within the last hour"
    return f"{after(lead, ': '.join(filter(None, (cause.reason, cause.message))))}{still}"


def just_added(all_facts: Sequence[f.JustAddedFacts]) -> str:
    since = choice(facts.created.strftime("%H:%M:%S UTC") for facts in all_facts)
    return f"the node was added at {since}; its pod is about to be created"
