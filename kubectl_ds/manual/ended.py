"""Failed and Terminating: pods at their end, which hold up the ones that follow."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import NIGHT, Entry

_POD = "agent-x7k2p"
_EVENTS = "kubectl events --for daemonset/DAEMONSET -n NAMESPACE"
_POD_EVENTS = "kubectl events --for pod/POD -n NAMESPACE"
_YAML = "kubectl get pod POD -n NAMESPACE -o yaml"
_NODE = "kubectl describe node NODE"
_ON_NODE = "kubectl get pods -A -o wide --field-selector spec.nodeName=NODE"
_CONTROLLER = "DaemonSet controller: pkg/controller/daemon/daemon_controller.go"
_AGAIN = (
    "The controller deletes the failed pod and makes a new one, after a pause that doubles from a "
    "second to 15 minutes."
)
_VANISHED = "The failed pods are deleted; events FailedDaemonPod of the DaemonSet tell how often."


def _failed(reason: str, message: str) -> f.PodFailureFacts:
    return f.PodFailureFacts(pod=_POD, phase="Failed", reason=reason, message=message)


ENTRIES = {
    "Evicted": Entry(
        how="Short of memory, disk, inodes or PIDs, the kubelet ends pods: first those that use "
        "more than they request, of lower priority before others. Under disk or PID pressure it "
        f"also refuses new pods that are not critical, whatever they tolerate. {_AGAIN}",
        source="kubelet: pkg/kubelet/eviction/eviction_manager.go",
        look=(
            _NODE,
            _ON_NODE,
            "A pod of class system-node-critical is not refused; requests as high as what the pod "
            "uses make it the last to be ended.",
            _VANISHED,
        ),
        example=_failed(
            "Evicted",
            "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: "
            "7Gi.",
        ),
    ),
    "NodeShutdown": Entry(
        how="The machine was being shut down, so the kubelet ended the pod, or refused a new one. "
        f"{_AGAIN}",
        source="kubelet: pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go",
        look=(
            _NODE,
            "If the node does not come back: was it removed on purpose, as by an autoscaler?",
        ),
        example=_failed("NodeShutdown", "Pod was rejected as the node is shutting down."),
    ),
    "KubeletRejected": Entry(
        how="The kubelet checks a pod again by its own view of the node, when the pod arrives and "
        "when the kubelet restarts: room, labels, ports, NoExecute taints, devices, sysctls. What "
        f"it refuses becomes Failed. {_AGAIN}",
        source="kubelet: pkg/kubelet/lifecycle/predicate.go; pkg/kubelet/kubelet.go (rejectPod)",
        look=(
            _NODE,
            _EVENTS,
            "OutOf…: pods that are still ending take the room. NodeAffinity: the node's labels "
            "changed. UnexpectedAdmissionError: mostly a device plugin.",
            _VANISHED,
        ),
        example=_failed(
            "OutOfcpu",
            "Pod was rejected: Node didn't have enough resource: cpu, requested: 500, used: 3750, "
            "capacity: 3920",
        ),
    ),
    "PodFailed": Entry(
        how="The pod is in phase Failed or Succeeded for another reason: preempted by the kubelet "
        "for a critical pod, cleaned up with its node, or, from Kubernetes 1.35 on, by restart "
        f"rules of a container. {_AGAIN}",
        source=f"{_CONTROLLER} (podsShouldBeOnNode)",
        look=(
            _YAML,
            _POD_EVENTS,
            _VANISHED,
        ),
        example=_failed("Preempting", "Preempted in order to admit critical pod"),
    ),
    "StuckTerminating": Entry(
        how="deletionTimestamp is the time of the deletion plus the grace period, and has passed. "
        "A pod with a finalizer stays until that is removed; on a node that is down, until the "
        "kubelet is back or the Node object is deleted; else the kubelet has not finished it.",
        source="API server: pkg/registry/core/pod/strategy.go (CheckGracefulDelete); "
        "pod garbage collector: pkg/controller/podgc/gc_controller.go",
        look=(
            _YAML,
            _NODE,
            _POD_EVENTS,
            "Events FailedKillPod: the runtime can't end a container, or a volume can't be "
            "unmounted.",
            "A pod that is deleted by force may still run on its node.",
        ),
        example=f.TerminationFacts(
            pod=_POD,
            deletion_timestamp=NIGHT,
            overdue_seconds=2400,
            finalizers=("example.com/flush",),
            cause="finalizer",
        ),
    ),
    "ReplacementWaitsForTermination": Entry(
        how="Without maxSurge the controller creates no pod on a node that still has one, be it "
        "terminating. It does so when the old pod's object is gone, or its phase is Failed or "
        "Succeeded.",
        source=f"{_CONTROLLER} (podsShouldBeOnNode)",
        look=(
            _YAML,
            "terminationGracePeriodSeconds is how long it may take by rights.",
        ),
        example=f.TerminationFacts(
            pod=_POD,
            deletion_timestamp=NIGHT,
            overdue_seconds=0,
            finalizers=(),
            cause="none",
        ),
    ),
}
