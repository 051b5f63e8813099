"""Missing: what keeps the DaemonSet controller from creating a pod, short of a rule it breaks."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import NIGHT, Entry

_CONTROLLER = "DaemonSet controller: pkg/controller/daemon/daemon_controller.go"
_DAEMON_SET = "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml"
_EVENTS = "kubectl events --for daemonset/DAEMONSET -n NAMESPACE"
_LEASE = "kubectl get lease kube-controller-manager -n kube-system -o yaml"
_LOGS = "kubectl logs -n kube-system -l component=kube-controller-manager"

ENTRIES = {
    "DaemonSetDeleting": Entry(
        how="With a deletionTimestamp on the DaemonSet its controller does nothing more for it: it "
        "neither creates nor deletes pods, nor updates the status. The object stays until each of "
        "its finalizers is removed; under foregroundDeletion the garbage collector deletes the "
        "pods first.",
        source=f"{_CONTROLLER} (syncDaemonSet)",
        look=(
            _DAEMON_SET,
            "kubectl get pods -n NAMESPACE -o wide",
            "metadata.finalizers names what must finish; whoever set a finalizer must remove it.",
        ),
        example=f.DeletionFacts(
            name="agent", deletion_timestamp=NIGHT, finalizers=("foregroundDeletion",)
        ),
    ),
    "NamespaceTerminating": Entry(
        how="The admission plugin NamespaceLifecycle refuses every new object in a namespace that "
        "is being deleted. The DaemonSet controller passes over this refusal without an event, and "
        "asks again about every five minutes.",
        source="API server: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/"
        f"admission.go; {_CONTROLLER} (syncNodes)",
        look=(
            "kubectl get namespace NAMESPACE -o yaml",
            "status.conditions tells which objects and finalizers the namespace waits for.",
        ),
        example=f.DeletionFacts(name="logging", deletion_timestamp=NIGHT, finalizers=()),
    ),
    "ControllerLagging": Entry(
        how="Every change of the spec raises metadata.generation, and the controller sets "
        "status.observedGeneration once it has synced that spec. Until then it is down, busy, "
        "waiting to see its own last writes (up to five minutes), or fails at an earlier step, "
        "such as writing a ControllerRevision.",
        source=f"{_CONTROLLER} (syncDaemonSet, updateDaemonSetStatus)",
        look=(
            _DAEMON_SET,
            _LEASE,
            _LOGS,
            "kubectl get controllerrevisions -n NAMESPACE",
            "An old renewTime in the lease: no controller manager runs.",
        ),
        example=f.LaggingFacts(generation=7, observed_generation=6),
    ),
    "ControllerForbidden": Entry(
        how="The API server found no role that lets the controller's account, "
        "system:serviceaccount:kube-system:daemon-set-controller, create pods in the namespace. "
        "Kubernetes grants it by the ClusterRole system:controller:daemon-set-controller.",
        source="API server: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go",
        look=(
            "kubectl describe clusterrole system:controller:daemon-set-controller",
            "kubectl get clusterrolebinding system:controller:daemon-set-controller",
            "kubectl auth can-i create pods -n NAMESPACE --as ACCOUNT",
            "ACCOUNT is the user that the message names.",
        ),
        example=f.CreateFacts(
            subject="",
            message='pods is forbidden: User "system:serviceaccount:kube-system:'
            'daemon-set-controller" cannot create resource "pods" in API group "" in the namespace '
            '"logging"',
            last_seen=NIGHT,
            count=9,
        ),
    ),
    "CreateFailed": Entry(
        how="The API server refused the pod in words that fit no other code, or could not store it "
        "in time. Conflicts over a quota and timeouts pass with the next try; the pause between "
        "tries grows to 17 minutes.",
        source="DaemonSet controller: pkg/controller/controller_utils.go (createPods)",
        look=(
            _EVENTS,
            "kubectl get --raw '/readyz?verbose'",
            "The event names no node: what it says holds for every node without a pod.",
        ),
        example=f.CreateFacts(
            subject="", message="etcdserver: request timed out", last_seen=NIGHT, count=3
        ),
    ),
    "JustAdded": Entry(
        how="The DaemonSet controller hears of a new node within moments and creates its pod. "
        "Within 30 seconds of the node's creation a missing pod tells nothing.",
        source=f"{_CONTROLLER} (addNode)",
        look=(
            "kubectl get node NODE",
            "Ask again in half a minute.",
        ),
        example=f.JustAddedFacts(created=NIGHT),
    ),
    "Unknown": Entry(
        how="A pod is wanted, and no event and no object that was read tells why there is none. "
        "FailedCreate events last an hour; after an error the controller pauses for up to 17 "
        "minutes, and in one round it creates at most 250 pods.",
        source=f"{_CONTROLLER} (syncNodes)",
        look=(
            _EVENTS,
            _LEASE,
            _LOGS,
            'What could not be read stands under "Not checked".',
        ),
        example=f.UnknownFacts(pods_read=True),
    ),
}
