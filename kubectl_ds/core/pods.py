"""Pods, what a template says of them, and how they choose their node."""

from __future__ import annotations

from msgspec import field

from kubectl_ds.core.meta import Condition, Labels, ObjectMeta, Quantities, Time, Value, condition

DEFAULT_SCHEDULER = "default-scheduler"


class Toleration(Value, frozen=True):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class NodeSelectorRequirement(Value, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class NodeSelectorTerm(Value, frozen=True):
    match_expressions: tuple[NodeSelectorRequirement, ...] | None = None
    match_fields: tuple[NodeSelectorRequirement, ...] | None = None


class NodeSelector(Value, frozen=True):
    node_selector_terms: tuple[NodeSelectorTerm, ...] | None = None


class NodeAffinity(Value, frozen=True):
    required: NodeSelector | None = field(
        name="requiredDuringSchedulingIgnoredDuringExecution", default=None
    )


LabelSelectorRequirement = NodeSelectorRequirement  # the API gives both the same shape


class LabelSelector(Value, frozen=True):
    match_labels: Labels | None = None
    match_expressions: tuple[LabelSelectorRequirement, ...] | None = None


class PodAffinityTerm(Value, frozen=True):
    topology_key: str = ""
    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] | None = None
    namespace_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] | None = None
    mismatch_label_keys: tuple[str, ...] | None = None


class WeightedPodAffinityTerm(Value, frozen=True):
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(Value, frozen=True):
    required: tuple[PodAffinityTerm, ...] | None = field(
        name="requiredDuringSchedulingIgnoredDuringExecution", default=None
    )
    preferred: tuple[WeightedPodAffinityTerm, ...] | None = field(
        name="preferredDuringSchedulingIgnoredDuringExecution", default=None
    )


class Affinity(Value, frozen=True):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class ResourceRequirements(Value, frozen=True):
    requests: Quantities | None = None
    limits: Quantities | None = None


class ContainerPort(Value, frozen=True):
    container_port: int = 0
    host_port: int = 0
    host_ip: str = field(name="hostIP", default="")
    protocol: str = ""


class Container(Value, frozen=True):
    name: str = ""
    resources: ResourceRequirements | None = None
    ports: tuple[ContainerPort, ...] | None = None
    restart_policy: str | None = None

    @property
    def sidecar(self) -> bool:
        """Whether an init container keeps running beside the others (KEP-753)."""
        return self.restart_policy == "Always"


class ReadinessGate(Value, frozen=True):
    condition_type: str


class SchedulingGate(Value, frozen=True):
    name: str


class TopologySpreadConstraint(Value, frozen=True):
    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = ""
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: tuple[str, ...] | None = None


class PersistentVolumeClaimSource(Value, frozen=True):
    claim_name: str = ""


class EphemeralSource(Value, frozen=True):
    """A claim that is made for the pod alone, by the name of pod and volume."""


class VolumeSource(Value, frozen=True):
    """Where a volume comes from, of which no rule reads more than that it is of that kind."""


class InTreeSource(Value, frozen=True):
    """The kinds of disks for which CSI drivers stand in by now, node by node.

    Source: ``pkg/scheduler/framework/plugins/volumebinding/binder.go``,
    isCSIMigrationOnForPlugin.
    """

    aws_elastic_block_store: VolumeSource | None = None
    azure_disk: VolumeSource | None = None
    cinder: VolumeSource | None = None
    gce_persistent_disk: VolumeSource | None = None
    portworx_volume: VolumeSource | None = None

    @property
    def in_tree(self) -> bool:
        """Whether the volume is of one of those kinds."""
        disks = self.aws_elastic_block_store, self.azure_disk, self.gce_persistent_disk
        return any((*disks, self.cinder, self.portworx_volume))


class Volume(InTreeSource, frozen=True):
    name: str = ""
    persistent_volume_claim: PersistentVolumeClaimSource | None = None
    ephemeral: EphemeralSource | None = None
    iscsi: VolumeSource | None = None
    rbd: VolumeSource | None = None


class PodResourceClaim(Value, frozen=True):
    name: str = ""


class PodSpec(Value, frozen=True):
    """What a template asks for, and what an existing pod was given."""

    node_name: str = ""
    node_selector: Labels | None = None
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] | None = None
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] | None = None
    host_network: bool = False
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    resources: ResourceRequirements | None = None
    overhead: Quantities | None = None
    volumes: tuple[Volume, ...] | None = None
    resource_claims: tuple[PodResourceClaim, ...] | None = None
    service_account_name: str = ""
    priority_class_name: str = ""
    priority: int | None = None
    preemption_policy: str | None = None
    runtime_class_name: str | None = None
    active_deadline_seconds: int | None = None
    readiness_gates: tuple[ReadinessGate, ...] | None = None
    scheduling_gates: tuple[SchedulingGate, ...] | None = None
    scheduler_name: str = DEFAULT_SCHEDULER

    @property
    def required_terms(self) -> tuple[NodeSelectorTerm, ...] | None:
        """Terms of the required node affinity; None where there is no such affinity."""
        node_affinity = self.affinity.node_affinity if self.affinity else None
        if node_affinity is None or node_affinity.required is None:
            return None
        return node_affinity.required.node_selector_terms or ()


class PodTemplate(Value, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class ContainerStateWaiting(Value, frozen=True):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(Value, frozen=True):
    started_at: Time | None = None


class ContainerStateTerminated(Value, frozen=True):
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    started_at: Time | None = None
    finished_at: Time | None = None


class ContainerState(Value, frozen=True):
    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(Value, frozen=True):
    name: str
    image: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    resources: ResourceRequirements | None = None
    allocated_resources: Quantities | None = None
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(Value, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    nominated_node_name: str = ""
    resources: ResourceRequirements | None = None
    allocated_resources: Quantities | None = None
    conditions: tuple[Condition, ...] | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None
    start_time: Time | None = None


class Pod(Value, frozen=True):
    metadata: ObjectMeta
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def labels(self) -> Labels:
        return self.metadata.labels or {}

    @property
    def terminating(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def terminal(self) -> bool:
        """Phase Failed or Succeeded; Unknown is not terminal."""
        return self.status.phase in ("Failed", "Succeeded")

    @property
    def live(self) -> bool:
        """Neither being deleted nor at its end."""
        return not self.terminating and not self.terminal

    @property
    def ready(self) -> bool:
        ready = condition(self.status.conditions, "Ready")
        return ready is not None and ready.status == "True"
