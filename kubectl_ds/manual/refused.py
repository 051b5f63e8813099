"""Missing: what admission refuses a pod for.

The controller's pause after an error, up to 1000 s, is that of client-go's rate limiter; quotas,
limits, classes and accounts have no watch that would end it.
"""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import NIGHT, Entry

_EVENTS = "kubectl events --for daemonset/DAEMONSET -n NAMESPACE"
_TEMPLATE = "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml"
_QUOTAS = "kubectl describe quota -n NAMESPACE"
_LIMITS = "kubectl describe limits -n NAMESPACE"
_NAMESPACE = "kubectl get namespace NAMESPACE --show-labels"
_WEBHOOKS = (
    "kubectl get validatingwebhookconfigurations",
    "kubectl get mutatingwebhookconfigurations",
)
_RETRY = (
    "Nothing tells the controller that the cause is gone: its next try may be 17 minutes off, "
    "unless a pod of the DaemonSet, its spec or a node changes."
)
_QUOTA = "ResourceQuota admission: pkg/quota/v1/evaluator/core/pods.go"


def _refused(message: str, subject: str = "") -> f.CreateFacts:
    return f.CreateFacts(subject=subject, message=message, last_seen=NIGHT, count=14)


ENTRIES = {
    "QuotaExceeded": Entry(
        how="As the last step of admission, for each ResourceQuota whose scopes match the pod, "
        "status.used plus what one pod uses must not exceed status.hard, in any key of which the "
        "pod uses some. After a refusal the controller leaves the other nodes of that round alone, "
        "so one event may stand for many nodes.",
        source=f"{_QUOTA}; k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go",
        look=(
            _QUOTAS,
            "kubectl get pods -n NAMESPACE",
            "A quota counts the pods of all workloads in the namespace; status.used may be five "
            "minutes old.",
            _RETRY,
        ),
        example=f.QuotaFacts(
            quota="team",
            resources=(f.QuotaUse(resource="pods", requested="1", used="20", hard="20"),),
            pods_that_fit=0,
            last_seen=NIGHT,
            count=14,
        ),
    ),
    "QuotaRequiresResources": Entry(
        how="Where a ResourceQuota tracks requests or limits of cpu or memory, every container and "
        "init container must set that value, 0 included, or get it from a LimitRange's defaults. "
        "How much of the quota is free does not matter. From Kubernetes 1.34 on, resources set for "
        "the pod as a whole will do.",
        source=f"{_QUOTA} (Constraints)",
        look=(
            _QUOTAS,
            _LIMITS,
            _TEMPLATE,
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: failed quota: team: must specify limits.memory for: agent',
            "team",
        ),
    ),
    "LimitRangeViolation": Entry(
        how="The plugin LimitRanger first fills in the LimitRange's default requests and limits, "
        "then holds each container (type Container) and the pod's sum (type Pod) against min, max "
        "and maxLimitRequestRatio. A request that is absent breaks min, an absent limit breaks "
        "max.",
        source="LimitRanger admission: plugin/pkg/admission/limitranger/admission.go",
        look=(
            _LIMITS,
            _TEMPLATE,
            _RETRY,
        ),
        example=f.LimitFacts(
            limit_range="bounds",
            message='pods "…" is forbidden: maximum memory usage per Container is 1Gi, '
            "but limit is 2Gi",
            violations=(
                f.LimitUse(
                    rule="max",
                    type="Container",
                    container="agent",
                    resource="memory",
                    bound="1Gi",
                    side="limit",
                    actual="2Gi",
                ),
            ),
            last_seen=NIGHT,
            count=14,
        ),
    ),
    "PodSecurityViolation": Entry(
        how="The namespace's label pod-security.kubernetes.io/enforce names a level, and a pod "
        "that fails one of its checks is refused; without the label the API server's own default "
        "holds. The DaemonSet itself is accepted, with no more than a warning.",
        source="PodSecurity admission: k8s.io/pod-security-admission/admission/admission.go",
        look=(
            _NAMESPACE,
            _TEMPLATE,
            "An agent that needs hostPath, hostNetwork or privileges runs only where the level is "
            "privileged; such agents usually get a namespace of their own.",
            _RETRY,
        ),
        example=f.SecurityFacts(
            level="baseline:latest",
            message='pods "…" is forbidden: violates PodSecurity "baseline:latest": '
            'hostPath volumes (volume "logs")',
            violations=(f.SecurityCheck(check="hostPath volumes", detail='volume "logs"'),),
            last_seen=NIGHT,
            count=14,
        ),
    ),
    "WebhookDenied": Entry(
        how="An admission webhook whose rules and selectors match pods of this namespace answered "
        "no. The text behind its name is its own.",
        source="API server: k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go",
        look=(
            _EVENTS,
            *_WEBHOOKS,
            "Search them for the webhook's name: its namespaceSelector and objectSelector tell "
            "which pods it judges, its clientConfig who answers.",
            _RETRY,
        ),
        example=_refused(
            'admission webhook "images.policy.example.com" denied the request: image '
            "docker.io/agent:2.4 is not signed",
            "images.policy.example.com",
        ),
    ),
    "WebhookUnavailable": Entry(
        how="The API server could not call a webhook with failurePolicy Fail: no endpoints, a "
        "refused connection, a timeout, or a certificate that it does not trust. Until the webhook "
        "answers, no pod that it matches is created.",
        source="API server: k8s.io/apiserver/pkg/admission/plugin/webhook",
        look=(
            *_WEBHOOKS,
            "kubectl get endpointslices -n WEBHOOK_NAMESPACE",
            "kubectl get pods -n WEBHOOK_NAMESPACE -o wide",
            "A webhook whose own pods need this DaemonSet, as for their network, blocks itself.",
            _RETRY,
        ),
        example=_refused(
            'Internal error occurred: failed calling webhook "images.policy.example.com": no '
            'endpoints available for service "policy"',
            "images.policy.example.com",
        ),
    ),
    "AdmissionPolicyDenied": Entry(
        how="A ValidatingAdmissionPolicy is an expression that the API server evaluates itself. "
        "One of its validations is false for this pod, and a binding that matches the namespace "
        "has the action Deny.",
        source="API server: k8s.io/apiserver/pkg/admission/plugin/policy/validating",
        look=(
            "kubectl get validatingadmissionpolicy POLICY -o yaml",
            "kubectl get validatingadmissionpolicybindings -o yaml",
            _NAMESPACE,
            _RETRY,
        ),
        example=_refused(
            "pods \"…\" is forbidden: ValidatingAdmissionPolicy 'no-host-path' with binding "
            "'no-host-path' denied request: hostPath is not allowed",
            "no-host-path",
        ),
    ),
    "ServiceAccountMissing": Entry(
        how="The plugin ServiceAccount looks up the account that the template's serviceAccountName "
        "names, or default, in the namespace, and refuses the pod where there is none.",
        source="ServiceAccount admission: plugin/pkg/admission/serviceaccount/admission.go",
        look=(
            "kubectl get serviceaccounts -n NAMESPACE",
            _TEMPLATE,
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: error looking up service account logging/agent: serviceaccount '
            '"agent" not found',
            "logging/agent",
        ),
    ),
    "PriorityClassMissing": Entry(
        how="The plugin Priority looks up the PriorityClass that the template's priorityClassName "
        "names, and refuses the pod where there is none.",
        source="Priority admission: plugin/pkg/admission/priority/admission.go",
        look=(
            "kubectl get priorityclasses",
            _TEMPLATE,
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: no PriorityClass with name node-agents was found',
            "node-agents",
        ),
    ),
    "PriorityConflict": Entry(
        how="The plugin Priority takes spec.priority and spec.preemptionPolicy from the "
        "PriorityClass, and refuses a pod that sets another value itself.",
        source="Priority admission: plugin/pkg/admission/priority/admission.go",
        look=(
            "kubectl get priorityclasses",
            _TEMPLATE,
            "priority and preemptionPolicy are best left out of a template.",
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: the integer value of priority (100) must not be provided in '
            "pod spec; priority admission controller computed 1000 from the given PriorityClass "
            "name"
        ),
    ),
    "RuntimeClassMissing": Entry(
        how="The plugin RuntimeClass looks up the class that the template's runtimeClassName "
        "names, and refuses the pod where there is none.",
        source="RuntimeClass admission: plugin/pkg/admission/runtimeclass/admission.go",
        look=(
            "kubectl get runtimeclasses",
            _TEMPLATE,
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: pod rejected: RuntimeClass "gvisor" not found', "gvisor"
        ),
    ),
    "RuntimeClassConflict": Entry(
        how="The plugin RuntimeClass merges the class's overhead, nodeSelector and tolerations "
        "into the pod. It refuses a pod that sets another overhead itself, or the same "
        "nodeSelector key to another value.",
        source="RuntimeClass admission: plugin/pkg/admission/runtimeclass/admission.go",
        look=(
            "kubectl get runtimeclass RUNTIME_CLASS -o yaml",
            _TEMPLATE,
            _RETRY,
        ),
        example=_refused(
            "pods \"…\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's "
            "defined Overhead"
        ),
    ),
    "SecurityContextConstraintDenied": Entry(
        how="OpenShift admits a pod only under a SecurityContextConstraints that its service "
        "account may use, and none of those allows what this pod asks for. The message has what "
        "each of them forbids.",
        source="OpenShift's admission: securitycontextconstraints/sccadmission/admission.go of "
        "apiserver-library-go",
        look=(
            _EVENTS,
            "kubectl get securitycontextconstraints",
            "kubectl auth can-i use scc/CONSTRAINT -n NAMESPACE --as ACCOUNT",
            "ACCOUNT is system:serviceaccount:NAMESPACE:NAME of the template's service account.",
            _RETRY,
        ),
        example=_refused(
            'pods "…" is forbidden: unable to validate against any security context constraint: '
            '[provider "restricted-v2": Forbidden: not usable by user or serviceaccount]'
        ),
    ),
    "InvalidPodSpec": Entry(
        how="After all plugins and webhooks that change a pod, the API server validates it whole. "
        "The template was valid, so what is not was added at admission: by a LimitRange whose "
        "default limit is below a request, or by a webhook.",
        source="API server: pkg/apis/core/validation/validation.go",
        look=(
            _EVENTS,
            _LIMITS,
            "kubectl get mutatingwebhookconfigurations",
            _RETRY,
        ),
        example=_refused(
            'Pod "agent-x7k2p" is invalid: spec.containers[0].resources.requests: Invalid value: '
            '"1": must be less than or equal to cpu limit of 500m'
        ),
    ),
}
