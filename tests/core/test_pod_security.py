"""What Pod Security refuses, in the API server's own words.

Each table is taken from ``staging/src/k8s.io/pod-security-admission/policy``, from the file that
stands above it: its "Allowed Values", its versions and its sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_ds.core.creation.pod_security import check, enforced, message
from kubectl_ds.core.creation.refusal import newest_refusal
from kubectl_ds.core.facts import SecurityCheck
from tests.core.make import namespace, template
from tests.recorded import cluster

Spec = dict[str, Any]
ESCALATION = "allowPrivilegeEscalation != false"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io"
SECCOMP = "seccomp.security.alpha.kubernetes.io"


def failures(
    spec: Spec,
    level: str = "baseline",
    version: str = "latest",
    annotations: Mapping[str, str] | None = None,
) -> list[str]:
    """What a template with that spec fails, as ``check (detail)``."""
    document = template(**spec)
    document["metadata"]["annotations"] = annotations
    found = check(msgspec.Raw(msgspec.json.encode(document)), level, version)
    return [f"{one.check} ({one.detail})" for one in found]


def containers(*contexts: Spec | None, **fields: Any) -> Spec:
    """A spec with containers a, b, …, one for each security context."""
    made = [
        {"name": name, "securityContext": context, **fields}
        for name, context in zip("abc", contexts, strict=False)
    ]
    return {"containers": made}


def pod(**context: Any) -> Spec:
    """A spec with a security context of the pod."""
    return {"securityContext": context}


def hardened(spec: Spec, **context: Any) -> Spec:
    """The spec with all that level restricted wants of a container, but for that context."""
    safe = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
        "capabilities": {"drop": ["ALL"]},
        **context,
    }
    return {**containers({key: value for key, value in safe.items() if value is not None}), **spec}


def volume(kind: str, name: str = "v") -> Spec:
    return {"name": name, kind: {}}


# The level baseline. A row is a spec and what it fails, by default nothing.

HOST_NAMESPACES = [  # check_hostNamespaces.go
    pytest.param({"hostNetwork": True}, "host namespaces (hostNetwork=true)", id="hostNetwork"),
    pytest.param({"hostPID": True}, "host namespaces (hostPID=true)", id="hostPID"),
    pytest.param({"hostIPC": True}, "host namespaces (hostIPC=true)", id="hostIPC"),
    pytest.param(
        {"hostIPC": True, "hostPID": True, "hostNetwork": True},
        "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
        id="all host namespaces",
    ),
    pytest.param({"hostNetwork": False, "hostPID": False, "hostIPC": False}, "", id="no host"),
]

HOST_PATHS = [  # check_hostPathVolumes.go
    pytest.param({"volumes": [volume("emptyDir")]}, "", id="emptyDir"),
    pytest.param({"volumes": [volume("nfs")]}, "", id="nfs is baseline"),
    pytest.param(
        {"volumes": [volume("hostPath", "logs")]},
        'hostPath volumes (volume "logs")',
        id="one hostPath",
    ),
    pytest.param(
        {"volumes": [volume("hostPath", "z"), volume("secret"), volume("hostPath", "y")]},
        'hostPath volumes (volumes "z", "y")',
        id="hostPaths in the spec's order",
    ),
]


def ports(*numbers: tuple[int, int], **spec: Any) -> Spec:
    """Container a with ports of (container, host); zero is left out."""
    listed = [
        {"containerPort": own, **({"hostPort": host} if host else {})} for own, host in numbers
    ]
    return {"containers": [{"name": "a", "ports": listed}], **spec}


HOST_PORTS = [  # check_hostPorts.go
    pytest.param(ports((80, 0)), "", id="no hostPort"),
    pytest.param(
        ports((80, 8080)), 'hostPort (container "a" uses hostPort 8080)', id="one hostPort"
    ),
    pytest.param(
        ports((1, 9), (2, 10250), (3, 80), (4, 80)),
        'hostPort (container "a" uses hostPorts 10250, 80, 9)',
        id="hostPorts as text, each once",
    ),
    pytest.param(
        containers(None, None, ports=[{"containerPort": 1, "hostPort": 1}]),
        'hostPort (containers "a", "b" use hostPort 1)',
        id="one hostPort of two containers",
    ),
]

PRIVILEGED = [  # check_privileged.go
    pytest.param(containers({"privileged": False}, {}, None), "", id="not privileged"),
    pytest.param(
        containers({"privileged": True}),
        'privileged (container "a" must not set securityContext.privileged=true)',
        id="privileged",
    ),
    pytest.param(
        containers({"privileged": True}, {}, {"privileged": True}),
        'privileged (containers "a", "c" must not set securityContext.privileged=true)',
        id="two privileged",
    ),
]


def adding(*names: str) -> Spec:
    return {"capabilities": {"add": list(names)}}


DEFAULT_CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
    *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
CAPABILITIES = [  # check_capabilities_baseline.go
    pytest.param(containers(adding(*DEFAULT_CAPABILITIES)), "", id="default capabilities"),
    pytest.param(containers({"capabilities": {"drop": ["NET_RAW"]}}), "", id="dropped"),
    pytest.param(
        containers(adding("NET_RAW")),
        'non-default capabilities (container "a" must not include "NET_RAW" in '
        "securityContext.capabilities.add)",
        id="NET_RAW",
    ),
    pytest.param(
        containers(adding("SYS_TIME", "KILL"), adding("KILL"), adding("ALL", "SYS_TIME")),
        'non-default capabilities (containers "a", "c" must not include "ALL", "SYS_TIME" in '
        "securityContext.capabilities.add)",
        id="of two containers",
    ),
    pytest.param(
        containers(adding("CAP_CHOWN", "chown")),
        'non-default capabilities (container "a" must not include "CAP_CHOWN", "chown" in '
        "securityContext.capabilities.add)",
        id="letter for letter",
    ),
]


def probe(kind: str, host: str) -> Spec:
    return {kind: {"port": 80, "host": host}}


PROBE_HOSTS = [  # check_hostProbesAndhostLifecycle.go
    pytest.param(containers({}, livenessProbe={"httpGet": {"port": 80}}), "", id="no host"),
    pytest.param(containers({}, livenessProbe=probe("httpGet", "")), "", id="empty host"),
    pytest.param(containers({}, livenessProbe={"exec": {"command": ["x"]}}), "", id="exec"),
    *(
        pytest.param(
            containers({}, **{field: probe(kind, "10.0.0.1")}),
            'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")',
            id=f"{field} {kind}",
        )
        for field in ("livenessProbe", "readinessProbe", "startupProbe")
        for kind in ("httpGet", "tcpSocket")
    ),
    *(
        pytest.param(
            containers({}, lifecycle={field: probe(kind, "h")}),
            'probe or lifecycle host (container "a" uses probe or lifecycle host "h")',
            id=f"{field} {kind}",
        )
        for field in ("postStart", "preStop")
        for kind in ("httpGet", "tcpSocket")
    ),
    pytest.param(
        containers(
            {},
            {},
            livenessProbe=probe("httpGet", "y"),
            lifecycle={"preStop": probe("httpGet", "x")},
        ),
        'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")',
        id="two hosts of two containers",
    ),
]

PROC_MOUNT = [  # check_procMount_baseline.go
    pytest.param(containers({"procMount": "Default"}, {}), "", id="Default"),
    pytest.param(
        containers({"procMount": "Unmasked"}),
        'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
        id="Unmasked",
    ),
    pytest.param(
        containers({"procMount": "Unmasked"}, {"procMount": "Unmasked"}),
        'procMount (containers "a", "b" must not set securityContext.procMount to "Unmasked")',
        id="two Unmasked",
    ),
]


def se_linux(**options: str) -> Spec:
    return {"seLinuxOptions": options}


SE_LINUX_SET = "set forbidden securityContext.seLinuxOptions:"
SE_LINUX = [  # check_seLinuxOptions.go
    *(
        pytest.param(containers(se_linux(type=kind)), "", id=kind or "no type")
        for kind in ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
    ),
    pytest.param(containers(se_linux(level="s0:c1", user="", role="")), "", id="level"),
    pytest.param(
        containers(se_linux(type="spc_t")),
        f'seLinuxOptions (container "a" {SE_LINUX_SET} type "spc_t")',
        id="type",
    ),
    pytest.param(
        pod(**se_linux(user="u")),
        f"seLinuxOptions (pod {SE_LINUX_SET} user may not be set)",
        id="user",
    ),
    pytest.param(
        pod(**se_linux(role="r")),
        f"seLinuxOptions (pod {SE_LINUX_SET} role may not be set)",
        id="role",
    ),
    pytest.param(
        {
            **pod(**se_linux(role="r", type="z_t")),
            **containers(se_linux(type="a_t"), se_linux(type="container_t"), se_linux(user="u")),
        },
        f'seLinuxOptions (pod and containers "a", "c" {SE_LINUX_SET} types "a_t", "z_t"; '
        "user may not be set; role may not be set)",
        id="all of SELinux",
    ),
]


def seccomp(kind: str) -> Spec:
    return {"seccompProfile": {"type": kind}}


NO_SECCOMP = 'must not set securityContext.seccompProfile.type to "Unconfined")'
SECCOMP_FIELDS = [  # check_seccompProfile_baseline.go
    pytest.param(containers(seccomp("RuntimeDefault"), seccomp("Localhost")), "", id="default"),
    pytest.param(
        pod(**seccomp("Unconfined")), f"seccompProfile (pod {NO_SECCOMP}", id="seccomp of the pod"
    ),
    pytest.param(
        {**pod(**seccomp("Unconfined")), **containers(seccomp("Unconfined"), seccomp("Localhost"))},
        f'seccompProfile (pod and container "a" {NO_SECCOMP}',
        id="seccomp of both",
    ),
    pytest.param(
        containers(seccomp("Unconfined"), {}, seccomp("Unconfined")),
        f'seccompProfile (containers "a", "c" {NO_SECCOMP}',
        id="seccomp of containers",
    ),
]

SAFE_SYSCTLS = (
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
    *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"),
)
SAFE_SINCE_27 = ("net.ipv4.ip_local_reserved_ports",)
SAFE_SINCE_29 = (
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"),
    *("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"),
)
SAFE_SINCE_32 = ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")


def sysctls(*names: str) -> Spec:
    return pod(sysctls=[{"name": name, "value": "1"} for name in names])


SYSCTLS = [  # check_sysctls.go
    pytest.param(
        sysctls(*SAFE_SYSCTLS, *SAFE_SINCE_27, *SAFE_SINCE_29, *SAFE_SINCE_32), "", id="safe"
    ),
    pytest.param(
        sysctls("net.core.somaxconn", "net.ipv4.tcp_rmem", "kernel.msgmax"),
        "forbidden sysctls (net.core.somaxconn, kernel.msgmax)",
        id="unsafe, in the spec's order",
    ),
]


def host_process(value: bool) -> Spec:
    return {"windowsOptions": {"hostProcess": value}}


NO_HOST_PROCESS = "must not set securityContext.windowsOptions.hostProcess=true)"
HOST_PROCESS = [  # check_windowsHostProcess.go
    pytest.param(
        {**pod(**host_process(False)), **containers({"windowsOptions": {}})},
        "",
        id="no hostProcess",
    ),
    pytest.param(
        pod(**host_process(True)),
        f"hostProcess (pod {NO_HOST_PROCESS}",
        id="hostProcess of the pod",
    ),
    pytest.param(
        {**pod(**host_process(True)), **containers(host_process(True))},
        f'hostProcess (pod and container "a" {NO_HOST_PROCESS}',
        id="hostProcess of both",
    ),
]


def app_armor(kind: str) -> Spec:
    return {"appArmorProfile": {"type": kind}}


NO_APP_ARMOR = 'must not set AppArmor profile type to "Unconfined")'
APP_ARMOR_FIELDS = [  # check_appArmorProfile.go
    pytest.param(
        containers(app_armor("RuntimeDefault"), app_armor("Localhost")), "", id="profiles"
    ),
    pytest.param(
        pod(**app_armor("Unconfined")),
        f"forbidden AppArmor profile (pod {NO_APP_ARMOR}",
        id="AppArmor of the pod",
    ),
    pytest.param(
        {**pod(**app_armor("Unconfined")), **containers(app_armor("Unconfined"), {})},
        f'forbidden AppArmor profile (pod and container "a" {NO_APP_ARMOR}',
        id="AppArmor of both",
    ),
]
BASELINE = [
    *APP_ARMOR_FIELDS,
    *CAPABILITIES,
    *HOST_NAMESPACES,
    *HOST_PATHS,
    *HOST_PORTS,
    *PROBE_HOSTS,
    *PRIVILEGED,
    *PROC_MOUNT,
    *SE_LINUX,
    *SECCOMP_FIELDS,
    *SYSCTLS,
    *HOST_PROCESS,
]


@pytest.mark.parametrize(("spec", "expected"), BASELINE)
def test_baseline(spec: Spec, expected: str) -> None:
    assert failures(spec) == ([expected] if expected else [])


STRICTER = {  # the OverrideCheckIDs that have other words
    "non-default capabilities": "unrestricted capabilities",
    "hostPath volumes": "restricted volume types",
}


@pytest.mark.parametrize(("spec", "expected"), [row for row in BASELINE if row.values[1]])
def test_restricted_refuses_what_baseline_refuses(spec: Spec, expected: str) -> None:
    check_failed = expected.split(" (")[0]
    found = [one.split(" (")[0] for one in failures(spec, "restricted")]
    assert STRICTER.get(check_failed, check_failed) in found


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_every_kind_of_container_is_checked(kind: str) -> None:
    """policy/visitor.go: init containers, containers, ephemeral ones."""
    others = [{"name": "z", "securityContext": {"privileged": True}}]
    spec = {**containers({"privileged": True}), kind: others}
    names = '"z", "a"' if kind == "initContainers" else '"a", "z"'
    assert failures(spec) == [
        f"privileged (containers {names} must not set securityContext.privileged=true)"
    ]


# What the API server fills in before the checks: defaults.go (SetDefaults_Pod) and
# registry/core/pod/strategy.go (applyAppArmorVersionSkew).

FILLED_IN = [
    pytest.param(
        ports((9100, 0), (80, 8080), hostNetwork=True),
        'hostPort (container "a" uses hostPorts 8080, 9100)',
        id="the host's network makes each port a hostPort",
    ),
    pytest.param(
        {
            "hostNetwork": True,
            "initContainers": [{"name": "i", "ports": [{"containerPort": 7}]}],
        },
        'hostPort (container "i" uses hostPort 7)',
        id="those of init containers too",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), FILLED_IN)
def test_ports_on_the_host_network(spec: Spec, expected: str) -> None:
    assert failures(spec) == ["host namespaces (hostNetwork=true)", expected]


ANNOTATED = f'"{APP_ARMOR}/a="unconfined""'
NOTED = f'must not set AppArmor profile type to "Unconfined", {ANNOTATED})'
ANNOTATIONS = [  # check_appArmorProfile.go
    *(
        pytest.param({"a": value}, {}, "", id=value or "empty")
        for value in ("", "runtime/default", "localhost/mine")
    ),
    pytest.param(
        {"a": "unconfined"},
        {},
        f'forbidden AppArmor profiles (container "a" and annotation {NOTED}',
        id="unconfined",
    ),
    pytest.param(
        {"a": "unconfined"},
        pod(**app_armor("Unconfined")),
        f"forbidden AppArmor profiles (pod and annotation {NOTED}",
        id="as the pod's profile says already",
    ),
    pytest.param(
        {"a": "unconfined"},
        {"os": {"name": "windows"}},
        f"forbidden AppArmor profile (annotation must not set AppArmor profile type to {ANNOTATED})",
        id="not made a field on Windows",
    ),
    pytest.param(
        {"a": "unconfined", "b": "unconfined"},
        {},
        'forbidden AppArmor profiles (containers "a", "b" and annotations must not set AppArmor '
        f'profile type to "Unconfined", {ANNOTATED}, "{APP_ARMOR}/b="unconfined"")',
        id="two annotations",
    ),
]


@pytest.mark.parametrize(("profiles", "spec", "expected"), ANNOTATIONS)
def test_app_armor_annotations(profiles: dict[str, str], spec: Spec, expected: str) -> None:
    annotations = {f"{APP_ARMOR}/{name}": value for name, value in profiles.items()}
    found = failures({**containers({}, {}), **spec}, annotations=annotations)
    assert found == ([expected] if expected else [])


# The level restricted. Each row is otherwise hardened.

MUST_RUN = "must set securityContext.runAsNonRoot=true)"
NOT_ROOT = "must not set securityContext.runAsNonRoot=false)"
MUST_SECCOMP = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
DROP_ALL = 'must set securityContext.capabilities.drop=["ALL"]'
RESTRICTED = [
    pytest.param(hardened({}), "", id="hardened"),
    # check_allowPrivilegeEscalation.go
    *(
        pytest.param(
            hardened({}, allowPrivilegeEscalation=value),
            f'{ESCALATION} (container "a" must set securityContext.allowPrivilegeEscalation=false)',
            id=f"allowPrivilegeEscalation {value}",
        )
        for value in (True, None)
    ),
    # check_capabilities_restricted.go
    *(
        pytest.param(
            hardened({}, capabilities=value),
            f'unrestricted capabilities (container "a" {DROP_ALL})',
            id=f"capabilities {value}",
        )
        for value in (None, {}, {"drop": ["all"]}, {"drop": ["NET_RAW"], "add": []})
    ),
    pytest.param(
        hardened({}, capabilities={"drop": ["KILL", "ALL"], "add": ["NET_BIND_SERVICE"]}),
        "",
        id="NET_BIND_SERVICE may be added",
    ),
    pytest.param(
        hardened({}, capabilities={"drop": ["ALL"], "add": ["SETUID", "CHOWN"]}),
        'unrestricted capabilities (container "a" must not include "CHOWN", "SETUID" in '
        "securityContext.capabilities.add)",
        id="default capabilities may not be added",
    ),
    pytest.param(
        hardened({}, capabilities={"add": ["CHOWN"]}),
        f'unrestricted capabilities (container "a" {DROP_ALL}; container "a" must not include '
        '"CHOWN" in securityContext.capabilities.add)',
        id="neither dropped nor kept to",
    ),
    # check_restrictedVolumes.go
    *(
        pytest.param(hardened({"volumes": [volume(kind)]}), "", id=kind)
        for kind in (
            *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image"),
            *("persistentVolumeClaim", "projected", "secret"),
        )
    ),
    *(
        pytest.param(
            hardened({"volumes": [volume(kind)]}),
            f'restricted volume types (volume "v" uses restricted volume type "{kind}")',
            id=kind,
        )
        for kind in (
            *("hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi"),
            *("glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile"),
            *("vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume"),
            *("scaleIO", "storageos"),
        )
    ),
    pytest.param(
        hardened({"volumes": [volume("nfs", "z"), volume("secret"), volume("fc", "y")]}),
        'restricted volume types (volumes "z", "y" use restricted volume types "fc", "nfs")',
        id="two volumes",
    ),
    pytest.param(
        hardened({"volumes": [{"name": "v"}]}), "", id="a volume without a source is an emptyDir"
    ),
    # check_runAsNonRoot.go
    pytest.param(
        hardened({}, runAsNonRoot=None),
        f'runAsNonRoot != true (pod or container "a" {MUST_RUN}',
        id="runAsNonRoot nowhere",
    ),
    pytest.param(
        hardened(pod(runAsNonRoot=True), runAsNonRoot=None), "", id="runAsNonRoot of the pod"
    ),
    pytest.param(
        hardened(pod(runAsNonRoot=True), runAsNonRoot=False),
        f'runAsNonRoot != true (container "a" {NOT_ROOT}',
        id="runAsNonRoot taken back",
    ),
    pytest.param(
        hardened(pod(runAsNonRoot=False)), f"runAsNonRoot != true (pod {NOT_ROOT}", id="pod as root"
    ),
    pytest.param(
        hardened(pod(runAsNonRoot=False), runAsNonRoot=False),
        f'runAsNonRoot != true (pod and container "a" {NOT_ROOT}',
        id="both as root",
    ),
    # check_runAsUser.go
    pytest.param(hardened(pod(runAsUser=1), runAsUser=65534), "", id="runAsUser"),
    pytest.param(
        hardened({}, runAsUser=0),
        'runAsUser=0 (container "a" must not set runAsUser=0)',
        id="runAsUser of a container",
    ),
    pytest.param(
        hardened(pod(runAsUser=0), runAsUser=0),
        'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
        id="runAsUser of both",
    ),
    # check_seccompProfile_restricted.go
    pytest.param(
        hardened({}, seccompProfile=None),
        f'seccompProfile (pod or container "a" {MUST_SECCOMP}',
        id="seccomp nowhere",
    ),
    pytest.param(
        hardened(pod(**seccomp("Localhost")), seccompProfile=None), "", id="seccomp of the pod"
    ),
    pytest.param(
        hardened({}, seccompProfile={"type": "Unconfined"}),
        f'seccompProfile (container "a" {NO_SECCOMP}',
        id="seccomp switched off",
    ),
    pytest.param(
        hardened(pod(**seccomp("Unconfined")), seccompProfile=None),
        f"seccompProfile (pod {NO_SECCOMP}",
        id="seccomp switched off comes first",
    ),
    # check_procMount_restricted.go
    pytest.param(
        hardened({}, procMount="Unmasked"),
        'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
        id="procMount",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), RESTRICTED)
def test_restricted(spec: Spec, expected: str) -> None:
    assert failures(spec, "restricted") == ([expected] if expected else [])


# The version from which each rule holds: MinimumVersion of each check. A row is the version, what
# the one before says and what it says itself.

IN_A_USER_NAMESPACE = {"hostUsers": False}
ON_WINDOWS = {"os": {"name": "windows"}}
VERSIONS = [
    pytest.param(
        34,
        "baseline",
        containers({}, livenessProbe=probe("httpGet", "h")),
        "",
        "probe or lifecycle host",
        id="probes",
    ),
    pytest.param(
        31,
        "baseline",
        containers(se_linux(type="container_engine_t")),
        "seLinuxOptions",
        "",
        id="engine",
    ),
    pytest.param(19, "baseline", pod(**seccomp("Unconfined")), "", "seccompProfile", id="seccomp"),
    *(
        pytest.param(since, "baseline", sysctls(name), "forbidden sysctls", "", id=name)
        for since, names in ((27, SAFE_SINCE_27), (29, SAFE_SINCE_29), (32, SAFE_SINCE_32))
        for name in names
    ),
    pytest.param(
        35,
        "baseline",
        {**containers({"procMount": "Unmasked"}), **IN_A_USER_NAMESPACE},
        "procMount",
        "",
        id="procMount in a user namespace",
    ),
    pytest.param(
        8,
        "restricted",
        hardened({}, allowPrivilegeEscalation=None),
        "",
        ESCALATION,
        id="escalation",
    ),
    pytest.param(
        25,
        "restricted",
        hardened(ON_WINDOWS, allowPrivilegeEscalation=None),
        ESCALATION,
        "",
        id="escalation on Windows",
    ),
    pytest.param(
        22,
        "restricted",
        hardened({}, capabilities=None),
        "",
        "unrestricted capabilities",
        id="drop ALL",
    ),
    pytest.param(
        22,
        "restricted",
        hardened({}, capabilities={"drop": ["ALL"], "add": ["NET_RAW"]}),
        "non-default capabilities",
        "unrestricted capabilities",
        id="baseline's capabilities are replaced",
    ),
    pytest.param(
        25,
        "restricted",
        hardened(ON_WINDOWS, capabilities=None),
        "unrestricted capabilities",
        "",
        id="drop ALL on Windows",
    ),
    pytest.param(23, "restricted", hardened({}, runAsUser=0), "", "runAsUser=0", id="runAsUser"),
    pytest.param(
        35,
        "restricted",
        hardened(IN_A_USER_NAMESPACE, runAsUser=0),
        "runAsUser=0",
        "",
        id="runAsUser in a user namespace",
    ),
    pytest.param(
        35,
        "restricted",
        hardened(IN_A_USER_NAMESPACE, runAsNonRoot=False),
        "runAsNonRoot != true",
        "",
        id="runAsNonRoot in a user namespace",
    ),
    pytest.param(
        35,
        "restricted",
        hardened(IN_A_USER_NAMESPACE, procMount="Unmasked"),
        "procMount",
        "procMount",
        id="procMount, restricted, in a user namespace",
    ),
    pytest.param(
        19,
        "restricted",
        hardened({}, seccompProfile=None),
        "",
        "seccompProfile",
        id="seccomp wanted",
    ),
    pytest.param(
        25,
        "restricted",
        hardened(ON_WINDOWS, seccompProfile=None),
        "seccompProfile",
        "",
        id="seccomp on Windows",
    ),
]


@pytest.mark.parametrize(("since", "level", "spec", "before", "then"), VERSIONS)
def test_versions(since: int, level: str, spec: Spec, before: str, then: str) -> None:
    older = failures(spec, level, f"v1.{since - 1}")
    assert [one.split(" (")[0] for one in older] == [before] * bool(before)
    newer = failures(spec, level, f"v1.{since}")
    assert [one.split(" (")[0] for one in newer] == [then] * bool(then)


@pytest.mark.parametrize("version", ["v1.35", "v1.36", "v1.999"])
def test_a_newer_version_has_the_newest_rules(version: str) -> None:
    assert failures(EVERYTHING, "restricted", version) == failures(EVERYTHING, "restricted")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"os": {"name": "linux"}}, ESCALATION, id="another system"),
        pytest.param({"hostUsers": True}, ESCALATION, id="the host's users"),
        pytest.param({"hostUsers": False}, ESCALATION, id="a user namespace is no reason"),
        pytest.param(ON_WINDOWS, "", id="Windows"),
    ],
)
def test_only_windows_may_leave_out_escalation(spec: Spec, expected: str) -> None:
    found = failures(hardened(spec, allowPrivilegeEscalation=None), "restricted")
    assert [one.split(" (")[0] for one in found] == [expected] * bool(expected)


@pytest.mark.parametrize("level", ["baseline", "restricted"])
@pytest.mark.parametrize("relaxed", [ON_WINDOWS, IN_A_USER_NAMESPACE], ids=["Windows", "users"])
def test_no_relaxation_allows_the_host(level: str, relaxed: Spec) -> None:
    spec = hardened({"hostNetwork": True, **relaxed})
    assert failures(spec, level) == ["host namespaces (hostNetwork=true)"]


# check_seccompProfile_baseline.go, 1.0 to 1.18: annotations, of the pod and of each container.

SECCOMP_ANNOTATIONS = [
    *(
        pytest.param({f"{SECCOMP}/pod": value}, "", id=value)
        for value in ("runtime/default", "docker/default", "localhost/mine")
    ),
    pytest.param(
        {f"{SECCOMP}/pod": "unconfined"},
        f'forbidden annotation {SECCOMP}/pod="unconfined"',
        id="of the pod",
    ),
    pytest.param({f"container.{SECCOMP}/other": "unconfined"}, "", id="of no container"),
    pytest.param(
        {f"{SECCOMP}/pod": "unconfined", f"container.{SECCOMP}/a": "unconfined"},
        f'forbidden annotations container.{SECCOMP}/a="unconfined", {SECCOMP}/pod="unconfined"',
        id="of both",
    ),
]


@pytest.mark.parametrize("level", ["baseline", "restricted"])
@pytest.mark.parametrize(("annotations", "detail"), SECCOMP_ANNOTATIONS)
def test_seccomp_annotations(level: str, annotations: dict[str, str], detail: str) -> None:
    expected = [f"seccompProfile ({detail})"] if detail else []
    assert failures(hardened({}), level, "v1.18", annotations) == expected
    assert failures(hardened({}), level, "v1.19", annotations) == []


# registry.go (populate): baseline's checks first, then restricted's, each by its identifier.

EVERYTHING = {
    "hostPID": True,
    "volumes": [volume("hostPath")],
    "containers": [
        {
            "name": "a",
            "ports": [{"containerPort": 1, "hostPort": 1}],
            "livenessProbe": probe("httpGet", "h"),
            "securityContext": {
                "privileged": True,
                "procMount": "Unmasked",
                **adding("SYS_ADMIN"),
                **app_armor("Unconfined"),
                **se_linux(type="spc_t"),
                **seccomp("Unconfined"),
                **host_process(True),
                "runAsUser": 0,
            },
        }
    ],
    **sysctls("kernel.msgmax"),
}
ORDER = [
    pytest.param(
        "baseline",
        (
            *("forbidden AppArmor profile", "non-default capabilities", "host namespaces"),
            *("hostPath volumes", "hostPort", "probe or lifecycle host", "privileged"),
            *("procMount", "seLinuxOptions", "seccompProfile", "forbidden sysctls", "hostProcess"),
        ),
        id="baseline",
    ),
    pytest.param(
        "restricted",
        (
            *("forbidden AppArmor profile", "host namespaces", "hostPort"),
            *("probe or lifecycle host", "privileged", "seLinuxOptions", "forbidden sysctls"),
            *("hostProcess", ESCALATION, "unrestricted capabilities", "procMount"),
            *("restricted volume types", "runAsNonRoot != true", "runAsUser=0", "seccompProfile"),
        ),
        id="restricted, which replaces four of baseline's",
    ),
]


@pytest.mark.parametrize(("level", "names"), ORDER)
def test_order(level: str, names: tuple[str, ...]) -> None:
    found = failures(EVERYTHING, level)
    assert [one.split(" (")[0] for one in found] == list(names)


# api/helpers.go (PolicyToEvaluate, ParseLevel, ParseVersion)

LABELS = [
    pytest.param({}, None, id="no label"),
    pytest.param({"enforce": "privileged"}, None, id="privileged"),
    pytest.param({"enforce-version": "v1.30"}, None, id="a version alone"),
    pytest.param({"audit": "restricted", "warn": "restricted"}, None, id="audit and warn"),
    pytest.param({"enforce": "baseline"}, ("baseline", "latest"), id="baseline"),
    pytest.param({"enforce": "restricted"}, ("restricted", "latest"), id="restricted"),
    pytest.param({"enforce": "Baseline"}, ("restricted", "latest"), id="no such level"),
    pytest.param({"enforce": ""}, ("restricted", "latest"), id="an empty level"),
    *(
        pytest.param({"enforce": "baseline", "enforce-version": text}, ("baseline", kept), id=text)
        for text, kept in (
            ("latest", "latest"),
            ("v1.0", "v1.0"),
            ("v1.30", "v1.30"),
            ("v1.999", "v1.999"),
            ("v1.030", "latest"),
            ("1.30", "latest"),
            ("v1.30.1", "latest"),
            ("v2.0", "latest"),
            ("", "latest"),
        )
    ),
]


@pytest.mark.parametrize(("labels", "expected"), LABELS)
def test_enforced(labels: dict[str, str], expected: tuple[str, str] | None) -> None:
    full = {f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()}
    assert enforced(namespace(labels=full)) == expected


def test_message() -> None:
    """admission.go (EvaluatePod), checks.go (ForbiddenDetail)."""
    found = (
        SecurityCheck(check="host namespaces", detail="hostPID=true"),
        SecurityCheck(check="hostPath volumes", detail='volume "x"'),
    )
    assert message("baseline", "v1.30", found) == (
        'violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true), '
        'hostPath volumes (volume "x")'
    )


def test_a_template_of_another_shape() -> None:
    with pytest.raises(msgspec.ValidationError, match="hostNetwork"):
        check(msgspec.Raw(b'{"spec": {"hostNetwork": "yes"}}'), "baseline", "latest")


RECORDED = [
    pytest.param("pod_security", "agent", True, id="restricted"),
    pytest.param("pod_security_baseline", "port", True, id="a hostPort"),
    pytest.param("pod_security_baseline", "root", True, id="privileged"),
    pytest.param("pod_security_baseline", "tame", False, id="allowed"),
]


@pytest.mark.parametrize(("recording", "name", "refused"), RECORDED)
def test_recorded(recording: str, name: str, refused: bool) -> None:
    """What a real API server answered is what is computed, word for word."""
    seen = cluster(recording)
    [daemon_set] = [one for one in seen.daemon_sets if one.name == name]
    [place] = [one for one in seen.namespaces if one.metadata.name == daemon_set.namespace]
    policy = enforced(place)
    assert policy
    found = check(daemon_set.spec.template, *policy)
    refusal = newest_refusal(daemon_set, seen.events)
    answer = refusal.message if refusal else None
    said = f'pods "…" is forbidden: {message(*policy, found)}'
    assert answer == (said if refused else None)
    assert bool(found) == refused
