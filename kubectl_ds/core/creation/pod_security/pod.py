"""The pod that a template makes, as far as Pod Security reads it.

The checks come after the pod has been filled in (``apiserver/pkg/registry/generic/registry/
store.go``, Create), so what is filled in is judged with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Raw, field
from msgspec.structs import replace

from kubectl_ds.core.meta import Labels, Value, decoder
from kubectl_ds.core.pods import ContainerPort

APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_UNCONFINED = "Unconfined"


class Profile(Value, frozen=True):
    """A seccomp or an AppArmor profile."""

    type: str = ""


class Capabilities(Value, frozen=True):
    """What a container adds to, and drops from, the runtime's default."""

    add: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None


class SELinuxOptions(Value, frozen=True):
    """The parts of an SELinux context that are restricted."""

    type: str = ""
    user: str = ""
    role: str = ""


class WindowsOptions(Value, frozen=True):
    """What only Windows has."""

    host_process: bool | None = None


class Sysctl(Value, frozen=True):
    """A kernel parameter of the pod."""

    name: str = ""


class SecurityContext(Value, frozen=True):
    """That of a pod or of a container; each leaves empty what only the other has."""

    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    proc_mount: str | None = None
    capabilities: Capabilities | None = None
    app_armor_profile: Profile | None = None
    seccomp_profile: Profile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None
    sysctls: tuple[Sysctl, ...] | None = None

    @property
    def added(self) -> tuple[str, ...]:
        """The capabilities that it adds."""
        return (self.capabilities and self.capabilities.add) or ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """The capabilities that it drops."""
        return (self.capabilities and self.capabilities.drop) or ()


class Target(Value, frozen=True):
    """Whom a probe or a hook calls."""

    host: str = ""


class Handler(Value, frozen=True):
    """A probe or a lifecycle hook."""

    http_get: Target | None = None
    tcp_socket: Target | None = None


class Lifecycle(Value, frozen=True):
    """The hooks of a container."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None


class Container(Value, frozen=True):
    """A container of any kind."""

    name: str = ""
    ports: tuple[ContainerPort, ...] | None = None
    security_context: SecurityContext | None = None
    liveness_probe: Handler | None = None
    readiness_probe: Handler | None = None
    startup_probe: Handler | None = None
    lifecycle: Lifecycle | None = None

    @property
    def context(self) -> SecurityContext:
        """Its own security context."""
        return self.security_context or SecurityContext()

    @property
    def hosts(self) -> set[str]:
        """The hosts that its probes and hooks name."""
        hooks = self.lifecycle or Lifecycle()
        probes = self.liveness_probe, self.readiness_probe, self.startup_probe
        handlers = [one for one in (*probes, hooks.post_start, hooks.pre_stop) if one]
        targets = [target for one in handlers for target in (one.http_get, one.tcp_socket)]
        return {target.host for target in targets if target and target.host}


class OS(Value, frozen=True):
    """The operating system that a pod is made for."""

    name: str = ""


class Spec(Value, frozen=True):
    """A pod's spec; a volume is a map, as its kind is a key of it."""

    os: OS | None = None
    host_network: bool = False
    host_pid: bool = field(name="hostPID", default=False)
    host_ipc: bool = field(name="hostIPC", default=False)
    host_users: bool | None = None
    security_context: SecurityContext | None = None
    init_containers: tuple[Container, ...] | None = None
    containers: tuple[Container, ...] | None = None
    ephemeral_containers: tuple[Container, ...] | None = None
    volumes: tuple[dict[str, Any], ...] | None = None


class Metadata(Value, frozen=True):
    """A template's metadata."""

    annotations: Labels | None = None


class Template(Value, frozen=True):
    """A pod template as the API has it."""

    metadata: Metadata = Metadata()
    spec: Spec = Spec()


class Pod(Value, frozen=True):
    """The pod, ready to be checked.

    Attributes:
        annotations: its annotations.
        spec: its spec, of which the containers are to be read below.
        containers: all containers, in the order of ``policy/visitor.go``.
    """

    annotations: Labels
    spec: Spec
    containers: tuple[Container, ...]

    @property
    def context(self) -> SecurityContext:
        """The pod's own security context."""
        return self.spec.security_context or SecurityContext()

    @property
    def contexts(self) -> tuple[SecurityContext, ...]:
        """The security contexts of the pod and of its containers."""
        return self.context, *(container.context for container in self.containers)

    @property
    def on_windows(self) -> bool:
        """Whether it says that it is made for Windows."""
        return self.spec.os is not None and self.spec.os.name == "windows"

    @property
    def in_user_namespace(self) -> bool:
        """Whether it has a user namespace of its own (``policy/helpers.go``)."""
        return self.spec.host_users is False


def pod_of(template: Raw) -> Pod:
    """The pod that a template makes.

    Raises:
        msgspec.ValidationError: the template has a wrong shape.
    """
    decoded: Template = decoder(Template).decode(template)
    pod = Pod(annotations=decoded.metadata.annotations or {}, spec=decoded.spec, containers=())
    return replace(pod, containers=tuple(_containers(pod)))


def _containers(pod: Pod) -> Iterator[Container]:
    spec = pod.spec
    for kind in (spec.init_containers, spec.containers, spec.ephemeral_containers):
        for container in kind or ():
            yield _with_profile(pod, _with_host_ports(pod, container))


def _with_host_ports(pod: Pod, container: Container) -> Container:
    """On the host's network each port is one of the host's (``defaults.go``, SetDefaults_Pod)."""
    if not pod.spec.host_network:
        return container
    ports = (
        replace(port, host_port=port.host_port or port.container_port)
        for port in container.ports or ()
    )
    return replace(container, ports=tuple(ports))


def _with_profile(pod: Pod, container: Container) -> Container:
    """An AppArmor annotation becomes the field (``strategy.go``, applyAppArmorVersionSkew).

    Only what differs from the pod's own profile does, and only "unconfined" is ever forbidden.
    """
    annotation = pod.annotations.get(APP_ARMOR_ANNOTATION + container.name)
    if annotation != "unconfined" or pod.on_windows or container.context.app_armor_profile:
        return container
    if pod.context.app_armor_profile == Profile(type=_UNCONFINED):
        return container
    context = replace(container.context, app_armor_profile=Profile(type=_UNCONFINED))
    return replace(container, security_context=context)
