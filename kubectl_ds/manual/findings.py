"""Findings: what concerns a DaemonSet as a whole.

What stops it as a whole is a finding too, and stands with the reasons in `missing`.
"""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Root
from kubectl_ds.manual.entry import NIGHT, Entry

_CONTROLLER = "DaemonSet controller: pkg/controller/daemon/daemon_controller.go"
_DAEMON_SET = "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml"
_EVENTS = "kubectl events --for daemonset/DAEMONSET -n NAMESPACE"
_PODS = "kubectl get pods -n NAMESPACE -o wide"
_NODE = "kubectl describe node NODE"
_MOST = ("worker-1", "worker-2", "worker-3")

# What the example of a shared cause names.
ROOTS = {
    "SharedCause": Root(
        code="UntoleratedTaint",
        facts=(f.TaintFacts(key="maintenance", value="", effect="NoSchedule"),),
        nodes=_MOST,
        held=(),
        others=0,
        states={State.MISSCHEDULED: 3},
    ),
}

ENTRIES = {
    "NoNodeDesired": Entry(
        how="Not one node passes the DaemonSet's own rules: nodeName, nodeSelector, required node "
        "affinity, taints. Kubernetes counts that as complete, 0 of 0.",
        source=f"{_CONTROLLER} (NodeShouldRunDaemonPod)",
        look=(
            _DAEMON_SET,
            "kubectl get nodes --show-labels",
            "A nodeSelector that no node can match is the usual way to pause a DaemonSet.",
        ),
        example=f.NoNodeFacts(
            nodes=12,
            exclusions=(f.Exclusion(code="NodeSelectorMismatch", asked="role=storgae", nodes=12),),
            typos=(f.Typo(wanted="role=storgae", existing="role=storage", nodes=3),),
        ),
    ),
    "SelectsAllPods": Entry(
        how="A DaemonSet whose selector is empty would own every pod of its namespace, so the "
        "controller does nothing for it but write the event SelectingAll. The API has long refused "
        "such a DaemonSet.",
        source=f"{_CONTROLLER} (syncDaemonSet)",
        look=(_DAEMON_SET, _EVENTS),
        example=f.NoFacts(),
    ),
    "SharedCause": Entry(
        how="Kubernetes tells each node's trouble apart, where it tells it at all. Nodes of the "
        "same deciding reason with the same evidence are put together here, and so are nodes that "
        "wait only because the rollout waits for those.",
        source="kubectl ds itself, of the reasons on all nodes",
        look=(
            "kubectl ds reasons CODE",
            "The cause's own code has the entry to read: the evidence names it.",
        ),
        example=f.SharedCauseFacts(
            code="UntoleratedTaint",
            nodes=3,
            of=12,
            states={"Misscheduled": 3},
            examples=_MOST,
            held=0,
            other_causes=0,
        ),
    ),
    "SharedNode": Entry(
        how="Where several DaemonSets lack their pods on the same node, and the node itself is not "
        "ready or unreachable, there is one thing to mend, not several.",
        source="kubectl ds itself, of its answers on several DaemonSets; "
        "node lifecycle controller: pkg/controller/nodelifecycle/node_lifecycle_controller.go",
        look=(
            _NODE,
            "kubectl get nodes",
        ),
        example=f.SharedNodeFacts(
            code="NodeUnreachable",
            nodes=("worker-3",),
            daemon_sets=("logging/agent", "monitoring/node-exporter"),
            since=NIGHT,
        ),
    ),
    "OnDelete": Entry(
        how="With updateStrategy OnDelete the controller replaces a pod only after somebody "
        "deleted it, so older revisions stay as long as nobody does. kubectl rollout status does "
        "not support this strategy.",
        source="DaemonSet controller: pkg/controller/daemon/daemon_controller.go (syncDaemonSet)",
        look=(
            "kubectl get pods -n NAMESPACE -L controller-revision-hash -o wide",
            "kubectl rollout history daemonset/DAEMONSET -n NAMESPACE",
        ),
        example=f.OnDeleteFacts(
            nodes=4, desired=12, revisions=("6d9f7c5b8",), waiting_seconds=259200
        ),
    ),
    "PodsVanish": Entry(
        how="A pod that the kubelet refuses, or that is evicted at once, is deleted by the "
        "controller and made again, after a pause that doubles up to 15 minutes. What is left of "
        "it are events, for an hour.",
        source=f"{_CONTROLLER} (podsShouldBeOnNode)",
        look=(
            "kubectl events -n NAMESPACE --types=Warning",
            _NODE,
            "KubeletRejected, Evicted and EvictionLoop tell of the usual causes.",
        ),
        example=f.PodsVanishFacts(
            pods=9,
            nodes=("worker-3",),
            causes=(
                f.VanishCause(
                    reason="OutOfcpu",
                    pods=9,
                    message="Node didn't have enough resource: cpu, requested: 500, used: 3750, "
                    "capacity: 3920",
                ),
            ),
        ),
    ),
    "DuplicatePods": Entry(
        how="The controller keeps one pod a node, the bound one before others, then the oldest, "
        "and deletes the rest at its next sync; with maxSurge it keeps one of the current revision "
        "and one older. More of them last only where the controller does not act.",
        source=f"{_CONTROLLER} (podsShouldBeOnNode)",
        look=(
            _PODS,
            _EVENTS,
            "kubectl get lease kube-controller-manager -n kube-system -o yaml",
        ),
        example=f.DuplicateFacts(node="worker-3", pods=("agent-x7k2p", "agent-4zq8v")),
    ),
    "PodDiffersFromTemplate": Entry(
        how="The controller judges nodes by the template, the scheduler by the pod as admission "
        "left it. A RuntimeClass or a namespace's node selector may have added labels, a webhook "
        "may have taken tolerations: then pods are made for nodes that they can't go to.",
        source=f"{_CONTROLLER} (NodeShouldRunDaemonPod); "
        "RuntimeClass admission: plugin/pkg/admission/runtimeclass/admission.go",
        look=(
            "kubectl get pod POD -n NAMESPACE -o yaml",
            _DAEMON_SET,
            "kubectl get runtimeclasses -o yaml",
            "kubectl get mutatingwebhookconfigurations",
            "With the same nodeSelector in the template, such nodes are left out and no pod waits.",
        ),
        example=f.PodDifferenceFacts(
            node_selector=("sandbox=gvisor",),
            missing_tolerations=(),
            extra_tolerations=(),
            runtime_class="gvisor",
            nodes=_MOST,
        ),
    ),
    "EvictionLoop": Entry(
        how="The controller counts a toleration with tolerationSeconds as good for ever; taint "
        "eviction deletes the pod when the seconds are over. So the pod is made and evicted again, "
        "as long as the node has the NoExecute taint.",
        source=f"{_CONTROLLER} (NodeShouldRunDaemonPod); "
        "taint eviction: pkg/controller/tainteviction/taint_eviction.go",
        look=(
            _NODE,
            _DAEMON_SET,
            "Without tolerationSeconds the pod stays, without the toleration none is made.",
        ),
        example=f.EvictionLoopFacts(taint="maintenance:NoExecute", seconds=60, nodes=("worker-3",)),
    ),
    "UnattributablePods": Entry(
        how="The controller knows a pod's node by spec.nodeName, else by metadata.name in its node "
        "affinity. A pod that has neither counts for no node, so with every sync another one is "
        "made; a mutating webhook that replaces the affinity does that.",
        source="DaemonSet controller: pkg/controller/daemon/util/daemonset_util.go "
        "(GetTargetNodeName)",
        look=(
            "kubectl get pod POD -n NAMESPACE -o yaml",
            "kubectl get mutatingwebhookconfigurations",
            _PODS,
        ),
        example=f.PodsFacts(pods=("agent-x7k2p", "agent-4zq8v")),
    ),
    "OldPodCounted": Entry(
        how="Of several pods on a node the controller puts into the status only the first one: "
        "bound before unbound, then the oldest. With maxSurge, the old pod stays that one until it "
        "is gone, though the new one beside it is available, and kubectl rollout status waits.",
        source=f"{_CONTROLLER} (updateDaemonSetStatus)",
        look=(
            _PODS,
            "It passes with the old pod: after terminationGracePeriodSeconds, unless a finalizer "
            "or the kubelet holds it.",
        ),
        example=f.CountedFacts(nodes=("worker-3",)),
    ),
    "OrphanPods": Entry(
        how="A pod without a controlling owner whose labels match the DaemonSet's selector is "
        "adopted at the next sync: then it counts as the node's pod, or is deleted where it is one "
        "too many.",
        source="DaemonSet controller: pkg/controller/controller_ref_manager.go (ClaimPods)",
        look=(
            "kubectl get pods -n NAMESPACE -l SELECTOR -o wide",
            "They are what a DaemonSet left that was deleted without its pods, or made by hand.",
        ),
        example=f.PodsFacts(pods=("agent-old",)),
    ),
}
