"""Which cluster, user and namespace are meant: kubectl's rules for flags and kubeconfigs.

Sources: client-go ``tools/clientcmd``: client_config.go, merged_client_builder.go, validation.go.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from kubectl_ds.errors import ClusterError, KubectlDsError, NotFound, UsageError
from kubectl_ds.kube import proxies, validation
from kubectl_ds.kube.connection import ClusterEntry, Connection, ContextEntry, Guarded, UserEntry
from kubectl_ds.kube.kubefiles import Config, absolute, load

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# Where kubectl goes if nobody says where; nobody ever means it.
_DEFAULT_SERVER = "http://localhost:8080"
# kubectl's flags that choose the cluster and the user; none of them is a secret.
_CHOOSING = (
    "kubeconfig",
    "context",
    "cluster",
    "user",
    "server",
    "certificate_authority",
    "tls_server_name",
)

Entry = TypeVar("Entry", ClusterEntry, UserEntry, ContextEntry)


class Flags(Guarded, frozen=True):
    """kubectl's flags for reaching a cluster; what was not given is None, empty or False."""

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
    server: str | None = None
    token: str | None = None
    certificate_authority: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    insecure_skip_tls_verify: bool = False
    tls_server_name: str | None = None
    as_user: str | None = None
    as_uid: str | None = None
    as_groups: tuple[str, ...] = ()
    as_user_extra: tuple[str, ...] = ()
    request_timeout: float | None = None
    disable_compression: bool = False


class _Chosen(NamedTuple):
    """The entries that the flags and the context point at, each with its name."""

    context_name: str
    context: ContextEntry
    cluster_name: str
    cluster: ClusterEntry
    user_name: str
    user: UserEntry


def home_directory(environ: Mapping[str, str]) -> Path:
    """The directory in which kubectl looks for ``.kube/config``.

    Source: client-go ``util/homedir/homedir.go``: elsewhere than on Windows HOME alone counts.
    """
    return Path.home() if os.name == "nt" else Path(environ.get("HOME", ""))


def resolve(
    flags: Flags,
    environ: Mapping[str, str],
    home: Path,
    service_account: Path = SERVICE_ACCOUNT,
) -> Connection:
    """Find the cluster that kubectl would talk to with the same flags, and as whom.

    Only files are read: no network, no credential plugin. Two things differ, on purpose: where
    nothing says which cluster, kubectl goes to localhost:8080 and this refuses; and ``--token``
    beats the entry's ``tokenFile``, by which kubectl lets somebody else be than the flag says.

    Args:
        flags: what the command line says.
        environ: the environment: KUBECONFIG, KUBERNETES_MASTER, the proxy variables, and what a
            pod is given.
        home: the user's home directory.
        service_account: where a pod finds its service account.

    Raises:
        NotFound: no such context, cluster, user or file.
        InputError: a kubeconfig is damaged.
        UsageError: the flags contradict each other.
        ClusterError: nothing says which cluster, or the settings can't be used.
    """
    return _resolved(load(flags.kubeconfig, environ, home), flags, environ, service_account)


def resolve_each(
    flags: Flags,
    contexts: Collection[str] | None,
    environ: Mapping[str, str],
    home: Path,
    service_account: Path = SERVICE_ACCOUNT,
) -> dict[str, Connection | KubectlDsError]:
    """The same for several contexts, by their names; see ``resolve``.

    Args:
        flags: what the command line says, but for the context.
        contexts: the names; None for all that there are, in alphabetical order.
        environ: the environment.
        home: the user's home directory.
        service_account: where a pod finds its service account.

    Returns:
        Of a context that names no cluster or user that is there, or has settings that can't be
        used, the error.

    Raises:
        NotFound: no context of a name, or none at all; no such file.
        InputError: a kubeconfig is damaged.
        UsageError: the flags contradict each other.
    """
    config = load(flags.kubeconfig, environ, home)
    names = sorted(filter(None, config.contexts)) if contexts is None else contexts
    if not names:
        raise NotFound(
            f"there is no context in {config.where}; kubectl config set-context adds one"
        )
    for name in names:
        _find("context", name, config.contexts, config)
    found: dict[str, Connection | KubectlDsError] = {}
    for name in names:
        try:
            own = replace(flags, context=name)
            alone = _resolved(config, own, environ, service_account)
            found[name] = replace(alone, one_of_several=len(names) > 1)
        except (NotFound, ClusterError) as error:
            found[name] = error
    return found


def _resolved(
    config: Config, flags: Flags, environ: Mapping[str, str], service_account: Path
) -> Connection:
    chosen = _choose(config, flags)
    cluster, user = _flagged_cluster(chosen.cluster, flags), _flagged_user(chosen.user, flags)
    validation.check_cluster(cluster, chosen.cluster_name)
    validation.check_user(user, chosen.user_name)
    in_pod = _in_pod(environ, service_account)
    if in_pod and _is_default(cluster, user, flags, environ):
        cluster, user = _pod_entries(flags, environ, service_account)
    elif not cluster.server:
        if not environ.get("KUBERNETES_MASTER"):
            raise ClusterError(_nothing_chosen(config, chosen, in_pod))
        cluster = replace(cluster, server=environ["KUBERNETES_MASTER"])
    server = validation.server_url(cluster.server or "")
    own_namespace = _pod_namespace(environ, service_account) if in_pod else ""
    return Connection(
        server=server,
        namespace=flags.namespace or chosen.context.namespace or own_namespace or "default",
        context=chosen.context_name,
        user_name=chosen.user_name,
        shown=_shown(flags),
        cluster=cluster,
        user=user,
        proxy=cluster.proxy_url or _environment_proxy(server, environ),
        request_timeout=flags.request_timeout,
        kubectl=_kubectl_flags(flags),
    )


def _choose(config: Config, flags: Flags) -> _Chosen:
    context_name = flags.context or config.current_context
    context = _find("context", context_name, config.contexts, config) or ContextEntry()
    cluster_name = flags.cluster or context.cluster or ""
    user_name = flags.user or context.user or ""
    cluster = user = None
    if flags.cluster or not flags.server or cluster_name in config.clusters:
        by = "" if flags.cluster else context_name
        cluster = _find("cluster", cluster_name, config.clusters, config, by)
    if flags.user or not _shown(flags) or user_name in config.users:
        by = "" if flags.user else context_name
        user = _find("user", user_name, config.users, config, by)
    return _Chosen(
        context_name=context_name,
        context=context,
        cluster_name=cluster_name,
        cluster=cluster or ClusterEntry(),
        user_name=user_name,
        user=user or UserEntry(),
    )


def _find(
    what: str,
    name: str,
    entries: Mapping[str, Entry],
    config: Config,
    context: str = "",
) -> Entry | None:
    """The entry of a name, which a flag gives, or a context; None for no name.

    Raises:
        NotFound: there is none.
    """
    if name in entries or not name:
        return entries.get(name)
    fault = f'no {what} "{name}" in {config.where}'
    if context:
        names = f'the context "{context}" names the {what} "{name}"'
        fault = f"{names}, which is not in {config.where}"
    raise NotFound(f"{fault}; {_nearest(name, entries)}")


def _nearest(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3)
    if near:
        return "did you mean " + " or ".join(f'"{item}"' for item in near) + "?"
    return "there are: " + ", ".join(sorted(known)[:10]) if known else "there are none"


def _nothing_chosen(config: Config, chosen: _Chosen, in_pod: bool) -> str:
    if in_pod:
        return (
            "a pod's own cluster can't be asked with --as, --request-timeout or "
            "--disable-compression; point KUBECONFIG at a kubeconfig, or leave them out"
        )
    if chosen.cluster_name in config.clusters:
        who = f'the cluster "{chosen.cluster_name}"'
        return f"{who} has no server; add one to the kubeconfig, or use --server"
    if chosen.context_name:
        return f'the context "{chosen.context_name}" names no cluster; add one, or use --cluster'
    if config.contexts:
        known = ", ".join(sorted(config.contexts)[:10])
        return f"no current-context in {config.where}; choose one with --context: {known}"
    return (
        f"no cluster is configured in {config.where}; "
        "point KUBECONFIG or --kubeconfig at a kubeconfig, or use --server"
    )


def _flagged_cluster(cluster: ClusterEntry, flags: Flags) -> ClusterEntry:
    if flags.insecure_skip_tls_verify or flags.certificate_authority:
        cluster = replace(
            cluster,
            insecure_skip_tls_verify=flags.insecure_skip_tls_verify,
            certificate_authority=absolute(flags.certificate_authority, os.getcwd()),
            certificate_authority_data=None,
        )
    if flags.tls_server_name or flags.server:
        cluster = replace(cluster, tls_server_name=flags.tls_server_name)
    return replace(
        cluster,
        server=flags.server or cluster.server,
        disable_compression=flags.disable_compression or cluster.disable_compression,
    )


def _flagged_user(user: UserEntry, flags: Flags) -> UserEntry:
    changes: dict[str, Any] = {}
    if flags.client_certificate:
        path = absolute(flags.client_certificate, os.getcwd())
        changes |= {"client_certificate": path, "client_certificate_data": None}
    if flags.client_key:
        path = absolute(flags.client_key, os.getcwd())
        changes |= {"client_key": path, "client_key_data": None}
    if flags.token:
        changes |= {"token": flags.token, "token_file": None}
    for name in ("as_user", "as_uid", "as_groups"):
        if getattr(flags, name):
            changes[name] = getattr(flags, name)
    if flags.as_user_extra:
        changes["as_user_extra"] = {**(user.as_user_extra or {}), **_extra(flags.as_user_extra)}
    return replace(user, **changes)


def _shown(flags: Flags) -> str:
    if flags.token:
        return "the token given by --token"
    certificate = "the client certificate given by --client-certificate"
    return certificate if flags.client_certificate else ""


def _extra(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    extra: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f'"{pair}" is no --as-user-extra; give KEY=VALUE')
        extra[key] = (*extra.get(key, ()), value)
    return extra


def _kubectl_flags(flags: Flags) -> tuple[str, ...]:
    """The flags by which kubectl itself reaches the same cluster, as the same user."""
    given = [(name.replace("_", "-"), getattr(flags, name)) for name in _CHOOSING]
    found = [f"--{name}={value}" for name, value in given if value]
    return (*found, *["--insecure-skip-tls-verify"] * flags.insecure_skip_tls_verify)


def _environment_proxy(server: str, environ: Mapping[str, str]) -> str:
    proxy = proxies.from_environment(server, environ)
    return validation.proxy_url(proxy, "HTTPS_PROXY or HTTP_PROXY", validation.ENVIRONMENT_SCHEMES)


def _in_pod(environ: Mapping[str, str], service_account: Path) -> bool:
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    return bool(host and port) and (service_account / "token").is_file()


def _is_default(
    cluster: ClusterEntry, user: UserEntry, flags: Flags, environ: Mapping[str, str]
) -> bool:
    """Whether nobody said anything, so that a pod asks its own cluster.

    Source: client-go loader.go, IsDefaultConfig; a request timeout alone, too, sends kubectl to its
    default server instead.
    """
    default = environ.get("KUBERNETES_MASTER") or _DEFAULT_SERVER
    told = cluster.proxy_url or cluster.disable_compression or user.as_user
    return cluster.server in (None, "", default) and not (told or flags.request_timeout)


def _pod_entries(
    flags: Flags, environ: Mapping[str, str], service_account: Path
) -> tuple[ClusterEntry, UserEntry]:
    """A pod's own cluster and service account, with the flags that kubectl heeds there.

    Source: client-go client_config.go, inClusterClientConfig.
    """
    for name in ("user", "client_certificate", "client_key", "tls_server_name"):
        if getattr(flags, name):
            flag = name.replace("_", "-")
            raise ClusterError(
                f"--{flag} needs a kubeconfig in a pod; point KUBECONFIG at one, or leave it out"
            )
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    authority = service_account / "ca.crt"
    cluster = ClusterEntry(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        certificate_authority=str(authority) if authority.exists() else None,
    )
    user = UserEntry(token_file=str(service_account / "token"))
    flagged = replace(flags, server=None)
    return _flagged_cluster(cluster, flagged), _flagged_user(user, flagged)


def _pod_namespace(environ: Mapping[str, str], service_account: Path) -> str:
    if environ.get("POD_NAMESPACE"):
        return environ["POD_NAMESPACE"]
    try:
        return (service_account / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
