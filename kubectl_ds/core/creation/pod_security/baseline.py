"""The rules of level baseline: what lets a pod out of its container.

Each answers what the pod fails, or None, in the words of the Go function that it names.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_ds.core.creation.pod_security.naming import (
    containers,
    failed,
    named,
    plural,
    quoted,
    setters,
    using,
)
from kubectl_ds.core.creation.pod_security.pod import (
    APP_ARMOR_ANNOTATION,
    Container,
    Pod,
    Profile,
    SecurityContext,
)
from kubectl_ds.core.facts import SecurityCheck

_SECCOMP_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/"
_DEFAULT_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)


def app_armor_profile(pod: Pod) -> SecurityCheck | None:
    """Any AppArmor profile but the default and the node's (``check_appArmorProfile.go``)."""
    annotations = _bad_app_armor_annotations(pod)
    who = setters(pod, _bad_app_armor)
    if annotations:
        who.append(plural("annotation", annotations))
    if not who:
        return None
    values = [*_types(context.app_armor_profile for context in pod.contexts), *annotations]
    check = plural("forbidden AppArmor profile", values)
    detail = f"{' and '.join(who)} must not set AppArmor profile type to {quoted(values)}"
    return failed(check, detail)


def _bad_app_armor(context: SecurityContext) -> bool:
    return _bad(context.app_armor_profile)


def _bad_app_armor_annotations(pod: Pod) -> list[str]:
    return sorted(
        f'{key}="{value}"'
        for key, value in pod.annotations.items()
        if key.startswith(APP_ARMOR_ANNOTATION)
        and value not in ("", "runtime/default")
        and not value.startswith("localhost/")
    )


def capabilities(pod: Pod) -> SecurityCheck | None:
    """Capabilities beyond the runtime's default (``check_capabilities_baseline.go``)."""
    names = containers(pod, lambda one: set(one.context.added) - _DEFAULT_CAPABILITIES)
    if not names:
        return None
    added = {name for one in pod.containers for name in one.context.added}
    beyond = quoted(sorted(added - _DEFAULT_CAPABILITIES))
    detail = f"must not include {beyond} in securityContext.capabilities.add"
    return failed("non-default capabilities", f"{named('container', names)} {detail}")


def host_namespaces(pod: Pod) -> SecurityCheck | None:
    """The host's network, processes or IPC (``check_hostNamespaces.go``)."""
    spec = pod.spec
    fields = {
        "hostNetwork": spec.host_network,
        "hostPID": spec.host_pid,
        "hostIPC": spec.host_ipc,
    }
    shared = ", ".join(f"{name}=true" for name in fields if fields[name])
    return failed("host namespaces", shared) if shared else None


def host_path_volumes(pod: Pod) -> SecurityCheck | None:
    """The host's files (``check_hostPathVolumes.go``)."""
    volumes = pod.spec.volumes or ()
    names = [volume.get("name", "") for volume in volumes if volume.get("hostPath") is not None]
    return failed("hostPath volumes", named("volume", names)) if names else None


def host_ports(pod: Pod) -> SecurityCheck | None:
    """The host's ports, which stand in the order of their digits (``check_hostPorts.go``)."""
    names = containers(pod, _host_ports)
    if not names:
        return None
    ports = sorted({str(port) for one in pod.containers for port in _host_ports(one)})
    listed = f"{plural('hostPort', ports)} {', '.join(ports)}"
    return failed("hostPort", f"{using('container', names)} {listed}")


def _host_ports(container: Container) -> set[int]:
    return {port.host_port for port in container.ports or () if port.host_port}


def probe_hosts(pod: Pod) -> SecurityCheck | None:
    """Probes and hooks that call another host (``check_hostProbesAndhostLifecycle.go``)."""
    names = sorted(set(containers(pod, lambda one: one.hosts)))
    if not names:
        return None
    hosts = sorted({host for one in pod.containers for host in one.hosts})
    noun = "probe or lifecycle host"
    return failed(noun, f"{using('container', names)} {named(noun, hosts)}")


def privileged(pod: Pod) -> SecurityCheck | None:
    """Containers without any bounds (``check_privileged.go``)."""
    names = containers(pod, lambda one: one.context.privileged)
    if not names:
        return None
    detail = f"{named('container', names)} must not set securityContext.privileged=true"
    return failed("privileged", detail)


def proc_mount(pod: Pod) -> SecurityCheck | None:
    """A /proc without its masks (``check_procMount_baseline.go``)."""
    names = containers(pod, lambda one: _unmasked(one.context))
    if not names:
        return None
    kinds = {one.context.proc_mount or "" for one in pod.containers if _unmasked(one.context)}
    detail = f"must not set securityContext.procMount to {quoted(sorted(kinds))}"
    return failed("procMount", f"{named('container', names)} {detail}")


def _unmasked(context: SecurityContext) -> bool:
    return context.proc_mount not in (None, "Default")


def se_linux_options(pod: Pod, allowed: frozenset[str]) -> SecurityCheck | None:
    """An SELinux user, role or unusual type (``check_seLinuxOptions.go``).

    Args:
        pod: the pod.
        allowed: the types that may be set.
    """
    who = setters(pod, lambda context: _se_linux_faults((context,), allowed))
    if not who:
        return None
    faults = "; ".join(_se_linux_faults(pod.contexts, allowed))
    detail = f"{' and '.join(who)} set forbidden securityContext.seLinuxOptions: {faults}"
    return failed("seLinuxOptions", detail)


def _se_linux_faults(contexts: tuple[SecurityContext, ...], allowed: frozenset[str]) -> list[str]:
    options = [one.se_linux_options for one in contexts if one.se_linux_options]
    types = {one.type for one in options if one.type} - allowed
    faults = [named("type", sorted(types))] if types else []
    if any(one.user for one in options):
        faults.append("user may not be set")
    if any(one.role for one in options):
        faults.append("role may not be set")
    return faults


def seccomp_annotations(pod: Pod) -> SecurityCheck | None:
    """Seccomp switched off, as it was said before 1.19 (``check_seccompProfile_baseline.go``)."""
    names = [_SECCOMP_CONTAINER_ANNOTATION + one.name for one in pod.containers]
    keys = {_SECCOMP_ANNOTATION, *names} & set(pod.annotations)
    bad = sorted(f'{key}="{pod.annotations[key]}"' for key in keys if _off(pod.annotations[key]))
    if not bad:
        return None
    return failed("seccompProfile", f"forbidden {plural('annotation', bad)} {', '.join(bad)}")


def _off(value: str) -> bool:
    defaults = ("runtime/default", "docker/default")
    return value not in defaults and not value.startswith("localhost/")


def seccomp_profile(pod: Pod) -> SecurityCheck | None:
    """Seccomp switched off (``check_seccompProfile_baseline.go``)."""
    who = setters(pod, lambda context: _bad(context.seccomp_profile))
    if not who:
        return None
    values = _types(context.seccomp_profile for context in pod.contexts)
    detail = f"must not set securityContext.seccompProfile.type to {quoted(values)}"
    return failed("seccompProfile", f"{' and '.join(who)} {detail}")


def _bad(profile: Profile | None) -> bool:
    return profile is not None and profile.type not in ("RuntimeDefault", "Localhost")


def _types(profiles: Iterable[Profile | None]) -> list[str]:
    return sorted({profile.type for profile in profiles if profile and _bad(profile)})


def sysctls(pod: Pod, allowed: frozenset[str]) -> SecurityCheck | None:
    """Kernel parameters that reach beyond the pod (``check_sysctls.go``).

    Args:
        pod: the pod.
        allowed: the parameters that may be set.
    """
    names = [sysctl.name for sysctl in pod.context.sysctls or () if sysctl.name not in allowed]
    return failed("forbidden sysctls", ", ".join(names)) if names else None


def windows_host_process(pod: Pod) -> SecurityCheck | None:
    """Windows containers that run as the host's processes (``check_windowsHostProcess.go``)."""
    who = setters(pod, lambda one: one.windows_options and one.windows_options.host_process)
    if not who:
        return None
    detail = "must not set securityContext.windowsOptions.hostProcess=true"
    return failed("hostProcess", f"{' and '.join(who)} {detail}")
