"""What the API server answered when the controller tried to create a pod.

The answer stands in the FailedCreate events of the DaemonSet, which name no node and last an
hour. Sources: ``pkg/controller/controller_utils.go`` (recordPodCreate…), ``apiserver/pkg/
admission/errors.go`` and the plugins that word each refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from kubectl_ds.core.facts import SecurityCheck
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet, Event

_COMBINED = "(combined from similar events): "
_PREFIX = "Error creating: "
_GENERATED = r'(?i)^(pods? ")[^"]*(" is (?:forbidden|invalid): )'


class Refusal(Value, frozen=True):
    """Why creating a pod failed, as the newest event tells.

    Attributes:
        code: the reason code.
        subject: the quota, webhook, policy, class or account concerned; empty where none is named.
        message: the API server's answer, without the name that the pod would have had.
        namespace: the namespace in which it happened.
        resources: for a quota, the (key, requested, used, limited) that it names.
        last_seen: when it last happened.
        count: how often, as far as the event counts.
    """

    code: str
    subject: str
    message: str
    namespace: str = ""
    resources: tuple[tuple[str, str, str, str], ...] = ()
    last_seen: datetime | None = None
    count: int = 0


# What begins an answer decides: what it quotes further on may look like any other refusal.
# Mostly nothing is refused at all, so that none of these is compiled before it is needed.
_PLAIN = (
    ("WebhookDenied", r'admission webhook "(?P<subject>[^"]+)" denied the request'),
    ("WebhookUnavailable", r'Internal error occurred: failed calling webhook "(?P<subject>[^"]+)"'),
    ("AdmissionPolicyDenied", r"ValidatingAdmissionPolicy '(?P<subject>[^']+)'"),
    ("AdmissionPolicyDenied", r"policy ['\"](?P<subject>[^'\"]+)['\"] .*denied request: "),
    ("InvalidPodSpec", r'Pod "[^"]*" is invalid: '),
    ("CreateFailed", r"insufficient quota to match these scopes: \[(?P<subject>.*)\]$"),
    ("CreateFailed", r'Operation cannot be fulfilled on resourcequotas "(?P<subject>[^"]+)"'),
)
_FORBIDDEN = r'pods(?: "[^"]*")? is forbidden: '
_AFTER_FORBIDDEN = (
    ("QuotaExceeded", r"exceeded quota: (?P<subject>[^,]+), requested: "),
    ("QuotaRequiresResources", r"failed quota: (?P<subject>[^:]+): must specify "),
    ("CreateFailed", r"status unknown for quota: (?P<subject>[^,]+), resources: "),
    ("CreateFailed", r"insufficient quota to consume: (?P<subject>.+)"),
    ("PodSecurityViolation", r'violates PodSecurity "(?P<subject>[^"]+)": '),
    ("LimitRangeViolation", r"\[?(?:minimum|maximum) \S+ usage per (?:Container|Pod) is "),
    ("LimitRangeViolation", r"\[?\S+ max limit to request ratio per "),
    ("AdmissionPolicyDenied", r"ValidatingAdmissionPolicy '(?P<subject>[^']+)'"),
    (
        "ServiceAccountMissing",
        r"error looking up service account (?P<subject>[^:\s]+): .*not found",
    ),
    ("PriorityClassMissing", r"no PriorityClass with name (?P<subject>\S+) was found"),
    ("PriorityConflict", r"the (?:integer|string) value of .* must not be provided in pod spec"),
    ("RuntimeClassMissing", r'pod rejected: RuntimeClass "(?P<subject>[^"]+)" not found'),
    ("RuntimeClassConflict", r"pod rejected: Pod(?:'s)? Overhead "),
    ("RuntimeClassConflict", r"(?:pod rejected: )?conflict: runtimeClass\.scheduling\."),
    (
        "SecurityContextConstraintDenied",
        r"unable to validate against any security context constraint",
    ),
    (
        "NamespaceTerminating",
        r"unable to create new content in namespace (?P<subject>\S+) because ",
    ),
    ("ControllerForbidden", r'User "[^"]*" cannot create resource "pods"'),
)
_QUOTA = r"requested: (?P<requested>.*), used: (?P<used>.*), limited: (?P<limited>.*)"
# ``check, check (detail)``; a detail may hold commas and brackets, and the last may be cut off.
_CHECK = r"(?P<check>[^(]+?)(?: \((?P<detail>.*?)(?:\)(?=, |$)|$))?(?:, |$)"


def newest_refusal(daemon_set: DaemonSet, events: Iterable[Event]) -> Refusal | None:
    """The answer behind the newest FailedCreate, unless a pod was created after it."""
    own = [event for event in events if _about(daemon_set, event) and event.time]
    failed = [event for event in own if event.reason == "FailedCreate"]
    newest = max(failed, key=_time, default=None)
    created = [event for event in own if event.reason == "SuccessfulCreate"]
    if newest is None or any(_time(event) > _time(newest) for event in created):
        return None
    return _refusal(newest)


def _about(daemon_set: DaemonSet, event: Event) -> bool:
    subject = event.involved_object
    if subject.kind != "DaemonSet" or subject.namespace != daemon_set.namespace:
        return False
    return subject.name == daemon_set.name and subject.uid == daemon_set.metadata.uid


def _time(event: Event) -> datetime:
    assert event.time is not None  # noqa: S101 - events without any time were left out
    return event.time


def _refusal(event: Event) -> Refusal:
    text = event.message.removeprefix(_COMBINED).removeprefix(_PREFIX)
    code, subject = classify(text)
    return Refusal(
        code=code,
        subject=subject,
        message=re.sub(_GENERATED, r"\1…\2", text),
        namespace=event.involved_object.namespace,
        resources=quota_numbers(text) if code == "QuotaExceeded" else (),
        last_seen=event.time,
        count=event.series.count if event.series else event.count or 1,
    )


def classify(text: str) -> tuple[str, str]:
    """The reason code of an answer, and what it names; CreateFailed where it fits none.

    Args:
        text: the API server's answer, without the event's prefixes.
    """
    forbidden = re.match(_FORBIDDEN, text)
    rest = text[forbidden.end() :] if forbidden else text
    for code, pattern in _AFTER_FORBIDDEN if forbidden else _PLAIN:
        match = re.match(pattern, rest)
        if match:
            return code, match.groupdict().get("subject") or ""
    return "CreateFailed", ""


def quota_numbers(text: str) -> tuple[tuple[str, str, str, str], ...]:
    """(key, requested, used, limited) for each key that an "exceeded quota" answer names."""
    match = re.search(_QUOTA, text)
    if match is None:
        return ()
    columns = [_pairs(match[name].split(",")) for name in ("requested", "used", "limited")]
    requested, used, limited = columns
    return tuple(
        (key, requested[key], used.get(key, ""), limited.get(key, "")) for key in requested
    )


def security_checks(text: str) -> tuple[SecurityCheck, ...]:
    """Each check that a "violates PodSecurity" answer names, with its detail."""
    _, _, listed = text.partition('": ')
    return tuple(
        SecurityCheck(check=match["check"], detail=match["detail"] or "")
        for match in re.finditer(_CHECK, listed)
    )


def _pairs(items: Sequence[str]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in items if "=" in item)
