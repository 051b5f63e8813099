"""Pending: what the scheduler waits for, and which of its filters refuse the pod's one node."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import Entry

_POD = "agent-x7k2p"
_DESCRIBE = "kubectl describe pod POD -n NAMESPACE"
_YAML = "kubectl get pod POD -n NAMESPACE -o yaml"
_NODE = "kubectl describe node NODE"
_ON_NODE = "kubectl get pods -A -o wide --field-selector spec.nodeName=NODE"
_LOGS = "kubectl logs -n kube-system -l component=kube-scheduler"
_PLUGINS = "scheduler: pkg/scheduler/framework/plugins"
_FIT = f"{_PLUGINS}/noderesources/fit.go (fitsRequest)"
_REQUESTS = (
    "A pod's request is the sum over its containers and sidecars, or its largest init container "
    "where that is more, plus the overhead of its RuntimeClass."
)
_PRIORITY = "A higher PriorityClass lets the scheduler evict pods of lower priority there."

_SHORT = (
    "The requests of all pods on the node, whatever they really use, and of this one must not "
    "exceed the node's status.allocatable. Pods that are being deleted count until they are gone, "
    "finished ones do not."
)


def _scheduling(scheduler: str = "default-scheduler", message: str = "") -> f.SchedulingFacts:
    return f.SchedulingFacts(pod=_POD, scheduler=scheduler, message=message)


ENTRIES = {
    "SchedulingGated": Entry(
        how="As long as spec.schedulingGates is not empty the scheduler does not try the pod. "
        "Whoever put a gate there must remove it: a webhook, a controller that queues pods, or the "
        "template's author.",
        source=f"{_PLUGINS}/schedulinggates/scheduling_gates.go",
        look=(
            _YAML,
            "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml",
            "A gate that the template lacks was added by a webhook; its name tells whose it is.",
        ),
        example=f.SchedulingFacts(
            pod=_POD, scheduler="default-scheduler", gates=("example.com/wait-for-disk",)
        ),
    ),
    "SchedulerAbsent": Entry(
        how="A scheduler takes only pods whose spec.schedulerName is its own name. Of the one that "
        "this pod names there is neither a condition nor an event, so the pod waits without end.",
        source="scheduler: pkg/scheduler/eventhandlers.go (responsibleForPod)",
        look=(
            _YAML,
            "kubectl get leases -A",
            "A running scheduler usually holds a lease of its own name.",
        ),
        example=_scheduling("batch-scheduler"),
    ),
    "AwaitingScheduler": Entry(
        how="The pod has no PodScheduled condition, so the scheduler has not tried it. That is "
        "normal for moments; if it lasts, the scheduler is down or far behind.",
        source="scheduler: pkg/scheduler/schedule_one.go",
        look=(
            "kubectl get lease kube-scheduler -n kube-system -o yaml",
            _LOGS,
            "An old renewTime in the lease: no scheduler runs.",
        ),
        example=_scheduling(),
    ),
    "SchedulerError": Entry(
        how="The attempt ended in an error instead of an answer, often while a volume was bound or "
        "a StorageClass looked up. The scheduler tries again after 1 to 10 seconds.",
        source="scheduler: pkg/scheduler/schedule_one.go (handleSchedulingFailure)",
        look=(
            _DESCRIBE,
            _LOGS,
        ),
        example=_scheduling(
            message='running PreBind plugin "VolumeBinding": binding volumes: context deadline '
            "exceeded"
        ),
    ),
    "WaitingForPreemption": Entry(
        how="There was no room, so the scheduler deleted pods of lower priority on the node and "
        "wrote the node into status.nominatedNodeName. The pod is bound when they are gone; a long "
        "grace period or a finalizer holds it up.",
        source="scheduler: pkg/scheduler/framework/preemption/preemption.go",
        look=(
            _ON_NODE,
            _YAML,
            "The pods that are Terminating there are the ones it waits for.",
        ),
        example=f.SchedulingFacts(
            pod=_POD,
            scheduler="default-scheduler",
            nominated_node="worker-3",
            victims=("batch/report-5",),
        ),
    ),
    "HostPortConflict": Entry(
        how="On a node a host port goes to one pod for each protocol and address, and 0.0.0.0 "
        "clashes with every IPv4 address. Ports of containers and sidecars count; with hostNetwork "
        "every containerPort is a host port.",
        source=f"{_PLUGINS}/nodeports/node_ports.go",
        look=(
            _ON_NODE,
            _YAML,
            "With maxSurge the new pod stands beside the old one, which still holds the port.",
        ),
        example=f.PortFacts(
            pod=_POD,
            text="node(s) didn't have free ports for the requested pod ports",
            ports=(
                f.PortHolder(
                    port=9100,
                    protocol="TCP",
                    host_ip="0.0.0.0",  # noqa: S104 - an address in evidence
                    holder="monitoring/node-exporter-4zq8v",
                    container="node-exporter",
                ),
            ),
        ),
    ),
    "TooManyPods": Entry(
        how="With this pod there would be more pods on the node than status.allocatable.pods, "
        "which is the kubelet's maxPods: 110 by default, often less where addresses are few. Pods "
        "that are being deleted count until they are gone, finished ones do not.",
        source=_FIT,
        look=(
            _NODE,
            _ON_NODE,
            _PRIORITY,
        ),
        example=f.RoomFacts(
            pod=_POD,
            text="Too many pods",
            resource="pods",
            requested="1",
            allocatable="110",
            used="110",
            free="0",
            pods=110,
        ),
    ),
    "InsufficientCPU": Entry(
        how=_SHORT,
        source=_FIT,
        look=(
            _NODE,
            _REQUESTS,
            '"Allocated resources" is what counts; kubectl top shows use, which does not.',
            _PRIORITY,
        ),
        example=f.RoomFacts(
            pod=_POD,
            text="Insufficient cpu",
            resource="cpu",
            requested="500m",
            allocatable="3920m",
            used="3750m",
            free="170m",
            pods=31,
        ),
    ),
    "InsufficientMemory": Entry(
        how=_SHORT,
        source=_FIT,
        look=(
            _NODE,
            _REQUESTS,
            '"Allocated resources" is what counts; kubectl top shows use, which does not.',
            _PRIORITY,
        ),
        example=f.RoomFacts(
            pod=_POD,
            text="Insufficient memory",
            resource="memory",
            requested="256Mi",
            allocatable="7800Mi",
            used="7641Mi",
            free="159Mi",
            pods=31,
        ),
    ),
    "InsufficientEphemeralStorage": Entry(
        how=_SHORT,
        source=_FIT,
        look=(
            _NODE,
            "Ephemeral storage is the node's disk for logs, writable layers and emptyDir volumes.",
            _PRIORITY,
        ),
        example=f.RoomFacts(
            pod=_POD,
            text="Insufficient ephemeral-storage",
            resource="ephemeral-storage",
            requested="20Gi",
            allocatable="90Gi",
            used="80Gi",
            free="10Gi",
            pods=31,
        ),
    ),
    "InsufficientResource": Entry(
        how="The same rule as for cpu and memory, for huge pages and for what a device plugin "
        "announces, such as nvidia.com/gpu. A node that never had the resource, or whose device "
        "plugin is down, has 0 of it.",
        source=_FIT,
        look=(
            _NODE,
            _ON_NODE,
            "Capacity above allocatable: the device plugin counts some devices as unhealthy.",
        ),
        example=f.RoomFacts(
            pod=_POD,
            text="Insufficient nvidia.com/gpu",
            resource="nvidia.com/gpu",
            requested="1",
            allocatable="4",
            used="4",
            free="0",
            pods=12,
        ),
    ),
    "TopologySpread": Entry(
        how="A constraint with whenUnsatisfiable DoNotSchedule would be broken, or the node lacks "
        "the label of its topologyKey. With nodeAffinityPolicy Honor, the default, only the node "
        "itself is counted for a daemon pod, so without minDomains such a constraint fails on the "
        "missing label alone.",
        source=f"{_PLUGINS}/podtopologyspread/filtering.go",
        look=(
            _YAML,
            "kubectl get nodes -L TOPOLOGY_KEY",
            "A DaemonSet has one pod a node already; such a constraint adds nothing to that.",
        ),
        example=f.TermFacts(
            pod=_POD,
            text="node(s) didn't match pod topology spread constraints (missing required label)",
            topology_key="topology.kubernetes.io/zone",
            domain=None,
            unlabelled=True,
            selector="app=agent",
            max_skew=1,
        ),
    ),
    "PodAffinity": Entry(
        how="Each required podAffinity term wants a pod that it selects in the node's domain: "
        "among the nodes that have the same value of the term's topologyKey. A node without that "
        "label never fits.",
        source=f"{_PLUGINS}/interpodaffinity/filtering.go",
        look=(
            _YAML,
            "kubectl get nodes -L TOPOLOGY_KEY",
            "kubectl get pods -A -o wide -l SELECTOR",
            "A term looks in the pod's own namespace unless it names others.",
        ),
        example=f.TermFacts(
            pod=_POD,
            text="node(s) didn't match pod affinity rules",
            topology_key="kubernetes.io/hostname",
            domain="worker-3",
            selector="app=cache",
        ),
    ),
    "PodAntiAffinity": Entry(
        how="A required podAntiAffinity term, of this pod or of one in the node's domain, selects "
        "the other of the two. Pods that are being deleted count until they are gone.",
        source=f"{_PLUGINS}/interpodaffinity/filtering.go",
        look=(
            _YAML,
            "kubectl get pods -A -o wide -l SELECTOR",
            "A DaemonSet with such a term against its own labels can't surge.",
        ),
        example=f.TermFacts(
            pod=_POD,
            text="node(s) didn't match pod anti-affinity rules",
            topology_key="kubernetes.io/hostname",
            domain="worker-3",
            selector="app=agent",
            holder="logging/agent-4zq8v",
        ),
    ),
    "ResourceClaim": Entry(
        how="For each ResourceClaim of the pod devices must be found on this node, among the "
        "ResourceSlices that its driver publishes, that fit the claim's DeviceClass and are not "
        "taken.",
        source=f"{_PLUGINS}/dynamicresources/dynamicresources.go",
        look=(
            "kubectl get resourceclaims -n NAMESPACE -o wide",
            "kubectl get resourceslices",
            "kubectl get deviceclasses",
            "A node without a slice: its device driver, often a DaemonSet too, does not run there.",
        ),
        example=f.SchedulerFacts(pod=_POD, text="cannot allocate all claims"),
    ),
    "NodeFeature": Entry(
        how="The pod uses a feature that a node must declare under status.declaredFeatures, and "
        "the kubelet there, perhaps an older one, does not. The filter exists from Kubernetes 1.36 "
        "on.",
        source=f"{_PLUGINS}/nodedeclaredfeatures/nodedeclaredfeatures.go",
        look=(
            "kubectl get nodes -o wide",
            "kubectl get node NODE -o yaml",
        ),
        example=f.SchedulerFacts(pod=_POD, text="node(s) didn't match Pod's required features"),
    ),
    "Unschedulable": Entry(
        how="The scheduler refused the node in words that fit no other code: those of an extender, "
        "of a plugin of its own, or of another version.",
        source="scheduler: pkg/scheduler/framework/types.go (FitError)",
        look=(
            _DESCRIBE,
            _LOGS,
        ),
        example=f.SchedulerFacts(
            pod=_POD, text="node(s) didn't satisfy the rack policy of example.com/placement"
        ),
    ),
}
