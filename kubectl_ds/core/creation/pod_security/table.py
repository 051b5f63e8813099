"""Which rule belongs to which level, and from which version on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from kubectl_ds.core.creation.pod_security import baseline, restricted
from kubectl_ds.core.creation.pod_security.pod import Pod
from kubectl_ds.core.facts import SecurityCheck

Rule = Callable[[Pod], SecurityCheck | None]


class Check(NamedTuple):
    """One check through the versions.

    Attributes:
        versions: the rules, by the minor version from which each of them holds, rising.
        replaces: for a restricted check, the baseline check that it makes needless.
    """

    versions: Mapping[int, Rule]
    replaces: str = ""

    def rule(self, minor: int) -> Rule | None:
        """The rule of that minor version, or None before the first."""
        held = [rule for minimum, rule in self.versions.items() if minimum <= minor]
        return held[-1] if held else None


def rules(level: str, minor: int) -> Iterator[Rule]:
    """The rules of a level and a minor version, in the order of their report.

    Source: ``policy/registry.go`` (populate): by the identifier, baseline first. A replacement
    counts only from the version on in which it has a rule itself.
    """
    stricter = RESTRICTED if level == "restricted" else {}
    used = {name: check for name, check in stricter.items() if check.rule(minor)}
    replaced = {check.replaces for check in used.values()}
    kept = {name: check for name, check in BASELINE.items() if name not in replaced}
    for check in (*kept.values(), *used.values()):
        if rule := check.rule(minor):
            yield rule


def _unless_windows(rule: Rule) -> Rule:
    return lambda pod: None if pod.on_windows else rule(pod)


def _unless_user_namespace(rule: Rule) -> Rule:
    return lambda pod: None if pod.in_user_namespace else rule(pod)


_SE_LINUX = frozenset(("container_t", "container_init_t", "container_kvm_t"))
_SE_LINUX_31 = _SE_LINUX | {"container_engine_t"}
_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
    )
)
_SYSCTLS_27 = _SYSCTLS | {"net.ipv4.ip_local_reserved_ports"}
_SYSCTLS_29 = _SYSCTLS_27 | {
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
}
_SYSCTLS_32 = _SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}

# Both are sorted by their identifiers, capitals before small letters.
BASELINE = {
    "appArmorProfile": Check({0: baseline.app_armor_profile}),
    "capabilities_baseline": Check({0: baseline.capabilities}),
    "hostNamespaces": Check({0: baseline.host_namespaces}),
    "hostPathVolumes": Check({0: baseline.host_path_volumes}),
    "hostPorts": Check({0: baseline.host_ports}),
    "hostProbesAndHostLifecycle": Check({34: baseline.probe_hosts}),
    "privileged": Check({0: baseline.privileged}),
    "procMount": Check({0: baseline.proc_mount, 35: _unless_user_namespace(baseline.proc_mount)}),
    "seLinuxOptions": Check(
        {
            0: partial(baseline.se_linux_options, allowed=_SE_LINUX),
            31: partial(baseline.se_linux_options, allowed=_SE_LINUX_31),
        }
    ),
    "seccompProfile_baseline": Check(
        {0: baseline.seccomp_annotations, 19: baseline.seccomp_profile}
    ),
    "sysctls": Check(
        {
            0: partial(baseline.sysctls, allowed=_SYSCTLS),
            27: partial(baseline.sysctls, allowed=_SYSCTLS_27),
            29: partial(baseline.sysctls, allowed=_SYSCTLS_29),
            32: partial(baseline.sysctls, allowed=_SYSCTLS_32),
        }
    ),
    "windowsHostProcess": Check({0: baseline.windows_host_process}),
}
RESTRICTED = {
    "allowPrivilegeEscalation": Check(
        {
            8: restricted.allow_privilege_escalation,
            25: _unless_windows(restricted.allow_privilege_escalation),
        }
    ),
    "capabilities_restricted": Check(
        {22: restricted.capabilities, 25: _unless_windows(restricted.capabilities)},
        replaces="capabilities_baseline",
    ),
    "procMount_restricted": Check({35: baseline.proc_mount}, replaces="procMount"),
    "restrictedVolumes": Check({0: restricted.volume_types}, replaces="hostPathVolumes"),
    "runAsNonRoot": Check(
        {0: restricted.run_as_non_root, 35: _unless_user_namespace(restricted.run_as_non_root)}
    ),
    "runAsUser": Check(
        {23: restricted.run_as_user, 35: _unless_user_namespace(restricted.run_as_user)}
    ),
    "seccompProfile_restricted": Check(
        {19: restricted.seccomp_profile, 25: _unless_windows(restricted.seccomp_profile)},
        replaces="seccompProfile_baseline",
    ),
}
