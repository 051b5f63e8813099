"""What the API server's answers mean, and which of them still counts."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from kubectl_ds.core.creation.refusal import Refusal, classify, newest_refusal, quota_numbers
from kubectl_ds.core.model import Event, EventSeries
from kubectl_ds.core.reasons import ROWS, State
from tests.core.make import OTHER_UID, ago, daemon_set, event

VALIDATING = 'pods "agent-x7x2p" is forbidden: '  # the pod has its name by then
MUTATING = 'pods "agent-" is forbidden: '  # only metadata.generateName yet
CONTROLLER = "system:serviceaccount:kube-system:daemon-set-controller"

# apiserver resourcequota/controller.go (CheckRequest), pkg/quota/v1/evaluator/core/pods.go
# (Constraints). Only the first two have a code of their own, what passes by itself has none.
QUOTA = [
    pytest.param(
        f"{VALIDATING}exceeded quota: compute, requested: pods=1, used: pods=20, limited: pods=20",
        "QuotaExceeded",
        "compute",
        id="exceeded",
    ),
    pytest.param(
        f"{VALIDATING}exceeded quota: compute.v2, requested: limits.cpu=1,pods=1, "
        "used: limits.cpu=10,pods=20, limited: limits.cpu=10,pods=20",
        "QuotaExceeded",
        "compute.v2",
        id="exceeded in two keys",
    ),
    pytest.param(
        f"{VALIDATING}failed quota: compute: must specify limits.cpu for: c1,c2; "
        "requests.memory for: c1",
        "QuotaRequiresResources",
        "compute",
        id="must specify",
    ),
    pytest.param(
        f"{VALIDATING}failed quota: compute: must specify cpu,memory",
        "QuotaRequiresResources",
        "compute",
        id="must specify, old wording",
    ),
    pytest.param(
        f"{VALIDATING}status unknown for quota: compute, resources: pods,requests.cpu",
        "CreateFailed",
        "compute",
        id="status unknown",
    ),
    pytest.param(
        f"{VALIDATING}quota usage is negative for resource(s): requests.cpu",
        "CreateFailed",
        "",
        id="negative usage",
    ),
    pytest.param(
        f"{VALIDATING}insufficient quota to consume: cpu,memory",
        "CreateFailed",
        "cpu,memory",
        id="limited by default",
    ),
    pytest.param(
        "insufficient quota to match these scopes: [{PriorityClass In [gold]}]",
        "CreateFailed",
        "{PriorityClass In [gold]}",
        id="limited scope",
    ),
    pytest.param(
        'Operation cannot be fulfilled on resourcequotas "compute": the object has been '
        "modified; please apply your changes to the latest version and try again",
        "CreateFailed",
        "compute",
        id="write conflict",
    ),
    pytest.param(
        "Internal error occurred: resource quota evaluation timed out",
        "CreateFailed",
        "",
        id="evaluation timed out",
    ),
]

# plugin/pkg/admission/limitranger/admission.go (minConstraint, maxConstraint,
# limitRequestRatioConstraint); util/errors (aggregate.Error) joins several in brackets.
LIMIT_RANGE = [
    pytest.param(text, id=text)
    for text in (
        "minimum cpu usage per Container is 100m.  No request is specified",
        "minimum cpu usage per Container is 100m, but request is 50m",
        "minimum memory usage per Pod is 64Mi, but limit is 32Mi",
        "maximum memory usage per Container is 256Mi.  No limit is specified",
        "maximum memory usage per Container is 256Mi, but limit is 512Mi",
        "maximum nvidia.com/gpu usage per Pod is 1, but request is 2",
        "cpu max limit to request ratio per Container is 2, but no request is specified or "
        "request is 0",
        "cpu max limit to request ratio per Pod is 2, but no limit is specified or limit is 0",
        "cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000",
        "[maximum cpu usage per Container is 1, but limit is 2, memory max limit to request "
        "ratio per Container is 2, but provided ratio is 4.000000]",
        "[memory max limit to request ratio per Pod is 2, but provided ratio is 4.000000, "
        "minimum cpu usage per Pod is 1, but request is 100m]",
    )
]

# pod-security-admission/admission/admission.go (EvaluatePod), policy/check_*.go.
POD_SECURITY = [
    pytest.param(
        'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container '
        '"agent" must set securityContext.allowPrivilegeEscalation=false), unrestricted '
        'capabilities (container "agent" must set securityContext.capabilities.drop=["ALL"]), '
        'runAsNonRoot != true (pod or container "agent" must set securityContext.runAsNonRoot='
        'true), seccompProfile (pod or container "agent" must set securityContext.seccompProfile.'
        'type to "RuntimeDefault" or "Localhost")',
        "restricted:latest",
        id="restricted",
    ),
    pytest.param(
        'violates PodSecurity "baseline:v1.36": host namespaces (hostNetwork=true, hostPID=true), '
        'hostPath volumes (volumes "proc", "sys"), hostPort (container "agent" uses hostPort '
        '9100), privileged (container "agent" must not set securityContext.privileged=true)',
        "baseline:v1.36",
        id="baseline of a version",
    ),
    pytest.param(
        'violates PodSecurity "restricted:latest": runAsUser=0 (pod must not set runAsUser=0)',
        "restricted:latest",
        id="runAsUser",
    ),
    pytest.param(
        'violates PodSecurity "baseline:latest": forbidden sysctls (exceeded quota: '
        "compute, requested: pods=1, used: pods=1, limited: pods=1)",
        "baseline:latest",
        id="trap: a detail that reads like a quota",
    ),
    pytest.param(
        'violates PodSecurity "baseline:latest": seLinuxOptions (pod set forbidden '
        'securityContext.seLinuxOptions: type "RuntimeClass \\"x\\" not found")',
        "baseline:latest",
        id="trap: a detail that reads like a RuntimeClass",
    ),
]

# The plugins under plugin/pkg/admission, apiserver admission/errors.go (NewForbidden), the
# webhooks' statuserror.go and util/webhook/error.go, policy/validating/dispatcher.go.
BUILT_IN = [
    pytest.param(
        f"{MUTATING}error looking up service account kube-system/agent-sa: "
        'serviceaccount "agent-sa" not found',
        "ServiceAccountMissing",
        "kube-system/agent-sa",
        id="ServiceAccount missing",
    ),
    pytest.param(
        f'{MUTATING}volume with secret.secretName="token" is not allowed because service '
        "account agent-sa does not reference that secret",
        "CreateFailed",
        "",
        id="mountable secrets",
    ),
    pytest.param(
        f"{MUTATING}no PriorityClass with name gold was found",
        "PriorityClassMissing",
        "gold",
        id="PriorityClass missing",
    ),
    pytest.param(
        f"{MUTATING}the integer value of priority (7) must not be provided in pod spec; priority "
        "admission controller computed 0 from the given PriorityClass name",
        "PriorityConflict",
        "",
        id="priority given",
    ),
    pytest.param(
        f"{MUTATING}the string value of PreemptionPolicy (Never) must not be provided in pod "
        "spec; priority admission controller computed PreemptLowerPriority from the given "
        "PriorityClass name",
        "PriorityConflict",
        "",
        id="preemption policy given",
    ),
    pytest.param(
        f'{MUTATING}pod rejected: RuntimeClass "kata" not found',
        "RuntimeClassMissing",
        "kata",
        id="RuntimeClass missing",
    ),
    pytest.param(
        f"{MUTATING}pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        "RuntimeClassConflict",
        "",
        id="another overhead",
    ),
    pytest.param(
        f"{VALIDATING}pod rejected: Pod Overhead set without corresponding RuntimeClass defined "
        "Overhead",
        "RuntimeClassConflict",
        "",
        id="overhead without RuntimeClass",
    ),
    pytest.param(
        f"{MUTATING}conflict: runtimeClass.scheduling.nodeSelector[arch] = arm64; "
        "pod.spec.nodeSelector[arch] = amd64",
        "RuntimeClassConflict",
        "",
        id="another node selector",
    ),
    pytest.param(
        f"{MUTATING}unable to create new content in namespace kube-system because it is being "
        "terminated",
        "NamespaceTerminating",
        "kube-system",
        id="namespace terminating",
    ),
    pytest.param(
        "pods is forbidden: pod node label selector conflicts with its namespace node label "
        "selector",
        "CreateFailed",
        "",
        id="PodNodeSelector",
    ),
    pytest.param(
        "pod tolerations (possibly merged with namespace default tolerations) conflict with its "
        "namespace whitelist",
        "CreateFailed",
        "",
        id="PodTolerationRestriction",
    ),
    pytest.param(
        f"{VALIDATING}one or more images rejected by webhook backend",
        "CreateFailed",
        "",
        id="ImagePolicyWebhook",
    ),
    pytest.param(
        f"{VALIDATING}ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: "
        "image tag latest is not allowed",
        "AdmissionPolicyDenied",
        "no-latest",
        id="admission policy",
    ),
    pytest.param(
        f"{VALIDATING}ValidatingAdmissionPolicy 'no-latest' denied request: no params found",
        "AdmissionPolicyDenied",
        "no-latest",
        id="admission policy without a binding",
    ),
    pytest.param(
        "policy 'sidecars' with binding 'all' denied request: expression failed",
        "AdmissionPolicyDenied",
        "sidecars",
        id="mutating admission policy",
    ),
    pytest.param(
        'policy "sidecars" denied request: failed to configure policy: no such parameter',
        "AdmissionPolicyDenied",
        "sidecars",
        id="mutating admission policy without a binding",
    ),
    pytest.param(
        f"{VALIDATING}not yet ready to handle request", "CreateFailed", "", id="server starting"
    ),
    pytest.param(
        'admission webhook "validate.kyverno.svc-fail" denied the request: \n\npolicy '
        "DaemonSet/kube-system/agent for resource violation: \n\nno-root: no",
        "WebhookDenied",
        "validate.kyverno.svc-fail",
        id="webhook denies, on several lines",
    ),
    pytest.param(
        'admission webhook "w.example.com" denied the request without explanation',
        "WebhookDenied",
        "w.example.com",
        id="webhook denies without a word",
    ),
    pytest.param(
        'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: '
        'Post "https://w.ns.svc:443/mutate?timeout=10s": dial tcp 10.0.0.1:443: connect: '
        "connection refused",
        "WebhookUnavailable",
        "w.example.com",
        id="webhook refuses connections",
    ),
    pytest.param(
        'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: '
        'Post "https://w.ns.svc:443/mutate?timeout=10s": no endpoints available for service "w"',
        "WebhookUnavailable",
        "w.example.com",
        id="webhook without endpoints",
    ),
    pytest.param(
        'Internal error occurred: failed calling webhook "w.example.com"; no further details '
        "available",
        "WebhookUnavailable",
        "w.example.com",
        id="webhook unreachable without details",
    ),
    pytest.param(
        'Pod "agent-x7x2p" is invalid: spec.containers[0].resources.requests: Invalid value: "1": '
        "must be less than or equal to cpu limit of 500m",
        "InvalidPodSpec",
        "",
        id="invalid",
    ),
    pytest.param(
        'Pod "agent-x7x2p" is invalid: [spec.containers[0].image: Required value, '
        "spec.restartPolicy: Required value]",
        "InvalidPodSpec",
        "",
        id="invalid in two fields",
    ),
    pytest.param(
        f'pods is forbidden: User "{CONTROLLER}" cannot create resource "pods" in API group "" in '
        'the namespace "kube-system"',
        "ControllerForbidden",
        "",
        id="RBAC",
    ),
    pytest.param(
        f"{VALIDATING}cannot set blockOwnerDeletion if an ownerReference refers to a resource you "
        "can't set finalizers on: , <nil>",
        "CreateFailed",
        "",
        id="owner reference permission",
    ),
    pytest.param(
        'pods "agent-x7x2p" already exists, the server was not able to generate a unique name for '
        "the object",
        "CreateFailed",
        "",
        id="name collision",
    ),
    pytest.param(
        'Post "https://10.0.0.1:6443/api/v1/namespaces/kube-system/pods": dial tcp 10.0.0.1:6443: '
        "connect: connection refused",
        "CreateFailed",
        "",
        id="transport",
    ),
    pytest.param("etcdserver: request timed out", "CreateFailed", "", id="etcd"),
    pytest.param(
        f"{MUTATING}unable to validate against any security context constraint: [provider "
        '"anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: '
        ".spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed]",
        "SecurityContextConstraintDenied",
        "",
        id="SCC",
    ),
    pytest.param("", "CreateFailed", "", id="no text"),
]

# semantics: whatever an answer quotes, only what begins it says who refused.
TRAPS = [
    pytest.param(
        'admission webhook "w" denied the request: pods "a" is forbidden: exceeded quota: q, '
        "requested: pods=1, used: pods=1, limited: pods=1",
        "WebhookDenied",
        "w",
        id="a webhook that quotes a quota",
    ),
    pytest.param(
        'admission webhook "w" denied the request: violates PodSecurity "restricted:latest": '
        "privileged",
        "WebhookDenied",
        "w",
        id="a webhook that quotes PodSecurity",
    ),
    pytest.param(
        'admission webhook "w" denied the request: Internal error occurred: failed calling '
        'webhook "v": timeout',
        "WebhookDenied",
        "w",
        id="a webhook that quotes another one",
    ),
    pytest.param(
        'Internal error occurred: failed calling webhook "w": received invalid webhook response: '
        'admission webhook "v" denied the request',
        "WebhookUnavailable",
        "w",
        id="a webhook's failure that quotes a denial",
    ),
    pytest.param(
        f"{VALIDATING}ValidatingAdmissionPolicy 'p' with binding 'b' denied request: exceeded "
        "quota: q, requested: pods=1, used: pods=1, limited: pods=1",
        "AdmissionPolicyDenied",
        "p",
        id="a policy that quotes a quota",
    ),
    pytest.param(
        f"{VALIDATING}ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
        'admission webhook "w" denied the request: no',
        "AdmissionPolicyDenied",
        "p",
        id="a policy that quotes a webhook",
    ),
    pytest.param(
        'Pod "agent-x7x2p" is invalid: metadata.annotations: Invalid value: "admission webhook '
        '\\"w\\" denied the request: no": is forbidden: exceeded quota: q, requested: pods=1',
        "InvalidPodSpec",
        "",
        id="an invalid pod that quotes a denial",
    ),
    pytest.param(
        f"{VALIDATING}exceeded quota: failed.quota, requested: pods=1, used: pods=1, "
        "limited: pods=1",
        "QuotaExceeded",
        "failed.quota",
        id="a quota by the name of another failure",
    ),
    pytest.param(
        f"{VALIDATING}failed quota: exceeded-quota: must specify requests.cpu for: podsecurity",
        "QuotaRequiresResources",
        "exceeded-quota",
        id="a quota and a container by such names",
    ),
    pytest.param(
        f"{MUTATING}unable to validate against any security context constraint: [provider "
        '"violates": .spec.containers[0].image: Invalid value: "no PriorityClass with name x was '
        'found"]',
        "SecurityContextConstraintDenied",
        "",
        id="an SCC that quotes a PriorityClass",
    ),
    pytest.param(
        "the request was refused by a proxy: exceeded quota: q, requested: pods=1, used: pods=1, "
        "limited: pods=1",
        "CreateFailed",
        "",
        id="a quota that only a proxy speaks of",
    ),
]


@pytest.mark.parametrize(("text", "code", "subject"), [*QUOTA, *BUILT_IN, *TRAPS])
def test_an_answer_has_a_code_and_names_what_refused(text: str, code: str, subject: str) -> None:
    assert classify(text) == (code, subject)


@pytest.mark.parametrize("text", LIMIT_RANGE)
def test_every_wording_of_a_limit_range(text: str) -> None:
    assert classify(VALIDATING + text) == ("LimitRangeViolation", "")


@pytest.mark.parametrize(("text", "level"), POD_SECURITY)
def test_pod_security_names_level_and_version(text: str, level: str) -> None:
    assert classify(VALIDATING + text) == ("PodSecurityViolation", level)


@pytest.mark.parametrize(
    "text", [*(row.values[0] for row in [*QUOTA, *BUILT_IN, *TRAPS]), VALIDATING]
)
def test_every_code_explains_a_missing_pod(text: str) -> None:
    assert classify(text)[0] in ROWS[State.MISSING]


# Events may be cut off (a note holds 1024 bytes): what is left still decides.
TRUNCATED = [
    pytest.param(
        f"{VALIDATING}exceeded quota: compute, requested: limits.cpu=1,limits.mem",
        "QuotaExceeded",
        id="in what was requested",
    ),
    pytest.param(
        f"{VALIDATING}failed quota: compute: must specify limits.cp",
        "QuotaRequiresResources",
        id="in what must be specified",
    ),
    pytest.param(
        f'{VALIDATING}violates PodSecurity "restricted:latest": allowPri',
        "PodSecurityViolation",
        id="in the details",
    ),
    pytest.param(
        'admission webhook "w" denied the reques', "CreateFailed", id="before it can be told"
    ),
    pytest.param(f"{VALIDATING}exceeded quo", "CreateFailed", id="in the words themselves"),
]


@pytest.mark.parametrize(("text", "code"), TRUNCATED)
def test_text_that_was_cut_off(text: str, code: str) -> None:
    assert classify(text)[0] == code
    assert quota_numbers(text) == ()


# resourcequota/controller.go (prettyPrint): sorted keys, key=quantity joined by commas.
NUMBERS = [
    pytest.param(
        "exceeded quota: q, requested: pods=1, used: pods=20, limited: pods=20",
        (("pods", "1", "20", "20"),),
        id="one key",
    ),
    pytest.param(
        "exceeded quota: q, requested: limits.cpu=1,requests.memory=64Mi, "
        "used: limits.cpu=9500m,requests.memory=1000Mi, "
        "limited: limits.cpu=10,requests.memory=1Gi",
        (("limits.cpu", "1", "9500m", "10"), ("requests.memory", "64Mi", "1000Mi", "1Gi")),
        id="two keys",
    ),
    pytest.param(
        "exceeded quota: q, requested: requests.nvidia.com/gpu=1, "
        "used: requests.nvidia.com/gpu=0, limited: requests.nvidia.com/gpu=0",
        (("requests.nvidia.com/gpu", "1", "0", "0"),),
        id="a domain in the key",
    ),
    pytest.param("exceeded quota: q, requested: pods=1, used: pods=20", (), id="no limit"),
    pytest.param("etcdserver: request timed out", (), id="another text"),
]


@pytest.mark.parametrize(("text", "numbers"), NUMBERS)
def test_the_numbers_of_an_exceeded_quota(
    text: str, numbers: tuple[tuple[str, str, str, str], ...]
) -> None:
    assert quota_numbers(text) == numbers


# The newest answer


def failed(text: str = "no", seconds_ago: float = 60, **fields: object) -> Event:
    message = f"Error creating: {text}"
    return replace(event("FailedCreate", message, seconds_ago=seconds_ago), **fields)


def created(seconds_ago: float, uid: str | None = None) -> Event:
    made = event("SuccessfulCreate", "Created pod: agent-x7x2p", seconds_ago=seconds_ago)
    return made if uid is None else of_uid(made, uid)


def of_uid(made: Event, uid: str) -> Event:
    return replace(made, involved_object=replace(made.involved_object, uid=uid))


def newest(*events: Event) -> Refusal | None:
    return newest_refusal(daemon_set(), events)


# contract: "not older than the newest SuccessfulCreate"; A.5: an object of another UID is
# another object; A.11: the events of the controller.
COUNTS = [
    pytest.param([failed()], True, id="alone"),
    pytest.param([failed(), created(61)], True, id="a pod was created before"),
    pytest.param([failed(), created(59)], False, id="a pod was created after"),
    pytest.param([created(59), failed()], False, id="in any order"),
    pytest.param([failed(), created(60)], True, id="at the same time"),
    pytest.param([failed(), created(59), failed("no", 58)], True, id="failed again after that"),
    pytest.param([failed(), created(59, OTHER_UID)], True, id="created for a namesake"),
    pytest.param([of_uid(failed(), OTHER_UID)], False, id="of a namesake"),
    pytest.param(
        [event("FailedCreate", "Error creating: no", kind="ReplicaSet")], False, id="another kind"
    ),
    pytest.param(
        [failed(), event("SuccessfulDelete", "Deleted pod: agent-x7x2p", seconds_ago=1)],
        True,
        id="a pod was deleted after",
    ),
    pytest.param([event("FailedDelete", "Error deleting: no")], False, id="could not delete"),
    pytest.param([], False, id="no event"),
]


@pytest.mark.parametrize(("events", "counts"), COUNTS)
def test_a_failure_counts_until_a_pod_is_created_after_it(
    events: list[Event], counts: bool
) -> None:
    assert (newest(*events) is not None) is counts


def test_the_newest_failure_counts() -> None:
    quota = f"{VALIDATING}exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
    rest = [failed("etcdserver: request timed out", seconds) for seconds in (50, 3000)]
    refusal = newest(rest[0], failed(quota, 40), rest[1])
    assert refusal is not None
    assert (refusal.code, refusal.subject) == ("QuotaExceeded", "q")
    assert refusal.resources == (("pods", "1", "1", "1"),)
    assert refusal.last_seen == ago(40)


# client-go tools/record (events_cache.go) and tools/events: where an event keeps its times.
# It last happened at the newest of them.
def timed(**fields: object) -> Event:
    bare = failed(first_timestamp=None, last_timestamp=None, count=None)
    return replace(bare, **fields)


TIMES = [
    pytest.param(timed(first_timestamp=ago(900), last_timestamp=ago(30)), ago(30), id="last"),
    pytest.param(timed(first_timestamp=ago(30)), ago(30), id="first alone"),
    pytest.param(timed(event_time=ago(30)), ago(30), id="eventTime alone"),
    pytest.param(
        timed(event_time=ago(900), series=EventSeries(count=7, last_observed_time=ago(30))),
        ago(30),
        id="series over eventTime",
    ),
    pytest.param(
        timed(last_timestamp=ago(30), series=EventSeries(count=7, last_observed_time=ago(900))),
        ago(30),
        id="the newest wins, whichever it is",
    ),
    pytest.param(
        timed(metadata=replace(failed().metadata, creation_timestamp=ago(30))),
        ago(30),
        id="only created",
    ),
]


@pytest.mark.parametrize(("made", "last_seen"), TIMES)
def test_when_an_event_last_happened(made: Event, last_seen: datetime) -> None:
    refusal = newest(made, failed("older", 1000), created(31))
    assert refusal is not None
    assert refusal.last_seen == last_seen
    assert newest(made, created(29)) is None


COUNTED = [
    pytest.param(failed(count=12), 12, id="count"),
    pytest.param(timed(event_time=ago(30), series=EventSeries(count=7)), 7, id="series"),
    pytest.param(timed(event_time=ago(30)), 1, id="neither: once"),
]


@pytest.mark.parametrize(("made", "count"), COUNTED)
def test_how_often_it_happened(made: Event, count: int) -> None:
    refusal = newest(made)
    assert refusal is not None
    assert refusal.count == count


# events_cache.go (EventAggregator): from the 10th different message on, one event with a prefix.
def test_combined_events_are_read_like_single_ones() -> None:
    text = f"{VALIDATING}maximum cpu usage per Container is 1, but limit is 2"
    single = newest(failed(text))
    combined = newest(failed(message=f"(combined from similar events): Error creating: {text}"))
    assert single is not None
    assert single.code == "LimitRangeViolation"
    assert combined == single


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('pods "{}" is forbidden: no PriorityClass with name gold', id="forbidden"),
        pytest.param('Pod "{}" is invalid: spec.x: Invalid value: "gold"', id="invalid"),
    ],
)
def test_the_random_name_of_the_pod_makes_no_difference(text: str) -> None:
    one, other = (newest(failed(text.format(name))) for name in ("agent-x7x2p", "agent-b9k4c"))
    assert one is not None
    assert one == other
    assert one.message == text.format("…")
