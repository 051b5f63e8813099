"""How a refusal is told: reported, predicted, and gone by now."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from kubectl_ds.core import facts as f
from kubectl_ds.words.reasons import sentence

SEEN = {"last_seen": datetime(2026, 11, 21, 8, 0, tzinfo=timezone.utc), "count": 3}
GONE = {**SEEN, "gone": True}
FORBIDDEN = 'pods "…" is forbidden: '
BY_NOW = "; by now that would pass, and a retry may take up to 17 min"


def create(message: str = "", subject: str = "", **told: Any) -> f.CreateFacts:
    return f.CreateFacts(subject=subject, message=message, **told)


def use(rule: str, side: str, actual: str | None, bound: str = "1", **more: str) -> f.LimitUse:
    given = {"type": "Container", "container": "agent", "resource": "cpu", **more}
    return f.LimitUse(rule=rule, side=side, actual=actual, bound=bound, **given)


def limits(*uses: f.LimitUse, name: str = "defaults", **told: Any) -> f.LimitFacts:
    return f.LimitFacts(limit_range=name, violations=uses, **told)


def quota(*uses: tuple[str, str, str, str], fits: int | None = 0, **told: Any) -> f.QuotaFacts:
    rows = tuple(f.QuotaUse(resource=r, requested=q, used=u, hard=h) for r, q, u, h in uses)
    return f.QuotaFacts(quota="gold", resources=rows, pods_that_fit=fits, **told)


CPU = ("requests.cpu", "1500m", "1", "2")
PODS = ("pods", "1", "5", "5")
QUOTAS = [
    pytest.param(
        quota(CPU, **SEEN),
        "quota gold leaves too little: requests.cpu 1 of 2 left, a pod needs 1500m",
        id="some left",
    ),
    pytest.param(
        quota(CPU, PODS, **SEEN),
        "quota gold leaves too little: requests.cpu 1 of 2 left, a pod needs 1500m; "
        "pods 5 of 5 used, a pod needs 1",
        id="some left of one",
    ),
    pytest.param(
        quota(("memory", "1Gi", "3Gi", "3584Mi"), **SEEN),
        "quota gold leaves too little: memory 512Mi of 3584Mi left, a pod needs 1Gi",
        id="memory",
    ),
    pytest.param(
        quota(("pods", "1", "7", "5"), **SEEN),
        "quota gold is used up: pods 7 of 5 used, a pod needs 1",
        id="more than there is",
    ),
    pytest.param(
        quota(("pods", "1", "", ""), **SEEN),
        "quota gold is used up: pods, a pod needs 1",
        id="an event that was cut off",
    ),
    pytest.param(
        quota(PODS), "quota gold would refuse a pod: pods 5 of 5 used, a pod needs 1",
        id="predicted",
    ),
    pytest.param(
        quota(PODS, recalculated=True),
        "quota gold would refuse a pod: pods 5 of 5 used, a pod needs 1; "
        "spec.hard was changed, and that does not count yet",
        id="being recalculated",
    ),
    pytest.param(
        quota(PODS, fits=1, **GONE),
        "quota gold refused a pod at 08:00:00 UTC: pods 5 of 5 used, a pod needs 1; "
        "by now 1 pod would fit, and a retry may take up to 17 min",
        id="room by now",
    ),
    pytest.param(
        quota(PODS, fits=None, **GONE),
        "quota gold refused a pod at 08:00:00 UTC: pods 5 of 5 used, a pod needs 1; "
        "by now a pod would fit, and a retry may take up to 17 min",
        id="gone by now",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "text"), QUOTAS)
def test_quota(facts: f.QuotaFacts, text: str) -> None:
    assert sentence("QuotaExceeded", [facts]) == text


LIMITS = [
    pytest.param(
        limits(use("max", "request", "2"), **SEEN),
        "LimitRange defaults refuses the pod: container agent requests 2 cpu, at most 1 allowed",
        id="request above the maximum",
    ),
    pytest.param(
        limits(use("max", "limit", "2"), use("min", "request", "50m", "100m"), **SEEN),
        "LimitRange defaults refuses the pod: container agent has a cpu limit of 2, at most 1 "
        "allowed; container agent requests 50m cpu, at least 100m required",
        id="two rules",
    ),
    pytest.param(
        limits(use("max", "limit", None, type="Pod", container="")),
        "LimitRange defaults would refuse the pod: the whole pod has no cpu limit, at most 1 "
        "allowed",
        id="predicted, of the whole pod",
    ),
    pytest.param(
        limits(use("maxLimitRequestRatio", "ratio", "10.000000", "2"), **SEEN),
        "LimitRange defaults refuses the pod: container agent limits cpu to 10 times its request, "
        "at most 2 times allowed",
        id="ratio",
    ),
    pytest.param(
        limits(use("maxLimitRequestRatio", "ratio", "2.500000", "2"), **SEEN),
        "LimitRange defaults refuses the pod: container agent limits cpu to 2.5 times its request, "
        "at most 2 times allowed",
        id="ratio with a fraction",
    ),
    pytest.param(
        limits(use("maxLimitRequestRatio", "request", None, "2"), **SEEN),
        "LimitRange defaults refuses the pod: container agent has no cpu request, needed for a "
        "limit of at most 2 times the request",
        id="ratio of nothing",
    ),
    pytest.param(
        limits(*(use("max", "limit", str(n)) for n in range(2, 7)), **SEEN),
        "LimitRange defaults refuses the pod: container agent has a cpu limit of 2, at most 1 "
        "allowed; container agent has a cpu limit of 3, at most 1 allowed; container agent has a "
        "cpu limit of 4, at most 1 allowed; and 2 more",
        id="many",
    ),
    pytest.param(
        limits(name="", message=f"{FORBIDDEN}maximum cpu usage per Pod is 1, but limit is 2", **SEEN),
        "a LimitRange refuses the pod: maximum cpu usage per Pod is 1, but limit is 2",
        id="only an event tells",
    ),
    pytest.param(
        limits(name="", message=f"{FORBIDDEN}maximum cpu usage per Pod is 1, but limit is 2", **GONE),
        "a LimitRange refused a pod at 08:00:00 UTC: maximum cpu usage per Pod is 1, but limit is 2"
        + BY_NOW,
        id="gone by now",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "text"), LIMITS)
def test_limit_range(facts: f.LimitFacts, text: str) -> None:
    assert sentence("LimitRangeViolation", [facts]) == text


CHECKS = (
    f.SecurityCheck(check="hostPath volumes", detail='volume "sys"'),
    f.SecurityCheck(check="privileged", detail=""),
)
SECURITY = [
    pytest.param(
        SEEN,
        "PodSecurity baseline:latest of namespace x refuses the pod: "
        'hostPath volumes (volume "sys"), privileged',
        id="reported",
    ),
    pytest.param(
        {},
        "PodSecurity baseline:latest of namespace x would refuse the pod: "
        'hostPath volumes (volume "sys"), privileged',
        id="predicted",
    ),
    pytest.param(
        GONE,
        "PodSecurity baseline:latest of namespace x refused a pod at 08:00:00 UTC: "
        f'hostPath volumes (volume "sys"), privileged{BY_NOW}',
        id="gone by now",
    ),
]


@pytest.mark.parametrize(("told", "text"), SECURITY)
def test_pod_security(told: dict[str, Any], text: str) -> None:
    facts = f.SecurityFacts(namespace="x", level="baseline:latest", violations=CHECKS, **told)
    assert sentence("PodSecurityViolation", [facts]) == text


PRIORITY = (
    "the integer value of priority (7) must not be provided in pod spec; priority admission "
    "controller computed 0 from the given PriorityClass name"
)
SELECTOR = (
    "conflict: runtimeClass.scheduling.nodeSelector[arch] = arm64; "
    "pod.spec.nodeSelector[arch] = amd64"
)
CALL = "Internal error occurred: failed calling webhook"
REFUSED = [
    pytest.param(
        "QuotaRequiresResources",
        create("failed quota: q: must specify limits.cpu for: a,b; requests.cpu for: a,b", "q", **SEEN),
        "quota q refuses the pod: limits.cpu and requests.cpu missing for containers a and b",
        id="resources required",
    ),
    pytest.param(
        "QuotaRequiresResources",
        create("failed quota: q: must specify limits.cpu for: a; cpu for: b", "q"),
        "quota q would refuse the pod: limits.cpu missing for container a; cpu missing for "
        "container b",
        id="resources required, predicted",
    ),
    pytest.param(
        "QuotaRequiresResources",
        create("failed quota: q: must specify cpu,memory", "q", **GONE),
        f"quota q refused a pod at 08:00:00 UTC: cpu,memory missing{BY_NOW}",
        id="resources required, in the words of old servers",
    ),
    pytest.param(
        "ServiceAccountMissing", create(subject="logging/fluentd", **SEEN),
        "ServiceAccount logging/fluentd does not exist", id="account",
    ),
    pytest.param(
        "PriorityClassMissing", create(subject="high"),
        "PriorityClass high does not exist, so the pod would be refused",
        id="PriorityClass, predicted",
    ),
    pytest.param(
        "RuntimeClassMissing", create(subject="kata", **GONE),
        f"RuntimeClass kata did not exist at 08:00:00 UTC{BY_NOW}", id="RuntimeClass, gone by now",
    ),
    pytest.param(
        "PriorityConflict", create(PRIORITY, "gold"),
        "the template sets priority 7, and PriorityClass gold means 0, so the pod would be refused",
        id="priority",
    ),
    pytest.param(
        "PriorityConflict",
        create(
            "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
            "priority admission controller computed PreemptLowerPriority from the given "
            "PriorityClass name", **SEEN,
        ),
        "the template sets preemptionPolicy Never, and the pod's PriorityClass, or none, means "
        "PreemptLowerPriority",
        id="preemption policy",
    ),
    pytest.param(
        "RuntimeClassConflict", create(SELECTOR, "kata", **SEEN),
        "RuntimeClass kata wants arch=arm64, the template wants arch=amd64", id="node selector",
    ),
    pytest.param(
        "RuntimeClassConflict",
        create("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead", **SEEN),
        "the template's overhead is not that of the pod's RuntimeClass", id="overhead",
    ),
    pytest.param(
        "RuntimeClassConflict",
        create(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
        ),
        "the template sets an overhead, and no RuntimeClass of the pod does, so the pod would be "
        "refused",
        id="overhead of its own",
    ),
    pytest.param(
        "WebhookDenied",
        create('admission webhook "w" denied the request: \n\npolicy a:\n\n  no', "w", **SEEN),
        "admission webhook w denied the pod: policy a: no", id="webhook, on several lines",
    ),
    pytest.param(
        "WebhookDenied",
        create('admission webhook "w" denied the request without explanation', "w", **SEEN),
        "admission webhook w denied the pod without explanation", id="webhook without a word",
    ),
    pytest.param(
        "WebhookUnavailable",
        create(f'{CALL} "w": failed to call webhook: Post "https://w.x.svc:443/": EOF', "w", **SEEN),
        "admission webhook w must be asked about each pod and can't be called: "
        'Post "https://w.x.svc:443/": EOF',
        id="webhook that fails",
    ),
    pytest.param(
        "AdmissionPolicyDenied",
        create(
            f"{FORBIDDEN}ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "p",
            **SEEN,
        ),
        "ValidatingAdmissionPolicy p denied the pod: no", id="policy",
    ),
    pytest.param(
        "AdmissionPolicyDenied",
        create("policy 'p' with binding 'b' denied request: no", "p", **SEEN),
        "admission policy p denied the pod: no", id="mutating policy",
    ),
    pytest.param(
        "SecurityContextConstraintDenied",
        create(
            f"{FORBIDDEN}unable to validate against any security context constraint: [a, b]", **SEEN
        ),
        "no SecurityContextConstraint admits the pod: [a, b]", id="SCC",
    ),
    pytest.param(
        "InvalidPodSpec", create('Pod "…" is invalid: spec.x: Required value', **SEEN),
        "the pod made from the template is invalid: spec.x: Required value", id="invalid",
    ),
    pytest.param(
        "InvalidPodSpec", create('Pod "…" is invalid: spec.x: Required value'),
        "with what the API server fills in, the pod would be invalid: spec.x: Required value",
        id="invalid, predicted",
    ),
    pytest.param(
        "ControllerForbidden",
        create('pods is forbidden: User "u" cannot create resource "pods"', **SEEN),
        "the DaemonSet controller may not create pods here: "
        'User "u" cannot create resource "pods"',
        id="RBAC",
    ),
    pytest.param(
        "CreateFailed",
        create(f"{FORBIDDEN}status unknown for quota: q, resources: pods", "q"),
        "quota q is not counted yet, and admits no pod until it is", id="quota not counted",
    ),
    pytest.param(
        "CreateFailed",
        create(
            "insufficient quota to match these scopes: [{PriorityClass In [a b]}]",
            "{PriorityClass In [a b]}", **SEEN,
        ),
        "the cluster admits pods of PriorityClass In (a, b) only where a ResourceQuota of the "
        "namespace has that scope, and none has",
        id="scope without a quota",
    ),
    pytest.param(
        "CreateFailed",
        create(f"{FORBIDDEN}insufficient quota to consume: cpu,memory", "cpu,memory", **SEEN),
        "the cluster admits pods that use cpu,memory only where a ResourceQuota of the namespace "
        "limits it, and none does",
        id="resource without a quota",
    ),
    pytest.param(
        "CreateFailed",
        create('Operation cannot be fulfilled on resourcequotas "q": the object has been', "q", **SEEN),
        "quota q was changed by others at the same moment; the controller tries again by itself",
        id="write conflict",
    ),
    pytest.param(
        "CreateFailed", create("etcdserver: request timed out", **SEEN),
        "creating the pod failed: etcdserver: request timed out", id="anything else",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "text"), REFUSED)
def test_refused(code: str, facts: f.CreateFacts, text: str) -> None:
    assert sentence(code, [facts]) == text
