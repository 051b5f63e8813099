"""Excluded and Misscheduled: where the DaemonSet controller wants a pod, and where it keeps one."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.core.pods import NodeSelectorRequirement, NodeSelectorTerm
from kubectl_ds.manual.entry import NIGHT, Entry

_CONTROLLER = "DaemonSet controller: pkg/controller/daemon/daemon_controller.go"
_RULES = f"{_CONTROLLER} (NodeShouldRunDaemonPod)"
_LIFECYCLE = (
    "node lifecycle controller: pkg/controller/nodelifecycle/node_lifecycle_controller.go; "
    f"{_RULES}"
)
_TEMPLATE = "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml"
_NODE = "kubectl describe node NODE"
_LABELS = "kubectl get node NODE --show-labels"

_ZONES = NodeSelectorRequirement(
    key="topology.kubernetes.io/zone", operator="In", values=("eu-1a", "eu-1b")
)

ENTRIES = {
    "NodeNameMismatch": Entry(
        how="The template sets spec.nodeName, so the DaemonSet controller wants a pod on that node "
        "alone. It deletes pods of the DaemonSet on every other node.",
        source=_RULES,
        look=(
            _TEMPLATE,
            "spec.template.spec.nodeName is the field; a DaemonSet rarely has a use for it.",
        ),
        example=f.NodeNameFacts(wanted="worker-1"),
    ),
    "NodeSelectorMismatch": Entry(
        how="The node must have every label of the template's nodeSelector, with exactly that "
        "value; else the DaemonSet controller wants no pod there and deletes one that is there. "
        "Where a Pending pod has this reason, the scheduler's filter NodeAffinity said so of the "
        "pod itself: admission may have added labels that the template lacks.",
        source=f"{_RULES}; scheduler: pkg/scheduler/framework/plugins/nodeaffinity",
        look=(
            _LABELS,
            "kubectl get nodes -L LABEL",
            "kubectl get pod POD -n NAMESPACE -o yaml",
            "What adds labels to a pod's nodeSelector: a RuntimeClass, a namespace's node "
            "selector, a webhook.",
        ),
        example=f.NodeSelectorFacts(key="disk", wanted="ssd", actual="hdd"),
    ),
    "NodeAffinityMismatch": Entry(
        how="Of the nodeSelectorTerms that the template requires one must match, and in it every "
        "expression. A label that the node lacks satisfies NotIn and DoesNotExist alone; preferred "
        "terms never matter. A pod that is there already is deleted.",
        source=f"{_RULES}; k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go",
        look=(
            _LABELS,
            _TEMPLATE,
            "The evidence has each expression that fails, in each term.",
        ),
        example=f.NodeAffinityFacts(
            terms=(NodeSelectorTerm(match_expressions=(_ZONES,)),),
            failed=(
                f.AffinityFailure(
                    term=0,
                    key=_ZONES.key,
                    operator=_ZONES.operator,
                    values=_ZONES.values or (),
                    actual="eu-1c",
                    problem=None,
                ),
            ),
        ),
    ),
    "NamespaceNodeSelectorMismatch": Entry(
        how="OpenShift's DaemonSet controller also wants the node to match the namespace's node "
        "selector: the annotation scheduler.alpha.kubernetes.io/node-selector, else "
        "openshift.io/node-selector, else the cluster's default. Kubernetes itself has no such "
        "rule.",
        source="OpenShift's DaemonSet controller: pkg/controller/daemon/patch_nodeselector.go",
        look=(
            "kubectl get namespace NAMESPACE -o yaml",
            _LABELS,
            'An empty annotation, openshift.io/node-selector: "", admits all nodes.',
        ),
        example=f.NamespaceSelectorFacts(
            annotation="openshift.io/node-selector",
            selector="node-role.kubernetes.io/worker=",
            failed=(
                f.AffinityFailure(
                    term=0,
                    key="node-role.kubernetes.io/worker",
                    operator="In",
                    values=("",),
                    actual=None,
                    problem=None,
                ),
            ),
        ),
    ),
    "UntoleratedTaint": Entry(
        how="A NoSchedule or NoExecute taint needs a toleration in the template, or one of those "
        "that the controller adds; PreferNoSchedule keeps no daemon pod away. Under NoSchedule a "
        "pod that is there stays, though a rollout deletes it for good; under NoExecute it is "
        "deleted. Where a Pending pod has this reason, it lost the toleration at admission, or the "
        "taint is newer than the pod.",
        source=f"{_RULES}; scheduler: pkg/scheduler/framework/plugins/tainttoleration",
        look=(
            _NODE,
            _TEMPLATE,
            "The controller itself adds tolerations for not-ready and unreachable (NoExecute) and "
            "for disk, memory and PID pressure and cordons (NoSchedule); with hostNetwork also for "
            "network-unavailable.",
        ),
        example=f.TaintFacts(key="dedicated", value="gpu", effect="NoSchedule"),
    ),
    "NodeNotReady": Entry(
        how="The kubelet reports Ready=False, and the node lifecycle controller adds the taint "
        "node.kubernetes.io/not-ready:NoSchedule, which daemon pods do not tolerate by default. "
        "Then no new pod is wanted there; one that is there stays, but counts as misscheduled and "
        "no longer as available.",
        source=_LIFECYCLE,
        look=(
            _NODE,
            "kubectl get pods -A -o wide --field-selector spec.nodeName=NODE",
            "On the node: the logs of the kubelet and of the container runtime.",
        ),
        example=f.NodeHealthFacts(
            exists=True,
            status="False",
            reason="KubeletNotReady",
            message="PLEG is not healthy: pleg was last seen active 3m7s ago",
            since=NIGHT,
            taints=("node.kubernetes.io/not-ready:NoSchedule",),
        ),
    ),
    "NodeUnreachable": Entry(
        how="For 50 seconds (40 before Kubernetes 1.32) nothing came from the kubelet, so the node "
        "lifecycle controller set Ready to Unknown and added the taint "
        "node.kubernetes.io/unreachable:NoSchedule, which daemon pods do not tolerate by default. "
        "What pods there report is as old as that, and deleted ones stay until the kubelet is back "
        "or the Node object is deleted.",
        source=_LIFECYCLE,
        look=(
            _NODE,
            "kubectl get lease NODE -n kube-node-lease -o yaml",
            "The lease's renewTime is the kubelet's last sign of life.",
            "Whether the machine still runs: the cloud's console, or a ping.",
            "If the Node object itself is gone, its pods are removed within about a minute.",
        ),
        example=f.NodeHealthFacts(
            exists=True,
            status="Unknown",
            reason="NodeStatusUnknown",
            message="Kubelet stopped posting node status.",
            since=NIGHT,
            taints=("node.kubernetes.io/unreachable:NoSchedule",),
        ),
    ),
    "TargetNodeMissing": Entry(
        how="A daemon pod's node affinity names its node, and the API, or the scheduler by its "
        "message, knows no node of that name. The controller deletes such a pod at its next sync, "
        "which the deletion of a node does not bring about by itself.",
        source=f"{_CONTROLLER} (getUnscheduledPodsWithoutNode)",
        look=(
            "kubectl get nodes",
            "kubectl get pod POD -n NAMESPACE -o yaml",
            "metadata.name under spec.affinity.nodeAffinity is the node that the pod is made for.",
        ),
        example=f.TargetFacts(pod="agent-x7k2p"),
    ),
    "NotReplaceable": Entry(
        how="Under an untolerated NoSchedule taint the controller keeps a pod but wants none. A "
        "rolling update deletes an older pod all the same, and then none is created. With maxSurge "
        "an older pod that is available stays, as long as no more nodes have an available pod than "
        "want one.",
        source="DaemonSet controller: pkg/controller/daemon/update.go (rollingUpdate)",
        look=(
            _NODE,
            "kubectl rollout history daemonset/DAEMONSET -n NAMESPACE",
            "To keep the node covered, tolerate its taint in the template before the next change.",
        ),
        example=f.NotReplaceableFacts(pod="agent-x7k2p", due=True),
    ),
}
