"""Which cluster, user and namespace are meant: kubectl's rules for flags and kubeconfigs.

Sources: client-go ``tools/clientcmd``: loader.go, client_config.go, validation.go.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from kubectl_ds.errors import ClusterError, InputError, NotFound
from kubectl_ds.kube import proxies, validation
from kubectl_ds.kube.connection import (
    ClusterEntry,
    Connection,
    ContextEntry,
    ExecEntry,
    Guarded,
    UserEntry,
)

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

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
    request_timeout: float | None = None
    disable_compression: bool = False


class _NamedCluster(Guarded, frozen=True):
    name: str = ""
    cluster: ClusterEntry | None = None


class _NamedUser(Guarded, frozen=True):
    name: str = ""
    user: UserEntry | None = None


class _NamedContext(Guarded, frozen=True):
    name: str = ""
    context: ContextEntry | None = None


class _File(Guarded, frozen=True):
    kind: str | None = None
    clusters: tuple[_NamedCluster, ...] | None = None
    users: tuple[_NamedUser, ...] | None = None
    contexts: tuple[_NamedContext, ...] | None = None
    current_context: str | None = None


class _Config(NamedTuple):
    """All kubeconfigs merged, and the paths that were looked at."""

    paths: tuple[str, ...]
    clusters: dict[str, ClusterEntry]
    users: dict[str, UserEntry]
    contexts: dict[str, ContextEntry]
    current_context: str

    @property
    def where(self) -> str:
        return ", ".join(self.paths) or "$KUBECONFIG"


class _Chosen(NamedTuple):
    """The entries that the flags and the context point at, each with its name."""

    context_name: str
    context: ContextEntry
    cluster_name: str
    cluster: ClusterEntry | None
    user_name: str
    user: UserEntry


def resolve(
    flags: Flags,
    environ: Mapping[str, str],
    home: Path,
    service_account: Path = SERVICE_ACCOUNT,
) -> Connection:
    """Find the cluster that kubectl would talk to with the same flags, and as whom.

    Only files are read: no network, no credential plugin.

    Args:
        flags: what the command line says.
        environ: the environment: KUBECONFIG, the proxy variables, and what a pod is given.
        home: the user's home directory.
        service_account: where a pod finds its service account.

    Raises:
        NotFound: no such context, cluster, user or file.
        InputError: a kubeconfig is damaged.
        UsageError: the flags contradict each other.
        ClusterError: nothing says which cluster, or the settings can't be used.
    """
    config = _load(flags, environ, home)
    chosen = _choose(config, flags)
    in_pod = _in_pod(environ, service_account)
    cluster, user = chosen.cluster, chosen.user
    if cluster is None and not flags.server:
        if not in_pod:
            raise ClusterError(_nothing_chosen(config, chosen.context_name))
        cluster, user = _pod_entries(environ, service_account)
    cluster = _flagged_cluster(cluster or ClusterEntry(), flags)
    user = _flagged_user(user, flags)
    validation.check_cluster(cluster, chosen.cluster_name)
    validation.check_user(user, chosen.user_name)
    server = validation.server_url(cluster.server or "")
    own_namespace = _pod_namespace(environ, service_account) if in_pod else ""
    return Connection(
        server=server,
        namespace=flags.namespace or chosen.context.namespace or own_namespace or "default",
        context=chosen.context_name,
        user_name=chosen.user_name,
        cluster=cluster,
        user=user,
        proxy=cluster.proxy_url or _environment_proxy(server, environ),
        request_timeout=flags.request_timeout,
    )


def _choose(config: _Config, flags: Flags) -> _Chosen:
    context_name = flags.context or config.current_context
    context = _find("context", context_name, config.contexts, config) or ContextEntry()
    cluster_name = flags.cluster or context.cluster or ""
    user_name = flags.user or context.user or ""
    return _Chosen(
        context_name=context_name,
        context=context,
        cluster_name=cluster_name,
        cluster=_find("cluster", cluster_name, config.clusters, config),
        user_name=user_name,
        user=_find("user", user_name, config.users, config) or UserEntry(),
    )


def _find(what: str, name: str, entries: Mapping[str, Entry], config: _Config) -> Entry | None:
    if not name:
        return None
    if name not in entries:
        raise NotFound(f'no {what} "{name}" in {config.where}; {_nearest(name, entries)}')
    return entries[name]


def _nearest(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3)
    if near:
        return "did you mean " + " or ".join(f'"{item}"' for item in near) + "?"
    return "there are: " + ", ".join(sorted(known)[:10]) if known else "there are none"


def _nothing_chosen(config: _Config, context_name: str) -> str:
    if context_name:
        return f'the context "{context_name}" names no cluster; add one, or use --cluster'
    if config.contexts:
        known = ", ".join(sorted(config.contexts)[:10])
        return f"no current-context in {config.where}; choose one with --context: {known}"
    return (
        f"no cluster is configured in {config.where}; "
        "point KUBECONFIG or --kubeconfig at a kubeconfig, or use --server"
    )


def _load(flags: Flags, environ: Mapping[str, str], home: Path) -> _Config:
    if flags.kubeconfig and not os.path.exists(flags.kubeconfig):
        raise NotFound(f"no such file: {flags.kubeconfig} (--kubeconfig)")
    paths = _paths(flags, environ, home)
    files = [file for file in map(_read, paths) if file]
    return _Config(
        paths=tuple(paths),
        clusters=_first_wins(file.clusters for file in files),
        users=_first_wins(file.users for file in files),
        contexts=_first_wins(file.contexts for file in files),
        current_context=next((f.current_context for f in files if f.current_context), ""),
    )


def _paths(flags: Flags, environ: Mapping[str, str], home: Path) -> list[str]:
    if flags.kubeconfig:
        return [flags.kubeconfig]
    listed = environ.get("KUBECONFIG", "")
    if listed:
        return [path for path in dict.fromkeys(listed.split(os.pathsep)) if path]
    return [str(home / ".kube" / "config")]


def _first_wins(lists: Iterable[tuple[Any, ...] | None]) -> dict[str, Any]:
    """The entries by name: of two files with the same name the first wins whole."""
    merged: dict[str, Any] = {}
    for named in lists:
        for item in named or ():
            name, entry = msgspec.structs.astuple(item)
            merged.setdefault(name, entry)
    return merged


def _read(path: str) -> _File | None:
    """One kubeconfig with its paths made absolute; None where there is no such file."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"can't read the kubeconfig {path}: {error.strerror}") from None
    file = _decode(data, path)
    if file.kind not in (None, "", "Config"):
        raise InputError(f"{path} is no kubeconfig: its kind is {file.kind}")
    base = os.path.dirname(os.path.abspath(path))
    return replace(
        file,
        clusters=_named(file.clusters, path, lambda entry: _absolute_cluster(entry, base)),
        users=_named(file.users, path, lambda entry: _absolute_user(entry, base)),
        contexts=_named(file.contexts, path, lambda entry: entry or ContextEntry()),
    )


def _decode(data: bytes, path: str) -> _File:
    import yaml

    try:
        document = next(yaml.load_all(data, Loader=_loader()), None)
        return msgspec.convert({} if document is None else document, _File)
    except msgspec.ValidationError as error:
        raise InputError(f"the kubeconfig {path} is damaged: {error}") from None
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        # The parser's own words may quote the line, and with it a secret.
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise InputError(f"the kubeconfig {path} is not valid YAML{line}") from None


def _loader() -> Any:
    """PyYAML's loader, the fast one if it is there, to which a date is text, as to kubectl."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    return type("KubeconfigLoader", (base,), {"yaml_implicit_resolvers": resolvers})


def _named(named: tuple[Any, ...] | None, path: str, absolute: Callable[[Any], Any]) -> Any:
    seen: set[str] = set()
    done = []
    for item in named or ():
        name, entry = msgspec.structs.astuple(item)
        if name in seen:
            raise InputError(f'the kubeconfig {path} is damaged: "{name}" is there twice')
        seen.add(name)
        done.append(type(item)(name=name, **{item.__struct_fields__[1]: absolute(entry)}))
    return tuple(done)


def _absolute(path: str | None, base: str) -> str | None:
    return os.path.normpath(os.path.join(base, path)) if path else None


def _absolute_cluster(cluster: ClusterEntry | None, base: str) -> ClusterEntry:
    cluster = cluster or ClusterEntry()
    return replace(cluster, certificate_authority=_absolute(cluster.certificate_authority, base))


def _absolute_user(user: UserEntry | None, base: str) -> UserEntry:
    user = user or UserEntry()
    return replace(
        user,
        client_certificate=_absolute(user.client_certificate, base),
        client_key=_absolute(user.client_key, base),
        token_file=_absolute(user.token_file, base),
        exec=_absolute_exec(user.exec, base),
    )


def _absolute_exec(plugin: ExecEntry | None, base: str) -> ExecEntry | None:
    if plugin is None or os.sep not in (plugin.command or ""):
        return plugin  # a bare name is looked for on PATH
    return replace(plugin, command=_absolute(plugin.command, base))


def _flagged_cluster(cluster: ClusterEntry, flags: Flags) -> ClusterEntry:
    if flags.insecure_skip_tls_verify or flags.certificate_authority:
        cluster = replace(
            cluster,
            insecure_skip_tls_verify=flags.insecure_skip_tls_verify,
            certificate_authority=_absolute(flags.certificate_authority, os.getcwd()),
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
        path = _absolute(flags.client_certificate, os.getcwd())
        changes |= {"client_certificate": path, "client_certificate_data": None}
    if flags.client_key:
        path = _absolute(flags.client_key, os.getcwd())
        changes |= {"client_key": path, "client_key_data": None}
    if flags.token:
        # client-go lets the entry's tokenFile win over --token; whoever gives one means it.
        changes |= {"token": flags.token, "token_file": None}
    for name in ("as_user", "as_uid", "as_groups"):
        if getattr(flags, name):
            changes[name] = getattr(flags, name)
    return replace(user, **changes)


def _environment_proxy(server: str, environ: Mapping[str, str]) -> str:
    proxy = proxies.from_environment(server, environ)
    return validation.proxy_url(proxy, "HTTPS_PROXY or HTTP_PROXY")


def _in_pod(environ: Mapping[str, str], service_account: Path) -> bool:
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    return bool(host and port) and (service_account / "token").is_file()


def _pod_entries(
    environ: Mapping[str, str], service_account: Path
) -> tuple[ClusterEntry, UserEntry]:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    authority = service_account / "ca.crt"
    cluster = ClusterEntry(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        certificate_authority=str(authority) if authority.exists() else None,
    )
    return cluster, UserEntry(token_file=str(service_account / "token"))


def _pod_namespace(environ: Mapping[str, str], service_account: Path) -> str:
    if environ.get("POD_NAMESPACE"):
        return environ["POD_NAMESPACE"]
    try:
        return (service_account / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
