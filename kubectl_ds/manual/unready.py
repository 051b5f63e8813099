"""Unready: what keeps a bound pod from being available."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import NIGHT, Entry

_POD = "agent-x7k2p"
_IMAGE = "example.com/agent:2.4.1"
_DESCRIBE = "kubectl describe pod POD -n NAMESPACE"
_EVENTS = "kubectl events --for pod/POD -n NAMESPACE"
_LOGS = "kubectl logs POD -n NAMESPACE -c CONTAINER"
_LAST_LOGS = f"{_LOGS} --previous"
_NODE = "kubectl describe node NODE"
_ON_NODE = "kubectl get pods -A -o wide --field-selector spec.nodeName=NODE"
_SECRETS = "kubectl get secrets,configmaps -n NAMESPACE"
_IMAGES = "kubelet: pkg/kubelet/images/image_manager.go (EnsureImageExists)"
_RUNTIME = "kubelet: pkg/kubelet/kuberuntime"
_STATUS = "kubelet: pkg/kubelet/status/generate.go"
_PULL = (
    "The message names the cause: no such tag, no permission (imagePullSecrets of the pod or its "
    "service account), no image for the node's architecture, or a registry out of reach."
)


def _container(
    reason: str,
    message: str = "",
    *,
    init: bool = False,
    restarts: int = 0,
    exit_code: int | None = None,
    exit_reason: str = "",
) -> f.ContainerFacts:
    return f.ContainerFacts(
        pod=_POD,
        container="setup" if init else "agent",
        init=init,
        image=_IMAGE,
        reason=reason,
        message=message,
        restarts=restarts,
        exit_code=exit_code,
        exit_reason=exit_reason,
    )


def _event(reason: str, message: str) -> f.PodEventFacts:
    return f.PodEventFacts(pod=_POD, reason=reason, message=message, count=6, last_seen=NIGHT)


ENTRIES = {
    "ImagePullBackOff": Entry(
        how="The kubelet could not pull the container's image and waits before it tries again: 10 "
        "seconds, doubled up to 5 minutes.",
        source=_IMAGES,
        look=(
            _DESCRIBE,
            "kubectl get node NODE -L kubernetes.io/arch,kubernetes.io/os",
            _PULL,
        ),
        example=_container(
            "ImagePullBackOff",
            f'Back-off pulling image "{_IMAGE}": ErrImagePull: {_IMAGE}: not found',
        ),
    ),
    "ErrImagePull": Entry(
        how="The last pull of the container's image failed; the kubelet is about to back off or to "
        "try again.",
        source=_IMAGES,
        look=(
            _DESCRIBE,
            "kubectl get node NODE -L kubernetes.io/arch,kubernetes.io/os",
            _PULL,
        ),
        example=_container("ErrImagePull", f"{_IMAGE}: not found"),
    ),
    "InvalidImageName": Entry(
        how="The kubelet can't read the image's name as NAME:TAG or NAME@DIGEST, so it asks no "
        "registry. It stays so until the template changes.",
        source=_IMAGES,
        look=(
            "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml",
            "Often a variable that was not filled in, a capital letter, or a blank.",
        ),
        example=_container(
            "InvalidImageName",
            'Failed to apply default image tag "example.com/Agent": invalid reference format',
        ),
    ),
    "ErrImageNeverPull": Entry(
        how="imagePullPolicy is Never, and the node's container runtime does not have the image.",
        source=_IMAGES,
        look=(
            "kubectl get node NODE -o yaml",
            "status.images of the node lists images that it has, though not all of them.",
        ),
        example=_container(
            "ErrImageNeverPull",
            f'Container image "{_IMAGE}" is not present with pull policy of Never',
        ),
    ),
    "CrashLoopBackOff": Entry(
        how="A daemon pod's container is started again whenever it ends, with exit code 0 too. "
        "Between starts the kubelet waits 10 seconds, doubled up to 5 minutes; 10 minutes without "
        "an end reset that. Between two starts the reason is the same.",
        source=f"{_RUNTIME}/kuberuntime_manager.go (doBackOff)",
        look=(
            _LAST_LOGS,
            _DESCRIBE,
            "Exit codes: 0 it ended by itself, 1 or 2 an error of its own, 137 it was killed (a "
            "liveness probe, memory), 139 a crash, 143 it was asked to end.",
        ),
        example=_container(
            "CrashLoopBackOff",
            "back-off 5m0s restarting failed container",
            restarts=17,
            exit_code=1,
            exit_reason="Error",
        ),
    ),
    "OOMKilled": Entry(
        how="The kernel killed the container (exit code 137) when it reached its memory limit, or "
        "when the node itself had no memory left. It is started again after the same pause as in "
        "CrashLoopBackOff.",
        source=f"{_RUNTIME}/kuberuntime_container.go; the container runtime names the reason",
        look=(
            "kubectl top pod POD -n NAMESPACE --containers",
            _DESCRIBE,
            _NODE,
            "An event SystemOOM on the node: the node was short of memory, not the container.",
        ),
        example=_container("CrashLoopBackOff", restarts=17, exit_code=137, exit_reason="OOMKilled"),
    ),
    "CreateContainerConfigError": Entry(
        how="Before it creates a container the kubelet puts its environment, user and mounts "
        "together. A ConfigMap, Secret or key that does not exist stops it, and so does an image "
        "that would run as root against runAsNonRoot.",
        source=f"{_RUNTIME}/kuberuntime_container.go (startContainer)",
        look=(
            _DESCRIBE,
            _SECRETS,
        ),
        example=_container("CreateContainerConfigError", 'configmap "agent-config" not found'),
    ),
    "CreateContainerError": Entry(
        how="The container runtime refused to create the container: a path or device that the node "
        "does not have, or a name that an older container still holds.",
        source=f"{_RUNTIME}/kuberuntime_container.go (startContainer)",
        look=(
            _DESCRIBE,
            "On the node: the container runtime's logs.",
        ),
        example=_container(
            "CreateContainerError",
            'failed to generate container spec: stat "/dev/fuse": no such file or directory',
        ),
    ),
    "RunContainerError": Entry(
        how="The container was created, and its first process could not be started: the command is "
        "not in the image, is not executable, or is made for another architecture.",
        source=f"{_RUNTIME}/kuberuntime_container.go (startContainer)",
        look=(
            _DESCRIBE,
            "Compare command and args with what the image holds.",
        ),
        example=_container(
            "RunContainerError", 'exec: "/agent": stat /agent: no such file or directory'
        ),
    ),
    "VolumeMount": Entry(
        how="All volumes of a pod must be attached and mounted before any container starts. Events "
        "FailedMount (of the kubelet) and FailedAttachVolume (of the attach-detach controller) "
        "tell what failed; it is tried again on and on.",
        source="kubelet: pkg/kubelet/volumemanager/volume_manager.go; attach-detach controller: "
        "pkg/controller/volume/attachdetach",
        look=(
            _EVENTS,
            "kubectl get pvc -n NAMESPACE",
            _SECRETS,
            '"Multi-Attach error": the volume is ReadWriteOnce and attached to another node, which '
            "pods of a DaemonSet that share a claim always run into.",
        ),
        example=_event(
            "FailedMount", 'MountVolume.SetUp failed for volume "certs": secret "agent" not found'
        ),
    ),
    "SandboxCreate": Entry(
        how="Before any container, the runtime sets up the pod's sandbox and has a network plugin "
        "(CNI) connect it. One of the two failed: the plugin is not there, has no address left, or "
        "the RuntimeClass's handler is not installed on the node.",
        source=f"{_RUNTIME}/kuberuntime_sandbox.go (createPodSandbox)",
        look=(
            _EVENTS,
            _ON_NODE,
            "The network plugin's own pod on the node, mostly of a DaemonSet too, and its logs.",
        ),
        example=_event(
            "FailedCreatePodSandBox",
            'Failed to create pod sandbox: plugin type="calico" failed (add): no addresses left',
        ),
    ),
    "NetworkNotReady": Entry(
        how="The container runtime says that the node has no working network plugin, so the "
        "kubelet starts no pod there but those with hostNetwork.",
        source="kubelet: pkg/kubelet/kubelet.go (SyncPod)",
        look=(
            _NODE,
            _ON_NODE,
            "The network plugin's own pod on the node, mostly of a DaemonSet too, and its logs.",
        ),
        example=_event(
            "NetworkNotReady",
            "network is not ready: container runtime network not ready: NetworkReady=false",
        ),
    ),
    "ContainerCreating": Entry(
        how="The kubelet works on the pod's volumes, sandbox and images, and has reported no "
        "failure of any of them. For some seconds, or a large image's minutes, that is normal.",
        source="kubelet: pkg/kubelet/kubelet_pods.go",
        look=(
            _EVENTS,
            _NODE,
            "No event at all: is the kubelet alive? Its lease in kube-node-lease tells.",
        ),
        example=_container("ContainerCreating"),
    ),
    "PodInitializing": Entry(
        how="Init containers run one after the other, each to its end, before the containers "
        "start. The first that has not finished holds up all that follows.",
        source=f"{_RUNTIME}/kuberuntime_container.go (computeInitContainerActions)",
        look=(
            _LOGS,
            _DESCRIBE,
            "CONTAINER is the init container; one that waits for a service waits without end.",
        ),
        example=_container("", init=True),
    ),
    "NotReady": Entry(
        how="The container runs, and its startup or readiness probe has not passed yet or fails. "
        "The pod is ready when all of its containers and sidecars are.",
        source=f"{_STATUS}; pkg/kubelet/prober",
        look=(
            _DESCRIBE,
            _LOGS,
            "Events Unhealthy have the probe's answer.",
        ),
        example=_container("", restarts=2),
    ),
    "ReadinessGate": Entry(
        how="A pod is ready only when each condition that its spec.readinessGates names is True. A "
        "controller outside the kubelet sets it, such as that of a load balancer.",
        source=_STATUS,
        look=(
            "kubectl get pod POD -n NAMESPACE -o yaml",
            "The condition's name tells which controller sets it; is that one running?",
        ),
        example=f.ReadinessGateFacts(pod=_POD, gate="example.com/registered", status=None),
    ),
    "MinReadySeconds": Entry(
        how="A pod is available when it has been ready for the DaemonSet's minReadySeconds without "
        "a break. Until then a rolling update counts its node as unavailable.",
        source="DaemonSet controller: pkg/api/v1/pod/util.go (IsPodAvailable)",
        look=(
            "kubectl get pod POD -n NAMESPACE -o yaml",
            "lastTransitionTime of the condition Ready is where the seconds start.",
        ),
        example=f.MinReadyFacts(pod=_POD, min_ready_seconds=60, ready_since=NIGHT, seconds_left=42),
    ),
}
